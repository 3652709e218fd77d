//! Opening an index.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int32Type, Int64Type, TimestampMillisecondType, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, ArrowNativeTypeOp, RecordBatch};
use arrow_buffer::Buffer;
use arrow_ipc::convert::fb_to_schema;
use arrow_ipc::reader::{FileDecoder, read_footer_length};
use arrow_ipc::{Block, root_as_footer};
use arrow_schema::DataType;

use super::map::map;
use super::{Head, KEY, LAYOUT, PLACES};
use crate::array::{BooleanBuffer, ScalarBuffer, Utf8};
use crate::points::column::{BLOCK, Blocks, Column, Data, Keys};
use crate::points::dataset::Dataset;
use crate::points::spans::{self, Spans};
use crate::points::table::{SpansOfPlaces, Table};

/// Opens an index; none if the file is some other Arrow file.
///
/// What the file says of itself is checked, except that its rows are in order and its statistics those of
/// its values: of a file that was tampered with, tiles are wrong.
///
/// # Errors
/// What is wrong with it.
pub(in crate::points) fn open(path: &Path, name: Option<&str>) -> Result<Option<Dataset>, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let bytes = map(&file).map_err(|error| error.to_string())?;
    let Some((batch, metadata)) = batch(&bytes)? else { return Ok(None) };
    let Some(head) = metadata else { return Ok(None) };
    let head: Head = serde_json::from_str(&head).map_err(|error| format!("{KEY}: {error}"))?;
    if head.layout != LAYOUT {
        return Err(format!("is an index of layout {}, and {LAYOUT} is read: make it anew", head.layout));
    }
    let statistics = |place: [u64; 2]| {
        let [start, len] = place.map(|at| usize::try_from(at).unwrap_or(usize::MAX));
        if start.checked_add(len).is_none_or(|end| end > bytes.len()) {
            return Err("statistics past the end of the file".to_owned());
        }
        batch_of(&bytes.slice_with_length(start, len))
    };
    let [blocks, spans] = head.statistics;
    let table = table(&batch, &statistics(blocks)?, &statistics(spans)?)?;
    if head.id.is_some_and(|id| id >= table.columns.len()) {
        return Err("ids are in a column there is not".into());
    }
    let name = name.map_or(head.name, str::to_owned);
    Dataset::opened(name, table, head.id, head.fields, head.bounds).map(Some)
}

/// The only record batch of a file, and what its footer says of an index.
fn batch(bytes: &Buffer) -> Result<Option<(RecordBatch, Option<String>)>, String> {
    let text = |error: arrow_schema::ArrowError| error.to_string();
    let Some(end) = bytes.len().checked_sub(10) else { return Ok(None) };
    let trailer: [u8; 10] = bytes[end..].try_into().expect("ten bytes");
    let Ok(len) = read_footer_length(trailer) else { return Ok(None) };
    let start = end.checked_sub(len).ok_or("a footer longer than the file")?;
    let footer = root_as_footer(&bytes[start..end]).map_err(|error| format!("footer: {error}"))?;
    let pairs = footer.custom_metadata().into_iter().flatten();
    let metadata = pairs.into_iter().find(|pair| pair.key() == Some(KEY)).and_then(|pair| pair.value());
    let metadata = metadata.map(str::to_owned);
    let blocks: Vec<Block> = footer.recordBatches().into_iter().flatten().copied().collect();
    let [block] = &blocks[..] else { return Ok(None) };
    let schema = footer.schema().ok_or("a footer without a schema")?;
    let mut decoder = FileDecoder::new(Arc::new(fb_to_schema(schema)), footer.version());
    for block in footer.dictionaries().into_iter().flatten() {
        decoder.read_dictionary(block, &message(bytes, block, start)?).map_err(text)?;
    }
    let batch = decoder.read_record_batch(block, &message(bytes, block, start)?).map_err(text)?;
    Ok(batch.map(|batch| (batch, metadata)))
}

