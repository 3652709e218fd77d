//! How long tiles take.

use std::time::{Duration, Instant};

use covt::Profile;
use covt::testing::corpus;
use covt::tileset::decompress;

use super::{Tile, common, head, median, row};

/// What is done with a tile.
struct Contender {
    name: &'static str,
    run: fn(&Tile),
}

const PEER: usize = 0;

const DECODE: [Contender; 6] = [
    Contender { name: "MVT, fast-mvt", run: |tile| common::fast_mvt(&tile.mvt) },
    Contender {
        name: "MVT, fast-mvt, after gunzip",
        run: |tile| common::fast_mvt(&decompress(&tile.gzip).unwrap()),
    },
    Contender {
        name: "MVT, fast-mvt, geometry left as commands",
        run: |tile| common::fast_mvt_commands(&tile.mvt),
    },
    Contender { name: "MVT, `mvt::read`", run: |tile| common::read_mvt(&tile.mvt) },
    Contender { name: "COVT fast", run: |tile| common::decode(&tile.covt[0]) },
    Contender { name: "COVT small", run: |tile| common::decode(&tile.covt[1]) },
];

const ONE_COLUMN: [Contender; 3] = [
    Contender { name: "MVT, fast-mvt", run: |tile| common::fast_mvt_one_column(&tile.mvt) },
    Contender { name: "COVT fast", run: |tile| common::decode_one_column(&tile.covt[0]) },
    Contender { name: "COVT small", run: |tile| common::decode_one_column(&tile.covt[1]) },
];

const ENCODE: [Contender; 2] = [
    Contender { name: "COVT fast", run: |tile| drop(common::encode(&tile.mvt, Profile::Fast)) },
    Contender { name: "COVT small", run: |tile| drop(common::encode(&tile.mvt, Profile::Small)) },
];

/// By how much decoding was faster than MVT in the COVTiles case study, by zoom level.
const CASE_STUDY: [(u8, f64); 2] = [(4, 2.36), (5, 2.74)];

/// Times in seconds: `[contender][round][tile]`.
type Times = Vec<Vec<Vec<f64>>>;

/// Every contender takes every tile, one after the other, so that whatever else the machine does
/// meets all of them; who comes first changes from round to round and from tile to tile.
fn measure(contenders: &[Contender], tiles: &[Tile], rounds: usize) -> Times {
    let mut times = vec![vec![vec![0.0; tiles.len()]; rounds]; contenders.len()];
    // One round more, the first, to warm up.
    for round in 0..=rounds {
        for (number, tile) in tiles.iter().enumerate() {
            for turn in 0..contenders.len() {
                let who = (turn + round + number) % contenders.len();
                let start = Instant::now();
                (contenders[who].run)(tile);
                let time: Duration = start.elapsed();
                if round > 0 {
                    times[who][round - 1][number] = time.as_secs_f64();
                }
            }
        }
    }
    times
}

/// The time for some of the tiles in each round.
fn sums(times: &[Vec<f64>], which: impl Fn(usize) -> bool) -> Vec<f64> {
    let sum = |round: &Vec<f64>| (0..round.len()).filter(|&tile| which(tile)).map(|tile| round[tile]).sum();
    times.iter().map(sum).collect()
}

/// The time for some of the tiles, each in its best round.
fn best(times: &[Vec<f64>], which: impl Fn(usize) -> bool) -> f64 {
    let least = |tile: usize| times.iter().map(|round| round[tile]).fold(f64::INFINITY, f64::min);
    (0..times[0].len()).filter(|&tile| which(tile)).map(least).sum()
}

/// Time of the peer by time of another, for some of the tiles: best, and median of rounds.
fn factor(peer: &[Vec<f64>], other: &[Vec<f64>], which: impl Fn(usize) -> bool) -> [String; 2] {
    let (peers, others) = (sums(peer, &which), sums(other, &which));
    let factors = peers.iter().zip(&others).map(|(peer, other)| peer / other).collect();
    [format!("{:.2}", best(peer, &which) / best(other, &which)), spread(factors, 2)]
}

/// `12.3 (11.9 – 14.0)`: the median and the quartiles.
fn spread(mut values: Vec<f64>, decimals: usize) -> String {
    let middle = median(&mut values);
    let quarter = values.len() / 4;
    let (low, high) = (values[quarter], values[values.len() - 1 - quarter]);
    format!("{middle:.decimals$} ({low:.decimals$} – {high:.decimals$})")
}

/// Prints times, and how many times the peer's they are: of all tiles, and of those of `zooms`.
fn table(title: &str, contenders: &[Contender], tiles: &[Tile], times: &Times, zooms: &[u8]) {
    let mut columns = ["", "best, ms", "median (quartiles), ms", "times as fast, best", "median (quartiles)"]
        .map(str::to_owned)
        .to_vec();
    columns.extend(zooms.iter().map(|zoom| format!("zoom {zoom}, best")));
    head(title, &columns);
    for (contender, time) in contenders.iter().zip(times) {
        let [least, middle] = factor(&times[PEER], time, |_| true);
        let milliseconds = sums(time, |_| true).iter().map(|time| 1e3 * time).collect();
        let all = format!("{:.1}", 1e3 * best(time, |_| true));
        let mut cells = vec![contender.name.to_owned(), all, spread(milliseconds, 1), least, middle];
        cells.extend(zooms.iter().map(|&zoom| {
            let [least, _] = factor(&times[PEER], time, |tile| tiles[tile].zoom == zoom);
            least
        }));
        row(&cells);
    }
}

/// Decoding everything, and decoding one column.
pub fn decode(tiles: &[Tile], rounds: usize) {
    let times = measure(&DECODE, tiles, rounds);
    let comparable = corpus::path("omt").is_some();
    let zooms = if comparable { CASE_STUDY.map(|(zoom, _)| zoom).to_vec() } else { Vec::new() };
    let title = format!("Decoding all of {} tiles, one core, {rounds} rounds", tiles.len());
    table(&title, &DECODE, tiles, &times, &zooms);
    if comparable {
        let mut cells = vec!["COVTiles case study, in JavaScript".to_owned()];
        cells.extend(["–"; 4].map(str::to_owned));
        cells.extend(CASE_STUDY.iter().map(|(_, factor)| factor.to_string()));
        row(&cells);
    }

    let (layer, column) = common::ONE_COLUMN;
    let times = measure(&ONE_COLUMN, tiles, rounds);
    table(&format!("Decoding one column, `{column}` of `{layer}`"), &ONE_COLUMN, tiles, &times, &[]);
}

/// Encoding, from MVT bytes to COVT bytes.
pub fn encode(tiles: &[Tile], rounds: usize) {
    let times = measure(&ENCODE, tiles, rounds);
    let megabytes = tiles.iter().map(|tile| tile.mvt.len()).sum::<usize>() as f64 / 1e6;
    head(
        &format!("From MVT to COVT, one core, {rounds} rounds: MB of MVT a second"),
        &["", "best", "median (quartiles)"],
    );
    for (contender, time) in ENCODE.iter().zip(&times) {
        let rates = sums(time, |_| true).iter().map(|time| megabytes / time).collect();
        let best = megabytes / best(time, |_| true);
        row(&[contender.name.to_owned(), format!("{best:.1}"), spread(rates, 1)]);
    }
}
