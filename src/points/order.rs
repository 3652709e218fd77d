//! Rows brought in the order of the curve.
//!
//! Keys are dealt to buckets first, whose bounds come from a sample, and buckets are sorted and taken one
//! after the other: memory holds the keys once, not also what becomes of them.

use rayon::prelude::*;

use super::pieces::Pieces;
use super::table;

/// Rows along the curve.
#[derive(Debug, Default)]
pub(super) struct Ordered {
    pub(super) x: Vec<u32>,
    pub(super) y: Vec<u32>,
    /// The number of each row as it was.
    pub(super) source: Vec<u32>,
}

const BUCKETS: usize = 64;
const SAMPLE: usize = 128 * BUCKETS;
/// Buckets that are sorted at once.
const AT_ONCE: usize = 4;

/// The points of these keys in rising order; of equal ones in the order they have.
pub(super) fn along_curve(keys: Pieces<u64>) -> Ordered {
    let rows = keys.len();
    let mut sample: Vec<u64> = keys.iter().step_by(rows.div_ceil(SAMPLE).max(1)).collect();
    sample.sort_unstable();
    let step = sample.len().div_ceil(BUCKETS).max(1);
    let mut bounds: Vec<u64> = sample.into_iter().step_by(step).skip(1).collect();
    bounds.dedup();
    // Keys, their higher halves first, and rows: 12 bytes, where a pair would take 16.
    let mut buckets: Vec<Pieces<[u32; 3]>> = (0..=bounds.len()).map(|_| Pieces::new()).collect();
    let mut row = 0;
    for piece in keys.into_pieces() {
        for &key in piece.iter() {
            let bucket = bounds.partition_point(|bound| *bound <= key);
            buckets[bucket].push([(key >> 32) as u32, key as u32, row]);
            row += 1;
        }
    }
    let mut out = Ordered {
        x: Vec::with_capacity(rows),
        y: Vec::with_capacity(rows),
        source: Vec::with_capacity(rows),
    };
    let mut buckets = buckets.into_iter();
    loop {
        let some: Vec<Pieces<[u32; 3]>> = buckets.by_ref().take(AT_ONCE).collect();
        if some.is_empty() {
            return out;
        }
        let sorted: Vec<Vec<[u32; 3]>> = some.into_par_iter().map(sorted).collect();
        for [x, y, source] in sorted.into_iter().flatten() {
            out.x.push(x);
            out.y.push(y);
            out.source.push(source);
        }
    }
}

/// x, y and number of the rows of a bucket.
fn sorted(bucket: Pieces<[u32; 3]>) -> Vec<[u32; 3]> {
    let mut rows = Vec::with_capacity(bucket.len());
    bucket.into_pieces().for_each(|piece| rows.extend_from_slice(&piece));
    let key = |[high, low, row]: &[u32; 3]| (u64::from(*high) << 32 | u64::from(*low), *row);
    rows.sort_unstable_by_key(key);
    for row in &mut rows {
        let [x, y] = table::point(key(row).0);
        [row[0], row[1]] = [x, y];
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;

    #[test]
    fn rows_are_sorted_and_keep_their_order_where_equal() {
        let mut random = Random::from_seed(2);
        for (count, different) in [(0, 1), (1, 1), (1000, 3), (200_000, 1 << 40), (5000, 1)] {
            let keys: Vec<u64> = (0..count).map(|_| random.below(different) << 20).collect();
            let mut pieces = Pieces::new();
            pieces.extend(keys.iter().copied());
            let ordered = along_curve(pieces);
            let mut expected: Vec<u32> = (0..count as u32).collect();
            expected.sort_by_key(|&row| keys[row as usize]);
            assert!(ordered.source == expected);
            let points = ordered.x.iter().zip(&ordered.y).map(|(&x, &y)| table::key([x, y]));
            assert!(points.eq(expected.iter().map(|&row| keys[row as usize])));
        }
    }
}
