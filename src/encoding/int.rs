//! The two integer widths that streams come in.

use std::hash::Hash;

use super::{packed, patched};
use crate::error::Result;
use crate::limits::{Budget, Scratch};
use crate::wire::{Reader, zigzag};

/// An unsigned integer of 32 or 64 bits. Signed values are streams of their zigzag form, floating
/// point values streams of their bits.
pub(crate) trait Int: Scratch + Copy + Default + Eq + Ord + Hash + bytemuck::Pod {
    const BITS: u32;

    fn to_u64(self) -> u64;

    /// The lowest bits of `value`.
    fn from_u64(value: u64) -> Self;

    fn wrapping_add(self, other: Self) -> Self;

    fn wrapping_sub(self, other: Self) -> Self;

    /// The zigzag form of the wrapping difference `self − before`.
    fn zigzag_delta(self, before: Self) -> Self;

    /// The inverse of [`Int::zigzag_delta`].
    fn undo_zigzag_delta(self, before: Self) -> Self;

    fn packed_len(count: usize, width: u32) -> usize;

    fn encode_packed(values: &[Self], width: u32, out: &mut Vec<u8>);

    fn decode_packed(reader: &mut Reader, count: usize, width: u32, out: &mut Vec<Self>) -> Result<()>;

    fn patched_len(values: &[Self]) -> usize;

    fn encode_patched(values: &[Self], out: &mut Vec<u8>);

    fn decode_patched(reader: &mut Reader, count: usize, out: &mut Vec<Self>) -> Result<()>;
}

macro_rules! int {
    ($unsigned:ty, $signed:ty, $encode_zigzag:path, $decode_zigzag:path, $packed_len:path, $encode_packed:path,
     $decode_packed:path, $patched_len:path, $encode_patched:path, $decode_patched:path) => {
        impl Int for $unsigned {
            const BITS: u32 = <$unsigned>::BITS;

            #[inline(always)]
            fn to_u64(self) -> u64 {
                self.into()
            }

            #[inline(always)]
            fn from_u64(value: u64) -> Self {
                value as Self
            }

            #[inline(always)]
            fn wrapping_add(self, other: Self) -> Self {
                <$unsigned>::wrapping_add(self, other)
            }

            #[inline(always)]
            fn wrapping_sub(self, other: Self) -> Self {
                <$unsigned>::wrapping_sub(self, other)
            }

            #[inline(always)]
            fn zigzag_delta(self, before: Self) -> Self {
                $encode_zigzag(<$unsigned>::wrapping_sub(self, before) as $signed)
            }

            #[inline(always)]
            fn undo_zigzag_delta(self, before: Self) -> Self {
                <$unsigned>::wrapping_add(before, $decode_zigzag(self) as Self)
            }

            fn packed_len(count: usize, width: u32) -> usize {
                $packed_len(count, width)
            }

            fn encode_packed(values: &[Self], width: u32, out: &mut Vec<u8>) {
                $encode_packed(values, width, out);
            }

            fn decode_packed(
                reader: &mut Reader,
                count: usize,
                width: u32,
                out: &mut Vec<Self>,
            ) -> Result<()> {
                $decode_packed(reader, count, width, out)
            }

            fn patched_len(values: &[Self]) -> usize {
                $patched_len(values)
            }

            fn encode_patched(values: &[Self], out: &mut Vec<u8>) {
                $encode_patched(values, out);
            }

            fn decode_patched(reader: &mut Reader, count: usize, out: &mut Vec<Self>) -> Result<()> {
                $decode_patched(reader, count, out)
            }
        }
    };
}

int!(
    u32,
    i32,
    zigzag::encode32,
    zigzag::decode32,
    packed::len32,
    packed::encode32,
    packed::decode32,
    patched::encoded_len,
    patched::encode,
    patched::decode
);
int!(
    u64,
    i64,
    zigzag::encode64,
    zigzag::decode64,
    packed::len64,
    packed::encode64,
    packed::decode64,
    patched::encoded_len64,
    patched::encode64,
    patched::decode64
);

/// Makes room for `count` integers in `out`, which is empty. They are charged also where there is room, so that
/// what a tile needs does not hang on what was read before it.
pub(crate) fn room<T: Int>(
    reader: &Reader,
    count: usize,
    out: &mut Vec<T>,
    budget: &mut Budget,
) -> Result<()> {
    debug_assert!(out.is_empty());
    budget.charge(count.saturating_mul(size_of::<T>()), "integers", reader.offset())?;
    if out.capacity() < count {
        *out = Vec::with_capacity(count);
    }
    Ok(())
}
