//! How fast whole tilesets are converted, and in how much memory: `cargo bench --bench conversion`.
//!
//! ```text
//! cargo bench --bench conversion -- [--tiles N] [--profile fast|small] [TILESET …]
//! ```
//! Without a tileset it makes one of N generated tiles (default 200,000) and keeps it in `target/`.
//! The command is run as users run it, and what it takes is compared with what as many threads as
//! there are cores take for reading, encoding and dropping tiles that lie in memory: a sample of the same
//! tiles, half of the time before the conversion and half of it afterwards.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::{Duration, Instant};

use covt::testing::generate::tileset::Tileset;
use covt::tileset::{
    Compression, Existing, MbtilesWriter, Metadata, Reader, Selection, TileFormat, decompress, gzip, survey,
};
use covt::{EncodeOptions, Profile, TileCoord, mvt};

/// How many tiles are encoded from memory.
const SAMPLE: usize = 3000;

/// The tiles of a country, as they are stored.
type Country = Vec<(TileCoord, Vec<u8>)>;

struct Args {
    tiles: usize,
    profile: Profile,
    inputs: Vec<PathBuf>,
}

fn arguments() -> Args {
    let mut args = Args { tiles: 200_000, profile: Profile::Small, inputs: Vec::new() };
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    while let Some(word) = words.next() {
        match word.as_str() {
            "--tiles" => {
                args.tiles = words.next().and_then(|n| n.parse().ok()).expect("--tiles needs a number");
            }
            "--profile" => {
                let name = words.next().expect("--profile needs a name");
                args.profile =
                    Profile::ALL.into_iter().find(|profile| profile.name() == name).expect("fast or small");
            }
            _ => args.inputs.push(word.into()),
        }
    }
    args
}

fn main() {
    let args = arguments();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("conversion");
    fs::create_dir_all(&folder).expect("a folder in target/");
    let mut inputs = args.inputs;
    if inputs.is_empty() {
        let path = folder.join(format!("{}.mbtiles", args.tiles));
        if !path.exists() {
            generate(&path, args.tiles);
        }
        inputs.push(path);
    }
    println!(
        "| tileset | tiles | MB of MVT | pure encoding, tiles/s | conversion, tiles/s | MB/s | of pure | peak memory, MB |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|");
    for input in inputs {
        measure(&input, &folder, args.profile);
    }
}

/// Writes a tileset of countries side by side, zooms 11 to 14, as MVT with gzip.
fn generate(path: &Path, tiles: usize) {
    let mut writer = MbtilesWriter::create(path, Existing::Keep).expect("a tileset that can be written");
    let (mut written, next) = (0, AtomicUsize::new(0));
    let (send, made) = sync_channel::<Country>(2 * threads());
    thread::scope(|scope| {
        for _ in 0..threads() {
            let (send, next) = (send.clone(), &next);
            scope.spawn(
                move || while send.send(country(next.fetch_add(1, Ordering::Relaxed) as u32)).is_ok() {},
            );
        }
        // Nobody waits any more when this ends, however it does.
        let made = made;
        while written < tiles {
            for (coord, tile) in made.recv().expect("a country").into_iter().take(tiles - written) {
                writer.write(coord, &tile).expect("a tile that can be written");
                written += 1;
            }
            eprint!("\r{written} tiles made ");
        }
    });
    eprintln!();
    let mut metadata = Metadata::default();
    metadata.set("name", "countries that do not exist");
    metadata.describe(TileFormat::Mvt, Compression::Gzip);
    metadata.set("json", Tileset::new(1).vector_layers_json());
    writer.finish(&metadata).expect("a tileset that can be completed");
}

/// The tiles of a country, moved to a place of its own: its 8 by 16 tiles of zoom 14 touch 2 by 3 of
/// zoom 11, and what lies over the border some more.
fn country(number: u32) -> Country {
    let (column, row) = (number % 100, number / 100);
    let country = Tileset::new(u64::from(number) + 1).with_zooms(11..=14);
    let home = home(&country);
    let tiles = country.tiles().map(|(coord, layers)| {
        let (step, z) = (coord.z() - 11, coord.z());
        let x = coord.x() + ((4 * column + 1) << step) - (home.0 << step);
        let y = coord.y() + ((5 * row + 1) << step) - (home.1 << step);
        (TileCoord::new(z, x, y).expect("on the map"), gzip(&mvt::write(&layers).expect("layers of MVT")))
    });
    tiles.collect()
}

