//! The types of values, as directories and columns tell them, and what holds values of two types.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Fields};

use crate::column::{Column, ColumnKind, Nested, Values};
use crate::tile::directory::ColumnEntry;

/// The type of a column's values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Bool,
    Int,
    UInt,
    Float,
    Double,
    String,
    Struct(Vec<(String, Shape)>),
    List(Box<Shape>),
    Map(Box<[Shape; 2]>),
    /// Values of vertices, of which a table has lists.
    Measure(Box<Shape>),
}

impl Shape {
    /// Of a column of the directory; none for those without values of their own.
    pub(super) fn of_entry(column: &ColumnEntry) -> Option<Self> {
        let child = |number: usize| Self::of_entry(&column.children()[number]);
        Some(match column.kind() {
            ColumnKind::Bool => Self::Bool,
            ColumnKind::Int | ColumnKind::SInt => Self::Int,
            ColumnKind::UInt => Self::UInt,
            ColumnKind::Float => Self::Float,
            ColumnKind::Double => Self::Double,
            ColumnKind::String | ColumnKind::StringDictionary | ColumnKind::SharedString => Self::String,
            ColumnKind::Struct => {
                let fields = column.children().iter();
                Self::Struct(
                    fields
                        .filter_map(|child| Some((child.name().to_owned(), Self::of_entry(child)?)))
                        .collect(),
                )
            }
            ColumnKind::List => Self::List(Box::new(child(0)?)),
            ColumnKind::MValues => Self::Measure(Box::new(child(0)?)),
            ColumnKind::Map | ColumnKind::GroupedMap => Self::Map(Box::new([child(0)?, child(1)?])),
            ColumnKind::Id
            | ColumnKind::HashedId
            | ColumnKind::Geometry
            | ColumnKind::SharedDictionary
            | ColumnKind::BorrowedDictionary
            | ColumnKind::Z => return None,
        })
    }

    pub(super) fn of(values: &Values) -> Self {
        let child = |column: &Column| Self::of(&column.values);
        match values {
            Values::Bool(_) => Self::Bool,
            Values::Int(_) | Values::SInt(_) => Self::Int,
            Values::UInt(_) => Self::UInt,
            Values::Float(_) => Self::Float,
            Values::Double(_) => Self::Double,
            Values::String(_) => Self::String,
            Values::Nested(Nested::Struct { fields, .. }) => {
                Self::Struct(fields.iter().map(|field| (field.name.to_string(), child(field))).collect())
            }
            Values::Nested(Nested::List { items, .. }) => Self::List(Box::new(child(items))),
            Values::Nested(Nested::Map { keys, values, .. }) => {
                Self::Map(Box::new([child(keys), child(values)]))
            }
        }
    }

    /// What holds values of both types, if anything does.
    pub(super) fn merge(&self, other: &Self) -> Option<Self> {
        use Shape::{Double, Float, Int, List, Map, Measure, Struct, UInt};
        Some(match (self, other) {
            _ if self == other => self.clone(),
            (Int | UInt, Int | UInt) => Int,
            (Int | UInt | Float | Double, Int | UInt | Float | Double) => Double,
            (List(one), List(other)) => List(Box::new(one.merge(other)?)),
            (Measure(one), Measure(other)) => Measure(Box::new(one.merge(other)?)),
            (Map(one), Map(other)) => Map(Box::new([one[0].merge(&other[0])?, one[1].merge(&other[1])?])),
            (Struct(one), Struct(other)) => {
                let mut fields = one.clone();
                for (name, shape) in other {
                    match fields.iter_mut().find(|(own, _)| own == name) {
                        Some((_, own)) => *own = own.merge(shape)?,
                        None => fields.push((name.clone(), shape.clone())),
                    }
                }
                Struct(fields)
            }
            _ => return None,
        })
    }

    /// Whether values of another type fit without a change of this one.
    pub(super) fn holds(&self, other: &Self) -> bool {
        self.merge(other).as_ref() == Some(self)
    }

    /// As in the names of further fields of one key.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::UInt => "uint",
            Self::Float => "float",
            Self::Double => "double",
            Self::String => "string",
            Self::Struct(_) => "struct",
            Self::List(_) => "list",
            Self::Map(_) => "map",
            Self::Measure(_) => "measure",
        }
    }

    pub(super) fn data_type(&self) -> DataType {
        match self {
            Self::Bool => DataType::Boolean,
            Self::Int => DataType::Int64,
            Self::UInt => DataType::UInt64,
            Self::Float => DataType::Float32,
            Self::Double => DataType::Float64,
            Self::String => DataType::Utf8,
            Self::Struct(fields) => {
                let fields = fields.iter().map(|(name, shape)| Field::new(name, shape.data_type(), true));
                DataType::Struct(fields.collect::<Fields>())
            }
            Self::List(item) | Self::Measure(item) => {
                DataType::List(Arc::new(Field::new("item", item.data_type(), true)))
            }
            Self::Map(pair) => {
                let key = Field::new("key", pair[0].data_type(), false);
                let value = Field::new("value", pair[1].data_type(), true);
                let entries = DataType::Struct(Fields::from(vec![key, value]));
                DataType::Map(Arc::new(Field::new("entries", entries, false)), false)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_both() {
        use Shape::{Bool, Double, Float, Int, String, UInt};
        assert_eq!(Int.merge(&UInt), Some(Int));
        assert_eq!(UInt.merge(&Float), Some(Double));
        assert_eq!(Float.merge(&Float), Some(Float));
        assert_eq!(Bool.merge(&Int), None);
        let list = |shape| Shape::List(Box::new(shape));
        assert_eq!(list(Int).merge(&list(Double)), Some(list(Double)));
        assert_eq!(list(Int).merge(&list(String)), None);
        let measure = |shape| Shape::Measure(Box::new(shape));
        assert_eq!(measure(Int).merge(&measure(Double)), Some(measure(Double)));
        assert_eq!(list(Int).merge(&measure(Int)), None);
        let of = |fields: &[(&str, Shape)]| {
            Shape::Struct(fields.iter().map(|(name, shape)| ((*name).to_owned(), shape.clone())).collect())
        };
        let both = of(&[("a", Int)]).merge(&of(&[("b", String), ("a", Double)]));
        assert_eq!(both, Some(of(&[("a", Double), ("b", String)])));
        assert!(Double.holds(&UInt) && !UInt.holds(&Int));
    }
}
