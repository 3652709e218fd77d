//! Bits in bytes, least significant bit first.

/// The number of significant bits of `value`: 0 for 0.
#[inline]
pub(crate) fn width(value: u64) -> u32 {
    64 - value.leading_zeros()
}

/// Appends each value in `width` bits; the last byte is padded with zeros. Bits of a value above
/// `width` are dropped.
pub(crate) fn pack(out: &mut Vec<u8>, values: impl IntoIterator<Item = u64>, width: u32) {
    if width == 0 {
        return;
    }
    let mask = u64::MAX >> (64 - width);
    let (mut word, mut filled) = (0, 0);
    for value in values {
        let value = value & mask;
        word |= value << filled;
        filled += width;
        if filled >= 64 {
            out.extend_from_slice(&word.to_le_bytes());
            filled -= 64;
            word = value.checked_shr(width - filled).unwrap_or(0);
        }
    }
    out.extend_from_slice(&word.to_le_bytes()[..filled.div_ceil(8) as usize]);
}

/// Reads the value of `width` (at most 64) bits that starts at bit `start`; bits past the end of
/// `bytes` read as zero.
#[inline]
pub(crate) fn get(bytes: &[u8], start: usize, width: u32) -> u64 {
    if width == 0 {
        return 0;
    }
    let (byte, shift) = (start / 8, (start % 8) as u32);
    let mask = u64::MAX >> (64 - width);
    if width + shift <= 64
        && let Some(window) = bytes.get(byte..byte + 8)
    {
        let window = u64::from_le_bytes(window.try_into().expect("eight bytes"));
        return window >> shift & mask;
    }
    let mut window = [0; 16];
    let tail = bytes.get(byte..).unwrap_or_default();
    let len = tail.len().min(16);
    window[..len].copy_from_slice(&tail[..len]);
    (u128::from_le_bytes(window) >> shift) as u64 & mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width_round_trips() {
        for bits in 0..=64u32 {
            let mask = if bits == 0 { 0 } else { u64::MAX >> (64 - bits) };
            let values: Vec<u64> =
                (0..21u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(7) & mask).collect();
            let mut out = Vec::new();
            pack(&mut out, values.iter().copied(), bits);
            assert_eq!(out.len(), (values.len() * bits as usize).div_ceil(8));
            for (index, &value) in values.iter().enumerate() {
                assert_eq!(get(&out, index * bits as usize, bits), value, "width {bits}, value {index}");
            }
        }
    }
}
