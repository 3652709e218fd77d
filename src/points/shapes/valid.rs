//! Polygons as they must be on the grid: rings that neither cross nor touch themselves, interiors that do not
//! overlap and hang together.
//!
//! Vertices that are moved to the grid may fold a polygon onto itself, and cutting off may leave bridges of no
//! width along the edge. Of what comes of that, all area that some part has stays, and nothing else.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use i_overlay::core::fill_rule::FillRule;
use i_overlay::core::overlay::{ContourDirection, IntOverlayOptions, Overlay, ShapeType};
use i_overlay::core::overlay_rule::OverlayRule;
use i_overlay::core::solver::{Precision, Solver, Strategy};
use i_overlay::i_float::int::point::IntPoint;

use super::clip::{area, simplify_ring};

type Ring = Vec<[i32; 2]>;

/// The exterior ring, which turns as MVT demands, and then holes, which turn the other way.
pub(super) type Polygon = Vec<Ring>;

/// A ring of up to so many vertices is held against itself edge by edge before anything else is done.
const FEW: usize = 24;

/// Threads would share no more than the sorting of very many edges.
const SOLVER: Solver = Solver { strategy: Strategy::Auto, precision: Precision::HIGH, multithreading: None };

/// What parts cover together, each of them its exterior ring and its holes, which may turn any way.
pub(super) fn polygons(parts: Vec<Vec<Ring>>) -> Vec<Polygon> {
    let several = parts.len() > 1;
    let mut out: Vec<Polygon> = parts.into_iter().flat_map(polygon).collect();
    if several && out.len() > 1 {
        let mut overlay = overlay(&out);
        for ring in out.iter().flatten() {
            overlay.add_contour(&points(ring), ShapeType::Subject);
        }
        out = shapes(overlay, OverlayRule::Subject);
    }
    out
}

/// What a part covers.
fn polygon(rings: Vec<Ring>) -> Vec<Polygon> {
    // Where holes overlap, they must not undo each other.
    let rings = turned(rings);
    if let [ring] = &rings[..]
        && ring.len() <= FEW
        && is_simple(ring)
    {
        return vec![rings];
    }
    let mut overlay = overlay(std::slice::from_ref(&rings));
    for (index, ring) in rings.iter().enumerate() {
        let kind = if index == 0 { ShapeType::Subject } else { ShapeType::Clip };
        overlay.add_contour(&points(ring), kind);
    }
    shapes(overlay, OverlayRule::Difference)
}

/// Vertices where rings meet on straight ways are needed to follow them.
const OPTIONS: IntOverlayOptions = IntOverlayOptions {
    preserve_input_collinear: false,
    output_direction: ContourDirection::CounterClockwise,
    preserve_output_collinear: true,
    min_output_area: 0,
    ogc: false,
};

fn overlay(polygons: &[Polygon]) -> Overlay {
    let vertices = polygons.iter().flatten().map(Vec::len).sum();
    Overlay::new_custom(vertices, OPTIONS, SOLVER)
}

fn points(ring: &[[i32; 2]]) -> Vec<IntPoint> {
    ring.iter().map(|&[x, y]| IntPoint::new(x, y)).collect()
}

/// The result of an overlay, whose rings may still touch each other and themselves in any way.
fn shapes(mut overlay: Overlay, rule: OverlayRule) -> Vec<Polygon> {
    let ring = |ring: Vec<IntPoint>| ring.into_iter().map(|point| [point.x, point.y]).collect();
    let shapes = overlay.overlay(rule, FillRule::NonZero).into_iter();
    let rings: Vec<Ring> = shapes.flat_map(|rings| turned(rings.into_iter().map(ring).collect())).collect();
    let (mut polygons, mut lakes) = (Vec::new(), Vec::new());
    for border in borders(&rings) {
        let (exteriors, holes): (Vec<Ring>, Vec<Ring>) =
            parted(border).into_iter().partition(|ring| area(ring) > 0);
        // An area has one exterior ring, and around it, or apart from it, there are holes.
        match exteriors.is_empty() {
            true => lakes.extend(holes),
            false => polygons.push([exteriors, holes].concat()),
        }
    }
    let sizes: Vec<i64> = polygons.iter().map(|polygon| area(&polygon[0])).collect();
    for lake in lakes {
        let around = |&number: &usize| surrounds(&polygons[number][0], &lake);
        // Of those that lie within one another, the innermost.
        let home = match polygons.len() {
            1 => Some(0),
            count => (0..count).filter(around).min_by_key(|&number| sizes[number]),
        };
        if let Some(home) = home {
            polygons[home].push(lake);
        }
    }
    polygons
}

