//! `covt export`: a layer of a tileset as a table.

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};
use clap::ValueEnum;
use covt::MAX_ZOOM;
use covt::arrow::{Crs, Predicate};
use covt::export::{ExportOptions, ExportProgress, Format, LeftOut, export, export_to};
use covt::tileset::{GeoBounds, Selection};
use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use super::convert::parse_zooms;
use super::files;

/// Write a layer of a tileset as a table: GeoParquet, Arrow IPC or GeoJSON
///
/// A row for each feature of each tile, in the order of the tiles, with columns z, x and y for the
/// tile, id, geometry, bbox and the properties. A feature at the border of a tile is cut there and
/// stands in several tiles, and in those of all zooms: --zoom picks one.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  covt export city.mbtiles --layer roads --zoom 14 -o roads.parquet
  covt export city.pmtiles --layer place --zoom 12 --columns name,class -o places.arrow
  covt export tiles/ --layer water --zoom 10 --crs mercator -o water.parquet
  covt export city.pmtiles --layer place --zoom 12 -o places.geojsonl
  covt export city.pmtiles --layer place --zoom 12 --filter 'population > 10000' -o towns.parquet
  covt export city.pmtiles --layer place --zoom 12 -o - | python3 query.py")]
pub struct Args {
    /// The tileset: an MBTiles file, a PMTiles archive or a folder, MVT or COVT
    input: PathBuf,
    /// The layer
    #[arg(long, value_name = "NAME")]
    layer: String,
    /// Only tiles of this zoom or these zooms
    #[arg(long, value_name = "MIN-MAX", value_parser = parse_zooms)]
    zoom: Option<RangeInclusive<u8>>,
    /// Only tiles that touch this box, in degrees; they stay whole
    #[arg(long, value_name = "W,S,E,N", value_parser = GeoBounds::parse, allow_hyphen_values = true)]
    bbox: Option<GeoBounds>,
    /// Only these properties
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    columns: Option<Vec<String>>,
    /// Only features of which this is true, in CQL2: class IN ('motorway', 'trunk') AND ref IS NOT NULL
    #[arg(long, value_name = "CONDITION", value_parser = Predicate::from_cql2)]
    filter: Option<Predicate>,
    /// What the coordinates are
    #[arg(long, value_enum, default_value_t = CrsName::Degrees)]
    crs: CrsName,
    /// What to write [default: by the name of the output, .parquet, .arrow, .arrows or .geojsonl;
    /// arrow-stream to standard output]
    #[arg(long, value_enum)]
    format: Option<FormatName>,
    /// The most rows of a row group or batch
    #[arg(long, value_name = "ROWS", default_value = "65536")]
    group_rows: NonZeroUsize,
    /// How many threads read tiles [default: one per core]
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// The table to write; - for standard output
    #[arg(short, long)]
    output: PathBuf,
    /// Replace the output if it exists
    #[arg(short, long)]
    force: bool,
    /// Say nothing but errors
    #[arg(short, long)]
    quiet: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum CrsName {
    /// Longitude and latitude (OGC:CRS84)
    Degrees,
    /// Metres of Web Mercator (EPSG:3857)
    Mercator,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatName {
    /// GeoParquet 1.1
    Parquet,
    /// An Arrow IPC file
    Arrow,
    /// A stream of Arrow IPC
    ArrowStream,
    /// GeoJSON, a feature on each line
    Geojson,
}

pub fn run(args: &Args) -> Result<()> {
    let to_stdout = files::is_dash(&args.output);
    let format = match args.format {
        Some(FormatName::Parquet) => Format::GeoParquet,
        Some(FormatName::Arrow) => Format::Arrow,
        Some(FormatName::ArrowStream) => Format::ArrowStream,
        Some(FormatName::Geojson) => Format::GeoJson,
        None if to_stdout => Format::ArrowStream,
        None => Format::of(&args.output)
            .ok_or_else(|| anyhow!("{} does not tell what to write; --format does", args.output.display()))?,
    };
    let options = ExportOptions {
        select: Selection { zooms: args.zoom.clone().unwrap_or(0..=MAX_ZOOM), bounds: args.bbox },
        columns: args.columns.clone(),
        filter: args.filter.clone(),
        crs: match args.crs {
            CrsName::Degrees => Crs::LonLat,
            CrsName::Mercator => Crs::Mercator,
        },
        group_rows: args.group_rows.get(),
        jobs: args.jobs,
        existing: files::existing(args.force),
        ..ExportOptions::new(&args.layer, format)
    };
    let mut bar = ProgressBar::hidden();
    let mut started = args.quiet;
    let mut observe = |progress: ExportProgress| {
        if !std::mem::replace(&mut started, true) {
            bar = progress_bar(&progress);
        }
        bar.set_position(progress.surveyed + progress.tiles);
        bar.set_message(match progress.tiles {
            0 => "looking for columns".to_owned(),
            _ => format!("{} rows", HumanCount(progress.rows)),
        });
        Ok(())
    };
    let result = match to_stdout {
        true => export_to(&args.input, io::stdout(), &options, &mut observe),
        false => export(&args.input, &args.output, &options, &mut observe),
    };
    bar.finish_and_clear();
    let summary = result?;
    if !args.quiet {
        let seconds = summary.elapsed.as_secs_f64();
        let [rows, tiles, groups] = [summary.rows, summary.tiles, summary.groups].map(HumanCount);
        let rate = HumanCount((summary.rows as f64 / seconds.max(1e-6)) as u64);
        let mut text = format!(
            "{rows} rows of {tiles} tiles in {groups} groups, {seconds:.2} s, {rate} rows a second\n{}\n",
            super::report::printable(&summary.fields.join(", "))
        );
        if args.filter.is_some() {
            text += &left_out(&summary.left_out);
        }
        match to_stdout {
            true => io::stderr().write_all(text.as_bytes()).context("cannot write to standard error")?,
            false => io::stdout().write_all(text.as_bytes()).context("cannot write to standard output")?,
        }
    }
    Ok(())
}

/// What a filter made unnecessary.
fn left_out(left_out: &LeftOut) -> String {
    let numbers = [left_out.by_directory, left_out.by_columns, left_out.features];
    let [directory, columns, features] = numbers.map(HumanCount);
    format!(
        "filter: {directory} layers skipped by their directories, {columns} by the columns it names, \
         {features} features left out of others\n"
    )
}

/// A bar on standard error, if that is a terminal; every tile counts twice.
fn progress_bar(progress: &ExportProgress) -> ProgressBar {
    let (bar, template) = match progress.of {
        Some(tiles) => (ProgressBar::new(2 * tiles), "{bar:20} {percent} %, {eta} left, {msg}"),
        None => (ProgressBar::new_spinner(), "{spinner} {human_pos} tiles, {msg}"),
    };
    bar.with_style(ProgressStyle::with_template(template).expect("a valid template"))
}
