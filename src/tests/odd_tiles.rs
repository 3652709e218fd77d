//! Tiles that the encoder never writes: what `spec/limits.md` says of them.

use crate::stream::{bytes, ints};
use crate::testing::check;
use crate::wire::{Reader, varint};
use crate::{Budget, EncodeOptions, Error, ErrorKind, Force, Layer, LayerBuilder, Result, Tile, Value};

/// A stream as its entry in the directory says (role and encoding, and the count if there is one)
/// and its payload.
type Stream<'a> = (&'a [u8], &'a [u8]);

/// A column: kind, name and dictionary as they stand in the directory, and its streams.
type Column<'a> = (&'a [u8], &'a [Stream<'a>]);

/// Roles, each with the encoding constant for integers and bytes, and delta for vertices.
const PRESENT: u8 = 0x00;
const VALUES: u8 = 0x10;
const LENGTHS: u8 = 0x20;
const TEXT: u8 = 0x30;
const TYPES: u8 = 0x40;
const GEOMETRY_OFFSETS: u8 = 0x50;
const PART_OFFSETS: u8 = 0x60;
const RING_OFFSETS: u8 = 0x70;
const VERTICES: u8 = 0x80;
const VERTEX_OFFSETS: u8 = 0x90;
const INDEX_BUFFER: u8 = 0xa0;
const COMMANDS: u8 = 0xb0;

/// Added to a role of integers or bytes.
const PLAIN: u8 = 1;
const VARINT: u8 = 2;

/// Added to the role of vertices.
const ICE: u8 = 1;

/// A geometry column of points at (0, 0).
const POINTS: Column = (&[1], &[(&[TYPES], &[0]), (&[VERTICES], &[0, 0])]);

/// The directory and the body of a tile of one layer.
fn parts(features: u8, columns: &[Column], statistics: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut directory = vec![1, 1, b'a', 1, 2, features, columns.len() as u8];
    let mut body = Vec::new();
    for (head, streams) in columns {
        directory.extend_from_slice(head);
        directory.push(streams.len() as u8);
        for (entry, payload) in *streams {
            directory.extend_from_slice(entry);
            varint::write(&mut directory, payload.len() as u64);
            body.extend_from_slice(payload);
        }
    }
    directory.extend_from_slice(statistics);
    (directory, body)
}

fn tile(features: u8, columns: &[Column], statistics: &[u8]) -> Vec<u8> {
    let (directory, body) = parts(features, columns, statistics);
    let mut tile = vec![0xc1];
    varint::write(&mut tile, directory.len() as u64);
    [tile, directory, body].concat()
}

fn decode(bytes: &[u8]) -> Result<Vec<Layer>> {
    let mut budget = Budget::default();
    Tile::open(bytes, &mut budget)?.decode(&mut budget)
}

fn decoded(features: u8, columns: &[Column]) -> Layer {
    decode(&tile(features, columns, &[])).unwrap().remove(0)
}

fn refused(features: u8, columns: &[Column]) -> Error {
    decode(&tile(features, columns, &[])).unwrap_err()
}

fn strings(layer: &Layer, column: usize) -> Vec<Option<&str>> {
    let column = &layer.columns()[column];
    let string = |row| match column.get(row) {
        Some(Value::String(string)) => Some(string),
        None => None,
        value => panic!("{value:?}"),
    };
    (0..column.len()).map(string).collect()
}

#[test]
fn longer_varints_are_accepted() {
    let (directory, body) = parts(1, &[POINTS], &[]);
    let with_head = |head: &[u8], directory: &[u8]| decode(&[head, directory, &body].concat());
    let len = directory.len() as u8;
    assert!(with_head(&[0xc1, len], &directory).is_ok());
    assert!(with_head(&[0xc1, len | 0x80, 0x80, 0x80, 0x80, 0x00], &directory).is_ok());
    assert!(with_head(&[0xc1, len + 1], &[&[0x81, 0x00], &directory[1..]].concat()).is_ok());
    // Too many bits, too many bytes.
    for end in [&[0x10][..], &[0x80, 0x00]] {
        let head = [&[0xc1, len | 0x80, 0x80, 0x80, 0x80], end].concat();
        let error = with_head(&head, &directory).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (ErrorKind::Overlong, Some(1)));
    }
}

