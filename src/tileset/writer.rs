//! Any tileset that can be written.

use std::path::{Path, is_separator};

use super::compression::Compression;
use super::error::{Error, Result};
use super::folder::FolderWriter;
use super::format::TileFormat;
use super::mbtiles::MbtilesWriter;
use super::metadata::Metadata;
use super::output::Existing;
use crate::coord::TileCoord;

/// What kind of tileset a path asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    Mbtiles,
    Folder,
}

impl Container {
    /// `*.mbtiles` is an MBTiles file; a folder is what has no extension, ends in a slash or is
    /// a folder already.
    pub(crate) fn of(path: &Path) -> Result<Self> {
        let last = path.as_os_str().as_encoded_bytes().last();
        let ends_in_slash = last.is_some_and(|&byte| is_separator(byte.into()));
        match path.extension() {
            _ if ends_in_slash || path.is_dir() => Ok(Self::Folder),
            None => Ok(Self::Folder),
            Some(extension) if extension.eq_ignore_ascii_case("mbtiles") => Ok(Self::Mbtiles),
            Some(_) => Err(Error::new(format!(
                "cannot tell what kind of tileset {} shall be: end it in .mbtiles or, for a folder, in /",
                path.display()
            ))),
        }
    }

    /// How the tiles are stored: COVT always as it is, MVT with gzip in MBTiles, where everyone
    /// expects it, and not compressed in folders, where nothing would tell.
    pub(crate) fn compression(self, format: TileFormat) -> Compression {
        match (self, format) {
            (Self::Mbtiles, TileFormat::Mvt) => Compression::Gzip,
            _ => Compression::None,
        }
    }
}

/// A tileset in the making; dropped unfinished, it is removed.
pub(crate) enum Writer {
    // Boxed, as the connection is some hundred bytes.
    Mbtiles(Box<MbtilesWriter>),
    Folder(FolderWriter),
}

impl Writer {
    pub(crate) fn create(
        container: Container,
        path: &Path,
        format: TileFormat,
        existing: Existing,
    ) -> Result<Self> {
        match container {
            Container::Mbtiles => Ok(Self::Mbtiles(Box::new(MbtilesWriter::create(path, existing)?))),
            Container::Folder => FolderWriter::create(path, format, existing).map(Self::Folder),
        }
    }

    /// Adds a tile as it shall be stored. No tile may come twice.
    pub(crate) fn write(&mut self, coord: TileCoord, tile: &[u8]) -> Result<()> {
        match self {
            Self::Mbtiles(writer) => writer.write(coord, tile),
            Self::Folder(writer) => writer.write(coord, tile),
        }
    }

    /// Completes the tileset and gives it its name.
    pub(crate) fn finish(self, metadata: &Metadata) -> Result<()> {
        match self {
            Self::Mbtiles(writer) => writer.finish(metadata),
            Self::Folder(writer) => writer.finish(metadata),
        }
    }
}
