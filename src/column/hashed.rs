//! Ids that are hashes of a string property, as Planetiler makes them of tables whose ids are texts (Overture's
//! tiles are made so): a multiplier times FNV-1a with 64 bits, modulo 2^64. Only what cannot be told from the
//! property is stored.
//!
//! ```text
//! in the directory   varint multiplier │ varint column
//! streams            [present] [values]       ids of the features that have one, but no string
//! ```

use super::{Column, Ids, Strings, Values, present};
use crate::array::{NullBuffer, Utf8};
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::stream::choose::Chooser;
use crate::stream::{OutStream, Role, Streams, ints};
use crate::wire::Reader;
use crate::wire::trace::Trace;

/// What ids are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hash {
    pub(crate) multiplier: u64,
    /// The number of the property in its layer.
    pub(crate) column: usize,
}

impl Hash {
    pub(crate) fn read(reader: &mut Reader<impl Trace>) -> Result<Self> {
        let multiplier = reader.varint_u64("multiplier of hashes")?;
        Ok(Self { multiplier, column: reader.count("number of the column of hashes")? })
    }
}

/// FNV-1a with 64 bits (G. Fowler, L. C. Noll, K.-P. Vo).
fn hash(text: &[u8]) -> u64 {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x100_0000_01b3;
    text.iter().fold(BASIS, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME))
}

/// The hash of each string.
fn hashes(texts: &Utf8, budget: &mut Budget, at: usize) -> Result<Vec<u64>> {
    let mut out = budget.vec(texts.len(), "hashes", at)?;
    let mut rows = 0..texts.len();
    // Four at a time where they are of one length: each waits for its own products only.
    while rows.len() >= 4 {
        let some: [&[u8]; 4] = std::array::from_fn(|next| texts.get_bytes(rows.start + next));
        if some.iter().any(|text| text.len() != some[0].len()) {
            out.push(hash(some[0]));
            rows.start += 1;
            continue;
        }
        out.extend(four(some));
        rows.start += 4;
    }
    out.extend(rows.map(|row| hash(texts.get_bytes(row))));
    Ok(out)
}

