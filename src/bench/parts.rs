//! Where the bytes of tiles go.

use crate::column::ColumnKind;
use crate::error::Result;
use crate::limits::Budget;
use crate::mvt::{self, Part};
use crate::stream::Role;
use crate::tile::directory::{ColumnEntry, Directory, Layout};

/// What bytes are there for.
///
/// | | MVT | COVT |
/// |---|---|---|
/// | geometry | command integers | vertices |
/// | topology | geometry types | types, and how many parts, rings, vertices |
/// | ids | ids | the id column |
/// | strings | keys, and values that are strings | columns of strings, dictionaries |
/// | properties | tags, and other values | columns of numbers and truth values, levels |
/// | structure | keys and lengths of layers and features, names | the directory |
pub const PART_NAMES: [&str; 6] = ["geometry", "topology", "ids", "strings", "properties", "structure"];

const GEOMETRY: usize = 0;
const TOPOLOGY: usize = 1;
const IDS: usize = 2;
const STRINGS: usize = 3;
const PROPERTIES: usize = 4;
const STRUCTURE: usize = 5;

/// Bytes by [part](PART_NAMES).
pub type PartSizes = [u64; PART_NAMES.len()];

/// What belongs to no layer is listed under no name.
pub(super) fn of_mvt(tile: &[u8]) -> Result<Vec<(String, PartSizes)>> {
    let description = mvt::describe(tile, &mut Budget::default())?;
    let mut layers: Vec<(String, PartSizes)> = Vec::with_capacity(description.layers.len() + 1);
    let mut strings = strings_of_layers(&description.fields).into_iter();
    for layer in &description.layers {
        let mut sizes = [0; PART_NAMES.len()];
        for part in Part::ALL {
            let place = match part {
                Part::Geometry => GEOMETRY,
                Part::Types => TOPOLOGY,
                Part::Ids => IDS,
                Part::Keys => STRINGS,
                Part::Values | Part::Tags => PROPERTIES,
                Part::Features | Part::Layer | Part::Unknown => STRUCTURE,
            };
            sizes[place] += layer.bytes(part) as u64;
        }
        let strings = strings.next().unwrap_or(0);
        sizes[PROPERTIES] -= strings;
        sizes[STRINGS] += strings;
        layers.push((layer.name.clone(), sizes));
    }
    if description.unknown_bytes > 0 {
        let mut sizes = [0; PART_NAMES.len()];
        sizes[STRUCTURE] = description.unknown_bytes as u64;
        layers.push((String::new(), sizes));
    }
    Ok(layers)
}

/// The bytes of values that are strings, of each layer.
fn strings_of_layers(fields: &[crate::wire::trace::Field]) -> Vec<u64> {
    let mut layers = Vec::new();
    for field in fields {
        match field.what {
            "layer" => layers.push(0),
            // A description tells strings in quotes.
            "value" if field.meaning.ends_with('"') => {
                if let Some(layer) = layers.last_mut() {
                    *layer += field.range.len() as u64;
                }
            }
            _ => {}
        }
    }
    layers
}

/// What belongs to no layer, the directory and vertices that layers have in common, is listed under no
/// name.
pub(super) fn of_covt(tile: &[u8]) -> Result<Vec<(String, PartSizes)>> {
    let mut layers: Vec<(String, PartSizes)> = Vec::new();
    for ColumnSize { layer, part, bytes, .. } in column_sizes(tile)? {
        if layers.last().is_none_or(|(name, _)| *name != layer) {
            layers.push((layer, PartSizes::default()));
        }
        layers.last_mut().expect("just pushed").1[part] += bytes;
    }
    Ok(layers)
}

/// The bytes of a part of a column of a COVT tile.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ColumnSize {
    /// The layer; empty for what belongs to none.
    pub layer: String,
    /// The column; in parentheses where it is no property.
    pub column: String,
    /// Which of [`PART_NAMES`].
    pub part: usize,
    /// How many bytes of the tile it takes. Text that is compressed together with the directory takes its
    /// share of both.
    pub bytes: u64,
}

