//! What was parsed, as symbols and raw bits. [`super::fill`] is the twin.
//!
//! One kind of symbols after the other, so that a decoder reads many of a kind in one go:
//!
//! ```text
//! patterns       a symbol per run but for those at the end that are copied onwards, in the context of the one
//!                before; with four lanes a quarter of the runs in each, a symbol of each quarter in turn
//! counts         a number per run of steps
//! copies         of all runs of steps: the ways; the gaps, numbers; the lengths, numbers
//! distances      by what they are for, one kind after the other; copies onwards have none
//! codes          of positions that have their own, the lengths of words
//! literals       by position, one kind after the other; each a code word, for the bit lengths of both components,
//!                and their bits, in one sequence or in four in turn; the first goes on behind the raw bits
//!
//! number         its bit length, 0..=14, or 15 and in 5 raw bits its bit length less 15; then the bits
//!                below the highest, raw
//! distance       likewise, but its bit length less one
//! component      v of bit length n (0 for 0): v if v > 0, else v + 2^n − 1, in n bits; where n ≥ 15, n − 15
//!                stands in 5 bits behind the word
//! ```
//!
//! Raw bits of numbers stand behind the symbols of their kind: they are a sequence of their own.

use super::choose::Plan;
use super::codes::{self, Code, LONG, LONG_BITS};
use super::contexts::{self, POSITIONS, Pattern, Way};
use super::literals::bits_of;
use super::parse::length;
use crate::encoding::entropy::lanes::Item;
use crate::encoding::rans::{EncodeTable, SYMBOLS};
use crate::wire::bitstream::BitWriter;

/// Takes symbols with their contexts and raw bits: a histogram, or a coder.
pub(super) trait Sink {
    /// Symbols of another kind follow.
    fn kind(&mut self);
    /// How many lanes there are, and that the next symbol is of `lane`.
    fn lanes(&self) -> usize;
    fn lane(&mut self, lane: usize);
    fn symbol(&mut self, context: usize, symbol: usize);
    fn raw(&mut self, value: u32, width: u32);
    /// The next literal, with the bit lengths of its components.
    fn literal(&mut self, position: usize, components: [i32; 2], lengths: [u32; 2]);
}

/// How often each symbol occurs in each context.
pub(super) type Counts = [[u32; SYMBOLS]; contexts::COUNT];

/// Counts symbols.
pub(super) struct Histogram {
    /// Of how many lanes the symbols are to be.
    lanes: u8,
    pub(super) symbols: Counts,
    pub(super) literals: [codes::Counts; POSITIONS],
    /// The number of raw bits, those of components among them.
    pub(super) raw: u64,
}

impl Histogram {
    pub(super) fn new(lanes: u8) -> Self {
        Self {
            lanes,
            symbols: [[0; SYMBOLS]; contexts::COUNT],
            literals: [[0; codes::SYMBOLS]; POSITIONS],
            raw: 0,
        }
    }
}

impl Sink for Histogram {
    fn kind(&mut self) {}

    fn lanes(&self) -> usize {
        self.lanes.into()
    }

    fn lane(&mut self, _: usize) {}

    fn symbol(&mut self, context: usize, symbol: usize) {
        self.symbols[context][symbol] += 1;
    }

    fn raw(&mut self, _: u32, width: u32) {
        self.raw += u64::from(width);
    }

    fn literal(&mut self, position: usize, _: [i32; 2], lengths: [u32; 2]) {
        self.literals[position][codes::symbol(lengths)] += 1;
        let long = lengths.iter().filter(|&&length| length >= LONG).count() as u32;
        self.raw += u64::from(lengths[0] + lengths[1] + LONG_BITS * long);
    }
}

/// Codes symbols and raw bits.
pub(super) struct Coder {
    pub(super) tables: [EncodeTable; contexts::COUNT],
    pub(super) lanes: u8,
    pub(super) next_lane: u8,
    pub(super) items: Vec<Item>,
    pub(super) raw: BitWriter,
    pub(super) words: [[(u16, u8); codes::SYMBOLS]; POSITIONS],
    /// The sequences of literals but for the first, which is that of the raw bits.
    pub(super) further: [BitWriter; 3],
}

impl Sink for Coder {
    fn kind(&mut self) {
        self.next_lane = 0;
    }

