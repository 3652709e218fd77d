//! What the layers of a tileset hold, gathered from its tiles: of it `vector_layers` and `tilestats`
//! are made, which maps and data explorers ask for.
//!
//! Gathering some tiles and then others, and adding the second to the first, gives the same as
//! gathering all of them in one go: so threads can share the work, and an interrupted conversion can
//! go on.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashSet;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use crate::column::{Column, Strings, Value, Values};
use crate::geometry::GeometryType;
use crate::tile::layer::Layer;

/// Limits of the tilestats that others write as well.
const MAX_LAYERS: usize = 1000;
const MAX_ATTRIBUTES: usize = 1000;
const MAX_DISTINCT: usize = 1000;
const MAX_VALUES: usize = 100;
/// Longer strings are not listed.
const MAX_TEXT: usize = 256;

/// The layers, in the order in which they occur first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Contents {
    layers: Vec<LayerContents>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct LayerContents {
    name: String,
    zooms: [u8; 2],
    /// Points, lines, polygons.
    features: [u64; 3],
    attributes: Vec<Attribute>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Attribute {
    name: String,
    /// Whether booleans, numbers, strings occur.
    kinds: [bool; 3],
    range: Option<[f64; 2]>,
    /// The hashes of distinct values, no more than [`MAX_DISTINCT`].
    distinct: HashSet<u64, FixedState>,
    /// The first distinct values.
    values: Vec<Json>,
}

/// Finds an element by its name, most likely behind the one found before, or makes it.
pub(super) fn named<'a, T>(
    items: &'a mut Vec<T>,
    hint: &mut usize,
    limit: usize,
    is: impl Fn(&T) -> bool,
    make: impl FnOnce() -> T,
) -> Option<&'a mut T> {
    let start = (*hint).min(items.len());
    let found = items[start..].iter().position(&is).map(|at| start + at);
    let found = found.or_else(|| items[..start].iter().position(&is));
    let at = match found {
        Some(at) => at,
        None if items.len() < limit => {
            items.push(make());
            items.len() - 1
        }
        None => return None,
    };
    *hint = at + 1;
    Some(&mut items[at])
}

impl Contents {
    /// Adds the layers of a tile of zoom `z`.
    pub(crate) fn add(&mut self, z: u8, layers: &[Layer]) {
        let mut hint = 0;
        for layer in layers {
            let Some(known) = self.layer(layer.name(), z, &mut hint) else { continue };
            for &id in layer.geometry().types() {
                known.features[dimension(id)] += 1;
            }
            let mut hint = 0;
            for column in layer.columns() {
                if let Some(attribute) = known.attribute(&column.name, &mut hint) {
                    attribute.add_column(column);
                }
            }
        }
    }

    /// Adds what was gathered from tiles that come after all of these.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.merge_with(other, |zooms| zooms);
    }

    /// As [`merge`](Self::merge), for what was gathered from one tile, which is taken to be of zoom `z`.
    pub(crate) fn merge_tile(&mut self, z: u8, tile: &Self) {
        self.merge_with(tile, |_| [z; 2]);
    }

    fn merge_with(&mut self, other: &Self, zooms: impl Fn([u8; 2]) -> [u8; 2]) {
        let mut hint = 0;
        for layer in &other.layers {
            let [first, last] = zooms(layer.zooms);
            let Some(known) = self.layer(&layer.name, first, &mut hint) else { continue };
            known.zooms[1] = known.zooms[1].max(last);
            for (sum, features) in known.features.iter_mut().zip(layer.features) {
                *sum += features;
            }
            let mut hint = 0;
            for attribute in &layer.attributes {
                if let Some(known) = known.attribute(&attribute.name, &mut hint) {
                    known.merge(attribute);
                }
            }
        }
    }

    /// About how much memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        let attributes = self.layers.iter().flat_map(|layer| &layer.attributes);
        let attributes =
            attributes.map(|attribute| 150 + 10 * attribute.distinct.len() + 64 * attribute.values.len());
        attributes.sum::<usize>() + 120 * self.layers.len()
    }

    fn layer(&mut self, name: &str, z: u8, hint: &mut usize) -> Option<&mut LayerContents> {
        let make =
            || LayerContents { name: name.into(), zooms: [z; 2], features: [0; 3], attributes: Vec::new() };
        let layer = named(&mut self.layers, hint, MAX_LAYERS, |layer| layer.name == name, make)?;
        layer.zooms = [layer.zooms[0].min(z), layer.zooms[1].max(z)];
        Some(layer)
    }

    /// As TileJSON describes layers.
    pub(crate) fn vector_layers(&self) -> Json {
        let layer = |layer: &LayerContents| {
            let fields: Map<String, Json> = layer
                .attributes
                .iter()
                .map(|field| (field.name.clone(), field.field_type().into()))
                .collect();
            json!({"id": layer.name, "fields": fields, "minzoom": layer.zooms[0], "maxzoom": layer.zooms[1]})
        };
        self.layers.iter().map(layer).collect()
    }

    /// As mapbox-geostats describes them.
    pub(crate) fn tilestats(&self) -> Json {
        let layers: Vec<Json> = self.layers.iter().map(LayerContents::tilestats).collect();
        json!({"layerCount": layers.len(), "layers": layers})
    }
}

