//! Which model and which patterns code a layer.

use super::codes::{self, Code};
use super::contexts::{self, COUNT, POSITIONS, Pattern};
use super::parse::{Costs, Input, Literals, Parsed};
use super::predict::Model;
use super::search::Earlier;
use super::symbols::{Counts, Histogram, emit, emit_codes};
use super::tables;
use crate::encoding::rans::{BIT, Frequencies, SYMBOLS};

/// How many passes the parse takes.
const PASSES: usize = 2;

/// Decoding times in picoseconds, fitted to those of the layers of OpenMapTiles.
mod time {
    /// A layer, each of its vertices, each run, what comes to that unless it is copied onwards, and so on.
    pub(super) const LAYER: u64 = 2_000_000;
    pub(super) const VERTEX: u64 = 300;
    pub(super) const RUN: u64 = 2_500;
    pub(super) const OWN_RUN: u64 = 4_500;
    pub(super) const LITERAL: u64 = 3_000;
    pub(super) const DISTANCE: u64 = 5_000;
    pub(super) const STEP: u64 = 70_000;
    /// What comes to a literal with right angles.
    pub(super) const RIGHT_ANGLE: u64 = 9_000;
    /// A table and a code that are written.
    pub(super) const TABLE: u64 = 250_000;
    pub(super) const CODE: u64 = 3_500_000;
}

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
    /// About what all that takes, in bytes.
    pub(super) bytes: u64,
}

impl Plan {
    /// The best one, where a byte is worth `byte_time` picoseconds of decoding.
    pub(super) fn new(input: &Input, byte_time: u64) -> Self {
        let plain = Literals::new(input, &Model::default());
        let plan = Self::with_copies(input, &plain, byte_time);
        if plan.has_literals_alone() {
            return plan;
        }
        let literals = Self::of_literals(input, plain);
        let price = |plan: &Self| plan.bytes * byte_time + plan.time(input.vertices.len());
        if price(&literals) < price(&plan) { literals } else { plan }
    }

    /// The best one with copies.
    fn with_copies(input: &Input, plain: &Literals, byte_time: u64) -> Self {
        let mut plan = Self::of_model(choose_model(input, plain, byte_time));
        let earlier = Earlier::new(input.vertices);
        let in_bits = |time: u64| 8 * u64::from(BIT) * time / byte_time;
        let (distance, step) = (in_bits(time::DISTANCE), in_bits(time::STEP));
        let mut costs = Costs::neutral(distance, step);
        for _ in 0..PASSES {
            plan.parsed = Parsed::new(input, &plan.literals, &earlier, &costs);
            plan.choose_tables();
            costs = Costs {
                symbols: plan.tables.map(|(table, _)| table.costs()),
                literals: plan.codes.each_ref().map(|(code, _)| code.costs()),
                distance,
                step,
            };
            if plan.parsed.onwards > 0 {
                // Those at the end have no symbols.
                let onwards = Pattern::Onwards as usize;
                costs.symbols[contexts::pattern(onwards)][onwards] = 0;
            }
        }
        plan
    }

    /// The one without copies, which decodes most quickly.
    fn of_literals(input: &Input, plain: Literals) -> Self {
        let mut plan = Self::of_model((Model::default(), plain));
        plan.parsed = Parsed::of_literals(input, &plan.literals);
        plan.choose_tables();
        plan
    }

    fn of_model((model, literals): (Model, Literals)) -> Self {
        Self {
            model,
            literals,
            parsed: Parsed::default(),
            counts: [[0; SYMBOLS]; COUNT],
            tables: [(Frequencies::default(), false); COUNT],
            codes: std::array::from_fn(|position| (Code::known(position), false)),
            bytes: 0,
        }
    }

    /// Those that suit what was parsed.
    fn choose_tables(&mut self) {
        let mut histogram = Histogram::new(self.parsed.lanes());
        emit(self, &mut histogram);
        self.codes = codes::choose(&histogram.literals);
        // Those of the pass before have been counted.
        histogram.symbols[contexts::WORDS..].fill([0; SYMBOLS]);
        emit_codes(&self.codes, &mut histogram);
        self.counts = histogram.symbols;
        self.tables = tables::choose(&self.counts);
        let words = self.codes.iter().zip(&histogram.literals).map(|((code, _), counts)| code.bits(counts));
        let words: u64 = words.map(|bits| bits.expect("a word for each")).sum();
        self.bytes = (histogram.raw + words + tables::bits(&self.tables, &self.counts)) / 8;
    }

    /// Whether there are literals and nothing else, which decoders put together quickly; of small layers, whose table
    /// is a known one, this is not asked.
    pub(super) fn has_literals_alone(&self) -> bool {
        let patterns = self.tables[contexts::pattern(Pattern::Literals as usize)].0;
        let alone = patterns.only() == Some(Pattern::Literals as usize);
        self.model == Model::default() && self.parsed.onwards == 0 && alone
    }

    /// About how many picoseconds it takes to decode so many vertices.
    pub(super) fn time(&self, vertices: usize) -> u64 {
        let Parsed { patterns, copies, .. } = &self.parsed;
        let [distances, literals] = [self.parsed.all_distances(), self.parsed.all_literals()];
        let [runs, copies, distances, literals, vertices] =
            [patterns.len(), copies.len(), distances, literals, vertices].map(|count| count as u64);
        let tables = self.tables.iter().filter(|(_, own)| *own).count() as u64 * time::TABLE
            + self.codes.iter().filter(|(_, own)| *own).count() as u64 * time::CODE;
        if self.has_literals_alone() {
            return tables + literals * (time::VERTEX + time::LITERAL) + runs * time::RUN;
        }
        let onwards = patterns.iter().filter(|&&pattern| pattern == Pattern::Onwards).count() as u64;
        let turns = if self.model.right_angles { literals * time::RIGHT_ANGLE } else { 0 };
        tables
            + time::LAYER
            + vertices * time::VERTEX
            + runs * time::RUN
            + (runs - onwards) * time::OWN_RUN
            + literals * time::LITERAL
            + turns
            + distances * time::DISTANCE
            + copies * time::STEP
    }
}

/// The model under which the literals take the fewest bits; but right angles take time.
fn choose_model(input: &Input, plain: &Literals, byte_time: u64) -> (Model, Literals) {
    let mut best = (Model::default(), None);
    let mut fewest = plain.bits();
    if input.closed.any() {
        let model = Model { right_angles: true, ..Model::default() };
        let literals = Literals::new(input, &model);
        let bits = literals.bits();
        let time = input.vertices.len() as u64 * time::RIGHT_ANGLE;
        if bits + 8 * time / byte_time < fewest {
            fewest = bits;
            best = (model, Some(literals));
        }
    }
    let constant = Model { start: Some(centre(input)), ..best.0 };
    let literals = Literals::new(input, &constant);
    // The constant itself takes some three bytes.
    if literals.bits() + 24 < fewest {
        best = (constant, Some(literals));
    }
    (best.0, best.1.unwrap_or_else(|| plain.clone()))
}

/// The centre of the box around the first vertices of all runs.
fn centre(input: &Input) -> [i32; 2] {
    let starts = input.runs.windows(2).map(|range| input.vertices[range[0] as usize]);
    let (min, max) = starts.fold(([i32::MAX; 2], [i32::MIN; 2]), |(min, max), vertex| {
        ([min[0].min(vertex[0]), min[1].min(vertex[1])], [max[0].max(vertex[0]), max[1].max(vertex[1])])
    });
    [0, 1].map(|axis| ((i64::from(min[axis]) + i64::from(max[axis])) >> 1) as i32)
}
