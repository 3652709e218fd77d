//! Conditions on the properties of features, and what a directory's statistics say of them.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::array::BooleanBuffer;
use crate::column::{Column, ColumnKind, Strings, Value, Values};
use crate::stream::Role;
use crate::tile::directory::{ColumnEntry, LayerEntry};
use crate::tile::layer::Layer;
use crate::tile::statistics::Bounds;

/// A value that properties are compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// A truth value.
    Bool(bool),
    /// A signed integer.
    Int(i64),
    /// An unsigned integer.
    UInt(u64),
    /// A number.
    Double(f64),
    /// A string.
    String(String),
}

/// How a property is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// It is equal.
    Eq,
    /// It is not equal.
    Ne,
    /// It is less.
    Lt,
    /// It is less or equal.
    Le,
    /// It is greater.
    Gt,
    /// It is greater or equal.
    Ge,
}

/// A condition on the properties of a feature.
///
/// Numbers of all types are compared with each other, by their exact values; strings by their bytes; false
/// is less than true. A value of another kind, no number, a nested one, and none at all fulfil no
/// comparison, not even [`Comparison::Ne`]. Of several columns of one name it suffices that one
/// fulfils it.
#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    /// The property compares so with the value.
    Compare(String, Comparison, Literal),
    /// The property is equal to one of these.
    In(String, Vec<Literal>),
    /// There is no such property.
    IsNull(String),
    /// There is such a property.
    IsNotNull(String),
    /// All of these hold.
    And(Vec<Predicate>),
    /// One of these holds.
    Or(Vec<Predicate>),
}

impl Comparison {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Eq => ordering.is_eq(),
            Self::Ne => ordering.is_ne(),
            Self::Lt => ordering.is_lt(),
            Self::Le => ordering.is_le(),
            Self::Gt => ordering.is_gt(),
            Self::Ge => ordering.is_ge(),
        }
    }
}

/// A number of any type.
#[derive(Clone, Copy)]
enum Number {
    Integer(i128),
    Double(f64),
}

impl Number {
    fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Integer(one), Self::Integer(other)) => Some(one.cmp(&other)),
            (Self::Double(one), Self::Double(other)) => one.partial_cmp(&other),
            (Self::Double(one), Self::Integer(other)) => double_and_integer(one, other),
            (Self::Integer(one), Self::Double(other)) => {
                double_and_integer(other, one).map(Ordering::reverse)
            }
        }
    }
}

/// Integers of 64 bits lie within the range of those of 128 that a cast of larger doubles ends at.
fn double_and_integer(double: f64, integer: i128) -> Option<Ordering> {
    if double.is_nan() {
        return None;
    }
    let whole = double.trunc();
    Some((whole as i128).cmp(&integer).then(double.partial_cmp(&whole)?))
}

fn number(value: Value) -> Option<Number> {
    match value {
        Value::Int(value) | Value::SInt(value) => Some(Number::Integer(value.into())),
        Value::UInt(value) => Some(Number::Integer(value.into())),
        Value::Float(value) => Some(Number::Double(value.into())),
        Value::Double(value) => Some(Number::Double(value)),
        Value::Bool(_) | Value::String(_) | Value::Nested(_) => None,
    }
}

impl Literal {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) => Value::Int(*value),
            Self::UInt(value) => Value::UInt(*value),
            Self::Double(value) => Value::Double(*value),
            Self::String(value) => Value::String(value),
        }
    }

    /// Where a value stands to this one; none if they cannot be compared.
    fn order(&self, value: Value) -> Option<Ordering> {
        match (value, self.value()) {
            (Value::Bool(one), Value::Bool(other)) => Some(one.cmp(&other)),
            (Value::String(one), Value::String(other)) => Some(one.as_bytes().cmp(other.as_bytes())),
            (one, other) => number(one)?.compare(number(other)?),
        }
    }

    /// Whether a column of that kind can hold what is comparable.
    fn fits(&self, kind: ColumnKind) -> bool {
        match self {
            Self::Bool(_) => kind == ColumnKind::Bool,
            Self::String(_) => {
                matches!(kind, ColumnKind::String | ColumnKind::StringDictionary | ColumnKind::SharedString)
            }
            _ => matches!(
                kind,
                ColumnKind::Int
                    | ColumnKind::UInt
                    | ColumnKind::SInt
                    | ColumnKind::Float
                    | ColumnKind::Double
            ),
        }
    }
}

