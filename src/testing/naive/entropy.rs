//! Integers as entropy-coded symbols.

use super::payload::{Payload, number};

const WEIGHTS: [u64; 16] = [1, 2, 3, 5, 8, 12, 19, 30, 48, 76, 120, 190, 302, 480, 760, 1200];

/// Frequencies by symbol.
type Table = Vec<u64>;

/// Bits from the front of some bytes.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, width: usize) -> Option<u64> {
        self.at += width;
        (self.at <= 8 * self.bytes.len()).then(|| number(self.bytes, self.at - width, width))
    }

    /// Skips what is left of a byte, which must be zeros; the number of bytes.
    fn end(&mut self) -> Option<usize> {
        let padding = self.at.wrapping_neg() % 8;
        (self.take(padding)? == 0).then_some(self.at / 8)
    }

    fn table(&mut self, symbols: usize) -> Option<Table> {
        let occurs: Vec<bool> =
            (0..symbols).map(|_| self.take(1).map(|bit| bit == 1)).collect::<Option<_>>()?;
        let several = occurs.iter().filter(|&&occurs| occurs).count();
        let weight =
            |bits: &mut Self| if several == 1 { Some(1) } else { Some(WEIGHTS[bits.take(4)? as usize]) };
        let weights: Vec<u64> = occurs
            .iter()
            .map(|&occurs| if occurs { weight(self) } else { Some(0) })
            .collect::<Option<_>>()?;
        let sum = weights.iter().sum::<u64>();
        if sum == 0 {
            return None;
        }
        let mut table: Table =
            weights.iter().map(|&weight| if weight == 0 { 0 } else { (256 * weight / sum).max(1) }).collect();
        let most = *table.iter().max()?;
        let largest = table.iter().position(|&frequency| frequency == most)?;
        let others: u64 = table.iter().sum::<u64>() - most;
        table[largest] = 256 - others;
        Some(table)
    }
}

/// States, and the words behind those that were read.
struct Lanes<'a> {
    states: Vec<u64>,
    words: &'a [u8],
    word: usize,
}

impl<'a> Lanes<'a> {
    fn new(four: bool, count: usize, bytes: &'a [u8]) -> Option<Self> {
        let (lanes, word) = if four { (4, if count < 2048 { 1 } else { 2 }) } else { (1, 1) };
        let (words, mut states) = bytes.split_at_checked(bytes.len().checked_sub(2 * lanes * word)?)?;
        let mut all = Vec::new();
        while !states.is_empty() {
            let (before, state) = states.split_at(states.len() - 2 * word);
            all.push(number(state, 0, 16 * word));
            states = before;
        }
        all.iter().all(|&state| state >= 1 << (8 * word)).then_some(Self { states: all, words, word })
    }

    fn symbol(&mut self, table: &Table, index: usize) -> Option<u64> {
        let lanes = self.states.len();
        let state = &mut self.states[index % lanes];
        let mut slot = *state % 256;
        for (symbol, &frequency) in table.iter().enumerate() {
            if slot < frequency {
                *state = frequency * (*state / 256) + slot;
                if *state < 1 << (8 * self.word) {
                    let (before, word) =
                        self.words.split_at_checked(self.words.len().checked_sub(self.word)?)?;
                    *state = (*state << (8 * self.word)) + number(word, 0, 8 * self.word);
                    self.words = before;
                }
                return Some(symbol as u64);
            }
            slot -= frequency;
        }
        None
    }

    /// What stands before the words, if the symbols end here.
    fn end(self) -> Option<&'a [u8]> {
        self.states.iter().all(|&state| state == 1 << (8 * self.word)).then_some(self.words)
    }
}

pub(super) fn ints(payload: &mut Payload, count: usize, width: u32) -> Option<Vec<u64>> {
    let head = payload.byte()?;
    let (form, four, preset, number) =
        (head % 4, head / 4 % 2 == 1, head / 8 % 2 == 1, usize::from(head / 16));
    if form == 3 || (form == 1 && preset) || (!preset && number > 0) {
        return None;
    }
    let mut bits = Bits { bytes: payload.0, at: 0 };
    let mut tables: Vec<Option<Table>> = vec![None; 16];
    let mut below: Vec<Option<Table>> = vec![None; 16];
    match (form, preset) {
        (_, true) => tables[0] = Some(presets(form == 2)[number].clone()),
        (1, _) => {
            for table in &mut tables {
                if bits.take(1)? == 1 {
                    *table = Some(bits.table(16)?);
                }
            }
        }
        _ => tables[0] = Some(bits.table(16)?),
    }
    if form == 2 && !preset {
        for (length, frequency) in tables[0].clone()?.into_iter().enumerate() {
            if length > 1 && frequency > 0 && bits.take(1)? == 1 {
                below[length] = Some(bits.table(2 << (length - 2).min(2))?);
            }
        }
    }
    let (_, body) = payload.0.split_at_checked(bits.end()?)?;
    payload.0 = &[];
    let mut raw = Bits { bytes: body, at: 0 };
    let mut lanes = Lanes::new(four, count, body)?;
    let mut values = Vec::new();
    for index in 0..count {
        let context = if form == 1 { values.last().map_or(0, |&value| value as usize) } else { 0 };
        let mut value = lanes.symbol(tables[context].as_ref()?, index)?;
        if form == 2 && value > 0 {
            let symbol = value as usize;
            let length = symbol + if symbol == 15 { raw.take(6)? as usize } else { 0 };
            if length > width as usize {
                return None;
            }
            let (first, known) = match &below[symbol] {
                Some(table) => (lanes.symbol(table, index)?, (symbol - 1).min(3)),
                None => (0, 0),
            };
            let rest = length - 1 - known;
            value = (((1 << known) + first) << rest) + raw.take(rest)?;
        }
        values.push(value);
    }
    let front = lanes.end()?;
    (raw.end()? == front.len()).then_some(values)
}

/// The presets, from the tables of the specification.
fn presets(of_lengths: bool) -> Vec<Table> {
    let text = include_str!("../../../spec/encodings.md");
    let (symbols, lengths) = text.rsplit_once("\nLengths:\n").expect("presets");
    let section = if of_lengths { lengths } else { symbols.rsplit_once("\nSymbols:\n").expect("presets").1 };
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2).take(16);
    let row = |line: &str| {
        line.trim_matches('|').split('|').skip(1).map(|cell| cell.trim().parse().expect("a number")).collect()
    };
    rows.map(row).collect()
}
