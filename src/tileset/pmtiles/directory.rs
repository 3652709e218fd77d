//! A directory: where tiles and further directories lie, column by column.
//!
//! ```text
//! varint n
//! n × varint   tile id, less that of the entry before
//! n × varint   number of tiles in a row that are these bytes; 0: a leaf directory
//! n × varint   length in bytes
//! n × varint   0: right behind the entry before, else offset + 1
//! ```

use crate::tileset::error::{Error, Result};
use crate::wire::{Reader, varint};

/// An entry of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The id of the tile, or of the first one in the leaf directory.
    pub(crate) id: u64,
    /// Where it starts, in the tile data or among the leaf directories.
    pub(crate) offset: u64,
    pub(crate) length: u32,
    /// How many tiles in a row are the same bytes; 0 for a leaf directory.
    pub(crate) run: u32,
}

/// Reads a directory. Ids ascend and runs do not overlap.
///
/// # Errors
/// If it is not a directory; offsets count from its first byte, uncompressed.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<Entry>> {
    let fault = |error: crate::error::Error| Error::because("the directory is damaged", error);
    let inconsistent = |at: usize, what: &'static str| fault(crate::error::Error::inconsistent(at, what));
    let mut reader = Reader::new(bytes, 0);
    let count = reader.varint_u64("number of entries").map_err(fault)?;
    // Each entry has four bytes at least, so no claim makes a vector larger than what is there.
    if count > (bytes.len() / 4) as u64 {
        return Err(inconsistent(0, "more entries than there is room for"));
    }
    let mut entries = vec![Entry { id: 0, offset: 0, length: 0, run: 0 }; count as usize];
    let mut id = 0u64;
    for (number, entry) in entries.iter_mut().enumerate() {
        let at = reader.offset();
        let step = reader.varint_u64("tile id").map_err(fault)?;
        if step == 0 && number > 0 {
            return Err(inconsistent(at, "a tile id occurs twice"));
        }
        id = id.checked_add(step).ok_or_else(|| inconsistent(at, "a tile id of more than 64 bits"))?;
        entry.id = id;
    }
    for entry in &mut entries {
        entry.run = reader.varint_u32("run length").map_err(fault)?;
    }
    for entry in &mut entries {
        let at = reader.offset();
        entry.length = reader.varint_u32("length").map_err(fault)?;
        if entry.length == 0 {
            return Err(inconsistent(at, "an entry of no bytes"));
        }
    }
    let mut behind = None;
    for entry in &mut entries {
        let at = reader.offset();
        entry.offset = match (reader.varint_u64("offset").map_err(fault)?, behind) {
            (0, Some(behind)) => behind,
            (0, None) => return Err(inconsistent(at, "the first entry lies behind none")),
            (offset, _) => offset - 1,
        };
        let end = entry.offset.checked_add(entry.length.into());
        behind = Some(end.ok_or_else(|| inconsistent(at, "an offset of more than 64 bits"))?);
    }
    reader.finish("directory").map_err(fault)?;
    for pair in entries.windows(2) {
        if pair[0].id.checked_add(pair[0].run.into()).is_none_or(|end| end > pair[1].id) {
            return Err(inconsistent(bytes.len(), "runs of tiles overlap"));
        }
    }
    Ok(entries)
}

/// Writes a directory.
pub(crate) fn write(entries: &[Entry]) -> Vec<u8> {
    let mut out = Vec::with_capacity(8 * entries.len() + 4);
    varint::write(&mut out, entries.len() as u64);
    let mut last = 0;
    for entry in entries {
        varint::write(&mut out, entry.id - last);
        last = entry.id;
    }
    for entry in entries {
        varint::write(&mut out, entry.run.into());
    }
    for entry in entries {
        varint::write(&mut out, entry.length.into());
    }
    let mut behind = None;
    for entry in entries {
        let follows = behind == Some(entry.offset);
        varint::write(&mut out, if follows { 0 } else { entry.offset + 1 });
        behind = Some(entry.offset + u64::from(entry.length));
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entries() -> impl Strategy<Value = Vec<Entry>> {
        let entry = (1..1000u64, 0..5u32, 1..100_000u32, prop::option::of(0..1u64 << 40));
        prop::collection::vec(entry, 0..50).prop_map(|entries| {
            let (mut id, mut behind) = (0, 0);
            let entries = entries.into_iter().map(|(gap, run, length, offset)| {
                id += gap;
                let entry = Entry { id, offset: offset.unwrap_or(behind), length, run };
                id += u64::from(run);
                behind = entry.offset + u64::from(length);
                entry
            });
            entries.collect()
        })
    }

    proptest! {
        #[test]
        fn read_as_it_is_written(entries in entries()) {
            prop_assert_eq!(read(&write(&entries)).unwrap(), entries);
        }

        #[test]
        fn damage_is_survived(entries in entries(), hits in prop::collection::vec(any::<(u16, u8)>(), 1..4)) {
            let mut bytes = write(&entries);
            for len in 0..bytes.len() {
                prop_assert!(read(&bytes[..len]).is_err());
            }
            for (at, byte) in hits {
                let at = at as usize % bytes.len();
                bytes[at] = byte;
            }
            if let Ok(entries) = read(&bytes) {
                prop_assert!(entries.len() <= bytes.len() / 4);
                prop_assert!(entries.is_sorted_by_key(|entry| entry.id));
            }
        }
    }

    #[test]
    fn as_the_specification_has_it() {
        let entries = [
            Entry { id: 5, offset: 0, length: 10, run: 1 },
            Entry { id: 7, offset: 10, length: 300, run: 2 },
            Entry { id: 9, offset: 0, length: 10, run: 1 },
        ];
        assert_eq!(write(&entries), [3, 5, 2, 2, 1, 2, 1, 10, 0xac, 2, 10, 1, 0, 1]);
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let refused = |bytes: &[u8], what: &str| {
            let line = read(bytes).unwrap_err().line();
            assert!(line.contains(what), "{line}");
        };
        refused(&[0xff, 0xff, 0xff, 0xff, 0x0f], "more entries");
        refused(&[1, 5, 1, 0, 1], "no bytes (at offset 3)");
        refused(&[1, 5, 1, 9, 0], "behind none");
        refused(&[2, 5, 0, 1, 1, 9, 9, 1, 0], "twice");
        refused(&[2, 5, 1, 2, 1, 9, 9, 1, 0], "overlap");
        refused(&[0, 0], "directory");
    }
}
