//! Statistics, by a look at every value.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::column::{Column, Ids, Value, Values};
use crate::tile::statistics::{Bounds, Statistics};

/// The statistics of a column.
pub(crate) fn statistics(column: &Column) -> Statistics {
    let values: Vec<Value> = (0..column.len()).filter_map(|row| column.get(row)).collect();
    let distinct: BTreeSet<&str> = values
        .iter()
        .filter_map(|value| match value {
            Value::String(value) => Some(*value),
            _ => None,
        })
        .collect();
    Statistics {
        null_count: column.len() - values.len(),
        distinct_count: matches!(column.values, Values::String(_)).then_some(distinct.len()),
        bounds: values
            .iter()
            .min_by(|a, b| order(a, b))
            .zip(values.iter().max_by(|a, b| order(a, b)))
            .and_then(|(&min, &max)| bounds(min, max))
            .filter(|_| !values.iter().any(is_nan)),
    }
}

/// The statistics of a layer's ids.
pub(crate) fn id_statistics(ids: &Ids) -> Statistics {
    let values: Vec<u64> = (0..ids.values.len()).filter_map(|row| ids.get(row)).collect();
    let mut sorted = values.clone();
    sorted.sort_unstable();
    Statistics {
        null_count: ids.values.len() - values.len(),
        distinct_count: None,
        bounds: sorted.first().map(|&min| Bounds::UInt(min, sorted[sorted.len() - 1])),
    }
}

/// The order within a type; −0 comes before 0.
fn order(a: &Value, b: &Value) -> Ordering {
    match (*a, *b) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(&b),
        (Value::Int(a), Value::Int(b)) | (Value::SInt(a), Value::SInt(b)) => a.cmp(&b),
        (Value::UInt(a), Value::UInt(b)) => a.cmp(&b),
        (Value::Float(a), Value::Float(b)) => a.total_cmp(&b),
        (Value::Double(a), Value::Double(b)) => a.total_cmp(&b),
        (Value::String(a), Value::String(b)) => a.as_bytes().cmp(b.as_bytes()),
        (a, b) => unreachable!("{a:?} and {b:?} in one column"),
    }
}

fn is_nan(value: &Value) -> bool {
    match *value {
        Value::Float(value) => value.is_nan(),
        Value::Double(value) => value.is_nan(),
        _ => false,
    }
}

/// The bounds `min` and `max` make; none if one is a long string.
fn bounds(min: Value, max: Value) -> Option<Bounds> {
    match (min, max) {
        (Value::Bool(min), Value::Bool(max)) => Some(Bounds::Bool(min, max)),
        (Value::Int(min), Value::Int(max)) | (Value::SInt(min), Value::SInt(max)) => {
            Some(Bounds::Int(min, max))
        }
        (Value::UInt(min), Value::UInt(max)) => Some(Bounds::UInt(min, max)),
        (Value::Float(min), Value::Float(max)) => Some(Bounds::Double(min.into(), max.into())),
        (Value::Double(min), Value::Double(max)) => Some(Bounds::Double(min, max)),
        (Value::String(min), Value::String(max)) => {
            (min.len() <= 32 && max.len() <= 32).then(|| Bounds::String(min.into(), max.into()))
        }
        (min, max) => unreachable!("{min:?} and {max:?} in one column"),
    }
}
