//! What each technique is worth: `cargo bench --bench ablation`.
//!
//! Every tile is encoded with everything, and then without one technique after the other. Told is by how
//! much tiles grow without it, and how long they take to decode, against those with everything; all are
//! decoded right after each other, tile by tile, round after round. What is left to do without one
//! technique is done by others, so that the worth of all does not add up.
//! `-- --rounds N` changes the number of rounds.

#[path = "common/table.rs"]
mod table;

use std::hint::black_box;
use std::time::Instant;

use covt::testing::corpus;
use covt::tileset::{Reader, Selection, decompress};
use covt::{Budget, EncodeOptions, Profile, Technique, Tile, mvt};
use table::{count, head, row};

/// MVT tiles under a name.
struct Set {
    name: &'static str,
    tiles: Vec<Vec<u8>>,
}

fn main() {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--rounds");
    let rounds: usize = match arguments.nth(1).map(|number| number.parse()) {
        None => 5,
        Some(Ok(rounds @ 1..)) => rounds,
        Some(_) => panic!("--rounds needs a number of at least 1"),
    };
    let tiles = corpus::tiles("omt").expect("tiles that can be read");
    assert!(!tiles.is_empty(), "no corpus: COVT_CORPUS names the folder that has omt/ in it");
    let mut sets =
        vec![Set { name: "Tiles of OpenMapTiles", tiles: tiles.into_iter().map(|tile| tile.mvt).collect() }];
    if let Some(path) = corpus::path("tilesets/liechtenstein.mbtiles") {
        let reader = Reader::open(&path).expect("a tileset");
        let mut coords = Vec::new();
        reader.for_each_size(&Selection::default(), &mut |coord, _| coords.push(coord)).expect("tiles");
        coords.sort();
        let tile = |coord| {
            let stored = reader.tile(coord).expect("a tileset").expect("a tile");
            decompress(&stored).expect("a tile").into_owned()
        };
        sets.push(Set { name: "Liechtenstein", tiles: coords.into_iter().map(tile).collect() });
    }
    for profile in Profile::ALL {
        for set in &sets {
            measure(set, profile, rounds);
        }
    }
}

fn measure(set: &Set, profile: Profile, rounds: usize) {
    // First with everything.
    let without: Vec<Vec<Technique>> =
        std::iter::once(vec![]).chain(Technique::ALL.map(|technique| vec![technique])).collect();
    let made: Vec<Vec<Vec<u8>>> = without
        .iter()
        .map(|without| {
            let options = EncodeOptions { without: without.clone(), ..EncodeOptions::new(profile) };
            set.tiles.iter().map(|tile| mvt::to_covt(tile, &options).expect("a tile").0).collect()
        })
        .collect();
    let times = times(&made, rounds);
    let sizes: Vec<u64> = made.iter().map(|tiles| tiles.iter().map(|tile| tile.len() as u64).sum()).collect();
    head(
        &format!("{}, profile {}: {} bytes with everything", set.name, profile.name(), count(sizes[0])),
        &["without", "bytes more", "", "time to decode"],
    );
    for (number, technique) in Technique::ALL.iter().enumerate() {
        if made[number + 1] == made[0] {
            continue;
        }
        let more = sizes[number + 1] as f64 - sizes[0] as f64;
        row(&[
            technique.name().to_owned(),
            format!("{more:+.0}"),
            format!("{:+.2} %", 100.0 * more / sizes[0] as f64),
            format!("{:+.0} %", 100.0 * (times[number + 1] / times[0] - 1.0)),
        ]);
    }
}

/// The time to decode all tiles of each way, each tile in its best round.
fn times(made: &[Vec<Vec<u8>>], rounds: usize) -> Vec<f64> {
    let mut best = vec![vec![f64::INFINITY; made[0].len()]; made.len()];
    for round in 0..=rounds {
        for tile in 0..made[0].len() {
            for turn in 0..made.len() {
                let way = (turn + round + tile) % made.len();
                let start = Instant::now();
                let mut budget = Budget::default();
                let opened = Tile::open(&made[way][tile], &mut budget);
                black_box(opened.and_then(|tile| tile.decode(&mut budget)).expect("a tile just made"));
                best[way][tile] = best[way][tile].min(start.elapsed().as_secs_f64());
            }
        }
    }
    best.iter().map(|tiles| tiles.iter().sum()).collect()
}
