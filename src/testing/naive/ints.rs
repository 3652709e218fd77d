//! Streams of integers, of 32 or 64 bits.

use super::bytes::zstd;
use super::entropy;
use super::payload::{Payload, number};
use crate::stream::ints::IntEncoding;

/// How `count` integers of `bits` bits in one encoding are read.
type Twin = fn(&mut Payload, count: usize, bits: u32) -> Option<Vec<u64>>;

const TWINS: [(IntEncoding, Twin); 14] = [
    (IntEncoding::Constant, |payload, count, bits| Some(vec![payload.varint(bits)?; count])),
    (IntEncoding::Plain, |payload, count, bits| {
        (0..count).map(|_| payload.little_endian(bits as usize / 8)).collect()
    }),
    (IntEncoding::Varint, |payload, count, bits| (0..count).map(|_| payload.varint(bits)).collect()),
    (IntEncoding::Packed, packed),
    (IntEncoding::Patched, patched),
    (IntEncoding::Rle, rle),
    (IntEncoding::Delta, delta),
    (IntEncoding::Dictionary, dictionary),
    (IntEncoding::Zstd, compressed),
    (IntEncoding::Entropy, entropy::ints),
    (IntEncoding::Divided, divided),
    (IntEncoding::Decimal, decimal),
    (IntEncoding::Single, single),
    (IntEncoding::Fresh, fresh),
];

/// The `count` integers that `payload` is in the encoding of id `encoding`; none if it is not.
pub(crate) fn ints(encoding: u8, payload: &[u8], count: usize, bits: u32) -> Option<Vec<u64>> {
    let (_, twin) = TWINS.iter().find(|(known, _)| known.id() == encoding)?;
    let mut payload = Payload(payload);
    let values = if count == 0 { Vec::new() } else { twin(&mut payload, count, bits)? };
    payload.is_empty().then_some(values)
}

/// `a + b` in a world of `bits` bits.
fn add(a: u64, b: u64, bits: u32) -> u64 {
    ((u128::from(a) + u128::from(b)) % (1 << bits)) as u64
}

fn packed(payload: &mut Payload, count: usize, bits: u32) -> Option<Vec<u64>> {
    let least = payload.varint(bits)?;
    let width = u32::from(payload.byte()?);
    let values = packed_values(payload, count, width, bits)?;
    Some(values.into_iter().map(|value| add(value, least, bits)).collect())
}

/// Blocks of 128 in four lanes, where they are of 32 bits, and the rest in one sequence.
fn packed_values(payload: &mut Payload, count: usize, width: u32, bits: u32) -> Option<Vec<u64>> {
    if width > bits {
        return None;
    }
    let (width, mut out) = (width as usize, Vec::new());
    while bits == 32 && count - out.len() >= 128 {
        let block = payload.take(16 * width)?;
        let bit = |lane: usize, bit: usize| {
            let word = 4 * (4 * (bit / 32) + lane);
            number(&block[word..word + 4], bit % 32, 1)
        };
        out.extend(
            (0..128)
                .map(|index| (0..width).map(|at| bit(index % 4, index / 4 * width + at) << at).sum::<u64>()),
        );
    }
    let rest = count - out.len();
    out.extend(sequence(payload, rest, width)?);
    Some(out)
}

fn sequence(payload: &mut Payload, count: usize, width: usize) -> Option<Vec<u64>> {
    let bytes = payload.take((count * width).div_ceil(8))?;
    Some((0..count).map(|index| number(bytes, index * width, width)).collect())
}

fn patched(payload: &mut Payload, count: usize, bits: u32) -> Option<Vec<u64>> {
    let mut out = Vec::new();
    while out.len() < count {
        let block = (count - out.len()).min(128);
        out.extend(patched_level(payload, block, bits, 0, 0)?);
    }
    Some(out)
}

