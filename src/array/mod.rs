//! Arrow's memory layout: offsets that never decrease, validity bitmaps, UTF-8 with offsets.
//!
//! The buffers are those of the crate `arrow-buffer`, so that a record batch takes them over
//! without a copy.

pub(crate) mod bitmap;
pub(crate) mod offsets;
pub(crate) mod utf8;

pub use arrow_buffer::{BooleanBuffer, NullBuffer, OffsetBuffer, ScalarBuffer};
pub use utf8::Utf8;
