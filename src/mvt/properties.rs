//! Properties, as they are read: tags, which point into a layer's tables, become columns.
//!
//! While features are read, a column holds for each of them the index of its value in the table,
//! which is one store a tag whatever the type. The values themselves are fetched at the end, a
//! column at a time.

use std::ops::Range;
use std::sync::Arc;

use arrow_buffer::{BooleanBuffer, NullBuffer};
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::values::ValueTable;
use super::wire::Cursor;
use crate::array::Utf8;
use crate::column::builder::ValueType;
use crate::column::{Column, Strings, Values};
use crate::error::{Error, Result};
use crate::limits::Budget;

/// No column.
const NONE: u32 = u32::MAX;

/// The columns of a layer that is being read.
#[derive(Debug)]
pub(super) struct Properties<'a, 'b> {
    budget: &'b mut Budget,
    rows: usize,
    keys: Vec<&'a str>,
    values: ValueTable<'a>,
    /// The first column of each key, by type.
    by_key: Vec<[u32; 7]>,
    /// The same by name, for keys that stand in the table twice.
    by_name: HashMap<(&'a str, ValueType), u32, FixedState>,
    columns: Vec<Draft<'a>>,
    /// Column after column, the index of each feature's value, or `absent`.
    indexes: Vec<u32>,
    absent: u32,
}

#[derive(Debug)]
struct Draft<'a> {
    name: &'a str,
    value_type: ValueType,
    /// The column for features that give the key a value of this type once more.
    next: u32,
    /// In the first column of a name: the last feature that gave the key several times, and the
    /// last column it filled. Keeps a feature of very many equal keys from walking them all.
    repeated: (usize, u32),
}

impl<'a, 'b> Properties<'a, 'b> {
    /// The properties of `rows` features.
    pub(super) fn new(
        rows: usize,
        keys: Vec<&'a str>,
        mut values: ValueTable<'a>,
        budget: &'b mut Budget,
    ) -> Result<Self> {
        let entries = keys.len() * size_of::<[u32; 7]>() + values.len() * ValueTable::ENTRY;
        budget.charge(entries, "tables of keys and values", 0)?;
        values.seal();
        let absent = u32::try_from(values.len()).map_err(|_| Error::input("more than 2^32 values"))?;
        Ok(Self {
            budget,
            rows,
            by_key: vec![[NONE; 7]; keys.len()],
            keys,
            values,
            by_name: HashMap::default(),
            columns: Vec::new(),
            indexes: Vec::new(),
            absent,
        })
    }

    /// Reads the tags of feature `row`, which lie in `range` of `tile`.
    pub(super) fn read(&mut self, row: usize, tile: &[u8], range: Range<usize>) -> Result<()> {
        let mut tags = Cursor::new(tile, range);
        while !tags.is_empty() {
            let offset = tags.offset();
            let tag = tags.pair("tags")?;
            let (key, value) = (tag as u32, (tag >> 32) as u32);
            let value_type = self.values.use_value(value, offset)?;
            let mut column = match self.by_key.get(key as usize) {
                Some(columns) => columns[value_type as usize],
                None => return Err(self.no_key(key, offset)),
            };
            if column == NONE {
                column = self.first_column(key as usize, value_type, offset)?;
            }
            let mut place = column as usize * self.rows + row;
            if self.indexes[place] != self.absent {
                column = self.further_column(column, row, offset)?;
                place = column as usize * self.rows + row;
            }
            self.indexes[place] = value;
        }
        Ok(())
    }

    #[cold]
    fn no_key(&self, key: u32, offset: usize) -> Error {
        Error::inconsistent(offset, format!("there is no key {key}, only {}", self.keys.len()))
    }

    /// The first column for values of this type under `key`.
    #[cold]
    fn first_column(&mut self, key: usize, value_type: ValueType, offset: usize) -> Result<u32> {
        let name = self.keys[key];
        let column = match self.by_name.get(&(name, value_type)) {
            Some(&column) => column,
            None => {
                let column = self.add_column(name, value_type, offset)?;
                self.by_name.insert((name, value_type), column);
                column
            }
        };
        self.by_key[key][value_type as usize] = column;
        Ok(column)
    }

    /// The first column of the name and type of `first` in which feature `row` has no value yet;
    /// in `first` it has one.
    #[cold]
    fn further_column(&mut self, first: u32, row: usize, offset: usize) -> Result<u32> {
        let Draft { name, value_type, repeated, .. } = self.columns[first as usize];
        let last = if repeated.0 == row { repeated.1 } else { first };
        let mut column = self.columns[last as usize].next;
        if column == NONE {
            column = self.add_column(name, value_type, offset)?;
            self.columns[last as usize].next = column;
        }
        self.columns[first as usize].repeated = (row, column);
        Ok(column)
    }

    fn add_column(&mut self, name: &'a str, value_type: ValueType, offset: usize) -> Result<u32> {
        // An index and a value of at most eight bytes a feature, and a bit of validity.
        let bytes = self.rows.saturating_mul(12) + self.rows / 8;
        let bytes = bytes.saturating_add(name.len() + size_of::<Draft<'_>>() + size_of::<Column>());
        self.budget.charge(bytes, "a column", offset)?;
        let column = self.columns.len() as u32;
        self.columns.push(Draft { name, value_type, next: NONE, repeated: (0, column) });
        self.indexes.resize(self.indexes.len() + self.rows, self.absent);
        Ok(column)
    }

    /// The numbers of keys and of values no feature has used.
    pub(super) fn unused(&self) -> (usize, usize) {
        let keys = self.by_key.iter().filter(|columns| **columns == [NONE; 7]).count();
        (keys, self.values.unused())
    }

    /// The columns, in the order in which features first used them.
    pub(super) fn finish(self) -> Vec<Column> {
        let (bits, dictionary) = self.values.finish();
        let dictionary = Arc::new(dictionary);
        let indexes = self.indexes.chunks_exact(self.rows.max(1));
        self.columns
            .iter()
            .zip(indexes)
            .map(|(draft, indexes)| {
                let nulls = indexes.contains(&self.absent).then(|| {
                    NullBuffer::new(BooleanBuffer::collect_bool(self.rows, |row| indexes[row] != self.absent))
                });
                Column {
                    name: draft.name.into(),
                    values: fetch(draft.value_type, indexes, &bits, &dictionary),
                    nulls,
                }
            })
            .collect()
    }
}

/// The values that `indexes` point at.
fn fetch(value_type: ValueType, indexes: &[u32], bits: &[u64], dictionary: &Arc<Utf8>) -> Values {
    fn map<T>(indexes: &[u32], bits: &[u64], value: impl Fn(u64) -> T) -> Vec<T> {
        indexes.iter().map(|&index| value(bits[index as usize])).collect()
    }
    match value_type {
        ValueType::Bool => {
            let value = |row: usize| bits[indexes[row] as usize] != 0;
            Values::Bool(BooleanBuffer::collect_bool(indexes.len(), value))
        }
        ValueType::Int => Values::Int(map(indexes, bits, |bits| bits as i64).into()),
        ValueType::UInt => Values::UInt(map(indexes, bits, |bits| bits).into()),
        ValueType::SInt => Values::SInt(map(indexes, bits, |bits| bits as i64).into()),
        ValueType::Float => Values::Float(map(indexes, bits, |bits| f32::from_bits(bits as u32)).into()),
        ValueType::Double => Values::Double(map(indexes, bits, f64::from_bits).into()),
        ValueType::String => Values::String(Strings::Dictionary {
            keys: map(indexes, bits, |bits| bits as u32).into(),
            dictionary: Arc::clone(dictionary),
        }),
    }
}
