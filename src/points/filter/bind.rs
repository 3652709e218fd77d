//! Filters checked against the columns there are.

use super::like::Pattern;
use super::predicate::{Allowed, Number, Predicate};
use crate::cql2::{Comparison, Expression, Operand, time};
use crate::points::column::{Column, Data};

/// The predicate that an expression is on these columns.
///
/// # Errors
/// What does not fit: columns there are not, values of other types.
pub(in crate::points) fn bind(expression: &Expression, columns: &[Column]) -> Result<Predicate, String> {
    let all = |parts: &[Expression]| {
        parts.iter().map(|part| bind(part, columns)).collect::<Result<Vec<Predicate>, String>>()
    };
    let not = |predicate| Predicate::Not(Box::new(predicate));
    Ok(match expression {
        Expression::And(parts) => Predicate::And(all(parts)?),
        Expression::Or(parts) => Predicate::Or(all(parts)?),
        Expression::Not(inner) => not(bind(inner, columns)?),
        Expression::Truth(Operand::Bool(value)) => Predicate::Constant(Some(*value)),
        Expression::Truth(Operand::Property(name)) => {
            let column = find(name, columns)?;
            match columns[column].data {
                Data::Bool(_) => Predicate::Bool(column),
                _ => return Err(format!("{name:?} is not a truth value: compare it with something")),
            }
        }
        Expression::Truth(_) => return Err("a value is no condition".into()),
        Expression::IsNull(name) => Predicate::IsNull(find(name, columns)?),
        Expression::Like(name, pattern, any_case) => {
            let column = find(name, columns)?;
            let pattern = Pattern::new(pattern, *any_case);
            texts(column, columns, |text| pattern.matches(text))
                .ok_or_else(|| format!("{name:?} has no strings, which LIKE needs"))?
        }
        Expression::Compare(left, comparison, right) => compare(left, *comparison, right, columns)?,
        Expression::Between(value, low, high) => Predicate::And(vec![
            compare(value, Comparison::GreaterOrEqual, low, columns)?,
            compare(value, Comparison::LessOrEqual, high, columns)?,
        ]),
        Expression::In(value, set) => is_in(value, set, columns)?,
    })
}

pub(in crate::points) fn find(name: &str, columns: &[Column]) -> Result<usize, String> {
    columns.iter().position(|column| column.name == name).ok_or_else(|| {
        let mut message = format!("there is no column {name:?}");
        let names: Vec<&str> = columns.iter().take(20).map(|column| column.name.as_str()).collect();
        if !names.is_empty() {
            message += &format!("; there are {}", names.join(", "));
        }
        message
    })
}

/// The strings that `meant` holds of; none if the column has no strings.
fn texts(column: usize, columns: &[Column], meant: impl Fn(&str) -> bool) -> Option<Predicate> {
    let Data::Text(_, strings) = &columns[column].data else { return None };
    Some(Predicate::Texts(column, Allowed::new(strings.iter().map(meant).collect())))
}

fn compare(
    left: &Operand,
    comparison: Comparison,
    right: &Operand,
    columns: &[Column],
) -> Result<Predicate, String> {
    let not_equal = || {
        let equal = compare(left, Comparison::Equal, right, columns)?;
        Ok(Predicate::Not(Box::new(equal)))
    };
    match (left, right) {
        (Operand::Property(name), constant) if is_constant(constant) => {
            if comparison == Comparison::NotEqual {
                return not_equal();
            }
            with_constant(name, comparison, constant, columns)
        }
        (constant, Operand::Property(_)) if is_constant(constant) => {
            compare(right, comparison.turned(), left, columns)
        }
        _ => Ok(Predicate::Numbers(number(left, columns)?, comparison, number(right, columns)?)),
    }
}

fn is_constant(operand: &Operand) -> bool {
    !matches!(operand, Operand::Property(_) | Operand::Arithmetic(..))
}

impl Comparison {
    /// What it is with its sides exchanged.
    fn turned(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            same => same,
        }
    }

    fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// Strings compare by their characters; moments may be given as strings.
fn with_constant(
    name: &str,
    comparison: Comparison,
    constant: &Operand,
    columns: &[Column],
) -> Result<Predicate, String> {
    let column = find(name, columns)?;
    let mismatch = |has: &str| Err(format!("{name:?} has {has}, not what it is compared with"));
    match (&columns[column].data, constant) {
        (Data::Text(..), Operand::Text(text)) => {
            let predicate = texts(column, columns, |own| comparison.holds(own.cmp(text)));
            Ok(predicate.expect("a column of strings"))
        }
        (Data::Text(..), _) => mismatch("strings"),
        (Data::Bool(_), Operand::Bool(value)) if comparison == Comparison::Equal => {
            let is_true = Predicate::Bool(column);
            Ok(if *value { is_true } else { Predicate::Not(Box::new(is_true)) })
        }
        (Data::Bool(_), _) => mismatch("truth values"),
        (Data::Time(_), Operand::Time(moment)) => Ok(ints(column, comparison, *moment)),
        (Data::Time(_), Operand::Int(millis)) => Ok(ints(column, comparison, *millis)),
        (Data::Time(_), Operand::Text(text)) => match time::parse(text) {
            Some(moment) => Ok(ints(column, comparison, moment)),
            None => Err(format!("{name:?} has moments, and {text:?} is none")),
        },
        (Data::Time(_), _) => mismatch("moments"),
        (Data::I32(_) | Data::I64(_), Operand::Int(int)) => Ok(ints(column, comparison, *int)),
        (Data::I32(_) | Data::I64(_), Operand::Float(float)) => Ok(ints_by_float(column, comparison, *float)),
        (Data::F32(_) | Data::F64(_), Operand::Int(int)) => Ok(floats(column, comparison, *int as f64)),
        (Data::F32(_) | Data::F64(_), Operand::Float(float)) => Ok(floats(column, comparison, *float)),
        _ => mismatch("numbers"),
    }
}

