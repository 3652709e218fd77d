//! The tile that is inspected, unwrapped, decoded and described.

use anyhow::{Context, Result, bail};
use covt::tileset::{Compression, TileFormat, decompress, gzip};
use covt::{Budget, EncodeOptions, GeometryType, Layer, Tile, mvt};
use indicatif::HumanCount;

use crate::cli::report::{compared, printable};
use crate::cli::table::Table;

/// What an MVT tile begins with, unless it is empty.
const LAYER: u8 = 0x1a;

pub struct Inspected {
    /// What to call it.
    pub name: String,
    /// What it is stored with.
    pub compression: Compression,
    pub stored_bytes: usize,
    pub bytes: Vec<u8>,
    pub layers: Vec<Layer>,
    pub format: Format,
    /// The size of the tile, and of the same tile in other formats.
    pub sizes: Vec<(&'static str, usize)>,
}

pub enum Format {
    Covt(covt::Description),
    Mvt(mvt::Description),
}

impl Inspected {
    pub fn new(name: String, stored: &[u8]) -> Result<Self> {
        let bytes = decompress(stored).with_context(|| name.clone())?.into_owned();
        let (layers, format, sizes) = match TileFormat::of(&bytes) {
            TileFormat::Covt => covt(&bytes).with_context(|| format!("cannot read {name} as COVT"))?,
            TileFormat::Mlt => bail!("{name} is an MLT tile; covt encode makes COVT of it"),
            TileFormat::Mvt => mvt(&bytes).with_context(|| match bytes.first() {
                Some(&LAYER) => format!("cannot read {name} as MVT"),
                _ => format!("{name} is neither a COVT tile nor an MVT tile"),
            })?,
        };
        let (compression, stored_bytes) = (Compression::of(stored), stored.len());
        Ok(Self { name, compression, stored_bytes, bytes, layers, format, sizes })
    }

    /// What the tile is, in a few lines.
    pub fn heading(&self, format: &str) -> String {
        let (features, number) = self.layers.iter().fold((0, 0), |(features, number), layer| {
            (features + layer.len(), number + layer.geometry().vertices().len() / 2)
        });
        let Self { name, compression, stored_bytes, .. } = self;
        let stored = match compression {
            Compression::None => String::new(),
            _ => format!(" (stored with {compression} in {})", count(*stored_bytes)),
        };
        let mut text = format!(
            "{}: {format}, {}{stored}\n{}, {}, {}\n\n",
            printable(name),
            plural(self.bytes.len(), "byte"),
            plural(self.layers.len(), "layer"),
            plural(features, "feature"),
            vertices(number),
        );
        let mut table = Table::new(&["size as", ">bytes", "this tile is"]);
        for &(what, bytes) in &self.sizes {
            let compared = match bytes == self.bytes.len() {
                true => String::new(),
                false => compared(self.bytes.len() as u64, bytes as u64, "that"),
            };
            table.row([what.into(), count(bytes), compared.trim_end_matches(" than that").into()]);
        }
        table.write(0, &mut text);
        text
    }
}

type Parts = (Vec<Layer>, Format, Vec<(&'static str, usize)>);

fn covt(bytes: &[u8]) -> Result<Parts> {
    let description = covt::describe(bytes, &mut Budget::default())?;
    let mut budget = Budget::default();
    let layers = Tile::open(bytes, &mut budget)?.decode(&mut budget)?;
    let mut sizes = vec![("COVT", bytes.len())];
    // MVT cannot say everything.
    if let Ok(tile) = mvt::write(&mvt::reduce(&layers, mvt::Beyond::Flatten).0) {
        sizes.extend([("MVT", tile.len()), ("MVT with gzip", gzip(&tile).len())]);
    }
    Ok((layers, Format::Covt(description), sizes))
}

fn mvt(bytes: &[u8]) -> Result<Parts> {
    let (layers, _) = mvt::read(bytes)?;
    let description = mvt::describe(bytes, &mut Budget::default())?;
    let covt = covt::encode(&layers, &EncodeOptions::default())?;
    let sizes = vec![("MVT", bytes.len()), ("MVT with gzip", gzip(bytes).len()), ("COVT", covt.len())];
    Ok((layers, Format::Mvt(description), sizes))
}

/// How many features of a layer have each type of geometry, of those types that occur.
pub fn geometry_types(layer: &Layer) -> Vec<(GeometryType, usize)> {
    let counts = GeometryType::ALL.map(|kind| {
        let types = layer.geometry().types().iter();
        (kind, types.filter(|id| **id == kind as u8).count())
    });
    counts.into_iter().filter(|(_, count)| *count > 0).collect()
}

/// What a layer holds, in one line.
pub fn layer_heading(layer: &Layer, bytes: usize, of: usize) -> String {
    let types: Vec<_> = geometry_types(layer)
        .iter()
        .map(|(kind, number)| format!("{} {}", count(*number), kind.name()))
        .collect();
    let mut text = format!(
        "layer {:?}: {}, {} % of the tile; extent {}, version {}\n",
        layer.name(),
        plural(bytes, "byte"),
        percent(bytes, of),
        layer.extent(),
        layer.version()
    );
    if !layer.is_empty() {
        text += &format!("  {}; {}\n", types.join(", "), vertices(layer.geometry().vertices().len() / 2));
    }
    text
}

/// `1,234`
pub fn count(number: usize) -> String {
    HumanCount(number as u64).to_string()
}

/// `1,234`, or nothing if it is zero.
pub fn some(number: usize) -> String {
    if number == 0 { String::new() } else { count(number) }
}

/// `12.3 %`, or nothing if it is next to nothing.
pub fn share(bytes: usize, of: usize) -> String {
    if 2000 * bytes < of.max(1) { String::new() } else { format!("{} %", percent(bytes, of)) }
}

fn percent(bytes: usize, of: usize) -> String {
    format!("{:.1}", 100.0 * bytes as f64 / of.max(1) as f64)
}

/// `1 layer`, `2 layers`
pub fn plural(number: usize, what: &str) -> String {
    format!("{} {what}{}", count(number), if number == 1 { "" } else { "s" })
}

fn vertices(number: usize) -> String {
    if number == 1 { "1 vertex".into() } else { format!("{} vertices", count(number)) }
}
