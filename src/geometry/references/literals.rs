//! Literals in: code words and the bits of components, of one sequence or of four in turn.

use std::sync::LazyLock;

use super::codes::{Code, LONG, LONG_BITS, LONGEST};
use super::contexts::POSITIONS;
use crate::wire::bitstream::BitReader;

/// What the next bits are the word of: the number of bits of the word and both components (bits 0–5), of the word
/// (6–9) and of the first component (10–13), and whether a component is long (14): then the first number is that of
/// the bits of the word and both components as their lengths stand in the word.
pub(super) struct Table {
    entries: [u16; 1 << LONGEST],
    /// The bits that are looked at.
    mask: u16,
}

const IS_LONG: u16 = 1 << 14;

impl Table {
    pub(super) fn new(code: &Code) -> Box<Self> {
        let mut table = Box::new(Self { entries: [0; 1 << LONGEST], mask: 0 });
        let mut end = 1;
        let mut last = 0;
        code.in_order(|symbol, word, length| {
            // The words so far, once for each sequence of as many bits as are looked at now.
            while last < length {
                table.entries.copy_within(..end, end);
                (last, end) = (last + 1, 2 * end);
            }
            let lengths = [symbol as u16 >> 4, symbol as u16 & 15];
            let long = if lengths.contains(&(LONG as u16)) { IS_LONG } else { 0 };
            let all = length as u16 + lengths[0] + lengths[1];
            table.entries[usize::from(word)] = all | (length as u16) << 6 | lengths[0] << 10 | long;
        });
        table.mask = end as u16 - 1;
        table
    }

    /// The tables of the codes that need not be written.
    pub(super) fn known() -> &'static [Box<Self>; POSITIONS] {
        static KNOWN: LazyLock<[Box<Table>; POSITIONS]> =
            LazyLock::new(|| std::array::from_fn(|position| Table::new(&Code::known(position))));
        &KNOWN
    }
}

/// Appends the components of `count` literals, which start at bit `start` of `bytes`, and tells where they end,
/// [`TOO_LONG`] or more where a component has more than 32 bits. Behind `bytes` there are zeros.
#[inline(never)]
pub(super) fn read(bytes: &[u8], start: u64, table: &Table, count: usize, out: &mut Vec<[i32; 2]>) -> u64 {
    let mut end = start;
    out.extend((0..count).map(|_| {
        let (bits, powers) = literal(bytes, &mut end, table);
        [component(bits[0], powers[0]), component(bits[1], powers[1])]
    }));
    end
}

/// [`read`] of four sequences in turn; with `SUMS`, the sums of all components so far.
#[inline(never)]
pub(super) fn read_four<const SUMS: bool>(
    bytes: &[u8],
    starts: [u64; 4],
    table: &Table,
    count: usize,
    out: &mut Vec<[i32; 2]>,
) -> [u64; 4] {
    let [mut a, mut b, mut c, mut d] = starts;
    // By way of some on the stack, of which first the bits are found, one literal after the other, so that the ends
    // stay in registers, and then all are made components, several at a time.
    let (mut all_bits, mut all_powers) = ([[[0; 2]; 4]; GROUPS], [[[0; 2]; 4]; GROUPS]);
    let [mut x, mut y] = [0i32; 2];
    let mut left = count / 4;
    let mut put = |bits: &[[u32; 2]], powers: &[[u32; 2]]| {
        let components = bits.as_flattened().iter().zip(powers.as_flattened());
        let mut some = [[0; 2]; 4 * GROUPS];
        let some = &mut some[..bits.len()];
        for (out, (&bits, &power)) in some.as_flattened_mut().iter_mut().zip(components) {
            *out = component(bits, power);
        }
        if SUMS {
            for literal in some.iter_mut() {
                (x, y) = (x.wrapping_add(literal[0]), y.wrapping_add(literal[1]));
                *literal = [x, y];
            }
        }
        out.extend_from_slice(some);
    };
    while left > 0 {
        let groups = left.min(GROUPS);
        let (all_bits, all_powers) = (&mut all_bits[..groups], &mut all_powers[..groups]);
        for (bits, powers) in all_bits.iter_mut().zip(all_powers.iter_mut()) {
            (bits[0], powers[0]) = literal(bytes, &mut a, table);
            (bits[1], powers[1]) = literal(bytes, &mut b, table);
            (bits[2], powers[2]) = literal(bytes, &mut c, table);
            (bits[3], powers[3]) = literal(bytes, &mut d, table);
        }
        put(all_bits.as_flattened(), all_powers.as_flattened());
        left -= groups;
    }
    let mut ends = [a, b, c, d];
    for end in &mut ends[..count % 4] {
        let (bits, powers) = literal(bytes, end, table);
        put(&[bits], &[powers]);
    }
    ends
}

