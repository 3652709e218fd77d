//! Bytes compared many at a time, each below 128.

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
    // Gathers bit 7 of every byte in the highest byte.
    let bits = ((differs ^ HIGH) >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    bits as u8
}

/// How many bytes of `word` stand before the first that is 0, of any bytes; 8 if none is.
#[inline(always)]
pub(crate) fn before_zero(word: u64) -> usize {
    // Of bytes below the first 0 nothing is borrowed, so the lowest bit that is left is right.
    let zeros = word.wrapping_sub(splat(1)) & !word & splat(0x80);
    zeros.trailing_zeros() as usize / 8
}

/// How many of `bytes` are `byte`.
pub(crate) fn count(bytes: &[u8], byte: u8) -> usize {
    // Pieces of which a byte can hold the count are summed many bytes at a time.
    let pieces = bytes.chunks(usize::from(u8::MAX));
    pieces.map(|piece| usize::from(piece.iter().map(|&other| u8::from(other == byte)).sum::<u8>())).sum()
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
                assert_eq!(count(&bytes, byte), bytes.iter().filter(|&&other| other == byte).count());
            }
        }
    }
}
