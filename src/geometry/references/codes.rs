//! Prefix codes for the bit lengths of literals: one code word for both components, which their bits follow.
//!
//! ```text
//! symbol    16 · n + m: bit lengths n and m of the components, each at most 14; 15: longer
//! word      of 1 to 12 bits, canonical: by length, then by symbol; its highest bit comes first
//! code      4 bits, 4 bits: the largest n and the largest m that occur; among the symbols of runs then, for each n
//!           and each m up to there, the length of its word, 0 if it has none
//! ```
//!
//! Words make up the whole code: every sequence of bits starts with one. A symbol alone has no bits at all.

use std::sync::LazyLock;

use super::contexts::{self, POSITIONS};
use super::known_codes::KNOWN;
use super::tables;
use crate::encoding::rans::{self, BIT};

/// The number of symbols.
pub(super) const SYMBOLS: usize = SIDE * SIDE;
const SIDE: usize = 16;

/// What stands for bit lengths from here on, which follow in 5 bits.
pub(super) const LONG: u32 = 15;
pub(super) const LONG_BITS: u32 = 5;

/// The most bits of a word.
pub(super) const LONGEST: u32 = 12;

/// How often each symbol occurs.
pub(super) type Counts = [u32; SYMBOLS];

/// The symbol of two bit lengths.
#[inline(always)]
pub(super) fn symbol(lengths: [u32; 2]) -> usize {
    SIDE * lengths[0].min(LONG) as usize + lengths[1].min(LONG) as usize
}

/// The length of the word of each symbol, 0 if it has none. A symbol alone has the length 1, and no bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Code([u8; SYMBOLS]);

impl Code {
    /// The code of a position that need not be written.
    pub(super) fn known(position: usize) -> Self {
        Self(KNOWN[position])
    }

    /// A code that suits `counts`, not all of which are 0.
    pub(super) fn of_counts(counts: &Counts) -> Self {
        let mut used: Vec<(u32, u8)> = (0..SYMBOLS)
            .filter(|&symbol| counts[symbol] > 0)
            .map(|symbol| (counts[symbol], symbol as u8))
            .collect();
        used.sort_unstable();
        let of_lengths = limited(depths(&used), limit(used.iter().map(|&(count, _)| u64::from(count)).sum()));
        let mut lengths = [0; SYMBOLS];
        let longest_first = of_lengths.iter().enumerate().rev();
        let longest_first =
            longest_first.flat_map(|(length, &count)| std::iter::repeat_n(length as u8, count));
        used.iter()
            .zip(longest_first)
            .for_each(|(&(_, symbol), length)| lengths[usize::from(symbol)] = length);
        Self(lengths)
    }

    /// What the word of each symbol costs, a bit being [`BIT`]; without one a lot.
    pub(super) fn costs(&self) -> [u32; SYMBOLS] {
        let alone = self.alone().is_some();
        self.0.map(|length| match length {
            0 => BIT * 2 * LONGEST,
            _ if alone => 0,
            _ => BIT * u32::from(length),
        })
    }

    /// How many bits the words of symbols that occur so often take; none if one of them has no word.
    pub(super) fn bits(&self, counts: &Counts) -> Option<u64> {
        let mut bits = 0;
        for (&count, &length) in counts.iter().zip(&self.0) {
            if count > 0 && length == 0 {
                return None;
            }
            bits += u64::from(count) * u64::from(length);
        }
        Some(if self.alone().is_some() { 0 } else { bits })
    }

    /// The only symbol, if there is only one.
    fn alone(&self) -> Option<usize> {
        let mut used = (0..SYMBOLS).filter(|&symbol| self.0[symbol] > 0);
        used.next().filter(|_| used.next().is_none())
    }

    /// Calls `with` for every symbol that has a word, by the length of that and then by the symbol: the symbol, the
    /// word, its first bit lowest, and its number of bits.
    pub(super) fn in_order(&self, mut with: impl FnMut(usize, u16, u32)) {
        if let Some(symbol) = self.alone() {
            return with(symbol, 0, 0);
        }
        let mut starts = [0usize; LONGEST as usize + 2];
        self.0.iter().for_each(|&length| starts[usize::from(length) + 1] += 1);
        for length in 1..starts.len() {
            starts[length] += starts[length - 1];
        }
        // Symbols by length; those without a word come first.
        let mut order = [0u8; SYMBOLS];
        let mut next = starts;
        for (symbol, &length) in (0..=u8::MAX).zip(&self.0) {
            let next = &mut next[usize::from(length)];
            order[*next] = symbol;
            *next += 1;
        }
        let mut word = 0u32;
        for length in 1..=LONGEST {
            word <<= 1;
            for &symbol in &order[starts[length as usize]..starts[length as usize + 1]] {
                with(symbol.into(), (word.reverse_bits() >> (32 - length)) as u16, length);
                word += 1;
            }
        }
    }

