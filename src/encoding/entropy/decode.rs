//! Symbols in, integers out.

use std::sync::LazyLock;

use super::lanes::{Four, GROUP, Lanes, One, Shape, Short};
use super::{Form, Head, LONG, LONG_BITS, MANY, Tables, mantissa_bits, presets};
use crate::encoding::int::Int;
use crate::encoding::rans::{DecodeTable, Frequencies, SYMBOLS, TOTAL_BITS};
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::wire::Reader;
use crate::wire::bitstream::BitReader;

/// What `$body` gives for the shape of lanes, called `$shape`, that `$count` values have.
macro_rules! of_shape {
    ($head:expr, $count:expr, $shape:ident => $body:expr) => {
        match ($head.four_lanes, $count < MANY) {
            (false, _) => {
                type $shape = One;
                $body
            }
            (true, true) => {
                type $shape = Short;
                $body
            }
            (true, false) => {
                type $shape = Four;
                $body
            }
        }
    };
}

/// Appends `count` values, all that `reader` has, to `out`.
///
/// # Errors
/// [`crate::ErrorKind::UnknownId`] for an undefined head, [`crate::ErrorKind::LimitExceeded`] if the
/// budget does not allow the tables, else [`crate::ErrorKind::Inconsistent`].
pub(crate) fn decode<T: Int>(
    reader: &mut Reader,
    count: usize,
    budget: &mut Budget,
    out: &mut Vec<T>,
) -> Result<()> {
    let head = Head::read(reader)?;
    if head.form == Form::Contexts {
        return Err(no_contexts(reader.offset() - 1));
    }
    let tables = Tables::read(head, reader)?;
    let at = reader.offset();
    let bytes = reader.bytes(reader.rest().len(), "entropy-coded integers")?;
    let body = Body { head, at, count, bytes };
    of_shape!(head, count, S => body.decode::<T, S>(&tables, budget, out))
}

/// Appends `count` values, all that `reader` has, to `out`, as [`decode`] does, where they are symbols:
/// below 16. What is no symbol becomes 16.
///
/// # Errors
/// Those of [`decode`].
pub(crate) fn decode_small(
    reader: &mut Reader,
    count: usize,
    budget: &mut Budget,
    out: &mut Vec<u8>,
) -> Result<()> {
    let head = Head::read(reader)?;
    let tables = Tables::read(head, reader)?;
    let at = reader.offset();
    let bytes = reader.bytes(reader.rest().len(), "entropy-coded integers")?;
    let body = Body { head, at, count, bytes };
    match head.form {
        Form::Numbers => {
            let mut wide: Vec<u32> = budget.vec(count, "integers", at)?;
            of_shape!(head, count, S => body.decode::<u32, S>(&tables, budget, &mut wide))?;
            out.extend(wide.into_iter().map(|value| value.min(SYMBOLS as u32) as u8));
            Ok(())
        }
        _ => of_shape!(head, count, S => body.symbols::<u8, S>(&tables, budget, |symbol| symbol as u8, out)),
    }
}

/// Appends one symbol per context to `out`: those that [`super::encode_symbols`] has coded, all that
/// `reader` has.
///
/// # Errors
/// Those of [`decode`].
pub(crate) fn decode_symbols(
    reader: &mut Reader,
    contexts: &[u8],
    budget: &mut Budget,
    out: &mut Vec<u8>,
) -> Result<()> {
    let at = reader.offset();
    let head = Head::read(reader)?;
    if head.form != Form::Contexts {
        return Err(Error::inconsistent(at, "entropy-coded symbols that have no contexts"));
    }
    let tables = Tables::read(head, reader)?;
    let at = reader.offset();
    let bytes = reader.bytes(reader.rest().len(), "entropy-coded symbols")?;
    of_shape!(head, contexts.len(), S => symbols::<S>(bytes, at, &tables, contexts, budget, out))
}

#[inline(never)]
fn symbols<S: Shape>(
    bytes: &[u8],
    at: usize,
    tables: &Tables,
    contexts: &[u8],
    budget: &mut Budget,
    out: &mut Vec<u8>,
) -> Result<()> {
    let owned = build(tables.main.iter(), budget, at)?;
    let tables = by_place(&owned, &tables.main);
    let mut lanes = Lanes::<S>::new(bytes, at)?;
    let start = out.len();
    out.resize(start + contexts.len(), 0);
    lanes.fill(&tables, contexts, &mut out[start..]);
    check_symbols(out[start..].iter().fold(0, |seen, symbol| seen | symbol).into(), at)?;
    no_raw_bits(lanes.finish(at)?, at)
}

/// What stands behind the tables.
struct Body<'a> {
    head: Head,
    at: usize,
    count: usize,
    bytes: &'a [u8],
}

