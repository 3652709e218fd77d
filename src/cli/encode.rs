//! `covt encode`: one MVT tile, one of MLT, GeoJSON or a table, to COVT.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use covt::tileset::{TileFormat, decompress, mlt_to_mvt};
use covt::{TileCoord, mvt};
use indicatif::HumanCount;

use super::encoding::EncodingArgs;
use super::geojson::{self, GeojsonArgs};
use super::{files, import, report};

/// Encode one MVT tile as COVT, or make a tile of GeoJSON or a table
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  covt encode 14_8298_10748.mvt tile.covt
  curl -s https://example.org/14/8298/10748.pbf | covt encode - tile.covt
  covt encode --profile fast tile.mvt.gz - > tile.covt
  covt encode roads.geojson --tile 14/8298/10748 tile.covt
  covt encode roads.parquet --tile 14/8298/10748 tile.covt    # built with the feature arrow")]
pub struct Args {
    /// The MVT tile, also with gzip, zlib or zstd around it, or GeoJSON; - for standard input. If built with
    /// the feature `mlt`, also an MLT tile; with the feature `arrow`, also a table: GeoParquet or Arrow IPC
    input: PathBuf,
    /// The COVT tile to write; - for standard output
    output: PathBuf,
    #[command(flatten)]
    encoding: EncodingArgs,
    #[command(flatten)]
    geojson: GeojsonArgs,
    /// Replace the output if it exists
    #[arg(short, long)]
    force: bool,
    /// Say nothing but errors
    #[arg(short, long)]
    quiet: bool,
}

pub fn run(args: &Args) -> Result<()> {
    let name = files::name(&args.input);
    match (args.geojson.tile, import::is_table(&args.input)) {
        (Some(tile), true) => return run_table(args, tile),
        (Some(tile), false) => return run_geojson(args, &name, tile),
        (None, true) => bail!("{name} is a table: --tile Z/X/Y says which tile to make of it"),
        (None, false) => {}
    }
    let stored = files::read(&args.input, "covt convert converts it")?;
    let tile = decompress(&stored).with_context(|| name.clone())?;
    if geojson::is_json(&tile) {
        bail!("{name} is no MVT tile; if it is GeoJSON, --tile Z/X/Y says which tile to make of it");
    }
    let format = TileFormat::of(&tile);
    let source = match format {
        TileFormat::Covt => bail!("{name} is a COVT tile already"),
        TileFormat::Mvt => tile.clone(),
        TileFormat::Mlt => mlt_to_mvt(&tile).with_context(|| name.clone())?.into(),
    };
    let encoded = mvt::to_covt(&source, &args.encoding.options());
    let (covt, dropped) = encoded.with_context(|| format!("cannot encode {name}"))?;
    files::write(&args.output, &covt, files::existing(args.force))?;
    if !args.quiet {
        let (from, to) = (tile.len() as u64, covt.len() as u64);
        let change = report::compared(to, from, "uncompressed");
        report::note(&format!(
            "{name}: {format} {} to COVT {} bytes, {change}",
            HumanCount(from),
            HumanCount(to)
        ));
        if dropped.unknown_fields > 0 {
            report::note(&format!("dropped {} fields that MVT does not define", dropped.unknown_fields));
        }
    }
    Ok(())
}

fn run_table(args: &Args, tile: TileCoord) -> Result<()> {
    let (layer, notes) = import::read(&args.input, tile, &args.geojson.options(&args.input))?;
    let covt = covt::encode(&[layer], &args.encoding.options())?;
    files::write(&args.output, &covt, files::existing(args.force))?;
    if !args.quiet {
        let (first, rest) = notes.split_first().expect("what was read");
        report::note(&format!("{first}: COVT of {} bytes", HumanCount(covt.len() as u64)));
        rest.iter().for_each(|line| report::note(line));
    }
    Ok(())
}

fn run_geojson(args: &Args, name: &str, tile: TileCoord) -> Result<()> {
    let (layers, report) = args.geojson.read(&args.input, tile)?;
    let covt = covt::encode(&layers, &args.encoding.options())?;
    files::write(&args.output, &covt, files::existing(args.force))?;
    if !args.quiet {
        let (within, all) = (HumanCount(report.within), HumanCount(report.features));
        let bytes = HumanCount(covt.len() as u64);
        report::note(&format!("{name}: {within} of {all} features lie in {tile}: COVT of {bytes} bytes"));
        geojson::notes(&report).iter().for_each(|line| report::note(line));
    }
    Ok(())
}
