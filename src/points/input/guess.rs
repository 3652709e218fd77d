//! Types of columns of text.

use arrow_buffer::BooleanBufferBuilder;

use crate::cql2::time;
use crate::points::draft::{Draft, Values};
use crate::points::pieces::Pieces;
use crate::points::text::Interner;

/// What all values of a column seen so far can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guess {
    /// There was no value yet.
    Nothing,
    Bool,
    Int,
    Float,
    Time,
    Text,
}

impl Guess {
    /// What values of both kinds can be.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, other) => other,
            (own, Self::Nothing) => own,
            (own, other) if own == other => own,
            (Self::Int, Self::Float) | (Self::Float, Self::Int) => Self::Float,
            _ => Self::Text,
        }
    }

    /// What a value written as `text` can be.
    pub(super) fn of(text: &str) -> Self {
        let first = text.as_bytes().first().copied();
        match first {
            None => Self::Nothing,
            Some(b'0'..=b'9' | b'-' | b'+' | b'.') => {
                if let Some(guess) = number(text) {
                    return guess;
                }
                if time::parse(text).is_some() { Self::Time } else { Self::Text }
            }
            Some(_) if is_bool(text).is_some() => Self::Bool,
            Some(_) if is_nan(text) => Self::Nothing,
            Some(_) => Self::Text,
        }
    }

    pub(super) fn draft(self, name: String) -> Draft {
        let values = match self {
            Self::Bool => Values::Bool(BooleanBufferBuilder::new(0)),
            Self::Int => Values::I64(Pieces::new()),
            Self::Float => Values::F64(Pieces::new()),
            Self::Time => Values::Time(Pieces::new()),
            Self::Nothing | Self::Text => Values::Text(Pieces::new(), Interner::default()),
        };
        Draft::new(name, values)
    }
}

/// Digits with a zero before them are a code, not a number; so are more than fit.
fn number(text: &str) -> Option<Guess> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let is_code = digits.len() > 1 && digits.starts_with('0');
        return Some(if !is_code && text.parse::<i64>().is_ok() { Guess::Int } else { Guess::Text });
    }
    let float: f64 = text.parse().ok()?;
    float.is_finite().then_some(Guess::Float)
}

fn is_bool(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

fn is_nan(text: &str) -> bool {
    text.eq_ignore_ascii_case("nan")
}

impl Draft {
    /// Appends a value as text, of which the column's type was guessed; an empty one is none.
    ///
    /// # Errors
    /// If there are too many strings.
    pub(super) fn push_text(&mut self, text: &str) -> Result<(), &'static str> {
        let is_text = matches!(self.values, Values::Text(..));
        let has = if is_text { !text.is_empty() } else { Guess::of(text) != Guess::Nothing };
        self.valid.append(has);
        match &mut self.values {
            Values::Bool(values) => values.append(is_bool(text).unwrap_or_default()),
            Values::I64(values) => values.push(text.parse().unwrap_or_default()),
            Values::F64(values) => values.push(text.parse().ok().filter(|_| has).unwrap_or_default()),
            Values::Time(values) => values.push(time::parse(text).unwrap_or_default()),
            Values::Text(values, strings) => values.push(strings.number(text)?),
            Values::I32(_) | Values::F32(_) => unreachable!("no text is guessed to be one"),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_what_they_look_like() {
        for (text, guess) in [
            ("", Guess::Nothing),
            ("NaN", Guess::Nothing),
            ("12", Guess::Int),
            ("-0.5e3", Guess::Float),
            ("007", Guess::Text),
            ("0", Guess::Int),
            ("99999999999999999999", Guess::Text),
            ("1e999", Guess::Text),
            ("inf", Guess::Text),
            ("true", Guess::Bool),
            ("2024-05-01T10:00:00Z", Guess::Time),
            ("2024-05-32", Guess::Text),
            ("-", Guess::Text),
        ] {
            assert_eq!(Guess::of(text), guess, "{text}");
        }
        assert_eq!(Guess::Int.and(Guess::Float), Guess::Float);
        assert_eq!(Guess::Int.and(Guess::Bool), Guess::Text);
        assert_eq!(Guess::Nothing.and(Guess::Time).and(Guess::Nothing), Guess::Time);
    }
}
