//! Tables that this library writes, and those of others, good and bad.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{
    BinaryBuilder, Float64Builder, ListBuilder, MapBuilder, StringBuilder, StructBuilder,
};
use arrow_array::{
    ArrayRef, Float64Array, Int32Array, NullArray, RecordBatch, StructArray, TimestampSecondArray,
};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::{DataType, Fields, Schema};
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use serde_json::{Value as Json, json};

use super::*;
use crate::arrow::{Coordinates, Crs, DecodeOptions, GeometryForm, to_batch};
use crate::column::Value;
use crate::export::{ExportOptions, Format, export};
use crate::geojson::Projection;
use crate::testing::check;
use crate::testing::generate::{natural_earth, roads};

fn place() -> TileCoord {
    TileCoord::new(12, 2155, 1435).unwrap()
}

fn degrees(at: [f64; 2]) -> [f64; 2] {
    Projection::new(place(), 4096).to_degrees(at)
}

/// A Parquet file of a batch, with `group` rows in each group.
fn parquet(folder: &Path, batch: &RecordBatch, geo: Option<&Json>, group: usize) -> PathBuf {
    let path = folder.join("table.parquet");
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(group)).build();
    let file = File::create(&path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    if let Some(geo) = geo {
        writer.append_key_value_metadata(KeyValue::new("geo".to_owned(), geo.to_string()));
    }
    writer.close().unwrap();
    path
}

/// The same as a file and as a stream of Arrow IPC.
fn ipc(folder: &Path, batch: &RecordBatch) -> [PathBuf; 2] {
    let paths = ["table.arrow", "table.arrows"].map(|name| folder.join(name));
    let mut writer = FileWriter::try_new(File::create(&paths[0]).unwrap(), &batch.schema()).unwrap();
    writer.write(batch).unwrap();
    writer.finish().unwrap();
    let mut writer = StreamWriter::try_new(File::create(&paths[1]).unwrap(), &batch.schema()).unwrap();
    writer.write(batch).unwrap();
    writer.finish().unwrap();
    paths
}

/// What a layer is once it has gone through a table: strings of one dictionary need not be so any more, and fields
/// of lists have lost their names.
#[test]
fn what_is_nested_comes_back_through_tables() {
    let folder = tempfile::tempdir().unwrap();
    let mut layers = natural_earth::layers(3).unwrap();
    layers.extend(roads::layers(14, 3).unwrap());
    for layer in layers {
        for (geometries, coordinates) in [
            (GeometryForm::Wkb, Coordinates::LonLat(place())),
            (GeometryForm::NativeOrWkb, Coordinates::LonLat(place())),
            (GeometryForm::Wkb, Coordinates::Mercator(place())),
        ] {
            let options = DecodeOptions { coordinates, geometries, ..DecodeOptions::default() };
            let batch = to_batch(&layer, &options).unwrap();
            let [file, stream] = ipc(folder.path(), &batch);
            for path in [parquet(folder.path(), &batch, None, 1000), file, stream] {
                let mut options = Options { layer: layer.name().into(), buffer: 4096, ..Options::default() };
                if let Some(heights) = layer.heights() {
                    options.heights = heights.grid();
                }
                let (again, report) = tile(&path, place(), &options).unwrap();
                assert_eq!((report.rows, report.within), (layer.len() as u64, layer.len() as u64));
                assert_eq!(report.left_out, Vec::<String>::new());
                check::same_layer(&again, &layer).unwrap_or_else(|what| panic!("{}: {what}", path.display()));
            }
        }
    }
}

/// Parks with values of the vertices of rings, not all of them, and properties that the columns of a table have
/// for names.
fn parks(name: &str) -> Layer {
    let mut layer = LayerBuilder::new("parks");
    let at = [1000, 2000].map(|x| [[x, 10], [x + 90, 10], [x + 90, 80]]);
    layer.feature(Some(7), |geometry| geometry.polygon(&[&at[0]])).unwrap();
    layer.measure("moss", &["north", "east", "none"].map(Value::String)).unwrap();
    layer.property("x", Value::String(name)).unwrap();
    layer.feature(Some(9), |geometry| geometry.multi_polygon(&[&[&at[1]], &[&at[0]]])).unwrap();
    layer.measure("depth", &[0.5, 1.5, 2.5, 3.5, 4.5, 5.5].map(Value::Double)).unwrap();
    layer.property("lanes", Value::Int(3)).unwrap();
    layer.feature(None, |geometry| geometry.polygon(&[&at[1]])).unwrap();
    layer.property("lanes", Value::String("many")).unwrap();
    layer.finish().unwrap()
}

fn by_name(mut layer: Layer) -> Layer {
    layer.columns.sort_by(|one, other| one.name.cmp(&other.name));
    layer
}

