//! Streams of integers.
//!
//! ```text
//! id  name        payload (the number of values is known from outside)
//! 0   constant    varint value                                     nothing if there are no values
//! 1   plain       each value in 4 or 8 bytes, little endian
//! 2   varint      each value as a varint
//! 3   packed      varint minimum │ u8 width │ value − minimum, each in `width` bits
//! 4   patched     blocks of 128, see `encoding::patched`
//! 5   rle         varint runs │ child: lengths │ child: values
//! 6   delta       child: zigzag differences
//! 7   dictionary  varint distinct │ child: distinct values │ child: codes
//! 8   zstd        u8 encoding │ varint size of its payload │ that payload as a zstd frame
//! 9   entropy     see `encoding::entropy`
//! 10  divided     varint divisor │ child: quotients │ child: remainders
//! 11  decimal     numbers by their bits, as decimals: see `floats`
//! 12  single      doubles by their bits, as singles: see `floats`
//! 13  fresh       child: codes, see `encoding::fresh`
//! ```

mod plan;

pub(crate) use self::plan::IntPlan;
use super::Encoded;
use crate::encoding::int::{Int, room};
use crate::encoding::{block, decimal, delta, dictionary, divided, entropy, fresh, rle, varints};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::{Budget, MAX_NESTING};
use crate::wire::ids::wire_ids;
use crate::wire::{Reader, bits, varint};

wire_ids! {
    /// How a stream of integers is coded.
    pub enum IntEncoding: "integer encoding" {
        /// One value, said once.
        Constant = 0 "constant",
        /// Fixed width, 4 or 8 bytes.
        Plain = 1 "plain",
        /// Base-128 varints.
        Varint = 2 "varint",
        /// Differences from the minimum, bit-packed in one width.
        Packed = 3 "packed",
        /// Bit-packed in blocks of 128, each in its own width, with exceptions.
        Patched = 4 "patched",
        /// Runs.
        Rle = 5 "rle",
        /// Zigzag differences between neighbours.
        Delta = 6 "delta",
        /// Distinct values and codes.
        Dictionary = 7 "dictionary",
        /// Another encoding's payload, compressed.
        Zstd = 8 "zstd",
        /// Bit lengths or small values by their frequency, as rANS.
        Entropy = 9 "entropy",
        /// Quotients and remainders.
        Divided = 10 "divided",
        /// Floating point numbers, by their bits, as integers divided by a power of ten.
        Decimal = 11 "decimal",
        /// Doubles, by their bits, as singles.
        Single = 12 "single",
        /// Numbers given out in order of first use, and repeated.
        Fresh = 13 "fresh",
    }
    reserved {}
}

/// Codes `values` as `plan` says, which must fit them; but a plan made for some of them may be [`IntPlan::Fresh`],
/// and another of them none that this can say: then they become varints.
pub(crate) fn encode<T: Int>(values: &[T], plan: &IntPlan) -> Encoded {
    let mut payload = Vec::new();
    if let IntPlan::Fresh(child) = plan {
        let Some(codes) = fresh::encode(values) else { return encode(values, &IntPlan::Varint) };
        encode(&codes, child).write_last_child(&mut payload);
        return Encoded::new(plan.encoding().id(), payload);
    }
    write(values, plan, &mut payload);
    Encoded::new(plan.encoding().id(), payload)
}

