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

use std::hint::select_unpredictable;

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
        if self.right_angles && run.len() >= 2 {
            if position == Position::Last {
                let edge = difference(run[run.len() - 1], run[run.len() - 2]);
                let along = difference(run[run.len() - 1], run[0]);
                return difference(difference(vertex, before), closing(edge, along, len));
            }
            let edge = difference(run[run.len() - 1], run[run.len() - 2]);
            if let Some(turn) = Turn::new(edge) {
                return turn.components(difference(vertex, before));
            }
        }
        difference(vertex, self.base(position, before))
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
pub(super) fn difference(a: [i32; 2], b: [i32; 2]) -> [i32; 2] {
    [a[0].wrapping_sub(b[0]), a[1].wrapping_sub(b[1])]
}

#[inline(always)]
pub(super) fn sum(a: [i32; 2], b: [i32; 2]) -> [i32; 2] {
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
    fn new(edge: [i32; 2]) -> Option<Self> {
        let edge = edge.map(i64::from);
        let along_x = edge[0].abs() >= edge[1].abs();
        let long = select_unpredictable(along_x, edge[0], edge[1]);
        let short = select_unpredictable(along_x, edge[1], edge[0]);
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
        // Without branches: which way an edge leads could not be foreseen.
        let across = select_unpredictable(self.long < 0, a.wrapping_neg(), a);
        let along = b.wrapping_add(self.expected(across));
        [select_unpredictable(self.along_x, along, across), select_unpredictable(self.along_x, across, along)]
    }

    #[inline(always)]
    fn expected(&self, across: i32) -> i32 {
        divide(-i64::from(across) * self.short, self.long) as i32
    }
}

/// From the last but one vertex of a ring of `len` to where the last one would close it with a right angle:
/// `edge` is the edge before, `along` the way from the first vertex.
fn closing(edge: [i32; 2], along: [i32; 2], len: usize) -> [i32; 2] {
    if len == 4 {
        // The edge before and the first one are all that there is: back along the first one.
        return difference(edge, along);
    }
    let gap = along.map(|a| -i64::from(a));
    let edge = edge.map(i64::from);
    if edge == [0, 0] || edge.iter().chain(&gap).any(|d| d.abs() >= LONGEST_EDGE) {
        return [0, 0];
    }
    let across = [-edge[1], edge[0]];
    let square = across[0] * across[0] + across[1] * across[1];
    let product = gap[0] * across[0] + gap[1] * across[1];
    across.map(|u| divide(u * product, square) as i32)
}

/// The inverse of [`Model::components`] with right angles, along a run. It keeps edges rather than vertices:
/// those of a run do not wait for the vertices of the run before.
pub(super) struct Turns {
    vertex: [i32; 2],
    /// The edge to the vertex; zeros before there is one.
    edge: [i32; 2],
    /// The way from the first vertex of the run.
    along: [i32; 2],
    /// Whether the next vertex is the first one of the run.
    first: bool,
}

impl Turns {
    /// Behind `run`, the vertices of its run so far; `before` is the last vertex written.
    #[inline(always)]
    pub(super) fn new(run: &[[i32; 2]], before: [i32; 2]) -> Self {
        let (mut edge, mut along) = ([0; 2], [0; 2]);
        if let [first, .., before_last, last] = run {
            edge = difference(*last, *before_last);
            along = difference(*last, *first);
        } else if let [first, last] = run {
            edge = difference(*last, *first);
            along = edge;
        }
        Self { vertex: before, edge, along, first: run.is_empty() }
    }

    /// The next vertex, which has these components.
    #[inline(always)]
    pub(super) fn next(&mut self, components: [i32; 2]) -> [i32; 2] {
        let step = match Turn::new(self.edge) {
            Some(turn) => turn.difference(components),
            None => components,
        };
        self.vertex = sum(self.vertex, step);
        if !self.first {
            self.edge = step;
            self.along = sum(self.along, step);
        }
        self.first = false;
        self.vertex
    }

    /// The last vertex of a closed ring of `len`, four or more.
    #[inline(always)]
    pub(super) fn last(&mut self, components: [i32; 2], len: usize) -> [i32; 2] {
        self.vertex = sum(self.vertex, sum(closing(self.edge, self.along, len), components));
        self.vertex
    }
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
    // −1 if it is negative, else 0.
    let sign = (numerator ^ denominator) >> 63;
    (quotient ^ sign) - sign
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
        assert_eq!(closing([i32::MIN; 2], [i32::MIN; 2], 6), [0, 0]);
        assert_eq!(closing([1, 1], [i32::MIN; 2], 5), [0, 0]);
        assert_eq!(closing([0, 0], [3, 5], 5), [0, 0]);
    }

    fn coordinate() -> impl Strategy<Value = i32> {
        prop_oneof![-100i32..100, any::<i32>(), Just(i32::MIN), Just(i32::MAX)]
    }

    proptest! {
        #[test]
        fn components_and_back(
            run in prop::collection::vec([coordinate(), coordinate()], 0..7),
            copied in 0usize..7, closed: bool, start in prop::option::of([coordinate(), coordinate()]),
        ) {
            let model = Model { start, right_angles: true };
            let copied = copied.min(run.len());
            let base = |place: usize| match place {
                0 => start.unwrap_or([3, -4]),
                _ => run[place - 1],
            };
            let mut turns = Turns::new(&run[..copied], base(copied));
            for (place, &vertex) in run.iter().enumerate().skip(copied) {
                let position = model.position(place, run.len(), closed);
                let components = model.components(vertex, &run[..place], position, run.len(), base(place));
                let found = match position {
                    Position::Last => turns.last(components, run.len()),
                    _ => turns.next(components),
                };
                prop_assert_eq!(found, vertex);
            }
        }
    }
}
