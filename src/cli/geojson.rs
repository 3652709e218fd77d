//! GeoJSON for `covt encode` and `covt decode`.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};
use covt::geojson::{self, Form, Options, Projection, Report, TileBuilder, Unwritten, Writer};
use covt::{Budget, Grid, Layer, Tile, TileCoord};

use super::files;

/// How GeoJSON becomes a tile.
#[derive(clap::Args)]
#[command(next_help_heading = "Options for GeoJSON and tables")]
pub struct GeojsonArgs {
    /// The input is GeoJSON (a FeatureCollection, or features one after the other) or a table (GeoParquet,
    /// Arrow IPC), and this the tile to make of it: geometries are projected to Web Mercator and clipped
    #[arg(long, value_name = "Z/X/Y", value_parser = super::inspect::parse_place)]
    pub tile: Option<TileCoord>,
    /// The layer of features that name none (`"tippecanoe": {"layer": …}`) [default: the name of the file]
    #[arg(long, value_name = "NAME", requires = "tile")]
    layer: Option<String>,
    /// The number of units along a side of the tile
    #[arg(long, value_name = "UNITS", default_value_t = 4096, requires = "tile")]
    extent: u32,
    /// How many units beyond the tile's sides geometries are cut
    #[arg(long, value_name = "UNITS", default_value_t = 64, requires = "tile")]
    buffer: u32,
    /// Leave out vertices that are no more than so many units from what is drawn (1 if not said), and what is
    /// smaller than that. Without, no vertex is left out
    #[arg(long, value_name = "UNITS", num_args = 0..=1, default_missing_value = "1", requires = "tile")]
    simplify: Option<f64>,
    /// The step of heights, in metres
    #[arg(long, value_name = "METRES", default_value_t = 0.01, requires = "tile")]
    height_step: f64,
    /// A property whose objects are maps of any names, not structs, by its path (`names.common`,
    /// `lanes[].tags`); may be given several times. Tables know what is a map
    #[arg(long = "map", value_name = "PATH", requires = "tile")]
    maps: Vec<String>,
}

impl GeojsonArgs {
    /// What the options say of `input`.
    pub fn options(&self, input: &Path) -> Options {
        let stem = input.file_stem().filter(|_| !files::is_dash(input));
        let named = self.layer.clone().or_else(|| stem.map(|stem| stem.to_string_lossy().into_owned()));
        Options {
            layer: named.unwrap_or_else(|| Options::default().layer),
            extent: self.extent,
            buffer: self.buffer,
            simplify: self.simplify,
            heights: Grid { scale: self.height_step, offset: 0.0 },
            maps: self.maps.clone(),
        }
    }

    /// Makes the layers of `tile` of the features in `input`, of which one at a time is read.
    pub fn read(&self, input: &Path, tile: TileCoord) -> Result<(Vec<Layer>, Report)> {
        let name = || files::name(input);
        let mut builder = TileBuilder::new(tile, self.options(input))?;
        let source: Box<dyn Read> = match files::is_dash(input) {
            true => Box::new(std::io::stdin()),
            false => Box::new(File::open(input).with_context(|| format!("cannot read {}", name()))?),
        };
        geojson::read(source, |feature| builder.add(feature)).with_context(name)?;
        builder.finish().with_context(name)
    }
}

/// Whether `bytes` look like JSON.
pub fn is_json(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    text.first() == Some(&b'{')
}

/// What a report says, in a line each.
pub fn notes(report: &Report) -> Vec<String> {
    let Report { collections, other_ids, further_numbers, closing_values, as_text, .. } = report;
    let counts = [
        (*collections, "features of several geometries became one feature each"),
        (*other_ids, "ids that are no integers of 0 to 2^64 - 1 became the property id"),
        (*further_numbers, "numbers behind the third of positions were left out"),
        (*closing_values, "rings that end with other values than they start with lost the last ones"),
    ];
    let mut out: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if !as_text.is_empty() {
        out.push(format!("values of several types became JSON text: {}", as_text.join(", ")));
    }
    out
}

/// The form that a file of that name has.
pub fn form(output: &Path) -> Form {
    let extension = output.extension().map(|extension| extension.to_ascii_lowercase());
    let lines = ["geojsonl", "geojsons", "jsonl", "ndjson", "ldjson"];
    match extension.is_some_and(|extension| lines.iter().any(|lines| extension == *lines)) {
        true => Form::Lines,
        false => Form::Collection,
    }
}

/// Whether a file of that name is to hold GeoJSON.
pub fn is_named(output: &Path) -> bool {
    let extension = output.extension().map(|extension| extension.to_ascii_lowercase());
    extension.is_some_and(|extension| extension == "geojson" || extension == "json")
        || form(output) == Form::Lines
}

/// The tile's features as GeoJSON.
pub fn write(covt: &[u8], tile: TileCoord, form: Form) -> Result<(Vec<u8>, Vec<String>)> {
    let mut budget = Budget::default();
    let layers =
        if covt.is_empty() { Vec::new() } else { Tile::open(covt, &mut budget)?.decode(&mut budget)? };
    let mut writer = Writer::new(Vec::new(), form);
    for layer in &layers {
        writer.layer(layer, &Projection::new(tile, layer.extent()))?;
    }
    let (out, Unwritten { geometries, repeated, .. }) = writer.finish()?;
    let counts = [
        (geometries, "features have no geometry that GeoJSON knows: null"),
        (repeated, "values were left out, as their features have others of the same name"),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    Ok((out, counts.map(|(count, what)| format!("{count} {what}")).collect()))
}
