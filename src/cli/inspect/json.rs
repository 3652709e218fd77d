//! A tile, as JSON.

use covt::mvt::Part;
use covt::tileset::Compression;
use covt::{Bounds, Coding, ColumnDescription, ColumnEntry, Description, Field, Layer, Statistics};
use serde_json::{Map, Value, json};

use super::content::{Content, Sums, column_bytes};
use super::mvt_text;
use super::tile::{Format, Inspected, geometry_types};

pub fn of(tile: &Inspected, only: Option<&str>, fields: bool) -> Value {
    let mut json = json!({
        "tile": tile.name,
        "format": match tile.format { Format::Covt(_) => "COVT", Format::Mvt(_) => "MVT" },
        "compression": match tile.compression {
            Compression::None => Value::Null,
            compression => compression.to_string().into(),
        },
        "stored_bytes": tile.stored_bytes,
        "bytes": tile.bytes.len(),
        "sizes": object(tile.sizes.iter().map(|&(what, bytes)| (what, bytes))),
    });
    let wanted = |layer: &Layer| only.is_none_or(|only| only == layer.name());
    let (own, all) = match &tile.format {
        Format::Covt(description) => {
            json["layout"] = description.directory.layout().name().into();
            json["content"] = content(&Sums::of_tile(description));
            (covt_layers(tile, description, wanted), &description.fields)
        }
        Format::Mvt(description) => {
            json["content"] = object(Part::ALL.map(|part| (part.name(), mvt_text::sum(description, part))));
            let layers = tile.layers.iter().zip(&description.layers).filter(|(layer, _)| wanted(layer));
            let layers = layers.map(|(layer, described)| {
                let mut json = layer_json(layer, described.total());
                json["keys"] = described.keys.into();
                json["values"] = described.values.into();
                json["content"] = object(Part::ALL.map(|part| (part.name(), described.bytes(part))));
                json
            });
            (layers.collect(), &description.fields)
        }
    };
    json["layers"] = own;
    if fields {
        json["fields"] = all.iter().map(field).collect();
    }
    json
}

fn covt_layers(tile: &Inspected, description: &Description, wanted: impl Fn(&Layer) -> bool) -> Value {
    let entries = description.directory.layers().iter().zip(&description.layers);
    let layers = tile.layers.iter().zip(entries).filter(|(layer, _)| wanted(layer));
    let layers = layers.map(|(layer, (entry, columns))| {
        let sums = Sums::of_layer(entry);
        let mut json = layer_json(layer, sums.total());
        json["content"] = content(&sums);
        let columns = entry.columns().iter().zip(columns);
        json["columns"] =
            columns.map(|(entry, column)| column_json(entry, column, Some(layer.len()))).collect();
        json
    });
    layers.collect()
}

fn layer_json(layer: &Layer, bytes: usize) -> Value {
    json!({
        "name": layer.name(),
        "extent": layer.extent(),
        "version": layer.version(),
        "features": layer.len(),
        "vertices": layer.geometry().vertices().len() / 2,
        "geometries": object(geometry_types(layer).into_iter().map(|(kind, count)| (kind.name(), count))),
        "bytes": bytes,
    })
}

/// `rows` is the number of features; none for columns within others.
fn column_json(entry: &ColumnEntry, column: &ColumnDescription, rows: Option<usize>) -> Value {
    let mut json = json!({ "kind": entry.kind().name() });
    if entry.kind().is_property() || entry.kind() == covt::ColumnKind::MValues {
        json["name"] = entry.name().into();
    }
    if let Some(dictionary) = entry.dictionary() {
        json["dictionary"] = dictionary.into();
    }
    if let Some((layer, column)) = entry.lender() {
        json["lender"] = json!({ "layer": layer, "column": column });
    }
    if let Some(column) = entry.hashed() {
        json["hashes of"] = column.into();
    }
    json["values"] = column.values.into();
    if let Some(rows) = rows.filter(|_| !entry.kind().is_shared_dictionary()) {
        json["nulls"] = (rows - column.values).into();
    }
    json["bytes"] = column_bytes(entry).into();
    if let Some(statistics) = entry.statistics() {
        json["statistics"] = statistics_json(statistics);
    }
    let streams = column.streams.iter().map(|stream| {
        let (range, apart) = (stream.entry.range(), stream.entry.is_apart());
        let mut json = json!({
            "role": stream.entry.role().name(),
            "encoding": stream.coding.to_string(),
            "values": stream.count,
            "offset": range.start,
            "bytes": if apart { 0 } else { range.len() },
            "coding": coding(&stream.coding),
        });
        if apart {
            // Compressed together with the directory, where nobody can tell its share.
            json["bytes_in_front"] = range.len().into();
        }
        json
    });
    json["streams"] = streams.collect();
    if !entry.children().is_empty() {
        let columns = entry.children().iter().zip(&column.children);
        json["columns"] = columns.map(|(entry, column)| column_json(entry, column, None)).collect();
    }
    json
}

fn coding(coding_: &Coding) -> Value {
    let Coding { name, width, count, bytes, parts, .. } = coding_;
    let mut json = json!({ "name": name, "values": count, "bytes": bytes });
    if let Some(width) = width {
        json["width"] = (*width).into();
    }
    if !parts.is_empty() {
        let parts = parts.iter().map(|(what, part)| (what.to_string(), coding(part)));
        json["parts"] = Value::Object(parts.collect());
    }
    json
}

fn statistics_json(statistics: &Statistics) -> Value {
    let mut json = json!({ "nulls": statistics.null_count });
    if let Some(distinct) = statistics.distinct_count {
        json["distinct"] = distinct.into();
    }
    let (min, max) = match &statistics.bounds {
        None => return json,
        Some(Bounds::Bool(min, max)) => (json!(min), json!(max)),
        Some(Bounds::Int(min, max)) => (json!(min), json!(max)),
        Some(Bounds::UInt(min, max)) => (json!(min), json!(max)),
        Some(Bounds::Double(min, max)) => (json!(min), json!(max)),
        Some(Bounds::String(min, max)) => (json!(min), json!(max)),
    };
    json["min"] = min;
    json["max"] = max;
    json
}

fn field(field: &Field) -> Value {
    let Field { range, level, what, value, meaning, .. } = field;
    let mut json = json!({ "offset": range.start, "bytes": range.len(), "level": level, "what": what });
    if let Some(value) = value {
        json["value"] = (*value).into();
    }
    if !meaning.is_empty() {
        json["meaning"] = meaning.as_str().into();
    }
    json
}

fn content(sums: &Sums) -> Value {
    object(Content::ALL.map(|content| (content.name(), sums.get(content))))
}

fn object<'a>(entries: impl IntoIterator<Item = (&'a str, usize)>) -> Value {
    Value::Object(
        entries.into_iter().map(|(key, number)| (key.to_owned(), number.into())).collect::<Map<_, _>>(),
    )
}
