//! Whether two layers are the same, and if not, where they differ.

use std::fmt::{Debug, Write};

use crate::column::{Column, Ids, Nested, Value, Values};
use crate::geometry::Geometry;
use crate::tile::layer::Layer;
use crate::tile::measures::{Heights, Measure};

/// That `actual` is `expected`: layers in order, each by [`same_layer`].
///
/// # Errors
/// The first difference, in words.
pub fn same_layers(actual: &[Layer], expected: &[Layer]) -> Result<(), String> {
    same("number of layers", actual.len(), expected.len())?;
    actual.iter().zip(expected).enumerate().try_for_each(|(index, (actual, expected))| {
        same_layer(actual, expected).map_err(|what| format!("layer {index}: {what}"))
    })
}

/// That `actual` is `expected`: name, extent, version, ids, geometry, and columns in order by name,
/// type and value. Floats are compared by their bits. How strings are held and what stands in
/// entries without a value does not count.
///
/// # Errors
/// The first difference, in words.
pub fn same_layer(actual: &Layer, expected: &Layer) -> Result<(), String> {
    same_frame(actual, expected)?;
    let columns =
        |layer: &Layer| layer.columns().iter().map(|column| column.name.clone()).collect::<Vec<_>>();
    same("columns", columns(actual), columns(expected))?;
    same_vertex_values(actual, expected)?;
    actual.columns().iter().zip(expected.columns()).enumerate().try_for_each(|(index, (actual, expected))| {
        same_column(actual, expected).map_err(|what| format!("column {index} ({:?}): {what}", expected.name))
    })
}

/// That `actual` is `expected`: name, type and values, as [`same_layer`] compares them.
///
/// # Errors
/// The first difference, in words.
pub fn same_column(actual: &Column, expected: &Column) -> Result<(), String> {
    same("name", &actual.name, &expected.name)?;
    same("type", Type::of(actual), Type::of(expected))?;
    same("number of values", actual.len(), expected.len())?;
    (0..expected.len()).try_for_each(|row| {
        let (actual, expected) = (actual.get(row).map(Bits::from), expected.get(row).map(Bits::from));
        same("value", actual, expected).map_err(|what| format!("row {row}: {what}"))
    })
}

/// That the values per vertex of `actual` are those of `expected`.
fn same_vertex_values(actual: &Layer, expected: &Layer) -> Result<(), String> {
    same("number of measures", actual.measures().len(), expected.measures().len())?;
    for (actual_one, expected_one) in actual.measures().iter().zip(expected.measures()) {
        same_measure(actual_one, expected_one, expected)?;
    }
    same_heights(actual.heights(), expected.heights(), expected)
}

/// That `actual` is `expected`, a measure of `layer`.
///
/// # Errors
/// The first difference, in words.
pub fn same_measure(actual: &Measure, expected: &Measure, layer: &Layer) -> Result<(), String> {
    same("name of a measure", &actual.name, &expected.name)?;
    let of_type = |measure: &Measure| std::mem::discriminant(&measure.values);
    same("type of a measure", of_type(actual), of_type(expected))?;
    same("number of values of vertices", actual.values.len(), expected.values.len())?;
    (0..layer.len()).try_for_each(|row| {
        let bits = |measure: &Measure| {
            let values = match measure.is_valid(row) {
                true => (measure.values.clone(), layer.geometry().feature_vertices(row)),
                false => return None,
            };
            Some(values.1.map(|vertex| format!("{:?}", Bits::from(values.0.at(vertex)))).collect::<Vec<_>>())
        };
        same("values of vertices", bits(actual), bits(expected))
            .map_err(|what| format!("measure {:?}, row {row}: {what}", expected.name))
    })
}

/// That `actual` is `expected`, the heights of `layer`.
///
/// # Errors
/// The first difference, in words.
pub fn same_heights(
    actual: Option<&Heights>,
    expected: Option<&Heights>,
    layer: &Layer,
) -> Result<(), String> {
    let (actual, expected) = match (actual, expected) {
        (Some(actual), Some(expected)) => (actual, expected),
        (actual, expected) => return same("heights", actual.is_some(), expected.is_some()),
    };
    let grid = |heights: &Heights| [heights.scale.to_bits(), heights.offset.to_bits()];
    same("grid of heights", grid(actual), grid(expected))?;
    same("number of heights", actual.values.len(), expected.values.len())?;
    (0..layer.len()).try_for_each(|row| {
        let steps = |heights: &Heights| {
            let vertices = layer.geometry().feature_vertices(row);
            heights.is_valid(row).then(|| heights.values[vertices].to_vec())
        };
        same("heights", steps(actual), steps(expected)).map_err(|what| format!("row {row}: {what}"))
    })
}

