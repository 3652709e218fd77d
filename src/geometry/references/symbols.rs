//! Steps as symbols and raw bits, and back: the twin of writer and reader.
//!
//! ```text
//! component  v of bit length n (0 for 0): v if v > 0, else v + 2^n − 1, in n raw bits
//! escape     n ≥ 12 is the symbol 12, and further on the symbol n − 12; 15: 3 raw bits, n − 27
//! length     only if more than one vertex is missing in the run: 0: all that are missing,
//!            1..=14: the bit length n of the length, 15: 5 raw bits, n; then n − 1 raw bits
//! distance   0..=14: the bit length n less one, 15: 5 raw bits, n less one; then n − 1 raw bits
//! ```

use super::choose::Plan;
use super::contexts::{self, BACKWARD, CONTINUE, COUNT, ESCAPE, FORWARD, Position};
use super::parse::{Input, Literals, Step, after, length};
use super::predict::{Closed, Model};
use super::search::Match;
use crate::encoding::rans::{DecodeTable, Decoder, EncodeTable, Encoder, NO_SYMBOL, SYMBOLS};
use crate::wire::bitstream::{BitReader, BitWriter};

/// Takes symbols with their contexts and raw bits: a histogram, or a coder.
pub(super) trait Sink {
    fn symbol(&mut self, context: usize, symbol: usize);
    fn raw(&mut self, value: u32, width: u32);
}

/// How often each symbol occurs in each context.
pub(super) type Counts = [[u32; SYMBOLS]; COUNT];

/// Counts symbols.
pub(super) struct Histogram(pub(super) Counts);

impl Sink for Histogram {
    fn symbol(&mut self, context: usize, symbol: usize) {
        self.0[context][symbol] += 1;
    }

    fn raw(&mut self, _: u32, _: u32) {}
}

/// Codes symbols and raw bits.
pub(super) struct Coder {
    pub(super) tables: [EncodeTable; COUNT],
    pub(super) symbols: Encoder,
    pub(super) raw: BitWriter,
}

impl Sink for Coder {
    fn symbol(&mut self, context: usize, symbol: usize) {
        self.symbols.put(&self.tables[context], symbol);
    }

    fn raw(&mut self, value: u32, width: u32) {
        self.raw.put(value, width);
    }
}

/// Hands all symbols and raw bits of the plan's steps to `sink`.
pub(super) fn emit(input: &Input, plan: &Plan, sink: &mut impl Sink) {
    let Plan { model, literals, steps, .. } = plan;
    let mut steps = steps.iter();
    for range in input.runs.windows(2) {
        let (mut place, end) = (range[0] as usize, range[1] as usize);
        let mut after_copy = false;
        while place < end {
            let position = literals.positions[place];
            let context = contexts::step(position, after_copy);
            match steps.next().expect("steps fill the runs") {
                Step::Literal => {
                    emit_literal(model, literals, place, context, sink);
                    place += 1;
                    after_copy = false;
                }
                Step::Copy(copy) => {
                    emit_copy(copy, place, end - place, position, context, sink);
                    place += copy.len;
                    after_copy = true;
                }
            }
        }
    }
}

fn emit_literal(model: &Model, literals: &Literals, place: usize, context: usize, sink: &mut impl Sink) {
    let position = literals.positions[place];
    let components = literals.components[place];
    let lengths = components.map(length);
    let symbols = lengths.map(|length| (length as usize).min(ESCAPE));
    sink.symbol(context, symbols[0]);
    sink.symbol(contexts::second(position, symbols[0]), symbols[1]);
    for (index, &length) in lengths.iter().enumerate() {
        if symbols[index] == ESCAPE {
            let symbol = (length as usize - ESCAPE).min(15);
            sink.symbol(contexts::ESCAPE_FIRST + index, symbol);
            if symbol == 15 {
                sink.raw(length - 27, 3);
            }
        }
    }
    if model.grid {
        sink.symbol(contexts::low_bits(position), literals.low[place] as usize);
    }
    for (component, length) in components.into_iter().zip(lengths) {
        let mask = ((1u64 << length) - 1) as u32;
        sink.raw(
            if component > 0 { component as u32 } else { (component as u32).wrapping_add(mask) & mask },
            length,
        );
    }
}

fn emit_copy(
    copy: &Match,
    place: usize,
    left: usize,
    position: Position,
    context: usize,
    sink: &mut impl Sink,
) {
    sink.symbol(context, copy.kind);
    if left > 1 {
        let context = contexts::length(position == Position::Start, copy.kind);
        if copy.len == left {
            sink.symbol(context, 0);
        } else {
            let bits = usize::BITS - copy.len.leading_zeros();
            sink.symbol(context, bits.min(15) as usize);
            if bits >= 15 {
                sink.raw(bits, 5);
            }
            sink.raw((copy.len - (1 << (bits - 1))) as u32, bits - 1);
        }
    }
    if copy.kind != CONTINUE {
        let distance = place - copy.from;
        let bits = usize::BITS - distance.leading_zeros();
        sink.symbol(contexts::distance(copy.kind), (bits - 1).min(15) as usize);
        if bits > 15 {
            sink.raw(bits - 1, 5);
        }
        sink.raw((distance - (1 << (bits - 1))) as u32, bits - 1);
    }
}

/// The tables of all contexts.
pub(super) type Tables = [DecodeTable; COUNT];

/// Where symbols and raw bits come from: the twin of [`Coder`] and [`emit`].
pub(super) struct Source<'a> {
    pub(super) symbols: Decoder<'a>,
    pub(super) raw: BitReader<'a>,
    pub(super) tables: &'a Tables,
}

