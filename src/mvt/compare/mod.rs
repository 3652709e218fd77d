//! Comparing two tiles, message by message: the proof that nothing was lost.
//!
//! Both tiles are decoded by protobuf's rules alone, so a mistake in reading layers or in writing
//! them cannot hide itself here.

mod parts;
mod unordered;

use std::fmt;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use prost::Message;

use super::proto::{Feature, Layer, Tile, Value};
use super::read::DEFAULT_VERSION;
use crate::tile::layer::DEFAULT_EXTENT;
use crate::tile::options::Reordering;

/// The first difference between two tiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    layer: Option<String>,
    feature: Option<usize>,
    what: String,
}

impl Difference {
    fn new(what: impl Into<String>) -> Self {
        Self { layer: None, feature: None, what: what.into() }
    }

    /// The layer it is in, by its name in the first tile; none if it is the layers themselves.
    pub fn layer(&self) -> Option<&str> {
        self.layer.as_deref()
    }

    /// The feature it is in, counted from 0; none if it is not in a feature.
    pub fn feature(&self) -> Option<usize> {
        self.feature
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(layer) = &self.layer {
            write!(f, "layer {layer:?}: ")?;
        }
        if let Some(feature) = self.feature {
            write!(f, "feature {feature}: ")?;
        }
        f.write_str(&self.what)
    }
}

impl std::error::Error for Difference {}

/// Whether two tiles say the same.
///
/// Layers, features and command integers must be the same in the same order, tags must be the same
/// pairs of key and value, with values of the same type and bits. A missing version, extent or
/// geometry type is the same as its default: 1, 4096 and 0. The order of a feature's tags, that of
/// the tables of keys and values, entries nobody points at, and fields MVT does not have, do not
/// count.
///
/// # Errors
/// The first difference; or what is wrong, if one of the two is no tile, or a tag points nowhere.
pub fn compare(first: &[u8], second: &[u8]) -> Result<(), Difference> {
    compare_reordered(first, second, Reordering::default())
}

/// As [`compare`], but what `reordering` says may stand in any order.
///
/// Features that may are compared as a whole: each must be there as often. Where parts may, those of a
/// geometry that is well formed are compared by their absolute coordinates, points and lines one by one,
/// polygons with their holes in order; lines must run and rings turn and start as they did.
///
/// # Errors
/// As [`compare`]; a feature without its like is told by its number in the first tile.
pub fn compare_reordered(first: &[u8], second: &[u8], reordering: Reordering) -> Result<(), Difference> {
    let decode = |bytes, which| {
        Tile::decode(bytes).map_err(|error| Difference::new(format!("the {which} is no MVT: {error}")))
    };
    let (first, second) = (decode(first, "first tile")?, decode(second, "second tile")?);
    same(first.layers.len(), second.layers.len(), "number of layers")?;
    for (first, second) in first.layers.iter().zip(&second.layers) {
        compare_layers(first, second, reordering).map_err(|difference| Difference {
            layer: Some(first.name.clone().unwrap_or_default()),
            ..difference
        })?;
    }
    Ok(())
}

fn compare_layers(first: &Layer, second: &Layer, reordering: Reordering) -> Result<(), Difference> {
    same(&first.name, &second.name, "name")?;
    let version = |layer: &Layer| layer.version.unwrap_or(DEFAULT_VERSION);
    same(version(first), version(second), "version")?;
    let extent = |layer: &Layer| layer.extent.unwrap_or(DEFAULT_EXTENT);
    same(extent(first), extent(second), "extent")?;
    same(first.features.len(), second.features.len(), "number of features")?;

    let mut numbers = Numbers::default();
    let first_tables = numbers.tables(first);
    let second_tables = numbers.tables(second);
    if reordering.features {
        return unordered::compare(first, &first_tables, second, &second_tables, reordering);
    }
    for (row, (first, second)) in first.features.iter().zip(&second.features).enumerate() {
        compare_features(first, &first_tables, second, &second_tables, reordering.parts)
            .map_err(|difference| Difference { feature: Some(row), ..difference })?;
    }
    Ok(())
}

