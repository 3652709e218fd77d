//! Lists of values per vertex, a list for each row, and what becomes of them where geometries are cut.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, Field};

use super::Feature;
use crate::arrow::{self, key};
use crate::column::{self, Column};
use crate::error::{Error, Result};
use crate::geojson;
use crate::tile::measures::{Heights, Measure};

/// A field of such lists.
pub(super) struct Values<'a> {
    field: &'a Field,
    array: &'a ArrayRef,
    is_heights: bool,
}

/// Where a vertex' value comes from: two values of the list, and how far it lies between them.
type Between = (u32, u32, f64);

impl<'a> Values<'a> {
    /// The lists of a field that has some.
    pub(super) fn of(field: &'a Field, array: &'a ArrayRef) -> Option<Self> {
        match arrow::role(field) {
            Some("measure") => Some(Self { field, array, is_heights: false }),
            Some("heights") => Some(Self { field, array, is_heights: true }),
            _ => None,
        }
    }

    /// Adds what the vertices of the layer have.
    pub(super) fn add(
        &self,
        features: &[Feature],
        measures: &mut Vec<Measure>,
        heights: &mut Option<Heights>,
    ) -> Result<()> {
        let DataType::List(item) = self.array.data_type() else {
            return Err(Error::input(format!("values of vertices of type {}", self.array.data_type())));
        };
        let list = self.array.as_list::<i32>();
        let nulls = list.nulls().cloned().filter(|nulls| nulls.null_count() > 0);
        let mut places: Vec<Between> = Vec::new();
        for (row, Feature { geometry, placed, .. }) in features.iter().enumerate() {
            let (start, end) = (list.offsets()[row] as u32, list.offsets()[row + 1] as u32);
            if list.is_null(row) {
                places.extend(placed.sources.iter().map(|_| (u32::MAX, u32::MAX, 0.0)));
                continue;
            }
            if (end - start) as usize != geometry.positions.len() {
                let what = format!("{} values for {} vertices", end - start, geometry.positions.len());
                return Err(Error::input(what));
            }
            let place = |at: &geojson::Source| (start + at.from as u32, start + at.to as u32, at.part);
            places.extend(placed.sources.iter().map(place));
        }
        let mut read = Vec::new();
        arrow::columns_of(
            &item.as_ref().clone().with_name(arrow::original(self.field)),
            list.values(),
            &mut read,
        )?;
        let Some(column) = read.pop().filter(|column| read.is_empty() && column.null_count() == 0) else {
            return Err(Error::input("a vertex without a value"));
        };
        if column.is_empty() {
            // No feature has any.
            return Ok(());
        }
        let Column { name, values, .. } = between(&column, &places);
        if self.is_heights {
            let number = |key: &str| self.field.metadata().get(key).and_then(|text| text.parse::<f64>().ok());
            let column::Values::Int(steps) = values else {
                return Err(Error::input("heights that are no steps"));
            };
            let fits =
                |step: &i64| i32::try_from(*step).map_err(|_| Error::input("a height above 2^31 steps"));
            *heights = Some(Heights {
                scale: number(key::SCALE).unwrap_or(0.01),
                offset: number(key::OFFSET).unwrap_or(0.0),
                values: steps.iter().map(fits).collect::<Result<Vec<i32>>>()?.into(),
                nulls,
            });
        } else {
            measures.push(Measure { name, values, nulls });
        }
        Ok(())
    }
}

/// The values at places: of numbers what lies between, rounded if they are integers; of others the nearer one.
/// Where there is none stands an arbitrary one.
fn between(column: &Column, places: &[Between]) -> Column {
    use column::Values;
    let index = |at: u32| if at == u32::MAX { 0 } else { at };
    let nearest: Vec<u32> =
        places.iter().map(|&(from, to, part)| index(if part < 0.5 { from } else { to })).collect();
    let mut out = column.take(&nearest);
    if places.iter().all(|&(from, to, _)| from == to) {
        return out;
    }
    fn lerp<T: Copy>(values: &[T], places: &[Between], out: &[T], mix: impl Fn(T, T, f64) -> T) -> Vec<T> {
        let at = |(&(from, to, part), &own): (&Between, &T)| match from == to {
            true => own,
            false => mix(values[from as usize], values[to as usize], part),
        };
        places.iter().zip(out).map(at).collect()
    }
    let signed = |a: i64, b: i64, part: f64| {
        let step = ((i128::from(b) - i128::from(a)) as f64 * part).round() as i128;
        (i128::from(a) + step).clamp(a.min(b).into(), a.max(b).into()) as i64
    };
    let unsigned = |a: u64, b: u64, part: f64| {
        let step = ((i128::from(b) - i128::from(a)) as f64 * part).round() as i128;
        (i128::from(a) + step).clamp(a.min(b).into(), a.max(b).into()) as u64
    };
    out.values = match (&column.values, out.values) {
        (Values::Int(all), Values::Int(own)) => Values::Int(lerp(all, places, &own, signed).into()),
        (Values::SInt(all), Values::SInt(own)) => Values::SInt(lerp(all, places, &own, signed).into()),
        (Values::UInt(all), Values::UInt(own)) => Values::UInt(lerp(all, places, &own, unsigned).into()),
        (Values::Float(all), Values::Float(own)) => {
            let mix =
                |a: f32, b: f32, part: f64| (f64::from(a) + (f64::from(b) - f64::from(a)) * part) as f32;
            Values::Float(lerp(all, places, &own, mix).into())
        }
        (Values::Double(all), Values::Double(own)) => {
            Values::Double(lerp(all, places, &own, |a, b, part| a + (b - a) * part).into())
        }
        (_, own) => own,
    };
    out
}