fn write<T: Int>(values: &[T], plan: &IntPlan, out: &mut Vec<u8>) {
    match plan {
        IntPlan::Constant => {
            if let Some(&value) = values.first() {
                varint::write(out, value.to_u64());
            }
        }
        IntPlan::Plain => {
            for value in values {
                out.extend_from_slice(&value.to_u64().to_le_bytes()[..size_of::<T>()]);
            }
        }
        IntPlan::Varint => varints::encode(values, out),
        IntPlan::Packed => {
            let (min, max) = min_max(values);
            let width = bits::width(max.to_u64() - min.to_u64());
            varint::write(out, min.to_u64());
            out.push(width as u8);
            if min == T::default() {
                T::encode_packed(values, width, out);
            } else {
                let shifted: Vec<T> = values.iter().map(|value| value.wrapping_sub(min)).collect();
                T::encode_packed(&shifted, width, out);
            }
        }
        IntPlan::Patched => T::encode_patched(values, out),
        IntPlan::Entropy => {
            if !values.is_empty() {
                entropy::encode(values, out);
            }
        }
        IntPlan::Rle { lengths: lengths_plan, values: values_plan } => {
            let (lengths, values) = rle::encode(values);
            varint::write(out, lengths.len() as u64);
            encode(&lengths, lengths_plan).write_child(out);
            encode(&values, values_plan).write_last_child(out);
        }
        IntPlan::Delta(child) => encode(&delta::encode::<1, T>(values), child).write_last_child(out),
        IntPlan::Fresh(_) => unreachable!("encode does this"),
        IntPlan::Dictionary { distinct: distinct_plan, codes: codes_plan, sorted } => {
            let (mut distinct, mut codes) = dictionary::encode(values, usize::MAX).expect("no limit");
            if *sorted {
                dictionary::sort(&mut distinct, &mut codes);
            }
            varint::write(out, distinct.len() as u64);
            encode(&distinct, distinct_plan).write_child(out);
            encode(&codes, codes_plan).write_last_child(out);
        }
        IntPlan::Divided { divisor, quotients: quotients_plan, remainders: remainders_plan } => {
            let (quotients, remainders) = divided::encode(values, *divisor);
            varint::write(out, (*divisor).into());
            encode(&quotients, quotients_plan).write_child(out);
            encode(&remainders, remainders_plan).write_last_child(out);
        }
    }
}

/// The smallest and the largest of `values`, which must not be empty.
pub(crate) fn min_max<T: Int>(values: &[T]) -> (T, T) {
    values[1..].iter().fold((values[0], values[0]), |(min, max), &value| (min.min(value), max.max(value)))
}

/// `encoded` compressed at zstd's `level`.
pub(crate) fn compress(encoded: &Encoded, level: i32) -> Encoded {
    let mut payload = vec![encoded.encoding];
    varint::write(&mut payload, encoded.payload.len() as u64);
    payload.extend_from_slice(&block::compress(&encoded.payload, level));
    Encoded::new(IntEncoding::Zstd.id(), payload)
}

/// Reads `count` values; the payload must be all that `reader` has.
pub(crate) fn read<T: Int>(
    encoding: u8,
    reader: Reader,
    count: usize,
    budget: &mut Budget,
) -> Result<Vec<T>> {
    let mut out = Vec::new();
    read_to(encoding, reader, count, &mut out, budget)?;
    Ok(out)
}

/// [`read`] for values that are not kept: what holds them is to be given back to the budget.
pub(crate) fn read_scratch<T: Int>(
    encoding: u8,
    reader: Reader,
    count: usize,
    budget: &mut Budget,
) -> Result<Vec<T>> {
    let mut out = budget.scratch();
    read_to(encoding, reader, count, &mut out, budget)?;
    Ok(out)
}

/// [`read`] to `out`, which is empty and may have room for more.
pub(crate) fn read_to<T: Int>(
    encoding: u8,
    mut reader: Reader,
    count: usize,
    out: &mut Vec<T>,
    budget: &mut Budget,
) -> Result<()> {
    let encoding = IntEncoding::from_id(encoding, reader.offset())?;
    read_nested(encoding, &mut reader, count, out, budget, MAX_NESTING)
}