#[test]
fn columns_in_any_order_with_dictionaries_before_their_users() {
    let x: Column = (&[11], &[(&[LENGTHS, 1], &[1]), (&[TEXT], b"x")]);
    let y: Column = (&[11], &[(&[LENGTHS, 1], &[1]), (&[TEXT], b"y")]);
    let first: Column = (&[10, 1, b'a', 0], &[(&[VALUES], &[0])]);
    let second: Column = (&[10, 1, b'a', 2], &[(&[VALUES], &[0])]);
    let ids: Column = (&[0], &[(&[VALUES], &[7])]);
    let layer = decoded(2, &[x, first, y, POINTS, ids, second]);
    assert_eq!(strings(&layer, 0), [Some("x"); 2]);
    assert_eq!(strings(&layer, 1), [Some("y"); 2]);
    assert_eq!(layer.ids().unwrap().get(1), Some(7));
    // Behind its user, no dictionary, not there at all, the user itself.
    for columns in [[first, x, POINTS], [POINTS, x, first], [x, POINTS, second], [POINTS, x, second]] {
        assert_eq!(refused(2, &columns).kind(), ErrorKind::Inconsistent);
    }
    for columns in [[POINTS, POINTS, ids], [POINTS, ids, ids]] {
        assert!(refused(2, &columns).to_string().contains("second"));
    }
    assert!(refused(2, &[x, first]).to_string().contains("without a geometry column"));
}

#[test]
fn layers_without_features_may_have_columns() {
    let none: Stream = (&[VALUES], &[]);
    let geometry: Column = (&[1], &[(&[TYPES], &[])]);
    let text: Column = (&[8, 1, b's'], &[(&[LENGTHS], &[]), (&[TEXT], &[])]);
    let dictionary: Column = (&[9, 1, b'd'], &[none, (&[LENGTHS, 1], &[2]), (&[TEXT], b"xx")]);
    let layer = decoded(0, &[(&[0], &[none]), geometry, (&[2, 1, b'b'], &[none]), text]);
    assert!(layer.is_empty() && layer.columns().len() == 2);
    assert!(decode(&tile(0, &[dictionary], &[])).is_err(), "text of another length");
    assert!(decoded(0, &[]).columns().is_empty());
    assert!(refused(0, &[(&[1], &[])]).to_string().contains("without a types stream"));
}

#[test]
fn present_streams_may_say_all_or_none() {
    let flags = |present, values| -> Vec<Option<Value<'static>>> {
        let streams: [Stream; 2] = [(&[PRESENT], present), (&[VALUES], values)];
        let layer = decoded(3, &[POINTS, (&[2, 1, b'b'], &streams)]);
        let value = |row| layer.columns()[0].get(row).map(|value| Value::Bool(value == Value::Bool(true)));
        (0..3).map(value).collect()
    };
    assert_eq!(flags(&[0b111], &[0b101]), [true, false, true].map(|flag| Some(Value::Bool(flag))));
    assert_eq!(flags(&[0], &[]), [None; 3]);
    // Bits behind the end, of either bitmap.
    for (present, values) in [(&[0b1111], &[0b101]), (&[0b110], &[0b101])] {
        let streams: [Stream; 2] = [(&[PRESENT], present), (&[VALUES], values)];
        assert!(refused(3, &[POINTS, (&[2, 1, b'b'], &streams)]).to_string().contains("bits behind"));
    }
}

#[test]
fn dictionaries_of_any_kind() {
    let column = |streams: &[Stream]| decode(&tile(2, &[POINTS, (&[9, 1, b's'], streams)], &[]));
    // Unused and repeated strings.
    let lengths: Stream = (&[LENGTHS | PLAIN, 3], &[1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0]);
    let layers = column(&[(&[VALUES | VARINT], &[1, 0]), lengths, (&[TEXT | PLAIN], b"xxyz")]).unwrap();
    assert_eq!(strings(&layers[0], 0), [Some("x"); 2]);
    // No strings, for no values; and for values.
    let nothing: [Stream; 2] = [(&[LENGTHS, 0], &[]), (&[TEXT], &[])];
    let layers = column(&[(&[PRESENT], &[0]), (&[VALUES], &[]), nothing[0], nothing[1]]).unwrap();
    assert_eq!(strings(&layers[0], 0), [None; 2]);
    assert!(column(&[(&[VALUES], &[0]), nothing[0], nothing[1]]).is_err());
    assert!(column(&[(&[VALUES], &[3]), lengths, (&[TEXT | PLAIN], b"xxyz")]).is_err(), "no string 3");
    // Characters that are cut in two, also in a string without use; lengths beyond 2^31 - 1.
    let cut: Stream = (&[LENGTHS, 2], &[1]);
    assert!(column(&[(&[VALUES], &[0]), cut, (&[TEXT | PLAIN], "ä".as_bytes())]).is_err());
    let long: Stream = (&[LENGTHS, 2], &[0x80, 0x80, 0x80, 0x80, 0x04]);
    assert_eq!(
        column(&[(&[VALUES], &[0]), long, (&[TEXT], b"x")]).unwrap_err().kind(),
        ErrorKind::LimitExceeded
    );
}

