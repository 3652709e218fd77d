//! A COVT tile, as text.

use covt::{
    Bounds, ColumnDescription, ColumnEntry, ColumnKind, Description, Role, Statistics, StreamDescription,
};

use super::content::{Content, Sums, column_bytes};
use super::tile::{Inspected, count, layer_heading, share, some};
use crate::cli::report::printable;
use crate::cli::table::Table;

pub fn of(tile: &Inspected, description: &Description, only: Option<&str>) -> String {
    let mut text = String::new();
    if only.is_none() {
        text += &tile.heading(&format!("COVT, layout {}", description.directory.layout().name()));
        text.push('\n');
        write_overview(tile, description, &mut text);
    }
    let entries = description.directory.layers().iter().zip(&description.layers);
    for (layer, (entry, columns)) in tile.layers.iter().zip(entries) {
        if only.is_some_and(|only| only != layer.name()) {
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text += &layer_heading(layer, Sums::of_layer(entry).total(), tile.bytes.len());
        let mut table = Table::new(&[
            "column, stream",
            "kind, encoding",
            ">nulls",
            ">values",
            ">bytes",
            ">bits/value",
            ">of tile",
            "statistics",
        ]);
        for (entry, column) in entry.columns().iter().zip(columns) {
            let name = match entry.kind() {
                ColumnKind::Id | ColumnKind::HashedId => "(ids)".into(),
                ColumnKind::Geometry => "(geometry)".into(),
                ColumnKind::SharedDictionary => "(shared strings)".into(),
                ColumnKind::BorrowedDictionary => "(borrowed strings)".into(),
                ColumnKind::Z => "(z)".into(),
                _ => printable(entry.name()),
            };
            write_column(name, entry, column, Some(layer.len()), tile.bytes.len(), &mut table);
        }
        table.write(2, &mut text);
    }
    text
}

/// A row per layer, a column per kind of content.
fn write_overview(tile: &Inspected, description: &Description, text: &mut String) {
    let mut head = vec!["layer", ">features", ">bytes", ">of tile"];
    let contents = Content::ALL.map(|content| (content, format!(">{}", content.name())));
    head.extend(contents.iter().map(|(_, name)| name.as_str()));
    let mut table = Table::new(&head);
    let mut row = |name: String, features: String, sums: &Sums| {
        let mut cells = vec![name, features, count(sums.total()), share(sums.total(), tile.bytes.len())];
        cells.extend(Content::ALL.map(|content| some(sums.get(content))));
        table.row_of(cells);
    };
    for layer in description.directory.layers() {
        row(printable(layer.name()), count(layer.features()), &Sums::of_layer(layer));
    }
    let sums = Sums::of_tile(description);
    row("all, with directory".into(), String::new(), &sums);
    let mut shares = vec![String::new(); 4];
    shares.extend(Content::ALL.map(|content| share(sums.get(content), tile.bytes.len())));
    table.row_of(shares);
    table.write(0, text);
}

/// A row for the column and one for each stream; one for both if there is only one stream. Columns within
/// it follow, by their paths. `rows` is the number of features; none for columns within others.
fn write_column(
    name: String,
    entry: &ColumnEntry,
    column: &ColumnDescription,
    rows: Option<usize>,
    of: usize,
    table: &mut Table,
) {
    let nulls = match (entry.kind(), rows) {
        (kind, _) if kind.is_shared_dictionary() => String::new(),
        (_, None) => String::new(),
        (_, Some(rows)) => some(rows - column.values),
    };
    let path = name.clone();
    let statistics = entry.statistics().map(shown).unwrap_or_default();
    let children = entry.children().iter().zip(&column.children).zip(entry.child_paths(&path));
    let children = |table: &mut Table| {
        for ((entry, column), path) in children {
            write_column(path, entry, column, None, of, table);
        }
    };
    if let ([stream], []) = (&column.streams[..], entry.children()) {
        let kind = format!("{}: {}", entry.kind().name(), stream.coding);
        let [_, values, bytes, bits, share] = stream_cells(stream, of);
        table.row([name, kind, nulls, values, bytes, bits, share, statistics]);
        return;
    }
    let bytes = column_bytes(entry);
    let kind = match entry.kind() {
        ColumnKind::Id | ColumnKind::Geometry | ColumnKind::SharedDictionary => String::new(),
        kind => kind.name().into(),
    };
    let (values, shared) = (String::new(), share(bytes, of));
    table.row([name, kind, nulls, values, count(bytes), String::new(), shared, statistics]);
    for stream in &column.streams {
        let [coding, values, bytes, bits, share] = stream_cells(stream, of);
        let role = format!("  {}", stream.entry.role().name());
        table.row([role, coding, String::new(), values, bytes, bits, share, String::new()]);
    }
    children(table);
}

/// Encoding, values, bytes, bits per value, share of the tile.
fn stream_cells(stream: &StreamDescription, of: usize) -> [String; 5] {
    let bytes = stream.coding.bytes;
    let bits = match stream.count {
        0 => String::new(),
        count => format!("{:.1}", 8.0 * bytes as f64 / count as f64),
    };
    [stream.coding.to_string(), count(stream.count), count(bytes), bits, share(bytes, of)]
}

/// `1 to 99, 12 distinct`
fn shown(statistics: &Statistics) -> String {
    let bounds = statistics.bounds.as_ref().map(|bounds| match bounds {
        Bounds::Bool(min, max) => [min.to_string(), max.to_string()],
        Bounds::Int(min, max) => [min.to_string(), max.to_string()],
        Bounds::UInt(min, max) => [min.to_string(), max.to_string()],
        Bounds::Double(min, max) => [min.to_string(), max.to_string()],
        Bounds::String(min, max) => [format!("{min:?}"), format!("{max:?}")],
    });
    let bounds = bounds.map(|[min, max]| if min == max { min } else { format!("{min} to {max}") });
    let distinct = statistics.distinct_count.map(|distinct| format!("{} distinct", count(distinct)));
    bounds.into_iter().chain(distinct).collect::<Vec<_>>().join(", ")
}

/// What a stream is called where the column is not shown with it.
pub fn stream_name(layer: &str, column: &ColumnEntry, role: Role) -> String {
    match column.kind() {
        ColumnKind::Id | ColumnKind::HashedId => format!("layer {layer:?}, ids: {}", role.name()),
        ColumnKind::Geometry => format!("layer {layer:?}, geometry: {}", role.name()),
        ColumnKind::SharedDictionary => format!("layer {layer:?}, shared strings: {}", role.name()),
        _ => format!("layer {layer:?}, column {:?}: {}", column.name(), role.name()),
    }
}
