//! Tiles that must be refused: for what reason, and where.

use super::*;
use crate::error::ErrorKind::{self, Inconsistent, LimitExceeded, Overlong, Reserved, Truncated, UnknownId};
use crate::limits::MAX_NESTING;
use crate::testing::check;
use crate::tile::directory::Layout;

/// That the tile is refused for a fault of this kind at its mark; tells the error.
fn refused(tile: &RawTile, kind: ErrorKind, about: &str) -> String {
    let (bytes, offset) = tile.finish();
    let error = decode(&bytes).expect_err(about);
    assert_eq!((error.kind(), error.offset()), (kind, Some(offset)), "{about}: {error}");
    check::decode_any(&bytes);
    error.to_string()
}

/// That of all ids below `end`, `tile` is refused for those of later versions, by name, and for
/// those nobody knows.
fn ids_refused(end: u8, known: &dyn Fn(u8) -> bool, reserved: &[(u8, &str)], tile: &dyn Fn(u8) -> RawTile) {
    for id in (0..=end).filter(|&id| !known(id)) {
        match reserved.iter().find(|reserved| reserved.0 == id) {
            Some((_, name)) => {
                let error = refused(&tile(id), Reserved, name);
                assert!(error.contains(name), "{error}");
            }
            None => drop(refused(&tile(id), UnknownId, &id.to_string())),
        }
    }
}

#[test]
fn ids_of_later_versions_and_unknown_ones() {
    ids_refused(
        255,
        &|id| ColumnKind::ALL.iter().any(|known| known.id() == id),
        ColumnKind::RESERVED,
        &|id| points(0, 1).here().bytes(&[id]).name(b"c").bytes(&[0]),
    );
    ids_refused(15, &|id| Role::ALL.iter().any(|known| known.id() == id), Role::RESERVED, &|id| {
        points(0, 1).property(ColumnKind::UInt, "c", 1).here().bytes(&[id << 4]).varint(0)
    });
    let known = |id| IntEncoding::ALL.iter().any(|known| known.id() == id);
    ids_refused(15, &known, IntEncoding::RESERVED, &|id| numbers(id, &[0; 8]).before_in_body(8));
    // Those of child streams take a whole byte.
    ids_refused(255, &known, IntEncoding::RESERVED, &|id| numbers(DELTA, &[id, 0, 0, 0]).before_in_body(4));
    ids_refused(
        15,
        &|id| ByteEncoding::ALL.iter().any(|known| known.id() == id),
        ByteEncoding::RESERVED,
        &|id| {
            let tile = points(3, 1).property(ColumnKind::Bool, "b", 1);
            tile.stream(Role::Values, id, &[0]).before_in_body(1)
        },
    );
    ids_refused(
        15,
        &|id| VertexEncoding::ALL.iter().any(|known| known.id() == id),
        VertexEncoding::RESERVED,
        &|id| typed(&[0], 1).here_in_body().stream(Role::Vertices, id, &[CONSTANT, 0]),
    );
    ids_refused(255, &|id| id < 7, &[], &|id| typed(&[id], 0).before_in_body(1));
}

#[test]
fn what_is_no_tile() {
    let layouts = |id| Layout::ALL.iter().any(|known| known.id() == id);
    for id in (0..=255).filter(|&id| !layouts(id)) {
        let error = decode(&[id, 1, 0]).unwrap_err();
        let expected = match id {
            // Likely MVT, or compressed.
            0x1a | 0x1f | 0x28 => Inconsistent,
            id if Layout::RESERVED.iter().any(|reserved| reserved.0 == id) => Reserved,
            _ => UnknownId,
        };
        assert_eq!((error.kind(), error.offset()), (expected, Some(0)), "{error}");
    }
    for empty in [&[][..], &[0xc1], &[0xc1, 1], &[0xc2, 0], &[0xc1, 0]] {
        assert_eq!(decode(empty).unwrap_err().kind(), Truncated, "{empty:?}");
    }
}