/// Exported tiles become again what they were, values of vertices as well.
#[test]
fn exported_tiles_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = TileCoord::new(12, 100, 1000).unwrap();
    let layers = |seed: u64| {
        let mut layers = natural_earth::layers(seed).unwrap();
        layers.push(parks(&seed.to_string()));
        layers
    };
    let tiles = [(place(), layers(3)), (elsewhere, layers(4))];
    for (coord, layers) in &tiles {
        let path = folder.path().join(format!("tiles/{}/{}/{}.covt", coord.z(), coord.x(), coord.y()));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, crate::encode(layers, &crate::EncodeOptions::default()).unwrap()).unwrap();
    }
    let mut measures = 0;
    for number in 0..tiles[0].1.len() {
        let name = tiles[0].1[number].name();
        for format in [Format::GeoParquet, Format::Arrow, Format::ArrowStream] {
            for crs in [Crs::LonLat, Crs::Mercator] {
                let path = folder.path().join("table");
                let existing = crate::tileset::Existing::Replace;
                let options = ExportOptions { crs, existing, ..ExportOptions::new(name, format) };
                export(&folder.path().join("tiles"), &path, &options, &mut |_| Ok(())).unwrap();
                for (coord, layers) in &tiles {
                    let layer = &layers[number];
                    let mut options = Options { layer: name.into(), buffer: 4096, ..Options::default() };
                    if let Some(heights) = layer.heights() {
                        options.heights = heights.grid();
                    }
                    let (again, _) = tile(&path, *coord, &options).unwrap();
                    measures += again.measures().len();
                    // Those of a table stand in the order of the first tile.
                    check::same_layer(&by_name(again), &by_name(layer.clone()))
                        .unwrap_or_else(|what| panic!("{name}, {format:?}, {crs:?}, {coord}: {what}"));
                }
            }
        }
    }
    assert!(measures >= 3 * 12, "{measures}");
}

/// A line, with heights and m, as well-known binary.
fn line(vertices: &[[f64; 4]]) -> Vec<u8> {
    let mut out = vec![1];
    out.extend(3002u32.to_le_bytes());
    out.extend((vertices.len() as u32).to_le_bytes());
    vertices.iter().flatten().for_each(|number| out.extend(number.to_le_bytes()));
    out
}

/// Three roads as others write them: one that leaves the tile to the east, one without a geometry, and one far away.
fn foreign() -> RecordBatch {
    let ([west, north], [east, _]) = (degrees([2048.0, 2048.0]), degrees([4096.0 + 64.0 + 2112.0, 2048.0]));
    let mut geometries = BinaryBuilder::new();
    geometries.append_value(line(&[[west, north, 100.0, 1.0], [east, north, 200.0, 3.0]]));
    geometries.append_null();
    geometries.append_value(line(&[[-70.0, 10.0, 0.0, 0.0], [-71.0, 10.0, 0.0, 0.0]]));
    let mut names = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
    names.keys().append_value("de");
    names.values().append_value("Landstraße");
    names.keys().append_value("fr");
    names.values().append_null();
    names.append(true).unwrap();
    names.append(false).unwrap();
    names.append(true).unwrap();
    let width = Field::new("width", DataType::Float64, true);
    let mut lanes = ListBuilder::new(StructBuilder::new(
        Fields::from(vec![width]),
        vec![Box::new(Float64Builder::new())],
    ));
    for (width, ends) in [(Some(3.5), false), (None, true), (Some(3.0), true)] {
        lanes.values().field_builder::<Float64Builder>(0).unwrap().append_option(width);
        lanes.values().append(true);
        if ends {
            lanes.append(true);
        }
    }
    lanes.append(false);
    let mut raw = BinaryBuilder::new();
    (0..3).for_each(|_| raw.append_value(b"\xff"));
    let corner = |numbers: [f64; 3]| Arc::new(Float64Array::from(numbers.to_vec())) as ArrayRef;
    let corners = [
        ("xmin", [west, west, -71.0]),
        ("ymin", [north, north, 10.0]),
        ("xmax", [east, west, -70.0]),
        ("ymax", [north, north, 10.0]),
    ];
    let corners = corners
        .map(|(name, numbers)| (Arc::new(Field::new(name, DataType::Float64, false)), corner(numbers)));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(Int32Array::from(vec![-1, 2, 3]))),
        ("geom", Arc::new(geometries.finish())),
        ("bbox", Arc::new(StructArray::from(corners.to_vec()))),
        ("names", Arc::new(names.finish())),
        ("lanes", Arc::new(lanes.finish())),
        ("since", Arc::new(TimestampSecondArray::from(vec![0, 1, 2]))),
        ("raw", Arc::new(raw.finish())),
        ("nothing", Arc::new(NullArray::new(3))),
        ("never here", Arc::new(Int32Array::from(vec![None, Some(1), Some(1)]))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
        .unwrap()
}

fn geo(crs: Json) -> Json {
    let corner = |name: &str| json!(["bbox", name]);
    let covering = json!({"bbox": {
        "xmin": corner("xmin"), "ymin": corner("ymin"), "xmax": corner("xmax"), "ymax": corner("ymax")
    }});
    let column = json!({"encoding": "WKB", "geometry_types": [], "crs": crs, "covering": covering});
    json!({"version": "1.1.0", "primary_column": "geom", "columns": {"geom": column}})
}

