//! A filter on the columns of a table, a block at a time.

use std::cmp::Ordering;

use crate::cql2::{Comparison, Operation};
use crate::points::column::{BLOCK, Blocks, Column, Data, Keys, below, bits, span, word};

/// A filter, or a part of one. Columns are given by their numbers.
#[derive(Clone, Debug)]
pub(in crate::points) enum Predicate {
    And(Vec<Predicate>),
    Or(Vec<Predicate>),
    Not(Box<Predicate>),
    Constant(Option<bool>),
    IsNull(usize),
    /// A truth value.
    Bool(usize),
    /// Integers and moments within bounds, both included.
    Ints(usize, i64, i64),
    /// Integers and moments among these, which rise.
    IntSet(usize, Vec<i64>),
    /// Floating point within bounds, both included.
    Floats(usize, f64, f64),
    FloatSet(usize, Vec<f64>),
    /// Strings by their numbers.
    Texts(usize, Allowed),
    /// Arithmetic, or columns with each other.
    Numbers(Number, Comparison, Number),
}

/// Which strings of a column are meant.
#[derive(Clone, Debug)]
pub(in crate::points) struct Allowed {
    /// For each number of a string, and up to the end of one or two bytes.
    table: Vec<bool>,
    /// How many before each are meant.
    before: Vec<u32>,
}

impl Allowed {
    pub(super) fn new(mut table: Vec<bool>) -> Self {
        let count = table.len();
        let all = if count <= 0x100 { 0x100 } else { count.max(0x1_0000) };
        table.resize(all, false);
        let mut sum = 0;
        let mut before = vec![0];
        before.extend(table.iter().map(|&allowed| {
            sum += u32::from(allowed);
            sum
        }));
        Self { table, before }
    }

    /// How many of the strings of numbers `min` to `max` are meant.
    fn count(&self, min: u32, max: u32) -> u32 {
        let at = |key: usize| self.before[key.min(self.before.len() - 1)];
        at(max as usize + 1) - at(min as usize)
    }
}

/// A number for each row.
#[derive(Clone, Debug)]
pub(in crate::points) enum Number {
    Column(usize),
    Constant(f64),
    Arithmetic(Box<Number>, Operation, Box<Number>),
}

/// What is known of a block: of which rows the predicate is true, and of which false. Of the others,
/// which lack a value, it is neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::points) struct Truth {
    pub(in crate::points) yes: u64,
    no: u64,
}

