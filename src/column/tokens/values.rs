//! What tokens stand for: the values of all features.
//!
//! Eight features at a time. As a rule they have the same token, and then their values come from one
//! place: they are all one value, or some in a row of another column, of new values or of the values
//! stream; and so it goes on for as long as the token is the same. In the other groups features that have
//! tokens of the rarer kinds are looked at one by one. Where tokens are coded as runs, runs are all there is to look
//! at.

use std::borrow::Cow;
use std::hint::select_unpredictable;
use std::ops::Range;

use smallvec::SmallVec;

use super::{Cells, Coded, TOKENS, Tokens};
use crate::array::{BooleanBuffer, NullBuffer, bitmap};
use crate::encoding::int::Int;
use crate::error::Result;
use crate::limits::Budget;
use crate::stream::small::Runs;
use crate::stream::{MAX_REFERENCES, Role, Streams, ints};
use crate::wire::bytes;

/// How many features are looked at together.
const GROUP: usize = 8;

/// A column that tokens refer to.
pub(crate) struct Reference<'a> {
    keys: &'a [u32],
    /// A bit per feature; none if all have a value.
    valid: Option<Cow<'a, [u8]>>,
}

impl<'a> Reference<'a> {
    pub(crate) fn new((keys, nulls): &'a Cells) -> Self {
        let valid = nulls.as_ref().map(|nulls| match nulls.offset() {
            0 => nulls.validity().into(),
            _ => bitmap::to_bytes(nulls.inner()).into(),
        });
        Self { keys, valid }
    }

    /// The same of plain keys and bits.
    pub(crate) fn of(keys: &'a [u32], valid: Option<&'a [u8]>) -> Self {
        Self { keys, valid: valid.map(Cow::from) }
    }
}

/// The references of a column.
pub(crate) type References<'a> = SmallVec<[Reference<'a>; MAX_REFERENCES]>;

impl Tokens {
    /// Reads the values of all features, of whose column these are the tokens. The values stream has to pass `check`.
    pub(crate) fn read_values<T: Int>(
        &self,
        streams: &Streams,
        references: &[Reference],
        check: impl FnOnce(&[T]) -> Result<()>,
        budget: &mut Budget,
    ) -> Result<(Vec<T>, Option<NullBuffer>)> {
        let mut out: Vec<T> = budget.zeroed(self.rows, "values of all features", self.at)?;
        let mut valid: Vec<u8> = budget.zeroed(self.rows.div_ceil(8), "validity of all features", self.at)?;
        if self.read_to(streams, references, check, &mut out, &mut valid, budget)? {
            return Ok((out, None));
        }
        Ok((out, Some(NullBuffer::new(BooleanBuffer::new(valid.into(), 0, self.rows)))))
    }

    /// [`Self::read_values`] to `out`, which has a default value for each feature, and a bit for each to `valid`, which
    /// has zeros. Tells whether all have a value.
    pub(crate) fn read_to<T: Int>(
        &self,
        streams: &Streams,
        references: &[Reference],
        check: impl FnOnce(&[T]) -> Result<()>,
        out: &mut [T],
        valid: &mut [u8],
        budget: &mut Budget,
    ) -> Result<bool> {
        debug_assert_eq!(references.len(), self.references);
        let values: Vec<T> = match self.values() {
            0 => {
                streams.none(Role::Values)?;
                Vec::new()
            }
            count => {
                let (entry, reader) = streams.need(Role::Values)?;
                ints::read_scratch(entry.encoding(), reader, count, budget)?
            }
        };
        check(&values)?;
        match &self.coded {
            Coded::Each(symbols) => self.expand(symbols, &values, references, out, valid),
            Coded::Runs(runs) => self.expand_runs(runs, &values, references, out, valid),
        }
        budget.give_back(values);
        // All bits but those behind the last feature.
        let last = u8::MAX >> ((8 - self.rows % 8) % 8);
        Ok(valid.split_last().is_none_or(|(&bits, others)| {
            bits == last && others.iter().fold(u8::MAX, |all, &bits| all & bits) == u8::MAX
        }))
    }

