//! Real tiles from MVT to COVT and back: nothing may be lost.

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use common::{check_written, tiles};
use covt::{Budget, EncodeOptions, Profile, Reordering, Sort, mvt};

/// Tiles of more bytes are tried in the profile small only if `COVT_FULL` is set.
const LARGE: usize = 150_000;

/// Every tile of the corpus that MVT allows, with a name.
fn every_tile() -> Vec<(String, Vec<u8>)> {
    let folders = ["omt", "other", "mvt-fixtures"].into_iter().flat_map(tiles);
    let mut all: Vec<_> = folders.map(|(path, tile)| (path.display().to_string(), tile)).collect();
    all.extend(liechtenstein());
    // What cannot be read cannot come back; `tests/mvt.rs` says which fixtures these are.
    all.retain(|(name, tile)| !name.contains("mvt-fixtures") || mvt::read(tile).is_ok());
    all
}

/// The tiles of a tileset.
#[cfg(feature = "tileset")]
fn liechtenstein() -> Vec<(String, Vec<u8>)> {
    let path = common::corpus("tilesets/liechtenstein.mbtiles");
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return Vec::new();
    }
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let database = rusqlite::Connection::open_with_flags(path, flags).unwrap();
    let query = "SELECT zoom_level || '/' || tile_column || '/' || tile_row, tile_data FROM tiles";
    let mut statement = database.prepare(query).unwrap();
    let tiles = statement.query_map([], |row| {
        let (name, stored): (String, Vec<u8>) = (row.get(0)?, row.get(1)?);
        Ok((name, covt::tileset::decompress(&stored).unwrap().into_owned()))
    });
    tiles.unwrap().collect::<Result<_, _>>().unwrap()
}

#[cfg(not(feature = "tileset"))]
fn liechtenstein() -> Vec<(String, Vec<u8>)> {
    Vec::new()
}

/// Sends tiles to COVT and back, on all cores.
fn there_and_back(tiles: &[(String, Vec<u8>)], options: &EncodeOptions) {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some((name, tile)) = tiles.get(next.fetch_add(1, Ordering::Relaxed)) {
            // Shown only if something fails.
            println!("{name}, {options:?}");
            let (covt, _) = mvt::to_covt(tile, options).unwrap();
            let back = mvt::from_covt(&covt, &mut Budget::default()).unwrap();
            if options.reordering() == Reordering::default() {
                check_written(tile, &back);
            } else {
                mvt::compare_reordered(tile, &back, options.reordering()).unwrap();
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for handle in handles {
            if let Err(panic) = handle.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
}

#[test]
fn every_tile_comes_back_fast() {
    there_and_back(&every_tile(), &EncodeOptions::new(Profile::Fast));
}

#[test]
fn every_tile_comes_back_small() {
    let mut tiles = every_tile();
    if std::env::var_os("COVT_FULL").is_none() {
        tiles.retain(|(_, tile)| tile.len() <= LARGE);
    }
    there_and_back(&tiles, &EncodeOptions { statistics: true, ..EncodeOptions::new(Profile::Small) });
}

#[test]
fn every_tile_comes_back_in_another_order() {
    let options =
        EncodeOptions { sort: Sort::Auto, reorder_parts: true, ..EncodeOptions::new(Profile::Fast) };
    there_and_back(&every_tile(), &options);
}