#[test]
fn directories() {
    let column = |kind, streams| points(1, 1).property(kind, "c", streams);
    let cases: Vec<(&str, RawTile, ErrorKind)> = vec![
        ("an overlong varint", RawTile::new(1).here().bytes(&[0xff, 0xff, 0xff, 0xff, 0x1f]), Overlong),
        ("zeros to no end", RawTile::new(1).here().bytes(&[0x80, 0x80, 0x80, 0x80, 0x80, 0]), Overlong),
        ("more layers than bytes", RawTile::new(3).here().bytes(&[0, 0]), Truncated),
        ("a layer too few", RawTile::new(1).here(), Truncated),
        ("a layer more", RawTile::new(0).here().bytes(&[0]), Overlong),
        ("a name too long", RawTile::new(1).varint(9).here().bytes(b"l"), Truncated),
        ("a name that is no text", RawTile::new(1).varint(2).here().bytes(&[0xc3, 0x28]), Inconsistent),
        (
            "a column's name that is no text",
            points(1, 1).bytes(&[ColumnKind::UInt.id(), 1]).here().bytes(&[0xff, 0]),
            Inconsistent,
        ),
        (
            "more than 2^31 - 1 features",
            RawTile::new(1).name(b"l").varint(1).varint(1).here().varint(1 << 31).varint(0),
            LimitExceeded,
        ),
        (
            "features without geometry",
            RawTile::new(1).name(b"l").varint(1).varint(1).here().varint(1).varint(0),
            Inconsistent,
        ),
        ("more columns than bytes", RawTile::new(1).layer(0, 5).here().bytes(&[0; 4]), Truncated),
        ("two columns of geometry", geometry(geometry(RawTile::new(1).layer(1, 2)).here()), Inconsistent),
        (
            "two columns of ids",
            points(1, 2).column(ColumnKind::Id, 0).here().column(ColumnKind::Id, 0),
            Inconsistent,
        ),
        ("a dictionary that is no column", points(1, 1).here().shared("c", 2, 0), Inconsistent),
        ("a dictionary that is the column itself", points(1, 1).here().shared("c", 1, 0), Inconsistent),
        ("a dictionary that is none", points(1, 1).here().shared("c", 0, 0), Inconsistent),
        (
            "a dictionary that comes later",
            points(1, 2).here().shared("c", 2, 0).column(ColumnKind::SharedDictionary, 0),
            Inconsistent,
        ),
        (
            "a column's own dictionary",
            points(1, 2).property(ColumnKind::StringDictionary, "s", 0).here().shared("c", 1, 0),
            Inconsistent,
        ),
        ("more streams than bytes", column(ColumnKind::UInt, 3).here().bytes(&[0x10, 0]), Truncated),
        (
            "a stream of another column",
            column(ColumnKind::UInt, 1).here().stream(Role::Text, 0, &[]),
            Inconsistent,
        ),
        (
            "streams out of order",
            column(ColumnKind::UInt, 2).stream(Role::Values, 0, &[]).here().stream(Role::Present, 0, &[]),
            Inconsistent,
        ),
        (
            "a stream twice",
            column(ColumnKind::UInt, 2).stream(Role::Values, 0, &[]).here().stream(Role::Values, 0, &[]),
            Inconsistent,
        ),
        ("statistics nobody knows", points(0, 1).column(ColumnKind::Id, 0).here().bytes(&[4, 0]), UnknownId),
        ("statistics cut short", points(0, 1).column(ColumnKind::Id, 0).bytes(&[1, 0]).here(), Truncated),
        (
            "statistics of more columns",
            points(0, 1).column(ColumnKind::Id, 0).bytes(&[0, 0]).here().bytes(&[0, 0]),
            Overlong,
        ),
        (
            "a bound that is no text",
            points(0, 1).property(ColumnKind::String, "s", 0).bytes(&[2, 0, 1]).here().bytes(&[0xff, 0]),
            Inconsistent,
        ),
    ];
    for (about, tile, kind) in cases {
        refused(&tile, kind, about);
    }
}

#[test]
fn bodies() {
    let good = || numbers(VARINT, &[5, 6, 7]);
    assert!(decode(&good().finish().0).is_ok());
    refused(&good().cut(1), Truncated, "a byte too few");
    refused(&good().here_in_body().behind(&[0]), Overlong, "a byte more");
    let empty = RawTile::new(0);
    refused(&empty.here_in_body().behind(&[0]), Overlong, "a byte behind nothing");
}

