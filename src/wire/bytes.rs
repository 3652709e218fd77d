//! Bytes looked at eight or more at a time.
//!
//! With a byte's highest bit set, it can be compared with a smaller one by one subtraction for all eight. What is
//! found is 0 or 1 in each byte `a` to `h`:
//!
//! ```text
//! at_least  0h 0g 0f 0e 0d 0c 0b 0a
//! bits      hgfedcba                                                     as a bitmap has them
//! before    a+…+g  a+…+f  a+…+e  a+b+c+d  a+b+c  a+b  a  0               how many stand before each
//! ```

/// Eight bytes.
pub(crate) type Eight = [u8; 8];

/// Eight times one byte.
pub(crate) const fn splat(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// A bit per byte of `word`, the first in the lowest: whether it equals `byte`. All of them and `byte` must
/// be below 128.
#[inline(always)]
pub(crate) fn equal(word: u64, byte: u8) -> u8 {
    const HIGH: u64 = splat(0x80);
    // Of what is not 0 and below 128, adding 127 sets the highest bit, and carries nothing over.
    let differs = ((word ^ splat(byte)) + (HIGH - splat(1))) & HIGH;
    bits((differs ^ HIGH) >> 7)
}

/// For each of bytes below 128 whether it is at least `least`, which is at most 128.
#[inline]
pub(crate) fn at_least(bytes: Eight, least: u8) -> u64 {
    ((u64::from_le_bytes(bytes) | splat(0x80)) - splat(1) * u64::from(least)) >> 7 & splat(1)
}

/// For each byte whether it is zero.
#[inline]
pub(crate) fn are_zero(bytes: Eight) -> u64 {
    let word = u64::from_le_bytes(bytes);
    // Its highest bit, or one of the others, which carries into that place.
    let any = word | ((word & splat(0x7f)) + splat(0x7f));
    !any >> 7 & splat(1)
}

/// Bytes that are 0 or 1 as bits.
#[inline]
pub(crate) fn bits(bytes: u64) -> u8 {
    (bytes.wrapping_mul(0x0102_0408_1020_4080) >> 56) as u8
}

/// What `find` finds in up to 64 bytes, as bits.
#[inline]
pub(crate) fn bits_of(bytes: &[Eight], find: impl Fn(Eight) -> u64) -> u64 {
    bytes.iter().rev().fold(0, |word, &bytes| word << 8 | u64::from(bits(find(bytes))))
}

/// For each of bytes that are 0 or 1 the sum of those before it, and the sum of all.
#[inline]
pub(crate) fn before(bytes: u64) -> (Eight, usize) {
    let sums = bytes.wrapping_mul(splat(1));
    ((sums << 8).to_le_bytes(), (sums >> 56) as usize)
}

/// How many bytes of `word` stand before the first that is 0, of any bytes; 8 if none is.
#[inline(always)]
pub(crate) fn before_zero(word: u64) -> usize {
    // Of bytes below the first 0 nothing is borrowed, so the lowest bit that is left is right.
    let zeros = word.wrapping_sub(splat(1)) & !word & splat(0x80);
    zeros.trailing_zeros() as usize / 8
}

/// How many bytes are as `wanted`.
pub(crate) fn count(bytes: &[u8], wanted: impl Fn(u8) -> bool) -> usize {
    // A byte holds the sum of so many.
    let sums = bytes.chunks(255).map(|some| some.iter().map(|&byte| u8::from(wanted(byte))).sum::<u8>());
    sums.map(usize::from).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_bytes() {
        let mut random = 1u64;
        for _ in 0..2000 {
            random = random.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31) ^ 77;
            for mask in [splat(0x7f), splat(1), splat(0x40)] {
                let word = random & mask;
                for byte in [0, 1, 0x40, 0x7f] {
                    let bits = word.to_le_bytes().into_iter().enumerate();
                    let naive = bits.map(|(bit, other)| u8::from(other == byte) << bit).sum::<u8>();
                    assert_eq!(equal(word, byte), naive, "{word:x} {byte}");
                }
            }
        }
    }

    #[test]
    fn first_zeros() {
        for place in 0..=8 {
            for others in [[1; 8], [0x80; 8], [0xff; 8], [1, 0x80, 0x81, 1, 1, 0xff, 1, 2]] {
                let mut bytes = others;
                bytes.iter_mut().skip(place).step_by(3).for_each(|byte| *byte = 0);
                assert_eq!(before_zero(u64::from_le_bytes(bytes)), place, "{bytes:?}");
            }
        }
    }

    #[test]
    fn counted_bytes() {
        for len in [0, 1, 254, 255, 256, 1000] {
            let bytes: Vec<u8> = (0..len).map(|i| if i % 9 < 8 { 7 } else { (i % 5) as u8 }).collect();
            for byte in 0..8 {
                assert_eq!(
                    count(&bytes, |other| other == byte),
                    bytes.iter().filter(|&&other| other == byte).count()
                );
            }
        }
    }

    #[test]
    fn bytes_are_found() {
        let found = at_least([0, 1, 2, 3, 127, 2, 1, 0], 2);
        assert_eq!(found.to_le_bytes(), [0, 0, 1, 1, 1, 1, 0, 0]);
        assert_eq!(bits(found), 0b0011_1100);
        assert_eq!(before(found), ([0, 0, 0, 1, 2, 3, 4, 4], 4));
        assert_eq!(before(splat(1)), ([0, 1, 2, 3, 4, 5, 6, 7], 8));
        assert_eq!(are_zero([0, 1, 128, 255, 0, 0, 127, 0]).to_le_bytes(), [1, 0, 0, 0, 1, 1, 0, 1]);
        assert_eq!(bits_of(&[[0; 8], [1; 8], [0, 1, 0, 1, 0, 1, 0, 1]], are_zero), 0x55_00_ff);
    }

    /// Every byte against every bound.
    #[test]
    fn comparisons_are_those_of_numbers() {
        for byte in 0..=255u8 {
            assert_eq!(are_zero([byte; 8]), splat(1) * u64::from(byte == 0));
            for least in 0..=128 {
                let expected = splat(1) * u64::from(byte >= least);
                assert!(byte > 127 || at_least([byte; 8], least) == expected, "{byte} {least}");
            }
        }
    }
}
