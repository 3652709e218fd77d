//! Files of all formats, good and bad.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BinaryArray, Date32Array, DictionaryArray, Float64Array, RecordBatch, StringArray, StructArray,
    TimestampMicrosecondArray, UInt64Array, types::Int8Type,
};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;

use super::{dataset, query, rows};
use crate::coord::TileCoord;
use crate::points::{Answer, Cancel, Dataset, FieldType, LoadOptions, LoadReport};
use crate::tileset::Existing;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

fn load(path: &std::path::Path, options: &LoadOptions) -> Result<(Dataset, LoadReport), String> {
    Dataset::load(path, options, &|_| ()).map_err(|error| error.what)
}

fn world(dataset: &Dataset) -> Answer {
    let tile = TileCoord::new(0, 0, 0).unwrap();
    dataset.tile(tile, &query(dataset, &[]), &Cancel::new()).unwrap()
}

/// Name, longitude, latitude and the rest, of the rows in the order of their ids.
fn shown(dataset: &Dataset) -> Vec<String> {
    let answer = world(dataset);
    let mut out = Vec::new();
    for layer in &answer.layers {
        for feature in 0..layer.len() {
            let id = layer.ids().unwrap().get(feature);
            let values: Vec<String> = layer
                .columns()
                .iter()
                .filter_map(|column| Some(format!("{}={:?}", column.name, column.get(feature)?)))
                .collect();
            let vertex = &layer.geometry().vertices()[2 * feature..2 * feature + 2];
            out.push((id, format!("{vertex:?} {}", values.join(" "))));
        }
    }
    out.sort();
    out.into_iter().map(|(_, row)| row).collect()
}

const CSV: &str = "\u{feff}name;Lat;LNG;n;f;when;ok;code;none\n\
    Zürich;47.37;8.54;5;0.5;2024-05-01;true;007;\n\
    \"a;\"\"b\";0;0;-7;;2024-05-01T12:00:00Z;false;08;\n\
    far;91;0;1;1;2024-05-01;true;1;\n\
    no;x;0;1;1;2024-05-01;true;1;\n\
    empty;;;1;1;2024-05-01;true;1;\n\
    short;1\n\
    last;-90;180;;nan;;;;\n";

#[test]
fn csv() {
    let folder = Folder::new();
    let path = folder.file("some.points.csv", CSV.as_bytes());
    let (dataset, report) = load(&path, &LoadOptions::default()).unwrap();
    assert_eq!((dataset.name(), dataset.len()), ("some", 3));
    assert_eq!((report.rows, report.bad), (3, 4));
    let examples: Vec<String> = report.examples.iter().map(ToString::to_string).collect();
    let expected = [
        "row 3: longitude 0 and latitude 91 are outside the world",
        "row 4: \"x\" is no number",
        "row 5: no coordinates",
        "row 6: 2 cells, where the head has 9",
    ];
    assert_eq!(examples, expected);
    let kinds: Vec<(&str, FieldType, u64)> =
        dataset.fields().iter().map(|field| (field.name.as_str(), field.kind, field.count)).collect();
    let expected = [
        ("name", FieldType::String, 3),
        ("n", FieldType::Integer, 2),
        ("f", FieldType::Float, 1),
        ("when", FieldType::Timestamp, 2),
        ("ok", FieldType::Boolean, 2),
        ("code", FieldType::String, 2),
        ("none", FieldType::String, 0),
    ];
    assert_eq!(kinds, expected);
    let expected = [
        "[2145, 1434] name=String(\"Zürich\") n=Int(5) f=Double(0.5) when=Int(1714521600000) ok=Bool(true) \
         code=String(\"007\")",
        "[2048, 2048] name=String(\"a;\\\"b\") n=Int(-7) when=Int(1714564800000) ok=Bool(false) code=String(\"08\")",
        "[4095, 4095] name=String(\"last\")",
    ];
    assert_eq!(shown(&dataset), expected);

    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(CSV.as_bytes()).unwrap();
    let path = folder.file("some.csv.gz", &gzip.finish().unwrap());
    let (again, _) = load(&path, &LoadOptions::default()).unwrap();
    assert_eq!(shown(&again), expected);
}