/// The hashes of four texts of one length.
fn four(texts: [&[u8]; 4]) -> [u64; 4] {
    let [a, b, c, d] = texts;
    let mut out = [hash(&[]); 4];
    for (((a, b), c), d) in a.iter().zip(b).zip(c).zip(d) {
        for (out, &byte) in out.iter_mut().zip([a, b, c, d]) {
            *out = (*out ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
    out
}

/// So many rows are looked at for a hash that tells the multiplier; half of all are odd.
const LOOKED_AT: usize = 32;

/// Larger multipliers are chance.
const MOST: u64 = 1 << 32;

/// The column of `columns`, and the multiplier, that all ids of features with a string are made of.
pub(crate) fn find(ids: &Ids, columns: &[Column]) -> Option<(usize, u64)> {
    columns.iter().enumerate().find_map(|(number, column)| {
        let Values::String(strings) = &column.values else { return None };
        let multiplier = multiplier(ids, column, strings)?;
        let same = |row: usize| {
            !column.is_valid(row)
                || ids.get(row) == Some(hash(strings.get(row).as_bytes()).wrapping_mul(multiplier))
        };
        (0..column.len()).all(same).then_some((number, multiplier))
    })
}

/// The multiplier that two of the first ids have in common.
fn multiplier(ids: &Ids, column: &Column, strings: &Strings) -> Option<u64> {
    let rows = (0..column.len()).filter(|&row| column.is_valid(row)).take(LOOKED_AT);
    let mut found = None;
    for row in rows {
        let (id, hash) = (ids.get(row)?, hash(strings.get(row).as_bytes()));
        match found {
            Some(multiplier) => return (id == hash.wrapping_mul(multiplier)).then_some(multiplier),
            None if hash % 2 == 1 => {
                let multiplier = id.wrapping_mul(inverse(hash));
                if multiplier == 0 || multiplier >= MOST {
                    return None;
                }
                found = Some(multiplier);
            }
            None => {}
        }
    }
    None
}

/// The inverse of an odd number modulo 2^64: each of Newton's steps makes twice as many bits right.
fn inverse(odd: u64) -> u64 {
    (0..5).fold(odd, |inverse, _| inverse.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(inverse))))
}

/// The streams of ids, which are hashes of the strings of `column`.
pub(crate) fn write(ids: &Ids, column: &Column, chooser: &Chooser) -> Vec<OutStream> {
    let mut out = Vec::new();
    present::write(ids.nulls.as_ref(), chooser, &mut out);
    let without = (0..column.len()).filter(|&row| !column.is_valid(row));
    let others: Vec<u64> = without.filter_map(|row| ids.get(row)).collect();
    if !others.is_empty() {
        out.push(OutStream::new(Role::Values, chooser.ids(&others)));
    }
    out
}

/// Reads the ids of features, whose strings are those of `column`.
pub(crate) fn read(
    streams: &Streams,
    multiplier: u64,
    column: &Column,
    at: usize,
    budget: &mut Budget,
) -> Result<Ids> {
    let rows = column.len();
    let (nulls, _) = present::read(streams, rows, budget)?;
    let Values::String(strings) = &column.values else {
        return Err(Error::inconsistent(at, "ids that are hashes of no strings"));
    };
    let mut values: Vec<u64> = match strings {
        Strings::Plain(strings) => hashes(strings, budget, at)?,
        Strings::Dictionary { keys, dictionary } => {
            let hashes = hashes(dictionary, budget, at)?;
            let mut values = budget.vec(rows, "ids", at)?;
            // Without any strings there is no value.
            values.extend(keys.iter().map(|&key| hashes.get(key as usize).copied().unwrap_or(0)));
            values
        }
    };
    values.iter_mut().for_each(|value| *value = value.wrapping_mul(multiplier));
    let valid = |nulls: Option<&NullBuffer>, row| nulls.is_none_or(|nulls| nulls.is_valid(row));
    if column.null_count() > 0 {
        let stored = |&row: &usize| !column.is_valid(row) && valid(nulls.as_ref(), row);
        let count = (0..rows).filter(stored).count();
        if count > 0 {
            let missing = || Error::inconsistent(at, "ids of features without a string, which are not there");
            let (entry, reader) = streams.get(Role::Values)?.ok_or_else(missing)?;
            let others: Vec<u64> = ints::read(entry.encoding(), reader, count, budget)?;
            let places = (0..rows).filter(stored);
            places.zip(others).for_each(|(row, id)| values[row] = id);
            return Ok(Ids { values: values.into(), nulls });
        }
    }
    streams.none(Role::Values)?;
    Ok(Ids { values: values.into(), nulls })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stream::StreamEntry;
    use crate::tile::options::{EncodeOptions, Profile};

    #[test]
    fn hashes_are_the_published_ones() {
        // From the authors' list of test vectors.
        for (text, expected) in [
            ("", 0xcbf2_9ce4_8422_2325),
            ("a", 0xaf63_dc4c_8601_ec8c),
            ("b", 0xaf63_df4c_8601_f1a5),
            ("foobar", 0x8594_4171_f739_67e8),
        ] {
            assert_eq!(hash(text.as_bytes()), expected, "{text}");
        }
    }

    fn column(texts: &[Option<String>]) -> Column {
        let strings = texts.iter().map(|text| text.clone().unwrap_or_default()).collect();
        let nulls = NullBuffer::from_iter(texts.iter().map(Option::is_some));
        let nulls = (nulls.null_count() > 0).then_some(nulls);
        Column { name: "t".into(), values: Values::String(Strings::Plain(strings)), nulls }
    }

    proptest! {
        /// Four at a time or one by one.
        #[test]
        fn all_hashes(texts in prop::collection::vec("[a-c]{0,3}|[0-9a-f]{8}", 0..40)) {
            let expected: Vec<u64> = texts.iter().map(|text| hash(text.as_bytes())).collect();
            let texts: Utf8 = texts.into_iter().collect();
            prop_assert_eq!(hashes(&texts, &mut Budget::default(), 0).unwrap(), expected);
        }

        #[test]
        fn the_multiplier_is_found(
            texts in prop::collection::vec(prop::option::of("[0-9a-f]{6}"), 40..80),
            multiplier in 1u64..1 << 32,
            others: u64,
        ) {
            let texts = column(&texts);
            let ids: Vec<u64> = (0..texts.len())
                .map(|row| match texts.get(row) {
                    Some(crate::column::Value::String(text)) => hash(text.as_bytes()).wrapping_mul(multiplier),
                    _ => others,
                })
                .collect();
            let mut ids = Ids { values: ids.into(), nulls: None };
            let columns = [column(&vec![Some("x".into()); texts.len()]), texts];
            prop_assert_eq!(find(&ids, &columns), Some((1, multiplier)));
            // One that is another is enough.
            let row = (0..ids.values.len()).rfind(|&row| columns[1].is_valid(row)).unwrap();
            let mut values = ids.values.to_vec();
            values[row] ^= 4;
            ids.values = values.into();
            prop_assert_eq!(find(&ids, &columns), None);
        }

        #[test]
        fn what_is_written_is_read(
            texts in prop::collection::vec(prop::option::weighted(0.8, "[0-9a-f]{6}"), 0..80),
            given: u64,
        ) {
            let texts = column(&texts);
            let ids: Vec<u64> = (0..texts.len())
                .map(|row| match texts.get(row) {
                    Some(crate::column::Value::String(text)) => hash(text.as_bytes()).wrapping_mul(10),
                    _ => given.wrapping_add(row as u64),
                })
                .collect();
            // Some of those without a text have no id either.
            let has = |row: usize| texts.is_valid(row) || (given >> (row % 64)) & 1 == 1;
            let nulls = NullBuffer::from_iter((0..ids.len()).map(has));
            let ids = Ids { values: ids.into(), nulls: (nulls.null_count() > 0).then_some(nulls) };
            for profile in Profile::ALL {
                let out = write(&ids, &texts, &EncodeOptions::new(profile).chooser());
                let bytes: Vec<u8> = out.iter().flat_map(|stream| stream.encoded.payload.clone()).collect();
                let mut directory = Vec::new();
                out.iter().for_each(|stream| stream.write_entry(0, &mut directory));
                let mut reader = Reader::new(&directory, 0);
                let mut positions = crate::stream::Positions { body: 0, texts: None, compressed: false };
                let entries: Vec<StreamEntry> = (0..out.len())
                    .map(|_| {
                        let mut entry = StreamEntry::unread();
                        entry.read(&mut reader, &mut positions, 0, false).unwrap();
                        entry
                    })
                    .collect();
                let tile = crate::stream::TileBytes::Whole(&bytes);
                let streams = Streams::new(&entries, crate::stream::Payloads { tile, front: None });
                let read = read(&streams, 10, &texts, 0, &mut Budget::default()).unwrap();
                for row in 0..texts.len() {
                    prop_assert_eq!(read.get(row), ids.get(row));
                }
            }
        }
    }
}
