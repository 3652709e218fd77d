//! Which layers COVT tiles have, and which columns those have: read off the directories, so that metadata
//! can tell of all of them, and say that these are all.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::contents::named;
use crate::column::ColumnKind;
use crate::limits::Budget;
use crate::tile::directory::{ColumnEntry, Directory};

/// The key of the metadata under which stands what COVT adds to them.
pub(crate) const KEY: &str = "covt";

/// More are not told of.
const MAX_LAYERS: usize = 1000;
const MAX_COLUMNS: usize = 10_000;

/// The layers, in the order in which they occur first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Columns {
    layers: Vec<LayerColumns>,
    /// Whether there is something that could not be looked into or has no place here.
    partial: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct LayerColumns {
    name: String,
    zooms: [u8; 2],
    /// Names, and the kinds that occur under them.
    columns: Vec<(String, Kinds)>,
}

/// What a column is: a bit for each of [`NAMES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Kinds(u16);

/// The kinds as `fields` name them; the first three are those of MVT.
const NAMES: [&str; 9] = [
    "Boolean",
    "Number",
    "String",
    "Struct",
    "List",
    "Map",
    "Boolean per vertex",
    "Number per vertex",
    "String per vertex",
];
const OF_MVT: usize = 3;
/// Several kinds of which some are not MVT's.
const MIXED: &str = "Mixed";

impl Kinds {
    fn of(column: &ColumnEntry) -> Option<Self> {
        use ColumnKind as Kind;
        let number = match column.kind() {
            Kind::Bool => 0,
            Kind::Int | Kind::UInt | Kind::SInt | Kind::Float | Kind::Double => 1,
            Kind::String | Kind::StringDictionary | Kind::SharedString => 2,
            Kind::Struct => 3,
            Kind::List => 4,
            Kind::Map | Kind::GroupedMap => 5,
            Kind::MValues => {
                let Self(within) = Self::of(column.children().first()?)?;
                return Some(Self(within << 6));
            }
            Kind::Id
            | Kind::HashedId
            | Kind::Geometry
            | Kind::Z
            | Kind::SharedDictionary
            | Kind::BorrowedDictionary => return None,
        };
        Some(Self(1 << number))
    }

    fn name(self) -> &'static str {
        let mut names = NAMES.iter().enumerate().filter(|(number, _)| self.0 >> number & 1 == 1);
        match (names.next(), names.next()) {
            (Some((_, only)), None) => only,
            // As metadata for MVT call what is of several types.
            _ if self.0 >> OF_MVT == 0 => "String",
            _ => MIXED,
        }
    }
}

/// Whether that is the type of a field that MVT has not.
fn is_beyond_mvt(kind: &Json) -> bool {
    kind.as_str().is_some_and(|kind| kind == MIXED || NAMES[OF_MVT..].contains(&kind))
}

impl Columns {
    /// Adds what a COVT tile of zoom `z` has.
    pub(crate) fn add(&mut self, z: u8, tile: &[u8]) {
        if tile.is_empty() {
            return;
        }
        match Directory::read(tile, &mut Budget::default()) {
            Ok(directory) => self.add_directory(z, &directory),
            // Copied as it is, it is as damaged as it was.
            Err(_) => self.partial = true,
        }
    }

    fn add_directory(&mut self, z: u8, directory: &Directory) {
        let mut hint = 0;
        for layer in directory.layers() {
            let columns = layer.columns().iter();
            let columns = columns.filter_map(|column| Some((column.name(), Kinds::of(column)?)));
            self.add_layer(layer.name(), [z; 2], columns, &mut hint);
        }
    }

    fn add_layer<'a>(
        &mut self,
        name: &str,
        zooms: [u8; 2],
        columns: impl Iterator<Item = (&'a str, Kinds)>,
        hint: &mut usize,
    ) {
        let make = || LayerColumns { name: name.into(), zooms, columns: Vec::new() };
        let Some(layer) = named(&mut self.layers, hint, MAX_LAYERS, |layer| layer.name == name, make) else {
            self.partial = true;
            return;
        };
        layer.zooms = [layer.zooms[0].min(zooms[0]), layer.zooms[1].max(zooms[1])];
        let mut hint = 0;
        for (name, kinds) in columns {
            let make = || (name.to_owned(), kinds);
            match named(&mut layer.columns, &mut hint, MAX_COLUMNS, |(known, _)| known == name, make) {
                Some((_, known)) => known.0 |= kinds.0,
                None => self.partial = true,
            }
        }
    }

    /// Adds what was gathered from tiles that come after all of these.
    pub(crate) fn merge(&mut self, other: &Self) {
        let mut hint = 0;
        for layer in &other.layers {
            let columns = layer.columns.iter().map(|(name, kinds)| (&name[..], *kinds));
            self.add_layer(&layer.name, layer.zooms, columns, &mut hint);
        }
        self.partial |= other.partial;
    }

    /// Whether there are no others in the tiles.
    pub(crate) fn are_all(&self) -> bool {
        !self.partial
    }

    /// As TileJSON describes layers.
    pub(crate) fn vector_layers(&self) -> Json {
        let layer = |layer: &LayerColumns| {
            let fields = layer.columns.iter().map(|(name, kinds)| (name.clone(), kinds.name().into()));
            let fields: Map<String, Json> = fields.collect();
            json!({"id": layer.name, "fields": fields, "minzoom": layer.zooms[0], "maxzoom": layer.zooms[1]})
        };
        self.layers.iter().map(layer).collect()
    }
}

