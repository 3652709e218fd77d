//! What types properties get.

use super::*;
use crate::column::Values;

/// The types of the columns of features with these properties.
fn types(objects: &[&str], maps: &[&str]) -> Vec<(String, String)> {
    let maps = maps.iter().map(|&path| path.to_owned()).collect();
    let (layers, _) = build(&points(objects), Options { maps, ..Options::default() }).unwrap();
    let columns = layers[0].columns().iter();
    columns.map(|column| (column.name.to_string(), name(&column.values))).collect()
}

fn name(values: &Values) -> String {
    use crate::column::Nested;
    match values {
        Values::Bool(_) => "bool".into(),
        Values::Int(_) => "int".into(),
        Values::UInt(_) => "uint".into(),
        Values::SInt(_) => "sint".into(),
        Values::Float(_) => "float".into(),
        Values::Double(_) => "double".into(),
        Values::String(_) => "string".into(),
        Values::Nested(Nested::List { items, .. }) => format!("[{}]", name(&items.values)),
        Values::Nested(Nested::Map { keys, values, .. }) => {
            format!("map {} {}", name(&keys.values), name(&values.values))
        }
        Values::Nested(Nested::Struct { fields, .. }) => {
            let fields: Vec<String> =
                fields.iter().map(|field| format!("{} {}", field.name, name(&field.values))).collect();
            format!("{{{}}}", fields.join(", "))
        }
    }
}

fn are(objects: &[&str], maps: &[&str], expected: &[(&str, &str)]) {
    let expected: Vec<(String, String)> =
        expected.iter().map(|&(name, kind)| (name.to_owned(), kind.to_owned())).collect();
    assert_eq!(types(objects, maps), expected, "{objects:?}");
}

#[test]
fn numbers_agree() {
    are(&[r#"{"a": 1}"#, r#"{"a": 2}"#], &[], &[("a", "uint")]);
    are(&[r#"{"a": 1}"#, r#"{"a": -2}"#], &[], &[("a", "int")]);
    are(&[r#"{"a": 1}"#, r#"{"a": -2.5}"#], &[], &[("a", "double")]);
    are(&[r#"{"a": 1}"#, r#"{"a": 1e3}"#], &[], &[("a", "double")]);
    are(&[r#"{"a": 18446744073709551615}"#], &[], &[("a", "uint")]);
    are(&[r#"{"a": 18446744073709551615}"#, r#"{"a": -1}"#], &[], &[("a", "uint"), ("a", "int")]);
    are(&[r#"{"a": 9007199254740993}"#, r#"{"a": 0.5}"#], &[], &[("a", "uint"), ("a", "double")]);
    are(&[r#"{"a": 36893488147419103232}"#], &[], &[("a", "double")]);
    are(&[r#"{"a": null}"#, r#"{"b": true, "a": "x"}"#], &[], &[("b", "bool"), ("a", "string")]);
    are(&[r#"{"a": 1}"#, r#"{"a": "x"}"#], &[], &[("a", "uint"), ("a", "string")]);
}

#[test]
fn what_is_nested_agrees() {
    are(&[r#"{"a": []}"#, r#"{"a": [1]}"#, r#"{"a": [null, -1]}"#], &[], &[("a", "[int]")]);
    are(&[r#"{"a": {"x": 1}}"#, r#"{"a": {"y": [{"z": true}]}}"#], &[], &[("a", "{x uint, y [{z bool}]}")]);
    are(&[r#"{"a": {"x": 1}}"#, r#"{"a": [1]}"#], &[], &[("a", "{x uint}"), ("a", "[uint]")]);
    are(&[r#"{"a": {"de": "x"}}"#, r#"{"a": {"fr": "y"}}"#], &["a"], &[("a", "map string string")]);
    are(&[r#"{"n": {"c": {"de": 1}}}"#], &["n.c"], &[("n", "{c map string uint}")]);
    are(&[r#"{"n": [{"de": 1}, {"fr": 2.5}]}"#], &["n[]"], &[("n", "[map string double]")]);
    are(&[r#"{"n": {}}"#], &[], &[("n", "{}")]);
}

#[test]
fn objects_of_many_names_are_maps() {
    let objects: Vec<String> = (0..9).map(|at| format!("{{\"a\": {{\"x{at}\": {at}}}}}")).collect();
    let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
    are(&objects, &[], &[("a", "map string uint")]);
    assert!(types(&objects[..8], &[])[0].1.starts_with("{x0 uint"));
    // Not if their values are no scalars, or of different types.
    let objects: Vec<String> = (0..9).map(|at| format!("{{\"a\": {{\"x{at}\": [{at}]}}}}")).collect();
    let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
    assert!(types(&objects, &[])[0].1.starts_with("{x0 [uint]"));
}

#[test]
fn what_has_no_common_type_is_text_and_reported() {
    let text =
        points(&[r#"{"a": [1, "x", null, {"y": 2}]}"#, r#"{"b": {"z": true}}"#, r#"{"b": {"z": [1]}}"#]);
    let (layers, report) = build(&text, Options::default()).unwrap();
    assert_eq!(report.as_text, ["a[]", "b.z"]);
    assert_eq!(
        properties(&layers),
        [r#"{"a":["1","\"x\"",null,"{\"y\":2}"]}"#, r#"{"b":{"z":"true"}}"#, r#"{"b":{"z":"[1]"}}"#]
    );
    let maps = vec!["b".to_owned()];
    let (layers, report) = build(&text, Options { maps, ..Options::default() }).unwrap();
    assert_eq!(report.as_text, ["a[]", "b.value"]);
    assert_eq!(properties(&layers)[1], r#"{"b":{"z":"true"}}"#);
}

#[test]
fn ids() {
    let feature = |id: &str, properties: &str| {
        format!(
            r#"{{"type": "Feature", "id": {id}, "properties": {properties}, "geometry": {{"type": "Point", "coordinates": [9.2, 47]}}}}"#
        )
    };
    let text = [
        feature("18446744073709551615", "{}"),
        feature("\"w7\"", "{}"),
        feature("-1", r#"{"id": "own"}"#),
        feature("null", "{}"),
    ];
    let (layers, report) = build(&text.join(" "), Options::default()).unwrap();
    let ids = layers[0].ids().unwrap();
    assert_eq!((0..4).map(|row| ids.get(row)).collect::<Vec<_>>(), [Some(u64::MAX), None, None, None]);
    assert_eq!(report.other_ids, 2);
    assert_eq!(properties(&layers), ["{}", r#"{"id":"w7"}"#, r#"{"id":"own"}"#, "{}"]);
}
