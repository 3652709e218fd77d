//! Which tiles a tileset holds, found out before they are read, so that they can be read in the order
//! of their ids and their number is known.

use std::ops::ControlFlow;

use super::error::{Context, Result};
use super::sorted::Sorter;
use super::tile::{BadTile, SourceTile, Visit};
use super::tile_id::coord_of;
use crate::coord::TileCoord;

/// The tiles that are wanted of a tileset.
#[derive(Default)]
pub(crate) struct Listing {
    /// How many there are, bad ones included, if that is known.
    pub(crate) count: Option<u64>,
    /// Their ids, unless the tileset hands over tiles in this order by itself.
    pub(crate) ids: Option<Sorter>,
    /// How many claim to be tiles and have no place.
    pub(crate) misplaced: u64,
}

impl Listing {
    /// A listing of these ids.
    pub(crate) fn of(ids: Sorter, misplaced: u64) -> Self {
        Self { count: Some(ids.count() + misplaced), ids: Some(ids), misplaced }
    }

    /// Hands over the tiles behind `after`, which `read` gets by their places. What stands twice is
    /// handed over once more as bad, for the reason `twice`.
    ///
    /// # Errors
    /// If the ids cannot be read again.
    pub(crate) fn for_each(
        self,
        after: Option<u64>,
        twice: &str,
        mut read: impl FnMut(TileCoord) -> Result<Vec<u8>, BadTile>,
        visit: &mut Visit<'_>,
    ) -> Result<()> {
        let cannot_sort = || "cannot sort the tiles in temporary files".into();
        let mut last = None;
        let Some(ids) = self.ids else { return Ok(()) };
        for id in ids.finish().context(cannot_sort)? {
            let id = id.context(cannot_sort)?;
            if after.is_some_and(|after| id <= after) {
                continue;
            }
            let coord = coord_of(id).expect("the id of a tile");
            let tile = match last.replace(id) == Some(id) {
                true => Err(BadTile::at(coord, twice)),
                false => read(coord).map(|data| SourceTile { coord, data }),
            };
            if visit(tile) == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(())
    }
}
