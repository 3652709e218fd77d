//! Clipping against what it must do: the same points inside as before, values on the way between.

use crate::geojson::clip::{Frame, Source, Vertex, area, is_within};
use crate::testing::Random;

const FRAME: Frame = Frame { low: [0.0, 0.0], high: [100.0, 100.0] };

fn vertices(points: &[[f64; 2]], first: usize) -> Vec<Vertex> {
    let vertex = |(index, &at): (usize, &[f64; 2])| Vertex { at, source: Source::own(first + index) };
    points.iter().enumerate().map(vertex).collect()
}

fn places(ring: &[Vertex]) -> Vec<[f64; 2]> {
    ring.iter().map(|vertex| vertex.at).collect()
}

/// A ring around `centre`, positive, that does not cross itself.
fn star(random: &mut Random, centre: [f64; 2], radius: f64) -> Vec<[f64; 2]> {
    let count = 3 + random.index(12);
    (0..count)
        .map(|at| {
            let angle = at as f64 / count as f64 * std::f64::consts::TAU;
            let length = radius * (0.2 + 0.8 * f64::from(random.within(0, 1000)) / 1000.0);
            [centre[0] + length * angle.cos(), centre[1] + length * angle.sin()]
        })
        .collect()
}

#[test]
fn lines_are_cut_at_the_frame() {
    let cut = |points: &[[f64; 2]]| {
        FRAME.line(&vertices(points, 0)).iter().map(|line| places(line)).collect::<Vec<_>>()
    };
    assert_eq!(
        cut(&[[-50.0, 50.0], [50.0, 50.0], [150.0, 50.0]]),
        [[[0.0, 50.0], [50.0, 50.0], [100.0, 50.0]]]
    );
    assert_eq!(cut(&[[10.0, 10.0], [20.0, 200.0], [30.0, 10.0]]).len(), 2);
    // Along an edge is inside, touching a corner is not, staying in a place is.
    assert_eq!(cut(&[[0.0, -5.0], [0.0, 5.0]]), [[[0.0, 0.0], [0.0, 5.0]]]);
    assert_eq!(cut(&[[-10.0, 10.0], [10.0, -10.0]]).len(), 0);
    assert_eq!(cut(&[[5.0, 5.0], [5.0, 5.0]]), [[[5.0, 5.0], [5.0, 5.0]]]);
    assert_eq!(cut(&[[-5.0, 5.0], [-1.0, 200.0]]).len(), 0);
}

#[test]
fn a_polygon_cut_in_two_is_two() {
    // The letter U, of which the frame cuts off the base.
    let u = [
        [10.0, -10.0],
        [10.0, 50.0],
        [30.0, 50.0],
        [30.0, -5.0],
        [70.0, -5.0],
        [70.0, 50.0],
        [90.0, 50.0],
        [90.0, -10.0],
    ];
    let mut u = vertices(&u, 0);
    u[1..].reverse();
    assert!(area(&u) > 0.0);
    let polygons = FRAME.polygon(vec![u]);
    assert_eq!(polygons.len(), 2);
    for polygon in &polygons {
        assert_eq!((polygon.len(), area(&polygon[0])), (1, 2.0 * 20.0 * 50.0));
    }
}

#[test]
fn holes_stay_with_what_is_around_them() {
    // A belt through the frame, with a hole that is cut and two that are not.
    let square = |x: f64, y: f64, side: f64| vec![[x, y], [x + side, y], [x + side, y + side], [x, y + side]];
    let hole = |x: f64, y: f64, side: f64, first: usize| {
        let mut ring = vertices(&square(x, y, side), first);
        ring.reverse();
        ring
    };
    let around = vertices(&square(-100.0, -100.0, 300.0), 0);
    let polygons = FRAME.polygon(vec![
        around,
        hole(-10.0, 40.0, 20.0, 4),
        hole(50.0, 50.0, 10.0, 8),
        hole(70.0, 10.0, 10.0, 12),
        hole(150.0, 10.0, 10.0, 16),
    ]);
    assert_eq!(polygons.len(), 1);
    assert_eq!(polygons[0].len(), 3);
    let areas: Vec<f64> = polygons[0].iter().map(|ring| area(ring)).collect();
    assert_eq!(areas, [2.0 * (10_000.0 - 200.0), -200.0, -200.0]);
    assert_eq!(FRAME.polygon(vec![vertices(&square(200.0, 0.0, 10.0), 0)]).len(), 0);
    // What only touches the frame has no area in it.
    assert_eq!(FRAME.polygon(vec![vertices(&square(100.0, 10.0, 10.0), 0)]).len(), 0);
}

