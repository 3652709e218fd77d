//! `covt tileset index`: where the layers of all tiles are, in a file beside the tileset.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use covt::remote::Index;
use covt::tileset::{self, Reader, Selection, TileFormat};
use indicatif::HumanCount;

use crate::cli::files;

/// Write an index of the layers of all tiles
///
/// `covt get --index` asks with it for the front of a tile and its layers at once, instead of one after the
/// other.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  covt tileset index city.pmtiles -o city.covtidx
  covt get https://example.org/city.pmtiles 14/8298/10748 --layers roads --index city.covtidx")]
pub struct Args {
    /// A tileset of COVT tiles
    input: PathBuf,
    /// The index to write
    #[arg(short, long)]
    output: PathBuf,
    /// Replace the output if it exists
    #[arg(short, long)]
    force: bool,
}

pub fn run(args: &Args) -> Result<()> {
    tileset::check_apart(&args.input, &args.output)?;
    let tileset = Reader::open(&args.input)?;
    let format = tileset.format().with_context(|| args.input.display().to_string())?;
    if format != TileFormat::Covt {
        bail!("{} has no COVT tiles; covt convert makes them", args.input.display());
    }
    let index = Index::of(&tileset, &Selection::default());
    let index = index.with_context(|| args.input.display().to_string())?;
    let bytes = index.write();
    tileset::write_file(&args.output, &bytes, files::existing(args.force))?;
    let [tiles, total] = [index.len(), bytes.len()].map(|number| HumanCount(number as u64));
    let each = bytes.len() as f64 / index.len().max(1) as f64;
    let text = format!("{tiles} tiles in {total} bytes, {each:.1} each\n");
    io::stdout().write_all(text.as_bytes()).context("cannot write to standard output")
}
