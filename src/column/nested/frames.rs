//! From levels to offsets and validity.
//!
//! An **entry** of a sequence has a repetition level r and a definition level d. A **path** leads from a
//! column down to a leaf. A column on the path has one more value where
//!
//! - r is at most the number of lists above it, so that the entry begins there, and
//! - d is at least the level at which the innermost list above it has an element.
//!
//! Of these values those are not null where d is at least the column's own level.

use crate::array::{BooleanBuffer, NullBuffer, OffsetBuffer, offsets};
use crate::error::{Error, Result};
use crate::limits::Budget;

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
    pub(super) fn level(self) -> u32 {
        self.len + self.lists.count_ones()
    }

    /// How many lists and maps it has.
    fn most_repetition(self) -> u32 {
        self.lists.count_ones()
    }

    /// For each of its lists the definition level of an element.
    fn element_levels(self) -> [u32; 32] {
        let mut out = [0; 32];
        let (mut level, mut list) = (0, 0);
        for is_list in self.steps() {
            level += 1 + u32::from(is_list);
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
    pub(super) levels: &'a [u32],
    pub(super) most: u32,
    /// Where they were read.
    pub(super) at: usize,
}

/// A sequence of levels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Levels<'a> {
    pub(super) entries: usize,
    /// None where no list is above: an entry is a feature.
    pub(super) repetition: Option<&'a [u32]>,
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
    fn definition(&self, entry: usize) -> u32 {
        match self.told {
            Some(told) if told.levels[entry] < told.most => told.levels[entry],
            _ => u32::MAX,
        }
    }

    /// Checks that the levels are some that the values of `rows` features can have along `path`.
    pub(super) fn check(&self, path: Path, rows: usize) -> Result<()> {
        let at = self.told.map_or(self.at, |told| told.at);
        if let Some(told) = self.told
            && told.levels.iter().fold(0, |most, &level| most.max(level)) > told.most
            && let Some(level) = told.levels.iter().find(|&&level| level > told.most)
        {
            return Err(Error::inconsistent(
                at,
                format!("a definition level of {level}, above {}", told.most),
            ));
        }
        let Some(repetition) = self.repetition else { return Ok(()) };
        if self.is_right_below_one_list(repetition, path, rows) {
            return Ok(());
        }
        let most = path.most_repetition();
        let elements = path.element_levels();
        let (mut features, mut before) = (0, 0);
        for (entry, &level) in repetition.iter().enumerate() {
            let definition = self.definition(entry);
            match level {
                0 => features += 1,
                level if level > most => {
                    let what = format!("a repetition level of {level} below {most} lists");
                    return Err(Error::inconsistent(self.at, what));
                }
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
    fn is_right_below_one_list(&self, repetition: &[u32], path: Path, rows: usize) -> bool {
        if path.most_repetition() != 1 || repetition.first().is_some_and(|&level| level != 0) {
            return false;
        }
        let most = repetition.iter().fold(0, |most, &level| most.max(level));
        let features: u64 = repetition.iter().map(|&level| u64::from(level == 0)).sum();
        let without = self.told.is_some_and(|Told { levels, most, .. }| {
            let element = path.element_levels()[0].min(most);
            let pairs = levels.iter().zip(&levels[levels.len().min(1)..]);
            let wrong = pairs.zip(&repetition[repetition.len().min(1)..]);
            wrong.fold(false, |wrong, ((&before, &here), &level)| {
                wrong | ((level != 0) & ((before < element) | (here < element)))
            })
        });
        most <= 1 && features == rows as u64 && !without
    }

    /// What the levels say of each column along `path`, outermost first.
    pub(super) fn frames(&self, path: Path, budget: &mut Budget) -> Result<Vec<Frame>> {
        let at = self.at;
        let mut out = budget.vec(path.len(), "levels", at)?;
        // Entries where the innermost list so far has no element have nothing more to say.
        let mut kept: Option<(Vec<u32>, Vec<u32>)> = None;
        let (mut level, mut lists) = (0, 0);
        for (step, is_list) in path.steps().enumerate() {
            level += 1;
            // Below the last list, each entry is a value.
            let repetition = self.repetition.filter(|_| lists < path.most_repetition());
            let entries = match &kept {
                Some((kept, definition)) => Entries {
                    count: definition.len(),
                    repetition: repetition.map(|_| &kept[..]),
                    definition: Some(definition),
                },
                None => {
                    Entries { count: self.entries, repetition, definition: self.told.map(|told| told.levels) }
                }
            };
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

/// Entries that have something to say of a column, in order. Loops over them are without branches that
/// depend on the levels.
struct Entries<'a> {
    count: usize,
    repetition: Option<&'a [u32]>,
    /// None: all are full.
    definition: Option<&'a [u32]>,
}

impl Entries<'_> {
    /// How many values of a column below so many lists begin.
    fn beginning(&self, lists: u32) -> usize {
        match self.repetition {
            None => self.count,
            Some(levels) => levels.iter().map(|&level| u64::from(level <= lists)).sum::<u64>() as usize,
        }
    }

    /// Which of `len` values, that of a column below so many lists, are null: those whose definition level is
    /// below `there`.
    fn nulls(
        &self,
        lists: u32,
        there: u32,
        len: usize,
        at: usize,
        budget: &mut Budget,
    ) -> Result<Option<NullBuffer>> {
        let Some(definition) = self.definition else { return Ok(None) };
        let mut bytes: Vec<u8> = budget.vec((len / 64 + 1) * 8, "validity", at)?;
        let (mut word, mut row) = (0u64, 0);
        let mut value = |begins: bool, level: u32| {
            word |= u64::from(begins & (level >= there)) << (row % 64);
            row += usize::from(begins);
            if begins && row % 64 == 0 {
                bytes.extend_from_slice(&std::mem::take(&mut word).to_le_bytes());
            }
        };
        match self.repetition {
            None => definition.iter().for_each(|&level| value(true, level)),
            Some(repetition) => {
                repetition.iter().zip(definition).for_each(|(&first, &level)| value(first <= lists, level));
            }
        }
        bytes.extend_from_slice(&word.to_le_bytes());
        bytes.truncate(len.div_ceil(8));
        let nulls = NullBuffer::new(BooleanBuffer::new(bytes.into(), 0, len));
        Ok((nulls.null_count() > 0).then_some(nulls))
    }

    /// Where the elements of `len` lists, which have so many lists around them, start and end; there is an
    /// element where the definition level is at least `element`.
    fn offsets(
        &self,
        lists: u32,
        element: u32,
        len: usize,
        at: usize,
        budget: &mut Budget,
    ) -> Result<OffsetBuffer<i32>> {
        // Where the next list starts is written again and again until one begins.
        let mut ends: Vec<i32> = budget.zeroed(len + 1, "offsets of lists", at)?;
        let (mut row, mut elements) = (0, 0);
        let mut entry = |first: u32, level: u32| {
            ends[row] = elements;
            row += usize::from(first <= lists);
            // Fits: there are at most as many elements as entries, which `assemble` limits.
            elements += i32::from((first <= lists + 1) & (level >= element));
        };
        match (self.repetition, self.definition) {
            (None, None) => (0..self.count).for_each(|_| entry(0, element)),
            (None, Some(definition)) => definition.iter().for_each(|&level| entry(0, level)),
            (Some(repetition), None) => repetition.iter().for_each(|&first| entry(first, element)),
            (Some(repetition), Some(definition)) => {
                repetition.iter().zip(definition).for_each(|(&first, &level)| entry(first, level));
            }
        }
        ends[row] = elements;
        Ok(offsets::seal(ends))
    }

    /// The levels, those of repetition if there are more lists, of the entries whose definition level is at
    /// least `base`, if these are not all.
    fn above(
        &self,
        base: u32,
        more_lists: bool,
        at: usize,
        budget: &mut Budget,
    ) -> Result<Option<(Vec<u32>, Vec<u32>)>> {
        let Some(definition) = self.definition else { return Ok(None) };
        let count = definition.iter().map(|&level| u64::from(level >= base)).sum::<u64>() as usize;
        if count == definition.len() {
            return Ok(None);
        }
        let mut kept = |levels: &[u32]| -> Result<Vec<u32>> {
            let mut out: Vec<u32> = budget.zeroed(count + 1, "levels", at)?;
            let mut next = 0;
            for (&own, &level) in levels.iter().zip(definition) {
                out[next] = own;
                next += usize::from(level >= base);
            }
            out.truncate(count);
            Ok(out)
        };
        let repetition = self.repetition.filter(|_| more_lists).map_or(Ok(Vec::new()), &mut kept)?;
        Ok(Some((repetition, kept(definition)?)))
    }
}
