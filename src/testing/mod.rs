//! What tests, fuzz targets, benches and the demo share: generators, checks,
//! and the way to real tiles.

pub mod check;
pub mod corpus;
#[cfg(not(target_arch = "wasm32"))]
pub mod encodings;
pub mod generate;
#[cfg(test)]
pub(crate) mod ids;
pub(crate) mod naive;
pub mod random;
#[cfg(test)]
pub(crate) mod raw_tile;

pub use random::Random;
