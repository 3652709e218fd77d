//! Numbers given out in order of first use, as the places of strings in a dictionary are: most are the next one
//! that is not taken yet, and the others go on where an earlier one was repeated.
//!
//! ```text
//! next      0  1  2  3   3   4   4   4   ─ one more than the largest so far
//! repeat    0  0  0  0   2   2   3   4   ─ one more than the last that was not next
//! value     0  1  2  1   3   2   3   4
//! code      0  0  0  3   0   1   1   0   ─ 0: next; else 1 + zigzag(value − repeat)
//! ```

use std::hint::select_unpredictable;

use super::int::Int;

/// The codes of `values`; none if one of them lies so far from where a repetition is expected that no code says it.
pub(crate) fn encode<T: Int>(values: &[T]) -> Option<Vec<T>> {
    let one = T::from_u64(1);
    let (mut next, mut repeat) = (T::default(), T::default());
    let mut code = |&value: &T| {
        let code = match value == next {
            true => T::default(),
            false => {
                let code = value.zigzag_delta(repeat).wrapping_add(one);
                repeat = value.wrapping_add(one);
                (code != T::default()).then_some(code)?
            }
        };
        next = next.max(value.wrapping_add(one));
        Some(code)
    };
    values.iter().map(&mut code).collect()
}

/// How many of `values` are the next that is not taken.
pub(crate) fn count<T: Int>(values: &[T]) -> usize {
    let mut next = T::default();
    let mut fresh = 0;
    for &value in values {
        fresh += usize::from(value == next);
        next = next.max(value.wrapping_add(T::from_u64(1)));
    }
    fresh
}

/// Makes the values of the codes.
pub(crate) fn decode_in_place<T: Int>(codes: &mut [T]) {
    let one = T::from_u64(1);
    let (mut next, mut repeat) = (T::default(), T::default());
    for code in codes {
        let repeated = code.wrapping_sub(one).undo_zigzag_delta(repeat);
        let fresh = *code == T::default();
        let value = select_unpredictable(fresh, next, repeated);
        repeat = select_unpredictable(fresh, repeat, value.wrapping_add(one));
        next = next.max(value.wrapping_add(one));
        *code = value;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn worked_example() {
        let values = [0u32, 1, 2, 1, 3, 2, 3, 4];
        let codes = encode(&values).unwrap();
        assert_eq!(codes, [0, 0, 0, 3, 0, 1, 1, 0]);
        assert_eq!(count(&values), 5);
        let mut decoded = codes;
        decode_in_place(&mut decoded);
        assert_eq!(decoded, values);
    }

    #[test]
    fn what_no_code_says() {
        assert_eq!(encode(&[1u32 << 31]), None);
        assert_eq!(encode(&[0u64, 1 << 63]), None);
        assert_eq!(encode(&[u32::MAX, 0]).unwrap(), [2, 0]);
    }

    proptest! {
        #[test]
        fn there_and_back(values in prop::collection::vec(prop_oneof![0u32..20, any::<u32>()], 0..200)) {
            if let Some(mut codes) = encode(&values) {
                decode_in_place(&mut codes);
                prop_assert_eq!(codes, values);
            }
        }
    }
}
