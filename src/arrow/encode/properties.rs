//! Columns out of arrays.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int64Type, UInt32Type, UInt64Type};
use arrow_array::{Array, ArrayRef, StringArray};
use arrow_schema::{DataType, Field};
use smol_str::SmolStr;

use super::original;
use crate::array::{BooleanBuffer, NullBuffer, OffsetBuffer, ScalarBuffer, Utf8};
use crate::arrow::{key, refused};
use crate::column::{Column, Nested, Strings, Values};
use crate::error::{Error, Result};

/// How many types may lie within one another.
const MAX_DEPTH: usize = 16;

/// Adds the columns of a field: one, several of a union, none of one that has nothing but nulls.
pub(crate) fn columns(field: &Field, array: &ArrayRef, out: &mut Vec<Column>) -> Result<()> {
    let name = original(field);
    if let DataType::Union(fields, _) = array.data_type() {
        let union = array.as_union();
        for (id, child) in fields.iter() {
            let rows: Vec<Option<u32>> = (0..array.len())
                .map(|row| (union.type_id(row) == id).then(|| union.value_offset(row) as u32))
                .collect();
            // Those of other types are null.
            let indices = arrow_array::UInt32Array::from(rows);
            let taken = arrow_select::take::take(union.child(id), &indices, None).map_err(refused)?;
            if taken.logical_null_count() < taken.len() {
                out.extend(column(name, child, &taken, MAX_DEPTH)?);
            }
        }
        return Ok(());
    }
    out.extend(column(name, field, array, MAX_DEPTH)?);
    Ok(())
}

fn column(name: &str, field: &Field, array: &ArrayRef, depth: usize) -> Result<Option<Column>> {
    let Some((values, nulls)) = values(field, array, depth)? else { return Ok(None) };
    let nulls = nulls.filter(|nulls| nulls.null_count() > 0);
    Ok(Some(Column { name: name.into(), values, nulls }))
}

/// The values of an array, and which of them are there; nothing if it is of type null.
pub(super) fn values(
    field: &Field,
    array: &ArrayRef,
    depth: usize,
) -> Result<Option<(Values, Option<NullBuffer>)>> {
    let nulls = || array.nulls().cloned();
    let cast = |to: DataType| {
        let cast = arrow_cast::cast(array, &to).map_err(refused)?;
        values(field, &cast, depth)
    };
    let values = match array.data_type() {
        DataType::Null => return Ok(None),
        DataType::Boolean => Values::Bool(array.as_boolean().values().clone()),
        DataType::Int64 => {
            let numbers = array.as_primitive::<Int64Type>().values().clone();
            match field.metadata().get(key::TYPE).map(String::as_str) {
                Some("sint") => Values::SInt(numbers),
                _ => Values::Int(numbers),
            }
        }
        DataType::UInt64 => Values::UInt(array.as_primitive::<UInt64Type>().values().clone()),
        DataType::Float32 => Values::Float(array.as_primitive::<Float32Type>().values().clone()),
        DataType::Float64 => Values::Double(array.as_primitive::<Float64Type>().values().clone()),
        DataType::Utf8 => Values::String(Strings::Plain(text(array.as_string())?)),
        DataType::Dictionary(_, strings) if is_text(strings) => return dictionary(field, array, depth),
        DataType::Dictionary(_, to) => return cast(to.as_ref().clone()),
        DataType::RunEndEncoded(_, to) => return cast(to.data_type().clone()),
        DataType::Int8 | DataType::Int16 | DataType::Int32 => return cast(DataType::Int64),
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 => return cast(DataType::UInt64),
        DataType::Float16 => return cast(DataType::Float32),
        DataType::LargeUtf8 | DataType::Utf8View => return cast(DataType::Utf8),
        DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => {
            return cast(DataType::Float64);
        }
        DataType::Date32
        | DataType::Date64
        | DataType::Time32(_)
        | DataType::Time64(_)
        | DataType::Timestamp(..) => {
            return cast(DataType::Utf8);
        }
        DataType::Struct(fields) => {
            let columns = array.as_struct();
            let within = fields.iter().zip(columns.columns());
            let within = within.map(|(field, array)| column(field.name(), field, array, deeper(depth)?));
            let fields: Vec<Option<Column>> = within.collect::<Result<_>>()?;
            Values::Nested(Nested::Struct {
                len: array.len(),
                fields: fields.into_iter().flatten().collect(),
            })
        }
        DataType::List(item) => {
            let list = array.as_list::<i32>();
            let items = column("item", item, list.values(), deeper(depth)?)?;
            Values::Nested(Nested::list(
                list.offsets().clone(),
                items.unwrap_or_else(|| nothing(list.values().len())),
            ))
        }
        DataType::LargeList(item)
        | DataType::FixedSizeList(item, _)
        | DataType::ListView(item)
        | DataType::LargeListView(item) => {
            return cast(DataType::List(item.clone()));
        }
        DataType::Map(..) => {
            let map = array.as_map();
            let [key_field, value_field] = [0, 1].map(|number| map.entries().fields()[number].clone());
            let keys = column("key", &key_field, map.keys(), deeper(depth)?)?;
            let values = column("value", &value_field, map.values(), deeper(depth)?)?;
            let of = |column: Option<Column>| column.unwrap_or_else(|| nothing(map.keys().len()));
            Values::Nested(Nested::map(map.offsets().clone(), of(keys), of(values)))
        }
        other => return Err(Error::input(format!("values of type {other}, which no property can have"))),
    };
    Ok(Some((values, nulls())))
}

fn deeper(depth: usize) -> Result<usize> {
    depth.checked_sub(1).ok_or_else(|| Error::input("structs, lists and maps nested more than 16 deep"))
}

/// As many nulls, of some type.
fn nothing(len: usize) -> Column {
    let values = Values::Bool(BooleanBuffer::new_unset(len));
    Column { name: SmolStr::default(), values, nulls: Some(NullBuffer::new_null(len)) }
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

fn dictionary(field: &Field, array: &ArrayRef, depth: usize) -> Result<Option<(Values, Option<NullBuffer>)>> {
    let wanted = DataType::Dictionary(Box::new(DataType::UInt32), Box::new(DataType::Utf8));
    let array = match *array.data_type() == wanted {
        true => array.clone(),
        false => arrow_cast::cast(array, &wanted).map_err(refused)?,
    };
    let typed = array.as_dictionary::<UInt32Type>();
    if typed.values().null_count() > 0 {
        // A key of a null is one, too.
        let plain = arrow_cast::cast(&array, &DataType::Utf8).map_err(refused)?;
        return values(field, &plain, depth);
    }
    let nulls = typed.nulls().cloned();
    let keys = match &nulls {
        None => typed.keys().values().clone(),
        // Under a null anything may stand.
        Some(_) => ScalarBuffer::from_iter(typed.keys().iter().map(Option::unwrap_or_default)),
    };
    let dictionary = Arc::new(text(typed.values().as_string())?);
    Ok(Some((Values::String(Strings::Dictionary { keys, dictionary }), nulls)))
}

/// The strings of an array, which may be a part of a longer one.
fn text(array: &StringArray) -> Result<Utf8> {
    let offsets = array.offsets();
    let (first, last) = (offsets[0], offsets[offsets.len() - 1]);
    let bytes = array.values().slice_with_length(first as usize, (last - first) as usize);
    let offsets = match first {
        0 => offsets.clone(),
        _ => OffsetBuffer::new(offsets.iter().map(|offset| offset - first).collect()),
    };
    Utf8::try_new(offsets, bytes)
}
