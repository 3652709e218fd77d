//! Columns in another order.

use std::sync::Arc;

use arrow_buffer::{ArrowNativeType, ScalarBuffer};

use super::{Column, Ids, Strings, Values};
use crate::array::{BooleanBuffer, NullBuffer, Utf8};

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

fn take<T: ArrowNativeType>(values: &ScalarBuffer<T>, rows: &[u32]) -> ScalarBuffer<T> {
    rows.iter().map(|&row| values[row as usize]).collect()
}

fn take_bits(bits: &BooleanBuffer, rows: &[u32]) -> BooleanBuffer {
    rows.iter().map(|&row| bits.value(row as usize)).collect()
}

fn take_nulls(nulls: Option<&NullBuffer>, rows: &[u32]) -> Option<NullBuffer> {
    nulls.map(|nulls| NullBuffer::new(take_bits(nulls.inner(), rows)))
}
