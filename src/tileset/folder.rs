//! A tileset as a folder of files: `z/x/y.mvt` and a `metadata.json` beside the zooms.
//!
//! Rows count from the north, unless `metadata.json` has `"scheme": "tms"`. Read are `.mvt`, `.pbf`
//! and `.covt`, also with `.gz`, `.zst` or `.zstd` after that; files and folders with other names
//! are passed over. Written are `.mvt` and `.covt`, neither of them compressed.

use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::compression::MAX_TILE_BYTES;
use super::error::{Context, Error, Result};
use super::format::TileFormat;
use super::metadata::Metadata;
use super::output::{Existing, Scratch};
use super::tile::{BadTile, SourceTile};
use crate::coord::TileCoord;

const METADATA: &str = "metadata.json";
const FORMATS: [&str; 3] = ["mvt", "pbf", "covt"];
const COMPRESSIONS: [&str; 4] = ["", "gz", "zst", "zstd"];

/// A folder of tiles.
pub struct FolderReader {
    root: PathBuf,
    metadata: Metadata,
    tms: bool,
}

impl FolderReader {
    /// Opens the folder and reads its metadata, if there is any.
    ///
    /// # Errors
    /// If the folder or its `metadata.json` cannot be read.
    pub fn open(root: &Path) -> Result<Self> {
        fs::read_dir(root).context(|| format!("cannot read {}", root.display()))?;
        let path = root.join(METADATA);
        let metadata = match fs::read(&path) {
            Ok(text) => Metadata::from_json(&text).context(|| path.display().to_string())?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Metadata::default(),
            Err(error) => return Err(Error::because(format!("cannot read {}", path.display()), error)),
        };
        let tms = metadata.get("scheme") == Some("tms");
        Ok(Self { root: root.to_owned(), metadata, tms })
    }

    /// What the tileset says of itself.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The tile at `coord` as it is stored, or none.
    ///
    /// # Errors
    /// If its file cannot be read.
    pub fn tile(&self, coord: TileCoord) -> Result<Option<Vec<u8>>> {
        let row = if self.tms { coord.tms_row() } else { coord.y() };
        let folder = self.root.join(coord.z().to_string()).join(coord.x().to_string());
        for format in FORMATS {
            for compression in COMPRESSIONS {
                let dot = if compression.is_empty() { "" } else { "." };
                let path = folder.join(format!("{row}.{format}{dot}{compression}"));
                match fs::read(&path) {
                    Ok(tile) => return Ok(Some(tile)),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(Error::because(path.display().to_string(), error)),
                }
            }
        }
        Ok(None)
    }

