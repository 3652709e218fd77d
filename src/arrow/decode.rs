//! From a layer to a record batch.

mod geometry;
mod known;
mod properties;
mod unchecked;

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int32Array, ListArray, RecordBatch, UInt64Array};
use arrow_schema::{DataType, Field, FieldRef};

use self::known::Known;
use self::properties::Properties;
use super::names::Names;
use super::options::{Coordinates, DecodeOptions};
use super::place::Place;
use super::{key, refused};
use crate::array::{OffsetBuffer, ScalarBuffer};
use crate::column::{Column, Ids};
use crate::error::Result;
use crate::geometry::Geometry;
use crate::tile::layer::Layer;
use crate::tile::measures::{Heights, Measure};

/// Makes record batches of layers. One for all tiles of a tileset is the quickest, for it keeps the fields and
/// schemas of those before.
#[derive(Debug, Default)]
pub struct Decoder {
    known: Known,
}

impl Decoder {
    /// [`to_batch`].
    ///
    /// # Errors
    /// Those of [`to_batch`].
    pub fn batch(&mut self, layer: &Layer, options: &DecodeOptions) -> Result<RecordBatch> {
        self.view(&View::of(layer), options)
    }

    /// [`to_batch`] of some of a layer.
    pub(super) fn view(&mut self, view: &View, options: &DecodeOptions) -> Result<RecordBatch> {
        let made = batch(view, options, &mut self.known);
        made.map_err(|error| error.within(format!("layer {:?}", view.name)))
    }
}

/// Makes a record batch of a layer: the fields are `id` (unsigned, if features have ids), `geometry`,
/// the properties in their order, named values per vertex as lists, and heights: as z of the coordinates,
/// or in units of the tile as lists of steps of their grid, in a field `z`. Integers, numbers, validity,
/// strings and dictionaries share the buffers of the layer; columns that share a dictionary, share the
/// array.
///
/// A feature whose geometry is only MVT commands has none. Rings are closed in degrees and metres, where
/// their first vertex stands again at the end, also in the lists of values per vertex; in units of the
/// tile they are not.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] if coordinates on the map are asked for of a layer of extent 0, or
/// what comes out is larger than Arrow's offsets can say.
pub fn to_batch(layer: &Layer, options: &DecodeOptions) -> Result<RecordBatch> {
    Decoder::default().batch(layer, options)
}

/// What of a layer shall be in a batch. Its buffers are shared.
pub(super) struct View<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) extent: u32,
    pub(super) version: u32,
    pub(super) rows: usize,
    pub(super) ids: Option<Ids>,
    /// Needed if there are measures or heights.
    pub(super) geometry: Option<Geometry>,
    /// Whether geometries are in the batch.
    pub(super) shown: bool,
    pub(super) columns: Cow<'a, [Column]>,
    pub(super) measures: Cow<'a, [Measure]>,
    pub(super) heights: Option<Heights>,
}

impl<'a> View<'a> {
    fn of(layer: &'a Layer) -> Self {
        Self {
            name: Cow::Borrowed(&layer.name),
            extent: layer.extent,
            version: layer.version,
            rows: layer.len(),
            ids: layer.ids.clone(),
            geometry: Some(layer.geometry.clone()),
            shown: true,
            columns: Cow::Borrowed(&layer.columns),
            measures: Cow::Borrowed(&layer.measures),
            heights: layer.heights.clone(),
        }
    }

    /// Of `rows` only, in that order.
    pub(super) fn take(self, rows: &[u32]) -> Self {
        let (geometry, vertices) = match &self.geometry {
            Some(geometry) => {
                let (geometry, vertices) = geometry.take(rows, false);
                (Some(geometry), vertices)
            }
            None => (None, Vec::new()),
        };
        Self {
            rows: rows.len(),
            ids: self.ids.map(|ids| ids.take(rows)),
            geometry,
            columns: self.columns.iter().map(|column| column.take(rows)).collect(),
            measures: self.measures.iter().map(|measure| measure.take(rows, &vertices)).collect(),
            heights: self.heights.map(|heights| heights.take(rows, &vertices)),
            ..self
        }
    }
}

