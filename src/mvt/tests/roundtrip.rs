//! How messages map to layers, and that they come back.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use prost::Message;

use super::*;
use crate::column::Value as Property;
use crate::error::ErrorKind;
use crate::geometry::GeometryType;
use crate::limits::Budget;
use crate::mvt::{Dropped, read_within};

const POINT: i32 = 1;
const LINE: i32 = 2;
const POLYGON: i32 = 3;

/// The type a single geometry is read as; and it must come back.
fn geometry_type(kind: i32, commands: &[u32]) -> GeometryType {
    let bytes = tile(layer(vec![shape(kind, commands), shape(POINT, &[9, 0, 0])], &[], Vec::new()));
    check_comes_back(&bytes);
    read(&bytes).unwrap().0[0].geometry().geometry_type(0)
}

#[test]
fn well_formed_geometries_have_types() {
    assert_eq!(geometry_type(POINT, &[9, 50, 34]), GeometryType::Point);
    assert_eq!(geometry_type(POINT, &[17, 10, 14, 3, 9]), GeometryType::MultiPoint);
    assert_eq!(geometry_type(LINE, &[9, 4, 4, 18, 0, 16, 16, 0]), GeometryType::LineString);
    let lines = [9, 4, 4, 18, 0, 16, 16, 0, 9, 17, 17, 10, 4, 8];
    assert_eq!(geometry_type(LINE, &lines), GeometryType::MultiLineString);
    assert_eq!(geometry_type(POLYGON, &[9, 6, 12, 18, 10, 12, 24, 44, 15]), GeometryType::Polygon);
    // A ring of two vertices has no area and is a ring all the same.
    assert_eq!(geometry_type(POLYGON, &[9, 6, 12, 10, 10, 12, 15]), GeometryType::Polygon);
}

#[test]
fn all_else_is_kept_as_commands() {
    let max = u32::MAX;
    for (kind, commands) in [
        (POINT, &[][..]),
        (0, &[9, 2, 2]),
        (4, &[9, 2, 2]),
        (-7, &[9, 2, 2]),
        (POINT, &[9, 2, 2, 9, 2, 2]),
        (POINT, &[9, 2, 2, 15]),
        (POINT, &[9, 2]),
        (POINT, &[1]),
        (POINT, &[17, 2, 2]),
        (POINT, &[max - 6, 2, 2]),
        (LINE, &[9, 2, 2]),
        (LINE, &[9, 2, 2, 2]),
        (LINE, &[9, 2, 2, 10, 2]),
        (LINE, &[17, 2, 2, 2, 2, 10, 2, 2]),
        (LINE, &[9, 2, 2, 10, 2, 2, 10, 2, 2]),
        (LINE, &[9, 2, 2, 18, 2, 2, 3, 3, 15]),
        (LINE, &[9, 2, 2, 10, 2, 2, 9, 1, 1]),
        (LINE, &[9, 2, 2, max - 5, 2, 2]),
        (POLYGON, &[9, 2, 2, 18, 2, 2, 3, 3]),
        (POLYGON, &[9, 2, 2, 18, 2, 2, 3, 3, 7]),
        (POLYGON, &[9, 2, 2, 18, 2, 2, 3, 3, 23]),
        (POLYGON, &[9, 2, 2, 15]),
        (POLYGON, &[15]),
        (POLYGON, &[9, 2, 2, 18, 2, 2, 3, 3, 15, 9]),
    ] {
        assert_eq!(geometry_type(kind, commands), GeometryType::Commands, "{kind} {commands:?}");
    }
}

#[test]
fn coordinates_wrap_around() {
    let max = u32::MAX;
    assert_eq!(geometry_type(LINE, &[9, max, max - 1, 18, max, max - 1, 7, max]), GeometryType::LineString);
    assert_eq!(
        geometry_type(POLYGON, &[9, max, 0, 18, max - 1, max, 3, max - 1, 15, 9, max, 1, 10, 5, 5, 15]),
        GeometryType::Polygon
    );
}

