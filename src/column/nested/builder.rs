//! Nested columns built value by value; their type grows with the values.

use std::sync::Arc;

use smol_str::SmolStr;

use super::types::{Type, TypeError};
use super::{ITEM, KEY, Nested, NestedValue, VALUE};
use crate::array::bitmap::BitmapBuilder;
use crate::array::{Utf8, offsets};
use crate::column::builder::{Cell, ColumnBuilder, ValueType};
use crate::column::{Column, Value, Values};
use crate::error::{Error, Result};

/// A value to append to a nested column.
#[derive(Clone, Debug, PartialEq)]
pub enum Item<'a> {
    /// No value.
    Null,
    /// A value that holds no others, or one of another nested column.
    Value(Value<'a>),
    /// Fields, each name once; a field that is left out has no value.
    Struct(Vec<(&'a str, Item<'a>)>),
    /// Elements, all of one type.
    List(Vec<Item<'a>>),
    /// Keys, none of which is null or nested, and their values.
    Map(Vec<(Item<'a>, Item<'a>)>),
}

impl<'a> Item<'a> {
    fn of(value: Option<Value<'a>>) -> Self {
        value.map_or(Self::Null, |value| match value {
            Value::Nested(value) => value.into(),
            value => Self::Value(value),
        })
    }
}

impl<'a> From<NestedValue<'a>> for Item<'a> {
    fn from(value: NestedValue<'a>) -> Self {
        match value.nested() {
            Nested::Struct { .. } => {
                Self::Struct(value.fields().map(|(name, field)| (name, Self::of(field))).collect())
            }
            Nested::List { .. } => Self::List(value.items().map(Self::of).collect()),
            Nested::Map { .. } => Self::Map(
                value.entries().map(|(key, value)| (Self::of(Some(key)), Self::of(value))).collect(),
            ),
        }
    }
}

/// Builds one nested column.
#[derive(Debug)]
pub(crate) struct NestedBuilder {
    value_type: Type,
    root: Node,
    next_row: usize,
}

/// The place of a string in the dictionary that [`NestedBuilder::finish`] gets.
pub(crate) type Intern<'a> = &'a mut dyn FnMut(&str) -> Result<u32>;

impl NestedBuilder {
    pub(crate) fn new() -> Self {
        Self { value_type: Type::Unknown, root: Node::default(), next_row: 0 }
    }

    /// Whether `row` has a value already.
    pub(crate) fn has(&self, row: usize) -> bool {
        row < self.next_row
    }

    /// The type that the column has once it holds a value of type `other`, too.
    pub(crate) fn with(&self, other: &Type) -> Result<Type, TypeError> {
        self.value_type.clone().merge(other.clone())
    }

    /// Gives `row`, which must lie behind the rows that have a value, the value `item`; `value_type` is
    /// what [`Self::with`] says of it.
    pub(crate) fn push(&mut self, row: usize, item: &Item, value_type: Type, intern: Intern) -> Result<()> {
        debug_assert!(!self.has(row));
        self.value_type = value_type;
        self.next_row = row + 1;
        self.root.push(row, item, intern)
    }

    /// The column of `rows` features; `dictionary` holds what the strings point at.
    pub(crate) fn finish(self, name: SmolStr, rows: usize, dictionary: &Arc<Utf8>) -> Column {
        self.root.finish(name, rows, dictionary)
    }
}

/// A column within, or the whole one.
#[derive(Debug, Default)]
struct Node {
    present: BitmapBuilder,
    shape: Shape,
}

#[derive(Debug, Default)]
enum Shape {
    /// Nothing but nulls so far.
    #[default]
    Unknown,
    Leaf(ColumnBuilder),
    Struct(Vec<(String, Node)>),
    List(Ends, Box<Node>),
    Map(Ends, Box<(Node, Node)>),
}

/// Where the elements of each row end.
#[derive(Debug, Default)]
struct Ends(Vec<i32>);

impl Ends {
    fn last(&self) -> i32 {
        self.0.last().copied().unwrap_or(0)
    }

