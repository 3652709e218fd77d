//! GeoJSON with one feature a line: read twice, once for the types of properties and once for the
//! values.

use std::io::BufRead;
use std::path::Path;

use serde_json::Value;

use super::check_rows;
use super::guess::Guess;
use super::source::Text;
use crate::points::draft::{Draft, Drafts, Places};
use crate::points::options::{LoadOptions, LoadReport, Progress, Stage};
use crate::points::shapes::Shape;

/// The longest line, in bytes.
const LONGEST: u64 = 256 << 20;

pub(super) fn read(
    path: &Path,
    options: &LoadOptions,
    progress: &(dyn Fn(Progress) + Sync),
    report: &mut LoadReport,
) -> Result<Drafts, String> {
    let mut guesses: Vec<(String, Guess)> = Vec::new();
    let mut indexes = std::collections::HashMap::new();
    lines(path, Stage::Inspecting, progress, |_, line| {
        let Ok(Value::Object(feature)) = serde_json::from_slice(line) else { return Ok(()) };
        let Some(Value::Object(properties)) = feature.get("properties") else { return Ok(()) };
        for (name, value) in properties {
            let index = *indexes.entry(name.clone()).or_insert_with(|| {
                guesses.push((name.clone(), Guess::Nothing));
                guesses.len() - 1
            });
            guesses[index].1 = guesses[index].1.and(guess(value));
        }
        Ok(())
    })?;
    if let Some(wanted) = &options.columns {
        guesses.retain(|(name, _)| wanted.contains(name) || options.id.as_ref() == Some(name));
    }
    let columns = guesses.into_iter().map(|(name, guess)| guess.draft(name)).collect();
    let mut drafts = Drafts { places: Places::new(), columns };
    lines(path, Stage::Reading, progress, |row, line| {
        let read = feature(line).and_then(|(shape, properties)| {
            drafts.places.push_shape(&shape)?;
            Ok(properties)
        });
        match read {
            Ok(properties) => {
                for draft in &mut drafts.columns {
                    append(draft, properties.get(&draft.name))
                        .map_err(|what| format!("property {:?}: {what}", draft.name))?;
                }
            }
            Err(what) => report.bad(row, || what),
        }
        Ok(())
    })?;
    check_rows(drafts.places.len())?;
    Ok(drafts)
}

/// Calls `each` with the number, from 1 on, and the bytes of every line that is not blank.
fn lines(
    path: &Path,
    stage: Stage,
    progress: &(dyn Fn(Progress) + Sync),
    mut each: impl FnMut(u64, &[u8]) -> Result<(), String>,
) -> Result<(), String> {
    let mut text = Text::open(path).map_err(|error| error.to_string())?;
    let mut meter = text.meter(stage);
    let mut line = Vec::new();
    for row in 1.. {
        line.clear();
        let len = std::io::Read::take(&mut text.reader, LONGEST).read_until(b'\n', &mut line);
        match len.map_err(|error| error.to_string())? as u64 {
            0 => break,
            LONGEST => return Err(format!("line {row} is longer than {} MiB", LONGEST >> 20)),
            _ => {}
        }
        meter.row(progress);
        // Some put the mark of a record before each.
        let own = line.trim_ascii();
        let own = own.strip_prefix(b"\x1e").or(own.strip_prefix(b"\xef\xbb\xbf")).unwrap_or(own);
        if !own.is_empty() {
            each(row, own)?;
        }
    }
    Ok(())
}

fn guess(value: &Value) -> Guess {
    match value {
        Value::Null => Guess::Nothing,
        Value::Bool(_) => Guess::Bool,
        Value::Number(number) if number.is_i64() => Guess::Int,
        Value::Number(_) => Guess::Float,
        Value::String(text) if Guess::of(text) == Guess::Time => Guess::Time,
        Value::String(_) | Value::Array(_) | Value::Object(_) => Guess::Text,
    }
}

/// The geometry of a feature and its properties.
fn feature(line: &[u8]) -> Result<(Shape, serde_json::Map<String, Value>), String> {
    let mut feature: Value = serde_json::from_slice(line).map_err(|error| format!("no JSON: {error}"))?;
    match feature["type"].as_str() {
        Some("Feature") => {}
        Some("FeatureCollection") => {
            return Err("a collection: features are needed one a line, without it".into());
        }
        _ => return Err("no feature".into()),
    }
    let shape = shape(&feature["geometry"])?;
    let properties = match feature["properties"].take() {
        Value::Object(properties) => properties,
        _ => serde_json::Map::new(),
    };
    Ok((shape, properties))
}

fn shape(geometry: &Value) -> Result<Shape, String> {
    let kind = geometry["type"].as_str().ok_or("no geometry")?;
    let coordinates = &geometry["coordinates"];
    let lines = |value: &Value| each(value, |line| each(line, position));
    Ok(match kind {
        "Point" => Shape::Points(vec![position(coordinates)?]),
        "MultiPoint" => Shape::Points(each(coordinates, position)?),
        "LineString" => Shape::Lines(vec![each(coordinates, position)?]),
        "MultiLineString" => Shape::Lines(lines(coordinates)?),
        "Polygon" => Shape::Polygons(vec![lines(coordinates)?]),
        "MultiPolygon" => Shape::Polygons(each(coordinates, lines)?),
        kind => return Err(format!("a geometry of type {kind:?}")),
    })
}

fn each<T>(value: &Value, read: impl Fn(&Value) -> Result<T, String>) -> Result<Vec<T>, String> {
    value.as_array().ok_or("coordinates that are no array")?.iter().map(read).collect()
}

fn position(value: &Value) -> Result<[f64; 2], String> {
    let axis = |index: usize| value[index].as_f64().ok_or_else(|| "no coordinates".to_owned());
    Ok([axis(0)?, axis(1)?])
}

fn append(draft: &mut Draft, value: Option<&Value>) -> Result<(), &'static str> {
    match value {
        None | Some(Value::Null) => draft.push_text(""),
        Some(Value::String(text)) => draft.push_text(text),
        Some(other) => draft.push_text(&other.to_string()),
    }
}
