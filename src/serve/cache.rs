//! Tiles that were made: bounded in bytes, and made once however many ask for one at a time.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use axum::body::Bytes;
use axum::http::HeaderValue;
use quick_cache::Weighter;
use quick_cache::sync::Cache as QuickCache;

use super::fault::Fault;
use super::http::{Coding, etag};
use super::source::{Ask, Made};

/// What an entry takes apart from body and query, in bytes: key, tag, and the cache's own tables.
const ENTRY: u64 = 300;

/// What one tile is expected to take, in bytes, to size the tables of the cache; more and less is fine.
const TYPICAL: u64 = 20_000;

/// A tile as it is sent.
#[derive(Clone, Debug)]
pub(super) struct Representation {
    pub(super) body: Bytes,
    /// What is around the body, which may be less than what was asked for.
    pub(super) coding: Coding,
    pub(super) etag: HeaderValue,
    pub(super) rows: Option<u64>,
    pub(super) aggregated: bool,
}

impl Representation {
    pub(super) fn new(made: Made) -> Self {
        let Made { body, coding, rows, aggregated } = made;
        let etag = etag(&body);
        // Without what the vector had reserved beyond its end, which nobody would count.
        let body = Bytes::from(body.into_boxed_slice());
        Self { body, coding, etag, rows, aggregated }
    }
}

/// What tells tiles apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// The number of the dataset.
    pub(super) dataset: usize,
    /// Pairs in order, so that two queries that say the same are one.
    pub(super) ask: Ask,
}

#[derive(Clone)]
struct Weight;

impl Weighter<Key, Representation> for Weight {
    fn weight(&self, key: &Key, tile: &Representation) -> u64 {
        let query: usize = key.ask.pairs.iter().map(|(name, value)| 48 + name.len() + value.len()).sum();
        ENTRY + (query + tile.body.len()) as u64
    }
}

/// The cache.
pub(super) struct Cache {
    tiles: QuickCache<Key, Representation, Weight>,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl Cache {
    /// A cache that takes up to `bytes`.
    pub(super) fn new(bytes: u64) -> Self {
        let items = usize::try_from(bytes / TYPICAL).unwrap_or(usize::MAX).clamp(64, 1 << 24);
        let tiles = QuickCache::with_weighter(items, bytes, Weight);
        Self { tiles, hits: AtomicU64::new(0), misses: AtomicU64::new(0) }
    }

    /// The tile, made by `make` if it is not there; and whether it was there. Who asks for a tile that
    /// somebody else is making waits for that one. If that somebody goes away, one of those who wait makes
    /// it anew.
    pub(super) async fn get(
        &self,
        key: &Key,
        make: impl Future<Output = Result<Representation, Fault>>,
    ) -> Result<(Representation, bool), Fault> {
        if let Some(tile) = self.tiles.get(key) {
            self.hits.fetch_add(1, Relaxed);
            return Ok((tile, true));
        }
        match self.tiles.get_value_or_guard_async(key).await {
            Ok(tile) => {
                self.hits.fetch_add(1, Relaxed);
                Ok((tile, true))
            }
            Err(guard) => {
                self.misses.fetch_add(1, Relaxed);
                let tile = make.await?;
                // Fails only if the entry was removed meanwhile, which nobody does.
                let _ = guard.insert(tile.clone());
                Ok((tile, false))
            }
        }
    }

    /// Entries, bytes, hits and misses.
    pub(super) fn statistics(&self) -> [u64; 4] {
        let counts = [&self.hits, &self.misses].map(|count| count.load(Relaxed));
        [self.tiles.len() as u64, self.tiles.weight(), counts[0], counts[1]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coord::TileCoord;
    use crate::serve::http::Format;
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;
    use tokio::sync::Notify;

    fn key(x: u32) -> Key {
        let coord = TileCoord::new(20, x, 0).unwrap();
        let ask = Ask { coord, format: Format::Mvt, coding: Coding::Identity, pairs: Vec::new() };
        Key { dataset: 0, ask }
    }

    fn tile(bytes: usize) -> Representation {
        Representation::new(Made { body: vec![1; bytes], ..Made::default() })
    }

    #[tokio::test]
    async fn bounded_in_bytes() {
        let cache = Cache::new(1 << 20);
        for x in 0..1000 {
            let (_, cached) = cache.get(&key(x), async { Ok(tile(10_000)) }).await.unwrap();
            assert!(!cached);
        }
        let [entries, bytes, hits, misses] = cache.statistics();
        assert!(bytes <= 1 << 20 && bytes > 1 << 19, "{bytes}");
        assert!(entries > 50 && entries < 105, "{entries}");
        assert_eq!((hits, misses), (0, 1000));
    }

    #[tokio::test]
    async fn one_makes_it_for_all_and_who_fails_or_goes_is_replaced() {
        let cache = Arc::new(Cache::new(1 << 20));
        let (made, go) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let spawn = |fails: bool| {
            let (cache, made, go) = (Arc::clone(&cache), Arc::clone(&made), Arc::clone(&go));
            tokio::spawn(async move {
                let make = async {
                    made.fetch_add(1, Relaxed);
                    go.notified().await;
                    if fails { Err(Fault::busy("no")) } else { Ok(tile(5)) }
                };
                cache.get(&key(1), make).await.map(|(tile, _)| tile.body.len())
            })
        };
        let first = spawn(true);
        while made.load(Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
        let others: Vec<_> = (0..20).map(|_| spawn(false)).collect();
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        while made.load(Relaxed) == 1 {
            tokio::task::yield_now().await;
        }
        go.notify_one();
        for other in others {
            assert_eq!(other.await.unwrap().unwrap(), 5);
        }
        assert_eq!(made.load(Relaxed), 2, "once by who went away, once for all others");
    }
}
