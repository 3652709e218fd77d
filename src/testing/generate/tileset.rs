//! A small but lifelike tileset, for the demo, for tests and for benches without a corpus.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::RangeInclusive;

use super::cut::{DEEPEST, Level, type_name};
use super::world::World;
use super::world::feature::Theme;
use crate::coord::TileCoord;
use crate::tile::layer::Layer;

/// A tileset of a country that does not exist, in a schema after OpenMapTiles'.
///
/// What is in it (how many features of which sizes, how rough lines are, how often values repeat)
/// follows a real tileset of a real country of that size, so that what is measured on it tells
/// something. The same seed gives the same tiles on every machine.
pub struct Tileset {
    world: World,
    zooms: RangeInclusive<u8>,
}

/// A layer as TileJSON describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VectorLayer {
    /// The layer's name.
    pub id: &'static str,
    /// Keys and the types of their values: `String`, `Number` or `Boolean`.
    pub fields: BTreeMap<&'static str, &'static str>,
    /// The first zoom level it occurs at.
    pub min_zoom: u8,
    /// The last one.
    pub max_zoom: u8,
}

impl Tileset {
    /// The tileset of that number, zoom levels 0 to 14.
    pub fn new(seed: u64) -> Self {
        Self { world: World::new(seed), zooms: 0..=DEEPEST }
    }

    /// The tileset with these zoom levels only.
    #[must_use]
    pub fn with_zooms(mut self, zooms: RangeInclusive<u8>) -> Self {
        self.zooms = zooms;
        self
    }

    /// The country's name.
    pub fn name(&self) -> &str {
        &self.world.name
    }

    /// The first and the last zoom level.
    pub fn zooms(&self) -> RangeInclusive<u8> {
        *self.zooms.start()..=DEEPEST.min(*self.zooms.end())
    }

    /// West, south, east, north, in degrees.
    pub fn bounds(&self) -> [f64; 4] {
        // Of the eight by sixteen tiles the country lies in; logarithms are left to others, whose
        // last digits differ from machine to machine.
        [-30.563_965, 47.100_045, -30.388_184, 47.338_823]
    }

