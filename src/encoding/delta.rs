//! Differences in place of values: the zigzag form of each value's wrapping difference from the
//! one `stride` places before it; the first `stride` values are differences from 0. Stride 1 is
//! for plain sequences, stride 2 for interleaved coordinates.
//!
//! ```text
//! 10 12 11 11   ─ stride 1 ▶  +10 +2 −1 0  ─ zigzag ▶  20 4 1 0
//! ```

use super::int::Int;

pub(crate) fn encode<const STRIDE: usize, T: Int>(values: &[T]) -> Vec<T> {
    let mut deltas = Vec::with_capacity(values.len());
    let (first, rest) = values.split_at(STRIDE.min(values.len()));
    deltas.extend(first.iter().map(|value| value.zigzag_delta(T::default())));
    deltas.extend(rest.iter().zip(values).map(|(value, before)| value.zigzag_delta(*before)));
    deltas
}

pub(crate) fn decode_in_place<const STRIDE: usize, T: Int>(deltas: &mut [T]) {
    let mut before = [T::default(); STRIDE];
    let mut groups = deltas.chunks_exact_mut(STRIDE);
    for group in &mut groups {
        for (value, before) in group.iter_mut().zip(&mut before) {
            *before = value.undo_zigzag_delta(*before);
            *value = *before;
        }
    }
    for (value, before) in groups.into_remainder().iter_mut().zip(before) {
        *value = value.undo_zigzag_delta(before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worked_example() {
        assert_eq!(encode::<1, u32>(&[10, 12, 11, 11]), [20, 4, 1, 0]);
        assert_eq!(encode::<2, u32>(&[10, 100, 11, 90]), [20, 200, 2, 19]);
    }

    #[test]
    fn wraps_around_and_back() {
        let values = [0, u64::MAX, 5, 1 << 63, (1 << 63) - 1, 7, 7];
        for len in 0..values.len() {
            let mut deltas = encode::<1, u64>(&values[..len]);
            decode_in_place::<1, u64>(&mut deltas);
            assert_eq!(deltas, values[..len]);
            let mut deltas = encode::<2, u64>(&values[..len]);
            decode_in_place::<2, u64>(&mut deltas);
            assert_eq!(deltas, values[..len]);
        }
    }
}