/// `out` is empty.
fn read_nested<T: Int>(
    encoding: IntEncoding,
    reader: &mut Reader,
    count: usize,
    out: &mut Vec<T>,
    budget: &mut Budget,
    depth: u32,
) -> Result<()> {
    let at = reader.offset();
    if count == 0 {
        return reader.finish("stream without values");
    }
    let Some(depth) = depth.checked_sub(1) else {
        let what = format!("encodings nested more than {MAX_NESTING} deep");
        return Err(Error::new(ErrorKind::LimitExceeded, at, what));
    };
    match encoding {
        IntEncoding::Constant => {
            let value = varint_of::<T>(reader, "constant")?;
            room(reader, count, out, budget)?;
            out.resize(count, value);
        }
        IntEncoding::Plain => {
            let bytes = count.saturating_mul(size_of::<T>());
            let bytes = reader.bytes(bytes, "plain integers")?;
            room(reader, count, out, budget)?;
            out.extend(bytes.chunks_exact(size_of::<T>()).map(|bytes| {
                let mut wide = [0; 8];
                wide[..size_of::<T>()].copy_from_slice(bytes);
                T::from_u64(u64::from_le_bytes(wide))
            }));
        }
        IntEncoding::Varint => {
            // At least one byte a value: a count beyond that is refused before memory is taken.
            need_bytes(reader, count)?;
            room(reader, count, out, budget)?;
            varints::decode(reader, count, out)?;
        }
        IntEncoding::Packed => {
            let min = varint_of::<T>(reader, "minimum of packed integers")?;
            let at = reader.offset();
            let width = u32::from(reader.u8("width of packed integers")?);
            if width > T::BITS {
                return Err(Error::inconsistent(at, format!("packed width of {width} bits")));
            }
            room(reader, count, out, budget)?;
            T::decode_packed(reader, count, width, out)?;
            if min != T::default() {
                out.iter_mut().for_each(|value| *value = value.wrapping_add(min));
            }
        }
        IntEncoding::Patched => {
            room(reader, count, out, budget)?;
            T::decode_patched(reader, count, out)?;
        }
        IntEncoding::Rle => {
            let (lengths, values) = read_nested_runs::<T>(reader, budget, depth)?;
            room(reader, count, out, budget)?;
            rle::decode(&lengths, &values, count, at, out)?;
            budget.give_back(lengths);
            budget.give_back(values);
        }
        IntEncoding::Delta => {
            read_nested_last_child(reader, count, out, budget, depth)?;
            delta::decode_in_place::<1, T>(out);
        }
        IntEncoding::Fresh => {
            read_nested_last_child(reader, count, out, budget, depth)?;
            fresh::decode_in_place(out);
        }
        IntEncoding::Dictionary => {
            let distinct = reader.count("number of distinct values")?;
            let distinct: Vec<T> = scratch_child(reader, distinct, budget, depth)?;
            let codes: Vec<u32> = scratch_last_child(reader, count, budget, depth)?;
            room(reader, count, out, budget)?;
            dictionary::decode(&distinct, &codes, at, out)?;
            budget.give_back(distinct);
            budget.give_back(codes);
        }
        IntEncoding::Zstd => {
            let inner = IntEncoding::from_id(reader.u8("compressed encoding")?, at)?;
            let size = reader.count("size of compressed integers")?;
            let payload = block::decompress(reader, size, budget)?;
            read_nested(inner, &mut Reader::decompressed(&payload, at), count, out, budget, depth)?;
        }
        IntEncoding::Entropy => {
            room(reader, count, out, budget)?;
            entropy::decode(reader, count, budget, out)?;
        }
        IntEncoding::Divided => {
            let divisor = reader.varint_u32("divisor")?;
            read_nested_child(reader, count, out, budget, depth)?;
            let remainders: Vec<u32> = scratch_last_child(reader, count, budget, depth)?;
            divided::decode_in_place(out, &remainders, divisor);
            budget.give_back(remainders);
        }
        IntEncoding::Decimal => {
            let exponent = reader.u8("exponent of decimals")?;
            let exceptions = reader.count("number of exceptions")?;
            let (gaps, exceptions): (Vec<u32>, Vec<T>) = match exceptions {
                0 => Default::default(),
                count => (
                    scratch_child(reader, count, budget, depth)?,
                    scratch_child(reader, count, budget, depth)?,
                ),
            };
            read_nested_last_child(reader, count, out, budget, depth)?;
            decimal::decode_in_place(out, exponent, &gaps, &exceptions, at)?;
        }
        IntEncoding::Single if T::BITS == 32 => {
            return Err(Error::inconsistent(at, "singles as the bits of singles"));
        }
        IntEncoding::Single => {
            let singles: Vec<u32> = scratch_last_child(reader, count, budget, depth)?;
            room(reader, count, out, budget)?;
            out.extend(singles.iter().map(|&single| T::from_u64(decimal::widen(single))));
            budget.give_back(singles);
        }
    }
    reader.finish("integers")
}

