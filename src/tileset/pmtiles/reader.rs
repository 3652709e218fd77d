//! Reads PMTiles archives, holding no more than a few directories at a time.

use std::io::Read;
use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use serde_json::Value;

use super::directory::{self, Entry};
use super::header::{FRONT_BYTES, Header, tile_type};
use crate::coord::TileCoord;
use crate::tileset::compression::{Compression, MAX_TILE_BYTES, decompress_as};
use crate::tileset::error::{Context, Error, Result};
use crate::tileset::format::TileFormat;
use crate::tileset::metadata::Metadata;
use crate::tileset::select::Selection;
use crate::tileset::source::{self, Ahead, ReadAt};
use crate::tileset::tile::{BadTile, SourceTile, Visit};
use crate::tileset::tile_id::{coord_of, tile_id};

/// How deep leaf directories may lie within each other. Writers make one level; readers of the
/// specification's own examples go down three.
const MAX_DEPTH: u32 = 4;

/// An open PMTiles archive.
pub struct PmtilesReader {
    source: Box<dyn ReadAt>,
    path: PathBuf,
    header: Header,
    root: Vec<Entry>,
    metadata: Metadata,
}

impl PmtilesReader {
    /// Opens the archive at `path`, a file or with the feature `http` a URL, and reads its root
    /// directory and its metadata.
    ///
    /// # Errors
    /// If it cannot be read, is cut off, or is not PMTiles of version 3.
    pub fn open(path: &Path) -> Result<Self> {
        Self::from_source(source::open(path).context(|| path.display().to_string())?, path)
    }

    /// The archive whose bytes `source` has, called `path`.
    pub(crate) fn from_source(source: Box<dyn ReadAt>, path: &Path) -> Result<Self> {
        let whose = || path.display().to_string();
        let front_len = source.size().min(FRONT_BYTES as u64) as usize;
        let front = source.read_at(0, front_len).context(whose)?;
        let header = Header::read(&front, source.size()).context(whose)?;
        let mut reader =
            Self { source, path: path.to_owned(), header, root: Vec::new(), metadata: Metadata::default() };
        reader.root = reader.read_root(&front).context(whose)?;
        reader.metadata = reader.read_metadata().context(whose)?;
        Ok(reader)
    }

    /// What the archive says of itself, in its metadata and its header.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The number of tiles, if the header tells.
    pub fn count(&self) -> Option<u64> {
        Some(self.header.counts[0]).filter(|count| *count > 0)
    }

    /// The number of tiles that are wanted; none if it takes long to count them.
    pub(crate) fn count_of(&self, select: &Selection) -> Result<Option<u64>> {
        if select.is_all() && self.count().is_some() {
            return Ok(self.count());
        }
        if self.source.is_remote() || select.bounds.is_some() {
            return Ok(None);
        }
        let mut count = 0;
        let each = &mut |_: Entry, ids: Range<u64>| {
            count += ids.end - ids.start;
            Ok(ControlFlow::Continue(()))
        };
        self.walk(&self.root, 0, &wanted(select, None), each)
            .context(|| self.path.display().to_string())
            .map(drop)?;
        Ok(Some(count))
    }

    /// Some tile, to see what they are like.
    pub(crate) fn some_tile(&self) -> Result<Option<Vec<u8>>> {
        let mut found = None;
        let each = &mut |entry: Entry, _: Range<u64>| {
            found = Some(self.read_tile(entry)?);
            Ok(ControlFlow::Break(()))
        };
        let walked = self.walk(&self.root, 0, &(0..u64::MAX), each);
        walked.map(|_| found).context(|| self.path.display().to_string())
    }

    /// Whether tiles lie in the order of their ids.
    pub fn is_clustered(&self) -> bool {
        self.header.clustered
    }

    /// What the tiles are wrapped in, if the header tells.
    pub fn compression(&self) -> Option<Compression> {
        self.header.tile_compression
    }

