//! Small tilesets, and the command run on them.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use covt::TileCoord;
use rusqlite::Connection;
use tempfile::TempDir;

/// A folder for one test, and the command run in it.
pub struct Place(TempDir);

impl Place {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// What is in the folder, hidden things too.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_covt"));
        command.args(args).current_dir(self.0.path()).stdin(Stdio::null());
        command
    }

    pub fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Run {
        Run::from(self.command(args).output().unwrap())
    }

    /// Runs with `input` on standard input.
    pub fn feed<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>, input: &[u8]) -> Run {
        let mut command = self.command(args);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        Run::from(child.wait_with_output().unwrap())
    }
}

/// How a run ended.
pub struct Run {
    pub code: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let stderr = String::from_utf8(output.stderr).unwrap();
        Self { code: output.status.code(), stdout: output.stdout, stderr }
    }
}

impl Run {
    #[track_caller]
    pub fn succeeds(self) -> Self {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        self
    }

    /// It failed with one line of error, in which each of `parts` occurs, and did not panic.
    #[track_caller]
    pub fn fails(self, parts: &[&str]) -> Self {
        assert_eq!(self.code, Some(1), "{}", self.stderr);
        let errors: Vec<_> = self.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
        assert_eq!(errors.len(), 1, "{}", self.stderr);
        for part in parts {
            assert!(errors[0].contains(part), "no {part:?} in {:?}", errors[0]);
        }
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        self
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }
}

/// An MVT tile of `count` points in one layer, different for every `seed`.
pub fn mvt(seed: u32, count: u32) -> Vec<u8> {
    let mut layer = vec![0x78, 2];
    message(&mut layer, 0x0a, format!("layer {}", seed % 3).as_bytes());
    for number in 0..count {
        let mut feature = vec![0x08];
        varint(&mut feature, number + 1);
        feature.extend([0x12, 2, 0, 0, 0x18, 1]);
        let mut geometry = vec![9];
        varint(&mut geometry, (seed * 31 + number * 17) % 8192);
        varint(&mut geometry, (seed * 7 + number * 29) % 8192);
        message(&mut feature, 0x22, &geometry);
        message(&mut layer, 0x12, &feature);
    }
    message(&mut layer, 0x1a, b"name");
    let mut value = Vec::new();
    message(&mut value, 0x0a, format!("value {seed}").as_bytes());
    message(&mut layer, 0x22, &value);
    layer.push(0x28);
    varint(&mut layer, 4096);
    let mut tile = Vec::new();
    message(&mut tile, 0x1a, &layer);
    tile
}

fn message(out: &mut Vec<u8>, tag: u8, content: &[u8]) {
    out.push(tag);
    varint(out, content.len() as u32);
    out.extend(content);
}

fn varint(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// All tiles of the zooms from 0 to `zoom`, in the order of MBTiles.
pub fn pyramid(zoom: u8) -> Vec<(TileCoord, Vec<u8>)> {
    let mut tiles = Vec::new();
    for z in 0..=zoom {
        for x in 0..1 << z {
            for row in 0..1 << z {
                let seed = tiles.len() as u32;
                tiles.push((TileCoord::from_tms(z, x, row).unwrap(), mvt(seed, seed % 40 + 1)));
            }
        }
    }
    tiles
}

pub const JSON: &str = r#"{"vector_layers": [{"id": "layer 0", "fields": {"name": "String"}}]}"#;

pub fn metadata() -> Vec<(&'static str, &'static str)> {
    vec![("name", "test"), ("format", "pbf"), ("bounds", "-180,-85,180,85"), ("json", JSON), ("minzoom", "0")]
}

/// Writes MBTiles the plain way, tiles as they come.
pub fn write_mbtiles(path: &Path, metadata: &[(&str, &str)], tiles: &[(TileCoord, Vec<u8>)]) {
    let mut connection = Connection::open(path).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE metadata (name text, value text);
             CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob);
             CREATE UNIQUE INDEX tile_index ON tiles (zoom_level, tile_column, tile_row);",
        )
        .unwrap();
    let transaction = connection.transaction().unwrap();
    for row in metadata {
        transaction.execute("INSERT INTO metadata VALUES (?, ?)", *row).unwrap();
    }
    for (coord, tile) in tiles {
        let row = (coord.z(), coord.x(), coord.tms_row(), tile);
        transaction.execute("INSERT INTO tiles VALUES (?, ?, ?, ?)", row).unwrap();
    }
    transaction.commit().unwrap();
}

