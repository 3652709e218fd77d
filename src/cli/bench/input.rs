//! The tiles to measure with, from wherever they lie.

use std::collections::BinaryHeap;
use std::fs::{self, File};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use covt::bench::Tile;
use covt::tileset::{Compression, Reader, Selection, TileFormat, decompress_as, mlt_to_mvt};
use covt::{Budget, mvt};

use super::zoom_of;

/// Tiles, and how many they were taken of.
pub struct Input {
    pub tiles: Vec<Tile>,
    pub of: u64,
}

/// Reads at most `most` tiles of `paths`.
pub fn read(paths: &[PathBuf], most: usize) -> Result<Input> {
    let mut input = Input { tiles: Vec::new(), of: 0 };
    let mut singles = Vec::new();
    let share = (most / paths.len()).max(1);
    for path in paths {
        match open(path)? {
            Some(reader) => read_tileset(&reader, path, share, &mut input)?,
            None => collect(path, &mut singles)?,
        }
    }
    singles.sort();
    input.of += singles.len() as u64;
    let room = most.saturating_sub(input.tiles.len()).max(1);
    if singles.len() > room {
        singles.sort_by_cached_key(hash);
        singles.truncate(room);
        singles.sort();
    }
    for path in singles {
        let stored = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let told = path.extension().and_then(|extension| Compression::from_name(extension.to_str()?));
        let name = path.display().to_string();
        let mvt = to_mvt(&stored, told.unwrap_or(Compression::None)).with_context(|| name.clone())?;
        input.tiles.push(Tile { name, zoom: zoom_of(&path), mvt });
    }
    Ok(input)
}

/// A tileset, or none if it is a tile or a folder of such.
fn open(path: &Path) -> Result<Option<Reader>> {
    if path.is_dir() {
        let reader = Reader::open(path)?;
        let mut any = false;
        reader.for_each_size(&Selection::default(), &mut |_, _| any = true)?;
        return Ok(any.then_some(reader));
    }
    let mut front = Vec::new();
    if path.is_file() {
        let file = File::open(path).and_then(|file| file.take(16).read_to_end(&mut front));
        file.with_context(|| format!("cannot read {}", path.display()))?;
    }
    let tileset = [&b"SQLite format 3"[..], b"PMTiles"].iter().any(|magic| front.starts_with(magic));
    if path.is_file() && !tileset { Ok(None) } else { Ok(Some(Reader::open(path)?)) }
}

fn read_tileset(reader: &Reader, path: &Path, share: usize, input: &mut Input) -> Result<()> {
    // Those with the least hashes: of all tiles, however many, no more than these are held.
    let mut least = BinaryHeap::with_capacity(share + 1);
    reader.for_each_size(&Selection::default(), &mut |coord, _| {
        input.of += 1;
        least.push((hash(&coord), coord));
        if least.len() > share {
            least.pop();
        }
    })?;
    let mut coords: Vec<_> = least.into_iter().map(|(_, coord)| coord).collect();
    coords.sort();
    for coord in coords {
        let whose = || format!("tile {coord} of {}", path.display());
        let Some(stored) = reader.tile(coord)? else { bail!("{} has gone", whose()) };
        let mvt = to_mvt(&stored, reader.compression()).with_context(whose)?;
        input.tiles.push(Tile { name: coord.to_string(), zoom: Some(coord.z()), mvt });
    }
    Ok(())
}

/// The same each time.
fn hash(value: &impl Hash) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(value)
}

fn to_mvt(stored: &[u8], told: Compression) -> Result<Vec<u8>> {
    let tile = decompress_as(stored, told)?;
    Ok(match TileFormat::of(&tile) {
        TileFormat::Covt => mvt::from_covt(&tile, &mut Budget::default())?,
        TileFormat::Mlt => mlt_to_mvt(&tile)?,
        TileFormat::Mvt => tile.into_owned(),
    })
}

/// The tiles in a folder and those in it, by the ends of their names.
fn collect(path: &Path, out: &mut Vec<PathBuf>) -> Result<()> {
    if !path.is_dir() {
        out.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let ends = [".mvt", ".pbf", ".covt", ".mlt"];
        let inner = ["", ".gz", ".br", ".zst", ".zstd"];
        let is_tile = ends.iter().any(|end| inner.iter().any(|more| name.ends_with(&format!("{end}{more}"))));
        if path.is_dir() || is_tile {
            collect(&path, out)?;
        }
    }
    Ok(())
}
