//! Where tiles come from: what the routes need to know of a dataset, whatever it is.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::fault::Fault;
use super::http::{Coding, Format};
use crate::coord::TileCoord;
use crate::points::Cancel;

/// A tile, made.
#[derive(Debug, Default)]
pub(super) struct Made {
    /// Its bytes; none if there is nothing in it.
    pub(super) body: Vec<u8>,
    /// What is around them: what was asked for, or nothing where that gains nothing.
    pub(super) coding: Coding,
    /// How many rows it stands for, where that is known.
    pub(super) rows: Option<u64>,
    /// Whether these are counted in cells instead of sent one by one.
    pub(super) aggregated: bool,
}

/// The pairs of a query, decoded, in their order.
pub(super) type Pairs = Vec<(String, String)>;

/// What a tile is to be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Ask {
    pub(super) coord: TileCoord,
    pub(super) format: Format,
    /// Identity, or what [`Source::stored`] said.
    pub(super) coding: Coding,
    pub(super) pairs: Pairs,
}

/// Makes a tile, on a thread that may take its time.
pub(super) type Work = Box<dyn FnOnce(&Cancel) -> Result<Made, Fault> + Send>;

/// A dataset.
pub(super) trait Source: Send + Sync {
    /// What it is, in a word or two.
    fn kind(&self) -> String;

    /// The format that who does not care gets.
    fn native(&self) -> Format;

    /// The coding that MVT comes in with no work, other than identity.
    fn stored(&self) -> Option<Coding> {
        None
    }

    /// The zooms there are tiles of.
    fn zooms(&self) -> [u8; 2];

    /// West, south, east, north in degrees, if there is anything.
    fn bounds(&self) -> Option<[f64; 4]>;

    /// The number of rows, or of tiles.
    fn count(&self) -> Option<u64>;

    /// Whether it is made of rows, which can be filtered and aggregated.
    fn has_rows(&self) -> bool;

    /// What else TileJSON tells: `vector_layers`, names, attribution.
    fn tilejson(&self) -> Map<String, Json>;

    /// The statistics of all columns, as mapbox-geostats writes them.
    fn tilestats(&self) -> Json;

    /// Checks what is asked for, quickly, and hands out the work.
    ///
    /// # Errors
    /// A fault that names the parameter that is wrong.
    fn work(self: Arc<Self>, ask: &Ask) -> Result<Work, Fault>;
}
