//! Patched bit-packing (PFOR, in the spirit of FastPFOR): each block of 128 values has a width of
//! its own, and the values that are wider, the exceptions, keep the rest of their bits apart.
//!
//! ```text
//! block   │ level 0: all values │ level 1: its exceptions │ level 2: the exceptions of level 1
//!
//! level   │ 1 byte: width in bits 0..=6, bit 7 set if exceptions follow
//!         │ the low `width` bits of each value
//! if set  │ 1 bit per value, set for an exception; padded with zeros to whole bytes
//! ```
//!
//! The values of level 0 are packed as `packed` does, the others as one sequence of bits. What an
//! exception has above the width of its level, less one since it cannot be zero, is its value in
//! the next level: v = low + (next + 1)·2^width, modulo 2^32 (or 2^64). Level 2 has no exceptions.
//! The widths of the levels add up to at most 32 (or 64), and to less where exceptions follow. The
//! last block holds what is left of the values.

mod plan;

use self::plan::{LEVELS, Plan, Planner, packed_len};
use super::packed::{self, BLOCK, Word};
use crate::error::{Error, Result};
use crate::wire::Reader;

/// Set in the header of a level that has exceptions.
const PATCHED: u8 = 0x80;

/// How many levels may have exceptions.
const PATCHES: usize = LEVELS - 1;

/// Appends `values`.
pub(crate) fn encode(values: &[u32], out: &mut Vec<u8>) {
    encode_words(values, out);
}

/// Appends `values`.
pub(crate) fn encode64(values: &[u64], out: &mut Vec<u8>) {
    encode_words(values, out);
}

/// The number of bytes [`encode`] appends.
pub(crate) fn encoded_len(values: &[u32]) -> usize {
    encoded_words_len(values)
}

/// The number of bytes [`encode64`] appends.
pub(crate) fn encoded_len64(values: &[u64]) -> usize {
    encoded_words_len(values)
}

/// Appends `count` values to `out`, whose capacity the caller has charged.
///
/// # Errors
/// Inconsistent if a width or the mask of the exceptions is out of range; truncated if the bytes
/// end before the values do.
pub(crate) fn decode(reader: &mut Reader, count: usize, out: &mut Vec<u32>) -> Result<()> {
    decode_words(reader, count, out)
}

/// Appends `count` values to `out`, whose capacity the caller has charged.
///
/// # Errors
/// As [`decode`].
pub(crate) fn decode64(reader: &mut Reader, count: usize, out: &mut Vec<u64>) -> Result<()> {
    decode_words(reader, count, out)
}

fn encoded_words_len<T: Word>(values: &[T]) -> usize {
    let mut planner = Planner::new();
    values.chunks(BLOCK).map(|block| planner.plan(block).len).sum()
}

fn encode_words<T: Word>(values: &[T], out: &mut Vec<u8>) {
    let mut planner = Planner::new();
    for block in values.chunks(BLOCK) {
        let Plan { levels, widths, .. } = planner.plan(block);
        out.push(header(widths[0], levels > 1));
        T::pack(block, widths[0], out);
        let mut buffer = [T::default(); BLOCK];
        buffer[..block.len()].copy_from_slice(block);
        let mut count = block.len();
        for index in 1..levels {
            count = part(&mut buffer, count, widths[index - 1], out);
            out.push(header(widths[index], index + 1 < levels));
            packed::pack_sequence(&buffer[..count], widths[index], out);
        }
    }
}

fn header(width: u32, patched: bool) -> u8 {
    width as u8 | if patched { PATCHED } else { 0 }
}

/// Appends the mask of those of the first `count` values that are wider than `width`, replaces the
/// values by what these have in the next level, and returns how many they are.
fn part<T: Word>(values: &mut [T; BLOCK], count: usize, width: u32, out: &mut Vec<u8>) -> usize {
    let (mut mask, mut next) = (0u128, 0);
    for index in 0..count {
        let high = values[index].into() >> width;
        values[next] = T::truncate(high.wrapping_sub(1));
        mask |= u128::from(high > 0) << index;
        next += usize::from(high > 0);
    }
    out.extend_from_slice(&mask.to_le_bytes()[..packed_len(count, 1)]);
    next
}

fn decode_words<T: Word>(reader: &mut Reader, count: usize, out: &mut Vec<T>) -> Result<()> {
    // Blocks are put together where they stay in the cache, and written out once.
    let (mut block, mut scratch) = ([T::default(); BLOCK], [[T::default(); BLOCK]; PATCHES]);
    for _ in 0..count / BLOCK {
        decode_block(reader, BLOCK, &mut block, &mut scratch)?;
        out.extend_from_slice(&block);
    }
    let rest = count % BLOCK;
    if rest > 0 {
        decode_block(reader, rest, &mut block, &mut scratch)?;
        out.extend_from_slice(&block[..rest]);
    }
    Ok(())
}

