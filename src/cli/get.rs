//! `covt get`: some layers and columns of a COVT tile, fetched by ranges.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use covt::remote::{Fetch, Fetched, Index, Local, Ranges, fetch, place_in};
use covt::tileset::PmtilesReader;
use covt::{Budget, EncodeOptions, Layout, Projection, Tile, TileCoord};
use indicatif::HumanCount;

use super::files;
use super::inspect::parse_place;
use super::project::{self, Wanted};
use super::report;
use super::table::Table;

/// Fetch layers and columns of a COVT tile, and nothing else of it
///
/// The tile is a file or a URL, or one of a PMTiles archive there, named by its place z/x/y. First the front
/// of the tile is asked for, which tells where things are, then the bytes of what is wanted, ranges that
/// lie near each other as one. What was fetched is decoded, and told with the number of requests and bytes;
/// the directories of an archive are not counted.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  covt get https://example.org/14/8298/10748.covt --layers water,roads --columns class
  covt get https://example.org/city.pmtiles 14/8298/10748 --layers roads -o roads.covt
  covt get city.pmtiles 14/8298/10748 --columns name --no-geometry
  AWS_REGION=eu-central-1 covt get s3://tiles/city.pmtiles 14/8298/10748 --layers roads")]
pub struct Args {
    /// A COVT tile or a PMTiles archive: a file, or a URL with http, https or s3 (features http and s3)
    #[arg(value_name = "URL")]
    source: PathBuf,
    /// The tile of an archive: zoom, column from the west, row from the north
    #[arg(value_name = "Z/X/Y", value_parser = parse_place)]
    place: Option<TileCoord>,
    #[command(flatten)]
    wanted: Wanted,
    /// Leave out the geometries
    #[arg(long, conflicts_with = "output")]
    no_geometry: bool,
    /// How many bytes to ask for first
    #[arg(long, value_name = "BYTES", default_value_t = Fetch::default().front)]
    front: usize,
    /// Ask for ranges with at most so many bytes between them as one
    #[arg(long, value_name = "BYTES", default_value_t = Fetch::default().gap)]
    gap: usize,
    /// An index of the archive, which `covt tileset index` makes: front and layers are asked for at once
    #[arg(long, value_name = "FILE", requires = "place")]
    index: Option<PathBuf>,
    /// Write what was fetched as a smaller tile; - for standard output
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// Replace the output if it exists
    #[arg(short, long)]
    force: bool,
    /// Say nothing but errors
    #[arg(short, long)]
    quiet: bool,
}

pub fn run(args: &Args) -> Result<()> {
    let name = args.source.display().to_string();
    let (mut source, archive) = open(&args.source, args.place.is_some())?;
    // Some sources have to ask for their size.
    let opened = source.cost().requests;
    let place = match (args.place, &archive) {
        (Some(coord), Some(archive)) => {
            let place = place_in(archive, coord)?;
            Some(place.with_context(|| format!("{name} has no tile {coord}"))?)
        }
        _ => None,
    };
    let wanted = Projection { geometry: !args.no_geometry, ..args.wanted.projection()? };
    let hint = match (&args.index, args.place) {
        (Some(path), Some(coord)) => {
            let cannot_read = || format!("cannot read {}", path.display());
            let bytes = std::fs::read(path).with_context(cannot_read)?;
            Index::read(&bytes, &mut Budget::default()).with_context(cannot_read)?.hint(coord, &wanted)
        }
        _ => None,
    };
    let how = Fetch { front: args.front, gap: args.gap, hint };
    let fetched = fetch(&mut *source, place, &wanted, &how, &mut Budget::default());
    let fetched = fetched.with_context(|| name.clone())?;
    let table = fetched.with_tile(|tile| decode(tile, &wanted)).and_then(|table| table);
    let table = table.with_context(|| format!("cannot decode {name}"))?;
    if !args.quiet {
        project::tell_missing(&wanted, fetched.directory())?;
        if fetched.directory().layout() == Layout::Compact && wanted != Projection::default() {
            let text = "note: the tile is compact, so all of it was fetched; the profile fast makes tiles of parts\n";
            io::stderr().write_all(text.as_bytes()).context("cannot write what was fetched")?;
        }
    }
    if let Some(output) = &args.output {
        let project = |tile: &Tile| tile.project(&wanted, &EncodeOptions::default(), &mut Budget::default());
        let projected = fetched.with_tile(project).and_then(|projected| projected);
        let projected = projected.with_context(|| format!("cannot make {name} smaller"))?;
        files::write(output, &projected.tile, files::existing(args.force))?;
    }
    if !args.quiet {
        let mut text = String::new();
        table.write(0, &mut text);
        text += &summary(&fetched, opened);
        let to_stdout = args.output.as_deref().is_none_or(|output| !files::is_dash(output));
        let written = match to_stdout {
            true => io::stdout().write_all(text.as_bytes()),
            false => io::stderr().write_all(text.as_bytes()),
        };
        written.context("cannot write what was fetched")?;
    }
    Ok(())
}

