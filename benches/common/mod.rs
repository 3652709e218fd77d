//! What the benches share: what a reader of each format does with a tile, and the tiles.

use std::hint::black_box;

use covt::testing::corpus;
use covt::testing::generate::tileset::Tileset;
use covt::{Budget, EncodeOptions, Layer, Profile, Tile, mvt};
use fast_mvt::MvtReaderRef;

/// The layer and the column that stand for reading a single column.
pub const ONE_COLUMN: (&str, &str) = ("transportation", "class");

/// MVT tiles to measure with, and their zoom levels: the 95 tiles of the corpus, else those of the
/// generated tileset.
pub fn tiles() -> Vec<(u8, Vec<u8>)> {
    let tiles = corpus::tiles("omt").expect("tiles that can be read");
    if tiles.is_empty() {
        eprintln!("no corpus: generated tiles instead");
        let mvt = |layers: Vec<Layer>| mvt::write(&layers).expect("layers of MVT");
        return Tileset::new(1).tiles().map(|(tile, layers)| (tile.z(), mvt(layers))).collect();
    }
    tiles.into_iter().map(|tile| (tile.zoom.expect("a name like z_x_y.mvt"), tile.mvt)).collect()
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