/// The pyramid with gzip, as MBTiles are.
pub fn write_pyramid(path: &Path, zoom: u8) -> Vec<(TileCoord, Vec<u8>)> {
    let tiles = pyramid(zoom);
    let stored: Vec<_> = tiles.iter().map(|(coord, tile)| (*coord, covt::tileset::gzip(tile))).collect();
    write_mbtiles(path, &metadata(), &stored);
    tiles
}

pub fn read_metadata(path: &Path) -> Vec<(String, String)> {
    let connection = Connection::open(path).unwrap();
    let mut statement = connection.prepare("SELECT name, value FROM metadata ORDER BY rowid").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Whether the two MVT tiles say the same.
#[track_caller]
pub fn assert_same(first: &[u8], second: &[u8]) {
    if let Err(difference) = covt::mvt::compare(first, second) {
        panic!("{difference}");
    }
}

/// A PMTiles archive as another program might write it: root directory, metadata and tiles in the order
/// of the specification, tiles in the order they are given in, which must be that of their ids; two
/// numbers for the compression of the directories and of the tiles.
pub fn write_pmtiles(tiles: &[(TileCoord, Vec<u8>)], internal: u8, compression: u8, json: &[u8]) -> Vec<u8> {
    let mut numbered: Vec<(u64, &Vec<u8>)> =
        tiles.iter().map(|(coord, tile)| (tile_id(*coord), tile)).collect();
    // Backwards, so that offsets do not simply follow.
    let mut data = Vec::new();
    let mut entries = Vec::new();
    numbered.sort();
    for (id, tile) in numbered.iter().rev() {
        entries.push((*id, 1, tile.len(), data.len()));
        data.extend_from_slice(tile);
    }
    entries.reverse();
    archive(&directory(&entries), &[], json, &data, internal, compression)
}

/// An archive of one tile below `depth` leaf directories, each within the one before.
pub fn write_leaves(depth: usize) -> Vec<u8> {
    let tile = mvt(1, 1);
    let mut leaves = directory(&[(5, 1, tile.len(), 0)]);
    let (mut offset, mut length) = (0, leaves.len());
    for _ in 1..depth {
        let next = directory(&[(5, 0, length, offset)]);
        (offset, length) = (leaves.len(), next.len());
        leaves.extend(next);
    }
    archive(&directory(&[(5, 0, length, offset)]), &leaves, b"{}", &tile, 1, 1)
}

fn archive(root: &[u8], leaves: &[u8], json: &[u8], data: &[u8], internal: u8, compression: u8) -> Vec<u8> {
    let pack = |bytes: &[u8]| match internal {
        2 => covt::tileset::gzip(bytes),
        3 => covt::tileset::brotli(bytes),
        4 => zstd::bulk::compress(bytes, 3).unwrap(),
        _ => bytes.to_vec(),
    };
    let parts = [pack(root), pack(json), leaves.to_vec(), data.to_vec()];
    let mut bytes = b"PMTiles\x03".to_vec();
    let mut offset = 127;
    for part in &parts {
        bytes.extend(u64::to_le_bytes(offset));
        bytes.extend((part.len() as u64).to_le_bytes());
        offset += part.len() as u64;
    }
    bytes.extend([0; 24]);
    bytes.extend([0, internal, compression, 1, 0, 14]);
    bytes.resize(127, 0);
    bytes.extend(parts.concat());
    bytes
}

/// Entries are tile id, run length, length, offset.
fn directory(entries: &[(u64, u64, usize, usize)]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut put = |value: u64| varint(&mut out, value as u32);
    put(entries.len() as u64);
    let mut last = 0;
    for entry in entries {
        put(entry.0 - last);
        last = entry.0;
    }
    entries.iter().for_each(|entry| put(entry.1));
    entries.iter().for_each(|entry| put(entry.2 as u64));
    entries.iter().for_each(|entry| put(entry.3 as u64 + 1));
    out
}

/// The tile's number by the specification's words: all tiles of lesser zooms, then along the curve.
fn tile_id(coord: TileCoord) -> u64 {
    let before: u64 = (0..coord.z()).map(|z| 1 << (2 * z)).sum();
    let (mut x, mut y, mut along) = (u64::from(coord.x()), u64::from(coord.y()), 0);
    let mut side = (1 << coord.z()) / 2;
    while side > 0 {
        let (right, lower) = (u64::from(x & side > 0), u64::from(y & side > 0));
        along += side * side * ((3 * right) ^ lower);
        (x, y) = (x & (side - 1), y & (side - 1));
        if lower == 0 {
            if right == 1 {
                (x, y) = (side - 1 - x, side - 1 - y);
            }
            (x, y) = (y, x);
        }
        side /= 2;
    }
    before + along
}
