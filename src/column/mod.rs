//! Columns of a layer in memory: one value per feature, in Arrow's layout.

pub(crate) mod builder;
pub(crate) mod forms;
pub(crate) mod hashed;
pub(crate) mod json;
pub(crate) mod kind;
pub(crate) mod nested;
pub(crate) mod present;
pub(crate) mod scalar;
pub(crate) mod sharing;
pub(crate) mod string;
pub(crate) mod take;
pub(crate) mod together;
pub(crate) mod tokens;

use std::sync::{Arc, LazyLock};

pub use kind::ColumnKind;
pub use nested::{Nested, NestedValue};

use smol_str::SmolStr;

use crate::array::{BooleanBuffer, NullBuffer, ScalarBuffer, Utf8};
use crate::error::{Error, Result};

/// A property: a name and one value, or none, per feature.
///
/// A layer may have several columns of one name: where features give one key values of different
/// types, each type has its own column, and where a feature gives one key twice, the second value
/// stands in a further column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// The property's key.
    pub name: SmolStr,
    /// The values; where a feature has none, the entry holds an arbitrary value.
    pub values: Values,
    /// Which features have a value; none means all of them.
    pub nulls: Option<NullBuffer>,
}

/// The values of a column, one per feature. The types are those of MVT's `Value` message.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// `bool_value`
    Bool(BooleanBuffer),
    /// `int_value`: a signed integer that MVT writes in two's complement.
    Int(ScalarBuffer<i64>),
    /// `uint_value`
    UInt(ScalarBuffer<u64>),
    /// `sint_value`: a signed integer that MVT writes in zigzag form.
    SInt(ScalarBuffer<i64>),
    /// `float_value`
    Float(ScalarBuffer<f32>),
    /// `double_value`
    Double(ScalarBuffer<f64>),
    /// `string_value`
    String(Strings),
    /// Structs, lists or maps, which MVT has not.
    Nested(Nested),
}

/// The strings of a column.
#[derive(Clone, Debug)]
pub enum Strings {
    /// One string per feature.
    Plain(Utf8),
    /// One key per feature, which points into a dictionary (Arrow's `Dictionary(UInt32, Utf8)`).
    /// Several columns may share a dictionary, and it may hold strings no key points at. Keys and validity of columns
    /// that were decoded together lie in common buffers, of which each is a slice: one column keeps all of them.
    Dictionary {
        /// Index into `dictionary`, per feature; arbitrary but within it where there is no value,
        /// or 0 where the dictionary is empty.
        keys: ScalarBuffer<u32>,
        /// The strings.
        dictionary: Arc<Utf8>,
    },
}

impl Strings {
    /// Strings of a dictionary whose keys follow, see [`Self::set_keys`].
    pub(crate) fn without_keys(dictionary: Arc<Utf8>) -> Self {
        static NONE: LazyLock<ScalarBuffer<u32>> = LazyLock::new(|| Vec::new().into());
        Self::Dictionary { keys: NONE.clone(), dictionary }
    }

