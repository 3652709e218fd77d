//! Patched bit-packing (PFOR, in the spirit of FastPFOR): each block of 128 values has a width of
//! its own, and the few values of the block that are wider keep their high bits elsewhere.
//!
//! ```text
//! block  │ 1 byte: width in bits 0..=6, bit 7 set if exceptions follow
//!        │ the low `width` bits of every value, packed (see `packed`)
//! if set │ 1 byte: number of exceptions, less one
//!        │ 1 byte: bits of a high part, 1 ..= 32 − width (or 64 − width)
//!        │ 1 byte each: positions within the block, increasing
//!        │ high parts, one sequence of bits
//! ```
//!
//! The last block holds what is left of the values.

use super::packed::{self, BLOCK, Word};
use crate::error::{Error, Result};
use crate::wire::{Reader, bits};

const PATCHED: u8 = 0x80;

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
    values.chunks(BLOCK).map(|block| Plan::new(block).len(block.len())).sum()
}

/// The number of bytes [`encode64`] appends.
pub(crate) fn encoded_len64(values: &[u64]) -> usize {
    values.chunks(BLOCK).map(|block| Plan::new(block).len(block.len())).sum()
}

/// Appends `count` values to `out`, whose capacity the caller has charged.
///
/// # Errors
/// Inconsistent if a width, a position or a high part is out of range; truncated if the bytes end
/// before the values do.
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

/// How a block is cut into low and high bits.
#[derive(Clone, Copy, Debug)]
struct Plan {
    width: u32,
    high: u32,
    exceptions: usize,
}

impl Plan {
    /// The plan that takes the fewest bytes, and of several the one with the fewest exceptions.
    fn new<T: Word>(block: &[T]) -> Self {
        let mut widths = [0u8; 65];
        for &value in block {
            widths[bits::width(value.into()) as usize] += 1;
        }
        let widest = widths.iter().rposition(|&count| count > 0).unwrap_or(0) as u32;
        let mut best = Self { width: widest, high: 0, exceptions: 0 };
        let (mut best_len, mut exceptions) = (best.len(block.len()), 0);
        for width in (0..widest).rev() {
            exceptions += usize::from(widths[width as usize + 1]);
            let plan = Self { width, high: widest - width, exceptions };
            let len = plan.len(block.len());
            if len < best_len {
                (best, best_len) = (plan, len);
            }
        }
        best
    }

    /// The bytes of a block of `count` values.
    fn len(&self, count: usize) -> usize {
        let exceptions = match self.exceptions {
            0 => 0,
            exceptions => 2 + exceptions + packed::len(exceptions, self.high),
        };
        1 + packed::len(count, self.width) + exceptions
    }
}

fn encode_words<T: Word>(values: &[T], out: &mut Vec<u8>) {
    for block in values.chunks(BLOCK) {
        let Plan { width, high, exceptions } = Plan::new(block);
        let header = out.len();
        out.push(width as u8);
        T::pack(block, width, out);
        if exceptions == 0 {
            continue;
        }
        out[header] |= PATCHED;
        out.extend([(exceptions - 1) as u8, high as u8]);
        let is_wide = |value: T| bits::width(value.into()) > width;
        out.extend((0u8..).zip(block).filter(|&(_, &value)| is_wide(value)).map(|(position, _)| position));
        let parts = block.iter().filter(|&&value| is_wide(value)).map(|&value| value.into() >> width);
        bits::pack(out, parts, high);
    }
}

fn decode_words<T: Word>(reader: &mut Reader, count: usize, out: &mut Vec<T>) -> Result<()> {
    let mut left = count;
    while left > 0 {
        let start = out.len();
        let (at, header) = (reader.offset(), reader.u8("patched block")?);
        let (width, len) = (u32::from(header & !PATCHED), left.min(BLOCK));
        if width > T::BITS {
            return Err(Error::inconsistent(
                at,
                format!("patched block: values of {width} bits, of at most {}", T::BITS),
            ));
        }
        T::unpack(reader.bytes(packed::len(len, width), "patched block")?, len, width, out);
        if header & PATCHED != 0 {
            patch(reader, width, &mut out[start..])?;
        }
        left -= len;
    }
    Ok(())
}

