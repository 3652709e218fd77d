//! Tile coordinates: zoom, column from the west, row from the north, as in tile URLs.

use std::fmt;

/// The deepest zoom a coordinate can have; columns and rows fit an `i32` there.
pub const MAX_ZOOM: u8 = 30;

/// The place of a tile: zoom `z`, column `x` from the west, row `y` from the north, both below
/// 2^z. Ordered by zoom, column, row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileCoord {
    z: u8,
    x: u32,
    y: u32,
}

impl TileCoord {
    /// The tile at `z`, `x`, `y`, or none if there is no such tile.
    pub fn new(z: u8, x: u32, y: u32) -> Option<Self> {
        (z <= MAX_ZOOM && x >> z == 0 && y >> z == 0).then_some(Self { z, x, y })
    }

    /// The tile whose row counts from the south, as TMS and MBTiles do.
    pub fn from_tms(z: u8, x: u32, row: u32) -> Option<Self> {
        Self::new(z, x, row).map(|Self { z, x, y }| Self { z, x, y: flip(z, y) })
    }

    /// The zoom.
    pub fn z(self) -> u8 {
        self.z
    }

    /// The column, from the west.
    pub fn x(self) -> u32 {
        self.x
    }

    /// The row, from the north.
    pub fn y(self) -> u32 {
        self.y
    }

    /// The row, from the south.
    pub fn tms_row(self) -> u32 {
        flip(self.z, self.y)
    }
}

/// Counts the row from the other side.
fn flip(z: u8, row: u32) -> u32 {
    (1 << z) - 1 - row
}

impl fmt::Display for TileCoord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.z, self.x, self.y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_flip_within_their_zoom() {
        for (z, y, row) in [(0, 0, 0), (1, 0, 1), (1, 1, 0), (14, 5000, 11383), (30, 0, (1 << 30) - 1)] {
            let coord = TileCoord::new(z, 0, y).unwrap();
            assert_eq!(coord.tms_row(), row);
            assert_eq!(TileCoord::from_tms(z, 0, row), Some(coord));
        }
    }

    #[test]
    fn what_lies_outside_is_refused() {
        assert_eq!(TileCoord::new(0, 0, 1), None);
        assert_eq!(TileCoord::new(3, 8, 0), None);
        assert_eq!(TileCoord::from_tms(3, 0, 8), None);
        assert_eq!(TileCoord::new(31, 0, 0), None);
        assert_eq!(TileCoord::new(255, 0, 0), None);
    }

    #[test]
    fn shown_as_in_urls() {
        assert_eq!(TileCoord::from_tms(2, 3, 0).unwrap().to_string(), "2/3/3");
    }
}
