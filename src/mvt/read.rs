//! Reading: the bytes of a tile to layers of columns, in two passes over each layer.
//!
//! The fields of a message may stand in any order, so the first pass collects the name and the
//! tables of keys and values and counts the features; the second reads the features.

use super::geometry;
use super::properties::Properties;
use super::values::ValueTable;
use super::wire::{Cursor, key, wire_type};
use crate::column::builder::IdsBuilder;
use crate::error::{Error, Result};
use crate::geometry::builder::GeometryBuilder;
use crate::limits::Budget;
use crate::tile::layer::{DEFAULT_EXTENT, Layer};
use crate::wire::varint;

/// The version of a layer that does not say.
pub(super) const DEFAULT_VERSION: u32 = 1;

/// Field keys of the messages `Tile`, `Layer` and `Feature`.
pub(super) mod field {
    use super::{key, wire_type};

    pub(in crate::mvt) const LAYER: u64 = key(3, wire_type::LEN);

    pub(in crate::mvt) const NAME: u64 = key(1, wire_type::LEN);
    pub(in crate::mvt) const FEATURE: u64 = key(2, wire_type::LEN);
    pub(in crate::mvt) const KEY: u64 = key(3, wire_type::LEN);
    pub(in crate::mvt) const VALUE: u64 = key(4, wire_type::LEN);
    pub(in crate::mvt) const EXTENT: u64 = key(5, wire_type::VARINT);
    pub(in crate::mvt) const VERSION: u64 = key(15, wire_type::VARINT);

    pub(in crate::mvt) const ID: u64 = key(1, wire_type::VARINT);
    pub(in crate::mvt) const TAGS: u64 = key(2, wire_type::LEN);
    pub(in crate::mvt) const TAG: u64 = key(2, wire_type::VARINT);
    pub(in crate::mvt) const TYPE: u64 = key(3, wire_type::VARINT);
    pub(in crate::mvt) const GEOMETRY: u64 = key(4, wire_type::LEN);
    pub(in crate::mvt) const COMMAND: u64 = key(4, wire_type::VARINT);
}

pub(super) const KNOWN_OF_TILE: [(u64, &str); 1] = [(3, "layers")];
pub(super) const KNOWN_OF_LAYER: [(u64, &str); 6] =
    [(1, "name"), (2, "features"), (3, "keys"), (4, "values"), (5, "extent"), (15, "version")];
pub(super) const KNOWN_OF_FEATURE: [(u64, &str); 4] = [(1, "id"), (2, "tags"), (3, "type"), (4, "geometry")];

/// What stood in a tile and is not in the layers read from it, because MVT gives it no meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Fields that are none of MVT's.
    pub unknown_fields: u64,
    /// Entries of key tables that no feature points at.
    pub unused_keys: u64,
    /// Entries of value tables that no feature points at.
    pub unused_values: u64,
}

/// Reads a tile within the default memory budget.
///
/// # Errors
/// Those of [`read_within`].
pub fn read(bytes: &[u8]) -> Result<(Vec<Layer>, Dropped)> {
    read_within(bytes, &mut Budget::default())
}

/// Reads a tile, which must not be compressed, and tells what of it is not kept.
///
/// # Errors
/// If the bytes are no MVT, if a layer has no name, if tags are no pairs or point past the tables
/// or at a value that has not exactly one type, or if more memory is needed than `budget` has left.
pub fn read_within(bytes: &[u8], budget: &mut Budget) -> Result<(Vec<Layer>, Dropped)> {
    let mut dropped = Dropped::default();
    let mut layers = Vec::new();
    let mut tile = Cursor::new(bytes, 0..bytes.len());
    while !tile.is_empty() {
        let key = tile.varint("a tile")?;
        if key == field::LAYER {
            let message = tile.message("a layer")?;
            budget.charge(size_of::<Layer>(), "a layer", message.offset())?;
            let layer = read_layer(message, &mut dropped, budget);
            layers.push(layer.map_err(|error| error.within(describe(message, layers.len())))?);
        } else {
            tile.skip(key, &KNOWN_OF_TILE)?;
            dropped.unknown_fields += 1;
        }
    }
    Ok((layers, dropped))
}

/// How errors call a layer: by its name, or by its number, from 0, if that cannot be read.
#[cold]
fn describe(mut layer: Cursor<'_>, number: usize) -> String {
    let mut name = None;
    while let Ok(key) = layer.varint("a layer") {
        let read = match key {
            field::NAME => {
                layer.message("name").and_then(|field| field.text("name")).map(|text| name = Some(text))
            }
            _ => layer.skip(key, &[]),
        };
        if read.is_err() {
            break;
        }
    }
    name.map_or_else(|| format!("layer {number}"), |name| format!("layer {name:?}"))
}

/// The fields of a layer but for its features.
#[derive(Debug)]
struct Head<'a> {
    name: Option<&'a str>,
    version: u32,
    extent: u32,
    keys: Vec<&'a str>,
    values: ValueTable<'a>,
    features: usize,
    unknown_fields: u64,
}