/// That `actual` is `expected`: which features have an id, and which one.
///
/// # Errors
/// The first difference, in words.
pub fn same_ids(actual: Option<&Ids>, expected: Option<&Ids>) -> Result<(), String> {
    let rows = |ids: Option<&Ids>| ids.map(|ids| ids.values.len());
    same("number of ids", rows(actual), rows(expected))?;
    (0..rows(expected).unwrap_or(0)).try_for_each(|row| {
        let id = |ids: Option<&Ids>| ids.and_then(|ids| ids.get(row));
        same("id", id(actual), id(expected)).map_err(|what| format!("row {row}: {what}"))
    })
}

/// That the features of `actual` are those of `expected`: everything that [`same_layer`] compares,
/// but the properties of each feature without regard to their order and to the columns they stand
/// in. This is what a format that goes feature by feature can keep.
///
/// # Errors
/// The first difference, in words.
pub fn same_features(actual: &Layer, expected: &Layer) -> Result<(), String> {
    same_frame(actual, expected)?;
    (0..expected.len()).try_for_each(|row| {
        same("properties", properties(actual, row), properties(expected, row))
            .map_err(|what| format!("row {row}: {what}"))
    })
}

pub(super) fn properties(layer: &Layer, row: usize) -> Vec<(&str, Bits<'_>)> {
    let mut properties: Vec<_> = layer
        .columns()
        .iter()
        .filter_map(|column| Some((column.name.as_str(), Bits::from(column.get(row)?))))
        .collect();
    properties.sort();
    properties
}

/// Everything but the columns.
fn same_frame(actual: &Layer, expected: &Layer) -> Result<(), String> {
    same("name", actual.name(), expected.name())?;
    same("extent", actual.extent(), expected.extent())?;
    same("version", actual.version(), expected.version())?;
    same("number of features", actual.len(), expected.len())?;
    let id = |layer: &Layer, row| layer.ids().and_then(|ids| ids.get(row));
    for row in 0..expected.len() {
        let within = |what| format!("row {row}: {what}");
        same("id", id(actual, row), id(expected, row)).map_err(within)?;
        same("geometry type", actual.geometry().types()[row], expected.geometry().types()[row])
            .map_err(within)?;
    }
    same_geometry(actual.geometry(), expected.geometry())
}

/// That `actual` is `expected`: types, offsets of every level, vertices, commands and triangles.
///
/// # Errors
/// The first difference, in words.
pub fn same_geometry(actual: &Geometry, expected: &Geometry) -> Result<(), String> {
    same("types", actual.types(), expected.types())?;
    same("geometry offsets", actual.geometry_offsets(), expected.geometry_offsets())?;
    same("part offsets", actual.part_offsets(), expected.part_offsets())?;
    same("ring offsets", actual.ring_offsets(), expected.ring_offsets())?;
    same("number of coordinates", actual.vertices().len(), expected.vertices().len())?;
    for (index, (actual, expected)) in actual.vertices().iter().zip(expected.vertices()).enumerate() {
        same("coordinate", actual, expected).map_err(|what| format!("vertex {}: {what}", index / 2))?;
    }
    same("commands", actual.commands(), expected.commands())?;
    same("triangles", actual.indices(), expected.indices())
}

pub(super) fn same<T: PartialEq + Debug>(what: &str, actual: T, expected: T) -> Result<(), String> {
    if actual == expected {
        return Ok(());
    }
    let mut message = format!("{what}: {actual:?} instead of ");
    write!(message, "{expected:?}").expect("writing to a string");
    Err(message)
}

/// What values of a column are; of nested ones, also what is within.
#[derive(Debug, PartialEq)]
pub(super) struct Type<'a> {
    values: std::mem::Discriminant<Values>,
    within: Option<(&'static str, Vec<(&'a str, Type<'a>)>)>,
}

