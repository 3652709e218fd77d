//! Columns of a dataset: Arrow buffers in the order of the index, and statistics of every 64 rows.
//!
//! 64 rows are a *block*: what a filter says of them is one word, and whoever wants a sum of rows
//! between two places adds up whole blocks and looks only into the first and the last.

use std::sync::{Arc, OnceLock};

use super::spans::{self, Spans};
use crate::array::{BooleanBuffer, ScalarBuffer, Utf8};

/// Rows in a block.
pub(super) const BLOCK: usize = 64;

/// How many different strings a column may have for each block to count them.
pub(super) const COUNTED: usize = 64;

/// A column.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) data: Data,
    /// Which rows have a value; none means all of them.
    pub(super) valid: Option<BooleanBuffer>,
    pub(super) blocks: Blocks,
    pub(super) spans: Spans,
    /// How often each string occurs, once someone asked.
    pub(super) frequencies: OnceLock<Vec<u64>>,
    /// What [`Self::exact_sums`] says, once someone asked.
    exact: OnceLock<Exact>,
}

/// Which sums of a column can be added up in place of its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exact {
    /// None.
    Values,
    /// Those of blocks.
    Blocks,
    /// Those of blocks and spans.
    Spans,
}

/// The values of a column, one for each row; arbitrary where there is none.
#[derive(Clone, Debug)]
pub(super) enum Data {
    Bool(BooleanBuffer),
    I32(ScalarBuffer<i32>),
    I64(ScalarBuffer<i64>),
    F32(ScalarBuffer<f32>),
    F64(ScalarBuffer<f64>),
    /// Milliseconds since 1970 began, in UTC.
    Time(ScalarBuffer<i64>),
    Text(Keys, Arc<Utf8>),
}

/// Numbers of strings, in as few bytes as they fit.
#[derive(Clone, Debug)]
pub(super) enum Keys {
    U8(ScalarBuffer<u8>),
    U16(ScalarBuffer<u16>),
    U32(ScalarBuffer<u32>),
}

/// Statistics of the blocks of a column. Where a block has no value, the minimum is the largest number
/// and the maximum the smallest.
#[derive(Clone, Debug)]
pub(super) enum Blocks {
    /// Of truth values: their words say all there is.
    Words,
    Int {
        /// Modulo 2^64; see [`Column::exact_sums`].
        sum: ScalarBuffer<i64>,
        min: ScalarBuffer<i64>,
        max: ScalarBuffer<i64>,
    },
    Float {
        sum: ScalarBuffer<f64>,
        min: ScalarBuffer<f64>,
        max: ScalarBuffer<f64>,
    },
    /// Of the numbers of strings.
    Text {
        min: ScalarBuffer<u32>,
        max: ScalarBuffer<u32>,
        /// How often each string occurs in the block, if there are at most [`COUNTED`].
        counts: Option<ScalarBuffer<u8>>,
    },
}

/// The rows of block `block` among `rows`.
#[inline]
pub(super) fn span(block: usize, rows: usize) -> std::ops::Range<usize> {
    block * BLOCK..rows.min((block + 1) * BLOCK)
}

/// A word of a bitmap: those of its bits that belong to `block`.
#[inline]
pub(super) fn word(bits: &BooleanBuffer, block: usize) -> u64 {
    debug_assert_eq!(bits.offset(), 0);
    let bytes = &bits.values()[8 * block..];
    let word = match bytes.first_chunk() {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => {
            let mut word = [0; 8];
            word[..bytes.len()].copy_from_slice(bytes);
            u64::from_le_bytes(word)
        }
    };
    word & below(bits.len() - block * BLOCK)
}

/// A word with the first `count` bits set, or all.
#[inline]
pub(super) fn below(count: usize) -> u64 {
    if count >= BLOCK { u64::MAX } else { (1 << count) - 1 }
}

/// The numbers of the bits that are set.
#[inline]
pub(super) fn bits(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = word.trailing_zeros() as usize;
        (word != 0).then(|| {
            word &= word - 1;
            bit
        })
    })
}

