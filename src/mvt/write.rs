//! Writing: layers to the bytes of a tile.
//!
//! ```text
//! tile      { 3 layer } …
//! layer     1 name  { 2 feature } …  { 3 key } …  { 4 value } …  5 extent  15 version
//! feature   [ 1 id ]  [ 2 tags ]  3 type  [ 4 geometry ]
//! ```
//!
//! Tags stand in the order of the columns, and so do the tables: a key or value gets its number
//! where it first occurs, column by column. The same layers always give the same bytes.

use super::geometry;
use super::read::field;
use super::tables::Tables;
use super::writer::{Writer, write_field};
use crate::error::Result;
use crate::geometry::GeometryType;
use crate::tile::layer::Layer;
use crate::wire::varint;

/// Writes a tile.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] if a layer holds what MVT cannot say: a line or ring of fewer
/// than two vertices, or 2^29 and more vertices on end.
pub fn write(layers: &[Layer]) -> Result<Vec<u8>> {
    let mut tile = Vec::new();
    let mut message = Vec::new();
    for layer in layers {
        message.clear();
        write_layer(layer, &mut message)
            .map_err(|error| error.within(format!("layer {:?}", layer.name())))?;
        write_field(&mut tile, field::LAYER, &message);
    }
    Ok(tile)
}

fn write_layer(layer: &Layer, out: &mut Vec<u8>) -> Result<()> {
    let tables = Tables::new(layer)?;
    write_field(out, field::NAME, layer.name().as_bytes());
    let mut feature = FeatureWriter::default();
    for row in 0..layer.len() {
        feature
            .write(layer, row, tables.tags(row), out)
            .map_err(|error| error.within(format!("feature {row}")))?;
    }
    out.extend_from_slice(&tables.keys);
    out.extend_from_slice(&tables.values);
    for (key, value) in [(field::EXTENT, layer.extent()), (field::VERSION, layer.version())] {
        varint::write(out, key);
        varint::write(out, u64::from(value));
    }
    Ok(())
}

/// Writes features in order, and keeps the buffers for it.
#[derive(Debug, Default)]
struct FeatureWriter {
    tags: Writer,
    geometry: Writer,
    message: Writer,
    /// How many features of type [`GeometryType::Commands`] went before.
    commands: usize,
}

impl FeatureWriter {
    #[inline]
    fn write(&mut self, layer: &Layer, row: usize, tags: &[u64], out: &mut Vec<u8>) -> Result<()> {
        let Self { tags: tag_bytes, geometry: commands, message, .. } = self;
        tag_bytes.clear();
        commands.clear();
        message.clear();
        tag_bytes.pairs(tags.len(), tags.iter().copied());
        let kind = geometry::write(layer.geometry(), row, self.commands, commands)?;
        self.commands += usize::from(layer.geometry().geometry_type(row) == GeometryType::Commands);

        if let Some(id) = layer.ids().and_then(|ids| ids.get(row)) {
            message.varint(field::ID);
            message.varint(id);
        }
        message.field(field::TAGS, tag_bytes.as_bytes());
        message.varint(field::TYPE);
        // An enum is an int32, which protobuf extends to 64 bits with its sign.
        message.varint(kind as i32 as u64);
        message.field(field::GEOMETRY, commands.as_bytes());
        write_field(out, field::FEATURE, message.as_bytes());
        Ok(())
    }
}