fn compare_features(
    first: &Feature,
    first_tables: &Tables<'_>,
    second: &Feature,
    second_tables: &Tables<'_>,
    reorder_parts: bool,
) -> Result<(), Difference> {
    same(first.id, second.id, "id")?;
    let geometry_type = |feature: &Feature| feature.geometry_type.unwrap_or(0);
    same(geometry_type(first), geometry_type(second), "geometry type")?;
    same(first.geometry.len(), second.geometry.len(), "number of command integers")?;
    if reorder_parts {
        let sorted = |feature| parts::sorted(geometry_type(feature), &feature.geometry);
        if sorted(first) != sorted(second) {
            return Err(Difference::new("the parts of the geometry are others"));
        }
    } else {
        for (index, (first, second)) in first.geometry.iter().zip(&second.geometry).enumerate() {
            if first != second {
                return Err(Difference::new(format!("command integer {index}: {first} and {second}")));
            }
        }
    }
    let first_tags = first_tables.tags(first, "first tile")?;
    let second_tags = second_tables.tags(second, "second tile")?;
    same(first_tags.len(), second_tags.len(), "number of tags")?;
    match first_tags.iter().zip(&second_tags).find(|(first, second)| first != second) {
        Some((&first, &second)) => Err(Difference::new(format!(
            "tag: {} and {}",
            first_tables.show(first),
            second_tables.show(second)
        ))),
        None => Ok(()),
    }
}

fn same<T: PartialEq + fmt::Debug>(first: T, second: T, what: &str) -> Result<(), Difference> {
    if first == second { Ok(()) } else { Err(Difference::new(format!("{what}: {first:?} and {second:?}"))) }
}

/// A value's fields, each with its exact bits.
type Bits<'a> =
    (Option<&'a str>, Option<u32>, Option<u64>, Option<i64>, Option<u64>, Option<i64>, Option<bool>);

fn bits(value: &Value) -> Bits<'_> {
    (
        value.string.as_deref(),
        value.float.map(f32::to_bits),
        value.double.map(f64::to_bits),
        value.int,
        value.uint,
        value.sint,
        value.bool,
    )
}

/// Numbers that two layers' keys and values share: the same number, the same key or value.
#[derive(Debug, Default)]
struct Numbers<'a> {
    keys: HashMap<&'a str, u32, FixedState>,
    values: HashMap<Bits<'a>, u32, FixedState>,
}

impl<'a> Numbers<'a> {
    fn tables(&mut self, layer: &'a Layer) -> Tables<'a> {
        let mut key = |name: &'a String| {
            let next = self.keys.len() as u32;
            *self.keys.entry(name).or_insert(next)
        };
        let mut value = |value: &'a Value| {
            let next = self.values.len() as u32;
            *self.values.entry(bits(value)).or_insert(next)
        };
        Tables {
            layer,
            keys: layer.keys.iter().map(&mut key).collect(),
            values: layer.values.iter().map(&mut value).collect(),
        }
    }
}

/// A layer's tables as [`Numbers`].
#[derive(Debug)]
struct Tables<'a> {
    layer: &'a Layer,
    keys: Vec<u32>,
    values: Vec<u32>,
}

impl Tables<'_> {
    /// A feature's tags as numbers, sorted.
    fn tags(&self, feature: &Feature, which: &str) -> Result<Vec<(u32, u32)>, Difference> {
        let (tags, rest) = feature.tags.as_chunks();
        let numbers: Option<Vec<_>> = tags
            .iter()
            .map(|&[key, value]| Some((*self.keys.get(key as usize)?, *self.values.get(value as usize)?)))
            .collect();
        match numbers {
            Some(mut numbers) if rest.is_empty() => {
                numbers.sort_unstable();
                Ok(numbers)
            }
            Some(_) => Err(Difference::new(format!("{which}: an odd number of tags"))),
            None => Err(Difference::new(format!("{which}: a tag points past the tables"))),
        }
    }

    /// The tag of these numbers, for people.
    fn show(&self, (key, value): (u32, u32)) -> String {
        let key = self.keys.iter().position(|&number| number == key).map(|index| &self.layer.keys[index]);
        let value = self.values.iter().position(|&number| number == value);
        format!("{key:?} = {:?}", value.map(|index| &self.layer.values[index]))
    }
}
