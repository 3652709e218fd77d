//! Eight bytes at a time, as words of 64 bits.
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

/// 1 in each byte.
pub(crate) const ONES: u64 = 0x0101_0101_0101_0101;

/// For each of bytes below 128 whether it is at least `least`, which is at most 128.
#[inline]
pub(crate) fn at_least(bytes: Eight, least: u8) -> u64 {
    ((u64::from_le_bytes(bytes) | ONES << 7) - ONES * u64::from(least)) >> 7 & ONES
}

/// For each byte whether it is zero.
#[inline]
pub(crate) fn are_zero(bytes: Eight) -> u64 {
    let word = u64::from_le_bytes(bytes);
    // Its highest bit, or one of the others, which carries into that place.
    let any = word | ((word & (ONES * 127)) + ONES * 127);
    !any >> 7 & ONES
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
    let sums = bytes.wrapping_mul(ONES);
    ((sums << 8).to_le_bytes(), (sums >> 56) as usize)
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
    fn bytes_are_found() {
        let found = at_least([0, 1, 2, 3, 127, 2, 1, 0], 2);
        assert_eq!(found.to_le_bytes(), [0, 0, 1, 1, 1, 1, 0, 0]);
        assert_eq!(bits(found), 0b0011_1100);
        assert_eq!(before(found), ([0, 0, 0, 1, 2, 3, 4, 4], 4));
        assert_eq!(before(ONES), ([0, 1, 2, 3, 4, 5, 6, 7], 8));
        assert_eq!(are_zero([0, 1, 128, 255, 0, 0, 127, 0]).to_le_bytes(), [1, 0, 0, 0, 1, 1, 0, 1]);
        assert_eq!(bits_of(&[[0; 8], [1; 8], [0, 1, 0, 1, 0, 1, 0, 1]], are_zero), 0x55_00_ff);
        for len in [0, 254, 255, 256, 1000] {
            assert_eq!(count(&vec![1; len], |byte| byte == 1), len);
        }
    }

    /// Every byte against every bound.
    #[test]
    fn comparisons_are_those_of_numbers() {
        for byte in 0..=255u8 {
            assert_eq!(are_zero([byte; 8]), ONES * u64::from(byte == 0));
            for least in 0..=128 {
                let expected = ONES * u64::from(byte >= least);
                assert!(byte > 127 || at_least([byte; 8], least) == expected, "{byte} {least}");
            }
        }
    }
}
