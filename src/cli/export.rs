//! `covt export`: a layer of a tileset as a table.

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};
use clap::ValueEnum;
use covt::MAX_ZOOM;
use covt::arrow::Crs;
use covt::export::{ExportOptions, ExportProgress, Format, export};
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
  covt export city.pmtiles --layer place --zoom 12 -o places.geojsonl")]
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
    /// What the coordinates are
    #[arg(long, value_enum, default_value_t = CrsName::Degrees)]
    crs: CrsName,
    /// What to write [default: by the name of the output, .parquet, .arrow or .geojsonl]
    #[arg(long, value_enum)]
    format: Option<FormatName>,
    /// The most rows of a row group or batch
    #[arg(long, value_name = "ROWS", default_value = "65536")]
    group_rows: NonZeroUsize,
    /// How many threads read tiles [default: one per core]
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// The table to write
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
    /// GeoJSON, a feature on each line
    Geojson,
}

pub fn run(args: &Args) -> Result<()> {
    let format = match args.format {
        Some(FormatName::Parquet) => Format::GeoParquet,
        Some(FormatName::Arrow) => Format::Arrow,
        Some(FormatName::Geojson) => Format::GeoJson,
        None => Format::of(&args.output)
            .ok_or_else(|| anyhow!("{} does not tell what to write; --format does", args.output.display()))?,
    };
    let options = ExportOptions {
        select: Selection { zooms: args.zoom.clone().unwrap_or(0..=MAX_ZOOM), bounds: args.bbox },
        columns: args.columns.clone(),
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
    let result = export(&args.input, &args.output, &options, &mut |progress| {
        if !std::mem::replace(&mut started, true) {
            bar = progress_bar(&progress);
        }
        bar.set_position(progress.surveyed + progress.tiles);
        bar.set_message(match progress.tiles {
            0 => "looking for columns".to_owned(),
            _ => format!("{} rows", HumanCount(progress.rows)),
        });
        Ok(())
    });
    bar.finish_and_clear();
    let summary = result?;
    if !args.quiet {
        let seconds = summary.elapsed.as_secs_f64();
        let [rows, tiles, groups] = [summary.rows, summary.tiles, summary.groups].map(HumanCount);
        let rate = HumanCount((summary.rows as f64 / seconds.max(1e-6)) as u64);
        let text = format!(
            "{rows} rows of {tiles} tiles in {groups} groups, {seconds:.2} s, {rate} rows a second\n{}\n",
            super::report::printable(&summary.fields.join(", "))
        );
        io::stdout().write_all(text.as_bytes()).context("cannot write to standard output")?;
    }
    Ok(())
}

/// A bar on standard error, if that is a terminal; every tile counts twice.
fn progress_bar(progress: &ExportProgress) -> ProgressBar {
    let (bar, template) = match progress.of {
        Some(tiles) => (ProgressBar::new(2 * tiles), "{bar:20} {percent} %, {eta} left, {msg}"),
        None => (ProgressBar::new_spinner(), "{spinner} {human_pos} tiles, {msg}"),
    };
    bar.with_style(ProgressStyle::with_template(template).expect("a valid template"))
}