/// A triangle at (`x`, `y`) that turns one way or the other, from where the pen is, and where it
/// leaves the pen.
fn triangle(from: (i32, i32), x: i32, y: i32, clockwise: bool) -> (Vec<u32>, (i32, i32)) {
    let zigzag = |value: i32| crate::wire::zigzag::encode32(value);
    let (first, second) = if clockwise { ((8, 0), (0, 8)) } else { ((0, 8), (8, 0)) };
    let ring = vec![
        9,
        zigzag(x - from.0),
        zigzag(y - from.1),
        18,
        zigzag(first.0),
        zigzag(first.1),
        zigzag(second.0 - first.0),
        zigzag(second.1 - first.1),
        15,
    ];
    (ring, (x + second.0, y + second.1))
}

/// The numbers of rings of the polygons that rings turning this way, or of no area, make.
fn polygons(turns: &[i32]) -> Vec<usize> {
    let (mut commands, mut pen) = (Vec::new(), (0, 0));
    for (index, &turn) in turns.iter().enumerate() {
        if turn == 0 {
            commands.extend([9, 2, 2, 10, 2, 2, 15]);
            pen = (pen.0 + 2, pen.1 + 2);
        } else {
            let (ring, end) = triangle(pen, 100 * index as i32, 50, turn > 0);
            commands.extend(ring);
            pen = end;
        }
    }
    let bytes = tile(layer(vec![shape(POLYGON, &commands)], &[], Vec::new()));
    check_comes_back(&bytes);
    let (layers, _) = read(&bytes).unwrap();
    let geometry = layers[0].geometry();
    let polygons: Vec<usize> = geometry.parts(0).map(|part| geometry.rings(part).len()).collect();
    let expected = if polygons.len() == 1 { GeometryType::Polygon } else { GeometryType::MultiPolygon };
    assert_eq!(geometry.geometry_type(0), expected);
    polygons
}

#[test]
fn rings_make_polygons() {
    assert_eq!(polygons(&[1]), [1]);
    assert_eq!(polygons(&[1, -1, -1, 1, 1, -1]), [3, 1, 2]);
    assert_eq!(polygons(&[-1, 1, -1, 1, 1]), [2, 3]);
    assert_eq!(polygons(&[1, 0, 1, 0, -1]), [2, 3]);
    assert_eq!(polygons(&[0, -1, 1, -1]), [1, 2, 1]);
    assert_eq!(polygons(&[0, 0]), [2]);
}

#[test]
fn types_and_repeated_keys_have_columns_of_their_own() {
    let values = vec![string("a"), int(1), string("b"), string("a")];
    let features = vec![
        point(&[0, 0, 1, 1]),
        point(&[0, 1, 0, 3, 0, 2, 0, 0]),
        point(&[2, 2]),
        point(&[]),
        point(&[2, 0, 0, 2]),
    ];
    let bytes = tile(layer(features, &["k", "n", "k"], values));
    check_comes_back(&bytes);
    let (layers, dropped) = read(&bytes).unwrap();
    assert_eq!(dropped, Dropped::default());
    let columns = layers[0].columns();
    let row = |row: usize| -> Vec<_> { columns.iter().map(|column| column.get(row)).collect() };
    let names: Vec<&str> = columns.iter().map(|column| &*column.name).collect();
    assert_eq!(names, ["k", "n", "k", "k", "k"]);
    let (a, b, one) = (Some(Property::String("a")), Some(Property::String("b")), Some(Property::Int(1)));
    assert_eq!(row(0), [a, one, None, None, None]);
    assert_eq!(row(1), [a, None, one, b, a]);
    assert_eq!(row(2), [b, None, None, None, None]);
    assert_eq!(row(3), [None; 5]);
    assert_eq!(row(4), [a, None, None, b, None]);
}

#[test]
fn what_nobody_uses_is_counted() {
    let values = vec![Value::default(), int(5), int(6)];
    let (layers, dropped) = read(&tile(layer(vec![point(&[1, 1])], &["a", "b", "c"], values))).unwrap();
    assert_eq!(dropped, Dropped { unknown_fields: 0, unused_keys: 2, unused_values: 2 });
    assert_eq!(layers[0].columns().len(), 1);
    assert_eq!(layers[0].column("b").unwrap().get(0), Some(Property::Int(5)));
}

/// The error reading a tile of this layer ends with.
fn refused(layer: Layer) -> String {
    read(&tile(layer)).unwrap_err().to_string()
}

