//! Tiles written by hand: odd ones that must be read, wrong ones that must be refused.

mod measures;
mod nested;
mod odd;
mod shared;
mod wrong;

use crate::column::ColumnKind;
use crate::error::Result;
use crate::geometry::vertices::VertexEncoding;
use crate::limits::Budget;
use crate::stream::Role;
use crate::stream::bytes::ByteEncoding;
use crate::stream::ints::IntEncoding;
use crate::testing::raw_tile::RawTile;
use crate::tile::layer::Layer;
use crate::tile::read::Tile;

const CONSTANT: u8 = IntEncoding::Constant.id();
const PLAIN: u8 = IntEncoding::Plain.id();
const VARINT: u8 = IntEncoding::Varint.id();
const PACKED: u8 = IntEncoding::Packed.id();
const PATCHED: u8 = IntEncoding::Patched.id();
const RLE: u8 = IntEncoding::Rle.id();
const DELTA: u8 = IntEncoding::Delta.id();
const DICTIONARY: u8 = IntEncoding::Dictionary.id();
const ZSTD: u8 = IntEncoding::Zstd.id();
const BYTES_CONSTANT: u8 = ByteEncoding::Constant.id();
const BYTES_PLAIN: u8 = ByteEncoding::Plain.id();
const VERTICES_DELTA: u8 = VertexEncoding::Delta.id();
const VERTICES_ICE: u8 = VertexEncoding::Ice.id();

/// A layer of `features` points, each one to the right of and below the one before, and of as many
/// further columns, which follow.
fn points(features: u64, columns: u64) -> RawTile {
    geometry(RawTile::new(1).layer(features, columns + 1))
}

/// The geometry column of [`points`].
fn geometry(tile: RawTile) -> RawTile {
    tile.column(ColumnKind::Geometry, 2).stream(Role::Types, BYTES_CONSTANT, &[0]).stream(
        Role::Vertices,
        VERTICES_DELTA,
        &[CONSTANT, 2],
    )
}

/// A layer of features of these geometry types, of as many further streams, which follow.
fn typed(types: &[u8], streams: u8) -> RawTile {
    let layer = RawTile::new(1).layer(types.len() as u64, 1);
    layer.column(ColumnKind::Geometry, 1 + streams).stream(Role::Types, BYTES_PLAIN, types)
}

/// A layer of three points with a column of unsigned integers.
fn numbers(encoding: u8, payload: &[u8]) -> RawTile {
    points(3, 1).property(ColumnKind::UInt, "n", 1).stream(Role::Values, encoding, payload)
}

fn decode(tile: &[u8]) -> Result<Vec<Layer>> {
    let mut budget = Budget::default();
    Tile::open(tile, &mut budget)?.decode(&mut budget)
}
