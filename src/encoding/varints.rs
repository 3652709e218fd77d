//! Integers as base-128 varints, one after the other; see [`crate::wire::varint`].

use super::int::Int;
use crate::error::Result;
use crate::wire::{Reader, bits, eight, varint};

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
            let long = u64::from_le_bytes(bytes) & eight::ONES << 7;
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