fn batch(view: &View, options: &DecodeOptions, known: &mut Known) -> Result<RecordBatch> {
    let most = view.columns.len() + view.measures.len() + 3;
    let mut fields: Vec<FieldRef> = Vec::with_capacity(most);
    let mut arrays: Vec<ArrayRef> = Vec::with_capacity(most);
    let mut add = |field: FieldRef, array: ArrayRef| {
        fields.push(field);
        arrays.push(array);
    };
    let mut reserved = Vec::new();
    if let Some(ids) = &view.ids {
        let array = UInt64Array::try_new(ids.values.clone(), ids.nulls.clone()).map_err(refused)?;
        add(Known::ids(), Arc::new(array));
        reserved.push("id");
    }
    let mut sources = None;
    if let Some(geometry) = view.geometry.as_ref().filter(|_| view.shown) {
        let place = Place::new(options.coordinates, view.extent)?;
        let decoded = match options.coordinates.crs() {
            None => geometry::in_units(geometry)?,
            Some(crs) => {
                geometry::on_the_map(geometry, view.heights.as_ref(), place, crs, options.geometries)?
            }
        };
        add(decoded.field(known), decoded.array);
        sources = decoded.sources;
        reserved.push("geometry");
    }
    let mut names = Names::new(&reserved);
    let mut properties = Properties::new(options.mixed, known);
    properties.decode(&view.columns, &mut names, &mut add)?;
    let spans = || match &view.geometry {
        Some(geometry) => vertex_offsets(geometry, sources.as_deref()),
        None => OffsetBuffer::new_zeroed(view.rows),
    };
    for measure in view.measures.iter() {
        let column = Column { name: measure.name.clone(), values: measure.values.clone(), nulls: None };
        // Each ring's first vertex again, if that is so in the geometries.
        let column = match &sources {
            None => column,
            Some(sources) => column.take(sources),
        };
        let (item, values) = properties.array("item", "item", &column)?;
        let list = ListArray::try_new(item, spans(), values, measure.nulls.clone());
        let list = list.map_err(refused)?;
        let name = names.other(&measure.name);
        let field = role(Field::new(&name, arrow_array::Array::data_type(&list).clone(), true), "measure");
        add(Arc::new(original(field, &measure.name)), Arc::new(list));
    }
    if let Some(heights) = &view.heights
        && options.coordinates == Coordinates::Tile
    {
        let item = Arc::new(Field::new("item", DataType::Int32, false));
        let values = Arc::new(Int32Array::new(heights.values.clone(), None));
        let list = ListArray::try_new(item, spans(), values, heights.nulls.clone()).map_err(refused)?;
        let field = Field::new(names.other("z"), arrow_array::Array::data_type(&list).clone(), true);
        let grid = [(key::SCALE, heights.scale), (key::OFFSET, heights.offset)];
        let mut field = role(field, "heights");
        field.metadata_mut().extend(grid.map(|(key, number)| (key.to_owned(), number.to_string())));
        add(Arc::new(field), Arc::new(list));
    }
    let schema = known.schema(view, fields);
    unchecked::batch(schema, arrays, view.rows).map_err(refused)
}

fn role(mut field: Field, role: &str) -> Field {
    field.metadata_mut().insert(key::ROLE.to_owned(), role.to_owned());
    field
}

/// Tells what a field is called in the layer, if it has another name.
fn original(mut field: Field, name: &str) -> Field {
    if field.name() != name {
        field.metadata_mut().insert(key::NAME.to_owned(), name.to_owned());
    }
    field
}

/// Features to vertices, as they are in the layer or with those of `sources`.
fn vertex_offsets(geometry: &Geometry, sources: Option<&[u32]>) -> OffsetBuffer<i32> {
    if let (None, Some(rings), None, None) =
        (sources, geometry.ring_offsets(), geometry.part_offsets(), geometry.geometry_offsets())
    {
        return rings.clone();
    }
    let spans = geometry.spans();
    let ends = (0..geometry.len()).map(|row| spans.of(0..row + 1).end);
    let mut offsets = vec![0i32];
    match sources {
        None => offsets.extend(ends.map(|end| end as i32)),
        Some(sources) => {
            // Vertices are in order but for those that come again, behind all others of their ring.
            let mut at = 0;
            offsets.extend(ends.map(|end| {
                while at < sources.len() && (sources[at] as usize) < end {
                    at += 1;
                }
                at as i32
            }));
        }
    }
    OffsetBuffer::new(ScalarBuffer::from(offsets))
}

/// Numbers without nulls, as an array.
fn numbers(values: Vec<f64>) -> ArrayRef {
    Arc::new(Float64Array::new(values.into(), None))
}

#[cfg(test)]
mod tests;