fn batch_of(bytes: &Buffer) -> Result<RecordBatch, String> {
    Ok(batch(bytes)?.ok_or("no record batch")?.0)
}

/// The bytes of a message, which must lie before `end`.
fn message(bytes: &Buffer, block: &Block, end: usize) -> Result<Buffer, String> {
    let part = |number: i64| usize::try_from(number).map_err(|_| "a message of a negative length".to_owned());
    let start = part(block.offset())?;
    let len = part(block.bodyLength())?.saturating_add(part(block.metaDataLength().into())?);
    if start.checked_add(len).is_none_or(|own| own > end) {
        return Err("a message past the end of the file".into());
    }
    Ok(bytes.slice_with_length(start, len))
}

fn table(batch: &RecordBatch, blocks: &RecordBatch, spans: &RecordBatch) -> Result<Table, String> {
    let schema = batch.schema();
    let names = schema.fields().iter().map(|field| field.name().as_str());
    if !names.take(PLACES.len()).eq(PLACES) || batch.num_rows() == 0 {
        return Err("an index without places".into());
    }
    let rows = batch.num_rows();
    if [blocks.num_rows(), spans.num_rows()] != [rows.div_ceil(BLOCK), spans::total(rows)] {
        return Err("statistics of other rows".into());
    }
    let (blocks, spans) = (Statistics(blocks), Statistics(spans));
    let place = |index: usize| values::<UInt32Type>(batch.column(index));
    let columns = (PLACES.len()..batch.num_columns()).map(|index| {
        let name = schema.field(index).name();
        let column = column(name, index - PLACES.len(), batch.column(index), [&blocks, &spans]);
        column.map_err(|what| format!("column {name:?}: {what}"))
    });
    Ok(Table {
        x: place(0)?,
        y: place(1)?,
        source: place(2)?,
        level: blocks.values::<UInt8Type>("level")?,
        sum_x: blocks.values::<UInt64Type>("x.sum")?,
        sum_y: blocks.values::<UInt64Type>("y.sum")?,
        spans: SpansOfPlaces {
            level: spans.values::<UInt8Type>("level")?,
            sum_x: spans.values::<UInt64Type>("x.sum")?,
            sum_y: spans.values::<UInt64Type>("y.sum")?,
        },
        columns: columns.collect::<Result<_, _>>()?,
    })
}

/// The values of an array of that type.
fn values<T: ArrowPrimitiveType>(array: &ArrayRef) -> Result<ScalarBuffer<T::Native>, String>
where
    T::Native: ArrowNativeTypeOp,
{
    let array = array.as_primitive_opt::<T>().ok_or_else(|| format!("of type {}", array.data_type()))?;
    Ok(array.values().clone())
}

struct Statistics<'a>(&'a RecordBatch);

impl Statistics<'_> {
    fn array(&self, name: &str) -> Result<&ArrayRef, String> {
        self.0.column_by_name(name).ok_or_else(|| format!("no statistics {name:?}"))
    }

    fn values<T: ArrowPrimitiveType>(&self, name: &str) -> Result<ScalarBuffer<T::Native>, String> {
        values::<T>(self.array(name)?)
    }
}

