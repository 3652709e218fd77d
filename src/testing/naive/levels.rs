//! Repetition and definition levels, value by value, as the paper on Dremel tells: a twin of
//! `column::nested::shred`.

use crate::column::{Column, Nested, Value, Values};

/// An entry of a leaf: repetition level, definition level, and its value if it is there.
pub(crate) type Entry<'a> = (u32, u32, Option<Value<'a>>);

/// The entries of every leaf of a nested column, in their order.
pub(crate) fn levels(column: &Column) -> Vec<Vec<Entry<'_>>> {
    let mut leaves = vec![Vec::new(); count(column)];
    for row in 0..column.len() {
        write(column, column.get(row), 0, 0, 0, &mut leaves);
    }
    leaves
}

/// How many leaves there are.
fn count(column: &Column) -> usize {
    match &column.values {
        Values::Nested(Nested::Struct { fields, .. }) if fields.is_empty() => 1,
        Values::Nested(nested) => nested.children().into_iter().map(count).sum(),
        _ => 1,
    }
}

/// Writes a value: `repetition` is that of its first entry, `definition` that of what is around it,
/// `lists` the number of lists around.
fn write<'a>(
    column: &'a Column,
    value: Option<Value<'a>>,
    repetition: u32,
    definition: u32,
    lists: u32,
    leaves: &mut [Vec<Entry<'a>>],
) {
    let Some(value) = value else {
        leaves.iter_mut().for_each(|leaf| leaf.push((repetition, definition, None)));
        return;
    };
    let definition = definition + 1;
    match (&column.values, value) {
        (Values::Nested(Nested::Struct { fields, .. }), Value::Nested(value)) if !fields.is_empty() => {
            let mut rest = leaves;
            for (field, (_, value)) in fields.iter().zip(value.fields()) {
                let (own, others) = rest.split_at_mut(count(field));
                write(field, value, repetition, definition, lists, own);
                rest = others;
            }
        }
        (Values::Nested(nested @ Nested::List { items, .. }), Value::Nested(value)) => {
            let mut repetition = repetition;
            let mut any = false;
            for item in value.items() {
                write(items, item, repetition, definition + 1, lists + 1, leaves);
                (repetition, any) = (lists + 1, true);
            }
            if !any {
                leaves.iter_mut().for_each(|leaf| leaf.push((repetition, definition, None)));
            }
            debug_assert_eq!(nested.type_name(), "list");
        }
        (Values::Nested(Nested::Map { keys, values, .. }), Value::Nested(value)) => {
            let (own, others) = leaves.split_at_mut(count(keys));
            let mut level = repetition;
            for (key, value) in value.entries() {
                write(keys, Some(key), level, definition + 1, lists + 1, own);
                write(values, value, level, definition + 1, lists + 1, others);
                level = lists + 1;
            }
            if value.entries().next().is_none() {
                leaves.iter_mut().for_each(|leaf| leaf.push((repetition, definition, None)));
            }
        }
        (_, value) => leaves.iter_mut().for_each(|leaf| leaf.push((repetition, definition, Some(value)))),
    }
}
