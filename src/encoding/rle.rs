//! Run-length encoding: runs of equal values as a length and a value each.
//!
//! ```text
//! 7 7 7 1 1 9  ▶  lengths 3 2 1, values 7 1 9
//! ```

use super::int::Int;
use crate::error::{Error, Result};

/// The number of runs.
pub(crate) fn runs<T: Int>(values: &[T]) -> usize {
    usize::from(!values.is_empty()) + values.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

/// The lengths and the values of the runs.
pub(crate) fn encode<T: Int>(values: &[T]) -> (Vec<u32>, Vec<T>) {
    values.chunk_by(|a, b| a == b).map(|run| (run.len() as u32, run[0])).unzip()
}

/// Appends the values of the runs to `out`, `count` in all.
///
/// # Errors
/// [`crate::ErrorKind::Inconsistent`] at `offset` if the lengths do not add up to `count`.
pub(crate) fn decode<T: Copy + Default>(
    lengths: &[u32],
    values: &[T],
    count: usize,
    offset: usize,
    out: &mut Vec<T>,
) -> Result<()> {
    check_lengths(lengths, count, offset)?;
    let start = out.len();
    out.resize(start + count, T::default());
    let mut rest = &mut out[start..];
    for (&length, &value) in lengths.iter().zip(values) {
        match rest.first_chunk_mut::<STRIDE>() {
            Some(room) if length as usize <= STRIDE => *room = [value; STRIDE],
            _ => rest[..length as usize].fill(value),
        }
        rest = &mut rest[length as usize..];
    }
    Ok(())
}

/// Checks that the lengths of runs add up to `count`.
pub(crate) fn check_lengths(lengths: &[u32], count: usize, offset: usize) -> Result<()> {
    let sum: u64 = lengths.iter().map(|&length| u64::from(length)).sum();
    match sum == count as u64 {
        true => Ok(()),
        false => Err(Error::inconsistent(offset, format!("runs of {sum} values in a stream of {count}"))),
    }
}

/// How many values are written at once, where there is room: most runs are shorter, and what they
/// write too much is overwritten.
const STRIDE: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worked_example() {
        let values = [7u32, 7, 7, 1, 1, 9];
        let (lengths, distinct) = encode(&values);
        assert_eq!((&lengths[..], &distinct[..]), (&[3, 2, 1][..], &[7, 1, 9][..]));
        assert_eq!(runs(&values), 3);
        assert_eq!(runs::<u32>(&[]), 0);
        let mut out = Vec::new();
        decode(&lengths, &distinct, 6, 0, &mut out).unwrap();
        assert_eq!(out, values);
    }

    #[test]
    fn lengths_must_add_up() {
        for lengths in [&[u32::MAX, u32::MAX][..], &[1], &[3]] {
            assert!(decode(lengths, &[1u32, 2], 2, 0, &mut Vec::new()).is_err());
        }
    }
}
