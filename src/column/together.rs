//! The columns of a layer that share a dictionary, read one after the other into one buffer of keys and one of
//! validity: so many allocations less.

use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, ScalarBuffer};

use super::present;
use super::tokens::{Reference, References, Tokens};
use crate::array::{Utf8, bitmap};
use crate::encoding::dictionary;
use crate::error::Result;
use crate::limits::Budget;
use crate::stream::{Role, Streams, ints};

/// The columns of a layer that are read together.
pub(crate) struct Together {
    rows: usize,
    /// By slot, a stretch of `rows`, the slots that are not read yet being zeros.
    keys: Vec<u32>,
    /// By slot, a stretch of whole words of 64 bits.
    valid: Vec<u8>,
    /// By column.
    slots: Vec<Option<Slot>>,
    used: usize,
}

/// Where a column is, and whether all features have a value; else those whose bits are set have one.
#[derive(Clone, Copy, Debug)]
struct Slot {
    number: usize,
    all: bool,
}

/// The bytes of the bits of so many rows.
fn stretch(rows: usize) -> usize {
    8 * rows.div_ceil(64)
}

impl Together {
    /// Room for `slots` of `columns` columns.
    pub(crate) fn new(
        columns: usize,
        slots: usize,
        rows: usize,
        at: usize,
        budget: &mut Budget,
    ) -> Result<Self> {
        Ok(Self {
            rows,
            keys: budget.zeroed(slots.saturating_mul(rows), "keys of all features", at)?,
            valid: budget.zeroed(slots.saturating_mul(stretch(rows)), "validity of all features", at)?,
            slots: budget.zeroed(columns, "columns", at)?,
            used: 0,
        })
    }

    /// Reads column `number`, which has no tokens, into the next slot.
    pub(crate) fn read_plain(
        &mut self,
        number: usize,
        streams: &Streams,
        dictionary: &Utf8,
        budget: &mut Budget,
    ) -> Result<()> {
        let valid = &mut self.valid[self.used * stretch(self.rows)..][..self.rows.div_ceil(8)];
        let present = present::read_to(streams, self.rows, valid, budget)?;
        let (entry, reader) = streams.need(Role::Values)?;
        let at = reader.offset();
        let count = present.unwrap_or(self.rows);
        let keys: Vec<u32> = ints::read_scratch(entry.encoding(), reader, count, budget)?;
        dictionary::check_codes(&keys, dictionary.len(), at)?;
        let out = &mut self.keys[self.used * self.rows..][..self.rows];
        match present {
            Some(_) => bitmap::spread_to(&keys, valid, out),
            None => out.copy_from_slice(&keys),
        }
        budget.give_back(keys);
        self.take(number, present.is_none());
        Ok(())
    }

    /// Notes that the next slot is that of column `number`.
    fn take(&mut self, number: usize, all: bool) {
        self.slots[number] = Some(Slot { number: self.used, all });
        self.used += 1;
    }

    /// Reads column `number`, whose `tokens` refer to `references`, into the next slot.
    pub(crate) fn read(
        &mut self,
        number: usize,
        tokens: &Tokens,
        references: impl Iterator<Item = usize>,
        streams: &Streams,
        dictionary: &Utf8,
        budget: &mut Budget,
    ) -> Result<()> {
        let (rows, stretch) = (self.rows, stretch(self.rows));
        let (done, keys) = self.keys.split_at_mut(self.used * rows);
        let (done_valid, valid) = self.valid.split_at_mut(self.used * stretch);
        let (keys, valid) = (&mut keys[..rows], &mut valid[..rows.div_ceil(8)]);
        let references: References = references
            .map(|other| {
                // The directory has made sure that it is such a column, which was read before.
                let Slot { number, all } = self.slots[other].expect("strings of the same dictionary");
                let valid = (!all).then(|| &done_valid[number * stretch..][..stretch]);
                Reference::of(&done[number * rows..][..rows], valid)
            })
            .collect();
        let check = |values: &[u32]| tokens.check_strings(values, dictionary.len(), streams.offset());
        let all = tokens.read_to(streams, &references, check, keys, valid, budget)?;
        drop(references);
        self.take(number, all);
        Ok(())
    }

    /// Calls `with` for each column that was read: its number, its keys and its validity.
    pub(crate) fn finish(self, mut with: impl FnMut(usize, ScalarBuffer<u32>, Option<NullBuffer>)) {
        let (keys, valid) = (Buffer::from_vec(self.keys), Buffer::from_vec(self.valid));
        for (column, slot) in self.slots.into_iter().enumerate() {
            let Some(Slot { number, all }) = slot else { continue };
            let bits = || BooleanBuffer::new(valid.clone(), 8 * number * stretch(self.rows), self.rows);
            let nulls = (!all).then(|| NullBuffer::new(bits()));
            with(column, ScalarBuffer::new(keys.clone(), number * self.rows, self.rows), nulls);
        }
    }
}
