//! Which features have a value: a bitmap over all features of the layer, coded as bytes. A column
//! in which every feature has a value has no such stream.

use crate::array::{BooleanBuffer, NullBuffer, bitmap};
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::stream::choose::Chooser;
use crate::stream::{OutStream, Role, Streams, bytes};
use crate::wire::Reader;

/// Adds the stream, if some feature has no value.
pub(crate) fn write(nulls: Option<&NullBuffer>, chooser: &Chooser, out: &mut Vec<OutStream>) {
    if let Some(nulls) = nulls
        && nulls.null_count() > 0
    {
        out.push(OutStream::new(Role::Present, chooser.bytes(&bitmap::to_bytes(nulls.inner()))));
    }
}

/// The validity of `rows` features, and the number of those that have a value.
pub(crate) fn read(
    streams: &Streams,
    rows: usize,
    budget: &mut Budget,
) -> Result<(Option<NullBuffer>, usize)> {
    let Some((entry, reader)) = streams.get(Role::Present)? else {
        return Ok((None, rows));
    };
    let nulls = NullBuffer::new(read_bits(entry.encoding(), reader, rows, budget)?);
    let count = rows - nulls.null_count();
    Ok((Some(nulls), count))
}

/// [`read`] to the bits `valid`: the number of features that have a value; none if all have one, and then `valid` is
/// left as it is.
pub(crate) fn read_to(
    streams: &Streams,
    rows: usize,
    valid: &mut [u8],
    budget: &mut Budget,
) -> Result<Option<usize>> {
    let Some((entry, reader)) = streams.get(Role::Present)? else {
        return Ok(None);
    };
    let at = reader.offset();
    bytes::read_to(entry.encoding(), reader, valid, budget)?;
    check_end(valid, rows, at)?;
    Ok(Some(bitmap::ones(valid)))
}

/// Reads a bitmap of `count` bits; the bits behind the last one must be zero.
pub(crate) fn read_bits(
    encoding: u8,
    reader: Reader,
    count: usize,
    budget: &mut Budget,
) -> Result<BooleanBuffer> {
    let at = reader.offset();
    let bytes = bytes::read(encoding, reader, count.div_ceil(8), budget)?;
    check_end(&bytes, count, at)?;
    Ok(BooleanBuffer::new(bytes.into(), 0, count))
}

fn check_end(bytes: &[u8], count: usize, at: usize) -> Result<()> {
    if !count.is_multiple_of(8) && bytes.last().is_some_and(|last| last >> (count % 8) != 0) {
        return Err(Error::inconsistent(at, "bits behind the end of a bitmap"));
    }
    Ok(())
}
