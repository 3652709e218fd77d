//! Medians and percentiles of cells, exact: of all values, not of a sketch.

use std::ops::Range;

use rayon::prelude::*;

use super::cancel::TileError;
use super::cells::Task;
use super::column::{BLOCK, Column, Data, below, bits};

/// The quantiles of a column, in thousandths that rise, in each cell, which has the rows of `runs`; none
/// where there is no value. Between two values lies what is between them in proportion, as in SQL's
/// `PERCENTILE_CONT`.
pub(super) fn quantiles(
    task: &Task<'_>,
    runs: &[Vec<Range<usize>>],
    column: usize,
    thousandths: &[u32],
) -> Result<Vec<Vec<Option<f64>>>, TileError> {
    let column = &task.table.columns[column];
    let of_cells: Vec<Vec<Option<f64>>> = runs
        .par_iter()
        .map(|runs| {
            task.cancel.check()?;
            let mut values = Vec::with_capacity(runs.iter().map(Range::len).sum());
            for run in runs {
                gather(task, column, run.clone(), &mut values);
            }
            Ok(select(&mut values, thousandths))
        })
        .collect::<Result<_, _>>()?;
    let quantile = |index: usize| of_cells.iter().map(|cell| cell[index]).collect();
    Ok((0..thousandths.len()).map(quantile).collect())
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

/// Quantiles, in thousandths that rise. Brings `values` into another order.
fn select(values: &mut [f64], thousandths: &[u32]) -> Vec<Option<f64>> {
    let Some(last) = values.len().checked_sub(1) else { return vec![None; thousandths.len()] };
    // All values before this one are not larger than any behind it.
    let mut from = 0;
    let quantile = |&thousandths: &u32| {
        let steps = last as u64 * u64::from(thousandths);
        let (index, part) = ((steps / 1000) as usize, (steps % 1000) as f64 / 1000.0);
        let (_, &mut low, above) = values[from..].select_nth_unstable_by(index - from, f64::total_cmp);
        from = index;
        if part <= 0.0 {
            return Some(low);
        }
        let high = above.iter().copied().reduce(f64::min).unwrap_or(low);
        Some(low + (high - low) * part)
    };
    thousandths.iter().map(quantile).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_values_in_proportion() {
        let of = |values: &[f64], thousandths| select(&mut values.to_vec(), &[thousandths])[0];
        assert_eq!(of(&[], 500), None);
        assert_eq!(of(&[7.0], 990), Some(7.0));
        assert_eq!(of(&[4.0, 1.0, 3.0, 2.0], 500), Some(2.5));
        assert_eq!(of(&[30.0, 10.0, 20.0], 500), Some(20.0));
        assert_eq!(of(&[30.0, 10.0, 20.0], 250), Some(15.0));
        assert_eq!(of(&(0..=1000).map(f64::from).collect::<Vec<_>>(), 955), Some(955.0));
        let mut values: Vec<f64> = (0..=1000).map(|at| f64::from(at * 3 % 1001)).collect();
        assert_eq!(select(&mut values, &[10, 10, 500, 999]), [10.0, 10.0, 500.0, 999.0].map(Some));
        assert_eq!(select(&mut [], &[10, 20]), [None, None]);
    }
}