impl Predicate {
    /// The predicate on the rows of a block of the first `rows` ones.
    pub(in crate::points) fn of(&self, columns: &[Column], rows: usize, block: usize) -> Truth {
        let all = below(rows - block * BLOCK);
        match self {
            Self::And(parts) => {
                let mut out = Truth { yes: all, no: 0 };
                for part in parts {
                    let truth = part.of(columns, rows, block);
                    out = Truth { yes: out.yes & truth.yes, no: out.no | truth.no };
                    if out.no == all {
                        break;
                    }
                }
                out
            }
            Self::Or(parts) => {
                let mut out = Truth { yes: 0, no: all };
                for part in parts {
                    let truth = part.of(columns, rows, block);
                    out = Truth { yes: out.yes | truth.yes, no: out.no & truth.no };
                    if out.yes == all {
                        break;
                    }
                }
                out
            }
            Self::Not(inner) => {
                let Truth { yes, no } = inner.of(columns, rows, block);
                Truth { yes: no, no: yes }
            }
            Self::Constant(truth) => match truth {
                Some(true) => Truth { yes: all, no: 0 },
                Some(false) => Truth { yes: 0, no: all },
                None => Truth { yes: 0, no: 0 },
            },
            Self::IsNull(column) => {
                let valid = columns[*column].valid(block);
                Truth { yes: all & !valid, no: valid }
            }
            Self::Numbers(left, comparison, right) => {
                let (mut a, mut b) = ([0.0; BLOCK], [0.0; BLOCK]);
                let valid = left.of(columns, rows, block, &mut a) & right.of(columns, rows, block, &mut b);
                let holds: fn(Ordering) -> bool = match comparison {
                    Comparison::Equal => Ordering::is_eq,
                    Comparison::NotEqual => Ordering::is_ne,
                    Comparison::Less => Ordering::is_lt,
                    Comparison::LessOrEqual => Ordering::is_le,
                    Comparison::Greater => Ordering::is_gt,
                    Comparison::GreaterOrEqual => Ordering::is_ge,
                };
                let (mut yes, mut number) = (0, 0);
                for (bit, (a, b)) in a.iter().zip(&b).enumerate() {
                    // What is no number, such as 0 / 0, compares with nothing.
                    if let Some(order) = a.partial_cmp(b) {
                        number |= 1 << bit;
                        yes |= u64::from(holds(order)) << bit;
                    }
                }
                within(yes, valid & number & all)
            }
            Self::Bool(column) => {
                let column = &columns[*column];
                let Data::Bool(values) = &column.data else {
                    unreachable!("bound to a column of truth values")
                };
                within(word(values, block), column.valid(block))
            }
            Self::Ints(column, low, high) => columns[*column].ints(rows, block, *low, *high),
            Self::IntSet(column, set) => {
                let column = &columns[*column];
                let (low, high) = (set[0], set[set.len() - 1]);
                let near = column.ints(rows, block, low, high);
                let is_in = |row: usize| match &column.data {
                    Data::I32(values) => set.binary_search(&i64::from(values[row])).is_ok(),
                    Data::I64(values) | Data::Time(values) => set.binary_search(&values[row]).is_ok(),
                    _ => unreachable!("bound to a column of integers"),
                };
                near.narrowed(block, is_in)
            }
            Self::Floats(column, low, high) => columns[*column].floats(rows, block, *low, *high),
            Self::FloatSet(column, set) => {
                let column = &columns[*column];
                let near = column.floats(rows, block, set[0], set[set.len() - 1]);
                let is_in = |row: usize| {
                    let value = match &column.data {
                        Data::F32(values) => f64::from(values[row]),
                        Data::F64(values) => values[row],
                        _ => unreachable!("bound to a column of floating point"),
                    };
                    // + 0.0 makes a zero of either sign the positive one.
                    set.binary_search_by(|other| other.total_cmp(&(value + 0.0))).is_ok()
                };
                near.narrowed(block, is_in)
            }
            Self::Texts(column, allowed) => columns[*column].texts(rows, block, allowed),
        }
    }
}

fn within(yes: u64, valid: u64) -> Truth {
    Truth { yes: yes & valid, no: valid & !yes }
}

impl Truth {
    /// Only those rows of `yes` of which `is_in` says so; the others become false.
    fn narrowed(self, block: usize, is_in: impl Fn(usize) -> bool) -> Self {
        let mut yes = 0;
        for bit in bits(self.yes) {
            yes |= u64::from(is_in(block * BLOCK + bit)) << bit;
        }
        Self { yes, no: self.no | (self.yes & !yes) }
    }
}

/// What the bounds of a block say of values from `low` to `high`, if that is enough.
fn by_bounds<T: PartialOrd>(min: T, max: T, low: T, high: T, valid: u64) -> Option<Truth> {
    if min > high || max < low {
        return Some(Truth { yes: 0, no: valid });
    }
    (min >= low && max <= high).then_some(Truth { yes: valid, no: 0 })
}

/// Which of up to 64 values `holds` of; without branches, so that several are done at once.
#[inline]
fn mask<T: Copy>(values: &[T], holds: impl Fn(T) -> bool) -> u64 {
    let mut bytes = [0u8; BLOCK];
    bytes.iter_mut().zip(values).for_each(|(byte, &value)| *byte = u8::from(holds(value)));
    let (eights, _) = bytes.as_chunks::<8>();
    // The multiplication moves the eight lowest bits of the bytes side by side.
    let byte = |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    eights.iter().enumerate().fold(0, |mask, (index, eight)| mask | byte(eight) << (8 * index))
}

