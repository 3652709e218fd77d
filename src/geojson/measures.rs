//! Values per vertex in GeoJSON: the property `coordinateProperties`, an object of arrays in the form of
//! `coordinates` that hold a value in place of each position.

use serde_json::Value;

use super::clip::Source;
use super::feature::{Feature, Geometry};
use crate::error::{Error, Result};

/// The property that holds them.
pub(super) const KEY: &str = "coordinateProperties";

/// A value for each position of a geometry.
#[derive(Clone, Debug)]
pub(super) struct PerPosition {
    pub(super) name: String,
    /// All numbers, all strings, or all truth values; nulls among numbers.
    pub(super) values: Vec<Value>,
}

/// Takes the values per vertex out of the properties of a feature.
///
/// # Errors
/// If they do not have the form of the coordinates, or are of different types.
pub(super) fn take(feature: &mut Feature) -> Result<Vec<PerPosition>> {
    let named = match feature.properties.shift_remove(KEY) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Object(named)) => named,
        Some(_) => return Err(Error::input(format!("the property {KEY} is no object"))),
    };
    let [geometry] = &feature.geometries[..] else {
        return match feature.geometries.is_empty() || named.is_empty() {
            true => Ok(Vec::new()),
            false => Err(Error::input(format!("the property {KEY} beside a GeometryCollection"))),
        };
    };
    let mut out = Vec::with_capacity(named.len());
    for (name, value) in named {
        let within = |error: Error| error.within(format!("{KEY}.{name}"));
        let values = flatten(value, geometry).map_err(within)?;
        if check_types(&values).map_err(within)? {
            out.push(PerPosition { name, values });
        }
    }
    Ok(out)
}

/// The values in the order of the positions.
fn flatten(value: Value, geometry: &Geometry) -> Result<Vec<Value>> {
    use crate::geometry::GeometryType as Type;
    let rings = || geometry.rings().map(|ring| ring.len());
    let mut out = Vec::with_capacity(geometry.positions.len());
    match geometry.geometry_type {
        Type::Point => out.push(value),
        Type::LineString | Type::MultiPoint => out = array(value, geometry.positions.len())?,
        Type::MultiLineString | Type::Polygon => {
            for (ring, count) in array(value, geometry.ring_ends.len())?.into_iter().zip(rings()) {
                out.extend(array(ring, count)?);
            }
        }
        Type::MultiPolygon | Type::Commands => {
            let mut counts = rings();
            for (part, count) in array(value, geometry.part_ends.len())?.into_iter().zip(geometry.parts()) {
                for (ring, count) in array(part, count.len())?.into_iter().zip(&mut counts) {
                    out.extend(array(ring, count)?);
                }
            }
        }
    }
    Ok(out)
}

fn array(value: Value, len: usize) -> Result<Vec<Value>> {
    match value {
        Value::Array(values) if values.len() == len => Ok(values),
        Value::Array(values) => {
            Err(Error::input(format!("an array of {} where the coordinates have one of {len}", values.len())))
        }
        _ => Err(Error::input(format!("no array where the coordinates have one of {len}"))),
    }
}

/// Whether there are values at all, and they are of one type.
fn check_types(values: &[Value]) -> Result<bool> {
    let kind = |value: &Value| match value {
        Value::Null => 0,
        Value::Number(_) => 1,
        Value::String(_) => 2,
        Value::Bool(_) => 3,
        Value::Array(_) | Value::Object(_) => 4,
    };
    let mut kinds = [false; 5];
    values.iter().for_each(|value| kinds[kind(value)] = true);
    match kinds {
        [_, false, false, false, false] => Ok(false),
        [_, true, false, false, false]
        | [false, false, true, false, false]
        | [false, false, false, true, false] => Ok(true),
        [true, ..] => Err(Error::input("nulls among values that are no numbers")),
        _ => Err(Error::input("values that are not all numbers, all strings or all truth values")),
    }
}

/// The value at a place between positions: that of numbers lies between theirs, rounded if both are
/// integers; of others the nearer one counts.
pub(super) fn at(values: &[Value], source: Source) -> Value {
    let (from, to) = (&values[source.from], &values[source.to]);
    if source.from == source.to {
        return from.clone();
    }
    let nearer = || if source.part < 0.5 { from } else { to };
    let (Value::Number(a), Value::Number(b)) = (from, to) else { return nearer().clone() };
    let integer = |number: &serde_json::Number| number.as_i128().filter(|_| !number.is_f64());
    if let (Some(a), Some(b)) = (integer(a), integer(b)) {
        let step = ((b - a) as f64 * source.part).round() as i128;
        let value = (a + step).clamp(a.min(b), a.max(b));
        return serde_json::Number::from_i128(value).map_or_else(|| nearer().clone(), Value::Number);
    }
    let (Some(a), Some(b)) = (a.as_f64(), b.as_f64()) else { return nearer().clone() };
    Value::from(a + (b - a) * source.part)
}
