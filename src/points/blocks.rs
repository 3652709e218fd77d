//! Statistics of the blocks of a column.

use rayon::prelude::*;

use super::column::{BLOCK, Blocks, COUNTED, Data, below, span, word};
use crate::array::{BooleanBuffer, ScalarBuffer};

/// The statistics of `data`, whose rows have a value where `valid` says so.
pub(super) fn of(data: &Data, valid: Option<&BooleanBuffer>) -> Blocks {
    match data {
        Data::Bool(_) => Blocks::Words,
        Data::I32(values) => ints(values, valid, i64::from),
        Data::I64(values) | Data::Time(values) => ints(values, valid, |value| value),
        Data::F32(values) => floats(values, valid, f64::from),
        Data::F64(values) => floats(values, valid, |value| value),
        Data::Text(keys, strings) => {
            let count = strings.len();
            let bounds = each(keys.len(), valid, |rows, valid| {
                rows.filter(|row| valid >> (row % BLOCK) & 1 == 1)
                    .map(|row| keys.at(row))
                    .fold((u32::MAX, 0), |(min, max), key| (min.min(key), max.max(key)))
            });
            let (min, max): (Vec<u32>, Vec<u32>) = bounds.into_iter().unzip();
            let counts = (count > 0 && count <= COUNTED).then(|| {
                let counts = each(keys.len(), valid, |rows, valid| {
                    let mut counts = vec![0u8; count];
                    rows.filter(|row| valid >> (row % BLOCK) & 1 == 1)
                        .for_each(|row| counts[keys.at(row) as usize] += 1);
                    counts
                });
                ScalarBuffer::from(counts.concat())
            });
            Blocks::Text { min: min.into(), max: max.into(), counts }
        }
    }
}

/// What `summary` says of each block, given its rows and which of them have a value.
fn each<S: Send>(
    rows: usize,
    valid: Option<&BooleanBuffer>,
    summary: impl Fn(std::ops::Range<usize>, u64) -> S + Sync,
) -> Vec<S> {
    let blocks = (0..rows.div_ceil(BLOCK)).into_par_iter().with_min_len(1024);
    blocks
        .map(|block| {
            let rows = span(block, rows);
            let valid = valid.map_or(below(rows.len()), |valid| word(valid, block));
            summary(rows, valid)
        })
        .collect()
}

fn ints<T: Copy + Sync>(values: &[T], valid: Option<&BooleanBuffer>, int: fn(T) -> i64) -> Blocks {
    let all = each(values.len(), valid, |rows, valid| {
        rows.filter(|row| valid >> (row % BLOCK) & 1 == 1)
            .map(|row| int(values[row]))
            .fold((0i64, i64::MAX, i64::MIN), |(sum, min, max), value| {
                (sum.wrapping_add(value), min.min(value), max.max(value))
            })
    });
    let column = |part: fn(&(i64, i64, i64)) -> i64| all.iter().map(part).collect::<Vec<i64>>().into();
    Blocks::Int { sum: column(|all| all.0), min: column(|all| all.1), max: column(|all| all.2) }
}

fn floats<T: Copy + Sync>(values: &[T], valid: Option<&BooleanBuffer>, float: fn(T) -> f64) -> Blocks {
    let all = each(values.len(), valid, |rows, valid| {
        rows.filter(|row| valid >> (row % BLOCK) & 1 == 1)
            .map(|row| float(values[row]))
            .fold((0.0, f64::INFINITY, f64::NEG_INFINITY), |(sum, min, max): (f64, f64, f64), value| {
                (sum + value, min.min(value), max.max(value))
            })
    });
    let column = |part: fn(&(f64, f64, f64)) -> f64| all.iter().map(part).collect::<Vec<f64>>().into();
    Blocks::Float { sum: column(|all| all.0), min: column(|all| all.1), max: column(|all| all.2) }
}
