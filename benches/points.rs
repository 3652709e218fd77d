//! What point tiles cost, in Markdown: places of the world, cut into tiles, all of their columns, in the
//! order of a Hilbert curve; as MVT with gzip, and as COVT.
//!
//! `cargo bench --bench points`; the places are those of `points/cities.csv` in the folder that
//! `COVT_CORPUS` names, else in `../shared/corpus`.

#[path = "common/table.rs"]
mod table;

use std::collections::BTreeMap;
use std::f64::consts::PI;
use std::fs;

use covt::testing::corpus;
use covt::tileset::gzip;
use covt::{Budget, ColumnKind, Role};
use covt::{EncodeOptions, Layer, LayerBuilder, Profile, Sort, Tile, Value, VertexEncoding, mvt};
use table::{count, head, row};

const PLACES: &str = "points/cities.csv";

struct Place {
    id: u64,
    name: String,
    country: String,
    feature_code: String,
    population: u64,
    longitude: f64,
    latitude: f64,
}

fn main() {
    let Some(path) = corpus::path(PLACES) else {
        eprintln!("no {PLACES} in the corpus: nothing to measure");
        return;
    };
    let text = fs::read_to_string(path).expect("a text");
    let places: Vec<Place> = text.lines().skip(1).map(place).collect();
    for columns in [Columns::All, Columns::NoCoordinates] {
        sizes(&places, columns);
    }
    vertices(&places);
}

