//! Symbols and raw bits in, vertices out: the twin of [`super::symbols`].

use super::contexts::{self, ESCAPE, Pattern, Way};
use super::join::{MARGIN, join};
use super::predict::{Closed, Model};
use super::written::Written;
use crate::encoding::entropy::lanes::{CONTEXTS, Lanes, Shape};
use crate::encoding::rans::DecodeTable;
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::wire::bitstream::BitReader;
use crate::wire::bytes;

/// Where symbols and raw bits come from.
pub(super) struct Source<'a, S: Shape> {
    pub(super) lanes: Lanes<'a, S>,
    pub(super) raw: BitReader<'a>,
    pub(super) tables: &'a [&'a DecodeTable; CONTEXTS],
    /// Where they lie in the tile.
    pub(super) at: usize,
}

/// What was read before the vertices are put together.
pub(super) struct Parts {
    /// Of each run.
    pub(super) patterns: Vec<u8>,
    /// The number of copies of each run of steps.
    pub(super) counts: Vec<u32>,
    /// Of these copies.
    pub(super) ways: Vec<u8>,
    pub(super) gaps: Vec<u32>,
    pub(super) lengths: Vec<u32>,
    /// Of all copies that have one.
    pub(super) distances: Vec<u32>,
    /// The sums of the components of literals, from [0, 0] on; with right angles the components, behind
    /// [0, 0]. [`MARGIN`] more are behind them.
    pub(super) literals: Vec<[i32; 2]>,
}

