//! Cloud Optimized Vector Tiles (COVT): a column-oriented vector tile format and its codec.
#![deny(unsafe_code)]
#![warn(missing_docs)]

mod error;
mod limits;

mod array;
mod wire;

mod stream;

mod encoding;

mod column;
mod geometry;

mod tile;

pub mod mvt;

#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use array::{BooleanBuffer, NullBuffer, OffsetBuffer, ScalarBuffer, Utf8};
pub use column::{Column, ColumnKind, Ids, Strings, Value, Values};
pub use error::{Error, ErrorKind, Result};
pub use geometry::builder::GeometryBuilder;
pub use geometry::vertices::VertexEncoding;
pub use geometry::{Commands, Geometry, GeometryType};
pub use limits::Budget;
pub use stream::bytes::ByteEncoding;
pub use stream::choose::Force;
pub use stream::ints::IntEncoding;
pub use stream::{Role, StreamEntry};
pub use tile::builder::LayerBuilder;
pub use tile::directory::{ColumnEntry, Directory, LayerEntry, Layout};
pub use tile::layer::{DEFAULT_EXTENT, Layer};
pub use tile::options::{EncodeOptions, Profile};
pub use tile::read::{LayerReader, Tile};
pub use tile::statistics::{Bounds, Statistics};
pub use tile::write::encode;
