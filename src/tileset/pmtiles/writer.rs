//! Writes PMTiles archives: tiles in the order of their ids, none stored twice, in memory that does
//! not depend on their number.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::directory::{self, Entry};
use super::header::{FRONT_BYTES, HEADER_BYTES, Header, tile_type};
use super::journal::{Journal, Record};
use crate::coord::TileCoord;
use crate::tileset::compression::{Compression, gzip};
use crate::tileset::error::{Context, Error, Result};
use crate::tileset::format::TileFormat;
use crate::tileset::metadata::Metadata;
use crate::tileset::output::{Existing, Scratch};
use crate::tileset::seen::Seen;
use crate::tileset::select::GeoBounds;
use crate::tileset::tile_id::{coord_of, tile_id};

/// The number of entries of a leaf directory; more only if else the root could not hold all leaves.
const LEAF_ENTRIES: u64 = 4096;
/// How many bytes are written at once.
const PENDING_BYTES: usize = 1 << 20;

const JOURNAL: &str = "journal";

/// How much of an archive in the making is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lengths {
    data: u64,
    records: u64,
}

/// A PMTiles archive in the making; dropped unfinished, it is removed.
pub struct PmtilesWriter {
    // Declared before the folder they lie in, so that they are closed before that is removed.
    data: Data,
    journal: Journal,
    scratch: Scratch,
    format: TileFormat,
    compression: Compression,
    seen: Seen<(u64, u32)>,
    last: Option<u64>,
    tiles: u64,
    distinct: u64,
}

impl PmtilesWriter {
    /// Starts to make the archive at `path`, which appears there when it is complete; its tiles will
    /// be of `format`, wrapped in `compression`.
    ///
    /// # Errors
    /// If the file exists and is to be kept, or cannot be written.
    pub fn create(
        path: &Path,
        format: TileFormat,
        compression: Compression,
        existing: Existing,
    ) -> Result<Self> {
        Self::start(Scratch::beside(path, existing)?, format, compression)
    }

    pub(crate) fn start(scratch: Scratch, format: TileFormat, compression: Compression) -> Result<Self> {
        let cannot_write = || format!("cannot write {}", scratch.target().display());
        let data = Data::create(&scratch.output()).context(cannot_write)?;
        let journal = Journal::create(&journal_path(&scratch)).context(cannot_write)?;
        let seen = Seen::default();
        Ok(Self { data, journal, scratch, format, compression, seen, last: None, tiles: 0, distinct: 0 })
    }

    /// Goes on where a writer was when it told `lengths`.
    pub(crate) fn resume(
        scratch: Scratch,
        format: TileFormat,
        compression: Compression,
        lengths: Lengths,
    ) -> Result<Self> {
        let cannot_resume = || format!("cannot go on with {}", scratch.target().display());
        let data = Data::resume(&scratch.output(), lengths.data).context(cannot_resume)?;
        let mut journal = Journal::resume(&journal_path(&scratch), lengths.records).context(cannot_resume)?;
        let mut seen = Seen::default();
        let (mut last, mut tiles, mut distinct, mut end) = (None, 0, 0, 0);
        let replay = |record: Record| {
            seen.insert(record.hash, (record.offset, record.length));
            last = Some(record.id);
            tiles += 1;
            if record.offset == end {
                distinct += 1;
                end += u64::from(record.length);
            }
            Ok(())
        };
        journal.for_each(replay).context(cannot_resume)?;
        Ok(Self { data, journal, scratch, format, compression, seen, last, tiles, distinct })
    }

    /// Adds a tile as it shall be stored. Tiles come in the order of PMTiles' tile ids, as
    /// conversions hand them over. A tile of no bytes is none.
    ///
    /// # Errors
    /// If the tile comes too late, or the archive cannot be written.
    pub fn write(&mut self, coord: TileCoord, tile: &[u8]) -> Result<()> {
        let id = tile_id(coord);
        if self.last.is_some_and(|last| last >= id) {
            return Err(Error::new(format!("tile {coord} comes after one that it should come before")));
        }
        self.last = Some(id);
        if tile.is_empty() {
            return Ok(());
        }
        self.append(id, tile).context(|| format!("cannot write tile {coord}"))
    }

