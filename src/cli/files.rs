//! Single tiles from and to files, where `-` is standard input and output.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use covt::tileset::{self, Existing, MAX_TILE_BYTES};

/// Whether `path` stands for standard input or output.
pub fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The name of an input to call it by.
pub fn name(path: &Path) -> String {
    if is_dash(path) { "standard input".into() } else { path.display().to_string() }
}

/// What the option `--force` says of an output that exists.
pub fn existing(force: bool) -> Existing {
    if force { Existing::Replace } else { Existing::Keep }
}

/// Reads a tile; `instead` tells what to do if it is a tileset.
pub fn read(path: &Path, instead: &str) -> Result<Vec<u8>> {
    let bytes = read_bytes(path).with_context(|| format!("cannot read {}", name(path)))?;
    ensure!(
        bytes.len() <= MAX_TILE_BYTES,
        "{} is larger than the limit of {} MiB for a tile",
        name(path),
        MAX_TILE_BYTES >> 20
    );
    let tileset = bytes.starts_with(b"SQLite format 3\0") || bytes.starts_with(b"PMTiles");
    ensure!(!tileset, "{} is a tileset, not a tile; {instead}", name(path));
    Ok(bytes)
}

fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let reader: Box<dyn Read> =
        if is_dash(path) { Box::new(io::stdin()) } else { Box::new(File::open(path)?) };
    let mut bytes = Vec::new();
    reader.take(MAX_TILE_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes a tile, whole or not at all.
pub fn write(path: &Path, bytes: &[u8], existing: Existing) -> Result<()> {
    if is_dash(path) {
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(bytes).and_then(|()| stdout.flush());
        return written.context("cannot write to standard output");
    }
    Ok(tileset::write_file(path, bytes, existing)?)
}
