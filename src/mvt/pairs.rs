//! Two varints at a time: a vertex is two of them, and so is a tag.
//!
//! Both integers lie in one `u64` of two 32-bit lanes, the first in the lower half. Eight bytes of
//! the tile are loaded at once, and the seven-bit groups of both varints are moved together by the
//! same shifts, without a branch on their lengths, which in vertices no processor can foretell:
//!
//! ```text
//! bytes   1aaaaaaa 0bbbbbbb 0ccccccc …     two varints, of two bytes and of one
//! lanes   00000000 00000000 00bbbbbb baaaaaaa | 00000000 00000000 00000000 0ccccccc
//! ```
//!
//! Integers of more than 28 bits (five bytes and more) are left to the caller.

const CONTINUE: u64 = 0x8080_8080_8080_8080;

/// The two varints at the start of the window and the bytes they take; none if they do not both end
/// within it, or one has more than 28 bits or six bytes. (A fifth byte without bits does no harm.)
#[inline]
pub(super) fn decode(window: [u8; 8]) -> Option<(u64, usize)> {
    let window = u64::from_le_bytes(window);
    let ends = !window & CONTINUE;
    let later_ends = ends & ends.wrapping_sub(1);
    // `x ^ (x - 1)` is all bits up to the lowest one of `x`. Both ends must be there, the first
    // within the lower half.
    let low = window & (ends ^ ends.wrapping_sub(1));
    let high = (window & (later_ends ^ later_ends.wrapping_sub(1))) >> ((ends.trailing_zeros() + 1) & 63);
    if later_ends == 0 || (low | high) >> 32 != 0 {
        return None;
    }
    let groups = (low | high << 32) & !CONTINUE;
    let pairs = (groups & 0x007f_007f_007f_007f) | ((groups >> 1) & 0x3f80_3f80_3f80_3f80);
    let lanes = (pairs & 0x0000_3fff_0000_3fff) | ((pairs >> 2) & 0x0fff_c000_0fff_c000);
    Some((lanes, (later_ends.trailing_zeros() as usize + 1) / 8))
}

/// The bytes of both varints, padded with zeros, and how many they are; none if one is longer than
/// four bytes.
#[inline]
pub(super) fn encode(lanes: u64) -> Option<([u8; 8], usize)> {
    if lanes & 0xf000_0000_f000_0000 != 0 {
        return None;
    }
    let pairs = (lanes & 0x0000_3fff_0000_3fff) | ((lanes & 0x0fff_c000_0fff_c000) << 2);
    let groups = (pairs & 0x007f_007f_007f_007f) | ((pairs & 0x3f80_3f80_3f80_3f80) << 1);
    // A byte goes on if one above it in its lane is not zero; no sum here exceeds its byte.
    let above = (groups >> 8) & 0x00ff_ffff_00ff_ffff
        | (groups >> 16) & 0x0000_ffff_0000_ffff
        | (groups >> 24) & 0x0000_00ff_0000_00ff;
    let bytes = groups | (above + !CONTINUE) & CONTINUE;
    let (first, second) = (bits(groups as u32), bits((groups >> 32) as u32));
    let window = bytes & u64::from(u32::MAX) | (bytes >> 32) << first;
    Some((window.to_le_bytes(), (first + second) as usize / 8))
}

/// The bits that the groups of seven bits in bytes take, in whole bytes: at least one.
#[inline]
fn bits(groups: u32) -> u32 {
    ((groups | 1).ilog2() | 7) + 1
}

/// Both lanes from zigzag to two's complement.
#[inline]
pub(super) fn unzigzag(lanes: u64) -> u64 {
    let signs = (lanes & 0x0000_0001_0000_0001) * 0xffff_ffff;
    ((lanes >> 1) & 0x7fff_ffff_7fff_ffff) ^ signs
}

/// The pair of lanes that holds `first` and `second`.
#[inline]
pub(super) fn lanes(first: u32, second: u32) -> u64 {
    u64::from(first) | u64::from(second) << 32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::{varint, zigzag};

    fn any_width() -> impl Strategy<Value = u32> {
        (any::<u32>(), 0..32u32).prop_map(|(value, shift)| value >> shift)
    }

    proptest! {
        #[test]
        fn as_one_by_one(first in any_width(), second in any_width(), behind in any::<[u8; 8]>()) {
            let mut bytes = Vec::new();
            varint::write(&mut bytes, u64::from(first));
            varint::write(&mut bytes, u64::from(second));
            let len = bytes.len();
            let short = varint::len(u64::from(first)) <= 4 && varint::len(u64::from(second)) <= 4;
            let expected = short.then(|| {
                let mut window = [0; 8];
                window[..len].copy_from_slice(&bytes);
                (window, len)
            });
            prop_assert_eq!(encode(lanes(first, second)), expected);
            bytes.extend(behind);
            let window = bytes[..8].try_into().unwrap();
            prop_assert_eq!(decode(window), short.then(|| (lanes(first, second), len)));
            let (x, y) = (zigzag::decode32(first), zigzag::decode32(second));
            prop_assert_eq!(unzigzag(lanes(first, second)), lanes(x as u32, y as u32));
        }

        #[test]
        fn any_window(window in any::<[u8; 8]>()) {
            let naive = varint::read(&window, 64).ok().and_then(|(first, len)| {
                let (second, more) = varint::read(&window[len..], 64).ok()?;
                let short = |value, len| len <= 5 && value < 1 << 28;
                let both = short(first, len) && short(second, more);
                both.then(|| (lanes(first as u32, second as u32), len + more))
            });
            prop_assert_eq!(decode(window), naive);
        }
    }

    #[test]
    fn a_fifth_byte_without_bits() {
        assert_eq!(decode([0, 0x80, 0x80, 0x80, 0x80, 0, 0, 0]), Some((0, 6)));
        assert_eq!(decode([0x81, 0x80, 0x80, 0x80, 0, 7, 0, 0]), Some((lanes(1, 7), 6)));
        assert_eq!(decode([0x80, 0x80, 0x80, 0x80, 0x80, 0, 7, 0]), None);
        assert_eq!(decode([7, 0x80, 0x80, 0x80, 0x80, 1, 0, 0]), None);
    }
}