    fn append(&mut self, id: u64, tile: &[u8]) -> io::Result<()> {
        let length = u32::try_from(tile.len()).map_err(|_| io::Error::other("is larger than 4 GiB"))?;
        let hash = Seen::<(u64, u32)>::hash(tile);
        let known = self.seen.get(hash).filter(|(_, other)| *other == length);
        let offset = match known {
            // Not only the same hash.
            Some((offset, _)) if self.data.holds(offset, tile)? => offset,
            _ => {
                self.distinct += 1;
                self.data.append(tile)?
            }
        };
        self.seen.insert(hash, (offset, length));
        self.tiles += 1;
        self.journal.push(Record { id, offset, length, hash })
    }

    /// Brings to disk what was written so far.
    pub(crate) fn sync(&mut self) -> Result<Lengths> {
        let mut sync =
            || Ok::<_, io::Error>(Lengths { data: self.data.sync()?, records: self.journal.sync()? });
        sync().context(|| format!("cannot write {}", self.scratch.target().display()))
    }

    pub(crate) fn scratch(&mut self) -> &mut Scratch {
        &mut self.scratch
    }

    /// Completes the archive and gives it its name.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(mut self, metadata: &Metadata) -> Result<()> {
        self.complete(metadata).context(|| format!("cannot complete {}", self.scratch.target().display()))?;
        let Self { data, journal, scratch, .. } = self;
        drop((data, journal));
        scratch.commit()
    }

    fn complete(&mut self, metadata: &Metadata) -> io::Result<()> {
        let data_end = FRONT_BYTES as u64 + self.data.flush()?;
        let file = &mut self.data.file;
        file.seek(SeekFrom::Start(data_end))?;
        let json = gzip(metadata.to_pmtiles(self.format).as_bytes());
        file.write_all(&json)?;
        let leaves_start = data_end + json.len() as u64;
        let (root, entries) = write_directories(&mut self.journal, file, leaves_start)?;
        let leaves_end = file.stream_position()?;

        let mut zooms: Option<[u8; 2]> = None;
        self.journal.for_each(|record| {
            let z = coord_of(record.id).map_or(0, TileCoord::z);
            zooms = Some(zooms.map_or([z; 2], |[first, _]| [first, z]));
            Ok(())
        })?;
        let zooms = zooms.unwrap_or_default();
        let bounds = metadata.bounds().unwrap_or(GeoBounds::WORLD);
        let center = metadata.center().unwrap_or_else(|| {
            (zooms[0], (bounds.west + bounds.east) / 2.0, (bounds.south + bounds.north) / 2.0)
        });
        let header = Header {
            root: HEADER_BYTES as u64..(HEADER_BYTES + root.len()) as u64,
            metadata: data_end..leaves_start,
            leaves: leaves_start..leaves_end,
            data: FRONT_BYTES as u64..data_end,
            counts: [self.tiles, entries, self.distinct],
            clustered: true,
            internal_compression: Some(Compression::Gzip),
            tile_compression: Some(self.compression),
            tile_type: match self.format {
                TileFormat::Mvt => tile_type::MVT,
                TileFormat::Covt => tile_type::UNKNOWN,
                TileFormat::Mlt => tile_type::MLT,
            },
            zooms,
            bounds,
            center,
        };
        file.rewind()?;
        file.write_all(&[&header.write()[..], &root].concat())
    }
}

