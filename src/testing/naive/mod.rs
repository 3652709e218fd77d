//! Naive twins: each encoding read the slow and obvious way, after the specification and with none
//! of the codec's code, bit by bit and value by value. What the fast way reads must be the same.

mod bytes;
mod entropy;
mod ints;
#[cfg(test)]
mod levels;
#[cfg(test)]
pub(crate) mod measures;
mod payload;
mod statistics;

pub(crate) use bytes::bytes;
pub(crate) use ints::ints;
#[cfg(test)]
pub(crate) use levels::levels;
pub(crate) use statistics::{id_statistics, statistics};
