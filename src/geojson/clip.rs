//! Lines and polygons cut at the sides of a box, and what becomes of values at the cuts.
//!
//! Cutting a line makes lines, cutting a polygon polygons: its rings are cut along one side of the box after
//! the other, and the ends of what is left are joined along that side, neighbours in pairs, which is where
//! the polygon's inside meets the side. So no ring runs to and fro along a side.

use super::feature::is_same_place;

/// A box, its edges included: the least and the greatest x and y.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) low: [f64; 2],
    pub(super) high: [f64; 2],
}

/// Where a vertex comes from: positions of the source by number, and how far it lies on the way from the
/// first to the second one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Source {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) part: f64,
}

/// A vertex in units of the tile, not rounded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Vertex {
    pub(super) at: [f64; 2],
    pub(super) source: Source,
}

impl Source {
    /// Position `number` itself.
    pub(super) fn own(number: usize) -> Self {
        Self { from: number, to: number, part: 0.0 }
    }

    fn is_own(self) -> bool {
        self.from == self.to
    }

    /// How far it lies on the way from `from` to `to`, if it does.
    fn along(self, from: usize, to: usize) -> Option<f64> {
        match (self.from, self.to) {
            ends if ends == (from, to) => Some(self.part),
            ends if ends == (to, from) => Some(1.0 - self.part),
            ends if ends == (from, from) => Some(0.0),
            ends if ends == (to, to) => Some(1.0),
            _ => None,
        }
    }

    /// What lies a part of the way from `self` to `other`. Two places that lie on one edge of the source are
    /// on the way along it; else the way is one along a side of the box, and the nearer of the two counts.
    fn between(self, other: Self, part: f64) -> Self {
        let (from, to) = match (self.is_own(), other.is_own()) {
            (true, true) => (self.from, other.from),
            (false, _) => (self.from, self.to),
            (true, false) => (other.from, other.to),
        };
        match (self.along(from, to), other.along(from, to)) {
            (Some(start), Some(end)) => Self { from, to, part: start + (end - start) * part },
            _ if part < 0.5 => self,
            _ => other,
        }
    }
}

impl Vertex {
    /// The place a part of the way to `other`.
    fn towards(&self, other: &Self, part: f64) -> Self {
        let at = [0, 1].map(|axis| self.at[axis] + (other.at[axis] - self.at[axis]) * part);
        Self { at, source: self.source.between(other.source, part) }
    }
}

impl Frame {
    pub(super) fn contains(&self, at: [f64; 2]) -> bool {
        (0..2).all(|axis| self.low[axis] <= at[axis] && at[axis] <= self.high[axis])
    }

    /// The sides: an axis, the sign of outwards, and where along the axis the side lies.
    fn sides(&self) -> [(usize, f64, f64); 4] {
        [(0, -1.0, self.low[0]), (0, 1.0, self.high[0]), (1, -1.0, self.low[1]), (1, 1.0, self.high[1])]
    }

    /// The parts of a line within the box. One that only touches the box at a point is not in it.
    pub(super) fn line(&self, line: &[Vertex]) -> Vec<Vec<Vertex>> {
        let mut pieces: Vec<Vec<Vertex>> = Vec::new();
        let mut open = false;
        for pair in line.windows(2) {
            let Some((enter, leave)) = self.segment(pair[0].at, pair[1].at) else {
                open = false;
                continue;
            };
            if !open {
                let first = if enter > 0.0 { pair[0].towards(&pair[1], enter) } else { pair[0] };
                pieces.push(vec![self.kept_within(first)]);
            }
            let last = if leave < 1.0 { pair[0].towards(&pair[1], leave) } else { pair[1] };
            pieces.last_mut().expect("one is open").push(self.kept_within(last));
            open = leave >= 1.0;
        }
        pieces
    }

    /// Rounding may put a cut beside the box by next to nothing.
    fn kept_within(&self, mut vertex: Vertex) -> Vertex {
        for axis in 0..2 {
            vertex.at[axis] = vertex.at[axis].clamp(self.low[axis], self.high[axis]);
        }
        vertex
    }

    /// Where a segment enters and leaves the box, as parts of its length (Liang and Barsky).
    fn segment(&self, a: [f64; 2], b: [f64; 2]) -> Option<(f64, f64)> {
        if self.contains(a) && self.contains(b) {
            return Some((0.0, 1.0));
        }
        let (mut enter, mut leave) = (0.0f64, 1.0f64);
        for (axis, outwards, bound) in self.sides() {
            let (run, room) = (outwards * (b[axis] - a[axis]), outwards * (bound - a[axis]));
            if run > 0.0 {
                leave = leave.min(room / run);
            } else if run < 0.0 {
                enter = enter.max(room / run);
            } else if room < 0.0 {
                return None;
            }
        }
        (enter < leave).then_some((enter, leave))
    }

