//! Loops over levels, which stand in a byte each: eight at a time, without branches that depend on them.

use crate::array::{BooleanBuffer, NullBuffer, OffsetBuffer, offsets};
use crate::error::Result;
use crate::limits::Budget;
use crate::wire::bytes::{Eight, at_least, before, bits, bits_of, count, splat};

/// A repetition level with which nothing begins: it stands behind the last entry, where definition levels are 0.
pub(super) const BEHIND: u8 = 127;

/// Entries that have something to say of a column, in order.
pub(super) struct Entries<'a> {
    pub(super) count: usize,
    /// None: each begins.
    pub(super) repetition: Option<&'a [Eight]>,
    /// None: all are full.
    pub(super) definition: Option<&'a [Eight]>,
}

impl Entries<'_> {
    /// How many values of a column below so many lists begin.
    pub(super) fn beginning(&self, lists: u8) -> usize {
        match self.repetition {
            None => self.count,
            Some(levels) => count(levels.as_flattened(), |level| level <= lists),
        }
    }

    /// Which of `len` values, that of a column below so many lists, are null: those whose definition level is
    /// below `there`, which is not 0.
    pub(super) fn nulls(
        &self,
        lists: u8,
        there: u8,
        len: usize,
        at: usize,
        budget: &mut Budget,
    ) -> Result<Option<NullBuffer>> {
        let Some(definition) = self.definition else { return Ok(None) };
        // As a rule where there are only elements.
        if self.repetition.is_none() && count(definition.as_flattened(), |level| level >= there) == self.count
        {
            return Ok(None);
        }
        let mut bytes: Vec<u8> = budget.vec((len / 64 + 1) * 8, "validity", at)?;
        match self.repetition {
            Some(repetition) if len < self.count => {
                let (mut word, mut filled) = (0, 0);
                for (first, levels) in repetition.chunks(8).zip(definition.chunks(8)) {
                    let begins = bits_of(first, |first| at_least(first, lists + 1) ^ splat(1));
                    let valid = match bits_of(levels, |levels| at_least(levels, there)) {
                        0 => 0,
                        valid => compress(valid, begins),
                    };
                    word |= valid << filled;
                    let end = filled + begins.count_ones();
                    if end >= 64 {
                        bytes.extend_from_slice(&u64::to_le_bytes(word));
                        word = valid.checked_shr(64 - filled).unwrap_or(0);
                    }
                    filled = end % 64;
                }
                bytes.extend_from_slice(&word.to_le_bytes());
            }
            _ => bytes.extend(definition.iter().map(|&levels| bits(at_least(levels, there)))),
        }
        bytes.truncate(len.div_ceil(8));
        let nulls = NullBuffer::new(BooleanBuffer::new(bytes.into(), 0, len));
        Ok((nulls.null_count() > 0).then_some(nulls))
    }

    /// Where the elements of `len` lists, which have so many lists around them, start and end; there is an
    /// element where the definition level is at least `element`, which is not 0.
    pub(super) fn offsets(
        &self,
        lists: u8,
        element: u8,
        len: usize,
        at: usize,
        budget: &mut Budget,
    ) -> Result<OffsetBuffer<i32>> {
        let mut ends: Vec<i32> = budget.zeroed(len + 1 + 8, "offsets of lists", at)?;
        let (mut row, mut elements) = (0, 0);
        for place in 0..self.count.div_ceil(8) {
            // Levels that are not told are as high as can be.
            let first = self.repetition.map_or([0; 8], |levels| levels[place]);
            let definition = self.definition.map_or([BEHIND; 8], |levels| levels[place]);
            let (rows, begins) = before(at_least(first, lists + 1) ^ splat(1));
            let there = at_least(definition, element) & !at_least(first, lists + 2);
            let (sums, more) = before(there);
            let ends: &mut [i32; 8] = ends[row..].first_chunk_mut().expect("room behind the last");
            if begins == 0 {
                // The next one that begins tells where those before it end.
            } else if there == 0 || begins == 8 {
                *ends = sums.map(|sum| elements + i32::from(sum));
            } else {
                // Where the next list starts is written again and again until one begins.
                for (row, sum) in rows.into_iter().zip(sums) {
                    ends[usize::from(row & 7)] = elements + i32::from(sum);
                }
            }
            // Fits: there are at most as many elements as entries, which `assemble` limits.
            (row, elements) = (row + begins, elements + more as i32);
        }
        // Without repetition levels, entries end where rows do, and full ones have an element each.
        let elements = match self.repetition {
            None if self.definition.is_none() => self.count as i32,
            _ => elements,
        };
        ends[len] = elements;
        ends.truncate(len + 1);
        Ok(offsets::seal(ends))
    }

    /// The levels, those of repetition if there are more lists, of the entries whose definition level is at
    /// least `base`, if these are not all, and how many they are.
    pub(super) fn above(
        &self,
        base: u8,
        more_lists: bool,
        at: usize,
        budget: &mut Budget,
    ) -> Result<Option<Kept>> {
        let Some(definition) = self.definition else { return Ok(None) };
        let count = count(definition.as_flattened(), |level| level >= base);
        if count == self.count {
            return Ok(None);
        }
        let mut kept = |levels: &[Eight], behind: u8| -> Result<Vec<Eight>> {
            let mut out: Vec<Eight> = budget.zeroed(count / 8 + 2, "levels", at)?;
            let bytes = out.as_flattened_mut();
            let mut next = 0;
            for (own, &definition) in levels.iter().zip(definition) {
                let (places, more) = before(at_least(definition, base));
                if more == 0 {
                    continue;
                }
                let window: &mut Eight = bytes[next..].first_chunk_mut().expect("room behind the last");
                for (&level, place) in own.iter().zip(places) {
                    window[usize::from(place & 7)] = level;
                }
                next += more;
            }
            bytes[count..].fill(behind);
            out.truncate(count.div_ceil(8));
            Ok(out)
        };
        let repetition =
            self.repetition.filter(|_| more_lists).map(|levels| kept(levels, BEHIND)).transpose()?;
        Ok(Some(Kept { count, repetition, definition: kept(definition, 0)? }))
    }
}

