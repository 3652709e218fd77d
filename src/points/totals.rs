//! Sums, extremes and counts of cells, one after the other.

use std::sync::Arc;

use super::aggregates::By;
use super::column::{BLOCK, Blocks, Column, Data, Exact, below, bits, word};
use super::spans::{self, Spans};

/// What is known of the numbers of a column in each cell.
#[derive(Debug)]
pub(super) enum Numbers {
    Ints {
        all: Vec<Total<i128, i64>>,
        /// Whether the sums of blocks can be taken.
        sums_fit: bool,
    },
    Floats(Vec<Total<f64, f64>>),
}

/// What is known of the numbers of one cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Total<S, V> {
    pub(super) count: u64,
    pub(super) sum: S,
    pub(super) min: V,
    pub(super) max: V,
}

const NO_INTS: Total<i128, i64> = Total { count: 0, sum: 0, min: i64::MAX, max: i64::MIN };
const NO_FLOATS: Total<f64, f64> = Total { count: 0, sum: 0.0, min: f64::INFINITY, max: f64::NEG_INFINITY };

impl Total<i128, i64> {
    #[inline]
    fn add(&mut self, value: i64) {
        self.sum += i128::from(value);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }
}

impl Total<f64, f64> {
    #[inline]
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }
}

impl Numbers {
    /// For a column of numbers or moments.
    pub(super) fn new(column: &Column) -> Self {
        match column.blocks {
            Blocks::Int { .. } => {
                Self::Ints { all: Vec::new(), sums_fit: column.exact_sums() != Exact::Values }
            }
            _ => Self::Floats(Vec::new()),
        }
    }

    /// Begins another cell.
    pub(super) fn push(&mut self) {
        match self {
            Self::Ints { all, .. } => all.push(NO_INTS),
            Self::Floats(all) => all.push(NO_FLOATS),
        }
    }

    /// Adds the rows of a block that `mask` has to the cell of number `slot`.
    #[inline]
    pub(super) fn add(&mut self, column: &Column, slot: usize, block: usize, mask: u64) {
        let valid = column.valid(block);
        let mask = mask & valid;
        let count = u64::from(mask.count_ones());
        let rows = || bits(mask).map(|bit| block * BLOCK + bit);
        match self {
            Self::Ints { all, sums_fit } => {
                let total = &mut all[slot];
                total.count += count;
                if let Blocks::Int { sum, min, max } = &column.blocks
                    && mask == valid
                    && *sums_fit
                {
                    total.sum += i128::from(sum[block]);
                    total.min = total.min.min(min[block]);
                    total.max = total.max.max(max[block]);
                    return;
                }
                match &column.data {
                    Data::I32(values) => rows().for_each(|row| total.add(values[row].into())),
                    Data::I64(values) | Data::Time(values) => rows().for_each(|row| total.add(values[row])),
                    _ => unreachable!("a column of integers"),
                }
            }
            Self::Floats(all) => {
                let total = &mut all[slot];
                total.count += count;
                if let Blocks::Float { sum, min, max } = &column.blocks
                    && mask == valid
                {
                    total.sum += sum[block];
                    total.min = total.min.min(min[block]);
                    total.max = total.max.max(max[block]);
                    return;
                }
                match &column.data {
                    Data::F32(values) => rows().for_each(|row| total.add(values[row].into())),
                    Data::F64(values) => rows().for_each(|row| total.add(values[row])),
                    _ => unreachable!("a column of floating point"),
                }
            }
        }
    }

    /// Adds a span to the cell of number `slot`.
    pub(super) fn add_span(&mut self, column: &Column, slot: usize, span: usize) {
        match (self, &column.spans) {
            (Self::Ints { all, .. }, Spans::Ints { count, sum, min, max }) => all[slot].merge(&Total {
                count: count[span].into(),
                sum: sum[span].into(),
                min: min[span],
                max: max[span],
            }),
            (Self::Floats(all), Spans::Floats { count, sum, min, max }) => all[slot].merge(&Total {
                count: count[span].into(),
                sum: sum[span],
                min: min[span],
                max: max[span],
            }),
            _ => unreachable!("of the same column"),
        }
    }

