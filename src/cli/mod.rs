//! The command `covt`: one file per subcommand, each over the public interface of the library.
//!
//! Exit codes: 0 if all is well, 1 if something failed, 2 if the command line is wrong. Errors are
//! one line on standard error, `error: …` with the causes behind it. When whoever reads the
//! output has had enough, the command ends quietly, and well.

mod bench;
mod convert;
mod decode;
mod demo;
mod encode;
mod encoding;
#[cfg(feature = "arrow")]
mod export;
mod files;
mod geojson;
mod get;
mod import;
#[cfg(feature = "points")]
mod index;
mod inspect;
mod project;
mod report;
#[cfg(feature = "serve")]
mod serve;
mod table;
mod tileset;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use covt::tileset::{Error, ErrorKind};

/// Cloud Optimized Vector Tiles (COVT): tiles and tilesets from MVT and back.
#[derive(Parser)]
#[command(name = "covt", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Encode(encode::Args),
    Decode(decode::Args),
    Convert(convert::Args),
    Inspect(inspect::Args),
    Project(project::Args),
    Get(get::Args),
    #[cfg(feature = "arrow")]
    Export(export::Args),
    Tileset(tileset::Args),
    #[cfg(feature = "serve")]
    Serve(Box<serve::Args>),
    Bench(bench::Args),
    Demo(demo::Args),
    #[cfg(feature = "points")]
    Index(index::Args),
}

/// Runs the command with `args`, the first of which is its name.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Also how help and version come; where that cannot be printed, nothing else can.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let result = match cli.command {
        Command::Encode(args) => encode::run(&args),
        Command::Decode(args) => decode::run(&args),
        Command::Convert(args) => convert::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Project(args) => project::run(&args),
        Command::Get(args) => get::run(&args),
        #[cfg(feature = "arrow")]
        Command::Export(args) => export::run(&args),
        Command::Tileset(args) => tileset::run(&args),
        #[cfg(feature = "serve")]
        Command::Serve(args) => serve::run(*args),
        Command::Bench(args) => bench::run(&args),
        Command::Demo(args) => demo::run(&args),
        #[cfg(feature = "points")]
        Command::Index(args) => index::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let mut lines = format!("error: {}\n", report::printable(&format!("{error:#}")));
            for hint in hints(&error) {
                lines += &format!("hint: {hint}\n");
            }
            let _ = io::stderr().write_all(lines.as_bytes());
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

/// Which options would have helped, or will.
fn hints(error: &anyhow::Error) -> Vec<&'static str> {
    let error = error.chain().find_map(|cause| cause.downcast_ref::<Error>());
    let Some(error) = error else { return Vec::new() };
    let mut hints = Vec::new();
    match error.kind() {
        ErrorKind::Exists => hints.push("--force replaces it"),
        ErrorKind::BadTile => hints.push("--skip-bad leaves such tiles out and lists them"),
        _ => {}
    }
    if error.is_resumable() {
        hints.push("what was done so far is kept; --resume goes on with it");
    }
    hints
}
