//! Columns in another order.

use std::sync::Arc;

use arrow_buffer::{ArrowNativeType, ScalarBuffer};

use super::{Column, Ids, Nested, Strings, Values};
use crate::array::{BooleanBuffer, NullBuffer, OffsetBuffer, Utf8};

impl Column {
    /// The values of `rows`, in that order.
    pub(crate) fn take(&self, rows: &[u32]) -> Self {
        let values = match &self.values {
            Values::Bool(values) => Values::Bool(take_bits(values, rows)),
            Values::Int(values) => Values::Int(take(values, rows)),
            Values::UInt(values) => Values::UInt(take(values, rows)),
            Values::SInt(values) => Values::SInt(take(values, rows)),
            Values::Float(values) => Values::Float(take(values, rows)),
            Values::Double(values) => Values::Double(take(values, rows)),
            Values::String(Strings::Plain(strings)) => {
                let strings: Utf8 = rows.iter().map(|&row| strings.get(row as usize)).collect();
                Values::String(Strings::Plain(strings))
            }
            Values::String(Strings::Dictionary { keys, dictionary }) => Values::String(Strings::Dictionary {
                keys: take(keys, rows),
                dictionary: Arc::clone(dictionary),
            }),
            Values::Nested(nested) => Values::Nested(take_nested(nested, rows)),
        };
        Self { name: self.name.clone(), values, nulls: take_nulls(self.nulls.as_ref(), rows) }
    }
}

impl Ids {
    /// The ids of `rows`, in that order.
    pub(crate) fn take(&self, rows: &[u32]) -> Self {
        Self { values: take(&self.values, rows), nulls: take_nulls(self.nulls.as_ref(), rows) }
    }
}

fn take_nested(nested: &Nested, rows: &[u32]) -> Nested {
    match nested {
        Nested::Struct { fields, .. } => {
            Nested::Struct { len: rows.len(), fields: fields.iter().map(|field| field.take(rows)).collect() }
        }
        Nested::List { offsets, items } => {
            let (offsets, elements) = take_lists(offsets, rows);
            Nested::list(offsets, items.take(&elements))
        }
        Nested::Map { offsets, keys, values } => {
            let (offsets, elements) = take_lists(offsets, rows);
            Nested::map(offsets, keys.take(&elements), values.take(&elements))
        }
    }
}

/// The offsets of the lists of `rows`, and their elements.
fn take_lists(offsets: &OffsetBuffer<i32>, rows: &[u32]) -> (OffsetBuffer<i32>, Vec<u32>) {
    let mut elements = Vec::new();
    let lengths = rows.iter().map(|&row| {
        let range = offsets[row as usize] as u32..offsets[row as usize + 1] as u32;
        elements.extend(range.clone());
        range.len()
    });
    (OffsetBuffer::from_lengths(lengths), elements)
}

fn take<T: ArrowNativeType>(values: &ScalarBuffer<T>, rows: &[u32]) -> ScalarBuffer<T> {
    rows.iter().map(|&row| values[row as usize]).collect()
}

fn take_bits(bits: &BooleanBuffer, rows: &[u32]) -> BooleanBuffer {
    rows.iter().map(|&row| bits.value(row as usize)).collect()
}

pub(crate) fn take_nulls(nulls: Option<&NullBuffer>, rows: &[u32]) -> Option<NullBuffer> {
    nulls.map(|nulls| NullBuffer::new(take_bits(nulls.inner(), rows)))
}
