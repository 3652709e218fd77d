//! `covt bench`: tile formats compared on one's own tiles.

mod input;
#[cfg(feature = "serve")]
mod serve;

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use covt::bench::{self, Options};
use covt::tileset::Existing;
use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use super::files;

/// Compare MVT and COVT on your own tiles: sizes, and times to decode and encode
///
/// Takes tilesets (MBTiles, PMTiles, folders), folders of tiles under any names, and single tiles, MVT
/// or COVT, and makes of each tile MVT as it is, with gzip, zstd and brotli around it, and COVT in both
/// profiles, as it is and with gzip and zstd around it. Tells sizes over all tiles, by tile, zoom,
/// layer and part, and lists the tiles where COVT loses. Then decodes all tiles round after round:
/// MVT with the crate fast-mvt, with and without gunzip before, and COVT; all in one process, each tile
/// right after the others, so that the machine treats them alike.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = "\
Examples:
  covt bench city.mbtiles
  covt bench --html city.html city.pmtiles
  covt bench --json all.json tile.mvt tiles/ other/14_8298_10748.mvt
  covt bench --tiles 200 --rounds 20 planet.mbtiles")]
pub struct Args {
    #[cfg(feature = "serve")]
    #[command(subcommand)]
    command: Option<Command>,
    /// Tilesets, folders and tiles
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// How many tiles to measure at most; of more, a sample is taken in which every tile is as likely
    #[arg(long, value_name = "N", default_value = "1000")]
    tiles: NonZeroUsize,
    /// How often every tile is decoded; 0 for sizes only
    #[arg(long, value_name = "N", default_value_t = 7)]
    rounds: usize,
    /// Write all tables, and the sizes of every tile, as JSON to a file; - for standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write one page with plots and tables to a file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Replace files that exist
    #[arg(short, long)]
    force: bool,
}

#[cfg(feature = "serve")]
#[derive(clap::Subcommand)]
enum Command {
    Serve(serve::Args),
}

pub fn run(args: &Args) -> Result<()> {
    #[cfg(feature = "serve")]
    if let Some(Command::Serve(args)) = &args.command {
        return serve::run(args);
    }
    let existing = files::existing(args.force);
    let outputs = [&args.json, &args.html].into_iter().flatten();
    for path in outputs.filter(|path| !files::is_dash(path) && existing == Existing::Keep) {
        // Before the work, not after it.
        ensure!(path.symlink_metadata().is_err(), "{} exists already; --force replaces it", path.display());
    }
    let input = input::read(&args.paths, args.tiles.get())?;
    if input.tiles.is_empty() {
        bail!("there are no tiles in {}", names(&args.paths));
    }
    let options = Options { rounds: args.rounds, threads: threads() };
    let bar = progress_bar();
    let report = bench::run(&input.tiles, &bench::contenders(), &options, &mut |done, of| {
        bar.set_length(of);
        bar.set_position(done);
    })?;
    bar.finish_and_clear();

    let count = |number: u64| HumanCount(number).to_string();
    let mut title = names(&args.paths);
    if input.of > input.tiles.len() as u64 {
        title += &format!(" (a sample of {} of {} tiles)", count(input.tiles.len() as u64), count(input.of));
    }
    let on_stdout = args.json.as_deref().is_some_and(files::is_dash);
    if let Some(path) = &args.json {
        files::write(path, format!("{:#}\n", report.json()).as_bytes(), existing)?;
    }
    if let Some(path) = &args.html {
        files::write(path, report.html(&title).as_bytes(), existing)?;
    }
    if !on_stdout {
        let mut text = format!("{title}\n\n{}", report.text());
        if cfg!(debug_assertions) && args.rounds > 0 {
            text += "Times are those of a build that is not optimised: see cargo build --release\n";
        }
        io::stdout().write_all(text.as_bytes()).context("cannot write to standard output")?;
    }
    Ok(())
}

fn names(paths: &[PathBuf]) -> String {
    let name = |path: &PathBuf| path.file_name().unwrap_or(path.as_os_str()).display().to_string();
    let shown: Vec<String> = paths.iter().take(3).map(name).collect();
    let more = if paths.len() > 3 { format!(" and {} more", paths.len() - 3) } else { String::new() };
    super::report::printable(&(shown.join(", ") + &more))
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// A bar on standard error, if that is a terminal.
fn progress_bar() -> ProgressBar {
    let template = "{bar:30} {percent} %, {eta} left";
    ProgressBar::new(1).with_style(ProgressStyle::with_template(template).expect("a valid template"))
}

/// The zoom that a path tells: the first of the last three numbers in it.
fn zoom_of(path: &Path) -> Option<u8> {
    let text = path.to_str()?;
    let numbers = text.rsplit(['/', '\\', '_']).map(|part| part.split('.').next().unwrap_or(part));
    let numbers: Vec<u32> = numbers.take(3).map_while(|part| part.parse().ok()).collect();
    match numbers[..] {
        [_, _, zoom] => u8::try_from(zoom).ok().filter(|zoom| *zoom <= covt::MAX_ZOOM),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zooms_are_in_names() {
        assert_eq!(zoom_of(Path::new("omt/14_8298_10748.mvt")), Some(14));
        assert_eq!(zoom_of(Path::new("norway/7/66/37.mvt.gz")), Some(7));
        assert_eq!(zoom_of(Path::new("fixtures/001/tile.mvt")), None);
        assert_eq!(zoom_of(Path::new("31_0_0.mvt")), None);
    }
}
