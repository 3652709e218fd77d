//! Tests of the crate as a whole.

mod golden;
mod odd_tiles;
mod properties;
mod raw;
mod spec_examples;
mod spec_tables;
