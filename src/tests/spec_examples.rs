//! Every example in `spec/` is what the code reads, and what it writes unless marked `read`.
//!
//! An example is a fenced block with the info string `example`. Its lines are fields: a name, two
//! or more spaces, a value; lines that start with spaces continue the value; a semicolon starts a
//! comment.

use std::fmt::Debug;

use crate::GeometryBuilder;
use crate::encoding::int::Int;
use crate::limits::Budget;
use crate::stream::bytes::{self, ByteEncoding};
use crate::stream::ints::{self, IntEncoding, IntPlan};
use crate::stream::{Encoded, Role};
use crate::testing::check;
use crate::wire::{Reader, varint, zigzag};
use crate::{
    ColumnKind, EncodeOptions, Force, Item, Layer, LayerBuilder, Profile, Tile, Value, VertexEncoding,
};

const DOCUMENTS: [(&str, &str); 2] = [
    ("format.md", include_str!("../../spec/format.md")),
    ("encodings.md", include_str!("../../spec/encodings.md")),
];

#[test]
fn every_example_is_true() {
    let mut count = 0;
    for (name, text) in DOCUMENTS {
        for example in examples(name, text) {
            check(&example);
            count += 1;
        }
    }
    assert!(count > 30, "only {count} examples");
}

/// The fields of an example, and where it stands.
#[derive(Debug)]
struct Example {
    place: String,
    fields: Vec<(String, String)>,
}

fn examples(name: &str, text: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let (mut fence, mut inside) = (false, false);
    for (number, line) in text.lines().enumerate() {
        if let Some(info) = line.strip_prefix("```") {
            fence = !fence;
            inside = fence && info == "example";
            if inside {
                examples.push(Example { place: format!("{name}:{}", number + 1), fields: Vec::new() });
            }
        } else if inside {
            let line = line.split(';').next().expect("at least one").trim_end();
            let fields = &mut examples.last_mut().expect("one was begun").fields;
            match line.split_once("  ") {
                Some(("", more)) => {
                    let last = &mut fields.last_mut().expect("a field to continue").1;
                    *last = format!("{last}\n{}", more.trim());
                }
                Some((field, value)) => fields.push((field.into(), value.trim().into())),
                None => assert!(line.is_empty(), "{name}:{}: no field", number + 1),
            }
        }
    }
    assert!(!fence, "{name}: a block is not closed");
    examples
}

impl Example {
    fn get(&self, field: &str) -> Option<&str> {
        self.fields.iter().find(|(name, _)| name == field).map(|(_, value)| value.as_str())
    }

    fn need(&self, field: &str) -> &str {
        self.get(field).unwrap_or_else(|| panic!("{}: no {field}", self.place))
    }

    /// The bytes of a field in hex.
    fn hex(&self, field: &str) -> Vec<u8> {
        let byte = |token| u8::from_str_radix(token, 16);
        let bytes: Result<_, _> = self.need(field).split_whitespace().map(byte).collect();
        bytes.unwrap_or_else(|_| panic!("{}: {field} is not hex", self.place))
    }

    /// The numbers of a field: `7`, `3*7` for three of them, `0..=9` for ten.
    fn numbers(&self, field: &str) -> Vec<i128> {
        let number = |text: &str| {
            text.parse().unwrap_or_else(|_| panic!("{}: {field}: {text:?} is no number", self.place))
        };
        let mut numbers = Vec::new();
        for token in self.need(field).split_whitespace() {
            if let Some((from, to)) = token.split_once("..=") {
                numbers.extend(number(from)..=number(to));
            } else if let Some((times, value)) = token.split_once('*') {
                numbers.extend((0..number(times)).map(|_| number(value)));
            } else {
                numbers.push(number(token));
            }
        }
        numbers
    }

    fn same<T: PartialEq + Debug>(&self, what: &str, actual: T, stated: T) {
        assert!(actual == stated, "{}: {what} is {actual:02x?}, not {stated:02x?}", self.place);
    }
}

