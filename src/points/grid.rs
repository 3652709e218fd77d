//! The cells of a tile, and the rows of each.

use std::ops::Range;

use super::column::{BLOCK, below, span};
use super::spans::size;
use super::table::Table;
use crate::coord::TileCoord;

/// The cells of a tile: `side` along each edge.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cells {
    origin: [u32; 2],
    zoom: u8,
    pub(super) side: u32,
    /// The zoom of which cells are tiles, if they are.
    square: Option<u32>,
}

/// Rows of one cell, as the table has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Some rows on end of a block, or all of them.
    Rows { block: usize, mask: u64 },
    /// All rows of a span, by its level and its number there.
    Span { level: usize, index: usize },
}

impl Cells {
    pub(super) fn new(tile: TileCoord, side: u32) -> Self {
        let zoom = tile.z();
        let square = side.is_power_of_two().then(|| u32::from(zoom) + side.ilog2());
        Self { origin: corner(tile), zoom, side, square }
    }

    /// The cell of a point of the tile: row by row from the north, from west to east.
    #[inline]
    pub(super) fn cell(&self, [x, y]: [u32; 2]) -> u32 {
        let along = |at: u32, origin: u32| {
            let from = u64::from(at.wrapping_sub(origin));
            // Only a file that was tampered with has points in tiles that are not theirs.
            (((from * u64::from(self.side)) >> (32 - u32::from(self.zoom))) as u32).min(self.side - 1)
        };
        along(y, self.origin[1]) * self.side + along(x, self.origin[0])
    }

    /// Whether all of a cell's rows are on end, wherever they are.
    pub(super) fn are_whole(&self) -> bool {
        self.square.is_some()
    }

    /// Hands `visit` each cell that has some of `rows`, which must be rows of the tile, piece by piece in
    /// their order. Spans are of levels up to `top`; level 0 means blocks only.
    pub(super) fn walk<E>(
        &self,
        table: &Table,
        rows: Range<usize>,
        top: usize,
        mut visit: impl FnMut(u32, Piece) -> Result<(), E>,
    ) -> Result<(), E> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut row = rows.start;
        // That of the row before; none is before the first one.
        let mut cell = self.cell(table.at(row));
        while row < rows.end {
            let whole = |level: usize| {
                let index = row / size(level);
                let end = table.rows().min((index + 1) * size(level));
                let fits = row.is_multiple_of(size(level)) && end <= rows.end;
                (fits && self.holds(table, cell, row, table.level_of(level, index))).then_some(end)
            };
            if let Some(end) = whole(0) {
                // What a span says of all of its rows it says of each part.
                let mut last = (0, end);
                for level in 1..=top {
                    let Some(end) = whole(level) else { break };
                    last = (level, end);
                }
                let (level, end) = last;
                let piece = match level {
                    0 => Piece::Rows { block: row / BLOCK, mask: below(end - row) },
                    _ => Piece::Span { level, index: row / size(level) },
                };
                visit(cell, piece)?;
                row = end;
                continue;
            }
            let block = row / BLOCK;
            let end = span(block, rows.end).end;
            let mut first = row;
            let rows_from = |first: usize, end: usize| Piece::Rows {
                block,
                mask: below(end - block * BLOCK) & !below(first - block * BLOCK),
            };
            for at in row..end {
                let own = self.cell(table.at(at));
                if own != cell {
                    if first < at {
                        visit(cell, rows_from(first, at))?;
                    }
                    (first, cell) = (at, own);
                }
            }
            visit(cell, rows_from(first, end))?;
            row = end;
        }
        Ok(())
    }

    /// Whether the square around a row, after so many halvings of the map, lies in a cell, which is that of
    /// the row before.
    #[inline]
    fn holds(&self, table: &Table, cell: u32, row: usize, level: u8) -> bool {
        let level = u32::from(level);
        if let Some(zoom) = self.square {
            return level >= zoom;
        }
        let apart = u32::MAX.checked_shr(level).unwrap_or(0);
        let at = table.at(row);
        let corners = [at.map(|at| at & !apart), at.map(|at| at | apart)];
        level >= u32::from(self.zoom) && corners.iter().all(|&corner| self.cell(corner) == cell)
    }
}

/// The north-western corner of a tile, as a place of the map.
pub(super) fn corner(tile: TileCoord) -> [u32; 2] {
    // A shift by 32 is one of 0, whose only tile starts at 0.
    [tile.x(), tile.y()].map(|at| at.checked_shl(32 - u32::from(tile.z())).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::points::spans::LEVELS;
    use crate::points::table::{key, point};
    use crate::testing::Random;

    #[test]
    fn walks_pass_each_row_once_in_its_cell() {
        let mut random = Random::from_seed(5);
        let mut keys: Vec<u64> = (0..600_000)
            .map(|row| {
                let spread = if row % 3 == 0 { 32 } else { 12 };
                key([0x4321_0000, 0x9876_0000].map(|at| at ^ (random.any() >> (64 - spread)) as u32))
            })
            .collect();
        keys.sort_unstable();
        let points: Vec<[u32; 2]> = keys.into_iter().map(point).collect();
        let axis = |axis: usize| points.iter().map(|point| point[axis]).collect::<Vec<u32>>().into();
        let table = Table::new(axis(0), axis(1), vec![0; points.len()].into(), Vec::new());
        let mut levels = [0; LEVELS + 1];
        for (z, side) in [(0, 1), (0, 64), (0, 37), (2, 4), (5, 16), (13, 30), (16, 64)] {
            let tile = [0x4321_0000u32, 0x9876_0000].map(|at| at.checked_shr(32 - z).unwrap_or(0));
            let tile = TileCoord::new(z as u8, tile[0], tile[1]).unwrap();
            let cells = Cells::new(tile, side);
            let rows = table.rows_of(tile);
            for (top, rows) in [(LEVELS, rows.clone()), (0, rows.start + rows.len() / 3..rows.end)] {
                let mut next = rows.start;
                let visit = |cell: u32, piece: Piece| {
                    let piece = match piece {
                        Piece::Span { level, index } => {
                            levels[level] += 1;
                            index * size(level)..table.rows().min((index + 1) * size(level))
                        }
                        Piece::Rows { block, mask } => {
                            levels[0] += 1;
                            let start = block * BLOCK + mask.trailing_zeros() as usize;
                            start..start + mask.count_ones() as usize
                        }
                    };
                    assert_eq!(piece.start, next);
                    assert!(piece.clone().all(|row| cells.cell(table.at(row)) == cell), "{tile}: {piece:?}");
                    next = piece.end;
                    Ok::<(), ()>(())
                };
                cells.walk(&table, rows.clone(), top, visit).unwrap();
                assert_eq!(next, rows.end);
            }
        }
        assert!(levels.iter().all(|&count| count > 0), "{levels:?}");
    }
}
