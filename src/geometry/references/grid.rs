//! A coarser grid that all vertices of a layer lie on.
//!
//! ```text
//! u8 shift │ [zigzag varint x, y: the origin]        the origin only with a shift
//! vertex   origin + v · 2^shift
//! ```

use crate::error::{Error, Result};
use crate::wire::trace::Trace;
use crate::wire::{Reader, varint, zigzag};

/// The bits a grid must save.
const LEAST_GAIN: usize = 128;

/// The coarsest grid: 2^31 units.
const MAX_SHIFT: u32 = 31;

/// A grid; without a shift all vertices lie on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Grid {
    shift: u32,
    origin: [i32; 2],
}

impl Grid {
    /// The coarsest grid that holds all of `vertices`, if it is worth its bytes: the bits that are the
    /// same in all of them, and a vertex on it.
    pub(super) fn of(vertices: &[[i32; 2]]) -> Self {
        let origin = vertices[0];
        let mut differences = 0;
        for &[x, y] in vertices {
            differences |= (x ^ origin[0]) | (y ^ origin[1]);
            if differences & 1 != 0 {
                return Self::default();
            }
        }
        let shift = differences.trailing_zeros();
        if shift <= MAX_SHIFT && 2 * vertices.len() * shift as usize >= LEAST_GAIN {
            Self { shift, origin }
        } else {
            Self::default()
        }
    }

    /// Whether the grid is a coarser one.
    pub(super) fn is_coarse(&self) -> bool {
        self.shift > 0
    }

    /// The places of `vertices` on the grid.
    pub(super) fn places(&self, vertices: &[[i32; 2]]) -> Vec<[i32; 2]> {
        let place = |value: i32, axis: usize| value.wrapping_sub(self.origin[axis]) >> self.shift;
        vertices.iter().map(|&[x, y]| [place(x, 0), place(y, 1)]).collect()
    }

    /// Makes vertices of places.
    pub(super) fn spread(&self, places: &mut [[i32; 2]]) {
        if self.is_coarse() {
            for place in places {
                for (value, origin) in place.iter_mut().zip(self.origin) {
                    *value = (*value << self.shift).wrapping_add(origin);
                }
            }
        }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.push(self.shift as u8);
        if self.is_coarse() {
            self.origin.iter().for_each(|&value| varint::write(out, zigzag::encode32(value).into()));
        }
    }

    pub(super) fn read(reader: &mut Reader<impl Trace>) -> Result<Self> {
        let at = reader.offset();
        let shift = u32::from(reader.u8("shift of vertices")?);
        if shift > MAX_SHIFT {
            return Err(Error::inconsistent(at, format!("vertices shifted by {shift} bits")));
        }
        let mut origin = [0; 2];
        if shift > 0 {
            for coordinate in &mut origin {
                *coordinate = zigzag::decode32(reader.varint_u32("origin of vertices")?);
            }
        }
        Ok(Self { shift, origin })
    }
}
