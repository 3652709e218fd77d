//! Tests of the crate as a whole.

mod apart;
mod golden;
mod hostile;
mod layering;
mod odd_tiles;
mod properties;
mod raw;
mod spec_examples;
mod spec_tables;
