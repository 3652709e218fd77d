//! Any tileset that can be written.

use std::path::{Path, is_separator};

use super::checkpoint::Checkpoint;
use super::compression::Compression;
use super::error::{Error, Result};
use super::folder::{FolderWriter, check_replaceable};
use super::format::TileFormat;
use super::mbtiles::{MbtilesSchema, MbtilesWriter};
use super::metadata::Metadata;
use super::output::{Existing, Scratch};
use super::pmtiles::PmtilesWriter;
use crate::coord::TileCoord;

/// What kind of tileset a path asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    Mbtiles,
    Pmtiles,
    Folder,
}

impl Container {
    /// `*.mbtiles` is an MBTiles file, `*.pmtiles` a PMTiles archive; a folder is what has no
    /// extension, ends in a slash or is a folder already.
    pub(crate) fn of(path: &Path) -> Result<Self> {
        let last = path.as_os_str().as_encoded_bytes().last();
        let ends_in_slash = last.is_some_and(|&byte| is_separator(byte.into()));
        match path.extension() {
            _ if ends_in_slash || path.is_dir() => Ok(Self::Folder),
            None => Ok(Self::Folder),
            Some(extension) if extension.eq_ignore_ascii_case("mbtiles") => Ok(Self::Mbtiles),
            Some(extension) if extension.eq_ignore_ascii_case("pmtiles") => Ok(Self::Pmtiles),
            Some(_) => Err(Error::new(format!(
                "cannot tell what kind of tileset {} shall be: end it in .mbtiles, .pmtiles or, for a folder, \
                 in /",
                path.display()
            ))),
        }
    }

    /// How the tiles are stored: COVT always as it is, MVT with gzip in MBTiles and PMTiles, where
    /// everyone expects it, and not compressed in folders, where nothing would tell.
    pub(crate) fn compression(self, format: TileFormat) -> Compression {
        match (self, format) {
            (Self::Mbtiles | Self::Pmtiles, TileFormat::Mvt) => Compression::Gzip,
            _ => Compression::None,
        }
    }
}

/// What a tileset in the making shall be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub(crate) container: Container,
    pub(crate) format: TileFormat,
    pub(crate) compression: Compression,
    pub(crate) schema: MbtilesSchema,
}

/// A tileset in the making; dropped unfinished, it is removed, unless there is a checkpoint.
pub(crate) enum Writer {
    // Boxed, as connections and maps are some hundred bytes.
    Mbtiles(Box<MbtilesWriter>),
    Pmtiles(Box<PmtilesWriter>),
    Folder(FolderWriter),
}

impl Writer {
    pub(crate) fn create(target: Target, path: &Path, existing: Existing) -> Result<Self> {
        if target.container == Container::Folder {
            check_replaceable(path)?;
        }
        let scratch = Scratch::beside(path, existing)?;
        Ok(match target.container {
            Container::Mbtiles => Self::Mbtiles(Box::new(MbtilesWriter::start(scratch, target.schema)?)),
            Container::Pmtiles => {
                Self::Pmtiles(Box::new(PmtilesWriter::start(scratch, target.format, target.compression)?))
            }
            Container::Folder => Self::Folder(FolderWriter::start(scratch, target.format)?),
        })
    }

    /// Goes on with what was left of the same output and `fits`, if there is such.
    pub(crate) fn resume(
        target: Target,
        path: &Path,
        existing: Existing,
        fits: &dyn Fn(&Checkpoint) -> Result<()>,
    ) -> Result<Option<(Self, Checkpoint)>> {
        if target.container == Container::Folder {
            check_replaceable(path)?;
        }
        for mut scratch in Scratch::left(path, existing)? {
            let text = match target.container {
                Container::Mbtiles => MbtilesWriter::read_checkpoint(&scratch),
                _ => Checkpoint::read(&scratch),
            };
            let Some(checkpoint) = text.and_then(|text| Checkpoint::parse(&text)) else {
                // Killed before the first one.
                scratch.keep(false);
                continue;
            };
            fits(&checkpoint)?;
            let after = checkpoint.after;
            let writer = match (target.container, checkpoint.lengths) {
                (Container::Mbtiles, _) => {
                    Self::Mbtiles(Box::new(MbtilesWriter::resume(scratch, target.schema)?))
                }
                (Container::Pmtiles, Some(lengths)) => {
                    let (format, compression) = (target.format, target.compression);
                    Self::Pmtiles(Box::new(PmtilesWriter::resume(scratch, format, compression, lengths)?))
                }
                (Container::Pmtiles, None) => continue,
                (Container::Folder, _) => Self::Folder(FolderWriter::resume(scratch, target.format, after)?),
            };
            return Ok(Some((writer, checkpoint)));
        }
        Ok(None)
    }

    /// Adds a tile as it shall be stored. Tiles come in the order of their ids, none twice.
    pub(crate) fn write(&mut self, coord: TileCoord, tile: &[u8]) -> Result<()> {
        match self {
            Self::Mbtiles(writer) => writer.write(coord, tile),
            Self::Pmtiles(writer) => writer.write(coord, tile),
            Self::Folder(writer) => writer.write(coord, tile),
        }
    }

    /// Brings to disk what was written, and with it how far that is. From here on the unfinished
    /// output stays if the writer is dropped.
    pub(crate) fn checkpoint(&mut self, checkpoint: &mut Checkpoint) -> Result<()> {
        match self {
            Self::Mbtiles(writer) => writer.checkpoint(&checkpoint.to_text())?,
            Self::Pmtiles(writer) => {
                checkpoint.lengths = Some(writer.sync()?);
                checkpoint.write(writer.scratch())?;
            }
            Self::Folder(writer) => checkpoint.write(writer.scratch())?,
        }
        self.scratch().keep(true);
        Ok(())
    }

    pub(crate) fn scratch(&mut self) -> &mut Scratch {
        match self {
            Self::Mbtiles(writer) => writer.scratch(),
            Self::Pmtiles(writer) => writer.scratch(),
            Self::Folder(writer) => writer.scratch(),
        }
    }

    /// Completes the tileset and gives it its name.
    pub(crate) fn finish(self, metadata: &Metadata) -> Result<()> {
        match self {
            Self::Mbtiles(writer) => writer.finish(metadata),
            Self::Pmtiles(writer) => writer.finish(metadata),
            Self::Folder(writer) => writer.finish(metadata),
        }
    }
}
