//! Generators: small random layers that try everything a layer can hold.

mod columns;
mod geometry;
pub mod layers;