    /// Writes the value of each feature to `out`, and eight bits to `valid` for every group, of which those behind
    /// the last feature are zeros.
    fn expand<T: Int>(
        &self,
        symbols: &[u8],
        values: &[T],
        references: &[Reference],
        out: &mut [T],
        valid: &mut [u8],
    ) {
        let absent = references.len();
        let (new, next) = (absent + 1, absent + 2);
        let (listed, mut behind) = values.split_at(self.listed);
        let mut first = self.first;
        let codes = self.codes(listed);
        let (groups, rest) = symbols.as_chunks::<GROUP>();
        let (room, room_of_rest) = out.as_chunks_mut::<GROUP>();
        let mut number = 0;
        while let Some(group) = groups.get(number) {
            let word = u64::from_le_bytes(*group);
            if word != word.rotate_left(8) {
                let mut group = self.mixed(word, &codes, &mut first, &mut behind);
                valid[number] = refer(references, number, word, &mut group, bytes::equal(word, absent as u8));
                room[number] = group;
                number += 1;
                continue;
            }
            // Most columns have one token for long.
            let same = groups[number..].iter().take_while(|other| **other == *group).count();
            let (token, count, row) = (usize::from(group[0]), same * GROUP, number * GROUP);
            let room = room[number..number + same].as_flattened_mut();
            let valid = &mut valid[number..number + same];
            number += same;
            let mut bits = u8::MAX;
            if let Some(reference) = references.get(token) {
                copy_keys(room, &reference.keys[row..row + count]);
                if let Some(others) = &reference.valid {
                    valid.copy_from_slice(&others[number - same..number]);
                    continue;
                }
            } else if token == new {
                first = count_up(room, first);
            } else if token == next {
                // As many are there as tokens ask for.
                let (taken, rest) = behind.split_at(count);
                room.copy_from_slice(taken);
                behind = rest;
            } else {
                room.fill(codes[token % TOKENS]);
                bits = if token == absent { 0 } else { bits };
            }
            valid.fill(bits);
        }
        if !rest.is_empty() {
            // Behind the last feature there are codes, which need nothing.
            let mut group = [TOKENS as u8 - 1; GROUP];
            group[..rest.len()].copy_from_slice(rest);
            let word = u64::from_le_bytes(group);
            let mut group = self.mixed(word, &codes, &mut first, &mut behind);
            let bits = refer(references, groups.len(), word, &mut group, bytes::equal(word, absent as u8));
            valid[groups.len()] = bits & !(u8::MAX << rest.len());
            room_of_rest.copy_from_slice(&group[..rest.len()]);
        }
    }

    /// What each token stands for by itself; the default where it stands for something else.
    fn codes<T: Int>(&self, listed: &[T]) -> [T; TOKENS] {
        std::array::from_fn(|token| match token.checked_sub(self.references + 3) {
            None => T::default(),
            Some(code) if self.listed == 0 => T::from_u64(self.first.wrapping_add(code as u64)),
            Some(code) => listed.get(code).copied().unwrap_or_default(),
        })
    }

    /// [`Self::expand`] of runs of tokens.
    fn expand_runs<T: Int>(
        &self,
        runs: &Runs,
        values: &[T],
        references: &[Reference],
        out: &mut [T],
        valid: &mut [u8],
    ) {
        let absent = references.len();
        let (listed, mut behind) = values.split_at(self.listed);
        let mut first = self.first;
        let codes = self.codes(listed);
        let mut row = 0;
        for (token, length) in runs.tokens() {
            let token = usize::from(token);
            let rows = row..row + length;
            row = rows.end;
            let room = &mut out[rows.clone()];
            let mut others = None;
            if let Some(reference) = references.get(token) {
                copy_keys(room, &reference.keys[rows.clone()]);
                others = reference.valid.as_deref();
            } else if token == absent {
                continue;
            } else if token == absent + 1 {
                first = count_up(room, first);
            } else if token == absent + 2 {
                // As many are there as tokens ask for.
                let (taken, rest) = behind.split_at(length);
                room.copy_from_slice(taken);
                behind = rest;
            } else {
                room.fill(codes[token % TOKENS]);
            }
            set(valid, others, rows);
        }
    }

    /// The values of eight features with the tokens `word`, but for those that refer to other columns. Values
    /// are taken from the front of `behind`. Which features have which token cannot be foreseen: there is no
    /// branch.
    #[inline(always)]
    fn mixed<T: Int>(
        &self,
        word: u64,
        codes: &[T; TOKENS],
        first: &mut u64,
        behind: &mut &[T],
    ) -> [T; GROUP] {
        let symbols = word.to_le_bytes();
        let mut group = symbols.map(|token| codes[usize::from(token) % TOKENS]);
        if self.new > 0 {
            let new = self.references as u8 + 1;
            for (value, symbol) in group.iter_mut().zip(symbols) {
                *value = select_unpredictable(symbol == new, T::from_u64(*first), *value);
                *first = first.wrapping_add(u64::from(symbol == new));
            }
        }
        if self.next > 0 {
            let next = self.references as u8 + 2;
            let mut padded = [T::default(); GROUP];
            let values = behind.first_chunk::<GROUP>().unwrap_or_else(|| {
                padded[..behind.len()].copy_from_slice(behind);
                &padded
            });
            let mut taken = 0;
            for (value, symbol) in group.iter_mut().zip(symbols) {
                *value = select_unpredictable(symbol == next, values[taken % GROUP], *value);
                taken += usize::from(symbol == next);
            }
            // As many are there as tokens ask for.
            *behind = &behind[taken..];
        }
        group
    }
}

fn copy_keys<T: Int>(out: &mut [T], keys: &[u32]) {
    out.iter_mut().zip(keys).for_each(|(out, &key)| *out = T::from_u64(key.into()));
}

/// Fills `out` with `first` and what follows; gives what comes behind.
fn count_up<T: Int>(out: &mut [T], first: u64) -> u64 {
    (0..).zip(out.iter_mut()).for_each(|(place, out)| *out = T::from_u64(first.wrapping_add(place)));
    first.wrapping_add(out.len() as u64)
}

