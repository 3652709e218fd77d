//! Columns as arrays.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BooleanArray, Float32Array, Float64Array, Int64Array, ListArray, MapArray, StructArray,
    UInt64Array, UnionArray,
};
use arrow_schema::{DataType, Field, FieldRef, Fields, UnionFields};

use super::known::Known;
use super::{original, unchecked};
use crate::array::{NullBuffer, Utf8};
use crate::arrow::names::{Names, type_name};
use crate::arrow::options::MixedKeys;
use crate::arrow::{key, refused};
use crate::column::{Column, Nested, Strings, Values};
use crate::error::Result;

/// Makes arrays of columns, the same one of each dictionary.
pub(super) struct Properties<'a> {
    mixed: MixedKeys,
    known: &'a mut Known,
    dictionaries: Vec<(Arc<Utf8>, ArrayRef)>,
}

impl<'a> Properties<'a> {
    pub(super) fn new(mixed: MixedKeys, known: &'a mut Known) -> Self {
        Self { mixed, known, dictionaries: Vec::new() }
    }

    /// Hands the fields and arrays of a layer's columns to `add`, in order.
    pub(super) fn decode<'b>(
        &mut self,
        columns: &'b [Column],
        names: &mut Names<'b>,
        add: &mut dyn FnMut(FieldRef, ArrayRef),
    ) -> Result<()> {
        if self.mixed == MixedKeys::Columns {
            for (column, name) in columns.iter().zip(names.of(columns)) {
                let (field, array) = self.array(&name, &column.name, column)?;
                add(field, array);
            }
            return Ok(());
        }
        let groups = groups(columns);
        let names = names.of(groups.iter().map(|group| group[0]));
        for (group, name) in groups.iter().zip(names) {
            let (field, array) = match &group[..] {
                [column] => self.array(&name, &column.name, column)?,
                columns => self.union(&name, columns)?,
            };
            add(field, array);
        }
        Ok(())
    }

    /// A dense union of columns, no row of which has two values. Its children are the columns as they are;
    /// rows without a value point to the first, which has none there.
    fn union(&mut self, name: &str, columns: &[&Column]) -> Result<(FieldRef, ArrayRef)> {
        let rows = columns[0].len();
        let mut type_ids = vec![0i8; rows];
        for (number, column) in columns.iter().enumerate() {
            (0..rows).filter(|&row| column.is_valid(row)).for_each(|row| type_ids[row] = number as i8);
        }
        let (mut fields, mut children) = (Vec::new(), Vec::new());
        for column in columns {
            let name = type_name(&column.values);
            let (field, array) = self.array(name, name, column)?;
            fields.push(field);
            children.push(array);
        }
        let fields = UnionFields::try_new(0..columns.len() as i8, fields).map_err(refused)?;
        let offsets: Vec<i32> = (0..rows as i32).collect();
        let array = UnionArray::try_new(fields, type_ids.into(), Some(offsets.into()), children);
        let array = array.map_err(refused)?;
        let field = original(Field::new(name, array.data_type().clone(), true), &columns[0].name);
        Ok((Arc::new(field), Arc::new(array)))
    }

    /// A column as an array, and its field, called `name` where the layer has `own`.
    pub(super) fn array(&mut self, name: &str, own: &str, column: &Column) -> Result<(FieldRef, ArrayRef)> {
        let array = self.values(&column.values, column.nulls.clone())?;
        let signed = matches!(column.values, Values::SInt(_));
        if !signed && name == own {
            return Ok((self.known.field(name, array.data_type()), array));
        }
        let mut field = original(Field::new(name, array.data_type().clone(), true), own);
        if signed {
            field.metadata_mut().insert(key::TYPE.to_owned(), "sint".to_owned());
        }
        Ok((Arc::new(field), array))
    }

    fn values(&mut self, values: &Values, nulls: Option<NullBuffer>) -> Result<ArrayRef> {
        Ok(match values {
            Values::Bool(values) => Arc::new(BooleanArray::new(values.clone(), nulls)),
            Values::Int(values) | Values::SInt(values) => Arc::new(Int64Array::new(values.clone(), nulls)),
            Values::UInt(values) => Arc::new(UInt64Array::new(values.clone(), nulls)),
            Values::Float(values) => Arc::new(Float32Array::new(values.clone(), nulls)),
            Values::Double(values) => Arc::new(Float64Array::new(values.clone(), nulls)),
            Values::String(Strings::Plain(strings)) => {
                Arc::new(unchecked::text(strings, nulls).map_err(refused)?)
            }
            Values::String(Strings::Dictionary { keys, dictionary }) => {
                let dictionary = self.dictionary(dictionary)?;
                Arc::new(unchecked::dictionary(keys, nulls, dictionary).map_err(refused)?)
            }
            Values::Nested(nested) => self.nested(nested, nulls)?,
        })
    }

    fn dictionary(&mut self, dictionary: &Arc<Utf8>) -> Result<ArrayRef> {
        if Arc::strong_count(dictionary) == 1 {
            return Ok(Arc::new(unchecked::text(dictionary, None).map_err(refused)?));
        }
        if let Some((_, array)) = self.dictionaries.iter().find(|(other, _)| Arc::ptr_eq(other, dictionary)) {
            return Ok(Arc::clone(array));
        }
        let array: ArrayRef = Arc::new(unchecked::text(dictionary, None).map_err(refused)?);
        self.dictionaries.push((Arc::clone(dictionary), Arc::clone(&array)));
        Ok(array)
    }

    fn nested(&mut self, nested: &Nested, nulls: Option<NullBuffer>) -> Result<ArrayRef> {
        Ok(match nested {
            Nested::Struct { len, fields } => {
                let children = fields.iter().map(|field| self.array(&field.name, &field.name, field));
                let (fields, arrays): (Vec<_>, Vec<_>) =
                    children.collect::<Result<Vec<_>>>()?.into_iter().unzip();
                let array = StructArray::try_new_with_length(Fields::from(fields), arrays, nulls, *len);
                Arc::new(array.map_err(refused)?)
            }
            Nested::List { offsets, items } => {
                let (field, array) = self.array("item", "item", items)?;
                let list = ListArray::try_new(field, offsets.clone(), array, nulls);
                Arc::new(list.map_err(refused)?)
            }
            Nested::Map { offsets, keys, values } => {
                let key_array = self.values(&keys.values, None)?;
                let key_field = Arc::new(Field::new("key", key_array.data_type().clone(), false));
                let (value_field, value_array) = self.array("value", "value", values)?;
                let fields = Fields::from(vec![key_field, value_field]);
                let entries = StructArray::try_new(fields.clone(), vec![key_array, value_array], None);
                let entries = entries.map_err(refused)?;
                let field = Arc::new(Field::new("entries", DataType::Struct(fields), false));
                let map = MapArray::try_new(field, offsets.clone(), entries, nulls, false);
                Arc::new(map.map_err(refused)?)
            }
        })
    }
}

/// Columns, with those of one name together that may be a union.
fn groups(columns: &[Column]) -> Vec<Vec<&Column>> {
    let mut joined = vec![false; columns.len()];
    let mut groups: Vec<Vec<&Column>> = Vec::new();
    for (number, column) in columns.iter().enumerate() {
        if joined[number] {
            continue;
        }
        let mut group = vec![column];
        for (other, further) in columns.iter().enumerate().skip(number + 1) {
            if !joined[other] && further.name == column.name && fits(&group, further) {
                joined[other] = true;
                group.push(further);
            }
        }
        groups.push(group);
    }
    groups
}

/// Whether a further column may join a union: of another type than those, and without a value where one of
/// them has one.
fn fits(group: &[&Column], further: &Column) -> bool {
    let valid = |column: &Column, row| column.is_valid(row);
    group.iter().all(|column| type_name(&column.values) != type_name(&further.values))
        && (0..further.len())
            .all(|row| !valid(further, row) || !group.iter().any(|column| valid(column, row)))
}
