//! Layers to batches and back, and batches that others make.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, Float64Builder, ListBuilder};
use arrow_array::types::Int8Type;
use arrow_array::{
    BinaryArray, DictionaryArray, Float64Array, Int32Array, LargeListArray, NullArray, StringArray,
    StructArray, TimestampSecondArray, UInt8Array,
};
use arrow_schema::{Fields, Schema};

use super::*;
use crate::arrow::{Coordinates, DecodeOptions, GeometryForm, MixedKeys, to_batch};
use crate::column::{Strings, Value, Values};
use crate::coord::TileCoord;
use crate::geometry::builder::GeometryBuilder;
use crate::geometry::{Geometry, GeometryType};
use crate::testing::generate::layers;
use crate::testing::{Random, check};
use crate::tile::measures::Heights;

/// What comes back: geometries that are only commands are none, and a multi has several parts. With
/// `wrap`, coordinates lie in and around the tile.
fn plain(geometry: &Geometry, wrap: bool) -> Geometry {
    let mut builder = GeometryBuilder::default();
    let place = |number: i32| if wrap { number.rem_euclid(5000) - 450 } else { number };
    for row in 0..geometry.len() {
        let (kind, parts) = (geometry.geometry_type(row), geometry.parts(row));
        if kind == GeometryType::Commands {
            builder.commands(0, &[]);
            continue;
        }
        let kind = match (parts.len(), kind.is_multi()) {
            (1, true) => GeometryType::from_id(kind as u8 - 3).unwrap(),
            _ => kind,
        };
        for part in parts {
            for ring in geometry.rings(part) {
                for vertex in geometry.ring(ring).chunks(2) {
                    builder.vertex(place(vertex[0]), place(vertex[1]));
                }
                builder.end_ring();
            }
            builder.end_part();
        }
        builder.end_feature(kind);
    }
    builder.finish().unwrap()
}

#[test]
fn layers_there_and_back() {
    let mut random = Random::from_seed(51);
    let tile = TileCoord::new(11, 1078, 717).unwrap();
    let (mut measures, mut heights) = (0, 0);
    for _ in 0..500 {
        let mut layer = layers::layer(&mut random);
        let coordinates =
            *random.pick(&[Coordinates::Tile, Coordinates::LonLat(tile), Coordinates::Mercator(tile)]);
        let on_the_map = coordinates != Coordinates::Tile;
        layer.geometry = plain(&layer.geometry, on_the_map);
        if on_the_map {
            layer.extent = 4096;
            let centimetres = |heights: Heights| Heights {
                scale: 0.01,
                offset: 0.0,
                values: heights.values.iter().map(|step| step % 1_000_000).collect(),
                nulls: heights.nulls,
            };
            // Without a vertex there is nothing to have a height.
            layer.heights = layer.heights.take().map(centimetres).filter(|heights| {
                let rows = 0..layer.geometry.len();
                rows.clone()
                    .any(|row| !layer.geometry.feature_vertices(row).is_empty() && heights.is_valid(row))
                    && rows
                        .clone()
                        .all(|row| !layer.geometry.feature_vertices(row).is_empty() || !heights.is_valid(row))
            });
        }
        let geometries =
            *random.pick(&[GeometryForm::NativeOrWkb, GeometryForm::NativeOrUnion, GeometryForm::Wkb]);
        let mixed = *random.pick(&[MixedKeys::Columns, MixedKeys::Union]);
        let decode = DecodeOptions { coordinates, geometries, mixed };
        let batch = to_batch(&layer, &decode).unwrap();
        measures += layer.measures().len();
        heights += usize::from(layer.heights().is_some());
        let again = from_batch(&batch, &LayerOptions { coordinates, ..LayerOptions::default() }).unwrap();
        let same = match mixed {
            MixedKeys::Columns => check::same_layer(&again, &layer),
            // The columns of a union stand together, and those without a value are gone.
            MixedKeys::Union => check::same_features(&again, &layer),
        };
        assert_eq!(same, Ok(()), "{decode:?}");
    }
    assert!(measures > 100 && heights > 50, "{measures} {heights}");
}

