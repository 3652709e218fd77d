//! Bit-packing: every value in the same number of bits.
//!
//! ```text
//! u32:  block of 128 (16·width bytes) │ … │ rest of 0..=127 values (⌈rest·width / 8⌉ bytes)
//! u64:  all values, as the rest
//! ```
//!
//! *The rest* is one sequence of bits, least significant first: value i takes bits
//! i·width .. (i+1)·width, and bit b is bit b mod 8 of byte b / 8. The last byte is padded with
//! zeros.
//!
//! *A block* is four such sequences, laid side by side for registers of four words (the layout of
//! the crate bitpacking's `BitPacker4x`, and of simdcomp). Lane l holds the values l, l+4, l+8 …
//! l+124, 32 values of `width` bits and thus `width` words of 32 bits. Word k of lane l is the
//! little-endian word at byte 4·(4·k + l):
//!
//! ```text
//! byte  0        4        8        12       16       20
//!       │ lane 0 │ lane 1 │ lane 2 │ lane 3 │ lane 0 │ lane 1 │ …
//!       └────────────── word 0 ─────────────┴───── word 1 ─────
//! ```

use bitpacking::{BitPacker, BitPacker4x};

use crate::error::{Error, Result};
use crate::wire::{Reader, bits};

/// The number of u32 in a block.
pub(super) const BLOCK: usize = BitPacker4x::BLOCK_LEN;

/// A type of values that can be packed: u32 and u64.
pub(super) trait Word: Copy + Default + Into<u64> {
    const BITS: u32;

    /// The value of the low bits of `value`.
    fn truncate(value: u64) -> Self;

    /// Appends `values` in `width` bits each; higher bits are dropped.
    fn pack(values: &[Self], width: u32, out: &mut Vec<u8>);

    /// Fills `out` from the front of `bytes`, which must hold as many bytes as the values take.
    fn unpack(bytes: &[u8], width: u32, out: &mut [Self]);
}

impl Word for u32 {
    const BITS: u32 = u32::BITS;

    #[inline]
    fn truncate(value: u64) -> Self {
        value as Self
    }

    fn pack(values: &[Self], width: u32, out: &mut Vec<u8>) {
        let (blocks, rest) = values.as_chunks::<BLOCK>();
        if width > 0 && !blocks.is_empty() {
            let (packer, mask) = (BitPacker4x::new(), u32::MAX >> (32 - width));
            let mut start = out.len();
            out.resize(start + blocks.len() * len(BLOCK, width), 0);
            for block in blocks {
                start += packer.compress(&block.map(|value| value & mask), &mut out[start..], width as u8);
            }
        }
        pack_sequence(rest, width, out);
    }

    fn unpack(bytes: &[u8], width: u32, out: &mut [Self]) {
        let (blocks, rest) = out.as_chunks_mut::<BLOCK>();
        let (packer, mut start) = (BitPacker4x::new(), 0);
        for block in blocks {
            start += packer.decompress(&bytes[start..], block, width as u8);
        }
        unpack_sequence(&bytes[start..], width, rest);
    }
}

impl Word for u64 {
    const BITS: u32 = u64::BITS;

    #[inline]
    fn truncate(value: u64) -> Self {
        value
    }

    fn pack(values: &[Self], width: u32, out: &mut Vec<u8>) {
        pack_sequence(values, width, out);
    }

    fn unpack(bytes: &[u8], width: u32, out: &mut [Self]) {
        unpack_sequence(bytes, width, out);
    }
}

/// Appends `values` as one sequence of bits.
pub(super) fn pack_sequence<T: Word>(values: &[T], width: u32, out: &mut Vec<u8>) {
    bits::pack(out, values.iter().map(|&value| value.into()), width);
}

