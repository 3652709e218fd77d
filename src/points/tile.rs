//! Tiles of a dataset.

use std::ops::Range;

use super::around::Around;
use super::cancel::{Cancel, TileError};
use super::cell_layer;
use super::cells::Task;
use super::dataset::Dataset;
use super::grid::Cells;
use super::query::{CellGeometry, Parts};
use super::rows::Rows;
use super::shapes;
use crate::coord::TileCoord;
use crate::error::Result;
use crate::geometry::{Geometry, GeometryType};
use crate::mvt;
use crate::tile::layer::{DEFAULT_EXTENT, Layer};
use crate::tile::options::{EncodeOptions, Profile};
use crate::tile::write::encode;

/// A tile before it is encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// One layer, or none if the tile is empty.
    pub layers: Vec<Layer>,
    /// How many rows of the tile the filter is true of; those around it not counted.
    pub rows: u64,
    /// Whether there are cells instead of rows although rows were asked for, since there are more than
    /// `limit`.
    pub aggregated: bool,
}

impl Answer {
    /// The number of features.
    pub fn features(&self) -> usize {
        self.layers.iter().map(Layer::len).sum()
    }

    /// The tile as COVT.
    ///
    /// # Errors
    /// Those of [`crate::encode`].
    pub fn to_covt(&self) -> Result<Vec<u8>> {
        encode(&self.layers, &EncodeOptions::new(Profile::Fast))
    }

    /// The tile as MVT.
    ///
    /// # Errors
    /// Those of [`mvt::write()`].
    pub fn to_mvt(&self) -> Result<Vec<u8>> {
        mvt::write(&self.layers)
    }

    fn new(layer: Layer, rows: u64, aggregated: bool) -> Self {
        let layers = if layer.is_empty() { Vec::new() } else { vec![layer] };
        Self { layers, rows, aggregated }
    }
}

/// A tile of a dataset.
pub(super) fn tile(
    dataset: &Dataset,
    coord: TileCoord,
    query: &Parts,
    cancel: &Cancel,
) -> Result<Answer, TileError> {
    cancel.check()?;
    let Dataset { table, shapes, .. } = dataset;
    let filter = query.filter.as_ref();
    let range = table.rows_of(coord);
    if query.aggregates.is_none() {
        let single = match shapes {
            Some(shapes) => shapes::tile(shapes, table, coord, filter, query.buffer, query.limit, cancel)?
                .map(|seen| {
                    let layer = layer(dataset, query, &Rows::List(seen.rows), seen.geometry);
                    Ok(Answer::new(layer?, seen.touching, false))
                }),
            None => points(dataset, coord, query, range.clone(), cancel)?,
        };
        if let Some(single) = single {
            return single;
        }
    }
    let task = Task {
        table,
        cells: Cells::new(coord, query.grid),
        rows: range,
        filter,
        aggregates: query.aggregates.as_ref().unwrap_or(&query.otherwise),
        by: query.by.as_ref(),
        centroids: query.cells == CellGeometry::Centroid,
        cancel,
    };
    let sums = task.run()?;
    let by_itself = query.aggregates.is_none();
    let layer = cell_layer::layer(&dataset.name, coord, &task, &sums, query.cells, by_itself)?;
    Ok(Answer::new(layer, sums.counts.iter().sum(), by_itself))
}

/// The tile of single points; none if they are more than the limit.
fn points(
    dataset: &Dataset,
    coord: TileCoord,
    query: &Parts,
    range: Range<usize>,
    cancel: &Cancel,
) -> Result<Option<Result<Answer, TileError>>, TileError> {
    let table = &dataset.table;
    let filter = query.filter.as_ref();
    let Some(rows) = Rows::matching(table, range, filter, query.limit, cancel)? else { return Ok(None) };
    let left = (query.limit - rows.len() as u64) as usize;
    let around = Around::new(table, coord, filter, query.buffer, left);
    if around.rows.len() > left {
        return Ok(None);
    }
    let inside = rows.len() as u64;
    let mut vertices = rows.vertices(table, coord);
    let rows = if around.rows.is_empty() {
        rows
    } else {
        vertices.extend(around.vertices.into_flattened());
        rows.and(around.rows)
    };
    let geometry = Geometry {
        types: vec![GeometryType::Point as u8; rows.len()].into(),
        geometry_offsets: None,
        part_offsets: None,
        ring_offsets: None,
        vertices: vertices.into(),
        commands: None,
        indices: None,
    };
    Ok(Some(layer(dataset, query, &rows, geometry).map(|layer| Answer::new(layer, inside, false))))
}

/// The layer of these rows, each of them a feature.
fn layer(dataset: &Dataset, query: &Parts, rows: &Rows, geometry: Geometry) -> Result<Layer, TileError> {
    let Dataset { table, id, .. } = dataset;
    let columns = query.properties.iter().filter(|&&column| Some(column) != *id);
    let columns = columns.filter_map(|&column| rows.column(&table.columns[column])).collect();
    let ids = Some(rows.ids(table, *id));
    let layer = Layer::try_new(&dataset.name, DEFAULT_EXTENT, 2, ids, geometry, columns);
    layer.map_err(|error| TileError::TooLarge(error.to_string()))
}
