//! From levels to offsets and validity.
//!
//! An **entry** of a sequence has a repetition level r and a definition level d. A **path** leads from a
//! column down to a leaf. A column on the path has one more value where
//!
//! - r is at most the number of lists above it, so that the entry begins there, and
//! - d is at least the level at which the innermost list above it has an element.
//!
//! Of these values those are not null where d is at least the column's own level.

use super::entries::{Entries, Kept};
use crate::array::{NullBuffer, OffsetBuffer};
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::wire::bytes::Eight;

/// The columns from a nested column down to one within: which of them are lists or maps.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Path {
    lists: u32,
    len: u32,
}

impl Path {
    /// The path one column further down.
    pub(super) fn then(self, is_list: bool) -> Self {
        Self { lists: self.lists | u32::from(is_list) << self.len, len: self.len + 1 }
    }

    /// How many columns it has.
    pub(super) fn len(self) -> usize {
        self.len as usize
    }

    fn steps(self) -> impl Iterator<Item = bool> {
        (0..self.len).map(move |step| self.lists >> step & 1 == 1)
    }

    /// The definition level at which there is everything down to its end: a value, or in a list an
    /// element.
    pub(super) fn level(self) -> u8 {
        // At most twice the depth of nested columns.
        (self.len + self.lists.count_ones()) as u8
    }

    /// How many lists and maps it has.
    pub(super) fn most_repetition(self) -> u8 {
        self.lists.count_ones() as u8
    }

    /// For each of its lists the definition level of an element.
    fn element_levels(self) -> [u8; 32] {
        let mut out = [0; 32];
        let (mut level, mut list) = (0, 0);
        for is_list in self.steps() {
            level += 1 + u8::from(is_list);
            if is_list {
                out[list] = level;
                list += 1;
            }
        }
        out
    }
}

/// Definition levels up to `most`, which says that everything is there, also further down.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told<'a> {
    pub(super) levels: &'a [Eight],
    pub(super) most: u8,
    /// Where they were read.
    pub(super) at: usize,
}

/// A sequence of levels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Levels<'a> {
    pub(super) entries: usize,
    /// None where no list is above: an entry is a feature.
    pub(super) repetition: Option<&'a [Eight]>,
    /// None where everything is there.
    pub(super) told: Option<Told<'a>>,
    /// Where the sequence was read.
    pub(super) at: usize,
}

/// What levels say of a column on their path.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Frame {
    /// The number of its values, also of those that are null.
    pub(super) len: usize,
    pub(super) nulls: Option<NullBuffer>,
    /// Of a list or map: where the elements of each value start and end.
    pub(super) offsets: Option<OffsetBuffer<i32>>,
}

impl Levels<'_> {
    #[inline]
    fn definition(&self, entry: usize) -> u8 {
        match self.told {
            Some(told) if told.levels.as_flattened()[entry] < told.most => told.levels.as_flattened()[entry],
            _ => u8::MAX,
        }
    }

    /// Checks that the levels, each of which is one that there is, are some that the values of `rows` features can
    /// have along `path`.
    pub(super) fn check(&self, path: Path, rows: usize) -> Result<()> {
        let at = self.told.map_or(self.at, |told| told.at);
        let Some(repetition) = self.repetition else { return Ok(()) };
        let repetition = &repetition.as_flattened()[..self.entries];
        if self.is_right_below_one_list(repetition, path, rows) {
            return Ok(());
        }
        let elements = path.element_levels();
        let (mut features, mut before) = (0, 0);
        for (entry, &level) in repetition.iter().enumerate() {
            let definition = self.definition(entry);
            match level {
                0 => features += 1,
                _ if entry == 0 => {
                    return Err(Error::inconsistent(
                        self.at,
                        "repetition levels that begin within a feature",
                    ));
                }
                // One more element of a list needs an element before, and must be one itself.
                level => {
                    let element = elements[level as usize - 1];
                    if before < element || definition < element {
                        return Err(Error::inconsistent(at, "a further element of a list that has none"));
                    }
                }
            }
            before = definition;
        }
        if features != rows {
            return Err(Error::inconsistent(self.at, format!("levels of {features} features, not {rows}")));
        }
        Ok(())
    }

    /// Whether the levels, of entries below a single list, are right, by loops without branches.
    fn is_right_below_one_list(&self, repetition: &[u8], path: Path, rows: usize) -> bool {
        if path.most_repetition() != 1 || repetition.first().is_some_and(|&level| level != 0) {
            return false;
        }
        let entries = Entries { count: self.entries, repetition: self.repetition, definition: None };
        let features = entries.beginning(0);
        let without = self.told.is_some_and(|Told { levels, most, .. }| {
            let levels = &levels.as_flattened()[..repetition.len()];
            let element = path.element_levels()[0].min(most);
            let pairs = levels.iter().zip(&levels[levels.len().min(1)..]);
            let wrong = pairs.zip(&repetition[repetition.len().min(1)..]);
            let wrong = wrong.fold(0, |wrong, ((&before, &here), &level)| {
                wrong | (u8::from(level != 0) & u8::from(before.min(here) < element))
            });
            features < self.entries && wrong != 0
        });
        features == rows && !without
    }

    /// What the levels say of each column along `path`, outermost first.
    pub(super) fn frames(&self, path: Path, budget: &mut Budget) -> Result<Vec<Frame>> {
        let at = self.at;
        let mut out = budget.vec(path.len(), "levels", at)?;
        // Entries where the innermost list so far has no element have nothing more to say.
        let mut kept: Option<Kept> = None;
        let (mut level, mut lists) = (0, 0);
        for (step, is_list) in path.steps().enumerate() {
            level += 1;
            let (count, repetition, definition) = match &kept {
                Some(kept) => (kept.count, kept.repetition.as_deref(), Some(&kept.definition[..])),
                None => (self.entries, self.repetition, self.told.map(|told| told.levels)),
            };
            // Below the last list, each entry is a value.
            let repetition = repetition.filter(|_| lists < path.most_repetition());
            let entries = Entries { count, repetition, definition };
            // What is full is so further down as well.
            let full = self.told.map_or(0, |told| told.most);
            let len = entries.beginning(lists);
            let nulls = entries.nulls(lists, level.min(full), len, at, budget)?;
            let mut offsets = None;
            if is_list {
                offsets = Some(entries.offsets(lists, (level + 1).min(full), len, at, budget)?);
                level += 1;
                lists += 1;
                let next = match step + 1 < path.len() {
                    true => entries.above(level.min(full), lists < path.most_repetition(), at, budget)?,
                    false => None,
                };
                kept = next.or(kept);
            }
            out.push(Frame { len, nulls, offsets });
        }
        Ok(out)
    }
}
