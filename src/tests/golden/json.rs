//! The readable form of a tile: its directory and all that it decodes to.

use serde_json::{Map, Number, Value as Json, json};

use crate::column::{Column, ColumnKind, Nested, Value, Values};
use crate::geometry::{Geometry, GeometryType};
use crate::limits::Budget;
use crate::stream::StreamEntry;
use crate::testing::ids::encoding;
use crate::tile::directory::{ColumnEntry, LayerEntry, Layout};
use crate::tile::layer::Layer;
use crate::tile::read::Tile;
use crate::tile::statistics::{Bounds, Statistics};

/// The longest line, in characters, where it can be broken.
const WIDTH: usize = 110;

/// The readable form of `tile`.
pub(super) fn tile(tile: &[u8]) -> String {
    let mut budget = Budget::default();
    let tile = Tile::open(tile, &mut budget).unwrap();
    let layers: Vec<Json> = tile
        .layers()
        .map(|reader| {
            let layer = reader.decode(&mut budget).unwrap();
            json!({ "directory": directory(reader.entry()), "decoded": decoded(&layer) })
        })
        .collect();
    let directory = tile.directory();
    let mut out = String::new();
    let mut json = json!({
        "layout": directory.layout().name(),
        "body": [directory.body().start, directory.body().end],
    });
    if directory.layout() == Layout::Compact {
        json["vertices"] =
            directory.vertices().iter().map(|entry| stream(ColumnKind::Geometry, entry)).collect();
    }
    json["layers"] = layers.into();
    print(&json, 0, &mut out);
    out.push('\n');
    out
}

/// Objects and arrays that fit a line stand on one; scalars fill lines.
fn print(json: &Json, indent: usize, out: &mut String) {
    let line = one_line(json);
    if column(out) + line.chars().count() < WIDTH {
        return out.push_str(&line);
    }
    let new_line = |indent: usize, out: &mut String| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", indent));
    };
    match json {
        Json::Array(items) => {
            let flat = !items.iter().any(|item| item.is_array() || item.is_object());
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                let fits = flat && column(out) + one_line(item).chars().count() + 1 < WIDTH;
                match (index, fits) {
                    (0, _) | (_, false) => new_line(indent + 1, out),
                    (_, true) => out.push(' '),
                }
                print(item, indent + 1, out);
                out.push_str(if index + 1 < items.len() { "," } else { "" });
            }
            new_line(indent, out);
            out.push(']');
        }
        Json::Object(items) => {
            out.push('{');
            for (index, (key, item)) in items.iter().enumerate() {
                new_line(indent + 1, out);
                *out += &format!("{}: ", quoted(key));
                print(item, indent + 1, out);
                out.push_str(if index + 1 < items.len() { "," } else { "" });
            }
            new_line(indent, out);
            out.push('}');
        }
        _ => out.push_str(&line),
    }
}

/// How long the last line is, in characters.
fn column(out: &str) -> usize {
    out[out.rfind('\n').map_or(0, |end| end + 1)..].chars().count()
}

fn one_line(json: &Json) -> String {
    match json {
        Json::Array(items) => format!("[{}]", items.iter().map(one_line).collect::<Vec<_>>().join(", ")),
        Json::Object(items) => {
            let items = items.iter().map(|(key, item)| format!("{}: {}", quoted(key), one_line(item)));
            format!("{{{}}}", items.collect::<Vec<_>>().join(", "))
        }
        Json::String(text) => quoted(text),
        scalar => scalar.to_string(),
    }
}

/// A string in which nothing is invisible.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for char in text.chars() {
        if char.escape_debug().to_string().starts_with("\\u") {
            out.extend(char.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            let alone = Json::from(char.to_string()).to_string();
            out += &alone[1..alone.len() - 1];
        }
    }
    out + "\""
}

fn directory(layer: &LayerEntry) -> Json {
    json!({
        "name": layer.name(),
        "extent": layer.extent(),
        "version": layer.version(),
        "features": layer.features(),
        "columns": layer.columns().iter().map(|column| column_entry(column, true)).collect::<Vec<_>>(),
    })
}

