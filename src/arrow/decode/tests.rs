//! Batches against the layers they are made of.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, UInt32Type, UInt64Type};
use arrow_array::{Array, StructArray};
use arrow_schema::UnionMode;

use super::*;
use crate::arrow::options::{GeometryForm, MixedKeys};
use crate::column::{Strings, Value, Values};
use crate::coord::TileCoord;
use crate::tile::builder::LayerBuilder;

fn lon_lat() -> DecodeOptions {
    let coordinates = Coordinates::LonLat(TileCoord::new(0, 0, 0).unwrap());
    DecodeOptions { coordinates, ..DecodeOptions::default() }
}

fn geometry_of(layer: &Layer, options: &DecodeOptions) -> (String, ArrayRef) {
    let batch = to_batch(layer, options).unwrap();
    let number = batch.schema().index_of("geometry").unwrap();
    let field = batch.schema().field(number).clone();
    let name = field.metadata().get(key::EXTENSION).cloned().unwrap_or_default();
    (name, Arc::clone(batch.column(number)))
}

fn of(build: impl FnOnce(&mut LayerBuilder)) -> Layer {
    let mut builder = LayerBuilder::new("a");
    build(&mut builder);
    builder.finish().unwrap()
}

/// x and y of all coordinates.
fn xy(array: &ArrayRef) -> Vec<[f64; 2]> {
    let columns: &StructArray = array.as_struct();
    let axis =
        |name: &str| columns.column_by_name(name).unwrap().as_primitive::<Float64Type>().values().clone();
    let (x, y) = (axis("x"), axis("y"));
    x.iter().zip(y.iter()).map(|(&x, &y)| [x.round(), y.round()]).collect()
}

#[test]
fn geoarrow_by_kind() {
    let points = of(|layer| {
        layer.feature(None, |g| Ok(g.point(2048, 2048))).unwrap();
    });
    let (name, array) = geometry_of(&points, &lon_lat());
    assert_eq!((name.as_str(), xy(&array)), ("geoarrow.point", vec![[0.0, 0.0]]));

    let lines = of(|layer| {
        layer.feature(None, |g| g.line_string(&[[0, 2048], [4096, 2048]])).unwrap();
        layer.feature(None, |g| g.multi_line_string(&[&[[0, 0], [1, 1]], &[[2, 2], [3, 3]]])).unwrap();
    });
    let (name, array) = geometry_of(&lines, &lon_lat());
    assert_eq!(name, "geoarrow.multilinestring");
    assert_eq!(&array.as_list::<i32>().offsets()[..], [0, 1, 3]);
    assert_eq!(
        xy(array.as_list::<i32>().value(0).as_list::<i32>().values())[..2],
        [[-180.0, 0.0], [180.0, 0.0]]
    );

    // Rings are closed, and only they.
    let areas = of(|layer| {
        layer.feature(None, |g| g.polygon(&[&[[0, 0], [4096, 0], [4096, 2048]], &[[9, 9], [8, 8]]])).unwrap();
    });
    let (name, array) = geometry_of(&areas, &lon_lat());
    let rings = array.as_list::<i32>().value(0);
    assert_eq!(name, "geoarrow.polygon");
    assert_eq!(&rings.as_list::<i32>().offsets()[..], [0, 4, 7]);
    let ring = xy(&rings.as_list::<i32>().value(0));
    assert_eq!(ring, [[-180.0, 85.0], [180.0, 85.0], [180.0, 0.0], [-180.0, 85.0]]);

    let both = of(|layer| {
        layer.feature(None, |g| Ok(g.point(2048, 2048))).unwrap();
        layer.feature(None, |g| g.line_string(&[[0, 2048], [4096, 2048]])).unwrap();
        layer.feature(None, |g| Ok(g.commands(2, &[]))).unwrap();
        layer.feature(None, |g| Ok(g.point(0, 2048))).unwrap();
    });
    let (name, array) = geometry_of(&both, &lon_lat());
    assert_eq!((name.as_str(), array.null_count()), ("geoarrow.wkb", 1));
    assert_eq!(array.as_binary::<i32>().value(0)[..5], [1, 1, 0, 0, 0]);
    assert_eq!(array.as_binary::<i32>().value(0)[5..], [0; 16]);
    let union = DecodeOptions { geometries: GeometryForm::NativeOrUnion, ..lon_lat() };
    let (name, array) = geometry_of(&both, &union);
    assert_eq!(name, "geoarrow.geometry");
    let DataType::Union(fields, UnionMode::Dense) = array.data_type() else { panic!("no dense union") };
    let names: Vec<_> = fields.iter().map(|(id, field)| (id, field.name().as_str())).collect();
    assert_eq!(names, [(1, "Point"), (2, "LineString")]);
    let array = array.as_union();
    assert_eq!(&array.type_ids()[..], [1, 2, 1, 1]);
    assert_eq!(&array.offsets().unwrap()[..], [0, 0, 1, 2]);
    assert!(array.child(1).is_null(1));
    assert_eq!(xy(array.child(1))[2..], [[-180.0, 0.0]]);
}

