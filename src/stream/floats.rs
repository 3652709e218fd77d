//! Streams of floating point numbers, which are integers to those who read them: their bits. Who writes
//! them knows more, and may take
//!
//! ```text
//! id  name     payload
//! 11  decimal  u8 exponent │ varint exceptions │ [child: gaps │ child: exceptions] │ child: zigzag integers
//! 12  single   child: the bits of singles that equal these doubles
//! ```

use super::Encoded;
use super::choose::Chooser;
use super::ints::IntEncoding;
use super::technique::Technique;
use crate::encoding::decimal::{self, Decimals};
use crate::encoding::int::Int;
use crate::wire::varint;

/// Picoseconds for the division that makes a number of an integer, and for making a single wide.
const DECIMAL: u64 = 2_500;
const SINGLE: u64 = 400;

/// Codes singles or doubles, given by their bits, in the way of the lowest price.
pub(crate) fn write<T: Int>(bits: &[T], chooser: &Chooser) -> Encoded {
    if let Some(some) = chooser.sample(bits) {
        let encoding = write(&some, chooser).encoding;
        let like_these = match encoding {
            id if id == IntEncoding::Decimal.id() => decimals(bits, chooser),
            id if id == IntEncoding::Single.id() => as_singles(bits, chooser),
            _ => None,
        };
        return like_these.unwrap_or_else(|| chooser.ints(bits));
    }
    let best = chooser.ints(bits);
    let best = cheapest(best, IntEncoding::Decimal, bits, chooser, || decimals(bits, chooser));
    cheapest(best, IntEncoding::Single, bits, chooser, || as_singles(bits, chooser))
}

/// The numbers as singles, if all of them are some.
fn as_singles<T: Int>(bits: &[T], chooser: &Chooser) -> Option<Encoded> {
    let singles = decimal::singles(bits)?;
    let mut payload = Vec::new();
    let child = write(&singles, chooser);
    child.write_last_child(&mut payload);
    let time = child.time + bits.len() as u64 * SINGLE;
    Some(Encoded { time, ..Encoded::new(IntEncoding::Single.id(), payload) })
}

/// The better of `best` and `other`, a stream in `encoding`: that one if it is forced, or if the bytes that it saves
/// are worth its time.
fn cheapest<T: Int>(
    best: Encoded,
    encoding: IntEncoding,
    bits: &[T],
    chooser: &Chooser,
    other: impl FnOnce() -> Option<Encoded>,
) -> Encoded {
    let forced = chooser.force.ints == Some(encoding) && !bits.is_empty();
    // A single value is short enough.
    let few = best.payload.len() <= size_of::<T>() + 2;
    if !forced && (chooser.force.ints.is_some() || few || !chooser.uses(Technique::Decimals)) {
        return best;
    }
    let price = |encoded: &Encoded| chooser.price(encoded.payload.len(), encoded.time);
    let Some(other) = other() else { return best };
    let better = forced || price(&other) < price(&best);
    let tried = chooser.tried(encoding.name(), other.payload.len(), other.time);
    chooser.note_also(&best, &other, better, tried);
    if better { other } else { best }
}

/// The numbers as decimals, if most of them are some.
fn decimals<T: Int>(bits: &[T], chooser: &Chooser) -> Option<Encoded> {
    let exponent = decimal::exponent(bits);
    let first = with_exponent(bits, exponent, chooser);
    // Where few numbers have many decimals and the others repeat, a dictionary holds large integers as well.
    let has_exceptions = first.as_ref().is_none_or(|(_, exceptions)| *exceptions > 0);
    let exact = if has_exceptions { decimal::exact_exponent(bits, exponent) } else { None };
    let exact = exact.and_then(|exponent| with_exponent(bits, exponent, chooser));
    [first, exact]
        .into_iter()
        .flatten()
        .map(|(encoded, _)| encoded)
        .min_by_key(|encoded| encoded.payload.len())
}

/// The numbers as decimals with so many decimals, and how many are exceptions, unless most are.
fn with_exponent<T: Int>(bits: &[T], exponent: u8, chooser: &Chooser) -> Option<(Encoded, usize)> {
    let Decimals { integers, gaps, exceptions } = decimal::encode(bits, exponent);
    if 2 * exceptions.len() > bits.len() && chooser.force.ints.is_none() {
        return None;
    }
    let mut payload = vec![exponent];
    varint::write(&mut payload, exceptions.len() as u64);
    let mut time = 0;
    if !exceptions.is_empty() {
        for child in [chooser.ints(&gaps), chooser.ints(&exceptions)] {
            child.write_child(&mut payload);
            time += child.time;
        }
    }
    let child = chooser.ints(&integers);
    child.write_last_child(&mut payload);
    time += child.time + bits.len() as u64 * DECIMAL;
    Some((Encoded { time, ..Encoded::new(IntEncoding::Decimal.id(), payload) }, exceptions.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Budget;
    use crate::stream::ints;
    use crate::tile::options::{EncodeOptions, Profile};
    use crate::wire::Reader;

    /// Parts of a length: 0 and 1 as a rule, now and then a number of nine decimals.
    #[test]
    fn few_numbers_of_many_decimals_are_no_exceptions() {
        let numbers = (0u64..2000).map(|row| match row % 20 {
            19 => ((row * 987_654_321) % 1_000_000_000) as f64 / 1e9,
            other => (other % 2) as f64,
        });
        let bits: Vec<u64> = numbers.map(f64::to_bits).collect();
        let encoded = write(&bits, &EncodeOptions::new(Profile::Small).chooser());
        assert_eq!(encoded.encoding, IntEncoding::Decimal.id());
        // A hundred of 30 bits, and which.
        assert!(encoded.payload.len() < 375 + 300, "{}", encoded.payload.len());
        let reader = Reader::new(&encoded.payload, 0);
        let read: Vec<u64> =
            ints::read(encoded.encoding, reader, bits.len(), &mut Budget::default()).unwrap();
        assert_eq!(read, bits);
    }
}
