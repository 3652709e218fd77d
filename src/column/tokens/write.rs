//! Which tokens a layer's columns get.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::super::sharing::Interned;
use super::super::{Column, ColumnKind, Values, scalar, string};
use super::TOKENS;
use crate::encoding::entropy;
use crate::encoding::rans::{BIT, Frequencies};
use crate::stream::choose::Chooser;
use crate::stream::ints::IntEncoding;
use crate::stream::{Encoded, Links, MAX_REFERENCES, OutStream, Role};
use crate::wire::{bits, varint};

/// Picoseconds from a token to a value, more than from a present bit to one.
const EXPAND: u64 = 1_500;

/// No string.
const NONE: u32 = u32::MAX;

/// How many columns before are tried as contexts, apart from those referred to.
const CONTEXTS: usize = 12;

/// About what a reference and a listed value cost.
const REFERENCE_COST: u64 = 8 * BIT as u64;
const LISTED_COST: u64 = 10 * BIT as u64;

/// Tokens that take fewer bytes are not worth a context.
const WORTH_A_CONTEXT: usize = 12;

/// How a column is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// With tokens, if these pay; the column has this number in the layer.
    Tokens(usize),
    /// Without, its strings in the dictionary: it is a leaf of a nested property.
    Leaf,
    /// The same of the values of vertices.
    Within,
    /// Not here: its strings are not in the dictionary.
    Apart,
}

/// What a layer's properties become: the streams of a dictionary for strings, and for each column its
/// kind and streams.
pub(crate) fn write(
    columns: &[Column],
    interned: &Interned,
    ways: &[Way],
    chooser: &Chooser,
) -> (Vec<OutStream>, Vec<(ColumnKind, Vec<OutStream>)>) {
    let mut coder = Coder {
        chooser,
        for_nested: &chooser.for_nested(),
        ways,
        cells: Vec::new(),
        symbols: Vec::new(),
        numbers: vec![NONE; interned.strings.len()],
        order: Vec::new(),
    };
    let out =
        columns.iter().zip(&interned.columns).map(|(column, codes)| coder.column(column, codes.as_deref()));
    let out = out.collect();
    let strings: Vec<&[u8]> = coder.order.iter().map(|&string| interned.strings[string as usize]).collect();
    let mut dictionary = Vec::new();
    string::write_dictionary(&strings, chooser, &mut dictionary);
    (dictionary, out)
}

struct Coder<'a> {
    chooser: &'a Chooser,
    for_nested: &'a Chooser,
    ways: &'a [Way],
    /// Per column of strings, the string of every row.
    cells: Vec<Option<Vec<u32>>>,
    /// Per column its tokens.
    symbols: Vec<Option<Vec<u8>>>,
    /// Each string's number in the dictionary.
    numbers: Vec<u32>,
    /// The dictionary.
    order: Vec<u32>,
}

/// How a column is coded.
#[derive(Default)]
struct Plan {
    references: Vec<usize>,
    first: u64,
    listed: usize,
    symbols: Vec<u8>,
    /// Those listed, then the others.
    values: Vec<u64>,
}

