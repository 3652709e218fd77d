//! Clipping lines and rings to a box.

use super::super::world::fixed::Point;

/// A box, both corners included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub low: Point,
    pub high: Point,
}

/// The pieces of a line that lie within the frame.
pub(super) fn line(line: &[Point], frame: &Frame) -> Vec<Vec<Point>> {
    let mut pieces: Vec<Vec<Point>> = Vec::new();
    let mut open = false;
    for pair in line.windows(2) {
        let Some((from, to)) = segment(pair[0], pair[1], frame) else {
            open = false;
            continue;
        };
        if !open {
            pieces.push(vec![from]);
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(to);
        }
        open = to == pair[1];
    }
    pieces
}

/// The part of a segment within the frame (Liang and Barsky).
fn segment(a: Point, b: Point, frame: &Frame) -> Option<(Point, Point)> {
    // Where the segment enters and leaves, as fractions.
    let (mut enter, mut leave) = ((0, 1), (1, 1));
    for axis in 0..2 {
        let span = i64::from(b[axis]) - i64::from(a[axis]);
        for (sign, bound) in [(-1, frame.low[axis]), (1, frame.high[axis])] {
            let (run, room) = (sign * span, sign * (i64::from(bound) - i64::from(a[axis])));
            if run == 0 {
                if room < 0 {
                    return None;
                }
            } else if run > 0 {
                leave = smaller(leave, (room, run));
            } else {
                enter = larger(enter, (-room, -run));
            }
        }
    }
    let later = i128::from(enter.0) * i128::from(leave.1) > i128::from(leave.0) * i128::from(enter.1);
    (!later).then(|| (along(a, b, enter), along(a, b, leave)))
}

fn smaller(a: (i64, i64), b: (i64, i64)) -> (i64, i64) {
    if i128::from(b.0) * i128::from(a.1) < i128::from(a.0) * i128::from(b.1) { b } else { a }
}

fn larger(a: (i64, i64), b: (i64, i64)) -> (i64, i64) {
    if smaller(a, b) == a { b } else { a }
}

/// The point a fraction of the way from `a` to `b`.
fn along(a: Point, b: Point, (part, whole): (i64, i64)) -> Point {
    [0, 1].map(|axis| {
        let span = i128::from(b[axis]) - i128::from(a[axis]);
        (i128::from(a[axis]) + (span * i128::from(part)).div_euclid(i128::from(whole))) as i32
    })
}

/// The part of a ring within the frame, as one ring (Sutherland and Hodgman); where it leaves and
/// comes back, it runs along the frame.
pub(super) fn ring(ring: &[Point], frame: &Frame) -> Vec<Point> {
    let mut ring = ring.to_vec();
    for axis in 0..2 {
        for (sign, bound) in [(-1, frame.low[axis]), (1, frame.high[axis])] {
            let within = |point: &Point| sign * point[axis] <= sign * bound;
            if ring.iter().all(within) {
                continue;
            }
            let mut clipped = Vec::with_capacity(ring.len() + 4);
            let previous = ring.iter().cycle().skip(ring.len() - 1);
            for (a, b) in previous.zip(&ring) {
                if within(a) != within(b) {
                    let span = i64::from(b[axis]) - i64::from(a[axis]);
                    let mut crossing =
                        along(*a, *b, ((i64::from(bound) - i64::from(a[axis])) * span.signum(), span.abs()));
                    crossing[axis] = bound;
                    clipped.push(crossing);
                }
                if within(b) {
                    clipped.push(*b);
                }
            }
            ring = clipped;
            if ring.is_empty() {
                return ring;
            }
        }
    }
    ring
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::generate::world::fixed::area;
    use crate::testing::random::Random;

    fn within([x, y]: Point) -> bool {
        (0..=100).contains(&x) && (0..=100).contains(&y)
    }

    const FRAME: Frame = Frame { low: [0, 0], high: [100, 100] };

    #[test]
    fn lines_are_cut_at_the_frame() {
        assert_eq!(line(&[[-50, 50], [50, 50], [150, 50]], &FRAME), [[[0, 50], [50, 50], [100, 50]]]);
        assert_eq!(line(&[[10, 10], [20, 200], [30, 10]], &FRAME).len(), 2);
        assert_eq!(line(&[[-10, 0], [0, -10]], &FRAME), Vec::<Vec<Point>>::new());
        assert_eq!(line(&[[5, 5], [6, 7]], &FRAME), [[[5, 5], [6, 7]]]);
    }

    #[test]
    fn rings_are_cut_at_the_frame() {
        assert_eq!(area(&ring(&[[-100, -100], [200, -100], [200, 200], [-100, 200]], &FRAME)), 2 * 100 * 100);
        assert_eq!(area(&ring(&[[50, 0], [100, 50], [50, 100], [0, 50]], &FRAME)), 100 * 100);
        assert_eq!(area(&ring(&[[50, -50], [150, 50], [50, 150], [-50, 50]], &FRAME)), 2 * 100 * 100);
        assert_eq!(ring(&[[200, 0], [300, 0], [300, 50]], &FRAME), Vec::<Point>::new());
    }

    #[test]
    fn nothing_is_left_outside() {
        let mut random = Random::from_seed(3);
        for _ in 0..2000 {
            let shape: Vec<Point> = (0..random.within(3, 9))
                .map(|_| [random.within(-150, 250), random.within(-150, 250)])
                .collect();
            assert!(ring(&shape, &FRAME).iter().all(|&point| within(point)));
            let pieces = line(&shape, &FRAME);
            assert!(pieces.iter().flatten().all(|&point| within(point)), "{pieces:?}");
            let inside = shape.iter().filter(|&&point| within(point)).count();
            assert!(pieces.iter().flatten().count() >= inside);
        }
    }
}
