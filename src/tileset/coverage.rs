//! Where the tiles of a tileset lie.

use serde::{Deserialize, Serialize};

use super::select::GeoBounds;
use crate::coord::TileCoord;

/// The zooms there are, and what the tiles of the deepest one cover.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Coverage {
    deepest: Option<Deepest>,
    first: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Deepest {
    z: u8,
    columns: [u32; 2],
    rows: [u32; 2],
}

impl Coverage {
    pub(crate) fn add(&mut self, coord: TileCoord) {
        let (z, x, y) = (coord.z(), coord.x(), coord.y());
        self.first = if self.deepest.is_some() { self.first.min(z) } else { z };
        match &mut self.deepest {
            Some(deepest) if deepest.z > z => {}
            Some(Deepest { z: same, columns, rows }) if *same == z => {
                *columns = [columns[0].min(x), columns[1].max(x)];
                *rows = [rows[0].min(y), rows[1].max(y)];
            }
            deepest => *deepest = Some(Deepest { z, columns: [x; 2], rows: [y; 2] }),
        }
    }

    /// The first and the last zoom.
    pub(crate) fn zooms(&self) -> Option<[u8; 2]> {
        self.deepest.as_ref().map(|deepest| [self.first, deepest.z])
    }

    pub(crate) fn bounds(&self) -> Option<GeoBounds> {
        let Deepest { z, columns, rows } = self.deepest.as_ref()?;
        let corner = |x, y| TileCoord::new(*z, x, y).map(GeoBounds::of_tile);
        Some(corner(columns[0], rows[0])?.union(corner(columns[1], rows[1])?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deepest_zoom_tells_the_bounds() {
        let mut coverage = Coverage::default();
        assert_eq!((coverage.zooms(), coverage.bounds()), (None, None));
        for (z, x, y) in [(3, 0, 0), (5, 16, 11), (5, 17, 10), (2, 3, 3)] {
            coverage.add(TileCoord::new(z, x, y).unwrap());
        }
        assert_eq!(coverage.zooms(), Some([2, 5]));
        let corner = |y| GeoBounds::of_tile(TileCoord::new(5, 0, y).unwrap());
        let (north, south) = (corner(10).north, corner(11).south);
        assert_eq!(coverage.bounds(), Some(GeoBounds { west: 0.0, south, east: 22.5, north }));
    }
}
