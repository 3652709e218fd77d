//! How long tiles take to decode.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::Result;
use covt::{Budget, mvt, tileset};

use super::sizes::Tile;

const ROUNDS: usize = 5;

type Decode = fn(&Tile) -> Result<()>;

/// From the bytes of a tile as they are stored to all its layers in columns.
const WAYS: [(&str, Decode); 3] = [
    ("MVT with gzip", |tile| {
        black_box(mvt::read(&tileset::decompress(&tile.gzip)?)?);
        Ok(())
    }),
    ("COVT fast", |tile| covt(&tile.fast)),
    ("COVT small", |tile| covt(&tile.small)),
];

fn covt(bytes: &[u8]) -> Result<()> {
    let mut budget = Budget::default();
    black_box(covt::Tile::open(bytes, &mut budget)?.decode(&mut budget)?);
    Ok(())
}

/// The time that each way takes for all tiles, each in its best round. All ways take a tile before
/// the next one's turn, so that whatever else the machine does meets all of them.
pub fn decode(tiles: &[Tile]) -> Result<[Duration; 3]> {
    let mut sums = [Duration::ZERO; 3];
    let mut best = vec![[Duration::MAX; 3]; tiles.len()];
    for _ in 0..ROUNDS {
        for (tile, best) in tiles.iter().zip(&mut best) {
            for (best, (_, decode)) in best.iter_mut().zip(WAYS) {
                let start = Instant::now();
                decode(tile)?;
                *best = start.elapsed().min(*best);
            }
        }
    }
    for tile in best {
        for (sum, time) in sums.iter_mut().zip(tile) {
            *sum += time;
        }
    }
    Ok(sums)
}

/// A line for each way; none were measured where the compiler did not optimise.
pub fn table(times: Option<[Duration; 3]>) -> String {
    let Some(times) = times else {
        return "Decoding  not timed: this build is not optimised, see cargo build --release\n".into();
    };
    let mut table =
        format!("Decoding  to columns in memory, one core, each tile's best of {ROUNDS} rounds\n");
    for ((name, _), time) in WAYS.iter().zip(times) {
        let times_as_fast = times[0].as_secs_f64() / time.as_secs_f64().max(1e-9);
        let milliseconds = 1e3 * time.as_secs_f64();
        table += &format!("  {name:14}{milliseconds:>8.1} ms{times_as_fast:>8.1} ×\n");
    }
    table += "  MVT is unpacked and read by this program's own reader, into the same columns;\n  \
              cargo bench --bench results compares with another MVT reader.\n";
    table
}