fn column_entry(column: &ColumnEntry, named: bool) -> Json {
    let mut out = Map::new();
    out.insert("kind".into(), column.kind().name().into());
    if named && column.kind().is_named() {
        out.insert("name".into(), column.name().into());
    }
    if let Some(dictionary) = column.dictionary() {
        out.insert("dictionary".into(), dictionary.into());
    }
    if let Some((layer, lender)) = column.lender() {
        out.insert("lender".into(), json!([layer, lender]));
    }
    if let Some(hash) = column.hash {
        out.insert("hashed".into(), json!([hash.multiplier, hash.column]));
    }
    let streams = column.streams().iter().map(|entry| stream(column.kind(), entry));
    out.insert("streams".into(), streams.collect());
    if let Some(grid) = column.grid() {
        out.insert("grid".into(), json!([double(grid.scale), double(grid.offset)]));
    }
    if column.kind().is_nested() || column.kind() == ColumnKind::MValues {
        let named = column.kind() == ColumnKind::Struct;
        let children = column.children().iter().map(|child| column_entry(child, named));
        out.insert("columns".into(), children.collect());
    }
    if let Some(statistics) = column.statistics() {
        out.insert("statistics".into(), statistics_json(statistics));
    }
    out.into()
}

fn stream(kind: ColumnKind, stream: &StreamEntry) -> Json {
    let mut out = Map::new();
    out.insert("role".into(), stream.role().name().into());
    out.insert("encoding".into(), encoding(kind, stream).unwrap().name().into());
    if let Some(count) = stream.count() {
        out.insert("count".into(), count.into());
    }
    if stream.role() == crate::Role::Tokens {
        out.insert("references".into(), stream.references().collect::<Vec<_>>().into());
        if let Some(context) = stream.context() {
            out.insert("context".into(), context.into());
        }
    }
    let place = if stream.is_apart() { "front" } else { "bytes" };
    out.insert(place.into(), json!([stream.range().start, stream.range().end]));
    out.into()
}

fn statistics_json(statistics: &Statistics) -> Json {
    let mut out = Map::new();
    out.insert("nulls".into(), statistics.null_count.into());
    if let Some(count) = statistics.distinct_count {
        out.insert("distinct".into(), count.into());
    }
    if let Some(bounds) = &statistics.bounds {
        let [min, max] = match bounds {
            Bounds::Bool(min, max) => [min, max].map(|bound| Json::from(*bound)),
            Bounds::Int(min, max) => [min, max].map(|bound| Json::from(*bound)),
            Bounds::UInt(min, max) => [min, max].map(|bound| Json::from(*bound)),
            Bounds::Double(min, max) => [min, max].map(|bound| double(*bound)),
            Bounds::String(min, max) => [min, max].map(|bound| Json::from(bound.as_str())),
        };
        out.insert("min".into(), min);
        out.insert("max".into(), max);
    }
    out.into()
}

fn decoded(layer: &Layer) -> Json {
    let mut out = Map::new();
    if let Some(ids) = layer.ids() {
        out.insert("ids".into(), (0..layer.len()).map(|row| ids.get(row)).collect());
    }
    out.insert("geometry".into(), geometries(layer.geometry()));
    if let Some(indices) = layer.geometry().indices() {
        let triangles = indices.chunks(3).map(|triangle| Json::from(triangle.to_vec()));
        out.insert("triangles".into(), triangles.collect());
    }
    let columns = layer.columns().iter().map(|column| {
        let values: Json = (0..column.len()).map(|row| column.get(row).map_or(Json::Null, value)).collect();
        json!({ "name": column.name.as_str(), "type": type_name(column), "values": values })
    });
    out.insert("columns".into(), columns.collect());
    let some = |values: &mut dyn Iterator<Item = Value>, valid: bool| match valid {
        true => values.map(value).collect(),
        false => Json::Null,
    };
    if !layer.measures().is_empty() {
        let measures = layer.measures().iter().map(|measure| {
            let column = Column { name: "".into(), values: measure.values.clone(), nulls: None };
            let of_type = type_name(&column);
            let values = (0..layer.len()).map(|row| {
                let vertices = layer.geometry().feature_vertices(row);
                some(&mut vertices.map(|vertex| measure.values.at(vertex)), measure.is_valid(row))
            });
            json!({ "name": measure.name.as_str(), "type": of_type, "values": values.collect::<Vec<Json>>() })
        });
        out.insert("measures".into(), measures.collect());
    }
    if let Some(heights) = layer.heights() {
        let values = (0..layer.len()).map(|row| {
            let vertices = layer.geometry().feature_vertices(row);
            let steps = vertices.map(|vertex| Value::Int(heights.values[vertex].into()));
            some(&mut steps.into_iter(), heights.is_valid(row))
        });
        let values: Vec<Json> = values.collect();
        out.insert("heights".into(), values.into());
    }
    out.into()
}

