//! Symbols and raw bits in, vertices out: the twin of [`super::symbols`].

use std::ops::Range;

use super::codes::Code;
use super::contexts::{self, POSITIONS, Pattern, Way};
use super::join::{MARGIN, join};
use super::literals::{self, TOO_LONG, Table};
use super::predict::{Closed, Model};
use super::written::Written;
use crate::encoding::entropy::lanes::{CONTEXTS, Lanes, Shape};
use crate::encoding::rans::DecodeTable;
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::wire::bitstream::BitReader;

/// Where symbols and raw bits come from.
pub(super) struct Source<'a, S: Shape> {
    pub(super) lanes: Lanes<'a, S>,
    pub(super) raw: BitReader<'a>,
    /// What raw bits, literals and symbols lie in.
    pub(super) bytes: &'a [u8],
    /// Where in it the sequences of literals lie but for the first, which goes on behind the raw bits.
    pub(super) further: [Range<usize>; 3],
    pub(super) tables: &'a [&'a DecodeTable; CONTEXTS],
    /// The largest bit lengths in codes that are written.
    pub(super) codes: [Option<[usize; 2]>; POSITIONS],
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

impl<'a, S: Shape> Source<'a, S> {
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
        let tables = self.codes(budget)?;
        let tables =
            std::array::from_fn(|position| tables[position].as_deref().unwrap_or(&Table::known()[position]));
        parts.literals = self.literals(model, &tables, &written.positions, budget)?;
        Ok(parts)
    }

    /// What comes behind literals that end at bit `end`.
    fn ended(&self, end: u64) -> Result<BitReader<'a>> {
        match end < TOO_LONG {
            true => Ok(BitReader::at(self.bytes, usize::try_from(end).unwrap_or(usize::MAX))),
            false => Err(self.wrong("a component of more than 32 bits")),
        }
    }

    #[cold]
    fn wrong(&self, what: &'static str) -> Error {
        Error::inconsistent(self.at, what)
    }

    fn patterns(&mut self, runs: usize, budget: &mut Budget) -> Result<Vec<u8>> {
        let mut patterns: Vec<u8> = budget.zeroed(runs, "patterns of runs", self.at)?;
        let seen = self.lanes.fill_chains(self.tables, &mut patterns);
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

    /// The tables of the codes that are written.
    fn codes(&mut self, budget: &mut Budget) -> Result<[Option<Box<Table>>; POSITIONS]> {
        let mut tables = [const { None }; POSITIONS];
        for (table, sides) in tables.iter_mut().zip(self.codes) {
            let Some(sides) = sides else { continue };
            budget.charge(size_of::<Table>(), "tables of literals", self.at)?;
            let mut index = 0..;
            let next = |context: usize| {
                let index = index.next().expect("no end");
                self.lanes.get(self.tables[context % CONTEXTS], index) as u8
            };
            let code = Code::read(sides, next).map_err(|what| self.wrong(what))?;
            *table = Some(Table::new(&code));
        }
        Ok(tables)
    }

    /// The components of literals at `positions`, or their sums.
    fn literals(
        &mut self,
        model: &Model,
        tables: &[&Table; POSITIONS],
        positions: &[u8],
        budget: &mut Budget,
    ) -> Result<Vec<[i32; 2]>> {
        let count = positions.len();
        let mut literals: Vec<[i32; 2]> = budget.vec(1 + count + MARGIN, "literals", self.at)?;
        literals.push([0; 2]);
        if S::LANES == 4 {
            let [b, c, d] = self.further.each_ref().map(|range| 8 * range.start as u64);
            let starts = [self.raw.position() as u64, b, c, d];
            let ends = match model.right_angles {
                true => literals::read_four::<false>(self.bytes, starts, tables, positions, &mut literals),
                false => literals::read_four::<true>(self.bytes, starts, tables, positions, &mut literals),
            };
            for (range, &end) in self.further.iter().zip(&ends[1..]) {
                self.ended(end)?.finish_within(&self.bytes[..range.end], self.at, "literals")?;
            }
            self.raw = self.ended(ends[0])?;
        } else {
            let end =
                literals::read(self.bytes, self.raw.position() as u64, tables, positions, &mut literals);
            self.raw = self.ended(end)?;
            if !model.right_angles {
                add_up(&mut literals);
            }
        }
        literals.resize(1 + count + MARGIN, [0; 2]);
        Ok(literals)
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
