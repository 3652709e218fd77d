//! Range asymmetric numeral systems (rANS, J. Duda 2013): entropy coding of symbols 0..=15 with
//! static tables, one table per context.
//!
//! ```text
//! table   a bit per symbol, 16 in all: those that occur │ if two or more: 4 bits each, the weight
//! weight  0..=15 stands for 1 2 3 5 8 12 19 30 48 76 120 190 302 480 760 1200
//! ```
//!
//! Weights W become frequencies of sum 256: max(1, ⌊256 · W / ΣW⌋), and the symbol with the largest
//! one, the first of several, takes what is missing (or too much).
//!
//! With words of 16 bits, the state is 32 bits, x ≥ 2^16 (with words of a byte, half of all that, see
//! `entropy::lanes`). A symbol of frequency f that starts at c in its table turns x
//! into (x / f) · 256 + x mod f + c, after x has put out its low 16 bits if it is ≥ f · 2^24. A
//! decoder runs this backwards, from the last state to x = 2^16:
//!
//! ```text
//! slot = x mod 256;  symbol: c ≤ slot < c + f;  x = f · (x / 256) + slot − c
//! if x < 2^16:       x = x · 2^16 + the next word
//! words              u16, little endian; the first two are the state, high half first
//! ```

use crate::error::{Error, Result};
use crate::wire::bitstream::{BitReader, BitWriter};

/// The number of symbols.
pub(crate) const SYMBOLS: usize = 16;

pub(super) const TOTAL_BITS: u32 = 8;
const TOTAL: u32 = 1 << TOTAL_BITS;

const WEIGHTS: [u32; 16] = [1, 2, 3, 5, 8, 12, 19, 30, 48, 76, 120, 190, 302, 480, 760, 1200];

/// How often each symbol occurs in one context: frequencies of sum 256, or all zeros if the context
/// does not occur.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Frequencies([u16; SYMBOLS]);

impl Frequencies {
    /// The table that can be written which is closest to `counts`.
    pub(crate) fn of_counts(counts: &[u32; SYMBOLS]) -> Self {
        let most = *counts.iter().max().expect("sixteen counts");
        Self::of_weights(&counts.map(|count| match count {
            0 => 0,
            _ => WEIGHTS[nearest_weight(count, most) as usize],
        }))
    }

    fn of_weights(weights: &[u32; SYMBOLS]) -> Self {
        let sum: u32 = weights.iter().sum();
        if sum == 0 {
            return Self::default();
        }
        let mut frequencies = weights.map(|weight| match weight {
            0 => 0,
            _ => (TOTAL * weight / sum).max(1) as u16,
        });
        let largest = (0..SYMBOLS).rev().max_by_key(|&symbol| frequencies[symbol]).expect("sixteen symbols");
        let others: u16 = frequencies.iter().sum::<u16>() - frequencies[largest];
        frequencies[largest] = TOTAL as u16 - others;
        Self(frequencies)
    }

    /// Appends the table of `counts`, which must not be all zeros, and zeros from `symbols` on.
    pub(crate) fn write(counts: &[u32; SYMBOLS], symbols: usize, out: &mut BitWriter) {
        let most = *counts.iter().max().expect("sixteen counts");
        let mask = (0..SYMBOLS).map(|symbol| u32::from(counts[symbol] > 0) << symbol).sum::<u32>();
        out.put(mask, symbols as u32);
        if mask.count_ones() > 1 {
            for &count in counts.iter().filter(|&&count| count > 0) {
                out.put(nearest_weight(count, most), 4);
            }
        }
    }

    /// How many bits [`Self::write`] takes.
    pub(crate) fn written_bits(counts: &[u32; SYMBOLS], symbols: usize) -> u64 {
        let used = counts.iter().filter(|&&count| count > 0).count();
        (symbols + if used > 1 { 4 * used } else { 0 }) as u64
    }

    /// Reads a table of at most `symbols` symbols; `at` is where the tables lie in the tile.
    pub(crate) fn read(reader: &mut BitReader, symbols: usize, at: usize) -> Result<Self> {
        let mask = reader.get(symbols as u32);
        let mut weights = [0; SYMBOLS];
        for (symbol, weight) in weights.iter_mut().enumerate() {
            if mask >> symbol & 1 == 1 {
                *weight = if mask.is_power_of_two() { 1 } else { WEIGHTS[reader.get(4) as usize] };
            }
        }
        match mask {
            0 => Err(Error::inconsistent(at, "an entropy table without symbols")),
            _ => Ok(Self::of_weights(&weights)),
        }
    }

    /// The table of these frequencies, whose sum is 256.
    pub(crate) const fn known(frequencies: [u16; SYMBOLS]) -> Self {
        Self(frequencies)
    }

    /// Whether there is a symbol at all.
    pub(super) fn occurs(&self) -> bool {
        self.0 != [0; SYMBOLS]
    }

    /// The only symbol, if there is only one.
    pub(crate) fn only(&self) -> Option<usize> {
        self.0.iter().position(|&frequency| u32::from(frequency) == TOTAL)
    }

    /// Whether `symbol` occurs.
    pub(super) fn has(&self, symbol: usize) -> bool {
        self.0[symbol] > 0
    }

