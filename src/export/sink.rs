//! Files of rows, group by group.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions};
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
use crate::tileset::{Error, Result};

/// A group is full with so many bytes, whatever the number of its rows.
const GROUP_BYTES: usize = 64 << 20;

/// A file that is being written.
pub(super) struct Sink {
    file: Kind,
    schema: SchemaRef,
    group_rows: usize,
    waiting: Vec<RecordBatch>,
    rows: usize,
    bytes: usize,
    groups: u64,
    geo: Geo,
    crs: Crs,
}

enum Kind {
    Parquet(Box<ArrowWriter<File>>),
    Arrow(Box<FileWriter<BufWriter<File>>>),
    Lines(BufWriter<File>),
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::because("cannot write the table", error)
}

impl Sink {
    pub(super) fn create(path: &Path, table: &Table, options: &ExportOptions) -> Result<Self> {
        let file = File::create(path).map_err(failed)?;
        // The geometry says what it is also to readers of Arrow's schema.
        let fields = table.schema.fields().iter().map(|field| match field.name().as_str() {
            "geometry" => Arc::new(crate::arrow::wkb_field(field, options.crs)),
            _ => Arc::clone(field),
        });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let file = match options.format {
            Format::GeoParquet => {
                let level = ZstdLevel::try_new(3).map_err(failed)?;
                let properties = WriterProperties::builder()
                    .set_compression(Compression::ZSTD(level))
                    .set_created_by(concat!("covt ", env!("CARGO_PKG_VERSION")).to_owned())
                    .set_max_row_group_row_count(Some(options.group_rows.max(1)))
                    .build();
                let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties));
                Kind::Parquet(Box::new(writer.map_err(failed)?))
            }
            Format::Arrow => {
                let options = IpcWriteOptions::default()
                    .try_with_compression(Some(CompressionType::LZ4_FRAME))
                    .map_err(failed)?;
                let writer = FileWriter::try_new_with_options(BufWriter::new(file), &schema, options);
                Kind::Arrow(Box::new(writer.map_err(failed)?))
            }
            Format::GeoJson => Kind::Lines(BufWriter::new(file)),
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
                file.write_all(&lines).map_err(failed)?;
                self.groups += u64::from(rows > 0);
                Ok(rows)
            }
            (Made::Lines(..), _) => unreachable!("lines go to a file of lines"),
        }
    }

    /// Adds rows. Those of a tile stay together as far as a group has room.
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let batch =
            RecordBatch::try_new(Arc::clone(&self.schema), batch.columns().to_vec()).map_err(failed)?;
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
                self.waiting.drain(..).try_for_each(|batch| writer.write(&batch)).map_err(failed)?;
                // Nothing is left if the last row filled the group.
                writer.flush().map_err(failed)?;
            }
            Kind::Arrow(writer) => {
                let group = concat_batches(&self.schema, &self.waiting).map_err(failed)?;
                self.waiting.clear();
                writer.write(&group).map_err(failed)?;
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
                writer.close().map(drop).map_err(failed)?;
            }
            Kind::Arrow(mut writer) => writer.finish().map_err(failed)?,
            Kind::Lines(mut file) => file.flush().map_err(failed)?,
        }
        Ok(self.groups)
    }
}