impl LayerContents {
    fn attribute(&mut self, name: &str, hint: &mut usize) -> Option<&mut Attribute> {
        let make = || Attribute { name: name.into(), ..Attribute::default() };
        named(&mut self.attributes, hint, MAX_ATTRIBUTES, |attribute| attribute.name == name, make)
    }

    fn tilestats(&self) -> Json {
        // The most frequent type; where two are, the one of fewer dimensions.
        let most = (0..3).rev().max_by_key(|&dimension| self.features[dimension]).unwrap_or(0);
        let attributes: Vec<Json> = self.attributes.iter().map(Attribute::tilestats).collect();
        let geometry = ["Point", "LineString", "Polygon"][most];
        json!({
            "layer": self.name,
            "count": self.features.iter().sum::<u64>(),
            "geometry": geometry,
            "attributeCount": attributes.len(),
            "attributes": attributes,
        })
    }
}

impl Attribute {
    fn add_column(&mut self, column: &Column) {
        match &column.values {
            Values::String(Strings::Dictionary { keys, dictionary }) => {
                let mut looked_at = vec![false; dictionary.len()];
                for (row, &key) in keys.iter().enumerate() {
                    if column.is_valid(row) && !std::mem::replace(&mut looked_at[key as usize], true) {
                        self.add_text(dictionary.get(key as usize));
                    }
                }
            }
            _ => {
                let mut last = None;
                for row in 0..column.len() {
                    let value = column.get(row);
                    if value != last {
                        match value {
                            // What is nested has no place among these.
                            None | Some(Value::Nested(_)) => {}
                            Some(Value::Bool(value)) => self.add_bool(value),
                            Some(Value::String(text)) => self.add_text(text),
                            Some(Value::Int(value) | Value::SInt(value)) => {
                                self.add_number(value as f64, || value.into());
                            }
                            Some(Value::UInt(value)) => self.add_number(value as f64, || value.into()),
                            Some(Value::Float(value)) => {
                                self.add_number(value.into(), || number(value.into()));
                            }
                            Some(Value::Double(value)) => self.add_number(value, || number(value)),
                        }
                        last = value;
                    }
                }
            }
        }
    }

    fn add_bool(&mut self, value: bool) {
        self.kinds[0] = true;
        self.list(hash(&(0u8, value)), || value.into());
    }

    fn add_number(&mut self, value: f64, json: impl FnOnce() -> Json) {
        self.kinds[1] = true;
        // What JSON has no place for counts nowhere.
        if value.is_finite() {
            self.range = Some(self.range.map_or([value; 2], |[low, high]| [low.min(value), high.max(value)]));
            self.list(hash(&(1u8, value.to_bits())), json);
        }
    }

    fn add_text(&mut self, text: &str) {
        self.kinds[2] = true;
        if text.len() <= MAX_TEXT {
            self.list(hash(&(2u8, text)), || text.into());
        }
    }

    fn list(&mut self, hash: u64, value: impl FnOnce() -> Json) {
        if self.distinct.len() < MAX_DISTINCT && self.distinct.insert(hash) && self.values.len() < MAX_VALUES
        {
            self.values.push(value());
        }
    }

    fn merge(&mut self, other: &Self) {
        for (kind, occurs) in self.kinds.iter_mut().zip(other.kinds) {
            *kind |= occurs;
        }
        let ranges = [self.range, other.range].into_iter().flatten();
        self.range = ranges.reduce(|one, two| [one[0].min(two[0]), one[1].max(two[1])]);
        if self.values.len() < MAX_VALUES {
            for value in &other.values {
                let hash = match value {
                    Json::Bool(value) => hash(&(0u8, *value)),
                    Json::Number(number) => hash(&(1u8, number.as_f64().unwrap_or(0.0).to_bits())),
                    other => hash(&(2u8, other.as_str().unwrap_or_default())),
                };
                self.list(hash, || value.clone());
            }
        }
        if self.distinct.len() < MAX_DISTINCT {
            // No order is lost here: only how many there are is told, and that has a limit.
            #[allow(clippy::iter_over_hash_type)]
            for &hash in &other.distinct {
                if self.distinct.len() < MAX_DISTINCT {
                    self.distinct.insert(hash);
                }
            }
        }
    }

