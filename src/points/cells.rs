//! Rows added up by cell.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::aggregates::{Aggregate, By};
use super::cancel::{Cancel, TileError};
use super::column::{BLOCK, Exact, below, bits};
use super::filter::Predicate;
use super::grid::{Cells, Piece};
use super::spans::{LEVELS, Spans, size, start};
use super::table::Table;
use super::totals::{Categories, Numbers};

/// Rows that one thread adds up at a time. A constant, so that sums come out the same whatever the
/// number of threads.
const SHARE: usize = 4096 * BLOCK;

/// What is asked of the cells.
pub(super) struct Task<'a> {
    pub(super) table: &'a Table,
    pub(super) cells: Cells,
    pub(super) rows: Range<usize>,
    pub(super) filter: Option<&'a Predicate>,
    pub(super) aggregates: &'a [Aggregate],
    pub(super) by: Option<&'a Arc<By>>,
    pub(super) centroids: bool,
    pub(super) cancel: &'a Cancel,
}

/// Cells that have rows, in the order of the curve, and what is said of them.
#[derive(Debug, Default)]
pub(super) struct Sums {
    pub(super) cells: Vec<u32>,
    pub(super) counts: Vec<u64>,
    /// Of each column that is asked for, by its number.
    pub(super) numbers: Vec<(usize, Numbers)>,
    pub(super) categories: Option<Categories>,
    /// The sums of x and y.
    pub(super) places: Vec<[u64; 2]>,
    /// The rows of each cell; only if quantiles are asked for.
    pub(super) runs: Vec<Vec<Range<usize>>>,
}

impl Task<'_> {
    /// Adds up all rows.
    pub(super) fn run(&self) -> Result<Sums, TileError> {
        let Range { start, end } = self.rows;
        if start == end {
            return Ok(self.empty());
        }
        if self.goes_by_spans() {
            // Few steps, however many rows.
            return self.share(start..end, LEVELS);
        }
        let shares: Vec<Range<usize>> = (start / SHARE..end.div_ceil(SHARE))
            .map(|share| start.max(share * SHARE)..end.min((share + 1) * SHARE))
            .collect();
        let parts: Vec<Sums> = match &shares[..] {
            [one] => vec![self.share(one.clone(), 0)?],
            shares => {
                shares.par_iter().map(|share| self.share(share.clone(), 0)).collect::<Result<_, _>>()?
            }
        };
        let mut all = self.empty();
        let mut places = Slots::new(self.cells);
        for part in &parts {
            let slots: Vec<usize> = part.cells.iter().map(|&cell| places.of(cell, &mut all)).collect();
            for (index, &slot) in slots.iter().enumerate() {
                all.counts[slot] += part.counts[index];
                if let Some(place) = part.places.get(index) {
                    all.places[slot][0] = all.places[slot][0].wrapping_add(place[0]);
                    all.places[slot][1] = all.places[slot][1].wrapping_add(place[1]);
                }
            }
            for ((_, own), (_, other)) in all.numbers.iter_mut().zip(&part.numbers) {
                own.merge(other, &slots);
            }
            if let (Some(own), Some(other)) = (&mut all.categories, &part.categories) {
                own.merge(other, &slots);
            }
            for (index, runs) in part.runs.iter().enumerate() {
                all.runs[slots[index]].extend(runs.iter().cloned());
            }
        }
        Ok(all)
    }

    fn empty(&self) -> Sums {
        let mut numbers: Vec<(usize, Numbers)> = Vec::new();
        for aggregate in self.aggregates {
            let number = aggregate.column().filter(|_| !matches!(aggregate, Aggregate::Quantile(..)));
            if let Some(column) = number.filter(|column| numbers.iter().all(|(own, _)| own != column)) {
                numbers.push((column, Numbers::new(&self.table.columns[column])));
            }
        }
        let categories = self.by.map(Categories::new);
        Sums { numbers, categories, ..Sums::default() }
    }

    /// Adds up some of the rows, whole spans of levels up to `top` at once.
    fn share(&self, rows: Range<usize>, top: usize) -> Result<Sums, TileError> {
        let table = self.table;
        let mut sums = self.empty();
        let mut places = Slots::new(self.cells);
        let quantiles = self.aggregates.iter().any(|aggregate| matches!(aggregate, Aggregate::Quantile(..)));
        let mut pieces = 0;
        // The block that was looked at last, and which of its rows are wanted.
        let mut wanted = (usize::MAX, 0);
        self.cells.walk(table, rows, top, |cell, piece| {
            if pieces % 256 == 0 {
                self.cancel.check()?;
            }
            pieces += 1;
            let rows = match piece {
                Piece::Span { level, index } => {
                    let rows = index * size(level)..table.rows().min((index + 1) * size(level));
                    let slot = places.of(cell, &mut sums);
                    sums.add_span(
                        table,
                        slot,
                        start(table.rows(), level) + index,
                        rows.len(),
                        self.centroids,
                    );
                    quantiles.then_some((slot, rows))
                }
                Piece::Rows { block, mask: own } => {
                    let mut mask = own;
                    if let Some(filter) = self.filter {
                        if wanted.0 != block {
                            wanted = (block, filter.of(&table.columns, table.rows(), block).yes);
                        }
                        mask &= wanted.1;
                    }
                    if mask == 0 {
                        return Ok(());
                    }
                    let slot = places.of(cell, &mut sums);
                    sums.add(table, slot, block, mask, self.centroids);
                    let first = block * BLOCK + own.trailing_zeros() as usize;
                    quantiles.then(|| (slot, first..first + own.count_ones() as usize))
                }
            };
            if let Some((slot, rows)) = rows {
                match sums.runs[slot].last_mut() {
                    Some(last) if last.end == rows.start => last.end = rows.end,
                    _ => sums.runs[slot].push(rows),
                }
            }
            Ok(())
        })?;
        Ok(sums)
    }

    /// Whether spans tell all that is asked for.
    fn goes_by_spans(&self) -> bool {
        let columns = &self.table.columns;
        self.filter.is_none()
            && self.by.is_none_or(|by| matches!(columns[by.column()].spans, Spans::Categories(Some(_))))
            && self.aggregates.iter().all(|aggregate| match aggregate {
                Aggregate::Count | Aggregate::Quantile(..) => true,
                Aggregate::Sum(column)
                | Aggregate::Mean(column)
                | Aggregate::Min(column)
                | Aggregate::Max(column) => columns[*column].exact_sums() == Exact::Spans,
            })
    }
}

