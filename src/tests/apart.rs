//! A column is read from its own bytes, those of its dictionary and of what the directory says it refers
//! to, and from no others: that is what lets a reader fetch one column.

use std::ops::Range;

use super::golden;
use crate::column::{Column, ColumnKind, Nested, Values};
use crate::limits::Budget;
use crate::stream::StreamEntry;
use crate::testing::generate::{layers, options};
use crate::testing::{Random, check};
use crate::tile::directory::{ColumnEntry, LayerEntry, Layout};
use crate::tile::read::Tile;
use crate::tile::write::encode;

/// What is left of a column if only the leaf is wanted that `route` leads to.
fn project(column: &Column, route: &[usize]) -> Column {
    let (Values::Nested(nested), Some((&next, route))) = (&column.values, route.split_first()) else {
        return column.clone();
    };
    let child = project(nested.children()[next], route);
    let nested = match nested {
        Nested::Struct { len, .. } => Nested::Struct { len: *len, fields: vec![child] },
        Nested::List { offsets, .. } | Nested::Map { offsets, .. } => Nested::list(offsets.clone(), child),
    };
    Column { values: Values::Nested(nested), ..column.clone() }
}

/// That every leaf of the column decodes to the same among bytes that mean nothing.
fn leaves_stand_alone(bytes: &[u8], index: usize, column: &ColumnEntry, whole: &Column) -> usize {
    let mut budget = Budget::default();
    let tile = Tile::open(bytes, &mut budget).unwrap();
    let layer = tile.layers().nth(index).unwrap();
    let paths = || layer.entry().columns().iter().flat_map(ColumnEntry::leaf_paths);
    let mut leaves = 0;
    for path in column.leaf_paths() {
        // Of several columns or fields of one name, a path means the first.
        if paths().filter(|other| *other == path).count() > 1 {
            continue;
        }
        let route = column.route(&path).unwrap();
        let keep = layer.entry().leaf_ranges(&path).unwrap();
        let poisoned = poisoned(bytes, tile.directory().body(), &keep, 0x3c);
        let tile = Tile::open(&poisoned, &mut budget).unwrap();
        let alone = tile.layers().nth(index).unwrap().leaf(&path, &mut budget).unwrap().unwrap();
        check::same_column(&alone, &project(whole, &route)).unwrap_or_else(|what| panic!("{path}: {what}"));
        leaves += 1;
    }
    leaves
}

/// Where the streams of all geometries lie.
fn geometries(tile: &Tile) -> Vec<Range<usize>> {
    let columns = tile.directory().layers().iter().flat_map(LayerEntry::columns);
    let streams =
        columns.filter(|column| column.kind() == ColumnKind::Geometry).flat_map(ColumnEntry::streams);
    streams.map(StreamEntry::range).collect()
}

/// The tile with everything of its body overwritten that does not lie in `keep`.
fn poisoned(bytes: &[u8], body: Range<usize>, keep: &[Range<usize>], poison: u8) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for at in body.filter(|at| !keep.iter().any(|range| range.contains(at))) {
        out[at] = out[at].wrapping_mul(31).wrapping_add(poison);
    }
    out
}

/// That every column of the tile decodes to the same among bytes that mean nothing, and every leaf;
/// returns how many leaves of nested columns there are.
fn columns_stand_alone(bytes: &[u8]) -> usize {
    let mut leaves = 0;
    let mut budget = Budget::default();
    let tile = Tile::open(bytes, &mut budget).unwrap();
    for (index, layer) in tile.layers().enumerate() {
        let whole = layer.decode(&mut budget).unwrap();
        let mut properties = whole.columns().iter();
        for (number, column) in layer.entry().columns().iter().enumerate() {
            let own = layer.entry().streams_of(number).into_iter().filter(|stream| !stream.is_apart());
            let mut keep: Vec<_> = own.map(StreamEntry::range).collect();
            if tile.directory().layout() == Layout::Compact && column.kind() == ColumnKind::Geometry {
                // The vertices of all layers are one sequence.
                keep.extend(tile.directory().vertices().iter().map(StreamEntry::range));
                keep.extend(geometries(&tile));
            }
            let poisoned = poisoned(bytes, tile.directory().body(), &keep, number as u8 ^ 0xa5);
            let tile_body = tile.directory().body();
            let tile = Tile::open(&poisoned, &mut budget).unwrap();
            let layer = tile.layers().nth(index).unwrap();
            let same = match column.kind() {
                kind if kind.is_property() => {
                    let alone = layer.column_at(number, &mut budget).unwrap();
                    let whole = properties.next().unwrap();
                    if kind.is_nested() {
                        leaves += leaves_stand_alone(bytes, index, column, whole);
                    }
                    check::same_column(&alone, whole)
                }
                ColumnKind::Id => check::same_ids(layer.ids(&mut budget).unwrap().as_ref(), whole.ids()),
                ColumnKind::MValues | ColumnKind::Z => {
                    let counts = |stream: &&StreamEntry| stream.role() < crate::Role::Vertices;
                    let columns = layer.entry().columns().iter();
                    let geometry = columns.filter(|column| column.kind() == ColumnKind::Geometry);
                    let counts = geometry.flat_map(ColumnEntry::streams).filter(counts);
                    keep.extend(counts.map(StreamEntry::range));
                    let poisoned = self::poisoned(bytes, tile_body.clone(), &keep, 0x77);
                    let tile = Tile::open(&poisoned, &mut budget).unwrap();
                    let layer = tile.layers().nth(index).unwrap();
                    let first = whole.measures().iter().find(|measure| measure.name == column.name());
                    let columns = layer.entry().columns().iter();
                    let mut same_name = columns
                        .filter(|other| other.kind() == column.kind() && other.name() == column.name());
                    match column.kind() {
                        // A name means the first of several.
                        _ if same_name.next().unwrap().range() != column.range() => Ok(()),
                        ColumnKind::Z => check::same_heights(
                            layer.heights(&mut budget).unwrap().as_ref(),
                            whole.heights(),
                            &whole,
                        ),
                        _ => {
                            let alone = layer.measure(column.name(), &mut budget).unwrap().unwrap();
                            check::same_measure(&alone, first.unwrap(), &whole)
                        }
                    }
                }
                ColumnKind::Geometry => {
                    check::same_geometry(&layer.geometry(&mut budget).unwrap(), whole.geometry())
                }
                _ => Ok(()),
            };
            same.unwrap_or_else(|what| panic!("{} column {:?}: {what}", column.kind().name(), column.name()));
        }
    }
    leaves
}

#[test]
fn of_golden_tiles() {
    let leaves: usize = golden::tiles().iter().map(|(_, tile)| columns_stand_alone(tile)).sum();
    assert!(leaves >= 10, "{leaves}");
}

#[test]
fn of_any_tile() {
    let mut leaves = 0;
    for seed in 0..100 {
        let mut random = Random::from_seed(seed);
        let options = options::any(&mut random);
        leaves += columns_stand_alone(&encode(&layers::tile(&mut random), &options).unwrap());
    }
    assert!(leaves > 300, "{leaves}");
}
