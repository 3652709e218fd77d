//! Columns of strings.
//!
//! ```text
//! string             [present] lengths, text                 a string per feature that has one
//! string dictionary  [present] values, lengths, text         codes; distinct strings, counted
//! shared string      [present] values                        codes into an earlier dictionary column
//! shared dictionary  lengths, text                           distinct strings, counted
//! ```

use std::sync::Arc;

use super::tokens::{Reference, Tokens};
use super::{ColumnKind, Strings, present, scalar};
use crate::array::{NullBuffer, Utf8, bitmap, offsets};
use crate::encoding::{dictionary, records};
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::stream::choose::Chooser;
use crate::stream::{OutStream, Role, StreamEntry, Streams, bytes, ints};
use crate::wire::{Reader, bytes as wire_bytes};

/// The streams of strings, one after the other; counted if they are a dictionary.
pub(crate) fn write_text(strings: &[&[u8]], counted: bool, chooser: &Chooser, out: &mut Vec<OutStream>) {
    let lengths: Vec<u32> = strings.iter().map(|string| string.len() as u32).collect();
    let encoded = chooser.ints(&lengths);
    out.push(match counted {
        true => OutStream::counted(Role::Lengths, lengths.len(), encoded),
        false => OutStream::new(Role::Lengths, encoded),
    });
    out.push(OutStream::new(Role::Text, chooser.text(&strings.concat(), strings)));
}

/// Whether strings are all of one length, so many of them, and of so few letters, that their text is smaller by
/// itself than among others.
pub(crate) fn has_a_form(strings: &[&[u8]]) -> bool {
    let len: usize = strings.iter().map(|string| string.len()).sum();
    let plan = if len < MOST_AMONG_OTHERS { None } else { records::plan(strings) };
    plan.is_some_and(|plan| 2 * plan.encoded_len(strings.len()) <= len)
}

/// Text of up to so many bytes is not worth streams of its own.
const MOST_AMONG_OTHERS: usize = 512;

/// The stream of a dictionary: strings with zeros behind them, or, where one has a zero in it, lengths and
/// text.
pub(crate) fn write_dictionary(strings: &[&[u8]], chooser: &Chooser, out: &mut Vec<OutStream>) {
    if strings.iter().any(|string| string.contains(&0)) {
        return write_text(strings, true, chooser, out);
    }
    let mut text = Vec::with_capacity(strings.iter().map(|string| string.len() + 1).sum());
    for string in strings {
        text.extend_from_slice(string);
        text.push(0);
    }
    let encoded = chooser.text(&text, &[&text]);
    out.push(OutStream::counted(Role::Terminated, text.len(), encoded));
}

/// The streams of a column whose strings are `codes` into a dictionary written elsewhere.
pub(crate) fn write_codes(codes: &[u32], nulls: Option<&NullBuffer>, chooser: &Chooser) -> Vec<OutStream> {
    let mut out = Vec::new();
    present::write(nulls, chooser, &mut out);
    out.push(OutStream::new(Role::Values, chooser.ints(codes)));
    out
}

/// Reads the strings of a dictionary column.
pub(crate) fn read_dictionary(streams: &Streams, budget: &mut Budget) -> Result<Utf8> {
    if let Some((entry, reader)) = streams.get(Role::Terminated)? {
        streams.none(Role::Lengths)?;
        streams.none(Role::Text)?;
        return read_terminated(entry, reader, budget);
    }
    let (entry, reader) = streams.need(Role::Lengths)?;
    let at = reader.offset();
    let count = entry.count().unwrap_or(0);
    let lengths = ints::read_scratch(entry.encoding(), reader, count, budget)?;
    let offsets = offsets_of(&lengths, at, budget)?;
    budget.give_back(lengths);
    read_text(streams, offsets, budget)
}

/// Reads the strings of `rows` features. `shared` is the dictionary of a shared string column, `tokens`
/// are its tokens, if it has some, with what they refer to.
pub(crate) fn read(
    kind: ColumnKind,
    streams: &Streams,
    rows: usize,
    shared: Option<Arc<Utf8>>,
    tokens: Option<(&Tokens, &[Reference])>,
    budget: &mut Budget,
) -> Result<(Strings, Option<NullBuffer>)> {
    if let (Some((tokens, references)), Some(dictionary)) = (tokens, &shared) {
        let check = |values: &[u32]| tokens.check_strings(values, dictionary.len(), streams.offset());
        let (keys, nulls) = tokens.read_values::<u32>(streams, references, check, budget)?;
        return Ok((Strings::Dictionary { keys: keys.into(), dictionary: Arc::clone(dictionary) }, nulls));
    }
    let (nulls, count) = present::read(streams, rows, budget)?;
    Ok((read_values(kind, streams, shared, nulls.as_ref(), count, budget)?, nulls))
}

/// Reads `count` strings, those of the entries that are not null.
pub(crate) fn read_values(
    kind: ColumnKind,
    streams: &Streams,
    shared: Option<Arc<Utf8>>,
    nulls: Option<&NullBuffer>,
    count: usize,
    budget: &mut Budget,
) -> Result<Strings> {
    Ok(match (kind, shared) {
        (ColumnKind::String, _) => {
            let (entry, reader) = streams.need(Role::Lengths)?;
            let at = reader.offset();
            let mut lengths: Vec<u32> = ints::read_scratch(entry.encoding(), reader, count, budget)?;
            if let Some(nulls) = nulls {
                budget.charge(size_of::<u32>() * (nulls.len() - count), "lengths of all features", at)?;
                bitmap::spread(&mut lengths, nulls);
            }
            let offsets = offsets_of(&lengths, at, budget)?;
            budget.give_back(lengths);
            Strings::Plain(read_text(streams, offsets, budget)?)
        }
        (ColumnKind::StringDictionary, _) => {
            let dictionary = Arc::new(read_dictionary(streams, budget)?);
            read_keys(streams, nulls, count, dictionary, budget)?
        }
        (ColumnKind::SharedString, Some(dictionary)) => read_keys(streams, nulls, count, dictionary, budget)?,
        _ => {
            return Err(Error::inconsistent(
                streams.offset(),
                format!("a {} column has no strings", kind.name()),
            ));
        }
    })
}

