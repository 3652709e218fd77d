//! `covt tileset info`: how many tiles of which size, and what COVT would save.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use anyhow::{Context, Result};
use covt::tileset::{Estimate, Reader, Selection, Survey, TileFormat, survey};
use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::estimate::{Estimates, estimate};
use crate::cli::report::{note, printable};
use crate::cli::table::Table;

/// How many of the largest tiles are listed.
const LARGEST: usize = 10;
/// How many columns are listed.
const COLUMNS: usize = 30;

/// Show what a tileset holds, and estimate what it would take as COVT
///
/// Counts the tiles and their bytes by zoom and lists the largest ones, without reading them. Then
/// makes COVT of a sample, and estimates from it what all tiles would take, and which layers and
/// columns how much of it. The error told is that of such a sample: of 100 of them, 95 come as close to
/// what a conversion would make.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  covt tileset info city.mbtiles
  covt tileset info --sample 5000 planet.pmtiles
  covt tileset info --json tiles/")]
pub struct Args {
    /// The tileset: an MBTiles file, a PMTiles archive or a folder
    input: PathBuf,
    /// How many tiles to look at, about; 0 for none
    #[arg(long, value_name = "N", default_value_t = 500)]
    sample: usize,
    /// Which sample: another number takes other tiles
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> Result<()> {
    let reader = Reader::open(&args.input)?;
    let format = reader.format().with_context(|| args.input.display().to_string())?;
    let survey = survey(&reader, &Selection::default(), args.sample, args.seed, LARGEST)?;
    let estimates = match args.sample {
        0 => None,
        _ => Some(look(&reader, &survey)?),
    };
    for (coord, reason) in estimates.iter().flat_map(|estimates| &estimates.bad) {
        note(&format!("bad tile {coord}: {reason}"));
    }
    let info = Info { name: args.input.display().to_string(), reader, format, survey, estimates };
    let text = if args.json { format!("{:#}\n", info.json()) } else { info.text() };
    io::stdout().write_all(text.as_bytes()).context("cannot write to standard output")
}

fn look(reader: &Reader, survey: &Survey) -> Result<Estimates> {
    let sampled: usize = survey.zooms.iter().map(|zoom| zoom.sample.len()).sum();
    let style =
        ProgressStyle::with_template("{bar:30} {pos} of {len} tiles, {eta} left").expect("a valid template");
    let bar = ProgressBar::new(sampled as u64).with_style(style);
    let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let estimates = estimate(reader, survey, threads, &|done| bar.set_position(done as u64));
    bar.finish_and_clear();
    estimates
}

struct Info {
    name: String,
    reader: Reader,
    format: TileFormat,
    survey: Survey,
    estimates: Option<Estimates>,
}

/// What the metadata say that a reader wants to know first.
const TOLD: [&str; 6] = ["name", "bounds", "center", "minzoom", "maxzoom", "attribution"];

impl Info {
    fn text(&self) -> String {
        let Self { survey, reader, format, .. } = self;
        let mut text = format!(
            "{}: {format} in {}, {} tiles, {} bytes\n",
            printable(&self.name),
            reader.kind(),
            count(survey.tiles()),
            count(survey.bytes())
        );
        for name in TOLD {
            if let Some(value) = reader.metadata().get(name) {
                text += &format!("  {name:12}{}\n", printable(value));
            }
        }
        text += "\nTiles and their stored bytes by zoom";
        if self.estimates.is_some() {
            text += "; what they would take as COVT is estimated";
        }
        text.push('\n');
        self.zooms_table().write(2, &mut text);
        if let Some(estimates) = &self.estimates {
            text += &self.savings(estimates);
            text += &layers(estimates, *format);
        }
        text += "\nThe largest tiles\n";
        let mut table = Table::new(&["tile", ">bytes stored"]);
        for (coord, bytes) in &survey.largest {
            table.row([coord.to_string(), count(*bytes)]);
        }
        table.write(2, &mut text);
        text
    }

    fn zooms_table(&self) -> Table {
        let mut table = Table::new(&[
            ">zoom",
            ">tiles",
            ">bytes",
            ">mean",
            ">largest",
            ">COVT fast",
            ">COVT small",
            ">small ±",
        ]);
        for (number, zoom) in self.survey.zooms.iter().enumerate() {
            let mut row = vec![
                zoom.z.to_string(),
                count(zoom.tiles),
                count(zoom.bytes),
                count(zoom.bytes / zoom.tiles.max(1)),
                count(zoom.largest),
            ];
            if let Some([_, fast, small]) = self.estimates.as_ref().map(|estimates| estimates.zooms[number]) {
                row.extend([whole(fast), whole(small), change(small, zoom.bytes)]);
            }
            table.row_of(row);
        }
        table
    }