/// Fills `out` from the one sequence of bits at the front of `bytes`.
pub(super) fn unpack_sequence<T: Word>(bytes: &[u8], width: u32, out: &mut [T]) {
    // A window of 64 bits, whose first value may start at any bit of its first byte, has at least
    // 57 bits of use; eight values start at a whole byte.
    match width {
        0 => out.fill(T::default()),
        1..=8 => unpack_groups::<T, 8>(bytes, width, out),
        9..=14 => unpack_groups::<T, 4>(bytes, width, out),
        15..=28 => unpack_groups::<T, 2>(bytes, width, out),
        _ => unpack_each(bytes, 0, width, out),
    }
}

/// Takes `N` values of `width` bits from each window.
#[inline]
fn unpack_groups<T: Word, const N: usize>(bytes: &[u8], width: u32, out: &mut [T]) {
    let mask = u64::MAX >> (64 - width);
    let (groups, rest) = out.as_chunks_mut::<N>();
    let mut start = 0;
    for group in groups {
        let mut window = window(bytes, start / 8) >> (start % 8);
        for value in group {
            *value = T::truncate(window & mask);
            window >>= width;
        }
        start += N * width as usize;
    }
    unpack_each(bytes, start, width, rest);
}

/// Fills `out` from bit `start` of `bytes` on.
fn unpack_each<T: Word>(bytes: &[u8], start: usize, width: u32, out: &mut [T]) {
    for (index, value) in out.iter_mut().enumerate() {
        *value = T::truncate(bits::get(bytes, start + index * width as usize, width));
    }
}

/// The eight bytes from `start` on; those past the end are zero.
#[inline]
fn window(bytes: &[u8], start: usize) -> u64 {
    match bytes.get(start..start + 8) {
        Some(window) => u64::from_le_bytes(window.try_into().expect("eight bytes")),
        None => bits::get(bytes, 8 * start, 64),
    }
}

/// Appends `values` in `width` (at most 32) bits each; higher bits are dropped.
pub(crate) fn encode32(values: &[u32], width: u32, out: &mut Vec<u8>) {
    Word::pack(values, width, out);
}

/// Appends `values` in `width` (at most 64) bits each; higher bits are dropped.
pub(crate) fn encode64(values: &[u64], width: u32, out: &mut Vec<u8>) {
    Word::pack(values, width, out);
}

/// The number of bytes [`encode32`] appends; `usize::MAX` if there is no such number.
pub(crate) fn len32(count: usize, width: u32) -> usize {
    len(count, width)
}

/// The number of bytes [`encode64`] appends; `usize::MAX` if there is no such number.
pub(crate) fn len64(count: usize, width: u32) -> usize {
    len(count, width)
}

