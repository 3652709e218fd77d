//! Tables read again.

use std::fs::File;
use std::path::PathBuf;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, UInt8Type, UInt64Type};
use arrow_array::{Array, RecordBatch};
use arrow_select::concat::concat_batches;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tempfile::TempDir;

use super::*;
use crate::column::Value;
use crate::tile::builder::LayerBuilder;
use crate::{EncodeOptions, Item, Layer};

/// A folder of COVT tiles at zoom 1.
fn tileset(tiles: &[Vec<Layer>]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (number, layers) in tiles.iter().enumerate() {
        let path = folder.path().join(format!("tiles/1/{}/{}.covt", number / 2, number % 2));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, crate::encode(layers, &EncodeOptions::default()).unwrap()).unwrap();
    }
    folder
}

fn layer(build: impl FnOnce(&mut LayerBuilder)) -> Layer {
    let mut builder = LayerBuilder::new("roads");
    build(&mut builder);
    builder.finish().unwrap()
}

fn point(layer: &mut LayerBuilder, value: Value) {
    layer.feature(Some(7), |g| Ok(g.point(2048, 1024))).unwrap();
    layer.property("lanes", value).unwrap();
}

fn run(folder: &TempDir, options: &ExportOptions) -> Result<(PathBuf, ExportSummary)> {
    let extension = if options.format == Format::Arrow { "arrow" } else { "parquet" };
    let output = folder.path().join("out").with_extension(extension);
    let summary = export(&folder.path().join("tiles"), &output, options, &mut |_| Ok(()))?;
    Ok((output, summary))
}

fn read(path: &Path) -> RecordBatch {
    let batches: Vec<RecordBatch> = match path.extension().unwrap() == "arrow" {
        true => {
            let reader = arrow_ipc::reader::FileReader::try_new(File::open(path).unwrap(), None).unwrap();
            reader.map(|batch| batch.unwrap()).collect()
        }
        false => {
            let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
            reader.build().unwrap().map(|batch| batch.unwrap()).collect()
        }
    };
    concat_batches(batches[0].schema_ref(), &batches).unwrap()
}

