//! Filters in CQL2 text: checked against a dataset's columns, and applied to blocks of rows.
//!
//! `spec/queries.md` has the grammar. Logic is that of SQL: a comparison with a missing value is neither
//! true nor false, and a filter takes the rows of which it is true.

mod bind;
mod like;
mod predicate;

#[cfg(test)]
mod tests;

pub(super) use bind::{bind, find};
pub(super) use predicate::Predicate;
