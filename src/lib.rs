//! Cloud Optimized Vector Tiles (COVT): a column-oriented vector tile format and its codec.
//!
//! A tile is layers; a layer is an id column, a geometry column and property columns, each split
//! into streams with an encoding of its own. `spec/` defines the bytes.
//!
//! ```
//! use covt::{Budget, EncodeOptions, LayerBuilder, Profile, Tile, Value, mvt};
//!
//! // A layer from one's own data …
//! let mut roads = LayerBuilder::new("roads");
//! roads.feature(Some(1), |geometry| geometry.line_string(&[[0, 10], [40, 12], [90, 12]]))?;
//! roads.property("class", Value::String("primary"))?;
//!
//! // … as a tile,
//! let tile = covt::encode(&[roads.finish()?], &EncodeOptions::new(Profile::Small))?;
//!
//! // of which a reader decodes only what it wants,
//! let mut budget = Budget::default();
//! let opened = Tile::open(&tile, &mut budget)?;
//! let class = opened.layer("roads").unwrap().column("class", &mut budget)?.unwrap();
//! assert_eq!(class.get(0), Some(Value::String("primary")));
//!
//! // and which is an MVT tile for those who need one.
//! let pbf = mvt::from_covt(&tile, &mut budget)?;
//! assert_eq!(mvt::to_covt(&pbf, &EncodeOptions::default())?.0, tile);
//! # Ok::<(), covt::Error>(())
//! ```
//!
//! # The house
//!
//! A module imports only from floors below its own; `error` and `limits` lie beneath all.
//!
//! | floor | modules |
//! |---|---|
//! | 0 | `wire` (cursor, varint, zigzag, bits), `array` (Arrow's buffers), `coord` (tile numbers), `curve` (Hilbert), `cql2` (filters as text; feature `arrow`) |
//! | 1 | `encoding`: pure twin functions over slices, one file each |
//! | 2 | `stream`: one stream, and the choice of its encoding |
//! | 3 | `column`, `geometry`: a column's streams |
//! | 4 | `tile`: directory, reading, writing, building |
//! | 5 | [`mvt`]; `geojson` (feature `geojson`); `arrow`: record batches (feature `arrow`) |
//! | 6 | `tileset`: MBTiles, PMTiles and folders, conversion (feature `tileset`) |
//! | 7 | `export`, `import`: layers of tilesets as tables, tables as tiles (feature `arrow`) |
//! | 7 | `remote`: tiles by ranges (feature `tileset`) |
//! | 7 | `bench`: formats compared (feature `bench`) |
//! | 7 | `points`: datasets of points as tiles (feature `points`) |
//! | 8 | `serve`: tiles over HTTP (feature `serve`) |
//! | 9 | the command `covt` (feature `cli`) |
//!
//! The feature `testing` adds generators and checks that tests, fuzz targets, benches and
//! `covt demo` share.
#![deny(unsafe_code)]
#![warn(missing_docs)]

/// The examples of the README, as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod error;
mod limits;

mod array;
mod coord;
#[cfg(feature = "arrow")]
mod cql2;
mod curve;
mod wire;

mod encoding;

mod stream;

mod column;
mod geometry;

mod tile;

pub mod mvt;

#[cfg(feature = "arrow")]
pub mod arrow;

#[cfg(feature = "geojson")]
pub mod geojson;

#[cfg(feature = "tileset")]
pub mod tileset;

#[cfg(feature = "arrow")]
pub mod export;

#[cfg(feature = "arrow")]
pub mod import;

#[cfg(feature = "tileset")]
pub mod remote;

#[cfg(feature = "bench")]
pub mod bench;

#[cfg(feature = "points")]
pub mod points;

#[cfg(feature = "serve")]
pub mod serve;

#[cfg(any(test, feature = "testing"))]
pub mod testing;

#[cfg(test)]
mod tests;

pub use array::{BooleanBuffer, NullBuffer, OffsetBuffer, ScalarBuffer, Utf8};
pub use column::nested::builder::Item;
pub use column::{Column, ColumnKind, Ids, Nested, NestedValue, Strings, Value, Values};
pub use coord::{MAX_ZOOM, TileCoord};
pub use error::{Error, ErrorKind, Result};
pub use geometry::builder::GeometryBuilder;
pub use geometry::vertices::VertexEncoding;
pub use geometry::{Commands, Geometry, GeometryType};
pub use limits::Budget;
pub use smol_str::SmolStr;
pub use stream::bytes::ByteEncoding;
pub use stream::choose::Force;
pub use stream::describe::Coding;
pub use stream::ints::IntEncoding;
pub use stream::technique::Technique;
pub use stream::why::Tried;
pub use stream::{Role, StreamEntry};
pub use tile::builder::LayerBuilder;
pub use tile::describe::{ColumnDescription, Description, StreamDescription, describe};
pub use tile::directory::{ColumnEntry, Directory, LayerEntry, Layout};
pub use tile::grid::Grid;
pub use tile::layer::{DEFAULT_EXTENT, Layer};
pub use tile::measures::{Heights, Measure};
pub use tile::options::{EncodeOptions, Profile, Reordering, Sort};
pub use tile::project::{Fate, Projected, ProjectedColumn, project};
pub use tile::projection::{ColumnName, Projection};
pub use tile::read::upload::{Upload, UploadBytes, VertexFormat};
pub use tile::read::{LayerReader, Tile};
pub use tile::statistics::{Bounds, Statistics};
pub use tile::why::{ColumnChoices, StreamChoice, why};
pub use tile::write::encode;
pub use wire::trace::Field;