#[test]
fn metres_and_their_name() {
    let points = of(|layer| {
        layer.feature(None, |g| Ok(g.point(0, 0))).unwrap();
    });
    let coordinates = Coordinates::Mercator(TileCoord::new(0, 0, 0).unwrap());
    let batch = to_batch(&points, &DecodeOptions { coordinates, ..lon_lat() }).unwrap();
    assert_eq!(xy(batch.column(0)), [[-20_037_508.0, 20_037_508.0]]);
    let metadata = batch.schema().field(0).metadata()[key::EXTENSION_METADATA].clone();
    assert_eq!(crate::arrow::Crs::of_metadata(&metadata).unwrap(), crate::arrow::Crs::Mercator);
    let flat = Layer { extent: 0, ..points };
    assert!(to_batch(&flat, &lon_lat()).unwrap_err().to_string().contains("extent 0"));
}

#[test]
fn buffers_are_shared() {
    let layer = of(|layer| {
        for number in 0..100i32 {
            layer.feature(Some(7), |g| g.line_string(&[[number, 0], [4096, 2048], [7, 7]])).unwrap();
            layer.property("class", Value::String(["a", "b"][number as usize % 2])).unwrap();
            layer.property("name", Value::String(["x", "y"][number as usize % 2])).unwrap();
            layer.property("lanes", Value::UInt(3)).unwrap();
            layer.measure("speed", &[1.5, 2.5, 3.5].map(Value::Double)).unwrap();
        }
    });
    let batch = to_batch(&layer, &DecodeOptions::default()).unwrap();
    let ids = batch["id"].as_primitive::<UInt64Type>();
    assert_eq!(ids.values().as_ptr(), layer.ids().unwrap().values.as_ptr());
    let lines = batch["geometry"].as_list::<i32>();
    assert_eq!(lines.offsets().as_ptr(), layer.geometry().ring_offsets().unwrap().as_ptr());
    let pairs = lines.values().as_fixed_size_list().values();
    assert_eq!(
        pairs.as_primitive::<arrow_array::types::Int32Type>().values().as_ptr(),
        layer.geometry().vertices().as_ptr()
    );
    let [class, name] = ["class", "name"].map(|name| batch[name].as_dictionary::<UInt32Type>());
    let Values::String(Strings::Dictionary { keys, dictionary }) = &layer.columns()[0].values else {
        panic!()
    };
    assert_eq!(class.keys().values().as_ptr(), keys.as_ptr());
    assert_eq!(class.values().as_string::<i32>().values().as_ptr(), dictionary.bytes().as_ptr());
    assert!(Arc::ptr_eq(class.values(), name.values()));
    let speeds = batch["speed"].as_list::<i32>();
    assert_eq!(speeds.offsets().as_ptr(), lines.offsets().as_ptr());
    let Values::Double(values) = &layer.measures()[0].values else { panic!() };
    assert_eq!(speeds.values().as_primitive::<Float64Type>().values().as_ptr(), values.as_ptr());
    assert!(!batch.schema().field_with_name("geometry").unwrap().metadata().contains_key(key::EXTENSION));
}

#[test]
fn keys_of_several_types() {
    let layer = of(|layer| {
        for value in [Value::Int(-1), Value::String("many"), Value::Double(0.5)] {
            layer.feature(None, |g| Ok(g.point(1, 1))).unwrap();
            layer.property("lanes", value).unwrap();
        }
        layer.feature(None, |g| Ok(g.point(1, 1))).unwrap();
    });
    let names = |options| {
        let batch = to_batch(&layer, &options).unwrap();
        batch.schema().fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>()
    };
    let columns = DecodeOptions::default();
    assert_eq!(names(columns), ["geometry", "lanes", "lanes:string", "lanes:double"]);
    let union = DecodeOptions { mixed: MixedKeys::Union, ..columns };
    assert_eq!(names(union), ["geometry", "lanes"]);
    let batch = to_batch(&layer, &union).unwrap();
    let lanes = batch["lanes"].as_union();
    assert_eq!(&lanes.type_ids()[..], [0, 1, 2, 0]);
    assert_eq!(
        lanes
            .value(1)
            .as_dictionary::<UInt32Type>()
            .downcast_dict::<arrow_array::StringArray>()
            .unwrap()
            .into_iter()
            .next(),
        Some(Some("many"))
    );
    assert!(lanes.value(3).is_null(0));
}