    /// Gives `row` as many elements; returns the number of the first.
    fn push(&mut self, row: usize, count: usize) -> Result<usize> {
        let first = self.last();
        let end = i32::try_from(first as usize + count)
            .map_err(|_| Error::input("more than 2^31 - 1 elements of lists"))?;
        self.0.resize(row, first);
        self.0.push(end);
        Ok(first as usize)
    }

    fn finish(mut self, rows: usize) -> Vec<i32> {
        let last = self.last();
        self.0.resize(rows, last);
        self.0.insert(0, 0);
        self.0
    }
}

impl Node {
    /// The type of `item` has been checked to be that of the node.
    fn push(&mut self, row: usize, item: &Item, intern: Intern) -> Result<()> {
        match item {
            Item::Null => return Ok(()),
            Item::Value(Value::Nested(value)) => return self.push(row, &Item::from(*value), intern),
            Item::Value(value) => {
                let cell = Cell::new(*value, |string| intern(string))?;
                if let Shape::Unknown = self.shape {
                    self.shape = Shape::Leaf(ColumnBuilder::new(cell.value_type()));
                }
                let Shape::Leaf(column) = &mut self.shape else { unreachable!("types were merged") };
                column.push(row, cell);
            }
            Item::Struct(items) => {
                if let Shape::Unknown = self.shape {
                    self.shape = Shape::Struct(Vec::new());
                }
                let Shape::Struct(fields) = &mut self.shape else { unreachable!("types were merged") };
                for (name, item) in items {
                    let place = fields.iter().position(|(field, _)| field == name);
                    let place = place.unwrap_or_else(|| {
                        fields.push(((*name).to_owned(), Self::default()));
                        fields.len() - 1
                    });
                    fields[place].1.push(row, item, intern)?;
                }
            }
            Item::List(list) => {
                if let Shape::Unknown = self.shape {
                    self.shape = Shape::List(Ends::default(), Box::default());
                }
                let Shape::List(ends, items) = &mut self.shape else { unreachable!("types were merged") };
                let first = ends.push(row, list.len())?;
                for (index, item) in list.iter().enumerate() {
                    items.push(first + index, item, intern)?;
                }
            }
            Item::Map(entries) => {
                if let Shape::Unknown = self.shape {
                    self.shape = Shape::Map(Ends::default(), Box::default());
                }
                let Shape::Map(ends, columns) = &mut self.shape else { unreachable!("types were merged") };
                let first = ends.push(row, entries.len())?;
                for (index, (key, value)) in entries.iter().enumerate() {
                    columns.0.push(first + index, key, intern)?;
                    columns.1.push(first + index, value, intern)?;
                }
            }
        }
        self.present.set(row);
        Ok(())
    }

    fn finish(self, name: SmolStr, rows: usize, dictionary: &Arc<Utf8>) -> Column {
        let nested = match self.shape {
            Shape::Leaf(column) => return column.finish(name, rows, dictionary),
            // Of no type, so of any.
            Shape::Unknown => return ColumnBuilder::new(ValueType::String).finish(name, rows, dictionary),
            Shape::Struct(fields) => {
                let fields =
                    fields.into_iter().map(|(name, field)| field.finish(name.into(), rows, dictionary));
                Nested::Struct { len: rows, fields: fields.collect() }
            }
            Shape::List(ends, items) => {
                let count = ends.last() as usize;
                Nested::list(offsets::seal(ends.finish(rows)), items.finish(ITEM.into(), count, dictionary))
            }
            Shape::Map(ends, columns) => {
                let count = ends.last() as usize;
                let (keys, values) = *columns;
                let keys = keys.finish(KEY.into(), count, dictionary);
                let values = values.finish(VALUE.into(), count, dictionary);
                Nested::map(offsets::seal(ends.finish(rows)), keys, values)
            }
        };
        Column { name, values: Values::Nested(nested), nulls: self.present.into_nulls(rows) }
    }
}
