//! Real tiles and the conformance fixtures through reading and writing.
//!
//! The corpus is not part of the repository: a folder named by `COVT_CORPUS`, or `../shared/corpus`.

use std::fs;
use std::path::{Path, PathBuf};

use covt::mvt;
use fast_mvt::{MvtReaderRef, MvtValueRef};

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

#[test]
fn fixture() {
    for (path, bytes) in tiles("mvt-fixtures").unwrap() {
        let outcome = match mvt::read(&bytes) {
            Ok((layers, dropped)) => {
                let r = mvt::write(&layers)
                    .map_err(|e| e.to_string())
                    .and_then(|b| mvt::compare(&bytes, &b).map_err(|e| e.to_string()));
                format!(
                    "{r:?} {dropped:?} {:?}",
                    layers.iter().flat_map(|l| l.geometry().types().to_vec()).collect::<Vec<_>>()
                )
            }
            Err(e) => format!("{e}"),
        };
        eprintln!("{} {outcome}", path.parent().unwrap().file_name().unwrap().to_str().unwrap());
    }
}

#[test]
fn real_tiles_come_back() {
    for folder in ["omt", "other"] {
        for (path, bytes) in tiles(folder).unwrap_or_default() {
            let (layers, _) = mvt::read(&bytes).unwrap();
            let again = mvt::write(&layers).unwrap();
            if let Err(difference) = mvt::compare(&bytes, &again) {
                panic!("{}: {difference}", path.display());
            }
        }
    }
}
