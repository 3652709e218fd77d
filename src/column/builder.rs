//! Columns built value by value, rows in rising order; rows left out have no value.

use std::sync::Arc;

use smol_str::SmolStr;

use super::{Column, Ids, Strings, Value, Values};
use crate::array::Utf8;
use crate::array::bitmap::BitmapBuilder;

/// The type of a column's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ValueType {
    Bool,
    Int,
    UInt,
    SInt,
    Float,
    Double,
    String,
}

/// A value to append; strings are given by their place in the dictionary that
/// [`ColumnBuilder::finish`] gets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell {
    Bool(bool),
    Int(i64),
    UInt(u64),
    SInt(i64),
    Float(f32),
    Double(f64),
    String(u32),
}

impl ValueType {
    /// The type of `value`, which must not be nested.
    pub(crate) fn of(value: &Value<'_>) -> Self {
        match value {
            Value::Bool(_) => Self::Bool,
            Value::Int(_) => Self::Int,
            Value::UInt(_) => Self::UInt,
            Value::SInt(_) => Self::SInt,
            Value::Float(_) => Self::Float,
            Value::Double(_) => Self::Double,
            Value::String(_) => Self::String,
            Value::Nested(_) => unreachable!("nested values have `nested::types`"),
        }
    }
}

impl Cell {
    pub(crate) fn value_type(self) -> ValueType {
        match self {
            Self::Bool(_) => ValueType::Bool,
            Self::Int(_) => ValueType::Int,
            Self::UInt(_) => ValueType::UInt,
            Self::SInt(_) => ValueType::SInt,
            Self::Float(_) => ValueType::Float,
            Self::Double(_) => ValueType::Double,
            Self::String(_) => ValueType::String,
        }
    }

    /// The cell of `value`, which must not be nested; `intern` places its string, if it is one, in the
    /// dictionary.
    pub(crate) fn new<E>(value: Value<'_>, intern: impl FnOnce(&str) -> Result<u32, E>) -> Result<Self, E> {
        Ok(match value {
            Value::Bool(value) => Self::Bool(value),
            Value::Int(value) => Self::Int(value),
            Value::UInt(value) => Self::UInt(value),
            Value::SInt(value) => Self::SInt(value),
            Value::Float(value) => Self::Float(value),
            Value::Double(value) => Self::Double(value),
            Value::String(value) => Self::String(intern(value)?),
            Value::Nested(_) => unreachable!("nested values have `nested::builder`"),
        })
    }
}

/// Builds one column of one type.
#[derive(Debug)]
pub(crate) struct ColumnBuilder {
    data: Data,
    present: BitmapBuilder,
    next_row: usize,
}

#[derive(Debug)]
enum Data {
    Bool(BitmapBuilder),
    Int(Vec<i64>),
    UInt(Vec<u64>),
    SInt(Vec<i64>),
    Float(Vec<f32>),
    Double(Vec<f64>),
    String(Vec<u32>),
}

impl ColumnBuilder {
    pub(crate) fn new(value_type: ValueType) -> Self {
        let data = match value_type {
            ValueType::Bool => Data::Bool(BitmapBuilder::default()),
            ValueType::Int => Data::Int(Vec::new()),
            ValueType::UInt => Data::UInt(Vec::new()),
            ValueType::SInt => Data::SInt(Vec::new()),
            ValueType::Float => Data::Float(Vec::new()),
            ValueType::Double => Data::Double(Vec::new()),
            ValueType::String => Data::String(Vec::new()),
        };
        Self { data, present: BitmapBuilder::default(), next_row: 0 }
    }

    /// Whether `row` has a value already.
    pub(crate) fn has(&self, row: usize) -> bool {
        row < self.next_row
    }

    /// Gives `row`, which must lie behind the rows that have a value, the value `cell`, which must
    /// be of the column's type.
    #[inline]
    pub(crate) fn push(&mut self, row: usize, cell: Cell) {
        debug_assert!(row >= self.next_row);
        fn put<T: Copy + Default>(values: &mut Vec<T>, row: usize, value: T) {
            values.resize(row, T::default());
            values.push(value);
        }
        match (&mut self.data, cell) {
            (Data::Bool(values), Cell::Bool(value)) => {
                if value {
                    values.set(row);
                }
            }
            (Data::Int(values), Cell::Int(value)) | (Data::SInt(values), Cell::SInt(value)) => {
                put(values, row, value);
            }
            (Data::UInt(values), Cell::UInt(value)) => put(values, row, value),
            (Data::Float(values), Cell::Float(value)) => put(values, row, value),
            (Data::Double(values), Cell::Double(value)) => put(values, row, value),
            (Data::String(values), Cell::String(value)) => put(values, row, value),
            (data, cell) => unreachable!("{cell:?} into a column of {data:?}"),
        }
        self.present.set(row);
        self.next_row = row + 1;
    }

    /// The column of `rows` features; `dictionary` holds what the string cells point at.
    pub(crate) fn finish(self, name: SmolStr, rows: usize, dictionary: &Arc<Utf8>) -> Column {
        fn fill<T: Clone + Default>(mut values: Vec<T>, rows: usize) -> Vec<T> {
            values.resize(rows, T::default());
            values
        }
        let values = match self.data {
            Data::Bool(values) => Values::Bool(values.finish(rows)),
            Data::Int(values) => Values::Int(fill(values, rows).into()),
            Data::UInt(values) => Values::UInt(fill(values, rows).into()),
            Data::SInt(values) => Values::SInt(fill(values, rows).into()),
            Data::Float(values) => Values::Float(fill(values, rows).into()),
            Data::Double(values) => Values::Double(fill(values, rows).into()),
            Data::String(keys) => Values::String(Strings::Dictionary {
                keys: fill(keys, rows).into(),
                dictionary: Arc::clone(dictionary),
            }),
        };
        Column { name, values, nulls: self.present.into_nulls(rows) }
    }
}

/// Builds the id column.
#[derive(Debug, Default)]
pub(crate) struct IdsBuilder {
    values: Vec<u64>,
    present: BitmapBuilder,
}

impl IdsBuilder {
    /// Gives `row`, which must lie behind those that have an id, the id `id`.
    #[inline]
    pub(crate) fn push(&mut self, row: usize, id: u64) {
        self.values.resize(row, 0);
        self.values.push(id);
        self.present.set(row);
    }

    /// The ids of `rows` features, or none if no feature has one.
    pub(crate) fn finish(mut self, rows: usize) -> Option<Ids> {
        if self.values.is_empty() {
            return None;
        }
        self.values.resize(rows, 0);
        Some(Ids { values: self.values.into(), nulls: self.present.into_nulls(rows) })
    }
}
