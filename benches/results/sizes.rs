//! How large tiles are.

use std::collections::BTreeMap;

use covt::Profile;
use covt::testing::corpus;
use covt::tileset::gzip;

use super::{Tile, count, head, peers, row};

/// The zstd level to compare with: the highest that takes no more memory than usual.
const ZSTD_LEVEL: i32 = 19;

/// By how many percent the tiles of the COVTiles case study were smaller than MVT, by zoom level:
/// the mean of its tiles, which are the ones of the corpus, in its smaller variant.
const CASE_STUDY: [(u8, u32); 13] = [
    (2, 39),
    (3, 32),
    (4, 73),
    (5, 75),
    (6, 70),
    (7, 68),
    (8, 68),
    (9, 62),
    (10, 54),
    (11, 53),
    (12, 54),
    (13, 44),
    (14, 51),
];

/// All tiles together, as they are and with general compression around them.
pub fn totals(tiles: &[Tile]) {
    head(
        &format!("Size of {} tiles, bytes", tiles.len()),
        &["", "as is", "gzip -6 around", &format!("zstd -{ZSTD_LEVEL} around")],
    );
    line("MVT", tiles.iter().map(|tile| &tile.mvt));
    for (number, peer) in peers().iter().enumerate() {
        line(peer.name(), tiles.iter().map(|tile| &tile.peers[number]));
    }
    for (number, profile) in Profile::ALL.iter().enumerate() {
        line(&format!("COVT {}", profile.name()), tiles.iter().map(|tile| &tile.covt[number]));
    }
}

fn line<'a>(name: &str, tiles: impl Iterator<Item = &'a Vec<u8>>) {
    let mut sums = [0; 3];
    for tile in tiles {
        let zstd = zstd::bulk::compress(tile, ZSTD_LEVEL).expect("zstd takes any bytes");
        for (sum, len) in sums.iter_mut().zip([tile.len(), gzip(tile).len(), zstd.len()]) {
            *sum += len as u64;
        }
    }
    row(&[&[name.to_owned()], &sums.map(count)[..]].concat());
}

/// By zoom level, beside the case study.
pub fn by_zoom(tiles: &[Tile]) {
    head(
        "Size by zoom level, and the mean of how much smaller than MVT a tile is",
        &["zoom", "tiles", "MVT", "COVT fast", "COVT small", "fast", "small", "COVTiles case study"],
    );
    let comparable = corpus::path("omt").is_some();
    let mut zooms: BTreeMap<u8, Vec<&Tile>> = BTreeMap::new();
    for tile in tiles {
        zooms.entry(tile.zoom).or_default().push(tile);
    }
    for (zoom, tiles) in zooms {
        let mvt = tiles.iter().map(|tile| tile.mvt.len() as u64).sum();
        let sizes = [0, 1].map(|number| tiles.iter().map(|tile| tile.covt[number].len() as u64).sum());
        let less = [0, 1].map(|number| {
            let share = |tile: &&Tile| tile.covt[number].len() as f64 / tile.mvt.len() as f64;
            100.0 * (1.0 - tiles.iter().map(share).sum::<f64>() / tiles.len() as f64)
        });
        let case_study = CASE_STUDY.iter().find(|(other, _)| *other == zoom && comparable);
        row(&[
            zoom.to_string(),
            tiles.len().to_string(),
            count(mvt),
            count(sizes[0]),
            count(sizes[1]),
            format!("{:.1} %", less[0]),
            format!("{:.1} %", less[1]),
            case_study.map_or("–".into(), |(_, percent)| format!("{percent} %")),
        ]);
    }
}
