//! Quotients and remainders: for numbers that are made of two parts, as ids are whose last digit is
//! the type of an object.
//!
//! ```text
//! divisor 10:  70 81 90  ▶  quotients 7 8 9, remainders 0 1 0
//! ```

use super::int::Int;

/// The quotients and the remainders of `values` by `divisor`, which must not be 0.
pub(crate) fn encode<T: Int>(values: &[T], divisor: u32) -> (Vec<T>, Vec<u32>) {
    let divisor = u64::from(divisor);
    let divide = |value: &T| {
        let value = value.to_u64();
        (T::from_u64(value / divisor), (value % divisor) as u32)
    };
    values.iter().map(divide).unzip()
}

/// Makes the values of the quotients; remainders may be larger than the divisor.
pub(crate) fn decode_in_place<T: Int>(quotients: &mut [T], remainders: &[u32], divisor: u32) {
    for (value, &remainder) in quotients.iter_mut().zip(remainders) {
        let multiple = value.to_u64().wrapping_mul(divisor.into());
        *value = T::from_u64(multiple.wrapping_add(remainder.into()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worked_example() {
        let (mut quotients, remainders) = encode(&[70u64, 81, u64::MAX], 10);
        assert_eq!((&quotients[..], &remainders[..]), (&[7, 8, u64::MAX / 10][..], &[0, 1, 5][..]));
        decode_in_place(&mut quotients, &remainders, 10);
        assert_eq!(quotients, [70, 81, u64::MAX]);
        let mut wrapped = [1u32 << 31, 3];
        decode_in_place(&mut wrapped, &[u32::MAX, 14], 2);
        assert_eq!(wrapped, [u32::MAX, 20]);
    }
}
