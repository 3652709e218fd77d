//! Columns as arrays.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BooleanArray, Float32Array, Float64Array, Int64Array, ListArray, MapArray, StructArray,
    UInt64Array, UnionArray,
};
use arrow_schema::{DataType, Field, FieldRef, Fields, UnionFields};

use super::known::{Known, signed, simple};
use super::{Part, unchecked};
use crate::array::{NullBuffer, Utf8};
use crate::arrow::names::{Names, type_name};
use crate::arrow::options::MixedKeys;
use crate::arrow::{named, refused};
use crate::column::nested::{ITEM, KEY, VALUE};
use crate::column::{Column, Nested, Strings, Values};
use crate::error::{Error, Result};

/// Makes arrays of columns, the same one of each dictionary.
pub(super) struct Properties<'a> {
    pub(super) known: &'a mut Known,
    /// How many hold a dictionary that only one column has.
    holders: usize,
    dictionaries: Vec<(Arc<Utf8>, ArrayRef)>,
}

impl<'a> Properties<'a> {
    /// For columns that someone else holds too, or nobody.
    pub(super) fn new(known: &'a mut Known, is_shared: bool) -> Self {
        Self { known, holders: 1 + usize::from(is_shared), dictionaries: Vec::new() }
    }

    /// The arrays of columns of these names (see [`Known::names`]), and in the names' place the numbers of their
    /// fields.
    pub(super) fn plain(
        &mut self,
        columns: impl Iterator<Item = Result<Part>>,
        names: &mut [usize],
        arrays: &mut Vec<ArrayRef>,
    ) -> Result<()> {
        for (part, name) in columns.zip(names) {
            let (values, nulls) = part?;
            let simple = simple(&values);
            let array = self.values(values, nulls)?;
            *name = self.known.number(*name, simple, array.data_type());
            arrays.push(array);
        }
        Ok(())
    }

    /// Hands the fields and arrays of a layer's columns to `add`, in order, whatever their names are.
    pub(super) fn decode<'b>(
        &mut self,
        columns: &'b [Column],
        mixed: MixedKeys,
        names: &mut Names<'b>,
        add: &mut dyn FnMut(FieldRef, ArrayRef),
    ) -> Result<()> {
        if mixed == MixedKeys::Columns {
            for (column, name) in columns.iter().zip(names.of(columns)) {
                let (field, array) = self.array(&name, &column.name, column.clone())?;
                add(field, array);
            }
            return Ok(());
        }
        let groups = groups(columns);
        let names = names.of(groups.iter().map(|group| group[0]));
        for (group, name) in groups.iter().zip(names) {
            let (field, array) = match &group[..] {
                [column] => self.array(&name, &column.name, (*column).clone())?,
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
        for &column in columns {
            let name = type_name(&column.values);
            let (field, array) = self.array(name, name, column.clone())?;
            fields.push(field);
            children.push(array);
        }
        let fields = UnionFields::try_new(0..columns.len() as i8, fields).map_err(refused)?;
        let offsets: Vec<i32> = (0..rows as i32).collect();
        let array = UnionArray::try_new(fields, type_ids.into(), Some(offsets.into()), children);
        let array = array.map_err(refused)?;
        let field = named(Field::new(name, array.data_type().clone(), true), &columns[0].name);
        Ok((Arc::new(field), Arc::new(array)))
    }

    /// A column as an array, and its field, called `name` where the layer has `own`.
    pub(super) fn array(&mut self, name: &str, own: &str, column: Column) -> Result<(FieldRef, ArrayRef)> {
        let simple = simple(&column.values);
        let is_signed = matches!(column.values, Values::SInt(_));
        let array = self.values(column.values, column.nulls)?;
        if name == own {
            return Ok((self.known.field(name, simple, array.data_type()), array));
        }
        let mut field = named(Field::new(name, array.data_type().clone(), true), own);
        if is_signed {
            signed(&mut field);
        }
        Ok((Arc::new(field), array))
    }

    fn values(&mut self, values: Values, nulls: Option<NullBuffer>) -> Result<ArrayRef> {
        Ok(match values {
            Values::Bool(values) => Arc::new(BooleanArray::new(values, nulls)),
            Values::Int(values) | Values::SInt(values) => Arc::new(Int64Array::new(values, nulls)),
            Values::UInt(values) => Arc::new(UInt64Array::new(values, nulls)),
            Values::Float(values) => Arc::new(Float32Array::new(values, nulls)),
            Values::Double(values) => Arc::new(Float64Array::new(values, nulls)),
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

    fn dictionary(&mut self, dictionary: Arc<Utf8>) -> Result<ArrayRef> {
        let array =
            |strings| Ok::<ArrayRef, Error>(Arc::new(unchecked::text(strings, None).map_err(refused)?));
        if Arc::strong_count(&dictionary) <= self.holders {
            return array(Arc::unwrap_or_clone(dictionary));
        }
        if let Some((_, array)) = self.dictionaries.iter().find(|(other, _)| Arc::ptr_eq(other, &dictionary))
        {
            return Ok(Arc::clone(array));
        }
        let array = array(Utf8::clone(&dictionary))?;
        self.dictionaries.push((dictionary, Arc::clone(&array)));
        Ok(array)
    }

    fn nested(&mut self, nested: Nested, nulls: Option<NullBuffer>) -> Result<ArrayRef> {
        Ok(match nested {
            Nested::Struct { len, fields } => {
                let mut child = |mut field: Column| {
                    let name = std::mem::take(&mut field.name);
                    self.array(&name, &name, field)
                };
                let children = fields.into_iter().map(&mut child).collect::<Result<Vec<_>>>()?;
                let (fields, arrays): (Vec<_>, Vec<_>) = children.into_iter().unzip();
                let array = StructArray::try_new_with_length(Fields::from(fields), arrays, nulls, len);
                Arc::new(array.map_err(refused)?)
            }
            Nested::List { offsets, items } => {
                let (field, array) = self.array(ITEM, ITEM, *items)?;
                let list = ListArray::try_new(field, offsets, array, nulls);
                Arc::new(list.map_err(refused)?)
            }
            Nested::Map { offsets, keys, values } => {
                let key_array = self.values(keys.values, None)?;
                let key_field = Arc::new(Field::new(KEY, key_array.data_type().clone(), false));
                let (value_field, value_array) = self.array(VALUE, VALUE, *values)?;
                let fields = Fields::from(vec![key_field, value_field]);
                let entries = StructArray::try_new(fields.clone(), vec![key_array, value_array], None);
                let entries = entries.map_err(refused)?;
                let field = Arc::new(Field::new("entries", DataType::Struct(fields), false));
                let map = MapArray::try_new(field, offsets, entries, nulls, false);
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
