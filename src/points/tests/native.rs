//! Geometries in GeoArrow's layouts are those that GeoJSON has.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, FixedSizeListArray, Float64Array, LargeListArray, ListArray};
use arrow_array::{Int64Array, RecordBatch, StructArray, UnionArray};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{DataType, Field, Schema, UnionFields};
use parquet::arrow::ArrowWriter;

use super::query;
use crate::coord::TileCoord;
use crate::points::{Answer, Cancel, Dataset, LoadOptions};

/// Three rows, of which the second has no geometry: how many entries each list has, level by level.
struct Case {
    kind: &'static str,
    names: &'static [&'static str],
    lengths: &'static [&'static [usize]],
}

const CASES: [Case; 6] = [
    Case { kind: "Point", names: &[], lengths: &[] },
    Case { kind: "LineString", names: &["vertices"], lengths: &[&[4, 0, 2]] },
    Case { kind: "Polygon", names: &["rings", "vertices"], lengths: &[&[2, 0, 1], &[5, 5, 4]] },
    Case { kind: "MultiPoint", names: &["points"], lengths: &[&[3, 0, 1]] },
    Case { kind: "MultiLineString", names: &["linestrings", "vertices"], lengths: &[&[2, 0, 1], &[2, 3, 2]] },
    Case {
        kind: "MultiPolygon",
        names: &["polygons", "rings", "vertices"],
        lengths: &[&[2, 0, 1], &[1, 2, 1], &[4, 5, 4, 5]],
    },
];

/// Which forms coordinates and lists have.
#[derive(Clone, Copy, Debug)]
struct Form {
    separated: bool,
    large: bool,
}

const FORMS: [Form; 4] = [
    Form { separated: false, large: false },
    Form { separated: false, large: true },
    Form { separated: true, large: false },
    Form { separated: true, large: true },
];

impl Case {
    fn encoding(&self) -> String {
        self.kind.to_lowercase()
    }

    /// As many positions as there are: those of each run around a place, rings back to where they began.
    fn positions(&self) -> Vec<[f64; 2]> {
        let Some(runs) = self.lengths.last() else { return vec![[8.5, 47.25], [0.0, 0.0], [-70.5, -33.5]] };
        let mut out = Vec::new();
        for (number, &len) in runs.iter().enumerate() {
            let around = if self.names.contains(&"rings") { len - 1 } else { len };
            for index in 0..len {
                let turn = (index % around) as f64 / around as f64 * std::f64::consts::TAU;
                let [radius, x] = [30.0 / (number + 1) as f64, 10.0 * number as f64];
                out.push([x + radius * turn.cos(), 5.0 + radius * turn.sin()]);
            }
        }
        out
    }

    fn array(&self, Form { separated, large }: Form) -> ArrayRef {
        let positions = self.positions();
        let points = self.lengths.is_empty();
        let nulls = || NullBuffer::from(vec![true, false, true]);
        let own = points.then(nulls);
        let axis = |axis: usize| -> ArrayRef {
            Arc::new(Float64Array::from_iter_values(positions.iter().map(|position| position[axis])))
        };
        let number = |name| Arc::new(Field::new(name, DataType::Float64, false));
        let mut array: ArrayRef = if separated {
            let fields = vec![number("x"), number("y")].into();
            Arc::new(StructArray::try_new(fields, vec![axis(0), axis(1)], own).unwrap())
        } else {
            let all = Arc::new(Float64Array::from_iter_values(positions.iter().flatten().copied()));
            Arc::new(FixedSizeListArray::try_new(number("xy"), 2, all, own).unwrap())
        };
        for (level, (name, lengths)) in self.names.iter().zip(self.lengths).enumerate().rev() {
            let field = Arc::new(Field::new(*name, array.data_type().clone(), false));
            let nulls = (level == 0).then(nulls);
            let lengths = lengths.iter().copied();
            array = if large {
                Arc::new(LargeListArray::new(field, OffsetBuffer::from_lengths(lengths), array, nulls))
            } else {
                Arc::new(ListArray::new(field, OffsetBuffer::from_lengths(lengths), array, nulls))
            };
        }
        array
    }

