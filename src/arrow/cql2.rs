//! Conditions as CQL2 text.

use super::predicate::{Comparison, Literal, Predicate};
use crate::cql2::{self, Expression, Operand};
use crate::error::{Error, Result};

/// How deep parentheses, negations and signs may stand within one another.
const DEPTH: usize = 64;

impl Predicate {
    /// Reads a condition in CQL2 text: comparisons of a property with a value, IN, BETWEEN, IS NULL, NOT,
    /// AND and OR. As in SQL, a property that is not there fulfils no comparison, negated or not.
    ///
    /// ```
    /// use covt::arrow::{Comparison, Literal, Predicate};
    ///
    /// let wide = Predicate::from_cql2("lanes > 2 AND NOT toll IS NULL")?;
    /// let lanes = Predicate::Compare("lanes".into(), Comparison::Gt, Literal::Int(2));
    /// assert_eq!(wide, Predicate::And(vec![lanes, Predicate::IsNotNull("toll".into())]));
    /// # Ok::<(), covt::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`], telling what is wrong and at which byte, or what of CQL2 cannot be
    /// asked of tiles: LIKE, arithmetic, and properties compared with each other.
    pub fn from_cql2(text: &str) -> Result<Self> {
        let expression = cql2::parse(text, DEPTH).and_then(|expression| read(&expression, false));
        expression.map_err(|what| Error::input(format!("filter: {what}")))
    }
}

/// The condition that an expression is, or its negation.
fn read(expression: &Expression, not: bool) -> Result<Predicate, String> {
    let all = |parts: &[Expression]| parts.iter().map(|part| read(part, not)).collect::<Result<Vec<_>, _>>();
    Ok(match expression {
        Expression::Not(inner) => read(inner, !not)?,
        Expression::And(parts) if not => Predicate::Or(all(parts)?),
        Expression::And(parts) => Predicate::And(all(parts)?),
        Expression::Or(parts) if not => Predicate::And(all(parts)?),
        Expression::Or(parts) => Predicate::Or(all(parts)?),
        Expression::IsNull(name) if not => Predicate::IsNotNull(name.clone()),
        Expression::IsNull(name) => Predicate::IsNull(name.clone()),
        Expression::Compare(left, comparison, right) => {
            let comparison = of_cql2(*comparison);
            let (name, comparison, literal) = match (left, right) {
                (Operand::Property(name), value) => (name, comparison, literal(value)?),
                (value, Operand::Property(name)) => (name, turned(comparison), literal(value)?),
                _ => return Err("a comparison without a property".into()),
            };
            Predicate::Compare(name.clone(), if not { negated(comparison) } else { comparison }, literal)
        }
        Expression::Between(Operand::Property(name), low, high) => {
            let bound = |comparison, value| {
                let comparison = if not { negated(comparison) } else { comparison };
                Ok::<_, String>(Predicate::Compare(name.clone(), comparison, literal(value)?))
            };
            let both = vec![bound(Comparison::Ge, low)?, bound(Comparison::Le, high)?];
            if not { Predicate::Or(both) } else { Predicate::And(both) }
        }
        Expression::In(Operand::Property(name), values) => {
            let literals = values.iter().map(literal).collect::<Result<Vec<_>, _>>()?;
            let unequal = |literal| Predicate::Compare(name.clone(), Comparison::Ne, literal);
            match not {
                false => Predicate::In(name.clone(), literals),
                true => Predicate::And(literals.into_iter().map(unequal).collect()),
            }
        }
        Expression::Truth(Operand::Property(name)) => {
            Predicate::Compare(name.clone(), Comparison::Eq, Literal::Bool(!not))
        }
        Expression::Truth(_) => return Err("a value is no condition".into()),
        Expression::Between(..) | Expression::In(..) => {
            return Err("BETWEEN and IN ask for a property".into());
        }
        Expression::Like(..) => return Err("LIKE and CASEI cannot be asked of tiles".into()),
    })
}

fn of_cql2(comparison: cql2::Comparison) -> Comparison {
    match comparison {
        cql2::Comparison::Equal => Comparison::Eq,
        cql2::Comparison::NotEqual => Comparison::Ne,
        cql2::Comparison::Less => Comparison::Lt,
        cql2::Comparison::LessOrEqual => Comparison::Le,
        cql2::Comparison::Greater => Comparison::Gt,
        cql2::Comparison::GreaterOrEqual => Comparison::Ge,
    }
}

/// With its sides changed.
fn turned(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Lt => Comparison::Gt,
        Comparison::Le => Comparison::Ge,
        Comparison::Gt => Comparison::Lt,
        Comparison::Ge => Comparison::Le,
        same => same,
    }
}

fn negated(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Eq => Comparison::Ne,
        Comparison::Ne => Comparison::Eq,
        Comparison::Lt => Comparison::Ge,
        Comparison::Le => Comparison::Gt,
        Comparison::Gt => Comparison::Le,
        Comparison::Ge => Comparison::Lt,
    }
}

fn literal(operand: &Operand) -> Result<Literal, String> {
    Ok(match operand {
        Operand::Int(value) => Literal::Int(*value),
        Operand::Float(value) => Literal::Double(*value),
        Operand::Text(value) => Literal::String(value.clone()),
        Operand::Bool(value) => Literal::Bool(*value),
        Operand::Property(name) => return Err(format!("{name:?} where a value is expected")),
        Operand::Arithmetic(..) => return Err("arithmetic cannot be asked of tiles".into()),
        Operand::Time(_) => return Err("tiles have no moments: compare with text in quotes".into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_it_is_written() {
        let read = |text: &str| Predicate::from_cql2(text).unwrap();
        let compare =
            |name: &str, comparison, value| Predicate::Compare(name.into(), comparison, Literal::Int(value));
        assert_eq!(read("3 >= a"), compare("a", Comparison::Le, 3));
        assert_eq!(
            read("NOT (a BETWEEN 1 AND 3 OR b IS NULL)"),
            Predicate::And(vec![
                Predicate::Or(vec![compare("a", Comparison::Lt, 1), compare("a", Comparison::Gt, 3)]),
                Predicate::IsNotNull("b".into())
            ])
        );
        assert_eq!(
            read(r#"NOT "the name" IN (1, 2)"#),
            Predicate::And(vec![
                compare("the name", Comparison::Ne, 1),
                compare("the name", Comparison::Ne, 2)
            ])
        );
        let toll = |value| Predicate::Compare("toll".into(), Comparison::Eq, Literal::Bool(value));
        assert_eq!(read("NOT toll"), toll(false));
        assert_eq!(read("toll = true"), toll(true));
        let refused = |text: &str| Predicate::from_cql2(text).unwrap_err().to_string();
        assert!(refused("a <").contains("at byte 3"), "{}", refused("a <"));
        assert!(refused("a LIKE 'b%'").contains("LIKE"));
        assert!(refused("a = b").contains("\"b\""));
        assert!(refused("1 = 1").contains("without a property"));
        assert!(refused("a + 1 = 2").contains("without a property"), "{}", refused("a + 1 = 2"));
    }
}
