//! Columns of numbers and truth values, and the ids: a present stream and the values of the
//! features that have one. Signed integers are streams of their zigzag form, floating point
//! numbers of their bits, truth values a bitmap.

use arrow_buffer::ScalarBuffer;

use super::present;
use super::tokens::Tokens;
use super::{ColumnKind, Ids, Values};
use crate::array::{BooleanBuffer, NullBuffer, bitmap};
use crate::encoding::int::Int;
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::stream::choose::Chooser;
use crate::stream::{OutStream, Role, Streams, floats, ints};
use crate::wire::zigzag;

/// The streams of `values`, which must not be strings.
pub(crate) fn write(
    values: &Values,
    nulls: Option<&NullBuffer>,
    chooser: &Chooser,
) -> (ColumnKind, Vec<OutStream>) {
    let mut out = Vec::new();
    present::write(nulls, chooser, &mut out);
    let (kind, encoded) = match values {
        Values::Bool(values) => {
            let bits: BooleanBuffer = match nulls {
                Some(nulls) => nulls.valid_indices().map(|row| values.value(row)).collect(),
                None => values.clone(),
            };

            (ColumnKind::Bool, chooser.bytes(&bitmap::to_bytes(&bits)))
        }
        Values::Int(values) => (ColumnKind::Int, chooser.ints(&zigzagged(values, nulls))),
        Values::SInt(values) => (ColumnKind::SInt, chooser.ints(&zigzagged(values, nulls))),
        Values::UInt(values) => (ColumnKind::UInt, chooser.ints(&bitmap::gather(values, nulls))),
        Values::Float(values) => {
            let bits: Vec<u32> = bitmap::gather(values, nulls).into_iter().map(f32::to_bits).collect();
            (ColumnKind::Float, floats::write(&bits, chooser))
        }
        Values::Double(values) => {
            let bits: Vec<u64> = bitmap::gather(values, nulls).into_iter().map(f64::to_bits).collect();
            (ColumnKind::Double, floats::write(&bits, chooser))
        }
        Values::String(_) | Values::Nested(_) => {
            unreachable!("strings are written by `column::string`, others leaf by leaf")
        }
    };
    out.push(OutStream::new(Role::Values, encoded));
    (kind, out)
}

fn zigzagged(values: &[i64], nulls: Option<&NullBuffer>) -> Vec<u64> {
    let mut values: Vec<u64> = bytemuck::allocation::cast_vec(bitmap::gather(values, nulls));
    values.iter_mut().for_each(|value| *value = zigzag::encode64(*value as i64));
    values
}

/// Reads the values of `rows` features; `kind` must be one of numbers or truth values. `tokens` are the
/// column's, if it has some.
pub(crate) fn read(
    kind: ColumnKind,
    streams: &Streams,
    rows: usize,
    tokens: Option<&Tokens>,
    budget: &mut Budget,
) -> Result<(Values, Option<NullBuffer>)> {
    if let Some(tokens) = tokens {
        return read_tokens(kind, streams, tokens, budget);
    }
    let (nulls, count) = present::read(streams, rows, budget)?;
    Ok((read_values(kind, streams, nulls.as_ref(), count, budget)?, nulls))
}

/// Reads `count` values, those of the entries that are not null.
pub(crate) fn read_values(
    kind: ColumnKind,
    streams: &Streams,
    nulls: Option<&NullBuffer>,
    count: usize,
    budget: &mut Budget,
) -> Result<Values> {
    Ok(match kind {
        ColumnKind::Bool => {
            let (entry, reader) = streams.need(Role::Values)?;
            let at = reader.offset();
            let dense = present::read_bits(entry.encoding(), reader, count, budget)?;
            Values::Bool(match nulls {
                Some(nulls) => spread_bits(&dense, nulls, at, budget)?,
                None => dense,
            })
        }
        ColumnKind::Int => Values::Int(signed(read_spread(streams, nulls, count, budget)?)),
        ColumnKind::SInt => Values::SInt(signed(read_spread(streams, nulls, count, budget)?)),
        ColumnKind::UInt => Values::UInt(read_spread::<u64>(streams, nulls, count, budget)?.into()),
        ColumnKind::Float => {
            let bits = read_spread::<u32>(streams, nulls, count, budget)?;
            Values::Float(ScalarBuffer::from(bytemuck::allocation::cast_vec::<u32, f32>(bits)))
        }
        ColumnKind::Double => {
            let bits = read_spread::<u64>(streams, nulls, count, budget)?;
            Values::Double(ScalarBuffer::from(bytemuck::allocation::cast_vec::<u64, f64>(bits)))
        }
        _ => {
            return Err(Error::inconsistent(
                streams.offset(),
                format!("a {} column has no scalars", kind.name()),
            ));
        }
    })
}