/// The first column and row of zoom 11 that the bounds of a country begin in.
fn home(country: &Tileset) -> (u32, u32) {
    let [west, _, _, north] = country.bounds();
    let side = f64::from(1u32 << 11);
    let across = (west + 1e-4 + 180.0) / 360.0 * side;
    let down = (1.0 - (north - 1e-4).to_radians().tan().asinh() / std::f64::consts::PI) / 2.0 * side;
    (across as u32, down as u32)
}

fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn measure(input: &Path, folder: &Path, profile: Profile) {
    let reader = Reader::open(input).expect("a tileset");
    let all = survey(&reader, &Selection::default(), SAMPLE, 1, 0).expect("a tileset that can be read");
    let sample: Vec<Vec<u8>> = all
        .zooms
        .iter()
        .flat_map(|zoom| &zoom.sample)
        .map(|&(coord, _)| reader.tile(coord).expect("a tile").expect("a tile"))
        .collect();
    let plain: usize = sample.iter().map(|tile| decompress(tile).expect("a tile").len()).sum();
    let stored: usize = sample.iter().map(Vec::len).sum();
    // The sample has more of the larger tiles, so bytes are compared and tiles told by them.
    let mut pure = pure_rate(&sample, plain, profile);
    let output = folder.join("out.pmtiles");
    let _ = fs::remove_file(&output);
    let start = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_covt"))
        .args(["convert", "--quiet", "--to", "covt", "--profile", profile.name()])
        .args([input, &output])
        .stdin(Stdio::null())
        .spawn()
        .expect("the command");
    let peak = watch(&mut child);
    let seconds = start.elapsed().as_secs_f64();
    pure = (pure + pure_rate(&sample, plain, profile)) / 2.0;
    let megabytes = all.bytes() as f64 * plain as f64 / stored as f64 / 1e6;
    let tiles = all.tiles() as f64;
    println!(
        "| {} | {tiles:.0} | {megabytes:.0} | {:.0} | {:.0} | {:.1} | {:.0} % | {peak:.0} |",
        input.file_name().unwrap_or_default().display(),
        pure / megabytes * tiles,
        tiles / seconds,
        megabytes / seconds,
        100.0 * megabytes / seconds / pure
    );
    let _ = fs::remove_file(&output);
}

/// MB of MVT a second from stored tiles in memory to encoded ones, on all cores, for some seconds.
fn pure_rate(sample: &[Vec<u8>], plain: usize, profile: Profile) -> f64 {
    let options = EncodeOptions::new(profile);
    let (mut rounds, start) = (0, Instant::now());
    while rounds == 0 || start.elapsed() < Duration::from_secs(5) {
        let next = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..threads() {
                scope.spawn(|| {
                    while let Some(tile) = sample.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let mvt = decompress(tile).expect("a tile");
                        std::hint::black_box(
                            mvt::to_covt(&mvt, &options).expect("a tile that can be encoded"),
                        );
                    }
                });
            }
        });
        rounds += 1;
    }
    (rounds * plain) as f64 / 1e6 / start.elapsed().as_secs_f64()
}

/// Waits for a process; returns the most memory that it took, in MB, where Linux tells.
fn watch(child: &mut Child) -> f64 {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0.0;
    loop {
        if let Ok(text) = fs::read_to_string(&status)
            && let Some(line) = text.lines().find(|line| line.starts_with("VmHWM:"))
            && let Some(kilobytes) =
                line.split_whitespace().nth(1).and_then(|number| number.parse::<f64>().ok())
        {
            peak = f64::max(peak, kilobytes / 1000.0);
        }
        match child.try_wait().expect("a process") {
            Some(status) => {
                assert!(status.success(), "the conversion failed");
                return peak;
            }
            None => thread::sleep(Duration::from_millis(2)),
        }
    }
}