fn read_head(mut message: Cursor<'_>) -> Result<Head<'_>> {
    let mut head = Head {
        name: None,
        version: DEFAULT_VERSION,
        extent: DEFAULT_EXTENT,
        keys: Vec::new(),
        values: ValueTable::default(),
        features: 0,
        unknown_fields: 0,
    };
    while !message.is_empty() {
        match message.varint("a layer")? {
            field::FEATURE => {
                message.message("a feature")?;
                head.features += 1;
            }
            field::VALUE => {
                let value = message.message("a value")?;
                let number = head.values.len();
                head.unknown_fields +=
                    head.values.read(value).map_err(|error| error.within(format!("value {number}")))?;
            }
            field::KEY => head.keys.push(message.message("a key")?.text("a key")?),
            field::NAME => head.name = Some(message.message("name")?.text("name")?),
            field::EXTENT => head.extent = message.uint32("extent")?,
            field::VERSION => head.version = message.uint32("version")?,
            key => {
                message.skip(key, &KNOWN_OF_LAYER)?;
                head.unknown_fields += 1;
            }
        }
    }
    Ok(head)
}

fn read_layer(mut message: Cursor<'_>, dropped: &mut Dropped, budget: &mut Budget) -> Result<Layer> {
    let head = read_head(message)?;
    let name = head.name.ok_or_else(|| Error::inconsistent(message.offset(), "a layer without a name"))?;
    dropped.unknown_fields += head.unknown_fields;

    // A byte of geometry makes at most one coordinate or command; the ends of features, parts and
    // rings, the ids and types come to less than 40 bytes a feature besides.
    let most = message.left().saturating_mul(4).saturating_add(head.features.saturating_mul(40));
    budget.charge(most, "the features of a layer", message.offset())?;
    let mut properties = Properties::new(head.features, head.keys, head.values, budget)?;
    let mut geometry = GeometryBuilder::default();
    geometry.reserve_features(head.features);
    // In real tiles, a vertex comes to ten bytes with all that belongs to its feature.
    geometry.reserve_vertices(message.left() / 12);
    let mut ids = IdsBuilder::default();
    for row in 0..head.features {
        let feature = loop {
            match message.varint("a layer")? {
                field::FEATURE => break message.message("a feature")?,
                key => message.skip(key, &[])?,
            }
        };
        let id = read_feature(feature, row, &mut geometry, &mut properties, dropped)
            .map_err(|error| error.within(format!("feature {row}")))?;
        if let Some(id) = id {
            ids.push(row, id);
        }
    }
    let (unused_keys, unused_values) = properties.unused();
    dropped.unused_keys += unused_keys as u64;
    dropped.unused_values += unused_values as u64;
    Ok(Layer {
        name: name.into(),
        extent: head.extent,
        version: head.version,
        ids: ids.finish(head.features),
        geometry: geometry.finish()?,
        columns: properties.finish(),
        measures: Vec::new(),
        heights: None,
    })
}

/// Reads a feature and returns its id.
#[inline]
fn read_feature(
    feature: Cursor<'_>,
    row: usize,
    geometry: &mut GeometryBuilder,
    properties: &mut Properties<'_, '_>,
    dropped: &mut Dropped,
) -> Result<Option<u64>> {
    let (mut id, mut kind) = (None, 0);
    let (mut tags, mut commands) = (0..0, 0..0);
    // Whether tags or geometry stand in several fields, or in fields that are not packed.
    let mut scattered = false;
    let mut message = feature;
    while !message.is_empty() {
        match message.varint("a feature")? {
            field::ID => id = Some(message.varint("id")?),
            field::TAGS => {
                scattered |= !tags.is_empty();
                tags = message.message("tags")?.range();
            }
            field::TYPE => kind = message.uint32("type")?,
            field::GEOMETRY => {
                scattered |= !commands.is_empty();
                commands = message.message("geometry")?.range();
            }
            field::TAG | field::COMMAND => {
                scattered = true;
                message.uint32("tags or geometry")?;
            }
            key => {
                message.skip(key, &KNOWN_OF_FEATURE)?;
                dropped.unknown_fields += 1;
            }
        }
    }
    if scattered {
        let tags = gather(feature, field::TAGS, field::TAG)?;
        let commands = gather(feature, field::GEOMETRY, field::COMMAND)?;
        properties.read(row, &tags, 0..tags.len())?;
        geometry::read(&commands, 0..commands.len(), kind, geometry)?;
    } else {
        properties.read(row, feature.tile(), tags)?;
        geometry::read(feature.tile(), commands, kind, geometry)?;
    }
    Ok(id)
}

/// All integers of a repeated field as one packed field: in protobuf, its pieces follow each other.
#[cold]
fn gather(mut feature: Cursor<'_>, packed: u64, single: u64) -> Result<Vec<u8>> {
    let mut integers = Vec::new();
    while !feature.is_empty() {
        let key = feature.varint("a feature")?;
        if key == packed {
            let mut piece = feature.message("tags or geometry")?;
            while !piece.is_empty() {
                varint::write(&mut integers, piece.varint("tags or geometry")?);
            }
        } else if key == single {
            varint::write(&mut integers, feature.varint("tags or geometry")?);
        } else {
            feature.skip(key, &[])?;
        }
    }
    Ok(integers)
}
