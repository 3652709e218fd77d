//! Trips as a Parquet file.

use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, Float32Array, Float64Array, Int32Array, RecordBatch, StringArray, TimestampMillisecondArray,
};
use parquet::arrow::ArrowWriter;

use super::trips::{Trip, trips};

/// How many rows are in memory at a time.
const BATCH: usize = 1 << 18;

/// Writes `rows` trips to `path`, the same ones for a seed: two coordinates and six columns.
///
/// # Errors
/// If the file cannot be written.
pub fn write_trips(
    path: &Path,
    rows: usize,
    seed: u64,
    progress: &dyn Fn(u64),
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut all = trips(seed);
    let mut out = Some(File::create(path)?);
    let mut writer = None;
    let mut left = rows;
    while left > 0 || writer.is_none() {
        let some: Vec<Trip> = all.by_ref().take(left.min(BATCH)).collect();
        left -= some.len();
        let batch = batch(&some)?;
        if let Some(file) = out.take() {
            writer = Some(ArrowWriter::try_new(file, batch.schema(), None)?);
        }
        if let Some(writer) = &mut writer {
            writer.write(&batch)?;
        }
        progress((rows - left) as u64);
    }
    if let Some(writer) = writer {
        writer.close()?;
    }
    Ok(())
}

fn batch(trips: &[Trip]) -> Result<RecordBatch, arrow_schema::ArrowError> {
    let doubles =
        |of: fn(&Trip) -> f64| Arc::new(Float64Array::from_iter_values(trips.iter().map(of))) as ArrayRef;
    let operators = trips.iter().map(|trip| format!("operator {}", trip.operator));
    RecordBatch::try_from_iter([
        ("longitude", doubles(|trip| trip.longitude)),
        ("latitude", doubles(|trip| trip.latitude)),
        ("kind", Arc::new(StringArray::from_iter_values(trips.iter().map(|trip| trip.kind))) as ArrayRef),
        ("operator", Arc::new(StringArray::from_iter_values(operators))),
        ("amount", doubles(|trip| trip.amount)),
        ("passengers", Arc::new(Int32Array::from_iter_values(trips.iter().map(|trip| trip.passengers)))),
        ("time", Arc::new(TimestampMillisecondArray::from_iter_values(trips.iter().map(|trip| trip.time)))),
        ("speed", Arc::new(Float32Array::from_iter_values(trips.iter().map(|trip| trip.speed)))),
    ])
}
