//! What was parsed, as symbols and raw bits. [`super::fill`] is the twin.
//!
//! One kind of symbols after the other, so that a decoder reads many of a kind in one go:
//!
//! ```text
//! patterns       a symbol per run, in the context of the one before
//! counts         a number per run of steps
//! copies         of all runs of steps: the ways; the gaps, numbers; the lengths, numbers
//! distances      one per copy but those onwards
//! literals       the bit lengths of first components; of second ones; escapes of either; raw bits of both
//!
//! number         its bit length, 0..=14, or 15 and in 5 raw bits its bit length less 15; then the bits
//!                below the highest, raw
//! distance       likewise, but its bit length less one
//! component      v of bit length n (0 for 0): v if v > 0, else v + 2^n − 1, in n raw bits
//! escape         n ≥ 12 is the symbol 12, and further on the symbol n − 12; 15: 3 raw bits, n − 27
//! ```
//!
//! Raw bits of numbers stand behind the symbols of their kind: they are a sequence of their own.

use super::choose::Plan;
use super::contexts::{self, ESCAPE, Pattern, Way};
use super::parse::length;
use crate::encoding::entropy::lanes::Item;
use crate::encoding::rans::{EncodeTable, SYMBOLS};
use crate::wire::bitstream::BitWriter;

/// Takes symbols with their contexts and raw bits: a histogram, or a coder.
pub(super) trait Sink {
    /// Symbols of another kind follow.
    fn kind(&mut self);
    fn symbol(&mut self, context: usize, symbol: usize);
    fn raw(&mut self, value: u32, width: u32);
}

/// How often each symbol occurs in each context.
pub(super) type Counts = [[u32; SYMBOLS]; contexts::COUNT];

/// Counts symbols.
pub(super) struct Histogram(pub(super) Counts);

impl Sink for Histogram {
    fn kind(&mut self) {}

    fn symbol(&mut self, context: usize, symbol: usize) {
        self.0[context][symbol] += 1;
    }

    fn raw(&mut self, _: u32, _: u32) {}
}

/// Codes symbols and raw bits.
pub(super) struct Coder {
    pub(super) tables: [EncodeTable; contexts::COUNT],
    pub(super) lanes: u8,
    pub(super) next_lane: u8,
    pub(super) items: Vec<Item>,
    pub(super) raw: BitWriter,
}

impl Sink for Coder {
    fn kind(&mut self) {
        self.next_lane = 0;
    }

    fn symbol(&mut self, context: usize, symbol: usize) {
        self.items.push(Item::new(&self.tables[context], symbol, self.next_lane));
        self.next_lane = (self.next_lane + 1) % self.lanes;
    }

    fn raw(&mut self, value: u32, width: u32) {
        self.raw.put(value, width);
    }
}

/// Hands all symbols and raw bits of a plan to `sink`.
pub(super) fn emit(plan: &Plan, sink: &mut impl Sink) {
    let parsed = &plan.parsed;
    sink.kind();
    let mut before = Pattern::Literals;
    for &pattern in &parsed.patterns {
        sink.symbol(contexts::pattern(before as usize), pattern as usize);
        before = pattern;
    }
    numbers(parsed.counts.iter().map(|&count| (contexts::COPIES, count)), sink);
    sink.kind();
    parsed.copies.iter().for_each(|copy| sink.symbol(contexts::WAY, copy.way as usize));
    numbers(parsed.copies.iter().map(|copy| (contexts::GAP, copy.gap)), sink);
    numbers(parsed.copies.iter().map(|copy| (contexts::length(copy.way as usize), copy.len)), sink);
    distances(&parsed.distances, sink);
    emit_literals(plan, sink);
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

fn distances(distances: &[(usize, u32)], sink: &mut impl Sink) {
    sink.kind();
    for &(context, distance) in distances {
        sink.symbol(context, distance.ilog2().min(15) as usize);
    }
    for &(_, distance) in distances {
        let bits = distance.ilog2();
        if bits >= 15 {
            sink.raw(bits - 15, 5);
        }
        sink.raw(distance - (1 << bits), bits);
    }
}

fn emit_literals(plan: &Plan, sink: &mut impl Sink) {
    let literals = || {
        plan.parsed.literals.iter().map(|&place| {
            let components = plan.literals.components[place as usize];
            (plan.literals.positions[place as usize] as usize, components, components.map(length))
        })
    };
    let symbol = |length: u32| (length as usize).min(ESCAPE);
    sink.kind();
    for (position, _, lengths) in literals() {
        sink.symbol(contexts::first(position), symbol(lengths[0]));
    }
    sink.kind();
    for (position, _, lengths) in literals() {
        sink.symbol(contexts::second(position, symbol(lengths[0])), symbol(lengths[1]));
    }
    for component in 0..2 {
        let escaped = || {
            literals().map(|(_, _, lengths)| lengths[component]).filter(|&length| symbol(length) == ESCAPE)
        };
        sink.kind();
        escaped().for_each(|length| {
            sink.symbol(contexts::OF_ESCAPES[component], (length as usize - ESCAPE).min(15));
        });
        escaped().filter(|&length| length >= 27).for_each(|length| sink.raw(length - 27, 3));
    }
    for (_, components, lengths) in literals() {
        for (component, length) in components.into_iter().zip(lengths) {
            let mask = ((1u64 << length) - 1) as u32;
            let bits =
                if component > 0 { component as u32 } else { (component as u32).wrapping_add(mask) & mask };
            sink.raw(bits, length);
        }
    }
}

/// Whether copies of `way` have a distance.
pub(super) fn has_distance(way: usize) -> bool {
    way != Way::Onwards as usize
}
