//! `covt index`: points made ready to be served at once.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use covt::points::{Dataset, Delimiter, LoadOptions, LoadReport, Progress, Stage};
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressStyle};

use super::{files, report};

/// Index points, so that they are served without being read again
///
/// Reads CSV (also with gzip), Parquet, GeoParquet, Arrow IPC or GeoJSON with one feature a line, and
/// writes an Arrow IPC file with the rows along a Hilbert curve and statistics of every 64 of them.
/// Opened, it is mapped into memory, which takes less than a second whatever its size. Rows without
/// coordinates on the map are left out and counted.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  covt index places.csv -o places.arrow
  covt index --x start_lon --y start_lat --columns fare,kind,start trips.parquet -o trips.arrow")]
pub struct Args {
    /// The points: CSV, Parquet, Arrow IPC or GeoJSON lines
    input: PathBuf,
    /// The index to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    columns: ColumnArgs,
    /// Replace the output if it exists
    #[arg(short, long)]
    force: bool,
    /// Say nothing but errors
    #[arg(short, long)]
    quiet: bool,
}

/// Where an input has what.
#[derive(clap::Args)]
pub struct ColumnArgs {
    /// The dataset's name [default: the file's]
    #[arg(long)]
    name: Option<String>,
    /// The column of longitudes [default: longitude, lon, lng, long or x]
    #[arg(long, value_name = "COLUMN")]
    x: Option<String>,
    /// The column of latitudes [default: latitude, lat or y]
    #[arg(long, value_name = "COLUMN")]
    y: Option<String>,
    /// The column of geometries, where there are no two columns of coordinates
    #[arg(long, value_name = "COLUMN", conflicts_with_all = ["x", "y"])]
    geometry: Option<String>,
    /// The column of the features' ids [default: the number of the row]
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,
    /// Only these columns
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    columns: Option<Vec<String>>,
    /// What stands between the cells of CSV [default: found out]
    #[arg(long, value_name = "CHARACTER")]
    delimiter: Option<Delimiter>,
}

impl ColumnArgs {
    pub fn options(&self) -> LoadOptions {
        let Self { name, x, y, geometry, id, columns, delimiter } = self;
        LoadOptions {
            name: name.clone(),
            x: x.clone(),
            y: y.clone(),
            geometry: geometry.clone(),
            id: id.clone(),
            columns: columns.clone(),
            delimiter: *delimiter,
        }
    }
}

pub fn run(args: &Args) -> Result<()> {
    ensure!(args.force || !args.output.exists(), "{} exists; --force replaces it", args.output.display());
    let start = Instant::now();
    let bar = Bar::new(args.quiet);
    let (dataset, loaded) =
        Dataset::load(&args.input, &args.columns.options(), &|progress| bar.tell(progress))?;
    dataset.write(&args.output, files::existing(args.force), &|progress| bar.tell(progress))?;
    bar.clear();
    if !args.quiet {
        tell(&loaded);
        let size = args.output.metadata().context("cannot look at the output")?.len();
        let seconds = start.elapsed().as_secs_f64();
        let rows = dataset.len();
        report::note(&format!(
            "{}: {} rows in {seconds:.2} s, {:.0} a second; {}, {:.1} bytes a row",
            shown(&args.output),
            HumanCount(rows as u64),
            rows as f64 / seconds.max(1e-6),
            HumanBytes(size),
            size as f64 / rows.max(1) as f64,
        ));
    }
    Ok(())
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// What was left out, and why.
pub fn tell(loaded: &LoadReport) {
    loaded.notes.iter().for_each(|line| report::note(line));
    if loaded.bad > 0 {
        report::note(&format!("{} rows are left out, such as", HumanCount(loaded.bad)));
        loaded.examples.iter().for_each(|row| report::note(&format!("  {row}")));
    }
}

/// A bar on standard error, unless it is no terminal.
pub struct Bar {
    bar: ProgressBar,
    stage: Mutex<Option<Stage>>,
}

impl Bar {
    pub fn new(quiet: bool) -> Self {
        let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new(0) };
        let style = ProgressStyle::with_template("{msg:10} {wide_bar} {percent}% {eta}");
        bar.set_style(style.expect("a template that is one"));
        Self { bar, stage: Mutex::new(None) }
    }

    pub fn tell(&self, progress: Progress) {
        let mut stage = self.stage.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if *stage != Some(progress.stage) {
            *stage = Some(progress.stage);
            self.bar.set_message(progress.stage.name());
            self.bar.reset_eta();
        }
        self.bar.set_length(progress.total);
        self.bar.set_position(progress.done);
    }

    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