/// `city_id,name,country,feature_code,population,longitude,latitude`; only names have quotes, around
/// commas.
fn place(line: &str) -> Place {
    let (id, rest) = line.split_once(',').expect("an id");
    let (name, rest) = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once("\",").expect("a closing quote"),
        None => rest.split_once(',').expect("a name"),
    };
    let fields: Vec<&str> = rest.split(',').collect();
    let [country, feature_code, population, longitude, latitude] = fields[..] else {
        panic!("{line}: other columns than expected");
    };
    Place {
        id: id.parse().expect("an id"),
        name: name.replace("\"\"", "\""),
        country: country.into(),
        feature_code: feature_code.into(),
        population: population.parse().expect("a number of people"),
        longitude: longitude.parse().expect("a longitude"),
        latitude: latitude.parse().expect("a latitude"),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Columns {
    All,
    NoCoordinates,
}

/// A layer for each tile of zoom level `zoom` that has places.
fn cut(places: &[Place], zoom: u8, columns: Columns) -> Vec<Layer> {
    let tiles = f64::from(1u32 << zoom);
    let mut layers: BTreeMap<(u32, u32), LayerBuilder> = BTreeMap::new();
    for place in places {
        // Web Mercator, in tiles from the top left corner on.
        let x = tiles * (place.longitude + 180.0) / 360.0;
        let y = tiles * (1.0 - place.latitude.to_radians().tan().asinh() / PI) / 2.0;
        let [tile_x, tile_y] = [x, y].map(|at| at.floor().clamp(0.0, tiles - 1.0));
        let layer =
            layers.entry((tile_x as u32, tile_y as u32)).or_insert_with(|| LayerBuilder::new("places"));
        let [x, y] = [x - tile_x, y - tile_y].map(|at| (4096.0 * at).floor() as i32);
        layer.feature(Some(place.id), |geometry| Ok(geometry.point(x, y))).expect("one point");
        let properties = [
            ("name", Value::String(&place.name)),
            ("country", Value::String(&place.country)),
            ("feature_code", Value::String(&place.feature_code)),
            ("population", Value::UInt(place.population)),
            ("longitude", Value::Double(place.longitude)),
            ("latitude", Value::Double(place.latitude)),
        ];
        let wanted = if columns == Columns::All { 6 } else { 4 };
        for (key, value) in properties.into_iter().take(wanted) {
            layer.property(key, value).expect("few strings");
        }
    }
    layers.into_values().map(|layer| layer.finish().expect("few points")).collect()
}

fn encode(layer: &Layer, options: &EncodeOptions) -> Vec<u8> {
    covt::encode(std::slice::from_ref(layer), options).expect("a tile")
}

/// The layer with its points along a Hilbert curve.
fn sorted(layer: &Layer) -> Layer {
    let tile = encode(layer, &EncodeOptions { sort: Sort::Hilbert, ..EncodeOptions::new(Profile::Fast) });
    let mut budget = Budget::default();
    let layers = Tile::open(&tile, &mut budget).and_then(|tile| tile.decode(&mut budget));
    layers.expect("a tile just made").remove(0)
}

/// Bytes by zoom level.
fn sizes(places: &[Place], columns: Columns) {
    let which = if columns == Columns::All { "all columns" } else { "without the columns of coordinates" };
    head(
        &format!("Tiles of {} places, {which}, bytes", count(places.len() as u64)),
        &[
            "zoom",
            "tiles",
            "MVT",
            "MVT, gzip -6",
            "COVT fast",
            "COVT small",
            "small by gzip",
            "median",
            "larger",
        ],
    );
    let mut sums = [0u64; 5];
    for zoom in 0..=8 {
        let mut own = [0u64; 5];
        let mut larger = 0;
        let mut ratios = Vec::new();
        for layer in cut(places, zoom, columns) {
            let layer = sorted(&layer);
            let mvt = mvt::write(std::slice::from_ref(&layer)).expect("a tile");
            let gzip = gzip(&mvt);
            let [fast, small] = Profile::ALL.map(|profile| encode(&layer, &EncodeOptions::new(profile)));
            larger += u64::from(small.len() > gzip.len());
            ratios.push(small.len() as f64 / gzip.len() as f64);
            let sizes = [1, mvt.len(), gzip.len(), fast.len(), small.len()];
            own.iter_mut().zip(sizes).for_each(|(sum, size)| *sum += size as u64);
        }
        sums.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
        ratios.sort_by(f64::total_cmp);
        line(&zoom.to_string(), own, Some(ratios[ratios.len() / 2]), Some(larger));
    }
    line("all", sums, None, None);
}

fn line(name: &str, sizes: [u64; 5], median: Option<f64>, larger: Option<u64>) {
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    let mut cells = vec![name.to_owned()];
    cells.extend(sizes.map(count));
    cells.push(percent(sizes[4] as f64 / sizes[2] as f64));
    cells.push(median.map_or("–".into(), percent));
    cells.push(larger.map_or("–".into(), count));
    row(&cells);
}

/// What the points themselves take in each encoding of vertices.
fn vertices(places: &[Place]) {
    let names = VertexEncoding::ALL.iter().map(|encoding| encoding.name());
    let columns: Vec<&str> = ["zoom", "points"].into_iter().chain(names).collect();
    head("Vertices alone, small, bytes", &columns);
    for zoom in 0..=8 {
        let layers: Vec<Layer> = cut(places, zoom, Columns::NoCoordinates).iter().map(sorted).collect();
        let mut cells = vec![zoom.to_string(), count(places.len() as u64)];
        for &encoding in VertexEncoding::ALL {
            let options = EncodeOptions { vertices: Some(encoding), ..EncodeOptions::new(Profile::Small) };
            cells.push(count(layers.iter().map(|layer| vertex_bytes(&encode(layer, &options))).sum()));
        }
        row(&cells);
    }
}

fn vertex_bytes(tile: &[u8]) -> u64 {
    let tile = Tile::open(tile, &mut Budget::default()).expect("a tile just made");
    let columns = tile.directory().layers().iter().flat_map(|layer| layer.columns());
    let streams =
        columns.filter(|column| column.kind() == ColumnKind::Geometry).flat_map(|column| column.streams());
    let vertices = streams.filter(|stream| matches!(stream.role(), Role::Vertices | Role::VertexOffsets));
    vertices.map(|stream| stream.range().len() as u64).sum()
}
