//! What an encoder tries for each stream of a tile, as text.

use anyhow::Result;
use covt::{ColumnChoices, ColumnKind, EncodeOptions, Profile, Tried};

use super::tile::{Inspected, count};
use crate::cli::report::printable;
use crate::cli::table::Table;

/// A table per layer: the streams, and below each of them what was tried, the cheapest first.
pub fn of(tile: &Inspected, only: Option<&str>, profile: Profile) -> Result<String> {
    let options = EncodeOptions::new(profile);
    let layers = covt::why(&tile.layers, &options)?;
    let mut text = format!(
        "{}, by an encoder of the profile {}: a byte costs {} ns, in nested properties {}; * is what it takes\n",
        printable(&tile.name),
        profile.name(),
        options.picoseconds_per_byte(&tile.layers) as f64 / 1e3,
        profile.picoseconds_per_nested_byte() as f64 / 1e3,
    );
    for (layer, columns) in tile.layers.iter().zip(&layers) {
        if only.is_some_and(|only| only != layer.name()) {
            continue;
        }
        text += &format!("\nlayer {:?}\n", layer.name());
        let mut table =
            Table::new(&["column, stream", "tried", "", ">bytes", ">decoding, µs", ">price, µs", ">more"]);
        columns.iter().for_each(|column| write_column(column, &mut table));
        table.write(2, &mut text);
    }
    Ok(text)
}

fn write_column(column: &ColumnChoices, table: &mut Table) {
    for stream in &column.streams {
        let name = format!("{}: {}", name(column), stream.role.name());
        write_stream(name, stream.bytes, stream.tried.clone(), table);
    }
    column.children.iter().for_each(|child| write_column(child, table));
}

fn name(column: &ColumnChoices) -> String {
    match column.kind {
        ColumnKind::Id | ColumnKind::HashedId => "(ids)".into(),
        ColumnKind::Geometry => "(geometry)".into(),
        ColumnKind::SharedDictionary => "(shared strings)".into(),
        ColumnKind::BorrowedDictionary => "(borrowed strings)".into(),
        ColumnKind::Z => "(z)".into(),
        _ => printable(&column.name),
    }
}

fn write_stream(name: String, bytes: usize, mut tried: Vec<Tried>, table: &mut Table) {
    if tried.is_empty() {
        let nothing = String::new;
        table.row([name, "no choice".into(), nothing(), count(bytes), nothing(), nothing(), nothing()]);
        return;
    }
    tried.sort_by_key(|tried| (!tried.taken, tried.price));
    let least = tried[0].price;
    for (index, Tried { encoding, bytes, time, price, taken, .. }) in tried.into_iter().enumerate() {
        table.row([
            if index == 0 { name.clone() } else { String::new() },
            encoding,
            if taken { "*".into() } else { String::new() },
            count(bytes),
            microseconds(time),
            microseconds(price),
            if taken {
                String::new()
            } else {
                format!("{:+.1} %", 100.0 * (price as f64 / least.max(1) as f64 - 1.0))
            },
        ]);
    }
}

fn microseconds(picoseconds: u64) -> String {
    format!("{:.1}", picoseconds as f64 / 1e6)
}
