//! Mapbox Vector Tiles: reading, writing and comparing them.
//!
//! [`read()`] makes [layers](crate::Layer) of the bytes of a tile and [`write()`] makes bytes of
//! layers. Nothing that MVT gives a meaning to is lost on the way there and back, also in tiles that
//! break the specification's rules; what cannot be kept is refused. [`compare()`] proves it for a
//! tile: it looks at the messages themselves, not at layers. What MVT cannot hold, [`reduce()`] flattens or
//! drops, and reports. `spec/mvt.md` says how each thing maps.

mod compare;
mod describe;
mod geometry;
mod pairs;
mod properties;
mod proto;
mod read;
mod reduce;
mod tables;
mod transcode;
mod values;
mod wire;
mod write;
mod writer;

#[cfg(test)]
mod tests;

pub use crate::column::json::text as json_text;
pub use compare::{Difference, compare, compare_reordered};
pub use describe::{Description, LayerDescription, Part, describe};
pub use read::{Dropped, read, read_within};
pub use reduce::{Beyond, Reduced, reduce};
pub use transcode::{from_covt, reduce_covt, to_covt};
pub use write::write;
