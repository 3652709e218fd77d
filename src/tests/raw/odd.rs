//! Legal tiles that the encoder never writes.

use super::*;
use crate::column::Value;
use crate::encoding::block;
use crate::testing::check;
use crate::tile::directory::Layout;

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
fn absent_values() {
    // Those that need more than a column.
    let other = |kind| matches!(kind, ColumnKind::MValues | ColumnKind::Z | ColumnKind::HashedId);
    let kinds = ColumnKind::ALL.iter().copied().filter(|&kind| !other(kind));
    for kind in kinds.filter(|kind| kind.roles().contains(&Role::Present)) {
        // Nobody has a value, everybody has one.
        for (bits, absent) in [(0, 3), (0b111, 0)] {
            let count = 3 - absent;
            let mut tile = points(3, 2).column(ColumnKind::SharedDictionary, 2);
            tile = tile.counted(Role::Lengths, CONSTANT, 2, &[1]).stream(Role::Text, BYTES_PLAIN, b"xx");
            let roles = || kind.roles().iter().copied().filter(|&role| role != Role::Tokens);
            let streams = roles().count() as u8;
            tile = match kind {
                ColumnKind::Id => tile.column(kind, streams),
                ColumnKind::SharedString => tile.shared("c", 1, streams),
                _ => tile.property(kind, "c", streams),
            };
            for role in roles() {
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

/// A layer of three points and a dictionary of "a", "b" and "c", with as many further columns.
fn three_strings(columns: u64) -> RawTile {
    let dictionary = points(3, columns + 1).column(ColumnKind::SharedDictionary, 1);
    dictionary.counted(Role::Terminated, BYTES_PLAIN, 6, b"a\0b\0c\0")
}

#[test]
fn tokens_of_all_sorts() {
    let number = |payload: &[u8], rest: &[u8]| {
        let tile = points(3, 1).property(ColumnKind::UInt, "n", if rest.is_empty() { 1 } else { 2 });
        let tile = if rest.is_empty() { tile } else { tile.stream(Role::Values, VARINT, rest) };
        values(&layer(&tile.tokens(VARINT, &[], None, payload)), 0)
    };
    assert_eq!(number(&[7, 0, 3, 4, 0], &[]), ["7", "8", "-"], "codes from the first value on");
    assert_eq!(number(&[7, 0, 1, 3, 1], &[]), ["7", "7", "8"], "new values, whose count codes do not change");
    assert_eq!(number(&[7, 2, 2, 4, 3], &[50, 60, 70]), ["70", "60", "50"], "listed values and others");
    assert_eq!(number(&[7, 1, 0, 0, 0], &[50]), ["-", "-", "-"], "a listed value without use");
    assert_eq!(number(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0, 4, 3, 1], &[])[0], "0");

    let runs = points(3, 1).property(ColumnKind::UInt, "n", 1);
    // Of 99, none; of 3, two; of 99, none; of 0, one.
    let payload = [7, 0, 4, VARINT, 4, 0, 2, 0, 1, VARINT, 99, 3, 99, 0];
    assert_eq!(values(&layer(&runs.tokens(RLE, &[], None, &payload)), 0), ["7", "7", "-"], "empty runs");

    let tile = three_strings(3);
    let tile = tile.shared("x", 1, 1).tokens(VARINT, &[], None, &[1, 0, 3, 0, 4]);
    // What x has, nothing, what x has, which is nothing; then what the one before has, behind a first value that
    // nobody counts up from.
    let tile = tile.shared("y", 1, 1).tokens(VARINT, &[0], None, &[0, 0, 0, 1, 4]);
    let tile = tile.shared("z", 1, 1).tokens(VARINT, &[0, 1, 1], None, &[99, 0, 1, 0, 0]);
    let layer = layer(&tile);
    assert_eq!(values(&layer, 0), ["b", "-", "c"]);
    assert_eq!(values(&layer, 1), ["b", "-", "a"]);
    assert_eq!(values(&layer, 2), ["b", "-", "a"]);
}
