//! Places on the Web Mercator map: 32 bits to each axis, x from the west and y from the north.
//!
//! The map ends at about 85.05° north and south; what lies nearer to a pole is put on its edge. The
//! meridian of 180° is the eastern edge of the map, that of −180° the western one.

use std::f64::consts::PI;

/// Units along a side of the map.
const SIDE: f64 = 4_294_967_296.0;

/// The place of a longitude and latitude in degrees; none outside −180 … 180 and −90 … 90, or if one
/// is no number.
pub(super) fn place(longitude: f64, latitude: f64) -> Option<[u32; 2]> {
    // False also for NaN.
    if !((-180.0..=180.0).contains(&longitude) && (-90.0..=90.0).contains(&latitude)) {
        return None;
    }
    let [x, y] = project(longitude, latitude);
    // `as` keeps to the range.
    Some([(x * SIDE) as u32, (y * SIDE) as u32])
}

/// Where a longitude and latitude in degrees lie on a map whose sides are 1 long; a pole infinitely far.
pub(super) fn project(longitude: f64, latitude: f64) -> [f64; 2] {
    let sine = latitude.to_radians().sin();
    [longitude / 360.0 + 0.5, 0.5 - ((1.0 + sine) / (1.0 - sine)).ln() / (4.0 * PI)]
}

/// The longitude and latitude in degrees of a place.
pub(super) fn degrees([x, y]: [u32; 2]) -> [f64; 2] {
    let [x, y] = [x, y].map(|at| f64::from(at) / SIDE);
    [360.0 * x - 180.0, (PI * (1.0 - 2.0 * y)).sinh().atan().to_degrees()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_and_poles_lie_on_the_edge() {
        assert_eq!(place(-180.0, 90.0), Some([0, 0]));
        assert_eq!(place(180.0, -90.0), Some([u32::MAX; 2]));
        assert_eq!(place(0.0, 0.0), Some([1 << 31; 2]));
        assert_eq!(place(-180.0, 86.0), Some([0, 0]));
        for outside in [[180.1, 0.0], [0.0, 90.1], [f64::NAN, 0.0], [0.0, f64::NAN], [f64::INFINITY, 0.0]] {
            assert_eq!(place(outside[0], outside[1]), None);
        }
    }

    #[test]
    fn degrees_come_back() {
        for [longitude, latitude] in [[9.52, 47.14], [-122.4, 37.8], [151.2, -33.9], [179.999, 85.0]] {
            let [x, y] = degrees(place(longitude, latitude).unwrap());
            assert!((x - longitude).abs() < 1e-6 && (y - latitude).abs() < 1e-6, "{x} {y}");
        }
    }
}
