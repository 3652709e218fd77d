//! Zigzag: signed integers as unsigned ones, small magnitudes first (0, −1, 1, −2 → 0, 1, 2, 3).

#[inline]
pub(crate) fn encode32(value: i32) -> u32 {
    ((value << 1) ^ (value >> 31)) as u32
}

#[inline]
pub(crate) fn decode32(value: u32) -> i32 {
    ((value >> 1) as i32) ^ -((value & 1) as i32)
}

#[inline]
pub(crate) fn encode64(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

#[inline]
pub(crate) fn decode64(value: u64) -> i64 {
    ((value >> 1) as i64) ^ -((value & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_extremes() {
        for (signed, unsigned) in
            [(0, 0), (-1, 1), (1, 2), (-2, 3), (i32::MAX, u32::MAX - 1), (i32::MIN, u32::MAX)]
        {
            assert_eq!(encode32(signed), unsigned);
            assert_eq!(decode32(unsigned), signed);
        }
        for (signed, unsigned) in [(-3, 5), (i64::MAX, u64::MAX - 1), (i64::MIN, u64::MAX)] {
            assert_eq!(encode64(signed), unsigned);
            assert_eq!(decode64(unsigned), signed);
        }
    }
}
