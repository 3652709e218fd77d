//! Strings of one length (UUIDs, dates, codes), place by place: of letters that are always the same nothing is
//! said, of those that are one of a few which one.
//!
//! ```text
//! varint length l │ u8 alphabets a │ a times: u8 n − 1, n letters │ l times: u8 alphabet │ letters
//! ```
//!
//! *Letters* is one sequence of bits, least significant first: for each string and each place the number of
//! the letter in the place's alphabet, in ⌈log₂ n⌉ bits. The last byte is padded with zeros.

use crate::error::{Error, ErrorKind, Result};
use crate::limits::Budget;
use crate::wire::bitstream::{BitReader, BitWriter};
use crate::wire::{Reader, bits, varint};

/// The longest strings.
const MOST: usize = 255;

/// The letters that a place may have.
type Alphabet = [bool; 256];

fn count(alphabet: &Alphabet) -> usize {
    alphabet.iter().filter(|&&is_there| is_there).count()
}

/// The bits of a letter of `count`.
fn width(count: usize) -> u32 {
    bits::width(count as u64 - 1)
}

/// What stands in each place of strings of one length.
pub(crate) struct Plan {
    alphabets: Vec<Alphabet>,
    /// Of each place the number of its alphabet.
    places: Vec<usize>,
}

/// A plan for `strings`, if they are all of one length, 1 to 255.
pub(crate) fn plan(strings: &[&[u8]]) -> Option<Plan> {
    let length = strings.first()?.len();
    if !(1..=MOST).contains(&length) || strings.iter().any(|string| string.len() != length) {
        return None;
    }
    let mut seen = vec![[false; 256]; length];
    for string in strings {
        seen.iter_mut().zip(*string).for_each(|(place, &letter)| place[usize::from(letter)] = true);
    }
    let mut plan = Plan { alphabets: Vec::new(), places: Vec::with_capacity(length) };
    for place in &seen {
        let wide = width(count(place));
        // Places share an alphabet where that costs no bit.
        let found = plan.alphabets.iter_mut().position(|alphabet| {
            let both: Alphabet = std::array::from_fn(|letter| alphabet[letter] || place[letter]);
            let fits = width(count(alphabet)) == wide && width(count(&both)) == wide && wide > 0
                || *alphabet == *place;
            if fits {
                *alphabet = both;
            }
            fits
        });
        plan.places.push(found.unwrap_or_else(|| {
            plan.alphabets.push(*place);
            plan.alphabets.len() - 1
        }));
    }
    Some(plan)
}

impl Plan {
    /// The bytes of so many strings.
    pub(crate) fn encoded_len(&self, strings: usize) -> usize {
        let head: usize = self.alphabets.iter().map(|alphabet| 1 + count(alphabet)).sum();
        let widths: Vec<u32> = self.alphabets.iter().map(|alphabet| width(count(alphabet))).collect();
        let each: usize = self.places.iter().map(|&place| widths[place] as usize).sum();
        let length = varint::len(self.places.len() as u64);
        length + 1 + head + self.places.len() + (each * strings).div_ceil(8)
    }
}

/// Appends `strings`, for which `plan` was made.
pub(crate) fn encode(strings: &[&[u8]], plan: &Plan, out: &mut Vec<u8>) {
    varint::write(out, plan.places.len() as u64);
    // At most as many as there are places.
    out.push(plan.alphabets.len() as u8);
    let mut numbers = Vec::with_capacity(plan.alphabets.len());
    for alphabet in &plan.alphabets {
        let mut number = [0u32; 256];
        out.push((count(alphabet) - 1) as u8);
        let letters = (0..=u8::MAX).filter(|&letter| alphabet[usize::from(letter)]);
        for (index, letter) in letters.enumerate() {
            out.push(letter);
            number[usize::from(letter)] = index as u32;
        }
        numbers.push((number, width(count(alphabet))));
    }
    out.extend(plan.places.iter().map(|&place| place as u8));
    let mut letters = BitWriter::default();
    for string in strings {
        for (&letter, &place) in string.iter().zip(&plan.places) {
            let (number, width) = &numbers[place];
            letters.put(number[usize::from(letter)], *width);
        }
    }
    out.extend(letters.finish());
}

