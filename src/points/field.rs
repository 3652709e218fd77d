//! What a dataset says of its columns: for TileJSON's `vector_layers` and for `tilestats`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::column::{Blocks, Column, Data, bits};
use super::spans::{self, Spans};

/// The type of a column's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldType {
    /// Truth values.
    Boolean,
    /// Integers of 64 bits, signed.
    Integer,
    /// Floating point.
    Float,
    /// Strings.
    String,
    /// Moments; in tiles milliseconds since 1970 began, in UTC.
    Timestamp,
}

/// A column as the outside sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// The property's name in tiles.
    pub name: String,
    /// The type of its values.
    pub kind: FieldType,
    /// How many rows have a value.
    pub count: u64,
    /// How many different values there are, if that is known.
    pub distinct: Option<u64>,
    /// The smallest number or moment.
    pub min: Option<f64>,
    /// The largest number or moment.
    pub max: Option<f64>,
    /// Some values: strings, the most frequent ones first; truth values; of numbers a sample in rising
    /// order.
    pub values: Vec<Value>,
}

/// How many values are told.
const VALUES: usize = 100;
/// How many rows are looked at for a sample of numbers.
const SAMPLE: usize = 1000;

impl Field {
    pub(super) fn of(column: &Column) -> Self {
        let blocks = column.data.len().div_ceil(super::column::BLOCK);
        let count = (0..blocks).map(|block| u64::from(column.valid(block).count_ones())).sum();
        let (min, max) = match &column.blocks {
            Blocks::Int { min, max, .. } => {
                let (min, max) = (min.iter().min(), max.iter().max());
                (min.map(|&min| min as f64), max.map(|&max| max as f64))
            }
            Blocks::Float { min, max, .. } => {
                (min.iter().copied().reduce(f64::min), max.iter().copied().reduce(f64::max))
            }
            Blocks::Words | Blocks::Text { .. } => (None, None),
        };
        let bound = |bound: Option<f64>| bound.filter(|_| count > 0);
        let (kind, distinct, values) = match &column.data {
            Data::Bool(values) => {
                let trues: u64 = (0..blocks)
                    .map(|block| {
                        u64::from((super::column::word(values, block) & column.valid(block)).count_ones())
                    })
                    .sum();
                let both = [(trues < count, false), (trues > 0, true)];
                let values: Vec<Value> =
                    both.iter().filter(|(there, _)| *there).map(|&(_, value)| value.into()).collect();
                (FieldType::Boolean, Some(values.len() as u64), values)
            }
            Data::I32(_) | Data::I64(_) => (FieldType::Integer, None, sample(column)),
            Data::F32(_) | Data::F64(_) => (FieldType::Float, None, sample(column)),
            Data::Time(_) => (FieldType::Timestamp, None, Vec::new()),
            Data::Text(_, strings) => {
                let counts = frequencies(column);
                let distinct = counts.iter().filter(|&&count| count > 0).count() as u64;
                let values = most_frequent(counts, VALUES);
                let values = values.into_iter().map(|key| strings.get(key as usize).into()).collect();
                (FieldType::String, Some(distinct), values)
            }
        };
        Self { name: column.name.clone(), kind, count, distinct, min: bound(min), max: bound(max), values }
    }
}

/// How often each string of a column occurs.
pub(super) fn frequencies(column: &Column) -> &[u64] {
    column.frequencies.get_or_init(|| count(column))
}

fn count(column: &Column) -> Vec<u64> {
    let Data::Text(keys, strings) = &column.data else { return Vec::new() };
    let mut out = vec![0; strings.len()];
    if let Spans::Categories(Some(counts)) = &column.spans {
        let top = spans::start(keys.len(), spans::LEVELS);
        for span in counts.chunks_exact(strings.len()).skip(top) {
            out.iter_mut().zip(span).for_each(|(sum, &count)| *sum += u64::from(count));
        }
        return out;
    }
    for block in 0..keys.len().div_ceil(super::column::BLOCK) {
        for bit in bits(column.valid(block)) {
            if let Some(count) = out.get_mut(keys.at(block * super::column::BLOCK + bit) as usize) {
                *count += 1;
            }
        }
    }
    out
}

/// The numbers of at most `most` strings that occur, the most frequent ones first, of equally frequent
/// ones those of lower numbers.
pub(super) fn most_frequent(counts: &[u64], most: usize) -> Vec<u32> {
    let mut keys: Vec<u32> = (0..counts.len() as u32).filter(|&key| counts[key as usize] > 0).collect();
    let rank = |key: &u32| (std::cmp::Reverse(counts[*key as usize]), *key);
    if keys.len() > most {
        keys.select_nth_unstable_by_key(most, rank);
        keys.truncate(most);
    }
    keys.sort_unstable_by_key(rank);
    keys
}

fn sample(column: &Column) -> Vec<Value> {
    let rows = column.data.len();
    let rows = (0..rows).step_by(rows.div_ceil(SAMPLE).max(1)).filter(|&row| column.is_valid(row));
    let mut values: Vec<Value> = match &column.data {
        Data::I32(values) => rows.map(|row| values[row].into()).collect(),
        Data::I64(values) => rows.map(|row| values[row].into()).collect(),
        Data::F32(values) => rows.map(|row| f64::from(values[row]).into()).collect(),
        Data::F64(values) => rows.map(|row| values[row].into()).collect(),
        _ => Vec::new(),
    };
    values.sort_by(|a, b| a.as_f64().unwrap_or(0.0).total_cmp(&b.as_f64().unwrap_or(0.0)));
    values.dedup();
    let step = values.len().div_ceil(VALUES).max(1);
    values.into_iter().step_by(step).collect()
}
