//! Nested columns: hostile nesting, and levels that cannot be.

use super::*;
use crate::column::nested::MAX_DEPTH;
use crate::error::ErrorKind::{self, Inconsistent, LimitExceeded, Truncated};
use crate::testing::check;

const VALUES: Role = Role::Values;
const R: Role = Role::RepetitionLevels;
const D: Role = Role::DefinitionLevels;

/// A field of a struct, of as many streams, which follow.
fn field(tile: RawTile, name: &str, streams: u8) -> RawTile {
    tile.property(ColumnKind::UInt, name, streams)
}

fn levels(tile: RawTile, role: Role, levels: &[u8]) -> RawTile {
    match role {
        R => tile.counted(role, VARINT, levels.len() as u64, levels),
        _ => tile.stream(role, VARINT, levels),
    }
}

/// Two features with a list of numbers; the mark is at the repetition levels.
fn list(repetition: &[u8], definition: &[u8], values: &[u8]) -> RawTile {
    let tile = points(2, 1).property(ColumnKind::List, "l", 2).here_in_body();
    let tile = levels(levels(tile, R, repetition), D, definition);
    tile.column(ColumnKind::UInt, 1).stream(VALUES, VARINT, values)
}

fn refused(tile: &RawTile, kind: ErrorKind, about: &str) {
    let (bytes, offset) = tile.finish();
    let error = decode(&bytes).expect_err(about);
    assert_eq!((error.kind(), error.offset()), (kind, Some(offset)), "{about}: {error}");
    check::decode_any(&bytes);
}

fn accepted(tile: &RawTile) -> Vec<String> {
    let (bytes, _) = tile.finish();
    check::decode_any(&bytes);
    let layer = decode(&bytes).unwrap().remove(0);
    (0..layer.len()).map(|row| format!("{:?}", layer.columns()[0].get(row))).collect()
}

#[test]
fn good_levels() {
    assert_eq!(
        accepted(&list(&[0, 1, 0], &[2, 2, 1], &[5, 6])),
        ["Some(Nested([Some(UInt(5)), Some(UInt(6))]))", "Some(Nested([]))"]
    );
    // Levels at the leaf that say what those around say already, and no levels at the list.
    let tile = points(2, 1).property(ColumnKind::List, "l", 1);
    let tile = levels(tile, R, &[0, 0, 1]).column(ColumnKind::UInt, 2).stream(VALUES, VARINT, &[7, 8]);
    assert_eq!(
        accepted(&levels(tile, D, &[3, 2, 3])),
        ["Some(Nested([Some(UInt(7))]))", "Some(Nested([None, Some(UInt(8))]))"]
    );
    // Repetition levels that no leaf needs: of a list of lists.
    let tile = levels(points(2, 1).property(ColumnKind::List, "l", 1), R, &[0, 0]);
    let tile = levels(tile.column(ColumnKind::List, 1), R, &[0, 0, 1]);
    let tile = tile.column(ColumnKind::UInt, 1).stream(VALUES, VARINT, &[7, 8, 9]);
    assert_eq!(
        accepted(&tile)[1],
        "Some(Nested([Some(Nested([Some(UInt(8))])), Some(Nested([Some(UInt(9))]))]))"
    );
    // A struct without fields.
    let tile = points(2, 1).bytes(&[ColumnKind::Struct.id(), 1, b's', 0, 1]);
    assert_eq!(accepted(&levels(tile, D, &[0, 1])), ["None", "Some(Nested({}))"]);
}

#[test]
fn wrong_levels() {
    let cases: Vec<(&str, RawTile)> = vec![
        ("levels of one feature", list(&[0, 1], &[2, 2], &[1, 2])),
        ("levels of three features", list(&[0, 0, 0], &[2, 2, 2], &[1, 2, 3])),
        ("no levels", list(&[], &[], &[])),
        ("levels that begin within a feature", list(&[1, 0, 0], &[2, 2, 2], &[1, 2, 3])),
        ("a list more", list(&[0, 2, 0], &[2, 2, 2], &[1, 2, 3])),
    ];
    for (about, tile) in cases {
        refused(&tile, Inconsistent, about);
    }
    // Where the definition levels are at fault, the error lies there.
    let at_definition = |repetition: &[u8], definition: &[u8], values: &[u8]| {
        let after = values.len() + definition.len();
        list(repetition, definition, values).before_in_body(after)
    };
    refused(&at_definition(&[0, 0], &[2, 3], &[1, 2]), Inconsistent, "a level above the full one");
    refused(&at_definition(&[0, 1, 0], &[1, 2, 2], &[1, 2]), Inconsistent, "on from a list without elements");
    refused(&at_definition(&[0, 1, 0], &[2, 1, 2], &[1, 2]), Inconsistent, "on, but to no element");
    refused(&at_definition(&[0, 1, 0], &[2, 0, 2], &[1, 2]), Inconsistent, "on, but to no list");
    refused(&list(&[0, 0], &[2], &[1]).before_in_body(2), Truncated, "a level too few");
    refused(&list(&[0, 0], &[2, 1], &[1, 2]).before_in_body(1), ErrorKind::Overlong, "a value too many");
}