    /// The parts of a polygon within the box. Its first ring, the exterior one, has a positive area, its
    /// holes have negative ones.
    pub(super) fn polygon(&self, rings: Vec<Vec<Vertex>>) -> Vec<Vec<Vec<Vertex>>> {
        if rings.iter().flatten().all(|vertex| self.contains(vertex.at)) {
            return vec![rings];
        }
        let whole = rings.into_iter().enumerate();
        let mut rings: Vec<Piece> =
            whole.map(|(index, ring)| Piece { ring, exterior: Some(index == 0) }).collect();
        for (axis, outwards, bound) in self.sides() {
            rings = cut(rings, axis, outwards, bound);
        }
        group(rings)
    }
}

/// A ring on its way through the cuts.
struct Piece {
    ring: Vec<Vertex>,
    /// Whether it is the exterior one; of a ring that was cut, its area tells.
    exterior: Option<bool>,
}

/// The pieces on the inner side of a line. `rings` are those of one polygon.
fn cut(rings: Vec<Piece>, axis: usize, outwards: f64, bound: f64) -> Vec<Piece> {
    let inside = |vertex: &Vertex| outwards * vertex.at[axis] <= outwards * bound;
    let (mut out, mut chains) = (Vec::new(), Vec::new());
    for piece in rings {
        let ring = &piece.ring;
        let count = ring.iter().filter(|vertex| inside(vertex)).count();
        if count == ring.len() {
            out.push(piece);
        } else if count > 0 {
            chains_of(ring, inside, axis, bound, &mut chains);
        }
    }
    join(&chains, 1 - axis, &mut out);
    out
}

/// The runs of a ring's vertices that are inside, each with the crossings before and behind it.
fn chains_of(
    ring: &[Vertex],
    inside: impl Fn(&Vertex) -> bool,
    axis: usize,
    bound: f64,
    chains: &mut Vec<Vec<Vertex>>,
) {
    let crossing = |a: &Vertex, b: &Vertex| {
        // From the same end whichever way the edge runs: neighbours are cut in the same place.
        let (a, b) = if inside(a) { (a, b) } else { (b, a) };
        let mut vertex = a.towards(b, (bound - a.at[axis]) / (b.at[axis] - a.at[axis]));
        vertex.at[axis] = bound;
        vertex
    };
    let len = ring.len();
    let is_entry = |index: usize| inside(&ring[index]) && !inside(&ring[(index + len - 1) % len]);
    let first = (0..len).find(|&index| is_entry(index)).expect("some vertices are inside, some are not");
    let mut chain = Vec::new();
    for step in 0..len {
        let (index, next) = ((first + step) % len, (first + step + 1) % len);
        if !inside(&ring[index]) {
            continue;
        }
        if chain.is_empty() {
            chain.push(crossing(&ring[(index + len - 1) % len], &ring[index]));
        }
        chain.push(ring[index]);
        if !inside(&ring[next]) {
            chain.push(crossing(&ring[index], &ring[next]));
            chains.push(std::mem::take(&mut chain));
        }
    }
}

/// Joins chains to rings: their ends, sorted along the line, belong together in pairs.
fn join(chains: &[Vec<Vertex>], along: usize, out: &mut Vec<Piece>) {
    // Twice the number of the chain, plus one for its last vertex.
    let mut ends: Vec<usize> = (0..2 * chains.len()).collect();
    let place = |end: usize| {
        let chain = &chains[end / 2];
        chain[if end.is_multiple_of(2) { 0 } else { chain.len() - 1 }].at[along] + 0.0
    };
    ends.sort_by(|&a, &b| place(a).total_cmp(&place(b)).then(a.cmp(&b)));
    // A start and an end belong together, so that rings go on turning as they did; where several chains end
    // in one place, their order is free.
    for first in (0..ends.len()).step_by(2) {
        let others = first + 1..ends.len();
        let tied = |at: usize| place(ends[at]).total_cmp(&place(ends[first + 1])).is_eq();
        if let Some(other) = others.take_while(|&at| tied(at)).find(|&at| ends[at] % 2 != ends[first] % 2) {
            ends.swap(first + 1, other);
        }
    }
    let mut partner = vec![0; ends.len()];
    for pair in ends.chunks_exact(2) {
        (partner[pair[0]], partner[pair[1]]) = (pair[1], pair[0]);
    }
    let mut used = vec![false; chains.len()];
    for start in 0..chains.len() {
        let (mut ring, mut end) = (Vec::new(), 2 * start);
        while !used[end / 2] {
            used[end / 2] = true;
            // In at one end, out at the other.
            let chain = chains[end / 2].iter().copied();
            if end % 2 == 0 {
                ring.extend(chain);
            } else {
                ring.extend(chain.rev());
            }
            end = partner[end ^ 1];
        }
        drop_repeated(&mut ring);
        if ring.len() > 2 && area(&ring) != 0.0 {
            out.push(Piece { ring, exterior: None });
        }
    }
}

