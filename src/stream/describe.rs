//! How a payload is coded, told from the headers in it without its values: for those who explain a
//! tile. What is compressed is decompressed to look inside.
//!
//! A header is read here in the same way as by `ints` and `bytes`, which read the values, too.

use std::fmt;

use super::bytes::ByteEncoding;
use super::ints::IntEncoding;
use crate::encoding::{block, entropy};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::{Budget, MAX_NESTING};
use crate::wire::Reader;
use crate::wire::trace::Trace;

/// How values are coded: an encoding and those within it. Displayed in one line:
/// `delta(rle(packed 5 bits, varint))`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Coding {
    /// The encoding's name in the specification.
    pub name: &'static str,
    /// The width in bits of every value, where the encoding has one.
    pub width: Option<u32>,
    /// How many values it codes.
    pub count: usize,
    /// The length of its payload; of what lies within a compressed one, decompressed.
    pub bytes: usize,
    /// The encodings within, and what they are there for.
    pub parts: Vec<(&'static str, Coding)>,
}

impl Coding {
    /// A coding of `count` values in what `reader` has left.
    pub(crate) fn new<T: Trace>(name: &'static str, count: usize, reader: &Reader<T>) -> Self {
        Self { name, width: None, count, bytes: reader.rest().len(), parts: Vec::new() }
    }
}

impl fmt::Display for Coding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        match self.width {
            None => {}
            Some(1) => f.write_str(" 1 bit")?,
            Some(width) => write!(f, " {width} bits")?,
        }
        for (index, (_, part)) in self.parts.iter().enumerate() {
            write!(f, "{}{part}", if index == 0 { "(" } else { ", " })?;
        }
        f.write_str(if self.parts.is_empty() { "" } else { ")" })
    }
}

/// How `count` integers are coded in all that `reader` has.
///
/// # Errors
/// If a header is damaged, or what is compressed takes more memory than `budget` has left.
pub(crate) fn ints(
    encoding: u8,
    mut reader: Reader<impl Trace>,
    count: usize,
    budget: &mut Budget,
) -> Result<Coding> {
    let encoding = IntEncoding::from_id(encoding, reader.offset())?;
    nested(encoding, &mut reader, count, budget, MAX_NESTING)
}

fn nested(
    encoding: IntEncoding,
    reader: &mut Reader<impl Trace>,
    count: usize,
    budget: &mut Budget,
    depth: u32,
) -> Result<Coding> {
    let mut coding = Coding::new(encoding.name(), count, reader);
    if count == 0 {
        reader.finish("stream without values")?;
        return Ok(coding);
    }
    let Some(depth) = depth.checked_sub(1) else {
        let what = format!("encodings nested more than {MAX_NESTING} deep");
        return Err(Error::new(ErrorKind::LimitExceeded, reader.offset(), what));
    };
    match encoding {
        IntEncoding::Constant => {
            reader.varint_u64("constant")?;
        }
        IntEncoding::Plain => rest(reader, "plain integers")?,
        IntEncoding::Varint => rest(reader, "varints")?,
        IntEncoding::Packed => {
            reader.varint_u64("minimum of packed integers")?;
            coding.width = Some(reader.u8("width of packed integers")?.into());
            rest(reader, "packed integers")?;
        }
        IntEncoding::Patched => rest(reader, "patched blocks")?,
        IntEncoding::Entropy => entropy::describe(reader)?,
        IntEncoding::Divided => {
            reader.varint_u32("divisor")?;
            coding.parts = vec![
                ("quotients", nested_child(reader, count, budget, depth)?),
                ("remainders", nested_last_child(reader, count, budget, depth)?),
            ];
        }
        IntEncoding::Rle => {
            let runs = reader.count("number of runs")?;
            coding.parts = vec![
                ("lengths", nested_child(reader, runs, budget, depth)?),
                ("values", nested_last_child(reader, runs, budget, depth)?),
            ];
        }
        IntEncoding::Delta => {
            coding.parts = vec![("differences", nested_last_child(reader, count, budget, depth)?)];
        }
        IntEncoding::Fresh => {
            coding.parts = vec![("codes", nested_last_child(reader, count, budget, depth)?)];
        }
        IntEncoding::Dictionary => {
            let distinct = reader.count("number of distinct values")?;
            coding.parts = vec![
                ("distinct values", nested_child(reader, distinct, budget, depth)?),
                ("codes", nested_last_child(reader, count, budget, depth)?),
            ];
        }
        IntEncoding::Zstd => {
            let at = reader.offset();
            let inner = IntEncoding::from_id(reader.u8("compressed encoding")?, at)?;
            reader.note(|| inner.name().into());
            let size = reader.count("size of compressed integers")?;
            let mut frame = Reader::new(reader.bytes(reader.rest().len(), "zstd frame")?, at);
            let payload = block::decompress(&mut frame, size, budget)?;
            frame.finish("zstd frame")?;
            let mut reader = Reader::decompressed(&payload, at).traced(reader.trace().inner());
            coding.parts = vec![("payload", nested(inner, &mut reader, count, budget, depth)?)];
        }
        IntEncoding::Decimal => {
            reader.u8("exponent of decimals")?;
            let exceptions = reader.count("number of exceptions")?;
            if exceptions > 0 {
                coding.parts.push(("gaps", nested_child(reader, exceptions, budget, depth)?));
                coding.parts.push(("exceptions", nested_child(reader, exceptions, budget, depth)?));
            }
            coding.parts.push(("integers", nested_last_child(reader, count, budget, depth)?));
        }
        IntEncoding::Single => {
            coding.parts = vec![("singles", nested_last_child(reader, count, budget, depth)?)];
        }
    }
    reader.finish("integers")?;
    Ok(coding)
}

