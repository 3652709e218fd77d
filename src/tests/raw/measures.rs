//! Values per vertex that cannot be.

use super::*;
use crate::column::Value;
use crate::error::ErrorKind::{self, Inconsistent, LimitExceeded, Truncated};
use crate::testing::check;

fn refused(tile: &RawTile, kind: ErrorKind, about: &str) {
    let (bytes, offset) = tile.finish();
    let error = decode(&bytes).expect_err(about);
    assert_eq!((error.kind(), error.offset()), (kind, Some(offset)), "{about}: {error}");
    check::decode_any(&bytes);
}

fn layer(tile: &RawTile) -> Layer {
    let (bytes, _) = tile.finish();
    check::decode_any(&bytes);
    decode(&bytes).unwrap().remove(0)
}

/// Three features: a line of three vertices, a point, a line of two; and a further column.
fn lines() -> RawTile {
    let tile = RawTile::new(1).layer(3, 2).column(ColumnKind::Geometry, 3);
    let tile = tile.stream(Role::Types, BYTES_PLAIN, &[1, 0, 1]).stream(Role::RingOffsets, VARINT, &[3, 2]);
    tile.stream(Role::Vertices, VERTICES_DELTA, &[CONSTANT, 1, 2, CONSTANT, 2])
}

fn measure(present: Option<u8>, values: &[u8]) -> RawTile {
    let streams = u8::from(present.is_some());
    let tile = lines().bytes(&[ColumnKind::MValues.id()]).name(b"m").bytes(&[streams]);
    let tile = match present {
        Some(bits) => tile.stream(Role::Present, BYTES_PLAIN, &[bits]),
        None => tile,
    };
    tile.column(ColumnKind::UInt, 1).here_in_body().stream(Role::Values, VARINT, values)
}

fn heights(grid: [f64; 2], streams: u8) -> RawTile {
    let tile = lines().bytes(&[ColumnKind::Z.id()]).here();
    tile.bytes(&grid[0].to_le_bytes()).bytes(&grid[1].to_le_bytes()).bytes(&[streams])
}

#[test]
fn values_follow_the_vertices() {
    let values = |layer: &Layer| -> Vec<Option<Vec<u64>>> {
        let number = |value: Value| match value {
            Value::UInt(number) => number,
            other => panic!("{other:?}"),
        };
        let of = |row| {
            let vertices = layer.geometry().feature_vertices(row);
            Some(layer.measures()[0].get(row, vertices)?.into_iter().map(number).collect())
        };
        (0..layer.len()).map(of).collect()
    };
    let all = layer(&measure(None, &[1, 2, 3, 4, 5, 6]));
    assert_eq!(values(&all), [Some(vec![1, 2, 3]), Some(vec![4]), Some(vec![5, 6])]);
    let some = layer(&measure(Some(0b101), &[1, 2, 3, 5, 6]));
    assert_eq!(values(&some), [Some(vec![1, 2, 3]), None, Some(vec![5, 6])]);
    let none = layer(&measure(Some(0), &[]));
    assert_eq!(values(&none), [None, None, None]);

    let tile = heights([0.5, -2.0], 2).stream(Role::Present, BYTES_PLAIN, &[0b110]);
    let some = layer(&tile.stream(Role::Values, VARINT, &[1, 6, 8]));
    let heights = some.heights().unwrap();
    assert_eq!((heights.is_valid(0), heights.metres(3), heights.metres(5)), (false, -2.5, 0.0));
}

#[test]
fn too_many_and_too_few() {
    refused(&measure(None, &[1, 2, 3, 4, 5]), Truncated, "a value too few");
    let more = measure(None, &[1, 2, 3, 4, 5, 6, 7]).before_in_body(1);
    refused(&more, ErrorKind::Overlong, "a value too many");
    refused(&measure(Some(0b101), &[1, 2, 3, 4]), Truncated, "a value too few where some have none");
    let bits = measure(Some(0b1101), &[1]).before_in_body(2);
    refused(&bits, Inconsistent, "bits behind the last feature");
}

#[test]
fn wrong_columns() {
    let m = |streams| lines().bytes(&[ColumnKind::MValues.id()]).name(b"m").bytes(&[streams]).here();
    for kind in [ColumnKind::Id, ColumnKind::Z, ColumnKind::MValues, ColumnKind::List, ColumnKind::Struct] {
        refused(&m(0).column(kind, 0), Inconsistent, kind.name());
    }
    let present = m(0).column(ColumnKind::UInt, 2).here().stream(Role::Present, BYTES_PLAIN, &[7]);
    refused(&present.stream(Role::Values, CONSTANT, &[1]), Inconsistent, "a present stream within");
    let levels = m(0).column(ColumnKind::UInt, 2).stream(Role::Values, CONSTANT, &[1]).here();
    refused(&levels.stream(Role::DefinitionLevels, CONSTANT, &[1]), Inconsistent, "levels within");
    let values = m(1).here().stream(Role::Values, CONSTANT, &[1]).column(ColumnKind::UInt, 0);
    refused(&values, Inconsistent, "values at the column itself");
    let list = points(1, 1).property(ColumnKind::List, "l", 0).here();
    refused(&list.bytes(&[ColumnKind::MValues.id(), 0]), Inconsistent, "m-values in a list");
}

#[test]
fn wrong_grids() {
    let good = |tile: RawTile| tile.stream(Role::Values, CONSTANT, &[0]);
    assert!(layer(&good(heights([f64::MIN_POSITIVE, -0.0], 1))).heights().is_some());
    for grid in [[0.0, 0.0], [-1.0, 0.0], [f64::NAN, 0.0], [f64::INFINITY, 0.0], [1.0, f64::NAN]] {
        refused(&good(heights(grid, 1)), Inconsistent, &format!("{grid:?}"));
    }
    let two =
        RawTile::new(1).layer(3, 3).column(ColumnKind::Geometry, 1).stream(Role::Types, BYTES_CONSTANT, &[6]);
    let grid = [&1f64.to_le_bytes()[..], &1f64.to_le_bytes(), &[0]].concat();
    let two = two.bytes(&[ColumnKind::Z.id()]).bytes(&grid).here().bytes(&[ColumnKind::Z.id()]).bytes(&grid);
    refused(&two, Inconsistent, "heights twice");
    let none = heights([1.0, 0.0], 1).stream(Role::Present, BYTES_PLAIN, &[0b001]).before_in_body(1);
    refused(&none, Inconsistent, "no values");
}

#[test]
fn hostile_counts() {
    let tile =
        RawTile::new(1).layer(1, 2).column(ColumnKind::Geometry, 3).stream(Role::Types, BYTES_CONSTANT, &[3]);
    let tile = tile.stream(Role::GeometryOffsets, VARINT, &[0xff, 0xff, 0xff, 0xff, 7]);
    let tile = tile.stream(Role::Vertices, VERTICES_DELTA, &[CONSTANT, 2]);
    let tile = tile.bytes(&[ColumnKind::MValues.id()]).name(b"m").bytes(&[0]);
    let (bytes, _) = tile.column(ColumnKind::UInt, 1).stream(Role::Values, CONSTANT, &[1]).finish();
    assert_eq!(decode(&bytes).unwrap_err().kind(), LimitExceeded);
    let mut budget = Budget::default();
    let opened = Tile::open(&bytes, &mut budget).unwrap();
    let error = opened.layers().next().unwrap().measure("m", &mut budget).unwrap_err();
    assert_eq!(error.kind(), LimitExceeded);
}
