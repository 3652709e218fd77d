//! Legal tiles that the encoder never writes.

use super::*;
use crate::column::Value;
use crate::encoding::block;
use crate::testing::check;
use crate::tile::directory::Layout;
use crate::tile::statistics::Bounds;

/// The only layer of a tile, which must be good.
fn layer(tile: &RawTile) -> Layer {
    let (bytes, _) = tile.finish();
    check::decode_any(&bytes);
    let mut layers = decode(&bytes).unwrap();
    assert_eq!(layers.len(), 1);
    layers.remove(0)
}

/// The values of column `index`; absent ones are shown as "-".
fn values(layer: &Layer, index: usize) -> Vec<String> {
    let column = &layer.columns()[index];
    let shown = |value| match value {
        None => "-".into(),
        Some(Value::String(text)) => text.to_owned(),
        Some(Value::UInt(number)) => number.to_string(),
        Some(other) => format!("{other:?}"),
    };
    (0..column.len()).map(|row| shown(column.get(row))).collect()
}

#[test]
fn integers() {
    const MAX: u64 = u64::MAX;
    let over_the_end = [[0xff; 9].as_slice(), &[1, 2, 0b100100]].concat();
    let plain = [[1, 0, 0, 0, 0, 0, 0, 0], [2; 8], [0xff; 8]].concat();
    let cases: [(&str, u8, &[u8], [u64; 3]); 11] = [
        ("nothing that repeats", PLAIN, &plain, [1, 0x0202_0202_0202_0202, MAX]),
        ("varints longer than need be", VARINT, &[0x81, 0, 0x80, 0x80, 0, 7], [1, 0, 7]),
        ("a constant longer than need be", CONSTANT, &[0x85, 0x80, 0], [5; 3]),
        ("wider than need be, ones behind the end", PACKED, &[0, 9, 1, 4, 12, 0xf8], [1, 2, 3]),
        ("no bits at all", PACKED, &[9, 0], [9; 3]),
        ("over the end of the numbers", PACKED, &over_the_end, [MAX, 0, 1]),
        ("a mask without exceptions", PATCHED, &[0x82, 0b10_01_11, 0, 0], [3, 1, 2]),
        ("empty runs", RLE, &[4, VARINT, 4, 0, 2, 0, 1, VARINT, 9, 5, 9, 6], [5, 5, 6]),
        (
            "deltas of deltas: 1 2 3 are the zigzags of −1 +1 −2",
            DELTA,
            &[DELTA, VARINT, 2, 2, 2],
            [MAX, 0, MAX - 1],
        ),
        (
            "distinct values twice, and unused",
            DICTIONARY,
            &[4, VARINT, 4, 7, 7, 9, 8, VARINT, 0, 1, 3],
            [7, 7, 8],
        ),
        (
            "runs of the codes of a dictionary",
            DICTIONARY,
            &[2, CONSTANT, 1, 6, RLE, 2, VARINT, 2, 2, 1, VARINT, 1, 0],
            [6; 3],
        ),
    ];
    for (about, encoding, payload, expected) in cases {
        let expected = expected.map(|value| value.to_string());
        assert_eq!(values(&layer(&numbers(encoding, payload)), 0), expected, "{about}");
    }
}

#[test]
fn frames_within_frames() {
    let mut payload = vec![VARINT, 5, 6, 7];
    for _ in 0..3 {
        let (encoding, inner) = (payload[0], payload.split_off(1));
        payload = [&[ZSTD, encoding, inner.len() as u8], &block::compress(&inner, 3)[..]].concat();
    }
    assert_eq!(values(&layer(&numbers(ZSTD, &payload[1..])), 0), ["5", "6", "7"]);
}

#[test]
fn a_directory_in_a_frame_and_one_with_long_varints() {
    let (plain, _) = numbers(VARINT, &[5, 6, 7]).finish();
    let directory = &plain[2..2 + usize::from(plain[1])];
    let frame = block::compress(directory, 1);
    let head = [Layout::CompressedDirectory.id(), frame.len() as u8, directory.len() as u8];
    let compressed = [&head, &frame[..], &plain[2 + directory.len()..]].concat();
    check::decode_any(&compressed);
    let expected = decode(&plain).unwrap();
    assert_eq!(check::same_layers(&decode(&compressed).unwrap(), &expected), Ok(()));

    let long = RawTile::new(0x01).finish().0;
    assert_eq!(long, [0xc1, 1, 1]);
    // Layers, name, extent, version, features, columns; then columns as ever.
    let tile =
        RawTile::new(1).bytes(&[0x81, 0x80, 0, b'l', 0x80, 0xa0, 0x80, 0, 0x82, 0, 0x83, 0, 0x82, 0x80, 0]);
    let tile =
        geometry(tile).property(ColumnKind::UInt, "n", 1).bytes(&[Role::Values.id() << 4 | VARINT, 0x83, 0]);
    assert_eq!(check::same_layers(&[layer(&tile.payload(&[5, 6, 7]))], &expected), Ok(()));
}

