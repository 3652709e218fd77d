//! Tiles go to the threads in batches, or with tiles of 100 bytes the handing over would take longer
//! than the work.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::columns::Columns;
use super::contents::Contents;
use super::equal::Equal;
use super::error::Result;
use super::format::TileFormat;
use super::listing::Listing;
use super::reader::Reader;
use super::select::Selection;
use super::tile::{BadTile, SourceTile};
use super::transcode::{Made, Transcoder};
use crate::coord::TileCoord;

const BATCH_TILES: usize = 64;
/// Stored size after which a batch is full.
const BATCH_BYTES: usize = 256 << 10;

pub(crate) type Batch = Vec<Result<SourceTile, BadTile>>;

/// What became of a batch.
pub(crate) struct Done {
    pub(crate) tiles: Vec<Result<(TileCoord, Arc<Made>), BadTile>>,
    /// What is in the tiles.
    pub(crate) contents: Contents,
    /// Which columns there are in tiles that are COVT now.
    pub(crate) columns: Columns,
}

/// What is made of a tile, or the reason why nothing is.
type Outcome = Result<Arc<Made>, Arc<str>>;

/// Makes batches of the tiles behind `after`.
pub(crate) fn read(
    reader: &Reader,
    listing: Listing,
    select: &Selection,
    after: Option<u64>,
    send: &mut dyn FnMut(Batch) -> ControlFlow<()>,
) -> Result<()> {
    let mut batch = Batch::new();
    let mut bytes = 0;
    let read = reader.for_each(listing, select, after, &mut |tile| {
        bytes += tile.as_ref().map_or(0, |tile| tile.data.len());
        batch.push(tile);
        if batch.len() < BATCH_TILES && bytes < BATCH_BYTES {
            return ControlFlow::Continue(());
        }
        bytes = 0;
        send(std::mem::take(&mut batch))
    });
    // What was read before an error is good.
    if !batch.is_empty() {
        let _ = send(batch);
    }
    read
}

/// Makes batches of tiles into what they shall be; the threads share it.
pub(crate) struct Worker {
    pub(crate) transcoder: Transcoder,
    equal: Equal<Outcome>,
}

impl Worker {
    pub(crate) fn new(transcoder: Transcoder) -> Self {
        Self { transcoder, equal: Equal::default() }
    }

    pub(crate) fn work(&self, batch: Batch) -> Done {
        let (mut contents, mut columns) = (Contents::default(), Columns::default());
        let tiles = batch.into_iter().map(|tile| {
            let SourceTile { coord, data } = tile?;
            let made = self.make(data).map_err(|reason| BadTile::at(coord, &*reason))?;
            contents.merge_tile(coord.z(), &made.contents);
            if let (TileFormat::Covt, Some(tile)) = (self.transcoder.to, &made.tile) {
                columns.add(coord.z(), tile);
            }
            Ok((coord, made))
        });
        let tiles = tiles.collect();
        Done { tiles, contents, columns }
    }

    fn make(&self, data: Vec<u8>) -> Outcome {
        let bytes = |outcome: &Outcome| outcome.as_ref().map_or(0, |made| made.bytes());
        self.equal.get_or_make(data, bytes, |data| match self.transcoder.transcode(data) {
            Ok(made) => Ok(Arc::new(made)),
            Err(error) => Err(error.line().into()),
        })
    }
}