    /// What each symbol costs, a bit being [`BIT`]; a symbol that does not occur costs a lot.
    pub(crate) fn costs(&self) -> [u32; SYMBOLS] {
        self.0.map(|frequency| match frequency {
            0 => BIT * 14,
            _ => LOG_COST[usize::from(frequency) - 1],
        })
    }

    fn starts(&self) -> [u16; SYMBOLS] {
        let mut start = 0;
        self.0.map(|frequency| {
            start += frequency;
            start - frequency
        })
    }
}

/// The number of the weight that is nearest to count · 1200 / most in proportion. The geometric
/// means of neighbouring weights part them, compared squared, in integers.
fn nearest_weight(count: u32, most: u32) -> u32 {
    let scaled = (u128::from(count) * 1200).pow(2);
    let above = |pair: &&[u32]| scaled > u128::from(pair[0] * pair[1]) * u128::from(most).pow(2);
    WEIGHTS.windows(2).take_while(above).count() as u32
}

/// What a bit costs, where costs are compared. So fine because a long stream may have thousands of
/// symbols of a hundredth of a bit each.
pub(crate) const BIT: u32 = 256;

/// [`BIT`] · log2(256 / f), rounded, for f from 1 to 256. In integers, so that every machine chooses alike.
const LOG_COST: [u32; 256] = {
    let mut costs = [0; 256];
    let mut f = 1u32;
    while f <= 256 {
        // log2(f) in halves of that: the integer part, then a bit per squaring of what is left, in 1..2.
        let integer = f.ilog2();
        let mut rest = (f as u64) << 31 >> integer;
        let mut log: u32 = integer;
        let mut bit = 0;
        while bit < 9 {
            rest = (rest * rest) >> 31;
            log = 2 * log + (rest >> 32) as u32;
            rest = rest >> (rest >> 32);
            bit += 1;
        }
        costs[f as usize - 1] = (8 * 2 * BIT - log) / 2;
        f += 1;
    }
    costs
};

/// A table as the encoder needs it: frequency and start per symbol.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EncodeTable([(u16, u16); SYMBOLS]);

impl EncodeTable {
    pub(crate) fn new(frequencies: &Frequencies) -> Self {
        let starts = frequencies.starts();
        Self(std::array::from_fn(|symbol| (frequencies.0[symbol], starts[symbol])))
    }

    /// Frequency and start of `symbol`.
    pub(super) fn get(&self, symbol: usize) -> (u16, u16) {
        self.0[symbol]
    }
}

/// A table as the decoder needs it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DecodeTable([Slot; TOTAL as usize]);

/// A slot's symbol, how far into the symbol it lies, and the symbol's frequency.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(4))]
struct Slot {
    symbol: u8,
    place: u8,
    frequency: u16,
}

/// What a context without a table decodes to.
pub(crate) const NO_SYMBOL: usize = 255;

/// How many slots of a table are written at once.
const AT_ONCE: usize = 16;

impl DecodeTable {
    /// The table of a context that does not occur: only [`NO_SYMBOL`].
    pub(crate) const UNUSED: Self =
        Self([Slot { symbol: NO_SYMBOL as u8, place: 0, frequency: TOTAL as u16 }; TOTAL as usize]);

    /// The symbol that `state` stands for and the state behind it, which may be too low.
    #[inline(always)]
    pub(super) fn step(&self, state: u32) -> (usize, u32) {
        let slot = &self.0[(state & (TOTAL - 1)) as usize];
        let next =
            u32::from(slot.frequency).wrapping_mul(state >> TOTAL_BITS).wrapping_add(slot.place.into());
        (slot.symbol.into(), next)
    }

    pub(crate) fn new(frequencies: &Frequencies) -> Self {
        let mut table = Self::UNUSED;
        let mut start = 0;
        for (symbol, &frequency) in (0u8..).zip(&frequencies.0).filter(|&(_, &frequency)| frequency > 0) {
            let slot = |place: usize| Slot { symbol, place: place as u8, frequency };
            let end = start + usize::from(frequency);
            // Many at once: what is too much is written over.
            for first in (start..end).step_by(AT_ONCE) {
                match table.0[first..].first_chunk_mut::<AT_ONCE>() {
                    Some(some) => *some = std::array::from_fn(|place| slot(first - start + place)),
                    None => (first..end).for_each(|place| table.0[place] = slot(place - start)),
                }
            }
            start = end;
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_rounded_logarithms() {
        for f in 1..=256 {
            let exact = f64::from(BIT) * (256.0 / f64::from(f)).log2();
            assert!((f64::from(LOG_COST[f as usize - 1]) - exact).abs() <= 0.55, "{f}");
        }
    }

    #[test]
    fn frequencies_add_up() {
        let tables = [[1; 16], std::array::from_fn(|symbol| 1 << symbol), {
            let mut counts = [1; 16];
            counts[3] = u32::MAX;
            counts
        }];
        for counts in tables {
            let frequencies = Frequencies::of_counts(&counts);
            assert_eq!(frequencies.0.iter().map(|&frequency| u32::from(frequency)).sum::<u32>(), TOTAL);
            assert!(frequencies.0.iter().all(|&frequency| frequency > 0));
        }
    }
}