    fn savings(&self, estimates: &Estimates) -> String {
        let [plain, fast, small] = estimates.total();
        let stored = self.survey.bytes();
        let mut text = format!(
            "\nEstimated from {} of {} tiles; ± is what 95 of 100 such samples come within\n",
            count(estimates.sampled as u64),
            count(self.survey.tiles())
        );
        let mut table = Table::new(&["", ">bytes", ">±", ">against stored"]);
        table.row(["as stored".into(), count(stored), String::new(), String::new()]);
        for (name, estimate) in [("uncompressed", plain), ("COVT fast", fast), ("COVT small", small)] {
            let percent = 200.0 * estimate.error / estimate.total.max(1.0);
            table.row([name.into(), whole(estimate), format!("{percent:.1} %"), change(estimate, stored)]);
        }
        table.write(2, &mut text);
        if !estimates.bad.is_empty() {
            text += &format!("  {} tiles of the sample cannot be read\n", count(estimates.bad.len() as u64));
        }
        text
    }

    fn json(&self) -> Value {
        let told: serde_json::Map<String, Value> = TOLD
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), self.reader.metadata().get(name)?.into())))
            .collect();
        let estimate =
            |estimate: Estimate| json!({"bytes": estimate.total.round(), "error": estimate.error.round()});
        let named = |[plain, fast, small]: [Estimate; 3]| json!({"uncompressed": estimate(plain), "covt_fast": estimate(fast), "covt_small": estimate(small)});
        let zooms: Vec<Value> = self
            .survey
            .zooms
            .iter()
            .enumerate()
            .map(|(number, zoom)| {
                let estimates = self.estimates.as_ref().map(|estimates| named(estimates.zooms[number]));
                json!({"zoom": zoom.z, "tiles": zoom.tiles, "bytes": zoom.bytes, "largest": zoom.largest,
                    "estimates": estimates})
            })
            .collect();
        let largest: Vec<Value> = self
            .survey
            .largest
            .iter()
            .map(|(coord, bytes)| json!({"tile": coord.to_string(), "bytes": bytes}))
            .collect();
        let estimates = self.estimates.as_ref().map(|estimates| {
            let columns: Vec<Value> = estimates
                .columns
                .iter()
                .map(|((layer, column), bytes)| json!({"layer": layer, "column": column, "covt": estimate(*bytes)}))
                .collect();
            let bad: Vec<Value> =
                estimates.bad.iter().map(|(coord, reason)| json!({"tile": coord.to_string(), "reason": reason})).collect();
            json!({"sampled": estimates.sampled, "total": named(estimates.total()), "columns": columns, "bad": bad})
        });
        json!({
            "kind": self.reader.kind(), "format": self.format.media_type(), "metadata": told,
            "tiles": self.survey.tiles(), "bytes": self.survey.bytes(), "zooms": zooms, "largest": largest,
            "estimates": estimates,
        })
    }
}

/// Bytes of layers, and of the columns that take most.
fn layers(estimates: &Estimates, format: TileFormat) -> String {
    let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
    for ((layer, _), bytes) in &estimates.columns {
        *sums.entry(layer).or_default() += bytes.total;
    }
    let all = sums.values().sum::<f64>().max(1.0);
    let share = |bytes: f64| format!("{:.1} %", 100.0 * bytes / all);
    let what = if format == TileFormat::Covt { "as they are" } else { "as COVT small" };
    let mut sorted: Vec<(&str, f64)> = sums.into_iter().collect();
    sorted.sort_by(|one, other| other.1.total_cmp(&one.1));
    let mut text = format!("\nBytes of layers, {what}, estimated\n");
    let mut table = Table::new(&["layer", ">bytes", ">share"]);
    for (layer, bytes) in sorted {
        let shown = if layer.is_empty() { "(no layer)".to_owned() } else { printable(layer) };
        table.row([shown, count(bytes.round() as u64), share(bytes)]);
    }
    table.write(2, &mut text);
    let mut columns: Vec<_> = estimates.columns.iter().filter(|((layer, _), _)| !layer.is_empty()).collect();
    columns.sort_by(|one, other| other.1.total.total_cmp(&one.1.total));
    text += &format!("\nBytes of columns, {what}, estimated");
    if columns.len() > COLUMNS {
        text += &format!("; the {COLUMNS} largest of {}, --json has all", columns.len());
    }
    text.push('\n');
    let mut table = Table::new(&["layer", "column", ">bytes", ">share", ">±"]);
    for ((layer, column), estimate) in columns.into_iter().take(COLUMNS) {
        let percent = format!("{:.0} %", 200.0 * estimate.error / estimate.total.max(1.0));
        table.row([printable(layer), printable(column), whole(*estimate), share(estimate.total), percent]);
    }
    table.write(2, &mut text);
    text
}

fn count(number: u64) -> String {
    HumanCount(number).to_string()
}

fn whole(estimate: Estimate) -> String {
    count(estimate.total.round() as u64)
}

fn change(estimate: Estimate, stored: u64) -> String {
    format!("{:+.1} %", 100.0 * (estimate.total / (stored.max(1) as f64) - 1.0))
}