/// Writes leaf directories to `file`, if there must be any. Returns the root directory as it shall
/// be stored, and the number of entries of tiles.
fn write_directories(journal: &mut Journal, file: &mut File, start: u64) -> io::Result<(Vec<u8>, u64)> {
    let (mut count, mut few) = (0, Vec::new());
    journal.for_each_entry(|entry| {
        count += 1;
        if count <= FRONT_BYTES as u64 {
            few.push(entry);
        }
        Ok(())
    })?;
    let fits = |root: &Vec<u8>| HEADER_BYTES + root.len() <= FRONT_BYTES;
    if few.len() as u64 == count {
        let root = gzip(&directory::write(&few));
        if fits(&root) {
            return Ok((root, count));
        }
    }
    drop(few);
    let mut size = LEAF_ENTRIES;
    loop {
        file.seek(SeekFrom::Start(start))?;
        let root = gzip(&directory::write(&write_leaves(journal, file, size as usize)?));
        let end = file.stream_position()?;
        file.set_len(end)?;
        if fits(&root) {
            return Ok((root, count));
        }
        size += size / 2;
    }
}

/// Writes leaf directories of `size` entries; returns the entries that point to them.
fn write_leaves(journal: &mut Journal, file: &mut File, size: usize) -> io::Result<Vec<Entry>> {
    let (mut leaf, mut root, mut offset) = (Vec::with_capacity(size), Vec::new(), 0);
    let mut write = |leaf: &mut Vec<Entry>| {
        let Some(&Entry { id, .. }) = leaf.first() else { return Ok(()) };
        let bytes = gzip(&directory::write(leaf));
        leaf.clear();
        file.write_all(&bytes)?;
        let length =
            u32::try_from(bytes.len()).map_err(|_| io::Error::other("a directory of more than 4 GiB"))?;
        root.push(Entry { id, offset, length, run: 0 });
        offset += u64::from(length);
        Ok(())
    };
    journal.for_each_entry(|entry| {
        leaf.push(entry);
        if leaf.len() == size { write(&mut leaf) } else { Ok(()) }
    })?;
    write(&mut leaf)?;
    Ok(root)
}

fn journal_path(scratch: &Scratch) -> PathBuf {
    scratch.file(JOURNAL)
}

/// The tile data in the file of the archive, behind the place of header and root directory.
struct Data {
    file: File,
    flushed: u64,
    pending: Vec<u8>,
}

impl Data {
    fn create(path: &Path) -> io::Result<Self> {
        let mut file = OpenOptions::new().read(true).write(true).create_new(true).open(path)?;
        file.write_all(&[0; FRONT_BYTES])?;
        Ok(Self { file, flushed: 0, pending: Vec::with_capacity(PENDING_BYTES) })
    }

    /// Opens the file and forgets all but the first `length` bytes of tile data.
    fn resume(path: &Path, length: u64) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        let end = FRONT_BYTES as u64 + length;
        if file.metadata()?.len() < end {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        file.set_len(end)?;
        Ok(Self { file, flushed: length, pending: Vec::with_capacity(PENDING_BYTES) })
    }

    /// Where in the tile data it was put.
    fn append(&mut self, tile: &[u8]) -> io::Result<u64> {
        if self.pending.len() + tile.len() > PENDING_BYTES {
            self.flush()?;
        }
        let offset = self.flushed + self.pending.len() as u64;
        self.pending.extend(tile);
        Ok(offset)
    }

    fn holds(&mut self, offset: u64, tile: &[u8]) -> io::Result<bool> {
        if let Some(at) = offset.checked_sub(self.flushed) {
            return Ok(&self.pending[at as usize..][..tile.len()] == tile);
        }
        self.file.seek(SeekFrom::Start(FRONT_BYTES as u64 + offset))?;
        let mut bytes = vec![0; tile.len()];
        self.file.read_exact(&mut bytes)?;
        Ok(bytes == tile)
    }

    /// Hands everything to the system; returns the number of bytes.
    fn flush(&mut self) -> io::Result<u64> {
        self.file.seek(SeekFrom::Start(FRONT_BYTES as u64 + self.flushed))?;
        self.file.write_all(&self.pending)?;
        self.flushed += self.pending.len() as u64;
        self.pending.clear();
        Ok(self.flushed)
    }

    /// Brings everything to disk; returns the number of bytes.
    fn sync(&mut self) -> io::Result<u64> {
        let length = self.flush()?;
        self.file.sync_data()?;
        Ok(length)
    }
}
