//! Ids that are hashes, dictionaries that layers borrow, maps whose values stand key by key.

use super::*;
use crate::column::{NestedValue, Value};
use crate::error::ErrorKind::{self, Inconsistent, Truncated};
use crate::testing::check;

const VALUES: Role = Role::Values;

fn refused(tile: &RawTile, kind: ErrorKind, about: &str) {
    let (bytes, offset) = tile.finish();
    let error = decode(&bytes).expect_err(about);
    assert_eq!((error.kind(), error.offset()), (kind, Some(offset)), "{about}: {error}");
    check::decode_any(&bytes);
}

/// What a tile holds, read as a whole and column by column.
fn accepted(tile: &RawTile) -> Vec<Layer> {
    let (bytes, _) = tile.finish();
    check::decode_any(&bytes);
    decode(&bytes).unwrap()
}

/// Two points, ids that are hashes of column `column`, with so many streams, which follow.
fn hashed(column: u64, streams: u8) -> RawTile {
    points(2, 2).here().bytes(&[ColumnKind::HashedId.id(), 10]).varint(column).bytes(&[streams])
}

/// The strings a and b, of the first `count` of two features.
fn strings(tile: RawTile, count: u8) -> RawTile {
    let tile = match count {
        2 => tile.property(ColumnKind::String, "s", 2),
        _ => tile.property(ColumnKind::String, "s", 3).stream(Role::Present, BYTES_PLAIN, &[1]),
    };
    tile.stream(Role::Lengths, CONSTANT, &[1]).stream(Role::Text, BYTES_PLAIN, &b"ab"[..count.into()])
}

#[test]
fn ids_that_are_hashes() {
    let ids = |tile: &RawTile| {
        let ids = accepted(tile)[0].ids().cloned().unwrap();
        [ids.get(0), ids.get(1)]
    };
    // The worked example of the specification.
    let (a, b) = (0xd9e6_9afd_3c13_3d78, 0xaf63_df4c_8601_f1a5u64.wrapping_mul(10));
    assert_eq!(ids(&strings(hashed(2, 0), 2)), [Some(a), Some(b)]);
    assert_eq!(ids(&strings(hashed(2, 1).stream(VALUES, CONSTANT, &[7]), 1)), [Some(a), Some(7)]);
    let first = hashed(2, 1).stream(Role::Present, BYTES_PLAIN, &[1]);
    assert_eq!(ids(&strings(first, 1)), [Some(a), None]);

    for column in [0, 1, 3, 200] {
        refused(&strings(hashed(column, 0), 2), Inconsistent, "no column of strings");
    }
    let number = hashed(2, 0).property(ColumnKind::UInt, "n", 1).stream(VALUES, CONSTANT, &[1]);
    refused(&number, Inconsistent, "a column of numbers");
    let more = hashed(2, 1).here_in_body().stream(VALUES, CONSTANT, &[7]);
    refused(&strings(more, 2), Inconsistent, "an id more than there are");
    refused(&strings(hashed(2, 0).here_in_body(), 1), Inconsistent, "an id less than there are");
    let twice = strings(points(2, 3).column(ColumnKind::Id, 1).stream(VALUES, CONSTANT, &[1]).here(), 2);
    refused(&twice.here().bytes(&[ColumnKind::HashedId.id(), 1, 2, 0]), Inconsistent, "ids twice");
    refused(&points(0, 1).here().bytes(&[ColumnKind::HashedId.id(), 1]).here(), Truncated, "no column");
}

/// A layer with a dictionary, column 1, and one behind it whose column 1 borrows what `lender` says.
fn borrowed(lender: [u8; 2], streams: u8) -> RawTile {
    let tile = geometry(RawTile::new(2).layer(1, 3)).column(ColumnKind::SharedDictionary, 2);
    let tile = tile.counted(Role::Lengths, CONSTANT, 1, &[1]).stream(Role::Text, BYTES_PLAIN, b"a");
    let tile = tile.shared("s", 1, 1).stream(VALUES, CONSTANT, &[0]);
    let tile = geometry(tile.layer(1, 3)).here();
    tile.bytes(&[ColumnKind::BorrowedDictionary.id()]).bytes(&lender).bytes(&[streams])
}

