//! Tiles that the encoder never writes: what `spec/limits.md` says of them.

use crate::testing::check;
use crate::wire::varint;
use crate::{Budget, EncodeOptions, Error, ErrorKind, Force, Layer, LayerBuilder, Result, Tile, Value};

/// A stream as its entry in the directory says (role and encoding, and the count if there is one)
/// and its payload.
type Stream<'a> = (&'a [u8], &'a [u8]);

/// A column: kind, name and dictionary as they stand in the directory, and its streams.
type Column<'a> = (&'a [u8], &'a [Stream<'a>]);

const TYPES: u8 = 0x40;
const VERTICES: u8 = 0x80;

/// A geometry column of points at (0, 0).
const POINTS: Column = (&[1], &[(&[TYPES], &[0]), (&[VERTICES], &[0, 0])]);

/// A tile of one layer.
fn tile(features: u8, columns: &[Column], statistics: &[u8]) -> Vec<u8> {
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

fn refused(features: u8, columns: &[Column], statistics: &[u8]) -> Error {
    decode(&tile(features, columns, statistics)).unwrap_err()
}

#[test]
fn streams_that_nothing_needs_are_refused() {
    let [types, vertices] = [(&[TYPES][..], &[0][..]), (&[VERTICES][..], &[0, 0][..])];
    assert_eq!(decoded(2, &[(&[1], &[types, vertices])]).len(), 2);
    for (role, what) in
        [(0x50, "geometry offsets"), (0x60, "part offsets"), (0x70, "ring offsets"), (0x90, "vertex offsets")]
    {
        // Even without payload.
        let mut streams = vec![types, vertices, (std::slice::from_ref(&role), &[])];
        streams.sort_by_key(|(entry, _)| entry[0]);
        let error = refused(2, &[(&[1], &streams)], &[]);
        assert_eq!(error.kind(), ErrorKind::Inconsistent);
        assert!(error.to_string().contains(what), "{error}");
    }
    let commands: Stream = (&[0xb0, 0], &[]);
    assert!(refused(2, &[(&[1], &[types, vertices, commands])], &[]).to_string().contains("commands"));
    // Features of commands have no vertices.
    let (types, commands): (Stream, Stream) = ((&[TYPES], &[6]), (&[0xb0, 4], &[0]));
    assert_eq!(decoded(2, &[(&[1], &[types, commands])]).geometry().commands().unwrap().types[..], [0, 0]);
    for role in [VERTICES, 0x90] {
        let error = refused(2, &[(&[1], &[types, (&[role], &[]), commands])], &[]);
        assert!(error.to_string().contains("vert"), "{error}");
    }
}

#[test]
fn a_stream_of_no_values_has_no_payload() {
    let nulls: Stream = (&[0x00], &[0]);
    // All ids are missing: no values, in whatever encoding.
    for encoding in 0..=8 {
        let entry = [0x10 | encoding];
        let layer = decoded(2, &[POINTS, (&[0], &[nulls, (&entry, &[])])]);
        assert_eq!(layer.ids().unwrap().get(1), None);
        let error = refused(2, &[POINTS, (&[0], &[nulls, (&entry, &[0])])], &[]);
        assert_eq!(error.kind(), ErrorKind::Overlong);
    }
    assert_eq!(
        refused(2, &[POINTS, (&[0], &[nulls, (&[0x19], &[])])], &[]).kind(),
        ErrorKind::Reserved,
        "the encoding counts nevertheless"
    );
    // The encoder obeys, also where it is told which encoding to use.
    let mut layer = LayerBuilder::new("empty");
    layer.feature(None, |geometry| Ok(geometry.point(1, 1))).unwrap();
    layer.property("name", Value::String("")).unwrap();
    let layer = layer.finish().unwrap();
    for &encoding in crate::ByteEncoding::ALL {
        let force = Force { ints: None, bytes: Some(encoding) };
        let bytes =
            crate::encode(std::slice::from_ref(&layer), &EncodeOptions { force, ..EncodeOptions::default() });
        let back = decode(&bytes.unwrap()).unwrap().remove(0);
        assert_eq!(check::same_layer(&back, &layer), Ok(()), "{encoding:?}");
    }
}

#[test]
fn statistics_must_be_possible() {
    let flags: Column = (&[2, 1, b'b'], &[(&[0x11], &[0b10])]);
    let numbers: Column = (&[6, 1, b'f'], &[(&[0x10], &[0])]);
    let of_flags = |statistics| decode(&tile(2, &[POINTS, flags], statistics)).map(drop);
    of_flags(&[0b11, 0, 2, 0, 1]).unwrap();
    let wrong: [&[u8]; 6] = [
        // A third value, a minimum above the maximum, an unknown flag.
        &[0b10, 0, 0, 2],
        &[0b10, 0, 1, 0],
        &[0b100, 0],
        // More features without a value, or more distinct values, than there are features.
        &[0b00, 3],
        &[0b01, 0, 3],
        &[0b01, 1, 2],
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
}