/// GeoJSON's form, with the coordinates of the tile; rings are not closed.
fn geometries(geometry: &Geometry) -> Json {
    let mut commands = 0;
    let features = (0..geometry.len()).map(|row| {
        let kind = geometry.geometry_type(row);
        if kind == GeometryType::Commands {
            commands += 1;
            return command_integers(geometry, commands - 1);
        }
        let part = |part: usize| {
            let ring = |ring: usize| -> Json {
                geometry.ring(ring).chunks(2).map(|vertex| Json::from(vertex.to_vec())).collect()
            };
            let rings = geometry.rings(part);
            match kind {
                kind if kind.is_polygonal() => rings.map(ring).collect(),
                kind if kind.is_linear() => ring(rings.start),
                _ => ring(rings.start)[0].take(),
            }
        };
        let parts = geometry.parts(row);
        let coordinates = if kind.is_multi() { parts.map(part).collect() } else { part(parts.start) };
        json!({ "type": kind.name(), "coordinates": coordinates })
    });
    features.collect()
}

fn command_integers(geometry: &Geometry, index: usize) -> Json {
    let commands = geometry.commands().unwrap();
    let range = commands.offsets[index] as usize..commands.offsets[index + 1] as usize;
    json!({
        "type": GeometryType::Commands.name(),
        "mvt type": commands.types[index],
        "integers": commands.values[range].to_vec(),
    })
}

/// The type of a column's values; that of nested ones says what is within.
fn type_name(column: &Column) -> Json {
    let name = match &column.values {
        Values::Bool(_) => "bool",
        Values::Int(_) => "int",
        Values::UInt(_) => "uint",
        Values::SInt(_) => "sint",
        Values::Float(_) => "float",
        Values::Double(_) => "double",
        Values::String(_) => "string",
        Values::Nested(nested) => {
            let within = match nested {
                Nested::Struct { fields, .. } => {
                    fields.iter().map(|field| json!([field.name.as_str(), type_name(field)])).collect()
                }
                Nested::List { items, .. } => type_name(items),
                Nested::Map { keys, values, .. } => json!([type_name(keys), type_name(values)]),
            };
            return json!({ nested.type_name(): within });
        }
    };
    name.into()
}

fn value(value: Value) -> Json {
    match value {
        Value::Bool(value) => value.into(),
        Value::Int(value) | Value::SInt(value) => value.into(),
        Value::UInt(value) => value.into(),
        Value::Float(value) if value.is_nan() => format!("NaN {:#010x}", value.to_bits()).into(),
        // The shortest decimal that is this number and no other of 32 bits.
        Value::Float(value) => double(value.to_string().parse().unwrap()),
        Value::Double(value) => double(value),
        Value::String(value) => value.into(),
        Value::Nested(nested) => {
            let some = |item: Option<Value>| item.map_or(Json::Null, self::value);
            match nested.nested() {
                Nested::Struct { .. } => nested.fields().map(|(_, field)| some(field)).collect(),
                Nested::List { .. } => nested.items().map(some).collect(),
                Nested::Map { .. } => {
                    nested.entries().map(|(key, item)| json!([some(Some(key)), some(item)])).collect()
                }
            }
        }
    }
}

fn double(value: f64) -> Json {
    match Number::from_f64(value) {
        Some(number) => number.into(),
        None if value.is_nan() => format!("NaN {:#018x}", value.to_bits()).into(),
        None => value.to_string().into(),
    }
}
