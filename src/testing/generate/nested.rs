//! Random nested columns: structs, lists and maps within one another, with gaps everywhere, empty lists,
//! structs without fields, and lists that are null and have elements nevertheless.

use std::sync::Arc;

use super::columns::{nulls, string, values};
use crate::array::{NullBuffer, OffsetBuffer, ScalarBuffer, Utf8};
use crate::column::{Column, Nested, Strings, Values};
use crate::testing::random::Random;

/// A nested column of `rows` values, at most `depth` deep.
pub(super) fn nested(
    random: &mut Random,
    name: String,
    rows: usize,
    shared: &Arc<Utf8>,
    depth: u32,
) -> Column {
    let nested = match random.below(5) {
        0 | 1 => {
            let fields = (0..random.below(5)).map(|index| {
                let name = match random.below(3) {
                    0 => string(random),
                    _ => format!("f{index}"),
                };
                column(random, name, rows, shared, depth - 1)
            });
            Nested::Struct { len: rows, fields: fields.collect() }
        }
        2 | 3 => {
            let (offsets, count) = offsets(random, rows);
            Nested::list(offsets, column(random, String::new(), count, shared, depth - 1))
        }
        _ => {
            let (offsets, count) = offsets(random, rows);
            let keys = match random.below(3) {
                0 => Values::UInt((0..count).map(|_| random.below(9)).collect()),
                1 => Values::Bool((0..count).map(|_| random.chance(1, 2)).collect()),
                _ => Values::String(Strings::Plain((0..count).map(|_| string(random)).collect())),
            };
            let keys = Column { name: "".into(), values: keys, nulls: None };
            Nested::map(offsets, keys, column(random, String::new(), count, shared, depth - 1))
        }
    };
    let nulls = nulls(random, rows);
    Column::try_new(name, Values::Nested(nested), nulls).expect("as many entries everywhere")
}

fn column(random: &mut Random, name: String, rows: usize, shared: &Arc<Utf8>, depth: u32) -> Column {
    if depth > 0 && random.chance(1, 3) {
        return nested(random, name, rows, shared, depth);
    }
    let values = values(random, rows, shared);
    let mut nulls = nulls(random, rows);
    if let Values::String(Strings::Dictionary { dictionary, .. }) = &values
        && dictionary.is_empty()
    {
        nulls = Some(NullBuffer::new_null(rows));
    }
    Column::try_new(name, values, nulls).expect("a bit per value, keys within the dictionary")
}

/// Offsets of `rows` lists, and how many elements there are, some of them in no list.
fn offsets(random: &mut Random, rows: usize) -> (OffsetBuffer<i32>, usize) {
    let most = *random.pick(&[1, 2, 3, 6]);
    let mut end = if random.chance(1, 6) { random.below(3) as i32 } else { 0 };
    let mut offsets = vec![end];
    for _ in 0..rows {
        end += random.below(most) as i32;
        offsets.push(end);
    }
    let unused = if random.chance(1, 6) { random.index(3) } else { 0 };
    (OffsetBuffer::new(ScalarBuffer::from(offsets)), end as usize + unused)
}
