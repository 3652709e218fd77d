//! What tests, fuzz targets, benches and the demo share: generators, checks,
//! and the way to real tiles.

pub mod check;
#[cfg(not(target_arch = "wasm32"))]
pub mod encodings;
pub mod corpus;
pub mod generate;
pub mod random;

pub use random::Random;
