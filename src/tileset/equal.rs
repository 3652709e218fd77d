//! Equal tiles are converted once: sea, forest and desert come up again and again.

use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, OnceLock};

use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// Larger tiles are not kept, for they hardly ever repeat.
const MAX_BYTES: usize = 64 << 10;
/// The size of the tiles in one of the two maps, and of what was made of them.
const MAP_BYTES: usize = 8 << 20;

/// What was made of tiles lately, by their bytes: of those that repeat often, and of as many others
/// as fit.
pub(crate) struct Equal<T> {
    maps: Mutex<Maps<T>>,
}

struct Maps<T> {
    young: HashMap<u64, Arc<Slot<T>>, FixedState>,
    old: HashMap<u64, Arc<Slot<T>>, FixedState>,
    young_bytes: usize,
}

/// A tile, and what was made of it as soon as somebody has.
struct Slot<T> {
    source: Vec<u8>,
    made: OnceLock<T>,
}

impl<T> Default for Equal<T> {
    fn default() -> Self {
        let maps = Maps { young: HashMap::default(), old: HashMap::default(), young_bytes: 0 };
        Self { maps: Mutex::new(maps) }
    }
}

impl<T: Clone> Equal<T> {
    /// What `make` makes of `source`; whoever comes with an equal tile meanwhile waits for it. `bytes`
    /// tells how much memory that takes.
    pub(crate) fn get_or_make(
        &self,
        source: Vec<u8>,
        bytes: fn(&T) -> usize,
        make: impl Fn(&[u8]) -> T,
    ) -> T {
        if source.len() > MAX_BYTES {
            return make(&source);
        }
        let hash = FixedState::default().hash_one(&source[..]);
        let slot = self.maps.lock().expect("no panic while it is held").slot(hash, source);
        let mut new = false;
        let made = slot.made.get_or_init(|| {
            new = true;
            make(&slot.source)
        });
        if new {
            self.maps.lock().expect("no panic while it is held").made(hash, bytes(made));
        }
        made.clone()
    }
}

impl<T> Maps<T> {
    fn slot(&mut self, hash: u64, source: Vec<u8>) -> Arc<Slot<T>> {
        let known = self.young.get(&hash).or_else(|| self.old.get(&hash));
        // Not only the same hash.
        let known = known.filter(|slot| slot.source == source).cloned();
        if let (Some(slot), true) = (&known, self.young.contains_key(&hash)) {
            return Arc::clone(slot);
        }
        if self.young_bytes > MAP_BYTES {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        // An entry costs something even where the tile does not.
        self.young_bytes += source.len() + 256;
        let slot = known.unwrap_or_else(|| Arc::new(Slot { source, made: OnceLock::new() }));
        self.young.insert(hash, Arc::clone(&slot));
        slot
    }

    /// Counts what was made, or forgets it if it is too large.
    fn made(&mut self, hash: u64, bytes: usize) {
        if bytes > MAX_BYTES {
            self.young.remove(&hash);
            self.old.remove(&hash);
        } else {
            self.young_bytes += bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn equal_tiles_are_made_once_by_whomever() {
        let equal = Equal::default();
        let made = AtomicUsize::new(0);
        let make = |source: &[u8]| {
            thread::sleep(Duration::from_millis(5));
            made.fetch_add(1, Ordering::SeqCst);
            source.to_vec()
        };
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for tile in [b"sea", b"ice", b"sea"] {
                        assert_eq!(equal.get_or_make(tile.to_vec(), Vec::len, make), tile);
                    }
                });
            }
        });
        assert_eq!(made.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn what_repeats_stays_and_the_rest_is_forgotten() {
        let equal = Equal::default();
        let made = AtomicUsize::new(0);
        let make = |source: &[u8]| {
            made.fetch_add(1, Ordering::SeqCst);
            source.to_vec()
        };
        for number in 0..5000u32 {
            let mut tile = vec![0; 10_000];
            tile[..4].copy_from_slice(&number.to_le_bytes());
            equal.get_or_make(tile, Vec::len, make);
            equal.get_or_make(b"sea".to_vec(), Vec::len, make);
        }
        assert_eq!(made.load(Ordering::SeqCst), 5001);
        let maps = equal.maps.lock().unwrap();
        let bytes: usize = maps.young.values().chain(maps.old.values()).map(|slot| slot.source.len()).sum();
        assert!(bytes <= 2 * (MAP_BYTES + MAX_BYTES), "{bytes}");
    }

    #[test]
    fn large_ones_are_not_kept() {
        let equal = Equal::default();
        equal.get_or_make(vec![1; MAX_BYTES + 1], Vec::len, <[u8]>::to_vec);
        equal.get_or_make(vec![1], Vec::len, |_| vec![0; MAX_BYTES + 1]);
        let maps = equal.maps.lock().unwrap();
        assert!(maps.young.is_empty() && maps.old.is_empty());
    }
}
