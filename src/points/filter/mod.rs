//! Filters in CQL2 text: read, checked against a dataset's columns, and applied to blocks of rows.
//!
//! `spec/queries.md` has the grammar. Logic is that of SQL: a comparison with a missing value is neither
//! true nor false, and a filter takes the rows of which it is true.

mod bind;
mod lex;
mod like;
mod parse;
mod predicate;
pub(super) mod time;

#[cfg(test)]
mod tests;

pub(super) use bind::{bind, find};
pub(super) use parse::parse;
pub(super) use predicate::Predicate;
