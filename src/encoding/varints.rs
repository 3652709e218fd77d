//! Integers as base-128 varints, one after the other; see [`crate::wire::varint`].

use super::int::Int;
use crate::error::Result;
use crate::wire::{Reader, bits, varint};

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
    for _ in 0..count {
        let value = match T::BITS {
            32 => u64::from(reader.varint_u32("varint integer")?),
            _ => reader.varint_u64("varint integer")?,
        };
        out.push(T::from_u64(value));
    }
    Ok(())
}