/// One level of a block and those above it, which start at bit `shift` of the values.
fn patched_level(payload: &mut Payload, count: usize, bits: u32, level: u32, shift: u32) -> Option<Vec<u64>> {
    let header = payload.byte()?;
    let (width, has_exceptions) = (u32::from(header % 128), header >= 128);
    let most = bits - shift - u32::from(has_exceptions);
    if width > most || (has_exceptions && level == 2) {
        return None;
    }
    let mut values = match level {
        0 => packed_values(payload, count, width, bits)?,
        _ => sequence(payload, count, width as usize)?,
    };
    if has_exceptions {
        let mask = payload.take(count.div_ceil(8))?;
        let mask: Vec<bool> = (0..8 * mask.len()).map(|bit| number(mask, bit, 1) == 1).collect();
        if mask[count..].contains(&true) {
            return None;
        }
        let exceptions: Vec<usize> = (0..count).filter(|&index| mask[index]).collect();
        let above = patched_level(payload, exceptions.len(), bits, level + 1, shift + width)?;
        for (index, above) in exceptions.into_iter().zip(above) {
            let high = (u128::from(above) + 1) << width;
            values[index] = add(values[index], (high % (1 << bits)) as u64, bits);
        }
    }
    Some(values)
}

fn child(payload: &mut Payload, count: usize, bits: u32) -> Option<Vec<u64>> {
    let encoding = payload.byte()?;
    let len = payload.count()?;
    ints(encoding, payload.take(len)?, count, bits)
}

fn last_child(payload: &mut Payload, count: usize, bits: u32) -> Option<Vec<u64>> {
    let encoding = payload.byte()?;
    ints(encoding, std::mem::take(&mut payload.0), count, bits)
}

fn rle(payload: &mut Payload, count: usize, bits: u32) -> Option<Vec<u64>> {
    let runs = payload.count()?;
    let lengths = child(payload, runs, 32)?;
    let values = last_child(payload, runs, bits)?;
    let sum: u128 = lengths.iter().map(|&length| u128::from(length)).sum();
    if sum != count as u128 {
        return None;
    }
    Some(lengths.iter().zip(values).flat_map(|(&length, value)| vec![value; length as usize]).collect())
}

fn delta(payload: &mut Payload, count: usize, bits: u32) -> Option<Vec<u64>> {
    let mut before = 0;
    let deltas = last_child(payload, count, bits)?;
    Some(
        deltas
            .into_iter()
            .map(|zigzag| {
                let half = zigzag / 2;
                // An odd one stands for −(half + 1), which is the complement of half.
                let difference = if zigzag % 2 == 0 { half } else { u64::MAX >> (64 - bits) ^ half };
                before = add(before, difference, bits);
                before
            })
            .collect(),
    )
}

fn dictionary(payload: &mut Payload, count: usize, bits: u32) -> Option<Vec<u64>> {
    let distinct = payload.count()?;
    let distinct = child(payload, distinct, bits)?;
    let codes = last_child(payload, count, 32)?;
    codes.into_iter().map(|code| distinct.get(code as usize).copied()).collect()
}

/// `next` is one more than the largest value so far.
fn fresh(payload: &mut Payload, count: usize, bits: u32) -> Option<Vec<u64>> {
    let codes = last_child(payload, count, bits)?;
    let behind = |value: u64| add(value, 1, bits);
    let (mut values, mut next, mut repeat) = (Vec::new(), 0, 0);
    for code in codes {
        let value = match code.checked_sub(1) {
            None => next,
            Some(distance) => {
                let half = distance / 2;
                let value = match distance % 2 {
                    0 => add(repeat, half, bits),
                    _ => ((u128::from(repeat) + (1 << bits) - u128::from(half) - 1) % (1 << bits)) as u64,
                };
                repeat = behind(value);
                value
            }
        };
        values.push(value);
        next = next.max(behind(value));
    }
    Some(values)
}

fn divided(payload: &mut Payload, count: usize, bits: u32) -> Option<Vec<u64>> {
    let divisor = u128::from(payload.varint(32)?);
    let quotients = child(payload, count, bits)?;
    let remainders = last_child(payload, count, 32)?;
    let value = |(quotient, remainder): (u64, u64)| {
        (u128::from(quotient) * divisor + u128::from(remainder)) % (1 << bits)
    };
    Some(quotients.into_iter().zip(remainders).map(|pair| value(pair) as u64).collect())
}