/// `vector_layers` as they are told, in their own words, and what is missing of those that were `found`.
pub(crate) fn complete(told: Option<Json>, found: Json) -> Json {
    let (Some(Json::Array(mut told)), Json::Array(found)) = (told, found.clone()) else { return found };
    for layer in found {
        let Some(known) = told.iter_mut().find(|known| known["id"] == layer["id"]) else {
            told.push(layer);
            continue;
        };
        if !known["fields"].is_object() {
            known["fields"] = json!({});
        }
        for (name, kind) in layer["fields"].as_object().into_iter().flatten() {
            let fields = &mut known["fields"];
            if fields.get(name).is_none() || is_beyond_mvt(kind) {
                fields[name] = kind.clone();
            }
        }
    }
    told.into()
}

/// Leaves out of `vector_layers` the fields that MVT has not; whether there were any.
pub(crate) fn remove_beyond_mvt(layers: &mut Json) -> bool {
    let mut removed = false;
    for layer in layers.as_array_mut().into_iter().flatten() {
        if let Some(fields) = layer.get_mut("fields").and_then(Json::as_object_mut) {
            let before = fields.len();
            fields.retain(|_, kind| !is_beyond_mvt(kind));
            removed |= fields.len() < before;
        }
    }
    removed
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::column::{Column, Nested, Value, Values};
    use crate::testing::generate::layers;
    use crate::testing::random::Random;
    use crate::tile::builder::LayerBuilder;
    use crate::tile::layer::Layer;
    use crate::tile::options::EncodeOptions;
    use crate::tile::write::encode;

    fn tiles() -> Vec<Vec<u8>> {
        let tile = |seed| {
            let layer = layers::layer(&mut Random::from_seed(seed));
            encode(&[layer], &EncodeOptions::default()).unwrap()
        };
        (0..60).map(tile).collect()
    }

    #[test]
    fn in_parts_as_in_one_go() {
        let tiles = tiles();
        let gather = |tiles: &[Vec<u8>]| {
            let mut columns = Columns::default();
            tiles.iter().enumerate().for_each(|(z, tile)| columns.add(z as u8 % 7, tile));
            columns
        };
        for size in [7, 21] {
            let mut merged = Columns::default();
            for part in tiles.chunks(size) {
                // By way of the text that a checkpoint holds.
                let text = serde_json::to_string(&gather(part)).unwrap();
                merged.merge(&serde_json::from_str(&text).unwrap());
            }
            assert_eq!(merged, gather(&tiles));
        }
    }

    #[test]
    fn every_column_of_every_layer_is_told() {
        let mut seen = BTreeSet::new();
        for (seed, tile) in tiles().iter().enumerate() {
            let mut columns = Columns::default();
            columns.add(3, tile);
            assert!(columns.are_all());
            let found = columns.vector_layers();
            let mut budget = Budget::default();
            let tile = crate::tile::read::Tile::open(tile, &mut budget).unwrap();
            let layers: Vec<Layer> = tile.decode(&mut budget).unwrap();
            for layer in &layers {
                let found = found.as_array().unwrap().iter().find(|found| found["id"] == layer.name());
                let fields = found.unwrap()["fields"].as_object().unwrap();
                // Columns may share a name, and then are of several kinds.
                let mut beyond: BTreeMap<&str, bool> = BTreeMap::new();
                for column in layer.columns() {
                    *beyond.entry(&column.name).or_default() |= matches!(column.values, Values::Nested(_));
                }
                for measure in layer.measures() {
                    beyond.insert(&measure.name, true);
                }
                assert_eq!(fields.len(), beyond.len(), "seed {seed}");
                for (name, beyond) in beyond {
                    assert_eq!(is_beyond_mvt(&fields[name]), beyond, "seed {seed}: {name:?}: {fields:?}");
                }
                seen.extend(fields.values().map(ToString::to_string));
            }
        }
        assert!(seen.len() > 6, "{seen:?}");
    }

    #[test]
    fn what_is_of_several_kinds() {
        let mut columns = Columns::default();
        for number in 0..3 {
            let mut layer = LayerBuilder::new("a");
            layer.feature(None, |geometry| Ok(geometry.point(1, 2))).unwrap();
            layer.property("n", if number == 0 { Value::Int(1) } else { Value::String("x") }).unwrap();
            let mut layer = layer.finish().unwrap();
            if number == 2 {
                let nested = Nested::Struct { len: 1, fields: vec![layer.columns[0].clone()] };
                layer.columns =
                    vec![Column { name: "n".into(), values: Values::Nested(nested), nulls: None }];
            }
            columns.add(number, &encode(&[layer], &EncodeOptions::default()).unwrap());
            let fields = &columns.vector_layers()[0]["fields"];
            assert_eq!(fields["n"], ["Number", "String", "Mixed"][usize::from(number)]);
        }
        columns.add(3, b"no tile");
        assert!(!columns.are_all());
    }

    #[test]
    fn what_is_told_stays() {
        let told =
            json!([{"id": "a", "description": "d", "fields": {"x": "how far", "s": "String"}}, {"id": "c"}]);
        let found = json!([
            {"id": "a", "fields": {"x": "Number", "y": "Number", "s": "Struct"}},
            {"id": "b", "fields": {}},
            {"id": "c", "fields": {"z": "String"}},
        ]);
        let mut all = complete(Some(told), found.clone());
        assert_eq!(
            all,
            json!([
                {"id": "a", "description": "d", "fields": {"x": "how far", "s": "Struct", "y": "Number"}},
                {"id": "c", "fields": {"z": "String"}},
                {"id": "b", "fields": {}},
            ])
        );
        assert!(remove_beyond_mvt(&mut all) && !remove_beyond_mvt(&mut all));
        assert_eq!(all[0]["fields"], json!({"x": "how far", "y": "Number"}));
        assert_eq!(complete(Some("text".into()), found.clone()), found);
        assert_eq!(complete(None, found.clone()), found);
    }
}