/// Where the bytes of a COVT tile go, by layer, column and part: every byte is counted once.
///
/// # Errors
/// If the tile has no sound directory.
pub fn column_sizes(tile: &[u8]) -> Result<Vec<ColumnSize>> {
    let directory = Directory::read(tile, &mut Budget::default())?;
    let front = directory.body().start as u64;
    let share = (directory.layout() == Layout::Compact).then(|| {
        let raw = directory.front.as_ref().map_or(front, |front| front.bytes.len() as u64);
        (front, raw.max(1))
    });
    let mut sizes = Sizes { share, in_front: 0, found: Vec::new() };
    for layer in directory.layers() {
        for column in layer.columns() {
            let name = match column.kind() {
                ColumnKind::Id | ColumnKind::HashedId => "(ids)".to_owned(),
                ColumnKind::Geometry => "(geometry)".to_owned(),
                ColumnKind::SharedDictionary => "(shared strings)".to_owned(),
                _ => column.name().to_owned(),
            };
            sizes.add(layer.name(), &name, column);
        }
    }
    let mut found = sizes.found;
    let mut whole = |column: &str, part, bytes| {
        let (layer, column) = (String::new(), column.to_owned());
        found.push(ColumnSize { layer, column, part, bytes });
    };
    let vertices = directory.vertices().iter().map(|stream| stream.range().len() as u64);
    whole("(geometry)", GEOMETRY, vertices.sum());
    whole("(directory)", STRUCTURE, front - sizes.in_front);
    Ok(found)
}

struct Sizes {
    /// What share of text in front of the body is stored, if text lies there.
    share: Option<(u64, u64)>,
    /// The bytes of text there.
    in_front: u64,
    found: Vec<ColumnSize>,
}

impl Sizes {
    /// Adds the streams of a column and of those within it.
    fn add(&mut self, layer: &str, name: &str, column: &ColumnEntry) {
        for stream in column.streams() {
            let part = match column.kind() {
                ColumnKind::Id | ColumnKind::HashedId => IDS,
                ColumnKind::Geometry => match stream.role() {
                    Role::Vertices | Role::VertexOffsets | Role::Commands => GEOMETRY,
                    _ => TOPOLOGY,
                },
                ColumnKind::String
                | ColumnKind::StringDictionary
                | ColumnKind::SharedString
                | ColumnKind::SharedDictionary => STRINGS,
                _ => PROPERTIES,
            };
            let mut bytes = stream.range().len() as u64;
            if let (Some((stored, raw)), true) = (self.share, stream.role().is_in_front(stream.encoding())) {
                bytes = bytes * stored / raw;
                self.in_front += bytes;
            }
            self.found.push(ColumnSize { layer: layer.to_owned(), column: name.to_owned(), part, bytes });
        }
        for child in column.children() {
            self.add(layer, name, child);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::Value;
    use crate::tile::builder::LayerBuilder;
    use crate::tile::options::{EncodeOptions, Profile};

    #[test]
    fn every_byte_is_counted_once() {
        let mut layer = LayerBuilder::new("roads");
        for number in 0..50 {
            layer
                .feature(Some(7 * number), |geometry| geometry.line_string(&[[0, 0], [number as i32, 9]]))
                .unwrap();
            layer.property("name", Value::String(&format!("street {number}"))).unwrap();
            layer.property("lanes", Value::Int(number as i64 % 4)).unwrap();
        }
        let mvt = mvt::write(&[layer.finish().unwrap()]).unwrap();
        let sum = |layers: &[(String, PartSizes)]| layers.iter().flat_map(|(_, sizes)| sizes).sum::<u64>();
        let parts = of_mvt(&mvt).unwrap();
        assert_eq!(sum(&parts), mvt.len() as u64);
        let texts: u64 = (0..50).map(|number| format!("street {number}").len() as u64 + 4).sum();
        assert_eq!(parts[0].1[STRINGS], texts + 2 + 4 + 2 + 5, "with the keys");
        assert!(parts[0].1.iter().all(|&bytes| bytes > 0), "{parts:?}");
        for profile in Profile::ALL {
            let (covt, _) = mvt::to_covt(&mvt, &EncodeOptions::new(profile)).unwrap();
            assert_eq!(sum(&of_covt(&covt).unwrap()), covt.len() as u64);
        }
    }
}