fn compressed(payload: &mut Payload, count: usize, bits: u32) -> Option<Vec<u64>> {
    let encoding = payload.byte()?;
    let len = payload.count()?;
    ints(encoding, &zstd(payload, len)?, count, bits)
}

/// By way of text: the number nearest to what is written.
fn decimal(payload: &mut Payload, count: usize, bits: u32) -> Option<Vec<u64>> {
    let exponent = payload.byte().filter(|exponent| *exponent <= 22)?;
    let exceptions = payload.count()?;
    let (gaps, exceptions) = match exceptions {
        0 => Default::default(),
        _ => (child(payload, exceptions, 32)?, child(payload, exceptions, bits)?),
    };
    let integers = last_child(payload, count, bits)?;
    let mut values: Vec<u64> = integers
        .into_iter()
        .map(|zigzag| {
            let magnitude = (zigzag / 2) as i64;
            let integer = if zigzag % 2 == 0 { magnitude } else { -magnitude - 1 };
            // All digits of the double, not only those that tell it from others.
            let digits = integer as f64 as i128;
            let number: f64 = format!("{digits}e-{exponent}").parse().expect("a number");
            if bits == 32 { (number as f32).to_bits().into() } else { number.to_bits() }
        })
        .collect();
    let mut next = 0;
    for (gap, exception) in gaps.into_iter().zip(exceptions) {
        let place = next + usize::try_from(gap).ok()?;
        *values.get_mut(place)? = exception;
        next = place + 1;
    }
    Some(values)
}

/// Sign, exponent and fraction, one by one.
fn single(payload: &mut Payload, count: usize, bits: u32) -> Option<Vec<u64>> {
    if bits == 32 {
        return None;
    }
    let widened = |single: u64| {
        let (sign, exponent, fraction) = (single >> 31, single >> 23 & 255, single & 0x7f_ffff);
        let (exponent, fraction) = match (exponent, fraction) {
            (255, _) => (2047, fraction << 29),
            (0, 0) => (0, 0),
            // The leading one of a number below the smallest exponent is found by its place.
            (0, _) => {
                let place = 63 - fraction.leading_zeros();
                (u64::from(place) + 874, (fraction << (52 - place)) & 0xf_ffff_ffff_ffff)
            }
            _ => (exponent + 896, fraction << 29),
        };
        sign << 63 | exponent << 52 | fraction
    };
    Some(last_child(payload, count, 32)?.into_iter().map(widened).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_has_a_twin() {
        for encoding in IntEncoding::ALL {
            assert!(TWINS.iter().any(|(known, _)| known == encoding), "{}", encoding.name());
        }
    }

    #[test]
    fn worked_examples() {
        let read = |encoding: IntEncoding, payload: &[u8], count| ints(encoding.id(), payload, count, 32);
        assert_eq!(read(IntEncoding::Plain, &[1, 2, 0, 0], 1), Some(vec![513]));
        assert_eq!(read(IntEncoding::Packed, &[10, 3, 0b01_010_001, 0b1], 3), Some(vec![11, 12, 15]));
        let delta = [IntEncoding::Varint.id(), 20, 4, 1, 0];
        assert_eq!(read(IntEncoding::Delta, &delta, 4), Some(vec![10, 12, 11, 11]));
        assert_eq!(read(IntEncoding::Delta, &delta, 3), None);
        let half = IntEncoding::Decimal.id();
        let decimals = [2, 1, 2, 1, 1, 2, 1, 9, 2, 10, 2];
        let bits = |number: f32| u64::from(number.to_bits());
        assert_eq!(ints(half, &decimals, 2, 32), Some(vec![bits(0.05), 9]));
        // Two values of four bits; the second has a one above them, which counts as two of 16.
        let patched = [0x84, 0x53, 0b10, 1, 1];
        assert_eq!(read(IntEncoding::Patched, &patched, 2), Some(vec![3, 5 + 2 * 16]));
    }
}
