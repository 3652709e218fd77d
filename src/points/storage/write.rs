//! Writing an index.

use std::fs::File;
use std::io::{BufWriter, Seek, Write};
use std::path::Path;
use std::sync::Arc;

use arrow_array::types::{UInt8Type, UInt16Type, UInt32Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, FixedSizeBinaryArray, FixedSizeListArray, Float32Array,
    Float64Array, Int32Array, Int64Array, PrimitiveArray, RecordBatch, StringArray,
    TimestampMillisecondArray, UInt8Array, UInt32Array, UInt64Array,
};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{DataType, Field, Schema};

use super::{Head, KEY, LAYOUT, PLACES};
use crate::array::{NullBuffer, Utf8};
use crate::points::column::{Blocks, COUNTED, Column, Data, Keys};
use crate::points::dataset::Dataset;
use crate::points::options::{LoadError, Progress, Stage};
use crate::points::spans::Spans;
use crate::points::table::{SpansOfPlaces, Table};
use crate::tileset::{Existing, output::Scratch};

impl Dataset {
    /// Writes the dataset and its index as a file that [`Self::load`] maps into memory. The file is there
    /// complete or not at all.
    ///
    /// # Errors
    /// If it cannot be written, exists and is to be kept, or not all rows are points.
    pub fn write(
        &self,
        path: &Path,
        existing: Existing,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<(), LoadError> {
        if self.shapes.is_some() {
            let what = "an index holds points; lines and polygons are read from their own file".into();
            return Err(LoadError { path: path.to_owned(), what });
        }
        progress(Progress { stage: Stage::Writing, done: 0, total: 1 });
        let write = || -> Result<(), String> {
            let scratch = Scratch::beside(path, existing).map_err(|error| error.to_string())?;
            let file = File::create(scratch.output()).map_err(|error| error.to_string())?;
            self.write_to(&file)?;
            scratch.commit().map_err(|error| error.to_string())
        };
        write().map_err(|what| LoadError { path: path.to_owned(), what })?;
        progress(Progress { stage: Stage::Writing, done: 1, total: 1 });
        Ok(())
    }

    fn write_to(&self, file: &File) -> Result<(), String> {
        let text = |error: arrow_schema::ArrowError| error.to_string();
        let batch = rows(&self.table).map_err(text)?;
        let mut writer = FileWriter::try_new(BufWriter::new(file), batch.schema_ref()).map_err(text)?;
        writer.write(&batch).map_err(text)?;
        let inner = writer.get_mut();
        let mut behind = |batch: Result<RecordBatch, arrow_schema::ArrowError>| {
            let batch = batch.map_err(text)?;
            let start = aligned(inner).map_err(|error| error.to_string())?;
            let mut statistics = FileWriter::try_new(&mut *inner, batch.schema_ref()).map_err(text)?;
            statistics.write(&batch).map_err(text)?;
            statistics.finish().map_err(text)?;
            drop(statistics);
            let end = inner.stream_position().map_err(|error| error.to_string())?;
            aligned(inner).map_err(|error| error.to_string())?;
            Ok::<_, String>([start, end - start])
        };
        let statistics = [behind(blocks(&self.table))?, behind(spans(&self.table))?];
        let head = Head {
            layout: LAYOUT,
            name: self.name.clone(),
            id: self.id,
            bounds: self.bounds,
            fields: self.fields.clone(),
            statistics,
        };
        let head = serde_json::to_string(&head).map_err(|error| error.to_string())?;
        writer.write_metadata(KEY, head);
        writer.finish().map_err(text)
    }
}

/// Pads to a multiple of 64 bytes, and tells where that is.
fn aligned(writer: &mut (impl Write + Seek)) -> std::io::Result<u64> {
    let at = writer.stream_position()?;
    let end = at.next_multiple_of(64);
    writer.write_all(&[0; 64][..(end - at) as usize])?;
    Ok(end)
}

type Arrays = Vec<(String, ArrayRef)>;

fn batch(arrays: Arrays) -> Result<RecordBatch, arrow_schema::ArrowError> {
    let fields = arrays.iter().map(|(name, array)| {
        // Whether there are nulls depends on the values, not on the column.
        Field::new(name, array.data_type().clone(), true)
    });
    let schema = Arc::new(Schema::new(fields.collect::<Vec<Field>>()));
    RecordBatch::try_new(schema, arrays.into_iter().map(|(_, array)| array).collect())
}

/// Places, numbers of rows, and the columns.
fn rows(table: &Table) -> Result<RecordBatch, arrow_schema::ArrowError> {
    let places = [&table.x, &table.y, &table.source];
    let mut arrays: Arrays = PLACES
        .iter()
        .zip(places)
        .map(|(name, values)| {
            ((*name).to_owned(), Arc::new(UInt32Array::new(values.clone(), None)) as ArrayRef)
        })
        .collect();
    for column in &table.columns {
        arrays.push((column.name.clone(), array(column)?));
    }
    batch(arrays)
}

fn array(column: &Column) -> Result<ArrayRef, arrow_schema::ArrowError> {
    let nulls = column.valid.clone().map(NullBuffer::new);
    Ok(match &column.data {
        Data::Bool(values) => Arc::new(BooleanArray::new(values.clone(), nulls)),
        Data::I32(values) => Arc::new(Int32Array::new(values.clone(), nulls)),
        Data::I64(values) => Arc::new(Int64Array::new(values.clone(), nulls)),
        Data::F32(values) => Arc::new(Float32Array::new(values.clone(), nulls)),
        Data::F64(values) => Arc::new(Float64Array::new(values.clone(), nulls)),
        Data::Time(values) => {
            Arc::new(TimestampMillisecondArray::new(values.clone(), nulls).with_timezone("UTC"))
        }
        Data::Text(keys, strings) => {
            let strings = string_array(strings)?;
            match keys {
                Keys::U8(keys) => {
                    let keys = PrimitiveArray::<UInt8Type>::new(keys.clone(), nulls);
                    Arc::new(DictionaryArray::try_new(keys, strings)?)
                }
                Keys::U16(keys) => {
                    let keys = PrimitiveArray::<UInt16Type>::new(keys.clone(), nulls);
                    Arc::new(DictionaryArray::try_new(keys, strings)?)
                }
                Keys::U32(keys) => {
                    let keys = PrimitiveArray::<UInt32Type>::new(keys.clone(), nulls);
                    Arc::new(DictionaryArray::try_new(keys, strings)?)
                }
            }
        }
    })
}

fn string_array(strings: &Utf8) -> Result<ArrayRef, arrow_schema::ArrowError> {
    let array = StringArray::try_new(strings.offsets().clone(), strings.bytes().clone(), None)?;
    Ok(Arc::new(array))
}

/// The statistics of blocks, those of column 3 in columns `3.min` and so on.
fn blocks(table: &Table) -> Result<RecordBatch, arrow_schema::ArrowError> {
    let mut arrays: Arrays = vec![
        ("level".into(), Arc::new(UInt8Array::new(table.level.clone(), None))),
        ("x.sum".into(), Arc::new(UInt64Array::new(table.sum_x.clone(), None))),
        ("y.sum".into(), Arc::new(UInt64Array::new(table.sum_y.clone(), None))),
    ];
    for (index, column) in table.columns.iter().enumerate() {
        let mut push = |what: &str, array: ArrayRef| arrays.push((format!("{index}.{what}"), array));
        match &column.blocks {
            Blocks::Words => {}
            Blocks::Int { sum, min, max } => {
                for (what, values) in [("sum", sum), ("min", min), ("max", max)] {
                    push(what, Arc::new(Int64Array::new(values.clone(), None)));
                }
            }
            Blocks::Float { sum, min, max } => {
                for (what, values) in [("sum", sum), ("min", min), ("max", max)] {
                    push(what, Arc::new(Float64Array::new(values.clone(), None)));
                }
            }
            Blocks::Text { min, max, counts } => {
                push("min", Arc::new(UInt32Array::new(min.clone(), None)));
                push("max", Arc::new(UInt32Array::new(max.clone(), None)));
                if let (Some(counts), Data::Text(_, strings)) = (counts, &column.data) {
                    debug_assert!(strings.len() <= COUNTED);
                    let counts = counts.inner().clone();
                    push(
                        "counts",
                        Arc::new(FixedSizeBinaryArray::try_new(strings.len() as i32, counts, None)?),
                    );
                }
            }
        }
    }
    batch(arrays)
}

/// The statistics of spans, named as those of blocks are.
fn spans(table: &Table) -> Result<RecordBatch, arrow_schema::ArrowError> {
    let SpansOfPlaces { level, sum_x, sum_y } = &table.spans;
    let mut arrays: Arrays = vec![
        ("level".into(), Arc::new(UInt8Array::new(level.clone(), None))),
        ("x.sum".into(), Arc::new(UInt64Array::new(sum_x.clone(), None))),
        ("y.sum".into(), Arc::new(UInt64Array::new(sum_y.clone(), None))),
    ];
    for (index, column) in table.columns.iter().enumerate() {
        let mut push = |what: &str, array: ArrayRef| arrays.push((format!("{index}.{what}"), array));
        match &column.spans {
            Spans::Ints { count, sum, min, max } => {
                push("count", Arc::new(UInt32Array::new(count.clone(), None)));
                for (what, values) in [("sum", sum), ("min", min), ("max", max)] {
                    push(what, Arc::new(Int64Array::new(values.clone(), None)));
                }
            }
            Spans::Floats { count, sum, min, max } => {
                push("count", Arc::new(UInt32Array::new(count.clone(), None)));
                for (what, values) in [("sum", sum), ("min", min), ("max", max)] {
                    push(what, Arc::new(Float64Array::new(values.clone(), None)));
                }
            }
            Spans::Categories(None) => {}
            Spans::Categories(Some(counts)) => {
                let width = (counts.len() / level.len().max(1)) as i32;
                let item = Arc::new(Field::new_list_field(DataType::UInt32, false));
                let counts = Arc::new(UInt32Array::new(counts.clone(), None));
                push("counts", Arc::new(FixedSizeListArray::try_new(item, width, counts, None)?));
            }
        }
    }
    batch(arrays)
}
