//! Arrays of coordinates: separated or interleaved, of any dimension, numbers or integers.

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;

use crate::array::ScalarBuffer;
use crate::arrow::refused;
use crate::arrow::wkb::Vertex;
use crate::error::{Error, Result};

/// Coordinates that can be read by number.
pub(super) struct Coordinates {
    /// x, y, z, m; with how many numbers lie between two.
    axes: [Option<ScalarBuffer<f64>>; 4],
    step: usize,
}

/// The axes of interleaved coordinates: where each stands. A field within may be called `xyz` or `xym`.
fn order(name: &str, dimensions: i32) -> Option<[Option<usize>; 4]> {
    match dimensions {
        2 => Some([Some(0), Some(1), None, None]),
        3 if name == "xym" => Some([Some(0), Some(1), None, Some(2)]),
        3 => Some([Some(0), Some(1), Some(2), None]),
        4 => Some([Some(0), Some(1), Some(2), Some(3)]),
        _ => None,
    }
}

impl Coordinates {
    /// Reads an array of coordinates; entries that are null, are read as those around them are.
    pub(super) fn read(array: &ArrayRef) -> Result<Self> {
        match array.data_type() {
            DataType::FixedSizeList(field, dimensions) => {
                let places = order(field.name(), *dimensions)
                    .ok_or_else(|| Error::input(format!("coordinates of {dimensions} dimensions")))?;
                let list = array.as_fixed_size_list();
                let all = numbers(list.values())?;
                let axis = |place: usize| all.slice(place.min(all.len()), all.len() - place.min(all.len()));
                Ok(Self { axes: places.map(|place| place.map(axis)), step: *dimensions as usize })
            }
            DataType::Struct(fields) => {
                let columns = array.as_struct();
                let mut axes = [const { None }; 4];
                for (field, column) in fields.iter().zip(columns.columns()) {
                    let place = ["x", "y", "z", "m"].iter().position(|name| name == field.name());
                    let place = place.ok_or_else(|| Error::input(format!("an axis {:?}", field.name())))?;
                    axes[place] = Some(numbers(column)?);
                }
                match axes {
                    [Some(_), Some(_), ..] => Ok(Self { axes, step: 1 }),
                    _ => Err(Error::input("coordinates without x or y")),
                }
            }
            other => Err(Error::input(format!("coordinates of type {other}"))),
        }
    }

    /// The coordinates of these two arrays of numbers.
    pub(super) fn of_axes(x: &ArrayRef, y: &ArrayRef) -> Result<Self> {
        Ok(Self { axes: [Some(numbers(x)?), Some(numbers(y)?), None, None], step: 1 })
    }

    pub(super) fn get(&self, index: usize) -> Vertex {
        self.axes.each_ref().map(|axis| match axis {
            // What lies behind the end can only be that of entries that are not there.
            Some(axis) => axis.get(index * self.step).copied().unwrap_or(f64::NAN),
            None => f64::NAN,
        })
    }
}

/// An array of any numbers as 64-bit ones, nulls as no numbers.
fn numbers(array: &ArrayRef) -> Result<ScalarBuffer<f64>> {
    if !array.data_type().is_numeric() {
        return Err(Error::input(format!("coordinates made of {}", array.data_type())));
    }
    let array = arrow_cast::cast(array, &DataType::Float64).map_err(refused)?;
    let array = array.as_primitive::<Float64Type>();
    match array.nulls().filter(|nulls| nulls.null_count() > 0) {
        None => Ok(array.values().clone()),
        Some(_) => Ok(array.iter().map(|value| value.unwrap_or(f64::NAN)).collect()),
    }
}