#[test]
fn parts_of_batches() {
    let mut random = Random::from_seed(52);
    for _ in 0..100 {
        let mut layer = layers::layer(&mut random);
        (layer.geometry, layer.heights) = (plain(&layer.geometry, false), None);
        layer.measures.clear();
        let batch = to_batch(&layer, &DecodeOptions::default()).unwrap();
        let start = random.index(layer.len() + 1);
        let len = random.index(layer.len() - start + 1);
        let part = from_batch(&batch.slice(start, len), &LayerOptions::default()).unwrap();
        for (column, whole) in part.columns().iter().zip(layer.columns()) {
            let rows: Vec<u32> = (start as u32..(start + len) as u32).collect();
            assert_eq!(check::same_column(column, &whole.take(&rows)), Ok(()));
        }
        assert_eq!(part.len(), len);
    }
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
        .unwrap()
}

fn points(x: &str, y: &str) -> LayerOptions {
    let geometry = GeometrySource::Points { x: x.into(), y: y.into() };
    let coordinates = Coordinates::LonLat(TileCoord::new(0, 0, 0).unwrap());
    LayerOptions { name: Some("places".into()), coordinates, geometry, ..LayerOptions::default() }
}

#[test]
fn two_columns_of_numbers() {
    let batch = batch(vec![
        ("id", Arc::new(UInt8Array::from(vec![7, 8, 9]))),
        ("lon", Arc::new(Float64Array::from(vec![Some(0.0), None, Some(-180.0)]))),
        ("lat", Arc::new(Float64Array::from(vec![0.0, 0.0, 85.051_128_779_806_59]))),
        ("small", Arc::new(Int32Array::from(vec![Some(-1), None, Some(3)]))),
        ("when", Arc::new(TimestampSecondArray::from(vec![0, 86_400, 1]))),
        (
            "kind",
            Arc::new(vec![Some("a"), None, Some("a")].into_iter().collect::<DictionaryArray<Int8Type>>()),
        ),
        ("nothing", Arc::new(NullArray::new(3))),
    ]);
    let layer = from_batch(&batch, &points("lon", "lat")).unwrap();
    assert_eq!(layer.name(), "places");
    assert_eq!(&layer.geometry().vertices()[..], [2048, 2048, 0, 0]);
    assert_eq!(layer.geometry().geometry_type(1), GeometryType::Commands);
    assert_eq!(&layer.ids().unwrap().values[..], [7, 8, 9]);
    let names: Vec<_> = layer.columns().iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["small", "when", "kind"]);
    assert_eq!(layer.columns()[0].get(0), Some(Value::Int(-1)));
    assert_eq!(layer.columns()[0].get(1), None);
    assert_eq!(layer.columns()[1].get(1), Some(Value::String("1970-01-02T00:00:00")));
    assert!(matches!(layer.columns()[2].values, Values::String(Strings::Dictionary { .. })));
    assert_eq!(layer.columns()[2].get(2), Some(Value::String("a")));
}

fn geoarrow(name: &str, array: ArrayRef) -> RecordBatch {
    let metadata = HashMap::from([(key::EXTENSION.to_owned(), name.to_owned())]);
    let field = Field::new("shape", array.data_type().clone(), true).with_metadata(metadata);
    RecordBatch::try_new(Arc::new(Schema::new(vec![field])), vec![array]).unwrap()
}