/// A child stream that is not the last one, of `count` integers.
pub(crate) fn child(reader: &mut Reader<impl Trace>, count: usize, budget: &mut Budget) -> Result<Coding> {
    nested_child(reader, count, budget, MAX_NESTING)
}

/// The last child stream, of `count` integers.
pub(crate) fn last_child(
    reader: &mut Reader<impl Trace>,
    count: usize,
    budget: &mut Budget,
) -> Result<Coding> {
    nested_last_child(reader, count, budget, MAX_NESTING)
}

fn nested_child(
    reader: &mut Reader<impl Trace>,
    count: usize,
    budget: &mut Budget,
    depth: u32,
) -> Result<Coding> {
    let encoding = child_encoding(reader)?;
    let len = reader.count("child length")?;
    nested(encoding, &mut reader.sub(len, "child stream")?, count, budget, depth)
}

fn nested_last_child(
    reader: &mut Reader<impl Trace>,
    count: usize,
    budget: &mut Budget,
    depth: u32,
) -> Result<Coding> {
    nested(child_encoding(reader)?, reader, count, budget, depth)
}

fn child_encoding(reader: &mut Reader<impl Trace>) -> Result<IntEncoding> {
    let at = reader.offset();
    let encoding = IntEncoding::from_id(reader.u8("child encoding")?, at)?;
    reader.note(|| encoding.name().into());
    Ok(encoding)
}

/// How `count` bytes are coded in all that `reader` has.
///
/// # Errors
/// If a header is damaged.
pub(crate) fn bytes(encoding: u8, mut reader: Reader<impl Trace>, count: usize) -> Result<Coding> {
    let encoding = ByteEncoding::from_id(encoding, reader.offset())?;
    let coding = Coding::new(encoding.name(), count, &reader);
    match encoding {
        _ if count == 0 => {}
        ByteEncoding::Constant => {
            reader.u8("constant byte")?;
        }
        ByteEncoding::Plain => rest(&mut reader, "plain bytes")?,
        ByteEncoding::ByteRle => rest(&mut reader, "runs and literals")?,
        ByteEncoding::Fsst => {
            let counts = reader.bytes(8, "numbers of symbols of 1 to 8 bytes")?;
            let len = (1..).zip(counts).map(|(len, &count)| len * usize::from(count)).sum();
            reader.bytes(len, "symbols")?;
            rest(&mut reader, "codes")?;
        }
        ByteEncoding::Zstd => rest(&mut reader, "zstd frame")?,
        ByteEncoding::Records => {
            let length = reader.count("length of records")?;
            for _ in 0..reader.u8("number of alphabets")? {
                let letters = usize::from(reader.u8("number of letters")?) + 1;
                reader.bytes(letters, "letters of an alphabet")?;
            }
            reader.bytes(length, "alphabets of places")?;
            rest(&mut reader, "letters")?;
        }
        ByteEncoding::Windows => {
            let at = reader.offset();
            let child = ByteEncoding::from_id(reader.u8("child encoding")?, at)?;
            reader.note(|| child.name().into());
            reader.count("bytes of text in windows")?;
            rest(&mut reader, "text in windows")?;
        }
    }
    reader.finish("bytes")?;
    Ok(coding)
}

