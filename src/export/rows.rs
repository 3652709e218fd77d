//! A tile as rows of the table.

use std::sync::Arc;

use arrow_array::builder::Float64Builder;
use arrow_array::cast::AsArray;
use arrow_array::{
    Array, ArrayRef, BinaryArray, ListArray, MapArray, RecordBatch, StructArray, UInt8Array, UInt32Array,
    new_null_array,
};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_cast::CastOptions;
use arrow_schema::{ArrowError, DataType, Field};
use smol_str::format_smolstr;

use super::schema::Table;
use super::shape::Shape;
use super::{ExportOptions, Format, LeftOut, is_covt};
use crate::arrow::{self, DecodeOptions, GeometryForm, Scan, Why, to_batch};
use crate::column::{Column, Values};
use crate::coord::TileCoord;
use crate::geojson;
use crate::limits::Budget;
use crate::mvt;
use crate::tile::layer::Layer;
use crate::tile::projection::Projection;
use crate::tile::read::Tile;
use crate::tileset::{Error, Result, TileFormat};

/// Makes rows of tiles; the threads share it.
pub(super) struct Rows<'a> {
    pub(super) table: &'a Table,
    pub(super) options: &'a ExportOptions,
    pub(super) format: TileFormat,
}

/// What is made of a tile.
pub(super) enum Made {
    /// A batch for each layer of the name.
    Batches(Vec<RecordBatch>),
    /// Lines, and how many.
    Lines(Vec<u8>, u64),
}