fn check(example: &Example) {
    match example.fields[0].0.as_str() {
        "u32" => check_ints::<u32>(example),
        "u64" => check_ints::<u64>(example),
        "bytes" => check_bytes(example),
        "varint" => check_varint(example),
        "i32" => check_zigzag(example),
        "vertices" => check_vertices(example),
        "geometry" => check_geometry(example),
        "tile" | "read" | "compact" => check_tile(example),
        field => panic!("{}: an example of {field}", example.place),
    }
}

/// How a stream is coded, and whether the encoder would do it in the same way.
fn coding(example: &Example) -> (&str, bool) {
    match example.get("as") {
        Some(coding) => (coding, true),
        None => (example.need("read"), false),
    }
}

fn check_ints<T: Int + Debug>(example: &Example) {
    let values = example.numbers(&example.fields[0].0);
    let values: Vec<T> = values.into_iter().map(|value| T::from_u64(value as u64)).collect();
    let payload = example.hex("payload");
    let (coding, exact) = coding(example);
    let name = coding.split('(').next().expect("at least one");
    let encoding = IntEncoding::from_name(name).unwrap_or_else(|| panic!("{}: {name}", example.place));
    if exact {
        let (plan, rest) = plan(coding);
        assert_eq!(rest, "", "{}", example.place);
        let Encoded { encoding: id, payload: actual, .. } = ints::encode(&values, &plan);
        example.same("encoding", id, encoding.id());
        example.same("payload", actual, payload.clone());
    }
    let read = |payload: &[u8]| {
        ints::read::<T>(encoding.id(), Reader::new(payload, 0), values.len(), &mut Budget::default())
    };
    example.same("values", read(&payload).unwrap(), values.clone());
    assert!(read(&[&payload[..], &[0]].concat()).is_err(), "{}: one byte more", example.place);
    assert!(read(&payload[..payload.len() - 1]).is_err(), "{}: one byte less", example.place);
}

/// The plan that `text` starts with, and what follows: `rle(varint, delta(packed))`.
fn plan(text: &str) -> (IntPlan, &str) {
    let end = text.find(['(', ',', ')']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let child = |rest: &'_ str| {
        let (plan, rest) = plan(rest[1..].trim_start());
        (Box::new(plan), rest.len())
    };
    match IntEncoding::from_name(name) {
        Some(IntEncoding::Constant) => (IntPlan::Constant, rest),
        Some(IntEncoding::Plain) => (IntPlan::Plain, rest),
        Some(IntEncoding::Varint) => (IntPlan::Varint, rest),
        Some(IntEncoding::Packed) => (IntPlan::Packed, rest),
        Some(IntEncoding::Patched) => (IntPlan::Patched, rest),
        Some(IntEncoding::Entropy) => (IntPlan::Entropy, rest),
        Some(IntEncoding::Fresh) => {
            let (inner, left) = child(rest);
            (IntPlan::Fresh(inner), &rest[rest.len() - left + 1..])
        }
        Some(IntEncoding::Delta) => {
            let (inner, left) = child(rest);
            (IntPlan::Delta(inner), &rest[rest.len() - left + 1..])
        }
        Some(nested @ (IntEncoding::Rle | IntEncoding::Dictionary | IntEncoding::Divided)) => {
            let (first, left) = child(rest);
            let rest = &rest[rest.len() - left..];
            let (second, left) = child(rest);
            let rest = &rest[rest.len() - left + 1..];
            match nested {
                IntEncoding::Rle => (IntPlan::Rle { lengths: first, values: second }, rest),
                IntEncoding::Dictionary => {
                    (IntPlan::Dictionary { distinct: first, codes: second, sorted: false }, rest)
                }
                _ => (IntPlan::Divided { divisor: 10, quotients: first, remainders: second }, rest),
            }
        }
        Some(IntEncoding::Zstd | IntEncoding::Decimal | IntEncoding::Single) | None => {
            panic!("a plan of {name:?}")
        }
    }
}