#[test]
fn dictionaries_that_are_borrowed() {
    let used =
        |tile: RawTile, string: u8| tile.shared("t", 1, 1).here_in_body().stream(VALUES, CONSTANT, &[string]);
    let layers = accepted(&used(borrowed([0, 1], 0), 0));
    assert_eq!(layers[1].columns()[0].get(0), Some(Value::String("a")));
    refused(&used(borrowed([0, 1], 0), 1), Inconsistent, "a string that is not there");
    for lender in [[0, 0], [0, 2], [0, 9], [1, 1], [2, 1]] {
        let tile = borrowed(lender, 0).shared("t", 1, 1).stream(VALUES, CONSTANT, &[0]);
        refused(&tile, Inconsistent, "no dictionary of a layer before");
    }
    let tile = borrowed([0, 1], 1).here().counted(Role::Lengths, CONSTANT, 1, &[1]);
    refused(&tile.shared("t", 1, 1).stream(VALUES, CONSTANT, &[0]), Inconsistent, "streams of its own");
}

/// Two maps of two pairs, keys with these streams and then values.
fn grouped() -> RawTile {
    let tile = points(2, 1).here_in_body().property(ColumnKind::GroupedMap, "m", 1);
    tile.counted(Role::RepetitionLevels, VARINT, 4, &[0, 1, 0, 1])
}

#[test]
fn maps_with_values_key_by_key() {
    let keys = |tile: RawTile| {
        let tile = tile.column(ColumnKind::String, 2).stream(Role::Lengths, CONSTANT, &[1]);
        tile.stream(Role::Text, BYTES_PLAIN, b"abba")
    };
    let tile = keys(grouped()).column(ColumnKind::UInt, 1).stream(VALUES, VARINT, &[1, 2, 3, 4]);
    let layers = accepted(&tile);
    let Some(Value::Nested(map)) = layers[0].columns()[0].get(1) else { panic!("a map") };
    let pairs =
        |map: NestedValue| map.entries().map(|(key, value)| format!("{key:?} {value:?}")).collect::<Vec<_>>();
    assert_eq!(pairs(map), ["String(\"b\") Some(UInt(4))", "String(\"a\") Some(UInt(2))"]);
    // The values alone are a list of them, in the same order.
    let (bytes, _) = tile.finish();
    let mut budget = Budget::default();
    let opened = Tile::open(&bytes, &mut budget).unwrap();
    let values = opened.layer("l").unwrap().leaf("m.value", &mut budget).unwrap().unwrap();
    let Some(Value::Nested(list)) = values.get(0) else { panic!("a list") };
    let items: Vec<_> = list.items().collect();
    assert_eq!(items, [Some(Value::UInt(1)), Some(Value::UInt(3))]);

    let numbers = grouped().column(ColumnKind::UInt, 1).stream(VALUES, VARINT, &[1, 2, 2, 1]);
    let numbers = numbers.column(ColumnKind::UInt, 1).stream(VALUES, VARINT, &[1, 2, 3, 4]);
    refused(&numbers, Inconsistent, "keys that are no strings");
    let nulls = keys(grouped()).column(ColumnKind::UInt, 2).stream(VALUES, VARINT, &[1, 2, 3]);
    refused(
        &nulls.stream(Role::DefinitionLevels, VARINT, &[3, 3, 2, 3]),
        Inconsistent,
        "a value that is null",
    );
    let nested = keys(grouped()).bytes(&[ColumnKind::Struct.id(), 0, 0]);
    refused(&nested, Inconsistent, "values that are structs");
}
