//! GeoJSON (RFC 7946) in and out: tiles of it, and it of tiles.
//!
//! [`read`] takes a FeatureCollection, single features and geometries, one after the other (each on its
//! line or not), feature by feature. [`TileBuilder`] projects features into a tile, clips them and makes
//! layers of them; [`Writer`] writes layers.
//!
//! ```
//! use covt::geojson::{Options, TileBuilder, read};
//! use covt::{TileCoord, Value};
//!
//! let text = br#"{"type": "Feature", "id": 7, "properties": {"name": "Vaduz"},
//!                 "geometry": {"type": "Point", "coordinates": [9.521, 47.141, 455]}}"#;
//! let tile = TileCoord::new(8, 134, 89).unwrap();
//! let mut builder = TileBuilder::new(tile, Options::default())?;
//! read(&text[..], |feature| builder.add(feature))?;
//! let (layers, _) = builder.finish()?;
//! assert_eq!(layers[0].column("name").unwrap().get(0), Some(Value::String("Vaduz")));
//! # Ok::<(), covt::Error>(())
//! ```
//!
//! # What becomes of what
//!
//! | GeoJSON | tile |
//! |---|---|
//! | `id`, an integer of 0 to 2^64 − 1 | the feature's id; other ids become the property `id` |
//! | `geometry` | the geometry, projected, clipped, rounded to the tile's grid; of a GeometryCollection each one becomes a feature of its own |
//! | third number of positions | heights in metres, rounded to their grid; further numbers are left out |
//! | `properties` | properties: bool, uint, int, double, string, struct, list, map |
//! | `properties.coordinateProperties` | values per vertex: an object of arrays in the form of `coordinates`, a value in place of each position |
//! | `tippecanoe.layer` | the layer; a feature without belongs to [`Options::layer`] |
//! | other members | – |
//!
//! The positions of a feature have heights all or none. A null among the numbers of
//! `coordinateProperties` is not a number (NaN), which is written as null.
//!
//! **Types.** JSON has one type of number and one of object; a column has one of several. All values that
//! the features of a layer have in one place decide: numbers are uint if all are integers not below 0, int
//! if all are integers, else double. (Integers that a double cannot hold stay in a column of their own.)
//! Strings and truth values of one name stand in columns of their own, too. An object is a struct whose
//! fields are those of all objects in its place. It is a map if its path is among [`Options::maps`], or if
//! there are more than eight names, most objects have less than half of them, and all values are of one of the
//! types above. Where the types within lists and objects have nothing in common, JSON text stands for the
//! values, which the report says. Null is no value. On the way back structs and maps are objects, maps whose
//! keys are no strings lists of pairs, and what has no value is left out.
//!
//! **Order.** Polygons turn as RFC 7946 (exterior rings counter-clockwise) and MVT (clockwise as seen)
//! say; a ring that is turned keeps its first vertex.

mod build;
mod clip;
mod coordinates;
mod feature;
mod measures;
mod place;
mod project;
mod read;
mod schema;
mod simplify;
#[cfg(test)]
mod tests;
mod write;

pub use build::{Options, Report, TileBuilder};
pub use feature::{Feature, Geometry};
pub use project::Projection;
pub use read::{read, read_slice};
pub use write::{Form, Unwritten, Writer};

#[cfg(feature = "arrow")]
pub(crate) use clip::Source;
#[cfg(feature = "arrow")]
pub(crate) use place::{Placed, Placer};
