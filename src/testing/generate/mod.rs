//! Generators: small random layers that try everything a layer can hold, every way to encode them,
//! a tileset that looks like a real one, tiles of roads and countries with what MVT has not, and points as well.

mod columns;
mod cut;
mod geometry;
pub mod json_strings;
pub mod layers;
pub mod natural_earth;
mod nested;
pub mod options;
pub mod roads;
pub mod tileset;
pub mod trips;
#[cfg(feature = "points")]
pub mod trips_file;
mod world;
