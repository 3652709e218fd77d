//! `covt serve`: tilesets and datasets of points over HTTP.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, Error, Result};
use covt::points::{Delimiter, LoadReport, Progress};
use covt::serve::{
    Age, Bytes, Config, Count, DatasetConfig, Event, GridLimit, Host, LimitSettings, Origin, Patience, Port,
    PublicUrl, Server, Settings, Threads,
};
use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use tracing_subscriber::EnvFilter;

use super::encoding::Profile;
use super::report;

const BAR: &str = "{msg} {bar:30} {percent} %";

/// Serve tilesets and points as tiles, MVT and COVT, with a page to look at them
///
/// Tilesets (MBTiles, PMTiles, folders; MVT or COVT) are served in both formats; rows (CSV, Parquet and
/// GeoParquet, Arrow, newline-delimited GeoJSON, and what `covt index` writes) are filtered and aggregated
/// as each request asks for. Everything that can be said here can stand in a file (--config) and in environment variables as well: --max-age 60 is
/// max-age = 60 in the file and COVT_MAX_AGE=60 in the environment, --limit-queue is queue under
/// [limits] and COVT_LIMITS_QUEUE. The command line counts first, then the environment, then the file.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  covt serve points.parquet trips.csv basemap.pmtiles
  covt serve --x lon_dest --y lat_dest --columns fare,kind trips.csv.gz
  covt serve roads=streets.pmtiles planet-covt.pmtiles --port 8080
  covt serve --config covt.toml
  covt serve --config covt.toml --check-config")]
pub struct Args {
    /// What to serve, the first of which also stands at /tiles/: PATH, or NAME=PATH to give it a name
    #[arg(value_name = "[NAME=]PATH")]
    datasets: Vec<DatasetConfig>,
    /// A configuration file, TOML
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Only check the configuration and that datasets are there
    #[arg(long)]
    check_config: bool,
    /// The address to listen on; 0.0.0.0 for whoever can reach this machine [default: 127.0.0.1]
    #[arg(long, value_name = "ADDRESS")]
    host: Option<Host>,
    /// The port; 0 for any that is free [default: 3000]
    #[arg(short, long, value_name = "N", allow_negative_numbers = true)]
    port: Option<Port>,
    /// What URLs in answers begin with [default: what the request was sent to]
    #[arg(long, value_name = "URL")]
    public_url: Option<PublicUrl>,
    /// Believe X-Forwarded-Proto, -Host and -Prefix, which a proxy sets
    #[arg(long)]
    behind_proxy: bool,
    /// Origins of pages that may read answers [default: *]
    #[arg(long, value_name = "ORIGINS", value_delimiter = ',')]
    cors: Option<Vec<Origin>>,
    /// How many bytes of tiles to keep, as 64 MiB or 2 GB [default: 512 MiB]
    #[arg(long, value_name = "BYTES", allow_negative_numbers = true)]
    cache: Option<Bytes>,
    /// How long clients may keep tiles [default: 60]
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    max_age: Option<Age>,
    /// How COVT is encoded where it has to be [default: fast]
    #[arg(long, value_enum)]
    profile: Option<Profile>,
    /// How many threads make tiles [default: as many as there are cores]
    #[arg(short, long, value_name = "N", allow_negative_numbers = true)]
    threads: Option<Threads>,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    columns: ColumnArgs,
}

#[derive(clap::Args)]
#[command(next_help_heading = "Limits")]
struct LimitArgs {
    /// Connections at a time; further ones wait [default: 4096]
    #[arg(long = "limit-connections", value_name = "N", allow_negative_numbers = true)]
    connections: Option<Count>,
    /// Tiles that wait to be made; further ones are refused with 503 [default: 2048]
    #[arg(long = "limit-queue", value_name = "N", allow_negative_numbers = true)]
    queue: Option<Count>,
    /// Bytes of a query [default: 8192]
    #[arg(long = "limit-query", value_name = "BYTES", allow_negative_numbers = true)]
    query: Option<Bytes>,
    /// Seconds that making a tile may take [default: 30]
    #[arg(long = "limit-seconds", value_name = "N", allow_negative_numbers = true)]
    seconds: Option<Patience>,
    /// Rows that a request may ask for in one tile [default: 2000000]
    #[arg(long = "limit-rows", value_name = "N", allow_negative_numbers = true)]
    rows: Option<Count>,
    /// Cells along an edge of a tile that a request may ask for [default: 512]
    #[arg(long = "limit-grid", value_name = "N", allow_negative_numbers = true)]
    grid: Option<GridLimit>,
}

