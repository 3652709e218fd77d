//! Points just outside a tile, which renderers need where symbols reach across its edges.

use super::column::{BLOCK, below};
use super::filter::Predicate;
use super::table::Table;
use crate::coord::TileCoord;
use crate::tile::layer::DEFAULT_EXTENT;

/// Rows outside of a tile and their places in its units.
#[derive(Debug, Default)]
pub(super) struct Around {
    pub(super) rows: Vec<u32>,
    pub(super) vertices: Vec<[i32; 2]>,
}

/// A frame around a tile, in places; the map goes on beyond its meridian of 180°.
struct Frame<'a> {
    table: &'a Table,
    filter: Option<&'a Predicate>,
    tile: TileCoord,
    /// The corner of the tile.
    origin: [i64; 2],
    /// The side of the tile.
    side: i64,
    buffer: i64,
    most: usize,
    out: Around,
}

impl Around {
    /// The rows within `buffer` units of the tile, but not in it; of more than `most` only some, but
    /// more than `most`.
    pub(super) fn new(
        table: &Table,
        tile: TileCoord,
        filter: Option<&Predicate>,
        buffer: u32,
        most: usize,
    ) -> Self {
        if buffer == 0 {
            return Self::default();
        }
        let side = 1i64 << (32 - u32::from(tile.z()));
        let origin = [i64::from(tile.x()) * side, i64::from(tile.y()) * side];
        let buffer = i64::from(buffer);
        let mut frame = Frame { table, filter, tile, origin, side, buffer, most, out: Self::default() };
        for (dx, dy) in (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dx, dy))) {
            let tiles = 1i64 << tile.z();
            let (x, y) = (i64::from(tile.x()) + dx, i64::from(tile.y()) + dy);
            if (dx, dy) == (0, 0) || !(0..tiles).contains(&y) {
                continue;
            }
            let (world, x) = (x.div_euclid(tiles), x.rem_euclid(tiles) as u32);
            let rows = table.rows_in(tile.z(), x, y as u32);
            frame.visit(rows, tile.z(), [x, y as u32], world << 32);
        }
        frame.out
    }
}

impl Frame<'_> {
    /// Where a place lies in the tile, in its units.
    fn units(&self, place: [i64; 2]) -> [i64; 2] {
        let unit = |at: i64, origin: i64| ((at - origin) * i64::from(DEFAULT_EXTENT)).div_euclid(self.side);
        [unit(place[0], self.origin[0]), unit(place[1], self.origin[1])]
    }

    fn holds(&self, units: [i64; 2]) -> bool {
        units.iter().all(|unit| (-self.buffer..i64::from(DEFAULT_EXTENT) + self.buffer).contains(unit))
    }

    /// Takes the rows of a square, which are `rows`, as far as they lie within the frame.
    fn visit(&mut self, rows: std::ops::Range<usize>, zoom: u8, [x, y]: [u32; 2], east: i64) {
        if rows.is_empty() || self.out.rows.len() > self.most {
            return;
        }
        let side = 1i64 << (32 - u32::from(zoom));
        let [west, north] = [i64::from(x) * side + east, i64::from(y) * side];
        let (first, last) = (self.units([west, north]), self.units([west + side - 1, north + side - 1]));
        let end = i64::from(DEFAULT_EXTENT) + self.buffer;
        if (0..2).any(|axis| last[axis] < -self.buffer || first[axis] >= end) {
            return;
        }
        let whole = self.holds(first) && self.holds(last);
        if whole || rows.len() <= BLOCK || zoom >= self.tile.z() + 12 || zoom == 32 {
            rows.for_each(|row| self.take(row, east));
            return;
        }
        for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            let [x, y] = [2 * x + dx, 2 * y + dy];
            let inner = self.table.rows_within(rows.clone(), zoom + 1, x, y);
            self.visit(inner, zoom + 1, [x, y], east);
        }
    }

    fn take(&mut self, row: usize, east: i64) {
        let [x, y] = self.table.at(row).map(i64::from);
        let units = self.units([x + east, y]);
        let block = row / BLOCK;
        let is_wanted = |filter: &Predicate| {
            let truth = filter.of(&self.table.columns, self.table.rows(), block);
            truth.yes & below(row % BLOCK + 1) & !below(row % BLOCK) != 0
        };
        if self.out.rows.len() <= self.most && self.holds(units) && self.filter.is_none_or(is_wanted) {
            self.out.rows.push(row as u32);
            self.out.vertices.push(units.map(|unit| unit as i32));
        }
    }
}