/// Drops crossings that lie on the vertex before or behind them.
fn drop_repeated(ring: &mut Vec<Vertex>) {
    let mut out: Vec<Vertex> = Vec::with_capacity(ring.len());
    for &vertex in &*ring {
        match out.last_mut() {
            Some(last) if is_same_place(last.at, vertex.at) && !vertex.source.is_own() => {}
            Some(last) if is_same_place(last.at, vertex.at) && !last.source.is_own() => *last = vertex,
            _ => out.push(vertex),
        }
    }
    if out.len() > 1 && is_same_place(out[0].at, out[out.len() - 1].at) {
        if out[0].source.is_own() {
            if !out[out.len() - 1].source.is_own() {
                out.pop();
            }
        } else {
            out.remove(0);
        }
    }
    *ring = out;
}

/// Twice the area of a ring, positive if it turns clockwise as seen, y down.
pub(super) fn area(ring: &[Vertex]) -> f64 {
    let Some(origin) = ring.first().map(|vertex| vertex.at) else { return 0.0 };
    let at = |index: usize| [0, 1].map(|axis| ring[index % ring.len()].at[axis] - origin[axis]);
    (0..ring.len())
        .map(|index| {
            let (a, b) = (at(index), at(index + 1));
            a[0] * b[1] - b[0] * a[1]
        })
        .sum()
}

/// Makes polygons of rings: each hole belongs to the exterior ring around it.
fn group(rings: Vec<Piece>) -> Vec<Vec<Vec<Vertex>>> {
    let (mut polygons, mut holes) = (Vec::new(), Vec::new());
    for piece in rings {
        match piece.exterior.unwrap_or_else(|| area(&piece.ring) > 0.0) {
            true => polygons.push(vec![piece.ring]),
            false => holes.push(piece),
        }
    }
    let mut boxes: Vec<Frame> =
        polygons.iter().map(|polygon: &Vec<Vec<Vertex>>| around(&polygon[0])).collect();
    // Those that were cut first: some of them may have to be exterior rings.
    holes.sort_by_key(|piece| piece.exterior.is_some());
    for Piece { ring: hole, exterior } in holes {
        let own = around(&hole);
        let holds =
            (0..boxes.len()).filter(|&at| boxes[at].contains(own.low) && boxes[at].contains(own.high));
        let within = |at: usize| hole.iter().filter(|vertex| is_within(vertex.at, &polygons[at][0])).count();
        let most = holds.map(|at| (within(at), at)).max_by_key(|&(count, _)| count);
        match (most, exterior) {
            (Some((1.., at)), _) | (Some((0, at)), Some(_)) => polygons[at].push(hole),
            // Of a ring that crosses itself.
            (_, None) => {
                boxes.push(own);
                polygons.push(vec![hole.into_iter().rev().collect()]);
            }
            // Outside of everything.
            (None, Some(_)) => {}
        }
    }
    polygons
}

fn around(ring: &[Vertex]) -> Frame {
    let mut frame = Frame { low: [f64::INFINITY; 2], high: [f64::NEG_INFINITY; 2] };
    for vertex in ring {
        for axis in 0..2 {
            frame.low[axis] = frame.low[axis].min(vertex.at[axis]);
            frame.high[axis] = frame.high[axis].max(vertex.at[axis]);
        }
    }
    frame
}

/// Whether a ray to the right crosses the ring an odd number of times.
pub(super) fn is_within([x, y]: [f64; 2], ring: &[Vertex]) -> bool {
    let previous = ring.iter().cycle().skip(ring.len().saturating_sub(1));
    let crossings = previous.zip(ring).filter(|(a, b)| {
        (a.at[1] > y) != (b.at[1] > y)
            && x < a.at[0] + (b.at[0] - a.at[0]) * (y - a.at[1]) / (b.at[1] - a.at[1])
    });
    crossings.count() % 2 == 1
}
