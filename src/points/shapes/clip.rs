//! Lines and rings cut off at the edges of a rectangle, and drawn on a grid.

/// A rectangle, its edges included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) min: [f64; 2],
    pub(super) max: [f64; 2],
}

type Point = [f64; 2];

impl Frame {
    /// The pieces of a line within the rectangle.
    pub(super) fn line(&self, line: &[Point]) -> Vec<Vec<Point>> {
        let mut out: Vec<Vec<Point>> = Vec::new();
        let mut open = false;
        for pair in line.windows(2) {
            let Some((start, end, ends_inside)) = self.segment(pair[0], pair[1]) else {
                open = false;
                continue;
            };
            match out.last_mut() {
                Some(piece) if open => piece.push(end),
                _ => out.push(vec![start, end]),
            }
            open = ends_inside;
        }
        out
    }

    /// The part of a segment within the rectangle, and whether that is its end as well (Liang and
    /// Barsky).
    fn segment(&self, from: Point, to: Point) -> Option<(Point, Point, bool)> {
        let (mut first, mut last) = (0.0f64, 1.0f64);
        for axis in 0..2 {
            let way = to[axis] - from[axis];
            for (towards, room) in [(-way, from[axis] - self.min[axis]), (way, self.max[axis] - from[axis])] {
                if towards > 0.0 {
                    last = last.min(room / towards);
                } else if towards < 0.0 {
                    first = first.max(room / towards);
                } else if room < 0.0 {
                    return None;
                }
            }
        }
        if first > last {
            return None;
        }
        let at = |part: f64| [0, 1].map(|axis| from[axis] + (to[axis] - from[axis]) * part);
        let start = if first > 0.0 { at(first) } else { from };
        let end = if last < 1.0 { at(last) } else { to };
        Some((start, end, last >= 1.0))
    }

    /// The part of a ring within the rectangle (Sutherland and Hodgman): where it leaves and comes back it
    /// runs along the edges.
    pub(super) fn ring(&self, ring: &[Point]) -> Vec<Point> {
        let mut points = ring.to_vec();
        for axis in 0..2 {
            for (edge, sign) in [(self.min[axis], 1.0), (self.max[axis], -1.0)] {
                let inside = |point: &Point| sign * (point[axis] - edge) >= 0.0;
                if points.iter().all(inside) {
                    continue;
                }
                let mut out = Vec::with_capacity(points.len() + 4);
                let Some(mut before) = points.last().copied() else { return points };
                for &point in &points {
                    if inside(&before) != inside(&point) {
                        let part = (edge - before[axis]) / (point[axis] - before[axis]);
                        let mut crossing =
                            [0, 1].map(|axis| before[axis] + (point[axis] - before[axis]) * part);
                        crossing[axis] = edge;
                        out.push(crossing);
                    }
                    if inside(&point) {
                        out.push(point);
                    }
                    before = point;
                }
                points = out;
            }
        }
        points
    }
}

/// Twice the area of a ring; positive if it turns the way that MVT has exterior rings turn.
pub(super) fn area(ring: &[[i32; 2]]) -> i64 {
    let Some(mut before) = ring.last().copied() else { return 0 };
    ring.iter().fold(0, |sum, &[x, y]| {
        let [a, b] = std::mem::replace(&mut before, [x, y]);
        sum + i64::from(a) * i64::from(y) - i64::from(x) * i64::from(b)
    })
}

/// Leaves out vertices that the grid has made equal to the one before, or put on the straight way from
/// the one before to the one behind.
pub(super) fn simplify(vertices: impl Iterator<Item = [i32; 2]>) -> Vec<[i32; 2]> {
    let mut out: Vec<[i32; 2]> = Vec::new();
    for vertex in vertices {
        if out.last() == Some(&vertex) {
            continue;
        }
        while let [.., a, b] = out[..]
            && is_between(a, b, vertex)
        {
            out.pop();
        }
        out.push(vertex);
    }
    out
}

/// Leaves out of a ring, besides what [`simplify`] does, what goes out and comes back on the same way: it
/// has no area, and rings that the grid has made narrow would cross themselves there. The last vertex is not
/// the first one again.
pub(super) fn simplify_ring(vertices: impl Iterator<Item = [i32; 2]>) -> Vec<[i32; 2]> {
    let mut out: Vec<[i32; 2]> = Vec::new();
    for vertex in vertices {
        while let [.., a, b] = out[..]
            && are_in_line(a, b, vertex)
        {
            out.pop();
        }
        if out.last() != Some(&vertex) {
            out.push(vertex);
        }
    }
    // Where the ends meet.
    let mut start = 0;
    while let [first, second, .., before, last] = out[start..] {
        if last == first || are_in_line(before, last, first) {
            out.pop();
        } else if are_in_line(last, first, second) {
            start += 1;
        } else {
            break;
        }
    }
    out.drain(..start);
    out
}