    /// The coordinates of the next entry of a level, as GeoJSON writes them.
    fn coordinates(&self, level: usize, next: &mut [usize], positions: &[[f64; 2]]) -> String {
        let own = next[level];
        next[level] += 1;
        match self.lengths.get(level) {
            None => format!("{:?}", positions[own]),
            Some(lengths) => {
                let entries = (0..lengths[own]).map(|_| self.coordinates(level + 1, next, positions));
                format!("[{}]", entries.collect::<Vec<_>>().join(","))
            }
        }
    }

    fn geojson(&self) -> String {
        let (positions, mut next) = (self.positions(), [0; 4]);
        let feature = |row: usize| {
            let coordinates = self.coordinates(0, &mut next, &positions);
            let kind = self.kind;
            let geometry = format!(r#"{{"type":"{kind}","coordinates":{coordinates}}}"#);
            let geometry = if row == 1 { "null" } else { &geometry };
            format!(r#"{{"type":"Feature","properties":{{"n":{row}}},"geometry":{geometry}}}"#)
        };
        (0..3).map(feature).collect::<Vec<_>>().join("\n")
    }
}

fn table(geometry: ArrayRef, metadata: [Option<(&str, String)>; 2]) -> RecordBatch {
    let [of_field, of_table] = metadata.map(|pair| pair.map(|(key, value)| (key.to_owned(), value)));
    let field = Field::new("geometry", geometry.data_type().clone(), true);
    let field = field.with_metadata(of_field.into_iter().collect());
    let number = Field::new("n", DataType::Int64, false);
    let rows = geometry.len() as i64;
    let schema = Schema::new_with_metadata(vec![field, number], of_table.into_iter().collect());
    RecordBatch::try_new(schema.into(), vec![geometry, Arc::new(Int64Array::from_iter_values(0..rows))])
        .unwrap()
}

fn arrow(folder: &Path, batch: &RecordBatch) -> std::path::PathBuf {
    let path = folder.join("a.arrow");
    let mut writer = FileWriter::try_new(fs::File::create(&path).unwrap(), &batch.schema()).unwrap();
    writer.write(batch).unwrap();
    writer.finish().unwrap();
    path
}

fn parquet(folder: &Path, batch: &RecordBatch) -> std::path::PathBuf {
    let path = folder.join("a.parquet");
    let file = fs::File::create(&path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    path
}

/// Tiles of a file of two rows and one that is bad.
fn tiles(path: &Path) -> Vec<Answer> {
    let options = LoadOptions { name: Some("shapes".into()), ..LoadOptions::default() };
    let (dataset, report) = Dataset::load(path, &options, &|_| ()).unwrap();
    assert_eq!((report.rows, report.bad), (2, 1), "{:?}", report.examples);
    let tile = |[z, x, y]: [u32; 3]| {
        let tile = TileCoord::new(z as u8, x, y).unwrap();
        dataset.tile(tile, &query(&dataset, &[]), &Cancel::new()).unwrap()
    };
    [[0, 0, 0], [2, 2, 1], [2, 1, 2], [5, 17, 15]].map(tile).to_vec()
}

#[test]
fn every_type_in_every_layout_is_what_geojson_has() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for case in &CASES {
        let path = folder.join("a.geojsonl");
        fs::write(&path, case.geojson()).unwrap();
        let expected = tiles(&path);
        assert_eq!(expected[0].features(), 2, "{}", case.kind);
        for form in FORMS {
            let array = case.array(form);
            let encoding = case.encoding();
            let geo = format!(
                r#"{{"primary_column":"geometry","columns":{{"geometry":{{"encoding":"{encoding}"}}}}}}"#
            );
            let extension = Some(("ARROW:extension:name", format!("geoarrow.{encoding}")));
            let named = table(Arc::clone(&array), [extension, None]);
            let by_names = table(Arc::clone(&array), [None, None]);
            let geoparquet = table(array, [None, Some(("geo", geo))]);
            assert!(tiles(&arrow(folder, &named)) == expected, "{} {form:?}", case.kind);
            assert!(tiles(&arrow(folder, &by_names)) == expected, "{} {form:?}", case.kind);
            // Parquet gives the entries of lists names of its own.
            assert!(tiles(&parquet(folder, &geoparquet)) == expected, "{} {form:?}", case.kind);
        }
    }
}

#[test]
fn unions_have_several_types() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let form = Form { separated: true, large: false };
    // The first of each, and one of a type that tiles have not.
    let children: Vec<ArrayRef> = CASES.iter().map(|case| case.array(form)).collect();
    let fields =
        CASES.iter().zip(&children).zip(1..).map(|((case, child), id)| {
            (id, Arc::new(Field::new(case.kind, child.data_type().clone(), true)))
        });
    let collection = Arc::new(Field::new("collection", DataType::Int64, true));
    let fields = UnionFields::from_iter(fields.chain([(7, collection)]));
    let others: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let ids: Vec<i8> = (1..=7).collect();
    let union =
        UnionArray::try_new(fields, ids.into(), Some(vec![0; 7].into()), [children, vec![others]].concat());
    let extension = Some(("ARROW:extension:name", "geoarrow.geometry".to_owned()));
    let path = arrow(folder, &table(Arc::new(union.unwrap()), [extension, None]));
    let (dataset, report) = Dataset::load(&path, &LoadOptions::default(), &|_| ()).unwrap();
    assert_eq!((report.rows, report.bad), (6, 1));
    assert_eq!(report.examples[0].to_string(), "row 7: a geometry of type 7");
    assert_eq!(dataset.geometry_types().len(), 6);
    let mut lines: Vec<String> =
        CASES.iter().map(|case| case.geojson().lines().next().unwrap().to_owned()).collect();
    for (number, line) in lines.iter_mut().enumerate() {
        *line = line.replace(r#""n":0"#, &format!(r#""n":{number}"#));
    }
    let path = folder.join("a.geojsonl");
    fs::write(&path, lines.join("\n")).unwrap();
    let (twin, _) = Dataset::load(&path, &LoadOptions::default(), &|_| ()).unwrap();
    for [z, x, y] in [[0, 0, 0], [3, 4, 3]] {
        let tile = TileCoord::new(z as u8, x, y).unwrap();
        let tile = |dataset: &Dataset| dataset.tile(tile, &query(dataset, &[]), &Cancel::new()).unwrap();
        assert_eq!(tile(&dataset), tile(&twin));
    }
}

#[test]
fn what_is_no_geometry_or_elsewhere_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let polygon = &CASES[2];
    let array = || polygon.array(FORMS[0]);
    let name = |name: &str| Some(("ARROW:extension:name", name.to_owned()));
    let refused = |batch: &RecordBatch| {
        let path = arrow(folder.path(), batch);
        Dataset::load(&path, &LoadOptions::default(), &|_| ()).unwrap_err().what
    };
    // Lists of lists are no line.
    let what = refused(&table(array(), [name("geoarrow.linestring"), None]));
    assert!(what.starts_with("\"geometry\" has no geometries in a layout that is known"), "{what}");
    let batch = table(array(), [name("geoarrow.polygon"), None]);
    for crs in [r#""EPSG:2056""#, r#"{"id":{"authority":"EPSG","code":2056}}"#] {
        let mut fields: Vec<Field> = batch.schema().fields().iter().map(|field| (**field).clone()).collect();
        let metadata = format!(r#"{{"crs":{crs}}}"#);
        fields[0].metadata_mut().insert("ARROW:extension:metadata".into(), metadata);
        let elsewhere = RecordBatch::try_new(Schema::new(fields).into(), batch.columns().to_vec()).unwrap();
        let what = refused(&elsewhere);
        assert!(what.starts_with("coordinates are in EPSG:2056"), "{what}");
    }
}
