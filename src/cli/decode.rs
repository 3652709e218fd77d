//! `covt decode`: one COVT tile to MVT.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use covt::tileset::{TileFormat, decompress, gzip};
use covt::{Budget, mvt};

use super::encoding::Beyond;
use super::{files, report};

/// Decode one COVT tile to MVT
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  covt decode tile.covt tile.mvt
  covt decode --gzip tile.covt tile.mvt.gz
  curl -s https://example.org/14/8298/10748.covt | covt decode - - > tile.mvt")]
pub struct Args {
    /// The COVT tile; - for standard input
    input: PathBuf,
    /// The MVT tile to write; - for standard output
    output: PathBuf,
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