impl<S: Shape> Source<'_, S> {
    /// Decodes the vertices of `runs`, which are their offsets, to `out`, which is [`MARGIN`] longer.
    pub(super) fn fill(
        &mut self,
        model: &Model,
        runs: &[i32],
        closed: &Closed,
        out: &mut [[i32; 2]],
        budget: &mut Budget,
    ) -> Result<()> {
        let parts = self.parts(model, runs, closed, out.len() - MARGIN, budget)?;
        join(&parts, model, runs, closed, out).map_err(|what| Error::inconsistent(self.at, what))
    }

    fn parts(
        &mut self,
        model: &Model,
        runs: &[i32],
        closed: &Closed,
        count: usize,
        budget: &mut Budget,
    ) -> Result<Parts> {
        let patterns = self.patterns(runs.len() - 1, budget)?;
        let steps = patterns.iter().filter(|&&pattern| pattern == Pattern::Steps as u8).count();
        let symbols = self.symbols_of(steps, contexts::COPIES, budget)?;
        let counts = self.numbers(&symbols, budget)?;
        // Every copy is of one vertex at least. Where addresses have 32 bits, so many may not be summed up.
        let copies: u64 = counts.iter().copied().map(u64::from).sum();
        if copies > count as u64 {
            return Err(self.wrong("more copies than vertices"));
        }
        let copies = copies as usize;
        let ways = self.symbols_of(copies, contexts::WAY, budget)?;
        if ways.iter().any(|&way| way > Way::Onwards as u8) {
            return Err(self.wrong("a copy of a way that is none"));
        }
        let symbols = self.symbols_of(copies, contexts::GAP, budget)?;
        let gaps = self.numbers(&symbols, budget)?;
        let mut of_lengths: Vec<u8> = budget.vec(copies, "contexts", self.at)?;
        of_lengths.extend(ways.iter().map(|&way| contexts::length(way.into()) as u8));
        let symbols = self.symbols(&of_lengths, budget)?;
        let lengths = self.numbers(&symbols, budget)?;
        let mut parts =
            Parts { patterns, counts, ways, gaps, lengths, distances: Vec::new(), literals: Vec::new() };
        let written = Written::new(&parts, model, runs, closed, count, budget, self.at)?;
        parts.distances = self.distances(&written.distances, budget)?;
        parts.literals = self.literals(model, written.positions, budget)?;
        Ok(parts)
    }

    #[cold]
    fn wrong(&self, what: &'static str) -> Error {
        Error::inconsistent(self.at, what)
    }

    fn patterns(&mut self, runs: usize, budget: &mut Budget) -> Result<Vec<u8>> {
        let mut patterns: Vec<u8> = budget.vec(runs, "patterns of runs", self.at)?;
        let mut before = 0;
        let mut seen = 0;
        patterns.extend((0..runs).map(|index| {
            before = self.lanes.get(self.tables[contexts::pattern(before)], index);
            seen |= before;
            before as u8
        }));
        match seen < Pattern::ALL.len() {
            true => Ok(patterns),
            false => Err(self.wrong("a pattern that is none")),
        }
    }

    /// A symbol for each of `contexts`.
    #[inline(never)]
    fn symbols(&mut self, contexts: &[u8], budget: &mut Budget) -> Result<Vec<u8>> {
        let mut symbols = budget.zeroed(contexts.len(), "symbols", self.at)?;
        self.lanes.fill(self.tables, contexts, &mut symbols);
        Ok(symbols)
    }

    /// `count` symbols in the same context.
    fn symbols_of(&mut self, count: usize, context: usize, budget: &mut Budget) -> Result<Vec<u8>> {
        let mut contexts: Vec<u8> = budget.vec(count, "contexts", self.at)?;
        contexts.resize(count, context as u8);
        self.symbols(&contexts, budget)
    }

    /// The numbers that `symbols` begin.
    fn numbers(&mut self, symbols: &[u8], budget: &mut Budget) -> Result<Vec<u32>> {
        let mut numbers = budget.vec(symbols.len(), "numbers", self.at)?;
        for &symbol in symbols {
            let bits = self.bits(symbol)?;
            numbers.push(match bits {
                0 => 0,
                _ => 1 << (bits - 1) | self.raw.get(bits - 1),
            });
        }
        Ok(numbers)
    }

    fn distances(&mut self, contexts: &[u8], budget: &mut Budget) -> Result<Vec<u32>> {
        let symbols = self.symbols(contexts, budget)?;
        let mut distances = budget.vec(contexts.len(), "distances", self.at)?;
        for symbol in symbols {
            let bits = self.bits(symbol)?;
            distances.push(1 << bits | self.raw.get(bits));
        }
        Ok(distances)
    }

    /// The bit length that a symbol stands for, at most 31.
    #[inline(always)]
    fn bits(&mut self, symbol: u8) -> Result<u32> {
        match symbol {
            0..=14 => Ok(symbol.into()),
            _ => match 15 + self.raw.get(5) {
                bits @ 0..=31 => Ok(bits),
                _ => Err(self.wrong("a number of more than 31 bits")),
            },
        }
    }

    /// The components of literals at `positions`.
    fn literals(
        &mut self,
        model: &Model,
        mut positions: Vec<u8>,
        budget: &mut Budget,
    ) -> Result<Vec<[i32; 2]>> {
        let count = positions.len();
        let mut of_first: Vec<u8> = budget.vec(count, "contexts", self.at)?;
        of_first.extend(positions.iter().map(|&position| contexts::first(position.into()) as u8));
        let mut first = self.symbols(&of_first, budget)?;
        for (position, &first) in positions.iter_mut().zip(&first) {
            *position = contexts::second((*position).into(), first.into()) as u8;
        }
        let mut second = self.symbols(&positions, budget)?;
        self.escapes(&mut first, 0, budget)?;
        self.escapes(&mut second, 1, budget)?;
        let mut literals: Vec<[i32; 2]> = budget.vec(1 + count + MARGIN, "literals", self.at)?;
        literals.push([0; 2]);
        self.components(&first, &second, &mut literals);
        if !model.right_angles {
            add_up(&mut literals);
        }
        literals.resize(1 + count + MARGIN, [0; 2]);
        Ok(literals)
    }

    /// Appends the components of the bit lengths `first` and `second`.
    #[inline(never)]
    fn components(&mut self, first: &[u8], second: &[u8], out: &mut Vec<[i32; 2]>) {
        let mut raw = self.raw.clone();
        out.extend(first.iter().zip(second).map(|(&a, &b)| {
            let lengths = [u32::from(a), u32::from(b)];
            // Two components of at most 28 bits lie within what one look shows.
            if lengths[0] + lengths[1] <= 56 {
                let bits = raw.peek();
                raw.skip(lengths[0] + lengths[1]);
                [component(bits, lengths[0]), component(bits >> lengths[0], lengths[1])]
            } else {
                lengths.map(|length| component(raw.get(length).into(), length))
            }
        }));
        self.raw = raw;
    }

    /// Makes bit lengths of symbols, of which those of [`ESCAPE`] have another one.
    #[inline(never)]
    fn escapes(&mut self, symbols: &mut [u8], component: usize, budget: &mut Budget) -> Result<()> {
        const ESCAPED: u8 = ESCAPE as u8;
        if symbols.iter().fold(0, |most, &symbol| symbol.max(most)) > ESCAPED {
            return Err(self.wrong("a component of a length that has none"));
        }
        let escaped = symbols.iter().filter(|&&symbol| symbol == ESCAPED).count();
        let mut places: Vec<u32> = budget.vec(escaped, "long components", self.at)?;
        let (groups, rest) = symbols.as_chunks::<8>();
        for (number, group) in groups.iter().enumerate() {
            // Few have one: eight at a time are looked at.
            let mut found = bytes::equal(u64::from_le_bytes(*group), ESCAPED);
            while found != 0 {
                places.push((8 * number) as u32 + found.trailing_zeros());
                found &= found - 1;
            }
        }
        let behind = (8 * groups.len() as u32..).zip(rest);
        places.extend(behind.filter(|&(_, &symbol)| symbol == ESCAPED).map(|(place, _)| place));
        let further = self.symbols_of(escaped, contexts::OF_ESCAPES[component], budget)?;
        for (further, &place) in further.into_iter().zip(&places) {
            let length = match further {
                15 => ESCAPED + 15 + self.raw.get(3) as u8,
                further => ESCAPED + further,
            };
            if length > 32 {
                return Err(self.wrong("a component of more than 32 bits"));
            }
            symbols[place as usize] = length;
        }
        Ok(())
    }
}

/// Makes each of `components` the sum of all up to it.
#[inline(never)]
fn add_up(components: &mut [[i32; 2]]) {
    let [mut x, mut y] = [0i32; 2];
    for pair in components {
        x = x.wrapping_add(pair[0]);
        y = y.wrapping_add(pair[1]);
        *pair = [x, y];
    }
}

/// The component of bit length `length` in the lowest bits of `bits`.
#[inline(always)]
fn component(bits: u64, length: u32) -> i32 {
    let mask = ((1u64 << length) - 1) as u32;
    let value = bits as u32 & mask;
    // Without a branch, which could not be foreseen: the highest bit is set in positive values only.
    let positive = ((mask >> 1).wrapping_sub(value) as i32 >> 31) as u32;
    value.wrapping_sub(mask & !positive) as i32
}

#[cfg(test)]
mod tests {
    use super::super::parse::length;
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
