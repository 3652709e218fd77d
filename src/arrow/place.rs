//! From units of a tile to degrees or metres, and back. The functions of angles are those of `libm`,
//! which are the same on every machine, so that tiles are, too.

use std::f64::consts::PI;

use super::options::Coordinates;
use crate::error::{Error, Result};

/// Half the circumference of the earth at the equator, in metres: the edge of Web Mercator.
const HALF: f64 = 20_037_508.342_789_244;

/// Beyond this latitude everything lies on it: at the poles the projection ends nowhere.
const MOST_LATITUDE: f64 = 89.9999;

#[derive(Clone, Copy, Debug, PartialEq)]
enum System {
    Tile,
    LonLat,
    Mercator,
}

/// Where a tile lies in a system of coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    system: System,
    /// The number of units around the world.
    world: f64,
    /// The top left corner, in units from that of the world.
    corner: [f64; 2],
}

impl Place {
    /// For a layer of `extent` units.
    ///
    /// # Errors
    /// If the extent is 0, and coordinates are not units of the tile.
    pub(super) fn new(coordinates: Coordinates, extent: u32) -> Result<Self> {
        let (system, tile) = match coordinates {
            Coordinates::Tile => return Ok(Self { system: System::Tile, world: 1.0, corner: [0.0; 2] }),
            Coordinates::LonLat(tile) => (System::LonLat, tile),
            Coordinates::Mercator(tile) => (System::Mercator, tile),
        };
        if extent == 0 {
            return Err(Error::input("coordinates on the map for a layer of extent 0"));
        }
        let extent = f64::from(extent);
        let corner = [tile.x(), tile.y()].map(|number| f64::from(number) * extent);
        Ok(Self { system, world: f64::from(1u32 << tile.z()) * extent, corner })
    }

    fn x(self, x: i32) -> f64 {
        let share = (f64::from(x) + self.corner[0]) / self.world;
        match self.system {
            System::Tile => f64::from(x),
            System::LonLat => share * 360.0 - 180.0,
            System::Mercator => (share - 0.5) * 2.0 * HALF,
        }
    }

    fn y(self, y: i32) -> f64 {
        let share = (f64::from(y) + self.corner[1]) / self.world;
        match self.system {
            System::Tile => f64::from(y),
            System::LonLat => libm::atan(libm::sinh(PI * (1.0 - 2.0 * share))) * 180.0 / PI,
            System::Mercator => (0.5 - share) * 2.0 * HALF,
        }
    }

    /// Where these vertices (x, y, x, y …) lie on the map, columns apart. Latitudes take long, so each is
    /// found once where there are fewer different rows of units than vertices.
    pub(super) fn to_map(self, vertices: &[i32]) -> [Vec<f64>; 2] {
        let ys = || vertices.iter().skip(1).step_by(2).copied();
        let xs = vertices.iter().step_by(2).map(|&x| self.x(x)).collect();
        let (Some(min), Some(max)) = (ys().min(), ys().max()) else { return [xs, Vec::new()] };
        let rows = (i64::from(max) - i64::from(min)) as u64 + 1;
        if self.system != System::LonLat || rows > vertices.len() as u64 / 2 {
            return [xs, ys().map(|y| self.y(y)).collect()];
        }
        let latitudes: Vec<f64> = (min..=max).map(|y| self.y(y)).collect();
        [xs, ys().map(|y| latitudes[(y - min) as usize]).collect()]
    }

    /// The units in which a place on the map lies; none if it is no number, or too far away.
    pub(super) fn to_tile(self, [x, y]: [f64; 2]) -> Option<[i32; 2]> {
        let share = match self.system {
            System::Tile => return Some([round(x)?, round(y)?]),
            System::LonLat => {
                let latitude = y.clamp(-MOST_LATITUDE, MOST_LATITUDE) * PI / 180.0;
                [x / 360.0 + 0.5, 0.5 - libm::atanh(libm::sin(latitude)) / (2.0 * PI)]
            }
            System::Mercator => [x / (2.0 * HALF) + 0.5, 0.5 - y / (2.0 * HALF)],
        };
        Some([round(share[0] * self.world - self.corner[0])?, round(share[1] * self.world - self.corner[1])?])
    }
}

/// The longitude and latitude of a place in metres of Web Mercator.
pub(crate) fn to_degrees([x, y]: [f64; 2]) -> [f64; 2] {
    [x / HALF * 180.0, libm::atan(libm::sinh(PI * y / HALF)) * 180.0 / PI]
}

/// The nearest integer, of two the one away from 0; none if it has more than 32 bits.
fn round(units: f64) -> Option<i32> {
    let nearest = units.round();
    (nearest >= f64::from(i32::MIN) && nearest <= f64::from(i32::MAX)).then_some(nearest as i32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coord::TileCoord;
    use crate::testing::Random;

    fn places(z: u8, x: u32, y: u32, extent: u32) -> [Place; 2] {
        let tile = TileCoord::new(z, x, y).unwrap();
        [Coordinates::LonLat(tile), Coordinates::Mercator(tile)].map(|at| Place::new(at, extent).unwrap())
    }

    #[test]
    fn known_places() {
        let [degrees, metres] = places(0, 0, 0, 4096);
        assert_eq!(degrees.to_map(&[2048, 2048]), [[0.0], [0.0]]);
        assert_eq!(metres.to_map(&[0, 0, 4096, 4096]), [[-HALF, HALF], [HALF, -HALF]]);
        let [_, north] = degrees.to_map(&[0, 0]);
        assert!((north[0] - 85.051_128_779_806_59).abs() < 1e-12, "{north:?}");
        // Vaduz, by the formula with logarithm and tangent.
        let latitude = 47.141f64.to_radians();
        let y = (1.0 - (latitude.tan() + 1.0 / latitude.cos()).ln() / PI) / 2.0 * 16384.0 * 4096.0;
        let [degrees, _] = places(14, 8625, 5768, 4096);
        assert_eq!(degrees.to_tile([9.521, 47.141]).unwrap()[1], (y - 5768.0 * 4096.0).round() as i32);
        assert_eq!(degrees.to_tile([f64::NAN, 0.0]), None);
        assert_eq!(degrees.to_tile([1e9, 0.0]), None);
        assert!(degrees.to_tile([0.0, -90.0]).is_some());
        assert!(Place::new(Coordinates::LonLat(TileCoord::new(0, 0, 0).unwrap()), 0).is_err());
    }

    #[test]
    fn units_come_back() {
        let mut random = Random::from_seed(3);
        for _ in 0..3000 {
            let z = random.below(19) as u8;
            let [x, y] = [(); 2].map(|()| random.below(1 << z) as u32);
            let extent = *random.pick(&[1, 256, 4096, 8192]);
            // A few tiles more on each side, but not beyond the poles.
            let vertex = [(); 2].map(|()| random.within(-(extent as i32) / 8, extent as i32 * 9 / 8));
            for place in places(z, x, y, extent) {
                let [xs, ys] = place.to_map(&vertex);
                assert_eq!(place.to_tile([xs[0], ys[0]]), Some(vertex), "{place:?}");
            }
        }
    }

    #[test]
    fn many_latitudes_are_those_of_each() {
        let [degrees, _] = places(5, 16, 11, 64);
        let vertices: Vec<i32> = (0..400).map(|i| i * 7 % 91 - 10).collect();
        let [_, together] = degrees.to_map(&vertices);
        let each: Vec<f64> = vertices.chunks(2).map(|vertex| degrees.to_map(vertex)[1][0]).collect();
        assert_eq!(together, each);
    }
}
