//! Integers in, symbols out.

use std::sync::LazyLock;

use super::lanes::{self, Four, Item, One, Short};
use super::presets::{self, COUNT};
use super::{Form, Head, LONG, LONG_BITS, MANY, SEVERAL, mantissa_bits};
use crate::encoding::int::Int;
use crate::encoding::rans::{BIT, EncodeTable, Frequencies, SYMBOLS};
use crate::wire::bits;
use crate::wire::bitstream::BitWriter;

/// How often each symbol occurs.
type Counts = [u32; SYMBOLS];

/// Decoding times in picoseconds, of one lane and of four, measured on tiles of OpenMapTiles.
mod time {
    pub(super) const SYMBOL: [u64; 2] = [4_000, 1_700];
    pub(super) const CHAINED: u64 = 6_000;
    pub(super) const NUMBER: [u64; 2] = [6_000, 3_000];
    pub(super) const WITH_MANTISSA: [u64; 2] = [10_000, 6_000];
    /// A table that is written.
    pub(super) const TABLE: u64 = 300_000;
}

/// Chains are not tried for fewer values than this: their tables cannot pay.
const FEWEST_IN_A_CHAIN: usize = 32;

/// How values are coded, and what that takes.
struct Plan {
    head: Head,
    /// The number of values.
    count: usize,
    /// As [`super::Tables::main`]; not of a preset.
    main: [Counts; SYMBOLS],
    mantissas: [Option<Counts>; SYMBOLS],
    /// A bit being [`BIT`]; without what all plans have.
    cost: u64,
}

/// The symbol of a number.
#[inline(always)]
fn length_symbol(value: u64) -> usize {
    (bits::width(value) as usize).min(LONG)
}

/// The bits of `value` below its highest that have a symbol, if its length has a table of them.
#[inline(always)]
fn mantissa(value: u64, length: usize) -> usize {
    let width = bits::width(value) - 1 - mantissa_bits(length);
    (value >> width) as usize & ((1 << mantissa_bits(length)) - 1)
}

/// What symbols cost in a table that is written with them.
fn cost(counts: &Counts, symbols: usize) -> u64 {
    u64::from(BIT) * Frequencies::written_bits(counts, symbols)
        + cost_in(counts, &Frequencies::of_counts(counts).costs())
}

fn cost_in(counts: &Counts, costs: &[u32; SYMBOLS]) -> u64 {
    counts.iter().zip(costs).map(|(&count, &cost)| u64::from(count) * u64::from(cost)).sum()
}

/// The preset in which `counts` cost least, and what they cost.
fn preset(of_lengths: bool, counts: &Counts) -> (u8, u64) {
    static COSTS: LazyLock<[[[u32; SYMBOLS]; COUNT]; 2]> = LazyLock::new(|| {
        [presets::OF_SYMBOLS, presets::OF_LENGTHS].map(|presets| presets.map(|preset| preset.costs()))
    });
    let costs = COSTS[usize::from(of_lengths)].iter().map(|costs| cost_in(counts, costs));
    (0u8..).zip(costs).min_by_key(|&(number, cost)| (cost, number)).expect("there are presets")
}

impl Plan {
    /// The cheapest; among equal ones the first of those below.
    fn new<T: Int>(values: &[T]) -> Self {
        let mut counts = [0; SYMBOLS];
        let small = values.iter().all(|value| value.to_u64() < SYMBOLS as u64);
        if small {
            values.iter().for_each(|value| counts[value.to_u64() as usize] += 1);
        } else {
            values.iter().for_each(|value| counts[length_symbol(value.to_u64())] += 1);
        }
        let form = if small { Form::Symbols } else { Form::Numbers };
        let head = |form, preset| Head { form, four_lanes: values.len() >= SEVERAL, preset };
        let (number, cost_of_preset) = preset(!small, &counts);
        let mut plan = Self {
            head: head(form, Some(number)),
            count: values.len(),
            main: [[0; SYMBOLS]; SYMBOLS],
            mantissas: [None; SYMBOLS],
            cost: cost_of_preset,
        };
        let written = cost(&counts, SYMBOLS);
        if small {
            if written < plan.cost {
                (plan.head, plan.cost) = (head(form, None), written);
                plan.main[0] = counts;
            }
            if values.len() >= FEWEST_IN_A_CHAIN {
                let chain = chain(values);
                let written = contexts_cost(&chain);
                if written < plan.cost {
                    (plan.head, plan.cost, plan.main) = (head(Form::Chain, None), written, chain);
                }
            }
            return plan;
        }
        let raw = |value: u64| {
            u64::from(match bits::width(value) {
                width @ 0..15 => width.saturating_sub(1),
                width => width - 1 + LONG_BITS,
            })
        };
        let raw: u64 = u64::from(BIT) * values.iter().map(|value| raw(value.to_u64())).sum::<u64>();
        plan.cost += raw;
        let mut cost = written + raw;
        let mut all = [[0; SYMBOLS]; SYMBOLS];
        for value in values.iter().map(|value| value.to_u64()) {
            let length = length_symbol(value);
            if length > 1 {
                all[length][mantissa(value, length)] += 1;
            }
        }
        let mut mantissas = [None; SYMBOLS];
        for length in 2..SYMBOLS {
            if counts[length] > 0 {
                cost += u64::from(BIT);
                let raw = u64::from(BIT * mantissa_bits(length)) * u64::from(counts[length]);
                let written = self::cost(&all[length], 1 << mantissa_bits(length));
                if written < raw {
                    mantissas[length] = Some(all[length]);
                    cost = cost + written - raw;
                }
            }
        }
        if cost < plan.cost {
            plan.main[0] = counts;
            (plan.head, plan.cost, plan.mantissas) = (head(form, None), cost, mantissas);
        }
        plan
    }

