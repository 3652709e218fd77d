//! What tokens stand for: the values of all features.
//!
//! Eight features at a time. As a rule they have the same token, and then their values come from one
//! place: they are all one value, or some in a row of another column, of new values or of the values
//! stream; and so it goes on for as long as the token is the same. In the other groups features that have
//! tokens of the rarer kinds are looked at one by one.

use std::hint::select_unpredictable;

use smallvec::SmallVec;

use super::{Cells, TOKENS, Tokens};
use crate::array::{BooleanBuffer, NullBuffer, bitmap};
use crate::encoding::int::Int;
use crate::error::Result;
use crate::limits::Budget;
use crate::stream::{MAX_REFERENCES, Role, Streams, ints};
use crate::wire::bytes;

/// How many features are looked at together.
const GROUP: usize = 8;

/// A column that tokens refer to.
struct Reference<'a> {
    keys: &'a [u32],
    /// A bit per feature; none if all have a value.
    valid: Option<std::borrow::Cow<'a, [u8]>>,
}

impl Tokens {
    /// Reads the values of all features, of whose column these are the tokens.
    pub(crate) fn read_values<T: Int>(
        &self,
        streams: &Streams,
        references: &[&Cells],
        budget: &mut Budget,
    ) -> Result<(Vec<T>, Option<NullBuffer>)> {
        debug_assert_eq!(references.len(), self.references);
        let values: Vec<T> = match self.values() {
            0 => {
                streams.none(Role::Values)?;
                Vec::new()
            }
            count => {
                let (entry, reader) = streams.need(Role::Values)?;
                ints::read(entry.encoding(), reader, count, budget)?
            }
        };
        let rows = self.symbols.len();
        let mut out: Vec<T> = budget.vec(rows, "values of all features", self.at)?;
        let mut valid: Vec<u8> = budget.vec(rows.div_ceil(8), "validity of all features", self.at)?;
        let references: SmallVec<[Reference; MAX_REFERENCES]> =
            references.iter().map(|cells| Reference::new(cells)).collect();
        self.expand(&values, &references, &mut out, &mut valid);
        let full = |(number, &bits): (usize, &u8)| bits == u8::MAX >> (8 - (rows - 8 * number).min(8));
        if valid.iter().enumerate().all(full) {
            return Ok((out, None));
        }
        Ok((out, Some(NullBuffer::new(BooleanBuffer::new(valid.into(), 0, rows)))))
    }

    /// Appends the value of each feature to `out`, and eight bits to `valid` for every group, of which those
    /// behind the last feature are zeros.
    fn expand<T: Int>(&self, values: &[T], references: &[Reference], out: &mut Vec<T>, valid: &mut Vec<u8>) {
        let absent = references.len();
        let (new, next) = (absent + 1, absent + 2);
        let (listed, mut behind) = values.split_at(self.listed);
        let mut first = self.first;
        let codes: [T; TOKENS] = std::array::from_fn(|token| match token.checked_sub(absent + 3) {
            None => T::default(),
            Some(code) if self.listed == 0 => T::from_u64(self.first.wrapping_add(code as u64)),
            Some(code) => listed.get(code).copied().unwrap_or_default(),
        });
        let (groups, rest) = self.symbols.as_chunks::<GROUP>();
        let mut number = 0;
        while let Some(group) = groups.get(number) {
            let word = u64::from_le_bytes(*group);
            if word != word.rotate_left(8) {
                let mut group = self.mixed(word, &codes, &mut first, &mut behind);
                valid.push(refer(references, number, word, &mut group, bytes::equal(word, absent as u8)));
                out.extend_from_slice(&group);
                number += 1;
                continue;
            }
            // Most columns have one token for long.
            let same = groups[number..].iter().take_while(|other| **other == *group).count();
            let (token, count, row) = (usize::from(group[0]), same * GROUP, number * GROUP);
            let mut bits = u8::MAX;
            if let Some(reference) = references.get(token) {
                out.extend(reference.keys[row..row + count].iter().map(|&key| T::from_u64(key.into())));
                if let Some(others) = &reference.valid {
                    valid.extend_from_slice(&others[number..number + same]);
                    number += same;
                    continue;
                }
            } else if token == new {
                out.extend((0..count as u64).map(|place| T::from_u64(first.wrapping_add(place))));
                first = first.wrapping_add(count as u64);
            } else if token == next {
                // As many are there as tokens ask for.
                let (taken, rest) = behind.split_at(count);
                out.extend_from_slice(taken);
                behind = rest;
            } else {
                out.resize(out.len() + count, codes[token % TOKENS]);
                bits = if token == absent { 0 } else { bits };
            }
            valid.resize(valid.len() + same, bits);
            number += same;
        }
        if !rest.is_empty() {
            // Behind the last feature there are codes, which need nothing.
            let mut group = [TOKENS as u8 - 1; GROUP];
            group[..rest.len()].copy_from_slice(rest);
            let word = u64::from_le_bytes(group);
            let mut group = self.mixed(word, &codes, &mut first, &mut behind);
            let bits = refer(references, groups.len(), word, &mut group, bytes::equal(word, absent as u8));
            valid.push(bits & !(u8::MAX << rest.len()));
            out.extend_from_slice(&group[..rest.len()]);
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

impl<'a> Reference<'a> {
    fn new((keys, nulls): &'a Cells) -> Self {
        let valid = nulls.as_ref().map(|nulls| match nulls.offset() {
            0 => nulls.validity().into(),
            _ => bitmap::to_bytes(nulls.inner()).into(),
        });
        Self { keys, valid }
    }
}