#[test]
fn a_decoder_makes_what_a_new_one_does() {
    let mut random = crate::testing::Random::from_seed(91);
    let (mut decoder, mut again) = (Decoder::default(), 0);
    for _ in 0..60 {
        let layers = crate::testing::generate::layers::tile(&mut random);
        let options = DecodeOptions {
            coordinates: *random.pick(&[Coordinates::Tile, lon_lat().coordinates]),
            geometries: *random.pick(&[
                GeometryForm::NativeOrWkb,
                GeometryForm::NativeOrUnion,
                GeometryForm::Wkb,
            ]),
            mixed: *random.pick(&[MixedKeys::Columns, MixedKeys::Union]),
        };
        for layer in layers.iter().filter(|layer| layer.extent() > 0) {
            let [one, other] = [(); 2].map(|()| decoder.batch(layer, &options).unwrap());
            assert_eq!(one, to_batch(layer, &options).unwrap());
            again += usize::from(Arc::ptr_eq(one.schema_ref(), other.schema_ref()));
        }
    }
    assert!(again > 20, "{again}");
}

/// Known names and shared buffers make what fields and arrays one by one do, of layers and of tiles.
#[test]
fn columns_are_what_they_are_alone() {
    let mut random = crate::testing::Random::from_seed(92);
    let mut decoder = Decoder::default();
    let mut compared = 0;
    for _ in 0..60 {
        let layers = crate::testing::generate::layers::tile(&mut random);
        let options = DecodeOptions {
            mixed: *random.pick(&[MixedKeys::Columns, MixedKeys::Union]),
            ..DecodeOptions::default()
        };
        let tile = crate::encode(&layers, &crate::EncodeOptions::default()).unwrap();
        let mut budget = crate::Budget::default();
        let tile = crate::Tile::open(&tile, &mut budget).unwrap();
        let scan = crate::arrow::Scan { decode: options, ..crate::arrow::Scan::default() };
        let scanned = scan.read_with(&mut decoder, &tile, &mut budget).unwrap().batches;
        let decoded = tile.decode(&mut budget).unwrap();
        assert_eq!(scanned.len(), decoded.len());
        for (layer, batch) in decoded.iter().zip(&scanned) {
            assert_eq!(batch, &to_batch(layer, &options).unwrap());
            let (mut known, mut columns) = (Known::default(), Vec::new());
            let ids = layer.ids().map(|_| "id");
            let mut names = Names::new(ids.into_iter().chain(["geometry"]));
            let mut add = |field: FieldRef, array: ArrayRef| columns.push((field, array));
            Properties::new(&mut known, true)
                .decode(layer.columns(), options.mixed, &mut names, &mut add)
                .unwrap();
            let start = 1 + usize::from(ids.is_some());
            for (number, (field, array)) in columns.iter().enumerate() {
                assert_eq!(batch.schema().field(start + number), field.as_ref());
                assert_eq!(batch.column(start + number), array);
                compared += 1;
            }
        }
    }
    assert!(compared > 100, "{compared}");
}

/// What is known begins anew where it has become too much, and the same names come in any order.
#[test]
fn more_names_than_are_kept() {
    let mut decoder = Decoder::default();
    for round in [0, 1, 2, 2, 0, 1] {
        let wide = of(|layer| {
            layer.feature(None, |g| Ok(g.point(round, 1))).unwrap();
            for number in 0..1600 {
                let number = if round % 2 == 0 { number } else { 1600 - number };
                layer.property(&format!("{} {number}", round / 2), Value::Int(number.into())).unwrap();
                layer.property(&format!("{round} {number} more"), Value::Bool(true)).unwrap();
            }
        });
        let options = DecodeOptions::default();
        for _ in 0..2 {
            assert_eq!(decoder.batch(&wide, &options).unwrap(), to_batch(&wide, &options).unwrap());
        }
    }
}
