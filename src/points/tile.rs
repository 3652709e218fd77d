//! Tiles of a table.

use super::around::Around;
use super::cancel::{Cancel, TileError};
use super::cell_layer;
use super::cells::Task;
use super::query::{CellGeometry, Parts};
use super::rows::Rows;
use super::runs::Cells;
use super::table::Table;
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

/// A tile of a table of points.
pub(super) fn tile(
    name: &str,
    table: &Table,
    id: Option<usize>,
    coord: TileCoord,
    query: &Parts,
    cancel: &Cancel,
) -> Result<Answer, TileError> {
    cancel.check()?;
    let filter = query.filter.as_ref();
    let range = table.rows_of(coord);
    if query.aggregates.is_none()
        && let Some(rows) = Rows::matching(table, range.clone(), filter, query.limit, cancel)?
    {
        let left = (query.limit - rows.len() as u64) as usize;
        let around = Around::new(table, coord, filter, query.buffer, left);
        if around.rows.len() <= left {
            return single(name, table, id, coord, query, rows, around);
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
    let layer = cell_layer::layer(name, coord, &task, &sums, query.cells, by_itself)?;
    Ok(Answer::new(layer, sums.counts.iter().sum(), by_itself))
}

/// The tile of these rows, each one feature.
fn single(
    name: &str,
    table: &Table,
    id: Option<usize>,
    coord: TileCoord,
    query: &Parts,
    rows: Rows,
    around: Around,
) -> Result<Answer, TileError> {
    let inside = rows.len() as u64;
    let mut vertices = rows.vertices(table, coord);
    let rows = if around.rows.is_empty() {
        rows
    } else {
        vertices.extend(around.vertices.into_flattened());
        rows.and(around.rows)
    };
    let columns = query.properties.iter().filter(|&&column| Some(column) != id);
    let columns = columns.filter_map(|&column| rows.column(&table.columns[column])).collect();
    let geometry = Geometry {
        types: vec![GeometryType::Point as u8; rows.len()].into(),
        geometry_offsets: None,
        part_offsets: None,
        ring_offsets: None,
        vertices: vertices.into(),
        commands: None,
        indices: None,
    };
    let layer = Layer::try_new(name, DEFAULT_EXTENT, 2, Some(rows.ids(table, id)), geometry, columns);
    let layer = layer.map_err(|error| TileError::TooLarge(error.to_string()))?;
    Ok(Answer::new(layer, inside, false))
}
