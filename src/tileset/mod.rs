//! Tilesets: MBTiles and folders of tiles, and [`convert()`], which makes COVT of MVT or MVT of COVT.
//!
//! | file | |
//! |---|---|
//! | `format`, `compression`, `metadata` | what tiles are, how they are wrapped, what is said of them |
//! | `mbtiles`, `folder` | one kind of tileset each, reading and writing |
//! | `reader`, `writer` | any kind |
//! | `output` | output that is there complete or not at all |
//! | `transcode` | the work on one tile |
//! | `pipeline` | the work on many threads, results in order |
//! | `convert` | all of it together |

mod compression;
mod convert;
mod error;
mod folder;
mod format;
mod mbtiles;
mod metadata;
mod output;
mod pipeline;
mod reader;
mod tile;
mod transcode;
mod writer;

pub use compression::{Compression, MAX_TILE_BYTES, decompress, gzip};
pub use convert::{ConvertOptions, Event, Summary, Totals, convert};
pub use error::{Error, ErrorKind, Result};
pub use folder::FolderReader;
pub use format::TileFormat;
pub use mbtiles::{MbtilesReader, MbtilesWriter};
pub use metadata::Metadata;
pub use output::{Existing, write_file};
pub use reader::Reader;
pub use tile::BadTile;