#[test]
fn one_table_of_tiles_that_differ() {
    let tiles = [
        vec![layer(|layer| {
            point(layer, Value::UInt(3));
            point(layer, Value::String("many"));
        })],
        vec![layer(|layer| {
            point(layer, Value::Int(-1));
            layer.property("id", Value::String("a")).unwrap();
            let lane = |name, value| Item::Struct(vec![(name, Item::Value(value))]);
            layer.nested("wide", &Item::List(vec![lane("left", Value::Int(1))])).unwrap();
        })],
        vec![layer(|layer| {
            point(layer, Value::Double(0.5));
            let lane = |name, value| Item::Struct(vec![(name, Item::Value(value))]);
            layer.nested("wide", &Item::List(vec![lane("right", Value::Bool(true))])).unwrap();
            layer.feature(None, |g| Ok(g.commands(0, &[]))).unwrap();
        })],
        vec![],
    ];
    let folder = tileset(&tiles);
    for format in [Format::GeoParquet, Format::Arrow] {
        let options = ExportOptions { group_rows: 2, ..ExportOptions::new("roads", format) };
        let (path, summary) = run(&folder, &options).unwrap();
        assert_eq!((summary.tiles, summary.rows, summary.groups), (4, 5, 3));
        assert_eq!(
            summary.fields,
            ["z", "x", "y", "id", "geometry", "bbox", "lanes", "lanes:string", "id:string", "wide"]
        );
        let table = read(&path);
        assert_eq!(&table["z"].as_primitive::<UInt8Type>().values()[..], [1; 5]);
        let lanes = table["lanes"].as_primitive::<Float64Type>();
        assert_eq!(lanes.iter().collect::<Vec<_>>(), [Some(3.0), None, Some(-1.0), Some(0.5), None]);
        assert_eq!(table["lanes:string"].as_string::<i32>().value(1), "many");
        assert_eq!(table["id:string"].as_string::<i32>().value(2), "a");
        assert_eq!(table["id"].as_primitive::<UInt64Type>().null_count(), 1);
        assert!(table["geometry"].is_null(4) && table["bbox"].is_null(4));
        let wide = table["wide"].as_list::<i32>();
        let (first, second) = (wide.value(2), wide.value(3));
        let [first, second] = [&first, &second].map(|array| array.as_struct());
        assert_eq!(first.column_by_name("left").unwrap().as_primitive::<Int64Type>().value(0), 1);
        assert!(first.column_by_name("right").unwrap().is_null(0));
        assert!(second.column_by_name("right").unwrap().as_boolean().value(0));
        // The middle of the north-western tile: 90° west, and its quarter above.
        let west = table["bbox"].as_struct().column_by_name("xmin").unwrap();
        assert!((west.as_primitive::<Float64Type>().value(0) + 90.0).abs() < 1e-9);
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn what_geoparquet_says() {
    let folder = tileset(&[vec![layer(|layer| {
        layer.feature(None, |g| g.polygon(&[&[[0, 0], [4096, 0], [4096, 4096]]])).unwrap();
        layer.feature(None, |g| Ok(g.point(0, 0))).unwrap();
    })]]);
    let options = ExportOptions { crs: Crs::Mercator, ..ExportOptions::new("roads", Format::GeoParquet) };
    let (path, _) = run(&folder, &options).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let metadata = reader.metadata().file_metadata().key_value_metadata().unwrap();
    let geo = metadata.iter().find(|pair| pair.key == "geo").unwrap().value.as_ref().unwrap();
    let geo: serde_json::Value = serde_json::from_str(geo).unwrap();
    let column = &geo["columns"]["geometry"];
    assert_eq!(geo["version"], "1.1.0");
    assert_eq!(column["encoding"], "WKB");
    assert_eq!(column["geometry_types"], serde_json::json!(["Point", "Polygon"]));
    assert_eq!(column["crs"]["id"]["code"], 3857);
    assert_eq!(column["covering"]["bbox"]["xmin"], serde_json::json!(["bbox", "xmin"]));
    assert_eq!(column["bbox"][0], -20_037_508.342_789_244);
}

#[test]
fn what_is_not_there_is_told() {
    let folder = tileset(&[
        vec![layer(|layer| point(layer, Value::UInt(u64::MAX)))],
        vec![layer(|layer| {
            point(layer, Value::Int(-1));
        })],
    ]);
    let failed = |options: &ExportOptions| run(&folder, options).unwrap_err().line();
    let parquet = |layer: &str| ExportOptions::new(layer, Format::GeoParquet);
    assert!(failed(&parquet("water")).contains("but there are roads"));
    let columns = Some(vec!["name".to_owned()]);
    assert!(failed(&ExportOptions { columns, ..parquet("roads") }).contains("property \"name\""));
    let line = failed(&parquet("roads"));
    assert!(line.contains("tile 1/0/0") && line.contains("property \"lanes\""), "{line}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "something is left of it");
}

#[test]
fn the_same_whatever_the_number_of_threads() {
    let tiles: Vec<_> = (0..4)
        .map(|tile| {
            vec![layer(|layer| {
                (0..300).for_each(|number| point(layer, Value::UInt(tile * 1000 + number)));
            })]
        })
        .collect();
    let folder = tileset(&tiles);
    let files = [1, 4].map(|jobs| {
        let options = ExportOptions {
            jobs: NonZeroUsize::new(jobs),
            existing: Existing::Replace,
            group_rows: 500,
            ..ExportOptions::new("roads", Format::GeoParquet)
        };
        std::fs::read(run(&folder, &options).unwrap().0).unwrap()
    });
    assert!(files[0] == files[1]);
}