#[derive(clap::Args)]
#[command(next_help_heading = "Columns of the files of rows that are named here")]
struct ColumnArgs {
    /// The column of longitudes [default: lon, lng, longitude or x]
    #[arg(long, value_name = "COLUMN")]
    x: Option<String>,
    /// The column of latitudes [default: lat, latitude or y]
    #[arg(long, value_name = "COLUMN")]
    y: Option<String>,
    /// The column of geometries
    #[arg(long, value_name = "COLUMN")]
    geometry: Option<String>,
    /// The column of ids
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,
    /// The columns to load [default: all]
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    columns: Option<Vec<String>>,
    /// What separates the cells of CSV [default: what it looks like]
    #[arg(long, value_name = "CHARACTER")]
    delimiter: Option<Delimiter>,
}

pub fn run(args: Args) -> Result<()> {
    let check = args.check_config;
    let file = match &args.config {
        Some(path) => Settings::read(path).map_err(Error::msg)?,
        None => Settings::default(),
    };
    let environment = Settings::from_environment(std::env::vars()).map_err(Error::msg)?;
    let config = settings(args).or(environment).or(file).finish().map_err(Error::msg)?;
    config.check().map_err(Error::msg)?;
    if check {
        let count = config.datasets.len();
        println!("The configuration is fine: {count} dataset{}", if count == 1 { "" } else { "s" });
        return Ok(());
    }
    serve(config)
}

/// Serves until the process is interrupted.
pub fn serve(config: Config) -> Result<()> {
    log();
    let server = start(config)?;
    let mut stdout = io::stdout().lock();
    // Whoever started the server with port 0 reads here where it is.
    writeln!(stdout, "http://{}", server.address())
        .and_then(|()| stdout.flush())
        .context("cannot write to standard output")?;
    drop(stdout);
    server.run().map_err(Error::msg)
}

/// Opens all datasets, and says what happens.
fn start(config: Config) -> Result<Server> {
    let bar = ProgressBar::no_length();
    bar.set_style(ProgressStyle::with_template(BAR).expect("a valid template"));
    let events = |event: Event<'_>| match event {
        Event::Loading { name, progress: Progress { stage, done, total } } => {
            bar.set_message(format!("{name}: {}", stage.name()));
            bar.set_length(total.max(done));
            bar.set_position(done);
        }
        Event::Loaded { name, report } => bar.suspend(|| loaded(name, report)),
        Event::Opened { name, what, count } => {
            let count = count.map(|count| format!("{} ", HumanCount(count))).unwrap_or_default();
            bar.suspend(|| report::note(&format!("{name}: {count}{what}")));
        }
        _ => {}
    };
    let server = Server::start(config, &events).map_err(Error::msg);
    bar.finish_and_clear();
    server
}

/// Says what was left out of a dataset.
fn loaded(name: &str, read: &LoadReport) {
    if read.bad > 0 {
        let count = HumanCount(read.bad);
        report::note(&format!("{name}: {count} bad rows left out, such as"));
        for example in &read.examples {
            report::note(&format!("  {example}"));
        }
    }
    for line in &read.notes {
        report::note(&format!("{name}: {line}"));
    }
}

/// What goes wrong goes to standard error; `COVT_LOG=debug` shows every request.
fn log() {
    let filter = EnvFilter::try_from_env("COVT_LOG").unwrap_or_else(|_| EnvFilter::new("covt=info"));
    // A second server of one process has its log already.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).try_init();
}

/// What the command line says.
fn settings(args: Args) -> Settings {
    let ColumnArgs { x, y, geometry, id, columns, delimiter } = args.columns;
    let columns = DatasetConfig { x, y, geometry, id, columns, delimiter, ..DatasetConfig::default() };
    let datasets = args.datasets.into_iter();
    let datasets =
        datasets.map(|DatasetConfig { name, path, .. }| DatasetConfig { name, path, ..columns.clone() });
    let LimitArgs { connections, queue, query, seconds, rows, grid } = args.limits;
    Settings {
        host: args.host,
        port: args.port,
        public_url: args.public_url,
        behind_proxy: args.behind_proxy.then_some(true),
        cors: args.cors,
        cache: args.cache,
        max_age: args.max_age,
        profile: args.profile.map(Into::into),
        threads: args.threads,
        limits: LimitSettings { connections, queue, query, seconds, rows, grid },
        datasets: datasets.collect(),
    }
}
