//! A dataset: what a server asks.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Mutex;

use super::cancel::{Cancel, TileError};
use super::field::Field;
use super::input;
use super::mercator::degrees;
use super::options::{LoadError, LoadOptions, LoadReport, Progress};
use super::query::{self, Query, QueryError, QueryLimits};
use super::shapes::Shapes;
use super::storage;
use super::table::Table;
use super::tile::{self, Answer};
use crate::coord::TileCoord;
use crate::geometry::GeometryType;

/// Points and their properties, ready to be asked for tiles from any number of threads.
#[derive(Debug)]
pub struct Dataset {
    pub(super) name: String,
    pub(super) table: Table,
    /// None if all rows are points.
    pub(super) shapes: Option<Shapes>,
    /// The column of ids.
    pub(super) id: Option<usize>,
    /// The columns that are properties.
    pub(super) visible: Vec<usize>,
    pub(super) fields: Vec<Field>,
    pub(super) bounds: Option<[f64; 4]>,
    /// Requests checked before, the last ones first: to check a filter means to look at all strings.
    seen: Mutex<VecDeque<Seen>>,
}

/// A request and what it was made of.
#[derive(Debug)]
struct Seen {
    pairs: Vec<(String, String)>,
    limits: QueryLimits,
    query: Query,
}

/// How far around a tile lines and polygons go on, in its units, if the request does not say: so far that
/// the edges at which they are cut off are not seen.
const SHAPE_BUFFER: u32 = 64;

/// How many requests are remembered.
const REMEMBERED: usize = 32;

impl Dataset {
    /// Reads a dataset and indexes it: CSV, also with gzip, Parquet and GeoParquet, Arrow IPC and GeoJSON
    /// with one feature a line. A file made by [`Self::write`] is mapped into memory instead.
    ///
    /// # Errors
    /// If the file cannot be read or is none of these, no columns of coordinates are found, or no row
    /// has coordinates.
    pub fn load(
        path: &Path,
        options: &LoadOptions,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<(Self, LoadReport), LoadError> {
        let error = |what| LoadError { path: path.to_owned(), what };
        if input::is_arrow(path)
            && let Some(dataset) =
                input::guarded(|| storage::open(path, options.name.as_deref())).map_err(error)?
        {
            let report = LoadReport { rows: dataset.len() as u64, ..LoadReport::default() };
            return Ok((dataset, report));
        }
        let (drafts, mut report) = input::read(path, options, progress).map_err(error)?;
        let (table, shapes) = drafts.finish(progress);
        report.rows = table.rows() as u64;
        let name = options.name.clone().unwrap_or_else(|| name_of(path));
        let id = match &options.id {
            None => None,
            Some(name) => Some(
                table
                    .columns
                    .iter()
                    .position(|column| column.name == *name)
                    .ok_or_else(|| error(format!("there is no column {name:?} of ids")))?,
            ),
        };
        let dataset = Self::new(name, table, shapes, id).map_err(error)?;
        Ok((dataset, report))
    }

    pub(super) fn new(
        name: String,
        table: Table,
        shapes: Option<Shapes>,
        id: Option<usize>,
    ) -> Result<Self, String> {
        if let Some(id) = id.map(|id| &table.columns[id])
            && !matches!(id.data, super::column::Data::I64(_) | super::column::Data::I32(_))
        {
            return Err(format!("{:?} has no integers to be ids", id.name));
        }
        let visible: Vec<usize> = (0..table.columns.len()).filter(|&column| Some(column) != id).collect();
        let fields = visible.iter().map(|&column| Field::of(&table.columns[column])).collect();
        let bounds = match &shapes {
            None => bounds(&table),
            Some(shapes) => shapes.bounds().map(|own| corners(own.min, own.max)),
        };
        Ok(Self { name, table, shapes, id, visible, fields, bounds, seen: Mutex::default() })
    }

    /// A dataset of which everything is known.
    pub(super) fn opened(
        name: String,
        table: Table,
        id: Option<usize>,
        fields: Vec<Field>,
        bounds: Option<[f64; 4]>,
    ) -> Result<Self, String> {
        let visible: Vec<usize> = (0..table.columns.len()).filter(|&column| Some(column) != id).collect();
        let names = visible.iter().map(|&column| table.columns[column].name.as_str());
        if !names.eq(fields.iter().map(|field| field.name.as_str())) {
            return Err("fields that are not those of the columns".into());
        }
        Ok(Self { name, table, shapes: None, id, visible, fields, bounds, seen: Mutex::default() })
    }

    /// The dataset's name, which is also that of the layer in its tiles.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.table.rows()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// West, south, east and north in degrees; none if there are no rows.
    pub fn bounds(&self) -> Option<[f64; 4]> {
        self.bounds
    }

    /// The properties of single rows.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The types of the rows' geometries.
    pub fn geometry_types(&self) -> Vec<GeometryType> {
        match &self.shapes {
            None => vec![GeometryType::Point],
            Some(shapes) => GeometryType::ALL.into_iter().filter(|&kind| shapes.has(kind)).collect(),
        }
    }

    /// What places, row numbers and columns take, in bytes, without what makes queries quick.
    pub fn column_bytes(&self) -> usize {
        self.table.bytes() + self.shapes.as_ref().map_or(0, Shapes::bytes)
    }

    /// Checks a request: `filter`, `properties`, `limit`, `agg`, `by`, `grid`, `geometry` and `buffer`, as
    /// `spec/queries.md` describes them, with their values as they are after percent-decoding.
    ///
    /// # Errors
    /// The parameter that is wrong, and why.
    pub fn query(&self, pairs: &[(String, String)], limits: &QueryLimits) -> Result<Query, QueryError> {
        let lock = || self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(seen) = lock().iter().find(|seen| seen.pairs == pairs && seen.limits == *limits) {
            return Ok(seen.query.clone());
        }
        let around = if self.shapes.is_some() { SHAPE_BUFFER } else { 0 };
        let query = query::parse(pairs, &self.table.columns, &self.visible, around, limits)?;
        let mut seen = lock();
        seen.push_front(Seen { pairs: pairs.to_vec(), limits: limits.clone(), query: query.clone() });
        seen.truncate(REMEMBERED);
        Ok(query)
    }

    /// Makes a tile, of zoom 0 to 22.
    ///
    /// # Errors
    /// If it was cancelled, took too long or became too large.
    pub fn tile(&self, coord: TileCoord, query: &Query, cancel: &Cancel) -> Result<Answer, TileError> {
        tile::tile(self, coord, &query.0, cancel)
    }
}

/// A name for what is in a file: its own up to the first dot.
pub(super) fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.split('.').find(|part| !part.is_empty()).unwrap_or("data");
    name.to_owned()
}

fn bounds(table: &Table) -> Option<[f64; 4]> {
    let ends = |values: &[u32]| Some([*values.iter().min()?, *values.iter().max()?]);
    let ([west, east], [north, south]) = (ends(&table.x)?, ends(&table.y)?);
    Some(corners([west, north], [east, south]))
}

/// West, south, east and north of a box, in degrees.
fn corners(min: [u32; 2], max: [u32; 2]) -> [f64; 4] {
    let ([west, north], [east, south]) = (degrees(min), degrees(max));
    [west, south, east, north]
}
