//! Offsets from lengths, checked once, so that later code may index freely.

use arrow_buffer::{OffsetBuffer, ScalarBuffer};

use crate::error::{Error, ErrorKind, Result};

/// Appends to `offsets` (which must not be empty) one offset per length.
///
/// # Errors
/// [`ErrorKind::LimitExceeded`] at `at` if the sum exceeds 2^31 − 1.
pub(crate) fn extend_from_lengths(
    offsets: &mut Vec<i32>,
    lengths: &[u32],
    what: &'static str,
    at: usize,
) -> Result<()> {
    let start = *offsets.last().expect("offsets start with 0");
    // Each partial sum of at most 2^32 lengths of 32 bits fits 64 bits; it never decreases, so
    // only the last one needs a check.
    let mut sum = start as u64;
    offsets.extend(lengths.iter().map(|&length| {
        sum += u64::from(length);
        sum as i32
    }));
    check_sum(sum, what, at)
}

/// Checks that an offset of `sum` fits 31 bits.
pub(crate) fn check_sum(sum: u64, what: &'static str, at: usize) -> Result<()> {
    if sum > i32::MAX as u64 {
        let what = format!("{what}: the lengths add up to {sum}, more than 2^31 - 1");
        return Err(Error::new(ErrorKind::LimitExceeded, at, what));
    }
    Ok(())
}

/// Takes over offsets that [`extend_from_lengths`] or a builder made.
pub(crate) fn seal(offsets: Vec<i32>) -> OffsetBuffer<i32> {
    OffsetBuffer::new(ScalarBuffer::from(offsets))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_add_up() {
        let mut offsets = vec![0];
        extend_from_lengths(&mut offsets, &[3, 0, 4], "test", 0).unwrap();
        assert_eq!(offsets, [0, 3, 3, 7]);
        assert_eq!(&seal(offsets)[..], [0, 3, 3, 7]);
    }

    #[test]
    fn overflow_is_refused() {
        for lengths in [&[u32::MAX][..], &[i32::MAX as u32, 1], &[u32::MAX, u32::MAX, 2]] {
            let error = extend_from_lengths(&mut vec![0], lengths, "test", 7).unwrap_err();
            assert_eq!((error.kind(), error.offset()), (ErrorKind::LimitExceeded, Some(7)));
        }
    }
}