#[test]
fn integers() {
    let at_start = |encoding, payload: &[u8]| numbers(encoding, payload).before_in_body(payload.len());
    let at =
        |encoding, payload: &[u8], offset| numbers(encoding, payload).before_in_body(payload.len() - offset);
    let cases: Vec<(&str, RawTile, ErrorKind)> = vec![
        ("a constant that is not there", at_start(CONSTANT, &[]), Truncated),
        ("a constant and more", at(CONSTANT, &[1, 2], 1), Overlong),
        ("an overlong constant", at_start(CONSTANT, &[[0xff; 9].as_slice(), &[2]].concat()), Overlong),
        ("plain, a byte short", at_start(PLAIN, &[0; 23]), Truncated),
        ("plain, a byte more", at(PLAIN, &[0; 25], 24), Overlong),
        ("too few varints", at_start(VARINT, &[1, 2]), Truncated),
        ("a varint without end", at(VARINT, &[1, 2, 0x80], 2), Truncated),
        ("an overlong varint", at(VARINT, &[&[1, 2], [0x80; 10].as_slice(), &[0]].concat(), 2), Overlong),
        ("a varint more", at(VARINT, &[1, 2, 3, 4], 3), Overlong),
        ("packed in 65 bits", at(PACKED, &[&[0, 65], [0; 25].as_slice()].concat(), 1), Inconsistent),
        ("packed, a byte short", at(PACKED, &[0, 8, 1, 2], 2), Truncated),
        ("patched in 65 bits", at_start(PATCHED, &[&[65], [0; 25].as_slice()].concat()), Inconsistent),
        (
            "patched above 64 bits",
            at_start(PATCHED, &[&[0x80 | 64], [0; 25].as_slice()].concat()),
            Inconsistent,
        ),
        ("a mask of more values than there are", at(PATCHED, &[0x80, 0b1000, 0], 1), Inconsistent),
        ("runs of fewer values", at_start(RLE, &[1, CONSTANT, 1, 2, CONSTANT, 9]), Inconsistent),
        ("runs of more values", at_start(RLE, &[2, CONSTANT, 1, 2, CONSTANT, 9]), Inconsistent),
        ("no runs", at_start(RLE, &[0, CONSTANT, 0, CONSTANT]), Inconsistent),
        (
            "runs whose lengths are more than any number",
            at_start(RLE, &[&[2, CONSTANT, 5], [0xff; 4].as_slice(), &[15, CONSTANT, 9]].concat()),
            Inconsistent,
        ),
        ("a child that is too long", at(RLE, &[1, CONSTANT, 9, 3, CONSTANT, 9], 3), Truncated),
        ("a child with bytes left over", at(RLE, &[1, CONSTANT, 2, 3, 0, CONSTANT, 9], 4), Overlong),
        ("a child that is not there", at(DELTA, &[], 0), Truncated),
        (
            "a code past the dictionary",
            at_start(DICTIONARY, &[2, CONSTANT, 1, 5, VARINT, 0, 1, 2]),
            Inconsistent,
        ),
        ("codes without a dictionary", at_start(DICTIONARY, &[0, CONSTANT, 0, CONSTANT, 0]), Inconsistent),
        ("a frame that is none", at(ZSTD, &[VARINT, 3, 1, 2, 3], 2), Inconsistent),
        ("a frame that is not there", at(ZSTD, &[VARINT, 3], 2), Truncated),
    ];
    for (about, tile, kind) in cases {
        refused(&tile, kind, about);
    }
}

#[test]
fn encodings_in_encodings_in_encodings() {
    let nested = |depth: u32| {
        let mut payload = vec![DELTA; depth as usize - 2];
        payload.extend([CONSTANT, 0]);
        numbers(DELTA, &payload).before_in_body(1)
    };
    assert!(decode(&nested(MAX_NESTING).finish().0).is_ok());
    refused(&nested(MAX_NESTING + 1), LimitExceeded, "one too deep");
    refused(&nested(MAX_NESTING + 1000).before_in_body(1000), LimitExceeded, "far too deep");
}

