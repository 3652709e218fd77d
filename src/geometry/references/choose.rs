//! Which model and which patterns code a layer.

use super::codes::{self, Code};
use super::contexts::{self, COUNT, POSITIONS};
use super::parse::{Costs, Input, Literals, Parsed};
use super::predict::Model;
use super::search::Earlier;
use super::symbols::{Counts, Histogram, emit, emit_codes};
use super::tables;
use crate::encoding::rans::{Frequencies, SYMBOLS};

/// How many passes the parse takes.
const PASSES: usize = 2;

/// Right angles must save this part of the bits of literals: they take the decoder longer.
const LEAST_PART: u64 = 64;

/// How a layer is to be coded.
pub(super) struct Plan {
    pub(super) model: Model,
    pub(super) literals: Literals,
    pub(super) parsed: Parsed,
    /// How often each symbol occurs in each context.
    pub(super) counts: Counts,
    /// The tables of the contexts, and whether they are written.
    pub(super) tables: [(Frequencies, bool); COUNT],
    /// The codes of the positions of literals, and whether they are written.
    pub(super) codes: [(Code, bool); POSITIONS],
}

impl Plan {
    pub(super) fn new(input: &Input) -> Self {
        let (model, literals) = choose_model(input);
        let mut plan = Self {
            model,
            literals,
            parsed: Parsed::default(),
            counts: [[0; SYMBOLS]; COUNT],
            tables: [(Frequencies::default(), false); COUNT],
            codes: std::array::from_fn(|position| (Code::known(position), false)),
        };
        let earlier = Earlier::new(input.vertices);
        let mut costs = Costs::neutral();
        for _ in 0..PASSES {
            plan.parsed = Parsed::new(input, &plan.literals, &earlier, &costs);
            let mut histogram = Histogram::new(plan.parsed.lanes());
            emit(&plan, &mut histogram);
            plan.codes = codes::choose(&histogram.literals);
            // Those of the pass before have been counted.
            histogram.symbols[contexts::WORDS..].fill([0; SYMBOLS]);
            emit_codes(&plan.codes, &mut histogram);
            plan.counts = histogram.symbols;
            plan.tables = tables::choose(&plan.counts);
            costs = Costs {
                symbols: plan.tables.map(|(table, _)| table.costs()),
                literals: plan.codes.each_ref().map(|(code, _)| code.costs()),
            };
        }
        plan
    }
}

/// The model under which the literals take the fewest bits.
fn choose_model(input: &Input) -> (Model, Literals) {
    let plain = Model::default();
    let mut best = (plain, Literals::new(input, &plain));
    let mut fewest = best.1.bits();
    if input.closed.any() {
        let model = Model { right_angles: true, ..plain };
        let literals = Literals::new(input, &model);
        let bits = literals.bits();
        if bits + fewest / LEAST_PART < fewest {
            fewest = bits;
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