#[test]
fn columns_in_any_order() {
    let tile =
        RawTile::new(1).layer(2, 4).property(ColumnKind::UInt, "n", 1).stream(Role::Values, VARINT, &[5, 6]);
    let tile = geometry(tile.property(ColumnKind::UInt, "n", 1).stream(Role::Values, VARINT, &[8, 9]))
        .column(ColumnKind::Id, 1)
        .stream(Role::Values, VARINT, &[3, 4]);
    let layer = layer(&tile);
    assert_eq!(layer.ids().unwrap().values[..], [3, 4]);
    assert_eq!(
        (values(&layer, 0), values(&layer, 1)),
        (vec!["5".into(), "6".into()], vec!["8".into(), "9".into()])
    );
}

#[test]
fn a_layer_without_features_that_has_columns() {
    let tile = points(0, 3)
        .property(ColumnKind::Bool, "b", 2)
        .stream(Role::Present, BYTES_ZSTD, &[])
        .stream(Role::Values, BYTE_RLE, &[])
        .property(ColumnKind::Double, "d", 1)
        .stream(Role::Values, DELTA, &[])
        .property(ColumnKind::StringDictionary, "s", 3)
        .stream(Role::Values, RLE, &[])
        .counted(Role::Lengths, VARINT, 1, &[1])
        .stream(Role::Text, BYTES_PLAIN, b"x");
    // No values have no payload.
    let (bytes, _) = tile.finish();
    assert_eq!(decode(&bytes).unwrap_err().kind(), crate::ErrorKind::Overlong);
    let tile = RawTile::new(1)
        .layer(0, 2)
        .column(ColumnKind::Geometry, 3)
        .stream(Role::Types, BYTES_ZSTD, &[])
        .stream(Role::Vertices, VERTICES_ICE, &[])
        .counted(Role::IndexBuffer, PACKED, 0, &[])
        .property(ColumnKind::StringDictionary, "s", 3)
        .stream(Role::Values, RLE, &[])
        .counted(Role::Lengths, VARINT, 1, &[1])
        .stream(Role::Text, BYTES_PLAIN, b"x");
    assert!(layer(&tile).is_empty());
}

#[test]
fn absent_values() {
    for kind in ColumnKind::ALL.iter().copied().filter(|kind| kind.roles().contains(&Role::Present)) {
        // Nobody has a value, everybody has one.
        for (bits, absent) in [(0, 3), (0b111, 0)] {
            let count = 3 - absent;
            let mut tile = points(3, 2).column(ColumnKind::SharedDictionary, 2);
            tile = tile.counted(Role::Lengths, CONSTANT, 2, &[1]).stream(Role::Text, BYTES_PLAIN, b"xx");
            let streams = kind.roles().len() as u8;
            tile = match kind {
                ColumnKind::Id => tile.column(kind, streams),
                ColumnKind::SharedString => tile.shared("c", 1, streams),
                _ => tile.property(kind, "c", streams),
            };
            for &role in kind.roles() {
                let one = if absent == 3 { &[][..] } else { &[1] };
                tile = match role {
                    Role::Present => tile.stream(role, BYTES_PLAIN, &[bits]),
                    Role::Lengths if kind.is_dictionary() => tile.counted(role, CONSTANT, 2, &[1]),
                    Role::Text if kind.is_dictionary() => tile.stream(role, BYTES_PLAIN, b"xx"),
                    Role::Text => tile.stream(role, BYTES_PLAIN, &b"abc"[..count]),
                    _ => tile.stream(role, CONSTANT, one),
                };
            }
            let layer = layer(&tile);
            if kind == ColumnKind::Id {
                let ids = layer.ids().unwrap();
                assert!((0..3).all(|row| ids.get(row) == (absent == 0).then_some(1)));
            } else {
                assert_eq!(layer.columns()[0].null_count(), absent, "{}", kind.name());
                assert_eq!(values(&layer, 0).iter().filter(|value| *value == "-").count(), absent);
            }
        }
    }
}

