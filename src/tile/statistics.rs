//! Statistics of columns, at the end of the directory, so that a reader can tell what a column
//! cannot hold without fetching it.
//!
//! ```text
//! statistics  for each layer, for each column that has values (not geometry, not a dictionary):
//!             u8 flags │ varint null count │ [varint distinct count] │ [minimum │ maximum]
//! flags       bit 0: distinct count follows, bit 1: minimum and maximum follow
//! bounds      bool: u8 · int, sint: zigzag varint · uint, id: varint
//!             float, double: 8 bytes, little endian, as a double · strings: varint length │ UTF-8
//! ```

use foldhash::fast::FixedState;
use hashbrown::HashSet;

use super::directory::{ColumnEntry, LayerEntry};
use crate::array::NullBuffer;
use crate::column::{Column, ColumnKind, Ids, Values};
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::wire::trace::Trace;
use crate::wire::{Reader, varint, zigzag};

/// What a tile tells of a column's values.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    /// The number of features without a value.
    pub null_count: usize,
    /// The number of distinct values, where it was cheap to know.
    pub distinct_count: Option<usize>,
    /// The smallest and the largest value; none if there are no values, if one is not a number, or
    /// if a bound would be a long string.
    pub bounds: Option<Bounds>,
}

/// The smallest and the largest value of a column, in this order.
#[derive(Clone, Debug, PartialEq)]
pub enum Bounds {
    /// Of truth values: false is less than true.
    Bool(bool, bool),
    /// Of signed integers.
    Int(i64, i64),
    /// Of unsigned integers.
    UInt(u64, u64),
    /// Of floating point numbers, single or double.
    Double(f64, f64),
    /// Of strings, compared by their UTF-8 bytes.
    String(String, String),
}

const DISTINCT: u8 = 1;
const BOUNDS: u8 = 2;

/// Longer strings are no bounds.
const MAX_BOUND: usize = 32;

impl ColumnKind {
    fn has_statistics(self) -> bool {
        self.is_id() || self.is_property() && !self.is_nested()
    }
}

impl Statistics {
    /// Whether columns of such values have statistics.
    pub(crate) fn are_of(values: &Values) -> bool {
        !matches!(values, Values::Nested(_))
    }

    /// Of the values of `column`.
    pub(crate) fn of(column: &Column) -> Self {
        let nulls = column.nulls.as_ref();
        let rows = || (0..column.len()).filter(|&row| column.is_valid(row));
        let (bounds, distinct_count) = match &column.values {
            Values::Bool(values) => {
                let values = || rows().map(|row| values.value(row));
                (values().min().zip(values().max()).map(|(min, max)| Bounds::Bool(min, max)), None)
            }
            Values::Int(values) | Values::SInt(values) => {
                let values = || rows().map(|row| values[row]);
                (values().min().zip(values().max()).map(|(min, max)| Bounds::Int(min, max)), None)
            }
            Values::UInt(values) => (unsigned_bounds(values, nulls), None),
            Values::Float(values) => (float_bounds(rows().map(|row| f64::from(values[row]))), None),
            Values::Double(values) => (float_bounds(rows().map(|row| values[row])), None),
            Values::Nested(_) => (None, None),
            Values::String(values) => {
                let distinct: HashSet<&str, FixedState> = rows().map(|row| values.get(row)).collect();
                let bounds = distinct.iter().copied().min().zip(distinct.iter().copied().max());
                let bounds = bounds.filter(|(min, max)| min.len().max(max.len()) <= MAX_BOUND);
                (bounds.map(|(min, max)| Bounds::String(min.into(), max.into())), Some(distinct.len()))
            }
        };
        Self { null_count: column.null_count(), distinct_count, bounds }
    }

    /// Of a layer's ids.
    pub(crate) fn of_ids(ids: &Ids) -> Self {
        Self {
            null_count: ids.nulls.as_ref().map_or(0, NullBuffer::null_count),
            distinct_count: None,
            bounds: unsigned_bounds(&ids.values, ids.nulls.as_ref()),
        }
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let distinct = if self.distinct_count.is_some() { DISTINCT } else { 0 };
        let bounds = if self.bounds.is_some() { BOUNDS } else { 0 };
        out.push(distinct | bounds);
        varint::write(out, self.null_count as u64);
        if let Some(count) = self.distinct_count {
            varint::write(out, count as u64);
        }
        match &self.bounds {
            None => {}
            Some(Bounds::Bool(min, max)) => out.extend_from_slice(&[u8::from(*min), u8::from(*max)]),
            Some(Bounds::Int(min, max)) => {
                varint::write(out, zigzag::encode64(*min));
                varint::write(out, zigzag::encode64(*max));
            }
            Some(Bounds::UInt(min, max)) => {
                varint::write(out, *min);
                varint::write(out, *max);
            }
            Some(Bounds::Double(min, max)) => {
                out.extend_from_slice(&min.to_le_bytes());
                out.extend_from_slice(&max.to_le_bytes());
            }
            Some(Bounds::String(min, max)) => {
                for bound in [min, max] {
                    varint::write(out, bound.len() as u64);
                    out.extend_from_slice(bound.as_bytes());
                }
            }
        }
    }

