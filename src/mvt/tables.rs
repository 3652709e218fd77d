//! A layer's tables of keys and values, and every feature's tags, as they are written.

use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::pairs;
use super::read::field as layer_field;
use super::values::field;
use super::writer::write_field;
use crate::array::Utf8;
use crate::column::builder::ValueType;
use crate::column::{Column, Strings, Values};
use crate::error::{Error, Result};
use crate::tile::layer::Layer;
use crate::wire::{varint, zigzag};

/// No number yet.
const NONE: u32 = u32::MAX;

/// The tables and tags of a layer.
///
/// The tags are filled in column by column: first each feature's tags are counted, which gives them
/// their place, then each column puts its own there. A column without any value has no key.
#[derive(Debug)]
pub(super) struct Tables {
    /// The fields `keys` and `values` of the layer, ready to be appended.
    pub(super) keys: Vec<u8>,
    pub(super) values: Vec<u8>,
    /// Where each feature's tags end.
    ends: Vec<usize>,
    tags: Vec<u64>,
}

impl Tables {
    pub(super) fn new(layer: &Layer) -> Result<Self> {
        let mut ends = count_tags(layer);
        let mut sum = 0;
        // Each entry becomes the start of the feature's tags, which moves to their end below.
        for entry in &mut ends {
            let count = *entry;
            *entry = sum;
            sum += count;
        }
        let mut keys = Keys::default();
        let mut values = ValueNumbers::default();
        let mut tags = vec![0; sum];
        for column in layer.columns() {
            if column.null_count() == column.len() {
                continue;
            }
            let key = keys.number(&column.name);
            number_values(column, &mut values, |row, value| {
                tags[ends[row]] = pairs::lanes(key, value);
                ends[row] += 1;
            });
        }
        if values.count == NONE {
            return Err(Error::input("2^32 - 1 different values or more"));
        }
        Ok(Self { keys: keys.bytes, values: values.bytes, ends, tags })
    }

    /// The tags of feature `row`: key and value as lanes.
    #[inline]
    pub(super) fn tags(&self, row: usize) -> &[u64] {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.tags[start..self.ends[row]]
    }
}

fn count_tags(layer: &Layer) -> Vec<usize> {
    let everywhere = layer.columns().iter().filter(|column| column.nulls.is_none()).count();
    let mut counts = vec![everywhere; layer.len()];
    for nulls in layer.columns().iter().filter_map(|column| column.nulls.as_ref()) {
        nulls.valid_indices().for_each(|row| counts[row] += 1);
    }
    counts
}

/// Numbers keys by name, and writes their table.
#[derive(Debug, Default)]
struct Keys<'a> {
    numbers: HashMap<&'a str, u32, FixedState>,
    bytes: Vec<u8>,
}

impl<'a> Keys<'a> {
    fn number(&mut self, name: &'a str) -> u32 {
        let next = self.numbers.len() as u32;
        *self.numbers.entry(name).or_insert_with(|| {
            write_field(&mut self.bytes, layer_field::KEY, name.as_bytes());
            next
        })
    }
}

/// Numbers values by type and bits, in the order they come, and writes their table.
#[derive(Debug, Default)]
struct ValueNumbers<'a> {
    count: u32,
    bits: HashMap<(ValueType, u64), u32, FixedState>,
    strings: HashMap<&'a [u8], u32, FixedState>,
    /// For each dictionary, the numbers of its strings that are in use.
    dictionaries: Vec<(&'a Arc<Utf8>, Vec<u32>)>,
    bytes: Vec<u8>,
}

impl<'a> ValueNumbers<'a> {
    /// The number of a value that is no string.
    #[inline]
    fn number(&mut self, value_type: ValueType, bits: u64) -> u32 {
        let Self { count, bytes, .. } = self;
        *self.bits.entry((value_type, bits)).or_insert_with(|| {
            write_bits(bytes, value_type, bits);
            next(count)
        })
    }

    fn string(&mut self, string: &'a [u8]) -> u32 {
        let Self { count, bytes, .. } = self;
        *self.strings.entry(string).or_insert_with(|| {
            varint::write(bytes, layer_field::VALUE);
            varint::write(bytes, (1 + varint::len(string.len() as u64) + string.len()) as u64);
            write_field(bytes, field::STRING, string);
            next(count)
        })
    }