fn read_keys(
    streams: &Streams,
    nulls: Option<&NullBuffer>,
    count: usize,
    dictionary: Arc<Utf8>,
    budget: &mut Budget,
) -> Result<Strings> {
    let (entry, reader) = streams.need(Role::Values)?;
    let at = reader.offset();
    let mut keys: Vec<u32> = scalar::room_to_spread(nulls, at, budget)?;
    ints::read_to(entry.encoding(), reader, count, &mut keys, budget)?;
    dictionary::check_codes(&keys, dictionary.len(), at)?;
    if let Some(nulls) = nulls {
        // Features without a value get key 0, which an empty dictionary does not have; but then no
        // feature has a value, and nobody follows the key.
        bitmap::spread(&mut keys, nulls);
    }
    Ok(Strings::Dictionary { keys: keys.into(), dictionary })
}

/// The places of zeros, behind a first 0.
fn zeros(text: &[u8], at: usize, budget: &mut Budget) -> Result<Vec<i32>> {
    let count = 1 + wire_bytes::count(text, |byte| byte == 0);
    let mut places: Vec<i32> = budget.zeroed(count + ZEROS, "string offsets", at)?;
    let mut next = 1;
    let (blocks, rest) = text.as_chunks::<64>();
    let mut last = [1; 64];
    last[..rest.len()].copy_from_slice(rest);
    for (block, bytes) in blocks.iter().chain([&last]).enumerate() {
        let mut zeros = wire_bytes::bits_of(bytes.as_chunks().0, wire_bytes::are_zero);
        let end = next + zeros.count_ones() as usize;
        let mut place = || {
            let place = (64 * block + zeros.trailing_zeros() as usize) as i32;
            zeros &= zeros.wrapping_sub(1);
            place
        };
        // Most blocks have no more; what is written too much is written over.
        let first: &mut [i32; ZEROS] = places[next..].first_chunk_mut().expect("room behind the last");
        first.iter_mut().for_each(|first| *first = place());
        for further in places.get_mut(next + ZEROS..end).into_iter().flatten() {
            *further = place();
        }
        next = end;
    }
    places.truncate(count);
    Ok(places)
}

/// So many zeros of 64 bytes are noted without asking whether there are as many.
const ZEROS: usize = 8;

/// So many bytes of strings are moved at once.
const MOVED: usize = 16;

/// Reads strings with a zero behind each.
fn read_terminated(entry: &StreamEntry, reader: Reader, budget: &mut Budget) -> Result<Utf8> {
    let at = reader.offset();
    let mut text = bytes::read(entry.encoding(), reader, entry.count().unwrap_or(0), budget)?;
    if text.last().is_some_and(|&last| last != 0) {
        return Err(Error::inconsistent(at, "a string without a zero behind it"));
    }
    offsets::check_sum(text.len() as u64, "strings", at)?;
    let mut ends = zeros(&text, at, budget)?;
    // A zero is never part of a string, so that each stands one place further to the front for every zero before it.
    for (end, before) in ends.iter_mut().skip(1).zip(0..) {
        *end -= before;
    }
    for (before, string) in ends.windows(2).enumerate().skip(1) {
        let (start, end) = (string[0] as usize, string[1] as usize);
        if before < MOVED {
            text.copy_within(start + before..end + before, start);
            continue;
        }
        // What is written too much stands before what is still to be moved, and is written over.
        for start in (start..end).step_by(MOVED) {
            match text[start + before..].first_chunk::<MOVED>() {
                Some(&some) => text[start..start + MOVED].copy_from_slice(&some),
                None => text.copy_within(start + before..end + before, start),
            }
        }
    }
    let end = text.len() - (ends.len() - 1);
    text.truncate(end);
    Utf8::read(offsets::seal(ends), text, at)
}

fn offsets_of(lengths: &[u32], at: usize, budget: &mut Budget) -> Result<Vec<i32>> {
    let mut offsets = budget.vec(lengths.len() + 1, "string offsets", at)?;
    offsets.push(0);
    offsets::extend_from_lengths(&mut offsets, lengths, "string lengths", at)?;
    Ok(offsets)
}

fn read_text(streams: &Streams, offsets: Vec<i32>, budget: &mut Budget) -> Result<Utf8> {
    let (entry, reader) = streams.need(Role::Text)?;
    let at = reader.offset();
    let len = *offsets.last().expect("offsets start with 0") as usize;
    let text = bytes::read(entry.encoding(), reader, len, budget)?;
    Utf8::read(offsets::seal(offsets), text, at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn zeros_are_found(text in prop::collection::vec(prop_oneof![Just(0u8), 0..4u8, any::<u8>()], 0..400)) {
            let places = (0..text.len()).filter(|&place| text[place] == 0).map(|place| place as i32);
            let expected: Vec<i32> = std::iter::once(0).chain(places).collect();
            prop_assert_eq!(zeros(&text, 0, &mut Budget::default()).unwrap(), expected);
        }
    }
}