    /// About how many bytes the payload takes, and how many picoseconds to decode.
    fn price(&self) -> (usize, u64) {
        let lanes = usize::from(self.count >= SEVERAL);
        let mantissas = self.mantissas.iter().flatten();
        let (per_value, tables) = match self.head.form {
            Form::Symbols => (time::SYMBOL[lanes], 1),
            Form::Chain => {
                (time::CHAINED, self.main.iter().filter(|counts| **counts != [0; SYMBOLS]).count())
            }
            Form::Numbers if self.mantissas.iter().all(Option::is_none) => (time::NUMBER[lanes], 1),
            Form::Numbers => (time::WITH_MANTISSA[lanes], 1 + mantissas.count()),
            Form::Contexts => unreachable!("plans are of values without contexts"),
        };
        let tables = if self.head.preset.is_some() { 0 } else { tables as u64 };
        (1 + body_bytes(self.count, self.cost), self.count as u64 * per_value + tables * time::TABLE)
    }
}

/// The symbols of a chain by the one before.
fn chain<T: Int>(values: &[T]) -> [Counts; SYMBOLS] {
    let mut counts = [[0; SYMBOLS]; SYMBOLS];
    let mut before = 0;
    for value in values.iter().map(|value| value.to_u64() as usize) {
        counts[before][value] += 1;
        before = value;
    }
    counts
}

fn contexts_cost(counts: &[Counts; SYMBOLS]) -> u64 {
    let used = counts.iter().filter(|counts| **counts != [0; SYMBOLS]);
    u64::from(BIT) * SYMBOLS as u64 + used.map(|counts| cost(counts, SYMBOLS)).sum::<u64>()
}

/// About how many bytes symbols take that cost so much.
fn body_bytes(count: usize, cost: u64) -> usize {
    // Of each state a half is of use. Words of one byte code less exactly.
    let (states, cost) = match count {
        0..SEVERAL => (1, cost + cost / 64),
        SEVERAL..MANY => (4, cost + cost / 64),
        MANY.. => (8, cost),
    };
    states + (cost as usize).div_ceil(8 * BIT as usize)
}

/// About how many bytes [`encode`] takes for `values`, of which there is at least one, and how many picoseconds it
/// takes to decode them.
pub(crate) fn price<T: Int>(values: &[T]) -> (usize, u64) {
    Plan::new(values).price()
}

/// Appends the payload of `values`, of which there is at least one.
pub(crate) fn encode<T: Int>(values: &[T], out: &mut Vec<u8>) {
    let plan = Plan::new(values);
    out.push(plan.head.write());
    let mut raw = BitWriter::default();
    let mut items = Items::default();
    match plan.head {
        Head { form: Form::Numbers, preset, .. } => {
            let lengths = plan.write_tables(out);
            let mantissas = plan.mantissas.map(|counts| Some(table(&counts?)));
            debug_assert!(preset.is_none() || mantissas.iter().all(Option::is_none));
            for (index, value) in values.iter().map(|value| value.to_u64()).enumerate() {
                let (length, width) = (length_symbol(value), bits::width(value));
                items.put(&lengths[0], length, index);
                if length == LONG {
                    raw.put(width - LONG as u32, LONG_BITS);
                }
                let mut rest = width.saturating_sub(1);
                if let Some(table) = &mantissas[length] {
                    items.put(table, mantissa(value, length), index);
                    rest -= mantissa_bits(length);
                }
                put_wide(&mut raw, value, rest);
            }
        }
        Head { form, .. } => {
            let tables = plan.write_tables(out);
            let mut before = 0;
            for (index, value) in values.iter().map(|value| value.to_u64() as usize).enumerate() {
                items.put(&tables[before], value, index);
                before = if form == Form::Chain { value } else { 0 };
            }
        }
    }
    out.extend_from_slice(&raw.finish());
    items.finish(values.len(), out);
}

