//! Vertices with back references: a run (a line, a ring, or a point) is literals and copies of
//! stretches of earlier vertices, forwards or backwards. Shared borders, roads cut into features
//! and lines that occur twice are written once.
//!
//! ```text
//! payload  u8 flags │ [zigzag varint x, y: the start] │ tables │ varint n │ n words of 16 bits │ raw bits
//! flags    bit 0: runs start from a constant vertex, bit 1: right angles, bit 2: grid (not with 1)
//! tables   per context: 1 bit, whether it occurs; if so its table (see `encoding::rans`)
//! ```
//!
//! One symbol after the other, each with the raw bits that belong to it:
//!
//! ```text
//! until the run is full
//!   S in the context of (position, whether the step before was a copy)
//!   S = 0..=12   a literal: T, [escapes of S and T], [low bits], the raw bits of a and of b
//!   S = 13       copy forwards from q − distance       [length], distance
//!   S = 14       copy backwards from q − distance      [length], distance
//!   S = 15       copy forwards from p                  [length]
//! ```
//!
//! `q` is the number of vertices so far, and `p` follows what is copied: a literal moves it by one,
//! a copy forwards sets it behind the last vertex copied, a copy backwards of n moves it by n.

mod choose;
mod contexts;
pub(super) mod packed;
mod parse;
mod payload;
mod predict;
mod search;
mod symbols;

pub(crate) use payload::{describe, read, write};
pub(crate) use predict::Closed;