impl Source<'_> {
    /// Decodes all runs.
    #[inline(always)]
    pub(super) fn fill(
        &mut self,
        model: &Model,
        runs: &[i32],
        closed: &Closed,
        vertices: &mut [[i32; 2]],
    ) -> Result<(), &'static str> {
        let mut next = 0;
        let mut before = [0, 0];
        for (run, range) in runs.windows(2).enumerate() {
            let (start, end) = (range[0] as usize, range[1] as usize);
            let closed = model.right_angles && closed.get(run);
            let mut place = start;
            let mut after_copy = false;
            while place < end {
                let position = model.position(place - start, end - start, closed);
                let step = self.symbols.get(&self.tables[contexts::step(position, after_copy)]);
                if step <= ESCAPE {
                    let (components, low) = self.literal(model, position, step)?;
                    let run = &vertices[start..place];
                    before = model.vertex(components, low, run, position, end - start, before);
                    vertices[place] = before;
                    place += 1;
                    next += 1;
                } else {
                    let copy = self.copy(step, position, place, end - place, next)?;
                    copy_within(vertices, &copy, place);
                    next = after(&copy, next);
                    place += copy.len;
                    before = vertices[place - 1];
                }
                after_copy = step > ESCAPE;
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn literal(
        &mut self,
        model: &Model,
        position: Position,
        first: usize,
    ) -> Result<([i32; 2], u32), &'static str> {
        let second = self.symbols.get(&self.tables[contexts::second(position, first)]);
        let mut lengths = [first as u32, second as u32];
        if first.max(second) >= ESCAPE {
            self.escapes(&mut lengths)?;
        }
        let low =
            if model.grid { self.symbols.get(&self.tables[contexts::low_bits(position)]) as u32 } else { 0 };
        if low as usize == NO_SYMBOL {
            return Err("low bits without a table");
        }
        // Two components of at most 28 bits lie within what one look shows.
        let components = if lengths[0] + lengths[1] <= 56 {
            let bits = self.raw.peek();
            self.raw.skip(lengths[0] + lengths[1]);
            [component(bits, lengths[0]), component(bits >> lengths[0], lengths[1])]
        } else {
            lengths.map(|length| component(self.raw.get(length).into(), length))
        };
        Ok((components, low))
    }

    #[cold]
    fn escapes(&mut self, lengths: &mut [u32; 2]) -> Result<(), &'static str> {
        for (index, length) in lengths.iter_mut().enumerate() {
            if *length as usize > ESCAPE {
                return Err("a component without a table or of a length that has none");
            }
            if *length as usize == ESCAPE {
                *length += match self.symbols.get(&self.tables[contexts::ESCAPE_FIRST + index]) {
                    15 => 15 + self.raw.get(3),
                    symbol => symbol as u32,
                };
            }
            if *length > 32 {
                return Err("an escape without a table or of more than 32 bits");
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn copy(
        &mut self,
        kind: usize,
        position: Position,
        place: usize,
        left: usize,
        next: usize,
    ) -> Result<Match, &'static str> {
        if kind == NO_SYMBOL {
            return Err("a step without a table");
        }
        let mut len = 1;
        if left > 1 {
            let context = contexts::length(position == Position::Start, kind);
            len = match self.symbols.get(&self.tables[context]) {
                0 => left,
                symbol => {
                    let bits = if symbol < 15 { symbol as u32 } else { self.long(symbol)? };
                    1 << (bits - 1) | self.raw.get(bits - 1) as usize
                }
            };
        }
        let from = if kind == CONTINUE {
            next
        } else {
            let symbol = self.symbols.get(&self.tables[contexts::distance(kind)]);
            let bits = if symbol < 15 { symbol as u32 } else { self.long(symbol)? };
            let distance = 1 << bits | self.raw.get(bits) as usize;
            place.checked_sub(distance).ok_or("a copy from before the first vertex")?
        };
        let fits = match kind {
            BACKWARD => len <= from + 1,
            _ => from + len <= place,
        };
        if len > left || !fits {
            return Err("a copy of more vertices than there are");
        }
        Ok(Match { kind, from, len })
    }

    /// The bit length that symbol 15 leaves to the raw bits.
    #[cold]
    fn long(&mut self, symbol: usize) -> Result<u32, &'static str> {
        match (symbol, self.raw.get(5)) {
            (NO_SYMBOL, _) => Err("a length or distance without a table"),
            (_, 0) => Err("a length or distance of no bits"),
            (_, bits) => Ok(bits),
        }
    }
}

/// The component of bit length `length` in the lowest bits of `bits`.
#[inline(always)]
fn component(bits: u64, length: u32) -> i32 {
    let mask = ((1u64 << length) - 1) as u32;
    let value = bits as u32 & mask;
    // Without a branch: the highest bit is set in positive values only.
    let negative = (value <= mask >> 1) as u32;
    value.wrapping_sub(mask * negative) as i32
}

#[inline(always)]
fn copy_within(vertices: &mut [[i32; 2]], copy: &Match, place: usize) {
    let &Match { kind, from, len } = copy;
    debug_assert!(kind >= FORWARD);
    if kind == BACKWARD {
        for index in 0..len {
            vertices[place + index] = vertices[from - index];
        }
    } else if len <= 2 {
        vertices[place] = vertices[from];
        vertices[place + len - 1] = vertices[from + len - 1];
    } else {
        vertices.copy_within(from..from + len, place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_of_every_length() {
        for value in [0, 1, -1, 5, -8, i32::MAX, i32::MIN + 1, i32::MIN] {
            let n = length(value);
            let mask = ((1u64 << n) - 1) as u32;
            let raw = if value > 0 { value as u32 } else { (value as u32).wrapping_add(mask) & mask };
            assert_eq!(component(raw.into(), n), value, "{value}");
        }
    }
}
