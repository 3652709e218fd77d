//! Arrays of record batches to drafts.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float32Type, Float64Type, Int32Type, Int64Type, TimestampMillisecondType, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, StringArrayType};
use arrow_buffer::BooleanBufferBuilder;
use arrow_cast::cast;
use arrow_schema::{DataType, TimeUnit};

use crate::points::draft::{Draft, Values};
use crate::points::pieces::Pieces;
use crate::points::text::Interner;

/// A draft for a column of this type; none if it has no place in tiles.
pub(super) fn draft(name: &str, data_type: &DataType) -> Option<Draft> {
    let text = || Values::Text(Pieces::new(), Interner::default());
    let values = match data_type {
        DataType::Boolean => Values::Bool(BooleanBufferBuilder::new(0)),
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::UInt8 | DataType::UInt16 => {
            Values::I32(Pieces::new())
        }
        DataType::Int64 | DataType::UInt32 | DataType::UInt64 => Values::I64(Pieces::new()),
        DataType::Float16 | DataType::Float32 => Values::F32(Pieces::new()),
        DataType::Float64
        | DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => Values::F64(Pieces::new()),
        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => Values::Time(Pieces::new()),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => text(),
        DataType::Dictionary(_, values) => return draft(name, values),
        _ => return None,
    };
    Some(Draft::new(name.to_owned(), values))
}

impl Draft {
    /// Appends an array of the type that the draft was made for.
    ///
    /// # Errors
    /// If it cannot be converted, or there are too many strings.
    pub(super) fn append(&mut self, array: &ArrayRef) -> Result<(), String> {
        let to = |data_type: DataType| cast(array, &data_type).map_err(|error| error.to_string());
        // NaN is no value, and so is what does not fit.
        let mut missing: Vec<usize> = Vec::new();
        match &mut self.values {
            Values::Bool(values) => {
                let array = to(DataType::Boolean)?;
                values.append_buffer(array.as_boolean().values());
            }
            Values::I32(values) => {
                values.extend(to(DataType::Int32)?.as_primitive::<Int32Type>().values().iter().copied());
            }
            Values::I64(values) if *array.data_type() == DataType::UInt64 => {
                let array = array.as_primitive::<UInt64Type>().values();
                let fits = |value: u64| i64::try_from(value).ok();
                missing.extend((0..array.len()).filter(|&row| fits(array[row]).is_none()));
                values.extend(array.iter().map(|&value| fits(value).unwrap_or_default()));
            }
            Values::I64(values) => {
                values.extend(to(DataType::Int64)?.as_primitive::<Int64Type>().values().iter().copied());
            }
            Values::F32(values) => {
                let array = to(DataType::Float32)?;
                let array = array.as_primitive::<Float32Type>().values();
                missing.extend((0..array.len()).filter(|&row| array[row].is_nan()));
                values.extend(array.iter().copied());
            }
            Values::F64(values) => {
                let array = to(DataType::Float64)?;
                let array = array.as_primitive::<Float64Type>().values();
                missing.extend((0..array.len()).filter(|&row| array[row].is_nan()));
                values.extend(array.iter().copied());
            }
            Values::Time(values) => {
                // Dates and moments of any unit; those with a time zone count in UTC as well.
                let array = to(DataType::Timestamp(TimeUnit::Millisecond, None))?;
                values.extend(array.as_primitive::<TimestampMillisecondType>().values().iter().copied());
            }
            Values::Text(values, strings) => append_text(array, values, strings)?,
        }
        match (array.logical_nulls(), missing.is_empty()) {
            (None, true) => self.valid.append_n(array.len(), true),
            (nulls, _) => {
                let mut missing = missing.into_iter().peekable();
                for row in 0..array.len() {
                    let is_missing = missing.next_if_eq(&row).is_some();
                    self.valid.append(!is_missing && nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)));
                }
            }
        }
        Ok(())
    }
}

fn append_text(array: &ArrayRef, out: &mut Pieces<u32>, strings: &mut Interner) -> Result<(), String> {
    match array.data_type() {
        DataType::Utf8 => each(array.as_string::<i32>(), out, strings),
        DataType::LargeUtf8 => each(array.as_string::<i64>(), out, strings),
        DataType::Utf8View => each(array.as_string_view(), out, strings),
        DataType::Dictionary(_, values) => {
            let keys = DataType::Dictionary(Box::new(DataType::UInt32), values.clone());
            let array = cast(array, &keys).map_err(|error| error.to_string())?;
            let array = array.as_dictionary::<UInt32Type>();
            let mut numbers = Pieces::new();
            append_text(array.values(), &mut numbers, strings)?;
            let nulls = array.nulls();
            let number = |row: usize, &key: &u32| {
                if nulls.is_none_or(|nulls| nulls.is_valid(row)) { numbers.get(key) } else { 0 }
            };
            out.extend(array.keys().values().iter().enumerate().map(|(row, key)| number(row, key)));
            Ok(())
        }
        other => Err(format!("strings of type {other}")),
    }
}

fn each<'a>(
    array: impl StringArrayType<'a>,
    out: &mut Pieces<u32>,
    strings: &mut Interner,
) -> Result<(), String> {
    for row in 0..array.len() {
        // Rows without a string have the number of some other one.
        let number = if array.is_valid(row) { strings.number(array.value(row))? } else { 0 };
        out.push(number);
    }
    Ok(())
}