fn ints(column: usize, comparison: Comparison, value: i64) -> Predicate {
    let nothing = Predicate::Ints(column, i64::MAX, i64::MIN);
    match comparison {
        Comparison::Equal | Comparison::NotEqual => Predicate::Ints(column, value, value),
        Comparison::LessOrEqual => Predicate::Ints(column, i64::MIN, value),
        Comparison::GreaterOrEqual => Predicate::Ints(column, value, i64::MAX),
        Comparison::Less => {
            value.checked_sub(1).map_or(nothing, |high| Predicate::Ints(column, i64::MIN, high))
        }
        Comparison::Greater => {
            value.checked_add(1).map_or(nothing, |low| Predicate::Ints(column, low, i64::MAX))
        }
    }
}

/// Integers against a number that may lie between two, or beyond all of them.
fn ints_by_float(column: usize, comparison: Comparison, value: f64) -> Predicate {
    // 2^63, the first number past them.
    const END: f64 = -(i64::MIN as f64);
    let (all, none) = (Predicate::Ints(column, i64::MIN, i64::MAX), Predicate::Ints(column, 1, 0));
    let whole = value.floor();
    if value >= END {
        return if matches!(comparison, Comparison::Less | Comparison::LessOrEqual) { all } else { none };
    }
    if value < -END {
        return if matches!(comparison, Comparison::Greater | Comparison::GreaterOrEqual) {
            all
        } else {
            none
        };
    }
    let below = whole as i64;
    if whole >= value {
        return ints(column, comparison, below);
    }
    match comparison {
        Comparison::Less | Comparison::LessOrEqual => ints(column, Comparison::LessOrEqual, below),
        Comparison::Greater | Comparison::GreaterOrEqual => ints(column, Comparison::Greater, below),
        Comparison::Equal | Comparison::NotEqual => none,
    }
}

fn floats(column: usize, comparison: Comparison, value: f64) -> Predicate {
    let (low, high) = match comparison {
        Comparison::Equal | Comparison::NotEqual => (value, value),
        Comparison::LessOrEqual => (f64::NEG_INFINITY, value),
        Comparison::GreaterOrEqual => (value, f64::INFINITY),
        Comparison::Less => (f64::NEG_INFINITY, value.next_down()),
        Comparison::Greater => (value.next_up(), f64::INFINITY),
    };
    Predicate::Floats(column, low, high)
}

fn is_in(value: &Operand, set: &[Operand], columns: &[Column]) -> Result<Predicate, String> {
    if let Operand::Property(name) = value {
        let column = find(name, columns)?;
        match &columns[column].data {
            Data::Text(..) => {
                let strings = set.iter().map(|value| match value {
                    Operand::Text(text) => Ok(text.as_str()),
                    _ => Err(format!("{name:?} has strings, not what it is compared with")),
                });
                let strings = strings.collect::<Result<std::collections::BTreeSet<_>, _>>()?;
                let predicate = texts(column, columns, |text| strings.contains(text));
                return Ok(predicate.expect("a column of strings"));
            }
            Data::I32(_) | Data::I64(_) | Data::Time(_) => {
                let ints = set.iter().map(|value| match value {
                    Operand::Int(int) => Some(*int),
                    _ => None,
                });
                if let Some(mut ints) = ints.collect::<Option<Vec<i64>>>() {
                    ints.sort_unstable();
                    ints.dedup();
                    return Ok(Predicate::IntSet(column, ints));
                }
            }
            Data::F32(_) | Data::F64(_) => {
                let floats = set.iter().map(|value| match value {
                    Operand::Int(int) => Some(*int as f64),
                    Operand::Float(float) => Some(*float + 0.0),
                    _ => None,
                });
                if let Some(mut floats) = floats.collect::<Option<Vec<f64>>>() {
                    floats.sort_unstable_by(f64::total_cmp);
                    floats.dedup_by(|a, b| a.total_cmp(b).is_eq());
                    return Ok(Predicate::FloatSet(column, floats));
                }
            }
            Data::Bool(_) => {}
        }
    }
    let parts = set.iter().map(|other| compare(value, Comparison::Equal, other, columns));
    Ok(Predicate::Or(parts.collect::<Result<_, _>>()?))
}

fn number(operand: &Operand, columns: &[Column]) -> Result<Number, String> {
    Ok(match operand {
        Operand::Property(name) => {
            let column = find(name, columns)?;
            if matches!(columns[column].data, Data::Bool(_) | Data::Text(..)) {
                return Err(format!("{name:?} has no numbers: it can be compared with a constant only"));
            }
            Number::Column(column)
        }
        Operand::Int(int) => Number::Constant(*int as f64),
        Operand::Float(float) => Number::Constant(*float),
        Operand::Time(moment) => Number::Constant(*moment as f64),
        Operand::Text(_) | Operand::Bool(_) => {
            return Err("arithmetic, and comparisons of two values, take numbers".into());
        }
        Operand::Arithmetic(left, operation, right) => {
            let (left, right) = (number(left, columns)?, number(right, columns)?);
            Number::Arithmetic(Box::new(left), *operation, Box::new(right))
        }
    })
}
