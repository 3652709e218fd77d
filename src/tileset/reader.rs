//! Any tileset that can be read.

use std::ops::ControlFlow;
use std::path::Path;

use super::compression::decompress;
use super::error::{Error, Result};
use super::folder::FolderReader;
use super::format::TileFormat;
use super::mbtiles::MbtilesReader;
use super::metadata::Metadata;
use super::tile::{BadTile, SourceTile};
use crate::coord::TileCoord;

/// An open tileset.
pub enum Reader {
    /// An MBTiles file.
    Mbtiles(MbtilesReader),
    /// A folder of tiles.
    Folder(FolderReader),
}

impl Reader {
    /// Opens the tileset at `path`: a folder, or a file, which must be MBTiles.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        if path.is_dir() {
            FolderReader::open(path).map(Self::Folder)
        } else {
            MbtilesReader::open(path).map(Self::Mbtiles)
        }
    }

    /// What the tileset says of itself.
    pub fn metadata(&self) -> &Metadata {
        match self {
            Self::Mbtiles(reader) => reader.metadata(),
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
            Self::Folder(reader) => reader.tile(coord),
        }
    }

    pub(crate) fn for_each(
        &self,
        visit: &mut dyn FnMut(Result<SourceTile, BadTile>) -> ControlFlow<()>,
    ) -> Result<()> {
        match self {
            Self::Mbtiles(reader) => reader.for_each(visit),
            Self::Folder(reader) => reader.for_each(visit),
        }
    }

    /// The format of the tiles: what the metadata says, or else what the first tile looks like.
    ///
    /// # Errors
    /// If the metadata names a format that is neither, or nothing tells.
    pub fn format(&self) -> Result<TileFormat> {
        if let Some(name) = self.metadata().get("format") {
            let other = || Error::new(format!("its tiles are {name}, neither MVT nor COVT"));
            return TileFormat::from_metadata(name).ok_or_else(other);
        }
        let mut found = None;
        self.for_each(&mut |tile| {
            found = tile.ok().and_then(|tile| decompress(&tile.data).ok().map(|tile| TileFormat::of(&tile)));
            if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        found.ok_or_else(|| Error::new("it holds no tiles, neither MVT nor COVT"))
    }
}
