//! Strings of a column, each once.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::array::{OffsetBuffer, Utf8};

/// Numbers strings in the order in which they come.
#[derive(Debug)]
pub(super) struct Interner {
    offsets: Vec<i32>,
    bytes: Vec<u8>,
    numbers: HashTable<u32>,
    state: FixedState,
}

impl Default for Interner {
    fn default() -> Self {
        Self { offsets: vec![0], bytes: Vec::new(), numbers: HashTable::new(), state: FixedState::default() }
    }
}

impl Interner {
    /// The number of `string`; an error once the distinct strings are longer than 2 GiB.
    pub(super) fn number(&mut self, string: &str) -> Result<u32, &'static str> {
        let Self { offsets, bytes, numbers, state } = self;
        fn get<'a>(offsets: &[i32], bytes: &'a [u8], number: u32) -> &'a [u8] {
            &bytes[offsets[number as usize] as usize..offsets[number as usize + 1] as usize]
        }
        let hash = state.hash_one(string.as_bytes());
        let found = numbers.find(hash, |&number| get(offsets, bytes, number) == string.as_bytes());
        if let Some(&number) = found {
            return Ok(number);
        }
        let end = i32::try_from(bytes.len() + string.len())
            .map_err(|_| "more than 2 GiB of distinct strings in a column")?;
        let number = (offsets.len() - 1) as u32;
        bytes.extend_from_slice(string.as_bytes());
        offsets.push(end);
        numbers.insert_unique(hash, number, |&number| state.hash_one(get(offsets, bytes, number)));
        Ok(number)
    }

    /// The strings, by their numbers.
    pub(super) fn finish(self) -> Utf8 {
        let Self { offsets, bytes, .. } = self;
        Utf8::try_new(OffsetBuffer::new(offsets.into()), bytes.into()).expect("whole strings on end")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_string_has_one_number() {
        let mut interner = Interner::default();
        let numbers: Vec<u32> =
            ["b", "", "ä", "b", "", "c"].iter().map(|string| interner.number(string).unwrap()).collect();
        assert_eq!(numbers, [0, 1, 2, 0, 1, 3]);
        assert_eq!(interner.finish().iter().collect::<Vec<_>>(), ["b", "", "ä", "c"]);
    }
}
