//! What the benches share: what a reader of each format does with a tile, and the tiles.

use std::hint::black_box;

use covt::testing::corpus;
use covt::{Budget, EncodeOptions, LayerBuilder, Profile, Tile, Value, mvt};
use fast_mvt::MvtReaderRef;

/// The layer and the column that stand for reading a single column.
pub const ONE_COLUMN: (&str, &str) = ("transportation", "class");

/// MVT tiles to measure with, and their zoom levels: the 95 tiles of the corpus, else 20 that are
/// made here, always the same ones. Those are no measure of anything but a change.
pub fn tiles() -> Vec<(u8, Vec<u8>)> {
    let tiles = corpus::tiles("omt").expect("tiles that can be read");
    if tiles.is_empty() {
        eprintln!("no corpus: generated tiles instead");
        return (0..20).map(|seed| (14, generate(seed))).collect();
    }
    tiles.into_iter().map(|tile| (tile.zoom.expect("a name like z_x_y.mvt"), tile.mvt)).collect()
}

/// An MVT tile of 5000 roads and 5000 places.
fn generate(seed: u32) -> Vec<u8> {
    let mut state = seed;
    let mut random = move |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    let (mut roads, mut places) = (LayerBuilder::new(ONE_COLUMN.0), LayerBuilder::new("place"));
    for id in 0..5000 {
        let mut line = vec![[random(4096) as i32, random(4096) as i32]];
        for _ in 0..1 + random(20) {
            let [x, y] = line[line.len() - 1];
            line.push([x + random(90) as i32 - 45, y + random(90) as i32 - 45]);
        }
        roads.feature(Some(id), |geometry| geometry.line_string(&line)).unwrap();
        let class = ["path", "street", "primary"][random(3) as usize];
        roads.property(ONE_COLUMN.1, Value::String(class)).unwrap();
        roads.property("lanes", Value::Int(i64::from(random(5)))).unwrap();
        let (x, y) = (random(4096) as i32, random(4096) as i32);
        places.feature(Some(id), |geometry| Ok(geometry.point(x, y))).unwrap();
        places.property("name", Value::String(&format!("place {}", random(9000)))).unwrap();
    }
    mvt::write(&[roads.finish().unwrap(), places.finish().unwrap()]).unwrap()
}

/// MVT to COVT.
pub fn encode(mvt: &[u8], profile: Profile) -> Vec<u8> {
    mvt::to_covt(mvt, &EncodeOptions::new(profile)).expect("a tile that can be encoded").0
}

/// Opens a COVT tile and decodes every column of every layer.
pub fn decode(covt: &[u8]) {
    let mut budget = Budget::default();
    let tile = Tile::open(covt, &mut budget).unwrap();
    black_box(tile.decode(&mut budget).unwrap());
}

/// Opens a COVT tile and decodes [`ONE_COLUMN`].
pub fn decode_one_column(covt: &[u8]) {
    let mut budget = Budget::default();
    let tile = Tile::open(covt, &mut budget).unwrap();
    if let Some(layer) = tile.layer(ONE_COLUMN.0) {
        black_box(layer.column(ONE_COLUMN.1, &mut budget).unwrap());
    }
}

/// Reads MVT into columns, with this crate.
pub fn read_mvt(mvt: &[u8]) {
    black_box(mvt::read(mvt).unwrap());
}

/// Reads every id, geometry and property of an MVT tile with the crate fast-mvt. It hands them out
/// feature by feature and keeps none of them.
pub fn fast_mvt(mvt: &[u8]) {
    let reader = MvtReaderRef::new(mvt).unwrap();
    for layer in reader.layers() {
        for feature in layer.features() {
            black_box(feature.id());
            black_box(feature.geometry().unwrap());
            for property in feature.properties() {
                black_box(property.unwrap());
            }
        }
    }
}

/// As [`fast_mvt`], but leaves geometries as they stand in the tile, as command integers: less than
/// a map can do with, and so a lower bound.
pub fn fast_mvt_commands(mvt: &[u8]) {
    let reader = MvtReaderRef::new(mvt).unwrap();
    for layer in reader.layers() {
        for feature in layer.features() {
            black_box(feature.id());
            black_box(feature.geometry_commands());
            for property in feature.properties() {
                black_box(property.unwrap());
            }
        }
    }
}

/// Reads [`ONE_COLUMN`] of an MVT tile with the crate fast-mvt, which first reads the messages of
/// all layers.
pub fn fast_mvt_one_column(mvt: &[u8]) {
    let reader = MvtReaderRef::new(mvt).unwrap();
    let Some(layer) = reader.layers().find(|layer| layer.name() == ONE_COLUMN.0) else { return };
    for feature in layer.features() {
        black_box(feature.properties().map(Result::unwrap).find(|(key, _)| *key == ONE_COLUMN.1));
    }
}
