//! Points and their columns, along a Hilbert curve through the map.
//!
//! Every square that halving the map again and again leads to is one stretch of the curve, so the
//! points of a tile are rows on end, and so are those of every cell of a grid whose cells per tile
//! are a power of two.

use std::ops::Range;

use super::column::{BLOCK, Column, span};
use super::spans::{pyramid, start};
use crate::array::ScalarBuffer;
use crate::coord::TileCoord;
use crate::curve::Curve;

/// The curve: through all places of [`super::mercator`].
const CURVE: Curve = Curve { origin: [0, 0], order: 32 };

/// The place of a point on the curve.
pub(super) fn key([x, y]: [u32; 2]) -> u64 {
    CURVE.place([x as i32, y as i32])
}

/// The point at a place on the curve.
pub(super) fn point(key: u64) -> [u32; 2] {
    CURVE.point(key).map(|at| at as u32)
}

/// Points in the order of their keys.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) x: ScalarBuffer<u32>,
    pub(super) y: ScalarBuffer<u32>,
    /// The number of each row in the input.
    pub(super) source: ScalarBuffer<u32>,
    /// Per block, how many halvings of the map leave some neighbours among its rows, and the row
    /// before them, together.
    pub(super) level: ScalarBuffer<u8>,
    /// Per block, the sums of x and y.
    pub(super) sum_x: ScalarBuffer<u64>,
    pub(super) sum_y: ScalarBuffer<u64>,
    pub(super) spans: SpansOfPlaces,
    pub(super) columns: Vec<Column>,
}

/// What blocks say of places, for spans.
#[derive(Clone, Debug)]
pub(super) struct SpansOfPlaces {
    pub(super) level: ScalarBuffer<u8>,
    pub(super) sum_x: ScalarBuffer<u64>,
    pub(super) sum_y: ScalarBuffer<u64>,
}

impl Table {
    pub(super) fn rows(&self) -> usize {
        self.x.len()
    }

    /// A table of points in the order of their keys.
    pub(super) fn new(
        x: ScalarBuffer<u32>,
        y: ScalarBuffer<u32>,
        source: ScalarBuffer<u32>,
        columns: Vec<Column>,
    ) -> Self {
        let blocks = x.len().div_ceil(BLOCK);
        let level = (0..blocks).map(|block| {
            span(block, x.len())
                .filter(|&row| row > 0)
                .map(|row| together([x[row], y[row]], [x[row - 1], y[row - 1]]))
                .min()
                .unwrap_or(32)
        });
        let level: ScalarBuffer<u8> = level.collect::<Vec<u8>>().into();
        let sums = |at: &[u32]| {
            let sums = at.chunks(BLOCK).map(|block| block.iter().map(|&at| u64::from(at)).sum::<u64>());
            ScalarBuffer::from(sums.collect::<Vec<u64>>())
        };
        let (sum_x, sum_y) = (sums(&x), sums(&y));
        let least = |levels: &[u8]| levels.iter().copied().min().unwrap_or(32);
        let all = |sums: &[u64]| sums.iter().sum::<u64>();
        let spans = SpansOfPlaces {
            level: pyramid(x.len(), |blocks| least(&level[blocks]), least),
            sum_x: pyramid(x.len(), |blocks| all(&sum_x[blocks]), all),
            sum_y: pyramid(x.len(), |blocks| all(&sum_y[blocks]), all),
        };
        Self { x, y, source, level, sum_x, sum_y, spans, columns }
    }

    /// How many halvings of the map leave the rows of a span together, at least, and the row before them; of
    /// level 0, those of a block.
    #[inline]
    pub(super) fn level_of(&self, level: usize, index: usize) -> u8 {
        match level {
            0 => self.level[index],
            _ => self.spans.level[start(self.rows(), level) + index],
        }
    }

    #[inline]
    pub(super) fn at(&self, row: usize) -> [u32; 2] {
        [self.x[row], self.y[row]]
    }

    /// The rows of the points in a square of the map, of zoom `z` up to 32.
    pub(super) fn rows_in(&self, z: u8, x: u32, y: u32) -> Range<usize> {
        self.rows_within(0..self.rows(), z, x, y)
    }

    /// [`Self::rows_in`], of which it is known that they lie among `rows`.
    pub(super) fn rows_within(&self, rows: Range<usize>, z: u8, x: u32, y: u32) -> Range<usize> {
        if z == 0 {
            return rows;
        }
        let shift = 32 - u32::from(z);
        let stretch = 2 * shift;
        let first = key([x << shift, y << shift]) >> stretch << stretch;
        let last = first | ((1 << stretch) - 1);
        let find = |rows: Range<usize>, before: &dyn Fn(u64) -> bool| {
            let (mut low, mut high) = (rows.start, rows.end);
            while low < high {
                let middle = low + (high - low) / 2;
                if before(key(self.at(middle))) { low = middle + 1 } else { high = middle }
            }
            low
        };
        let start = find(rows.clone(), &|key| key < first);
        let end = find(start..rows.end, &|key| key <= last);
        start..end
    }

    /// The rows of a tile.
    pub(super) fn rows_of(&self, tile: TileCoord) -> Range<usize> {
        self.rows_in(tile.z(), tile.x(), tile.y())
    }

    /// What points and columns take, in bytes, the statistics of blocks not counted.
    pub(super) fn bytes(&self) -> usize {
        12 * self.rows() + self.columns.iter().map(Column::bytes).sum::<usize>()
    }
}

/// How many halvings of the map leave two points together.
#[inline]
pub(super) fn together(a: [u32; 2], b: [u32; 2]) -> u8 {
    ((a[0] ^ b[0]) | (a[1] ^ b[1])).leading_zeros() as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;

    #[test]
    fn squares_are_stretches_of_the_curve() {
        let mut random = Random::from_seed(3);
        let some = |random: &mut Random| {
            let spread = random.below(32);
            [(random.any() >> 32 >> spread) as u32, (random.any() >> 32 >> spread) as u32]
        };
        let mut keys: Vec<u64> = (0..3000).map(|_| key(some(&mut random))).collect();
        keys.sort_unstable();
        let points: Vec<[u32; 2]> = keys.iter().map(|&key| point(key)).collect();
        let axis = |axis: usize| points.iter().map(|point| point[axis]).collect::<Vec<u32>>().into();
        let source = (0..3000).collect::<Vec<u32>>().into();
        let table = Table::new(axis(0), axis(1), source, Vec::new());
        for z in 0..=32u8 {
            for _ in 0..20 {
                let within = points[random.index(points.len())];
                let [x, y] = within.map(|at| at.checked_shr(32 - u32::from(z)).unwrap_or(0));
                let is_in = |point: &[u32; 2]| {
                    point.map(|at| at.checked_shr(32 - u32::from(z)).unwrap_or(0)) == [x, y]
                };
                let rows = table.rows_in(z, x, y);
                assert_eq!(rows.len(), points.iter().filter(|point| is_in(point)).count(), "{z} {x} {y}");
                assert!(points[rows].iter().all(is_in));
            }
        }
    }
}
