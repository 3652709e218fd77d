//! Geometries in well-known binary, of ISO and of PostGIS.

use crate::points::shapes::Shape;

/// What is left of a geometry.
struct Bytes<'a> {
    rest: &'a [u8],
    big: bool,
}

/// Reads a geometry.
///
/// # Errors
/// If it is none, an empty point, a collection, or anything curved.
pub(super) fn shape(bytes: &[u8]) -> Result<Shape, String> {
    let mut bytes = Bytes { rest: bytes, big: false };
    let (kind, more) = bytes.head()?;
    Ok(match kind {
        1 => Shape::Points(vec![bytes.position(more)?]),
        2 => Shape::Lines(vec![bytes.line(more)?]),
        3 => Shape::Polygons(vec![bytes.rings(more)?]),
        4 => Shape::Points(bytes.parts(1, Bytes::position)?),
        5 => Shape::Lines(bytes.parts(2, Bytes::line)?),
        6 => Shape::Polygons(bytes.parts(3, Bytes::rings)?),
        kind => return Err(format!("a geometry of type {kind}")),
    })
}

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let (first, rest) = self.rest.split_first_chunk().ok_or("a geometry that ends too early")?;
        self.rest = rest;
        Ok(*first)
    }

    fn number(&mut self) -> Result<u32, String> {
        let bytes = self.take()?;
        Ok(if self.big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    fn double(&mut self) -> Result<f64, String> {
        let bytes = self.take()?;
        Ok(if self.big { f64::from_be_bytes(bytes) } else { f64::from_le_bytes(bytes) })
    }

    /// The type, and how many numbers a position has besides two.
    fn head(&mut self) -> Result<(u32, usize), String> {
        self.big = match self.take()? {
            [0] => true,
            [1] => false,
            _ => return Err("no well-known binary".into()),
        };
        let kind = self.number()?;
        // PostGIS says in the highest bits that there are heights, measures, or a reference system, ISO in
        // the thousands.
        if kind & 0x2000_0000 != 0 {
            self.number()?;
        }
        let plain = kind & 0x0fff_ffff;
        let bits = (kind >> 31) + (kind >> 30 & 1);
        let thousands = match plain / 1000 {
            0 => 0,
            1 | 2 => 1,
            _ => 2,
        };
        Ok((plain % 1000, (bits + thousands) as usize))
    }

    fn position(&mut self, more: usize) -> Result<[f64; 2], String> {
        let position = [self.double()?, self.double()?];
        for _ in 0..more {
            self.double()?;
        }
        if position.iter().any(|at| at.is_nan()) {
            return Err("no coordinates".into());
        }
        Ok(position)
    }

    /// As many of something as a number before them says, each of which takes at least `least` bytes.
    fn several<T>(
        &mut self,
        least: usize,
        mut one: impl FnMut(&mut Self) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        let count = self.number()? as usize;
        if count > self.rest.len() / least {
            return Err("a geometry that ends too early".into());
        }
        (0..count).map(|_| one(self)).collect()
    }

    fn line(&mut self, more: usize) -> Result<Vec<[f64; 2]>, String> {
        self.several(16, |bytes| bytes.position(more))
    }

    fn rings(&mut self, more: usize) -> Result<Vec<Vec<[f64; 2]>>, String> {
        self.several(4, |bytes| bytes.line(more))
    }

    /// The parts of a multi geometry, which must be of type `kind`.
    fn parts<T>(
        &mut self,
        kind: u32,
        read: fn(&mut Self, usize) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        self.several(9, |bytes| match bytes.head()? {
            (own, more) if own == kind => read(bytes, more),
            (own, _) => Err(format!("a part of type {own} among those of type {kind}")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A geometry of three numbers a position where `kind` says so.
    fn point(kind: u32, big: bool, more: usize) -> Vec<u8> {
        let mut out = vec![u8::from(!big)];
        let four = |value: u32| if big { value.to_be_bytes() } else { value.to_le_bytes() };
        out.extend(four(kind));
        if kind & 0x2000_0000 != 0 {
            out.extend(four(4326));
        }
        for value in [9.5f64, 47.25, 450.0, 3.0].into_iter().take(2 + more) {
            out.extend(if big { value.to_be_bytes() } else { value.to_le_bytes() });
        }
        out
    }

    #[test]
    fn all_dialects_and_types() {
        for (kind, more) in [(1, 0), (1001, 1), (2001, 1), (3001, 2), (0x8000_0001, 1), (0xe000_0001, 2)] {
            for big in [false, true] {
                let bytes = point(kind, big, more);
                assert_eq!(shape(&bytes), Ok(Shape::Points(vec![[9.5, 47.25]])), "{kind}");
                let parts = [
                    &[u8::from(!big)][..],
                    &number(4 + 1000 * (kind / 1000 % 10), big),
                    &number(2, big),
                    &bytes,
                    &bytes,
                ];
                if kind < 4000 {
                    assert_eq!(shape(&parts.concat()), Ok(Shape::Points(vec![[9.5, 47.25]; 2])));
                }
            }
        }
        let position = &point(1, false, 0)[5..];
        let line = [&number(3, false)[..], position, position, position].concat();
        let lines = Shape::Lines(vec![vec![[9.5, 47.25]; 3]]);
        assert_eq!(shape(&[&[1][..], &number(2, false), &line].concat()), Ok(lines));
        let polygon = [&[1][..], &number(3, false), &number(2, false), &line, &line].concat();
        let rings = vec![vec![[9.5, 47.25]; 3]; 2];
        assert_eq!(shape(&polygon), Ok(Shape::Polygons(vec![rings.clone()])));
        let several = [&[1][..], &number(6, false), &number(1, false), &polygon].concat();
        assert_eq!(shape(&several), Ok(Shape::Polygons(vec![rings])));
        (0..several.len()).for_each(|end| assert!(shape(&several[..end]).is_err(), "{end}"));
    }

    fn number(value: u32, big: bool) -> [u8; 4] {
        if big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    #[test]
    fn all_else_is_refused() {
        assert!(shape(&[7; 30]).is_err());
        assert!(shape(&[&[1][..], &number(7, false), &number(0, false)].concat()).is_err());
        // Counts are believed only as far as there are bytes.
        assert!(shape(&[&[1][..], &number(2, false), &number(u32::MAX, false), &[0; 64]].concat()).is_err());
        let mut empty = point(1, false, 0);
        empty[5..13].copy_from_slice(&f64::NAN.to_le_bytes());
        assert_eq!(shape(&empty), Err("no coordinates".into()));
    }
}
