//! The front of a tile first, then what it says is wanted.

use std::ops::Range;

use super::{Cost, Ranges};
use crate::limits::Budget;
use crate::tile::directory::Directory;
use crate::tile::plan::merge;
use crate::tile::projection::Projection;
use crate::tile::read::Tile;
use crate::tileset::{Error, MAX_TILE_BYTES, Result};

/// How to ask for the bytes of a tile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// How many bytes to ask for first: more than most fronts have, and few enough to be worth it.
    pub front: usize,
    /// Ranges with no more bytes between them are asked for as one.
    pub gap: usize,
    /// What to ask for first instead, if more is known of the tile: [`super::Index::hint`].
    pub hint: Option<Vec<Range<usize>>>,
}

impl Default for Fetch {
    /// 4 KiB at first, and gaps of 512 bytes.
    fn default() -> Self {
        Self { front: 4 << 10, gap: 512, hint: None }
    }
}

/// A tile of which some bytes are there.
#[derive(Debug)]
pub struct Fetched {
    directory: Directory,
    /// In order, not adjoining.
    parts: Vec<(usize, Vec<u8>)>,
    cost: Cost,
}

impl Fetched {
    /// What the tile holds and where.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// What fetching it cost.
    pub fn cost(&self) -> Cost {
        self.cost
    }

    /// The number of bytes of the whole tile.
    pub fn tile_bytes(&self) -> usize {
        self.directory.body().end
    }

    /// Hands over the tile, of which what was wanted can be decoded.
    ///
    /// # Errors
    /// None that a tile which was fetched can cause.
    pub fn with_tile<R>(&self, read: impl FnOnce(&Tile) -> R) -> crate::Result<R> {
        let parts: Vec<(usize, &[u8])> = self.parts.iter().map(|(at, bytes)| (*at, &bytes[..])).collect();
        Ok(read(&Tile::from_parts(self.directory.clone(), &parts)?))
    }
}

/// Fetches what is wanted of a tile, all that `source` has or what lies at `place` in it: one request for
/// the front, another one if that is longer than thought, and one for the ranges of what is wanted.
///
/// # Errors
/// If the bytes cannot be read, are no COVT tile, or the tile is larger than [`MAX_TILE_BYTES`] or not as
/// large as its place.
pub fn fetch(
    source: &mut dyn Ranges,
    place: Option<Range<u64>>,
    wanted: &Projection,
    options: &Fetch,
    budget: &mut Budget,
) -> Result<Fetched> {
    let before = source.cost();
    let place = place.unwrap_or(0..u64::MAX);
    let length = usize::try_from(place.end - place.start).unwrap_or(usize::MAX);
    let mut parts = Parts { source, start: place.start, length, parts: Vec::new() };
    let no_tile = |error| Error::because("is no COVT tile", error);

    parts.read(match &options.hint {
        Some(hint) => merge(hint.clone(), options.gap),
        None => one(0..options.front.max(HEAD)),
    })?;
    if let Some(what) = something_else(parts.front()) {
        return Err(Error::new(what));
    }
    let front = Directory::front_len(parts.front()).map_err(no_tile)?;
    too_large(front)?;
    parts.read(one(0..front))?;
    let directory = Directory::read(parts.front(), budget).map_err(no_tile)?;
    let end = directory.body().end;
    too_large(end)?;
    if length != usize::MAX && end != length {
        return Err(Error::new(format!(
            "is no COVT tile: it has {length} bytes, its directory tells of {end}"
        )));
    }
    parts.read(merge(directory.ranges(wanted), options.gap))?;
    let Parts { source, parts, .. } = parts;
    let after = source.cost();
    let cost = Cost { requests: after.requests - before.requests, bytes: after.bytes - before.bytes };
    Ok(Fetched { directory, parts, cost })
}

/// What bytes are that are often taken for a tile, by how they start.
fn something_else(front: &[u8]) -> Option<&'static str> {
    match front {
        [] => Some("is empty"),
        [b'P', b'M', b'T', b'i', b'l', b'e', b's', ..] => {
            Some("is a PMTiles archive, of which a tile has to be named by its place")
        }
        _ if front.starts_with(b"SQLite format 3") => Some("is an MBTiles file, of which ranges are no use"),
        [0x1f, 0x8b, ..] => Some("is compressed with gzip, of which ranges are no use"),
        _ => None,
    }
}

