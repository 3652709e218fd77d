//! The states of rANS and the words they grow by.
//!
//! ```text
//! one lane    state 2^8 … 2^16 − 1, words of one byte
//! four short  the same, four of them; value i is of lane i mod 4
//! four lanes  states 2^16 … 2^32 − 1, words of two bytes; likewise
//! end         word … word │ [state 3] [state 2] [state 1] state 0     little endian
//! ```
//!
//! Decoders read from the end: the states first, then words as they need them. That way what
//! stands before the words needs no length.

use crate::encoding::rans::{DecodeTable, EncodeTable, TOTAL_BITS};
use crate::error::{Error, Result};

/// The most contexts of [`Lanes::fill`]: a power of two, so that no place needs a check.
pub(crate) const CONTEXTS: usize = 32;

/// How many symbols need no more words than a window has: a multiple of the number of lanes.
pub(super) const GROUP: usize = 4;

/// Which shape of lanes.
pub(crate) trait Shape {
    const LANES: usize;
    const WORD_BYTES: usize;
    /// The lowest state, which is also the one that decoding ends with.
    const LOWEST: u32 = 1 << (8 * Self::WORD_BYTES);
}

#[derive(Debug)]
pub(crate) struct One;

impl Shape for One {
    const LANES: usize = 1;
    const WORD_BYTES: usize = 1;
}

#[derive(Debug)]
pub(crate) struct Short;

impl Shape for Short {
    const LANES: usize = 4;
    const WORD_BYTES: usize = 1;
}

#[derive(Debug)]
pub(crate) struct Four;

impl Shape for Four {
    const LANES: usize = 4;
    const WORD_BYTES: usize = 2;
}

/// A symbol to code: its frequency, where it starts in its table, and its lane.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item {
    pub(super) frequency: u16,
    pub(super) start: u16,
    pub(super) lane: u8,
}

impl Item {
    /// `symbol` in `table`, where it must occur.
    #[inline]
    pub(crate) fn new(table: &EncodeTable, symbol: usize, lane: u8) -> Self {
        let (frequency, start) = table.get(symbol);
        debug_assert!(frequency > 0);
        Self { frequency, start, lane }
    }
}

/// Appends the words of `items`, which are in the order in which they will be decoded.
pub(crate) fn encode<S: Shape>(items: &[Item], out: &mut Vec<u8>) {
    let mut states = [S::LOWEST; 4];
    for item in items.iter().rev() {
        let (frequency, start) = (u32::from(item.frequency), u32::from(item.start));
        let state = &mut states[usize::from(item.lane)];
        // What would grow out of the state's range gives a word off first.
        if u64::from(*state) >= u64::from(frequency) << (16 * S::WORD_BYTES as u32 - TOTAL_BITS) {
            out.extend_from_slice(&state.to_le_bytes()[..S::WORD_BYTES]);
            *state >>= 8 * S::WORD_BYTES;
        }
        *state = ((*state / frequency) << TOTAL_BITS) + *state % frequency + start;
    }
    for state in states[..S::LANES].iter().rev() {
        out.extend_from_slice(&state.to_le_bytes()[..2 * S::WORD_BYTES]);
    }
}

/// Decodes words from the end of some bytes. Words before the front read as zeros, so that loops
/// need no check; [`Lanes::finish`] tells whether that happened.
#[derive(Debug)]
pub(crate) struct Lanes<'a, S: Shape> {
    states: [u32; 4],
    words: Words<'a>,
    shape: std::marker::PhantomData<S>,
}

#[derive(Clone, Copy, Debug)]
struct Words<'a> {
    bytes: &'a [u8],
    /// The first eight of them, or as many as there are, and zeros behind.
    front: u64,
    /// The end of the words not read yet; below 0 once there were too few.
    end: usize,
}

impl<'a> Words<'a> {
    /// All of `bytes`.
    fn new(bytes: &'a [u8]) -> Self {
        let mut front = [0; 8];
        let len = bytes.len().min(8);
        front[..len].copy_from_slice(&bytes[..len]);
        Self { bytes, front: u64::from_le_bytes(front), end: bytes.len() }
    }