#[test]
fn leaves_that_do_not_agree() {
    let tile = |a: &[u8], b: &[u8]| {
        let tile = points(2, 1).bytes(&[ColumnKind::Struct.id(), 1, b's', 2, 0]);
        let tile = levels(field(tile, "a", 2).stream(VALUES, CONSTANT, &[1]), D, a);
        levels(field(tile, "b", 2).here_in_body().stream(VALUES, CONSTANT, &[1]), D, b)
    };
    assert_eq!(accepted(&tile(&[2, 0], &[2, 0])).len(), 2);
    assert_eq!(accepted(&tile(&[2, 1], &[1, 2])).len(), 2);
    refused(&tile(&[2, 0], &[2, 1]), Inconsistent, "the second feature has a struct, or not");

    // A leaf that says otherwise than its list, and lists of other lengths.
    let two = |repetition: &[u8], definition: &[u8], values: &[u8]| {
        let tile = points(2, 1).property(ColumnKind::List, "l", 1);
        let tile = levels(tile, R, &[0, 1, 0]).bytes(&[ColumnKind::Struct.id(), 2, 0]);
        let tile = field(tile, "a", 1).stream(VALUES, CONSTANT, &[1]);
        let tile = tile.property(ColumnKind::List, "b", 2).here_in_body();
        let tile = levels(levels(tile, R, repetition), D, definition);
        tile.column(ColumnKind::UInt, 1).stream(VALUES, VARINT, values)
    };
    assert_eq!(accepted(&two(&[0, 1, 2, 0], &[5, 5, 5, 4], &[1, 2, 3])).len(), 2);
    refused(&two(&[0, 2, 2, 0], &[5, 5, 5, 4], &[1, 2, 3]), Inconsistent, "one element where there are two");
    refused(&two(&[0, 1, 0, 1], &[5, 5, 5, 4], &[1, 2, 3]), Inconsistent, "two elements where there is one");
    refused(&two(&[0, 1, 0], &[5, 5, 1], &[1, 2]), Inconsistent, "no elements where there is one");
    refused(&two(&[0, 1, 0], &[5, 2, 5], &[1, 2]), Inconsistent, "no struct where there is one");
}

#[test]
fn wrong_columns_within() {
    let list = || points(2, 1).property(ColumnKind::List, "l", 1).counted(R, CONSTANT, 2, &[0]);
    for kind in [ColumnKind::Id, ColumnKind::Geometry, ColumnKind::SharedDictionary] {
        refused(&list().here().column(kind, 0), Inconsistent, kind.name());
    }
    let present = list().column(ColumnKind::UInt, 2).here().stream(Role::Present, BYTES_PLAIN, &[3]);
    refused(&present.stream(VALUES, CONSTANT, &[1]), Inconsistent, "a present stream");
    refused(&list().here(), Truncated, "no column within");
    let fields = points(2, 1).bytes(&[ColumnKind::Struct.id(), 1, b's', 100, 0]).here().bytes(&[0; 9]);
    refused(&fields, Truncated, "more fields than bytes");
    let bare = |streams| points(2, 1).property(ColumnKind::List, "l", streams);
    let without = bare(0).here_in_body().column(ColumnKind::UInt, 1).stream(VALUES, CONSTANT, &[1]);
    refused(&without, Inconsistent, "a list without repetition levels");
    let definition = bare(1).here_in_body().stream(D, CONSTANT, &[2]).column(ColumnKind::UInt, 0);
    refused(&definition, Inconsistent, "definition levels only");
    let outside = points(2, 1).property(ColumnKind::UInt, "u", 1).here().stream(D, CONSTANT, &[1]);
    refused(&outside, Inconsistent, "levels outside of a nested column");

    let map = |keys: RawTile| {
        let tile = keys.column(ColumnKind::UInt, 1);
        tile.stream(VALUES, CONSTANT, &[1])
    };
    let maps =
        |streams| points(2, 1).here().property(ColumnKind::Map, "m", streams).counted(R, CONSTANT, 2, &[0]);
    let list_keys = maps(1).column(ColumnKind::List, 1).counted(R, CONSTANT, 2, &[0]);
    refused(
        &map(list_keys.column(ColumnKind::UInt, 1).stream(VALUES, CONSTANT, &[1])),
        Inconsistent,
        "lists as keys",
    );
    let null_key = maps(1).here_in_body().before_in_body(1).column(ColumnKind::UInt, 2);
    let null_key = null_key.stream(VALUES, CONSTANT, &[1]).stream(D, VARINT, &[3, 2]);
    refused(&map(null_key), Inconsistent, "a key that is null");
}

#[test]
fn deep_nesting() {
    let deep = |depth: usize| {
        let mut tile = points(1, 1).property(ColumnKind::List, "l", 0);
        for level in 1..depth {
            if level == MAX_DEPTH {
                tile = tile.here();
            }
            tile = tile.column(ColumnKind::List, u8::from(level == depth - 1));
        }
        let tile = tile.counted(R, CONSTANT, 1, &[0]);
        tile.column(ColumnKind::UInt, 1).stream(VALUES, CONSTANT, &[1])
    };
    assert_eq!(accepted(&deep(MAX_DEPTH)).len(), 1);
    refused(&deep(MAX_DEPTH + 1), LimitExceeded, "one too deep");
    refused(&deep(MAX_DEPTH + 100_000), LimitExceeded, "far too deep");
}

#[test]
fn hostile_counts() {
    // A few bytes that stand for billions of entries.
    let tile = |entries: u64| {
        let tile = points(1, 1).property(ColumnKind::List, "l", 2).here_in_body();
        let tile = tile.counted(R, CONSTANT, entries, &[1]);
        let tile = if entries >> 31 == 0 { tile.here_in_body() } else { tile };
        tile.stream(D, CONSTANT, &[2]).column(ColumnKind::UInt, 1).stream(VALUES, CONSTANT, &[1])
    };
    refused(&tile((1 << 31) - 1), LimitExceeded, "more entries than memory");
    refused(&tile(u32::MAX.into()), LimitExceeded, "more entries than there may be");
}
