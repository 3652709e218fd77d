//! Arrays of what was checked when it was read or built: a second look at every string and key takes longer
//! than all else there is to do for them. In debug builds they are looked at again.
#![allow(unsafe_code)]

use arrow_array::types::UInt32Type;
use arrow_array::{
    Array, ArrayRef, DictionaryArray, RecordBatch, RecordBatchOptions, StringArray, UInt32Array,
};
use arrow_schema::{ArrowError, SchemaRef};

use crate::array::{NullBuffer, ScalarBuffer, Utf8};

/// Strings as an array.
///
/// # Errors
/// If there are not as many validity bits as strings.
pub(super) fn text(strings: Utf8, nulls: Option<NullBuffer>) -> Result<StringArray, ArrowError> {
    let fits = nulls.as_ref().is_none_or(|nulls| nulls.len() == strings.len());
    let (offsets, bytes) = strings.into_parts();
    if !fits {
        return StringArray::try_new(offsets, bytes, nulls);
    }
    debug_assert!(StringArray::try_new(offsets.clone(), bytes.clone(), nulls.clone()).is_ok());
    // SAFETY: there is no `Utf8` whose offsets do not ascend from 0 to the end of its bytes, or whose strings
    // are not valid UTF-8: its fields are private, and each way to make one checks that, or copies strings. Of
    // validity bits, if there are any, there are as many as strings: that was seen above.
    Ok(unsafe { StringArray::new_unchecked(offsets, bytes, nulls) })
}

/// Keys of a column of strings as an array; `dictionary` has the strings that they point into.
///
/// # Errors
/// If there are not as many validity bits as keys.
pub(super) fn dictionary(
    keys: ScalarBuffer<u32>,
    nulls: Option<NullBuffer>,
    dictionary: ArrayRef,
) -> Result<DictionaryArray<UInt32Type>, ArrowError> {
    let keys = UInt32Array::try_new(keys, nulls)?;
    if dictionary.is_empty() {
        return DictionaryArray::try_new(keys, dictionary);
    }
    debug_assert!(DictionaryArray::try_new(keys.clone(), dictionary.clone()).is_ok());
    // SAFETY: the keys of a layer's columns lie within their dictionaries, also where there is no value, unless
    // these are empty, which was ruled out above: `Layer::try_new` checks every column (`Column::check`), and the
    // decoder every stream of keys (`check_codes`) and all that tokens stand for (`Tokens::check_strings`), unless
    // it is the key of a column before, checked already, of the same dictionary. Where there is no value, it is 0.
    Ok(unsafe { DictionaryArray::new_unchecked(keys, dictionary) })
}

/// A record batch of arrays, each with the field that was made of its type.
///
/// # Errors
/// If an array has not as many rows.
pub(super) fn batch(
    schema: SchemaRef,
    arrays: Vec<ArrayRef>,
    rows: usize,
) -> Result<RecordBatch, ArrowError> {
    let checked = |schema, arrays| {
        let rows = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(schema, arrays, &rows)
    };
    let fits = schema.fields().len() == arrays.len() && arrays.iter().all(|array| array.len() == rows);
    if !fits {
        return checked(schema, arrays);
    }
    debug_assert!(checked(schema.clone(), arrays.clone()).is_ok());
    // SAFETY: there are as many arrays as fields, all with as many rows: that was seen above. The type of each
    // field is that of its array, of which it was made, or with which it was compared, or of an array of the
    // same simple type (`Known`, `units`), and all may be null.
    Ok(unsafe { RecordBatch::new_unchecked(schema, arrays, rows) })
}
