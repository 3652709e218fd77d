//! The types of nested values, and what several have in common.

use super::MAX_DEPTH;
use super::builder::Item;
use crate::column::Value;
use crate::column::builder::ValueType;

/// The type of a nested value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    /// Nothing but nulls were seen.
    Unknown,
    Value(ValueType),
    /// Fields in the order they were first seen.
    Struct(Vec<(String, Type)>),
    List(Box<Type>),
    /// That of keys, and that of values.
    Map(ValueType, Box<Type>),
}

/// Why values have no type in common, or a value has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TypeError {
    /// They are of different types.
    Mixed,
    /// Nothing can make it fit.
    Never(&'static str),
}

impl Type {
    /// The type of `item`.
    pub(crate) fn of(item: &Item) -> Result<Self, TypeError> {
        Self::within(item, MAX_DEPTH)
    }

    fn within(item: &Item, depth: usize) -> Result<Self, TypeError> {
        let deeper = || depth.checked_sub(1).ok_or(TypeError::Never("values nested more than 16 deep"));
        Ok(match item {
            Item::Null => Self::Unknown,
            Item::Value(Value::Nested(value)) => Self::within(&Item::from(*value), depth)?,
            Item::Value(value) => Self::Value(ValueType::of(value)),
            Item::Struct(items) => {
                let depth = deeper()?;
                let mut fields: Vec<(String, Self)> = Vec::with_capacity(items.len());
                for (name, item) in items {
                    if fields.iter().any(|(field, _)| field == name) {
                        return Err(TypeError::Never("a struct that has a field twice"));
                    }
                    fields.push(((*name).to_owned(), Self::within(item, depth)?));
                }
                Self::Struct(fields)
            }
            Item::List(items) => Self::List(Box::new(Self::common(items.iter(), deeper()?)?)),
            Item::Map(entries) => {
                let depth = deeper()?;
                let keys = match Self::common(entries.iter().map(|(key, _)| key), depth)? {
                    Self::Value(keys) => keys,
                    Self::Unknown if entries.is_empty() => ValueType::String,
                    _ => return Err(TypeError::Never("a map with a key that is null or nested")),
                };
                if entries.iter().any(|(key, _)| matches!(key, Item::Null)) {
                    return Err(TypeError::Never("a map with a key that is null or nested"));
                }
                Self::Map(keys, Box::new(Self::common(entries.iter().map(|(_, value)| value), depth)?))
            }
        })
    }

    fn common<'a>(mut items: impl Iterator<Item = &'a Item<'a>>, depth: usize) -> Result<Self, TypeError> {
        items.try_fold(Self::Unknown, |all, item| all.merge(Self::within(item, depth)?))
    }

    /// The type of values of both types.
    pub(crate) fn merge(self, other: Self) -> Result<Self, TypeError> {
        Ok(match (self, other) {
            (Self::Unknown, other) | (other, Self::Unknown) => other,
            (Self::Value(one), Self::Value(other)) if one == other => Self::Value(one),
            (Self::List(one), Self::List(other)) => Self::List(Box::new(one.merge(*other)?)),
            (Self::Map(keys, one), Self::Map(other_keys, other)) if keys == other_keys => {
                Self::Map(keys, Box::new(one.merge(*other)?))
            }
            (Self::Struct(mut fields), Self::Struct(others)) => {
                for (name, other) in others {
                    match fields.iter_mut().find(|(field, _)| *field == name) {
                        None => fields.push((name, other)),
                        Some((_, field)) => {
                            *field = std::mem::replace(field, Self::Unknown).merge(other)?;
                        }
                    }
                }
                Self::Struct(fields)
            }
            _ => return Err(TypeError::Mixed),
        })
    }
}
