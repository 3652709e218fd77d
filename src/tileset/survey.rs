//! A tileset at a glance: how many tiles of which size at which zoom, and a sample of them to be looked
//! at more closely.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use super::error::Result;
use super::reader::Reader;
use super::select::Selection;
use super::tile_id::tile_id;
use crate::coord::TileCoord;

/// A zoom with fewer tiles is sampled whole.
const FEW: usize = 12;

/// What [`survey`] finds out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Survey {
    /// The zooms that have tiles, in order.
    pub zooms: Vec<ZoomSurvey>,
    /// The largest tiles and their stored sizes, the largest first.
    pub largest: Vec<(TileCoord, u64)>,
}

/// The tiles of a zoom.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ZoomSurvey {
    /// The zoom.
    pub z: u8,
    /// How many there are.
    pub tiles: u64,
    /// Their stored size.
    pub bytes: u64,
    /// The stored size of the largest one.
    pub largest: u64,
    /// Some of them, each as likely as any other, and their stored sizes.
    pub sample: Vec<(TileCoord, u64)>,
}

impl Survey {
    /// How many tiles there are.
    pub fn tiles(&self) -> u64 {
        self.zooms.iter().map(|zoom| zoom.tiles).sum()
    }

    /// Their stored size.
    pub fn bytes(&self) -> u64 {
        self.zooms.iter().map(|zoom| zoom.bytes).sum()
    }
}

/// The tiles of a zoom while they are counted.
#[derive(Default)]
struct Counted {
    tiles: u64,
    bytes: u64,
    largest: u64,
    /// The tiles with the least hashes, the greatest of them on top.
    sample: BinaryHeap<(u64, TileCoord, u64)>,
}

/// Goes through the tiles of `reader` that are wanted, without reading them; about `sample` of them
/// make the sample, more of zooms that hold more bytes, and a few of each. `seed` chooses between
/// samples; the same seed takes the same tiles. Lists the `largest` largest tiles.
///
/// # Errors
/// If the tileset cannot be read.
pub fn survey(
    reader: &Reader,
    select: &Selection,
    sample: usize,
    seed: u64,
    largest: usize,
) -> Result<Survey> {
    let mut zooms: BTreeMap<u8, Counted> = BTreeMap::new();
    let mut top: BinaryHeap<Reverse<(u64, Reverse<TileCoord>)>> = BinaryHeap::new();
    let state = FixedState::with_seed(seed);
    reader.for_each_size(select, &mut |coord, bytes| {
        let zoom = zooms.entry(coord.z()).or_default();
        zoom.tiles += 1;
        zoom.bytes += bytes;
        zoom.largest = zoom.largest.max(bytes);
        zoom.sample.push((state.hash_one(tile_id(coord)), coord, bytes));
        if zoom.sample.len() > sample.max(FEW) {
            zoom.sample.pop();
        }
        top.push(Reverse((bytes, Reverse(coord))));
        if top.len() > largest {
            top.pop();
        }
    })?;
    let all: u64 = zooms.values().map(|zoom| zoom.bytes).sum();
    let zooms = zooms.into_iter().map(|(z, counted)| {
        let Counted { tiles, bytes, largest, sample: found } = counted;
        let share = sample as f64 * bytes as f64 / all.max(1) as f64;
        let mut found = found.into_sorted_vec();
        found.truncate((share.round() as usize).max(FEW));
        let sample = found.into_iter().map(|(_, coord, bytes)| (coord, bytes)).collect();
        ZoomSurvey { z, tiles, bytes, largest, sample }
    });
    let zooms = zooms.collect();
    let mut largest: Vec<_> =
        top.into_iter().map(|Reverse((bytes, Reverse(coord)))| (coord, bytes)).collect();
    largest.sort_by_key(|&(coord, bytes)| (Reverse(bytes), coord));
    Ok(Survey { zooms, largest })
}

/// An estimated total, and how far it may be off.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimate {
    /// The total.
    pub total: f64,
    /// Its standard error: 95 of 100 samples come within two of it.
    pub error: f64,
}

