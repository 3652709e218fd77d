//! Parquet files and Arrow IPC, batch by batch.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::mpsc::sync_channel;

use arrow_array::{BooleanArray, RecordBatch};
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::{ArrowError, Schema};
use arrow_select::filter::filter_record_batch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::check_rows;
use super::convert;
use super::coordinates::Coordinates;
use super::csv::kept;
use crate::points::draft::{Draft, Drafts, Places};
use crate::points::options::{LoadOptions, LoadReport, Progress, Stage};

/// Rows of a batch.
const BATCH: usize = 1 << 16;

pub(super) fn read_parquet(
    path: &Path,
    options: &LoadOptions,
    progress: &(dyn Fn(Progress) + Sync),
    report: &mut LoadReport,
) -> Result<Drafts, String> {
    let text = |error: parquet::errors::ParquetError| error.to_string();
    let file = File::open(path).map_err(|error| error.to_string())?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(text)?;
    let total = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
    let plan = Plan::new(builder.schema(), options, report)?;
    let mask = ProjectionMask::roots(builder.parquet_schema(), plan.needed());
    let plan = plan.projected();
    let reader = builder.with_projection(mask).with_batch_size(BATCH).build().map_err(text)?;
    plan.read(reader, total, progress, report)
}

pub(super) fn read_ipc(
    path: &Path,
    options: &LoadOptions,
    progress: &(dyn Fn(Progress) + Sync),
    report: &mut LoadReport,
) -> Result<Drafts, String> {
    let text = |error: ArrowError| error.to_string();
    let open = || File::open(path).map_err(|error| error.to_string());
    let mut start = [0; 6];
    open()?.read_exact(&mut start).map_err(|error| error.to_string())?;
    if start == *b"ARROW1" {
        let reader = FileReader::try_new(BufReader::new(open()?), None).map_err(text)?;
        let plan = Plan::new(&reader.schema(), options, report)?;
        let reader = FileReader::try_new(BufReader::new(open()?), Some(plan.needed())).map_err(text)?;
        return plan.projected().read(reader, 0, progress, report);
    }
    let reader = StreamReader::try_new(BufReader::new(open()?), None).map_err(text)?;
    let plan = Plan::new(&reader.schema(), options, report)?;
    let reader = StreamReader::try_new(BufReader::new(open()?), Some(plan.needed())).map_err(text)?;
    plan.projected().read(reader, 0, progress, report)
}

/// Which columns are read, and what becomes of them.
struct Plan {
    coordinates: Coordinates,
    /// By the numbers of columns.
    drafts: Vec<(usize, Draft)>,
}

impl Plan {
    fn new(schema: &Schema, options: &LoadOptions, report: &mut LoadReport) -> Result<Self, String> {
        let coordinates = Coordinates::find(schema, options)?;
        let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        let mut drafts = Vec::new();
        for column in kept(&names, &coordinates.columns(), options)? {
            let data_type = schema.field(column).data_type();
            match convert::draft(&names[column], data_type) {
                Some(draft) => drafts.push((column, draft)),
                None => report.notes.push(format!(
                    "column {:?} is left out: tiles have no values of type {data_type}",
                    names[column]
                )),
            }
        }
        Ok(Self { coordinates, drafts })
    }

    /// The columns to read, in their order.
    fn needed(&self) -> Vec<usize> {
        let mut out = self.coordinates.columns();
        out.extend(self.drafts.iter().map(|(column, _)| *column));
        out.sort_unstable();
        out.dedup();
        out
    }

    /// The plan on batches that have the needed columns only.
    fn projected(mut self) -> Self {
        let needed = self.needed();
        let place = |column: usize| needed.binary_search(&column).expect("needed");
        self.coordinates = self.coordinates.renumbered(place);
        self.drafts.iter_mut().for_each(|(column, _)| *column = place(*column));
        self
    }

    /// Reads batches on one thread, decoding them, and appends them on this one.
    fn read(
        mut self,
        batches: impl Iterator<Item = Result<RecordBatch, ArrowError>> + Send,
        total: u64,
        progress: &(dyn Fn(Progress) + Sync),
        report: &mut LoadReport,
    ) -> Result<Drafts, String> {
        let mut places = Places::new();
        let mut rows = 0;
        std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(2);
            scope.spawn(move || {
                for batch in batches {
                    if sender.send(batch).is_err() {
                        break;
                    }
                }
            });
            for batch in receiver {
                let batch = batch.map_err(|error| error.to_string())?;
                self.append(&batch, rows, &mut places, report)?;
                rows += batch.num_rows() as u64;
                check_rows(places.len())?;
                progress(Progress { stage: Stage::Reading, done: rows, total });
            }
            Ok::<_, String>(())
        })?;
        let columns = self.drafts.into_iter().map(|(_, draft)| draft).collect();
        Ok(Drafts { places, columns })
    }

    fn append(
        &mut self,
        batch: &RecordBatch,
        before: u64,
        places: &mut Places,
        report: &mut LoadReport,
    ) -> Result<(), String> {
        let mut good = Vec::with_capacity(batch.num_rows());
        self.coordinates.read(batch, places, |row, added| {
            good.push(added.is_ok());
            if let Err(what) = added {
                report.bad(before + row as u64 + 1, || what);
            }
        })?;
        let filtered;
        let batch = if good.iter().all(|&good| good) {
            batch
        } else {
            filtered =
                filter_record_batch(batch, &BooleanArray::from(good)).map_err(|error| error.to_string())?;
            &filtered
        };
        for (column, draft) in &mut self.drafts {
            let within = |what| format!("column {:?}: {what}", batch.schema().field(*column).name());
            draft.append(batch.column(*column)).map_err(within)?;
        }
        Ok(())
    }
}
