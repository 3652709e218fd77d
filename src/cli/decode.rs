//! `covt decode`: one COVT tile to MVT or GeoJSON.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use covt::geojson::Form;
use covt::tileset::{TileFormat, decompress, gzip};
use covt::{Budget, TileCoord, mvt};

use super::encoding::Beyond;
use super::{files, geojson, report};

/// Decode one COVT tile to MVT or GeoJSON
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  covt decode tile.covt tile.mvt
  covt decode --gzip tile.covt tile.mvt.gz
  curl -s https://example.org/14/8298/10748.covt | covt decode - - > tile.mvt
  covt decode tile.covt --tile 14/8298/10748 tile.geojson
  covt decode tile.covt --tile 14/8298/10748 --lines - | jq .properties")]
pub struct Args {
    /// The COVT tile; - for standard input
    input: PathBuf,
    /// The MVT tile or GeoJSON to write; - for standard output
    output: PathBuf,
    /// Write GeoJSON, which the tile at this place has: one FeatureCollection
    #[arg(long, value_name = "Z/X/Y", value_parser = super::inspect::parse_place, conflicts_with_all = ["beyond", "gzip"])]
    tile: Option<TileCoord>,
    /// Write features, each on a line, as files named .geojsonl or .ndjson have them
    #[arg(long, requires = "tile")]
    lines: bool,
    /// What becomes of what MVT cannot hold
    #[arg(long, value_enum, default_value_t)]
    beyond: Beyond,
    /// Compress the MVT tile with gzip
    #[arg(long)]
    gzip: bool,
    /// Replace the output if it exists
    #[arg(short, long)]
    force: bool,
    /// Say nothing but errors
    #[arg(short, long)]
    quiet: bool,
}

pub fn run(args: &Args) -> Result<()> {
    let name = files::name(&args.input);
    let stored = files::read(&args.input, "covt convert converts it")?;
    let covt = decompress(&stored).with_context(|| name.clone())?;
    if !covt.is_empty() && TileFormat::of(&covt) != TileFormat::Covt {
        bail!("{name} is not a COVT tile");
    }
    if let Some(tile) = args.tile {
        let form = if args.lines { Form::Lines } else { geojson::form(&args.output) };
        let written = geojson::write(&covt, tile, form);
        let (text, notes) = written.with_context(|| format!("cannot decode {name}"))?;
        files::write(&args.output, &text, files::existing(args.force))?;
        if !args.quiet {
            notes.iter().for_each(|line| report::note(line));
        }
        return Ok(());
    }
    if geojson::is_named(&args.output) {
        bail!("--tile Z/X/Y must say where the tile lies, to write it as GeoJSON");
    }
    let decoded = mvt::reduce_covt(&covt, args.beyond.into(), &mut Budget::default());
    let (mut tile, reduced) = decoded.with_context(|| format!("cannot decode {name}"))?;
    if args.gzip {
        tile = gzip(&tile);
    }
    files::write(&args.output, &tile, files::existing(args.force))?;
    if !args.quiet {
        report::reduced(&reduced).iter().for_each(|line| report::note(line));
    }
    Ok(())
}
