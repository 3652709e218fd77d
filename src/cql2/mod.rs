//! Filters in CQL2 text as they are written; `spec/queries.md` has the grammar.

mod lex;
mod parse;
pub(crate) mod time;

#[cfg(feature = "points")]
pub(crate) use parse::Operation;
pub(crate) use parse::{Comparison, Expression, Operand, parse};
