//! Which model and which steps code a layer.

use super::contexts::COUNT;
use super::parse::{Costs, Input, Literals, Step, neutral_costs, parse};
use super::predict::Model;
use super::search::Earlier;
use super::symbols::{Counts, Histogram, emit};
use crate::encoding::rans::{Frequencies, SYMBOLS};

/// How many passes the parse takes.
const PASSES: usize = 2;

/// How a layer is to be coded.
pub(super) struct Plan {
    pub(super) model: Model,
    pub(super) literals: Literals,
    pub(super) steps: Vec<Step>,
    /// How often each symbol occurs in each context.
    pub(super) counts: Counts,
}

impl Plan {
    pub(super) fn new(input: &Input) -> Self {
        let (model, literals) = choose_model(input);
        let mut plan = Self { model, literals, steps: Vec::new(), counts: [[0; SYMBOLS]; COUNT] };
        let earlier = Earlier::new(input.vertices);
        let mut costs = neutral_costs();
        for _ in 0..PASSES {
            plan.steps = parse(input, &plan.literals, &earlier, &costs);
            let mut histogram = Histogram([[0; SYMBOLS]; COUNT]);
            emit(input, &plan, &mut histogram);
            plan.counts = histogram.0;
            costs = costs_of(&plan.counts);
        }
        plan
    }
}

/// The prices of symbols under the tables of `counts`.
fn costs_of(counts: &Counts) -> Costs {
    std::array::from_fn(|context| match counts[context] == [0; SYMBOLS] {
        // A context not seen yet may well be used if that pays.
        true => neutral_costs()[context],
        false => Frequencies::of_counts(&counts[context]).costs(),
    })
}

/// The model under which the literals take the fewest bits.
fn choose_model(input: &Input) -> (Model, Literals) {
    let plain = Model::default();
    let mut best = (plain, Literals::new(input, &plain));
    let mut fewest = best.1.bits();
    let on_grid = input
        .vertices
        .windows(2)
        .take(1 << 16)
        .all(|pair| (pair[0][0] ^ pair[1][0] | pair[0][1] ^ pair[1][1]) & 3 == 0);
    let angles = Model { right_angles: true, ..plain };
    let grid = Model { grid: true, ..plain };
    for model in [(angles, input.closed.any()), (grid, on_grid)]
        .into_iter()
        .filter_map(|(model, may)| may.then_some(model))
    {
        let literals = Literals::new(input, &model);
        if literals.bits() < fewest {
            fewest = literals.bits();
            best = (model, literals);
        }
    }
    let constant = Model { start: Some(centre(input)), ..best.0 };
    let literals = Literals::new(input, &constant);
    // The constant itself takes some three bytes.
    if literals.bits() + 24 < fewest {
        best = (constant, literals);
    }
    best
}

/// The centre of the box around the first vertices of all runs.
fn centre(input: &Input) -> [i32; 2] {
    let starts = input.runs.windows(2).map(|range| input.vertices[range[0] as usize]);
    let (min, max) = starts.fold(([i32::MAX; 2], [i32::MIN; 2]), |(min, max), vertex| {
        ([min[0].min(vertex[0]), min[1].min(vertex[1])], [max[0].max(vertex[0]), max[1].max(vertex[1])])
    });
    [0, 1].map(|axis| ((i64::from(min[axis]) + i64::from(max[axis])) >> 1) as i32)
}
