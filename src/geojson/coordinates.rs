//! The member `coordinates`: arrays of arrays of positions, up to four deep, as flat as they are needed.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};

/// Positions, and where the arrays around them end.
#[derive(Debug, Default)]
pub(super) struct Coordinates {
    /// How many arrays are around a position; none if there is no position at all.
    pub(super) levels: Option<u8>,
    pub(super) positions: Vec<[f64; 2]>,
    /// The third numbers of those positions that have one.
    pub(super) heights: Vec<f64>,
    /// Where arrays of positions end among these, arrays of such among them, and arrays of those.
    pub(super) ends: [Vec<usize>; 3],
    /// How many numbers positions have behind the third.
    pub(super) further: u64,
}

impl<'de> Deserialize<'de> for Coordinates {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut out = Self::default();
        match (Element { out: &mut out, depth: 0 }).deserialize(deserializer)? {
            Found::Number(_) => return Err(D::Error::custom("coordinates that are a number")),
            Found::Empty => {}
            Found::Array(levels) => out.levels = Some(levels),
        }
        Ok(out)
    }
}

/// What stands at one place.
enum Found {
    Number(f64),
    /// An array of nothing.
    Empty,
    /// A position (0), an array of positions (1) …
    Array(u8),
}

/// Reads what stands at one place, within `depth` arrays.
struct Element<'a> {
    out: &'a mut Coordinates,
    depth: u8,
}

impl<'de> DeserializeSeed<'de> for Element<'_> {
    type Value = Found;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Element<'_> {
    type Value = Found;

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("a number or an array")
    }

    fn visit_f64<E>(self, value: f64) -> Result<Found, E> {
        Ok(Found::Number(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Found, E> {
        Ok(Found::Number(value as f64))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Found, E> {
        Ok(Found::Number(value as f64))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Found, A::Error> {
        let Self { out, depth } = self;
        if depth == 4 {
            return Err(A::Error::custom("coordinates in more than four arrays"));
        }
        let mut next = |out: &mut Coordinates| array.next_element_seed(Element { out, depth: depth + 1 });
        match next(out)? {
            None => Ok(Found::Empty),
            Some(Found::Number(x)) => {
                let Some(Found::Number(y)) = next(out)? else {
                    return Err(A::Error::custom("a position of fewer than two numbers"));
                };
                out.positions.push([x, y]);
                let mut behind = 0;
                while let Some(found) = next(out)? {
                    let Found::Number(value) = found else {
                        return Err(A::Error::custom("a position with an array in it"));
                    };
                    match behind {
                        0 => out.heights.push(value),
                        _ => out.further += 1,
                    }
                    behind += 1;
                }
                Ok(Found::Array(0))
            }
            Some(Found::Empty) => Err(A::Error::custom("an empty array within coordinates")),
            Some(Found::Array(levels)) => {
                while let Some(found) = next(out)? {
                    match found {
                        Found::Array(other) if other == levels => {}
                        Found::Empty => return Err(A::Error::custom("an empty array within coordinates")),
                        _ => return Err(A::Error::custom("positions in different numbers of arrays")),
                    }
                }
                let level = usize::from(levels);
                let end = if level == 0 { out.positions.len() } else { out.ends[level - 1].len() };
                out.ends[level].push(end);
                Ok(Found::Array(levels + 1))
            }
        }
    }
}
