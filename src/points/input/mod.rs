//! Files to drafts.

mod arrow;
mod convert;
mod coordinates;
mod csv;
mod geojson;
mod guess;
mod source;
mod wkb;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use super::draft::Drafts;
use super::options::{LoadOptions, LoadReport, Progress};
use source::Format;

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
    // Readers of others panic on some files that are none of theirs.
    let drafts = catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(format!("is no {format} that can be read, or damaged")))?;
    if drafts.keys.len() == 0 {
        let mut message = "no row has coordinates".to_owned();
        if let Some(first) = report.examples.first() {
            message += &format!(" ({first})");
        }
        return Err(message);
    }
    Ok((drafts, report))
}

/// Adds a point unless its coordinates are bad.
fn place(longitude: f64, latitude: f64) -> Result<u64, String> {
    let place = super::mercator::place(longitude, latitude);
    place.map(super::table::key).ok_or_else(|| {
        if longitude.is_nan() || latitude.is_nan() {
            "no coordinates".into()
        } else {
            format!("longitude {longitude} and latitude {latitude} are outside the world")
        }
    })
}

/// The most rows of a dataset: their numbers have 32 bits.
const MOST: usize = u32::MAX as usize;

fn check_rows(rows: usize) -> Result<(), String> {
    if rows > MOST { Err("more than 4,294,967,295 rows".into()) } else { Ok(()) }
}