    fn lanes(&self) -> usize {
        self.lanes.into()
    }

    fn lane(&mut self, lane: usize) {
        self.next_lane = lane as u8;
    }

    fn symbol(&mut self, context: usize, symbol: usize) {
        self.items.push(Item::new(&self.tables[context], symbol, self.next_lane));
        self.next_lane = (self.next_lane + 1) % self.lanes;
    }

    fn raw(&mut self, value: u32, width: u32) {
        self.raw.put(value, width);
    }

    fn literal(&mut self, position: usize, components: [i32; 2], lengths: [u32; 2]) {
        let out = match self.next_lane {
            0 => &mut self.raw,
            lane => &mut self.further[usize::from(lane) - 1],
        };
        let (word, bits) = self.words[position][codes::symbol(lengths)];
        out.put(word.into(), bits.into());
        lengths.iter().filter(|&&length| length >= LONG).for_each(|length| out.put(length - LONG, LONG_BITS));
        for (component, length) in components.into_iter().zip(lengths) {
            out.put(bits_of(component, length), length);
        }
        self.next_lane = (self.next_lane + 1) % self.lanes;
    }
}

/// Hands all symbols and raw bits of a plan to `sink`.
pub(super) fn emit(plan: &Plan, sink: &mut impl Sink) {
    let parsed = &plan.parsed;
    emit_patterns(&parsed.patterns, sink);
    numbers(parsed.counts.iter().map(|&count| (contexts::COPIES, count)), sink);
    sink.kind();
    parsed.copies.iter().for_each(|copy| sink.symbol(contexts::WAY, copy.way as usize));
    numbers(parsed.copies.iter().map(|copy| (contexts::GAP, copy.gap)), sink);
    numbers(parsed.copies.iter().map(|copy| (contexts::length(copy.way as usize), copy.len)), sink);
    parsed.distances.iter().enumerate().for_each(|(of, some)| distances(of, some, sink));
    emit_codes(&plan.codes, sink);
    emit_literals(plan, sink);
}

/// Hands the codes that are written to `sink`.
pub(super) fn emit_codes(codes: &[(Code, bool); POSITIONS], sink: &mut impl Sink) {
    for (code, _) in codes.iter().filter(|(_, own)| *own) {
        sink.kind();
        code.lengths().for_each(|(context, length)| sink.symbol(context, length));
    }
}

fn emit_patterns(patterns: &[Pattern], sink: &mut impl Sink) {
    let part = patterns.len().div_ceil(sink.lanes());
    for place in 0..part {
        for (lane, patterns) in patterns.chunks(part).enumerate() {
            let Some(&pattern) = patterns.get(place) else { continue };
            let before = if place > 0 { patterns[place - 1] } else { Pattern::Literals };
            sink.lane(lane);
            sink.symbol(contexts::pattern(before as usize), pattern as usize);
        }
    }
}

fn numbers(values: impl Iterator<Item = (usize, u32)> + Clone, sink: &mut impl Sink) {
    let bits = |value: u32| u32::BITS - value.leading_zeros();
    sink.kind();
    for (context, value) in values.clone() {
        sink.symbol(context, bits(value).min(15) as usize);
    }
    for (_, value) in values {
        let bits = bits(value);
        if bits >= 15 {
            sink.raw(bits - 15, 5);
        }
        if bits > 0 {
            sink.raw(value - (1 << (bits - 1)), bits - 1);
        }
    }
}

fn distances(of: usize, distances: &[u32], sink: &mut impl Sink) {
    sink.kind();
    for &distance in distances {
        sink.symbol(contexts::distance(of), distance.ilog2().min(15) as usize);
    }
    for &distance in distances {
        let bits = distance.ilog2();
        if bits >= 15 {
            sink.raw(bits - 15, 5);
        }
        sink.raw(distance - (1 << bits), bits);
    }
}

fn emit_literals(plan: &Plan, sink: &mut impl Sink) {
    for (position, places) in plan.parsed.literals.iter().enumerate() {
        sink.kind();
        for &place in places {
            let components = plan.literals.components[place as usize];
            sink.literal(position, components, components.map(length));
        }
    }
}

/// Whether copies of `way` have a distance.
pub(super) fn has_distance(way: usize) -> bool {
    way != Way::Onwards as usize
}