    /// The place in `dictionaries` of `dictionary`.
    fn dictionary(&mut self, dictionary: &'a Arc<Utf8>) -> usize {
        let known = self.dictionaries.iter().position(|(known, _)| Arc::ptr_eq(known, dictionary));
        known.unwrap_or_else(|| {
            self.dictionaries.push((dictionary, vec![NONE; dictionary.len()]));
            self.dictionaries.len() - 1
        })
    }

    /// The number of string `key` of dictionary `place`.
    #[inline]
    fn dictionary_string(&mut self, place: usize, key: u32) -> u32 {
        let (dictionary, numbers) = &self.dictionaries[place];
        match numbers[key as usize] {
            NONE => {
                let number = self.string(dictionary.get_bytes(key as usize));
                self.dictionaries[place].1[key as usize] = number;
                number
            }
            number => number,
        }
    }
}

/// Counts one more; the count stays at its maximum once it is there.
fn next(count: &mut u32) -> u32 {
    let number = *count;
    *count = count.saturating_add(1);
    number
}

fn write_bits(out: &mut Vec<u8>, value_type: ValueType, bits: u64) {
    // The longest is a key and a varint of ten bytes.
    let mut value = Vec::with_capacity(11);
    let varint_field = |value: &mut Vec<u8>, key, bits| {
        varint::write(value, key);
        varint::write(value, bits);
    };
    match value_type {
        ValueType::Bool => varint_field(&mut value, field::BOOL, bits),
        ValueType::Int => varint_field(&mut value, field::INT, bits),
        ValueType::UInt => varint_field(&mut value, field::UINT, bits),
        ValueType::SInt => varint_field(&mut value, field::SINT, zigzag::encode64(bits as i64)),
        ValueType::Float => {
            varint::write(&mut value, field::FLOAT);
            value.extend_from_slice(&(bits as u32).to_le_bytes());
        }
        ValueType::Double => {
            varint::write(&mut value, field::DOUBLE);
            value.extend_from_slice(&bits.to_le_bytes());
        }
        ValueType::String => unreachable!("strings have no bits"),
    }
    write_field(out, layer_field::VALUE, &value);
}

/// Hands `put` each feature with a value in `column`, and the value's number.
fn number_values<'a>(column: &'a Column, numbers: &mut ValueNumbers<'a>, mut put: impl FnMut(usize, u32)) {
    match &column.values {
        Values::Bool(values) => for_each_valid(column, |row| {
            put(row, numbers.number(ValueType::Bool, u64::from(values.value(row))));
        }),
        Values::Int(values) => for_each_valid(column, |row| {
            put(row, numbers.number(ValueType::Int, values[row] as u64));
        }),
        Values::UInt(values) => for_each_valid(column, |row| {
            put(row, numbers.number(ValueType::UInt, values[row]));
        }),
        Values::SInt(values) => for_each_valid(column, |row| {
            put(row, numbers.number(ValueType::SInt, values[row] as u64));
        }),
        Values::Float(values) => for_each_valid(column, |row| {
            put(row, numbers.number(ValueType::Float, u64::from(values[row].to_bits())));
        }),
        Values::Double(values) => for_each_valid(column, |row| {
            put(row, numbers.number(ValueType::Double, values[row].to_bits()));
        }),
        Values::String(Strings::Plain(strings)) => for_each_valid(column, |row| {
            put(row, numbers.string(strings.get_bytes(row)));
        }),
        Values::Nested(_) => unreachable!("refused by `write`"),
        Values::String(Strings::Dictionary { keys, dictionary }) => {
            let place = numbers.dictionary(dictionary);
            for_each_valid(column, |row| put(row, numbers.dictionary_string(place, keys[row])));
        }
    }
}

#[inline]
fn for_each_valid(column: &Column, visit: impl FnMut(usize)) {
    match &column.nulls {
        None => (0..column.len()).for_each(visit),
        Some(nulls) => nulls.valid_indices().for_each(visit),
    }
}
