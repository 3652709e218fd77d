//! Tiles in one order: by zoom, and within a zoom along the Hilbert curve, numbered as PMTiles do.
//!
//! ```text
//! zoom 0: 0        zoom 1: 1 4        zoom 2:  5  8  9 10
//!                          2 3                 6  7 12 11  …
//! ```
//! What lies close together on the map is mostly close together in this order. All tilesets are
//! read in it, so where a conversion stopped is one number.

use crate::coord::{MAX_ZOOM, TileCoord};

/// The number of tiles at all zooms above `z`, which is the id of the first tile there.
pub(crate) fn first_of_zoom(z: u8) -> u64 {
    ((1 << (2 * u32::from(z))) - 1) / 3
}

/// The number of the tile at `coord`.
pub(crate) fn tile_id(coord: TileCoord) -> u64 {
    let (mut x, mut y) = (coord.x(), coord.y());
    let mut along = 0;
    for level in (0..coord.z()).rev() {
        let (right, lower) = (x >> level & 1, y >> level & 1);
        along = along << 2 | u64::from((3 * right) ^ lower);
        if lower == 0 {
            if right == 1 {
                // Only the bits below `level` are looked at from here on.
                (x, y) = (!x, !y);
            }
            (x, y) = (y, x);
        }
    }
    first_of_zoom(coord.z()) + along
}

/// The tile of that number, or none if it lies deeper than [`MAX_ZOOM`].
pub(crate) fn coord_of(id: u64) -> Option<TileCoord> {
    let z = (0..=MAX_ZOOM).find(|&z| id < first_of_zoom(z + 1))?;
    let mut along = id - first_of_zoom(z);
    let (mut x, mut y) = (0u32, 0u32);
    for level in 0..z {
        let right = (along >> 1 & 1) as u32;
        let lower = (along as u32 ^ right) & 1;
        if lower == 0 {
            if right == 1 {
                let last = (1 << level) - 1;
                (x, y) = (last - x, last - y);
            }
            (x, y) = (y, x);
        }
        x |= right << level;
        y |= lower << level;
        along >>= 2;
    }
    TileCoord::new(z, x, y)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_numbers() {
        let known = [
            ((0, 0, 0), 0),
            ((1, 0, 0), 1),
            ((1, 0, 1), 2),
            ((1, 1, 1), 3),
            ((1, 1, 0), 4),
            ((2, 0, 0), 5),
            // As other programs number them.
            ((12, 3423, 1763), 19_078_479),
        ];
        for ((z, x, y), id) in known {
            let coord = TileCoord::new(z, x, y).unwrap();
            assert_eq!(tile_id(coord), id);
            assert_eq!(coord_of(id), Some(coord));
        }
    }

    #[test]
    fn neighbours_in_the_order_are_neighbours_on_the_map() {
        for z in 1..=7 {
            let tiles: Vec<_> =
                (first_of_zoom(z)..first_of_zoom(z + 1)).map(|id| coord_of(id).unwrap()).collect();
            assert!(tiles.iter().all(|tile| tile.z() == z));
            for pair in tiles.windows(2) {
                let steps = pair[0].x().abs_diff(pair[1].x()) + pair[0].y().abs_diff(pair[1].y());
                assert_eq!(steps, 1);
            }
        }
    }

    #[test]
    fn the_deepest_zoom_is_the_last() {
        let last = first_of_zoom(MAX_ZOOM + 1) - 1;
        assert_eq!(coord_of(last).map(TileCoord::z), Some(MAX_ZOOM));
        assert_eq!(coord_of(last + 1), None);
        assert_eq!(coord_of(u64::MAX), None);
    }

    proptest! {
        #[test]
        fn there_and_back(z in 0..=MAX_ZOOM, x: u32, y: u32) {
            let below = |number: u32| (u64::from(number) & ((1 << z) - 1)) as u32;
            let coord = TileCoord::new(z, below(x), below(y)).unwrap();
            prop_assert_eq!(coord_of(tile_id(coord)), Some(coord));
        }
    }
}
