//! Tilesets: MBTiles, PMTiles and folders of tiles, and [`convert()`], which makes one of another, COVT
//! of MVT and MVT of COVT.
//!
//! | file | |
//! |---|---|
//! | `format`, `compression`, `metadata` | what tiles are, how they are wrapped, what is said of them |
//! | `mlt` | MapLibre Tiles as input |
//! | `tile_id`, `sorted`, `listing` | the order in which tiles are read |
//! | `mbtiles`, `pmtiles`, `folder` | one kind of tileset each, reading and writing |
//! | `source`, `http` | bytes by ranges |
//! | `reader`, `writer` | any kind |
//! | `output`, `checkpoint`, `bad_list` | output that is there complete or not at all, and can be gone on with |
//! | `select`, `edit` | which tiles, and what of them |
//! | `transcode`, `equal`, `batch` | the work on one tile, once for equal ones, and on some |
//! | `contents`, `columns`, `coverage`, `complete` | what the tiles hold, and what is said of it |
//! | `pipeline` | the work on many threads, results in order |
//! | `convert` | all of it together |
//! | `survey` | a tileset at a glance, and estimates from a sample |

mod bad_list;
mod batch;
mod checkpoint;
mod columns;
mod complete;
mod compression;
mod contents;
mod convert;
mod coverage;
mod edit;
mod equal;
mod error;
mod folder;
mod format;
#[cfg(feature = "http")]
mod http;
mod listing;
mod mbtiles;
mod metadata;
mod mlt;
pub(crate) mod output;
pub(crate) mod pipeline;
mod pmtiles;
mod reader;
mod seen;
mod select;
mod sorted;
mod source;
mod survey;
mod tile;
mod tile_id;
mod transcode;
mod writer;

#[cfg(feature = "serve")]
pub(crate) use columns::{Columns, complete as complete_layers};
pub use compression::{Compression, MAX_TILE_BYTES, brotli, decompress, decompress_as, gzip};
#[cfg(feature = "serve")]
pub(crate) use contents::Contents;
pub use convert::{ConvertOptions, Event, Summary, Totals, convert};
pub use edit::{ColumnName, Edit};
pub use error::{Error, ErrorKind, Result};
pub use folder::FolderReader;
pub use format::TileFormat;
pub use mbtiles::{MbtilesReader, MbtilesSchema, MbtilesWriter};
pub use metadata::Metadata;
pub use mlt::mlt_to_mvt;
pub use output::{Existing, check_apart, write_file};
#[cfg(feature = "arrow")]
pub(crate) use output::{Scratch, is_special};
pub use pmtiles::{PmtilesReader, PmtilesWriter};
pub use reader::Reader;
pub use select::{GeoBounds, Selection};
#[cfg(feature = "object-store")]
pub(crate) use source::ReadAt;
pub use survey::{Estimate, Survey, ZoomSurvey, survey};
pub use tile::BadTile;
pub(crate) use tile_id::tile_id;