/// Reads the first `count` values of `block`.
fn decode_block<T: Word>(
    reader: &mut Reader,
    count: usize,
    block: &mut [T; BLOCK],
    [first, second]: &mut [[T; BLOCK]; PATCHES],
) -> Result<()> {
    let (width, patched) = read_header::<T>(reader, 0)?;
    T::unpack(reader.bytes(packed_len(count, width), "patched block")?, width, &mut block[..count]);
    if !patched {
        return Ok(());
    }
    let mask = read_mask(reader, count)?;
    let count = mask.count_ones() as usize;
    let (first_width, patched) = read_header::<T>(reader, width)?;
    read_level(reader, first_width, count, first)?;
    if patched {
        let mask = read_mask(reader, count)?;
        let count = mask.count_ones() as usize;
        let at = reader.offset();
        let (second_width, patched) = read_header::<T>(reader, width + first_width)?;
        if patched {
            return Err(Error::inconsistent(at, "patched block: more than three levels"));
        }
        read_level(reader, second_width, count, second)?;
        patch(first, first_width, mask, second);
    }
    patch(block, width, mask, first);
    Ok(())
}

/// The width of a level above `shift` bits, and whether it has exceptions.
fn read_header<T: Word>(reader: &mut Reader, shift: u32) -> Result<(u32, bool)> {
    let (at, byte) = (reader.offset(), reader.u8("patched block")?);
    let (width, patched) = (u32::from(byte & !PATCHED), byte & PATCHED != 0);
    if shift + width + u32::from(patched) > T::BITS {
        return Err(Error::inconsistent(
            at,
            format!("patched block: a level of {width} bits above {shift}, of {}", T::BITS),
        ));
    }
    Ok((width, patched))
}

/// The mask of the exceptions among `count` values.
fn read_mask(reader: &mut Reader, count: usize) -> Result<u128> {
    let at = reader.offset();
    let bytes = reader.bytes(packed_len(count, 1), "mask of exceptions")?;
    let mask = match bytes.try_into() {
        Ok(bytes) => u128::from_le_bytes(bytes),
        Err(_) => bytes.iter().rev().fold(0, |mask, &byte| mask << 8 | u128::from(byte)),
    };
    if mask.checked_shr(count as u32).unwrap_or(0) != 0 {
        return Err(Error::inconsistent(at, format!("mask of exceptions: more than {count} values")));
    }
    Ok(mask)
}

/// Reads the low bits of the `count` values of a level above the first.
fn read_level<T: Word>(reader: &mut Reader, width: u32, count: usize, level: &mut [T; BLOCK]) -> Result<()> {
    // It is faster to read whole groups of values and to let windows on the bits reach past those
    // of this level; what that makes of the values behind the last one does not matter.
    let bytes = reader.rest();
    reader.bytes(packed_len(count, width), "exceptions")?;
    packed::unpack_sequence(bytes, width, &mut level[..count.next_multiple_of(8)]);
    Ok(())
}

