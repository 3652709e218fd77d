//! From a layer to a record batch.

mod geometry;
mod known;
mod properties;
mod unchecked;
mod units;

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use arrow_array::{ArrayRef, Float64Array, Int32Array, ListArray, RecordBatch, UInt64Array};
use arrow_schema::{DataType, Field, FieldRef};
use smol_str::SmolStr;

use self::known::{Known, schema};
use self::properties::Properties;
use super::names::Names;
use super::options::{Coordinates, DecodeOptions};
use super::place::Place;
use super::{key, named, refused, with_role};
use crate::array::{NullBuffer, OffsetBuffer, ScalarBuffer};
use crate::column::{Column, Ids, Values};
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
        self.view(whole(layer), options)
    }

    /// [`to_batch`] of some of a layer.
    pub(super) fn view<'a, N: ColumnNames<'a>, C: Columns>(
        &mut self,
        mut view: View<'a, N, C>,
        options: &DecodeOptions,
    ) -> Result<RecordBatch> {
        let made = batch(&mut view, options, &mut self.known);
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
pub(super) struct View<'a, N, C> {
    pub(super) name: Cow<'a, str>,
    pub(super) extent: u32,
    pub(super) version: u32,
    pub(super) rows: usize,
    pub(super) ids: Option<Ids>,
    /// Needed if there are measures or heights.
    pub(super) geometry: Option<Cow<'a, Geometry>>,
    /// Whether geometries are in the batch.
    pub(super) shown: bool,
    /// The names of the columns.
    pub(super) names: N,
    /// The columns, which may be decoded only when they are asked for.
    pub(super) columns: C,
    /// Whether someone else holds them, too.
    pub(super) is_shared: bool,
    pub(super) measures: Cow<'a, [Measure]>,
    pub(super) heights: Option<Heights>,
}

/// The values of a column, and which rows have one.
pub(super) type Part = (Values, Option<NullBuffer>);

/// Columns, one after the other.
pub(super) trait Columns: Iterator<Item = Result<Part>> {}

impl<I: Iterator<Item = Result<Part>>> Columns for I {}

/// Their names.
pub(super) trait ColumnNames<'a>: Iterator<Item = &'a str> + Clone {}

impl<'a, I: Iterator<Item = &'a str> + Clone> ColumnNames<'a> for I {}

/// All of a layer.
fn whole(layer: &Layer) -> View<'_, impl ColumnNames<'_>, impl Columns> {
    View {
        name: Cow::Borrowed(&layer.name),
        extent: layer.extent,
        version: layer.version,
        rows: layer.len(),
        ids: layer.ids.clone(),
        geometry: Some(Cow::Borrowed(&layer.geometry)),
        shown: true,
        names: layer.columns.iter().map(|column| column.name.as_str()),
        columns: layer.columns.iter().map(|column| Ok((column.values.clone(), column.nulls.clone()))),
        is_shared: true,
        measures: Cow::Borrowed(&layer.measures),
        heights: layer.heights.clone(),
    }
}

impl<'a, N: ColumnNames<'a>, C: Columns> View<'a, N, C> {
    /// Of `rows` only, in that order.
    pub(super) fn take(self, rows: &[u32]) -> View<'a, N, impl Columns> {
        let (geometry, vertices) = match &self.geometry {
            Some(geometry) => {
                let (geometry, vertices) = geometry.take(rows, false);
                (Some(Cow::Owned(geometry)), vertices)
            }
            None => (None, Vec::new()),
        };
        let take = |part: Result<Part>| {
            let (values, nulls) = part?;
            let Column { values, nulls, .. } = Column { name: SmolStr::default(), values, nulls }.take(rows);
            Ok((values, nulls))
        };
        View {
            name: self.name,
            extent: self.extent,
            version: self.version,
            rows: rows.len(),
            ids: self.ids.map(|ids| ids.take(rows)),
            geometry,
            shown: self.shown,
            names: self.names,
            columns: self.columns.map(take),
            is_shared: false,
            measures: self.measures.iter().map(|measure| measure.take(rows, &vertices)).collect(),
            heights: self.heights.map(|heights| heights.take(rows, &vertices)),
        }
    }
}