    /// The eight bytes before `end`, enough words for a group of symbols; zeros before the front.
    #[inline(always)]
    fn window(&self) -> u64 {
        match self.bytes.get(self.end.wrapping_sub(8)..self.end) {
            Some(bytes) => u64::from_le_bytes(bytes.try_into().expect("eight bytes")),
            // The last few words may be those of many symbols.
            None if self.end < 8 => self.front << (8 * (7 - self.end)) << 8,
            None => 0,
        }
    }

    /// The word before `end`, without moving on.
    #[inline(always)]
    fn peek<S: Shape>(&self) -> u32 {
        let word = self.bytes.get(self.end.wrapping_sub(S::WORD_BYTES)..self.end);
        match word {
            Some(&[byte]) => byte.into(),
            Some(&[low, high]) => u16::from_le_bytes([low, high]).into(),
            _ => 0,
        }
    }
}

impl<'a, S: Shape> Lanes<'a, S> {
    /// The states at the end of `bytes`, which lie at `at` in the tile.
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Result<Self> {
        let mut words = Words::new(bytes);
        let mut states = [0; 4];
        for state in &mut states[..S::LANES] {
            for _ in 0..2 {
                *state = *state << (8 * S::WORD_BYTES) | words.peek::<S>();
                words.end = words.end.wrapping_sub(S::WORD_BYTES);
            }
        }
        if states[..S::LANES].iter().any(|&state| state < S::LOWEST) {
            return Err(Error::inconsistent(at, "a state of entropy coding below the lowest"));
        }
        Ok(Self { states, words, shape: std::marker::PhantomData })
    }

