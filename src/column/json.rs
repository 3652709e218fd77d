//! Values as JSON text, for GeoJSON, and for MVT where it cannot hold them.

use std::fmt::Write;

use crate::column::{Nested, NestedValue, Value};

/// The text of a value: structs and maps whose keys are strings are objects, other maps lists of pairs.
/// Numbers that JSON has not, and no value, are null.
pub fn text(value: Value) -> String {
    let mut out = String::new();
    write(Some(value), &mut out);
    out
}

/// The text of a list of values.
pub(crate) fn list(values: Vec<Value>) -> String {
    let items: Vec<String> = values.into_iter().map(text).collect();
    format!("[{}]", items.join(","))
}

/// Appends the text of a value.
#[cfg(feature = "geojson")]
pub(crate) fn value(value: Value, out: &mut String) {
    write(Some(value), out);
}

fn write(value: Option<Value>, out: &mut String) {
    // Writing to a string does not fail.
    let _ = match value {
        None => write!(out, "null"),
        Some(Value::Bool(value)) => write!(out, "{value}"),
        Some(Value::Int(value) | Value::SInt(value)) => write!(out, "{value}"),
        Some(Value::UInt(value)) => write!(out, "{value}"),
        Some(Value::Float(value)) if value.is_finite() => write!(out, "{value:?}"),
        Some(Value::Double(value)) if value.is_finite() => write!(out, "{value:?}"),
        Some(Value::Float(_) | Value::Double(_)) => write!(out, "null"),
        Some(Value::String(value)) => {
            string(value, out);
            Ok(())
        }
        Some(Value::Nested(value)) => {
            write_nested(value, out);
            Ok(())
        }
    };
}

fn write_nested(value: NestedValue, out: &mut String) {
    let is_object = match value.nested() {
        Nested::Struct { .. } => true,
        Nested::List { .. } => false,
        Nested::Map { .. } => value.entries().all(|(key, _)| matches!(key, Value::String(_))),
    };
    out.push(if is_object { '{' } else { '[' });
    let mut first = true;
    let mut next = |out: &mut String| {
        if !std::mem::take(&mut first) {
            out.push(',');
        }
    };
    for (name, field) in value.fields().filter(|(_, field)| field.is_some()) {
        next(out);
        string(name, out);
        out.push(':');
        write(field, out);
    }
    for item in value.items() {
        next(out);
        write(item, out);
    }
    for (key, item) in value.entries() {
        next(out);
        if is_object {
            write(Some(key), out);
            out.push(':');
            write(item, out);
        } else {
            out.push('[');
            write(Some(key), out);
            out.push(',');
            write(item, out);
            out.push(']');
        }
    }
    out.push(if is_object { '}' } else { ']' });
}

/// Appends the text of a string.
pub(crate) fn string(text: &str, out: &mut String) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            char if char < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(char));
            }
            char => out.push(char),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::nested::builder::Item;
    use crate::testing::generate::layers;
    use crate::testing::random::Random;
    use crate::tile::builder::LayerBuilder;

    #[test]
    fn all_texts_are_json() {
        let mut count = 0;
        for seed in 0..200 {
            let layer = layers::layer(&mut Random::from_seed(seed));
            for column in layer.columns() {
                for row in 0..layer.len().min(20) {
                    let text = column.get(row).map_or("null".into(), text);
                    serde_json::from_str::<serde_json::Value>(&text)
                        .unwrap_or_else(|error| panic!("{text}: {error}"));
                    count += usize::from(text.contains('['));
                }
            }
        }
        assert!(count > 100, "{count}");
    }

    #[test]
    fn texts() {
        let value = |value| Item::Value(value);
        let string = |text| value(Value::String(text));
        let item = Item::Struct(vec![
            ("list", Item::List(vec![value(Value::Int(-1)), Item::Null])),
            ("none", Item::Null),
            ("names", Item::Map(vec![(string("\"de\""), string("a\u{1}\\\n"))])),
            ("pairs", Item::Map(vec![(value(Value::UInt(7)), value(Value::Double(1.0)))])),
            ("large", value(Value::Double(1e300))),
            ("odd", value(Value::Double(f64::INFINITY))),
            ("empty", Item::Struct(vec![])),
        ]);
        let mut layer = LayerBuilder::new("l");
        layer.feature(None, |geometry| Ok(geometry.point(0, 0))).unwrap().nested("p", &item).unwrap();
        let layer = layer.finish().unwrap();
        assert_eq!(
            text(layer.columns()[0].get(0).unwrap()),
            r#"{"list":[-1,null],"names":{"\"de\"":"a\u0001\\\n"},"pairs":[[7,1.0]],"large":1e300,"odd":null,"empty":{}}"#
        );
    }
}
