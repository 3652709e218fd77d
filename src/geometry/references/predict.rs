//! From a vertex to the two components (a, b) that are written, and back.
//!
//! ```text
//! start of a run   v − the last vertex of the run before, or − the constant start
//! inside           v − the vertex before
//! right angles     from the third vertex of a run, e = the edge before ≠ 0, d = v − the vertex before:
//!                  |ex| ≥ |ey|: a = dy · sgn(ex), b = dx − round(−dy · ey / ex)
//!                  else:        a = dx · sgn(ey), b = dy − round(−dx · ex / ey)
//!   last of a ring v − (v0 − v1 + v2) if n = 4, else v − (w + round(u · ((v0 − w) · u) / (u · u)))
//!                  with w the vertex before and u = (−ey, ex)
//! ```
//!
//! All sums and differences of coordinates wrap around at 32 bits. Divisions round to the nearest
//! integer, halves away from zero. Where a coordinate of e or of v0 − w is 2^20 or more, or u is
//! zero, the last vertex of a ring is predicted as w; e of 2^20 or more counts as zero inside.

use super::contexts::Position;

/// How components are made of vertices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Model {
    /// The vertex that the first one of each run is written against.
    pub(super) start: Option<[i32; 2]>,
    pub(super) right_angles: bool,
}

/// Which runs are closed rings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    /// Every run, or none.
    All(bool),
    /// One entry per run.
    Each(Vec<bool>),
}

impl Closed {
    #[inline]
    pub(crate) fn get(&self, run: usize) -> bool {
        match self {
            Self::All(closed) => *closed,
            Self::Each(closed) => closed[run],
        }
    }

    pub(super) fn any(&self) -> bool {
        match self {
            Self::All(closed) => *closed,
            Self::Each(closed) => closed.contains(&true),
        }
    }
}

/// Larger edges predict nothing: their products would not fit 64 bits.
const LONGEST_EDGE: i64 = 1 << 20;

impl Model {
    /// Where in its run vertex `index` of `len` lies.
    #[inline(always)]
    pub(super) fn position(&self, index: usize, len: usize, closed: bool) -> Position {
        if index == 0 {
            Position::First
        } else if self.right_angles && closed && len >= 4 && index + 1 == len {
            Position::Last
        } else if index == 1 {
            Position::Second
        } else {
            Position::Further
        }
    }

    /// The components of the vertex behind `run`, the vertices of its
    /// run so far; `before` is the last vertex written, or (0, 0).
    #[inline]
    pub(super) fn components(
        &self,
        vertex: [i32; 2],
        run: &[[i32; 2]],
        position: Position,
        len: usize,
        before: [i32; 2],
    ) -> [i32; 2] {
        let base = self.base(position, before);
        if self.right_angles && run.len() >= 2 {
            if position == Position::Last {
                return difference(vertex, predict_last(run, len));
            }
            if let Some(turn) = Turn::new(run) {
                return turn.components(difference(vertex, before));
            }
        }
        difference(vertex, base)
    }

    /// The inverse of [`Self::components`].
    #[inline(always)]
    pub(super) fn vertex(
        &self,
        components: [i32; 2],
        run: &[[i32; 2]],
        position: Position,
        len: usize,
        before: [i32; 2],
    ) -> [i32; 2] {
        let base = self.base(position, before);
        if self.right_angles && run.len() >= 2 {
            if position == Position::Last {
                return sum(predict_last(run, len), components);
            }
            if let Some(turn) = Turn::new(run) {
                return sum(before, turn.difference(components));
            }
        }
        sum(base, components)
    }

    #[inline(always)]
    fn base(&self, position: Position, before: [i32; 2]) -> [i32; 2] {
        match (position, self.start) {
            (Position::First, Some(start)) => start,
            _ => before,
        }
    }
}

#[inline(always)]
fn difference(a: [i32; 2], b: [i32; 2]) -> [i32; 2] {
    [a[0].wrapping_sub(b[0]), a[1].wrapping_sub(b[1])]
}

#[inline(always)]
fn sum(a: [i32; 2], b: [i32; 2]) -> [i32; 2] {
    [a[0].wrapping_add(b[0]), a[1].wrapping_add(b[1])]
}

/// The edge before a vertex, along which right angles are measured.
struct Turn {
    /// The longer and the shorter component of the edge.
    long: i64,
    short: i64,
    /// Whether the longer one is x.
    along_x: bool,
}

