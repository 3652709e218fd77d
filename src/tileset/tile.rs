//! Tiles on their way through a conversion.

use std::ops::ControlFlow;

use super::tile_id::tile_id;
use crate::coord::TileCoord;

/// A tile as it is stored in a tileset.
#[derive(Debug)]
pub(crate) struct SourceTile {
    pub(crate) coord: TileCoord,
    pub(crate) data: Vec<u8>,
}

/// What takes the tiles of a tileset one by one, and may have enough of them.
pub(crate) type Visit<'a> = dyn FnMut(Result<SourceTile, BadTile>) -> ControlFlow<()> + 'a;

/// A tile that cannot be converted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadTile {
    /// Its place, `z/x/y`, or how the tileset names it if it is no place of a tile.
    pub tile: String,
    /// What is wrong with it.
    pub reason: String,
    /// Its number in the order in which tiles are read, if it has a place.
    pub(crate) id: Option<u64>,
}

impl BadTile {
    /// What claims to be a tile and has no place.
    pub(crate) fn new(tile: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { tile: tile.into(), reason: reason.into(), id: None }
    }

    /// The tile at `coord`.
    pub(crate) fn at(coord: TileCoord, reason: impl Into<String>) -> Self {
        Self { tile: coord.to_string(), reason: reason.into(), id: Some(tile_id(coord)) }
    }
}