impl Rows<'_> {
    /// The rows of a tile, and what the filter left out.
    pub(super) fn read(&self, tile: &[u8], coord: TileCoord) -> Result<(Made, LeftOut)> {
        let mut left_out = LeftOut::default();
        let made = match self.options.format {
            Format::GeoJson => self.lines(tile, coord, &mut left_out)?,
            _ => Made::Batches(self.batches(tile, coord, &mut left_out)?),
        };
        Ok((made, left_out))
    }

    /// The layers of that name with the features that are wanted.
    fn layers(&self, tile: &[u8], left_out: &mut LeftOut) -> crate::Result<Vec<Layer>> {
        let mut layers = if is_covt(self.format, tile) {
            let mut budget = Budget::default();
            let tile = Tile::open(tile, &mut budget)?;
            let of_name = tile.layers().filter(|layer| layer.entry().name() == self.options.layer);
            let mut layers = Vec::new();
            for layer in of_name {
                match &self.options.filter {
                    Some(filter) if !filter.may_match(layer.entry()) => left_out.by_directory += 1,
                    _ => layers.push(layer.decode(&mut budget)?),
                }
            }
            layers
        } else {
            let mut layers = mvt::read(tile)?.0;
            layers.retain(|layer| layer.name() == self.options.layer);
            layers
        };
        for layer in &mut layers {
            if let Some(rows) = self.options.filter.as_ref().and_then(|filter| filter.rows(layer)) {
                match rows.is_empty() {
                    true => left_out.by_columns += 1,
                    false => left_out.features += (layer.len() - rows.len()) as u64,
                }
                *layer = layer.take(&rows, false);
            }
        }
        Ok(layers)
    }

    fn lines(&self, tile: &[u8], coord: TileCoord, left_out: &mut LeftOut) -> Result<Made> {
        let layers = self.layers(tile, left_out).map_err(|error| Error::because("is damaged", error))?;
        let mut writer = geojson::Writer::new(Vec::new(), geojson::Form::Lines).without_layers();
        let mut rows = 0;
        for mut layer in layers {
            rows += layer.len() as u64;
            let grid = geojson::Projection::new(coord, layer.extent());
            let wanted = |name: &str| {
                let names = self.options.columns.as_ref();
                names.is_none_or(|names| names.iter().any(|other| other == name))
            };
            layer.columns.retain(|column| wanted(&column.name));
            layer.measures.retain(|measure| wanted(&measure.name));
            let own = [("z", u32::from(coord.z())), ("x", coord.x()), ("y", coord.y())];
            for column in &mut layer.columns {
                if own.iter().any(|(name, _)| column.name == *name) {
                    column.name = format_smolstr!("{}:{}", column.name, Shape::of(&column.values).name());
                }
            }
            let own = own.map(|(name, number)| {
                let values = Values::UInt(vec![u64::from(number); layer.len()].into());
                Column { name: name.into(), values, nulls: None }
            });
            layer.columns.splice(0..0, own);
            // Into memory.
            writer.layer(&layer, &grid).map_err(|error| Error::because("cannot be written", error))?;
        }
        let (lines, _) = writer.finish().map_err(|error| Error::because("cannot be written", error))?;
        Ok(Made::Lines(lines, rows))
    }

    fn batches(&self, tile: &[u8], coord: TileCoord, left_out: &mut LeftOut) -> Result<Vec<RecordBatch>> {
        let decode = DecodeOptions {
            coordinates: self.options.crs.at(coord),
            geometries: GeometryForm::Wkb,
            ..DecodeOptions::default()
        };
        let bad = |error| Error::because("is damaged", error);
        let batches = if is_covt(self.format, tile) {
            let mut budget = Budget::default();
            let tile = Tile::open(tile, &mut budget).map_err(bad)?;
            let projection = Projection {
                layers: Some(vec![self.options.layer.clone()]),
                columns: self.options.columns(),
                ..Projection::default()
            };
            let scan = Scan { projection, filter: self.options.filter.clone(), decode };
            let found = scan.read(&tile, &mut budget).map_err(bad)?;
            let skipped = |why| found.skipped.iter().filter(|skipped| skipped.why == why).count() as u64;
            left_out.by_directory += skipped(Why::Directory);
            left_out.by_columns += skipped(Why::NoRow);
            left_out.features += found.features_left_out as u64;
            found.batches
        } else {
            let layers = self.layers(tile, left_out).map_err(bad)?;
            layers.iter().map(|layer| to_batch(layer, &decode)).collect::<crate::Result<_>>().map_err(bad)?
        };
        let batches = batches.into_iter().filter(|batch| batch.num_rows() > 0);
        batches.map(|batch| self.conform(&batch, coord)).collect()
    }

    /// What the table has of a batch.
    fn conform(&self, batch: &RecordBatch, coord: TileCoord) -> Result<RecordBatch> {
        let rows = batch.num_rows();
        let fields = self.table.schema.fields();
        let wkb = batch.column_by_name("geometry").expect("a scan with geometries").as_binary::<i32>();
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(UInt8Array::from_value(coord.z(), rows)),
            Arc::new(UInt32Array::from_value(coord.x(), rows)),
            Arc::new(UInt32Array::from_value(coord.y(), rows)),
        ];
        let is_id = |field: &Field| arrow::role(field) == Some("id");
        if self.table.ids {
            let ids = batch.schema_ref().fields().iter().position(|field| is_id(field));
            columns.push(match ids {
                Some(number) => Arc::clone(batch.column(number)),
                None => new_null_array(&DataType::UInt64, rows),
            });
        }
        columns.push(Arc::new(wkb.clone()));
        columns.push(boxes(wkb, fields[columns.len()].data_type()));
        let mut found: Vec<Vec<ArrayRef>> = vec![Vec::new(); self.table.columns.len()];
        for (field, array) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            if matches!(arrow::role(field), Some("id" | "geometry")) {
                continue;
            }
            let name = arrow::original(field);
            let Some(shape) = shape(array.data_type()) else { continue };
            let shape = match shape {
                Shape::List(item) if arrow::role(field) == Some("measure") => Shape::Measure(item),
                other => other,
            };
            let mut places = self.table.columns.iter();
            if let Some(place) = places.position(|(other, own, _)| other == name && own.holds(&shape)) {
                let wanted = fields[self.table.columns[place].2].data_type();
                let array = conform(array, wanted);
                let whose = |error| Error::because(format!("property {name:?}"), error);
                found[place].push(array.map_err(whose)?);
            }
        }
        for (arrays, (_, _, number)) in found.into_iter().zip(&self.table.columns) {
            let wanted = fields[*number].data_type();
            let joined = arrays.into_iter().try_fold(None, |first: Option<ArrayRef>, next| {
                Ok::<_, ArrowError>(Some(match first {
                    None => next,
                    // A key given twice, or of two types that one field holds: the first value there is.
                    Some(first) => {
                        let valid = arrow_array::BooleanArray::new(validity(&first), None);
                        arrow_select::zip::zip(&valid, &first, &next)?
                    }
                }))
            });
            let joined = joined.map_err(|error| Error::because("cannot join columns", error))?;
            columns.push(joined.unwrap_or_else(|| new_null_array(wanted, rows)));
        }
        RecordBatch::try_new(Arc::clone(&self.table.schema), columns)
            .map_err(|error| Error::because("does not fit the table", error))
    }
}

