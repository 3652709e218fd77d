//! Integers as base-128 varints, one after the other; see [`crate::wire::varint`].

use super::int::Int;
use crate::error::Result;
use crate::wire::{Reader, bits, bytes, varint};

pub(crate) fn encode<T: Int>(values: &[T], out: &mut Vec<u8>) {
    out.reserve(values.len());
    for &value in values {
        varint::write(out, value.to_u64());
    }
}

/// The number of bytes [`encode`] appends.
pub(crate) fn encoded_len<T: Int>(values: &[T]) -> usize {
    values.iter().map(|&value| varint::len_of_bits(bits::width(value.to_u64()))).sum()
}

/// Appends `count` values to `out`.
pub(crate) fn decode<T: Int>(reader: &mut Reader, count: usize, out: &mut Vec<T>) -> Result<()> {
    let start = out.len();
    out.resize(start + count, T::default());
    let mut rest = &mut out[start..];
    while !rest.is_empty() {
        // Most take one byte. What is written behind the first longer one is written over.
        if let (Some(&bytes), Some(room)) = (reader.rest().first_chunk::<8>(), rest.first_chunk_mut::<8>()) {
            *room = bytes.map(|byte| T::from_u64(byte.into()));
            let long = u64::from_le_bytes(bytes) & bytes::splat(0x80);
            let short = long.trailing_zeros() as usize / 8;
            reader.bytes(short, "varint integers")?;
            rest = &mut rest[short..];
            if short == 8 {
                continue;
            }
        }
        let value = match reader.rest().first_chunk() {
            Some(&[first @ 0x80..=0xff, second @ 1..=0x7f]) => {
                reader.bytes(2, "varint integer")?;
                u64::from(first & 0x7f) | u64::from(second) << 7
            }
            _ if T::BITS == 32 => reader.varint_u32("varint integer")?.into(),
            _ => reader.varint_u64("varint integer")?,
        };
        rest[0] = T::from_u64(value);
        rest = &mut rest[1..];
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Against the reader's varints, one by one.
        #[test]
        fn varints_are_read_as_one_by_one(
            bytes in prop::collection::vec(prop_oneof![4 => 0..4u8, 1 => any::<u8>()], 0..60),
            count in 0..50usize,
        ) {
            let mut reader = Reader::new(&bytes, 7);
            let expected: Result<Vec<u32>> = (0..count).map(|_| reader.varint_u32("varint integer")).collect();
            let mut decoding = Reader::new(&bytes, 7);
            let mut out = vec![9; 3];
            match (decode::<u32>(&mut decoding, count, &mut out), expected) {
                (Ok(()), Ok(expected)) => {
                    prop_assert_eq!(&out[3..], expected);
                    prop_assert_eq!(decoding.offset(), reader.offset());
                }
                (Err(found), Err(expected)) => {
                    prop_assert_eq!((found.kind(), found.offset()), (expected.kind(), expected.offset()));
                }
                (found, expected) => prop_assert!(false, "{found:?} {expected:?}"),
            }
        }
    }
}
