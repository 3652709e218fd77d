//! Distinct values, in the order of their first use, and one code per value.
//!
//! ```text
//! 50 30 50 80  ▶  distinct 50 30 80, codes 0 1 0 2
//! ```

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::int::Int;
use crate::error::{Error, Result};

/// Whether there are many values and, of the first of them, more than seven of eight are distinct: as
/// ids are, which no dictionary shortens.
pub(crate) fn looks_distinct<T: Int>(values: &[T]) -> bool {
    const FIRST: usize = 1024;
    values.len() > FIRST && encode(&values[..FIRST], FIRST / 8 * 7).is_none()
}

/// The distinct values and the codes; none if there are more than `most` distinct values.
pub(crate) fn encode<T: Int>(values: &[T], most: usize) -> Option<(Vec<T>, Vec<u32>)> {
    let mut numbers: HashMap<T, u32, FixedState> = HashMap::default();
    let mut distinct = Vec::new();
    let mut codes = Vec::with_capacity(values.len());
    for &value in values {
        let code = *numbers.entry(value).or_insert_with(|| {
            distinct.push(value);
            (distinct.len() - 1) as u32
        });
        if distinct.len() > most {
            return None;
        }
        codes.push(code);
    }
    Some((distinct, codes))
}

/// Brings the distinct values into rising order.
pub(crate) fn sort<T: Int>(distinct: &mut [T], codes: &mut [u32]) {
    let mut order: Vec<(T, u32)> = distinct.iter().copied().zip(0..).collect();
    order.sort_unstable();
    let mut places = vec![0; distinct.len()];
    for ((place, entry), (value, before)) in (0..).zip(distinct.iter_mut()).zip(order) {
        places[before as usize] = place;
        *entry = value;
    }
    codes.iter_mut().for_each(|code| *code = places[*code as usize]);
}

/// Appends the value of each code to `out`.
///
/// # Errors
/// [`crate::ErrorKind::Inconsistent`] at `offset` if a code is no index of `distinct`.
pub(crate) fn decode<T: Int>(distinct: &[T], codes: &[u32], offset: usize, out: &mut Vec<T>) -> Result<()> {
    check_codes(codes, distinct.len(), offset)?;
    out.extend(codes.iter().map(|&code| distinct[code as usize]));
    Ok(())
}

/// Checks that every code is less than `len`.
pub(crate) fn check_codes(codes: &[u32], len: usize, offset: usize) -> Result<()> {
    // Whether one is too large takes less than to find the largest.
    let last = u32::try_from(len).unwrap_or(u32::MAX);
    if !codes.iter().fold(false, |wrong, &code| wrong | (code >= last)) {
        return Ok(());
    }
    match codes.iter().copied().max() {
        Some(most) if most as usize >= len => {
            Err(Error::inconsistent(offset, format!("dictionary code {most} in a dictionary of {len}")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worked_example() {
        let (distinct, codes) = encode(&[50u32, 30, 50, 80], 3).unwrap();
        assert_eq!((&distinct[..], &codes[..]), (&[50, 30, 80][..], &[0, 1, 0, 2][..]));
        let mut out = Vec::new();
        decode(&distinct, &codes, 0, &mut out).unwrap();
        assert_eq!(out, [50, 30, 50, 80]);
        assert_eq!(encode(&[50u32, 30, 50, 80], 2), None);
        let (mut sorted, mut ranks) = (distinct.clone(), codes);
        sort(&mut sorted, &mut ranks);
        assert_eq!((&sorted[..], &ranks[..]), (&[30, 50, 80][..], &[1, 0, 1, 2][..]));
        assert!(decode(&distinct, &[3], 0, &mut out).is_err());
        assert!(decode::<u32>(&[], &[0], 0, &mut out).is_err());
    }
}
