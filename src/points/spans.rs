//! Statistics of spans: of 16 blocks, of 16 of those, and once more.
//!
//! ```text
//! level 3   262,144 rows   ├───────────────────────────────── … ┤
//! level 2    16,384 rows   ├───────────────┼─────────────── … ┤
//! level 1     1,024 rows   ├──┼──┼──┼──┼── … ┤
//! blocks         64 rows   ├┼┼┼┼┼ … ┤
//! ```
//!
//! Rows on end are a few dozen spans, blocks and single rows, however many they are: a tile of all rows
//! costs what its cells cost. The spans of level 1 stand before those of level 2, and those of level 3 last.

use rayon::prelude::*;

use super::column::{BLOCK, Blocks, Data, Keys, bits, span, word};
use crate::array::{BooleanBuffer, ScalarBuffer};

/// How many spans, or blocks, are one of the next level.
const FANOUT: usize = 16;

/// The levels above blocks.
pub(super) const LEVELS: usize = 3;

/// How many different strings a column may have for each span to count them, in four bytes for each of its
/// 1,024 rows and more.
pub(super) const COUNTED: usize = 256;

/// The rows of a whole span; of level 0, those of a block.
pub(super) const fn size(level: usize) -> usize {
    BLOCK * FANOUT.pow(level as u32)
}

/// The number of the first span of a level from 1 on, among all spans of a table; of the level after the last
/// one, how many there are.
pub(super) fn start(rows: usize, level: usize) -> usize {
    (1..level).map(|level| rows.div_ceil(size(level))).sum()
}

/// How many spans a table has.
pub(super) fn total(rows: usize) -> usize {
    start(rows, LEVELS + 1)
}

/// Statistics of all spans of a column.
#[derive(Clone, Debug)]
pub(super) enum Spans {
    /// `sum` is modulo 2^64; see [`super::column::Column::exact_sums`].
    Ints { count: ScalarBuffer<u32>, sum: ScalarBuffer<i64>, min: ScalarBuffer<i64>, max: ScalarBuffer<i64> },
    Floats {
        count: ScalarBuffer<u32>,
        sum: ScalarBuffer<f64>,
        min: ScalarBuffer<f64>,
        max: ScalarBuffer<f64>,
    },
    /// How often each string occurs, or false and true; none if there are more than [`COUNTED`] strings.
    Categories(Option<ScalarBuffer<u32>>),
}

impl Spans {
    /// Those of values whose blocks are known.
    pub(super) fn of(data: &Data, valid: Option<&BooleanBuffer>, blocks: &Blocks) -> Self {
        let rows = data.len();
        let counts = || {
            let count = |block: usize| {
                valid.map_or(span(block, rows).len() as u32, |valid| word(valid, block).count_ones())
            };
            pyramid(rows, |blocks| blocks.map(count).sum::<u32>(), |below| below.iter().sum())
        };
        match blocks {
            Blocks::Int { sum, min, max } => {
                let sums = |sums: &[i64]| sums.iter().fold(0, |all: i64, &sum| all.wrapping_add(sum));
                let least = |all: &[i64]| all.iter().copied().min().unwrap_or(i64::MAX);
                let most = |all: &[i64]| all.iter().copied().max().unwrap_or(i64::MIN);
                Self::Ints {
                    count: counts(),
                    sum: pyramid(rows, |blocks| sums(&sum[blocks]), sums),
                    min: pyramid(rows, |blocks| least(&min[blocks]), least),
                    max: pyramid(rows, |blocks| most(&max[blocks]), most),
                }
            }
            Blocks::Float { sum, min, max } => {
                let sums = |sums: &[f64]| sums.iter().sum::<f64>();
                let least = |all: &[f64]| all.iter().copied().fold(f64::INFINITY, f64::min);
                let most = |all: &[f64]| all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                Self::Floats {
                    count: counts(),
                    sum: pyramid(rows, |blocks| sums(&sum[blocks]), sums),
                    min: pyramid(rows, |blocks| least(&min[blocks]), least),
                    max: pyramid(rows, |blocks| most(&max[blocks]), most),
                }
            }
            Blocks::Words | Blocks::Text { .. } => Self::Categories(categories(data, valid)),
        }
    }
}

