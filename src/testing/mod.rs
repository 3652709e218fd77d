//! What tests, fuzz targets, benches and the demo share: generators and checks.

pub mod check;
#[cfg(not(target_arch = "wasm32"))]
pub mod encodings;
pub mod generate;
pub mod random;

pub use random::Random;
