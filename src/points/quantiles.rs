//! Medians and percentiles of cells, exact: of all values, not of a sketch.

use std::ops::Range;

use rayon::prelude::*;

use super::cancel::TileError;
use super::cells::Task;
use super::column::{BLOCK, Column, Data, below, bits};

/// The quantiles of a column in each cell, which has the rows of `runs`; none where there is no value.
/// Between two values lies what is between them in proportion, as in SQL's `PERCENTILE_CONT`.
pub(super) fn quantiles(
    task: &Task<'_>,
    runs: &[Vec<Range<usize>>],
    column: usize,
    thousandths: u32,
) -> Result<Vec<Option<f64>>, TileError> {
    let column = &task.table.columns[column];
    runs.par_iter()
        .map(|runs| {
            task.cancel.check()?;
            let mut values = Vec::new();
            for run in runs {
                gather(task, column, run.clone(), &mut values);
            }
            Ok(quantile(&mut values, thousandths))
        })
        .collect()
}

fn gather(task: &Task<'_>, column: &Column, rows: Range<usize>, out: &mut Vec<f64>) {
    for block in rows.start / BLOCK..rows.end.div_ceil(BLOCK) {
        let first = block * BLOCK;
        let mut mask = below(rows.end - first) & !below(rows.start.saturating_sub(first));
        if let Some(filter) = task.filter {
            mask &= filter.of(&task.table.columns, task.table.rows(), block).yes;
        }
        let rows = bits(mask & column.valid(block)).map(|bit| first + bit);
        match &column.data {
            Data::I32(values) => out.extend(rows.map(|row| f64::from(values[row]))),
            Data::I64(values) | Data::Time(values) => out.extend(rows.map(|row| values[row] as f64)),
            Data::F32(values) => out.extend(rows.map(|row| f64::from(values[row]))),
            Data::F64(values) => out.extend(rows.map(|row| values[row])),
            Data::Bool(_) | Data::Text(..) => unreachable!("a column of numbers"),
        }
    }
}

/// Brings `values` into another order.
fn quantile(values: &mut [f64], thousandths: u32) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let steps = last as u64 * u64::from(thousandths);
    let (index, part) = ((steps / 1000) as usize, (steps % 1000) as f64 / 1000.0);
    let (_, &mut low, above) = values.select_nth_unstable_by(index, f64::total_cmp);
    if part <= 0.0 {
        return Some(low);
    }
    let high = above.iter().copied().reduce(f64::min).unwrap_or(low);
    Some(low + (high - low) * part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_values_in_proportion() {
        let of = |values: &[f64], thousandths| quantile(&mut values.to_vec(), thousandths);
        assert_eq!(of(&[], 500), None);
        assert_eq!(of(&[7.0], 990), Some(7.0));
        assert_eq!(of(&[4.0, 1.0, 3.0, 2.0], 500), Some(2.5));
        assert_eq!(of(&[30.0, 10.0, 20.0], 500), Some(20.0));
        assert_eq!(of(&[30.0, 10.0, 20.0], 250), Some(15.0));
        assert_eq!(of(&(0..=1000).map(f64::from).collect::<Vec<_>>(), 955), Some(955.0));
    }
}