#[test]
fn hostile_counts() {
    const MOST: u64 = (1 << 31) - 1;
    // Ten bytes of payload at most, billions of values.
    let ids = |encoding, payload: &[u8]| {
        let tile = RawTile::new(1).layer(MOST, 2).column(ColumnKind::Id, 1);
        geometry(tile.stream(Role::Values, encoding, payload)).before_in_body(payload.len() + 3)
    };
    let child = |encoding, payload: &[u8], before: usize| ids(encoding, payload).before_in_body(before + 3);
    let cases: Vec<(&str, RawTile)> = vec![
        ("a constant", child(CONSTANT, &[7], 0)),
        ("no bits each", child(PACKED, &[7, 0], 0)),
        ("patched", ids(PATCHED, &[0, 0, 0])),
        ("differences that are constant", child(DELTA, &[CONSTANT, 2], 0)),
        ("one run", child(RLE, &[1, CONSTANT, 5, 0xff, 0xff, 0xff, 0xff, 7, CONSTANT, 7], 0)),
        ("as many runs", child(RLE, &[0xff, 0xff, 0xff, 0xff, 7, CONSTANT, 1, 1, CONSTANT, 7], 2)),
        ("one code", child(DICTIONARY, &[1, CONSTANT, 1, 7, CONSTANT, 0], 0)),
        (
            "as many distinct values",
            child(DICTIONARY, &[0xff, 0xff, 0xff, 0xff, 7, CONSTANT, 1, 7, CONSTANT, 0], 2),
        ),
    ];
    for (about, tile) in cases {
        refused(&tile, LimitExceeded, about);
    }
    refused(
        &RawTile::new(1).layer(MOST, 1).column(ColumnKind::Geometry, 1).here_in_body().stream(
            Role::Types,
            BYTES_CONSTANT,
            &[0],
        ),
        LimitExceeded,
        "types",
    );
    refused(&ids(VARINT, &[1]), Truncated, "more varints than bytes need no memory to be refused");
    let multi = |counts: &[u8]| {
        let tile = typed(&[5], 3).here_in_body().stream(Role::GeometryOffsets, VARINT, counts);
        tile.stream(Role::PartOffsets, CONSTANT, &[1]).stream(Role::RingOffsets, CONSTANT, &[2])
    };
    let (bytes, _) = multi(&[0xff, 0xff, 0xff, 0xff, 7]).finish();
    assert_eq!(decode(&bytes).unwrap_err().kind(), LimitExceeded);
    let (bytes, _) = multi(&[0xff, 0xff, 0xff, 0xff, 15]).finish();
    assert_eq!(decode(&bytes).unwrap_err().kind(), LimitExceeded);
    let dictionary =
        points(1, 1).property(ColumnKind::StringDictionary, "s", 3).stream(Role::Values, CONSTANT, &[0]);
    for count in [MOST, u64::from(u32::MAX)] {
        let tile = dictionary.clone().counted(Role::Lengths, CONSTANT, count, &[1]).stream(
            Role::Text,
            BYTES_CONSTANT,
            b"a",
        );
        let (bytes, _) = tile.finish();
        assert_eq!(decode(&bytes).unwrap_err().kind(), LimitExceeded);
    }
    let text = dictionary.counted(Role::Lengths, CONSTANT, 1, &[0xff, 0xff, 0xff, 0xff, 7]);
    refused(
        &text.here_in_body().stream(Role::Text, BYTES_CONSTANT, b"a"),
        LimitExceeded,
        "a string of 2 GiB",
    );
}