// A block takes whole bytes, so that blocks and rest together are as long as one sequence.
pub(super) fn len(count: usize, width: u32) -> usize {
    let bytes = (count as u128 * u128::from(width)).div_ceil(8);
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// Appends `count` values of `width` bits to `out`, whose capacity the caller has charged.
///
/// # Errors
/// Inconsistent if `width` exceeds 32; truncated if the bytes end before the values do.
pub(crate) fn decode32(reader: &mut Reader, count: usize, width: u32, out: &mut Vec<u32>) -> Result<()> {
    decode(reader, count, width, out)
}

/// Appends `count` values of `width` bits to `out`, whose capacity the caller has charged.
///
/// # Errors
/// Inconsistent if `width` exceeds 64; truncated if the bytes end before the values do.
pub(crate) fn decode64(reader: &mut Reader, count: usize, width: u32, out: &mut Vec<u64>) -> Result<()> {
    decode(reader, count, width, out)
}

fn decode<T: Word>(reader: &mut Reader, count: usize, width: u32, out: &mut Vec<T>) -> Result<()> {
    if width > T::BITS {
        return Err(Error::inconsistent(
            reader.offset(),
            format!("packed values: {width} bits each, of at most {}", T::BITS),
        ));
    }
    let bytes = reader.bytes(len(count, width), "packed values")?;
    let start = out.len();
    out.resize(start + count, T::default());
    T::unpack(bytes, width, &mut out[start..]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::ErrorKind;

    /// Value `index` of a payload, read as the doc comment of this module says.
    fn naive(bytes: &[u8], count: usize, width: u32, index: usize) -> u64 {
        let block = index / BLOCK;
        if block == count / BLOCK {
            let start = block * BLOCK * width as usize;
            return bits::get(bytes, start + index % BLOCK * width as usize, width);
        }
        let bytes = &bytes[block * 16 * width as usize..];
        let (lane, row) = (index % 4, index % BLOCK / 4);
        let lane: Vec<u8> = (0..width as usize)
            .flat_map(|word| bytes[4 * (4 * word + lane)..][..4].iter().copied())
            .collect();
        bits::get(&lane, row * width as usize, width)
    }

    fn values(count: usize) -> Vec<u64> {
        (1..=count as u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)).collect()
    }

    #[test]
    fn every_width_and_length() {
        for count in [0, 1, 127, 128, 129, 256, 1000] {
            for width in 0..=64u32 {
                let mask = u64::MAX.checked_shr(64 - width).unwrap_or(0);
                let wide = values(count);
                let mut bytes = vec![7];
                encode64(&wide, width, &mut bytes);
                assert_eq!(bytes.len(), 1 + len64(count, width));
                let mut back = vec![5];
                decode64(&mut Reader::new(&bytes[1..], 0), count, width, &mut back).unwrap();
                assert!(back[1..].iter().copied().eq(wide.iter().map(|value| value & mask)));
                if width > 32 {
                    continue;
                }

                let narrow: Vec<u32> = wide.iter().map(|&value| value as u32).collect();
                let mut bytes = vec![7];
                encode32(&narrow, width, &mut bytes);
                assert_eq!(bytes.len(), 1 + len32(count, width));
                let mut back = vec![5];
                decode32(&mut Reader::new(&bytes[1..], 0), count, width, &mut back).unwrap();
                assert!(back[1..].iter().copied().eq(narrow.iter().map(|value| value & mask as u32)));
                for (index, &value) in back[1..].iter().enumerate() {
                    assert_eq!(naive(&bytes[1..], count, width, index), u64::from(value));
                }
            }
        }
    }

    #[test]
    fn wrong_widths_and_counts_are_refused() {
        let mut reader = Reader::new(&[0; 1000], 3);
        for width in [33, 64, u32::MAX] {
            let error = decode32(&mut reader, 1, width, &mut Vec::new()).unwrap_err();
            assert_eq!((error.kind(), error.offset()), (ErrorKind::Inconsistent, Some(3)));
        }
        assert!(decode64(&mut reader, 1, 65, &mut Vec::new()).is_err());
        for count in [1001, usize::MAX / 8, usize::MAX] {
            let error = decode32(&mut reader, count, 8, &mut Vec::new()).unwrap_err();
            assert_eq!((error.kind(), error.offset()), (ErrorKind::Truncated, Some(3)));
        }
    }

    proptest! {
        #[test]
        fn random_bytes(
            bytes in prop::collection::vec(any::<u8>(), 0..600),
            count in 0usize..300,
            width in 0u32..40,
        ) {
            let mut out = Vec::with_capacity(count);
            let mut reader = Reader::new(&bytes, 0);
            if decode32(&mut reader, count, width, &mut out).is_ok() {
                prop_assert_eq!(out.len(), count);
                prop_assert_eq!(reader.offset(), len32(count, width));
                for (index, &value) in out.iter().enumerate() {
                    prop_assert_eq!(u64::from(value), naive(&bytes, count, width, index));
                }
            } else {
                prop_assert!(width > 32 || bytes.len() < len32(count, width));
            }
            let mut out = Vec::with_capacity(count);
            if decode64(&mut Reader::new(&bytes, 0), count, width, &mut out).is_ok() {
                for (index, &value) in out.iter().enumerate() {
                    prop_assert_eq!(value, bits::get(&bytes, index * width as usize, width));
                }
            }
        }
    }
}