fn rest(reader: &mut Reader<impl Trace>, what: &'static str) -> Result<()> {
    reader.bytes(reader.rest().len(), what).map(drop)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::encoding::{dictionary, divided, fresh, rle};
    use crate::stream::Encoded;
    use crate::stream::floats;
    use crate::stream::ints::{self, IntPlan};
    use crate::testing::check::describe::cover;
    use crate::wire::trace::{Field, Recorder};

    /// Describes a stream and checks that each of its bytes is told of once.
    fn describe(encoded: &Encoded, count: usize) -> (Coding, Vec<Field>) {
        let mut budget = Budget::default();
        let recorder = Recorder::new(&budget);
        let reader = Reader::new(&encoded.payload, 0).traced(recorder.trace());
        let coding = ints(encoded.encoding, reader, count, &mut budget).unwrap();
        let fields = recorder.finish(&mut budget).unwrap();
        cover(&fields, encoded.payload.len());
        (coding, fields)
    }

    /// Plans of all encodings that can be planned, nested in all ways.
    fn plans() -> impl Strategy<Value = IntPlan> {
        let leaf = prop_oneof![
            Just(IntPlan::Plain),
            Just(IntPlan::Varint),
            Just(IntPlan::Packed),
            Just(IntPlan::Patched),
            Just(IntPlan::Entropy)
        ];
        leaf.prop_recursive(3, 12, 2, |inner| {
            let inner = inner.prop_map(Box::new);
            prop_oneof![
                (inner.clone(), inner.clone()).prop_map(|(lengths, values)| IntPlan::Rle { lengths, values }),
                inner.clone().prop_map(IntPlan::Delta),
                inner.clone().prop_map(IntPlan::Fresh),
                (inner.clone(), inner.clone(), any::<bool>()).prop_map(|(distinct, codes, sorted)| {
                    IntPlan::Dictionary { distinct, codes, sorted }
                }),
                (inner.clone(), inner, 1u32..30).prop_map(|(quotients, remainders, divisor)| {
                    IntPlan::Divided { divisor, quotients, remainders }
                }),
            ]
        })
    }

    /// Checks that `coding` tells of `plan`, carried out for `values`.
    fn check(coding: &Coding, plan: &IntPlan, values: &[u64]) {
        assert_eq!((coding.name, coding.count), (plan.encoding().name(), values.len()));
        let wide = |values: &[u32]| values.iter().map(|&value| value.into()).collect::<Vec<u64>>();
        let parts: Vec<&Coding> = coding.parts.iter().map(|(_, part)| part).collect();
        match (plan, &parts[..]) {
            (IntPlan::Packed, []) => {
                let (min, max) = ints::min_max(values);
                assert_eq!(coding.width, Some(crate::wire::bits::width(max - min)));
            }
            (
                IntPlan::Constant | IntPlan::Plain | IntPlan::Varint | IntPlan::Patched | IntPlan::Entropy,
                [],
            ) => {}
            (IntPlan::Rle { lengths, values: run_values }, [first, second]) => {
                let runs = rle::encode(values);
                check(first, lengths, &wide(&runs.0));
                check(second, run_values, &runs.1);
            }
            (IntPlan::Delta(child), [part]) => {
                check(part, child, &crate::encoding::delta::encode::<1, u64>(values));
            }
            (IntPlan::Fresh(child), [part]) => check(part, child, &fresh::encode(values).unwrap()),
            (IntPlan::Dictionary { distinct, codes, sorted }, [first, second]) => {
                let mut encoded = dictionary::encode(values, usize::MAX).unwrap();
                if *sorted {
                    dictionary::sort(&mut encoded.0, &mut encoded.1);
                }
                check(first, distinct, &encoded.0);
                check(second, codes, &wide(&encoded.1));
            }
            (IntPlan::Divided { divisor, quotients, remainders }, [first, second]) => {
                let encoded = divided::encode(values, *divisor);
                check(first, quotients, &encoded.0);
                check(second, remainders, &wide(&encoded.1));
            }
            _ => panic!("{plan:?} told as {coding:?}"),
        }
    }

    proptest! {
        #[test]
        fn tells_what_was_planned(
            plan in plans(),
            values in prop::collection::vec(prop_oneof![0u64..9, any::<u64>()], 1..300),
        ) {
            let encoded = ints::encode(&values, &plan);
            let (coding, _) = describe(&encoded, values.len());
            prop_assert_eq!(coding.bytes, encoded.payload.len());
            check(&coding, &plan, &values);

            let zstd = ints::compress(&encoded, 1);
            let (coding, fields) = describe(&zstd, values.len());
            prop_assert_eq!((coding.name, coding.parts[0].1.bytes), ("zstd", encoded.payload.len()));
            check(&coding.parts[0].1, &plan, &values);
            prop_assert!(fields.iter().any(|field| field.level == 1));
        }

        #[test]
        fn damage_is_survived(
            encoding in 0u8..16,
            payload in prop::collection::vec(any::<u8>(), 0..40),
            count in 0usize..50,
        ) {
            let mut budget = Budget::new(1 << 16);
            let _ = ints(encoding, Reader::new(&payload, 0), count, &mut budget);
            let _ = bytes(encoding, Reader::new(&payload, 0), count);
        }
    }

    #[test]
    fn nested_encodings_in_one_line() {
        let rle = IntPlan::Rle { lengths: Box::new(IntPlan::Packed), values: Box::new(IntPlan::Varint) };
        let encoded = ints::encode(&[7u32, 9, 11, 13, 13, 13, 14, 14], &IntPlan::Delta(Box::new(rle)));
        assert_eq!(describe(&encoded, 8).0.to_string(), "delta(rle(packed 2 bits, varint))");
        let zstd = ints::compress(&ints::encode(&[0u32, 1], &IntPlan::Packed), 1);
        assert_eq!(describe(&zstd, 2).0.to_string(), "zstd(packed 1 bit)");
        assert_eq!(describe(&ints::encode::<u32>(&[], &IntPlan::Constant), 0).0.to_string(), "constant");
    }

    #[test]
    fn floats_are_covered() {
        let doubles: Vec<u64> = (0..200)
            .map(|index| if index % 50 == 7 { f64::NAN } else { f64::from(index) / 100.0 })
            .map(f64::to_bits)
            .collect();
        let force = |ints| crate::Force { ints, bytes: None };
        let chooser = |ints| crate::EncodeOptions { force: force(ints), ..Default::default() }.chooser();
        let (coding, _) = describe(&floats::write(&doubles, &chooser(None)), doubles.len());
        let parts = coding.parts.iter().map(|(what, part)| (*what, part.count));
        assert_eq!(coding.name, "decimal");
        assert!(parts.eq([("gaps", 4), ("exceptions", 4), ("integers", 200)]), "{coding:?}");

        let halves: Vec<u64> = (0..200).map(|index| (f64::from(index) / 64.0).to_bits()).collect();
        let (coding, _) =
            describe(&floats::write(&halves, &chooser(Some(IntEncoding::Single))), halves.len());
        assert_eq!((coding.name, coding.parts[0].0, coding.parts[0].1.count), ("single", "singles", 200));
    }

    #[test]
    fn every_byte_encoding_is_covered() {
        let text = b"residential residential track path footway residential track";
        for &encoding in ByteEncoding::ALL {
            let text = if encoding == ByteEncoding::Constant { &[b'a'; 60] } else { text };
            let encoded = crate::stream::bytes::write(text, &[text], encoding, 1);
            let mut budget = Budget::default();
            let recorder = Recorder::new(&budget);
            let reader = Reader::new(&encoded.payload, 0).traced(recorder.trace());
            let coding = bytes(encoded.encoding, reader, text.len()).unwrap();
            assert_eq!((coding.name, coding.bytes), (encoding.name(), encoded.payload.len()));
            cover(&recorder.finish(&mut budget).unwrap(), encoded.payload.len());
        }
    }

    #[test]
    fn nesting_has_an_end() {
        // A delta of a delta of …
        let payload = [IntEncoding::Delta.id(); 20];
        let error = ints(IntEncoding::Delta.id(), Reader::new(&payload, 0), 5, &mut Budget::none());
        assert_eq!(error.unwrap_err().kind(), ErrorKind::LimitExceeded);
    }

    #[test]
    fn fields_take_memory_from_the_budget() {
        let mut budget = Budget::new(3 * size_of::<Field>());
        let recorder = Recorder::new(&budget);
        let mut reader = Reader::new(&[0; 4], 0).traced(recorder.trace());
        for _ in 0..4 {
            reader.u8("byte").unwrap();
        }
        assert_eq!(recorder.finish(&mut budget).unwrap_err().kind(), ErrorKind::LimitExceeded);
    }
}
