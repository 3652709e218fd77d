//! GeoJSON as users have it, good and bad, and the way into tiles and back.

mod bad;
mod clip;
mod forms;
mod round_trip;
mod types;

use super::{Feature, Form, Options, Projection, Report, TileBuilder, Unwritten, Writer, read, read_slice};
use crate::coord::TileCoord;
use crate::error::Result;
use crate::tile::layer::Layer;

/// A tile of the Alpine Rhine.
fn tile() -> TileCoord {
    TileCoord::new(6, 33, 22).unwrap()
}

fn features(text: &str) -> Result<Vec<Feature>> {
    let mut out = Vec::new();
    read(text.as_bytes(), |feature| {
        out.push(feature);
        Ok(())
    })?;
    let mut again = Vec::new();
    read_slice(text.as_bytes(), |feature| {
        again.push(feature);
        Ok(())
    })?;
    assert_eq!(out, again);
    Ok(out)
}

fn build(text: &str, options: Options) -> Result<(Vec<Layer>, Report)> {
    let mut builder = TileBuilder::new(tile(), options)?;
    read(text.as_bytes(), |feature| builder.add(feature))?;
    builder.finish()
}

/// Features of points in the tile with these properties, an object each.
fn points(properties: &[&str]) -> String {
    let point = r#"{"type": "Point", "coordinates": [9.2, 47.1]}"#;
    let feature =
        |text: &&str| format!(r#"{{"type": "Feature", "geometry": {point}, "properties": {text}}}"#);
    properties.iter().map(feature).collect::<Vec<_>>().join("\n")
}

fn text(layers: &[Layer], form: Form) -> (String, Unwritten) {
    let mut writer = Writer::new(Vec::new(), form);
    for layer in layers {
        writer.layer(layer, &Projection::new(tile(), layer.extent())).unwrap();
    }
    let (out, unwritten) = writer.finish().unwrap();
    (String::from_utf8(out).unwrap(), unwritten)
}

/// The properties of the features of a tile, as JSON text.
fn properties(layers: &[Layer]) -> Vec<String> {
    let (text, _) = text(layers, Form::Lines);
    let lines = features(&text).unwrap().into_iter();
    lines.map(|feature| serde_json::Value::Object(feature.properties).to_string()).collect()
}