#[test]
fn missing_streams() {
    let other = |kind| matches!(kind, ColumnKind::Z | ColumnKind::HashedId);
    for &kind in ColumnKind::ALL.iter().filter(|&&kind| !kind.is_nested() && !other(kind)) {
        let roles = match kind {
            ColumnKind::Geometry => &[Role::Types, Role::Vertices],
            _ => kind.roles(),
        };
        // Not those that stand in for others.
        let other = |role: &&Role| [Role::Present, Role::Tokens, Role::Terminated].contains(role);
        for &missing in roles.iter().filter(|role| !other(role)) {
            // Two points; strings "a" and "b".
            let streams = roles.iter().filter(|role| **role != missing && !other(role));
            let mut tile = match kind {
                ColumnKind::Geometry => RawTile::new(1).layer(2, 1),
                ColumnKind::SharedDictionary => points(2, 2),
                ColumnKind::SharedString => {
                    let tile = points(2, 2).column(ColumnKind::SharedDictionary, 2);
                    tile.counted(Role::Lengths, CONSTANT, 2, &[1]).stream(Role::Text, BYTES_PLAIN, b"ab")
                }
                _ => points(2, 1),
            };
            let count = streams.clone().count() as u8;
            tile = match kind {
                ColumnKind::SharedString => tile.shared("c", 1, count),
                kind if kind.is_property() => tile.property(kind, "c", count),
                kind => tile.column(kind, count),
            };
            for &role in streams {
                tile = match role {
                    Role::Lengths if kind.is_dictionary() => tile.counted(role, CONSTANT, 2, &[1]),
                    Role::Text => tile.stream(role, BYTES_PLAIN, b"ab"),
                    Role::Vertices => tile.stream(role, VERTICES_DELTA, &[CONSTANT, 2]),
                    _ => tile.stream(role, CONSTANT, &[0]),
                };
            }
            if kind == ColumnKind::SharedDictionary {
                tile = tile.shared("c", 1, 1).stream(Role::Values, CONSTANT, &[0]);
            }
            let (bytes, _) = tile.finish();
            let error = decode(&bytes).expect_err(missing.name());
            assert_eq!(error.kind(), Inconsistent, "{error}");
            assert!(error.to_string().contains(&format!("without a {} stream", missing.name())), "{error}");
            assert!(error.offset().is_some_and(|at| at <= bytes.len()), "{error}");
        }
    }
    let without = |types: &[u8]| typed(types, 1).stream(Role::Vertices, VERTICES_DELTA, &[CONSTANT, 2]);
    for (types, role) in
        [(&[3][..], Role::GeometryOffsets), (&[2], Role::PartOffsets), (&[1], Role::RingOffsets)]
    {
        let error = decode(&without(types).finish().0).unwrap_err();
        assert!(error.to_string().contains(&format!("without a {} stream", role.name())), "{error}");
    }
    let ice = typed(&[0], 1).stream(Role::Vertices, VERTICES_ICE, &[1, CONSTANT, 2]);
    assert!(decode(&ice.finish().0).unwrap_err().to_string().contains("vertex offsets"));
    let commands = decode(&typed(&[6], 0).finish().0).unwrap_err();
    assert!(commands.to_string().contains("without a commands stream"), "{commands}");
}

#[test]
fn geometries() {
    let line = |counts: &[u8]| {
        let tile = typed(&[1], 2).here_in_body().stream(Role::RingOffsets, VARINT, counts);
        tile.stream(Role::Vertices, VERTICES_DELTA, &[CONSTANT, 1, 2, CONSTANT, 2])
    };
    let polygon = |rings: u8, vertices: u8| {
        let tile = typed(&[2], 3).here_in_body().stream(Role::PartOffsets, VARINT, &[rings]);
        let tile = if rings == 1 { tile.here_in_body() } else { tile };
        tile.stream(Role::RingOffsets, VARINT, &[vertices]).stream(
            Role::Vertices,
            VERTICES_DELTA,
            &[CONSTANT, 1, 2, CONSTANT, 2],
        )
    };
    let multi = |parts: u8| {
        let tile = typed(&[3], 2).here_in_body().stream(Role::GeometryOffsets, VARINT, &[parts]);
        tile.stream(Role::Vertices, VERTICES_DELTA, &[CONSTANT, 2])
    };
    let ice = |distinct: &[u8], offsets: &[u8]| {
        let tile = typed(&[0, 0], 2).stream(Role::Vertices, VERTICES_ICE, distinct).here_in_body();
        tile.stream(Role::VertexOffsets, VARINT, offsets)
    };
    let triangles = |indices: &[u8]| {
        let tile = typed(&[0, 0, 0], 2).stream(Role::Vertices, VERTICES_DELTA, &[CONSTANT, 2]);
        tile.here_in_body().counted(Role::IndexBuffer, VARINT, indices.len() as u64, indices)
    };
    let commands = |integers: &[u8]| {
        let tile = typed(&[6, 6], 1).here_in_body();
        tile.counted(Role::Commands, VARINT, integers.len() as u64, integers)
    };
    let cases: Vec<(&str, RawTile, ErrorKind)> = vec![
        ("a line of one vertex", line(&[1]), Inconsistent),
        ("a line of no vertex", line(&[0]), Inconsistent),
        ("a polygon without rings", polygon(0, 2), Inconsistent),
        ("a ring of one vertex", polygon(1, 1), Inconsistent),
        ("a multi-point without points", multi(0), Inconsistent),
        ("an offset past the distinct vertices", ice(&[2, CONSTANT, 2], &[0, 2]), Inconsistent),
        ("offsets into nothing", ice(&[0, CONSTANT], &[0, 0]), Inconsistent),
        (
            "vertices left over",
            typed(&[0], 1).stream(Role::Vertices, VERTICES_DELTA, &[VARINT, 2, 2, 2]).before_in_body(1),
            Overlong,
        ),
        ("two triangles but for an index", triangles(&[0, 1, 2, 0, 1]), Inconsistent),
        ("an index past the vertices", triangles(&[0, 1, 3]), Inconsistent),
        ("commands of too few features", commands(&[1, 0]), Inconsistent),
        ("commands that end too early", commands(&[1, 0, 1, 2, 9]), Inconsistent),
        ("commands left over", commands(&[1, 0, 1, 1, 9, 9]), Inconsistent),
    ];
    for (about, tile, kind) in cases {
        refused(&tile, kind, about);
    }
    assert!(decode(&line(&[2]).finish().0).is_ok());
    assert!(decode(&polygon(1, 2).finish().0).is_ok());
    assert!(decode(&multi(3).finish().0).is_ok());
    assert!(decode(&ice(&[2, CONSTANT, 2], &[0, 1]).finish().0).is_ok());
    assert!(decode(&triangles(&[0, 1, 2]).finish().0).is_ok());
    assert!(decode(&commands(&[1, 0, 1, 1, 9]).finish().0).is_ok());
}

