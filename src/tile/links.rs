//! What columns need of others of their layer.

use super::directory::{ColumnEntry, LayerEntry};
use crate::column::ColumnKind;
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::stream::{Role, StreamEntry};

/// What a column needs of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need {
    Tokens,
    Values,
}

impl LayerEntry {
    /// The streams that column `number` is decoded from: its own, and those that others have of what it
    /// refers to; a dictionary's perhaps several times.
    ///
    /// # Panics
    /// If there is no such column.
    pub fn streams_of(&self, number: usize) -> Vec<&StreamEntry> {
        // Of ids that are hashes, those of the property first.
        let mut out = self.columns[number].hash.map_or(Vec::new(), |hash| self.streams_of(hash.column));
        for (number, need) in self.needs(number) {
            match need {
                Need::Tokens => out.extend(self.columns[number].tokens()),
                Need::Values => self.add_streams(&self.columns[number], &mut out),
            }
        }
        out
    }

    /// Adds the streams of a column, of those within, and of the dictionaries they name.
    fn add_streams<'a>(&'a self, column: &'a ColumnEntry, out: &mut Vec<&'a StreamEntry>) {
        out.extend(&column.streams);
        column.dictionary.iter().for_each(|&number| out.extend(&self.columns[number].streams));
        column.children.iter().for_each(|child| self.add_streams(child, out));
    }

    /// The property columns that column `number` needs, itself the last of them.
    pub(crate) fn needs(&self, number: usize) -> Vec<(usize, Need)> {
        let mut needs = vec![None; number + 1];
        needs[number] = Some(Need::Values);
        for number in (0..=number).rev() {
            let Some((need, tokens)) = needs[number].zip(self.columns[number].tokens()) else { continue };
            if let Some(context) = tokens.context() {
                needs[context] = needs[context].max(Some(Need::Tokens));
            }
            if need == Need::Values {
                tokens.references().for_each(|other| needs[other] = Some(Need::Values));
            }
        }
        (0..).zip(needs).filter_map(|(number, need)| need.map(|need| (number, need))).collect()
    }
}

impl ColumnEntry {
    /// The stream of tokens, if the column has one.
    pub(crate) fn tokens(&self) -> Option<&StreamEntry> {
        self.streams.last().filter(|stream| stream.role() == Role::Tokens)
    }

    /// Gives a borrowed dictionary the streams of the one that lends it, in one of the layers before.
    pub(super) fn borrow(&mut self, layers: &[LayerEntry], at: usize, budget: &mut Budget) -> Result<()> {
        let Some((layer, column)) = self.lender else { return Ok(()) };
        let lender = layers.get(layer).and_then(|layer| layer.columns.get(column));
        let lender = lender.filter(|lender| lender.kind == ColumnKind::SharedDictionary);
        let lender = lender.ok_or_else(|| {
            let what = format!("column {column} of layer {layer} is no shared dictionary before");
            Error::inconsistent(at, what)
        })?;
        budget.charge(size_of_val(&lender.streams[..]), "directory", at)?;
        self.streams = lender.streams.clone();
        Ok(())
    }

    /// Checks that what ids are hashes of are strings of a property among the `columns` of the layer.
    pub(super) fn check_hash(&self, columns: &[Self], at: usize) -> Result<()> {
        let strings = [ColumnKind::String, ColumnKind::StringDictionary, ColumnKind::SharedString];
        match self.hash.map(|hash| (hash.column, columns.get(hash.column))) {
            Some((number, other)) if other.is_none_or(|other| !strings.contains(&other.kind)) => {
                Err(Error::inconsistent(
                    at,
                    format!("ids that are hashes of column {number}, which has no strings"),
                ))
            }
            _ => Ok(()),
        }
    }

    /// Checks what tokens refer to in the columns `before`: strings of the same dictionary, and tokens.
    pub(super) fn check_links(&self, before: &[Self], at: usize) -> Result<()> {
        let Some(tokens) = self.tokens() else { return Ok(()) };
        let strings = |number: usize| {
            let other = &before[number];
            self.dictionary.is_some() && other.dictionary == self.dictionary
        };
        if !tokens.references().all(strings) {
            return Err(Error::inconsistent(
                at,
                "a reference to a column that has no strings of the same dictionary",
            ));
        }
        if tokens.context().is_some_and(|number| before[number].tokens().is_none()) {
            return Err(Error::inconsistent(at, "a context without tokens"));
        }
        if self.streams[0].role() == Role::Present {
            return Err(Error::inconsistent(at, "a present stream beside tokens"));
        }
        Ok(())
    }
}