/// The borders of areas that hang together, on whose left they lie as they do on that of `rings`, which may touch:
/// where several ways go on, that which keeps left goes around the same area.
fn borders(rings: &[Ring]) -> Vec<Ring> {
    let mut ways: HashMap<[i32; 2], Vec<[i32; 2]>, FixedState> = HashMap::default();
    for [a, b] in rings.iter().flat_map(|ring| edges(ring)) {
        ways.entry(a).or_default().push(b);
    }
    let mut out = Vec::new();
    for [start, second] in rings.iter().flat_map(|ring| edges(ring)) {
        if !ways.get(&start).is_some_and(|ways| ways.contains(&second)) {
            continue;
        }
        let mut border = vec![start];
        let [mut before, mut at] = [start, second];
        // Until it goes the first way again; each other way is gone once.
        while let Some(ways) = ways.get_mut(&at) {
            let leftmost =
                (0..ways.len()).reduce(|one, two| match is_left_of(before, at, ways[one], ways[two]) {
                    true => one,
                    false => two,
                });
            let Some(next) = leftmost else { break };
            border.push(at);
            [before, at] = [at, ways.swap_remove(next)];
            if [before, at] == [start, second] {
                border.pop();
                break;
            }
        }
        out.push(border);
    }
    out
}

/// Whether who comes from `before` to `at` finds the way to `one` further to the left than that to `two`.
fn is_left_of(before: [i32; 2], at: [i32; 2], one: [i32; 2], two: [i32; 2]) -> bool {
    // To the left, straight on, to the right.
    let turn = |to| side(before, at, to);
    match (turn(one), turn(two)) {
        (a, b) if a != b => a > b,
        _ => side(at, two, one) > 0,
    }
}

/// A ring in pieces that come to no place twice.
fn parted(ring: Ring) -> Vec<Ring> {
    let mut pieces = Vec::new();
    let mut path: Ring = Vec::with_capacity(ring.len());
    let mut places: HashMap<[i32; 2], usize, FixedState> =
        HashMap::with_capacity_and_hasher(ring.len(), FixedState::default());
    for vertex in ring {
        if let Some(&place) = places.get(&vertex) {
            for passed in &path[place..] {
                places.remove(passed);
            }
            pieces.push(path.split_off(place));
        }
        places.insert(vertex, path.len());
        path.push(vertex);
    }
    pieces.push(path);
    let pieces = pieces.into_iter().map(|piece| simplify_ring(piece.into_iter()));
    pieces.filter(|piece| piece.len() > 2).collect()
}

/// The rings, each turning the way it must.
fn turned(mut rings: Vec<Ring>) -> Polygon {
    for (index, ring) in rings.iter_mut().enumerate() {
        if (area(ring) > 0) != (index == 0) {
            ring.reverse();
        }
    }
    rings
}

/// Whether a ring lies in another one that it does not cross.
fn surrounds(outer: &[[i32; 2]], inner: &[[i32; 2]]) -> bool {
    let ends = |ring: &[[i32; 2]], axis: usize| {
        let along = || ring.iter().map(|at| at[axis]);
        [along().min().unwrap_or(0), along().max().unwrap_or(0)]
    };
    let is_around = |axis| {
        let ([low, high], [from, to]) = (ends(outer, axis), ends(inner, axis));
        low <= from && to <= high
    };
    if !(0..2).all(is_around) {
        return false;
    }
    let twice = |[x, y]: [i32; 2]| [2 * x, 2 * y];
    let outer: Ring = outer.iter().copied().map(twice).collect();
    // Where they touch, vertices and middles of edges say nothing.
    let mut points = edges(inner).flat_map(|[[ax, ay], [bx, by]]| [[2 * ax, 2 * ay], [ax + bx, ay + by]]);
    points.find_map(|point| holds(&outer, point)).unwrap_or(true)
}

/// Whether a point lies within a ring; none if it lies on it.
fn holds(ring: &[[i32; 2]], point: [i32; 2]) -> Option<bool> {
    let mut inside = false;
    for [a, b] in edges(ring) {
        if meet([a, b], [point; 2]) {
            return None;
        }
        if (a[1] > point[1]) != (b[1] > point[1]) {
            inside ^= (side(a, b, point) > 0) == (b[1] > a[1]);
        }
    }
    Some(inside)
}