    /// Hands over all tiles, by zoom, then column, then row as the files are named, until told
    /// to stop.
    ///
    /// # Errors
    /// If a folder or file cannot be read. A tile that cannot be one is handed over as bad.
    pub(crate) fn for_each(
        &self,
        visit: &mut dyn FnMut(Result<SourceTile, BadTile>) -> ControlFlow<()>,
    ) -> Result<()> {
        for (z, zoom) in numbered(&self.root, folder_number)? {
            for (x, column) in numbered(&zoom, folder_number)? {
                let mut last = None;
                for (y, path) in numbered(&column, tile_number)? {
                    let tile = if last.replace(y) == Some(y) {
                        Err(BadTile::new(format!("{z}/{x}/{y}"), "occurs twice, in files of different names"))
                    } else {
                        self.read_tile(z, x, y, &path)?
                    };
                    if visit(tile).is_break() {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    fn read_tile(&self, z: u32, x: u32, y: u32, path: &Path) -> Result<Result<SourceTile, BadTile>> {
        let coord = u8::try_from(z).ok().and_then(|z| match self.tms {
            true => TileCoord::from_tms(z, x, y),
            false => TileCoord::new(z, x, y),
        });
        let Some(coord) = coord else {
            return Ok(Err(BadTile::new(format!("{z}/{x}/{y}"), "there is no such tile")));
        };
        let cannot_read = || format!("cannot read {}", path.display());
        if fs::metadata(path).context(cannot_read)?.len() > MAX_TILE_BYTES as u64 {
            let reason = format!("the file is larger than the limit of {} MiB", MAX_TILE_BYTES >> 20);
            return Ok(Err(BadTile::new(coord, reason)));
        }
        let data = fs::read(path).context(cannot_read)?;
        Ok(Ok(SourceTile { coord, data }))
    }
}

/// What lies in `folder` under names that `number` understands, in the order of the numbers.
fn numbered(folder: &Path, number: fn(&str) -> Option<u32>) -> Result<Vec<(u32, PathBuf)>> {
    let read = || {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if let Some(number) = entry.file_name().to_str().and_then(number) {
                found.push((number, entry.path()));
            }
        }
        found.sort();
        Ok::<_, io::Error>(found)
    };
    read().context(|| format!("cannot read {}", folder.display()))
}

/// A number as it is written without sign and leading zeros.
fn folder_number(name: &str) -> Option<u32> {
    name.parse().ok().filter(|number: &u32| number.to_string() == name)
}

fn tile_number(name: &str) -> Option<u32> {
    let (number, extension) = name.split_once('.')?;
    let (format, compression) = extension.split_once('.').unwrap_or((extension, ""));
    (FORMATS.contains(&format) && COMPRESSIONS.contains(&compression)).then(|| folder_number(number))?
}

/// A folder of tiles in the making; dropped unfinished, it is removed.
pub(crate) struct FolderWriter {
    scratch: Scratch,
    format: TileFormat,
    column: Option<(u8, u32)>,
}

impl FolderWriter {
    pub(crate) fn create(root: &Path, format: TileFormat, existing: Existing) -> Result<Self> {
        check_replaceable(root)?;
        let scratch = Scratch::beside(root, existing)?;
        fs::create_dir(scratch.output()).context(|| format!("cannot write {}", root.display()))?;
        Ok(Self { scratch, format, column: None })
    }

    pub(crate) fn write(&mut self, coord: TileCoord, tile: &[u8]) -> Result<()> {
        self.write_file(coord, tile).context(|| format!("cannot write tile {coord}"))
    }

    fn write_file(&mut self, coord: TileCoord, tile: &[u8]) -> io::Result<()> {
        let (z, x) = (coord.z(), coord.x());
        let folder = self.scratch.output().join(z.to_string()).join(x.to_string());
        if self.column.replace((z, x)) != Some((z, x)) {
            fs::create_dir_all(&folder)?;
        }
        fs::write(folder.join(format!("{}.{}", coord.y(), self.format.extension())), tile)
    }

    pub(crate) fn finish(self, metadata: &Metadata) -> Result<()> {
        let mut metadata = metadata.clone();
        if metadata.get("scheme").is_some() {
            metadata.set("scheme", "xyz");
        }
        let path = self.scratch.output().join(METADATA);
        fs::write(&path, metadata.to_json()).context(|| format!("cannot write {METADATA}"))?;
        self.scratch.commit()
    }
}

/// Replacing a folder removes what is in it, so it must hold nothing but tiles.
fn check_replaceable(root: &Path) -> Result<()> {
    if fs::metadata(root).is_err() {
        // Nothing there to be replaced, as far as one can see.
        return Ok(());
    }
    let entries = fs::read_dir(root).context(|| format!("cannot replace {} by a folder", root.display()))?;
    for entry in entries {
        let name = entry.context(|| format!("cannot read {}", root.display()))?.file_name();
        let name = name.to_string_lossy();
        if name != METADATA && folder_number(&name).is_none() {
            let what = format!("{} is not replaced: it holds not only tiles ({name})", root.display());
            return Err(Error::new(what));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        folder
    }

    fn tiles(folder: &Path) -> Vec<String> {
        let mut tiles = Vec::new();
        let reader = FolderReader::open(folder).unwrap();
        let visit = &mut |tile: Result<SourceTile, BadTile>| {
            tiles.push(match tile {
                Ok(tile) => {
                    assert_eq!(reader.tile(tile.coord).unwrap().unwrap(), tile.data);
                    format!("{} {}", tile.coord, String::from_utf8(tile.data).unwrap())
                }
                Err(bad) => format!("{} {}", bad.tile, bad.reason),
            });
            ControlFlow::Continue(())
        };
        reader.for_each(visit).unwrap();
        tiles
    }

    #[test]
    fn tiles_come_in_the_order_of_their_numbers() {
        let folder = folder(&[
            ("10/2/3.pbf.gz", "e"),
            ("2/1/0.mvt", "b"),
            ("2/0/10.mvt", "no such tile"),
            ("2/0/2.covt", "a"),
            ("3/0/0.mvt.zst", "c"),
            ("3/0/1.mvt", "d"),
            ("README.md", "passed over"),
            ("03/0/0.mvt", "passed over"),
            ("3/0/1.png", "passed over"),
            ("3/0/+1.mvt", "passed over"),
        ]);
        let expected =
            ["2/0/2 a", "2/0/10 there is no such tile", "2/1/0 b", "3/0/0 c", "3/0/1 d", "10/2/3 e"];
        assert_eq!(tiles(folder.path()), expected);
    }

    #[test]
    fn the_same_tile_twice_is_bad() {
        let folder = folder(&[("0/0/0.mvt", "a"), ("0/0/0.pbf", "b")]);
        assert_eq!(tiles(folder.path()), ["0/0/0 a", "0/0/0 occurs twice, in files of different names"]);
    }

    #[test]
    fn rows_from_the_south_are_turned() {
        let folder = folder(&[("2/1/0.mvt", "a"), ("metadata.json", r#"{"scheme":"tms"}"#)]);
        assert_eq!(tiles(folder.path()), ["2/1/3 a"]);
    }

    #[test]
    fn written_as_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("tiles");
        let mut writer = FolderWriter::create(&root, TileFormat::Covt, Existing::Keep).unwrap();
        for (z, x, y) in [(0, 0, 0), (3, 1, 2), (3, 1, 3)] {
            writer.write(TileCoord::new(z, x, y).unwrap(), b"tile").unwrap();
        }
        let mut metadata = Metadata::default();
        metadata.set("scheme", "tms");
        metadata.set("name", "n");
        assert!(!root.exists());
        writer.finish(&metadata).unwrap();
        assert_eq!(tiles(&root), ["0/0/0 tile", "3/1/2 tile", "3/1/3 tile"]);
        assert!(root.join("3/1/2.covt").is_file());
        let read = FolderReader::open(&root).unwrap();
        assert_eq!((read.metadata().get("name"), read.metadata().get("scheme")), (Some("n"), Some("xyz")));
    }

    #[test]
    fn a_folder_with_other_things_is_not_replaced() {
        let folder = folder(&[("0/0/0.mvt", "a"), ("thesis.txt", "")]);
        let error = FolderWriter::create(folder.path(), TileFormat::Mvt, Existing::Replace).err().unwrap();
        assert!(error.to_string().contains("thesis.txt"), "{error}");
    }
}
