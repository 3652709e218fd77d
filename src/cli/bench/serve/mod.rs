//! `covt bench serve`: how quickly a server answers, cold and cached, to one client and to many.

mod client;
mod kinds;
mod process;
mod report;
mod walk;

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use covt::TileCoord;
use covt::serve::{Count, Number, Patience};
use covt::testing::generate::trips_file::write_trips;
use indicatif::HumanCount;

use self::client::Client;
use self::kinds::{Dataset, Kind};
use self::process::Process;
use self::report::{Report, Times};
use super::super::files;
use super::super::report::note;

/// Clients at once: each is a connection, of which a system has not endlessly many.
type Clients = Number<1, 10_000>;

/// The formats, by their extensions.
const FORMATS: [&str; 2] = ["mvt", "covt"];

/// Measure a server: tiles cold and cached, of every kind of request, to one client and to many
///
/// Starts `covt serve`, walks as people pan and zoom, and tells the time until the last byte of each tile by
/// zoom: cold, when the server has to make it, and cached, when it is asked for again. Then many clients ask
/// for cached tiles at once. Without datasets, trips are generated. Server and client share the machine.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  covt bench serve
  covt bench serve --index --rows 1000000,10000000,100000000 --json serve.json
  covt bench serve city.mbtiles points.parquet")]
pub struct Args {
    /// Datasets, as covt serve takes them
    datasets: Vec<PathBuf>,
    /// How many trips to generate, if no dataset is named; numbers with commas between make several datasets
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "1000000")]
    rows: Vec<Count>,
    /// Index the generated trips, and serve the mapped index
    #[arg(long, conflicts_with = "datasets")]
    index: bool,
    /// How many ways to go from the whole map into a place
    #[arg(long, value_name = "N", default_value = "6")]
    walks: Count,
    /// How many clients ask for cached tiles at once
    #[arg(long, value_name = "N", default_value = "32")]
    clients: Clients,
    /// For how many seconds they ask
    #[arg(long, value_name = "N", default_value = "5")]
    seconds: Patience,
    /// Write everything as JSON to a file; - for standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Replace a file that exists
    #[arg(short, long)]
    force: bool,
}

pub fn run(args: &Args) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("cannot start")?;
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    // All is made before anything is measured, so that no work of one dataset falls into the times of another.
    let folder = tempfile::tempdir().context("there is no place for generated trips")?;
    let wanted = if args.datasets.is_empty() { &args.rows[..] } else { &[] };
    let generated = wanted.iter().map(|rows| generate(folder.path(), rows.get(), args.index));
    let generated = generated.collect::<Result<Vec<_>>>()?;
    let paths = args.datasets.iter().chain(&generated);
    let reports = paths.map(|path| {
        note(&format!("measuring {}", path.display()));
        runtime.block_on(measure(path, args))
    });
    let reports = reports.collect::<Result<Vec<_>>>()?;
    if !args.json.as_deref().is_some_and(files::is_dash) {
        println!(
            "{cores} cores, which server and client share; times in ms until the last byte, no coding. Cold: not in \
             the cache of tiles. Each file was read once before, so that it lies in the system's memory.\n"
        );
        println!("{}", report::text(&reports));
        if cfg!(debug_assertions) {
            println!("This is a build that is not optimised: see cargo build --release");
        }
    }
    if let Some(path) = &args.json {
        let json: serde_json::Value = reports.iter().map(Report::json).collect();
        let json = serde_json::json!({"cores": cores, "datasets": json});
        files::write(path, format!("{json:#}\n").as_bytes(), files::existing(args.force))?;
    }
    Ok(())
}

/// A file of so many trips, or its index.
fn generate(folder: &Path, rows: u64, index: bool) -> Result<PathBuf> {
    let path = folder.join(format!("trips-{rows}.parquet"));
    note(&format!("generating {} trips", HumanCount(rows)));
    write_trips(&path, rows as usize, 1, &|_| ()).map_err(|error| anyhow!("cannot write trips: {error}"))?;
    if !index {
        return Ok(path);
    }
    let index = path.with_extension("arrow");
    let command = std::env::current_exe().context("cannot find this command")?;
    let status = Command::new(command).arg("index").arg(&path).arg("-o").arg(&index).status();
    ensure!(status.context("cannot start covt index")?.success(), "there is no index");
    std::fs::remove_file(path)?;
    Ok(index)
}

/// Reads a file from its first to its last byte, so that the system holds it in its memory as far as it has
/// any. Before, what is still to be written of it is, where the system lets readers ask for that. Of a folder,
/// nothing.
fn warm(path: &Path) -> std::io::Result<()> {
    let mut file = File::open(path)?;
    if file.metadata()?.is_file() {
        let _ = file.sync_all();
        let mut part = vec![0; 1 << 20];
        while file.read(&mut part)? > 0 {}
    }
    Ok(())
}

