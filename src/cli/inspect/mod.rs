//! `covt inspect`: what a tile holds, how it is coded and where its bytes go.

mod bytes;
mod content;
mod covt_text;
mod json;
mod mvt_text;
mod tile;
mod why;

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use covt::{MAX_ZOOM, TileCoord};

use self::tile::{Format, Inspected};
use super::encoding::Profile;

/// Show what a tile holds, how it is coded and where its bytes go
///
/// The tile is a file or standard input, MVT or COVT, also with gzip, zlib or zstd around it; or one
/// of a tileset, MBTiles, PMTiles or a folder, named by its place z/x/y.
///
/// Of a COVT tile every stream is shown: its encoding, and within parentheses the encodings of what
/// that is made of. An rle has lengths and values, a dictionary its distinct values and codes;
/// vertices coded as delta have the first vertices of lines and rings and all others.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  covt inspect tile.covt
  covt inspect city.mbtiles 14/8298/10748
  covt inspect tiles/ 14/8298/10748 --layer water
  covt inspect tile.covt --bytes | less
  covt inspect tile.covt --why --layer water
  curl -s https://example.org/14/8298/10748.covt | covt inspect - --json")]
pub struct Args {
    /// The tile, or the tileset that holds it; - for standard input
    input: PathBuf,
    /// The tile of a tileset: zoom, column from the west, row from the north
    #[arg(value_name = "Z/X/Y", value_parser = parse_place)]
    place: Option<TileCoord>,
    /// Show only the layer of that name
    #[arg(long, value_name = "NAME", conflicts_with = "bytes")]
    layer: Option<String>,
    /// Show every byte of the tile and what it is for
    #[arg(long)]
    bytes: bool,
    /// Show for every stream what an encoder of that profile tries, and what each encoding costs: bytes,
    /// time to decode, and the price that both make at the profile's exchange rate
    #[arg(long, conflicts_with_all = ["bytes", "json"])]
    why: bool,
    /// The profile that --why is asked about
    #[arg(long, value_enum, default_value_t = Profile::Small, requires = "why")]
    profile: Profile,
    /// Print JSON; together with --bytes with all the fields of the tile
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> Result<()> {
    let (name, stored) = load(args)?;
    let tile = Inspected::new(name, &stored)?;
    if let Some(layer) = &args.layer
        && !tile.layers.iter().any(|other| other.name() == layer)
    {
        let names: Vec<_> = tile.layers.iter().map(covt::Layer::name).collect();
        bail!("{} has no layer {layer:?}, only {}", tile.name, names.join(", "));
    }
    let layer = args.layer.as_deref();
    let mut out = BufWriter::new(io::stdout().lock());
    let written = if args.json {
        let json = json::of(&tile, layer, args.bytes);
        serde_json::to_writer_pretty(&mut out, &json).map_err(io::Error::from).and_then(|()| writeln!(out))
    } else if args.bytes {
        bytes::write(&tile, &mut out)
    } else if args.why {
        out.write_all(why::of(&tile, layer, args.profile.into())?.as_bytes())
    } else {
        let text = match &tile.format {
            Format::Covt(description) => covt_text::of(&tile, description, layer),
            Format::Mvt(description) => mvt_text::of(&tile, description, layer),
        };
        out.write_all(text.as_bytes())
    };
    written.and_then(|()| out.flush()).context("cannot write to standard output")
}

/// The tile's name and bytes, as it is stored.
fn load(args: &Args) -> Result<(String, Vec<u8>)> {
    let (name, Some(place)) = (super::files::name(&args.input), args.place) else {
        let name = super::files::name(&args.input);
        let hint = format!("name one of its tiles: covt inspect {name} Z/X/Y");
        if args.input.is_dir() {
            bail!("{name} is a folder; {hint}");
        }
        return Ok((name, super::files::read(&args.input, &hint)?));
    };
    if super::files::is_dash(&args.input) {
        bail!("{name} is read as a tile, which has no tile {place} in it");
    }
    let reader = covt::tileset::Reader::open(&args.input)?;
    match reader.tile(place)? {
        Some(stored) => Ok((format!("tile {place} of {name}"), stored)),
        None => bail!("there is no tile {place} in {name}"),
    }
}

pub fn parse_place(text: &str) -> Result<TileCoord, String> {
    let numbers: Option<Vec<u32>> = text.split('/').map(|number| number.parse().ok()).collect();
    let Some([z, x, y]) = numbers.as_deref() else {
        return Err("not of the form z/x/y, as 14/8298/10748 is".into());
    };
    let coord = u8::try_from(*z).ok().and_then(|z| TileCoord::new(z, *x, *y));
    coord.ok_or_else(|| match z {
        0..=30 => format!("at zoom {z}, columns and rows go from 0 to {}", (1u64 << z) - 1),
        _ => format!("the deepest zoom is {MAX_ZOOM}"),
    })
}