impl Coder<'_> {
    fn column(&mut self, column: &Column, codes: Option<&[u32]>) -> (ColumnKind, Vec<OutStream>) {
        if !matches!(self.ways[self.cells.len()], Way::Tokens(_)) {
            return self.plain(column, codes);
        }
        let Some(codes) = codes else { return self.scalars(column) };
        let mut cells = vec![NONE; column.len()];
        let rows = (0..column.len()).filter(|&row| column.is_valid(row));
        rows.zip(codes).for_each(|(row, &code)| cells[row] = code);
        let plan = self.plan_strings(&cells);
        let values: Vec<u32> = plan.values.iter().map(|&value| value as u32).collect();
        let values = (!values.is_empty()).then(|| self.chooser.ints(&values));
        let streams = self.streams(&plan, values);
        self.cells.push(Some(cells));
        self.symbols.push(Some(plan.symbols));
        (ColumnKind::SharedString, streams)
    }

    /// A column without tokens.
    fn plain(&mut self, column: &Column, codes: Option<&[u32]>) -> (ColumnKind, Vec<OutStream>) {
        let way = self.ways[self.cells.len()];
        let chooser = if way == Way::Leaf { self.for_nested } else { self.chooser };
        self.cells.push(None);
        self.symbols.push(None);
        match codes {
            _ if way == Way::Apart => (ColumnKind::String, Vec::new()),
            None => scalar::write(&column.values, column.nulls.as_ref(), chooser),
            Some(codes) => {
                codes.iter().for_each(|&code| self.number(code));
                let codes: Vec<u32> = codes.iter().map(|&code| self.numbers[code as usize]).collect();
                let streams = string::write_codes(&codes, column.nulls.as_ref(), chooser);
                (ColumnKind::SharedString, streams)
            }
        }
    }

    /// The number that a column has in the layer.
    fn place(&self, column: usize) -> usize {
        match self.ways[column] {
            Way::Tokens(place) => place,
            Way::Leaf | Way::Within | Way::Apart => unreachable!("it has no tokens to refer to"),
        }
    }

    /// The streams of a column: those values that tokens do not stand for, and tokens.
    fn streams(&self, plan: &Plan, values: Option<Encoded>) -> Vec<OutStream> {
        let mut streams: Vec<OutStream> =
            values.into_iter().map(|values| OutStream::new(Role::Values, values)).collect();
        let mut payload = Vec::new();
        varint::write(&mut payload, plan.first);
        varint::write(&mut payload, plan.listed as u64);
        let (encoded, context) = self.tokens(plan);
        payload.extend_from_slice(&encoded.payload);
        let encoded = Encoded { time: encoded.time + EXPAND * plan.symbols.len() as u64, ..encoded };
        let references = plan.references.iter().map(|&column| self.place(column));
        let links = Links::new(references, context.map(|column| self.place(column)));
        let encoded = Encoded { payload, ..encoded };
        streams.push(OutStream { links, ..OutStream::new(Role::Tokens, encoded) });
        streams
    }

    /// The tokens coded by themselves, or in the context of another column's.
    fn tokens(&self, plan: &Plan) -> (Encoded, Option<usize>) {
        let wide: Vec<u32> = plan.symbols.iter().map(|&token| token.into()).collect();
        let alone = self.chooser.ints(&wide);
        if alone.payload.len() < WORTH_A_CONTEXT {
            return (alone, None);
        }
        let last = self.symbols.len().saturating_sub(CONTEXTS);
        let mut candidates: Vec<usize> =
            plan.references.iter().copied().chain(last..self.symbols.len()).collect();
        candidates.sort_unstable();
        candidates.dedup();
        let best = candidates.into_iter().filter_map(|column| {
            let contexts = self.symbols[column].as_ref()?;
            let (len, time) = entropy::symbols_price(&plan.symbols, contexts);
            Some((self.chooser.price(len + 1, time), time, column))
        });
        match best.min() {
            Some((price, time, column)) if price < self.chooser.price(alone.payload.len(), alone.time) => {
                let contexts = self.symbols[column].as_ref().expect("it was a candidate");
                let mut payload = Vec::new();
                entropy::encode_symbols(&plan.symbols, contexts, &mut payload);
                (Encoded { time, ..Encoded::new(IntEncoding::Entropy.id(), payload) }, Some(column))
            }
            _ => (alone, None),
        }
    }

    /// The columns that `cells` are most often the same as, each in the rows the ones before leave.
    fn references(&self, cells: &[u32]) -> Vec<usize> {
        let mut references = Vec::new();
        let mut left: Vec<usize> = (0..cells.len()).collect();
        let candidates: Vec<usize> = (0..self.cells.len())
            .filter(|&column| {
                let other = self.cells[column].as_ref();
                other.is_some_and(|other| other.iter().zip(cells).any(|(a, b)| a == b && *a != NONE))
            })
            .collect();
        while references.len() < MAX_REFERENCES {
            let same = |column: &usize| {
                let other = self.cells[*column].as_ref().expect("a column of strings");
                left.iter().filter(|&&row| other[row] == cells[row]).count()
            };
            let best = candidates
                .iter()
                .map(|column| (same(column), *column))
                .max_by_key(|&(same, column)| (same, !column));
            let Some((2.., best)) = best else { break };
            let other = self.cells[best].as_ref().expect("a column of strings");
            left.retain(|&row| other[row] != cells[row]);
            references.push(best);
        }
        references
    }

    fn plan_strings(&mut self, cells: &[u32]) -> Plan {
        let references = self.references(cells);
        let fewest = (0..=references.len())
            .min_by_key(|&count| (self.estimate(cells, &references[..count]), count))
            .expect("at least one");
        let references = references[..fewest].to_vec();
        let count = references.len();
        let residual = self.residual(cells, &references);
        let mut plan = Plan { references, first: self.order.len() as u64, ..Plan::default() };
        let codes = distinct(residual.iter().filter_map(|cell| cell.ok()));
        if codes.len() <= TOKENS - 3 - count {
            let all_new = codes.iter().all(|&code| self.numbers[code as usize] == NONE);
            for &code in &codes {
                self.number(code);
            }
            if !all_new {
                plan.first = 0;
                plan.listed = codes.len();
                plan.values = codes.iter().map(|&code| self.numbers[code as usize].into()).collect();
            }
            let token =
                |code| codes.iter().position(|&other| other == code).expect("one of them") + count + 3;
            plan.symbols = residual
                .iter()
                .map(|cell| cell.map_or_else(|token| token, |code| token(code) as u8))
                .collect();
            return plan;
        }
        for cell in residual {
            plan.symbols.push(match cell {
                Err(token) => token,
                Ok(code) if self.numbers[code as usize] == NONE => {
                    self.number(code);
                    count as u8 + 1
                }
                Ok(code) => {
                    plan.values.push(self.numbers[code as usize].into());
                    count as u8 + 2
                }
            });
        }
        plan
    }

    /// The number in the dictionary of `string`, which gets one if it has none.
    fn number(&mut self, string: u32) {
        let number = &mut self.numbers[string as usize];
        if *number == NONE {
            *number = self.order.len() as u32;
            self.order.push(string);
        }
    }

    /// Every row's string, or the token for what it is without one of its own.
    fn residual(&self, cells: &[u32], references: &[usize]) -> Vec<Result<u32, u8>> {
        let others: Vec<&Vec<u32>> = references
            .iter()
            .map(|&column| self.cells[column].as_ref().expect("a column of strings"))
            .collect();
        let cell = |(row, &cell): (usize, &u32)| match others.iter().position(|other| other[row] == cell) {
            Some(reference) => Err(reference as u8),
            None if cell == NONE => Err(references.len() as u8),
            None => Ok(cell),
        };
        cells.iter().enumerate().map(cell).collect()
    }

    /// About what a column costs with these references, a bit being [`BIT`].
    fn estimate(&self, cells: &[u32], references: &[usize]) -> u64 {
        let residual = self.residual(cells, references);
        let mut counts = [0; TOKENS];
        let mut own: HashMap<u32, u32, FixedState> = HashMap::default();
        for cell in &residual {
            match *cell {
                Err(token) => counts[usize::from(token)] += 1,
                Ok(code) => *own.entry(code).or_default() += 1,
            }
        }
        let mut cost = 0;
        if own.len() <= TOKENS - 3 - references.len() {
            if own.keys().any(|&code| self.numbers[code as usize] != NONE) {
                cost += LISTED_COST * own.len() as u64;
            }
            let mut own: Vec<u32> = own.into_values().collect();
            own.sort_unstable();
            counts[references.len() + 3..].iter_mut().zip(own).for_each(|(count, own)| *count = own);
        } else {
            let all: u32 = own.values().sum();
            let new = own.keys().filter(|&&code| self.numbers[code as usize] == NONE).count() as u32;
            counts[references.len() + 1] = new;
            counts[references.len() + 2] = all - new;
            cost += u64::from(BIT)
                * u64::from(all - new)
                * u64::from(bits::width(self.order.len() as u64 + u64::from(new)));
        }
        let costs = Frequencies::of_counts(&counts).costs();
        let tokens: u64 =
            counts.iter().zip(costs).map(|(&count, cost)| u64::from(count) * u64::from(cost)).sum();
        cost + tokens + REFERENCE_COST * references.len() as u64
    }

    /// A column that holds no strings: with tokens if that costs less.
    fn scalars(&mut self, column: &Column) -> (ColumnKind, Vec<OutStream>) {
        let (kind, plain) = scalar::write(&column.values, column.nulls.as_ref(), self.chooser);
        let plan = plan_scalars(column);
        let values = (!plan.values.is_empty()).then(|| match kind.is_narrow() {
            true => {
                let values: Vec<u32> = plan.values.iter().map(|&value| value as u32).collect();
                self.chooser.ints(&values)
            }
            false => self.chooser.ints(&plan.values),
        });
        let streams = self.streams(&plan, values);
        let number = self.place(self.cells.len());
        let price = |streams: &[OutStream]| {
            let mut entries = Vec::new();
            streams.iter().for_each(|stream| stream.write_entry(number, &mut entries));
            let bytes =
                entries.len() + streams.iter().map(|stream| stream.encoded.payload.len()).sum::<usize>();
            self.chooser.price(bytes, streams.iter().map(|stream| stream.encoded.time).sum())
        };
        let fits = kind != ColumnKind::Bool || plan.values.is_empty();
        self.cells.push(None);
        match fits && price(&streams) < price(&plain) {
            true => {
                self.symbols.push(Some(plan.symbols));
                (kind, streams)
            }
            false => {
                self.symbols.push(None);
                (kind, plain)
            }
        }
    }
}