    /// The format that header and metadata name; none if neither tells.
    ///
    /// # Errors
    /// If the tiles are none of MVT, COVT and MLT.
    pub(crate) fn format(&self) -> Result<Option<TileFormat>> {
        match self.header.tile_type {
            tile_type::MVT => Ok(Some(TileFormat::Mvt)),
            tile_type::MLT => Ok(Some(TileFormat::Mlt)),
            tile_type::UNKNOWN => match self.metadata.get("format") {
                Some(name) => match TileFormat::from_metadata(name) {
                    Some(format) => Ok(Some(format)),
                    None => Err(Error::new(format!("its tiles are {name}, neither MVT nor COVT nor MLT"))),
                },
                None => Ok(None),
            },
            other => {
                let name = tile_type::name(other);
                Err(Error::new(format!("its tiles are {name}, neither MVT nor COVT nor MLT")))
            }
        }
    }

    /// The tile at `coord` as it is stored, or none.
    ///
    /// # Errors
    /// If the archive cannot be read or is damaged.
    pub fn tile(&self, coord: TileCoord) -> Result<Option<Vec<u8>>> {
        let read = || self.find(coord)?.map(|entry| self.read_tile(entry)).transpose();
        read().context(|| format!("tile {coord} of {}", self.path.display()))
    }

    /// Where in the archive the bytes of the tile at `coord` are, if there is one.
    pub(crate) fn place_of(&self, coord: TileCoord) -> Result<Option<Range<u64>>> {
        let place = || {
            let entry = self.find(coord)?;
            let range = |entry: Entry| self.place(entry).map(|start| start..start + u64::from(entry.length));
            entry.map(range).transpose()
        };
        place().context(|| format!("tile {coord} of {}", self.path.display()))
    }

    /// The entry of the tile at `coord`, if there is one.
    fn find(&self, coord: TileCoord) -> Result<Option<Entry>> {
        let id = tile_id(coord);
        let mut leaf = Vec::new();
        for depth in 0..=MAX_DEPTH {
            let entries = if depth == 0 { &self.root } else { &leaf };
            let behind = entries.partition_point(|entry| entry.id <= id);
            let Some(entry) = behind.checked_sub(1).map(|number| entries[number]) else {
                return Ok(None);
            };
            if entry.run > 0 {
                return Ok((id - entry.id < u64::from(entry.run)).then_some(entry));
            }
            leaf = self.read_leaf(entry)?;
        }
        Err(too_deep())
    }

    fn read_tile(&self, entry: Entry) -> Result<Vec<u8>> {
        let offset = self.place(entry)?;
        let cannot_read = || format!("cannot read {} bytes at offset {offset}", entry.length);
        self.source.read_at(offset, entry.length as usize).context(cannot_read)
    }

    /// Where in the archive the bytes of a tile are.
    fn place(&self, entry: Entry) -> Result<u64> {
        if entry.length as usize > MAX_TILE_BYTES {
            return Err(Error::new(format!(
                "the stored tile is larger than the limit of {} MiB",
                MAX_TILE_BYTES >> 20
            )));
        }
        within(&self.header.data, entry).ok_or_else(|| {
            let Entry { offset, length, .. } = entry;
            Error::new(format!("{length} bytes at {offset} of the tile data lie behind its end"))
        })
    }