fn column(
    name: &str,
    index: usize,
    array: &ArrayRef,
    [blocks, spans]: [&Statistics<'_>; 2],
) -> Result<Column, String> {
    let bits = |bits: &BooleanBuffer| {
        // Words are read at whole bytes.
        if bits.offset() == 0 { bits.clone() } else { bits.iter().collect() }
    };
    let valid = array.nulls().filter(|nulls| nulls.null_count() > 0).map(|nulls| bits(nulls.inner()));
    let data = match array.data_type() {
        DataType::Boolean => Data::Bool(bits(array.as_boolean().values())),
        DataType::Int32 => Data::I32(values::<Int32Type>(array)?),
        DataType::Int64 => Data::I64(values::<Int64Type>(array)?),
        DataType::Float32 => Data::F32(values::<Float32Type>(array)?),
        DataType::Float64 => Data::F64(values::<Float64Type>(array)?),
        DataType::Timestamp(..) => Data::Time(values::<TimestampMillisecondType>(array)?),
        DataType::Dictionary(keys, _) => {
            let (keys, strings) = match **keys {
                DataType::UInt8 => {
                    let array = array.as_dictionary::<UInt8Type>();
                    (Keys::U8(array.keys().values().clone()), array.values())
                }
                DataType::UInt16 => {
                    let array = array.as_dictionary::<UInt16Type>();
                    (Keys::U16(array.keys().values().clone()), array.values())
                }
                DataType::UInt32 => {
                    let array = array.as_dictionary::<UInt32Type>();
                    (Keys::U32(array.keys().values().clone()), array.values())
                }
                ref other => return Err(format!("keys of type {other}")),
            };
            let strings =
                strings.as_string_opt::<i32>().ok_or("a dictionary of other things than strings")?;
            let len = strings.offsets().last().copied().unwrap_or(0) as usize;
            let bytes = strings.values().slice_with_length(0, len);
            let strings =
                Utf8::try_new(strings.offsets().clone(), bytes).map_err(|error| error.to_string())?;
            Data::Text(keys, Arc::new(strings))
        }
        other => return Err(format!("of type {other}")),
    };
    let own = |what: &str| format!("{index}.{what}");
    let blocks = match &data {
        Data::Bool(_) => Blocks::Words,
        Data::I32(_) | Data::I64(_) | Data::Time(_) => {
            let values = |what| blocks.values::<Int64Type>(&own(what));
            Blocks::Int { sum: values("sum")?, min: values("min")?, max: values("max")? }
        }
        Data::F32(_) | Data::F64(_) => {
            let values = |what| blocks.values::<Float64Type>(&own(what));
            Blocks::Float { sum: values("sum")?, min: values("min")?, max: values("max")? }
        }
        Data::Text(_, strings) => {
            let values = |what| blocks.values::<UInt32Type>(&own(what));
            let counts = match blocks.array(&own("counts")) {
                Err(_) => None,
                Ok(array) => {
                    let array = array.as_fixed_size_binary_opt().ok_or("counts that are none")?;
                    let all = blocks.0.num_rows() * strings.len();
                    if array.value_length() as usize != strings.len() || array.values().len() < all {
                        return Err("counts of other strings".into());
                    }
                    Some(ScalarBuffer::new(array.values().clone(), 0, all))
                }
            };
            Blocks::Text { min: values("min")?, max: values("max")?, counts }
        }
    };
    let count = || spans.values::<UInt32Type>(&own("count"));
    let spans = match &data {
        Data::I32(_) | Data::I64(_) | Data::Time(_) => {
            let values = |what| spans.values::<Int64Type>(&own(what));
            Spans::Ints { count: count()?, sum: values("sum")?, min: values("min")?, max: values("max")? }
        }
        Data::F32(_) | Data::F64(_) => {
            let values = |what| spans.values::<Float64Type>(&own(what));
            Spans::Floats { count: count()?, sum: values("sum")?, min: values("min")?, max: values("max")? }
        }
        Data::Bool(_) | Data::Text(..) => Spans::Categories(match spans::width(&data) {
            None => None,
            Some(width) => {
                let array = spans.array(&own("counts"))?;
                let counts =
                    array.as_fixed_size_list_opt().filter(|array| array.value_length() as usize == width);
                let counts = counts.ok_or("counts of other strings")?;
                let all = values::<UInt32Type>(counts.values())?;
                if all.len() != width * counts.len() {
                    return Err("counts of other strings".into());
                }
                Some(all)
            }
        }),
    };
    Ok(Column::with_statistics(name.to_owned(), data, valid, blocks, spans))
}
