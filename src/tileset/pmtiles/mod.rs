//! PMTiles 3: a tileset in one file that is read by ranges of its bytes, also over HTTP.
//!
//! ```text
//! header            127 bytes                                     at the front
//! root directory    in the first 16384 bytes, so that one request has both
//! tile data         tiles in the order of their ids, equal ones once
//! metadata          JSON
//! leaf directories  where the root cannot hold all entries
//! ```
//! The order of the last three is free; this is the one written here, since it lets tiles be
//! written as they come, with nothing to be moved afterwards. Directories and metadata are
//! compressed with gzip.

mod directory;
mod header;
mod journal;
mod reader;
mod writer;

pub use reader::PmtilesReader;
pub(crate) use writer::Lengths;
pub use writer::PmtilesWriter;

pub(crate) use header::MAGIC;