/// Reads lengths and values of runs, all that `reader` has.
pub(crate) fn read_runs<T: Int>(reader: &mut Reader, budget: &mut Budget) -> Result<(Vec<u32>, Vec<T>)> {
    read_nested_runs(reader, budget, MAX_NESTING - 1)
}

/// As [`read_scratch`] reads them.
fn read_nested_runs<T: Int>(
    reader: &mut Reader,
    budget: &mut Budget,
    depth: u32,
) -> Result<(Vec<u32>, Vec<T>)> {
    let runs = reader.count("number of runs")?;
    let lengths = scratch_child(reader, runs, budget, depth)?;
    Ok((lengths, scratch_last_child(reader, runs, budget, depth)?))
}

/// Reads a child stream that is not the last one, as [`read_scratch`] does.
pub(crate) fn scratch_of_child<T: Int>(
    reader: &mut Reader,
    count: usize,
    budget: &mut Budget,
) -> Result<Vec<T>> {
    scratch_child(reader, count, budget, MAX_NESTING)
}

/// Reads a last child stream, the rest of the payload, as [`read_scratch`] does.
pub(crate) fn scratch_of_last_child<T: Int>(
    mut reader: Reader,
    count: usize,
    budget: &mut Budget,
) -> Result<Vec<T>> {
    scratch_last_child(&mut reader, count, budget, MAX_NESTING)
}

/// Reads a last child stream: the rest of the payload.
pub(crate) fn read_last_child<T: Int>(
    mut reader: Reader,
    count: usize,
    budget: &mut Budget,
) -> Result<Vec<T>> {
    let mut out = Vec::new();
    read_nested_last_child(&mut reader, count, &mut out, budget, MAX_NESTING)?;
    Ok(out)
}

fn scratch_child<T: Int>(
    reader: &mut Reader,
    count: usize,
    budget: &mut Budget,
    depth: u32,
) -> Result<Vec<T>> {
    let mut out = budget.scratch();
    read_nested_child(reader, count, &mut out, budget, depth)?;
    Ok(out)
}

fn scratch_last_child<T: Int>(
    reader: &mut Reader,
    count: usize,
    budget: &mut Budget,
    depth: u32,
) -> Result<Vec<T>> {
    let mut out = budget.scratch();
    read_nested_last_child(reader, count, &mut out, budget, depth)?;
    Ok(out)
}

fn read_nested_child<T: Int>(
    reader: &mut Reader,
    count: usize,
    out: &mut Vec<T>,
    budget: &mut Budget,
    depth: u32,
) -> Result<()> {
    let at = reader.offset();
    let encoding = IntEncoding::from_id(reader.u8("child encoding")?, at)?;
    let len = reader.count("child length")?;
    read_nested(encoding, &mut reader.sub(len, "child stream")?, count, out, budget, depth)
}

fn read_nested_last_child<T: Int>(
    reader: &mut Reader,
    count: usize,
    out: &mut Vec<T>,
    budget: &mut Budget,
    depth: u32,
) -> Result<()> {
    let at = reader.offset();
    let encoding = IntEncoding::from_id(reader.u8("child encoding")?, at)?;
    read_nested(encoding, reader, count, out, budget, depth)
}

fn varint_of<T: Int>(reader: &mut Reader, what: &'static str) -> Result<T> {
    Ok(T::from_u64(match T::BITS {
        32 => u64::from(reader.varint_u32(what)?),
        _ => reader.varint_u64(what)?,
    }))
}

fn need_bytes(reader: &Reader, count: usize) -> Result<()> {
    let left = reader.rest().len();
    if left < count {
        return Err(Error::truncated(reader.offset(), format!("{count} integers in {left} bytes")));
    }
    Ok(())
}
