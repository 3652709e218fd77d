//! `covt demo`: what COVT does, shown on tiles made for it.

mod files;
#[cfg(feature = "serve")]
mod serve;
mod sizes;
mod source;
mod times;

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use covt::testing::generate::tileset::Tileset;
use covt::tileset::{self, ConvertOptions, Event, Existing};
use covt::{EncodeOptions, Profile, TileCoord, mvt};
use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use self::files::{Files, quoted};
use self::sizes::Tile;

/// Show what COVT does on generated tiles, in a few seconds
///
/// Makes a small tileset of a country that does not exist, as MVT with gzip in MBTiles; converts it
/// to COVT in both profiles and back to MVT; checks that every tile still says the same; and tells
/// the sizes and the time to decode. The tilesets stay, to look into.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  covt demo
  covt demo --seed 7 --out seven")]
pub struct Args {
    /// The folder to put the tilesets in; those of an earlier demo are replaced
    #[arg(short, long, value_name = "DIR", default_value = "covt-demo")]
    out: PathBuf,
    /// Which country; the same number makes the same tiles on every machine
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Use the folder whatever it holds, and replace files that have the names of the demo's
    #[arg(short, long)]
    force: bool,
    /// Then serve the tileset, and a million generated points, with a page to look at them
    #[cfg(feature = "serve")]
    #[arg(long)]
    serve: bool,
    /// The port to serve on; 0 for any that is free
    #[cfg(feature = "serve")]
    #[arg(
        short,
        long,
        value_name = "N",
        default_value = "3000",
        requires = "serve",
        allow_negative_numbers = true
    )]
    port: covt::serve::Port,
}

pub fn run(args: &Args) -> Result<()> {
    let files = Files::prepare(&args.out, args.force)?;
    let source = Tileset::new(args.seed);
    let bar = progress_bar();
    bar.set_message("making tiles");
    let coords = source::write(&source, &files.mvt, |tiles| bar.set_position(tiles))?;
    convert(&files, &bar)?;
    bar.set_message("comparing and timing");
    let tiles = read(&files, &coords)?;
    let times = if cfg!(debug_assertions) { None } else { Some(times::decode(&tiles)?) };
    bar.finish_and_clear();
    let text = report(args, &source, &files, &tiles, times)?;
    io::stdout().write_all(text.as_bytes()).context("cannot write to standard output")?;
    #[cfg(feature = "serve")]
    if args.serve {
        serve::run(args, &files)?;
    }
    Ok(())
}

/// A bar on standard error, if that is a terminal.
fn progress_bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {msg}: {human_pos}").expect("a valid template");
    let bar = ProgressBar::new_spinner().with_style(style);
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// To COVT in both profiles, and from the smaller one back.
fn convert(files: &Files, bar: &ProgressBar) -> Result<()> {
    let steps = [
        (&files.mvt, &files.fast, Profile::Fast, "to COVT, profile fast"),
        (&files.mvt, &files.small, Profile::Small, "to COVT, profile small"),
        (&files.small, &files.again, Profile::Small, "back to MVT"),
    ];
    for (input, output, profile, message) in steps {
        let options = ConvertOptions {
            encode: EncodeOptions::new(profile),
            verify: true,
            existing: Existing::Replace,
            ..ConvertOptions::default()
        };
        bar.set_position(0);
        bar.set_message(message);
        tileset::convert(input, output, &options, &mut |event| {
            if let Event::Progress(totals) = event {
                bar.set_position(totals.tiles);
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// The tiles as they are in the files, and the proof that all say the same.
///
/// The conversions compared COVT with the MVT it was made of; here the MVT that was made of COVT
/// is compared with the one that COVT was made of.
fn read(files: &Files, coords: &[TileCoord]) -> Result<Vec<Tile>> {
    let [source, fast, small, again] =
        [&files.mvt, &files.fast, &files.small, &files.again].map(|path| tileset::Reader::open(path));
    let (source, fast, small, again) = (source?, fast?, small?, again?);
    let stored = |reader: &tileset::Reader, coord| {
        reader.tile(coord)?.with_context(|| format!("tile {coord} is missing"))
    };
    let count = again.count()?.unwrap_or_default();
    ensure!(count == coords.len() as u64, "of {} tiles {count} came back", coords.len());
    let read = |&coord: &TileCoord| {
        let gzip = stored(&source, coord)?;
        let mvt = tileset::decompress(&gzip)?.into_owned();
        let back = stored(&again, coord)?;
        mvt::compare(&mvt, &tileset::decompress(&back)?)
            .map_err(|difference| anyhow::anyhow!("tile {coord} came back different: {difference}"))?;
        Ok(Tile { coord, mvt, gzip, fast: stored(&fast, coord)?, small: stored(&small, coord)? })
    };
    coords.iter().map(read).collect()
}

fn report(
    args: &Args,
    source: &Tileset,
    files: &Files,
    tiles: &[Tile],
    times: Option<[Duration; 3]>,
) -> Result<String> {
    let (zooms, count) = (source.zooms(), HumanCount(tiles.len() as u64));
    let mut text = format!(
        "{}, a country that does not exist: {count} generated tiles of zoom {} to {} (seed {}).\n\
         They are made after the tiles of Liechtenstein and save about as much;\n\
         other tiles save more or less.\n\n",
        source.name(),
        zooms.start(),
        zooms.end(),
        args.seed
    );
    text += &sizes::table(tiles);
    let _ = write!(
        text,
        "\nVerified  {count} of {count} tiles: COVT fast, COVT small and the MVT made of it again\n          \
         equal the generated MVT in every message.\n\n"
    );
    text += &times::table(times);
    text.push('\n');
    text += &files.list()?;
    // Of the tiles of most zooms the densest one: small enough to read, and full of things.
    let example = tiles.iter().max_by_key(|tile| (tile.coord.z(), tile.small.len()));
    let command = quoted(std::env::args_os().next().unwrap_or_else(|| "covt".into()).as_ref());
    let small = quoted(&files.small);
    text += "\nNext: look into a tile, take the tileset apart, convert your own\n";
    if let Some(Tile { coord, .. }) = example {
        let _ = writeln!(text, "  {command} inspect {small} {coord}");
    }
    let folder = quoted(&args.out.join("tiles"));
    let _ = writeln!(text, "  {command} convert {small} {folder}");
    let _ = writeln!(text, "  {command} convert --verify your.mbtiles your-covt.mbtiles");
    Ok(text)
}
