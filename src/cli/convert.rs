//! `covt convert`: a whole tileset from MVT to COVT or back.

use std::fs::File;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::ValueEnum;
use covt::tileset::{self, BadTile, ConvertOptions, Error, Event, TileFormat};
use indicatif::{ProgressBar, ProgressStyle};

use super::encoding::{Beyond, EncodingArgs};
use super::{files, report};

/// How many bad tiles are shown; a list in a file has them all.
const SHOWN: u64 = 20;

/// Convert a tileset from MVT to COVT or back
///
/// Tilesets are MBTiles files and folders of files z/x/y.mvt (.pbf, .covt; perhaps .gz) with a
/// metadata.json. MVT may be compressed with gzip, zlib or zstd. What is written depends on the
/// name of the output: MBTiles if it ends in .mbtiles, else a folder. COVT is stored as it is, MVT
/// with gzip in MBTiles and uncompressed in folders.
///
/// The output appears under its name when it is complete, and not at all if anything fails. Until
/// then it grows in a hidden folder beside that place, .NAME.xxxxxx.part; if the command is
/// interrupted that folder stays, and goes when the same output is made the next time.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  covt convert city.mbtiles city-covt.mbtiles
  covt convert --verify city.mbtiles city-covt.mbtiles
  covt convert tiles/ tiles-covt/
  covt convert --to mvt city-covt.mbtiles city.mbtiles
  covt convert --skip-bad --bad-list bad.txt city.mbtiles city-covt.mbtiles")]
pub struct Args {
    /// The tileset to read: an MBTiles file or a folder
    input: PathBuf,
    /// The tileset to write: *.mbtiles or a folder
    output: PathBuf,
    /// The format to make [default: the one that the input is not]
    #[arg(long, value_enum)]
    to: Option<Format>,
    #[command(flatten)]
    encoding: EncodingArgs,
    /// How many threads convert tiles [default: one per core]
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Check every tile: COVT that was made is decoded and compared with its source, message by
    /// message; MVT that was made is encoded and decoded again and compared, which proves that it
    /// is whole and valid
    #[arg(long)]
    verify: bool,
    /// What becomes of what MVT cannot hold, where MVT is made
    #[arg(long, value_enum, default_value_t)]
    beyond: Beyond,
    /// Leave out tiles that cannot be converted, and list them, instead of failing at the first;
    /// it only fails if no tile is left
    #[arg(long)]
    skip_bad: bool,
    /// Write all tiles that were left out to a file, one a line: z/x/y, a tab, the reason
    #[arg(long, value_name = "FILE", requires = "skip_bad")]
    bad_list: Option<PathBuf>,
    /// Also measure what gzip makes of MVT tiles that are not stored with it, to compare with
    #[arg(long)]
    gzip_size: bool,
    /// Replace the output if it exists; a folder only if it holds nothing but tiles
    #[arg(short, long)]
    force: bool,
    /// Say nothing but errors
    #[arg(short, long)]
    quiet: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Covt,
    Mvt,
}

impl From<Format> for TileFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Covt => Self::Covt,
            Format::Mvt => Self::Mvt,
        }
    }
}

pub fn run(args: &Args) -> Result<()> {
    let options = ConvertOptions {
        to: args.to.map(TileFormat::from),
        encode: args.encoding.options(),
        jobs: args.jobs,
        verify: args.verify,
        beyond: args.beyond.into(),
        skip_bad: args.skip_bad,
        existing: files::existing(args.force),
        gzip_size: args.gzip_size,
    };
    let mut watcher = Watcher { args, bar: ProgressBar::hidden(), list: None, bad: 0 };
    let result = tileset::convert(&args.input, &args.output, &options, &mut |event| watcher.see(event));
    watcher.finish();
    let summary = result?;
    if !args.quiet {
        let text = report::summary(&summary, args.verify);
        io::stdout().write_all(text.as_bytes()).context("cannot write to standard output")?;
    }
    Ok(())
}

/// Shows the progress and lists the bad tiles.
struct Watcher<'a> {
    args: &'a Args,
    bar: ProgressBar,
    list: Option<(&'a Path, File)>,
    bad: u64,
}

impl Watcher<'_> {
    fn see(&mut self, event: Event<'_>) -> tileset::Result<()> {
        match event {
            Event::Start(tiles) => {
                if !self.args.quiet {
                    self.bar = progress_bar(tiles);
                }
                self.create_list()
            }
            Event::Progress(totals) => {
                self.bar.set_position(totals.tiles + totals.bad);
                Ok(())
            }
            Event::Bad(tile) => self.list(tile),
            _ => Ok(()),
        }
    }

    fn create_list(&mut self) -> tileset::Result<()> {
        let Some(path) = &self.args.bad_list else { return Ok(()) };
        let file = if self.args.force { File::create(path) } else { File::create_new(path) };
        let file = file.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => {
                Error::new(format!("{} exists already; --force replaces it", path.display()))
            }
            _ => Error::because(format!("cannot write {}", path.display()), error),
        })?;
        self.list = Some((path, file));
        Ok(())
    }

    fn list(&mut self, BadTile { tile, reason, .. }: &BadTile) -> tileset::Result<()> {
        self.bad += 1;
        if self.bad <= SHOWN {
            self.bar.suspend(|| report::note(&format!("left out {tile}: {reason}")));
        }
        let Some((path, file)) = &mut self.list else { return Ok(()) };
        // At once, so that a list that cannot be written ends the conversion.
        let line = format!("{tile}\t{}\n", report::printable(reason));
        let written = file.write_all(line.as_bytes());
        written.map_err(|error| Error::because(format!("cannot write {}", path.display()), error))
    }

    /// Tells what was not shown.
    fn finish(&self) {
        self.bar.finish_and_clear();
        if self.bad > SHOWN {
            let list = if self.list.is_some() { "" } else { "; --bad-list FILE lists them all" };
            report::note(&format!("left out {} more{list}", self.bad - SHOWN));
        }
    }
}

/// A bar on standard error, if that is a terminal.
fn progress_bar(tiles: Option<u64>) -> ProgressBar {
    let (bar, template) = match tiles {
        Some(tiles) => {
            (ProgressBar::new(tiles), "{bar:30} {human_pos} of {human_len} tiles, {per_sec}, {eta} left")
        }
        None => (ProgressBar::new_spinner(), "{spinner} {human_pos} tiles, {per_sec}"),
    };
    bar.with_style(ProgressStyle::with_template(template).expect("a valid template"))
}