    /// As `fields` of TileJSON have it.
    fn field_type(&self) -> &'static str {
        match self.kinds {
            [true, false, false] => "Boolean",
            [false, true, false] => "Number",
            _ => "String",
        }
    }

    fn tilestats(&self) -> Json {
        let kind = match self.kinds {
            [true, false, false] => "boolean",
            [false, true, false] => "number",
            [false, _, true] if !self.kinds[1] => "string",
            _ => "mixed",
        };
        let mut stats = json!({
            "attribute": self.name,
            "count": self.distinct.len(),
            "type": kind,
            "values": self.values,
        });
        if let Some(range) = self.range {
            for (name, value) in ["min", "max"].into_iter().zip(range) {
                stats[name] = number(value);
            }
        }
        stats
    }
}

/// How many dimensions the features of that type have; those whose type is not known count as points.
fn dimension(id: u8) -> usize {
    match GeometryType::from_id(id) {
        Some(kind) if kind.is_polygonal() => 2,
        Some(kind) if kind.is_linear() => 1,
        _ => 0,
    }
}

/// Whole numbers without a point, also where a tile stores them as floating-point numbers.
fn number(value: f64) -> Json {
    let whole = value.abs() < (1u64 << 53) as f64 && value.trunc().to_bits() == value.to_bits();
    if whole { (value as i64).into() } else { value.into() }
}

fn hash(value: &impl std::hash::Hash) -> u64 {
    FixedState::default().hash_one(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::generate::tileset::Tileset;
    use crate::tile::builder::LayerBuilder;

    fn tiles() -> Vec<(u8, Vec<Layer>)> {
        Tileset::new(1).with_zooms(9..=12).tiles().map(|(coord, layers)| (coord.z(), layers)).collect()
    }

    #[test]
    fn in_parts_as_in_one_go() {
        let tiles = tiles();
        let gather = |tiles: &[(u8, Vec<Layer>)]| {
            let mut contents = Contents::default();
            for (z, layers) in tiles {
                contents.add(*z, layers);
            }
            contents
        };
        let all = gather(&tiles);
        for size in [1, 3, 20] {
            let mut merged = Contents::default();
            for part in tiles.chunks(size) {
                // By way of the text that a checkpoint holds.
                let text = serde_json::to_string(&gather(part)).unwrap();
                merged.merge(&serde_json::from_str(&text).unwrap());
            }
            assert_eq!(merged.tilestats(), all.tilestats());
            assert_eq!(merged.vector_layers(), all.vector_layers());
        }
    }

    #[test]
    fn as_the_generator_describes_its_tiles() {
        let mut contents = Contents::default();
        for (coord, layers) in Tileset::new(1).tiles() {
            contents.add(coord.z(), &layers);
        }
        let described = Tileset::new(1).vector_layers();
        let found = contents.vector_layers();
        assert_eq!(found.as_array().unwrap().len(), described.len());
        for layer in described {
            let found = found.as_array().unwrap().iter().find(|found| found["id"] == layer.id).unwrap();
            for (name, kind) in found["fields"].as_object().unwrap() {
                assert_eq!(kind, layer.fields[name.as_str()], "{name}");
            }
        }
    }

    #[test]
    fn values_ranges_and_types() {
        let mut layer = LayerBuilder::new("a");
        for number in 0..300 {
            layer.feature(None, |geometry| geometry.line_string(&[[0, 0], [number, 1]])).unwrap();
            layer.property("n", Value::Int(i64::from(number % 150) - 7)).unwrap();
            layer.property("half", Value::Double(f64::from(number % 2) / 2.0)).unwrap();
            layer.property("name", Value::String(["x", "y"][number as usize % 2])).unwrap();
            layer.property("flag", Value::Bool(true)).unwrap();
            layer.property("odd", if number == 3 { Value::Bool(true) } else { Value::String("no") }).unwrap();
        }
        let mut contents = Contents::default();
        contents.add(4, &[layer.finish().unwrap()]);
        let stats = contents.tilestats();
        let layer = &stats["layers"][0];
        assert_eq!((&layer["count"], &layer["geometry"]), (&json!(300), &json!("LineString")));
        let attribute = |name: &str| {
            let attributes = layer["attributes"].as_array().unwrap();
            attributes.iter().find(|attribute| attribute["attribute"] == name).unwrap().clone()
        };
        let n = attribute("n");
        assert_eq!((&n["count"], &n["min"], &n["max"]), (&json!(150), &json!(-7), &json!(142)));
        assert_eq!(n["values"].as_array().unwrap().len(), 100);
        assert_eq!(attribute("half")["max"], json!(0.5));
        let name = json!({"attribute": "name", "count": 2, "type": "string", "values": ["x", "y"]});
        assert_eq!(attribute("name"), name);
        assert_eq!(
            (attribute("flag")["type"].clone(), attribute("odd")["type"].clone()),
            (json!("boolean"), json!("mixed"))
        );
    }
}