impl Plan {
    /// Appends the tables, if they are not a preset; gives those of `main`.
    fn write_tables(&self, out: &mut Vec<u8>) -> [EncodeTable; SYMBOLS] {
        if let Some(number) = self.head.preset {
            let preset = presets::get(self.head.form == Form::Numbers, number);
            return [EncodeTable::new(preset); SYMBOLS];
        }
        let mut tables = BitWriter::default();
        if self.head.form == Form::Chain {
            write_contexts(&self.main, &mut tables);
        } else {
            Frequencies::write(&self.main[0], SYMBOLS, &mut tables);
        }
        if self.head.form == Form::Numbers {
            for length in (2..SYMBOLS).filter(|&length| self.main[0][length] > 0) {
                tables.put(self.mantissas[length].is_some().into(), 1);
                if let Some(counts) = &self.mantissas[length] {
                    Frequencies::write(counts, 1 << mantissa_bits(length), &mut tables);
                }
            }
        }
        out.extend_from_slice(&tables.finish());
        self.main.map(|counts| table(&counts))
    }
}

fn write_contexts(contexts: &[Counts; SYMBOLS], out: &mut BitWriter) {
    for counts in contexts {
        let used = *counts != [0; SYMBOLS];
        out.put(used.into(), 1);
        if used {
            Frequencies::write(counts, SYMBOLS, out);
        }
    }
}

fn table(counts: &Counts) -> EncodeTable {
    EncodeTable::new(&Frequencies::of_counts(counts))
}

/// Appends the lowest `width` (at most 63) bits of `value`.
fn put_wide(out: &mut BitWriter, value: u64, width: u32) {
    let value = value & ((1 << width) - 1);
    out.put(value as u32, width.min(32));
    out.put((value >> 32) as u32, width.saturating_sub(32));
}

/// Symbols in the order in which they will be decoded.
#[derive(Default)]
struct Items(Vec<Item>);

impl Items {
    /// Appends a symbol of value `index` of the stream.
    #[inline]
    fn put(&mut self, table: &EncodeTable, symbol: usize, index: usize) {
        let (frequency, start) = table.get(symbol);
        self.0.push(Item { frequency, start, lane: (index % 4) as u8 });
    }

    /// Appends the words of `count` values.
    fn finish(mut self, count: usize, out: &mut Vec<u8>) {
        match count {
            0..SEVERAL => {
                self.0.iter_mut().for_each(|item| item.lane = 0);
                lanes::encode::<One>(&self.0, out);
            }
            SEVERAL..MANY => lanes::encode::<Short>(&self.0, out),
            MANY.. => lanes::encode::<Four>(&self.0, out),
        }
    }
}

/// The symbols of each context.
fn by_context(symbols: &[u8], contexts: &[u8]) -> [Counts; SYMBOLS] {
    let mut counts = [[0; SYMBOLS]; SYMBOLS];
    for (&symbol, &context) in symbols.iter().zip(contexts) {
        counts[usize::from(context) % SYMBOLS][usize::from(symbol) % SYMBOLS] += 1;
    }
    counts
}

/// About how many bytes [`encode_symbols`] takes, and how many picoseconds it takes to decode them.
pub(crate) fn symbols_price(symbols: &[u8], contexts: &[u8]) -> (usize, u64) {
    let counts = by_context(symbols, contexts);
    let tables = counts.iter().filter(|counts| **counts != [0; SYMBOLS]).count() as u64;
    let time =
        symbols.len() as u64 * time::SYMBOL[usize::from(symbols.len() >= SEVERAL)] + tables * time::TABLE;
    (1 + body_bytes(symbols.len(), contexts_cost(&counts)), time)
}

/// Appends `symbols`, each coded in the table of its context, as [`super::decode_symbols`] reads it.
pub(crate) fn encode_symbols(symbols: &[u8], contexts: &[u8], out: &mut Vec<u8>) {
    let counts = by_context(symbols, contexts);
    let head = Head { form: Form::Contexts, four_lanes: symbols.len() >= SEVERAL, preset: None };
    out.push(head.write());
    let mut bits = BitWriter::default();
    write_contexts(&counts, &mut bits);
    out.extend_from_slice(&bits.finish());
    let tables = counts.map(|counts| table(&counts));
    let mut items = Items::default();
    for (index, (&symbol, &context)) in symbols.iter().zip(contexts).enumerate() {
        items.put(&tables[usize::from(context)], symbol.into(), index);
    }
    items.finish(symbols.len(), out);
}
