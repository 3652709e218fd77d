//! Tables as tiles: the rows of GeoParquet and Arrow IPC files that lie in one tile, projected, clipped, with
//! structs, lists and maps as nested properties.
//!
//! | file | |
//! |---|---|
//! | `source` | the file: its schema, where its geometries are and in which system, batches of rows |
//! | `shapes` | geometries of rows |
//! | `of_vertices` | lists of values per vertex |
//!
//! Geometries are well-known binary or GeoArrow's native forms, in degrees or in metres of Web Mercator. Heights
//! (z) go to the grid that options name, m becomes the measure `m`, and lists of values per vertex that say so (see
//! [`crate::export`]), as those of [`crate::arrow::to_batch`] do too, become measures again. What becomes of properties is told at
//! [`crate::arrow::from_batch`].

mod of_vertices;
mod shapes;
mod source;
#[cfg(test)]
mod tests;

use std::path::Path;

use arrow_array::{RecordBatch, UInt32Array};
use arrow_schema::Field;
use arrow_select::concat::concat_batches;
use arrow_select::take::take_record_batch;

use self::shapes::Shapes;
use self::source::Source;
use crate::arrow;
use crate::column::{Column, Ids};
use crate::coord::TileCoord;
use crate::geojson::{Geometry, Options, Placed, Placer};
use crate::tile::builder::LayerBuilder;
use crate::tile::layer::Layer;
use crate::tileset::{Error, Result};

/// What [`tile`] found, and what it had to leave out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Rows of the table.
    pub rows: u64,
    /// Those of them that lie in the tile, at least in part.
    pub within: u64,
    /// Rows of groups that were not read, as their bounding boxes tell that none of them lies in the tile.
    pub skipped: u64,
    /// Rows without a geometry, of those that were read.
    pub without: u64,
    /// Columns that no property can hold, each with what is against it.
    pub left_out: Vec<String>,
}

/// Makes a layer of the rows of a table that lie in the tile at `tile`; [`Options::maps`] does not count, as tables
/// know what is a map. Columns without a value in any of these rows are left out, and so is the bounding box that
/// belongs to GeoParquet's geometries.
///
/// # Errors
/// If the file cannot be read, has no geometries or some in another system of coordinates, or the options are
/// beyond their bounds; with the number of the row, from 0, if a geometry is damaged or a collection.
pub fn tile(path: &Path, tile: TileCoord, options: &Options) -> Result<(Layer, Report)> {
    let refused = |error: crate::Error| Error::because("cannot make a tile of it", error);
    options.check().map_err(refused)?;
    let placer = Placer::new(tile, options);
    let mut source = Source::open(path, placer.degrees)?;
    let mut report = Report { skipped: source.skipped, ..Report::default() };
    let mut kept = Kept::default();
    while let Some((batch, number)) = source.next()? {
        kept.add(&batch, &source, number, &placer, &mut report)?;
    }
    (report.rows, report.within) = (source.rows, kept.placed.len() as u64);
    let layer = kept.finish(&source, options, &mut report).map_err(refused)?;
    Ok((layer, report))
}

/// A row that lies in the tile.
struct Feature {
    geometry: Geometry,
    ms: Option<Vec<f64>>,
    placed: Placed,
}

/// The rows that lie in the tile.
#[derive(Default)]
struct Kept {
    batches: Vec<RecordBatch>,
    placed: Vec<Feature>,
}

impl Kept {
    /// Adds those of a batch; `number` tells which row of the file one of it is.
    fn add(
        &mut self,
        batch: &RecordBatch,
        source: &Source,
        number: impl Fn(usize) -> u64,
        placer: &Placer,
        report: &mut Report,
    ) -> Result<()> {
        let mut shapes = Shapes::new(source.crs);
        let walked = arrow::walk(&source.geometry_field, batch.column(source.geometry), &mut shapes);
        walked.map_err(|(row, error)| match row {
            Some(row) => Error::because(format!("row {}", number(row)), error),
            None => Error::because(format!("column {:?}", source.geometry_field.name()), error),
        })?;
        let mut rows = Vec::new();
        for (row, shape) in shapes.rows.into_iter().enumerate() {
            let Some((geometry, ms)) = shape else {
                report.without += 1;
                continue;
            };
            let checked = geometry.check();
            checked.map_err(|error| Error::because(format!("row {}", number(row)), error))?;
            if let Some(placed) = placer.place(&geometry) {
                rows.push(row as u32);
                self.placed.push(Feature { geometry, ms, placed });
            }
        }
        if !rows.is_empty() {
            let taken = take_record_batch(batch, &UInt32Array::from(rows));
            self.batches.push(taken.map_err(|error| Error::because("cannot take rows", error))?);
        }
        Ok(())
    }

    fn finish(self, source: &Source, options: &Options, report: &mut Report) -> crate::error::Result<Layer> {
        let mut builder = LayerBuilder::new(options.layer.clone()).with_extent(options.extent);
        if self.placed.iter().any(|feature| feature.geometry.heights.is_some()) {
            builder.height_grid(options.heights.scale, options.heights.offset)?;
        }
        for Feature { geometry, ms, placed } in &self.placed {
            builder.feature(None, |out| Ok(placed.write(out)))?;
            if let Some(heights) = &geometry.heights {
                builder.heights(&placed.numbers(heights))?;
            }
            if let Some(ms) = ms {
                let ms: Vec<_> = placed.numbers(ms).into_iter().map(crate::Value::Double).collect();
                builder.measure("m", &ms)?;
            }
        }
        let plain = builder.finish()?;
        if self.batches.is_empty() {
            return Ok(plain);
        }
        let all = concat_batches(self.batches[0].schema_ref(), &self.batches);
        let all = all.map_err(|error| crate::Error::input(error.to_string()))?;
        let (mut measures, mut heights) = (plain.measures().to_vec(), plain.heights().cloned());
        let (mut columns, mut ids) = (Vec::new(), None);
        for (index, (field, array)) in all.schema_ref().fields().iter().zip(all.columns()).enumerate() {
            let within = |error: crate::Error| error.within(format!("column {:?}", field.name()));
            let is_geometry = index == source.geometry || Some(index) == source.covering;
            if is_geometry || arrow::is_place(field) {
            } else if Some(index) == source.ids {
                ids = Some(arrow::ids_of(array).map_err(within)?);
            } else if let Some(of) = of_vertices::Values::of(field, array) {
                of.add(&self.placed, &mut measures, &mut heights).map_err(within)?;
            } else {
                add_columns(field, array, &mut columns, report);
            }
        }
        let ids: Option<Ids> = ids;
        let (name, extent) = (plain.name(), plain.extent());
        let layer = Layer::try_new(name, extent, plain.version(), ids, plain.geometry().clone(), columns)?;
        layer.with_vertex_values(measures, heights)
    }
}

/// Adds the columns of a field that have values; what cannot be one is reported.
fn add_columns(field: &Field, array: &arrow_array::ArrayRef, out: &mut Vec<Column>, report: &mut Report) {
    let mut columns = Vec::new();
    match arrow::columns_of(field, array, &mut columns) {
        Ok(()) => out.extend(columns.into_iter().filter(|column| column.null_count() < column.len())),
        Err(error) => report.left_out.push(format!("{:?}: {}", field.name(), error.what())),
    }
}