/// Where the bounds of a column stand to a value.
fn order_bounds(bounds: &Bounds, literal: &Literal) -> Option<[Ordering; 2]> {
    let both = |min: Value, max: Value| Some([literal.order(min)?, literal.order(max)?]);
    match bounds {
        Bounds::Bool(min, max) => both(Value::Bool(*min), Value::Bool(*max)),
        Bounds::Int(min, max) => both(Value::Int(*min), Value::Int(*max)),
        Bounds::UInt(min, max) => both(Value::UInt(*min), Value::UInt(*max)),
        Bounds::Double(min, max) => both(Value::Double(*min), Value::Double(*max)),
        Bounds::String(min, max) => both(Value::String(min), Value::String(max)),
    }
}

/// Whether a column may hold a value that compares so.
fn may_hold(column: &ColumnEntry, features: usize, comparison: Comparison, literal: &Literal) -> bool {
    if !literal.fits(column.kind()) || !may_have_values(column, features) {
        return false;
    }
    let bounds = column.statistics().and_then(|statistics| statistics.bounds.as_ref());
    let Some([min, max]) = bounds.and_then(|bounds| order_bounds(bounds, literal)) else { return true };
    match comparison {
        Comparison::Eq => min.is_le() && max.is_ge(),
        Comparison::Ne => min.is_ne() || max.is_ne(),
        Comparison::Lt => min.is_lt(),
        Comparison::Le => min.is_le(),
        Comparison::Gt => max.is_gt(),
        Comparison::Ge => max.is_ge(),
    }
}

fn may_have_values(column: &ColumnEntry, features: usize) -> bool {
    features > 0 && column.statistics().is_none_or(|statistics| statistics.null_count < features)
}

/// Whether a column may leave features without a value.
fn may_have_nulls(column: &ColumnEntry) -> bool {
    match column.statistics() {
        Some(statistics) => statistics.null_count > 0,
        None => {
            let says = |role| matches!(role, Role::Present | Role::Tokens);
            column.kind().is_nested() || column.streams().iter().any(|stream| says(stream.role()))
        }
    }
}

impl Predicate {
    /// Whether a layer may hold a feature that fulfils it, by what its directory says: names, types and
    /// statistics. True statistics never rule out a layer that does.
    pub fn may_match(&self, layer: &LayerEntry) -> bool {
        let features = layer.features();
        let named = |name: &str| {
            let properties = layer.columns().iter().filter(|column| column.kind().is_property());
            properties.filter(|column| column.name() == name).collect::<Vec<_>>()
        };
        let any = |name: &str, holds: &dyn Fn(&ColumnEntry) -> bool| named(name).into_iter().any(holds);
        features > 0
            && match self {
                Self::Compare(name, comparison, literal) => {
                    any(name, &|column| may_hold(column, features, *comparison, literal))
                }
                Self::In(name, literals) => any(name, &|column| {
                    literals.iter().any(|literal| may_hold(column, features, Comparison::Eq, literal))
                }),
                Self::IsNull(name) => named(name).into_iter().all(may_have_nulls),
                Self::IsNotNull(name) => any(name, &|column| may_have_values(column, features)),
                Self::And(all) => all.iter().all(|predicate| predicate.may_match(layer)),
                Self::Or(any) => any.iter().any(|predicate| predicate.may_match(layer)),
            }
    }

