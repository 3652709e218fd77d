//! Floating point numbers as decimals: an integer divided by a power of ten, one power for all, and
//! exceptions for those that are not such a quotient to the bit.
//!
//! ```text
//! 1.5 2.25 −0.75 NaN  ▶  exponent 2, integers 150 225 −75 (−75), one exception, after three: NaN
//! ```
//!
//! Numbers that people write down have few decimals. A double is the one nearest to such a number, and
//! so is the quotient of two integers that doubles hold exactly, by IEEE 754's rules for division: no
//! reader can get another one. (ALP multiplies by inverse powers instead, which is quicker by little
//! and misses many. Afroozeh, Kuffó, Boncz: ALP, 2023.)

use super::int::Int;
use crate::error::{Error, Result};
use crate::wire::zigzag;

/// The largest power of ten whose fives a double holds: 10^22.
pub(crate) const MAX_EXPONENT: u8 = 22;

/// The exponents that writers try; no number that anyone wrote down has more decimals.
const TRIED: u8 = 15;

/// How many numbers are looked at to find the exponent.
const SAMPLE: usize = 256;

/// Integers above are not exact as doubles.
const LARGEST: f64 = (1u64 << 53) as f64;

fn power(exponent: u8) -> f64 {
    // Exact: a product of integers below 10^22 as doubles.
    (0..exponent).fold(1.0, |power, _| power * 10.0)
}

/// The number whose bits are `bits`.
fn number<T: Int>(bits: T) -> f64 {
    match T::BITS {
        32 => f32::from_bits(bits.to_u64() as u32).into(),
        _ => f64::from_bits(bits.to_u64()),
    }
}

/// The bits of the quotient of the integer with this zigzag form and `power`.
#[inline]
fn quotient<T: Int>(integer: T, power: f64) -> T {
    let quotient = zigzag::decode64(integer.to_u64()) as f64 / power;
    T::from_u64(match T::BITS {
        32 => (quotient as f32).to_bits().into(),
        _ => quotient.to_bits(),
    })
}

/// The zigzag form of the integer whose quotient with `power` has these bits, if there is one.
fn integer<T: Int>(bits: T, power: f64) -> Option<T> {
    let scaled = number(bits) * power;
    // Not so for what is not a number.
    let is_small = scaled.abs() < LARGEST;
    if !is_small {
        return None;
    }
    // f64::round(), which many processors have no instruction for, by one that all have.
    let (whole, half) = (scaled as i64, scaled - (scaled as i64) as f64);
    let zigzag = zigzag::encode64(whole + i64::from(half >= 0.5) - i64::from(half <= -0.5));
    let integer = T::from_u64(zigzag);
    (integer.to_u64() == zigzag && quotient(integer, power) == bits).then_some(integer)
}

/// Numbers as decimals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decimals<T> {
    /// The zigzag form of an integer per number; for exceptions that of the number before, or 0.
    pub(crate) integers: Vec<T>,
    /// How many numbers lie between an exception and the one before, or the start.
    pub(crate) gaps: Vec<u32>,
    /// The bits of the exceptions.
    pub(crate) exceptions: Vec<T>,
}

/// The exponent that suits the numbers of these bits best: of a sample of them, that with the fewest
/// bits in integers and exceptions, the lowest of several.
pub(crate) fn exponent<T: Int>(bits: &[T]) -> u8 {
    let step = bits.len().div_ceil(SAMPLE).max(1);
    let cost = |exponent: u8| -> u32 {
        let power = power(exponent);
        let sample = bits.iter().step_by(step);
        let exception = T::BITS + 16;
        sample
            .map(|&bits| {
                integer(bits, power).map_or(exception, |integer| 64 - integer.to_u64().leading_zeros())
            })
            .sum()
    };
    (0..=TRIED).min_by_key(|&exponent| cost(exponent)).expect("some are tried")
}

/// The lowest exponent above `exponent` with which no number is an exception, if there is one.
pub(crate) fn exact_exponent<T: Int>(bits: &[T], exponent: u8) -> Option<u8> {
    (exponent + 1..=TRIED).find(|&exponent| {
        let power = power(exponent);
        bits.iter().all(|&bits| integer(bits, power).is_some())
    })
}

pub(crate) fn encode<T: Int>(bits: &[T], exponent: u8) -> Decimals<T> {
    let power = power(exponent);
    let mut out =
        Decimals { integers: Vec::with_capacity(bits.len()), gaps: Vec::new(), exceptions: Vec::new() };
    let (mut before, mut next) = (T::default(), 0);
    for (index, &bits) in bits.iter().enumerate() {
        match integer(bits, power) {
            Some(integer) => before = integer,
            None => {
                out.gaps.push((index - next) as u32);
                out.exceptions.push(bits);
                next = index + 1;
            }
        }
        out.integers.push(before);
    }
    out
}

/// Makes the bits of numbers of integers in place.
///
/// # Errors
/// [`crate::ErrorKind::Inconsistent`] at `offset` if the exponent is too large or an exception lies
/// behind the last number.
pub(crate) fn decode_in_place<T: Int>(
    values: &mut [T],
    exponent: u8,
    gaps: &[u32],
    exceptions: &[T],
    offset: usize,
) -> Result<()> {
    if exponent > MAX_EXPONENT {
        return Err(Error::inconsistent(
            offset,
            format!("decimals of exponent {exponent}, above {MAX_EXPONENT}"),
        ));
    }
    let power = power(exponent);
    values.iter_mut().for_each(|value| *value = quotient(*value, power));
    let mut rest = values;
    for (&gap, &exception) in gaps.iter().zip(exceptions) {
        rest = match std::mem::take(&mut rest).get_mut(gap as usize..) {
            Some([first, behind @ ..]) => {
                *first = exception;
                behind
            }
            _ => return Err(Error::inconsistent(offset, "an exception behind the last decimal")),
        };
    }
    Ok(())
}

