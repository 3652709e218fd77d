//! Which tiles of a tileset are wanted.

use std::f64::consts::PI;
use std::ops::RangeInclusive;

use super::error::{Error, Result};
use super::tile_id::first_of_zoom;
use crate::coord::{MAX_ZOOM, TileCoord};

/// The northern end of the square that tiles cover, in degrees.
pub(crate) const MAX_LATITUDE: f64 = 85.051_128_779_806_6;

/// West, south, east, north, in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GeoBounds {
    /// The western end; east of the eastern one if the 180th meridian lies within.
    pub west: f64,
    /// The southern end.
    pub south: f64,
    /// The eastern end.
    pub east: f64,
    /// The northern end.
    pub north: f64,
}

impl GeoBounds {
    /// All that tiles cover.
    pub const WORLD: Self = Self { west: -180.0, south: -MAX_LATITUDE, east: 180.0, north: MAX_LATITUDE };

    /// # Errors
    /// If a number is no degree, or south lies north of north.
    pub fn new(west: f64, south: f64, east: f64, north: f64) -> Result<Self> {
        let longitudes = [west, east].iter().all(|degrees| (-180.0..=180.0).contains(degrees));
        let latitudes = [south, north].iter().all(|degrees| (-90.0..=90.0).contains(degrees));
        if !longitudes || !latitudes {
            return Err(Error::new(
                "bounds are west, south, east, north in degrees, -180 to 180 and -90 to 90",
            ));
        }
        if south > north {
            return Err(Error::new(format!(
                "the southern end {south} lies north of the northern end {north}"
            )));
        }
        Ok(Self { west, south, east, north })
    }

    /// Reads `west,south,east,north`.
    ///
    /// # Errors
    /// As [`GeoBounds::new`], or if it is not four numbers.
    pub fn parse(text: &str) -> Result<Self> {
        let numbers: Vec<f64> = text.split(',').map_while(|part| part.trim().parse().ok()).collect();
        match numbers[..] {
            [west, south, east, north] if text.split(',').count() == 4 => Self::new(west, south, east, north),
            _ => Err(Error::new(format!("{text:?} is not of the form west,south,east,north"))),
        }
    }

    /// What the tile covers.
    pub fn of_tile(coord: TileCoord) -> Self {
        let side = (1u64 << coord.z()) as f64;
        let longitude = |x: u32| f64::from(x) / side * 360.0 - 180.0;
        let latitude = |y: u32| (PI * (1.0 - 2.0 * f64::from(y) / side)).sinh().atan().to_degrees();
        Self {
            west: longitude(coord.x()),
            south: latitude(coord.y() + 1),
            east: longitude(coord.x() + 1),
            north: latitude(coord.y()),
        }
    }

    /// What covers both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            west: self.west.min(other.west),
            south: self.south.min(other.south),
            east: self.east.max(other.east),
            north: self.north.max(other.north),
        }
    }

    /// What both cover; none if nothing is, or if one of them has the 180th meridian within.
    pub fn intersection(self, other: Self) -> Option<Self> {
        let both = Self {
            west: self.west.max(other.west),
            south: self.south.max(other.south),
            east: self.east.min(other.east),
            north: self.north.min(other.north),
        };
        let wraps = self.west > self.east || other.west > other.east;
        (!wraps && both.west <= both.east && both.south <= both.north).then_some(both)
    }

    /// As metadata hold it.
    pub(crate) fn to_text(self) -> String {
        let Self { west, south, east, north } = self;
        [west, south, east, north].map(degrees).join(",")
    }

    /// The columns of tiles at zoom `z` that it touches: one range, or two across the 180th meridian.
    fn columns(self, z: u8) -> [Option<RangeInclusive<u32>>; 2] {
        let (first, last) = span(across(self.west, z), across(self.east, z), z);
        if self.west <= self.east {
            return [Some(first..=last), None];
        }
        let (first, _) = span(across(self.west, z), across(180.0, z), z);
        let (_, last) = span(across(-180.0, z), across(self.east, z), z);
        [Some(first..=u32::MAX), Some(0..=last)]
    }

    fn touches(self, coord: TileCoord) -> bool {
        let (first, last) = span(down(self.north, coord.z()), down(self.south, coord.z()), coord.z());
        let columns = self.columns(coord.z());
        (first..=last).contains(&coord.y())
            && columns.iter().flatten().any(|range| range.contains(&coord.x()))
    }
}

