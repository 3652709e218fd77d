//! Layers as MVT can hold them: what is nested as JSON text, as Overture's tiles are published.

use crate::column::{Column, Strings, Values};
use crate::error::Result;
use crate::mvt;
use crate::tile::layer::Layer;

/// The same layer with every nested property as JSON text, and the values of vertices as lists of numbers in
/// JSON text.
///
/// # Errors
/// If strings become too long.
pub fn with_json(layer: &Layer) -> Result<Layer> {
    let json = |column: &Column| {
        let texts = (0..column.len()).map(|row| column.get(row).map_or(String::new(), mvt::json_text));
        Column {
            name: column.name.clone(),
            values: Values::String(Strings::Plain(texts.collect())),
            nulls: column.nulls.clone(),
        }
    };
    let columns = layer.columns().iter().map(|column| match column.values {
        Values::Nested(_) => json(column),
        _ => column.clone(),
    });
    let plain = Layer::try_new(
        layer.name(),
        layer.extent(),
        layer.version(),
        layer.ids().cloned(),
        layer.geometry().clone(),
        columns.collect(),
    )?;
    // What is left beyond MVT are values of vertices.
    let plain = plain.with_vertex_values(layer.measures().to_vec(), layer.heights().cloned())?;
    Ok(mvt::reduce(&[plain], mvt::Beyond::Flatten).0.into_owned().remove(0))
}
