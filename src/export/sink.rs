//! Files of rows, group by group.

use std::error::Error;
use std::io::{BufWriter, Write};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use arrow_schema::{Schema, SchemaRef};
use arrow_select::concat::concat_batches;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use super::geo::Geo;
use super::rows::Made;
use super::schema::Table;
use super::{ExportOptions, Format};
use crate::arrow::Crs;

/// A group is full with so many bytes, whatever the number of its rows.
const GROUP_BYTES: usize = 64 << 20;

/// A file or stream that is being written.
pub(super) struct Sink<W: Write + Send> {
    file: Kind<W>,
    schema: SchemaRef,
    group_rows: usize,
    waiting: Vec<RecordBatch>,
    rows: usize,
    bytes: usize,
    groups: u64,
    geo: Geo,
    crs: Crs,
}

enum Kind<W: Write + Send> {
    Parquet(Box<ArrowWriter<W>>),
    Arrow(Box<FileWriter<BufWriter<W>>>),
    Stream(Box<StreamWriter<BufWriter<W>>>),
    Lines(BufWriter<W>),
}

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

impl<W: Write + Send> Sink<W> {
    pub(super) fn new(output: W, table: &Table, options: &ExportOptions) -> Result<Self> {
        // The geometry says what it is also to readers of Arrow's schema.
        let fields = table.schema.fields().iter().map(|field| match field.name().as_str() {
            "geometry" => Arc::new(crate::arrow::wkb_field(field, options.crs)),
            _ => Arc::clone(field),
        });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let file = match options.format {
            Format::GeoParquet => {
                let level = ZstdLevel::try_new(3)?;
                let properties = WriterProperties::builder()
                    .set_compression(Compression::ZSTD(level))
                    .set_created_by(concat!("covt ", env!("CARGO_PKG_VERSION")).to_owned())
                    .set_max_row_group_row_count(Some(options.group_rows.max(1)))
                    .build();
                let writer = ArrowWriter::try_new(output, Arc::clone(&schema), Some(properties));
                Kind::Parquet(Box::new(writer?))
            }
            Format::Arrow | Format::ArrowStream => {
                let ipc =
                    IpcWriteOptions::default().try_with_compression(Some(CompressionType::LZ4_FRAME))?;
                let output = BufWriter::new(output);
                match options.format {
                    Format::Arrow => {
                        let writer = FileWriter::try_new_with_options(output, &schema, ipc);
                        Kind::Arrow(Box::new(writer?))
                    }
                    _ => {
                        let writer = StreamWriter::try_new_with_options(output, &schema, ipc);
                        Kind::Stream(Box::new(writer?))
                    }
                }
            }
            Format::GeoJson => Kind::Lines(BufWriter::new(output)),
        };
        Ok(Self {
            file,
            schema,
            group_rows: options.group_rows.max(1),
            waiting: Vec::new(),
            rows: 0,
            bytes: 0,
            groups: 0,
            geo: Geo::default(),
            crs: options.crs,
        })
    }

    /// Adds what was made of a tile; returns the number of rows.
    pub(super) fn take(&mut self, made: Made) -> Result<u64> {
        match (made, &mut self.file) {
            (Made::Batches(batches), _) => {
                batches.iter().try_for_each(|batch| self.write(batch))?;
                Ok(batches.iter().map(|batch| batch.num_rows() as u64).sum())
            }
            (Made::Lines(lines, rows), Kind::Lines(file)) => {
                file.write_all(&lines)?;
                self.groups += u64::from(rows > 0);
                Ok(rows)
            }
            (Made::Lines(..), _) => unreachable!("lines go to a file of lines"),
        }
    }

    /// Adds rows. Those of a tile stay together as far as a group has room.
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), batch.columns().to_vec())?;
        let geometries = batch.column_by_name("geometry").expect("every table has one").as_binary::<i32>();
        geometries.iter().flatten().for_each(|wkb| self.geo.add(wkb));
        let mut rest = batch;
        while rest.num_rows() > 0 {
            let room = self.group_rows - self.rows;
            let part = rest.slice(0, room.min(rest.num_rows()));
            rest = rest.slice(part.num_rows(), rest.num_rows() - part.num_rows());
            self.rows += part.num_rows();
            self.bytes += part.get_array_memory_size();
            self.waiting.push(part);
            if self.rows == self.group_rows || self.bytes >= GROUP_BYTES {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Writes what waits as a group.
    fn flush(&mut self) -> Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        match &mut self.file {
            Kind::Parquet(writer) => {
                self.waiting.drain(..).try_for_each(|batch| writer.write(&batch))?;
                // Nothing is left if the last row filled the group.
                writer.flush()?;
            }
            Kind::Arrow(writer) => {
                let group = joined(&self.schema, &mut self.waiting)?;
                writer.write(&group)?;
            }
            Kind::Stream(writer) => {
                let group = joined(&self.schema, &mut self.waiting)?;
                writer.write(&group)?;
                // Whoever reads it can go on.
                writer.flush()?;
            }
            Kind::Lines(_) => unreachable!("lines do not wait"),
        }
        (self.rows, self.bytes) = (0, 0);
        self.groups += 1;
        Ok(())
    }

    /// Ends the file; returns the number of groups.
    pub(super) fn finish(mut self) -> Result<u64> {
        self.flush()?;
        match self.file {
            Kind::Parquet(mut writer) => {
                writer
                    .append_key_value_metadata(KeyValue::new("geo".to_owned(), self.geo.metadata(self.crs)));
                writer.close().map(drop)?;
            }
            Kind::Arrow(mut writer) => writer.finish()?,
            Kind::Stream(mut writer) => writer.finish()?,
            Kind::Lines(mut file) => file.flush()?,
        }
        Ok(self.groups)
    }
}

fn joined(schema: &SchemaRef, waiting: &mut Vec<RecordBatch>) -> Result<RecordBatch> {
    let group = concat_batches(schema, waiting.iter())?;
    waiting.clear();
    Ok(group)
}
