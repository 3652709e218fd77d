//! Points (and lines and polygons) from tables as tiles: loaded, indexed, filtered and aggregated (feature `points`).
//!
//! ```text
//! CSV, Parquet, Arrow, GeoJSON ──input──▶ drafts ──sorted along a curve──▶ table ──tile──▶ layers
//! ```
//!
//! A [`Dataset`] holds its rows along a Hilbert curve through the Web Mercator map, so that those of a
//! tile stand side by side, and statistics of every 64 of them, with which a filter skips blocks and an
//! aggregate adds up whole ones. Nothing is computed per zoom level: a tile of the whole world and one of a
//! street go the same way, and every row counts once in each. `spec/queries.md` says what can be asked.
//!
//! ```no_run
//! use covt::TileCoord;
//! use covt::points::{Cancel, Dataset, LoadOptions, QueryLimits};
//!
//! let (places, report) = Dataset::load("places.csv".as_ref(), &LoadOptions::default(), &|_| ())?;
//! println!("{} rows, {} left out", report.rows, report.bad);
//! let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
//! let query = [pair("filter", "population > 1000"), pair("agg", "count,sum:population")];
//! let query = places.query(&query, &QueryLimits::default())?;
//! let tile = places.tile(TileCoord::new(0, 0, 0).unwrap(), &query, &Cancel::new())?;
//! std::fs::write("0.mvt", tile.to_mvt()?)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod aggregates;
mod around;
mod blocks;
mod cancel;
mod cell_layer;
mod cells;
mod column;
mod dataset;
mod draft;
mod field;
mod filter;
mod grid;
mod input;
mod mercator;
mod options;
mod order;
mod pieces;
mod quantiles;
mod query;
mod rows;
mod shapes;
mod spans;
mod storage;
mod table;
mod text;
mod tile;
mod totals;

#[cfg(test)]
mod tests;

pub use cancel::{Cancel, TileError};
pub use dataset::Dataset;
pub use field::{Field, FieldType};
pub use options::{BadRow, Delimiter, LoadError, LoadOptions, LoadReport, Progress, Stage};
pub use query::{Query, QueryError, QueryLimits};
pub use tile::Answer;
