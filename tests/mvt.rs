//! Real tiles and the conformance fixtures through reading and writing.
//!
//! The corpus is not part of the repository: a folder named by `COVT_CORPUS`, or `../shared/corpus`.

use std::fs;
use std::path::{Path, PathBuf};

use covt::mvt;
use fast_mvt::{MvtFeatureRef, MvtReaderRef, MvtValueRef};

/// The tiles under a folder of the corpus, by path; none if there is no corpus.
fn tiles(folder: &str) -> Option<Vec<(PathBuf, Vec<u8>)>> {
    let corpus = std::env::var_os("COVT_CORPUS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"), PathBuf::from);
    let mut paths = Vec::new();
    collect(&corpus.join(folder), &mut paths);
    if paths.is_empty() {
        eprintln!("skipped: no tiles in {}", corpus.join(folder).display());
        return None;
    }
    paths.sort();
    let tiles = paths.into_iter().map(|path| {
        let bytes = fs::read(&path).expect("a readable tile");
        (path, bytes)
    });
    Some(tiles.collect())
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "mvt") {
            paths.push(path);
        }
    }
}

/// The rows of the table of fixtures in the specification: number, what is special, outcome.
fn outcomes() -> Vec<[&'static str; 3]> {
    let rows = include_str!("../spec/mvt.md").lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ");
        let row = [cells.next()?, cells.next()?, cells.next()?];
        (row[0].len() == 3 && row[0].parse::<u32>().is_ok()).then_some(row)
    });
    rows.collect()
}

/// What becomes of a tile, in the words of the specification's table.
fn outcome(bytes: &[u8]) -> String {
    let (layers, dropped) = match mvt::read(bytes) {
        Ok(read) => read,
        Err(error) => return format!("refused: {error}"),
    };
    check_written(bytes, &mvt::write(&layers).unwrap());
    let mut kept: Vec<&str> = Vec::new();
    for layer in &layers {
        for row in 0..layer.len() {
            let name = layer.geometry().geometry_type(row).name();
            if kept.last() != Some(&name) {
                kept.push(name);
            }
        }
    }
    let kept = if kept.is_empty() { "no features".into() } else { kept.join(", ") };
    let counts = [
        (dropped.unknown_fields, "unknown field"),
        (dropped.unused_keys, "unused key"),
        (dropped.unused_values, "unused value"),
    ];
    let dropped: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let dropped =
        if dropped.is_empty() { String::new() } else { format!("; dropped: {}", dropped.join(", ")) };
    format!("kept: {kept}{dropped}")
}

/// Checks that `written` says what `source` says, by our own comparison and by another reader.
fn check_written(source: &[u8], written: &[u8]) {
    mvt::compare(source, written).unwrap();
    // The other reader refuses some versions and names.
    if let Ok(source) = MvtReaderRef::new(source) {
        assert_same(&source, &MvtReaderRef::new(written).unwrap());
    }
}

#[test]
fn fixtures_end_as_the_specification_says() {
    let expected = outcomes();
    assert_eq!(expected.len(), 74, "rows in spec/mvt.md");
    for (path, bytes) in tiles("mvt-fixtures").unwrap_or_default() {
        let number =
            path.parent().and_then(Path::file_name).and_then(|name| name.to_str()).expect("a number");
        let [_, what, expected] = expected.iter().find(|row| row[0] == number).expect(number);
        assert_eq!(outcome(&bytes), *expected, "{number}: {what}");
    }
}

#[test]
fn real_tiles_come_back() {
    for folder in ["omt", "other"] {
        for (path, bytes) in tiles(folder).unwrap_or_default() {
            eprintln!("{}", path.display());
            let (layers, _) = mvt::read(&bytes).unwrap();
            check_written(&bytes, &mvt::write(&layers).unwrap());
        }
    }
}

fn assert_same(first: &MvtReaderRef<'_>, second: &MvtReaderRef<'_>) {
    assert_eq!(first.layer_count(), second.layer_count());
    for (first, second) in first.layers().zip(second.layers()) {
        assert_eq!(first.name(), second.name());
        assert_eq!((first.version(), first.extent()), (second.version(), second.extent()));
        assert_eq!(first.feature_count(), second.feature_count());
        for (first, second) in first.features().zip(second.features()) {
            assert_eq!(first.id(), second.id());
            assert_eq!(first.geometry_commands(), second.geometry_commands());
            assert_eq!(first.geom_type_value().unwrap_or(0), second.geom_type_value().unwrap_or(0));
            let properties = |feature: MvtFeatureRef<'_>| {
                let mut properties: Vec<(String, u8, Vec<u8>)> =
                    feature.properties().map(|property| exact(property.unwrap())).collect();
                properties.sort();
                properties
            };
            assert_eq!(properties(first), properties(second));
        }
    }
}

/// A key, the type of its value, and the value's bits.
fn exact((key, value): (&str, MvtValueRef<'_>)) -> (String, u8, Vec<u8>) {
    let (kind, bits) = match value {
        MvtValueRef::String(value) => (1, value.as_bytes().to_vec()),
        MvtValueRef::Float(value) => (2, value.to_bits().to_le_bytes().to_vec()),
        MvtValueRef::Double(value) => (3, value.to_bits().to_le_bytes().to_vec()),
        MvtValueRef::Int(value) => (4, value.to_le_bytes().to_vec()),
        MvtValueRef::UInt(value) => (5, value.to_le_bytes().to_vec()),
        MvtValueRef::SInt(value) => (6, value.to_le_bytes().to_vec()),
        MvtValueRef::Bool(value) => (7, vec![u8::from(value)]),
        MvtValueRef::Null => (8, Vec::new()),
    };
    (key.to_owned(), kind, bits)
}
