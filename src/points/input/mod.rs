//! Files to drafts.

mod arrow;
mod convert;
mod coordinates;
mod csv;
mod geojson;
mod guess;
mod native;
mod source;
mod wkb;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use super::draft::Drafts;
use super::options::{LoadOptions, LoadReport, Progress};
use source::Format;

/// Whether a file is in Arrow's format for files.
pub(super) fn is_arrow(path: &Path) -> bool {
    matches!(source::format(path), Ok(Format::Arrow))
}

/// Reads a file of any format.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read(
    path: &Path,
    options: &LoadOptions,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(Drafts, LoadReport), String> {
    let mut report = LoadReport::default();
    let format = source::format(path).map_err(|error| error.to_string())?;
    let read = || match format {
        Format::Parquet => arrow::read_parquet(path, options, progress, &mut report),
        Format::Arrow => arrow::read_ipc(path, options, progress, &mut report),
        Format::GeoJson => geojson::read(path, options, progress, &mut report),
        Format::Csv => csv::read(path, options, progress, &mut report),
    };
    let drafts = guarded(read)?;
    if drafts.places.len() == 0 {
        let mut message = "no row has coordinates".to_owned();
        if let Some(first) = report.examples.first() {
            message += &format!(" ({first})");
        }
        return Err(message);
    }
    Ok((drafts, report))
}

/// What `read` returns; an error if it panics, as readers of others do with some files that are damaged.
pub(super) fn guarded<T>(read: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err("is damaged".into()))
}

/// The most rows of a dataset: their numbers have 32 bits.
const MOST: usize = u32::MAX as usize;

fn check_rows(rows: usize) -> Result<(), String> {
    if rows > MOST { Err("more than 4,294,967,295 rows".into()) } else { Ok(()) }
}
