//! Columns whose features say by a symbol each where their value comes from.
//!
//! ```text
//! payload  varint64 first │ varint listed │ a token per feature, as the stream's encoding has them
//! token    0 … r − 1  what the column of that reference has in this row: a value, or none
//!          r          no value
//!          r + 1      the next new value: first, then first + 1 …
//!          r + 2      the next value of the values stream, behind those listed
//!          r + 3 + c  listed value c; first + c if none are listed
//! ```
//!
//! There are r references, of shared strings only. The values stream starts with the listed values.
//! Tokens may be coded in the context of another column's tokens.

mod values;
pub(crate) use values::{Reference, References};
pub(crate) mod write;

use std::borrow::Cow;

use super::ColumnKind;
use crate::array::{NullBuffer, ScalarBuffer};
use crate::encoding::{dictionary, entropy, rle};
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::stream::ints::IntEncoding;
use crate::stream::{StreamEntry, small};
use crate::wire::Reader;
use crate::wire::trace::Trace;

/// The number of different tokens.
const TOKENS: usize = 16;

/// The tokens of a column.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    rows: usize,
    coded: Coded,
    /// The largest of them.
    most: usize,
    /// How many of them stand for the next new value, and for the next of the values stream.
    new: usize,
    next: usize,
    references: usize,
    first: u64,
    listed: usize,
    at: usize,
}

/// Tokens one by one, or runs of them.
#[derive(Clone, Debug)]
enum Coded {
    Each(Vec<u8>),
    Runs(small::Runs),
}

impl Coded {
    /// The largest token, and how often two of them occur.
    fn tally(&self, one: u8, other: u8) -> (u8, usize, usize) {
        let mut tally = (0, 0, 0);
        match self {
            Self::Each(symbols) => {
                // A byte holds the counts of so many.
                for some in symbols.chunks(255) {
                    let add = |(most, ones, others): (u8, u8, u8), &symbol: &u8| {
                        let (is_one, is_other) = (u8::from(symbol == one), u8::from(symbol == other));
                        (most.max(symbol), ones + is_one, others + is_other)
                    };
                    let (most, ones, others) = some.iter().fold((tally.0, 0, 0), add);
                    tally = (most, tally.1 + usize::from(ones), tally.2 + usize::from(others));
                }
            }
            // A run may be empty, and then of whatever token.
            Self::Runs(runs) => {
                for (token, length) in runs.tokens().filter(|&(_, length)| length > 0) {
                    tally.0 = token.max(tally.0);
                    tally.1 += if token == one { length } else { 0 };
                    tally.2 += if token == other { length } else { 0 };
                }
            }
        }
        tally
    }
}

/// What a column of strings has in every row: a key and whether it counts.
pub(crate) type Cells = (ScalarBuffer<u32>, Option<NullBuffer>);

/// What stands before the tokens.
fn read_head(reader: &mut Reader<impl Trace>) -> Result<(u64, usize)> {
    Ok((reader.varint_u64("first value of tokens")?, reader.count("number of listed values")?))
}

/// Reads the tokens of `rows` features; `context` are those of the column that the entry names.
pub(crate) fn read(
    entry: &StreamEntry,
    mut reader: Reader,
    rows: usize,
    context: Option<&[u8]>,
    budget: &mut Budget,
) -> Result<Tokens> {
    let (first, listed) = read_head(&mut reader)?;
    let at = reader.offset();
    let coded = match (context, IntEncoding::from_id(entry.encoding(), at)?) {
        (None, IntEncoding::Constant) if rows > 0 => Coded::Runs(small::read_constant(reader, rows)?),
        (None, IntEncoding::Rle) if rows > 0 => Coded::Runs(small::read_runs(reader, rows, budget)?),
        (None, _) => Coded::Each(small::read(entry.encoding(), reader, rows, budget)?),
        (Some(_), _) if rows == 0 => {
            reader.finish("stream without values")?;
            Coded::Each(Vec::new())
        }
        (Some(context), IntEncoding::Entropy) => {
            let mut symbols = budget.vec(rows, "tokens", at)?;
            entropy::decode_symbols(&mut reader, context, budget, &mut symbols)?;
            Coded::Each(symbols)
        }
        (Some(_), encoding) => {
            let what = format!("tokens in contexts as {}", encoding.name());
            return Err(Error::inconsistent(at, what));
        }
    };
    let references = entry.references().count();
    let (most, new, next) = coded.tally(references as u8 + 1, references as u8 + 2);
    let most = usize::from(most);
    if most >= TOKENS {
        return Err(Error::inconsistent(at, "a token above 15"));
    }
    if listed > 0 && most >= references + 3 + listed.min(TOKENS) {
        return Err(Error::inconsistent(at, format!("token {most} of {listed} listed values")));
    }
    Ok(Tokens { rows, coded, most, new, next, references, first, listed, at })
}

impl Tokens {
    /// The token of each feature.
    pub(crate) fn symbols(&self, budget: &mut Budget) -> Result<Cow<'_, [u8]>> {
        Ok(match &self.coded {
            Coded::Each(symbols) => symbols.into(),
            Coded::Runs(runs) => {
                let mut symbols = budget.vec(self.rows, "tokens", self.at)?;
                rle::decode(&runs.lengths, &runs.values, self.rows, self.at, &mut symbols)?;
                symbols.into()
            }
        })
    }

    /// Checks that there are `strings` enough for all that tokens stand for by themselves, and for all `values` of the
    /// values stream: far fewer than there are features.
    pub(crate) fn check_strings(&self, values: &[u32], strings: usize, at: usize) -> Result<()> {
        dictionary::check_codes(values, strings, at)?;
        let by_place = if self.listed == 0 { (self.most + 1).saturating_sub(self.references + 3) } else { 0 };
        let counted = self.new.max(by_place) as u64;
        match self.first.saturating_add(counted) {
            end if counted > 0 && end > strings as u64 => {
                let what = format!("tokens that stand for string {}, of {strings}", end - 1);
                Err(Error::inconsistent(at, what))
            }
            _ => Ok(()),
        }
    }

    /// The number of values of the values stream.
    pub(crate) fn values(&self) -> usize {
        self.listed + self.next
    }
}

/// Tells a reader's trace of the fields of the tokens of `rows` features, all that the reader has; the
/// reader of what stands behind the head.
pub(crate) fn describe<T: Trace>(mut reader: Reader<'_, T>) -> Result<Reader<'_, T>> {
    read_head(&mut reader)?;
    Ok(reader)
}

impl ColumnKind {
    /// Whether values of columns of this kind have 32 bits where they are integers.
    pub(crate) fn is_narrow(self) -> bool {
        matches!(self, Self::Bool | Self::Float | Self::SharedString)
    }
}