#[test]
fn forms_that_others_write() {
    // Interleaved, large lists, with a third dimension.
    let pairs = arrow_array::FixedSizeListArray::try_new(
        Arc::new(Field::new("xyz", DataType::Float64, false)),
        3,
        Arc::new(Float64Array::from(vec![0.0, 0.0, 1.5, 10.0, 0.0, 2.5, 0.0, 0.0, 9.0])),
        None,
    );
    let pairs: ArrayRef = Arc::new(pairs.unwrap());
    let field = Arc::new(Field::new("vertices", pairs.data_type().clone(), false));
    let lines =
        LargeListArray::try_new(field, arrow_buffer::OffsetBuffer::new(vec![0i64, 2, 3].into()), pairs, None);
    let batch = geoarrow("geoarrow.linestring", Arc::new(lines.unwrap()));
    let layer = from_batch(&batch, &LayerOptions::default()).unwrap();
    assert_eq!(&layer.geometry().vertices()[..], [0, 0, 10, 0]);
    // A line of one vertex is none.
    assert_eq!(layer.geometry().geometry_type(1), GeometryType::Commands);
    assert_eq!(&layer.heights().unwrap().values[..], [150, 250]);

    // Rings that are not closed are taken as they are; those of one place go.
    let mut rings = ListBuilder::new(ListBuilder::new(Float64Builder::new()));
    rings.append(true);
    let _ = rings.finish();
    let mut wkb = BinaryBuilder::new();
    let mut polygon = vec![1, 3, 0, 0, 0, 2, 0, 0, 0];
    for ring in [&[[0.0, 0.0], [9.0, 0.0], [9.0, 9.0]][..], &[[1.0, 1.0], [1.0, 1.0]]] {
        polygon.extend((ring.len() as u32).to_le_bytes());
        polygon.extend(ring.iter().flatten().flat_map(|number: &f64| number.to_le_bytes()));
    }
    wkb.append_value(&polygon);
    wkb.append_null();
    let layer =
        from_batch(&geoarrow("geoarrow.wkb", Arc::new(wkb.finish())), &LayerOptions::default()).unwrap();
    assert_eq!(layer.geometry().geometry_type(0), GeometryType::Polygon);
    assert_eq!(&layer.geometry().vertices()[..], [0, 0, 9, 0, 9, 9]);
    assert_eq!(layer.geometry().geometry_type(1), GeometryType::Commands);
}

#[test]
fn what_cannot_be_is_told() {
    let refused =
        |batch: &RecordBatch, options: &LayerOptions| from_batch(batch, options).unwrap_err().to_string();
    let numbers: ArrayRef = Arc::new(Float64Array::from(vec![1.0]));
    let text: ArrayRef = Arc::new(StringArray::from(vec!["POINT(1 1)"]));
    let bytes: ArrayRef = Arc::new(BinaryArray::from_vec(vec![b"\x01\x07\x00\x00\x00"]));
    let auto = LayerOptions::default();
    let one =
        batch(vec![("x", Arc::clone(&numbers)), ("y", Arc::clone(&numbers)), ("blob", Arc::clone(&bytes))]);
    assert!(refused(&one, &auto).contains("no field of geometries"));
    assert!(refused(&one, &points("x", "z")).contains("no field \"z\""));
    assert!(refused(&one, &points("x", "y")).contains("field \"blob\": values of type Binary"));
    assert!(refused(&geoarrow("geoarrow.wkt", Arc::clone(&text)), &auto).contains("geoarrow.wkt"));
    assert!(refused(&geoarrow("geoarrow.wkb", bytes), &auto).contains("row 0: a collection"));
    assert!(refused(&geoarrow("geoarrow.polygon", Arc::clone(&text)), &auto).contains("Utf8"));
    let far: ArrayRef = Arc::new(Float64Array::from(vec![1e300]));
    let far = batch(vec![("x", Arc::clone(&far)), ("y", far)]);
    let options = LayerOptions { coordinates: Coordinates::Tile, ..points("x", "y") };
    assert!(refused(&far, &options).contains("row 0: a point at 1000"));
    let negative = batch(vec![("id", Arc::new(Int32Array::from(vec![-1]))), ("x", Arc::clone(&numbers))]);
    let ids = LayerOptions { ids: IdSource::Column("id".into()), ..points("x", "x") };
    assert!(refused(&negative, &ids).contains("ids \"id\""));
    let empty = StructArray::new_empty_fields(1, None);
    assert!(refused(&geoarrow("geoarrow.point", Arc::new(empty)), &auto).contains("without x or y"));
    let mut deep: ArrayRef = numbers;
    for _ in 0..40 {
        let field = Field::new("a", deep.data_type().clone(), true);
        deep = Arc::new(StructArray::try_new(Fields::from(vec![field]), vec![deep], None).unwrap());
    }
    let deep = batch(vec![("x", Arc::new(Float64Array::from(vec![1.0]))), ("deep", deep)]);
    assert!(refused(&deep, &points("x", "x")).contains("16 deep"));
}
