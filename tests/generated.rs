//! The generated tileset beside the real one it follows: COVT must not save much more, nor much
//! less, on the one than on the other, or the demo would tell lies.
//!
//! The corpus is not part of the repository: a folder named by `COVT_CORPUS`, or `../shared/corpus`.
#![cfg(all(feature = "tileset", feature = "testing"))]

use std::path::{Path, PathBuf};

use covt::testing::generate::tileset::Tileset;
use covt::tileset::{Reader, decompress, gzip};
use covt::{EncodeOptions, TileCoord, mvt};

/// The sum of the tiles' sizes, in bytes.
#[derive(Debug, Default)]
struct Sizes {
    tiles: u32,
    mvt: f64,
    gzip: f64,
    covt: f64,
}

impl Sizes {
    fn add(&mut self, tile: &[u8]) {
        let (covt, _) = mvt::to_covt(tile, &EncodeOptions::default()).expect("a sound tile");
        self.tiles += 1;
        self.mvt += tile.len() as f64;
        self.gzip += gzip(tile).len() as f64;
        self.covt += covt.len() as f64;
    }

    /// What COVT saves, as parts of MVT and of gzipped MVT.
    fn savings(&self) -> [f64; 2] {
        [self.mvt, self.gzip].map(|size| 1.0 - self.covt / size)
    }
}

/// Liechtenstein; none if there is no corpus.
fn real() -> Option<Sizes> {
    let corpus = std::env::var_os("COVT_CORPUS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"), PathBuf::from);
    let path = corpus.join("tilesets/liechtenstein.mbtiles");
    if !path.exists() {
        eprintln!("skipped: no {}", path.display());
        return None;
    }
    let tileset = Reader::open(&path).expect("an MBTiles file");
    let mut sizes = Sizes::default();
    for zoom in 0..=14 {
        for x in 8600 >> (14 - zoom)..=8650 >> (14 - zoom) {
            for y in 5720 >> (14 - zoom)..=5780 >> (14 - zoom) {
                let coord = TileCoord::new(zoom, x, y).expect("a tile");
                if let Some(tile) = tileset.tile(coord).expect("a readable tileset") {
                    sizes.add(&decompress(&tile).expect("a gzipped tile"));
                }
            }
        }
    }
    assert_eq!(sizes.tiles, 179);
    Some(sizes)
}

#[test]
fn savings_are_those_of_a_real_tileset() {
    let mut made = Sizes::default();
    for (_, layers) in Tileset::new(1).tiles() {
        made.add(&mvt::write(&layers).expect("a sound tile"));
    }
    assert!(made.savings().iter().all(|&saving| saving > 0.0), "{made:?}");
    let Some(real) = real() else { return };
    eprintln!("generated {made:?} {:?}, real {real:?} {:?}", made.savings(), real.savings());
    for (made, real) in made.savings().into_iter().zip(real.savings()) {
        assert!((made / real - 1.0).abs() < 0.2, "{made:.3} instead of {real:.3}");
    }
}