    /// The word of each symbol, with its number of bits.
    pub(super) fn words(&self) -> [(u16, u8); SYMBOLS] {
        let mut words = [(0, 0); SYMBOLS];
        self.in_order(|symbol, word, length| words[symbol] = (word, length as u8));
        words
    }

    /// The largest n and the largest m that occur.
    pub(super) fn sides(&self) -> [usize; 2] {
        let used = || (0..SYMBOLS).filter(|&symbol| self.0[symbol] > 0);
        let largest = |of: fn(usize) -> usize| used().map(of).max().unwrap_or_default();
        [largest(|symbol| symbol / SIDE), largest(|symbol| symbol % SIDE)]
    }

    /// The lengths of all words up to the largest n and m, with their contexts.
    pub(super) fn lengths(&self) -> impl Iterator<Item = (usize, usize)> {
        let [last_n, last_m] = self.sides();
        let places = (0..=last_n).flat_map(move |n| (0..=last_m).map(move |m| SIDE * n + m));
        places.map(|symbol| (self.context(symbol), self.0[symbol].into()))
    }

    fn context(&self, symbol: usize) -> usize {
        let left = if !symbol.is_multiple_of(SIDE) { self.0[symbol - 1] } else { 0 };
        contexts::word(left, if symbol >= SIDE { self.0[symbol - SIDE] } else { 0 })
    }

    /// About what [`Self::lengths`] cost, a bit being [`BIT`].
    fn written_cost(&self) -> u64 {
        static COSTS: LazyLock<[[u32; rans::SYMBOLS]; contexts::COUNT]> =
            LazyLock::new(|| std::array::from_fn(|context| tables::known(context).costs()));
        let lengths = self.lengths().map(|(context, length)| u64::from(COSTS[context][length])).sum::<u64>();
        lengths + u64::from(8 * BIT)
    }

    /// The code whose largest n and m are `sides`, of the lengths that `next` gives by their contexts.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn read(sides: [usize; 2], mut next: impl FnMut(usize) -> u8) -> Result<Self, &'static str> {
        let mut code = Self([0; SYMBOLS]);
        for symbol in (0..=sides[0]).flat_map(|n| (0..=sides[1]).map(move |m| SIDE * n + m)) {
            // At most 12 each, so that there is a context for the next.
            code.0[symbol] = next(code.context(symbol));
            if u32::from(code.0[symbol]) > LONGEST {
                return Err("a code word of more than 12 bits");
            }
        }
        let longest = code.0.iter().copied().max().unwrap_or_default();
        let taken: u32 = code.0.iter().filter(|&&length| length > 0).map(|&length| TOTAL >> length).sum();
        match taken == TOTAL || code.alone().is_some() && longest == 1 {
            true => Ok(code),
            false => Err("a code of literals of too few words, or too many"),
        }
    }
}

/// The number of sequences of as many bits as the longest words have.
const TOTAL: u32 = 1 << LONGEST;

/// The code of each position that is cheaper, its own or the known one, and whether it is its own.
pub(super) fn choose(counts: &[Counts; POSITIONS]) -> [(Code, bool); POSITIONS] {
    std::array::from_fn(|position| {
        let (counts, known) = (&counts[position], Code::known(position));
        let bits = known.bits(counts).expect("a word for every symbol");
        // A code of its own takes some 60 bits at least.
        if bits > 64 {
            let own = Code::of_counts(counts);
            let own_bits = own.bits(counts).expect("its own symbols") + WORTH_A_TABLE;
            if u64::from(BIT) * own_bits + own.written_cost() < u64::from(BIT) * bits {
                return (own, true);
            }
        }
        (known, false)
    })
}

/// Fewer bits are not worth the time it takes to make a table.
const WORTH_A_TABLE: u64 = 48;

/// The most bits of a word where there are so many literals: what few of them would gain by longer ones is less
/// than a decoder loses with a large table.
fn limit(literals: u64) -> u32 {
    match literals {
        0..=511 => 9,
        512..=8191 => 10,
        _ => 11,
    }
}

