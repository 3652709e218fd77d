//! What tests, fuzz targets, benches and the demo share: generators and checks.

pub mod check;
pub mod generate;
pub mod random;

pub use random::Random;