fn check_bytes(example: &Example) {
    let values = match example.need("bytes").strip_prefix('"') {
        Some(text) => text.trim_end_matches('"').as_bytes().to_vec(),
        None => example.hex("bytes"),
    };
    let values = match example.get("times") {
        Some(times) => values.repeat(times.parse().unwrap()),
        None => values,
    };
    let payload = example.hex("payload");
    let (name, exact) = coding(example);
    let encoding = ByteEncoding::from_name(name).unwrap_or_else(|| panic!("{}: {name}", example.place));
    if exact {
        let actual = bytes::write(&values, &[&values], encoding, 3);
        example.same("payload", actual.payload, payload.clone());
    }
    let read = |payload: &[u8]| {
        bytes::read(encoding.id(), Reader::new(payload, 0), values.len(), &mut Budget::default())
    };
    example.same("bytes", read(&payload).unwrap(), values.clone());
    assert!(read(&[&payload[..], &[0]].concat()).is_err(), "{}: one byte more", example.place);
}

fn check_varint(example: &Example) {
    let value = example.numbers("varint")[0] as u64;
    let bytes = example.hex(if example.get("as").is_some() { "as" } else { "read" });
    if example.get("as").is_some() {
        let mut actual = Vec::new();
        varint::write(&mut actual, value);
        example.same("varint", actual, bytes.clone());
    }
    example.same("varint", varint::read(&bytes, 64), Ok((value, bytes.len())));
}

fn check_zigzag(example: &Example) {
    let (signed, unsigned) = (example.numbers("i32"), example.numbers("zigzag"));
    let zigzag: Vec<u32> = signed.iter().map(|&value| zigzag::encode32(value as i32)).collect();
    example.same("zigzag", zigzag, unsigned.iter().map(|&value| value as u32).collect());
    let back: Vec<i32> = unsigned.iter().map(|&value| zigzag::decode32(value as u32)).collect();
    example.same("i32", back, signed.iter().map(|&value| value as i32).collect());
}

/// Options under which the encoder's choices do not depend on what is cheap.
fn varints(vertices: VertexEncoding) -> EncodeOptions {
    EncodeOptions {
        vertices: Some(vertices),
        force: Force { ints: Some(IntEncoding::Varint), bytes: None },
        ..EncodeOptions::new(Profile::Fast)
    }
}

fn layer_of(geometry: GeometryBuilder) -> Layer {
    Layer::try_new("example", 4096, 2, None, geometry.finish().unwrap(), Vec::new()).unwrap()
}

/// The payloads of the streams of the only column of `layer`.
fn streams(layer: &Layer, options: &EncodeOptions) -> Vec<(Role, Vec<u8>)> {
    let bytes = crate::encode(std::slice::from_ref(layer), options).unwrap();
    let mut budget = Budget::default();
    let tile = Tile::open(&bytes, &mut budget).unwrap();
    check::same_layers(&tile.decode(&mut budget).unwrap(), std::slice::from_ref(layer)).unwrap();
    let [column] = tile.directory().layers()[0].columns() else { panic!("several columns") };
    assert_eq!(column.kind(), ColumnKind::Geometry);
    column.streams().iter().map(|stream| (stream.role(), bytes[stream.range()].to_vec())).collect()
}

/// Vertices of lines as the encoder writes them.
fn check_vertices(example: &Example) {
    let mut geometry = GeometryBuilder::default();
    for line in example.need("vertices").split('|') {
        match &vertices(line)[..] {
            &[[x, y]] => _ = geometry.point(x, y),
            line => _ = geometry.line_string(line).unwrap(),
        }
    }
    let encoding = VertexEncoding::from_name(example.need("as")).unwrap();
    let streams = streams(&layer_of(geometry), &varints(encoding));
    let payload = |role| streams.iter().find(|stream| stream.0 == role).map(|stream| stream.1.clone());
    example.same("payload", payload(Role::Vertices).unwrap(), example.hex("payload"));
    let offsets = example.get("vertex offsets").map(|_| example.hex("vertex offsets"));
    example.same("vertex offsets", payload(Role::VertexOffsets), offsets);
}

/// Vertices written as (1,2) (3,4).
fn vertices(text: &str) -> Vec<[i32; 2]> {
    text.split_whitespace()
        .map(|vertex| {
            let (x, y) = vertex.trim_matches(['(', ')']).split_once(',').expect("two coordinates");
            [x.parse().unwrap(), y.parse().unwrap()]
        })
        .collect()
}