#[test]
fn the_same_points_are_inside_as_before() {
    let mut random = Random::from_seed(6);
    let (mut several, mut holes) = (0, 0);
    for _ in 0..3000 {
        let centre = [f64::from(random.within(-60, 160)), f64::from(random.within(-60, 160))];
        let mut points = star(&mut random, centre, 150.0);
        if random.chance(1, 3) {
            // Vertices on the sides and in the corners of the frame.
            points.iter_mut().for_each(|at| *at = at.map(|value| (value / 50.0).round() * 50.0));
        }
        let exterior = vertices(&points, 0);
        if area(&exterior) <= 0.0 {
            continue;
        }
        let mut rings = vec![exterior];
        if random.chance(1, 2) {
            // The exterior ring is at least a fifth of the radius away from the centre.
            let mut hole = vertices(&star(&mut random, centre, 12.0), 100);
            hole.reverse();
            rings.push(hole);
        }
        let polygons = FRAME.polygon(rings.clone());
        several += usize::from(polygons.len() > 1);
        holes += polygons.iter().map(|polygon| polygon.len() - 1).sum::<usize>();
        for polygon in &polygons {
            assert!(polygon.iter().flatten().all(|vertex| FRAME.contains(vertex.at)));
            assert!(area(&polygon[0]) > 0.0 && polygon[1..].iter().all(|hole| area(hole) <= 0.0));
        }
        let within = |rings: &[Vec<Vertex>], at| rings.iter().filter(|ring| is_within(at, ring)).count() % 2;
        for _ in 0..40 {
            // On no side, nor on the diagonals that sides may run along.
            let at = [0.123, 0.417].map(|part| f64::from(random.within(0, 99)) + part);
            let after: usize = polygons.iter().map(|polygon| within(polygon, at)).sum();
            assert_eq!(within(&rings, at), after, "{at:?} in {rings:?}, cut to {polygons:?}");
        }
    }
    assert!(several > 30 && holes > 150, "{several} {holes}");
}

#[test]
fn rings_that_cross_themselves_keep_their_inside() {
    let mut random = Random::from_seed(7);
    for _ in 0..2000 {
        let place = |random: &mut Random| f64::from(random.within(-150, 250));
        let points: Vec<[f64; 2]> =
            (0..random.within(3, 9)).map(|_| [place(&mut random), place(&mut random)]).collect();
        let ring = vertices(&points, 0);
        let polygons = FRAME.polygon(vec![ring.clone()]);
        let rings: Vec<_> = polygons.into_iter().flatten().collect();
        for _ in 0..20 {
            let at = [0.123, 0.417].map(|part| f64::from(random.within(0, 99)) + part);
            let after = rings.iter().filter(|ring| is_within(at, ring)).count() % 2;
            assert_eq!(usize::from(is_within(at, &ring)), after, "{at:?} in {points:?}, cut to {rings:?}");
        }
    }
}

#[test]
fn values_lie_between_those_of_their_neighbours() {
    let mut random = Random::from_seed(9);
    let mut cuts = 0;
    for _ in 0..2000 {
        let points: Vec<[f64; 2]> =
            (0..random.within(3, 9)).map(|_| [0, 1].map(|_| f64::from(random.within(-150, 250)))).collect();
        let source = vertices(&points, 0);
        let lines = FRAME.line(&source);
        let rings = FRAME.polygon(vec![source]).into_iter().flatten();
        // The place itself as a value, interpolated, is the place, but in corners of the frame.
        for (is_line, vertex) in lines
            .iter()
            .flatten()
            .map(|vertex| (true, *vertex))
            .chain(rings.flatten().map(|vertex| (false, vertex)))
        {
            let Source { from, to, part } = vertex.source;
            assert!((0.0..=1.0).contains(&part), "{part}");
            let corner = vertex.at.iter().all(|unit| [0.0, 100.0].contains(unit));
            cuts += usize::from(from != to);
            let between = |axis: usize| points[from][axis] + (points[to][axis] - points[from][axis]) * part;
            let same = (0..2).all(|axis| (between(axis) - vertex.at[axis]).abs() < 1e-9);
            assert!(same || (corner && !is_line), "{vertex:?} in {points:?}");
        }
    }
    assert!(cuts > 1000, "{cuts}");
}