fn one(range: Range<usize>) -> Vec<Range<usize>> {
    std::iter::once(range).collect()
}

/// The most bytes that the head of a tile has.
const HEAD: usize = 11;

fn too_large(bytes: usize) -> Result<()> {
    match bytes > MAX_TILE_BYTES {
        true => {
            Err(Error::new(format!("is larger than the limit of {} MiB for a tile", MAX_TILE_BYTES >> 20)))
        }
        false => Ok(()),
    }
}

/// The bytes of a tile that are there, from its start on.
struct Parts<'a> {
    source: &'a mut dyn Ranges,
    /// Where the tile lies in the source.
    start: u64,
    length: usize,
    parts: Vec<(usize, Vec<u8>)>,
}

impl Parts<'_> {
    fn front(&self) -> &[u8] {
        match self.parts.first() {
            Some((0, bytes)) => bytes,
            _ => &[],
        }
    }

    /// Fetches what is not there yet of ranges, up to the end of the tile.
    fn read(&mut self, ranges: Vec<Range<usize>>) -> Result<()> {
        let missing: Vec<Range<u64>> = ranges
            .into_iter()
            .flat_map(|range| missing(&self.parts, range.start..range.end.min(self.length)))
            .map(|range| self.start + range.start as u64..self.start + range.end as u64)
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        for (at, mut bytes) in self.source.read(&missing)? {
            // What belongs to others is of no use.
            let before = usize::try_from(self.start.saturating_sub(at)).unwrap_or(usize::MAX);
            bytes.drain(..before.min(bytes.len()));
            let at = usize::try_from(at.saturating_sub(self.start)).unwrap_or(usize::MAX);
            bytes.truncate(self.length.saturating_sub(at));
            if !bytes.is_empty() {
                self.parts.push((at, bytes));
            }
        }
        self.parts.sort_by_key(|(at, _)| *at);
        let mut joined: Vec<(usize, Vec<u8>)> = Vec::with_capacity(self.parts.len());
        for (at, bytes) in self.parts.drain(..) {
            match joined.last_mut() {
                Some((start, last)) if at <= *start + last.len() => {
                    let known = (*start + last.len() - at).min(bytes.len());
                    last.extend_from_slice(&bytes[known..]);
                }
                _ => joined.push((at, bytes)),
            }
        }
        self.parts = joined;
        Ok(())
    }
}

