//! How large tiles are and how long they take, in one format and another: what `covt bench` tells.
//!
//! Formats are [`Contender`]s. Those of this crate are [`contenders()`]; whoever wants another one in
//! the same tables implements the trait and hands it to [`run`]. All of them take the same tiles in the
//! same process, each tile right after the others, so that whatever else the machine does meets all.
//!
//! | file | |
//! |---|---|
//! | `contender` | formats, and what may be around a tile |
//! | `mlt` | MapLibre Tiles, with the feature `mlt` |
//! | `sizes`, `parts`, `times` | what is measured |
//! | `report`, `tables` | tables, as text and JSON |
//! | `page`, `plot` | one HTML page |

mod contender;
#[cfg(feature = "mlt")]
mod mlt;
mod page;
mod parts;
mod plot;
mod report;
mod sizes;
mod tables;
mod times;

use crate::error::Result;
use crate::tileset::Error;

pub use contender::{Contender, Wrap, contenders};
pub use parts::{ColumnSize, PART_NAMES, PartSizes, column_sizes};
pub use report::Report;

/// A tile to measure with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// What to call it, `z/x/y` or a path.
    pub name: String,
    /// Its zoom, if it is known.
    pub zoom: Option<u8>,
    /// The tile as MVT, uncompressed.
    pub mvt: Vec<u8>,
}

/// How to measure.
#[derive(Clone, Debug)]
pub struct Options {
    /// How often every tile is decoded; 0 for no times at all.
    pub rounds: usize,
    /// How many threads compress tiles. Times are always those of one.
    pub threads: usize,
}

/// Measures `tiles` in all formats; `progress` is told how many steps of how many are done. The first
/// contender is the one that all others are compared with.
///
/// # Errors
/// If a tile cannot be encoded or decoded; the error names the tile and the format.
pub fn run(
    tiles: &[Tile],
    contenders: &[Box<dyn Contender>],
    options: &Options,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Report, Error> {
    let timed = if options.rounds > 0 { options.rounds + 1 } else { 0 };
    let steps = (tiles.len() * (1 + timed)) as u64;
    let sizes = sizes::measure(tiles, contenders, options.threads, &mut |done| progress(done, steps))?;
    let times = match options.rounds {
        0 => None,
        rounds => {
            let done = tiles.len() as u64;
            Some(times::measure(tiles, contenders, rounds, &mut |more| progress(done + more, steps))?)
        }
    };
    Ok(Report::new(tiles, contenders, sizes, times))
}
