//! Values that hold values: structs, lists and maps, in memory as Arrow has them.
//!
//! On the wire a nested column is the columns of its leaves, with Dremel's repetition and definition
//! levels: see `shred` (from arrays to levels) and `assemble` (back).

pub(crate) mod assemble;
pub(crate) mod builder;
mod entries;
pub(crate) mod frames;
pub(crate) mod grouped;
pub(crate) mod shred;
#[cfg(test)]
mod tests;
pub(crate) mod types;

use std::fmt;

use super::{Column, Value};
use crate::array::OffsetBuffer;

/// How many structs, lists and maps may lie within one another, the outermost counted.
pub(crate) const MAX_DEPTH: usize = 16;

/// The names of the columns within lists and maps, which have none of their own.
pub(crate) const ITEM: &str = "item";
pub(crate) const KEY: &str = "key";
pub(crate) const VALUE: &str = "value";

/// The values of a column whose values hold values. Columns within have an entry for each entry
/// (struct) or element (list, map), also for those that are null; their `nulls` tell which are.
#[derive(Clone, Debug, PartialEq)]
pub enum Nested {
    /// Named values side by side (Arrow's `Struct`).
    Struct {
        /// The number of entries.
        len: usize,
        /// The fields, each of as many entries.
        fields: Vec<Column>,
    },
    /// Any number of values of one type (Arrow's `List`).
    List {
        /// Where the elements of each entry start and end in `items`; one more than there are entries.
        offsets: OffsetBuffer<i32>,
        /// The elements of all entries.
        items: Box<Column>,
    },
    /// Keys, each with a value or none (Arrow's `Map`).
    Map {
        /// Where the pairs of each entry start and end; one more than there are entries.
        offsets: OffsetBuffer<i32>,
        /// The keys of all entries; none of them is null.
        keys: Box<Column>,
        /// The values of all entries.
        values: Box<Column>,
    },
}

impl Nested {
    /// A list of these elements.
    pub fn list(offsets: OffsetBuffer<i32>, mut items: Column) -> Self {
        items.name = ITEM.into();
        Self::List { offsets, items: Box::new(items) }
    }

    /// A map of these keys and values.
    pub fn map(offsets: OffsetBuffer<i32>, mut keys: Column, mut values: Column) -> Self {
        keys.name = KEY.into();
        values.name = VALUE.into();
        Self::Map { offsets, keys: Box::new(keys), values: Box::new(values) }
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        match self {
            Self::Struct { len, .. } => *len,
            Self::List { offsets, .. } | Self::Map { offsets, .. } => offsets.len() - 1,
        }
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `struct`, `list` or `map`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Struct { .. } => "struct",
            Self::List { .. } => "list",
            Self::Map { .. } => "map",
        }
    }

    /// The columns within.
    pub(crate) fn children(&self) -> Vec<&Column> {
        match self {
            Self::Struct { fields, .. } => fields.iter().collect(),
            Self::List { items, .. } => vec![items],
            Self::Map { keys, values, .. } => vec![keys, values],
        }
    }

    /// What makes it unfit, if anything: see [`Column::try_new`]. `depth` is how many structs, lists
    /// and maps there may be, this one counted.
    pub(crate) fn check(&self, depth: usize) -> Result<(), &'static str> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err("structs, lists and maps nested more than 16 deep");
        };
        match self {
            Self::Struct { len, fields } => {
                if fields.iter().any(|field| field.len() != *len) {
                    return Err("a field of a struct that has not as many entries as the struct");
                }
            }
            Self::List { offsets, items } => {
                if offsets[offsets.len() - 1] as usize > items.len() {
                    return Err("a list that ends behind its elements");
                }
            }
            Self::Map { offsets, keys, values } => {
                if offsets[offsets.len() - 1] as usize > keys.len() || keys.len() != values.len() {
                    return Err("a map that ends behind its keys or values");
                }
                if keys.null_count() > 0 {
                    return Err("a map with a key that is null");
                }
            }
        }
        self.children().into_iter().try_for_each(|child| child.check_within(depth))
    }
}

/// One value of a nested column: what feature `row` has.
#[derive(Clone, Copy)]
pub struct NestedValue<'a> {
    nested: &'a Nested,
    row: usize,
}

impl<'a> NestedValue<'a> {
    pub(crate) fn new(nested: &'a Nested, row: usize) -> Self {
        Self { nested, row }
    }

    /// The column's values, which tell whether this is a struct, a list or a map.
    pub fn nested(&self) -> &'a Nested {
        self.nested
    }

    fn range(&self) -> std::ops::Range<usize> {
        match self.nested {
            Nested::Struct { .. } => 0..0,
            Nested::List { offsets, .. } | Nested::Map { offsets, .. } => {
                offsets[self.row] as usize..offsets[self.row + 1] as usize
            }
        }
    }

    /// The fields of a struct, by name; nothing if it is none.
    pub fn fields(self) -> impl Iterator<Item = (&'a str, Option<Value<'a>>)> {
        let fields: &[Column] = match self.nested {
            Nested::Struct { fields, .. } => fields,
            _ => &[],
        };
        fields.iter().map(move |field| (field.name.as_str(), field.get(self.row)))
    }

    /// The elements of a list; nothing if it is none.
    pub fn items(self) -> impl Iterator<Item = Option<Value<'a>>> {
        let items = match self.nested {
            Nested::List { items, .. } => Some(items),
            _ => None,
        };
        let range = self.range();
        items.into_iter().flat_map(move |items| range.clone().map(|index| items.get(index)))
    }

    /// The keys of a map, each with its value; nothing if it is none.
    pub fn entries(self) -> impl Iterator<Item = (Value<'a>, Option<Value<'a>>)> {
        let columns = match self.nested {
            Nested::Map { keys, values, .. } => Some((keys, values)),
            _ => None,
        };
        let range = self.range();
        columns.into_iter().flat_map(move |(keys, values)| {
            range.clone().filter_map(|index| Some((keys.get(index)?, values.get(index))))
        })
    }
}

impl PartialEq for NestedValue<'_> {
    /// Compares what is there, not how it is held.
    fn eq(&self, other: &Self) -> bool {
        self.nested.type_name() == other.nested.type_name()
            && self.fields().eq(other.fields())
            && self.items().eq(other.items())
            && self.entries().eq(other.entries())
    }
}

impl fmt::Debug for NestedValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.nested {
            Nested::List { .. } => f.debug_list().entries(self.items()).finish(),
            Nested::Struct { .. } => f.debug_map().entries(self.fields()).finish(),
            Nested::Map { .. } => f.debug_map().entries(self.entries()).finish(),
        }
    }
}
