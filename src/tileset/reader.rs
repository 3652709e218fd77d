//! Any tileset that can be read.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::compression::{Compression, decompress_as};
use super::error::{Error, Result};
use super::folder::FolderReader;
use super::format::TileFormat;
use super::listing::Listing;
use super::mbtiles::MbtilesReader;
use super::metadata::Metadata;
use super::pmtiles::{MAGIC, PmtilesReader};
use super::select::Selection;
use super::source::url;
use super::tile::Visit;
use crate::coord::TileCoord;

/// An open tileset.
pub enum Reader {
    /// An MBTiles file.
    Mbtiles(MbtilesReader),
    /// A PMTiles archive.
    Pmtiles(Box<PmtilesReader>),
    /// A folder of tiles.
    Folder(FolderReader),
}

impl Reader {
    /// Opens the tileset at `path`: a folder, a file, which must be MBTiles or PMTiles, or with the
    /// feature `http` the URL of a PMTiles archive.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        if url(path).is_some() || is_pmtiles(path) {
            PmtilesReader::open(path).map(Box::new).map(Self::Pmtiles)
        } else if path.is_dir() {
            FolderReader::open(path).map(Self::Folder)
        } else {
            MbtilesReader::open(path).map(Self::Mbtiles)
        }
    }

    /// What kind of tileset it is.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Mbtiles(_) => "MBTiles",
            Self::Pmtiles(_) => "PMTiles",
            Self::Folder(_) => "folder",
        }
    }

    /// What the tileset says of itself.
    pub fn metadata(&self) -> &Metadata {
        match self {
            Self::Mbtiles(reader) => reader.metadata(),
            Self::Pmtiles(reader) => reader.metadata(),
            Self::Folder(reader) => reader.metadata(),
        }
    }

    /// The number of tiles, if it can be told without going through all of them.
    ///
    /// # Errors
    /// If the tileset cannot be read.
    pub fn count(&self) -> Result<Option<u64>> {
        match self {
            Self::Mbtiles(reader) => reader.count().map(Some),
            Self::Pmtiles(reader) => Ok(reader.count()),
            Self::Folder(_) => Ok(None),
        }
    }

    /// The tile at `coord` as it is stored, perhaps compressed, or none.
    ///
    /// # Errors
    /// If the tileset cannot be read.
    pub fn tile(&self, coord: TileCoord) -> Result<Option<Vec<u8>>> {
        match self {
            Self::Mbtiles(reader) => reader.tile(coord),
            Self::Pmtiles(reader) => reader.tile(coord),
            Self::Folder(reader) => reader.tile(coord),
        }
    }

    /// What the tileset says its tiles are wrapped in; what can be seen of a tile is to be believed
    /// more.
    pub fn compression(&self) -> Compression {
        let told = match self {
            Self::Mbtiles(reader) => reader.compression(),
            Self::Pmtiles(reader) => reader.compression(),
            Self::Folder(_) => None,
        };
        told.unwrap_or(Compression::None)
    }

    /// Finds out which of the tiles that are wanted there are.
    pub(crate) fn list(&self, select: &Selection) -> Result<Listing> {
        match self {
            Self::Mbtiles(reader) => reader.list(select),
            Self::Pmtiles(reader) => Ok(Listing { count: reader.count_of(select)?, ..Listing::default() }),
            Self::Folder(reader) => reader.list(select),
        }
    }

    /// Hands over those tiles of a listing that lie behind `after`, in the order of their ids.
    pub(crate) fn for_each(
        &self,
        listing: Listing,
        select: &Selection,
        after: Option<u64>,
        visit: &mut Visit<'_>,
    ) -> Result<()> {
        match self {
            Self::Mbtiles(reader) => reader.for_each(listing, select, after, visit),
            Self::Pmtiles(reader) => reader.for_each(select, after, visit),
            Self::Folder(reader) => reader.for_each(listing, select, after, visit),
        }
    }

    /// Hands over the places and stored sizes of all tiles that are wanted, in any order, without
    /// reading them.
    ///
    /// # Errors
    /// If the tileset cannot be read.
    pub fn for_each_size(&self, select: &Selection, visit: &mut dyn FnMut(TileCoord, u64)) -> Result<()> {
        match self {
            Self::Mbtiles(reader) => reader.for_each_size(select, visit),
            Self::Pmtiles(reader) => reader.for_each_size(select, visit),
            Self::Folder(reader) => reader.for_each_size(select, visit),
        }
    }

    /// The format of the tiles: what the tileset says, or else what a tile looks like.
    ///
    /// # Errors
    /// If the format that is named is neither, or nothing tells.
    pub fn format(&self) -> Result<TileFormat> {
        let told = match self {
            Self::Pmtiles(reader) => reader.format()?,
            _ => match self.metadata().get("format") {
                Some(name) => {
                    let other = || Error::new(format!("its tiles are {name}, neither MVT nor COVT nor MLT"));
                    Some(TileFormat::from_metadata(name).ok_or_else(other)?)
                }
                None => None,
            },
        };
        if let Some(format) = told {
            return Ok(format);
        }
        let some = match self {
            Self::Mbtiles(reader) => reader.some_tile()?,
            Self::Pmtiles(reader) => reader.some_tile()?,
            Self::Folder(reader) => reader.some_tile()?,
        };
        let tile = some.ok_or_else(|| Error::new("it holds no tiles"))?;
        Ok(TileFormat::of(&decompress_as(&tile, self.compression())?))
    }
}

/// Whether it is a file that begins as PMTiles do.
fn is_pmtiles(path: &Path) -> bool {
    let mut front = [0; MAGIC.len()];
    path.is_file()
        && File::open(path).and_then(|mut file| file.read_exact(&mut front)).is_ok()
        && front.starts_with(b"PM")
        && (front[..] == MAGIC[..] || path.extension().is_some_and(|extension| extension == "pmtiles"))
}
