//! Writing: layers to the bytes of a tile.
//!
//! ```text
//! tile      { 3 layer } …
//! layer     1 name  { 2 feature } …  { 3 key } …  { 4 value } …  5 extent  15 version
//! feature   [ 1 id ]  [ 2 tags ]  3 type  4 geometry
//! ```
//!
//! Tags stand in the order of the columns, and so do the tables: a key or value gets its number
//! where it first occurs, column by column. The same layers always give the same bytes.

use super::geometry;
use super::read::field;
use super::reduce::fits;
use super::tables::Tables;
use super::writer::Writer;
use crate::error::{Error, Result};
use crate::geometry::GeometryType;
use crate::tile::layer::Layer;

/// Writes a tile.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] if a layer holds what MVT cannot say: a line or ring of fewer
/// than two vertices, 2^29 and more vertices on end, or what [`super::reduce()`] flattens or drops.
pub fn write(layers: &[Layer]) -> Result<Vec<u8>> {
    let mut out = Writer::default();
    for layer in layers {
        out.field(field::LAYER, |out| write_layer(layer, out))
            .map_err(|error| error.within(format!("layer {:?}", layer.name())))?;
    }
    Ok(out.into_bytes())
}

fn write_layer(layer: &Layer, out: &mut Writer) -> Result<()> {
    if !fits(layer) {
        return Err(Error::input(
            "nested values or values per vertex, which MVT cannot hold unless they are flattened",
        ));
    }
    let tables = Tables::new(layer)?;
    out.field(field::NAME, |out| {
        out.bytes(layer.name().as_bytes());
        Ok(())
    })?;
    // How many features of type `Commands` went before.
    let mut commands = 0;
    for row in 0..layer.len() {
        out.field(field::FEATURE, |out| write_feature(layer, row, commands, tables.tags(row), out))
            .map_err(|error| error.within(format!("feature {row}")))?;
        commands += usize::from(layer.geometry().geometry_type(row) == GeometryType::Commands);
    }
    out.bytes(&tables.keys);
    out.bytes(&tables.values);
    for (key, value) in [(field::EXTENT, layer.extent()), (field::VERSION, layer.version())] {
        out.varint(key);
        out.varint(u64::from(value));
    }
    Ok(())
}

#[inline]
fn write_feature(layer: &Layer, row: usize, commands: usize, tags: &[u64], out: &mut Writer) -> Result<()> {
    if let Some(id) = layer.ids().and_then(|ids| ids.get(row)) {
        out.varint(field::ID);
        out.varint(id);
    }
    if !tags.is_empty() {
        out.field(field::TAGS, |out| {
            out.pairs(tags.len(), tags.iter().copied());
            Ok(())
        })?;
    }
    let kind = geometry::mvt_type(layer.geometry(), row, commands);
    out.varint(field::TYPE);
    // An enum is an int32, which protobuf extends to 64 bits with its sign.
    out.varint(kind as i32 as u64);
    out.field(field::GEOMETRY, |out| geometry::write(layer.geometry(), row, commands, out))
}
