//! Checks: one function each for a property that must hold for all layers, or all bytes. Property
//! tests, fuzz targets and benches call them; they panic, saying what is wrong, where it does not
//! hold.

mod budget;
mod decode;
pub(crate) mod describe;
mod mvt;
mod reordered;
mod round_trip;
mod same;
mod streams;

pub use decode::decode_any;
pub use mvt::mvt_any;
pub use reordered::same_reordered;
pub use round_trip::{round_trip, round_trip_any};
pub use same::{
    same_column, same_features, same_geometry, same_heights, same_ids, same_layer, same_layers, same_measure,
};
pub use streams::{stream_seeds, streams_any};
