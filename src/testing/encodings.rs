//! Encodings by name, for benches: those that do the work of a stream and hold no others.

use crate::encoding::int::{self, Int};
use crate::encoding::{block, fsst, varints};
use crate::error::Result;
use crate::limits::Budget;
use crate::wire::{Reader, bits};

/// Twin functions between `T`s, be it values or strings, and a payload.
pub struct Codec<T, U> {
    /// What the encoding is called.
    pub name: &'static str,
    /// The payload of all these.
    pub encode: fn(&[T]) -> Vec<u8>,
    /// What a payload holds, given how many values or bytes that is.
    pub decode: fn(&[u8], usize) -> Result<Vec<U>>,
}

/// The encodings of 32-bit values.
pub fn ints32() -> [Codec<u32, u32>; 3] {
    ints()
}

/// The encodings of 64-bit values.
pub fn ints64() -> [Codec<u64, u64>; 3] {
    ints()
}

fn ints<T: Int>() -> [Codec<T, T>; 3] {
    [
        Codec {
            name: "varint",
            encode: |values| {
                let mut out = Vec::new();
                varints::encode(values, &mut out);
                out
            },
            decode: |payload, count| read(payload, count, varints::decode),
        },
        Codec {
            name: "packed",
            encode: |values| {
                let width = values.iter().map(|value| bits::width(value.to_u64())).max().unwrap_or(0);
                let mut out = vec![width as u8];
                T::encode_packed(values, width, &mut out);
                out
            },
            decode: |payload, count| {
                read(payload, count, |reader, count, out| {
                    let width = reader.u8("width")?;
                    T::decode_packed(reader, count, width.into(), out)
                })
            },
        },
        Codec {
            name: "patched",
            encode: |values| {
                let mut out = Vec::new();
                T::encode_patched(values, &mut out);
                out
            },
            decode: |payload, count| read(payload, count, T::decode_patched),
        },
    ]
}

fn read<T: Int>(
    payload: &[u8],
    count: usize,
    decode: impl FnOnce(&mut Reader, usize, &mut Vec<T>) -> Result<()>,
) -> Result<Vec<T>> {
    let mut reader = Reader::new(payload, 0);
    let mut out = Vec::new();
    int::room(&reader, count, &mut out, &mut Budget::default())?;
    decode(&mut reader, count, &mut out)?;
    Ok(out)
}

/// The encodings of the text of strings.
pub fn texts() -> [Codec<&'static [u8], u8>; 3] {
    let inflate =
        |payload: &[u8], len| block::decompress(&mut Reader::new(payload, 0), len, &mut Budget::default());
    [
        Codec {
            name: "fsst",
            encode: fsst::encode,
            decode: |payload, len| fsst::decode(&mut Reader::new(payload, 0), len, &mut Budget::default()),
        },
        Codec { name: "zstd 3", encode: |strings| block::compress(&strings.concat(), 3), decode: inflate },
        Codec { name: "zstd 19", encode: |strings| block::compress(&strings.concat(), 19), decode: inflate },
    ]
}
