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
    /// How often each token occurs.
    counts: [usize; TOKENS],
    references: usize,
    first: u64,
    listed: usize,
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
    let entropy = entry.encoding() == IntEncoding::Entropy.id();
    match context {
        None if entropy && rows > 0 => entropy::decode_small(&mut reader, rows, budget, &mut symbols)?,
        None => {
            let wide: Vec<u32> = ints::read(entry.encoding(), reader, rows, budget)?;
            symbols.extend(wide.into_iter().map(|token| token.min(TOKENS as u32) as u8));
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
    if most >= TOKENS {
        return Err(Error::inconsistent(at, "a token above 15"));
    }
    if listed > 0 && most >= references + 3 + listed.min(TOKENS) {
        return Err(Error::inconsistent(at, format!("token {most} of {listed} listed values")));
    }
    let mut counts = [0; TOKENS];
    symbols.iter().for_each(|&token| counts[usize::from(token) % TOKENS] += 1);
    Ok(Tokens { symbols, counts, references, first, listed, at })
}

impl Tokens {
    fn absent(&self) -> usize {
        self.references
    }

    /// How often `token` occurs.
    fn count(&self, token: usize) -> usize {
        self.counts.get(token).copied().unwrap_or(0)
    }

    /// The number of values of the values stream.
    pub(crate) fn values(&self) -> usize {
        self.listed + self.count(self.references + 2)
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
        // A pass for each kind of token that occurs, none of which has to guess which token comes next.
        out.extend(self.symbols.iter().map(|&token| codes[usize::from(token) % TOKENS]));
        for (token, (keys, _)) in references.iter().enumerate().filter(|(token, _)| self.count(*token) > 0) {
            for ((value, &symbol), &key) in out.iter_mut().zip(&self.symbols).zip(keys.iter()) {
                let same = T::from_u64(key.into());
                *value = if usize::from(symbol) == token { same } else { *value };
            }
        }
        let absent = self.absent();
        if self.count(absent + 1) > 0 {
            let mut new = self.first;
            for (value, &symbol) in out.iter_mut().zip(&self.symbols) {
                let is_new = usize::from(symbol) == absent + 1;
                *value = if is_new { T::from_u64(new) } else { *value };
                new = new.wrapping_add(is_new.into());
            }
        }
        if self.count(absent + 2) > 0 {
            let mut next = 0;
            for (value, &symbol) in out.iter_mut().zip(&self.symbols) {
                let is_next = usize::from(symbol) == absent + 2;
                // Behind the last one there is nothing, and nobody who wants it.
                let one = behind.get(next).copied().unwrap_or_default();
                *value = if is_next { one } else { *value };
                next += usize::from(is_next);
            }
        }
        Ok((out, self.nulls(references)))
    }

    /// Which features have no value; none if all have one.
    fn nulls(&self, references: &[&Cells]) -> Option<NullBuffer> {
        let is = |token: usize| {
            BooleanBuffer::collect_bool(self.symbols.len(), |row| usize::from(self.symbols[row]) == token)
        };
        let mut absent = (self.count(self.absent()) > 0).then(|| is(self.absent()));
        for (token, (_, nulls)) in references.iter().enumerate() {
            if let Some(nulls) = nulls.as_ref().filter(|_| self.count(token) > 0) {
                let also = &is(token) & &!nulls.inner();
                absent = Some(absent.map_or(also.clone(), |absent| &absent | &also));
            }
        }
        absent.map(|absent| NullBuffer::new(!&absent)).filter(|nulls| nulls.null_count() > 0)
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
