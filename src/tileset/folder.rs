//! A tileset as a folder of files: `z/x/y.mvt` and a `metadata.json` beside the zooms.
//!
//! Rows count from the north, unless `metadata.json` has `"scheme": "tms"`. Read are `.mvt`, `.pbf`
//! and `.covt`, also with `.gz`, `.br`, `.zst` or `.zstd` after that; files and folders with other
//! names are passed over. Written are `.mvt` and `.covt`, neither of them compressed.

use std::cell::Cell;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::compression::{Compression, MAX_TILE_BYTES, decompress_as};
use super::error::{Context, Error, Result};
use super::format::TileFormat;
use super::listing::Listing;
use super::metadata::Metadata;
use super::output::Scratch;
use super::select::Selection;
use super::sorted::Sorter;
use super::tile::{BadTile, Visit};
use super::tile_id::tile_id;
use crate::coord::TileCoord;

const METADATA: &str = "metadata.json";
const FORMATS: [&str; 4] = ["mvt", "pbf", "covt", "mlt"];
const COMPRESSIONS: [&str; 5] = ["", "gz", "br", "zst", "zstd"];
const BROTLI: &str = "br";

/// What takes the files of a folder one by one, each with the place that its name names.
type VisitFile<'a> = dyn FnMut(Result<TileCoord, BadTile>, &Path) -> Result<()> + 'a;

