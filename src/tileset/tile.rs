//! Tiles on their way through a conversion.

use crate::coord::TileCoord;

/// A tile as it is stored in a tileset.
#[derive(Debug)]
pub(crate) struct SourceTile {
    pub(crate) coord: TileCoord,
    pub(crate) data: Vec<u8>,
}

/// A tile that cannot be converted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadTile {
    /// Its place, `z/x/y`, or how the tileset names it if it is no place of a tile.
    pub tile: String,
    /// What is wrong with it.
    pub reason: String,
}

impl BadTile {
    pub(crate) fn new(tile: impl ToString, reason: impl Into<String>) -> Self {
        Self { tile: tile.to_string(), reason: reason.into() }
    }
}