#[test]
fn values() {
    let strings = |lengths: &[u8], text: &[u8]| {
        let tile = points(2, 1).property(ColumnKind::String, "s", 2).stream(Role::Lengths, VARINT, lengths);
        tile.here_in_body().stream(Role::Text, BYTES_PLAIN, text)
    };
    let coded = |codes: &[u8]| {
        let tile = points(2, 1).property(ColumnKind::StringDictionary, "s", 3).here_in_body();
        let tile = tile.stream(Role::Values, VARINT, codes).counted(Role::Lengths, CONSTANT, 2, &[1]);
        tile.stream(Role::Text, BYTES_PLAIN, b"ab")
    };
    let shared = |present: u8, codes: &[u8], strings: u8| {
        let tile = points(2, 2).column(ColumnKind::SharedDictionary, 2);
        let tile = tile.counted(Role::Lengths, VARINT, strings.into(), &[1, 1][..strings.into()]);
        let tile = tile.stream(Role::Text, BYTES_PLAIN, &b"ab"[..strings.into()]).shared("s", 1, 2);
        tile.stream(Role::Present, BYTES_PLAIN, &[present]).here_in_body().stream(Role::Values, VARINT, codes)
    };
    let bitmap = |bits: u8| {
        let tile = points(2, 1).property(ColumnKind::Bool, "b", 1).here_in_body();
        tile.stream(Role::Values, BYTES_PLAIN, &[bits])
    };
    let cases: Vec<(&str, RawTile, ErrorKind)> = vec![
        ("text that is none", strings(&[1, 1], &[b'a', 0xff]), Inconsistent),
        ("half a character in each string", strings(&[1, 1], "é".as_bytes()), Inconsistent),
        ("too little text", strings(&[1, 2], b"ab"), Truncated),
        ("too much text", strings(&[1, 0], b"ab").before_in_body(1), Overlong),
        ("a code past the dictionary", coded(&[0, 2]), Inconsistent),
        ("a code past the shared dictionary", shared(0b11, &[0, 2], 2), Inconsistent),
        ("a code into nothing", shared(0b10, &[0], 0), Inconsistent),
        ("a value for nobody", shared(0b10, &[0, 1], 2).before_in_body(1), Overlong),
        ("bits behind the end", bitmap(0b100), Inconsistent),
    ];
    for (about, tile, kind) in cases {
        refused(&tile, kind, about);
    }
    assert!(decode(&strings(&[0, 2], "é".as_bytes()).finish().0).is_ok());
    assert!(decode(&coded(&[1, 0]).finish().0).is_ok());
    assert!(decode(&shared(0b01, &[1], 2).finish().0).is_ok());
    assert!(decode(&bitmap(0b10).finish().0).is_ok());
}

