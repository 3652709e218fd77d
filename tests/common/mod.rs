//! Real tiles, and another reader of MVT to compare with.
//!
//! The corpus is not part of the repository: a folder named by `COVT_CORPUS`, or `../shared/corpus`.

use std::fs;
use std::path::{Path, PathBuf};

use covt::mvt;
use fast_mvt::{MvtFeatureRef, MvtReaderRef, MvtValueRef};

/// Where `part` of the corpus lies, whether it is there or not.
pub fn corpus(part: &str) -> PathBuf {
    let corpus = std::env::var_os("COVT_CORPUS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"), PathBuf::from);
    corpus.join(part)
}

/// The tiles under a folder of the corpus, by path; none, which is told, if there is no corpus.
pub fn tiles(folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = corpus(folder);
    let mut paths = Vec::new();
    collect(&folder, &mut paths);
    if paths.is_empty() {
        eprintln!("skipped: no tiles in {}", folder.display());
    }
    paths.sort();
    let tiles = paths.into_iter().map(|path| {
        let bytes = fs::read(&path).expect("a readable tile");
        (path, bytes)
    });
    tiles.collect()
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

/// Checks that `written` says what `source` says, by our own comparison and by another reader.
///
/// # Panics
/// If it does not.
pub fn check_written(source: &[u8], written: &[u8]) {
    mvt::compare(source, written).unwrap();
    // The other reader refuses some versions and names.
    if let Ok(source) = MvtReaderRef::new(source) {
        assert_same(&source, &MvtReaderRef::new(written).unwrap());
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
