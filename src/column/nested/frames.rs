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
    fn repetition(&self, entry: usize) -> u32 {
        self.repetition.map_or(0, |levels| levels[entry])
    }

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
            && let Some(level) = told.levels.iter().find(|&&level| level > told.most)
        {
            return Err(Error::inconsistent(
                at,
                format!("a definition level of {level}, above {}", told.most),
            ));
        }
        let Some(repetition) = self.repetition else { return Ok(()) };
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

    /// What the levels say of each column along `path`, outermost first.
    pub(super) fn frames(&self, path: Path, budget: &mut Budget) -> Result<Vec<Frame>> {
        let at = self.at;
        let mut out = budget.vec(path.len(), "levels", at)?;
        let (mut level, mut lists, mut base) = (0, 0, 0);
        for is_list in path.steps() {
            level += 1;
            let begins = |entry| self.repetition(entry) <= lists && self.definition(entry) >= base;
            let begin = || (0..self.entries).filter(|&entry| begins(entry));
            let len = match (self.repetition, self.told) {
                (None, _) if base == 0 => self.entries,
                _ => begin().count(),
            };
            let nulls = match self.told {
                None => None,
                Some(_) => {
                    let mut bits = budget.zeroed::<u8>(len.div_ceil(8), "validity", at)?;
                    for (row, entry) in begin().enumerate() {
                        bits[row / 8] |= u8::from(self.definition(entry) >= level) << (row % 8);
                    }
                    let nulls = NullBuffer::new(BooleanBuffer::new(bits.into(), 0, len));
                    (nulls.null_count() > 0).then_some(nulls)
                }
            };
            let mut offsets = None;
            if is_list {
                let mut ends: Vec<i32> = budget.vec(len + 1, "offsets of lists", at)?;
                let mut elements = 0;
                for entry in 0..self.entries {
                    if begins(entry) {
                        ends.push(elements);
                    }
                    // Fits: there are at most as many elements as entries, which `assemble` limits.
                    elements +=
                        i32::from(self.repetition(entry) <= lists + 1 && self.definition(entry) > level);
                }
                ends.push(elements);
                offsets = Some(offsets::seal(ends));
                level += 1;
                lists += 1;
                base = level;
            }
            out.push(Frame { len, nulls, offsets });
        }
        Ok(out)
    }
}