    /// The names of the properties that it says something of.
    pub fn properties(&self) -> BTreeSet<&str> {
        match self {
            Self::Compare(name, ..) | Self::In(name, _) | Self::IsNull(name) | Self::IsNotNull(name) => {
                BTreeSet::from([name.as_str()])
            }
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::properties).collect(),
        }
    }

    /// The features of a layer that fulfil it, in order; none if all do.
    pub(crate) fn rows(&self, layer: &Layer) -> Option<Vec<u32>> {
        let matches = self.matches(&layer.columns, layer.len());
        let all = matches.count_set_bits() == layer.len();
        (!all).then(|| matches.set_indices().map(|row| row as u32).collect())
    }

    /// Whether it says something of the property of that name.
    pub(super) fn names(&self, name: &str) -> bool {
        match self {
            Self::Compare(other, ..) | Self::In(other, _) | Self::IsNull(other) | Self::IsNotNull(other) => {
                other == name
            }
            Self::And(parts) | Self::Or(parts) => parts.iter().any(|part| part.names(name)),
        }
    }

    /// Which of `rows` features fulfil it, by their properties, of which those that it names must be there.
    pub(super) fn matches(&self, columns: &[Column], rows: usize) -> BooleanBuffer {
        let named = |name: &str| columns.iter().filter(move |column| column.name == name).collect::<Vec<_>>();
        let fold = |parts: Vec<BooleanBuffer>,
                    start: bool,
                    join: fn(&BooleanBuffer, &BooleanBuffer) -> BooleanBuffer| {
            let start = if start { BooleanBuffer::new_set(rows) } else { BooleanBuffer::new_unset(rows) };
            parts.iter().fold(start, |all, part| join(&all, part))
        };
        let or: fn(&BooleanBuffer, &BooleanBuffer) -> BooleanBuffer = |one, other| one | other;
        let and: fn(&BooleanBuffer, &BooleanBuffer) -> BooleanBuffer = |one, other| one & other;
        let any = |name: &str, holds: &dyn Fn(Value) -> bool| {
            fold(named(name).into_iter().map(|column| rows_of(column, holds)).collect(), false, or)
        };
        let valid = |name: &str| {
            let valid = |column: &Column| match &column.nulls {
                None => BooleanBuffer::new_set(rows),
                Some(nulls) => nulls.inner().clone(),
            };
            fold(named(name).into_iter().map(valid).collect(), false, or)
        };
        match self {
            Self::Compare(name, comparison, literal) => {
                any(name, &|value| literal.order(value).is_some_and(|order| comparison.holds(order)))
            }
            Self::In(name, literals) => any(name, &|value| {
                literals.iter().any(|literal| literal.order(value) == Some(Ordering::Equal))
            }),
            Self::IsNull(name) => !&valid(name),
            Self::IsNotNull(name) => valid(name),
            Self::And(parts) => {
                fold(parts.iter().map(|part| part.matches(columns, rows)).collect(), true, and)
            }
            Self::Or(parts) => {
                fold(parts.iter().map(|part| part.matches(columns, rows)).collect(), false, or)
            }
        }
    }
}

/// Which values of a column fulfil a condition. A string of a dictionary is looked at once.
fn rows_of(column: &Column, holds: &dyn Fn(Value) -> bool) -> BooleanBuffer {
    let rows = column.len();
    if let Values::String(Strings::Dictionary { keys, dictionary }) = &column.values {
        let mut known: Vec<Option<bool>> = vec![None; dictionary.len()];
        let mut row_holds = |row: usize| {
            let key = keys[row] as usize;
            column.is_valid(row)
                && *known[key].get_or_insert_with(|| holds(Value::String(dictionary.get(key))))
        };
        return (0..rows).map(&mut row_holds).collect();
    }
    BooleanBuffer::collect_bool(rows, |row| column.get(row).is_some_and(holds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_exactly() {
        let order = |literal: Literal, value| literal.order(value);
        let large = (1i64 << 53) + 1;
        assert_eq!(
            order(Literal::Double(9_007_199_254_740_992.0), Value::Int(large)),
            Some(Ordering::Greater)
        );
        assert_eq!(order(Literal::Int(large), Value::Double(9_007_199_254_740_992.0)), Some(Ordering::Less));
        assert_eq!(order(Literal::UInt(u64::MAX), Value::Int(-1)), Some(Ordering::Less));
        assert_eq!(order(Literal::Int(-1), Value::UInt(u64::MAX)), Some(Ordering::Greater));
        assert_eq!(order(Literal::Int(0), Value::Double(-0.5)), Some(Ordering::Less));
        assert_eq!(order(Literal::Int(0), Value::Double(-0.0)), Some(Ordering::Equal));
        assert_eq!(order(Literal::Int(7), Value::Double(f64::INFINITY)), Some(Ordering::Greater));
        assert_eq!(order(Literal::Int(7), Value::Double(f64::NAN)), None);
        assert_eq!(order(Literal::Int(1), Value::Bool(true)), None);
        assert_eq!(order(Literal::String("b".into()), Value::String("ä")), Some(Ordering::Greater));
    }
}