/// The bits of singles for the bits of doubles, if all of them are doubles that singles can say; NaNs
/// are not taken for such.
pub(crate) fn singles<T: Int>(doubles: &[T]) -> Option<Vec<u32>> {
    let single = |&bits: &T| {
        let double = number(bits);
        let single = (double as f32).to_bits();
        (T::BITS == 64 && !double.is_nan() && widen(single) == bits.to_u64()).then_some(single)
    };
    doubles.iter().map(single).collect()
}

/// The bits of the double that equals the single of these bits. A NaN keeps its sign, and its other
/// bits at the upper end, whatever a processor would make of it.
pub(crate) fn widen(single: u32) -> u64 {
    const EXPONENT: u32 = 0x7f80_0000;
    if single & EXPONENT == EXPONENT {
        let sign = u64::from(single >> 31) << 63;
        return sign | 0x7ff << 52 | u64::from(single & !EXPONENT & 0x7fff_ffff) << 29;
    }
    f64::from(f32::from_bits(single)).to_bits()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bits(numbers: &[f64]) -> Vec<u64> {
        numbers.iter().map(|number| number.to_bits()).collect()
    }

    fn round_trip<T: Int + std::fmt::Debug>(bits: &[T]) -> (u8, Decimals<T>) {
        let exponent = exponent(bits);
        let decimals = encode(bits, exponent);
        let Decimals { mut integers, gaps, exceptions } = decimals.clone();
        decode_in_place(&mut integers, exponent, &gaps, &exceptions, 0).unwrap();
        assert_eq!(integers, bits);
        (exponent, decimals)
    }

    #[test]
    fn worked_example() {
        let (exponent, decimals) = round_trip(&bits(&[1.5, 2.25, -0.75, f64::NAN, -0.0, 3.0]));
        assert_eq!(exponent, 2);
        assert_eq!(decimals.integers, [300, 450, 149, 149, 149, 600]);
        assert_eq!((decimals.gaps, decimals.exceptions), (vec![3, 0], bits(&[f64::NAN, -0.0])));
    }

    #[test]
    fn what_people_write_has_no_exceptions() {
        for exponent in 0..=9 {
            let numbers: Vec<f64> = (0..2000)
                .map(|index| format!("{}e-{exponent}", index * 7919 - 900_000).parse().unwrap())
                .collect();
            let (found, decimals) = round_trip(&bits(&numbers));
            assert!(decimals.exceptions.is_empty() && found <= exponent, "{exponent}");
            let singles: Vec<u32> = (0..2000)
                .map(|index| format!("{}e-{exponent}", index * 79 - 9000).parse::<f32>().unwrap().to_bits())
                .collect();
            assert!(round_trip(&singles).1.exceptions.is_empty());
        }
    }

    proptest! {
        #[test]
        fn all_bits_come_back(doubles: Vec<u64>, singles: Vec<u32>, numbers in prop::collection::vec(-1e7f64..1e7, 0..50)) {
            round_trip(&doubles);
            round_trip(&singles);
            round_trip(&bits(&numbers));
            let rounded: Vec<f64> = numbers.iter().map(|number| (number * 100.0).round() / 100.0).collect();
            round_trip(&bits(&rounded));
        }

        #[test]
        fn singles_are_the_doubles_they_equal(bits: Vec<u32>) {
            let doubles: Vec<u64> = bits.iter().map(|&bits| widen(bits)).collect();
            for (&bits, &double) in bits.iter().zip(&doubles) {
                let (single, double) = (f32::from_bits(bits), f64::from_bits(double));
                prop_assert!(double.is_nan() == single.is_nan() && (single.is_nan() || f64::from(single).total_cmp(&double).is_eq()));
            }
            if bits.iter().all(|&bits| !f32::from_bits(bits).is_nan()) {
                prop_assert_eq!(singles(&doubles), Some(bits));
            }
        }

        #[test]
        fn damage_is_survived(mut integers: Vec<u64>, exponent in 0u8..40, gaps: Vec<u32>) {
            let exceptions = vec![7; gaps.len()];
            let fits = exponent <= MAX_EXPONENT
                && gaps.iter().map(|&gap| u64::from(gap) + 1).sum::<u64>() <= integers.len() as u64;
            let result = decode_in_place(&mut integers, exponent, &gaps, &exceptions, 0);
            prop_assert_eq!(result.is_ok(), fits);
        }
    }

    #[test]
    fn nan_payloads_and_doubles_that_singles_are_not() {
        assert_eq!(widen(0xff80_0001), 0xfff0_0000_2000_0000);
        assert_eq!(
            singles(&bits(&[0.5, f64::from(0.1f32), -0.0, f64::INFINITY])).map(|all| all.len()),
            Some(4)
        );
        assert_eq!((singles(&bits(&[0.1])), singles(&[1u32])), (None, None));
        assert_eq!(singles(&bits(&[1e300])), None);
    }
}