fn validity(array: &ArrayRef) -> BooleanBuffer {
    match array.nulls() {
        Some(nulls) => nulls.inner().clone(),
        None => BooleanBuffer::new_set(array.len()),
    }
}

/// The bounding box of each geometry.
fn boxes(wkb: &BinaryArray, data_type: &DataType) -> ArrayRef {
    let DataType::Struct(fields) = data_type else { unreachable!("boxes are structs") };
    let mut corners: [Float64Builder; 4] = std::array::from_fn(|_| Float64Builder::with_capacity(wkb.len()));
    let mut valid = Vec::with_capacity(wkb.len());
    for geometry in wkb {
        let bounds = geometry.and_then(arrow::bounds);
        valid.push(bounds.is_some());
        let bounds = bounds.unwrap_or_default();
        corners.iter_mut().zip(bounds).for_each(|(builder, corner)| builder.append_value(corner));
    }
    let arrays: Vec<ArrayRef> =
        corners.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef).collect();
    let nulls = Some(NullBuffer::from(valid)).filter(|nulls| nulls.null_count() > 0);
    Arc::new(StructArray::new(fields.clone(), arrays, nulls))
}

/// The type of an array that was made of a column.
fn shape(data_type: &DataType) -> Option<Shape> {
    Some(match data_type {
        DataType::Boolean => Shape::Bool,
        DataType::Int64 => Shape::Int,
        DataType::UInt64 => Shape::UInt,
        DataType::Float32 => Shape::Float,
        DataType::Float64 => Shape::Double,
        DataType::Utf8 | DataType::Dictionary(..) => Shape::String,
        DataType::Struct(fields) => {
            let fields = fields.iter().map(|field| Some((field.name().clone(), shape(field.data_type())?)));
            Shape::Struct(fields.collect::<Option<_>>()?)
        }
        DataType::List(item) => Shape::List(Box::new(shape(item.data_type())?)),
        DataType::Map(entries, _) => {
            let DataType::Struct(fields) = entries.data_type() else { return None };
            Shape::Map(Box::new([shape(fields[0].data_type())?, shape(fields[1].data_type())?]))
        }
        _ => return None,
    })
}

/// An array as one of a type that holds its values.
fn conform(array: &ArrayRef, wanted: &DataType) -> Result<ArrayRef, ArrowError> {
    if array.data_type() == wanted {
        return Ok(Arc::clone(array));
    }
    Ok(match wanted {
        DataType::Struct(fields) => {
            let own = array.as_struct();
            let columns = fields.iter().map(|field| match own.column_by_name(field.name()) {
                Some(column) => conform(column, field.data_type()),
                None => Ok(new_null_array(field.data_type(), array.len())),
            });
            let columns = columns.collect::<Result<_, _>>()?;
            let nulls = array.nulls().cloned();
            Arc::new(StructArray::try_new_with_length(fields.clone(), columns, nulls, array.len())?)
        }
        DataType::List(item) => {
            let own = array.as_list::<i32>();
            let values = conform(own.values(), item.data_type())?;
            Arc::new(ListArray::try_new(item.clone(), own.offsets().clone(), values, own.nulls().cloned())?)
        }
        DataType::Map(entries, _) => {
            let own = array.as_map();
            let DataType::Struct(fields) = entries.data_type() else { unreachable!("entries are structs") };
            let keys = conform(own.keys(), fields[0].data_type())?;
            let values = conform(own.values(), fields[1].data_type())?;
            let pairs = StructArray::try_new(fields.clone(), vec![keys, values], None)?;
            let nulls = own.nulls().cloned();
            Arc::new(MapArray::try_new(entries.clone(), own.offsets().clone(), pairs, nulls, false)?)
        }
        // What does not fit is an error, not null.
        scalar => {
            arrow_cast::cast_with_options(array, scalar, &CastOptions { safe: false, ..Default::default() })?
        }
    })
}