    /// Adds the cells of `other`, of which the first one is that of number `slots[0]` here, and so on.
    pub(super) fn merge(&mut self, other: &Self, slots: &[usize]) {
        match (self, other) {
            (Self::Ints { all, .. }, Self::Ints { all: other, .. }) => {
                slots.iter().zip(other).for_each(|(&slot, other)| all[slot].merge(other));
            }
            (Self::Floats(all), Self::Floats(other)) => {
                slots.iter().zip(other).for_each(|(&slot, other)| all[slot].merge(other));
            }
            _ => unreachable!("of the same column"),
        }
    }
}

/// How often each category occurs in each cell.
#[derive(Debug)]
pub(super) struct Categories {
    by: Arc<By>,
    /// Cell by cell.
    pub(super) counts: Vec<u64>,
}

impl Categories {
    pub(super) fn new(by: &Arc<By>) -> Self {
        Self { by: Arc::clone(by), counts: Vec::new() }
    }

    pub(super) fn column(&self) -> usize {
        self.by.column()
    }

    /// The number of categories.
    pub(super) fn width(&self) -> usize {
        self.by.names.len()
    }

    /// Begins another cell.
    pub(super) fn push(&mut self) {
        self.counts.resize(self.counts.len() + self.width(), 0);
    }

    /// Adds the rows of a block that `mask` has to the cell of number `slot`.
    #[inline]
    pub(super) fn add(&mut self, column: &Column, slot: usize, block: usize, mask: u64) {
        let width = self.width();
        let own = &mut self.counts[slot * width..(slot + 1) * width];
        let valid = column.valid(block);
        own[self.by.null as usize] += u64::from((mask & !valid).count_ones());
        let with_value = mask & valid;
        match &column.data {
            Data::Bool(values) => {
                let trues = (word(values, block) & with_value).count_ones();
                own[0] += u64::from(with_value.count_ones() - trues);
                own[1] += u64::from(trues);
            }
            Data::Text(keys, strings) => {
                if let Blocks::Text { counts: Some(counts), .. } = &column.blocks
                    && mask == below(column.data.len() - block * BLOCK)
                {
                    let count = strings.len();
                    for (key, &count) in (0..).zip(&counts[block * count..(block + 1) * count]) {
                        own[self.by.property(key)] += u64::from(count);
                    }
                    return;
                }
                for bit in bits(with_value) {
                    own[self.by.property(keys.at(block * BLOCK + bit))] += 1;
                }
            }
            _ => unreachable!("a column of categories"),
        }
    }

    /// Adds a span of so many rows, whose categories are counted, to the cell of number `slot`.
    pub(super) fn add_span(&mut self, column: &Column, slot: usize, span: usize, rows: usize) {
        let Spans::Categories(Some(counts)) = &column.spans else { unreachable!("counted") };
        let all = counts.len() / spans::total(column.data.len());
        let own = self.width();
        let own = &mut self.counts[slot * own..(slot + 1) * own];
        let mut nulls = rows as u64;
        for (key, &count) in (0..).zip(&counts[span * all..(span + 1) * all]) {
            own[self.by.property(key)] += u64::from(count);
            // What was tampered with may count more rows than there are.
            nulls = nulls.saturating_sub(count.into());
        }
        own[self.by.null as usize] += nulls;
    }

    /// Adds the cells of `other`, of which the first one is that of number `slots[0]` here, and so on.
    pub(super) fn merge(&mut self, other: &Self, slots: &[usize]) {
        let width = self.width();
        for (&slot, other) in slots.iter().zip(other.counts.chunks_exact(width)) {
            let own = &mut self.counts[slot * width..(slot + 1) * width];
            own.iter_mut().zip(other).for_each(|(sum, count)| *sum += count);
        }
    }
}