/// What of a range no part has.
fn missing(parts: &[(usize, Vec<u8>)], range: Range<usize>) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut at = range.start;
    for (start, bytes) in parts {
        let end = start + bytes.len();
        if end <= at || *start >= range.end {
            continue;
        }
        if *start > at {
            out.push(at..*start);
        }
        at = at.max(end);
    }
    if at < range.end {
        out.push(at..range.end);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::generate::{layers, options};
    use crate::testing::{Random, check};
    use crate::tile::write::encode;

    /// Bytes of which ranges come as the source likes.
    struct Bytes {
        bytes: Vec<u8>,
        cost: Cost,
        whole: bool,
    }

    impl Ranges for Bytes {
        fn read(&mut self, ranges: &[Range<u64>]) -> Result<Vec<(u64, Vec<u8>)>> {
            assert!(
                ranges.iter().all(|range| range.start < range.end)
                    && ranges.is_sorted_by_key(|range| range.start)
            );
            let ranges = if self.whole {
                std::iter::once(0..self.bytes.len() as u64).collect()
            } else {
                ranges.to_vec()
            };
            let parts = ranges.iter().map(|range| {
                let [start, end] = [range.start, range.end].map(|at| (at as usize).min(self.bytes.len()));
                (range.start, self.bytes[start..end].to_vec())
            });
            let parts: Vec<_> = parts.collect();
            self.cost.requests += 1;
            self.cost.bytes += parts.iter().map(|(_, bytes)| bytes.len() as u64).sum::<u64>();
            Ok(parts)
        }

        fn cost(&self) -> Cost {
            self.cost
        }
    }

    #[test]
    fn what_is_wanted_is_there() {
        let mut random = Random::from_seed(41);
        let mut fewer = 0;
        for _ in 0..200 {
            let layers = layers::tile(&mut random);
            let tile = encode(&layers, &options::any(&mut random)).unwrap();
            let before = random.index(100);
            let mut bytes: Vec<u8> = (0..before).map(|_| random.any() as u8).collect();
            bytes.extend(&tile);
            bytes.extend((0..random.index(100)).map(|_| 7));
            let whole = random.chance(1, 4);
            let mut source = Bytes { bytes, cost: Cost::default(), whole };
            let wanted = Projection {
                layers: layers.first().map(|layer| vec![layer.name().to_owned()]),
                columns: random.chance(1, 2).then(Vec::new),
                ..Projection::default()
            };
            let place = before as u64..(before + tile.len()) as u64;
            let directory = Directory::read(&tile, &mut Budget::default()).unwrap();
            let mut known = directory.ranges(&wanted);
            known.insert(0, 0..directory.body().start);
            let hint = random.chance(1, 4).then_some(known);
            let at_once = hint.is_some();
            let how = Fetch { front: random.index(200), gap: random.index(50), hint };
            let mut budget = Budget::default();
            let fetched = fetch(&mut source, Some(place), &wanted, &how, &mut budget).unwrap();
            assert_eq!(fetched.tile_bytes(), tile.len());
            assert!(fetched.cost().requests <= if at_once { 1 } else { 3 });
            fewer += usize::from(fetched.cost().bytes < tile.len() as u64);
            let encode = crate::EncodeOptions::default();
            let expected = crate::project(&tile, &wanted, &encode, &mut budget).unwrap();
            let found =
                fetched.with_tile(|tile| tile.project(&wanted, &encode, &mut Budget::default())).unwrap();
            assert!(found.unwrap() == expected);
            if !wanted.layers.as_ref().is_some_and(Vec::is_empty) {
                continue;
            }
            assert_eq!(check::same_layers(&[], &layers), Ok(()));
        }
        assert!(fewer > 40, "{fewer}");
    }

    #[test]
    fn what_is_no_tile_is_refused() {
        let refused = |bytes: &[u8], place: Option<Range<u64>>| {
            let mut source = Bytes { bytes: bytes.to_vec(), cost: Cost::default(), whole: false };
            let wanted = Projection::default();
            let error =
                fetch(&mut source, place, &wanted, &Fetch::default(), &mut Budget::default()).unwrap_err();
            error.line()
        };
        assert!(refused(&[], None).contains("is empty"));
        assert!(refused(b"PMTiles\x03", None).contains("archive"));
        assert!(refused(&[0x1f, 0x8b, 8], None).contains("gzip"));
        assert!(refused(&[0x1a, 3], None).contains("MVT"));
        assert!(refused(&[0xc1, 0xff, 0xff, 0xff, 0xff, 0x0f], None).contains("64 MiB"));
        // The directory ends early; a stream of 2^31 bytes is claimed; the place is too long.
        assert!(refused(&[0xc1, 5, 1], None).contains("no COVT tile"));
        let claim = [0xc1, 15, 1, 1, b'l', 1, 2, 1, 1, 1, 1, 0x41, 0xff, 0xff, 0xff, 0xff, 7];
        assert!(refused(&claim, None).contains("64 MiB"), "{}", refused(&claim, None));
        assert!(refused(&[0xc1, 1, 0, 0, 0], Some(0..5)).contains("has 5 bytes"));
        let mut random = Random::from_seed(42);
        for _ in 0..300 {
            let mut tile = encode(&layers::tile(&mut random), &options::any(&mut random)).unwrap();
            let at = random.index(tile.len());
            tile[at] ^= 1 << random.below(8);
            let len = random.index(tile.len() + 1);
            let mut source = Bytes { bytes: tile[..len].to_vec(), cost: Cost::default(), whole: false };
            let wanted = Projection::default();
            if let Ok(fetched) =
                fetch(&mut source, None, &wanted, &Fetch::default(), &mut Budget::new(1 << 22))
            {
                let _ = fetched.with_tile(|tile| tile.decode(&mut Budget::new(1 << 22)));
            }
        }
    }
}