/// At most six digits behind the point, which are a tenth of a metre.
fn degrees(number: f64) -> String {
    let text = format!("{number:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// From the west in tiles of zoom `z`.
fn across(longitude: f64, z: u8) -> f64 {
    (longitude + 180.0) / 360.0 * (1u64 << z) as f64
}

/// From the north in tiles of zoom `z`.
fn down(latitude: f64, z: u8) -> f64 {
    let latitude = latitude.clamp(-MAX_LATITUDE, MAX_LATITUDE).to_radians();
    (1.0 - latitude.tan().asinh() / PI) / 2.0 * (1u64 << z) as f64
}

/// The first and the last tile between two places; one that only ends where the range begins, or
/// begins where it ends, is not among them.
fn span(from: f64, to: f64, z: u8) -> (u32, u32) {
    let last_of_all = ((1u64 << z) - 1) as f64;
    let first = from.floor().clamp(0.0, last_of_all);
    let last = (to.ceil() - 1.0).clamp(first, last_of_all);
    (first as u32, last as u32)
}

/// Which tiles are wanted; all of them by default.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// The zooms.
    pub zooms: RangeInclusive<u8>,
    /// Where; tiles that it touches are wanted whole.
    pub bounds: Option<GeoBounds>,
}

impl Default for Selection {
    fn default() -> Self {
        Self { zooms: 0..=MAX_ZOOM, bounds: None }
    }
}

impl Selection {
    /// Whether every tile is wanted.
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the tile is wanted.
    pub fn contains(&self, coord: TileCoord) -> bool {
        self.zooms.contains(&coord.z()) && self.bounds.is_none_or(|bounds| bounds.touches(coord))
    }

    /// The ids of the zooms that are wanted.
    pub(crate) fn ids(&self) -> std::ops::Range<u64> {
        let last = (*self.zooms.end()).min(MAX_ZOOM);
        first_of_zoom(*self.zooms.start().min(&MAX_ZOOM))..first_of_zoom(last + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tile(z: u8, x: u32, y: u32) -> TileCoord {
        TileCoord::new(z, x, y).unwrap()
    }

    fn within(bounds: &str) -> Selection {
        Selection { bounds: Some(GeoBounds::parse(bounds).unwrap()), ..Selection::default() }
    }

    #[test]
    fn tiles_that_are_touched_are_wanted() {
        let select = within("9.4,47,9.7,47.3");
        for coord in [tile(0, 0, 0), tile(1, 1, 0), tile(8, 134, 89), tile(14, 8630, 5750)] {
            assert!(select.contains(coord), "{coord}");
        }
        for coord in [tile(1, 0, 0), tile(1, 1, 1), tile(14, 8600, 5741), tile(14, 8630, 5700)] {
            assert!(!select.contains(coord), "{coord}");
        }
    }

    #[test]
    fn a_common_edge_is_no_touch_but_a_point_lies_in_a_tile() {
        let quarter = within("-90,0,0,66.5");
        let found: Vec<_> = (0..4)
            .flat_map(|x| (0..4).map(move |y| tile(2, x, y)))
            .filter(|&coord| quarter.contains(coord))
            .collect();
        assert_eq!(found, [tile(2, 1, 1)]);
        assert!(within("10,50,10,50").contains(tile(3, 4, 2)));
        assert!(within("180,-90,180,-90").contains(tile(3, 7, 7)));
    }

    #[test]
    fn across_the_180th_meridian() {
        let select = within("170,-20,-170,20");
        assert!(select.contains(tile(4, 15, 7)) && select.contains(tile(4, 0, 8)));
        assert!(!select.contains(tile(4, 8, 7)) && !select.contains(tile(4, 14, 7)));
    }

    #[test]
    fn the_bounds_of_a_tile_touch_it_alone() {
        for coord in [tile(0, 0, 0), tile(5, 16, 11), tile(14, 8298, 10748)] {
            let bounds = GeoBounds::of_tile(coord);
            let GeoBounds { west, south, east, north } = bounds;
            let select = Selection { bounds: Some(bounds), ..Selection::default() };
            assert!(select.contains(coord));
            let middle = GeoBounds::new(west, (south + north) / 2.0, east, (south + north) / 2.0).unwrap();
            assert_eq!(middle.columns(coord.z()), [Some(coord.x()..=coord.x()), None]);
        }
    }

    #[test]
    fn zooms_are_ranges_of_ids() {
        let select = Selection { zooms: 1..=2, bounds: None };
        assert_eq!(select.ids(), 1..21);
        assert!(select.contains(tile(2, 0, 0)) && !select.contains(tile(3, 0, 0)));
        assert!(Selection::default().is_all() && !select.is_all());
    }

    #[test]
    fn what_is_no_bounds_is_told() {
        for text in ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "1,2,,4", "-181,0,0,0", "0,10,1,5", "0,nan,1,5"] {
            assert!(GeoBounds::parse(text).is_err(), "{text}");
        }
        assert_eq!(GeoBounds::parse("9.4, 47,9.70000,47.3").unwrap().to_text(), "9.4,47,9.7,47.3");
    }
}
