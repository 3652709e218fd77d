//! How a tile is laid out, by its first bytes.

use super::directory::Directory;
use crate::error::{Error, ErrorKind, Result};
use crate::wire::Reader;
use crate::wire::ids::wire_ids;
use crate::wire::trace::Trace;

wire_ids! {
    /// The first byte of a tile.
    pub enum Layout: "tile layout" {
        /// Directory and body.
        Directory = 0xC1 "directory",
        /// Directory, compressed, and body.
        CompressedDirectory = 0xC2 "compressed directory",
        /// For small tiles, which are read as a whole: the texts of all layers beside the directory
        /// and compressed with it, the vertices of all layers as one run.
        Compact = 0xC3 "compact",
    }
    reserved {
    }
}

impl Layout {
    /// That of a tile, which the reader is at the start of.
    pub(super) fn of(reader: &mut Reader<impl Trace>) -> Result<Self> {
        match reader.rest().first() {
            Some(0x1a) => Err(Error::inconsistent(0, "not a COVT tile but, it seems, an MVT tile")),
            Some(0x1f | 0x28) => {
                Err(Error::inconsistent(0, "not a COVT tile but, it seems, compressed data"))
            }
            _ => Self::from_id(reader.u8("tile layout")?, 0),
        }
    }
}

impl Directory {
    /// The number of bytes in front of the body of a tile, by its head: its first 11 bytes, or all there are.
    ///
    /// # Errors
    /// If they are not the head of a tile, or end within it.
    pub fn front_len(head: &[u8]) -> Result<usize> {
        let mut reader = Reader::new(head, 0);
        let layout = Layout::of(&mut reader)?;
        let first = reader.count("length of the directory")?;
        let len = match layout {
            Layout::Directory => first,
            Layout::CompressedDirectory | Layout::Compact => {
                let raw = reader.count("length of the directory, decompressed")?;
                if first == 0 && layout == Layout::Compact { raw } else { first }
            }
        };
        let too_long = || Error::new(ErrorKind::LimitExceeded, 1, "a front longer than the address space");
        reader.offset().checked_add(len).ok_or_else(too_long)
    }
}