/// Adds the high parts of the exceptions to `block`.
fn patch<T: Word>(reader: &mut Reader, width: u32, block: &mut [T]) -> Result<()> {
    let exceptions = usize::from(reader.u8("number of exceptions")?) + 1;
    let (at, high) = (reader.offset(), u32::from(reader.u8("width of exceptions")?));
    if high == 0 || width + high > T::BITS {
        return Err(Error::inconsistent(
            at,
            format!("exceptions: {high} bits above {width}, of at most {}", T::BITS),
        ));
    }
    let at = reader.offset();
    let positions = reader.bytes(exceptions, "positions of exceptions")?;
    let parts = reader.bytes(packed::len(exceptions, high), "exceptions")?;
    let mut from = 0;
    for (index, &position) in positions.iter().enumerate() {
        let position = usize::from(position);
        if position < from || position >= block.len() {
            return Err(Error::inconsistent(
                at + index,
                format!("exceptions: position {position} in a block of {}, at least {from}", block.len()),
            ));
        }
        from = position + 1;
        let part = bits::get(parts, index * high as usize, high);
        block[position] = T::truncate(block[position].into() | part << width);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
    }

    #[test]
    fn the_bytes_of_a_block() {
        // Eight values of two bits, one of them with eight bits.
        let values = [1, 2, 3, 0, 0xd6, 3, 2, 1];
        let expected = [PATCHED | 2, 0b00_11_10_01, 0b01_10_11_10, 0, 6, 4, 0x35];
        assert_eq!(check32(&values), expected);
        assert_eq!(check64(&values.map(u64::from)), expected);
        assert_eq!(check32(&[0; 200]), [0, 0]);
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let refused = |bytes: &[u8], count, offset| {
            let error = decode(&mut Reader::new(bytes, 0), count, &mut Vec::new()).unwrap_err();
            assert_eq!((error.kind(), error.offset()), (ErrorKind::Inconsistent, Some(offset)), "{error}");
        };
        refused(&[33, 0, 0, 0, 0, 0], 1, 0);
        refused(&[PATCHED | 8, 0, 0, 0, 0, 0, 0], 1, 3);
        refused(&[PATCHED | 8, 0, 0, 25, 0, 0, 0], 1, 3);
        refused(&[PATCHED | 8, 0, 0, 1, 1, 1, 1], 1, 4);
        refused(&[PATCHED, 1, 1, 1, 0, 3], 2, 4);
        refused(&[PATCHED, 1, 1, 0, 0, 3], 2, 4);
        decode(&mut Reader::new(&[PATCHED, 1, 1, 0, 1, 3], 0), 2, &mut Vec::new()).unwrap();
    }

    fn skewed() -> impl Strategy<Value = Vec<u64>> {
        let value = (any::<u64>(), prop_oneof![9 => 50u32..64, 1 => 0u32..64]);
        prop::collection::vec(value.prop_map(|(value, shift)| value >> shift), 0..400)
    }

    proptest! {
        #[test]
        fn round_trips_and_prefixes(values in skewed(), cut in any::<prop::sample::Index>()) {
            let bytes = check64(&values);
            if !bytes.is_empty() {
                let prefix = &bytes[..cut.index(bytes.len())];
                let error = decode64(&mut Reader::new(prefix, 0), values.len(), &mut Vec::new()).unwrap_err();
                prop_assert_eq!(error.kind(), ErrorKind::Truncated);
            }
            let values: Vec<u32> = values.iter().map(|&value| value as u32).collect();
            let bytes = check32(&values);
            // No more than plain packing, but for the headers of the blocks.
            let widest = values.iter().map(|&value| bits::width(value.into())).max().unwrap_or(0);
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
            let mut out = Vec::new();
            if decode(&mut Reader::new(&bytes, 0), count, &mut out).is_ok() {
                prop_assert_eq!(out.len(), count);
            }
        }
    }
}
