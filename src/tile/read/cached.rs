//! Columns read one after the other, each dictionary and each column that others refer to once.

use super::seen::Seen;
use super::{Dictionaries, LayerReader};
use crate::column::Column;
use crate::error::Result;
use crate::limits::Budget;
use crate::tile::links::Need;

/// What was read of a layer that its columns have in common.
pub(crate) struct Cache {
    dictionaries: Dictionaries,
    seen: Seen,
}

impl LayerReader<'_> {
    /// A cache for the columns of this layer.
    pub(crate) fn cache(&self, budget: &mut Budget) -> Result<Cache> {
        let count = self.entry.columns.len();
        let at = self.entry.columns.first().map_or(0, |column| column.range().start);
        Ok(Cache { dictionaries: budget.zeroed(count, "columns", at)?, seen: Seen::new(count, at, budget)? })
    }

    /// [`Self::column_at`], of a property, with what was read before.
    pub(crate) fn column_cached(
        &self,
        number: usize,
        cache: &mut Cache,
        budget: &mut Budget,
    ) -> Result<Column> {
        let Cache { dictionaries, seen } = cache;
        for (other, need) in self.entry.needs(number).into_iter().filter(|&(other, _)| other < number) {
            match need {
                Need::Values if seen.cells[other].is_none() => {
                    self.decode_column(other, None, dictionaries, seen, budget)?;
                }
                Need::Tokens if seen.tokens[other].is_none() => self.tokens(other, seen, budget)?,
                _ => {}
            }
        }
        self.decode_column(number, None, dictionaries, seen, budget)
    }
}
