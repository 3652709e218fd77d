//! Layers and columns of a tile that lies elsewhere: the front of it is fetched, then the byte ranges of
//! what is wanted, and nothing else.
//!
//! That needs tiles that are stored and sent as they are. COVT tiles are: gzip around them would make
//! ranges of them worthless, and saves next to nothing.
//!
//! | file | |
//! |---|---|
//! | `fetch` | which bytes to ask for, and the tile that they make |
//! | `index` | where the layers of all tiles of a tileset are |
//! | `local` | ranges of files |
//! | `http`, `multipart` | ranges behind a URL (feature `http`) |
//! | `object` | ranges of objects in a store (feature `object-store`) |
//! | `s3` | those in S3 by their URL (feature `s3`) |
//!
//! ```
//! use covt::remote::{Fetch, Local, fetch};
//! use covt::{Budget, EncodeOptions, LayerBuilder, Profile, Projection, Value};
//!
//! let mut layers = Vec::new();
//! for name in ["water", "roads"] {
//!     let mut layer = LayerBuilder::new(name);
//!     for x in 0..500 {
//!         layer.feature(Some(x as u64), |geometry| Ok(geometry.point(x * x, 7 * x)))?;
//!     }
//!     layers.push(layer.finish()?);
//! }
//! let tile = covt::encode(&layers, &EncodeOptions::new(Profile::Fast))?;
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("tile.covt");
//! std::fs::write(&path, &tile).unwrap();
//!
//! let wanted = Projection { layers: Some(vec!["roads".into()]), ..Projection::default() };
//! let mut source = Local::open(&path).unwrap();
//! let options = Fetch { front: 64, ..Fetch::default() };
//! let fetched = fetch(&mut source, None, &wanted, &options, &mut Budget::default()).unwrap();
//! assert!(fetched.cost().bytes < tile.len() as u64);
//! let features = fetched.with_tile(|tile| tile.layer("roads").unwrap().geometry(&mut Budget::default()))?;
//! assert_eq!(features?.len(), 500);
//! # Ok::<(), covt::Error>(())
//! ```

mod fetch;
#[cfg(feature = "http")]
mod http;
mod index;
mod local;
#[cfg(feature = "http")]
mod multipart;
#[cfg(feature = "object-store")]
mod object;
#[cfg(feature = "s3")]
mod s3;

use std::ops::Range;

pub use fetch::{Fetch, Fetched, fetch};
#[cfg(feature = "http")]
pub use http::Http;
pub use index::Index;
pub use local::Local;
#[cfg(feature = "object-store")]
pub use object::Object;

use crate::coord::TileCoord;
use crate::tileset::{PmtilesReader, Result};

/// What was asked for, and what came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cost {
    /// Requests, also those that failed and were made again.
    pub requests: u64,
    /// Bytes of content that came.
    pub bytes: u64,
}

/// Bytes that are read by ranges.
pub trait Ranges {
    /// Reads ranges, which do not overlap: parts of which each range lies within one or several that
    /// adjoin. They may be more than was asked for, and overlap. A range that reaches behind the end may
    /// come shorter.
    ///
    /// # Errors
    /// If they cannot be read.
    fn read(&mut self, ranges: &[Range<u64>]) -> Result<Vec<(u64, Vec<u8>)>>;

    /// What that cost so far.
    fn cost(&self) -> Cost;
}

/// Where a tile lies in a PMTiles archive, to be handed to [`fetch`]; none if it is not there.
///
/// # Errors
/// If the archive cannot be read.
pub fn place_in(archive: &PmtilesReader, coord: TileCoord) -> Result<Option<Range<u64>>> {
    archive.place_of(coord)
}
