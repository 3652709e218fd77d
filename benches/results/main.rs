//! The tables of the README, in Markdown: `cargo bench --bench results`.
//!
//! All tiles are measured in one process, on one core. Sizes are the same everywhere; times are
//! not, which is why every reader reads all tiles right after the others, round after round, and
//! factors are told beside times. `-- --rounds N` changes the number of rounds. With `--features mlt`
//! MapLibre Tiles stand in the same tables.

#[path = "../common/mod.rs"]
mod common;
mod sizes;
#[path = "../common/table.rs"]
mod table;
mod tileset;
mod times;

use covt::Profile;
use covt::bench::Contender;
use covt::tileset::gzip;
use table::{count, head, row};

/// A tile in all formats.
struct Tile {
    zoom: u8,
    mvt: Vec<u8>,
    /// The same, gzip -6.
    gzip: Vec<u8>,
    /// In the order of [`Profile::ALL`].
    covt: [Vec<u8>; 2],
    /// In the order of [`peers`].
    peers: Vec<Vec<u8>>,
}

/// Formats of others.
fn peers() -> Vec<Box<dyn Contender>> {
    covt::bench::contenders().into_iter().filter(|contender| contender.name().starts_with("MLT")).collect()
}

fn main() {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--rounds");
    let rounds = match arguments.nth(1).map(|number| number.parse()) {
        None => 15,
        Some(Ok(rounds @ 1..)) => rounds,
        Some(_) => panic!("--rounds needs a number of at least 1"),
    };
    let peers = peers();
    let tiles: Vec<Tile> = common::tiles()
        .into_iter()
        .map(|(zoom, mvt)| {
            let covt = Profile::ALL.map(|profile| common::encode(&mvt, profile));
            let peers =
                peers.iter().map(|peer| peer.encode(&mvt).expect("a tile that can be encoded")).collect();
            Tile { zoom, gzip: gzip(&mvt), covt, peers, mvt }
        })
        .collect();
    sizes::totals(&tiles);
    sizes::by_zoom(&tiles);
    tileset::small_tiles();
    times::decode(&tiles, rounds);
    times::encode(&tiles, rounds.div_ceil(3));
}

/// The middle one of some values, or the mean of the middle two.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    (values[(values.len() - 1) / 2] + values[values.len() / 2]) / 2.0
}
