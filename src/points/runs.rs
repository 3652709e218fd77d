//! The cells of a tile, and which rows lie in which.

use std::ops::Range;

use super::column::{BLOCK, span};
use super::table::Table;
use crate::coord::TileCoord;

/// The cells of a tile: `side` along each edge.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cells {
    origin: [u32; 2],
    zoom: u8,
    pub(super) side: u32,
}

/// Rows on end in one cell, up to the start of the next run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) cell: u32,
    pub(super) start: usize,
}

impl Cells {
    pub(super) fn new(tile: TileCoord, side: u32) -> Self {
        let zoom = tile.z();
        Self { origin: corner(tile), zoom, side }
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
        self.side.is_power_of_two()
    }

    /// The runs of `rows`, which must be rows of the tile.
    pub(super) fn runs(&self, table: &Table, rows: Range<usize>) -> Vec<Run> {
        let mut out: Vec<Run> = Vec::new();
        if rows.is_empty() {
            return out;
        }
        let mut last = self.cell(table.at(rows.start));
        out.push(Run { cell: last, start: rows.start });
        for block in rows.start / BLOCK..rows.end.div_ceil(BLOCK) {
            let inside = span(block, table.rows());
            let inside = inside.start.max(rows.start + 1)..inside.end.min(rows.end);
            if inside.is_empty() {
                continue;
            }
            // These rows and the one before them lie in one square, and often that lies in a cell.
            let level = u32::from(table.level[block]);
            let apart = u32::MAX.checked_shr(level).unwrap_or(0);
            if level >= u32::from(self.zoom) {
                let at = table.at(inside.start);
                let corners = [at.map(|at| at & !apart), at.map(|at| at | apart)];
                if corners.iter().all(|&corner| self.cell(corner) == last) {
                    continue;
                }
            }
            for row in inside {
                let cell = self.cell(table.at(row));
                if cell != last {
                    last = cell;
                    out.push(Run { cell, start: row });
                }
            }
        }
        out
    }
}

/// The north-western corner of a tile, as a place of the map.
pub(super) fn corner(tile: TileCoord) -> [u32; 2] {
    // A shift by 32 is one of 0, whose only tile starts at 0.
    [tile.x(), tile.y()].map(|at| at.checked_shl(32 - u32::from(tile.z())).unwrap_or(0))
}