/// A folder of tiles.
pub struct FolderReader {
    root: PathBuf,
    metadata: Metadata,
    tms: bool,
    /// Which of the names a tile may have the last one had: mostly the next one has it too.
    usual: Cell<(&'static str, &'static str)>,
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
        Ok(Self { root: root.to_owned(), metadata, tms, usual: Cell::new((FORMATS[0], COMPRESSIONS[0])) })
    }

    /// What the tileset says of itself.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The tile at `coord` as it is stored, or none; unwrapped if it is wrapped in brotli, which only
    /// the name of its file tells.
    ///
    /// # Errors
    /// If its file cannot be read.
    pub fn tile(&self, coord: TileCoord) -> Result<Option<Vec<u8>>> {
        let row = if self.tms { coord.tms_row() } else { coord.y() };
        let folder = self.root.join(coord.z().to_string()).join(coord.x().to_string());
        let all =
            FORMATS.into_iter().flat_map(|format| COMPRESSIONS.map(|compression| (format, compression)));
        for (format, compression) in std::iter::once(self.usual.get()).chain(all) {
            let dot = if compression.is_empty() { "" } else { "." };
            let path = folder.join(format!("{row}.{format}{dot}{compression}"));
            match read_file(&path) {
                Ok(None) => {}
                Ok(Some(tile)) => {
                    self.usual.set((format, compression));
                    return match compression {
                        BROTLI => Ok(Some(decompress_as(&tile, Compression::Brotli)?.into_owned())),
                        _ => Ok(Some(tile)),
                    };
                }
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Some tile, to see what they are like.
    ///
    /// # Errors
    /// If folders cannot be read.
    pub(crate) fn some_tile(&self) -> Result<Option<Vec<u8>>> {
        for (z, zoom) in numbered(&self.root, folder_number)? {
            for (x, column) in numbered(&zoom, folder_number)? {
                for (y, _) in numbered(&column, tile_number)? {
                    if let Ok(coord) = self.place(z, x, y) {
                        return self.tile(coord);
                    }
                }
            }
        }
        Ok(None)
    }

    /// Finds out which tiles there are.
    ///
    /// # Errors
    /// If a folder cannot be read.
    pub(crate) fn list(&self, select: &Selection) -> Result<Listing> {
        let (mut ids, mut misplaced) = (Sorter::new(), 0);
        self.for_each_file(select, &mut |place, _| {
            match place {
                Ok(coord) if select.contains(coord) => {
                    ids.push(tile_id(coord)).context(|| "cannot sort".into())?;
                }
                Ok(_) => {}
                Err(_) => misplaced += 1,
            }
            Ok(())
        })?;
        Ok(Listing::of(ids, misplaced))
    }

    /// The stored sizes of all tiles that are wanted.
    ///
    /// # Errors
    /// If a folder or a file cannot be read.
    pub(crate) fn for_each_size(
        &self,
        select: &Selection,
        visit: &mut dyn FnMut(TileCoord, u64),
    ) -> Result<()> {
        self.for_each_file(select, &mut |place, path| {
            if let Ok(coord) = place
                && select.contains(coord)
            {
                visit(coord, fs::metadata(path).context(|| format!("cannot read {}", path.display()))?.len());
            }
            Ok(())
        })
    }

    fn for_each_file(&self, select: &Selection, visit: &mut VisitFile<'_>) -> Result<()> {
        for (z, zoom) in numbered(&self.root, folder_number)? {
            if u8::try_from(z).is_ok_and(|z| !select.zooms.contains(&z)) && z <= crate::coord::MAX_ZOOM.into()
            {
                continue;
            }
            for (x, column) in numbered(&zoom, folder_number)? {
                for (y, path) in numbered(&column, tile_number)? {
                    visit(self.place(z, x, y), &path)?;
                }
            }
        }
        Ok(())
    }

    fn place(&self, z: u32, x: u32, y: u32) -> Result<TileCoord, BadTile> {
        let coord = u8::try_from(z).ok().and_then(|z| match self.tms {
            true => TileCoord::from_tms(z, x, y),
            false => TileCoord::new(z, x, y),
        });
        coord.ok_or_else(|| BadTile::new(format!("{z}/{x}/{y}"), "there is no such tile"))
    }

    /// Hands over all tiles that are wanted and lie behind `after`, in the order of their ids, until
    /// told to stop. First come, unless `after` says that they have come, those that have no place.
    ///
    /// # Errors
    /// If a folder cannot be read. A tile that cannot be one is handed over as bad.
    pub(crate) fn for_each(
        &self,
        listing: Listing,
        select: &Selection,
        after: Option<u64>,
        visit: &mut Visit<'_>,
    ) -> Result<()> {
        let mut stopped = false;
        if listing.misplaced > 0 && after.is_none() {
            self.for_each_file(select, &mut |place, _| {
                if let (Err(bad), false) = (place, stopped) {
                    stopped = visit(Err(bad)).is_break();
                }
                Ok(())
            })?;
        }
        if stopped {
            return Ok(());
        }
        let read = |coord| match self.tile(coord) {
            Ok(Some(tile)) => Ok(tile),
            Ok(None) => Err(BadTile::at(coord, "its file has gone")),
            Err(error) => Err(BadTile::at(coord, error.line())),
        };
        listing.for_each(after, "occurs twice, in files of different names", read, visit)
    }
}

/// The content of a file, or none if there is no such file.
fn read_file(path: &Path) -> Result<Option<Vec<u8>>> {
    let cannot_read = || format!("cannot read {}", path.display());
    match fs::metadata(path) {
        Ok(found) if found.len() > MAX_TILE_BYTES as u64 => {
            Err(Error::new(format!("the file is larger than the limit of {} MiB", MAX_TILE_BYTES >> 20)))
        }
        Ok(_) => fs::read(path).map(Some).context(cannot_read),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).context(cannot_read),
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
    pub(crate) fn start(scratch: Scratch, format: TileFormat) -> Result<Self> {
        fs::create_dir(scratch.output())
            .context(|| format!("cannot write {}", scratch.target().display()))?;
        Ok(Self { scratch, format, column: None })
    }

    /// Goes on behind the tile of number `after`; what was written behind it may be half a tile, or
    /// one that shall not be there, and is removed.
    pub(crate) fn resume(scratch: Scratch, format: TileFormat, after: Option<u64>) -> Result<Self> {
        let reader = FolderReader::open(&scratch.output())?;
        reader.for_each_file(&Selection::default(), &mut |place, path| match place {
            Ok(coord) if after.is_some_and(|after| tile_id(coord) <= after) => Ok(()),
            _ => fs::remove_file(path).context(|| format!("cannot remove {}", path.display())),
        })?;
        remove_empty(&scratch.output()).context(|| "cannot remove empty folders".into())?;
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

    pub(crate) fn scratch(&mut self) -> &mut Scratch {
        &mut self.scratch
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

/// Removes folders in `folder` that hold nothing, also those that only hold such.
fn remove_empty(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_empty(&entry.path())?;
            if fs::read_dir(entry.path())?.next().is_none() {
                fs::remove_dir(entry.path())?;
            }
        }
    }
    Ok(())
}

/// Replacing a folder removes what is in it, so it must hold nothing but tiles.
pub(crate) fn check_replaceable(root: &Path) -> Result<()> {
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
    use std::ops::ControlFlow;

    use super::*;
    use crate::tileset::output::Existing;
    use crate::tileset::tile::SourceTile;

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
        let all = Selection::default();
        reader.for_each(reader.list(&all).unwrap(), &all, None, visit).unwrap();
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
            ["2/0/10 there is no such tile", "2/1/0 b", "2/0/2 a", "3/0/0 c", "3/0/1 d", "10/2/3 e"];
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
        let scratch = Scratch::beside(&root, Existing::Keep).unwrap();
        let mut writer = FolderWriter::start(scratch, TileFormat::Covt).unwrap();
        for (z, x, y) in [(0, 0, 0), (3, 1, 2), (3, 1, 3)] {
            writer.write(TileCoord::new(z, x, y).unwrap(), b"tile").unwrap();
        }
        let mut metadata = Metadata::default();
        metadata.set("scheme", "tms");
        metadata.set("name", "n");
        assert!(!root.exists());
        writer.finish(&metadata).unwrap();
        let mut found = tiles(&root);
        found.sort();
        assert_eq!(found, ["0/0/0 tile", "3/1/2 tile", "3/1/3 tile"]);
        assert!(root.join("3/1/2.covt").is_file());
        let read = FolderReader::open(&root).unwrap();
        assert_eq!((read.metadata().get("name"), read.metadata().get("scheme")), (Some("n"), Some("xyz")));
    }

    #[test]
    fn a_folder_with_other_things_is_not_replaced() {
        let folder = folder(&[("0/0/0.mvt", "a"), ("thesis.txt", "")]);
        let error = check_replaceable(folder.path()).unwrap_err();
        assert!(error.to_string().contains("thesis.txt"), "{error}");
    }
}
