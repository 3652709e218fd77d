//! Columns that others refer to, while a layer is read.

use crate::column::tokens::{Cells, Tokens};
use crate::error::Result;
use crate::limits::Budget;

/// What was read of a layer's columns that later ones may refer to.
pub(super) struct Seen {
    pub(super) tokens: Vec<Option<Tokens>>,
    pub(super) cells: Vec<Option<Cells>>,
}

impl Seen {
    /// For `count` columns.
    pub(super) fn new(count: usize, at: usize, budget: &mut Budget) -> Result<Self> {
        let (mut tokens, mut cells) = (budget.vec(count, "columns", at)?, budget.vec(count, "columns", at)?);
        tokens.resize_with(count, || None);
        cells.resize_with(count, || None);
        Ok(Self { tokens, cells })
    }
}
