//! `covt convert`: a whole tileset from one format or container to another.

use std::fs::File;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::ValueEnum;
use covt::MAX_ZOOM;
use covt::tileset::{
    self, BadTile, ColumnName, ConvertOptions, Edit, Error, Event, GeoBounds, MbtilesSchema, Selection,
    TileFormat, Totals,
};
use indicatif::{ProgressBar, ProgressStyle};

use super::encoding::{Beyond, EncodingArgs};
use super::{files, report};

/// How many bad tiles are shown; a list in a file has them all.
const SHOWN: u64 = 20;

/// Convert a tileset from MVT to COVT or back, or into another container
///
/// Tilesets are MBTiles files, PMTiles archives and folders of files z/x/y.mvt (.pbf, .covt; perhaps
/// .gz, .br, .zst) with a metadata.json. Tiles may be compressed with gzip, zlib, brotli or zstd. What
/// is written depends on the name of the output: MBTiles if it ends in .mbtiles, PMTiles if it ends in
/// .pmtiles, else a folder. COVT is stored as it is, MVT with gzip in MBTiles and PMTiles and
/// uncompressed in folders.
///
/// The output appears under its name when it is complete, and not at all if anything fails. Until
/// then it grows in a hidden folder beside that place, .NAME.xxxxxx.part. If the command is
/// interrupted or fails, what was done so far stays there: the same command with --resume goes on
/// with it, without --resume it is removed and begun anew.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  covt convert city.mbtiles city-covt.pmtiles
  covt convert --verify city.mbtiles city-covt.mbtiles
  covt convert tiles/ tiles-covt/
  covt convert --to mvt city-covt.mbtiles city.mbtiles
  covt convert --to mvt city.mbtiles city.pmtiles
  covt convert --zoom 0-10 --bbox 9.4,47,9.7,47.3 planet.pmtiles liechtenstein.pmtiles
  covt convert --layers water,roads --drop-columns name:ja,roads/ref city.mbtiles roads.mbtiles
  covt convert --resume planet.mbtiles planet-covt.pmtiles
  covt convert --skip-bad --bad-list bad.txt city.mbtiles city-covt.mbtiles")]
pub struct Args {
    /// The tileset to read: an MBTiles file, a PMTiles archive or a folder
    input: PathBuf,
    /// The tileset to write: *.mbtiles, *.pmtiles or a folder
    output: PathBuf,
    /// The format to make [default: the one that the input is not]
    #[arg(long, value_enum)]
    to: Option<Format>,
    #[command(flatten)]
    encoding: EncodingArgs,
    /// Only tiles of this zoom or these zooms
    #[arg(long, value_name = "MIN-MAX", value_parser = parse_zooms)]
    zoom: Option<RangeInclusive<u8>>,
    /// Only tiles that touch this box, in degrees; they stay whole
    #[arg(long, value_name = "W,S,E,N", value_parser = GeoBounds::parse, allow_hyphen_values = true)]
    bbox: Option<GeoBounds>,
    /// Only these layers; tiles without any of them are left out
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    layers: Option<Vec<String>>,
    /// Leave out these columns, of all layers or of one
    #[arg(long, value_name = "[LAYER/]NAME,…", value_delimiter = ',', value_parser = ColumnName::parse)]
    drop_columns: Vec<ColumnName>,
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
    /// Go on with what is left of an interrupted conversion of the same input with the same options,
    /// if there is anything; the result is the same as if nothing had happened
    #[arg(long)]
    resume: bool,
    /// How many tiles are lost at most if the conversion is interrupted; 16 MiB of output at most are
    /// in any case
    #[arg(long, value_name = "TILES", default_value_t = ConvertOptions::default().checkpoint)]
    checkpoint: u64,
    /// How MBTiles are laid out
    #[arg(long, value_enum, default_value_t = Schema::Compact)]
    schema: Schema,
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
enum Schema {
    /// Equal tiles once, joined by numbers: the smallest
    Compact,
    /// Equal tiles once, in tables map and images: the most widely known
    Images,
    /// One table, equal tiles again and again
    Flat,
}

impl From<Schema> for MbtilesSchema {
    fn from(schema: Schema) -> Self {
        match schema {
            Schema::Compact => Self::Compact,
            Schema::Images => Self::Images,
            Schema::Flat => Self::Flat,
        }
    }
}

pub fn parse_zooms(text: &str) -> Result<RangeInclusive<u8>, String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let zoom = |text: &str| text.trim().parse().ok().filter(|zoom| *zoom <= MAX_ZOOM);
    match (zoom(first), zoom(last)) {
        (Some(first), Some(last)) if first <= last => Ok(first..=last),
        (Some(_), Some(_)) => Err("the first zoom is deeper than the last".into()),
        _ => Err(format!("not a zoom or two, as 7 and 3-10 are; the deepest is {MAX_ZOOM}")),
    }
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
        recode: args.encoding.any(),
        select: Selection { zooms: args.zoom.clone().unwrap_or(0..=MAX_ZOOM), bounds: args.bbox },
        edit: Edit { layers: args.layers.clone(), drop_columns: args.drop_columns.clone() },
        schema: args.schema.into(),
        existing: files::existing(args.force),
        gzip_size: args.gzip_size,
        resume: args.resume,
        checkpoint: args.checkpoint,
    };
    let mut watcher = Watcher { args, bar: ProgressBar::hidden(), list: None, bad: 0, before: 0 };
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
    /// The size of the sources of tiles that a former run did.
    before: u64,
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
            Event::Resumed(totals) => {
                self.before = totals.stored_bytes;
                self.bar.set_position(done(totals));
                self.bar.reset_eta();
                if !self.args.quiet {
                    self.bar.suspend(|| report::note(&format!("goes on behind {} tiles", done(totals))));
                }
                Ok(())
            }
            Event::Progress(totals) => {
                self.bar.set_position(done(totals));
                if !self.bar.is_hidden() {
                    let megabytes = (totals.stored_bytes - self.before) as f64 / 1e6;
                    let rate = megabytes / self.bar.elapsed().as_secs_f64().max(1e-3);
                    let (base, what) = report::base(totals);
                    let change = report::compared(totals.out_bytes, base, what);
                    self.bar.set_message(format!("{rate:.1} MB/s; {change}"));
                }
                Ok(())
            }
            Event::Bad(tile) => self.list(tile),
            _ => Ok(()),
        }
    }

    fn create_list(&mut self) -> tileset::Result<()> {
        let Some(path) = &self.args.bad_list else { return Ok(()) };
        // What is gone on with had made the list, which will be written anew.
        let replace = self.args.force || self.args.resume;
        let file = if replace { File::create(path) } else { File::create_new(path) };
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

/// How many tiles are done with.
fn done(totals: &Totals) -> u64 {
    totals.tiles + totals.bad + totals.emptied
}

/// A bar on standard error, if that is a terminal.
fn progress_bar(tiles: Option<u64>) -> ProgressBar {
    let (bar, template) = match tiles {
        Some(tiles) => (
            ProgressBar::new(tiles),
            "{bar:20} {human_pos} of {human_len} tiles, {per_sec}, {eta} left, {msg}",
        ),
        None => (ProgressBar::new_spinner(), "{spinner} {human_pos} tiles, {per_sec}, {msg}"),
    };
    bar.with_style(ProgressStyle::with_template(template).expect("a valid template"))
}