impl<'a> Type<'a> {
    pub(super) fn of(column: &'a Column) -> Self {
        let within = match &column.values {
            Values::Nested(nested) => {
                let columns = nested.children().into_iter();
                let columns = columns.map(|column| (column.name.as_str(), Type::of(column)));
                Some((nested.type_name(), columns.collect()))
            }
            _ => None,
        };
        Self { values: std::mem::discriminant(&column.values), within }
    }
}

/// A value that can be compared exactly, whatever its type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bits<'a> {
    Bool(bool),
    Int(i64),
    UInt(u64),
    SInt(i64),
    Float(u32),
    Double(u64),
    String(&'a str),
    Struct(Vec<(&'a str, Option<Bits<'a>>)>),
    List(Vec<Option<Bits<'a>>>),
    Map(Vec<(Bits<'a>, Option<Bits<'a>>)>),
}

impl<'a> From<Value<'a>> for Bits<'a> {
    fn from(value: Value<'a>) -> Self {
        match value {
            Value::Bool(value) => Self::Bool(value),
            Value::Int(value) => Self::Int(value),
            Value::UInt(value) => Self::UInt(value),
            Value::SInt(value) => Self::SInt(value),
            Value::Float(value) => Self::Float(value.to_bits()),
            Value::Double(value) => Self::Double(value.to_bits()),
            Value::String(value) => Self::String(value),
            Value::Nested(value) => match value.nested() {
                Nested::Struct { .. } => {
                    Self::Struct(value.fields().map(|(name, value)| (name, value.map(Self::from))).collect())
                }
                Nested::List { .. } => Self::List(value.items().map(|item| item.map(Self::from)).collect()),
                Nested::Map { .. } => {
                    let entries = value.entries().map(|(key, value)| (key.into(), value.map(Self::from)));
                    Self::Map(entries.collect())
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tile::builder::LayerBuilder;

    fn layer(properties: &[(&str, Value<'_>)]) -> Layer {
        let mut layer = LayerBuilder::new("layer");
        layer.feature(None, |geometry| Ok(geometry.point(1, 2))).unwrap();
        for &(key, value) in properties {
            layer.property(key, value).unwrap();
        }
        layer.finish().unwrap()
    }

    #[test]
    fn floats_are_compared_by_bits() {
        let nan = |bits| layer(&[("a", Value::Double(f64::from_bits(bits)))]);
        let (one, two) = (nan(0x7ff8_0000_0000_0000), nan(0x7ff8_0000_0000_0001));
        assert_eq!(same_layer(&one, &one.clone()), Ok(()));
        assert!(same_layer(&one, &two).unwrap_err().starts_with("column 0 (\"a\"): row 0: value"));
        let zero = |zero| layer(&[("a", Value::Float(zero))]);
        assert!(same_features(&zero(0.0), &zero(-0.0)).is_err());
    }

    #[test]
    fn types_and_order_count_where_they_should() {
        let (a, b) = (("a", Value::Int(1)), ("b", Value::Int(1)));
        assert!(same_layer(&layer(&[a, b]), &layer(&[b, a])).is_err());
        assert_eq!(same_features(&layer(&[a, b]), &layer(&[b, a])), Ok(()));
        let other = ("a", Value::SInt(1));
        assert!(same_layer(&layer(&[a]), &layer(&[other])).is_err());
        assert!(same_features(&layer(&[a]), &layer(&[other])).is_err());
        assert!(same_features(&layer(&[a, a]), &layer(&[a])).is_err());
    }

    #[test]
    fn geometry_and_ids_count() {
        let with = |id, x| {
            let mut layer = LayerBuilder::new("layer");
            layer.feature(id, |geometry| Ok(geometry.point(x, 0))).unwrap();
            layer.finish().unwrap()
        };
        assert_eq!(same_layer(&with(Some(1), 2), &with(Some(1), 2)), Ok(()));
        assert!(same_layer(&with(Some(1), 2), &with(None, 2)).unwrap_err().contains("id"));
        let error = same_layers(&[with(None, 3)], &[with(None, 2)]).unwrap_err();
        assert_eq!(error, "layer 0: vertex 0: coordinate: 3 instead of 2");
    }
}
