//! The messages of MVT, for those who want the tile as it is written: the comparison and the tests.
//!
//! Reading and writing do not pass through them. Everything but what is repeated is optional here,
//! so that a field that is missing can be told from one that holds its default.

/// A tile.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Tile {
    #[prost(message, repeated, tag = "3")]
    pub(crate) layers: Vec<Layer>,
}

/// A layer: features that point into tables of keys and values.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Layer {
    #[prost(string, optional, tag = "1")]
    pub(crate) name: Option<String>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) features: Vec<Feature>,
    #[prost(string, repeated, tag = "3")]
    pub(crate) keys: Vec<String>,
    #[prost(message, repeated, tag = "4")]
    pub(crate) values: Vec<Value>,
    #[prost(uint32, optional, tag = "5")]
    pub(crate) extent: Option<u32>,
    #[prost(uint32, optional, tag = "15")]
    pub(crate) version: Option<u32>,
}

/// A feature: tags are pairs of a key's and a value's index, geometry is command integers.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Feature {
    #[prost(uint64, optional, tag = "1")]
    pub(crate) id: Option<u64>,
    #[prost(uint32, repeated, tag = "2")]
    pub(crate) tags: Vec<u32>,
    /// The enum `GeomType`, as a plain number: those it does not name are kept.
    #[prost(int32, optional, tag = "3")]
    pub(crate) geometry_type: Option<i32>,
    #[prost(uint32, repeated, tag = "4")]
    pub(crate) geometry: Vec<u32>,
}

/// A value, of which exactly one field should be set.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Value {
    #[prost(string, optional, tag = "1")]
    pub(crate) string: Option<String>,
    #[prost(float, optional, tag = "2")]
    pub(crate) float: Option<f32>,
    #[prost(double, optional, tag = "3")]
    pub(crate) double: Option<f64>,
    #[prost(int64, optional, tag = "4")]
    pub(crate) int: Option<i64>,
    #[prost(uint64, optional, tag = "5")]
    pub(crate) uint: Option<u64>,
    #[prost(sint64, optional, tag = "6")]
    pub(crate) sint: Option<i64>,
    #[prost(bool, optional, tag = "7")]
    pub(crate) bool: Option<bool>,
}
