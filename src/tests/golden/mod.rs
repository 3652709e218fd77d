//! Golden tiles: `testdata/golden/<case>/` holds a tile, the same tile in readable form, and what
//! the case shows. `tools/bless` renews them after a change that was meant.

mod cases;
mod json;
mod overture;
mod text;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use cases::Case;

use crate::column::{ColumnKind, Value};
use crate::geometry::GeometryType;
use crate::geometry::vertices::VertexEncoding;
use crate::limits::Budget;
use crate::stream::Role;
use crate::stream::bytes::ByteEncoding;
use crate::stream::ints::IntEncoding;
use crate::testing::check;
use crate::tile::directory::Layout;
use crate::tile::layer::Layer;
use crate::tile::read::Tile;
use crate::tile::write::encode;

/// Set to renew the files in place of comparing with them.
const BLESS: &str = "COVT_BLESS";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/golden")
}

/// Every golden tile with the name of its case.
pub(super) fn tiles() -> Vec<(String, Vec<u8>)> {
    let mut tiles: Vec<_> = fs::read_dir(folder())
        .expect("golden cases")
        .map(|entry| {
            let path = entry.expect("a case").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, fs::read(path.join("tile.covt")).expect("a tile"))
        })
        .collect();
    tiles.sort();
    tiles
}

/// Compares `actual` with what is in `file` of `case`, or renews it.
fn check_file(case: &str, file: &str, actual: &[u8]) {
    let path = folder().join(case).join(file);
    if std::env::var_os(BLESS).is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder for the case");
        return fs::write(&path, actual).expect("a file to write");
    }
    let expected = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    if actual != expected {
        // The first line that differs, or in the tile the first byte.
        let mut bytes = actual.iter().zip(&expected).map(|(actual, expected)| actual == expected);
        let at = bytes.position(|same| !same).unwrap_or(actual.len().min(expected.len()));
        let line = actual[..at].iter().filter(|&&byte| byte == b'\n').count() + 1;
        panic!("{}: byte {at} (line {line}) differs; tools/bless renews it", path.display());
    }
}

#[test]
fn layers_are_encoded_as_they_were() {
    for Case { name, layers, options, .. } in cases::all() {
        check::round_trip(&layers, &options);
        check_file(&name, "tile.covt", &encode(&layers, &options).unwrap());
    }
}

#[test]
fn tiles_are_decoded_as_they_were() {
    for case in cases::all() {
        // Of what is in the file, so that a change of the encoder cannot hide one of the decoder.
        let tile = match std::env::var_os(BLESS) {
            Some(_) => encode(&case.layers, &case.options).unwrap(),
            None => fs::read(folder().join(&case.name).join("tile.covt")).unwrap(),
        };
        check_file(&case.name, "tile.json", json::tile(&tile).as_bytes());
        check_file(&case.name, "case.toml", text::case(&case, &tile).as_bytes());
    }
}

#[test]
fn every_folder_is_a_case() {
    let cases: BTreeSet<String> = cases::all().into_iter().map(|case| case.name).collect();
    let folders: BTreeSet<String> = tiles().into_iter().map(|(name, _)| name).collect();
    // Without that feature the encoder finds no triangles, and the cases that have some are not made.
    match cfg!(feature = "triangles") {
        true => assert_eq!(cases, folders),
        false => assert!(cases.is_subset(&folders), "{cases:?}"),
    }
}

#[test]
fn every_id_occurs() {
    let found: BTreeSet<String> = tiles().iter().flat_map(|(_, tile)| text::ids(tile)).collect();
    let mut missing = Vec::new();
    let mut expect = |what: &str, name: &str| {
        let id = format!("{what} {name}");
        if !found.contains(&id) {
            missing.push(id);
        }
    };
    Layout::ALL.iter().for_each(|id| expect("layout", id.name()));
    ColumnKind::ALL.iter().for_each(|id| expect("column", id.name()));
    Role::ALL.iter().for_each(|id| expect("stream", id.name()));
    let for_doubles = |id: &&IntEncoding| **id == IntEncoding::Single;
    IntEncoding::ALL.iter().filter(|id| !for_doubles(id)).for_each(|id| expect("32-bit integers", id.name()));
    IntEncoding::ALL.iter().for_each(|id| expect("64-bit integers", id.name()));
    ByteEncoding::ALL.iter().for_each(|id| expect("bytes", id.name()));
    VertexEncoding::ALL.iter().for_each(|id| expect("vertices", id.name()));
    GeometryType::ALL.iter().for_each(|id| expect("geometry", id.name()));
    for kind in ColumnKind::ALL.iter().filter(|kind| kind.roles().contains(&Role::Present)) {
        expect("absent values", kind.name());
        if !matches!(kind, ColumnKind::MValues | ColumnKind::Z) {
            expect("statistics", kind.name());
        }
    }
    assert!(missing.is_empty(), "no golden tile has: {missing:#?}");
}

#[test]
fn every_byte_is_told_of() {
    for (_, tile) in tiles() {
        check::describe::covt(&tile, true);
    }
}

#[test]
fn odd_values_occur() {
    let mut seen = [false; 4];
    for (_, tile) in tiles() {
        let mut budget = Budget::default();
        let layers = Tile::open(&tile, &mut budget).and_then(|tile| tile.decode(&mut budget)).unwrap();
        for column in layers.iter().flat_map(Layer::columns) {
            for value in (0..column.len()).filter_map(|row| column.get(row)) {
                seen[0] |= matches!(value, Value::Double(value) if value.is_nan());
                seen[1] |= matches!(value, Value::Float(value) if value.is_nan());
                seen[2] |= matches!(value, Value::Double(value) if value == 0.0 && value.is_sign_negative());
                seen[3] |= matches!(value, Value::String(""));
            }
        }
    }
    assert_eq!(seen, [true; 4]);
}
