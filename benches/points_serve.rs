//! Tiles of generated points: loading, indexing, and every kind of request at every zoom.
//!
//! ```sh
//! cargo bench --features points --bench points_serve -- [ROWS] [--index FILE] [--parquet FILE] [--tiles Z/X/Y,…]
//! ```
//!
//! Makes ROWS trips (1,000,000 without), writes them to Parquet, loads that, and asks for tiles along walks
//! from the whole world into places where there are points, as people zoom in. Every tile is made anew. With
//! `--index` the index is written there, mapped, and asked in place of what was loaded. With `--tiles` only these
//! are made, aggregated to 128 × 128 cells and as rows: what `tools/compare-points` asks others for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use covt::TileCoord;
use covt::points::{Cancel, Dataset, LoadOptions, QueryLimits};
use covt::testing::Random;
use covt::testing::generate::trips::{Trip, trips};
use covt::testing::generate::trips_file::write_trips;

/// Kinds of requests.
const KINDS: [(&str, &[(&str, &str)]); 8] = [
    ("plain", &[]),
    ("aggregated", &[("agg", "count,sum:amount,mean:amount,min:amount,max:amount")]),
    ("by category", &[("agg", "count,sum:amount,mean:speed"), ("by", "kind")]),
    ("grid 128", &[("agg", "count,sum:amount,mean:amount,min:amount,max:amount"), ("grid", "128")]),
    ("filtered by number", &[("filter", "amount > 60"), ("agg", "count,sum:amount")]),
    ("filtered by category", &[("filter", "kind = 'tram'"), ("agg", "count,mean:speed")]),
    ("filtered, plain", &[("filter", "passengers >= 3 AND time > TIMESTAMP('2024-07-01T00:00:00Z')")]),
    ("median", &[("agg", "median:amount")]),
];
const ZOOMS: [u8; 10] = [0, 1, 2, 4, 6, 8, 10, 12, 14, 18];
const WALKS: usize = 30;

fn main() {
    let mut rows = 1_000_000;
    let (mut index, mut parquet, mut tiles) = (None, None, None);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--index" => index = args.next().map(PathBuf::from),
            "--parquet" => parquet = args.next().map(PathBuf::from),
            "--tiles" => tiles = args.next(),
            "--bench" => {}
            number => rows = number.replace([',', '_'], "").parse().expect("a number of rows"),
        }
    }
    let folder = std::env::temp_dir().join(format!("covt-points-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the points");
    let dataset = prepare(rows, &folder, index.as_deref(), parquet.as_deref());
    match tiles {
        Some(tiles) => tiles.split(',').for_each(|tile| compared(&dataset, tile)),
        None => {
            measure(&dataset);
            whole(&dataset);
        }
    }
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}

/// The dataset, and how long it took to have it.
fn prepare(rows: usize, folder: &Path, index: Option<&Path>, parquet: Option<&Path>) -> Dataset {
    if let Some(index) = index.filter(|index| index.exists()) {
        return open(index);
    }
    let file = parquet.map_or_else(|| folder.join("trips.parquet"), Path::to_owned);
    if !file.exists() {
        write_trips(&file, rows, 1, &|_| ()).expect("a file of points");
    }
    let start = Instant::now();
    let (dataset, report) = Dataset::load(&file, &LoadOptions::default(), &|_| ()).expect("points");
    let seconds = start.elapsed().as_secs_f64();
    let bytes = dataset.column_bytes() as f64;
    println!(
        "loaded {} rows from Parquet in {seconds:.2} s, {:.0} rows/s; {:.1} bytes/row; peak memory {:.2} × that",
        report.rows,
        report.rows as f64 / seconds,
        bytes / report.rows as f64,
        peak().map_or(f64::NAN, |peak| peak as f64 / bytes),
    );
    let Some(index) = index else { return dataset };
    let start = Instant::now();
    dataset.write(index, covt::tileset::Existing::Keep, &|_| ()).expect("an index");
    let size = index.metadata().expect("a file").len() as f64;
    println!(
        "wrote the index in {:.2} s, {:.1} bytes/row; peak memory {:.2} × columns",
        start.elapsed().as_secs_f64(),
        size / report.rows as f64,
        peak().map_or(f64::NAN, |peak| peak as f64 / bytes),
    );
    drop(dataset);
    open(index)
}

fn open(index: &Path) -> Dataset {
    let start = Instant::now();
    let (dataset, report) = Dataset::load(index, &LoadOptions::default(), &|_| ()).expect("an index");
    println!("opened {} rows in {:.3} s", report.rows, start.elapsed().as_secs_f64());
    dataset
}

/// The most memory the process has had, in bytes.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib << 10)
}

