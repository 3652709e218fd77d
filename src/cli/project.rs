//! `covt project`: some layers and columns of a COVT tile, as a smaller tile.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use covt::tileset::{TileFormat, decompress};
use covt::{
    Budget, ColumnEntry, ColumnName, Directory, EncodeOptions, Fate, LayerEntry, Projected, Projection,
    project,
};
use indicatif::HumanCount;

use super::encoding::Profile;
use super::table::Table;
use super::{files, report};

/// Make a smaller COVT tile of some layers and columns of another
///
/// Features stay with their geometries. Streams are copied as they are where nothing in them depends on
/// what is left out; others are decoded and encoded anew. What became of each column is listed.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  covt project tile.covt --layers water,roads --columns class,roads/ref -o smaller.covt
  covt project tile.covt --columns '' --no-ids -o shapes.covt
  curl -s https://example.org/14/8298/10748.covt | covt project - --layers place -o - > places.covt")]
pub struct Args {
    /// The COVT tile; - for standard input
    input: PathBuf,
    #[command(flatten)]
    wanted: Wanted,
    /// What matters more of what is encoded anew: the time to decode or the size
    #[arg(long, value_enum, default_value_t)]
    profile: Profile,
    /// The tile to write; - for standard output
    #[arg(short, long)]
    output: PathBuf,
    /// Replace the output if it exists
    #[arg(short, long)]
    force: bool,
    /// Say nothing but errors
    #[arg(short, long)]
    quiet: bool,
}

/// What of a tile is wanted.
#[derive(clap::Args)]
pub struct Wanted {
    /// Only these layers
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    layers: Option<Vec<String>>,
    /// Only these properties and values per vertex, of all layers or of one; '' for none
    #[arg(long, value_name = "[LAYER/]NAME,…")]
    columns: Option<String>,
    /// Leave out the ids
    #[arg(long)]
    no_ids: bool,
}

impl Wanted {
    pub fn projection(&self) -> Result<Projection> {
        let parse = |text: &String| match text.as_str() {
            "" => Ok(Vec::new()),
            text => text.split(',').map(ColumnName::parse).collect::<Result<Vec<_>, _>>(),
        };
        let columns = self.columns.as_ref().map(parse).transpose();
        let columns = columns.map_err(|what| anyhow::anyhow!("--columns: {what}"))?;
        Ok(Projection { layers: self.layers.clone(), columns, ids: !self.no_ids, geometry: true })
    }
}

/// Tells which layers and columns that were asked for a tile does not have.
pub fn tell_missing(wanted: &Projection, directory: &Directory) -> Result<()> {
    let quoted = |names: BTreeSet<&str>| match names.is_empty() {
        true => "none".to_owned(),
        false => names.into_iter().map(report::printable).collect::<Vec<_>>().join(", "),
    };
    let mut text = String::new();
    let layers: BTreeSet<&str> = directory.layers().iter().map(LayerEntry::name).collect();
    for name in wanted.layers.iter().flatten().filter(|name| !layers.contains(name.as_str())) {
        text += &format!("note: no layer {name:?}; the tile has {}\n", quoted(layers.clone()));
    }
    for ColumnName { layer, column } in wanted.columns.iter().flatten() {
        let of = |entry: &&LayerEntry| {
            wanted.wants_layer(entry.name()) && layer.as_ref().is_none_or(|layer| layer == entry.name())
        };
        let columns = directory.layers().iter().filter(of).flat_map(LayerEntry::columns);
        let named = columns.map(ColumnEntry::name).filter(|name| !name.is_empty());
        let names: BTreeSet<&str> = named.collect();
        if !names.contains(column.as_str()) {
            text += &format!("note: no column {column:?}; there are {}\n", quoted(names));
        }
    }
    io::stderr().write_all(text.as_bytes()).context("cannot write to standard error")
}

pub fn run(args: &Args) -> Result<()> {
    let name = files::name(&args.input);
    let stored = files::read(&args.input, "covt convert --layers and --drop-columns make it smaller")?;
    let tile = decompress(&stored).with_context(|| name.clone())?;
    if TileFormat::of(&tile) != TileFormat::Covt {
        bail!("{name} is not a COVT tile");
    }
    let wanted = args.wanted.projection()?;
    let projected = project(&tile, &wanted, &EncodeOptions::new(args.profile.into()), &mut Budget::default());
    let projected = projected.with_context(|| format!("cannot make {name} smaller"))?;
    files::write(&args.output, &projected.tile, files::existing(args.force))?;
    if !args.quiet {
        tell_missing(&wanted, &Directory::read(&tile, &mut Budget::default())?)?;
        let mut text = list(&projected);
        let (from, to) = (tile.len() as u64, projected.tile.len() as u64);
        let change = report::compared(to, from, "the whole tile");
        text += &format!("{} of {} bytes, {change}\n", HumanCount(to), HumanCount(from));
        // The tile may go to standard output.
        io::stderr().write_all(text.as_bytes()).context("cannot write to standard error")?;
    }
    Ok(())
}

/// What became of each column.
pub fn list(projected: &Projected) -> String {
    let mut table = Table::new(&["layer", "column", ">bytes", "streams"]);
    let fate = |fate| match fate {
        Fate::Copied => "copied".to_owned(),
        Fate::Encoded => "encoded anew".to_owned(),
    };
    for column in &projected.columns {
        let name = match column.name.as_str() {
            "" if !column.kind.is_property() => format!("({})", column.kind.name()),
            name => name.to_owned(),
        };
        let [layer, name] = [&column.layer, &name].map(|text| report::printable(text));
        table.row([layer, name, HumanCount(column.bytes as u64).to_string(), fate(column.fate)]);
    }
    if let Some((bytes, how)) = projected.vertices {
        let bytes = HumanCount(bytes as u64).to_string();
        table.row(["(all)".into(), "(vertices)".into(), bytes, fate(how)]);
    }
    let mut text = String::new();
    table.write(0, &mut text);
    text
}
