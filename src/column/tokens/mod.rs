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

pub(crate) mod write;

use super::ColumnKind;
use crate::array::{BooleanBuffer, NullBuffer, ScalarBuffer};
use crate::encoding::entropy;
use crate::encoding::int::Int;
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::stream::ints::{self, IntEncoding};
use crate::stream::{Role, StreamEntry, Streams};
use crate::wire::Reader;
use crate::wire::trace::Trace;

/// The number of different tokens.
const TOKENS: usize = 16;

/// The tokens of a column.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    pub(crate) symbols: Vec<u8>,
    references: usize,
    first: u64,
    listed: usize,
    /// How many are of the next of the values stream.
    behind: usize,
    at: usize,
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
    let mut symbols: Vec<u8> = budget.vec(rows, "tokens", at)?;
    match context {
        None => {
            let wide: Vec<u32> = ints::read(entry.encoding(), reader, rows, budget)?;
            if wide.iter().any(|&token| token >= TOKENS as u32) {
                return Err(Error::inconsistent(at, "a token above 15"));
            }
            symbols.extend(wide.into_iter().map(|token| token as u8));
        }
        Some(context) => match IntEncoding::from_id(entry.encoding(), at)? {
            _ if rows == 0 => reader.finish("stream without values")?,
            IntEncoding::Entropy => entropy::decode_symbols(&mut reader, context, budget, &mut symbols)?,
            encoding => {
                let what = format!("tokens in contexts as {}", encoding.name());
                return Err(Error::inconsistent(at, what));
            }
        },
    }
    let references = entry.references().len();
    let most = symbols.iter().copied().max().map_or(0, usize::from);
    if listed > 0 && most >= references + 3 + listed.min(TOKENS) {
        return Err(Error::inconsistent(at, format!("token {most} of {listed} listed values")));
    }
    let mut tokens = Tokens { symbols, references, first, listed, behind: 0, at };
    tokens.behind = tokens.count(references + 2);
    Ok(tokens)
}

impl Tokens {
    fn absent(&self) -> usize {
        self.references
    }

    /// How often `token` occurs.
    fn count(&self, token: usize) -> usize {
        self.symbols.iter().filter(|&&symbol| usize::from(symbol) == token).count()
    }

    /// The number of values of the values stream.
    pub(crate) fn values(&self) -> usize {
        self.listed + self.behind
    }

    /// Reads the values of all features, of whose column these are the tokens.
    pub(crate) fn read_values<T: Int>(
        &self,
        streams: &Streams,
        references: &[&Cells],
        budget: &mut Budget,
    ) -> Result<(Vec<T>, Option<NullBuffer>)> {
        debug_assert_eq!(references.len(), self.references);
        let count = self.values();
        let values: Vec<T> = match count {
            0 => {
                streams.none(Role::Values)?;
                Vec::new()
            }
            _ => {
                let (entry, reader) = streams.need(Role::Values)?;
                ints::read(entry.encoding(), reader, count, budget)?
            }
        };
        let (listed, behind) = values.split_at(self.listed);
        let codes: [T; TOKENS] = std::array::from_fn(|token| match token.checked_sub(self.references + 3) {
            None => T::default(),
            Some(code) if self.listed == 0 => T::from_u64(self.first.wrapping_add(code as u64)),
            Some(code) => listed.get(code).copied().unwrap_or_default(),
        });
        let rows = self.symbols.len();
        let mut out: Vec<T> = budget.vec(rows, "values of all features", self.at)?;
        budget.charge(rows.div_ceil(8), "validity of all features", self.at)?;
        let absent = self.absent();
        let absents = self.count(absent);
        let others = self.symbols.iter().filter(|&&symbol| usize::from(symbol) < absent + 3).count();
        if others == absents {
            out.extend(self.symbols.iter().map(|&token| codes[usize::from(token) % TOKENS]));
            let nulls = (absents > 0).then(|| {
                let valid = |row| usize::from(self.symbols[row]) != absent;
                NullBuffer::new(BooleanBuffer::collect_bool(rows, valid))
            });
            return Ok((out, nulls));
        }
        let mut behind = behind.iter().copied();
        let mut new = self.first;
        for (row, &token) in self.symbols.iter().enumerate() {
            let token = usize::from(token);
            let value = match token.wrapping_sub(self.references) {
                0 => T::default(),
                1 => {
                    new = new.wrapping_add(1);
                    T::from_u64(new.wrapping_sub(1))
                }
                2 => behind.next().unwrap_or_default(),
                3.. if token < self.references => T::from_u64(references[token].0[row].into()),
                _ => codes[token % TOKENS],
            };
            out.push(value);
        }
        let nulls = NullBuffer::new(BooleanBuffer::collect_bool(rows, |row| {
            let token = usize::from(self.symbols[row]);
            match references.get(token) {
                Some((_, nulls)) => nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)),
                None => token != absent,
            }
        }));
        Ok((out, Some(nulls).filter(|nulls| nulls.null_count() > 0)))
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