/// Whether `b` lies on the way from `a` to `c`, or that way goes back the way it came.
fn are_in_line(a: [i32; 2], b: [i32; 2], c: [i32; 2]) -> bool {
    let ([ax, ay], [bx, by]) = (way(a, b), way(b, c));
    ax * by == ay * bx
}

fn is_between(a: [i32; 2], b: [i32; 2], c: [i32; 2]) -> bool {
    let ([ax, ay], [bx, by]) = (way(a, b), way(b, c));
    ax * by == ay * bx && ax * bx + ay * by > 0
}

fn way(from: [i32; 2], to: [i32; 2]) -> [i64; 2] {
    [0, 1].map(|axis| i64::from(to[axis]) - i64::from(from[axis]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;

    const FRAME: Frame = Frame { min: [0.0; 2], max: [10.0; 2] };

    #[test]
    fn lines_come_in_pieces() {
        let pieces = FRAME.line(&[[-5.0, 5.0], [5.0, 5.0], [5.0, 15.0], [8.0, 15.0], [8.0, 5.0], [9.0, 5.0]]);
        let expected =
            vec![vec![[0.0, 5.0], [5.0, 5.0], [5.0, 10.0]], vec![[8.0, 10.0], [8.0, 5.0], [9.0, 5.0]]];
        assert_eq!(pieces, expected);
        assert!(FRAME.line(&[[-5.0, 11.0], [20.0, 12.0]]).is_empty());
        assert_eq!(FRAME.line(&[[-5.0, -5.0], [15.0, 15.0]]), [[[0.0, 0.0], [10.0, 10.0]]]);
    }

    /// Whether a point lies in a ring, by the crossings of a ray.
    fn holds(ring: &[Point], [x, y]: Point) -> bool {
        let mut inside = false;
        for (index, b) in ring.iter().enumerate() {
            let a = ring[(index + ring.len() - 1) % ring.len()];
            if (a[1] > y) != (b[1] > y) && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0] {
                inside = !inside;
            }
        }
        inside
    }

    #[test]
    fn rings_keep_their_inside() {
        let mut random = Random::from_seed(1);
        let mut some = |count: usize| -> Vec<Point> {
            let at = |random: &mut Random| random.below(3000) as f64 / 100.0 - 10.0;
            (0..count).map(|_| [at(&mut random), at(&mut random)]).collect()
        };
        for _ in 0..300 {
            let ring = some(9);
            let clipped = FRAME.ring(&ring);
            assert!(clipped.iter().flatten().all(|at| (0.0..=10.0).contains(at)));
            for point in some(50) {
                let in_frame = point.iter().all(|at| *at > 0.01 && *at < 9.99);
                if in_frame {
                    assert_eq!(holds(&clipped, point), holds(&ring, point), "{point:?} in {ring:?}");
                }
            }
        }
    }

    #[test]
    fn rings_lose_what_has_no_area() {
        let ring = [[0, 0], [4, 0], [4, 4], [9, 4], [4, 4], [4, 2], [2, 4], [0, 4], [0, 7], [0, 0]];
        assert_eq!(simplify_ring(ring.into_iter()), [[0, 0], [4, 0], [4, 2], [2, 4], [0, 4]]);
        assert!(simplify_ring([[1, 1], [5, 5], [3, 3], [1, 1]].into_iter()).len() < 3);
        let mut random = Random::from_seed(2);
        for _ in 0..2000 {
            let mut at = || random.below(4) as i32;
            let ring: Vec<[i32; 2]> = (0..12).map(|_| [at(), at()]).collect();
            let simple = simplify_ring(ring.iter().copied());
            assert_eq!(area(&simple), area(&ring), "{ring:?}");
            let next = |index: usize| simple[index % simple.len()];
            if simple.len() > 3 {
                assert!((0..simple.len()).all(|at| !are_in_line(next(at), next(at + 1), next(at + 2))));
            }
        }
    }

    #[test]
    fn vertices_without_meaning_go() {
        let line = [[0, 0], [0, 0], [1, 1], [3, 3], [2, 2], [2, 5], [2, 9], [2, 9]];
        assert_eq!(simplify(line.into_iter()), [[0, 0], [3, 3], [2, 2], [2, 9]]);
        assert_eq!(area(&[[0, 0], [4, 0], [4, 3], [0, 3]]), 24);
    }
}