impl Body<'_> {
    /// Values that are symbols, each made into what `of` makes of it.
    fn symbols<U, S: Shape>(
        &self,
        tables: &Tables,
        budget: &mut Budget,
        of: impl Fn(usize) -> U,
        out: &mut Vec<U>,
    ) -> Result<()> {
        let Self { head, at, count, bytes } = *self;
        let mut lanes = Lanes::<S>::new(bytes, at)?;
        match head.form {
            Form::Symbols => {
                let owned;
                let table = match head.preset {
                    Some(number) => presets::table(false, number),
                    None => {
                        owned = build(tables.main[..1].iter(), budget, at)?;
                        by_place(&owned, &tables.main)[0]
                    }
                };
                let rest = count % GROUP;
                out.extend((0..count / GROUP).flat_map(|_| lanes.group::<GROUP, 1>(|_, _| table).map(&of)));
                out.extend((0..rest).map(|index| of(lanes.get(table, index))));
                no_raw_bits(lanes.finish(at)?, at)
            }
            Form::Chain => {
                let owned = build(tables.main.iter(), budget, at)?;
                let chain = by_place(&owned, &tables.main);
                let (mut before, mut seen) = (0, 0);
                out.extend((0..count).map(|index| {
                    before = lanes.get(chain[before % SYMBOLS], index);
                    seen |= before;
                    of(before)
                }));
                check_symbols(seen, at)?;
                no_raw_bits(lanes.finish(at)?, at)
            }
            Form::Contexts | Form::Numbers => Err(no_contexts(at)),
        }
    }

    fn decode<T: Int, S: Shape>(&self, tables: &Tables, budget: &mut Budget, out: &mut Vec<T>) -> Result<()> {
        let Self { head, at, count, bytes } = *self;
        match head.form {
            Form::Symbols | Form::Chain | Form::Contexts => {
                self.symbols::<T, S>(tables, budget, |symbol| T::from_u64(symbol as u64), out)
            }
            Form::Numbers => {
                let mut lanes = Lanes::<S>::new(bytes, at)?;
                let owned;
                let lengths = match head.preset {
                    Some(number) => presets::table(true, number),
                    None => {
                        owned = build(tables.main[..1].iter(), budget, at)?;
                        by_place(&owned, &tables.main)[0]
                    }
                };
                let written = tables.mantissas.iter().flatten();
                let mantissas = build(written, budget, at)?;
                let raw = match tables.mantissas.iter().all(Option::is_none) {
                    true => numbers::<T, S>(&mut lanes, BitReader::new(bytes), count, lengths, out),
                    false => {
                        // Lengths without a table have one of a single symbol, which changes no state.
                        let of_zeros = only(0);
                        let frequencies = tables.mantissas.map(|written| written.unwrap_or(of_zeros));
                        let mantissas = Mantissas {
                            tables: by_place(&mantissas, &frequencies),
                            raw_bits: std::array::from_fn(|length| match &tables.mantissas[length] {
                                Some(_) => length as u32 - 1 - mantissa_bits(length),
                                None => (length as u32).saturating_sub(1),
                            }),
                        };
                        let raw = BitReader::new(bytes);
                        numbers_with_mantissas::<T, S>(&mut lanes, raw, count, lengths, &mantissas, out)
                    }
                };
                let raw = raw.map_err(|length| too_long(at, length, T::BITS))?;
                raw.finish_within(lanes.finish(at)?, at, "raw bits of integers")
            }
        }
    }
}

/// Numbers whose bits below the highest are all raw. The error is a length of more bits than `T` has.
#[inline(never)]
fn numbers<'a, T: Int, S: Shape>(
    lanes: &mut Lanes<S>,
    mut raw: BitReader<'a>,
    count: usize,
    lengths: &DecodeTable,
    out: &mut Vec<T>,
) -> Result<BitReader<'a>, u32> {
    let mut value = |length| {
        Ok::<T, u32>(T::from_u64(match length {
            LONG => long(&mut raw, T::BITS, 0, 0)?,
            _ => {
                // Twice the highest bit, halved: nothing for length 0, and no branch.
                let low = raw.peek() & ((1 << length >> 1) - u64::from(length > 0));
                raw.skip((length as u32).saturating_sub(1));
                (1 << length >> 1) + low
            }
        }))
    };
    for _ in 0..count / GROUP {
        for length in lanes.group::<GROUP, 1>(|_, _| lengths) {
            out.push(value(length)?);
        }
    }
    for index in 0..count % GROUP {
        out.push(value(lanes.get(lengths, index))?);
    }
    Ok(raw)
}

