//! `covt tileset`: what a tileset holds.

mod estimate;
mod index;
mod info;

use anyhow::Result;
use clap::Subcommand;

/// Look into tilesets
#[derive(clap::Args)]
#[command(arg_required_else_help = true)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Info(info::Args),
    Index(index::Args),
}

pub fn run(args: &Args) -> Result<()> {
    match &args.command {
        Command::Info(args) => info::run(args),
        Command::Index(args) => index::run(args),
    }
}