#[test]
fn streams_that_nothing_needs_are_refused() {
    let [types, vertices]: [Stream; 2] = [(&[TYPES], &[0]), (&[VERTICES], &[0, 0])];
    assert_eq!(decoded(2, &[(&[1], &[types, vertices])]).len(), 2);
    for (role, what) in [
        (GEOMETRY_OFFSETS, "geometry offsets"),
        (PART_OFFSETS, "part offsets"),
        (RING_OFFSETS, "ring offsets"),
        (VERTEX_OFFSETS, "vertex offsets"),
    ] {
        // Even without payload.
        let mut streams = vec![types, vertices, (std::slice::from_ref(&role), &[])];
        streams.sort_by_key(|(entry, _)| entry[0]);
        let error = refused(2, &[(&[1], &streams)]);
        assert_eq!(error.kind(), ErrorKind::Inconsistent);
        assert!(error.to_string().contains(what), "{error}");
    }
    let commands: Stream = (&[COMMANDS, 0], &[]);
    assert!(refused(2, &[(&[1], &[types, vertices, commands])]).to_string().contains("commands"));
    // Features of commands have no vertices.
    let (types, commands): (Stream, Stream) = ((&[TYPES], &[6]), (&[COMMANDS, 4], &[0]));
    assert_eq!(decoded(2, &[(&[1], &[types, commands])]).geometry().commands().unwrap().types[..], [0, 0]);
    for role in [VERTICES, VERTEX_OFFSETS] {
        let error = refused(2, &[(&[1], &[types, (&[role], &[]), commands])]);
        assert!(error.to_string().contains("vert"), "{error}");
    }
}

#[test]
fn streams_in_their_order_each_once_and_where_they_belong() {
    let [types, vertices]: [Stream; 2] = [(&[TYPES], &[0]), (&[VERTICES], &[0, 0])];
    for streams in [&[vertices, types][..], &[types, types, vertices], &[types, vertices, (&[VALUES], &[])]] {
        assert_eq!(refused(2, &[(&[1], streams)]).kind(), ErrorKind::Inconsistent);
    }
    for (column, kind) in [(17, ErrorKind::Reserved), (30, ErrorKind::UnknownId)] {
        assert_eq!(refused(2, &[POINTS, (&[column], &[])]).kind(), kind);
    }
}

#[test]
fn an_unknown_encoding_spoils_only_its_column() {
    let columns =
        [POINTS, (&[4, 1, b'a'][..], &[(&[VALUES | 14][..], &[1][..])][..]), (&[0], &[(&[VALUES], &[5])])];
    let bytes = tile(2, &columns, &[]);
    let mut budget = Budget::default();
    let opened = Tile::open(&bytes, &mut budget).unwrap();
    let layer = opened.layer("a").unwrap();
    assert_eq!(layer.column("a", &mut budget).unwrap_err().kind(), ErrorKind::UnknownId);
    assert_eq!(layer.ids(&mut budget).unwrap().unwrap().get(0), Some(5));
    assert_eq!(layer.geometry(&mut budget).unwrap().len(), 2);
}

