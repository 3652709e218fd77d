//! Real tiles to test and to measure with, where there are any: they are no part of the project.
//!
//! The folder is the one that the environment variable `COVT_CORPUS` names, else
//! `../shared/corpus` beside the repository.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// An MVT tile of the corpus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorpusTile {
    /// Where it lies.
    pub path: PathBuf,
    /// Its zoom level, if the path tells: `z_x_y.mvt` or `z/x/y.mvt`.
    pub zoom: Option<u8>,
    /// The tile, uncompressed.
    pub mvt: Vec<u8>,
}

/// Where `part` of the corpus lies, if it is there.
pub fn path(part: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("COVT_CORPUS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"), PathBuf::from);
    Some(folder.join(part)).filter(|path| path.exists())
}

/// All tiles under the folder `part` of the corpus, by path; none if it is not there.
///
/// # Errors
/// If a folder or a tile cannot be read.
pub fn tiles(part: &str) -> io::Result<Vec<CorpusTile>> {
    let mut paths = Vec::new();
    if let Some(folder) = path(part) {
        collect(&folder, &mut paths)?;
    }
    paths.sort();
    let tile = |path: PathBuf| Ok(CorpusTile { mvt: fs::read(&path)?, zoom: zoom(&path), path });
    paths.into_iter().map(tile).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "mvt") {
            paths.push(path);
        }
    }
    Ok(())
}

/// The first of the last three numbers of a path.
fn zoom(path: &Path) -> Option<u8> {
    let path = path.with_extension("");
    let text = path.to_str()?;
    text.rsplit(['/', '\\', '_']).nth(2)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zoom_levels_are_in_the_name() {
        assert_eq!(zoom(Path::new("omt/14_8298_10748.mvt")), Some(14));
        assert_eq!(zoom(Path::new("other/norway/7/66/37.mvt")), Some(7));
        assert_eq!(zoom(Path::new("fixtures/001/tile.mvt")), None);
    }
}
