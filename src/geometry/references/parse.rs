//! Which vertices are copied and which are written: a greedy parse, priced with the tables that
//! will code it. The first pass takes prices of a neutral kind, the second those of the first
//! pass's own tables. (An optimal parse gains 0.06 %.)

use super::contexts::{self, CONTINUE, ESCAPE, Position};
use super::predict::{Closed, Model};
use super::search::{Earlier, Match, forward};
use crate::encoding::rans::{BIT, SYMBOLS};

/// How many earlier places of a vertex are looked at.
const TRIES: usize = 8;

/// One step of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Literal,
    Copy(Match),
}

/// A layer's vertices and what is known of them before they are parsed.
pub(super) struct Input<'a> {
    pub(super) vertices: &'a [[i32; 2]],
    /// Offsets of the runs.
    pub(super) runs: &'a [i32],
    pub(super) closed: &'a Closed,
}

/// The components of every vertex as a literal.
pub(super) struct Literals {
    pub(super) components: Vec<[i32; 2]>,
    pub(super) low: Vec<u32>,
    pub(super) positions: Vec<Position>,
}

impl Literals {
    pub(super) fn new(input: &Input, model: &Model) -> Self {
        let count = input.vertices.len();
        let mut literals = Self {
            components: Vec::with_capacity(count),
            low: Vec::with_capacity(count),
            positions: Vec::with_capacity(count),
        };
        let mut before = [0, 0];
        for (run, range) in input.runs.windows(2).enumerate() {
            let vertices = &input.vertices[range[0] as usize..range[1] as usize];
            let closed = input.closed.get(run);
            for (index, &vertex) in vertices.iter().enumerate() {
                let position = model.position(index, vertices.len(), closed);
                let (components, low) =
                    model.components(vertex, &vertices[..index], position, vertices.len(), before);
                literals.components.push(components);
                literals.low.push(low);
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

/// The prices of symbols, a bit being [`BIT`], by context.
pub(super) type Costs = [[u32; SYMBOLS]; contexts::COUNT];

/// Prices that favour nothing much: short components over long ones, copies at seven bits.
pub(super) fn neutral_costs() -> Costs {
    std::array::from_fn(|context| match context {
        0..=26 => std::array::from_fn(|symbol| BIT * if symbol <= ESCAPE { 5 } else { 7 }),
        _ => [BIT * 5; SYMBOLS],
    })
}

/// Parses all runs; the steps follow each other without marks where a run ends.
pub(super) fn parse(input: &Input, literals: &Literals, earlier: &Earlier, costs: &Costs) -> Vec<Step> {
    let mut steps = Vec::new();
    // p of the grammar: where a copy of kind CONTINUE would start.
    let mut next = 0;
    // What literals from the start of the run on cost, if no copies come between them.
    let mut sums: Vec<u64> = Vec::new();
    for range in input.runs.windows(2) {
        let (start, end) = (range[0] as usize, range[1] as usize);
        sums.clear();
        let mut sum = 0;
        sums.extend((start..end).map(|place| {
            sum += u64::from(literal_cost(literals, place, costs));
            sum
        }));
        let literal_sum = |from: usize, to: usize| {
            sums[to - start - 1] - if from > start { sums[from - start - 1] } else { 0 }
        };
        let mut place = start;
        let mut after_copy = false;
        while place < end {
            let position = literals.positions[place];
            let step_costs = &costs[contexts::step(position, after_copy)];
            let mut best: Option<(u64, Match)> = None;
            let mut consider = |copy: Match| {
                let cost = step_costs[copy.kind] + copy_cost(&copy, place, end - place, position, costs);
                let gain = literal_sum(place, place + copy.len).saturating_sub(cost.into());
                if gain > best.map_or(0, |(gain, _)| gain) {
                    best = Some((gain, copy));
                }
            };
            if next < place && input.vertices[next] == input.vertices[place] {
                consider(Match {
                    kind: CONTINUE,
                    from: next,
                    len: forward(input.vertices, next, place, end),
                });
            }
            earlier.matches(input.vertices, place, end, TRIES, consider);
            match best {
                Some((_, copy)) => {
                    steps.push(Step::Copy(copy));
                    next = after(&copy, next);
                    place += copy.len;
                    after_copy = true;
                }
                None => {
                    steps.push(Step::Literal);
                    next += 1;
                    place += 1;
                    after_copy = false;
                }
            }
        }
    }
    steps
}

/// p behind a copy.
#[inline(always)]
pub(super) fn after(copy: &Match, next: usize) -> usize {
    match copy.kind {
        contexts::BACKWARD => next + copy.len,
        _ => copy.from + copy.len,
    }
}

fn literal_cost(literals: &Literals, place: usize, costs: &Costs) -> u32 {
    let position = literals.positions[place];
    let lengths = literals.components[place].map(length);
    let symbols = lengths.map(|length| (length as usize).min(ESCAPE));
    let escapes: u32 = (0..2)
        .filter(|&component| symbols[component] == ESCAPE)
        .map(|component| {
            costs[contexts::ESCAPE_FIRST + component][(lengths[component] as usize - ESCAPE).min(15)]
        })
        .sum();
    costs[contexts::step(position, false)][symbols[0]]
        + costs[contexts::second(position, symbols[0])][symbols[1]]
        + BIT * (lengths[0] + lengths[1])
        + escapes
        + costs[contexts::low_bits(position)][literals.low[place] as usize]
}

/// What a copy costs besides its step.
fn copy_cost(copy: &Match, place: usize, left: usize, position: Position, costs: &Costs) -> u32 {
    let mut cost = 0;
    if left > 1 {
        let costs = &costs[contexts::length(position == Position::Start, copy.kind)];
        let bits = usize::BITS - copy.len.leading_zeros();
        cost += if copy.len == left { costs[0] } else { costs[bits.min(15) as usize] + BIT * (bits - 1) };
    }
    if copy.kind != CONTINUE {
        let bits = usize::BITS - (place - copy.from).leading_zeros();
        cost += costs[contexts::distance(copy.kind)][(bits - 1).min(15) as usize] + BIT * (bits - 1);
    }
    cost
}