    fn read(
        column: &ColumnEntry,
        rows: usize,
        reader: &mut Reader<impl Trace>,
        budget: &mut Budget,
    ) -> Result<Self> {
        let at = reader.offset();
        let flags = reader.u8("statistics flags")?;
        reader.note(|| match column.kind.is_property() {
            true => format!("{flags:#04b} of {:?}", column.name),
            false => format!("{flags:#04b} of the {} column", column.kind.name()),
        });
        if flags & !(DISTINCT | BOUNDS) != 0 {
            return Err(Error::unknown_id(at, "statistics flags", flags.into()));
        }
        let null_count = reader.count("null count")?;
        let distinct_count = match flags & DISTINCT {
            0 => None,
            _ => Some(reader.count("distinct count")?),
        };
        if null_count > rows || distinct_count.is_some_and(|count| count > rows - null_count) {
            let what = format!("statistics of more than {rows} features");
            return Err(Error::inconsistent(at, what));
        }
        let bounds = match flags & BOUNDS {
            0 => None,
            _ => Some(Bounds::read(column.kind, reader, budget)?),
        };
        Ok(Self { null_count, distinct_count, bounds })
    }
}

impl Bounds {
    fn read(kind: ColumnKind, reader: &mut Reader<impl Trace>, budget: &mut Budget) -> Result<Self> {
        const WHAT: &str = "bounds of a column";
        let at = reader.offset();
        let bounds = match kind {
            ColumnKind::Bool => {
                let mut bound = || match reader.u8(WHAT)? {
                    0 => Ok(false),
                    1 => Ok(true),
                    byte => Err(Error::inconsistent(at, format!("truth value {byte} as a bound"))),
                };
                Self::Bool(bound()?, bound()?)
            }
            ColumnKind::Int | ColumnKind::SInt => {
                let mut bound = || reader.varint_u64(WHAT).map(zigzag::decode64);
                Self::Int(bound()?, bound()?)
            }
            ColumnKind::Id | ColumnKind::HashedId | ColumnKind::UInt => {
                Self::UInt(reader.varint_u64(WHAT)?, reader.varint_u64(WHAT)?)
            }
            ColumnKind::Float | ColumnKind::Double => {
                let mut bound = || {
                    let bytes = reader.bytes(8, WHAT)?;
                    Ok::<_, Error>(f64::from_le_bytes(bytes.try_into().expect("eight bytes")))
                };
                Self::Double(bound()?, bound()?)
            }
            _ => {
                let mut bound = || {
                    let len = reader.count(WHAT)?;
                    let at = reader.offset();
                    budget.charge(len, WHAT, at)?;
                    let text = std::str::from_utf8(reader.bytes(len, WHAT)?)
                        .map_err(|_| Error::inconsistent(at, "a bound is not valid UTF-8"))?;
                    Ok::<_, Error>(text.to_owned())
                };
                Self::String(bound()?, bound()?)
            }
        };
        if !bounds.in_order() {
            return Err(Error::inconsistent(at, "a minimum above the maximum"));
        }
        Ok(bounds)
    }

    /// Whether the minimum is at most the maximum; what is not a number is neither.
    fn in_order(&self) -> bool {
        match self {
            Self::Bool(min, max) => min <= max,
            Self::Int(min, max) => min <= max,
            Self::UInt(min, max) => min <= max,
            Self::Double(min, max) => min <= max,
            Self::String(min, max) => min <= max,
        }
    }
}

/// Reads the statistics of all layers at the end of the directory.
pub(crate) fn read(
    reader: &mut Reader<impl Trace>,
    layers: &mut [LayerEntry],
    budget: &mut Budget,
) -> Result<()> {
    for layer in layers {
        for column in layer.columns.iter_mut().filter(|column| column.kind.has_statistics()) {
            column.statistics = Some(Box::new(Statistics::read(column, layer.features, reader, budget)?));
        }
    }
    Ok(())
}

fn unsigned_bounds(values: &[u64], nulls: Option<&NullBuffer>) -> Option<Bounds> {
    let values = || {
        (0..values.len()).filter(|&row| nulls.is_none_or(|nulls| nulls.is_valid(row))).map(|row| values[row])
    };
    values().min().zip(values().max()).map(|(min, max)| Bounds::UInt(min, max))
}

fn float_bounds(values: impl Iterator<Item = f64>) -> Option<Bounds> {
    let mut bounds: Option<(f64, f64)> = None;
    for value in values {
        if value.is_nan() {
            return None;
        }
        // Not f64::min and max, to which −0 and 0 are the same: either may come out.
        let (min, max) = bounds.unwrap_or((value, value));
        bounds = Some((
            if value.total_cmp(&min).is_lt() { value } else { min },
            if value.total_cmp(&max).is_gt() { value } else { max },
        ));
    }
    bounds.map(|(min, max)| Bounds::Double(min, max))
}