/// What is below the highest bit of numbers, by their length.
struct Mantissas<'a> {
    /// Of the first bits.
    tables: [&'a DecodeTable; SYMBOLS],
    /// How many others there are.
    raw_bits: [u32; SYMBOLS],
}

/// Numbers of whose bits below the highest the first ones may have a table.
#[inline(never)]
fn numbers_with_mantissas<'a, T: Int, S: Shape>(
    lanes: &mut Lanes<S>,
    mut raw: BitReader<'a>,
    count: usize,
    lengths: &DecodeTable,
    mantissas: &Mantissas,
    out: &mut Vec<T>,
) -> Result<BitReader<'a>, u32> {
    let long_bits = LONG as u32 - 1 - mantissas.raw_bits[LONG];
    let mut value = |length: usize, mantissa: u64| {
        Ok::<T, u32>(T::from_u64(match length {
            LONG => long(&mut raw, T::BITS, long_bits, mantissa)?,
            _ => {
                let width = mantissas.raw_bits[length];
                let low = raw.peek() & ((1 << width) - 1);
                raw.skip(width);
                (1 << length >> 1) + (mantissa << width) + low
            }
        }))
    };
    let table = |place: usize, before: usize| match place % 2 {
        0 => lengths,
        _ => mantissas.tables[before % SYMBOLS],
    };
    for _ in 0..count / GROUP {
        let symbols = lanes.group::<{ 2 * GROUP }, 2>(table);
        for pair in symbols.as_chunks::<2>().0 {
            out.push(value(pair[0], pair[1] as u64)?);
        }
    }
    for index in 0..count % GROUP {
        let length = lanes.get(lengths, index);
        let mantissa = lanes.get(mantissas.tables[length], index);
        out.push(value(length, mantissa as u64)?);
    }
    Ok(raw)
}

/// A number of [`LONG`] bits or more, whose first bits below the highest, `known` of them, are
/// `mantissa`. The error is its length, if that is more than `bits`.
#[inline]
fn long(raw: &mut BitReader, bits: u32, known: u32, mantissa: u64) -> Result<u64, u32> {
    let length = LONG as u32 + raw.get(LONG_BITS);
    if length > bits {
        return Err(length);
    }
    let width = length - 1 - known;
    let low = match width {
        0..=32 => u64::from(raw.get(width)),
        _ => u64::from(raw.get(32)) | u64::from(raw.get(width - 32)) << 32,
    };
    Ok(1 << (length - 1) | mantissa << width | low)
}

/// The tables in which there is one symbol only, by symbol.
static SINGLES: LazyLock<[DecodeTable; SYMBOLS]> =
    LazyLock::new(|| std::array::from_fn(|symbol| DecodeTable::new(&only(symbol))));

/// `symbol` and no other.
fn only(symbol: usize) -> Frequencies {
    Frequencies::known(std::array::from_fn(|other| u16::from(symbol == other) << TOTAL_BITS))
}

/// The tables of those frequencies that occur, without those of one symbol.
fn build<'a>(
    frequencies: impl Iterator<Item = &'a Frequencies> + Clone,
    budget: &mut Budget,
    at: usize,
) -> Result<Vec<DecodeTable>> {
    let used = frequencies.filter(|frequencies| frequencies.occurs() && frequencies.only().is_none());
    let mut tables = budget.vec(used.clone().count(), "entropy tables", at)?;
    tables.extend(used.map(DecodeTable::new));
    Ok(tables)
}

/// The tables of all `frequencies`; `owned` are those that [`build`] made of them.
fn by_place<'a>(
    owned: &'a [DecodeTable],
    frequencies: &[Frequencies; SYMBOLS],
) -> [&'a DecodeTable; SYMBOLS] {
    let mut owned = owned.iter();
    frequencies.each_ref().map(|frequencies| match frequencies.only() {
        Some(symbol) => &SINGLES[symbol],
        None if frequencies.occurs() => owned.next().expect("a table for each that occurs"),
        None => &DecodeTable::UNUSED,
    })
}

/// `seen` is all symbols joined by OR.
fn check_symbols(seen: usize, at: usize) -> Result<()> {
    match seen < SYMBOLS {
        true => Ok(()),
        false => Err(Error::inconsistent(at, "a symbol in a context without a table")),
    }
}

fn no_raw_bits(front: &[u8], at: usize) -> Result<()> {
    match front.is_empty() {
        true => Ok(()),
        false => Err(Error::inconsistent(at, "entropy-coded symbols do not end with their words")),
    }
}

#[cold]
fn no_contexts(at: usize) -> Error {
    Error::inconsistent(at, "entropy coding in contexts where there are none")
}

#[cold]
fn too_long(at: usize, length: u32, bits: u32) -> Error {
    Error::inconsistent(at, format!("a number of {length} bits, of at most {bits}"))
}