#[test]
fn columns_and_ids_as_asked_for() {
    let folder = Folder::new();
    let path = folder.file("a.csv", b"east,north,key,v,w\n1,2,77,a,b\n3,4,-5,c,d\n");
    let options = |x: &str| LoadOptions {
        name: Some("named".into()),
        x: Some(x.into()),
        y: Some("north".into()),
        id: Some("key".into()),
        columns: Some(vec!["w".into()]),
        ..LoadOptions::default()
    };
    let (dataset, _) = load(&path, &options("east")).unwrap();
    assert_eq!(dataset.name(), "named");
    let answer = world(&dataset);
    let layer = &answer.layers[0];
    assert_eq!(layer.name(), "named");
    let ids: Vec<_> = (0..2).map(|feature| layer.ids().unwrap().get(feature)).collect();
    assert!(ids.contains(&Some(77)) && ids.contains(&None), "{ids:?}");
    assert_eq!(layer.columns().len(), 1);
    let missing = load(&path, &options("west")).unwrap_err();
    assert_eq!(missing, "there is no column \"west\"; there are east, north, key, v, w");
    let none = load(&path, &LoadOptions::default()).unwrap_err();
    assert!(
        none.starts_with("no column of longitudes found, such as \"longitude\"; there are east"),
        "{none}"
    );
}

fn wkb(x: f64, y: f64) -> Vec<u8> {
    [&[1, 1, 0, 0, 0][..], &x.to_le_bytes(), &y.to_le_bytes()].concat()
}

