//! Tiles made of messages: what the specification allows, and what it does not.

mod bytes;
mod differences;
mod roundtrip;

use prost::Message;

use super::proto::{Feature, Layer, Tile, Value};
use super::{compare, compare_reordered, read, write};
use crate::tile::options::Reordering;

/// The bytes of a tile of one layer.
fn tile(layer: Layer) -> Vec<u8> {
    Tile { layers: vec![layer] }.encode_to_vec()
}

/// A layer named `l` with these features and tables.
fn layer(features: Vec<Feature>, keys: &[&str], values: Vec<Value>) -> Layer {
    Layer {
        name: Some("l".into()),
        features,
        keys: keys.iter().map(|&key| key.into()).collect(),
        values,
        version: Some(2),
        extent: None,
    }
}

/// A feature of this type and these command integers.
fn shape(geometry_type: i32, geometry: &[u32]) -> Feature {
    Feature { geometry_type: Some(geometry_type), geometry: geometry.to_vec(), ..Feature::default() }
}

/// A point with these tags.
fn point(tags: &[u32]) -> Feature {
    Feature { tags: tags.to_vec(), ..shape(1, &[9, 2, 4]) }
}

fn string(value: &str) -> Value {
    Value { string: Some(value.into()), ..Value::default() }
}

fn int(value: i64) -> Value {
    Value { int: Some(value), ..Value::default() }
}

/// Reads a tile, writes it, and compares the two.
fn check_comes_back(bytes: &[u8]) {
    let (layers, _) = read(bytes).unwrap();
    let written = write(&layers).unwrap();
    compare(bytes, &written).unwrap();
    assert_eq!(write(&read(&written).unwrap().0).unwrap(), written, "the second time, bytes are the same");
}
