//! Integers as symbols 0..=15 of [`rans`](super::rans), with tables that are written or known.
//!
//! ```text
//! payload  u8 head │ [tables, as bits] │ raw bits, from the front … words, from the end
//! head     bits 0–1  form: 0 symbols, 1 chain, 2 numbers, 3 contexts
//!          bit 2     lanes: 0 one, 1 four
//!          bit 3     tables: 0 written, 1 preset; bits 4–7 the preset's number
//! ```
//!
//! - *symbols*: every value is a symbol of one table.
//! - *chain*: every value is a symbol of the table of the value before, the first of that of 0.
//! - *contexts*: every value is a symbol of the table of a context that is known from elsewhere.
//! - *numbers*: the symbol is the value's bit length (0 for 0), 15 for longer ones, whose length less
//!   15 follows in 6 raw bits. A length of 2 or more may have a table for the (up to three) bits below
//!   the highest, whose symbol comes next; the bits that are left are raw.
//!
//! One lane is for few values: a state of 16 bits, which grows by bytes. Four lanes take values by turns: what a
//! processor does in one of them does not wait for the others. Of fewer than [`MANY`] values they are as the one
//! lane, of more they have states of 32 bits and words of 16.

mod decode;
mod encode;
pub(crate) mod lanes;
mod presets;

pub(crate) use decode::{decode, decode_small, decode_symbols};
pub(crate) use encode::{encode, encode_symbols, price, symbols_price};

use super::rans::{Frequencies, SYMBOLS};
use crate::error::{Error, Result};
use crate::wire::Reader;
use crate::wire::bitstream::BitReader;
use crate::wire::trace::Trace;

/// From how many values on there are four lanes: a quicker end is worth some bytes then.
const SEVERAL: usize = 48;

/// From how many values on four lanes have words of two bytes.
const MANY: usize = 2048;

/// Lengths from here on are one symbol and raw bits.
const LONG: usize = 15;

/// The number of raw bits that say how much longer than [`LONG`] a number is.
const LONG_BITS: u32 = 6;

/// The most bits below the highest that have a symbol.
const MANTISSA_BITS: u32 = 3;

const FORM: u8 = 3;
const FOUR_LANES: u8 = 4;
const PRESET: u8 = 8;

/// What the symbols stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Symbols = 0,
    Chain = 1,
    Numbers = 2,
    Contexts = 3,
}

/// The number of bits below the highest that have a symbol in a table of numbers of `length` bits.
fn mantissa_bits(length: usize) -> u32 {
    (length as u32).saturating_sub(1).min(MANTISSA_BITS)
}

/// The first byte of a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    form: Form,
    four_lanes: bool,
    preset: Option<u8>,
}

impl Head {
    fn write(self) -> u8 {
        let preset = self.preset.map_or(0, |number| PRESET | number << 4);
        self.form as u8 | if self.four_lanes { FOUR_LANES } else { 0 } | preset
    }

    fn read(reader: &mut Reader<impl Trace>) -> Result<Self> {
        let at = reader.offset();
        let head = reader.u8("head of entropy-coded integers")?;
        let form = match head & FORM {
            0 => Form::Symbols,
            1 => Form::Chain,
            2 => Form::Numbers,
            _ => Form::Contexts,
        };
        let preset = match (head & PRESET, head >> 4) {
            (0, 0) => None,
            (PRESET, number) if matches!(form, Form::Symbols | Form::Numbers) => Some(number),
            _ => return Err(unknown(at, head)),
        };
        Ok(Self { form, four_lanes: head & FOUR_LANES != 0, preset })
    }
}

#[cold]
fn unknown(at: usize, head: u8) -> Error {
    Error::unknown_id(at, "head of entropy-coded integers", head.into())
}

/// The tables of a payload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Tables {
    /// Of symbols and lengths one, of a chain one per context; all zeros where there is none.
    main: [Frequencies; SYMBOLS],
    /// By length, of numbers only.
    mantissas: [Option<Frequencies>; SYMBOLS],
}

impl Tables {
    /// Reads the tables behind `head`, if any are written.
    fn read(head: Head, reader: &mut Reader<impl Trace>) -> Result<Self> {
        let mut tables = Self::default();
        if let Some(number) = head.preset {
            tables.main[0] = *presets::get(head.form == Form::Numbers, number);
            return Ok(tables);
        }
        let at = reader.offset();
        let mut bits = BitReader::new(reader.rest());
        match head.form {
            Form::Symbols => tables.main[0] = Frequencies::read(&mut bits, SYMBOLS, at)?,
            Form::Chain | Form::Contexts => tables.read_contexts(&mut bits, at)?,
            Form::Numbers => {
                tables.main[0] = Frequencies::read(&mut bits, SYMBOLS, at)?;
                for length in 2..SYMBOLS {
                    if tables.main[0].has(length) && bits.get(1) == 1 {
                        let symbols = 1 << mantissa_bits(length);
                        tables.mantissas[length] = Some(Frequencies::read(&mut bits, symbols, at)?);
                    }
                }
            }
        }
        take(reader, &bits, at)?;
        Ok(tables)
    }

    /// Reads a table for each of the contexts that have one.
    fn read_contexts(&mut self, bits: &mut BitReader, at: usize) -> Result<()> {
        for table in &mut self.main {
            if bits.get(1) == 1 {
                *table = Frequencies::read(bits, SYMBOLS, at)?;
            }
        }
        Ok(())
    }
}

/// Takes from `reader` the bytes whose bits were read.
fn take(reader: &mut Reader<impl Trace>, bits: &BitReader, at: usize) -> Result<()> {
    bits.finish_within(reader.bytes(bits.bytes_read(), "entropy tables")?, at, "entropy tables")
}

/// Tells a reader's trace of the fields of a payload, all that the reader has.
pub(crate) fn describe(reader: &mut Reader<impl Trace>) -> Result<()> {
    let head = Head::read(reader)?;
    reader.note(|| format!("{:?}, {} lanes", head.form, if head.four_lanes { 4 } else { 1 }));
    Tables::read(head, reader)?;
    reader.bytes(reader.rest().len(), "raw bits and entropy-coded words").map(drop)
}

#[cfg(test)]
mod tests;
