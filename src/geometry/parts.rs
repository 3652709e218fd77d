//! The parts of a multi geometry, ordered so that neighbours on the map follow each other.

use super::turn::turn;
use super::{Geometry, GeometryType};
use crate::curve::Curve;

/// Looking for the nearest of more parts than this takes too long: they go along a curve.
const MANY: usize = 2048;

/// The parts of feature `row` in an order of short ways between them: each starts near the end of the
/// one before, the first near `before`. None if they are to stay as they are.
///
/// What a reader of MVT takes for one polygon stays one: polygons are only moved if all exterior rings
/// have an area and turn the same way, so that each still starts a polygon wherever it stands.
pub(super) fn order(geometry: &Geometry, row: usize, before: [i32; 2], curve: &Curve) -> Option<Vec<usize>> {
    let parts = geometry.parts(row);
    if parts.len() < 2 {
        return None;
    }
    if geometry.geometry_type(row) == GeometryType::MultiPolygon {
        let mut turns = parts.clone().map(|part| turn(geometry.ring(geometry.rings(part).start)));
        let exterior = turns.next().expect("at least two parts");
        if exterior == 0 || turns.any(|turn| turn != exterior) {
            return None;
        }
    }
    let mut left: Vec<usize> = parts.collect();
    if left.len() > MANY {
        left.sort_by_cached_key(|&part| curve.place(first(geometry, part)));
        return Some(left);
    }
    let mut order = Vec::with_capacity(left.len());
    let mut at = before;
    while !left.is_empty() {
        let distance = |part: usize| {
            let start = first(geometry, part);
            start[0].abs_diff(at[0]).max(start[1].abs_diff(at[1]))
        };
        let places = left.iter().enumerate();
        let (place, _) = places.min_by_key(|&(_, &part)| distance(part)).expect("some are left");
        // Those left stay in order, so that the first of those equally near is the same everywhere.
        let part = left.remove(place);
        at = last(geometry, part);
        order.push(part);
    }
    Some(order)
}

fn first(geometry: &Geometry, part: usize) -> [i32; 2] {
    let ring = geometry.ring(geometry.rings(part).start);
    [ring[0], ring[1]]
}

fn last(geometry: &Geometry, part: usize) -> [i32; 2] {
    let ring = geometry.ring(geometry.rings(part).end - 1);
    [ring[ring.len() - 2], ring[ring.len() - 1]]
}