/// A geometry column: a feature a line, then the payload of each stream by its role.
fn check_geometry(example: &Example) {
    let mut geometry = GeometryBuilder::default();
    for line in example.need("geometry").lines() {
        let (kind, rest) = line.split_once(' ').expect("a type");
        match kind {
            "Point" => {
                let [x, y] = vertices(rest)[0];
                geometry.point(x, y);
            }
            "MultiPolygon" => {
                let parts: Vec<Vec<_>> =
                    rest.split('|').map(|part| part.split('/').map(vertices).collect()).collect();
                let parts: Vec<Vec<&[[i32; 2]]>> =
                    parts.iter().map(|part| part.iter().map(Vec::as_slice).collect()).collect();
                geometry.multi_polygon(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap();
            }
            "Commands" => {
                let (kind, integers) = rest.split_once(": ").expect("a type and integers");
                let integers: Vec<u32> =
                    integers.split(' ').map(|integer| integer.parse().unwrap()).collect();
                geometry.commands(kind.parse().unwrap(), &integers);
            }
            _ => panic!("{}: {kind}", example.place),
        }
    }
    let actual = streams(&layer_of(geometry), &varints(VertexEncoding::Delta));
    let actual: Vec<_> =
        actual.iter().map(|(role, payload)| (role.name().to_owned(), payload.clone())).collect();
    let stated = example.fields[1..].iter().map(|(role, _)| (role.clone(), example.hex(role))).collect();
    example.same("streams", actual, stated);
}

fn check_tile(example: &Example) {
    let (field, name) = &example.fields[0];
    let layers = match name.as_str() {
        "no layers" => Vec::new(),
        "roads" => vec![roads()],
        "nested" => vec![nested()],
        "a road and its label" => road_and_label(),
        "vertex values" => vec![vertex_values()],
        "three towns" => vec![towns()],
        "triangles" => vec![triangles()],
        "shared" => shared(),
        _ => panic!("{}: tile {name}", example.place),
    };
    let bytes = example.hex("bytes");
    if field != "read" {
        let options = match (field.as_str(), name.as_str()) {
            ("compact", _) => {
                EncodeOptions { compact: Some(true), ..varints(VertexEncoding::PackedReferences) }
            }
            (_, name) => EncodeOptions { statistics: name == "roads", ..varints(VertexEncoding::Delta) },
        };
        example.same("tile", crate::encode(&layers, &options).unwrap(), bytes.clone());
    }
    let mut budget = Budget::default();
    let read = Tile::open(&bytes, &mut budget).unwrap().decode(&mut budget).unwrap();
    assert_eq!(check::same_layers(&read, &layers), Ok(()), "{}", example.place);
}

/// Two lines, of which the second runs along the first, back.
fn road_and_label() -> Vec<Layer> {
    let line = [[200, 300], [400, 300], [400, 900]];
    let layer = |name: &str, line: &[[i32; 2]]| {
        let mut layer = LayerBuilder::new(name);
        layer.feature(None, |geometry| geometry.line_string(line)).unwrap();
        layer.property("name", Value::String("Gasse")).unwrap();
        layer.finish().unwrap()
    };
    vec![layer("road", &line), layer("label", &[line[2], line[1], line[0]])]
}

/// The layers of the example of what layers share.
fn shared() -> Vec<Layer> {
    let text = |text| Item::Value(Value::String(text));
    let mut first = LayerBuilder::new("a");
    for (x, (id, name)) in (0..).zip([(15701682441206163014, "x"), (15701671446089880904, "y")]) {
        first.feature(Some(id), |geometry| Ok(geometry.point(x, 0))).unwrap();
        first.property("id", Value::String(name)).unwrap();
    }
    let mut second = LayerBuilder::new("b");
    for (x, pairs) in (0..).zip([[("p", "x"), ("q", "z")], [("q", "y"), ("p", "z")]]) {
        second.feature(None, |geometry| Ok(geometry.point(x, 0))).unwrap();
        let pairs = pairs.map(|(key, value)| (text(key), text(value)));
        second.nested("m", &Item::Map(pairs.into())).unwrap();
    }
    vec![first.finish().unwrap(), second.finish().unwrap()]
}

/// The layer of the example of tokens.
fn towns() -> Layer {
    let towns =
        [("Chur", Some("city"), Some("Chur")), ("Ilanz", None, Some("Ilanz")), ("Cuera", Some("city"), None)];
    let mut layer = LayerBuilder::new("place");
    for (x, (name, class, german)) in (0..).zip(towns) {
        layer.feature(None, |geometry| Ok(geometry.point(x, x))).unwrap();
        for (key, value) in [("name", Some(name)), ("name:de", german), ("class", class)] {
            value.map(|value| layer.property(key, Value::String(value)).map(drop)).transpose().unwrap();
        }
    }
    layer.finish().unwrap()
}

/// The layer of the whole tile at the end of format.md.
fn roads() -> Layer {
    use Value::{Bool, String, UInt};
    type Road<'a> = (u64, &'a [&'a [[i32; 2]]], &'a [(&'a str, Value<'a>)]);
    let roads: [Road; 3] = [
        (
            17,
            &[&[[10, 20], [30, 25]]],
            &[
                ("class", String("main")),
                ("name", String("Via Roma")),
                ("name:it", String("Via Roma")),
                ("lanes", UInt(4)),
            ],
        ),
        (
            18,
            &[&[[30, 25], [60, 25], [64, 40]]],
            &[("class", String("main")), ("name", String("Länggasse")), ("bridge", Bool(true))],
        ),
        (
            21,
            &[&[[0, 64], [8, 60]], &[[12, 60], [20, 64]]],
            &[("class", String("path")), ("bridge", Bool(false))],
        ),
    ];
    let mut layer = LayerBuilder::new("roads");
    for (id, lines, properties) in roads {
        layer
            .feature(Some(id), |geometry| match lines {
                [line] => geometry.line_string(line),
                _ => geometry.multi_line_string(lines),
            })
            .unwrap();
        for &(key, value) in properties {
            layer.property(key, value).unwrap();
        }
    }
    layer.finish().unwrap()
}

/// The layer of the tile with nested values behind it.
fn nested() -> Layer {
    use Item::{List, Null, Struct};
    let uint = |value| Item::Value(Value::UInt(value));
    let bool = |value| Item::Value(Value::Bool(value));
    let b = |values: &[i64]| List(values.iter().map(|&value| Item::Value(Value::SInt(value))).collect());
    let values = [
        List(vec![
            Struct(vec![("a", uint(3)), ("b", b(&[-1, 1])), ("c", bool(true))]),
            Struct(vec![("a", uint(4)), ("b", b(&[])), ("c", bool(true))]),
        ]),
        List(vec![]),
        Null,
        List(vec![Null, Struct(vec![("b", b(&[2])), ("c", bool(false))])]),
    ];
    let mut layer = LayerBuilder::new("n");
    for (x, value) in (0..).zip(&values) {
        layer.feature(None, |geometry| Ok(geometry.point(x, 0))).unwrap().nested("l", value).unwrap();
    }
    layer.finish().unwrap()
}

/// The layer of the tile with values per vertex behind it.
fn triangles() -> Layer {
    let mut layer = LayerBuilder::new("f");
    layer.feature(None, |geometry| geometry.polygon(&[&[[0, 0], [4, 0], [4, 4], [0, 4]]])).unwrap();
    let mut layer = layer.finish().unwrap();
    layer.geometry = layer.geometry.with_indices(vec![0, 2, 1, 0, 3, 2].into()).unwrap();
    // What the encoder finds itself.
    #[cfg(feature = "triangles")]
    assert_eq!(layer.geometry.triangles(), [0, 2, 1, 0, 3, 2]);
    layer
}

fn vertex_values() -> Layer {
    let mut layer = LayerBuilder::new("v");
    layer.height_grid(0.5, 100.0).unwrap();
    layer.feature(None, |geometry| geometry.line_string(&[[1, 1], [2, 1], [2, 3]])).unwrap();
    layer.heights(&[99.0, 100.0, 101.5]).unwrap();
    layer.measure("speed", &[Value::UInt(30), Value::UInt(50), Value::UInt(50)]).unwrap();
    layer.feature(None, |geometry| Ok(geometry.point(2, 3))).unwrap();
    layer.heights(&[101.5]).unwrap();
    layer.finish().unwrap()
}
