//! Which vertices are copied and which are written: for each run the cheapest of the patterns, priced
//! with the tables that will code it. The first pass takes prices of a neutral kind, the second those of
//! the first pass's own tables.

use super::codes::{self, LONG, LONG_BITS};
use super::contexts::{self, DISTANCES, POSITIONS, Pattern, Position, Way};
use super::predict::{Closed, Model};
use super::search::{Earlier, Match, forward};
use crate::encoding::rans::{BIT, SYMBOLS};

/// How many earlier places of a vertex are looked at.
const TRIES: usize = 8;

/// A layer's vertices and what is known of them before they are parsed.
pub(super) struct Input<'a> {
    pub(super) vertices: &'a [[i32; 2]],
    /// Offsets of the runs.
    pub(super) runs: &'a [i32],
    pub(super) closed: &'a Closed,
}

/// The components of every vertex as a literal.
#[derive(Clone)]
pub(super) struct Literals {
    pub(super) components: Vec<[i32; 2]>,
    pub(super) positions: Vec<Position>,
}

impl Literals {
    pub(super) fn new(input: &Input, model: &Model) -> Self {
        let count = input.vertices.len();
        let mut literals =
            Self { components: Vec::with_capacity(count), positions: Vec::with_capacity(count) };
        let mut before = [0, 0];
        for (run, range) in input.runs.windows(2).enumerate() {
            let vertices = &input.vertices[range[0] as usize..range[1] as usize];
            let closed = input.closed.get(run);
            for (index, &vertex) in vertices.iter().enumerate() {
                let position = model.position(index, vertices.len(), closed);
                literals.components.push(model.components(
                    vertex,
                    &vertices[..index],
                    position,
                    vertices.len(),
                    before,
                ));
                literals.positions.push(position);
                before = vertex;
            }
        }
        literals
    }

    /// The bits that the components take by their lengths alone: what models are compared by.
    pub(super) fn bits(&self) -> u64 {
        self.components.iter().flatten().map(|&component| u64::from(length(component))).sum()
    }
}

/// The number of bits of a component's magnitude.
#[inline(always)]
pub(super) fn length(component: i32) -> u32 {
    32 - component.unsigned_abs().leading_zeros()
}

/// The prices of symbols, a bit being [`BIT`].
pub(super) struct Costs {
    /// By context.
    pub(super) symbols: [[u32; SYMBOLS]; contexts::COUNT],
    /// Of bit lengths of literals, by position.
    pub(super) literals: [[u32; codes::SYMBOLS]; POSITIONS],
    /// Of the time that a distance takes, and a copy among steps.
    pub(super) distance: u64,
    pub(super) step: u64,
}

impl Costs {
    /// Prices that favour nothing much.
    pub(super) fn neutral(distance: u64, step: u64) -> Self {
        let bits = |bits: u32| [BIT * bits; SYMBOLS];
        let symbols = std::array::from_fn(|context| match context {
            0..=7 => bits(2),
            contexts::WAY => bits(1),
            _ => bits(3),
        });
        Self { symbols, literals: [[BIT * 8; codes::SYMBOLS]; POSITIONS], distance, step }
    }
}

/// What is written of a layer, in the order of the runs.
#[derive(Default)]
pub(super) struct Parsed {
    pub(super) patterns: Vec<Pattern>,
    /// How many runs behind those are copied onwards.
    pub(super) onwards: usize,
    /// The number of copies of each run of [`Pattern::Steps`].
    pub(super) counts: Vec<u32>,
    /// These copies.
    pub(super) copies: Vec<Step>,
    /// Distances by what they are for.
    pub(super) distances: [Vec<u32>; DISTANCES],
    /// The vertices that are written, by position.
    pub(super) literals: [Vec<u32>; POSITIONS],
}

/// A copy among steps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// How many literals stand before it.
    pub(super) gap: u32,
    pub(super) way: Way,
    /// 0: up to the end of the run.
    pub(super) len: u32,
}

/// From how many symbols on there are four lanes, a literal counted as two: a quicker end is worth some bytes then.
const MANY: usize = 384;

/// So many runs at the end that are copied onwards are worth a number.
const MANY_ONWARDS: usize = 16;

impl Parsed {
    /// The number of lanes that its symbols are to have.
    pub(super) fn lanes(&self) -> u8 {
        let symbols = self.patterns.len() + self.counts.len() + 3 * self.copies.len() + self.all_distances();
        if symbols + 2 * self.all_literals() >= MANY { 4 } else { 1 }
    }

    /// How many there are of all kinds.
    pub(super) fn all_distances(&self) -> usize {
        self.distances.iter().map(Vec::len).sum()
    }

    pub(super) fn all_literals(&self) -> usize {
        self.literals.iter().map(Vec::len).sum()
    }

    /// Copies nothing.
    pub(super) fn of_literals(input: &Input, literals: &Literals) -> Self {
        let mut parsed = Self { patterns: vec![Pattern::Literals; input.runs.len() - 1], ..Self::default() };
        (0..).zip(&literals.positions).for_each(|(place, &of)| parsed.literals[of as usize].push(place));
        parsed
    }

