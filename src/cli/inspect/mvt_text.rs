//! An MVT tile, as text.

use covt::mvt::{Description, Part};

use super::tile::{Inspected, count, geometry_types, layer_heading, plural, share, some};
use crate::cli::report::printable;
use crate::cli::table::Table;

pub fn of(tile: &Inspected, description: &Description, only: Option<&str>) -> String {
    let mut text = String::new();
    let layers = || tile.layers.iter().zip(&description.layers);
    if let Some(only) = only {
        for (layer, described) in layers().filter(|(layer, _)| layer.name() == only) {
            text += &layer_heading(layer, described.total(), tile.bytes.len());
            let keys = plural(described.keys, "key");
            text += &format!("  {keys}, {}\n", plural(described.values, "value"));
            let mut table = Table::new(&["part", ">bytes", ">of tile"]);
            for part in Part::ALL.into_iter().filter(|part| described.bytes(*part) > 0) {
                let bytes = described.bytes(part);
                table.row([name(part).into(), count(bytes), share(bytes, tile.bytes.len())]);
            }
            table.write(2, &mut text);
        }
        return text;
    }

    text += &tile.heading("MVT");
    if tile.layers.is_empty() && description.unknown_bytes == 0 {
        return text;
    }
    text.push('\n');
    let mut table =
        Table::new(&["layer", ">extent", ">version", ">features", ">keys", ">values", "geometries"]);
    for (layer, described) in layers() {
        let kinds: Vec<_> = geometry_types(layer)
            .iter()
            .map(|(kind, number)| format!("{} {}", count(*number), kind.name()))
            .collect();
        table.row([
            printable(&described.name),
            described.extent.to_string(),
            described.version.to_string(),
            count(described.features),
            count(described.keys),
            count(described.values),
            kinds.join(", "),
        ]);
    }
    table.write(0, &mut text);

    text += "\nBytes by part of the message\n";
    let mut head = vec!["layer", ">bytes", ">of tile"];
    let parts = Part::ALL.map(|part| format!(">{}", name(part)));
    head.extend(parts.iter().map(String::as_str));
    let mut table = Table::new(&head);
    for described in &description.layers {
        let total = described.total();
        let mut cells = vec![printable(&described.name), count(total), share(total, tile.bytes.len())];
        cells.extend(Part::ALL.map(|part| some(described.bytes(part))));
        table.row_of(cells);
    }
    let sums = Part::ALL.map(|part| sum(description, part));
    let mut cells = vec!["all".into(), count(tile.bytes.len()), share(tile.bytes.len(), tile.bytes.len())];
    cells.extend(sums.map(some));
    table.row_of(cells);
    let mut cells = vec![String::new(); 3];
    cells.extend(sums.map(|sum| share(sum, tile.bytes.len())));
    table.row_of(cells);
    table.write(0, &mut text);
    text
}

/// The bytes of a part in all layers, and outside of them.
pub fn sum(description: &Description, part: Part) -> usize {
    let outside = if part == Part::Unknown { description.unknown_bytes } else { 0 };
    outside + description.layers.iter().map(|layer| layer.bytes(part)).sum::<usize>()
}

/// A name that can stand alone.
fn name(part: Part) -> &'static str {
    match part {
        Part::Features => "feature heads",
        Part::Layer => "layer heads",
        part => part.name(),
    }
}