/// Levels of some of the entries.
pub(super) struct Kept {
    pub(super) count: usize,
    pub(super) repetition: Option<Vec<Eight>>,
    pub(super) definition: Vec<Eight>,
}

/// The bits of `word` where `mask` has a bit, moved together to the lowest ones: in six steps, of which each
/// moves by one more power of two those bits that have it in the number of zeros of the mask below them.
/// After Hacker's Delight, 7-4.
fn compress(word: u64, mut mask: u64) -> u64 {
    let mut word = word & mask;
    // The zeros below each bit.
    let mut zeros = !mask << 1;
    for step in 0..6 {
        let mut odd = zeros ^ zeros << 1;
        for shift in [2, 4, 8, 16, 32] {
            odd ^= odd << shift;
        }
        let moved = odd & mask;
        mask = mask ^ moved | moved >> (1 << step);
        let bits = word & moved;
        word = word ^ bits | bits >> (1 << step);
        zeros &= !odd;
    }
    word
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Levels eight by eight, with `behind` behind the last.
    fn eights(levels: &[u8], behind: u8) -> Vec<Eight> {
        let eight = |some: &[u8]| std::array::from_fn(|place| some.get(place).copied().unwrap_or(behind));
        levels.chunks(8).map(eight).collect()
    }

    proptest! {
        #[test]
        fn bits_are_moved_together(word: u64, mask: u64) {
            let places = (0..64).filter(|place| mask >> place & 1 == 1);
            let expected = places.zip(0..).fold(0, |out, (place, next)| out | (word >> place & 1) << next);
            prop_assert_eq!(compress(word, mask), expected);
            prop_assert_eq!(compress(word, u64::MAX), word);
        }

        /// Against loops over one entry after the other.
        #[test]
        fn loops_do_what_one_by_one_does(
            levels in prop::collection::vec((0..3u8, 0..6u8), 0..300),
            dense: bool,
            told: bool,
            repeated: bool,
            lists in 0..2u8,
            there in 1..6u8,
        ) {
            let repetition: Vec<u8> = levels.iter().map(|&(level, _)| if repeated { level } else { 0 }).collect();
            let definition: Vec<u8> = levels.iter().map(|&(_, level)| if dense { level | 4 } else { level }).collect();
            let (first, full) = (eights(&repetition, BEHIND), eights(&definition, 0));
            let entries = Entries {
                count: levels.len(),
                repetition: repeated.then_some(&first[..]),
                definition: told.then_some(&full[..]),
            };
            let mut budget = Budget::default();
            let level = |entry: usize| if told { definition[entry] } else { BEHIND };
            let begins = |entry: &usize| repetition[*entry] <= lists;
            let beginning: Vec<usize> = (0..levels.len()).filter(begins).collect();
            prop_assert_eq!(entries.beginning(lists), beginning.len());

            let valid: Vec<bool> = beginning.iter().map(|&entry| level(entry) >= there).collect();
            let nulls = entries.nulls(lists, there, beginning.len(), 0, &mut budget).unwrap();
            prop_assert_eq!(nulls, valid.contains(&false).then(|| NullBuffer::from(valid)));

            let (mut offsets, mut elements) = (Vec::new(), 0);
            for (entry, &first) in repetition.iter().enumerate() {
                if first <= lists {
                    offsets.push(elements);
                }
                elements += i32::from(first <= lists + 1 && level(entry) >= there);
            }
            offsets.push(elements);
            let found = entries.offsets(lists, there, beginning.len(), 0, &mut budget);
            if repetition.first().is_none_or(|&level| level <= lists) {
                prop_assert_eq!(&found.unwrap()[..], offsets);
            }

            let kept: Vec<usize> = (0..levels.len()).filter(|&entry| level(entry) >= there).collect();
            let found = entries.above(there, true, 0, &mut budget).unwrap();
            prop_assert_eq!(found.is_none(), kept.len() == levels.len());
            if let Some(found) = found {
                let own = |levels: &[u8], behind| eights(&kept.iter().map(|&entry| levels[entry]).collect::<Vec<_>>(), behind);
                prop_assert_eq!(found.count, kept.len());
                prop_assert_eq!(found.definition, own(&definition, 0));
                prop_assert_eq!(found.repetition, repeated.then(|| own(&repetition, BEHIND)));
            }
        }
    }
}
