//! A whole tileset of mostly small tiles, where headers count.

use covt::testing::corpus;
use covt::tileset::decompress;
use covt::{Budget, Directory, Profile};
use rusqlite::{Connection, OpenFlags};

use super::{common, count, head, median, row};

const TILESET: &str = "tilesets/liechtenstein.mbtiles";

/// Sizes of the tiles of [`TILESET`] and of their directories.
pub fn small_tiles() {
    let Some(path) = corpus::path(TILESET) else {
        eprintln!("no {TILESET} in the corpus: its table is left out");
        return;
    };
    let file = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("MBTiles");
    let mut query = file.prepare("SELECT tile_data FROM tiles").expect("a table of tiles");
    let stored: Vec<Vec<u8>> =
        query.query_map([], |row| row.get(0)).and_then(Iterator::collect).expect("tiles");

    let sizes = |tiles: &[Vec<u8>]| tiles.iter().map(|tile| tile.len() as f64).collect::<Vec<_>>();
    let gzip = sizes(&stored);
    head(
        &format!("A tileset of small tiles: {} of Liechtenstein, zoom 0 to 14, bytes", stored.len()),
        &["", "all", "median tile", "larger than gzip", "directories", "mean", "median"],
    );
    let dash = || "–".to_owned();
    row(&[
        "MVT with gzip, as stored".into(),
        count(gzip.iter().sum::<f64>() as u64),
        format!("{:.0}", median(&mut gzip.clone())),
        dash(),
        dash(),
        dash(),
        dash(),
    ]);
    for profile in Profile::ALL {
        let covt: Vec<Vec<u8>> =
            stored.iter().map(|tile| common::encode(&decompress(tile).unwrap(), profile)).collect();
        let mut covt_sizes = sizes(&covt);
        let larger = covt_sizes.iter().zip(&gzip).filter(|(covt, gzip)| covt > gzip).count();
        let directory = |tile: &Vec<u8>| {
            Directory::read(tile, &mut Budget::default()).expect("a tile just made").body().start as f64
        };
        let mut directories: Vec<f64> = covt.iter().map(directory).collect();
        let (all, in_directories) = (covt_sizes.iter().sum::<f64>(), directories.iter().sum::<f64>());
        row(&[
            format!("COVT {}", profile.name()),
            count(all as u64),
            format!("{:.0}", median(&mut covt_sizes)),
            format!("{larger} tiles"),
            format!("{} ({:.1} %)", count(in_directories as u64), 100.0 * in_directories / all),
            format!("{:.0}", in_directories / covt.len() as f64),
            format!("{:.0}", median(&mut directories)),
        ]);
    }
}