#[test]
fn tokens() {
    let number = |payload: &[u8]| {
        let tile = points(3, 1).property(ColumnKind::UInt, "n", 1).tokens(VARINT, &[], None, payload);
        tile.before_in_body(payload.len() - 2)
    };
    refused(&number(&[0, 0, 3, 16, 3]), Inconsistent, "a token above 15");
    refused(&number(&[0, 1, 3, 4, 3]), Inconsistent, "a second of one listed value");
    refused(&number(&[0, 0, 3, 4]), Truncated, "too few tokens");
    let missing = points(3, 1).property(ColumnKind::UInt, "n", 1).here_in_body();
    refused(&missing.clone().tokens(VARINT, &[], None, &[0, 0, 3, 2, 3]), Inconsistent, "no values stream");
    let spare =
        points(3, 1).property(ColumnKind::UInt, "n", 2).here_in_body().stream(Role::Values, VARINT, &[]);
    refused(
        &spare.tokens(VARINT, &[], None, &[0, 0, 3, 3, 3]),
        Inconsistent,
        "a values stream without values",
    );
    let truth = points(3, 1).property(ColumnKind::Bool, "b", 1).here_in_body();
    refused(&truth.tokens(VARINT, &[], None, &[0, 0, 3, 5, 3]), Inconsistent, "neither true nor false");

    let dictionary = |text: &[u8]| {
        let tile = points(3, 2).column(ColumnKind::SharedDictionary, 1).here_in_body();
        let tile = tile.counted(Role::Terminated, BYTES_PLAIN, text.len() as u64, text);
        tile.shared("s", 1, 1).tokens(VARINT, &[], None, &[0, 0, 3, 3, 3])
    };
    refused(&dictionary(b"a\0b"), Inconsistent, "a string without its zero");
    refused(&dictionary(b"\xe4\0"), Inconsistent, "no UTF-8");
    let few = points(3, 2).column(ColumnKind::SharedDictionary, 1).counted(
        Role::Terminated,
        BYTES_PLAIN,
        2,
        b"a\0",
    );
    let one = few.clone().shared("s", 1, 1).here_in_body();
    let what = "a string that is not there";
    for payload in [&[0, 0, 3, 4, 3], &[1, 0, 3, 0, 0], &[0, 0, 1, 1, 0], &[1, 0, 1, 0, 0]] {
        refused(&one.clone().tokens(VARINT, &[], None, payload), Inconsistent, what);
    }
    let wide = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0, 4, 0, 0];
    refused(&one.tokens(VARINT, &[], None, &wide), Inconsistent, "counting that starts again at 0");
    let one = few.shared("s", 1, 2).here_in_body().stream(Role::Values, VARINT, &[0, 1]);
    refused(&one.clone().tokens(VARINT, &[], None, &[0, 2, 3, 0, 0]), Inconsistent, "listed without use");
    refused(&one.tokens(VARINT, &[], None, &[0, 1, 2, 0, 0]), Inconsistent, what);
}

#[test]
fn links() {
    let first = |tile: RawTile| tile.property(ColumnKind::UInt, "n", 1);
    let tile = first(points(3, 1)).bytes(&[Role::Tokens.id() << 4 | VARINT]).here().bytes(&[8, 0]);
    refused(&tile, UnknownId, "more than three references and a context");
    let tile = first(points(3, 1)).bytes(&[Role::Tokens.id() << 4 | VARINT, 4]).here().varint(1).varint(0);
    refused(&tile, Inconsistent, "before the first column");
    let of = |tile: RawTile, references: &[u64], context| {
        tile.tokens(VARINT, references, context, &[0, 0, 0, 0, 0])
    };
    refused(&of(first(points(3, 1).here()), &[0], None), Inconsistent, "geometries are no strings");
    refused(&of(first(points(3, 1).here()), &[], Some(0)), Inconsistent, "geometries have no tokens");
    let numbers = of(first(points(3, 2)), &[], None).here();
    refused(&of(first(numbers), &[0], None), Inconsistent, "numbers are no strings");
    let tile = of(first(points(3, 2)), &[], None).property(ColumnKind::UInt, "m", 1).before_in_body(0);
    let bytes = [&[0, 0][..], &[CONSTANT; 3]].concat();
    let (tile, _) = tile.tokens(VARINT, &[], Some(0), &bytes).finish();
    let error = decode(&tile).unwrap_err();
    assert_eq!((error.kind(), error.what()), (Inconsistent, "tokens in contexts as varint"));
    // Both at once.
    let tile =
        points(3, 1).here().property(ColumnKind::UInt, "n", 2).stream(Role::Present, BYTES_PLAIN, &[7]);
    refused(&of(tile, &[], None), Inconsistent, "present beside tokens");
}