#[test]
fn odd_geometries() {
    let column =
        |streams: &[Stream]| decode(&tile(1, &[(&[1], streams)], &[])).map(|mut layers| layers.remove(0));
    // A multi-point of one point, a multi-polygon of one polygon of a ring of two vertices.
    let vertices: Stream = (&[VERTICES], &[0, 6]);
    let layer = column(&[(&[TYPES], &[3]), (&[GEOMETRY_OFFSETS], &[1]), vertices]).unwrap();
    assert_eq!(layer.geometry().vertices()[..], [3, 3]);
    let polygon = |parts: &[u8], rings: &[u8], vertices: &[u8]| {
        column(&[
            (&[TYPES], &[5]),
            (&[GEOMETRY_OFFSETS], parts),
            (&[PART_OFFSETS], rings),
            (&[RING_OFFSETS], vertices),
            (&[VERTICES], &[0, 1, 6, 0, 2]),
        ])
    };
    assert_eq!(polygon(&[1], &[1], &[2]).unwrap().geometry().vertices()[..], [3, 3, 4, 4]);
    for (parts, rings, vertices) in [(0, 1, 2), (1, 0, 2), (1, 1, 1), (1, 1, 0)] {
        assert_eq!(polygon(&[parts], &[rings], &[vertices]).unwrap_err().kind(), ErrorKind::Inconsistent);
    }
    let most = [0x80, 0x80, 0x80, 0x80, 0x08];
    assert_eq!(polygon(&[1], &[1], &most).unwrap_err().kind(), ErrorKind::LimitExceeded);
    assert_eq!(column(&[(&[TYPES], &[7]), vertices]).unwrap_err().kind(), ErrorKind::UnknownId);
    // Indexed vertices: one twice, one unused, one that is not there. They overflow, and wrap.
    let ice: Stream = (&[VERTICES | ICE], &[3, 2, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 1, 0, 0, 2]);
    let point = |offset: &[u8]| column(&[(&[TYPES], &[0]), ice, (&[VERTEX_OFFSETS], offset)]);
    assert_eq!(point(&[0]).unwrap().geometry().vertices()[..], [i32::MIN, 0]);
    assert_eq!(point(&[1]).unwrap().geometry().vertices()[..], [i32::MAX, 0]);
    assert_eq!(point(&[3]).unwrap_err().kind(), ErrorKind::Inconsistent);
    assert!(column(&[(&[TYPES], &[0]), ice]).unwrap_err().to_string().contains("vertex offsets"));
    // Triangles, in a layer of points: none, one, half a one, of vertices that are not there.
    let indexed = |count, payload| column(&[(&[TYPES], &[0]), vertices, (&[INDEX_BUFFER, count], payload)]);
    assert_eq!(indexed(0, &[]).unwrap().geometry().indices().unwrap().len(), 0);
    assert_eq!(indexed(3, &[0]).unwrap().geometry().indices().unwrap()[..], [0, 0, 0]);
    assert_eq!(indexed(2, &[0]).unwrap_err().kind(), ErrorKind::Inconsistent);
    assert_eq!(indexed(3, &[1]).unwrap_err().kind(), ErrorKind::Inconsistent);
    // Commands: any type; too few, too many.
    let commands = |count, payload| column(&[(&[TYPES], &[6]), (&[COMMANDS | VARINT, count], payload)]);
    assert_eq!(commands(3, &[77, 1, 5]).unwrap().geometry().commands().unwrap().values[..], [5]);
    for (count, payload) in [(1, &[77][..]), (2, &[77, 1]), (4, &[77, 1, 5, 5])] {
        assert_eq!(commands(count, payload).unwrap_err().kind(), ErrorKind::Inconsistent);
    }
}

#[test]
fn a_stream_of_no_values_has_no_payload() {
    let nulls: Stream = (&[PRESENT], &[0]);
    // All ids are missing: no values, in whatever encoding.
    for encoding in 0..=13 {
        let entry = [VALUES | encoding];
        let layer = decoded(2, &[POINTS, (&[0], &[nulls, (&entry, &[])])]);
        assert_eq!(layer.ids().unwrap().get(1), None);
        assert_eq!(refused(2, &[POINTS, (&[0], &[nulls, (&entry, &[0])])]).kind(), ErrorKind::Overlong);
    }
    let reserved: Column = (&[0], &[nulls, (&[VALUES | 14], &[])]);
    assert_eq!(
        refused(2, &[POINTS, reserved]).kind(),
        ErrorKind::UnknownId,
        "the encoding counts nevertheless"
    );
    // The encoder obeys, also where it is told which encoding to use.
    let mut layer = LayerBuilder::new("empty");
    layer.feature(None, |geometry| Ok(geometry.point(1, 1))).unwrap();
    layer.property("name", Value::String("")).unwrap();
    let layer = layer.finish().unwrap();
    for &encoding in crate::ByteEncoding::ALL {
        let force = Force { ints: None, bytes: Some(encoding) };
        let options = EncodeOptions { force, ..EncodeOptions::default() };
        let bytes = crate::encode(std::slice::from_ref(&layer), &options).unwrap();
        let back = decode(&bytes).unwrap().remove(0);
        assert_eq!(check::same_layer(&back, &layer), Ok(()), "{encoding:?}");
    }
}