/// Tiles along walks, of each kind and zoom.
fn measure(dataset: &Dataset) {
    let walks: Vec<[f64; 2]> = {
        let mut random = Random::from_seed(9);
        let mut all = trips(1);
        (0..WALKS)
            .map(|_| all.nth(random.index(500)).expect("without end"))
            .map(|trip| on_map(&trip))
            .collect()
    };
    println!(
        "\n{:22} {:>4} {:>8} {:>8} {:>8} {:>8} {:>8} {:>10}",
        "ms", "zoom", "p50", "p95", "p99", "COVT", "MVT", "features"
    );
    for (kind, pairs) in KINDS {
        let pairs: Vec<(String, String)> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let query = dataset.query(&pairs, &QueryLimits::default()).expect("a request");
        let mut worst = Duration::ZERO;
        for zoom in ZOOMS {
            let tiles: std::collections::BTreeSet<[u32; 2]> =
                walks.iter().map(|at| at.map(|at| (at * f64::from(1u32 << zoom)) as u32)).collect();
            let mut times = Vec::new();
            let (mut covt, mut mvt, mut features, mut all) = (Duration::ZERO, Duration::ZERO, 0, 0);
            for [x, y] in tiles.iter().cycle().take(tiles.len().max(10)) {
                let tile = TileCoord::new(zoom, *x, *y).expect("a tile");
                let start = Instant::now();
                let answer = dataset.tile(tile, &query, &Cancel::new()).expect("a tile");
                let made = start.elapsed();
                let bytes = answer.to_covt().expect("a tile");
                let whole = start.elapsed();
                std::hint::black_box(bytes);
                let start = Instant::now();
                std::hint::black_box(answer.to_mvt().expect("a tile"));
                mvt += start.elapsed();
                covt += whole - made;
                features = features.max(answer.features());
                all += 1;
                times.push(whole);
            }
            times.sort();
            let at =
                |part: f64| times[((times.len() - 1) as f64 * part).round() as usize].as_secs_f64() * 1e3;
            let mean = |sum: Duration| sum.as_secs_f64() * 1e3 / f64::from(all);
            println!(
                "{kind:22} {zoom:4} {:8.2} {:8.2} {:8.2} {:8.2} {:8.2} {features:10}",
                at(0.5),
                at(0.95),
                at(0.99),
                mean(covt),
                mean(mvt)
            );
            worst = worst.max(times[times.len() - 1]);
        }
        println!("{kind:22} worst {:.2}\n", worst.as_secs_f64() * 1e3);
    }
}

/// One tile, best of five: aggregated, filtered and aggregated, and as rows, if they are not too many.
fn compared(dataset: &Dataset, name: &str) {
    let parts: Vec<u32> = name.split('/').map(|part| part.parse().expect("z/x/y")).collect();
    let tile = TileCoord::new(parts[0] as u8, parts[1], parts[2]).expect("a tile");
    let kinds: [(&str, &[(&str, &str)]); 3] = [
        ("aggregated", &[("agg", "count,sum:amount,mean:speed"), ("grid", "128")]),
        ("filtered", &[("agg", "count,sum:amount,mean:speed"), ("grid", "128"), ("filter", "amount > 60")]),
        ("rows", &[("limit", "1500000"), ("properties", "amount,passengers")]),
    ];
    for (kind, pairs) in kinds {
        let pairs: Vec<(String, String)> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let query = dataset.query(&pairs, &QueryLimits::default()).expect("a request");
        let (mut covt, mut mvt) = (f64::INFINITY, f64::INFINITY);
        let mut answer = None;
        for _ in 0..5 {
            let start = Instant::now();
            let made = dataset.tile(tile, &query, &Cancel::new()).expect("a tile");
            let layer = start.elapsed();
            std::hint::black_box(made.to_covt().expect("a tile"));
            covt = covt.min(start.elapsed().as_secs_f64());
            let start = Instant::now();
            std::hint::black_box(made.to_mvt().expect("a tile"));
            mvt = mvt.min((layer + start.elapsed()).as_secs_f64());
            answer = Some(made);
        }
        let answer = answer.expect("made five times");
        if kind == "rows" && answer.aggregated {
            continue;
        }
        println!(
            "covt\t{name}\t{kind}\t{}\t{}\tCOVT {:.1} ms\tMVT {:.1} ms",
            answer.rows,
            answer.features(),
            covt * 1e3,
            mvt * 1e3
        );
    }
}

fn on_map(trip: &Trip) -> [f64; 2] {
    let sine = trip.latitude.to_radians().sin();
    let y = 0.5 - ((1.0 + sine) / (1.0 - sine)).ln() / (4.0 * std::f64::consts::PI);
    [trip.longitude / 360.0 + 0.5, y].map(|at| at.clamp(0.0, 0.999_999_999))
}

/// One tile of all rows, up to a million, with id and two columns of numbers.
fn whole(dataset: &Dataset) {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let pairs = [pair("properties", "amount,passengers"), pair("limit", "1200000")];
    let query = dataset.query(&pairs, &QueryLimits::default()).expect("a request");
    let mut sizes = BTreeMap::new();
    for zoom in 0..8u8 {
        for at in 0..1u32 << (2 * zoom) {
            let tile = TileCoord::new(zoom, at >> zoom, at & ((1 << zoom) - 1)).expect("a tile");
            let answer = dataset.tile(tile, &query, &Cancel::new()).expect("a tile");
            if !answer.aggregated {
                sizes.insert(answer.rows, tile);
            }
        }
        if sizes.last_key_value().is_some_and(|(rows, _)| *rows > 500_000) {
            break;
        }
    }
    let Some((rows, tile)) = sizes.pop_last() else { return };
    for _ in 0..3 {
        let start = Instant::now();
        let answer = dataset.tile(tile, &query, &Cancel::new()).expect("a tile");
        let made = start.elapsed();
        let covt = answer.to_covt().expect("a tile");
        let covt_time = start.elapsed();
        let start = Instant::now();
        let mvt = answer.to_mvt().expect("a tile");
        let mvt_time = start.elapsed() + made;
        println!(
            "{rows} rows of tile {tile}: layer {:.0} ms, COVT {:.0} ms in all, {} bytes; MVT {:.0} ms in all, {} bytes",
            made.as_secs_f64() * 1e3,
            covt_time.as_secs_f64() * 1e3,
            covt.len(),
            mvt_time.as_secs_f64() * 1e3,
            mvt.len()
        );
    }
}