/// Of so many groups literals are put out at once.
const GROUPS: usize = 16;

/// A component of more than 32 bits puts the end of its sequence behind everything, for good: there is no memory for
/// so many literals that it would come round to the front again.
pub(super) const TOO_LONG: u64 = 1 << 63;

/// The next bits from the first of each component on, and two to the power of the length of each.
#[inline(always)]
fn literal(bytes: &[u8], end: &mut u64, table: &Table) -> ([u32; 2], [u32; 2]) {
    let bits = BitReader::at(bytes, usize::try_from(*end).unwrap_or(usize::MAX)).peek();
    let entry = table.entries[usize::from(bits as u16 & table.mask) % (1 << LONGEST)];
    // At most 12 and two times 14 bits lie within what one look shows.
    let all = u32::from(entry & 63);
    let (word, a) = (u32::from(entry >> 6 & 15), u32::from(entry >> 10 & 15));
    let b = all - word - a;
    if entry & IS_LONG != 0 {
        let literal;
        (literal, *end) = long(bytes, *end + u64::from(word), [a, b]);
        return literal;
    }
    *end += u64::from(all);
    let bits = bits >> word;
    ([bits as u32, (bits >> a) as u32], [1 << a, 1 << b])
}

/// [`literal`] behind a word, of which a component is long, and where it ends.
#[cold]
#[inline(never)]
fn long(bytes: &[u8], start: u64, lengths: [u32; 2]) -> (([u32; 2], [u32; 2]), u64) {
    // Behind the end there is none.
    let start = match usize::try_from(start) {
        Ok(place) if place / 8 <= bytes.len() => place,
        _ => return (([0; 2], [1; 2]), start),
    };
    let mut reader = BitReader::at(bytes, start);
    let lengths = lengths.map(|length| if length == LONG { LONG + reader.get(LONG_BITS) } else { length });
    if lengths.iter().any(|&length| length > 32) {
        return (([0; 2], [1; 2]), TOO_LONG);
    }
    let bits = lengths.map(|length| reader.get(length));
    ((bits, lengths.map(power)), reader.position() as u64)
}

/// Two to the power of `length`, or 0 if that is 32.
fn power(length: u32) -> u32 {
    (1u64 << length) as u32
}

/// The component in the lowest of `bits`, of as many as this is the [`power`] of.
#[inline(always)]
fn component(bits: u32, power: u32) -> i32 {
    let mask = power.wrapping_sub(1);
    let value = bits & mask;
    // Without a branch, which could not be foreseen: the highest bit is set in positive values only.
    let positive = ((mask >> 1).wrapping_sub(value) as i32 >> 31) as u32;
    value.wrapping_sub(mask & !positive) as i32
}

/// A component of bit length `length` as it is written.
pub(super) fn bits_of(component: i32, length: u32) -> u32 {
    let mask = ((1u64 << length) - 1) as u32;
    match component > 0 {
        true => component as u32,
        false => (component as u32).wrapping_add(mask) & mask,
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::length;
    use super::*;

    #[test]
    fn components_of_every_length() {
        for value in [0, 1, -1, 5, -8, 1 << 30, -(1 << 30), i32::MAX, i32::MIN + 1, i32::MIN] {
            let n = length(value);
            let bits = bits_of(value, n);
            assert_eq!(component(bits, power(n)), value, "{value}");
        }
    }
}