    /// Hands over all tiles that are wanted and lie behind `after`, in the order of their ids, until
    /// told to stop.
    ///
    /// # Errors
    /// If the archive cannot be read or a directory is damaged. A tile that cannot be one is handed
    /// over as bad.
    pub(crate) fn for_each(
        &self,
        select: &Selection,
        after: Option<u64>,
        visit: &mut Visit<'_>,
    ) -> Result<()> {
        let mut ahead = Ahead::new(&*self.source, self.header.data.end);
        let ids = wanted(select, after);
        let each = &mut |entry: Entry, ids: Range<u64>| {
            let mut tile = None;
            for id in ids {
                let Some(coord) = coord_of(id) else {
                    // So do all behind it; a run of them may be billions long.
                    return Ok(visit(Err(BadTile::new(format!("number {id}"), "lies deeper than zoom 30"))));
                };
                if !select.contains(coord) {
                    continue;
                }
                // Read once for a whole run.
                let tile = match &mut tile {
                    Some(tile) => tile,
                    none => none.insert(match self.place(entry) {
                        Ok(offset) => match ahead.read(offset, entry.length as usize) {
                            // Nothing is wrong with a tile if the network is down.
                            Err(error) if self.source.is_remote() => return Err(error),
                            read => read.map(<[u8]>::to_vec),
                        },
                        Err(error) => Err(error),
                    }),
                };
                let handed = match tile {
                    Ok(data) => Ok(SourceTile { coord, data: data.clone() }),
                    Err(error) => Err(BadTile::at(coord, error.line())),
                };
                if visit(handed).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            Ok(ControlFlow::Continue(()))
        };
        self.walk(&self.root, 0, &ids, each).map(drop).context(|| self.path.display().to_string())
    }

    /// The sizes of all tiles that are wanted, which the directories tell.
    ///
    /// # Errors
    /// If a directory cannot be read or is damaged.
    pub(crate) fn for_each_size(
        &self,
        select: &Selection,
        visit: &mut dyn FnMut(TileCoord, u64),
    ) -> Result<()> {
        let each = &mut |entry: Entry, ids: Range<u64>| {
            for coord in ids.filter_map(coord_of).filter(|&coord| select.contains(coord)) {
                visit(coord, entry.length.into());
            }
            Ok(ControlFlow::Continue(()))
        };
        self.walk(&self.root, 0, &wanted(select, None), each)
            .map(drop)
            .context(|| self.path.display().to_string())
    }

    /// Hands over the entries of tiles with those of their ids that lie in `ids`.
    fn walk(
        &self,
        entries: &[Entry],
        depth: u32,
        ids: &Range<u64>,
        visit: &mut dyn FnMut(Entry, Range<u64>) -> Result<ControlFlow<()>>,
    ) -> Result<ControlFlow<()>> {
        if depth > MAX_DEPTH {
            return Err(too_deep());
        }
        for (number, &entry) in entries.iter().enumerate() {
            // A leaf directory goes up to the next entry.
            let end = match entry.run {
                0 => entries.get(number + 1).map_or(u64::MAX, |next| next.id),
                run => entry.id + u64::from(run),
            };
            let range = entry.id.max(ids.start)..end.min(ids.end);
            if range.is_empty() {
                continue;
            }
            let flow = match entry.run {
                0 => self.walk(&self.read_leaf(entry)?, depth + 1, &range, visit)?,
                _ => visit(entry, range)?,
            };
            if flow.is_break() {
                return Ok(flow);
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn read_root(&self, front: &[u8]) -> Result<Vec<Entry>> {
        let Range { start, end } = self.header.root;
        if start == end {
            return Ok(Vec::new());
        }
        let bytes = usize::try_from(start).ok().zip(usize::try_from(end).ok());
        let bytes = bytes.and_then(|(start, end)| front.get(start..end)).ok_or_else(|| {
            Error::new(format!("its root directory lies behind the first {FRONT_BYTES} bytes (up to {end})"))
        })?;
        self.read_directory(bytes).context(|| format!("its root directory at offset {start}"))
    }

    fn read_leaf(&self, entry: Entry) -> Result<Vec<Entry>> {
        let at = within(&self.header.leaves, entry);
        let offset = at.filter(|_| entry.length as usize <= MAX_TILE_BYTES).ok_or_else(|| {
            let Entry { offset, length, .. } = entry;
            Error::new(format!(
                "a leaf directory of {length} bytes at {offset} lies behind the end of their part"
            ))
        })?;
        let whose = || format!("the leaf directory of {} bytes at offset {offset}", entry.length);
        let bytes = self.source.read_at(offset, entry.length as usize).context(whose)?;
        let entries = self.read_directory(&bytes).context(whose)?;
        match entries.first() {
            Some(first) if first.id >= entry.id => Ok(entries),
            _ => Err(Error::new("does not begin where its entry says")).context(whose),
        }
    }

    fn read_directory(&self, stored: &[u8]) -> Result<Vec<Entry>> {
        directory::read(&self.unpack(stored)?)
    }

    fn unpack(&self, stored: &[u8]) -> Result<Vec<u8>> {
        match self.header.internal_compression {
            Some(Compression::None) => Ok(stored.to_vec()),
            Some(Compression::Gzip) => {
                // One byte more than the limit tells that there is more.
                let mut bytes = Vec::new();
                let mut limited = MultiGzDecoder::new(stored).take(MAX_TILE_BYTES as u64 + 1);
                limited.read_to_end(&mut bytes).context(|| "cannot unpack with gzip".into())?;
                match bytes.len() > MAX_TILE_BYTES {
                    true => Err(Error::new(format!("unpacks to more than {} MiB", MAX_TILE_BYTES >> 20))),
                    false => Ok(bytes),
                }
            }
            Some(compression) => Ok(decompress_as(stored, compression)?.into_owned()),
            None => {
                Err(Error::new("its directories are compressed in a way that is not known (at offset 97)"))
            }
        }
    }

    fn read_metadata(&self) -> Result<Metadata> {
        let Range { start, end } = self.header.metadata;
        let mut metadata = Metadata::default();
        if end > start {
            let whose = || format!("its metadata at offset {start}");
            let length = usize::try_from(end - start).ok().filter(|length| *length <= MAX_TILE_BYTES);
            let length = length.ok_or_else(|| Error::new("is too large")).context(whose)?;
            let stored = self.source.read_at(start, length).context(whose)?;
            metadata = Metadata::from_json(&self.unpack(&stored).context(whose)?).context(whose)?;
        }
        let Header { zooms, bounds, center: (zoom, longitude, latitude), .. } = &self.header;
        let round = |degrees: f64| (degrees * 1e7).round() / 1e7;
        let corners = [bounds.west, bounds.south, bounds.east, bounds.north];
        let told = bounds.west < bounds.east && bounds.south < bounds.north;
        metadata.set_default("minzoom", zooms[0].to_string());
        metadata.set_default("maxzoom", zooms[1].to_string());
        if told {
            metadata.set_default("bounds", corners.map(|degrees| round(degrees).to_string()).join(","));
            let (longitude, latitude) = (round(*longitude), round(*latitude));
            metadata.set_default("center", format!("{longitude},{latitude},{zoom}"));
        }
        Ok(metadata)
    }
}

impl Metadata {
    /// Gives `name` a value if it has none.
    fn set_default(&mut self, name: &str, value: String) {
        if self.value(name).is_none_or(Value::is_null) {
            self.set(name, value);
        }
    }
}

fn wanted(select: &Selection, after: Option<u64>) -> Range<u64> {
    let ids = select.ids();
    // Behind the deepest zoom nothing can be wanted, but it must be told.
    let end = if select.is_all() { u64::MAX } else { ids.end };
    after.map_or(ids.start, |after| ids.start.max(after + 1))..end
}

/// Where in the archive an entry's bytes start, if all of them lie in `part`.
fn within(part: &Range<u64>, entry: Entry) -> Option<u64> {
    let start = part.start.checked_add(entry.offset)?;
    let end = start.checked_add(entry.length.into())?;
    (end <= part.end).then_some(start)
}

fn too_deep() -> Error {
    Error::new(format!("leaf directories lie more than {MAX_DEPTH} deep"))
}
