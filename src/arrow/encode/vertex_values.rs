//! Values per vertex: lists of them, and z and m of coordinates.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, Field};

use super::features::OfVertices;
use super::{geometry, original, properties, role};
use crate::array::{NullBuffer, OffsetBuffer};
use crate::arrow::key;
use crate::column::{Column, Values};
use crate::error::{Error, Result};
use crate::geometry::Geometry;
use crate::tile::measures::{Heights, Measure};

/// The grid of heights that have none: a centimetre.
const CENTIMETRE: f64 = 0.01;

/// The fields that have values per vertex.
#[derive(Default)]
pub(super) struct VertexValues<'a> {
    measures: Vec<(&'a Field, &'a ArrayRef)>,
    heights: Option<(&'a Field, &'a ArrayRef)>,
}

impl<'a> VertexValues<'a> {
    /// Takes a field if it is one of these.
    pub(super) fn take(&mut self, field: &'a Field, array: &'a ArrayRef) -> bool {
        match role(field) {
            Some("measure") => self.measures.push((field, array)),
            Some("heights") => self.heights = Some((field, array)),
            _ => return false,
        }
        true
    }

    /// Whether it must be known which vertices stay.
    pub(super) fn wants_sources(&self) -> bool {
        !self.measures.is_empty() || self.heights.is_some()
    }

    /// The measures and heights of the vertices of a layer.
    pub(super) fn finish(
        self,
        own: OfVertices,
        geometry: &Geometry,
    ) -> Result<(Vec<Measure>, Option<Heights>)> {
        let within = |field: &Field| {
            let name = format!("field {:?}", field.name());
            move |error: Error| error.within(name)
        };
        let mut measures = Vec::new();
        for (field, array) in &self.measures {
            measures.push(measure(field, array, &own, geometry).map_err(within(field))?);
        }
        let heights = match self.heights {
            Some((field, array)) => Some(grid_heights(field, array, &own, geometry).map_err(within(field))?),
            None => heights_of(&own.zs, geometry)?,
        };
        if !own.ms.is_empty() {
            let nulls = features_with(&own.ms, geometry);
            measures.push(Measure { name: "m".into(), values: Values::Double(own.ms.into()), nulls });
        }
        Ok((measures, heights))
    }
}

/// Which features have numbers at all their vertices.
fn features_with(numbers: &[f64], geometry: &Geometry) -> Option<NullBuffer> {
    let has = |row: usize| {
        let vertices = geometry.feature_vertices(row);
        !vertices.is_empty() && numbers[vertices].iter().all(|number| number.is_finite())
    };
    let nulls: NullBuffer = (0..geometry.len()).map(has).collect::<Vec<_>>().into();
    Some(nulls).filter(|nulls| nulls.null_count() > 0)
}

/// Heights of coordinates; those of features of which some have none are left out.
fn heights_of(zs: &[f64], geometry: &Geometry) -> Result<Option<Heights>> {
    if zs.is_empty() {
        return Ok(None);
    }
    let nulls = features_with(zs, geometry);
    let step = |&metres: &f64| match (metres / CENTIMETRE).round() {
        step if step.abs() <= f64::from(i32::MAX) => Ok(step as i32),
        _ if metres.is_finite() => Err(Error::input(format!("a height of {metres} m"))),
        _ => Ok(0),
    };
    let values = zs.iter().map(step).collect::<Result<Vec<i32>>>()?.into();
    Ok(Some(Heights { scale: CENTIMETRE, offset: 0.0, values, nulls }))
}

/// For each vertex of the layer its value among those of lists per feature.
fn places(
    offsets: &OffsetBuffer<i32>,
    valid: Option<&NullBuffer>,
    own: &OfVertices,
    geometry: &Geometry,
) -> Result<Vec<u32>> {
    let mut places = vec![0; geometry.vertices().len() / 2];
    for (row, &length) in own.lengths.iter().enumerate() {
        let (start, end) = (offsets[row] as u32, offsets[row + 1] as u32);
        if valid.is_some_and(|valid| valid.is_null(row)) {
            continue;
        }
        if end - start != length {
            let what = format!("row {row}: {} values for {length} vertices", end - start);
            return Err(Error::input(what));
        }
        for vertex in geometry.feature_vertices(row) {
            places[vertex] = start + own.sources[vertex];
        }
    }
    Ok(places)
}

fn measure(field: &Field, array: &ArrayRef, own: &OfVertices, geometry: &Geometry) -> Result<Measure> {
    let list = array.as_list_opt::<i32>();
    let list =
        list.ok_or_else(|| Error::input(format!("values of vertices of type {}", array.data_type())))?;
    let DataType::List(item) = array.data_type() else { unreachable!("it is a list") };
    let nulls = array.nulls().cloned().filter(|nulls| nulls.null_count() > 0);
    let places = places(list.offsets(), nulls.as_ref(), own, geometry)?;
    let read = properties::values(item, list.values(), 0)?;
    let (values, no_value) = read.ok_or_else(|| Error::input("values of vertices of type null"))?;
    let column = Column { name: original(field).into(), values, nulls: no_value };
    // Without any value none can be taken, not even for vertices whose feature has none.
    let taken = match column.is_empty() && !places.is_empty() {
        true => Column { values: arbitrary(item, places.len())?, ..column },
        false => column.take(&places),
    };
    if taken.null_count() > 0
        && (0..geometry.len()).any(|row| {
            nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row))
                && geometry.feature_vertices(row).any(|vertex| !taken.is_valid(vertex))
        })
    {
        return Err(Error::input("a vertex without a value"));
    }
    Ok(Measure { name: taken.name, values: taken.values, nulls })
}

/// As many values of an item's type, which stand for none.
fn arbitrary(item: &Field, len: usize) -> Result<Values> {
    let data_type = match item.data_type() {
        DataType::Dictionary(..) => &DataType::Utf8,
        other => other,
    };
    let read = properties::values(item, &arrow_array::new_null_array(data_type, len), 0)?;
    read.map(|(values, _)| values).ok_or_else(|| Error::input("values of vertices of type null"))
}

fn grid_heights(field: &Field, array: &ArrayRef, own: &OfVertices, geometry: &Geometry) -> Result<Heights> {
    let number = |key: &str| field.metadata().get(key).and_then(|text| text.parse::<f64>().ok());
    let (scale, offset) = (number(key::SCALE).unwrap_or(CENTIMETRE), number(key::OFFSET).unwrap_or(0.0));
    let (offsets, steps) = geometry::steps(array)
        .ok_or_else(|| Error::input(format!("heights of type {}", array.data_type())))?;
    let nulls = array.nulls().cloned().filter(|nulls| nulls.null_count() > 0);
    let places = places(&offsets, nulls.as_ref(), own, geometry)?;
    let values = places.iter().map(|&place| steps.get(place as usize).copied().unwrap_or_default()).collect();
    Ok(Heights { scale, offset, values, nulls })
}