/// How many words of each length the best code has, of any length: Huffman's, of symbols by count, the least first.
fn depths(used: &[(u32, u8)]) -> Vec<usize> {
    let n = used.len();
    if n == 1 {
        return vec![0, 1];
    }
    // Nodes in the order in which they are joined: by weight, those joined earlier first.
    let mut weights: Vec<u64> = used.iter().map(|&(count, _)| count.into()).collect();
    let mut parents = vec![0; 2 * n - 1];
    let (mut leaf, mut inner) = (0, n);
    for node in n..2 * n - 1 {
        let mut least = || {
            let take_leaf = leaf < n && (inner == node || weights[leaf] <= weights[inner]);
            let next = if take_leaf { &mut leaf } else { &mut inner };
            *next += 1;
            *next - 1
        };
        let (a, b) = (least(), least());
        weights.push(weights[a] + weights[b]);
        (parents[a], parents[b]) = (node, node);
    }
    let mut depth = vec![0; 2 * n - 1];
    let mut counts = Vec::new();
    for node in (0..2 * n - 2).rev() {
        depth[node] = depth[parents[node]] + 1;
        if node < n {
            counts.resize(counts.len().max(depth[node] + 1), 0);
            counts[depth[node]] += 1;
        }
    }
    counts
}

/// The same without words of more than `limit` bits: those are cut off, and others made longer for them.
fn limited(mut counts: Vec<usize>, limit: u32) -> Vec<usize> {
    let limit = limit as usize;
    if counts.len() <= limit + 1 {
        return counts;
    }
    let long: usize = counts.drain(limit + 1..).sum();
    counts[limit] += long;
    let taken =
        |counts: &[usize]| (1..=limit).map(|length| counts[length] << (limit - length)).sum::<usize>();
    let mut over = taken(&counts) - (1 << limit);
    while over > 0 {
        // A word of the longest length goes to another one, which becomes two that are a bit longer.
        let length = (1..limit).rev().find(|&length| counts[length] > 0).expect("fewer words than sequences");
        counts[limit] -= 1;
        counts[length] -= 1;
        counts[length + 1] += 2;
        over -= 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn round_trip(code: &Code) {
        let lengths: Vec<(usize, usize)> = code.lengths().collect();
        let mut written = lengths.iter();
        let read = Code::read(code.sides(), |context| {
            let &(of, length) = written.next().unwrap();
            assert_eq!(of, context);
            length as u8
        });
        assert_eq!((read.as_ref(), written.next()), (Ok(code), None));
    }

    #[test]
    fn worked_example() {
        let mut counts = [0; SYMBOLS];
        for (symbol, count) in [(0x22, 8), (0x23, 2), (0x32, 3), (0x33, 1)] {
            counts[symbol] = count;
        }
        let code = Code::of_counts(&counts);
        assert_eq!([0x22, 0x23, 0x32, 0x33].map(|symbol| code.0[symbol]), [1, 3, 2, 3]);
        // 0, 110, 10 and 111, the first bit lowest.
        assert_eq!([0x22, 0x23, 0x32, 0x33].map(|symbol| code.words()[symbol].0), [0b0, 0b011, 0b01, 0b111]);
        round_trip(&code);
    }

    #[test]
    fn a_symbol_alone_and_codes_that_are_none() {
        let mut counts = [0; SYMBOLS];
        counts[0x45] = 7;
        let alone = Code::of_counts(&counts);
        assert_eq!((alone.bits(&counts), alone.words()[0x45]), (Some(0), (0, 0)));
        round_trip(&alone);
        for lengths in [vec![], vec![2], vec![1, 2], vec![1, 1, 1], vec![13, 1]] {
            let mut written = lengths.iter();
            let read = Code::read([0, 2], |_| written.next().copied().unwrap_or(0));
            assert!(read.is_err(), "{lengths:?}");
        }
    }

    #[test]
    fn known_codes_have_a_word_for_all() {
        for position in 0..POSITIONS {
            let code = Code::known(position);
            assert!(code.0.iter().all(|length| (1..=LONGEST as u8).contains(length)));
            round_trip(&code);
        }
    }

    proptest! {
        #[test]
        fn codes_are_complete_and_limited(
            counts in prop::collection::vec(prop_oneof![3 => Just(0u32), 2 => 1u32..9, 1 => 1u32..100_000], SYMBOLS),
        ) {
            let counts: Counts = counts.try_into().unwrap();
            prop_assume!(counts.iter().any(|&count| count > 0));
            round_trip(&Code::of_counts(&counts));
        }
    }
}