#[test]
fn odd_streams() {
    let ints = |encoding: u8, payload: &[u8], count: usize| {
        ints::read::<u32>(encoding, Reader::new(payload, 0), count, &mut Budget::default())
    };
    // Delta of delta, zstd of zstd, a minimum below all values, padding bits.
    assert_eq!(ints(6, &[6, 2, 4, 4, 4], 3).unwrap(), [1, 3, 6]);
    let inner = [2, 1, 0, 0, 9, 0, 0, 7];
    let outer = [&[8, inner.len() as u8, 0, 0, (inner.len() << 3 | 1) as u8, 0, 0][..], &inner].concat();
    assert_eq!(ints(8, &outer, 1).unwrap(), [7]);
    assert_eq!(ints(3, &[5, 4, 0x21], 2).unwrap(), [6, 7]);
    assert_eq!(ints(3, &[5, 4, 0xf1], 1).unwrap(), [6]);
    assert_eq!(ints(4, &[4, 0xf6], 1).unwrap(), [6]);
    // Runs of nothing alone, codes without values.
    assert!(ints(5, &[0, 0, 0, 0], 1).is_err());
    assert!(ints(7, &[0, 0, 0, 0, 0], 1).is_err());
    assert_eq!(ints(7, &[2, 2, 2, 9, 9, 2, 1, 1], 2).unwrap(), [9, 9], "one value twice and unused");
    // Six encodings, seven; those of no values do not count.
    assert_eq!(ints(6, &[6, 6, 6, 6, 0, 0], 1).unwrap(), [0]);
    assert_eq!(ints(6, &[6, 6, 6, 6, 6, 0, 2], 1).unwrap_err().kind(), ErrorKind::LimitExceeded);
    let bytes = |encoding: u8, payload: &[u8], count: usize| {
        bytes::read(encoding, Reader::new(payload, 0), count, &mut Budget::default())
    };
    assert_eq!(bytes(2, &[0xff, 1, 0xff, 1, 0, 1], 5).unwrap(), [1; 5], "runs cut small");
    assert!(bytes(2, &[0, 1], 2).is_err(), "a run too long");
}

#[test]
fn statistics_must_be_possible() {
    let flags: Column = (&[2, 1, b'b'], &[(&[VALUES | PLAIN], &[0b10])]);
    let numbers: Column = (&[6, 1, b'f'], &[(&[VALUES], &[0])]);
    let text: Column = (&[8, 1, b's'], &[(&[LENGTHS], &[0]), (&[TEXT], &[])]);
    let of_flags = |statistics| decode(&tile(2, &[POINTS, flags], statistics)).map(drop);
    of_flags(&[0b11, 0, 2, 0, 1]).unwrap();
    let wrong: [&[u8]; 7] = [
        // A third value, a minimum above the maximum, an unknown flag.
        &[0b10, 0, 0, 2],
        &[0b10, 0, 1, 0],
        &[0b100, 0],
        // More features without a value, or more distinct values, than there are features.
        &[0b00, 3],
        &[0b01, 0, 3],
        &[0b01, 1, 2],
        // A byte too many.
        &[0b00, 0, 0],
    ];
    for statistics in wrong {
        of_flags(statistics).unwrap_err();
    }
    let bounds = |min: f64, max: f64| {
        let statistics = [&[0b10, 0][..], &min.to_le_bytes(), &max.to_le_bytes()].concat();
        decode(&tile(2, &[POINTS, numbers], &statistics)).map(drop)
    };
    bounds(-1.0, f64::INFINITY).unwrap();
    bounds(0.0, -0.0).unwrap();
    assert_eq!(bounds(1.0, -1.0).unwrap_err().kind(), ErrorKind::Inconsistent);
    assert_eq!(bounds(f64::NAN, f64::NAN).unwrap_err().kind(), ErrorKind::Inconsistent);
    // Bounds of any length, as long as they are text.
    let bound = |byte| [&[0b10, 0, 100][..], &[byte; 100], &[100], &[byte; 100]].concat();
    decode(&tile(2, &[POINTS, text], &bound(b'x'))).unwrap();
    assert_eq!(decode(&tile(2, &[POINTS, text], &bound(0xff))).unwrap_err().kind(), ErrorKind::Inconsistent);
}
