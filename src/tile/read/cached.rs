//! Columns read one after the other, each dictionary and each column that others refer to once.

use super::seen::Seen;
use super::{Dictionaries, LayerReader};
use crate::array::NullBuffer;
use crate::column::Values;
use crate::error::Result;
use crate::limits::Budget;
use crate::tile::links::Need;

/// What was read of a layer that its columns have in common.
pub(crate) struct Cache {
    dictionaries: Dictionaries,
    seen: Seen,
}

impl LayerReader<'_> {
    fn cache(&self, budget: &mut Budget) -> Result<Cache> {
        let seen = Seen::new(self.entry.columns.len(), self.offset(), budget)?;
        Ok(Cache { dictionaries: Dictionaries::new(), seen })
    }

    /// The values of [`Self::column_at`], of a property, with what was read of this layer before, if anything was.
    pub(crate) fn values_cached(
        &self,
        number: usize,
        cache: &mut Option<Cache>,
        budget: &mut Budget,
    ) -> Result<(Values, Option<NullBuffer>)> {
        let Cache { dictionaries, seen } = match cache {
            Some(cache) => cache,
            None => cache.insert(self.cache(budget)?),
        };
        let is_known = self.entry.columns[number].tokens().is_none_or(|tokens| {
            tokens.context().is_none_or(|other| seen.tokens[other].is_some())
                && tokens.references().all(|other| seen.cells[other].is_some())
        });
        if !is_known {
            let needs = self.entry.needs(number).into_iter();
            for (other, need) in needs.filter(|&(other, _)| other < number) {
                match need {
                    Need::Values if seen.cells[other].is_none() => {
                        self.decode_values(other, dictionaries, seen, budget)?;
                    }
                    Need::Tokens if seen.tokens[other].is_none() => self.tokens(other, seen, budget)?,
                    _ => {}
                }
            }
        }
        self.decode_values(number, dictionaries, seen, budget)
    }
}