/// Three rows, of which the second has no place.
fn batch(geometry: ArrayRef, metadata: &[(&str, &str)]) -> RecordBatch {
    let kinds: DictionaryArray<Int8Type> = [Some("x"), None, Some("y")].into_iter().collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("geometry", geometry),
        ("kind", Arc::new(kinds)),
        ("text", Arc::new(StringArray::from(vec![Some("a"), Some("b"), None]))),
        ("big", Arc::new(UInt64Array::from(vec![1, 2, u64::MAX]))),
        ("time", Arc::new(TimestampMicrosecondArray::from(vec![1_999, 0, -1_000]).with_timezone("+02:00"))),
        ("day", Arc::new(Date32Array::from(vec![1, 2, 3]))),
        ("number", Arc::new(Float64Array::from(vec![1.5, 2.5, f64::NAN]))),
        ("raw", Arc::new(BinaryArray::from(vec![&b"x"[..], b"y", b"z"]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let metadata = metadata.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let schema = Schema::new_with_metadata(batch.schema().fields().clone(), metadata);
    batch.with_schema(Arc::new(schema)).unwrap()
}

fn wkb_array() -> ArrayRef {
    Arc::new(BinaryArray::from(vec![Some(&wkb(8.54, 47.37)[..]), None, Some(&wkb(-180.0, 0.0))]))
}

const SHOWN: [&str; 2] = [
    "[2145, 1434] kind=String(\"x\") text=String(\"a\") big=Int(1) time=Int(1) day=Int(86400000) number=Double(1.5)",
    "[0, 2048] kind=String(\"y\") time=Int(-1) day=Int(259200000)",
];

#[test]
fn parquet_and_arrow() {
    let folder = Folder::new();
    let batch_of_wkb = batch(wkb_array(), &[]);
    let mut parquet = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut parquet, batch_of_wkb.schema(), None).unwrap();
    writer.write(&batch_of_wkb).unwrap();
    writer.close().unwrap();
    let x = Float64Array::from(vec![8.54, f64::NAN, -180.0]);
    let y = Float64Array::from(vec![47.37, 0.0, 0.0]);
    let field = |name| Arc::new(Field::new(name, DataType::Float64, true));
    let points =
        StructArray::from(vec![(field("x"), Arc::new(x) as ArrayRef), (field("y"), Arc::new(y) as ArrayRef)]);
    let native = batch(Arc::new(points), &[]);
    let mut file = Vec::new();
    let mut writer = FileWriter::try_new(&mut file, native.schema_ref()).unwrap();
    writer.write(&native).unwrap();
    writer.finish().unwrap();
    drop(writer);
    let mut stream = Vec::new();
    let mut writer = StreamWriter::try_new(&mut stream, native.schema_ref()).unwrap();
    writer.write(&native).unwrap();
    writer.finish().unwrap();
    drop(writer);
    for (name, bytes) in [("a.parquet", &parquet), ("a.arrow", &file), ("a.arrows", &stream)] {
        let path = folder.file(name, bytes);
        let (dataset, report) = load(&path, &LoadOptions::default()).unwrap();
        assert_eq!((report.rows, report.bad), (2, 1), "{name}");
        assert_eq!(report.examples[0].row, 2);
        assert_eq!(report.notes, ["column \"raw\" is left out: tiles have no values of type Binary"]);
        assert_eq!(shown(&dataset), SHOWN, "{name}");
    }
}

#[test]
fn geoparquet_names_its_column_and_its_reference_system() {
    let folder = Folder::new();
    for (crs, works) in [
        (r#""x": 0"#, true),
        (r#""crs": null"#, true),
        (r#""crs": {"id": {"authority": "EPSG", "code": 4326}}"#, true),
        (r#""crs": {"id": {"authority": "OGC", "code": "CRS84"}}"#, true),
        (r#""crs": {"id": {"authority": "EPSG", "code": 3857}}"#, false),
    ] {
        let geo = format!(
            r#"{{"primary_column": "geometry", "columns": {{"geometry": {{"encoding": "WKB", {crs}}}}}}}"#
        );
        let batch = batch(wkb_array(), &[("geo", &geo)]);
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let loaded = load(&folder.file("g.parquet", &bytes), &LoadOptions::default());
        match loaded {
            Ok((dataset, _)) => assert!(works && shown(&dataset) == SHOWN, "{crs}"),
            Err(what) => assert!(!works && what.contains("EPSG:3857"), "{crs}: {what}"),
        }
    }
}

#[test]
fn geojson_lines() {
    let folder = Folder::new();
    let text = r#"
{"type":"Feature","geometry":{"type":"Point","coordinates":[8.54,47.37,400]},"properties":{"a":1,"b":"x","c":[1]}}
{"type":"Feature","geometry":null,"properties":{"a":1}}
{"type":"Feature","geometry":{"type":"Polygon","coordinates":[]},"properties":null}
{broken
{"type":"Feature","geometry":{"type":"Point","coordinates":[0,0]},"properties":{"a":2.5,"d":true,"b":null}}
"#;
    let (dataset, report) =
        load(&folder.file("a.geojsonl", text.as_bytes()), &LoadOptions::default()).unwrap();
    assert_eq!((report.rows, report.bad), (2, 3));
    let expected = [
        "[2145, 1434] a=Double(1.0) b=String(\"x\") c=String(\"[1]\")",
        "[2048, 2048] a=Double(2.5) d=Bool(true)",
    ];
    assert_eq!(shown(&dataset), expected);
}

#[test]
fn an_index_is_the_dataset_it_was_made_of() {
    let folder = Folder::new();
    let loaded = dataset(&rows(5000, 7));
    let path = folder.0.path().join("i.arrow");
    loaded.write(&path, Existing::Keep, &|_| ()).unwrap();
    assert!(loaded.write(&path, Existing::Keep, &|_| ()).is_err());
    let (opened, report) = load(&path, &LoadOptions::default()).unwrap();
    assert_eq!((opened.name(), report.rows), ("trips", 5000));
    assert_eq!((opened.fields(), opened.bounds()), (loaded.fields(), loaded.bounds()));
    for pairs in [
        &[("limit", "5000")][..],
        &[("agg", "count,sum:amount,max:time,median:speed"), ("by", "kind"), ("geometry", "centroid")],
        &[("agg", "count"), ("by", "operator"), ("filter", "kind = 'bus' AND amount > 3 AND shared")],
    ] {
        for tile in [(0, 0, 0), (1, 1, 0), (3, 4, 2), (5, 16, 11)] {
            let tile = TileCoord::new(tile.0, tile.1, tile.2).unwrap();
            let answer =
                |dataset: &Dataset| dataset.tile(tile, &query(dataset, pairs), &Cancel::new()).unwrap();
            assert_eq!(answer(&opened), answer(&loaded));
        }
    }
    // Others read it as the Arrow file that it is.
    let file = arrow_ipc::reader::FileReader::try_new(fs::File::open(&path).unwrap(), None).unwrap();
    let batches: Vec<RecordBatch> = file.map(Result::unwrap).collect();
    assert_eq!((batches.len(), batches[0].num_rows(), batches[0].num_columns()), (1, 5000, 10));
    // Made again, it is the same bytes.
    let again = folder.0.path().join("again.arrow");
    opened.write(&again, Existing::Keep, &|_| ()).unwrap();
    assert!(fs::read(&path).unwrap() == fs::read(&again).unwrap());
}

#[test]
fn damaged_files_are_refused() {
    let folder = Folder::new();
    let loaded = dataset(&rows(300, 8));
    let index = folder.0.path().join("i.arrow");
    loaded.write(&index, Existing::Keep, &|_| ()).unwrap();
    let bytes = fs::read(&index).unwrap();
    let batch = batch(wkb_array(), &[]);
    let mut parquet = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut parquet, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    for whole in [&bytes, &parquet] {
        for part in 0..40 {
            let cut = folder.file("cut", &whole[..whole.len() * part / 40]);
            assert!(load(&cut, &LoadOptions::default()).is_err(), "{part} of 40 parts");
        }
    }
    // Flipped bits make other values, or an error, and never more.
    let mut random = crate::testing::Random::from_seed(1);
    for whole in [&bytes, &parquet] {
        for _ in 0..300 {
            let mut bytes = whole.clone();
            // Mostly in the footers, which say what is where.
            let from = if random.chance(2, 3) { bytes.len() - bytes.len().min(3000) } else { 0 };
            let at = from + random.index(bytes.len() - from);
            bytes[at] ^= 1 << random.below(8);
            if let Ok((dataset, _)) = load(&folder.file("flipped", &bytes), &LoadOptions::default()) {
                let pairs = [("agg", "count,sum:amount"), ("filter", "kind = 'bus'")];
                let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
                world(&dataset);
                if let Ok(query) = dataset.query(&pairs, &crate::points::QueryLimits::default()) {
                    let tile = TileCoord::new(2, 2, 1).unwrap();
                    dataset.tile(tile, &query, &Cancel::new()).unwrap();
                }
            }
        }
    }
}

#[test]
fn files_without_points_are_refused() {
    let folder = Folder::new();
    for (name, bytes, what) in [
        ("a.csv", &b""[..], "no column of longitudes found"),
        ("b.csv", b"x,y\n", "no row has coordinates"),
        ("c.csv", b"x,y\n200,1\n", "no row has coordinates (row 1: longitude 200 and latitude 1 are outside"),
        ("d.geojson", b"{}", "no row has coordinates (row 1: no feature)"),
        (
            "e.geojson",
            br#"{"type":"FeatureCollection","features":[]}"#,
            "no row has coordinates (row 1: a collection",
        ),
        ("f.parquet", b"PAR1", ""),
        ("g.arrow", b"ARROW1", ""),
        ("h.gz", b"\x1f\x8b\x08", ""),
    ] {
        let error = load(&folder.file(name, bytes), &LoadOptions::default()).unwrap_err();
        assert!(error.starts_with(what), "{name}: {error}");
    }
    let error = load(&folder.0.path().join("none"), &LoadOptions::default()).unwrap_err();
    assert!(error.contains("No such file"), "{error}");
}

#[test]
fn columns_of_one_name_and_ids_of_no_integers() {
    let folder = Folder::new();
    let path = folder.file("a.csv", b"x,y,a,a,\n1,2,3,4,5\n");
    let (dataset, _) = load(&path, &LoadOptions::default()).unwrap();
    assert_eq!(dataset.fields().len(), 1);
    let path = folder.file("b.csv", b"x,y,a\n1,2,z\n");
    let options = LoadOptions { id: Some("a".into()), ..LoadOptions::default() };
    assert_eq!(load(&path, &options).unwrap_err(), "\"a\" has no integers to be ids");
}

#[test]
fn real_places() {
    let Some(path) = crate::testing::corpus::path("points/cities.csv") else { return };
    let (dataset, report) = load(&path, &LoadOptions::default()).unwrap();
    assert_eq!((report.rows, report.bad), (135_233, 0));
    let mut people = 0.0;
    for z in [0u8, 2] {
        let mut sum = 0.0;
        for at in 0..1u32 << (2 * z) {
            let tile = TileCoord::new(z, at >> z, at & ((1 << z) - 1)).unwrap();
            let pairs = [("agg", "sum:population"), ("filter", "feature_code LIKE 'PPL%'")];
            let answer = dataset.tile(tile, &query(&dataset, &pairs), &Cancel::new()).unwrap();
            for layer in &answer.layers {
                let column = layer.column("sum:population").unwrap();
                for feature in 0..layer.len() {
                    if let Some(crate::Value::Int(value)) = column.get(feature) {
                        sum += value as f64;
                    }
                }
            }
        }
        if z > 0 {
            assert_eq!(sum.to_bits(), f64::to_bits(people));
        }
        people = sum;
    }
    assert!(people > 1e9);
}