    /// Gives them other keys, if they have some.
    pub(crate) fn set_keys(&mut self, others: ScalarBuffer<u32>) {
        if let Self::Dictionary { keys, .. } = self {
            *keys = others;
        }
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        match self {
            Self::Plain(strings) => strings.len(),
            Self::Dictionary { keys, .. } => keys.len(),
        }
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The string of feature `row`, which must have one.
    pub fn get(&self, row: usize) -> &str {
        match self {
            Self::Plain(strings) => strings.get(row),
            Self::Dictionary { keys, dictionary } => dictionary.get(keys[row] as usize),
        }
    }
}

impl PartialEq for Strings {
    /// Compares the strings, not the way they are held. Entries without a value count as well, so
    /// columns are compared by [`Column::get`] where that matters.
    fn eq(&self, other: &Self) -> bool {
        // Keys that point nowhere, into an empty dictionary, stand for no value.
        fn entry(strings: &Strings, row: usize) -> &str {
            match strings {
                Strings::Dictionary { dictionary, .. } if dictionary.is_empty() => "",
                strings => strings.get(row),
            }
        }
        self.len() == other.len() && (0..self.len()).all(|row| entry(self, row) == entry(other, row))
    }
}

/// One value of a property.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// `bool_value`
    Bool(bool),
    /// `int_value`
    Int(i64),
    /// `uint_value`
    UInt(u64),
    /// `sint_value`
    SInt(i64),
    /// `float_value`
    Float(f32),
    /// `double_value`
    Double(f64),
    /// `string_value`
    String(&'a str),
    /// A struct, a list or a map.
    Nested(NestedValue<'a>),
}

impl Values {
    /// The number of entries, with or without a value.
    pub fn len(&self) -> usize {
        match self {
            Self::Bool(values) => values.len(),
            Self::Int(values) | Self::SInt(values) => values.len(),
            Self::UInt(values) => values.len(),
            Self::Float(values) => values.len(),
            Self::Double(values) => values.len(),
            Self::String(values) => values.len(),
            Self::Nested(values) => values.len(),
        }
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Entry `row`, which must have a value.
    pub(crate) fn at(&self, row: usize) -> Value<'_> {
        match self {
            Self::Bool(values) => Value::Bool(values.value(row)),
            Self::Int(values) => Value::Int(values[row]),
            Self::UInt(values) => Value::UInt(values[row]),
            Self::SInt(values) => Value::SInt(values[row]),
            Self::Float(values) => Value::Float(values[row]),
            Self::Double(values) => Value::Double(values[row]),
            Self::String(values) => Value::String(values.get(row)),
            Self::Nested(values) => Value::Nested(NestedValue::new(values, row)),
        }
    }
}

impl Column {
    /// Checks that there is a validity bit per value, that dictionary keys lie within the dictionary,
    /// and that the columns within nested ones fit them and lie at most 16 deep.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] if not.
    pub fn try_new(name: impl Into<SmolStr>, values: Values, nulls: Option<NullBuffer>) -> Result<Self> {
        let column = Self { name: name.into(), values, nulls };
        column.check().map_err(|what| Error::input(what).within(format!("column {:?}", column.name)))?;
        Ok(column)
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.check_within(nested::MAX_DEPTH)
    }

    /// [`Self::check`] with at most `depth` structs, lists and maps.
    fn check_within(&self, depth: usize) -> Result<(), &'static str> {
        if self.nulls.as_ref().is_some_and(|nulls| nulls.len() != self.values.len()) {
            return Err("not as many validity bits as values");
        }
        if let Values::String(Strings::Dictionary { keys, dictionary }) = &self.values {
            let limit = (dictionary.len() as u32).max(1);
            if keys.iter().any(|&key| key >= limit) {
                return Err("a dictionary key points past the dictionary");
            }
            if dictionary.is_empty() && self.null_count() != keys.len() {
                return Err("values without a dictionary to point at");
            }
        }
        if let Values::Nested(nested) = &self.values {
            nested.check(depth)?;
        }
        Ok(())
    }

    /// Whether there are maps in it.
    pub(crate) fn has_map(&self) -> bool {
        match &self.values {
            Values::Nested(nested) => {
                matches!(nested, Nested::Map { .. }) || nested.children().into_iter().any(Self::has_map)
            }
            _ => false,
        }
    }

    /// The number of features.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether the column has no features.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of features without a value.
    pub fn null_count(&self) -> usize {
        self.nulls.as_ref().map_or(0, NullBuffer::null_count)
    }

    /// Whether feature `row` has a value.
    pub fn is_valid(&self, row: usize) -> bool {
        self.nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row))
    }

    /// The value of feature `row`, if it has one. For single look-ups; loops over a column do
    /// better to match on [`Column::values`] once.
    ///
    /// # Panics
    /// If there is no such feature.
    pub fn get(&self, row: usize) -> Option<Value<'_>> {
        self.is_valid(row).then(|| self.values.at(row))
    }
}

/// The ids of a layer's features.
#[derive(Clone, Debug, PartialEq)]
pub struct Ids {
    /// The id of each feature; arbitrary where it has none.
    pub values: ScalarBuffer<u64>,
    /// Which features have an id; none means all of them.
    pub nulls: Option<NullBuffer>,
}

impl Ids {
    /// The id of feature `row`, if it has one.
    ///
    /// # Panics
    /// If there is no such feature.
    pub fn get(&self, row: usize) -> Option<u64> {
        self.nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)).then(|| self.values[row])
    }
}
