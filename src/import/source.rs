//! A file of rows: what its columns are, and its batches, but for groups of rows that lie elsewhere.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::{ArrowError, Field, Schema};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::statistics::Statistics;
use serde_json::Value as Json;

use crate::arrow::{self, Crs, IdSource, key};
use crate::tileset::{Error, Result};

/// Rows of a batch.
const BATCH: usize = 1 << 14;

type Batches = Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>>>;

/// A file of rows.
pub(super) struct Source {
    batches: Batches,
    /// The numbers of the rows that are read: where groups begin, and how many rows they have.
    groups: Vec<(u64, u64)>,
    /// How many of them have been read.
    read: u64,
    /// All rows of the file, and those of groups that are not read.
    pub(super) rows: u64,
    pub(super) skipped: u64,
    /// The columns of geometries, of their bounding boxes, and of ids.
    pub(super) geometry: usize,
    pub(super) geometry_field: Field,
    pub(super) covering: Option<usize>,
    pub(super) ids: Option<usize>,
    pub(super) crs: Crs,
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::because("cannot read the table", error)
}

/// What is known of the geometries of a file.
struct Geometries {
    column: usize,
    field: Field,
    crs: Crs,
    /// The columns of bounding boxes: xmin, ymin, xmax, ymax, as paths.
    covering: Option<[Vec<String>; 4]>,
}

impl Source {
    /// A Parquet or Arrow IPC file, of which groups of rows are left out that have nothing within `frame`, in
    /// degrees, as far as their bounding boxes are told.
    pub(super) fn open(path: &Path, frame: [[f64; 2]; 2]) -> Result<Self> {
        let open = || File::open(path).map_err(|error| Error::because("cannot be read", error));
        let mut start = [0; 6];
        let mut file = open()?;
        let len = file.read(&mut start).map_err(failed)?;
        match &start[..len] {
            [b'P', b'A', b'R', b'1', ..] => Self::parquet(open()?, frame),
            b"ARROW1" => {
                let reader = FileReader::try_new(BufReader::new(open()?), None).map_err(failed)?;
                Self::ipc(&reader.schema(), Box::new(reader))
            }
            _ => {
                let reader = StreamReader::try_new(BufReader::new(open()?), None);
                let reader = reader
                    .map_err(|error| Error::because("is neither a Parquet nor an Arrow IPC file", error))?;
                Self::ipc(&reader.schema(), Box::new(reader))
            }
        }
    }

    fn parquet(file: File, frame: [[f64; 2]; 2]) -> Result<Self> {
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(failed)?;
        let schema = builder.schema().clone();
        // The schema of Arrow has lost the metadata of the file, if it came from elsewhere.
        let told = |key: &str| {
            let all = builder.metadata().file_metadata().key_value_metadata()?;
            all.iter().find(|pair| pair.key == key)?.value.clone()
        };
        let geometries = Geometries::find(&schema, told("geo").as_deref())?;
        let metadata = builder.metadata().clone();
        let covering = geometries.covering_columns(&metadata).filter(|_| geometries.crs == Crs::LonLat);
        let (mut groups, mut chosen, mut first) = (Vec::new(), Vec::new(), 0);
        for (number, group) in metadata.row_groups().iter().enumerate() {
            let rows = u64::try_from(group.num_rows()).unwrap_or(0);
            if covering.is_none_or(|covering| may_touch(group, covering, frame)) {
                chosen.push(number);
                groups.push((first, rows));
            }
            first += rows;
        }
        let read: u64 = groups.iter().map(|(_, rows)| rows).sum();
        let reader = builder.with_row_groups(chosen).with_batch_size(BATCH).build().map_err(failed)?;
        let source = Self::new(&schema, geometries, Box::new(reader))?;
        Ok(Self { groups, rows: first, skipped: first - read, ..source })
    }

    fn ipc(schema: &Schema, batches: Batches) -> Result<Self> {
        let geometries = Geometries::find(schema, schema.metadata().get("geo").map(String::as_str))?;
        let source = Self::new(schema, geometries, batches)?;
        Ok(Self { groups: vec![(0, u64::MAX)], ..source })
    }

    fn new(schema: &Schema, geometries: Geometries, batches: Batches) -> Result<Self> {
        let boxes = geometries.covering.as_ref().map(|paths| paths[0][0].as_str());
        let covering = boxes.and_then(|name| schema.index_of(name).ok());
        let ids = arrow::find_ids(schema, &IdSource::Auto).map_err(failed)?;
        Ok(Self {
            batches,
            groups: Vec::new(),
            read: 0,
            rows: 0,
            skipped: 0,
            geometry: geometries.column,
            geometry_field: geometries.field,
            covering,
            ids,
            crs: geometries.crs,
        })
    }