/// Sets the bits of some rows, or of those of them that are set in `others`.
fn set(valid: &mut [u8], others: Option<&[u8]>, rows: Range<usize>) {
    if rows.is_empty() {
        return;
    }
    let (first, last) = (rows.start / 8, (rows.end - 1) / 8);
    let (from, to) = (u8::MAX << (rows.start % 8), u8::MAX >> (7 - (rows.end - 1) % 8));
    let bits = |byte: usize| others.map_or(u8::MAX, |others| others[byte]);
    if first == last {
        valid[first] |= from & to & bits(first);
        return;
    }
    valid[first] |= from & bits(first);
    match others {
        None => valid[first + 1..last].fill(u8::MAX),
        Some(others) => valid[first + 1..last].copy_from_slice(&others[first + 1..last]),
    }
    valid[last] |= to & bits(last);
}

/// Fills in what refers to other columns, for eight features with the tokens `word`, and tells which of them
/// have a value: those neither `absent` nor referring to none.
#[inline(always)]
fn refer<T: Int>(
    references: &[Reference],
    number: usize,
    word: u64,
    group: &mut [T; GROUP],
    absent: u8,
) -> u8 {
    let mut valid = !absent;
    for (token, reference) in references.iter().enumerate() {
        let same = bytes::equal(word, token as u8);
        // Behind the last feature nothing refers to anything.
        let keys = &reference.keys[number * GROUP..];
        let mut padded = [0; GROUP];
        let keys = keys.first_chunk::<GROUP>().unwrap_or_else(|| {
            padded[..keys.len()].copy_from_slice(keys);
            &padded
        });
        for ((value, &key), symbol) in group.iter_mut().zip(keys).zip(word.to_le_bytes()) {
            let key = T::from_u64(key.into());
            *value = select_unpredictable(usize::from(symbol) == token, key, *value);
        }
        valid &= !same | reference.valid.as_ref().map_or(u8::MAX, |valid| valid[number]);
    }
    valid
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Keys, and the bits of those that count.
    type Other = (Vec<u32>, Option<Vec<u8>>);

    fn other() -> impl Strategy<Value = Other> {
        let bits = prop::collection::vec(any::<u8>(), 16);
        (prop::collection::vec(0u32..9, 128), prop::option::of(bits))
    }

    proptest! {
        /// Runs, groups of eight, and feature by feature.
        #[test]
        fn runs_are_as_each_of_their_tokens(
            runs in prop::collection::vec((0u8..16, prop_oneof![0u32..4, 0u32..30]), 0..9),
            others in prop::collection::vec(other(), 0..4), first in 0u64..5, is_listed: bool,
        ) {
            let (values, lengths): (Vec<u8>, Vec<u32>) = runs.into_iter().unzip();
            let each: Vec<u8> =
                values.iter().zip(&lengths).flat_map(|(&value, &n)| vec![value; n as usize]).take(128).collect();
            let (mut runs, mut left) = (Runs { values, lengths }, each.len() as u32);
            for length in &mut runs.lengths {
                *length = left.min(*length);
                left -= *length;
            }
            let (rows, references, listed) = (each.len(), others.len(), if is_listed { 16 } else { 0 });
            let count = |token: usize| each.iter().filter(|&&other| usize::from(other) == token).count();
            let (new, next) = (count(references + 1), count(references + 2));
            let tokens =
                Tokens { rows, coded: Coded::Each(Vec::new()), most: 15, new, next, references, first, listed, at: 0 };
            let numbers: Vec<u32> = (100..).take(listed + next).collect();
            let references: Vec<Reference> =
                others.iter().map(|(keys, valid)| Reference::of(keys, valid.as_deref())).collect();
            let empty = || (vec![0u32; rows], vec![0u8; rows.div_ceil(8)]);
            let (mut of_runs, mut of_each, mut expected) = (empty(), empty(), empty());
            tokens.expand_runs(&runs, &numbers, &references, &mut of_runs.0, &mut of_runs.1);
            tokens.expand(&each, &numbers, &references, &mut of_each.0, &mut of_each.1);
            let (mut new, mut next) = (first as u32, listed);
            for (row, &token) in each.iter().enumerate() {
                let token = usize::from(token);
                let (value, valid) = match token.checked_sub(references.len()) {
                    None => {
                        let (keys, valid) = &others[token];
                        let valid = valid.as_ref().is_none_or(|valid| valid[row / 8] >> (row % 8) & 1 == 1);
                        (keys[row], valid)
                    }
                    Some(0) => (0, false),
                    Some(1) => {
                        new += 1;
                        (new - 1, true)
                    }
                    Some(2) => {
                        next += 1;
                        (numbers[next - 1], true)
                    }
                    Some(code) if is_listed => (numbers[code - 3], true),
                    Some(code) => (first as u32 + code as u32 - 3, true),
                };
                expected.0[row] = value;
                expected.1[row / 8] |= u8::from(valid) << (row % 8);
            }
            prop_assert_eq!(&of_runs, &expected);
            prop_assert_eq!(&of_each, &expected);
        }
    }
}
