//! What a record batch shall look like, and what is known of one.

use crate::coord::TileCoord;

/// What the coordinates of geometries are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Coordinates {
    /// Units of the tile: integers, x to the right, y down, rings open, as the codec has them. Arrays of
    /// them share its buffers, and have no extension name, for they are no GeoArrow. A layer of points
    /// is a list of two integers per feature, one of lines a list of these, and so on; one of several
    /// kinds has structs of a type and of parts, rings and vertices.
    #[default]
    Tile,
    /// Degrees, longitude first (OGC:CRS84), of the tile at this place.
    LonLat(TileCoord),
    /// Metres of Web Mercator (EPSG:3857), of the tile at this place.
    Mercator(TileCoord),
}

/// How GeoArrow holds geometries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GeometryForm {
    /// Point, linestring, polygon or multi* where a layer holds one kind (or a kind and its multi), else
    /// well-known binary.
    #[default]
    NativeOrWkb,
    /// The same, else a union (`geoarrow.geometry`).
    NativeOrUnion,
    /// Always well-known binary, so that the schema is the same for all tiles.
    Wkb,
}

/// What becomes of a key whose values are of several types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MixedKeys {
    /// A field for each type: the first has the key as its name, the others `key:type`.
    #[default]
    Columns,
    /// A dense union, where no feature has the key twice; else columns.
    Union,
}

/// How a layer becomes a record batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DecodeOptions {
    /// What the coordinates are.
    pub coordinates: Coordinates,
    /// How geometries are held, unless in units of the tile.
    pub geometries: GeometryForm,
    /// What becomes of keys with values of several types.
    pub mixed: MixedKeys,
}

/// Where a batch has its geometries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum GeometrySource {
    /// In the first field that says so: by its role, or an extension name of GeoArrow; else in one named
    /// `geometry` or `geom`.
    #[default]
    Auto,
    /// In the field of that name.
    Column(String),
    /// As points, in two fields of numbers, which do not become properties.
    Points {
        /// Longitude, metres to the east, or units to the right.
        x: String,
        /// Latitude, metres to the north, or units down.
        y: String,
    },
}

/// Where a batch has the ids of features.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum IdSource {
    /// In the field that says so by its role, else in one named `id` of unsigned integers.
    #[default]
    Auto,
    /// In the field of that name, of integers none of which is negative.
    Column(String),
    /// Nowhere.
    None,
}

/// How a record batch becomes a layer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LayerOptions {
    /// The layer's name; none for what the schema's metadata say, else `layer`.
    pub name: Option<String>,
    /// The number of units along a side of the tile; none for what the metadata say, else 4096.
    pub extent: Option<u32>,
    /// What the coordinates are; features are not cut at the tile's border.
    pub coordinates: Coordinates,
    /// Where the geometries are.
    pub geometry: GeometrySource,
    /// Where the ids are.
    pub ids: IdSource,
}