fn edges(ring: &[[i32; 2]]) -> impl Iterator<Item = [[i32; 2]; 2]> {
    (0..ring.len()).map(|index| [ring[index], ring[(index + 1) % ring.len()]])
}

/// Whether a ring meets itself nowhere, which has three vertices at least, and in which no edge goes on or back
/// the way of the one before.
fn is_simple(ring: &[[i32; 2]]) -> bool {
    let count = ring.len();
    edges(ring).enumerate().all(|(number, edge)| {
        // Those that follow each other have a vertex in common.
        let others = count.saturating_sub(number + 2 + usize::from(number == 0));
        edges(ring).skip(number + 2).take(others).all(|other| !meet(edge, other))
    })
}

/// Whether two segments have a point in common.
fn meet([a, b]: [[i32; 2]; 2], [c, d]: [[i32; 2]; 2]) -> bool {
    let boxes = (0..2).all(|axis| {
        a[axis].max(b[axis]) >= c[axis].min(d[axis]) && c[axis].max(d[axis]) >= a[axis].min(b[axis])
    });
    boxes && side(a, b, c) * side(a, b, d) <= 0 && side(c, d, a) * side(c, d, b) <= 0
}

/// On which side of the way from `a` to `b` a point lies: 1, 0 or -1.
fn side(a: [i32; 2], b: [i32; 2], point: [i32; 2]) -> i64 {
    let way = |to: [i32; 2]| [0, 1].map(|axis| i64::from(to[axis]) - i64::from(a[axis]));
    let ([ax, ay], [bx, by]) = (way(b), way(point));
    (ax * by - ay * bx).signum()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::testing::Random;

    /// Rings that neither cross nor touch themselves, and edges of different rings that have no more than
    /// points in common, the exterior one turning as MVT demands.
    fn check(polygons: &[Polygon]) {
        for rings in polygons {
            for (index, ring) in rings.iter().enumerate() {
                assert!(ring.len() > 2 && is_simple(ring), "{polygons:?}");
                assert_eq!(area(ring) > 0, index == 0, "{polygons:?}");
                assert!(index == 0 || surrounds(&rings[0], ring), "{polygons:?}");
            }
        }
        polygons.iter().for_each(hangs_together);
        let rings: Vec<&Ring> = polygons.iter().flatten().collect();
        for (index, one) in rings.iter().enumerate() {
            for other in &rings[..index] {
                for [a, b] in edges(one) {
                    for [c, d] in edges(other) {
                        let sides = [side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)];
                        let cross = sides[0] * sides[1] < 0 && sides[2] * sides[3] < 0;
                        let shared = sides == [0; 4] && meet([a, b], [c, d]) && {
                            let axis = usize::from(a[0] == b[0]);
                            let (low, high) = (a[axis].min(b[axis]), a[axis].max(b[axis]));
                            c[axis].max(d[axis]).min(high) > c[axis].min(d[axis]).max(low)
                        };
                        assert!(!cross && !shared, "{polygons:?}");
                    }
                }
            }
        }
    }

    /// An interior that does not hang together is shut in by rings that touch each other around it.
    fn hangs_together(rings: &Polygon) {
        let mut points: BTreeMap<[i32; 2], BTreeSet<usize>> = BTreeMap::new();
        for (number, ring) in rings.iter().enumerate() {
            for (other, edge) in
                rings.iter().enumerate().flat_map(|(other, ring)| edges(ring).map(move |edge| (other, edge)))
            {
                for &vertex in ring.iter().filter(|vertex| other != number && meet(edge, [**vertex; 2])) {
                    points.entry(vertex).or_default().extend([number, other]);
                }
            }
        }
        // Which rings hang together so far.
        let mut groups: Vec<usize> = (0..rings.len()).collect();
        for touching in points.values() {
            let of: BTreeSet<usize> = touching.iter().map(|&ring| groups[ring]).collect();
            assert_eq!(of.len(), touching.len(), "{rings:?}");
            let first = *of.first().unwrap();
            groups.iter_mut().filter(|group| of.contains(group)).for_each(|group| *group = first);
        }
    }

    fn total(polygons: &[Polygon]) -> i64 {
        polygons.iter().flatten().map(|ring| area(ring)).sum()
    }

    #[test]
    fn any_rings_become_valid() {
        let mut random = Random::from_seed(4);
        for round in 0..1500 {
            let size = [4, 9, 60][round % 3];
            let mut ring = |most: usize| -> Ring {
                let count = 3 + random.index(most);
                simplify_ring((0..count).map(|_| [0, 0].map(|_: i32| random.below(size) as i32)))
            };
            let parts: Vec<Vec<Ring>> = (0..1 + round % 2)
                .map(|_| {
                    (0..1 + round / 2 % 3)
                        .map(|_| ring([12, 60][round / 6 % 2]))
                        .filter(|ring| ring.len() > 2)
                        .collect()
                })
                .filter(|rings: &Vec<Ring>| !rings.is_empty())
                .collect();
            let valid = polygons(parts.clone());
            check(&valid);
            assert_eq!(total(&polygons(valid.clone())), total(&valid));
        }
    }

    /// How often a ring winds around the middle of a cell, whose edges are along the axes.
    fn winds(ring: &Ring, [x, y]: [i32; 2]) -> i32 {
        let pairs = edges(ring).map(|[a, b]| (a, b));
        let crossing = pairs.map(|([ax, ay], [bx, by])| match ax == bx && ax > x {
            true if ay <= y && by > y => 1,
            true if by <= y && ay > y => -1,
            _ => 0,
        });
        crossing.sum()
    }

    #[test]
    fn what_is_covered_stays_covered() {
        let mut random = Random::from_seed(5);
        for round in 0..2000 {
            let mut ring = || -> Ring {
                let mut at = [random.below(8) as i32, random.below(8) as i32];
                let mut ring = vec![at];
                for step in 0..2 * random.index(7) {
                    at[step % 2] = random.below(8) as i32;
                    ring.push(at);
                }
                // Back along the axes.
                ring.push([ring[0][0], at[1]]);
                simplify_ring(ring.into_iter())
            };
            let parts: Vec<Vec<Ring>> = (0..1 + round % 3)
                .map(|_| (0..1 + round / 3 % 3).map(|_| ring()).filter(|ring| ring.len() > 2).collect())
                .filter(|rings: &Vec<Ring>| !rings.is_empty())
                .map(turned)
                .collect();
            let valid = polygons(parts.clone());
            check(&valid);
            for cell in (0..64).map(|cell| [cell % 8, cell / 8]) {
                let covered = parts.iter().any(|rings| {
                    let mut winds = rings.iter().map(|ring| winds(ring, cell));
                    winds.next() != Some(0) && winds.sum::<i32>() == 0
                });
                let found: i32 = valid.iter().flatten().map(|ring| winds(ring, cell)).sum();
                assert_eq!(found.abs(), i32::from(covered), "{cell:?} of {parts:?}: {valid:?}");
            }
        }
    }

    #[test]
    fn rings_part_where_they_touch_themselves() {
        let ring = [[0, 0], [4, 0], [4, 4], [6, 4], [6, 6], [4, 4], [0, 4], [0, 2], [2, 2], [2, 1], [0, 2]];
        let pieces = parted(ring.to_vec());
        let expected = [
            vec![[4, 4], [6, 4], [6, 6]],
            vec![[0, 2], [2, 2], [2, 1]],
            vec![[0, 0], [4, 0], [4, 4], [0, 4]],
        ];
        assert_eq!(pieces, expected);
        let (outer, hole) = (vec![[0, 0], [9, 0], [9, 9], [0, 9]], vec![[9, 9], [6, 9], [6, 7]]);
        let (beside, corner) = (vec![[9, 9], [12, 9], [12, 12], [9, 12]], vec![[0, 0], [2, 4], [4, 2]]);
        assert!(surrounds(&outer, &hole) && surrounds(&outer, &corner) && !surrounds(&beside, &hole));
        assert!(!surrounds(&hole, &outer) && surrounds(&outer, &outer));
    }

    #[test]
    fn what_is_valid_stays_as_it_is() {
        let square = vec![[0, 0], [4, 0], [4, 4], [0, 4]];
        let other = vec![[0, 4], [4, 4], [4, 0], [0, 0]];
        assert_eq!(polygons(vec![vec![square.clone()]]), [[square.clone()]]);
        assert_eq!(polygons(vec![vec![other]]), [[square.clone()]]);
        let knot = vec![[0, 0], [4, 4], [4, 0], [0, 4]];
        assert_eq!(polygons(vec![vec![knot]]).len(), 2);
        assert!(polygons(vec![vec![square.clone(), square]]).is_empty());
        assert!(polygons(vec![]).is_empty());
    }
}