    /// The next `STEPS` symbols, a multiple of [`GROUP`], `EACH` of every value, of values from a multiple of
    /// four on; `table` gives the table of each in turn, told its place and the symbol before.
    #[inline(always)]
    pub(super) fn group<'t, const STEPS: usize, const EACH: usize>(
        &mut self,
        table: impl Fn(usize, usize) -> &'t DecodeTable,
    ) -> [usize; STEPS] {
        let mut symbols = [0; STEPS];
        let mut last = 0;
        // Constant numbers of times, so that states stay in registers.
        for (number, group) in symbols.as_chunks_mut::<GROUP>().0.iter_mut().enumerate() {
            let mut window = self.words.window();
            let mut end = self.words.end;
            for (place, symbol) in (number * GROUP..).zip(group) {
                let state = &mut self.states[place / EACH % S::LANES];
                last = step::<S>(table(place, last), state, &mut window, &mut end);
                *symbol = last;
            }
            self.words.end = end;
        }
        symbols
    }

    /// The next symbol, of value `index` of the stream.
    #[inline(always)]
    pub(crate) fn get(&mut self, table: &DecodeTable, index: usize) -> usize {
        let state = &mut self.states[index % S::LANES];
        let (symbol, next) = table.step(*state);
        // Without a branch: whether a word is wanted cannot be foreseen.
        let word = self.words.peek::<S>();
        let wanted = next < S::LOWEST;
        *state = if wanted { next << (8 * S::WORD_BYTES) | word } else { next };
        self.words.end = self.words.end.wrapping_sub(usize::from(wanted) * S::WORD_BYTES);
        symbol
    }

    /// Fills `out` with the symbols of the values from 0 on, each read with the table of its context. Of
    /// several lanes the states stay in registers, and one look at the words serves four symbols.
    #[inline(always)]
    pub(crate) fn fill<const TABLES: usize>(
        &mut self,
        tables: &[&DecodeTable; TABLES],
        contexts: &[u8],
        out: &mut [u8],
    ) {
        debug_assert_eq!(contexts.len(), out.len());
        let table = |context: u8| tables[usize::from(context) % TABLES];
        let mut done = 0;
        if S::LANES == 4 {
            let (groups, _) = contexts.as_chunks::<4>();
            let mut states = self.states;
            let mut words = self.words;
            for (contexts, out) in groups.iter().zip(out.as_chunks_mut::<4>().0) {
                let mut window = words.window();
                for lane in 0..4 {
                    let table = table(contexts[lane]);
                    out[lane] = step::<S>(table, &mut states[lane], &mut window, &mut words.end) as u8;
                }
            }
            done = 4 * groups.len();
            self.states = states;
            self.words = words;
        }
        for (index, (&context, out)) in contexts.iter().zip(out).enumerate().skip(done) {
            *out = self.get(table(context), index) as u8;
        }
    }

    /// The same with one table for all.
    #[inline(always)]
    pub(crate) fn fill_of(&mut self, table: &DecodeTable, out: &mut [u8]) {
        let mut done = 0;
        if S::LANES == 4 {
            let mut states = self.states;
            let mut words = self.words;
            for out in out.as_chunks_mut::<4>().0 {
                let mut window = words.window();
                for lane in 0..4 {
                    out[lane] = step::<S>(table, &mut states[lane], &mut window, &mut words.end) as u8;
                }
                done += 4;
            }
            self.states = states;
            self.words = words;
        }
        for (index, out) in out.iter_mut().enumerate().skip(done) {
            *out = self.get(table, index) as u8;
        }
    }

    /// Fills `out` with symbols each in the context of the one before, at first 0: an equal part of them from each
    /// lane, a symbol of each part in turn. Gives all symbols joined by OR; each of them modulo 8 is a context.
    #[inline(never)]
    pub(crate) fn fill_chains(&mut self, tables: &[&DecodeTable; CONTEXTS], out: &mut [u8]) -> usize {
        let part = out.len().div_ceil(S::LANES);
        let mut seen = 0;
        let mut before = [0; 4];
        // As long as there is a symbol in each of four parts, without asking whether.
        let whole = out.len().saturating_sub(3 * part);
        let mut done = 0;
        if S::LANES == 4 && whole > 0 {
            let (first, rest) = out.split_at_mut(part);
            let (second, rest) = rest.split_at_mut(part);
            let (third, fourth) = rest.split_at_mut(part);
            let (mut states, mut words) = (self.states, self.words);
            for place in 0..whole {
                let mut window = words.window();
                for lane in 0..4 {
                    let table = tables[before[lane] % 8];
                    before[lane] = step::<S>(table, &mut states[lane], &mut window, &mut words.end);
                    seen |= before[lane];
                }
                first[place] = before[0] as u8;
                second[place] = before[1] as u8;
                third[place] = before[2] as u8;
                fourth[place] = before[3] as u8;
            }
            done = whole;
            self.states = states;
            self.words = words;
        }
        for place in done..part {
            for (lane, before) in before[..S::LANES].iter_mut().enumerate() {
                let Some(out) = out.get_mut(lane * part + place) else { continue };
                *before = self.get(tables[*before % 8], lane);
                *out = *before as u8;
                seen |= *before;
            }
        }
        seen
    }

    /// Checks that the symbols end where the words do; gives what stands before the words.
    pub(crate) fn finish(&self, at: usize) -> Result<&'a [u8]> {
        match self.words.bytes.get(..self.words.end) {
            Some(front) if self.states[..S::LANES].iter().all(|&state| state == S::LOWEST) => Ok(front),
            _ => Err(Error::inconsistent(at, "entropy-coded symbols do not end with their words")),
        }
    }
}

/// The next symbol of the lane of `state`, of `table`; the word that it may want is the highest of `window`, and
/// ends at `end`. Without a branch: whether a word is wanted cannot be foreseen.
#[inline(always)]
fn step<S: Shape>(table: &DecodeTable, state: &mut u32, window: &mut u64, end: &mut usize) -> usize {
    let (symbol, next) = table.step(*state);
    let wanted = next < S::LOWEST;
    let word = (*window >> (64 - 8 * S::WORD_BYTES)) as u32;
    *state = if wanted { next << (8 * S::WORD_BYTES) | word } else { next };
    *window = if wanted { *window << (8 * S::WORD_BYTES) } else { *window };
    *end = end.wrapping_sub(usize::from(wanted) * S::WORD_BYTES);
    symbol
}