/// A number for each span: of blocks for those of level 1, of the numbers of the spans below for the others.
pub(super) fn pyramid<T: arrow_buffer::ArrowNativeType>(
    rows: usize,
    of_blocks: impl Fn(std::ops::Range<usize>) -> T,
    of_spans: impl Fn(&[T]) -> T,
) -> ScalarBuffer<T> {
    let blocks = rows.div_ceil(BLOCK);
    let first = (0..rows.div_ceil(size(1))).map(|span| span * FANOUT..blocks.min((span + 1) * FANOUT));
    let mut all: Vec<T> = first.map(of_blocks).collect();
    for level in 2..=LEVELS {
        let below = all[start(rows, level - 1)..].to_vec();
        all.extend(below.chunks(FANOUT).map(&of_spans));
    }
    all.into()
}

/// The number of categories whose counts spans have; none if they have no counts.
pub(super) fn width(data: &Data) -> Option<usize> {
    match data {
        Data::Bool(_) => Some(2),
        Data::Text(_, strings) => Some(strings.len()).filter(|&count| count > 0 && count <= COUNTED),
        _ => None,
    }
}

/// The counts of each category, span by span.
fn categories(data: &Data, valid: Option<&BooleanBuffer>) -> Option<ScalarBuffer<u32>> {
    let (rows, width) = (data.len(), width(data)?);
    let mut all = vec![0u32; width * total(rows)];
    let (first, others) = all.split_at_mut(width * rows.div_ceil(size(1)));
    first.par_chunks_mut(width).enumerate().for_each(|(index, counts)| {
        let rows = index * size(1)..rows.min((index + 1) * size(1));
        match data {
            Data::Bool(values) => {
                for block in rows.start / BLOCK..rows.end.div_ceil(BLOCK) {
                    let valid = valid.map_or(u64::MAX, |valid| word(valid, block));
                    let trues = (word(values, block) & valid).count_ones();
                    let all = valid & super::column::below(values.len() - block * BLOCK);
                    counts[0] += all.count_ones() - trues;
                    counts[1] += trues;
                }
            }
            Data::Text(keys, _) => match valid {
                None => match keys {
                    Keys::U8(keys) => keys[rows].iter().for_each(|&key| counts[usize::from(key)] += 1),
                    _ => rows.for_each(|row| counts[keys.at(row) as usize] += 1),
                },
                Some(valid) => {
                    for block in rows.start / BLOCK..rows.end.div_ceil(BLOCK) {
                        let rows = bits(word(valid, block)).map(|bit| block * BLOCK + bit);
                        rows.for_each(|row| counts[keys.at(row) as usize] += 1);
                    }
                }
            },
            _ => unreachable!("a column of categories"),
        }
    });
    let (mut below, mut others) = (first, others);
    for level in 2..=LEVELS {
        let (own, rest) = others.split_at_mut(width * rows.div_ceil(size(level)));
        for (own, below) in own.chunks_exact_mut(width).zip(below.chunks(FANOUT * width)) {
            for below in below.chunks_exact(width) {
                own.iter_mut().zip(below).for_each(|(sum, count)| *sum += count);
            }
        }
        (below, others) = (own, rest);
    }
    Some(all.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_stand_level_by_level() {
        let rows = 3 * size(2) + 5;
        assert_eq!([1, 2, 3, 4].map(|level| start(rows, level)), [0, 49, 53, 54]);
        let blocks = rows.div_ceil(BLOCK) as u32;
        let counts = pyramid(rows, |blocks| blocks.len() as u32, |below| below.iter().sum());
        assert_eq!(counts.len(), total(rows));
        assert_eq!(counts[..3], [16; 3]);
        assert_eq!(counts[48..], [1, 256, 256, 256, 1, blocks]);
        assert_eq!([0, 1, 64, 1025].map(total), [0, 3, 3, 4]);
    }
}
