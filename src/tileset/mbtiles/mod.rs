//! MBTiles: a tileset in an SQLite file.
//!
//! Every MBTiles has a table or view `tiles(zoom_level, tile_column, tile_row, tile_data)`, its
//! rows counted from the south, and a table or view `metadata(name, value)`. What is written here
//! stores tiles with the same bytes once:
//!
//! ```text
//! tiles_shallow(zoom_level, tile_column, tile_row, tile_data_id)   by coordinate, without rowid
//! tiles_data(tile_data_id, tile_data)                              by id
//! tiles                                                            view that joins the two
//! ```
//! This is the layout of planetiler's compact MBTiles, so readers have met it. It costs nothing
//! where no tile repeats: `tiles_shallow` takes the place of the index that a flat table needs. Other
//! schemas are there for those who ask for them.

mod reader;
mod writer;

pub use reader::MbtilesReader;
pub use writer::{MbtilesSchema, MbtilesWriter};

/// `MPBX`, the `application_id` of MBTiles, which tells `file` and others what the file is.
const APPLICATION_ID: i32 = 0x4d50_4258;