    /// The next rows, and which rows of the file they are.
    pub(super) fn next(&mut self) -> Result<Option<(RecordBatch, impl Fn(usize) -> u64 + use<>)>> {
        let Some(batch) = self.batches.next().transpose().map_err(failed)? else {
            self.rows = self.rows.max(self.read);
            return Ok(None);
        };
        let (groups, first) = (self.groups.clone(), self.read);
        self.read += batch.num_rows() as u64;
        let number = move |row: usize| {
            let mut left = first + row as u64;
            for &(start, rows) in &groups {
                if left < rows {
                    return start + left;
                }
                left -= rows;
            }
            left
        };
        Ok(Some((batch, number)))
    }
}

impl Geometries {
    /// The column that `geo`, GeoParquet's metadata, names as the primary one, else what a reader of Arrow finds.
    fn find(schema: &Schema, geo: Option<&str>) -> Result<Self> {
        let geo: Json = match geo {
            None => Json::Null,
            Some(text) => serde_json::from_str(text)
                .map_err(|error| Error::because("has metadata of GeoParquet that are no JSON", error))?,
        };
        let column = match geo["primary_column"].as_str() {
            Some(name) => schema.index_of(name).map_err(failed)?,
            None => arrow::find_geometry(schema.fields()).ok_or_else(|| {
                Error::new("has no column of geometries: GeoParquet and GeoArrow name theirs")
            })?,
        };
        let mut field = schema.field(column).clone();
        let told = &geo["columns"][field.name().as_str()];
        let crs = match (told.get("crs"), field.metadata().get(key::EXTENSION_METADATA)) {
            (Some(crs), _) => Crs::of_metadata(&serde_json::json!({ "crs": crs }).to_string()),
            (None, Some(metadata)) => Crs::of_metadata(metadata),
            (None, None) => Ok(Crs::LonLat),
        };
        let crs = crs.map_err(|error| Error::because(format!("column {:?}", field.name()), error))?;
        // GeoParquet names the native forms where Arrow's schema may not.
        if let Some(encoding) = told["encoding"].as_str()
            && encoding != "WKB"
            && !field.metadata().contains_key(key::EXTENSION)
        {
            field.metadata_mut().insert(key::EXTENSION.to_owned(), format!("geoarrow.{encoding}"));
        }
        let corner = |name: &str| -> Option<Vec<String>> {
            let path = told["covering"]["bbox"][name].as_array()?;
            path.iter().map(|step| step.as_str().map(str::to_owned)).collect()
        };
        let corners = ["xmin", "ymin", "xmax", "ymax"].map(corner);
        let covering = match corners {
            [Some(west), Some(south), Some(east), Some(north)] if !west.is_empty() => {
                Some([west, south, east, north])
            }
            _ => None,
        };
        Ok(Self { column, field, crs, covering })
    }

    /// The columns of bounding boxes among all leaves of a Parquet file.
    fn covering_columns(&self, metadata: &ParquetMetaData) -> Option<[usize; 4]> {
        let columns = metadata.file_metadata().schema_descr();
        let find =
            |path: &Vec<String>| columns.columns().iter().position(|column| column.path().parts() == path);
        let [west, south, east, north] = self.covering.as_ref()?.each_ref().map(find);
        Some([west?, south?, east?, north?])
    }
}

/// Whether something of a group may lie within `frame`.
fn may_touch(group: &RowGroupMetaData, covering: [usize; 4], frame: [[f64; 2]; 2]) -> bool {
    let statistics = covering.map(|column| group.column(column).statistics());
    let ends = |column: usize| match statistics[column]? {
        Statistics::Float(numbers) => Some((f64::from(*numbers.min_opt()?), f64::from(*numbers.max_opt()?))),
        Statistics::Double(numbers) => Some((*numbers.min_opt()?, *numbers.max_opt()?)),
        _ => None,
    };
    let [low, high] = frame;
    // Where nothing is told, anything may be.
    (0..2).all(|axis| {
        let least = ends(axis).is_none_or(|(min, _)| min <= high[axis]);
        let most = ends(axis + 2).is_none_or(|(_, max)| max >= low[axis]);
        least && most
    })
}
