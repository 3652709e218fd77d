//! What was written to an archive in the making, tile by tile: of it directories are made in the
//! end, and a writer that was killed learns from it what it had known.
//!
//! ```text
//! u64 tile id │ u64 offset in the tile data │ u32 length │ u64 hash of the tile      28 bytes, little-endian
//! ```

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::directory::Entry;

const RECORD_BYTES: usize = 28;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) id: u64,
    pub(crate) offset: u64,
    pub(crate) length: u32,
    pub(crate) hash: u64,
}

impl Record {
    fn to_bytes(self) -> [u8; RECORD_BYTES] {
        let mut bytes = [0; RECORD_BYTES];
        bytes[..8].copy_from_slice(&self.id.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.offset.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.length.to_le_bytes());
        bytes[20..].copy_from_slice(&self.hash.to_le_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8; RECORD_BYTES]) -> Self {
        let u64_at = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes"));
        let length = u32::from_le_bytes(bytes[16..20].try_into().expect("4 bytes"));
        Self { id: u64_at(0), offset: u64_at(8), length, hash: u64_at(20) }
    }
}

/// A journal in a file.
pub(crate) struct Journal {
    file: BufWriter<File>,
    records: u64,
}

impl Journal {
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(path)?;
        Ok(Self { file: BufWriter::new(file), records: 0 })
    }

    /// Opens a journal and forgets all but its first `records`.
    pub(crate) fn resume(path: &Path, records: u64) -> io::Result<Self> {
        let mut file = OpenOptions::new().read(true).write(true).open(path)?;
        let bytes = records * RECORD_BYTES as u64;
        if file.metadata()?.len() < bytes {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        file.set_len(bytes)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Self { file: BufWriter::new(file), records })
    }

    pub(crate) fn push(&mut self, record: Record) -> io::Result<()> {
        self.file.write_all(&record.to_bytes())?;
        self.records += 1;
        Ok(())
    }

    /// The number of records, all of which are on disk afterwards.
    pub(crate) fn sync(&mut self) -> io::Result<u64> {
        self.file.flush()?;
        self.file.get_ref().sync_data()?;
        Ok(self.records)
    }

    /// Hands over all records in the order in which they were pushed.
    pub(crate) fn for_each(&mut self, mut visit: impl FnMut(Record) -> io::Result<()>) -> io::Result<()> {
        self.file.flush()?;
        let file = self.file.get_mut();
        file.rewind()?;
        let mut reader = BufReader::with_capacity(1 << 16, &*file);
        let mut bytes = [0; RECORD_BYTES];
        for _ in 0..self.records {
            reader.read_exact(&mut bytes)?;
            visit(Record::from_bytes(&bytes))?;
        }
        file.seek(SeekFrom::End(0)).map(drop)
    }

    /// Hands over the entries of a directory of all tiles: tiles in a row that are the same bytes are
    /// one entry.
    pub(crate) fn for_each_entry(
        &mut self,
        mut visit: impl FnMut(Entry) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut last: Option<Entry> = None;
        self.for_each(|Record { id, offset, length, .. }| {
            if let Some(entry) = &mut last {
                let follows = entry.id + u64::from(entry.run) == id && entry.run < u32::MAX;
                if follows && (entry.offset, entry.length) == (offset, length) {
                    entry.run += 1;
                    return Ok(());
                }
                visit(*entry)?;
            }
            last = Some(Entry { id, offset, length, run: 1 });
            Ok(())
        })?;
        last.map_or(Ok(()), visit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: u64, offset: u64) -> Record {
        Record { id, offset, length: 7, hash: id ^ 0xfedc_ba98_7654_3210 }
    }

    #[test]
    fn what_follows_and_is_the_same_is_one_entry() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::create(&folder.path().join("journal")).unwrap();
        for (id, offset) in [(1, 0), (2, 7), (3, 7), (4, 7), (6, 7), (7, 0)] {
            journal.push(record(id, offset)).unwrap();
        }
        let mut entries = Vec::new();
        journal
            .for_each_entry(|Entry { id, offset, run, .. }| {
                entries.push((id, offset, run));
                Ok(())
            })
            .unwrap();
        assert_eq!(entries, [(1, 0, 1), (2, 7, 3), (6, 7, 1), (7, 0, 1)]);
    }

    #[test]
    fn what_came_after_the_last_sync_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::create(&path).unwrap();
        journal.push(record(1, 0)).unwrap();
        assert_eq!(journal.sync().unwrap(), 1);
        journal.push(record(2, 7)).unwrap();
        drop(journal);
        let mut journal = Journal::resume(&path, 1).unwrap();
        journal.push(record(3, 14)).unwrap();
        let mut records = Vec::new();
        let mut read = |journal: &mut Journal| {
            records.clear();
            journal
                .for_each(|record| {
                    records.push(record);
                    Ok(())
                })
                .unwrap();
            records.clone()
        };
        assert_eq!(read(&mut journal), [record(1, 0), record(3, 14)]);
        journal.push(record(4, 0)).unwrap();
        assert_eq!(read(&mut journal).len(), 3);
        assert!(Journal::resume(&path, 9).is_err());
    }
}
