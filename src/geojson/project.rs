//! From degrees to the grid of a tile in Web Mercator (EPSG:3857), and back. The functions of angles are
//! those of `libm`, which are the same on every machine, so that tiles are, too.

use std::f64::consts::PI;

use libm::{atan, atanh, log10, sin, sinh};

use crate::coord::TileCoord;

/// Beyond this latitude everything lies on it: at the poles the projection ends nowhere.
const MOST_LATITUDE: f64 = 89.9999;

/// The grid of one tile. Coordinates are in its units, from its top left corner, y down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Projection {
    /// The number of units around the world.
    world: f64,
    /// The place of the top left corner in the world.
    corner: [f64; 2],
    /// How many decimals of a degree tell units apart.
    decimals: i32,
}

impl Projection {
    /// The grid of `tile` with `extent` units along a side.
    pub fn new(tile: TileCoord, extent: u32) -> Self {
        let extent = f64::from(extent.max(1));
        let world = extent * f64::from(1u32 << tile.z());
        // Degrees of latitude get shorter towards the poles, by less than a tenth as long as there are tiles.
        let decimals = log10(world / 360.0).ceil() as i32 + 3;
        let corner = [f64::from(tile.x()) * extent, f64::from(tile.y()) * extent];
        Self { world, corner, decimals: decimals.clamp(3, 14) }
    }

    /// Where longitude and latitude lie on the grid, not rounded.
    pub fn to_tile(&self, [longitude, latitude]: [f64; 2]) -> [f64; 2] {
        let latitude = latitude.clamp(-MOST_LATITUDE, MOST_LATITUDE) * PI / 180.0;
        let x = longitude / 360.0 + 0.5;
        let y = 0.5 - atanh(sin(latitude)) / (2.0 * PI);
        [x * self.world - self.corner[0], y * self.world - self.corner[1]]
    }

    /// The longitude and latitude of a place on the grid, in degrees.
    pub fn to_degrees(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let x = (x + self.corner[0]) / self.world;
        let y = (y + self.corner[1]) / self.world;
        [(x - 0.5) * 360.0, atan(sinh(PI * (1.0 - 2.0 * y))) * 180.0 / PI]
    }

    /// The same with as many decimals as it takes to find the way back to units.
    pub fn to_rounded_degrees(&self, [x, y]: [i32; 2]) -> [f64; 2] {
        let power = 10f64.powi(self.decimals);
        // Adding 0 makes −0 a 0.
        self.to_degrees([f64::from(x), f64::from(y)]).map(|degrees| (degrees * power).round() / power + 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;

    #[test]
    fn known_places() {
        let world = Projection::new(TileCoord::new(0, 0, 0).unwrap(), 4096);
        let near = |place: [f64; 2], expected: [f64; 2]| {
            assert!((0..2).all(|axis| (place[axis] - expected[axis]).abs() < 1e-9), "{place:?}");
        };
        near(world.to_tile([0.0, 0.0]), [2048.0, 2048.0]);
        near(world.to_tile([-180.0, 0.0]), [0.0, 2048.0]);
        // The latitude at which the square of the world ends.
        near(world.to_tile([0.0, 85.051_128_779_806_59]), [2048.0, 0.0]);
        assert!(world.to_tile([0.0, -90.0])[1].is_finite());
        // Vaduz, by the formula with logarithm and tangent.
        let latitude = 47.141f64.to_radians();
        let y = (1.0 - (latitude.tan() + 1.0 / latitude.cos()).ln() / PI) / 2.0 * 16384.0 * 4096.0;
        let tile = Projection::new(TileCoord::new(14, 8625, 5768).unwrap(), 4096);
        assert!((tile.to_tile([9.521, 47.141])[1] - (y - 5768.0 * 4096.0)).abs() < 1e-6);
    }

    #[test]
    fn units_come_back() {
        let mut random = Random::from_seed(4);
        for z in 0..=30u8 {
            for _ in 0..300 {
                let place = |random: &mut Random| random.below(1 << z) as u32;
                let tile = TileCoord::new(z, place(&mut random), place(&mut random)).unwrap();
                let extent = *random.pick(&[256, 4096, 8192]);
                // Two zooms are too deep for as fine a grid.
                let extent = if z > 28 { 256 } else { extent };
                let grid = Projection::new(tile, extent);
                let unit = |random: &mut Random| random.within(-100, extent as i32 + 100);
                let at = [unit(&mut random), unit(&mut random)];
                let back = grid.to_tile(grid.to_rounded_degrees(at)).map(|unit| unit.round() as i32);
                assert_eq!(back, at, "{tile} {extent}");
            }
        }
    }
}