#[test]
fn dictionaries_of_unused_and_equal_strings_and_of_none() {
    let tile = points(3, 5)
        .property(ColumnKind::StringDictionary, "own", 3)
        .stream(Role::Values, VARINT, &[3, 1, 3])
        .counted(Role::Lengths, CONSTANT, 4, &[1])
        .stream(Role::Text, BYTES_PLAIN, b"axbx")
        .column(ColumnKind::SharedDictionary, 2)
        .counted(Role::Lengths, VARINT, 2, &[0, 2])
        .stream(Role::Text, BYTES_PLAIN, b"yz")
        .column(ColumnKind::SharedDictionary, 2)
        .counted(Role::Lengths, PLAIN, 0, &[])
        .stream(Role::Text, BYTES_PLAIN, &[])
        .shared("first", 2, 1)
        .stream(Role::Values, VARINT, &[0, 1, 0])
        .shared("second", 3, 2)
        .stream(Role::Present, BYTES_CONSTANT, &[0])
        .stream(Role::Values, CONSTANT, &[]);
    let layer = layer(&tile);
    assert_eq!(values(&layer, 0), ["x", "x", "x"]);
    assert_eq!(values(&layer, 1), ["", "yz", ""]);
    assert_eq!(values(&layer, 2), ["-", "-", "-"]);
    assert!(layer == layer.clone());
}

#[test]
fn multi_geometries_of_one_part() {
    let tile = typed(&[3, 4, 5], 4)
        .stream(Role::GeometryOffsets, CONSTANT, &[1])
        .stream(Role::PartOffsets, CONSTANT, &[1])
        .stream(Role::RingOffsets, CONSTANT, &[2])
        .stream(Role::Vertices, VERTICES_DELTA, &[CONSTANT, 1, 2, CONSTANT, 2]);
    let layer = layer(&tile);
    assert_eq!(layer.geometry().vertices()[..], [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
    assert_eq!(layer.geometry().geometry_offsets().unwrap()[..], [0, 1, 2, 3]);
}

#[test]
fn distinct_vertices_that_are_not_and_one_unused() {
    let ice = RawTile::new(1)
        .layer(3, 1)
        .column(ColumnKind::Geometry, 3)
        .stream(Role::Types, BYTES_CONSTANT, &[0])
        .stream(Role::Vertices, VERTICES_ICE, &[3, VARINT, 2, 2, 0, 0, 6, 6])
        .stream(Role::VertexOffsets, VARINT, &[1, 0, 1]);
    assert_eq!(layer(&ice).geometry().vertices()[..], [1; 6]);
}

#[test]
fn streams_of_a_geometry_that_say_nothing() {
    let tile = RawTile::new(1)
        .layer(1, 1)
        .column(ColumnKind::Geometry, 6)
        .stream(Role::Types, BYTES_CONSTANT, &[0])
        .stream(Role::GeometryOffsets, PLAIN, &[])
        .stream(Role::PartOffsets, VARINT, &[])
        .stream(Role::RingOffsets, PATCHED, &[])
        .stream(Role::Vertices, VERTICES_DELTA, &[VARINT, 2, 4])
        .counted(Role::IndexBuffer, DELTA, 0, &[]);
    let layer = layer(&tile);
    assert_eq!(layer.geometry().vertices()[..], [1, 2]);
    assert!(layer.geometry().indices().unwrap().is_empty());
}

#[test]
fn bytes_that_could_be_shorter() {
    // A run as literals, and literals one by one.
    for (encoding, payload) in [(BYTE_RLE, &[0xfd, 0, 0, 0][..]), (BYTE_RLE, &[0xff, 0, 0xff, 0, 0xff, 0])] {
        let tile = RawTile::new(1)
            .layer(3, 1)
            .column(ColumnKind::Geometry, 2)
            .stream(Role::Types, encoding, payload)
            .stream(Role::Vertices, VERTICES_DELTA, &[CONSTANT, 0]);
        assert_eq!(layer(&tile).geometry().types()[..], [0; 3]);
    }
}

#[test]
fn statistics_of_any_sort() {
    // Distinct counts of numbers, too; bounds that are not true; any byte but 0 is true.
    let tile = points(2, 2)
        .property(ColumnKind::Bool, "b", 1)
        .stream(Role::Values, BYTES_PLAIN, &[1])
        .property(ColumnKind::UInt, "n", 1)
        .stream(Role::Values, VARINT, &[5, 6])
        .bytes(&[2, 0, 0, 7])
        .bytes(&[3, 1, 2, 9, 8]);
    let (bytes, _) = tile.finish();
    let tile = Tile::open(&bytes, &mut Budget::default()).unwrap();
    let columns = tile.directory().layers()[0].columns();
    assert_eq!(columns[1].statistics().unwrap().bounds, Some(Bounds::Bool(false, true)));
    let statistics = columns[2].statistics().unwrap();
    assert_eq!((statistics.null_count, statistics.distinct_count), (1, Some(2)));
    assert_eq!(statistics.bounds, Some(Bounds::UInt(9, 8)));
    check::decode_any(&bytes);
}