impl Column {
    fn ints(&self, rows: usize, block: usize, low: i64, high: i64) -> Truth {
        let valid = self.valid(block);
        if let Blocks::Int { min, max, .. } = &self.blocks
            && let Some(truth) = by_bounds(min[block], max[block], low, high, valid)
        {
            return truth;
        }
        let rows = span(block, rows);
        let yes = match &self.data {
            Data::I32(values) => {
                let bound = |bound: i64| bound.clamp(i32::MIN.into(), i32::MAX.into()) as i32;
                let (low, high) = (bound(low), bound(high));
                mask(&values[rows], |value| (value >= low) & (value <= high))
            }
            Data::I64(values) | Data::Time(values) => {
                mask(&values[rows], |value| (value >= low) & (value <= high))
            }
            _ => unreachable!("bound to a column of integers"),
        };
        within(yes, valid)
    }

    fn floats(&self, rows: usize, block: usize, low: f64, high: f64) -> Truth {
        let valid = self.valid(block);
        if let Blocks::Float { min, max, .. } = &self.blocks
            && let Some(truth) = by_bounds(min[block], max[block], low, high, valid)
        {
            return truth;
        }
        let rows = span(block, rows);
        let yes = match &self.data {
            Data::F32(values) => mask(&values[rows], |value| {
                let value = f64::from(value);
                (value >= low) & (value <= high)
            }),
            Data::F64(values) => mask(&values[rows], |value| (value >= low) & (value <= high)),
            _ => unreachable!("bound to a column of floating point"),
        };
        within(yes, valid)
    }

    fn texts(&self, rows: usize, block: usize, allowed: &Allowed) -> Truth {
        let valid = self.valid(block);
        if let Blocks::Text { min, max, .. } = &self.blocks {
            let (min, max) = (min[block], max[block]);
            if min > max {
                return within(0, valid);
            }
            let count = allowed.count(min, max);
            if count == 0 || u64::from(count) > u64::from(max - min) {
                return within(if count == 0 { 0 } else { u64::MAX }, valid);
            }
        }
        let rows = span(block, rows);
        let Data::Text(keys, _) = &self.data else { unreachable!("bound to a column of strings") };
        let is_in = |key: usize| allowed.table.get(key).copied().unwrap_or(false);
        let yes = match keys {
            Keys::U8(keys) => mask(&keys[rows], |key| is_in(usize::from(key))),
            Keys::U16(keys) => mask(&keys[rows], |key| is_in(usize::from(key))),
            Keys::U32(keys) => mask(&keys[rows], |key| is_in(key as usize)),
        };
        within(yes, valid)
    }
}

impl Number {
    /// The numbers of a block, and which rows have one.
    fn of(&self, columns: &[Column], rows: usize, block: usize, out: &mut [f64; BLOCK]) -> u64 {
        match self {
            Self::Constant(value) => {
                out.fill(*value);
                u64::MAX
            }
            Self::Column(column) => {
                let column = &columns[*column];
                let rows = span(block, rows);
                let out = out.iter_mut();
                match &column.data {
                    Data::I32(values) => {
                        out.zip(&values[rows]).for_each(|(out, &value)| *out = f64::from(value));
                    }
                    Data::I64(values) | Data::Time(values) => {
                        out.zip(&values[rows]).for_each(|(out, &value)| *out = value as f64);
                    }
                    Data::F32(values) => {
                        out.zip(&values[rows]).for_each(|(out, &value)| *out = f64::from(value));
                    }
                    Data::F64(values) => out.zip(&values[rows]).for_each(|(out, &value)| *out = value),
                    Data::Bool(_) | Data::Text(..) => unreachable!("bound to a column of numbers"),
                }
                column.valid(block)
            }
            Self::Arithmetic(left, operation, right) => {
                let mut other = [0.0; BLOCK];
                let valid = left.of(columns, rows, block, out) & right.of(columns, rows, block, &mut other);
                let pairs = out.iter_mut().zip(&other);
                match operation {
                    Operation::Add => pairs.for_each(|(a, b)| *a += b),
                    Operation::Subtract => pairs.for_each(|(a, b)| *a -= b),
                    Operation::Multiply => pairs.for_each(|(a, b)| *a *= b),
                    Operation::Divide => pairs.for_each(|(a, b)| *a /= b),
                }
                valid
            }
        }
    }
}