impl Estimate {
    /// The total of something over all tiles of a zoom, by what it is for the sampled ones, in the order
    /// of the sample: it is taken to grow with the stored size, which is known of all tiles (a ratio
    /// estimate).
    pub fn of_zoom(zoom: &ZoomSurvey, values: &[f64]) -> Self {
        let sizes: Vec<f64> = zoom.sample.iter().map(|&(_, bytes)| bytes as f64).collect();
        let pairs = || sizes.iter().zip(values);
        let ratio = values.iter().sum::<f64>() / sizes.iter().sum::<f64>().max(1.0);
        let (all, sampled) = (zoom.tiles as f64, values.len() as f64);
        let squares: f64 = pairs().map(|(size, value)| (value - ratio * size).powi(2)).sum();
        let variance = if sampled < all && sampled > 1.0 {
            // Of what is left when all of a few are known, less is unknown.
            all * all * (1.0 - sampled / all) / sampled * squares / (sampled - 1.0)
        } else {
            0.0
        };
        Self { total: ratio * zoom.bytes as f64, error: variance.sqrt() }
    }

    /// The total of two.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { total: self.total + other.total, error: self.error.hypot(other.error) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tileset::{Existing, MbtilesWriter, Metadata};

    /// A pyramid whose tiles grow towards one corner; also what each would take in another format.
    fn tileset(folder: &std::path::Path) -> (Reader, impl Fn(TileCoord, u64) -> f64) {
        let path = folder.join("a.mbtiles");
        let mut writer = MbtilesWriter::create(&path, Existing::Keep).unwrap();
        for z in 0..=6u8 {
            for x in 0..1 << z {
                for y in 0..1 << z {
                    let size = 20 + (x * x + 3 * y) % 900;
                    let coord = TileCoord::new(z, x, y).unwrap();
                    let mut tile = vec![z; size as usize];
                    tile[..4].copy_from_slice(&(x << 16 | y).to_le_bytes());
                    writer.write(coord, &tile).unwrap();
                }
            }
        }
        writer.finish(&Metadata::default()).unwrap();
        let other = |coord: TileCoord, bytes: u64| {
            30.0 + bytes as f64 * (0.4 + f64::from((coord.x() * 7 + coord.y() * 13) % 10) / 50.0)
        };
        (Reader::open(&path).unwrap(), other)
    }

    #[test]
    fn tiles_are_counted_and_the_largest_found() {
        let folder = tempfile::tempdir().unwrap();
        let (reader, _) = tileset(folder.path());
        let all = survey(&reader, &Selection::default(), 100, 1, 3).unwrap();
        assert_eq!((all.tiles(), all.zooms.len()), (5461, 7));
        assert_eq!(all.zooms[3].tiles, 64);
        let sizes: Vec<u64> = all.largest.iter().map(|&(_, bytes)| bytes).collect();
        assert!(sizes.is_sorted_by(|one, other| one >= other) && sizes[0] == all.zooms[6].largest);
        // Small zooms are taken whole, and no tile twice.
        assert_eq!((all.zooms[0].sample.len(), all.zooms[1].sample.len()), (1, 4));
        let mut sample: Vec<_> = all.zooms.iter().flat_map(|zoom| &zoom.sample).collect();
        assert!((80..160).contains(&sample.len()), "{}", sample.len());
        sample.sort();
        sample.dedup();
        assert!(sample.len() >= 80);
        let some = Selection { zooms: 2..=3, ..Selection::default() };
        assert_eq!(survey(&reader, &some, 100, 1, 3).unwrap().tiles(), 16 + 64);
    }

    #[test]
    fn the_truth_lies_within_two_errors_of_most_estimates() {
        let folder = tempfile::tempdir().unwrap();
        let (reader, other) = tileset(folder.path());
        let mut truth = 0.0;
        reader
            .for_each_size(&Selection::default(), &mut |coord, bytes| truth += other(coord, bytes))
            .unwrap();
        let mut hits = 0;
        for seed in 0..100 {
            let survey = survey(&reader, &Selection::default(), 200, seed, 0).unwrap();
            let estimate = survey.zooms.iter().fold(Estimate::default(), |sum, zoom| {
                let values: Vec<f64> =
                    zoom.sample.iter().map(|&(coord, bytes)| other(coord, bytes)).collect();
                sum.plus(Estimate::of_zoom(zoom, &values))
            });
            assert!(estimate.error < 0.05 * truth);
            hits += usize::from((estimate.total - truth).abs() <= 2.0 * estimate.error);
        }
        assert!((88..=100).contains(&hits), "{hits}");
    }
}