impl Keys {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::U8(keys) => keys.len(),
            Self::U16(keys) => keys.len(),
            Self::U32(keys) => keys.len(),
        }
    }

    #[inline]
    pub(super) fn at(&self, row: usize) -> u32 {
        match self {
            Self::U8(keys) => u32::from(keys[row]),
            Self::U16(keys) => u32::from(keys[row]),
            Self::U32(keys) => keys[row],
        }
    }
}

impl Data {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Bool(values) => values.len(),
            Self::I32(values) => values.len(),
            Self::I64(values) | Self::Time(values) => values.len(),
            Self::F32(values) => values.len(),
            Self::F64(values) => values.len(),
            Self::Text(keys, _) => keys.len(),
        }
    }

    /// What the values themselves take, in bytes.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Bool(values) => values.len().div_ceil(8),
            Self::I32(_) | Self::F32(_) => 4 * self.len(),
            Self::I64(_) | Self::Time(_) | Self::F64(_) => 8 * self.len(),
            Self::Text(keys, values) => {
                let width = match keys {
                    Keys::U8(_) => 1,
                    Keys::U16(_) => 2,
                    Keys::U32(_) => 4,
                };
                width * keys.len() + values.bytes().len() + 4 * values.offsets().len()
            }
        }
    }
}

impl Column {
    /// A column and the statistics of its blocks.
    pub(super) fn new(name: String, data: Data, valid: Option<BooleanBuffer>) -> Self {
        let blocks = super::blocks::of(&data, valid.as_ref());
        let spans = Spans::of(&data, valid.as_ref(), &blocks);
        Self::with_statistics(name, data, valid, blocks, spans)
    }

    /// A column whose statistics are known.
    pub(super) fn with_statistics(
        name: String,
        data: Data,
        valid: Option<BooleanBuffer>,
        blocks: Blocks,
        spans: Spans,
    ) -> Self {
        Self { name, data, valid, blocks, spans, frequencies: OnceLock::new(), exact: OnceLock::new() }
    }

    /// Which rows of `block` have a value.
    #[inline]
    pub(super) fn valid(&self, block: usize) -> u64 {
        match &self.valid {
            Some(valid) => word(valid, block),
            None => below(self.data.len() - block * BLOCK),
        }
    }

    #[inline]
    pub(super) fn is_valid(&self, row: usize) -> bool {
        self.valid.as_ref().is_none_or(|valid| valid.value(row))
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self.data, Data::I32(_) | Data::I64(_) | Data::F32(_) | Data::F64(_))
    }

    /// What the column takes, its statistics not counted, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.data.bytes() + self.valid.as_ref().map_or(0, |valid| valid.len().div_ceil(8))
    }

    /// Which sums are those of their values, and not modulo 2^64: all of them, unless values are large.
    pub(super) fn exact_sums(&self) -> Exact {
        *self.exact.get_or_init(|| {
            let Spans::Ints { min, max, .. } = &self.spans else { return Exact::Spans };
            let top = spans::start(self.data.len(), spans::LEVELS);
            let below = |bound: u64| {
                let fits = |value: i64| value.unsigned_abs() < bound;
                min[top..].iter().zip(&max[top..]).all(|(&min, &max)| min > max || (fits(min) && fits(max)))
            };
            // Spans have up to 2^18 rows, and blocks 2^6.
            match (below(1 << 45), below(1 << 57)) {
                (true, _) => Exact::Spans,
                (_, true) => Exact::Blocks,
                _ => Exact::Values,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_with_the_rows() {
        let bitmap = BooleanBuffer::from((0..130).map(|row| row % 3 != 0).collect::<Vec<bool>>());
        for block in 0..3 {
            let rows: Vec<usize> = bits(word(&bitmap, block)).map(|bit| block * BLOCK + bit).collect();
            let naive: Vec<usize> = span(block, 130).filter(|row| row % 3 != 0).collect();
            assert_eq!(rows, naive);
        }
        assert_eq!([below(0), below(1), below(64), below(70)], [0, 1, u64::MAX, u64::MAX]);
    }
}
