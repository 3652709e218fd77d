//! Vertices with back references: a run (a line, a ring, or a point) is written, or copied from earlier
//! vertices, forwards or backwards, or a bit of both. Shared borders, roads that meet and lines that occur
//! twice are written once.
//!
//! ```text
//! payload  u8 flags │ [varint onwards] │ [grid] │ [zigzag varint x, y: the start] │ tables and codes │
//!          [lengths of sequences │ sequences of literals but for the first] │ raw bits, the first sequence of
//!          literals … words and states
//! onwards  how many runs at the end are copied onwards, and have no pattern
//! flags    bit 0: runs start from a constant vertex, bit 1: right angles, bit 2: four lanes, bit 3: grid,
//!          bit 4: onwards
//! ```
//!
//! Every run has a pattern, which tells what of it is copied and what is written (see `contexts`); what
//! the patterns leave open follows, one kind of symbols after the other (see `symbols`). Literals, half of a layer's
//! bytes, have a prefix code (see `codes`): a word for the bit lengths of both components, their bits right behind.

mod choose;
mod codes;
mod contexts;
mod copy;
mod fill;
mod grid;
mod join;
mod known;
mod known_codes;
mod literals;
pub(super) mod packed;
mod parse;
mod payload;
mod predict;
mod search;
mod symbols;
mod tables;
mod written;

pub(crate) use payload::{describe, read, write};
pub(crate) use predict::Closed;