/// Adds what lies above `width` to the values of `level` that `mask` names.
fn patch<T: Word>(level: &mut [T; BLOCK], width: u32, mask: u128, above: &[T; BLOCK]) {
    let (unit, mut next) = (1u64 << width, 0);
    for (start, half) in [(0, mask as u64), (BLOCK / 2, (mask >> 64) as u64)] {
        let mut half = half;
        while half != 0 {
            // The remainders only spare the checks of the bounds.
            let value = &mut level[(start + half.trailing_zeros() as usize) % BLOCK];
            let high = above[next % BLOCK].into().wrapping_add(1).wrapping_mul(unit);
            *value = T::truncate((*value).into().wrapping_add(high));
            half &= half - 1;
            next += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::plan::tests::skewed;
    use super::*;
    use crate::error::ErrorKind;

    fn check32(values: &[u32]) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode(values, &mut bytes);
        assert_eq!(bytes.len(), encoded_len(values));
        let (mut reader, mut back) = (Reader::new(&bytes, 0), vec![1]);
        decode(&mut reader, values.len(), &mut back).unwrap();
        reader.finish("test").unwrap();
        assert_eq!(back[1..], *values);
        let widened: Vec<u64> = values.iter().map(|&value| value.into()).collect();
        assert_eq!(encoded_len64(&widened), bytes.len());
        bytes
    }

    fn check64(values: &[u64]) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode64(values, &mut bytes);
        assert_eq!(bytes.len(), encoded_len64(values));
        let (mut reader, mut back) = (Reader::new(&bytes, 0), vec![1]);
        decode64(&mut reader, values.len(), &mut back).unwrap();
        reader.finish("test").unwrap();
        assert_eq!(back[1..], *values);
        bytes
    }

    #[test]
    fn widths_and_lengths() {
        for count in [0, 1, 127, 128, 129, 1000] {
            for width in 0..=64u32 {
                for every in [1, 2, 9, 100] {
                    let mask = u64::MAX.checked_shr(64 - width).unwrap_or(0);
                    let values: Vec<u64> = (0..count as u64)
                        .map(|i| {
                            i.wrapping_mul(0x9e37_79b9_7f4a_7c15) & if i % every == 0 { mask } else { 3 }
                        })
                        .collect();
                    check64(&values);
                    if width <= 32 {
                        check32(&values.iter().map(|&value| value as u32).collect::<Vec<_>>());
                    }
                }
            }
        }
        check32(&[u32::MAX; 300]);
        check64(&[u64::MAX; 300]);
        check64(&[0, 1, u64::MAX]);
    }

    #[test]
    fn the_bytes_of_a_block() {
        // 0x35b is 3 + (0xd5 + 1)·4.
        let values = [1, 2, 3, 0, 0x35b, 3, 2, 1];
        let expected = [PATCHED | 2, 0b00_11_10_01, 0b01_10_11_11, 1 << 4, 8, 0xd5];
        assert_eq!(check32(&values), expected);
        assert_eq!(check64(&values.map(u64::from)), expected);
        assert_eq!(check32(&[0; 200]), [0, 0]);
        // 3 is 1 + (0 + 1)·2, and 0x1ffff is 1 + ((0xfffd + 1) + 1)·2.
        let mut values = [1; 64];
        for index in [3, 13, 23, 33, 43, 53] {
            values[index] = 3;
        }
        values[63] = 0x1_ffff;
        let mut expected = vec![PATCHED | 1];
        expected.extend([0xff; 8]);
        expected
            .extend((1u64 << 3 | 1 << 13 | 1 << 23 | 1 << 33 | 1 << 43 | 1 << 53 | 1 << 63).to_le_bytes());
        expected.extend([PATCHED, 1 << 6, 16, 0xfd, 0xff]);
        assert_eq!(check32(&values), expected);
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let refused = |bytes: &[u8], count, offset| {
            let bytes = [bytes, &[0; 100]].concat();
            let error = decode(&mut Reader::new(&bytes, 0), count, &mut Vec::new()).unwrap_err();
            assert_eq!((error.kind(), error.offset()), (ErrorKind::Inconsistent, Some(offset)), "{error}");
        };
        // Widths.
        refused(&[33], 1, 0);
        refused(&[PATCHED | 32], 1, 0);
        refused(&[PATCHED | 8, 0, 1, 25], 1, 3);
        refused(&[PATCHED | 8, 0, 1, PATCHED | 24], 1, 3);
        refused(&[PATCHED | 8, 0, 1, PATCHED | 8, 0, 1, 17], 1, 6);
        // A mask of more values than there are.
        refused(&[PATCHED, 2], 1, 1);
        refused(&[PATCHED, 1, PATCHED, 2], 7, 3);
        // A fourth level.
        refused(&[PATCHED, 1, PATCHED, 1, PATCHED], 1, 4);
    }

    #[test]
    fn sums_wrap() {
        let mut out = Vec::new();
        decode(&mut Reader::new(&[PATCHED | 8, 7, 1, 24, 0xff, 0xff, 0xff], 0), 1, &mut out).unwrap();
        assert_eq!(out, [7]);
        let mut bytes = vec![PATCHED | 1, 1, 1, 63];
        bytes.extend([0xff; 8]);
        let mut out = Vec::new();
        decode64(&mut Reader::new(&bytes, 0), 1, &mut out).unwrap();
        assert_eq!(out, [1]);
    }

    proptest! {
        #[test]
        fn round_trips_and_prefixes(values in skewed(400), cut in any::<prop::sample::Index>()) {
            let bytes = check64(&values);
            if !bytes.is_empty() {
                let prefix = &bytes[..cut.index(bytes.len())];
                let error = decode64(&mut Reader::new(prefix, 0), values.len(), &mut Vec::new()).unwrap_err();
                prop_assert_eq!(error.kind(), ErrorKind::Truncated);
            }
            let values: Vec<u32> = values.iter().map(|&value| value as u32).collect();
            let bytes = check32(&values);
            // No more than plain packing, but for the headers of the blocks.
            let widest = values.iter().map(|&value| crate::wire::bits::width(value.into())).max().unwrap_or(0);
            prop_assert!(bytes.len() <= packed::len32(values.len(), widest) + values.len().div_ceil(BLOCK));
        }

        #[test]
        fn random_bytes_never_panic(
            mut bytes in prop::collection::vec(any::<u8>(), 1..600),
            width in 0u8..70,
            count in 0usize..300,
        ) {
            let _ = decode64(&mut Reader::new(&bytes, 0), count, &mut Vec::new());
            bytes[0] = PATCHED | width;
            for byte in bytes.iter_mut().skip(1).step_by(3) {
                *byte &= 0x8f;
            }
            let mut out = Vec::new();
            if decode(&mut Reader::new(&bytes, 0), count, &mut out).is_ok() {
                prop_assert_eq!(out.len(), count);
            }
        }
    }
}
