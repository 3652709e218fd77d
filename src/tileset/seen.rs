//! Which tiles a writer has written lately, so that equal ones are stored once.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// Where tiles written lately are stored, by the hash of their bytes: the last [`Seen::LIMIT`]
/// distinct ones at least, and those that repeat more often than that.
pub(crate) struct Seen<T> {
    young: HashMap<u64, T, FixedState>,
    old: HashMap<u64, T, FixedState>,
}

impl<T> Default for Seen<T> {
    fn default() -> Self {
        Self { young: HashMap::default(), old: HashMap::default() }
    }
}

impl<T: Copy> Seen<T> {
    /// Two maps of this many entries take less than 40 MB. The few tiles that repeat a lot (sea,
    /// forest) come up in every run of this length.
    const LIMIT: usize = 400_000;

    /// The hash of a tile, the same on every machine.
    pub(crate) fn hash(tile: &[u8]) -> u64 {
        FixedState::default().hash_one(tile)
    }

    pub(crate) fn get(&self, hash: u64) -> Option<T> {
        self.young.get(&hash).or_else(|| self.old.get(&hash)).copied()
    }

    pub(crate) fn insert(&mut self, hash: u64, place: T) {
        if self.young.len() == Self::LIMIT {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(hash, place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_for_what_was_seen_is_bounded() {
        let mut seen = Seen::default();
        let limit = Seen::<i64>::LIMIT as u64;
        for hash in 0..3 * limit {
            seen.insert(hash, hash as i64);
        }
        assert!(seen.young.len() + seen.old.len() <= 2 * Seen::<i64>::LIMIT);
        assert_eq!(seen.get(0), None);
        assert_eq!(seen.get(2 * limit), Some(2 * limit as i64));
    }
}
