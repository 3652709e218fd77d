//! How long tiles take.

use std::time::{Duration, Instant};

use covt::Profile;
use covt::testing::corpus;
use covt::tileset::decompress;

use super::{Tile, common, head, median, peers, row};

/// What is done with a tile.
struct Contender {
    name: String,
    run: Box<dyn Fn(&Tile)>,
}

fn contender(name: &str, run: impl Fn(&Tile) + 'static) -> Contender {
    Contender { name: name.to_owned(), run: Box::new(run) }
}

const PEER: usize = 0;

fn decoders() -> Vec<Contender> {
    let mut all = vec![
        contender("MVT, fast-mvt", |tile| common::fast_mvt(&tile.mvt)),
        contender("MVT, fast-mvt, after gunzip", |tile| common::fast_mvt(&decompress(&tile.gzip).unwrap())),
        contender("MVT, fast-mvt, geometry left as commands", |tile| common::fast_mvt_commands(&tile.mvt)),
        contender("MVT, `mvt::read`", |tile| common::read_mvt(&tile.mvt)),
    ];
    all.extend(peers().into_iter().enumerate().map(|(number, peer)| {
        let name = peer.name().to_owned();
        contender(&name, move |tile| peer.decode(&tile.peers[number]).expect("a tile just made"))
    }));
    all.push(contender("COVT fast", |tile| common::decode(&tile.covt[0])));
    all.push(contender("COVT small", |tile| common::decode(&tile.covt[1])));
    all
}

fn readers_of_one_column() -> Vec<Contender> {
    vec![
        contender("MVT, fast-mvt", |tile| common::fast_mvt_one_column(&tile.mvt)),
        contender("COVT fast", |tile| common::decode_one_column(&tile.covt[0])),
        contender("COVT small", |tile| common::decode_one_column(&tile.covt[1])),
    ]
}

fn encoders() -> Vec<Contender> {
    let mut all: Vec<_> = peers()
        .into_iter()
        .map(|peer| {
            let name = peer.name().to_owned();
            contender(&name, move |tile| drop(peer.encode(&tile.mvt)))
        })
        .collect();
    all.push(contender("COVT fast", |tile| drop(common::encode(&tile.mvt, Profile::Fast))));
    all.push(contender("COVT small", |tile| drop(common::encode(&tile.mvt, Profile::Small))));
    all
}

/// By how much decoding was faster than MVT in the COVTiles case study, by zoom level.
const CASE_STUDY: [(u8, f64); 2] = [(4, 2.36), (5, 2.74)];

/// Times in seconds: `[contender][round][tile]`.
type Times = Vec<Vec<Vec<f64>>>;

/// In every round every contender takes all tiles, as a program does that reads one format, and then the next one
/// does, so that whatever else the machine does meets all of them; who comes first changes from round to round.
fn measure(contenders: &[Contender], tiles: &[Tile], rounds: usize) -> Times {
    let mut times = vec![vec![vec![0.0; tiles.len()]; rounds]; contenders.len()];
    // One round more, the first, to warm up.
    for round in 0..=rounds {
        for turn in 0..contenders.len() {
            let who = (turn + round) % contenders.len();
            for (number, tile) in tiles.iter().enumerate() {
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
        let mut cells = vec![contender.name.clone(), all, spread(milliseconds, 1), least, middle];
        cells.extend(zooms.iter().map(|&zoom| {
            let [least, _] = factor(&times[PEER], time, |tile| tiles[tile].zoom == zoom);
            least
        }));
        row(&cells);
    }
}

/// Decoding everything, and decoding one column.
pub fn decode(tiles: &[Tile], rounds: usize) {
    let readers = decoders();
    let times = measure(&readers, tiles, rounds);
    let comparable = corpus::path("omt").is_some();
    let zooms = if comparable { CASE_STUDY.map(|(zoom, _)| zoom).to_vec() } else { Vec::new() };
    let title = format!("Decoding all of {} tiles, one core, {rounds} rounds", tiles.len());
    table(&title, &readers, tiles, &times, &zooms);
    if comparable {
        let mut cells = vec!["COVTiles case study, in JavaScript".to_owned()];
        cells.extend(["–"; 4].map(str::to_owned));
        cells.extend(CASE_STUDY.iter().map(|(_, factor)| factor.to_string()));
        row(&cells);
    }

    let (layer, column) = common::ONE_COLUMN;
    let readers = readers_of_one_column();
    let times = measure(&readers, tiles, rounds);
    table(&format!("Decoding one column, `{column}` of `{layer}`"), &readers, tiles, &times, &[]);
}

/// Encoding, from the bytes of MVT.
pub fn encode(tiles: &[Tile], rounds: usize) {
    let encoders = encoders();
    let times = measure(&encoders, tiles, rounds);
    let megabytes = tiles.iter().map(|tile| tile.mvt.len()).sum::<usize>() as f64 / 1e6;
    head(
        &format!("From MVT, one core, {rounds} rounds: MB of MVT a second"),
        &["", "best", "median (quartiles)"],
    );
    for (contender, time) in encoders.iter().zip(&times) {
        let rates = sums(time, |_| true).iter().map(|time| megabytes / time).collect();
        let best = megabytes / best(time, |_| true);
        row(&[contender.name.clone(), format!("{best:.1}"), spread(rates, 1)]);
    }
}