/// The distinct ones of `codes`, the most frequent first, of those as frequent in the order of first use.
fn distinct<T: Copy + Eq + std::hash::Hash>(codes: impl Iterator<Item = T>) -> Vec<T> {
    let mut places: HashMap<T, usize, FixedState> = HashMap::default();
    let mut counts: Vec<(T, u32)> = Vec::new();
    for code in codes {
        let place = *places.entry(code).or_insert_with(|| {
            counts.push((code, 0));
            counts.len() - 1
        });
        counts[place].1 += 1;
    }
    counts.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    counts.into_iter().map(|(code, _)| code).collect()
}

fn plan_scalars(column: &Column) -> Plan {
    const ABSENT: u8 = 0;
    const NEXT: u8 = 2;
    const CODES: u8 = 3;
    let value = raw_values(&column.values);
    let cells = || (0..column.len()).map(|row| column.is_valid(row).then(|| value(row)));
    let codes = distinct(cells().flatten());
    let (min, max) = (codes.iter().min().copied().unwrap_or(0), codes.iter().max().copied().unwrap_or(0));
    let most = TOKENS as u64 - u64::from(CODES);
    let mut plan = Plan::default();
    if max - min < most {
        plan.first = min;
        plan.symbols = cells().map(|cell| cell.map_or(ABSENT, |value| CODES + (value - min) as u8)).collect();
    } else if codes.len() as u64 <= most {
        plan.listed = codes.len();
        let token =
            |value| codes.iter().position(|&other| other == value).expect("one of them") as u8 + CODES;
        plan.symbols = cells().map(|cell| cell.map_or(ABSENT, token)).collect();
        plan.values = codes;
    } else {
        plan.symbols = cells().map(|cell| if cell.is_some() { NEXT } else { ABSENT }).collect();
        plan.values = cells().flatten().collect();
    }
    plan
}

/// Each row's value as it is written.
fn raw_values(values: &Values) -> Box<dyn Fn(usize) -> u64 + '_> {
    use crate::wire::zigzag::encode64;
    match values {
        Values::Bool(values) => Box::new(|row| values.value(row).into()),
        Values::Int(values) | Values::SInt(values) => Box::new(|row| encode64(values[row])),
        Values::UInt(values) => Box::new(|row| values[row]),
        Values::Float(values) => Box::new(|row| values[row].to_bits().into()),
        Values::Double(values) => Box::new(|row| values[row].to_bits()),
        Values::String(_) | Values::Nested(_) => unreachable!("strings have codes, nested columns no tokens"),
    }
}