/// Where bytes come from, and the archive that they are.
type Source = (Box<dyn Ranges>, Option<PmtilesReader>);

fn open(source: &Path, archive: bool) -> Result<Source> {
    let url = source.to_str().unwrap_or_default();
    let bytes: Box<dyn Ranges> = match url.split_once("://") {
        Some(("s3", _)) => return in_s3(url, archive),
        Some(("http" | "https", _)) => behind_url(url)?,
        Some((scheme, _)) if !source.exists() => {
            anyhow::bail!("cannot fetch {url}: {scheme} is none of http, https and s3")
        }
        _ => Box::new(Local::open(source)?),
    };
    Ok((bytes, archive.then(|| PmtilesReader::open(source)).transpose()?))
}

#[cfg(feature = "http")]
fn behind_url(url: &str) -> Result<Box<dyn Ranges>> {
    Ok(Box::new(covt::remote::Http::new(url)))
}

#[cfg(not(feature = "http"))]
fn behind_url(url: &str) -> Result<Box<dyn Ranges>> {
    anyhow::bail!("cannot fetch {url}: this program was built without the feature http")
}

#[cfg(feature = "s3")]
fn in_s3(url: &str, archive: bool) -> Result<Source> {
    let object = covt::remote::Object::s3(url)?;
    let archive = archive.then(|| object.archive()).transpose()?;
    Ok((Box::new(object), archive))
}

#[cfg(not(feature = "s3"))]
fn in_s3(url: &str, _: bool) -> Result<Source> {
    anyhow::bail!("cannot fetch {url}: this program was built without the feature s3")
}

/// Decodes what was wanted, and lists it.
fn decode(tile: &Tile, wanted: &Projection) -> covt::Result<Table> {
    let mut table = Table::new(&["layer", "column", ">values"]);
    let budget = &mut Budget::default();
    for layer in tile.layers().filter(|layer| wanted.wants_layer(layer.entry().name())) {
        let entry = layer.entry();
        let mut row = |column: &str, values: usize| {
            let [layer, column] = [entry.name(), column].map(report::printable);
            table.row([layer, column, HumanCount(values as u64).to_string()]);
        };
        if wanted.ids
            && let Some(ids) = layer.ids(budget)?
        {
            row("(ids)", ids.values.len() - ids.nulls.map_or(0, |nulls| nulls.null_count()));
        }
        if wanted.geometry {
            row("(geometries)", layer.geometry(budget)?.len());
        }
        for (number, column) in entry.columns().iter().enumerate() {
            if !wanted.wants_property(entry.name(), column.name()) {
                continue;
            }
            if column.kind().is_property() {
                let values = layer.column_at(number, budget)?;
                row(column.name(), values.len() - values.null_count());
            } else if column.kind() == covt::ColumnKind::MValues
                && let Some(measure) = layer.measure(column.name(), budget)?
            {
                row(column.name(), measure.values.len());
            }
        }
    }
    Ok(table)
}

fn summary(fetched: &Fetched, opened: u64) -> String {
    let (cost, whole) = (fetched.cost(), fetched.tile_bytes() as u64);
    let requests = opened + cost.requests;
    let plural = if requests == 1 { "" } else { "s" };
    let [requests, bytes, of] = [requests, cost.bytes, whole].map(HumanCount);
    let share = 100.0 * cost.bytes as f64 / whole.max(1) as f64;
    format!("{requests} request{plural}, {bytes} of {of} bytes ({share:.1} %)\n")
}
