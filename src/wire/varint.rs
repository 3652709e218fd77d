//! Base-128 varints (LEB128): seven bits a byte, least significant first, the high bit set on all
//! but the last byte. A u32 takes at most 5 bytes, a u64 at most 10; the last of them may hold
//! only the bits that are left (4 and 1).

/// Appends `value`.
#[inline]
pub(crate) fn write(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// The number of bytes [`write`] appends.
#[inline]
pub(crate) fn len(value: u64) -> usize {
    len_of_bits(64 - (value | 1).leading_zeros())
}

/// The number of bytes a varint of `bits` significant bits takes (1 for 0 bits).
#[inline]
pub(crate) fn len_of_bits(bits: u32) -> usize {
    (bits.max(1) as usize).div_ceil(7)
}

/// Why a varint cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Truncated,
    Overlong,
}

/// Reads a varint of at most `bits` significant bits (32 or 64) from the front of `bytes`, and
/// tells how many bytes it took.
#[inline]
pub(crate) fn read(bytes: &[u8], bits: u32) -> Result<(u64, usize), Fault> {
    match bytes.first() {
        Some(&byte) if byte < 0x80 => Ok((u64::from(byte), 1)),
        Some(_) => read_long(bytes, bits),
        None => Err(Fault::Truncated),
    }
}

fn read_long(bytes: &[u8], bits: u32) -> Result<(u64, usize), Fault> {
    let mut value = 0u64;
    for (index, &byte) in bytes.iter().enumerate() {
        let shift = 7 * index as u32;
        let low = u64::from(byte & 0x7f);
        if shift >= bits || (bits - shift < 7 && low >> (bits - shift) != 0) {
            return Err(Fault::Overlong);
        }
        value |= low << shift;
        if byte < 0x80 {
            return Ok((value, index + 1));
        }
    }
    Err(Fault::Truncated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_round_trips() {
        for shift in 0..64 {
            for value in [1u64 << shift, (1u64 << shift) - 1, (1u64 << shift) | 1] {
                let mut out = Vec::new();
                write(&mut out, value);
                assert_eq!(out.len(), len(value));
                assert_eq!(read(&out, 64), Ok((value, out.len())));
                assert_eq!(read(&out[..out.len() - 1], 64), Err(Fault::Truncated));
                assert_eq!(read(&out, 32).is_ok(), value <= u64::from(u32::MAX));
            }
        }
    }

    #[test]
    fn too_long_is_refused() {
        assert_eq!(read(&[0xff; 11], 64), Err(Fault::Overlong));
        assert_eq!(read(&[0xff, 0xff, 0xff, 0xff, 0x1f], 32), Err(Fault::Overlong));
        assert_eq!(read(&[0xff, 0xff, 0xff, 0xff, 0x0f], 32), Ok((u64::from(u32::MAX), 5)));
        assert_eq!(read(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x00], 32), Err(Fault::Overlong));
    }
}