#[test]
fn tables_of_others_are_cut_and_their_values_with_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = parquet(folder.path(), &foreign(), Some(&geo(Json::Null)), 1);
    let (layer, report) = tile(&path, place(), &Options::default()).unwrap();
    // Of the row far away, the group is not even read.
    assert_eq!((report.rows, report.within, report.skipped, report.without), (3, 1, 1, 1));
    assert_eq!(report.left_out.len(), 1);
    assert!(report.left_out[0].starts_with("\"raw\": values of type Binary"), "{:?}", report.left_out);
    assert_eq!(&layer.geometry().vertices()[..], [2048, 2048, 4160, 2048]);
    assert_eq!(&layer.heights().unwrap().values[..], [10_000, 15_000]);
    let values = layer.measures()[0].get(0, 0..2).unwrap();
    assert!(matches!(values[..], [Value::Double(1.0), Value::Double(cut)] if (cut - 2.0).abs() < 1e-6));
    let names: Vec<&str> = layer.columns().iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["id", "names", "lanes", "since"]);
    let text = |name: &str| crate::mvt::json_text(layer.column(name).unwrap().get(0).unwrap());
    assert_eq!(text("names"), r#"{"de":"Landstraße","fr":null}"#);
    assert_eq!(text("lanes"), r#"[{"width":3.5},{}]"#);
    assert_eq!(text("since"), r#""1970-01-01T00:00:00""#);
    assert_eq!(layer.column("id").unwrap().get(0), Some(Value::Int(-1)));
    // Without boxes all is read, to the same effect.
    let mut plain = geo(Json::Null);
    plain["columns"]["geom"].as_object_mut().unwrap().remove("covering");
    let path = parquet(folder.path(), &foreign(), Some(&plain), 2);
    let (again, report) = tile(&path, place(), &Options::default()).unwrap();
    assert_eq!((report.skipped, again.columns().len(), again.geometry()), (0, 5, layer.geometry()));
}

#[test]
fn nothing_in_the_tile_is_an_empty_layer() {
    let folder = tempfile::tempdir().unwrap();
    let path = parquet(folder.path(), &foreign(), Some(&geo(Json::Null)), 1);
    let elsewhere = TileCoord::new(9, 3, 4).unwrap();
    let (layer, report) = tile(&path, elsewhere, &Options::default()).unwrap();
    assert_eq!((report.rows, report.within, layer.len(), layer.name()), (3, 0, 0, "features"));
}

/// The error and its causes.
fn error(path: &Path) -> String {
    tile(path, place(), &Options::default()).unwrap_err().line()
}

#[test]
fn what_is_wrong_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let swiss = json!({"id": {"authority": "EPSG", "code": 2056}});
    let path = parquet(folder.path(), &foreign(), Some(&geo(swiss)), 3);
    assert!(error(&path).contains("EPSG:2056"), "{}", error(&path));
    let mut other = geo(Json::Null);
    other["primary_column"] = json!("shape");
    assert!(error(&parquet(folder.path(), &foreign(), Some(&other), 3)).contains("shape"));

    let with = |bytes: Vec<u8>| {
        let batch = foreign();
        let mut geometries = BinaryBuilder::new();
        geometries.append_null();
        geometries.append_null();
        geometries.append_value(bytes);
        let mut columns = batch.columns().to_vec();
        columns[1] = Arc::new(geometries.finish());
        RecordBatch::try_new(batch.schema(), columns).unwrap()
    };
    let mut short = line(&[[9.0, 47.0, 0.0, 0.0], [9.1, 47.0, 0.0, 0.0]]);
    short.truncate(40);
    let collection = [&[1, 7, 0, 0, 0][..], &0u32.to_le_bytes()].concat();
    let mut plain = geo(Json::Null);
    plain["columns"]["geom"].as_object_mut().unwrap().remove("covering");
    for (bytes, what) in [
        (short, "2 parts or vertices, more than there are bytes for, 9 bytes in"),
        (collection, "a collection of geometries"),
        (line(&[[900.0, 47.0, 0.0, 0.0], [9.1, 47.0, 0.0, 0.0]]), "no longitude and latitude"),
    ] {
        let path = parquet(folder.path(), &with(bytes), Some(&plain), 1);
        let error = error(&path);
        assert!(error.contains("row 2") && error.contains(what), "{error}");
    }

    let text = folder.path().join("text.parquet");
    std::fs::write(&text, "PAR1 and nothing else").unwrap();
    assert!(error(&text).contains("cannot read the table"), "{}", error(&text));
    std::fs::write(&text, "nothing").unwrap();
    assert!(error(&text).contains("neither a Parquet nor an Arrow IPC file"), "{}", error(&text));
    assert!(error(&folder.path().join("none")).contains("cannot be read"));
    let none = RecordBatch::try_new(
        Arc::new(Schema::new(vec![Field::new("a", DataType::Int32, true)])),
        vec![Arc::new(Int32Array::from(vec![1]))],
    );
    assert!(error(&parquet(folder.path(), &none.unwrap(), None, 1)).contains("no column of geometries"));
}