/// Takes ids and columns out of the view.
fn batch<'a, N: ColumnNames<'a>, C: Columns>(
    view: &mut View<'a, N, C>,
    options: &DecodeOptions,
    known: &mut Known,
) -> Result<RecordBatch> {
    let mut arrays: Vec<ArrayRef> =
        Vec::with_capacity(view.names.size_hint().1.unwrap_or_default() + view.measures.len() + 3);
    let mut head = [None, None];
    if let Some(ids) = view.ids.take() {
        head[0] = Some(&*IDS);
        arrays.push(Arc::new(UInt64Array::try_new(ids.values, ids.nulls).map_err(refused)?));
    }
    let mut sources = None;
    let on_the_map;
    if let Some(geometry) = view.geometry.as_ref().filter(|_| view.shown) {
        match options.coordinates.crs() {
            None => {
                let (field, array) = units::geometries(geometry)?;
                head[1] = Some(field);
                arrays.push(array);
            }
            Some(crs) => {
                let place = Place::new(options.coordinates, view.extent)?;
                let heights = view.heights.as_ref();
                let decoded = geometry::on_the_map(geometry, heights, place, crs, options.geometries)?;
                on_the_map = decoded.field(known);
                head[1] = Some(&on_the_map);
                arrays.push(decoded.array);
                sources = decoded.sources;
            }
        }
    }
    let heights = view.heights.as_ref().filter(|_| options.coordinates == Coordinates::Tile);
    let reserved = [head[0].map(|_| "id"), head[1].map(|_| "geometry")].into_iter().flatten();
    let mut properties = Properties::new(known, view.is_shared);
    if view.measures.is_empty()
        && heights.is_none()
        && let Some(mut numbers) = properties.known.names(&view.name, reserved.clone(), view.names.clone())
    {
        properties.plain(&mut view.columns, &mut numbers, &mut arrays)?;
        let schema = known.schema(view, head, numbers);
        return unchecked::batch(schema, arrays, view.rows).map_err(refused);
    }

    let mut fields: Vec<FieldRef> = head.into_iter().flatten().cloned().collect();
    let mut add = |field: FieldRef, array: ArrayRef| {
        fields.push(field);
        arrays.push(array);
    };
    let column = |(name, part): (&str, Result<Part>)| {
        let (values, nulls) = part?;
        Ok(Column { name: name.into(), values, nulls })
    };
    let columns = view.names.clone().zip(&mut view.columns).map(column).collect::<Result<Vec<_>>>()?;
    let mut names = Names::new(reserved);
    properties.decode(&columns, options.mixed, &mut names, &mut add)?;
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
        let (item, values) = properties.array("item", "item", column)?;
        let list = ListArray::try_new(item, spans(), values, measure.nulls.clone());
        let list = list.map_err(refused)?;
        let name = names.other(&measure.name);
        let field =
            with_role(Field::new(&name, arrow_array::Array::data_type(&list).clone(), true), "measure");
        add(Arc::new(named(field, &measure.name)), Arc::new(list));
    }
    if let Some(heights) = heights {
        let item = Arc::new(Field::new("item", DataType::Int32, false));
        let values = Arc::new(Int32Array::new(heights.values.clone(), None));
        let list = ListArray::try_new(item, spans(), values, heights.nulls.clone()).map_err(refused)?;
        let field = Field::new(names.other("z"), arrow_array::Array::data_type(&list).clone(), true);
        let grid = [(key::SCALE, heights.scale), (key::OFFSET, heights.offset)];
        let mut field = with_role(field, "heights");
        field.metadata_mut().extend(grid.map(|(key, number)| (key.to_owned(), number.to_string())));
        add(Arc::new(field), Arc::new(list));
    }
    let schema = schema(view, fields);
    unchecked::batch(schema, arrays, view.rows).map_err(refused)
}

/// The field of ids.
static IDS: LazyLock<FieldRef> =
    LazyLock::new(|| Arc::new(with_role(Field::new("id", DataType::UInt64, true), "id")));

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