/// Reads the values of features that have tokens.
fn read_tokens(
    kind: ColumnKind,
    streams: &Streams,
    tokens: &Tokens,
    budget: &mut Budget,
) -> Result<(Values, Option<NullBuffer>)> {
    if kind.is_narrow() {
        let (values, nulls) = tokens.read_values::<u32>(streams, &[], |_| Ok(()), budget)?;
        let values = match kind {
            ColumnKind::Bool => {
                streams.none(Role::Values)?;
                if values.iter().any(|&value| value > 1) {
                    return Err(Error::inconsistent(streams.offset(), "a truth value above 1"));
                }
                budget.charge(values.len().div_ceil(8), "truth values", streams.offset())?;
                Values::Bool(BooleanBuffer::collect_bool(values.len(), |row| values[row] == 1))
            }
            _ => Values::Float(ScalarBuffer::from(bytemuck::allocation::cast_vec::<u32, f32>(values))),
        };
        return Ok((values, nulls));
    }
    let (values, nulls) = tokens.read_values::<u64>(streams, &[], |_| Ok(()), budget)?;
    let values = match kind {
        ColumnKind::Int => Values::Int(signed(values)),
        ColumnKind::SInt => Values::SInt(signed(values)),
        ColumnKind::UInt => Values::UInt(values.into()),
        _ => Values::Double(ScalarBuffer::from(bytemuck::allocation::cast_vec::<u64, f64>(values))),
    };
    Ok((values, nulls))
}

fn signed(mut values: Vec<u64>) -> ScalarBuffer<i64> {
    values.iter_mut().for_each(|value| *value = zigzag::decode64(*value) as u64);
    ScalarBuffer::from(bytemuck::allocation::cast_vec::<u64, i64>(values))
}

/// Reads `count` values and spreads them over all features.
pub(crate) fn read_spread<T: Int>(
    streams: &Streams,
    nulls: Option<&NullBuffer>,
    count: usize,
    budget: &mut Budget,
) -> Result<Vec<T>> {
    let (entry, reader) = streams.need(Role::Values)?;
    let at = reader.offset();
    let mut values = room_to_spread(nulls, at, budget)?;
    ints::read_to(entry.encoding(), reader, count, &mut values, budget)?;
    if let Some(nulls) = nulls {
        bitmap::spread(&mut values, nulls);
    }
    Ok(values)
}

/// An empty vector that has room for a value of each feature where some have none.
pub(crate) fn room_to_spread<T>(
    nulls: Option<&NullBuffer>,
    at: usize,
    budget: &mut Budget,
) -> Result<Vec<T>> {
    budget.vec(nulls.map_or(0, NullBuffer::len), "values of all features", at)
}

fn spread_bits(
    dense: &BooleanBuffer,
    nulls: &NullBuffer,
    at: usize,
    budget: &mut Budget,
) -> Result<BooleanBuffer> {
    let mut bytes = budget.zeroed::<u8>(nulls.len().div_ceil(8), "truth values of all features", at)?;
    for (index, row) in nulls.valid_indices().enumerate() {
        bytes[row / 8] |= u8::from(dense.value(index)) << (row % 8);
    }
    Ok(BooleanBuffer::new(bytes.into(), 0, nulls.len()))
}

/// The streams of a layer's ids.
pub(crate) fn write_ids(ids: &Ids, chooser: &Chooser) -> Vec<OutStream> {
    let mut out = Vec::new();
    present::write(ids.nulls.as_ref(), chooser, &mut out);
    out.push(OutStream::new(Role::Values, chooser.ids(&bitmap::gather(&ids.values, ids.nulls.as_ref()))));
    out
}

/// Reads the ids of `rows` features.
pub(crate) fn read_ids(streams: &Streams, rows: usize, budget: &mut Budget) -> Result<Ids> {
    let (nulls, count) = present::read(streams, rows, budget)?;
    let values = read_spread::<u64>(streams, nulls.as_ref(), count, budget)?;
    Ok(Ids { values: values.into(), nulls })
}
