//! The grid that heights lie on, as it stands in the directory.

use crate::error::{Error, Result};
use crate::wire::Reader;
use crate::wire::trace::Trace;

/// The grid of heights, in metres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// What one step is.
    pub scale: f64,
    /// The height of 0.
    pub offset: f64,
}

impl Grid {
    pub(super) fn read(reader: &mut Reader<impl Trace>) -> Result<Self> {
        let at = reader.offset();
        let mut number = |what| {
            let bytes = reader.bytes(8, what)?;
            Ok::<_, Error>(f64::from_le_bytes(bytes.try_into().expect("eight bytes")))
        };
        let grid = Self { scale: number("scale of heights")?, offset: number("offset of heights")? };
        grid.check().map_err(|what| Error::inconsistent(at, what))?;
        Ok(grid)
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        match self.scale > 0.0 && self.scale.is_finite() && self.offset.is_finite() {
            true => Ok(()),
            false => Err("a grid of heights whose scale is not above 0, or whose offset is no number"),
        }
    }
}
