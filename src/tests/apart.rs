//! A column is read from its own bytes and those of its dictionary, and from no others: that is
//! what lets a reader fetch one column.

use std::ops::Range;

use super::golden;
use crate::limits::Budget;
use crate::stream::StreamEntry;
use crate::testing::generate::{layers, options};
use crate::testing::{Random, check};
use crate::tile::read::Tile;
use crate::tile::write::encode;

/// Where the streams of column `number` of layer `layer` lie.
fn streams(tile: &Tile, layer: usize, number: usize) -> Vec<Range<usize>> {
    tile.directory().layers()[layer].columns()[number].streams().iter().map(StreamEntry::range).collect()
}

/// The tile with everything of its body overwritten that does not lie in `keep`.
fn poisoned(bytes: &[u8], body: Range<usize>, keep: &[Range<usize>], poison: u8) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for at in body.filter(|at| !keep.iter().any(|range| range.contains(at))) {
        out[at] = out[at].wrapping_mul(31).wrapping_add(poison);
    }
    out
}

/// That every column of the tile decodes to the same among bytes that mean nothing.
fn columns_stand_alone(bytes: &[u8]) {
    let mut budget = Budget::default();
    let tile = Tile::open(bytes, &mut budget).unwrap();
    for (index, layer) in tile.layers().enumerate() {
        let whole = layer.decode(&mut budget).unwrap();
        let mut properties = whole.columns().iter();
        for (number, column) in layer.entry().columns().iter().enumerate() {
            let mut keep = streams(&tile, index, number);
            keep.extend(column.dictionary().into_iter().flat_map(|other| streams(&tile, index, other)));
            let poisoned = poisoned(bytes, tile.directory().body(), &keep, number as u8 ^ 0xa5);
            let tile = Tile::open(&poisoned, &mut budget).unwrap();
            let layer = tile.layers().nth(index).unwrap();
            let same = match column.kind() {
                kind if kind.is_property() => {
                    let alone = layer.column_at(number, &mut budget).unwrap();
                    check::same_column(&alone, properties.next().unwrap())
                }
                crate::ColumnKind::Id => {
                    check::same_ids(layer.ids(&mut budget).unwrap().as_ref(), whole.ids())
                }
                crate::ColumnKind::Geometry => {
                    check::same_geometry(&layer.geometry(&mut budget).unwrap(), whole.geometry())
                }
                _ => Ok(()),
            };
            same.unwrap_or_else(|what| panic!("{} column {:?}: {what}", column.kind().name(), column.name()));
        }
    }
}

#[test]
fn of_golden_tiles() {
    golden::tiles().iter().for_each(|(_, tile)| columns_stand_alone(tile));
}

#[test]
fn of_any_tile() {
    for seed in 0..100 {
        let mut random = Random::from_seed(seed);
        let options = options::any(&mut random);
        columns_stand_alone(&encode(&layers::tile(&mut random), &options).unwrap());
    }
}