/// Reads strings of `len` bytes in all, up to the end of `reader`.
pub(crate) fn decode(reader: &mut Reader, len: usize, budget: &mut Budget) -> Result<Vec<u8>> {
    let at = reader.offset();
    let length = reader.count("length of records")?;
    if length == 0 || length > MOST || !len.is_multiple_of(length) {
        return Err(Error::inconsistent(at, format!("records of {length} bytes that make up {len}")));
    }
    let count = usize::from(reader.u8("number of alphabets")?);
    // Of each alphabet its letters and their bits.
    let mut alphabets: Vec<(&[u8], u32)> = budget.vec(count, "alphabets", at)?;
    for _ in 0..count {
        let letters = usize::from(reader.u8("number of letters")?) + 1;
        alphabets.push((reader.bytes(letters, "letters")?, width(letters)));
    }
    let mut places: Vec<(&[u8], u32)> = budget.vec(length, "places of records", at)?;
    for &place in reader.bytes(length, "alphabets of places")? {
        let alphabet = alphabets.get(usize::from(place));
        places.push(
            *alphabet.ok_or_else(|| {
                Error::inconsistent(at, format!("alphabet {place} of records with {count}"))
            })?,
        );
    }
    let at = reader.offset();
    let each: u64 = places.iter().map(|&(_, width)| u64::from(width)).sum();
    let rest = reader.rest();
    let wanted = (each * (len / length) as u64).div_ceil(8);
    if wanted > rest.len() as u64 {
        let what = format!("{wanted} bytes of letters, {} are there", rest.len());
        return Err(Error::truncated(at, what));
    }
    let mut out: Vec<u8> = budget.vec(len, "text", at)?;
    let mut letters = BitReader::new(reader.bytes(rest.len(), "letters")?);
    let mut wrong = false;
    for _ in 0..len / length {
        // A look at 56 bits is one at seven letters or more.
        for places in places.chunks(7) {
            let mut window = letters.peek();
            let mut read = 0;
            for &(alphabet, width) in places {
                let number = (window & ((1 << width) - 1)) as usize;
                window >>= width;
                read += width;
                wrong |= number >= alphabet.len();
                out.push(alphabet[number.min(alphabet.len() - 1)]);
            }
            letters.skip(read);
        }
    }
    letters.finish(at, "letters of records")?;
    match wrong {
        false => Ok(out),
        true => {
            let what = "a letter that its alphabet does not have";
            Err(Error::new(ErrorKind::Inconsistent, at, what))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encoded(strings: &[&[u8]]) -> Vec<u8> {
        let plan = plan(strings).unwrap();
        let mut out = Vec::new();
        encode(strings, &plan, &mut out);
        assert_eq!(out.len(), plan.encoded_len(strings.len()));
        out
    }

    fn decoded(bytes: &[u8], len: usize) -> Result<Vec<u8>> {
        decode(&mut Reader::new(bytes, 0), len, &mut Budget::default())
    }

    #[test]
    fn uuids_take_half_a_byte_a_digit() {
        let strings: Vec<String> = (0..1000u128)
            .map(|number| {
                let digits =
                    format!("{:032x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835));
                format!("{}-{}-4{}", &digits[..8], &digits[8..12], &digits[13..])
            })
            .collect();
        let strings: Vec<&[u8]> = strings.iter().map(String::as_bytes).collect();
        let bytes = encoded(&strings);
        assert!(bytes.len() < 1000 * 31 / 2 + 80, "{}", bytes.len());
        assert_eq!(decoded(&bytes, 34_000).unwrap(), strings.concat());
    }

    #[test]
    fn others_have_no_plan() {
        for strings in [&[][..], &[&b"ab"[..], b"abc"], &[b"", b""], &[&[7; 256], &[8; 256]]] {
            assert!(plan(strings).is_none());
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(length in 1usize..40, bytes: Vec<u8>, mask: u8) {
            let bytes: Vec<u8> = bytes.iter().map(|byte| byte & mask).collect();
            let strings: Vec<&[u8]> = bytes.chunks_exact(length).collect();
            if !strings.is_empty() {
                let encoded = encoded(&strings);
                let len = strings.len() * length;
                prop_assert_eq!(decoded(&encoded, len).unwrap(), strings.concat());
                for end in 0..encoded.len() {
                    prop_assert!(decoded(&encoded[..end], len).is_err());
                }
                prop_assert!(decode(&mut Reader::new(&encoded, 0), len, &mut Budget::new(0)).is_err());
            }
        }

        #[test]
        fn damage_is_no_panic(bytes: Vec<u8>, len in 0usize..300) {
            let _ = decoded(&bytes, len);
        }
    }

    #[test]
    fn what_is_wrong_is_refused() {
        // Two strings of two letters, a or b or c.
        let right = [2, 1, 2, b'a', b'b', b'c', 0, 0, 0b10_01_00_10];
        assert_eq!(decoded(&right, 4).unwrap(), b"cabc");
        for (place, value) in [(0, 0), (0, 3), (1, 0), (6, 1), (8, 0b11_01_00_10)] {
            let mut wrong = right;
            wrong[place] = value;
            assert_eq!(decoded(&wrong, 4).unwrap_err().kind(), ErrorKind::Inconsistent, "{place}");
        }
        assert_eq!(decoded(&[&right[..], &[0]].concat(), 4).unwrap_err().kind(), ErrorKind::Overlong);
    }
}