/// Measures a server of one dataset.
async fn measure(path: &Path, args: &Args) -> Result<Report> {
    warm(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut dataset = OsString::from("data=");
    dataset.push(path);
    let arguments = [dataset, "--cache".into(), "2 GiB".into(), "--limit-rows".into(), "4000000000".into()];
    let server = Process::start(&arguments)?;
    let mut client = Client::connect(server.address).await?;
    let metadata = client.get("/data/metadata.json").await?;
    let metadata = serde_json::from_slice(&metadata.body).context("the metadata cannot be read")?;
    let dataset = kinds::dataset(&metadata)?;
    let catalog: serde_json::Value = serde_json::from_slice(&client.get("/catalog").await?.body)?;
    let count = catalog["tiles"]["data"]["count"].as_u64();
    let name = path.file_name().unwrap_or(path.as_os_str()).display().to_string();
    let mut report = Report::new(name, count, server.start);

    let tiles =
        walk::walk(&mut client, "data", dataset.zooms, args.walks.get() as usize, &dataset.probe).await?;
    ensure!(!tiles.is_empty(), "{}: there are no tiles", path.display());
    for kind in &dataset.kinds {
        for format in FORMATS {
            let times = ask(&mut client, &tiles, kind, format).await?;
            report.add(&kind.name, format, times);
        }
    }
    if dataset.rows && !dataset.numbers.is_empty() {
        whole(&mut client, &dataset, &mut report).await?;
    }
    for format in FORMATS {
        let kind = dataset.kinds.first().context("no kind of request")?;
        let kind = dataset.kinds.iter().find(|kind| kind.name == "aggregated").unwrap_or(kind);
        let rate = flood(server.address, &tiles, kind, format, args).await?;
        report.add_rate(format, rate);
    }
    report.memory = server.memory();
    Ok(report)
}

fn url(coord: TileCoord, kind: &Kind, format: &str) -> String {
    let mark = if kind.query.is_empty() { "" } else { "?" };
    format!("/data/{coord}.{format}{mark}{}", kind.query)
}

/// Asks for all tiles, and once more.
async fn ask(client: &mut Client, tiles: &[TileCoord], kind: &Kind, format: &str) -> Result<Vec<Times>> {
    let mut times = Vec::with_capacity(tiles.len());
    for &coord in tiles {
        let answer = client.get(&url(coord, kind, format)).await?;
        ensure!(answer.made, "{coord} was in the cache before it was asked for");
        let mut tile = Times::new(coord, &answer);
        // Right after, as a browser does that comes back: not the second time that the whole is gone through,
        // by when a small cache has lost it.
        let again = client.get(&url(coord, kind, format)).await?;
        if !again.made {
            tile.cached = Some(again.time);
        }
        times.push(tile);
    }
    Ok(times)
}

/// The tile that holds about a million rows, and all of them sent.
async fn whole(client: &mut Client, dataset: &Dataset, report: &mut Report) -> Result<()> {
    const ROWS: u64 = 1_000_000;
    let mut found = TileCoord::new(0, 0, 0).context("the tile of the world")?;
    let rows = client.get(&format!("/data/{found}.mvt?{}", dataset.probe)).await?.rows;
    let mut rows = rows.unwrap_or_default();
    while rows > ROWS + ROWS / 4 && found.z() < 22 {
        let mut inside = Vec::new();
        for child in walk::children_of(found) {
            let rows = client.get(&format!("/data/{child}.mvt?{}", dataset.probe)).await?.rows;
            inside.push((child, rows.unwrap_or_default()));
        }
        // Where there are more: those that come nearest to a million may lie below.
        let Some(best) = inside.into_iter().max_by_key(|(_, rows)| *rows) else { break };
        (found, rows) = best;
    }
    for format in FORMATS {
        // Several times, each under another name for the same, so that none comes from the cache.
        for round in 0..5 {
            let limit = rows + round;
            let path = format!("/data/{found}.{format}?limit={limit}&properties={}", dataset.numbers);
            let answer = client.get(&path).await?;
            ensure!(answer.made && !answer.aggregated, "{path}: not all rows were made for this request");
            report.add_whole(format, rows, answer.time, answer.bytes);
        }
    }
    Ok(())
}

/// Many clients ask for cached tiles; the times of all of their requests, and how long it took.
async fn flood(
    address: std::net::SocketAddr,
    tiles: &[TileCoord],
    kind: &Kind,
    format: &str,
    args: &Args,
) -> Result<report::Rate> {
    let paths: Arc<Vec<String>> = Arc::new(tiles.iter().map(|&coord| url(coord, kind, format)).collect());
    let mut first = Client::connect(address).await?;
    for path in paths.iter() {
        first.get(path).await?;
    }
    let stop = Arc::new(AtomicBool::new(false));
    let begun = Instant::now();
    let mut clients = Vec::new();
    for number in 0..args.clients.get() as usize {
        let (paths, stop) = (Arc::clone(&paths), Arc::clone(&stop));
        clients.push(tokio::spawn(async move {
            let mut client = Client::connect(address).await?;
            let (mut times, mut bytes) = (Vec::new(), 0u64);
            let mut next = number * 7;
            while !stop.load(Relaxed) {
                let answer = client.get(&paths[next % paths.len()]).await?;
                times.push(answer.time);
                bytes += answer.bytes as u64;
                next += 1;
            }
            anyhow::Ok((times, bytes))
        }));
    }
    tokio::time::sleep(Duration::from_secs(args.seconds.get())).await;
    stop.store(true, Relaxed);
    let (mut times, mut bytes) = (Vec::new(), 0);
    for client in clients {
        let (some, sum) = client.await.context("a client broke down")??;
        times.extend(some);
        bytes += sum;
    }
    let seconds = begun.elapsed().as_secs_f64();
    Ok(report::Rate { clients: args.clients.get() as usize, kind: kind.name.clone(), times, bytes, seconds })
}