    /// Parses all runs.
    pub(super) fn new(input: &Input, literals: &Literals, earlier: &Earlier, costs: &Costs) -> Self {
        let mut parser =
            Parser { input, literals, earlier, costs, next: 0, sums: Vec::new(), parsed: Self::default() };
        for range in input.runs.windows(2) {
            parser.run(range[0] as usize, range[1] as usize);
        }
        let mut parsed = parser.parsed;
        let onwards =
            parsed.patterns.iter().rev().take_while(|&&pattern| pattern == Pattern::Onwards).count();
        if onwards >= MANY_ONWARDS {
            parsed.onwards = onwards;
            parsed.patterns.truncate(parsed.patterns.len() - onwards);
        }
        parsed
    }
}

struct Parser<'a> {
    input: &'a Input<'a>,
    literals: &'a Literals,
    earlier: &'a Earlier,
    costs: &'a Costs,
    /// Where a copy would go on.
    next: usize,
    /// What the first vertices of the run cost as literals, for each number of them.
    sums: Vec<u64>,
    parsed: Parsed,
}

/// A copy among steps while they are chosen.
type Taken = (usize, Way, Match);

impl Parser<'_> {
    fn run(&mut self, start: usize, end: usize) {
        let n = end - start;
        let vertices = self.input.vertices;
        self.sums.clear();
        let mut sum = 0;
        self.sums.push(0);
        for place in start..end {
            sum += u64::from(literal_cost(self.literals, place, self.costs));
            self.sums.push(sum);
        }
        let (mut whole, mut backward, mut first) = (None, None, None);
        self.earlier.matches(vertices, start, end, TRIES, |copy| {
            first = first.or(Some(copy.from));
            match (copy.len == n, copy.backward) {
                (false, _) => {}
                (true, false) => whole = Some(copy.from),
                (true, true) => backward = Some(copy.from),
            }
        });
        let before = self.parsed.patterns.last().map_or(0, |&pattern| pattern as usize);
        let patterns = &self.costs.symbols[contexts::pattern(before)];
        let sums = &self.sums;
        let distance = |of: usize, place: usize, from: usize| distance_cost(of, place - from, self.costs);
        let mut best = (u64::MAX, Pattern::Literals);
        let consider = |best: &mut (u64, Pattern), pattern: Pattern, cost: u64| {
            *best = (*best).min((cost + u64::from(patterns[pattern as usize]), pattern));
        };
        consider(&mut best, Pattern::Literals, sums[n]);
        if self.next < start && forward(vertices, self.next, start, end) == n {
            consider(&mut best, Pattern::Onwards, 0);
        }
        if let Some(from) = whole {
            consider(&mut best, Pattern::Forward, distance(contexts::OF_FORWARD, start, from));
        }
        if let Some(from) = backward {
            consider(&mut best, Pattern::Backward, distance(contexts::OF_BACKWARD, start, from));
        }
        let last = if n > 1 { self.earlier.nearest(vertices, end - 1, TRIES) } else { None };
        if n > 1 {
            let of_first = first.map(|from| distance(contexts::OF_FIRST, start, from));
            let of_last = last.map(|from| distance(contexts::OF_LAST, end - 1, from));
            if let Some(cost) = of_first {
                consider(&mut best, Pattern::First, cost + sums[n] - sums[1]);
            }
            if let Some(cost) = of_last {
                consider(&mut best, Pattern::Last, cost + sums[n - 1]);
            }
            if let (Some(one), Some(other)) = (of_first, of_last) {
                consider(&mut best, Pattern::Ends, one + other + sums[n - 1] - sums[1]);
            }
        }
        let mut taken = Vec::new();
        let whole_run = matches!(best.1, Pattern::Onwards | Pattern::Forward | Pattern::Backward);
        if n > 2 && !whole_run && (start..end).any(|place| self.earlier.may_have(place)) {
            let (cost, copies) = self.steps(start, end);
            consider(&mut best, Pattern::Steps, cost);
            taken = copies;
        }
        self.take(start, end, best.1, [whole, backward, first, last], &taken);
    }

    /// Copies and literals in turn: at each place the copy that gains most, if one gains anything.
    fn steps(&self, start: usize, end: usize) -> (u64, Vec<Taken>) {
        let vertices = self.input.vertices;
        let mut copies: Vec<Taken> = Vec::new();
        let mut cost = 0;
        let (mut place, mut gap, mut next) = (start, 0, self.next);
        let sum = |from: usize, to: usize| self.sums[to - start] - self.sums[from - start];
        while place < end {
            let mut best: Option<(u64, u64, Way, Match)> = None;
            let mut consider = |way: Way, copy: Match| {
                let cost = self.step_cost(gap, way, &copy, place, end);
                let gain = sum(place, place + copy.len).saturating_sub(cost);
                if gain > best.map_or(0, |(gain, ..)| gain) {
                    best = Some((gain, cost, way, copy));
                }
            };
            if next < place && vertices[next] == vertices[place] {
                let len = forward(vertices, next, place, end);
                consider(Way::Onwards, Match { backward: false, from: next, len });
            }
            self.earlier.matches(vertices, place, end, TRIES, |copy| {
                consider(if copy.backward { Way::Backward } else { Way::Forward }, copy);
            });
            match best {
                Some((_, price, way, copy)) => {
                    cost += price;
                    copies.push((place, way, copy));
                    next = after(way, &copy, next);
                    place += copy.len;
                    gap = 0;
                }
                None => {
                    cost += sum(place, place + 1);
                    (place, gap, next) = (place + 1, gap + 1, next + 1);
                }
            }
        }
        (cost + number_cost(contexts::COPIES, copies.len(), self.costs), copies)
    }

    fn step_cost(&self, gap: usize, way: Way, copy: &Match, place: usize, end: usize) -> u64 {
        let context = contexts::length(way as usize);
        let len = if place + copy.len == end { 0 } else { copy.len };
        let distance = match way {
            Way::Onwards => 0,
            _ => distance_cost(contexts::OF_STEPS + way as usize, place - copy.from, self.costs),
        };
        self.costs.step
            + u64::from(self.costs.symbols[contexts::WAY][way as usize])
            + number_cost(contexts::GAP, gap, self.costs)
            + number_cost(context, len, self.costs)
            + distance
    }

    /// Keeps what was chosen; `from` is where copies of the whole run, backward ones, and those of the
    /// first and the last vertex come from.
    fn take(
        &mut self,
        start: usize,
        end: usize,
        pattern: Pattern,
        from: [Option<usize>; 4],
        steps: &[Taken],
    ) {
        let n = end - start;
        let [whole, backward, first, last] = from.map(|from| from.unwrap_or_default());
        let parsed = &mut self.parsed;
        parsed.patterns.push(pattern);
        let mut distance = |of: usize, place: usize, from| parsed.distances[of].push((place - from) as u32);
        let positions = &self.literals.positions;
        let mut written = |from: usize, to: usize| {
            for (place, &of) in (from as u32..).zip(&positions[from..to]) {
                parsed.literals[of as usize].push(place);
            }
        };
        match pattern {
            Pattern::Literals => written(start, end),
            Pattern::Onwards => {}
            Pattern::Forward => distance(contexts::OF_FORWARD, start, whole),
            Pattern::Backward => distance(contexts::OF_BACKWARD, start, backward),
            Pattern::First => {
                distance(contexts::OF_FIRST, start, first);
                written(start + 1, end);
            }
            Pattern::Last => {
                distance(contexts::OF_LAST, end - 1, last);
                written(start, end - 1);
            }
            Pattern::Ends => {
                distance(contexts::OF_FIRST, start, first);
                distance(contexts::OF_LAST, end - 1, last);
                written(start + 1, end - 1);
            }
            Pattern::Steps => {
                let mut at = start;
                for &(place, way, ref copy) in steps {
                    let len = if place + copy.len == end { 0 } else { copy.len as u32 };
                    parsed.copies.push(Step { gap: (place - at) as u32, way, len });
                    written(at, place);
                    if way != Way::Onwards {
                        distance(contexts::OF_STEPS + way as usize, place, copy.from);
                    }
                    at = place + copy.len;
                }
                written(at, end);
                parsed.counts.push(steps.len() as u32);
            }
        }
        self.next = match pattern {
            Pattern::Literals | Pattern::Onwards | Pattern::Backward => self.next + n,
            Pattern::Forward => whole + n,
            Pattern::First => first + n,
            Pattern::Last | Pattern::Ends => last + 1,
            Pattern::Steps => {
                let (mut at, mut next) = (start, self.next);
                for (place, way, copy) in steps {
                    next = after(*way, copy, next + place - at);
                    at = place + copy.len;
                }
                next + end - at
            }
        };
    }
}

/// Where copies go on behind one.
#[inline(always)]
fn after(way: Way, copy: &Match, next: usize) -> usize {
    match way {
        Way::Backward => next + copy.len,
        Way::Forward | Way::Onwards => copy.from + copy.len,
    }
}

fn literal_cost(literals: &Literals, place: usize, costs: &Costs) -> u32 {
    let lengths = literals.components[place].map(length);
    let long = lengths.iter().filter(|&&length| length >= LONG).count() as u32;
    let bits = lengths[0] + lengths[1] + LONG_BITS * long;
    costs.literals[literals.positions[place] as usize][codes::symbol(lengths)] + BIT * bits
}

fn number_cost(context: usize, value: usize, costs: &Costs) -> u64 {
    let bits = usize::BITS - value.leading_zeros();
    u64::from(costs.symbols[context][bits.min(15) as usize] + BIT * bits.saturating_sub(1))
}

fn distance_cost(of: usize, distance: usize, costs: &Costs) -> u64 {
    let bits = distance.ilog2();
    costs.distance + u64::from(costs.symbols[contexts::distance(of)][bits.min(15) as usize] + BIT * bits)
}
