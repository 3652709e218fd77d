//! Layers as Arrow's record batches, and record batches as layers.
//!
//! A layer in memory has Arrow's layout already: ids, properties and, in units of the tile, geometries
//! become arrays that share its buffers. Geometries in degrees or metres are GeoArrow's.
//!
//! | file | |
//! |---|---|
//! | `options` | what a batch shall look like, and what is known of one |
//! | `place`, `crs` | from units of a tile to degrees and metres and back, and what those are called |
//! | `wkb` | geometries as well-known binary |
//! | `names` | names of fields, each once |
//! | `decode` | from a layer to a batch |
//! | `encode` | from a batch to a layer |
//! | `predicate`, `scan` | which layers and rows of a tile are wanted, and the least that must be read to know |
//! | `cql2` | predicates as text |
//!
//! ```
//! use covt::arrow::{Coordinates, DecodeOptions, LayerOptions, from_batch, to_batch};
//! use covt::{LayerBuilder, TileCoord, Value};
//!
//! let mut places = LayerBuilder::new("places");
//! places.feature(Some(7), |geometry| Ok(geometry.point(1200, 830)))?;
//! places.property("name", Value::String("Vaduz"))?;
//! let places = places.finish()?;
//!
//! let coordinates = Coordinates::LonLat(TileCoord::new(14, 8625, 5768).unwrap());
//! let batch = to_batch(&places, &DecodeOptions { coordinates, ..DecodeOptions::default() })?;
//! assert_eq!(batch.schema().field(1).metadata()["ARROW:extension:name"], "geoarrow.point");
//!
//! let again = from_batch(&batch, &LayerOptions { coordinates, ..LayerOptions::default() })?;
//! assert_eq!(again.geometry(), places.geometry());
//! # Ok::<(), covt::Error>(())
//! ```

mod cql2;
mod crs;
mod decode;
mod encode;
mod names;
mod options;
mod place;
mod predicate;
mod scan;
mod wkb;

pub use crs::Crs;
pub use decode::{Decoder, to_batch};
pub use encode::from_batch;
pub use options::{
    Coordinates, DecodeOptions, GeometryForm, GeometrySource, IdSource, LayerOptions, MixedKeys,
};
pub use predicate::{Comparison, Literal, Predicate};
pub use scan::{Scan, Scanned, Skipped, Why};

pub(crate) use encode::geometry::walk;
pub(crate) use encode::properties::columns as columns_of;
pub(crate) use encode::{find_geometry, find_ids, ids_of};
pub(crate) use place::to_degrees;
pub(crate) use wkb::{Collect, Vertex, Visit, bounds, type_name};

use arrow_schema::Field;

use crate::error::Error;

/// The keys of metadata of schemas and fields that say what Arrow has no word for.
pub(crate) mod key {
    /// Of a schema: the layer's name, extent and version.
    pub(crate) const LAYER: &str = "covt:layer";
    pub(crate) const EXTENT: &str = "covt:extent";
    pub(crate) const VERSION: &str = "covt:version";
    /// Of a field: what it is, if it is no property: `id`, `geometry`, `measure`, `heights`, in exported
    /// tables also `tile` (the zoom, column or row of the tile that a row is of) and `bbox`.
    pub(crate) const ROLE: &str = "covt:role";
    /// The property's key, where the field has another name.
    pub(crate) const NAME: &str = "covt:name";
    /// `sint` for MVT's `sint_value`.
    pub(crate) const TYPE: &str = "covt:type";
    /// The type of geometries in units of a tile, where all are of one.
    pub(crate) const GEOMETRY: &str = "covt:geometry";
    /// The grid of heights.
    pub(crate) const SCALE: &str = "covt:scale";
    pub(crate) const OFFSET: &str = "covt:offset";
    /// GeoArrow's.
    pub(crate) const EXTENSION: &str = "ARROW:extension:name";
    pub(crate) const EXTENSION_METADATA: &str = "ARROW:extension:metadata";
}

/// What a field is, if it is no property.
pub(crate) fn role(field: &Field) -> Option<&str> {
    field.metadata().get(key::ROLE).map(String::as_str)
}

/// Tells what a field is.
pub(crate) fn with_role(mut field: Field, role: &str) -> Field {
    field.metadata_mut().insert(key::ROLE.to_owned(), role.to_owned());
    field
}

/// Tells what a field is called in the layer, if it has another name.
pub(crate) fn named(mut field: Field, name: &str) -> Field {
    if field.name() != name {
        field.metadata_mut().insert(key::NAME.to_owned(), name.to_owned());
    }
    field
}

/// Whether a field tells where a row is, which an export adds.
pub(crate) fn is_place(field: &Field) -> bool {
    matches!(role(field), Some("bbox" | "tile"))
}

/// The name of a property in the layer.
pub(crate) fn original(field: &Field) -> &str {
    field.metadata().get(key::NAME).map_or(field.name(), String::as_str)
}

/// The field with the extension type of well-known binary.
pub(crate) fn wkb_field(field: &Field, crs: Crs) -> Field {
    let mut field = field.clone();
    field.metadata_mut().extend(extension("geoarrow.wkb", crs));
    field
}

/// The metadata of a GeoArrow extension type.
fn extension(name: &str, crs: Crs) -> [(String, String); 2] {
    let metadata = crs.extension_metadata().to_owned();
    [(key::EXTENSION.to_owned(), name.to_owned()), (key::EXTENSION_METADATA.to_owned(), metadata)]
}

/// What the crate for arrays has against what it was given.
fn refused(error: arrow_schema::ArrowError) -> Error {
    Error::input(error.to_string())
}