#[test]
fn what_cannot_be_kept_is_refused() {
    let two = Value { uint: Some(1), ..int(1) };
    let cases = [
        (layer(vec![point(&[0])], &["k"], vec![int(1)]), "feature 0: tags: an odd number of integers"),
        (
            layer(vec![point(&[]), point(&[1, 0])], &["k"], vec![int(1)]),
            "feature 1: there is no key 1, only 1",
        ),
        (layer(vec![point(&[0, 7])], &["k"], vec![int(1)]), "feature 0: there is no value 7, only 1"),
        (
            layer(vec![point(&[0, 0])], &["k"], vec![Value::default()]),
            "feature 0: value 0 has none of the known types",
        ),
        (layer(vec![point(&[0, 0])], &["k"], vec![two]), "feature 0: value 0 has several types at once"),
    ];
    for (layer, expected) in cases {
        let error = refused(layer);
        assert!(error.starts_with(&format!("layer \"l\": {expected} (at offset ")), "{error}");
    }
    let error = refused(Layer { name: None, ..layer(Vec::new(), &[], Vec::new()) });
    assert!(error.starts_with("layer 0: a layer without a name"), "{error}");
}

#[test]
fn columns_cannot_take_more_than_the_budget() {
    // Ten thousand features, each with a key of its own: a few bytes that ask for 10^8 values.
    let keys: Vec<String> = (0..10_000).map(|key| key.to_string()).collect();
    let keys: Vec<&str> = keys.iter().map(|key| &**key).collect();
    let features = (0..10_000).map(|key| point(&[key, 0])).collect();
    let bytes = tile(layer(features, &keys, vec![int(1)]));
    assert_eq!(read(&bytes).unwrap_err().kind(), ErrorKind::LimitExceeded);
    let small = tile(layer(vec![point(&[0, 0])], &["k"], vec![int(1)]));
    assert_eq!(read_within(&small, &mut Budget::none()).unwrap_err().kind(), ErrorKind::LimitExceeded);
    assert!(read_within(&small, &mut Budget::new(4096)).is_ok());
}

#[test]
fn writing_says_what_is_no_geometry() {
    use crate::LayerBuilder;
    let mut builder = LayerBuilder::new("l");
    builder.feature(None, |geometry| Ok(geometry.point(1, 2))).unwrap();
    builder
        .feature(None, |geometry| {
            geometry.vertex(1, 2);
            geometry.end_ring();
            geometry.end_part();
            geometry.end_feature(GeometryType::LineString);
            Ok(geometry)
        })
        .unwrap();
    let error = write(&[builder.finish().unwrap()]).unwrap_err();
    assert_eq!(error.to_string(), "layer \"l\": feature 1: a line or ring of fewer than two vertices");
}

fn any_value() -> impl Strategy<Value = Value> {
    let default = Value::default;
    prop_oneof![
        "[a-c]{0,2}".prop_map(|value| string(&value)),
        any::<u32>().prop_map(move |bits| Value { float: Some(f32::from_bits(bits)), ..default() }),
        any::<u64>().prop_map(move |bits| Value { double: Some(f64::from_bits(bits)), ..default() }),
        (-2..2i64).prop_map(int),
        any::<i64>().prop_map(int),
        (0..3u64).prop_map(move |value| Value { uint: Some(value), ..default() }),
        any::<i64>().prop_map(move |value| Value { sint: Some(value), ..default() }),
        any::<bool>().prop_map(move |value| Value { bool: Some(value), ..default() }),
    ]
}

/// Integers of all lengths, mostly short ones.
fn any_integer() -> impl Strategy<Value = u32> {
    prop_oneof![6 => 0..300u32, 1 => any::<u32>(), 1 => Just(9), 1 => Just(10), 1 => Just(15)]
}