impl Turn {
    #[inline(always)]
    fn new(run: &[[i32; 2]]) -> Option<Self> {
        let edge = difference(run[run.len() - 1], run[run.len() - 2]).map(i64::from);
        let along_x = edge[0].abs() >= edge[1].abs();
        let (long, short) = if along_x { (edge[0], edge[1]) } else { (edge[1], edge[0]) };
        (long != 0 && long.abs() < LONGEST_EDGE).then_some(Self { long, short, along_x })
    }

    /// The components of a difference.
    #[inline(always)]
    fn components(&self, d: [i32; 2]) -> [i32; 2] {
        let (across, along) = if self.along_x { (d[1], d[0]) } else { (d[0], d[1]) };
        let a = if self.long < 0 { across.wrapping_neg() } else { across };
        [a, along.wrapping_sub(self.expected(across))]
    }

    /// The inverse of [`Self::components`].
    #[inline(always)]
    fn difference(&self, [a, b]: [i32; 2]) -> [i32; 2] {
        let across = if self.long < 0 { a.wrapping_neg() } else { a };
        let along = b.wrapping_add(self.expected(across));
        if self.along_x { [along, across] } else { [across, along] }
    }

    #[inline(always)]
    fn expected(&self, across: i32) -> i32 {
        divide(-i64::from(across) * self.short, self.long) as i32
    }
}

/// Where the last vertex of a ring would close it with a right angle.
fn predict_last(run: &[[i32; 2]], len: usize) -> [i32; 2] {
    let last = run[run.len() - 1];
    if len == 4 {
        return sum(difference(run[0], run[1]), run[2]);
    }
    let edge = difference(last, run[run.len() - 2]).map(i64::from);
    let gap = difference(run[0], last).map(i64::from);
    if edge == [0, 0] || edge.iter().chain(&gap).any(|d| d.abs() >= LONGEST_EDGE) {
        return last;
    }
    let across = [-edge[1], edge[0]];
    let square = across[0] * across[0] + across[1] * across[1];
    let product = gap[0] * across[0] + gap[1] * across[1];
    sum(last, across.map(|u| divide(u * product, square) as i32))
}

/// The quotient to the nearest integer, halves away from zero.
#[inline(always)]
fn divide(numerator: i64, denominator: i64) -> i64 {
    let (n, d) = (numerator.unsigned_abs(), denominator.unsigned_abs());
    // Most edges are short, and 32-bit divisions much quicker.
    let quotient = match (u32::try_from(n + d / 2), u32::try_from(d)) {
        (Ok(n), Ok(d)) => u64::from(n / d),
        _ => (n + d / 2) / d,
    } as i64;
    if (numerator < 0) != (denominator < 0) { -quotient } else { quotient }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn halves_round_away_from_zero() {
        for (n, d, quotient) in [
            (5, 2, 3),
            (-5, 2, -3),
            (5, -2, -3),
            (-5, -2, 3),
            (1 << 61, 3, 768_614_336_404_564_651),
            (0, -7, 0),
        ] {
            assert_eq!(divide(n, d), quotient);
        }
    }

    #[test]
    fn right_angles_leave_nothing() {
        // A rectangle that stands askew: from the third vertex on only the turn's length remains.
        let model = Model { right_angles: true, ..Model::default() };
        let ring = [[0, 0], [40, 20], [30, 40], [-10, 20]];
        let c = model.components(ring[2], &ring[..2], Position::Further, 4, ring[1]);
        assert_eq!(c, [20, 0]);
        let c = model.components(ring[3], &ring[..3], Position::Last, 4, ring[2]);
        assert_eq!(c, [0, 0]);
    }

    #[test]
    fn edges_as_long_as_can_be() {
        let ring = [[0, 0], [1, 1], [2, 2], [i32::MIN, i32::MIN], [0, 0]];
        assert_eq!(predict_last(&ring, 6), [0, 0]);
        assert_eq!(predict_last(&ring[..4], 5), [i32::MIN; 2]);
    }

    fn coordinate() -> impl Strategy<Value = i32> {
        prop_oneof![-100i32..100, any::<i32>(), Just(i32::MIN), Just(i32::MAX)]
    }

    proptest! {
        #[test]
        fn components_and_back(
            run in prop::collection::vec([coordinate(), coordinate()], 0..6),
            vertex in [coordinate(), coordinate()],
            closed: bool, last: bool, right_angles: bool,
            start in prop::option::of([coordinate(), coordinate()]),
        ) {
            let model = Model { start, right_angles };
            let len = run.len() + if last { 1 } else { 2 };
            let before = run.last().copied().unwrap_or([3, -4]);
            let position = model.position(run.len(), len, closed);
            let components = model.components(vertex, &run, position, len, before);
            prop_assert_eq!(model.vertex(components, &run, position, len, before), vertex);
        }
    }
}
