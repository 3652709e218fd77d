//! Indexes as files: one Arrow IPC file, mapped into memory when it is opened.
//!
//! ```text
//! record batch   x, y, row, then the columns, in the order of the index
//! statistics     two Arrow IPC files of their own: a row per block of 64 rows, and a row per span of blocks
//! footer         of the record batch; its metadata say where the statistics are
//! ```
//!
//! Readers of Arrow files go by the footer and see the record batch alone. `spec/queries.md` describes
//! the columns.

mod map;
mod read;
mod write;

pub(super) use read::open;

use serde::{Deserialize, Serialize};

use super::field::Field;

/// The key of the footer's metadata.
const KEY: &str = "covt:points";
/// The layout, counted up when it changes.
const LAYOUT: u32 = 2;
/// The columns before those of the dataset.
const PLACES: [&str; 3] = ["covt:x", "covt:y", "covt:row"];

/// What the footer says.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    layout: u32,
    name: String,
    /// The number of the column of ids.
    id: Option<usize>,
    bounds: Option<[f64; 4]>,
    fields: Vec<Field>,
    /// Where the statistics of blocks and of spans are in the file: start and length in bytes.
    statistics: [[u64; 2]; 2],
}