fn pairs(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u32>> {
    vec((any_integer(), any_integer()), count)
        .prop_map(|pairs| pairs.into_iter().flat_map(|(x, y)| [x, y]).collect())
}

fn path(close: bool) -> impl Strategy<Value = Vec<u32>> {
    (pairs(1..2), pairs(1..6)).prop_map(move |(first, rest)| {
        let line_to = (rest.len() as u32 / 2) << 3 | 2;
        let end: &[u32] = if close { &[15] } else { &[] };
        [&[9], &first[..], &[line_to], &rest[..], end].concat()
    })
}

fn any_geometry() -> impl Strategy<Value = (Option<i32>, Vec<u32>)> {
    prop_oneof![
        pairs(1..4)
            .prop_map(|pairs| (Some(POINT), [&[(pairs.len() as u32 / 2) << 3 | 1], &pairs[..]].concat())),
        vec(path(false), 1..4).prop_map(|paths| (Some(LINE), paths.concat())),
        vec(path(true), 1..5).prop_map(|paths| (Some(POLYGON), paths.concat())),
        (option::of(0..5i32), vec(any_integer(), 0..8)),
        (0..4i32, vec(path(true), 0..3)).prop_map(|(kind, paths)| (Some(kind), paths.concat())),
        (any::<i32>().prop_map(Some), vec(any_integer(), 0..8)),
    ]
}

fn any_layer() -> impl Strategy<Value = Layer> {
    let tables = (vec("[kl]{0,2}", 1..5), vec(any_value(), 1..8));
    tables.prop_flat_map(|(keys, values)| {
        let tag = (0..keys.len() as u32, 0..values.len() as u32);
        let feature =
            (option::of(any::<u64>()), vec(tag, 0..6), any_geometry()).prop_map(|(id, tags, geometry)| {
                Feature {
                    id,
                    tags: tags.into_iter().flat_map(|(key, value)| [key, value]).collect(),
                    geometry_type: geometry.0,
                    geometry: geometry.1,
                }
            });
        let head = ("[a-z]{0,3}", option::of(any::<u32>()), option::of(any::<u32>()));
        (vec(feature, 0..12), head).prop_map(move |(features, (name, extent, version))| Layer {
            name: Some(name),
            features,
            keys: keys.clone(),
            values: values.clone(),
            extent,
            version,
        })
    })
}

pub(super) fn any_tile() -> impl Strategy<Value = Tile> {
    vec(any_layer(), 0..3).prop_map(|layers| Tile { layers })
}

proptest! {
    #[test]
    fn any_tile_comes_back(tile in any_tile()) {
        check_comes_back(&tile.encode_to_vec());
    }
}

#[test]
fn what_mvt_cannot_hold_is_flattened_or_dropped_and_reported() {
    use crate::mvt::{Beyond, from_covt, reduce_covt, write};
    use crate::{Budget, EncodeOptions, Item, LayerBuilder, Value};

    let text = |text| Item::Value(Value::String(text));
    let mut layer = LayerBuilder::new("roads");
    for row in 0..3 {
        layer.feature(None, |geometry| Ok(geometry.point(row, 0))).unwrap();
        layer.property("class", Value::String("main")).unwrap();
        let common = Item::Map(vec![(text("de"), text("Gasse"))]);
        let primary = if row == 1 { Item::Null } else { text("Via") };
        if row < 2 {
            layer.nested("names", &Item::Struct(vec![("primary", primary), ("common", common)])).unwrap();
        }
        layer.nested("lanes", &Item::List(vec![Item::Value(Value::UInt(3)); row as usize])).unwrap();
    }
    let layers = [layer.finish().unwrap()];
    let covt = crate::encode(&layers, &EncodeOptions::default()).unwrap();
    assert!(write(&layers).unwrap_err().to_string().contains("nested"));
    assert!(from_covt(&covt, &mut Budget::default()).is_err());

    let reduce = |beyond| {
        let (tile, reduced) = reduce_covt(&covt, beyond, &mut Budget::default()).unwrap();
        let layer = read(&tile).unwrap().0.remove(0);
        let tags = (0..3).map(|row| {
            let columns = layer.columns().iter();
            let tags = columns.filter_map(|column| Some(format!("{}={:?}", column.name, column.get(row)?)));
            tags.collect::<Vec<_>>().join(" ")
        });
        (tags.collect::<Vec<_>>(), reduced)
    };
    let (tags, reduced) = reduce(Beyond::Flatten);
    assert_eq!(
        tags,
        [
            r#"class=String("main") names.primary=String("Via") names.common=String("{\"de\":\"Gasse\"}") lanes=String("[]")"#,
            r#"class=String("main") names.common=String("{\"de\":\"Gasse\"}") lanes=String("[3]")"#,
            r#"class=String("main") lanes=String("[3,3]")"#,
        ]
    );
    let name = |name: &str| ("roads".to_owned(), name.to_owned());
    assert_eq!(reduced.flattened, [name("lanes"), name("names")].into());
    assert!(reduced.dropped.is_empty());
    let (tags, reduced) = reduce(Beyond::Drop);
    assert_eq!(tags, [r#"class=String("main")"#; 3]);
    assert_eq!(reduced.dropped, [name("lanes"), name("names")].into());
}
