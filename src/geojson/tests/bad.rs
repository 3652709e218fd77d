//! What is refused, and what is said about it.

use super::*;
use crate::error::ErrorKind;

/// That `text` is refused with an error that says `parts`.
fn refused(text: &str, parts: &[&str]) {
    let error = build(text, Options::default()).map(|_| ()).expect_err(text);
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let message = error.to_string();
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in {message:?} of {text}");
    }
}

fn geometry(kind: &str, coordinates: &str) -> String {
    format!(
        r#"{{"type": "Feature", "properties": {{}}, "geometry": {{"type": "{kind}", "coordinates": {coordinates}}}}}"#
    )
}

#[test]
fn what_is_no_geojson() {
    refused("x", &["feature 1", "expected value", "line 1"]);
    refused("[]", &["expected an object"]);
    refused("{}", &["missing field `type`"]);
    refused(r#"{"type": "Topology", "objects": {}}"#, &["Topology"]);
    refused(r#"{"type": "Feature", "properties": {}}"#, &["missing field `geometry`"]);
    refused(r#"{"type": "FeatureCollection"}"#, &["missing field `features`"]);
    refused(r#"{"type": "FeatureCollection", "features": {}}"#, &["expected an array of features"]);
    refused(r#"{"type": "Feature", "geometry": 3, "properties": {}}"#, &["expected a geometry or null"]);
    refused(r#"{"type": "Feature", "geometry": null, "properties": [1]}"#, &["invalid type: sequence"]);
    refused(r#"{"type": "Feature", "id": {}, "geometry": null}"#, &["an id that is no number"]);
    refused("{\"type\": \"Feature\", \"a\": \"\x01\"}", &["control character"]);
    let good = geometry("Point", "[9, 47]");
    refused(
        &format!("{good}\n{good}\n{{\"type\": 7}}"),
        &["feature 3", "line 3", "invalid type: integer `7`"],
    );
    let cut = &good[..good.len() - 2];
    refused(cut, &["EOF while parsing"]);
    let latin: Vec<u8> = good.bytes().map(|byte| if byte == b'P' { 0xe9 } else { byte }).collect();
    assert!(read(&latin[..], |_| Ok(())).is_err());
    assert!(read_slice(&latin, |_| Ok(())).is_err());
}

#[test]
fn geometries_that_are_none() {
    refused(&geometry("Circle", "[9, 47]"), &["a geometry of type \"Circle\""]);
    refused(&geometry("Point", "[[9, 47]]"), &["the positions of a Point lie in 1 arrays, not in 0"]);
    refused(&geometry("Polygon", "[[9, 47], [9, 48]]"), &["Polygon", "1 arrays, not in 2"]);
    refused(&geometry("Point", "[9]"), &["a position of fewer than two numbers"]);
    refused(&geometry("Point", "9"), &["coordinates that are a number"]);
    refused(&geometry("Point", r#"["9", 47]"#), &["invalid type: string \"9\""]);
    refused(&geometry("Point", "[9, null]"), &["invalid type: null"]);
    refused(&geometry("Point", "[NaN, 47]"), &["feature 1", "line 1 column"]);
    refused(&geometry("Point", "[1e999, 47]"), &["number out of range"]);
    refused(&geometry("Point", "[9, [47]]"), &["fewer than two numbers"]);
    refused(&geometry("Point", "[9, 47, [1, 2]]"), &["a position with an array in it"]);
    refused(&geometry("MultiLineString", "[[[9, 47], [9, 48]], [9, 47]]"), &["different numbers of arrays"]);
    refused(&geometry("LineString", "[[9, 47], []]"), &["an empty array within coordinates"]);
    refused(&geometry("LineString", "[[9, 47]]"), &["a line of fewer than 2 positions"]);
    refused(&geometry("Polygon", "[[[9, 47], [9, 47]]]"), &["a ring of fewer than 3 positions"]);
    refused(
        &geometry("LineString", "[[9, 47, 3], [9, 48]]"),
        &["some positions have a height, others have none"],
    );
    refused(&geometry("MultiPolygon", "[[[[[9, 47]]]]]"), &["more than four arrays"]);
    refused(r#"{"type": "Point"}"#, &["missing field `coordinates`"]);
    refused(r#"{"type": "GeometryCollection"}"#, &["missing field `geometries`"]);
}

#[test]
fn other_reference_systems() {
    refused(&geometry("Point", "[2600000, 1200000]"), &["feature 1 (line 1)", "no longitude and latitude"]);
    refused(&geometry("Point", "[9, 90.1]"), &["no longitude and latitude"]);
    let crs = r#"{"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2056"}}"#;
    refused(&format!(r#"{{"type": "FeatureCollection", "crs": {crs}, "features": []}}"#), &["EPSG::2056"]);
}

#[test]
fn what_is_too_deep_or_too_large() {
    let deep = |depth| format!("{{\"a\": {}{}}}", "[".repeat(depth), "]".repeat(depth));
    refused(&points(&["{}", &deep(17)]), &["layer \"features\"", "feature 2", "nested more than 16 deep"]);
    assert!(build(&points(&[&deep(16)]), Options::default()).is_ok());
    refused(&points(&[&deep(1000)]), &["recursion limit exceeded"]);
    refused(&geometry("Point", &format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))), &["four arrays"]);
    // Each feature has a property of its own: the columns of all of them would take gigabytes.
    let own: Vec<String> = (0..9000).map(|index| format!("{{\"p{index}\": 1}}")).collect();
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    refused(&points(&own), &["81000000 values in all columns"]);
    // The same within one list.
    let objects: Vec<String> = (0..9000).map(|index| format!("{{\"p{index}\": [1]}}")).collect();
    refused(&points(&[&format!("{{\"a\": [{}]}}", objects.join(","))]), &["values in all columns"]);
}

#[test]
fn values_per_vertex_that_do_not_fit() {
    let line = |values: &str| {
        format!(
            r#"{{"type": "Feature", "properties": {{"coordinateProperties": {values}}},
                "geometry": {{"type": "LineString", "coordinates": [[9.2, 47], [9.3, 47]]}}}}"#
        )
    };
    refused(&line("7"), &["the property coordinateProperties is no object"]);
    refused(
        &line(r#"{"t": 7}"#),
        &["coordinateProperties.t", "no array where the coordinates have one of 2"],
    );
    refused(&line(r#"{"t": [7]}"#), &["an array of 1 where the coordinates have one of 2"]);
    refused(&line(r#"{"t": [7, "8"]}"#), &["values that are not all numbers"]);
    refused(&line(r#"{"t": ["7", null]}"#), &["nulls among values that are no numbers"]);
    refused(&line(r#"{"t": [[7], [8]]}"#), &["values that are not all numbers"]);
    assert!(
        build(&line(r#"{"t": [null, null], "u": [1, null], "v": [true, false]}"#), Options::default())
            .is_ok()
    );
}

#[test]
fn options_out_of_bounds() {
    let builder = |options| TileBuilder::new(tile(), options).map(|_| ());
    assert!(builder(Options { extent: 0, ..Options::default() }).is_err());
    assert!(builder(Options { buffer: 5000, ..Options::default() }).is_err());
    assert!(builder(Options { simplify: Some(f64::NAN), ..Options::default() }).is_err());
    let heights = crate::Grid { scale: 0.0, offset: 0.0 };
    assert!(builder(Options { heights, ..Options::default() }).is_err());
    let high = geometry("Point", "[9.2, 47.1, 1e12]");
    refused(&high, &["feature 1", "a height that the grid cannot hold"]);
}
