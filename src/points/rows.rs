//! Rows as features.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hashbrown::HashMap;
use rayon::prelude::*;

use super::cancel::{Cancel, TileError};
use super::cell_layer::units;
use super::column::{BLOCK, Column, Data, Keys, below, bits};
use super::filter::Predicate;
use super::table::Table;
use crate::array::{BooleanBuffer, NullBuffer, ScalarBuffer, Utf8};
use crate::column::{self, Ids, Strings, Values};
use crate::coord::TileCoord;

/// Rows that one thread looks at.
const SHARE: usize = 1024 * BLOCK;

/// Rows of a table.
#[derive(Clone, Debug)]
pub(super) enum Rows {
    /// On end.
    Range(Range<usize>),
    /// These.
    List(Vec<u32>),
}

impl Rows {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Range(rows) => rows.len(),
            Self::List(rows) => rows.len(),
        }
    }

    /// These rows, and others behind them.
    pub(super) fn and(self, others: Vec<u32>) -> Self {
        let mut list = match self {
            Self::Range(rows) => rows.map(|row| row as u32).collect(),
            Self::List(list) => list,
        };
        list.extend(others);
        Self::List(list)
    }

    /// `to` of each row.
    fn map<T: Send>(&self, to: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
        match self {
            Self::Range(rows) => rows.clone().map(to).collect(),
            Self::List(rows) => rows.iter().map(|&row| to(row as usize)).collect(),
        }
    }

    /// The rows among `range` of which `filter` is true; none if they are more than `most`.
    pub(super) fn matching(
        table: &Table,
        range: Range<usize>,
        filter: Option<&Predicate>,
        most: u64,
        cancel: &Cancel,
    ) -> Result<Option<Self>, TileError> {
        let Some(filter) = filter else {
            return Ok((range.len() as u64 <= most).then_some(Self::Range(range)));
        };
        let found = AtomicU64::new(0);
        let share = |rows: Range<usize>| -> Result<Vec<u32>, TileError> {
            cancel.check()?;
            let mut out = Vec::new();
            for block in rows.start / BLOCK..rows.end.div_ceil(BLOCK) {
                let first = block * BLOCK;
                let wanted = below(rows.end - first) & !below(rows.start.saturating_sub(first));
                let mask = wanted & filter.of(&table.columns, table.rows(), block).yes;
                if mask != 0 {
                    let count = u64::from(mask.count_ones());
                    if found.fetch_add(count, Ordering::Relaxed) + count > most {
                        break;
                    }
                    out.extend(bits(mask).map(|bit| (first + bit) as u32));
                }
            }
            Ok(out)
        };
        let Range { start, end } = range;
        let shares: Vec<Range<usize>> = (start / SHARE..end.div_ceil(SHARE))
            .map(|share| start.max(share * SHARE)..end.min((share + 1) * SHARE))
            .collect();
        let lists: Vec<Vec<u32>> = match &shares[..] {
            [one] => vec![share(one.clone())?],
            shares => shares.par_iter().cloned().map(share).collect::<Result<_, _>>()?,
        };
        Ok((found.into_inner() <= most).then(|| Self::List(lists.concat())))
    }

    /// Interleaved vertices.
    pub(super) fn vertices(&self, table: &Table, tile: TileCoord) -> Vec<i32> {
        self.map(|row| units(tile, table.at(row))).into_flattened()
    }

    pub(super) fn ids(&self, table: &Table, id: Option<usize>) -> Ids {
        match id.map(|id| &table.columns[id]) {
            Some(Column { data: Data::I64(values), .. }) => {
                let column = &table.columns[id.expect("there is a column")];
                let is_id = |row: usize| column.is_valid(row) && values[row] >= 0;
                let values: Vec<u64> = self.map(|row| values[row].max(0) as u64);
                Ids { values: values.into(), nulls: nulls(self.map(is_id)) }
            }
            _ => Ids { values: self.map(|row| u64::from(table.source[row])).into(), nulls: None },
        }
    }

    /// The values of a column; none if no row has one.
    pub(super) fn column(&self, column: &Column) -> Option<column::Column> {
        let nulls = match &column.valid {
            None => None,
            Some(_) => nulls(self.map(|row| column.is_valid(row))),
        };
        if nulls.as_ref().is_some_and(|nulls| nulls.null_count() == nulls.len()) {
            return None;
        }
        fn take<T: arrow_buffer::ArrowNativeType>(rows: &Rows, values: &ScalarBuffer<T>) -> ScalarBuffer<T> {
            match rows {
                Rows::Range(rows) => values.slice(rows.start, rows.len()),
                Rows::List(rows) => rows.iter().map(|&row| values[row as usize]).collect(),
            }
        }
        let values = match &column.data {
            Data::Bool(values) => Values::Bool(BooleanBuffer::from(self.map(|row| values.value(row)))),
            Data::I32(values) => Values::Int(self.map(|row| i64::from(values[row])).into()),
            Data::I64(values) | Data::Time(values) => Values::Int(take(self, values)),
            Data::F32(values) => Values::Float(take(self, values)),
            Data::F64(values) => Values::Double(take(self, values)),
            Data::Text(keys, strings) => Values::String(self.strings(keys, strings)),
        };
        Some(column::Column { name: column.name.as_str().into(), values, nulls })
    }

    /// Strings with a dictionary not much larger than the rows.
    fn strings(&self, keys: &Keys, strings: &Arc<Utf8>) -> Strings {
        let most = strings.len() as u32;
        // Only a file that was tampered with has others.
        let key = |row: usize| keys.at(row).min(most.saturating_sub(1));
        if strings.len() <= 2 * self.len() {
            return Strings::Dictionary { keys: self.map(key).into(), dictionary: Arc::clone(strings) };
        }
        let mut own: HashMap<u32, u32> = HashMap::new();
        let mut used = Vec::new();
        let mut number = |key: u32| {
            *own.entry(key).or_insert_with(|| {
                used.push(key);
                used.len() as u32 - 1
            })
        };
        let keys: Vec<u32> = self.map(key).into_iter().map(&mut number).collect();
        let dictionary: Utf8 = used.iter().map(|&key| strings.get(key as usize)).collect();
        Strings::Dictionary { keys: keys.into(), dictionary: Arc::new(dictionary) }
    }
}

fn nulls(valid: Vec<bool>) -> Option<NullBuffer> {
    let nulls = NullBuffer::new(BooleanBuffer::from(valid));
    (nulls.null_count() > 0).then_some(nulls)
}
