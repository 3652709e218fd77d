//! Symbols and raw bits in, vertices out: the twin of [`super::symbols`].

use super::codes::Code;
use super::contexts::{self, DISTANCES, POSITIONS, Pattern, Position, Way};
use super::join::{MARGIN, join};
use super::literals::{self, TOO_LONG, Table};
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
    /// What raw bits, literals and symbols lie in.
    pub(super) bytes: &'a [u8],
    /// The bits that the sequences of literals start with, but for the first, which goes on behind the raw bits.
    pub(super) further: [u64; 3],
    pub(super) tables: &'a [&'a DecodeTable; CONTEXTS],
    /// The largest bit lengths in codes that are written.
    pub(super) codes: [Option<[usize; 2]>; POSITIONS],
    /// Where they lie in the tile.
    pub(super) at: usize,
}

/// What was read before the vertices are put together.
#[derive(Default)]
pub(super) struct Parts {
    /// Of each run but those at the end that are copied onwards.
    pub(super) patterns: Vec<u8>,
    /// The number of copies of each run of steps.
    pub(super) counts: Vec<u32>,
    /// Of these copies.
    pub(super) ways: Vec<u8>,
    pub(super) gaps: Vec<u32>,
    pub(super) lengths: Vec<u32>,
    /// By what they are for, one kind after the other; 0, which is none, behind them.
    pub(super) distances: Vec<u32>,
    /// Where those of each kind start.
    pub(super) starts: [usize; DISTANCES],
    /// Components by position; further ones as sums of all up to them if there are no right angles, behind [0, 0].
    /// [`MARGIN`] more are behind all of them.
    pub(super) literals: [Vec<[i32; 2]>; POSITIONS],
}

impl<'a, S: Shape> Source<'a, S> {
    /// Decodes the `count` vertices of `runs`, which are their offsets; so many of these have `patterns`, the others
    /// are copied onwards.
    pub(super) fn vertices(
        &mut self,
        model: &Model,
        patterns: usize,
        runs: &[i32],
        closed: &Closed,
        count: usize,
        budget: &mut Budget,
    ) -> Result<Vec<[i32; 2]>> {
        let mut out = budget.zeroed(count + MARGIN, "vertices", self.at)?;
        let parts = self.parts(model, patterns, runs, closed, count, budget)?;
        join(&parts, model, runs, closed, &mut out).map_err(|what| Error::inconsistent(self.at, what))?;
        out.truncate(count);
        Ok(out)
    }

    fn parts(
        &mut self,
        model: &Model,
        patterns: usize,
        runs: &[i32],
        closed: &Closed,
        count: usize,
        budget: &mut Budget,
    ) -> Result<Parts> {
        let mut parts = Parts { patterns: self.patterns(patterns, budget)?, ..Parts::default() };
        let steps = bytes::count(&parts.patterns, |pattern| pattern == Pattern::Steps as u8);
        parts.counts = self.numbers_of(steps, contexts::COPIES, budget)?;
        // Every copy is of one vertex at least. Where addresses have 32 bits, so many may not be summed up.
        let copies: u64 = parts.counts.iter().copied().map(u64::from).sum();
        if copies > count as u64 {
            return Err(self.wrong("more copies than vertices"));
        }
        let copies = copies as usize;
        parts.ways = self.symbols_of(copies, contexts::WAY, budget)?;
        if parts.ways.iter().any(|&way| way > Way::Onwards as u8) {
            return Err(self.wrong("a copy of a way that is none"));
        }
        parts.gaps = self.numbers_of(copies, contexts::GAP, budget)?;
        let mut of_lengths: Vec<u8> = budget.vec(copies, "contexts", self.at)?;
        of_lengths.extend(parts.ways.iter().map(|&way| contexts::length(way.into()) as u8));
        let mut symbols = budget.zeroed(copies, "symbols", self.at)?;
        self.lanes.fill(self.tables, &of_lengths, &mut symbols);
        parts.lengths = self.numbers(&symbols, budget)?;
        let written = Written::new(&parts, model, runs, closed).map_err(|what| self.wrong(what))?;
        self.distances(&written, &mut parts, budget)?;
        let tables = self.codes(budget)?;
        for (position, &count) in written.literals.iter().enumerate() {
            let table = tables[position].as_deref().unwrap_or(&Table::known()[position]);
            let sums = position == Position::Further as usize && !model.right_angles;
            parts.literals[position] = self.literals(table, count, sums, budget)?;
        }
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

    /// `count` symbols in the same context.
    #[inline(never)]
    fn symbols_of(&mut self, count: usize, context: usize, budget: &mut Budget) -> Result<Vec<u8>> {
        let mut symbols = budget.zeroed(count, "symbols", self.at)?;
        self.lanes.fill_of(self.tables[context % CONTEXTS], &mut symbols);
        Ok(symbols)
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

    /// So many numbers of one context.
    fn numbers_of(&mut self, count: usize, context: usize, budget: &mut Budget) -> Result<Vec<u32>> {
        let symbols = self.symbols_of(count, context, budget)?;
        self.numbers(&symbols, budget)
    }

    /// The distances of all kinds.
    fn distances(&mut self, written: &Written, parts: &mut Parts, budget: &mut Budget) -> Result<()> {
        let distances = &mut parts.distances;
        *distances = budget.vec(written.distances.iter().sum::<usize>() + 1, "distances", self.at)?;
        for (of, &count) in written.distances.iter().enumerate() {
            parts.starts[of] = distances.len();
            for symbol in self.symbols_of(count, contexts::distance(of), budget)? {
                let bits = self.bits(symbol)?;
                distances.push(1 << bits | self.raw.get(bits));
            }
        }
        distances.push(0);
        Ok(())
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

    /// The components of `count` literals, or, behind [0, 0], their sums.
    fn literals(
        &mut self,
        table: &Table,
        count: usize,
        sums: bool,
        budget: &mut Budget,
    ) -> Result<Vec<[i32; 2]>> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let mut out: Vec<[i32; 2]> = budget.vec(1 + count + MARGIN, "literals", self.at)?;
        if sums {
            out.push([0; 2]);
        }
        if S::LANES == 4 {
            let [b, c, d] = self.further;
            let starts = [self.raw.position() as u64, b, c, d];
            let [a, b, c, d] = match sums {
                false => literals::read_four::<false>(self.bytes, starts, table, count, &mut out),
                true => literals::read_four::<true>(self.bytes, starts, table, count, &mut out),
            };
            self.further = [b, c, d];
            self.raw = self.ended(a)?;
        } else {
            let end = literals::read(self.bytes, self.raw.position() as u64, table, count, &mut out);
            self.raw = self.ended(end)?;
            if sums {
                add_up(&mut out);
            }
        }
        out.resize(out.len() + MARGIN, [0; 2]);
        Ok(out)
    }

    /// Checks that the sequences of literals but for the first end where these bytes do.
    pub(super) fn finish_further(&self, ends: [usize; 3]) -> Result<()> {
        if S::LANES == 4 {
            for (&end, place) in ends.iter().zip(self.further) {
                self.ended(place)?.finish_within(&self.bytes[..end], self.at, "literals")?;
            }
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