impl Sums {
    /// Adds a span of so many rows to a cell.
    fn add_span(&mut self, table: &Table, slot: usize, span: usize, rows: usize, centroids: bool) {
        self.counts[slot] += rows as u64;
        for (column, numbers) in &mut self.numbers {
            numbers.add_span(&table.columns[*column], slot, span);
        }
        if let Some(categories) = &mut self.categories {
            categories.add_span(&table.columns[categories.column()], slot, span, rows);
        }
        if centroids {
            let place = &mut self.places[slot];
            place[0] = place[0].wrapping_add(table.spans.sum_x[span]);
            place[1] = place[1].wrapping_add(table.spans.sum_y[span]);
        }
    }

    /// Adds rows of a block to a cell.
    #[inline]
    fn add(&mut self, table: &Table, slot: usize, block: usize, mask: u64, centroids: bool) {
        self.counts[slot] += u64::from(mask.count_ones());
        for (column, numbers) in &mut self.numbers {
            numbers.add(&table.columns[*column], slot, block, mask);
        }
        if let Some(categories) = &mut self.categories {
            categories.add(&table.columns[categories.column()], slot, block, mask);
        }
        if centroids {
            let place = &mut self.places[slot];
            if mask == below(table.rows() - block * BLOCK) {
                // What was tampered with may overflow.
                place[0] = place[0].wrapping_add(table.sum_x[block]);
                place[1] = place[1].wrapping_add(table.sum_y[block]);
            } else {
                for row in bits(mask).map(|bit| block * BLOCK + bit) {
                    place[0] = place[0].wrapping_add(table.x[row].into());
                    place[1] = place[1].wrapping_add(table.y[row].into());
                }
            }
        }
    }
}

/// Where cells stand among those that have rows.
struct Slots {
    /// For grids whose cells may have several runs: for each cell 1 + its slot, or 0.
    of_cell: Option<Vec<u32>>,
}

impl Slots {
    fn new(cells: Cells) -> Self {
        let count = cells.side as usize * cells.side as usize;
        Self { of_cell: (!cells.are_whole()).then(|| vec![0; count]) }
    }

    /// The slot of a cell, made if there is none yet.
    fn of(&mut self, cell: u32, sums: &mut Sums) -> usize {
        let new = sums.cells.len();
        match &mut self.of_cell {
            Some(slots) => {
                let slot = &mut slots[cell as usize];
                if *slot > 0 {
                    return *slot as usize - 1;
                }
                *slot = new as u32 + 1;
            }
            // Rows of a cell are on end, so its slot can only be the last one.
            None if sums.cells.last() == Some(&cell) => return new - 1,
            None => {}
        }
        sums.cells.push(cell);
        sums.counts.push(0);
        sums.places.push([0; 2]);
        sums.runs.push(Vec::new());
        sums.numbers.iter_mut().for_each(|(_, numbers)| numbers.push());
        sums.categories.iter_mut().for_each(Categories::push);
        new
    }
}
