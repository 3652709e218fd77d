//! From a record batch to a layer.

mod coordinates;
mod features;
pub(crate) mod geometry;
pub(crate) mod properties;
mod vertex_values;

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};

use self::features::Features;
use self::vertex_values::VertexValues;
use super::options::{GeometrySource, IdSource, LayerOptions};
use super::place::Place;
use super::{is_place, key, original, refused, role};
use crate::column::{Column, Ids};
use crate::error::{Error, Result};
use crate::tile::layer::{DEFAULT_EXTENT, Layer};

/// Makes a layer of a record batch: every row becomes a feature, in order, whether or not it lies within
/// the tile; one without a geometry becomes a feature without one.
///
/// Geometries are GeoArrow's (native, of any dimension, a union, or well-known binary), points in two
/// fields of numbers, or in units of the tile as [`super::to_batch`] makes them. Coordinates become the nearest
/// units. A ring's last vertex goes if it is its first again; lines and rings of which fewer than two
/// vertices are left go, and with its exterior ring a polygon. A multi of one part is held as that part,
/// unless well-known binary says otherwise. Heights (z) go to the nearest centimetre, m becomes a
/// measure `m`.
///
/// Properties keep their values: signed integers become ints, unsigned ones uints, dictionaries of
/// strings dictionaries; integers of fewer bits grow, decimals become doubles, dates, times and timestamps
/// text after ISO 8601, unions columns of one name. Fields that [`super::to_batch`] made become again what
/// they were; boxes and tiles' places that an export has added are left out.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`], naming field and row, if there is no geometry field, a geometry is
/// damaged, a collection, or too far away for 32 bits, or a property's type is none that a layer can hold,
/// as binary data are.
pub fn from_batch(batch: &RecordBatch, options: &LayerOptions) -> Result<Layer> {
    let schema = batch.schema_ref();
    let told = |key: &str| schema.metadata().get(key);
    let number = |key: &str| told(key).and_then(|text| text.parse().ok());
    let name = options.name.clone().or(told(key::LAYER).cloned()).unwrap_or_else(|| "layer".to_owned());
    let extent = options.extent.or(number(key::EXTENT)).unwrap_or(DEFAULT_EXTENT);
    let version = number(key::VERSION).unwrap_or(2);
    let within = |error: Error| error.within(format!("layer {name:?}"));
    let parts = Parts::read(batch, options, extent).map_err(within)?;
    let Parts { ids, features, columns, vertex_values } = parts;
    let (geometry, own) = features.finish().map_err(within)?;
    let (measures, heights) = vertex_values.finish(own, &geometry).map_err(within)?;
    let layer = Layer::try_new(name, extent, version, ids, geometry, columns)?;
    match measures.is_empty() && heights.is_none() {
        true => Ok(layer),
        false => layer.with_vertex_values(measures, heights),
    }
}

/// A batch taken apart.
struct Parts<'a> {
    ids: Option<Ids>,
    features: Features,
    columns: Vec<Column>,
    vertex_values: VertexValues<'a>,
}

impl<'a> Parts<'a> {
    fn read(batch: &'a RecordBatch, options: &LayerOptions, extent: u32) -> Result<Self> {
        let schema = batch.schema_ref();
        let fields = schema.fields();
        let place = Place::new(options.coordinates, extent)?;
        let mut taken = vec![false; fields.len()];
        let mut vertex_values = VertexValues::default();
        for (number, (field, array)) in fields.iter().zip(batch.columns()).enumerate() {
            taken[number] = vertex_values.take(field, array) || is_place(field);
        }
        let features = match &options.geometry {
            GeometrySource::Points { x, y } => {
                let axes = [find(schema, x)?, find(schema, y)?];
                axes.iter().for_each(|&axis| taken[axis] = true);
                let [x, y] = axes.map(|axis| batch.column(axis));
                geometry::of_numbers(x, y, place).map_err(|error| error.within("geometry"))?
            }
            source => {
                let number = match source {
                    GeometrySource::Column(name) => find(schema, name)?,
                    _ => find_geometry(fields).ok_or_else(|| Error::input("no field of geometries"))?,
                };
                taken[number] = true;
                let (field, array) = (&fields[number], batch.column(number));
                let features = geometry::of_array(field, array, place, vertex_values.wants_sources());
                features.map_err(|error| error.within(format!("geometry field {:?}", field.name())))?
            }
        };
        let ids = match find_ids(batch.schema_ref(), &options.ids)? {
            None => None,
            Some(number) => {
                taken[number] = true;
                let ids = ids_of(batch.column(number));
                Some(ids.map_err(|error| error.within(format!("ids {:?}", fields[number].name())))?)
            }
        };
        let mut columns = Vec::new();
        for (number, (field, array)) in fields.iter().zip(batch.columns()).enumerate() {
            if !taken[number] {
                let read = properties::columns(field, array, &mut columns);
                read.map_err(|error| error.within(format!("field {:?}", field.name())))?;
            }
        }
        Ok(Self { ids, features, columns, vertex_values })
    }
}

fn find(schema: &Schema, name: &str) -> Result<usize> {
    schema.index_of(name).map_err(|_| Error::input(format!("no field {name:?}")))
}

/// The field of geometries, if there is one: that which says so, or has a usual name.
pub(crate) fn find_geometry(fields: &arrow_schema::Fields) -> Option<usize> {
    let extension = |field: &Field| {
        let name = field.metadata().get(key::EXTENSION).map_or("", String::as_str);
        name.starts_with("geoarrow.") || name == "ogc.wkb"
    };
    fields
        .iter()
        .position(|field| role(field) == Some("geometry"))
        .or_else(|| fields.iter().position(|field| extension(field)))
        .or_else(|| fields.iter().position(|field| ["geometry", "geom"].contains(&field.name().as_str())))
}

/// The field of ids, if there is one.
pub(crate) fn find_ids(schema: &Schema, source: &IdSource) -> Result<Option<usize>> {
    let fields = schema.fields();
    let named = |field: &Field| field.name() == "id" && field.data_type().is_unsigned_integer();
    match source {
        IdSource::None => Ok(None),
        IdSource::Column(name) => find(schema, name).map(Some),
        IdSource::Auto => Ok(fields
            .iter()
            .position(|field| role(field) == Some("id"))
            .or_else(|| fields.iter().position(|field| named(field)))),
    }
}

/// The ids that an array holds.
pub(crate) fn ids_of(array: &ArrayRef) -> Result<Ids> {
    if !array.data_type().is_integer() {
        return Err(Error::input(format!("ids of type {}", array.data_type())));
    }
    // Not to be made null, which a cast does with what does not fit.
    let options = arrow_cast::CastOptions { safe: false, ..Default::default() };
    let array = arrow_cast::cast_with_options(array, &DataType::UInt64, &options).map_err(refused)?;
    let array = arrow_array::cast::AsArray::as_primitive::<arrow_array::types::UInt64Type>(&array);
    Ok(Ids { values: array.values().clone(), nulls: array.nulls().cloned() })
}

#[cfg(test)]
mod tests;
