//! `covt demo --serve`: the tileset of the demo and generated points, on a page.

use std::path::PathBuf;

use anyhow::{Error, Result, anyhow};
use covt::serve::{DatasetConfig, Settings};
use covt::testing::generate::trips_file::write_trips;

use super::Args;
use super::files::Files;
use crate::cli::report::note;
use crate::cli::serve;

const ROWS: usize = 1_000_000;

/// Serves until the process is interrupted.
pub fn run(args: &Args, files: &Files) -> Result<()> {
    let trips = args.out.join("trips.parquet");
    note("Generating a million points");
    write_trips(&trips, ROWS, args.seed, &|_| ())
        .map_err(|error| anyhow!("cannot write {}: {error}", trips.display()))?;
    let dataset = |name: &str, path: PathBuf| -> Result<DatasetConfig> {
        Ok(DatasetConfig { name: Some(name.parse().map_err(Error::msg)?), path, ..DatasetConfig::default() })
    };
    let datasets = vec![dataset("trips", trips)?, dataset("land", files.small.clone())?];
    let settings = Settings { port: Some(args.port), datasets, ..Settings::default() };
    serve::serve(settings.finish().map_err(Error::msg)?)
}
