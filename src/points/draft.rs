//! A table in the making: rows in the order of the input, then along the curve.
//!
//! Values are gathered in pieces, so that nothing has to move as they become more, and columns are
//! brought in order one after the other, so that only one of them is in memory twice.

use std::sync::Arc;

use arrow_buffer::BooleanBufferBuilder;
use rayon::prelude::*;

use super::column::{Column, Data, Keys};
use super::options::{Progress, Stage};
use super::table::{self, Table};
use super::text::Interner;
use crate::array::{BooleanBuffer, ScalarBuffer, Utf8};

/// Values in a piece.
const PIECE: usize = 1 << 16;

/// Values in pieces, all but the last of the same length.
#[derive(Debug)]
pub(super) struct Pieces<T>(Vec<Vec<T>>);

impl<T: Copy + Default + Send + Sync> Pieces<T> {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn len(&self) -> usize {
        self.0.last().map_or(0, |last| (self.0.len() - 1) * PIECE + last.len())
    }

    #[inline]
    pub(super) fn push(&mut self, value: T) {
        match self.0.last_mut() {
            Some(last) if last.len() < PIECE => last.push(value),
            _ => {
                let mut piece = Vec::with_capacity(PIECE);
                piece.push(value);
                self.0.push(piece);
            }
        }
    }

    pub(super) fn extend(&mut self, values: impl IntoIterator<Item = T>) {
        values.into_iter().for_each(|value| self.push(value));
    }

    #[inline]
    pub(super) fn get(&self, index: u32) -> T {
        self.0[index as usize / PIECE][index as usize % PIECE]
    }

    /// The values of `order`, each as `to` makes it.
    fn gather<U: Copy + Default + Send + Sync>(
        self,
        order: &[u32],
        to: impl Fn(T) -> U + Sync,
    ) -> ScalarBuffer<U>
    where
        U: arrow_buffer::ArrowNativeType,
    {
        let mut out = vec![U::default(); order.len()];
        out.par_chunks_mut(PIECE).zip(order.par_chunks(PIECE)).for_each(|(out, order)| {
            out.iter_mut().zip(order).for_each(|(out, &index)| *out = to(self.get(index)));
        });
        out.into()
    }
}

/// A column in the making.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) values: Values,
    pub(super) valid: BooleanBufferBuilder,
}

/// The values of a [`Draft`]; any where there is none.
#[derive(Debug)]
pub(super) enum Values {
    Bool(BooleanBufferBuilder),
    I32(Pieces<i32>),
    I64(Pieces<i64>),
    F32(Pieces<f32>),
    F64(Pieces<f64>),
    Time(Pieces<i64>),
    Text(Pieces<u32>, Interner),
}

impl Draft {
    pub(super) fn new(name: String, values: Values) -> Self {
        Self { name, values, valid: BooleanBufferBuilder::new(0) }
    }

    fn gather(self, order: &[u32]) -> Column {
        let Self { name, values, mut valid } = self;
        let take = |bits: &BooleanBuffer| {
            BooleanBuffer::collect_bool(order.len(), |row| bits.value(order[row] as usize))
        };
        let valid = valid.finish();
        let valid = (valid.count_set_bits() < valid.len()).then(|| take(&valid));
        let data = match values {
            Values::Bool(mut values) => Data::Bool(take(&values.finish())),
            Values::I32(values) => Data::I32(values.gather(order, |value| value)),
            Values::I64(values) => Data::I64(values.gather(order, |value| value)),
            Values::F32(values) => Data::F32(values.gather(order, |value| value)),
            Values::F64(values) => Data::F64(values.gather(order, |value| value)),
            Values::Time(values) => Data::Time(values.gather(order, |value| value)),
            Values::Text(numbers, strings) => {
                let strings: Arc<Utf8> = Arc::new(strings.finish());
                let keys = match strings.len() {
                    ..=0x100 => Keys::U8(numbers.gather(order, |number| number as u8)),
                    ..=0x1_0000 => Keys::U16(numbers.gather(order, |number| number as u16)),
                    _ => Keys::U32(numbers.gather(order, |number| number)),
                };
                Data::Text(keys, strings)
            }
        };
        Column::new(name, data, valid)
    }
}

/// A table in the making.
#[derive(Debug)]
pub(super) struct Drafts {
    /// The places of the points on the curve.
    pub(super) keys: Pieces<u64>,
    pub(super) columns: Vec<Draft>,
}

impl Drafts {
    /// The table; points at one place keep the order of the input.
    pub(super) fn finish(self, progress: &(dyn Fn(Progress) + Sync)) -> Table {
        let Self { keys, columns } = self;
        let rows = keys.len();
        let (steps, mut done) = (columns.len() as u64 + 1, 0);
        let mut tell = || {
            progress(Progress { stage: Stage::Sorting, done, total: steps });
            done += 1;
        };
        tell();
        let mut order: Vec<(u64, u32)> = Vec::with_capacity(rows);
        for piece in keys.0 {
            let first = order.len();
            order.extend(piece.into_iter().enumerate().map(|(row, key)| (key, (first + row) as u32)));
        }
        order.par_sort_unstable();
        let (mut x, mut y) = (vec![0u32; rows], vec![0u32; rows]);
        let pieces = x.par_chunks_mut(PIECE).zip(y.par_chunks_mut(PIECE)).zip(order.par_chunks(PIECE));
        pieces.for_each(|((x, y), order)| {
            for ((x, y), (key, _)) in x.iter_mut().zip(y).zip(order) {
                [*x, *y] = table::point(*key);
            }
        });
        let source: Vec<u32> = order.into_par_iter().map(|(_, row)| row).collect();
        let columns = columns
            .into_iter()
            .map(|draft| {
                tell();
                draft.gather(&source)
            })
            .collect();
        Table::new(x.into(), y.into(), source.into(), columns)
    }
}