    /// The tiles that are not empty, by zoom level, column and row; layers and features in the
    /// order of drawing.
    pub fn tiles(&self) -> impl Iterator<Item = (TileCoord, Vec<Layer>)> + '_ {
        self.zooms().flat_map(|zoom| Level::new(&self.world, zoom).cut())
    }

    /// The layers that occur, in the order they have in a tile.
    pub fn vector_layers(&self) -> Vec<VectorLayer> {
        let mut layers: BTreeMap<Theme, VectorLayer> = BTreeMap::new();
        for feature in &self.world.all.features {
            let (first, last) =
                (feature.zooms.0.max(*self.zooms.start()), feature.zooms.1.min(*self.zooms.end()));
            if first > last {
                continue;
            }
            let id = feature.theme.name();
            let layer = layers.entry(feature.theme).or_insert_with(|| VectorLayer {
                id,
                fields: BTreeMap::new(),
                min_zoom: first,
                max_zoom: last,
            });
            (layer.min_zoom, layer.max_zoom) = (layer.min_zoom.min(first), layer.max_zoom.max(last));
            let row = &self.world.all.rows[feature.row as usize];
            layer.fields.extend(row.iter().filter_map(|&(key, _)| Some((key, type_name(row, key)?))));
        }
        layers.into_values().collect()
    }

    /// The entry `json` of an MBTiles file's metadata.
    pub fn vector_layers_json(&self) -> String {
        let mut json = String::from("{\"vector_layers\":[");
        for (index, layer) in self.vector_layers().iter().enumerate() {
            let VectorLayer { id, fields, min_zoom, max_zoom } = layer;
            let comma = if index > 0 { "," } else { "" };
            let fields: Vec<String> =
                fields.iter().map(|(key, kind)| format!("\"{key}\":\"{kind}\"")).collect();
            let fields = fields.join(",");
            write!(
                json,
                "{comma}{{\"id\":\"{id}\",\"fields\":{{{fields}}},\"minzoom\":{min_zoom},\"maxzoom\":{max_zoom}}}"
            )
            .expect("writing to a string");
        }
        json + "]}"
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::OnceLock;

    use super::*;
    use crate::column::Value;
    use crate::geometry::GeometryType;
    use crate::testing::generate::world::fixed::area;
    use crate::testing::random::mix;

    fn tiles() -> &'static [(TileCoord, Vec<Layer>)] {
        static TILES: OnceLock<Vec<(TileCoord, Vec<Layer>)>> = OnceLock::new();
        TILES.get_or_init(|| Tileset::new(1).tiles().collect())
    }

    fn layers() -> impl Iterator<Item = &'static Layer> {
        tiles().iter().flat_map(|(_, layers)| layers)
    }

    #[test]
    fn geometries_are_sound() {
        for layer in layers() {
            let geometry = layer.geometry();
            assert!(!layer.is_empty());
            assert!(geometry.vertices().iter().all(|at| (-65..=4096 + 65).contains(at)), "{}", layer.name());
            for row in 0..layer.len() {
                let polygonal = match geometry.geometry_type(row) {
                    GeometryType::Commands => panic!("commands"),
                    kind => kind.is_polygonal(),
                };
                for part in geometry.parts(row).filter(|_| polygonal) {
                    for (index, ring) in geometry.rings(part).enumerate() {
                        let ring: Vec<_> = geometry.ring(ring).chunks(2).map(|at| [at[0], at[1]]).collect();
                        assert_eq!(area(&ring) > 0, index == 0, "{} {row}", layer.name());
                    }
                }
            }
        }
    }

    #[test]
    fn it_is_about_as_large_as_the_real_one() {
        let ids: Vec<TileCoord> = tiles().iter().map(|&(id, _)| id).collect();
        assert!(ids.is_sorted() && ids.iter().collect::<HashSet<_>>().len() == ids.len());
        // The real tileset has 179 tiles, 51,407 features, 619,927 vertices.
        let features: usize = layers().map(Layer::len).sum();
        let vertices: usize = layers().map(|layer| layer.geometry().vertices().len() / 2).sum();
        assert!((150..=210).contains(&ids.len()), "{}", ids.len());
        assert!((45_000..=60_000).contains(&features), "{features}");
        assert!((540_000..=720_000).contains(&vertices), "{vertices}");
    }

    #[test]
    fn every_zoom_level_and_type_occurs() {
        for zoom in 0..=DEEPEST {
            assert!(tiles().iter().any(|(id, _)| id.z() == zoom), "{zoom}");
        }
        let some = |wanted: fn(Value<'_>) -> bool| {
            layers()
                .flat_map(Layer::columns)
                .any(|column| (0..column.len()).filter_map(|row| column.get(row)).any(wanted))
        };
        assert!(some(|value| matches!(value, Value::Bool(true))));
        assert!(some(|value| matches!(value, Value::Int(3))));
        assert!(some(|value| matches!(value, Value::Double(value) if value.fract() != 0.0)));
        assert!(some(|value| matches!(value, Value::String(text) if !text.is_ascii())));
        assert!(
            layers()
                .flat_map(Layer::columns)
                .any(|column| column.name == "name:ja" && column.null_count() > 0)
        );
        assert!(layers().any(|layer| layer.ids().is_some_and(|ids| ids.values[0] % 10 == 1)));
    }

    #[test]
    fn names_lie_where_the_roads_do() {
        for (_, layers) in tiles().iter().filter(|(id, _)| id.z() == DEEPEST) {
            let lines = |name: &str| -> Vec<&[i32]> {
                let Some(layer) = layers.iter().find(|layer| layer.name() == name) else { return Vec::new() };
                let geometry = layer.geometry();
                let parts = (0..layer.len())
                    .flat_map(|row| geometry.parts(row))
                    .flat_map(|part| geometry.rings(part));
                let mut lines: Vec<&[i32]> = parts.map(|ring| geometry.ring(ring)).collect();
                lines.sort();
                lines
            };
            assert_eq!(lines("transportation"), lines("transportation_name"));
        }
    }

    #[test]
    fn metadata_tells_what_is_there() {
        let tileset = Tileset::new(1);
        let described = tileset.vector_layers();
        for layer in layers() {
            let described =
                described.iter().find(|described| described.id == layer.name()).expect("is described");
            for column in layer.columns() {
                assert!(described.fields.contains_key(column.name.as_str()), "{}", column.name);
            }
        }
        let json: serde_json::Value = serde_json::from_str(&tileset.vector_layers_json()).unwrap();
        assert_eq!(json["vector_layers"].as_array().map(Vec::len), Some(described.len()));
        assert_eq!(json["vector_layers"][0]["fields"]["class"], "String");
        let only = Tileset::new(1).with_zooms(3..=5);
        assert!(only.tiles().all(|(id, _)| (3..=5).contains(&id.z())));
        assert_eq!(only.vector_layers().len(), 2);
    }

    #[test]
    fn every_machine_makes_the_same_tiles() {
        let mut sum = 0;
        let mut add = |number: u64| sum = mix(sum ^ number);
        for (id, layers) in tiles() {
            add(u64::from(id.z()) << 58 | u64::from(id.x()) << 29 | u64::from(id.y()));
            for layer in layers {
                layer.geometry().vertices().iter().for_each(|&at| add(at as u64));
                layer.ids().into_iter().flat_map(|ids| ids.values.iter()).for_each(|&id| add(id));
                for column in layer.columns() {
                    for row in 0..column.len() {
                        match column.get(row) {
                            None => add(1),
                            Some(Value::String(text)) => text.bytes().for_each(|byte| add(byte.into())),
                            Some(Value::Double(value)) => add(value.to_bits()),
                            Some(Value::Int(value)) => add(value as u64),
                            Some(value) => add((value == Value::Bool(true)).into()),
                        }
                    }
                }
            }
        }
        // Changes with the generator, but not with the machine.
        assert_eq!(sum, 0xfc94_ecd7_ead8_db6a, "{sum:#x}");
    }
}
