//! The shredder against its naive twin, and what the types of values have in common.

use proptest::prelude::*;

use super::builder::Item;
use super::shred::{Part, shred};
use super::types::{Type, TypeError};
use crate::column::{Column, ColumnKind, Value, Values};
use crate::testing::generate::layers;
use crate::testing::naive;
use crate::testing::random::Random;

/// The levels of each leaf, told as the format does: what a column does not say follows from the one
/// around it.
fn told(
    part: &Part,
    repetition: &[u32],
    definition: (&[u32], u32),
    level: u32,
    out: &mut Vec<Vec<(u32, u32)>>,
) {
    let is_list = matches!(part.group, Some(ColumnKind::List | ColumnKind::Map));
    let level = level + if is_list { 2 } else { 1 };
    let repetition = match (&part.repetition, is_list) {
        (Some(own), _) => own,
        (None, true) => &[][..],
        (None, false) => repetition,
    };
    let all = vec![level; repetition.len()];
    let definition = match &part.definition {
        Some(own) => (&own[..], level),
        None if is_list => (&all[..], level),
        None => definition,
    };
    if part.children.is_empty() {
        let follows = definition.0.iter().map(|&own| if own == definition.1 { level } else { own });
        out.push(repetition.iter().copied().zip(follows).collect());
    }
    for child in &part.children {
        told(child, repetition, definition, level, out);
    }
}

fn nested_columns(seed: u64) -> Vec<Column> {
    let mut random = Random::from_seed(seed);
    let columns = (0..8).flat_map(|_| layers::layer(&mut random).columns().to_vec());
    columns.filter(|column| matches!(column.values, Values::Nested(_))).collect()
}

fn leaves<'a>(part: &'a Part<'a>) -> Vec<&'a Part<'a>> {
    match part.children.is_empty() {
        true => vec![part],
        false => part.children.iter().flat_map(leaves).collect(),
    }
}

proptest! {
    #[test]
    fn levels_and_values_are_those_of_the_twin(seed: u64) {
        for column in nested_columns(seed) {
            let part = shred(&column).unwrap();
            let mut levels = Vec::new();
            let rows = vec![0; column.len()];
            told(&part, &rows, (&rows, 0), 0, &mut levels);
            let naive = naive::levels(&column);
            prop_assert_eq!(levels.len(), naive.len());
            for ((levels, naive), leaf) in levels.iter().zip(&naive).zip(leaves(&part)) {
                let expected: Vec<_> = naive.iter().map(|&(r, d, _)| (r, d)).collect();
                prop_assert_eq!(levels, &expected);
                if let Some(values) = &leaf.leaf {
                    // The debug form tells apart what are no numbers.
                    let values: Vec<_> = (0..values.len()).map(|row| format!("{:?}", values.get(row).unwrap())).collect();
                    let naive: Vec<_> = naive.iter().filter_map(|entry| Some(format!("{:?}", entry.2?))).collect();
                    prop_assert_eq!(values, naive);
                }
            }
        }
    }
}

#[test]
fn nested_columns_are_generated() {
    let all: Vec<Column> = (0..40).flat_map(nested_columns).collect();
    let parts: Vec<Part> = all.iter().map(|column| shred(column).unwrap()).collect();
    let mut seen = [0; 6];
    fn look(part: &Part, lists: u32, seen: &mut [u32; 6]) {
        let is_list = matches!(part.group, Some(ColumnKind::List | ColumnKind::Map));
        let lists = lists + u32::from(is_list);
        seen[0] += u32::from(part.group == Some(ColumnKind::Struct) && part.children.is_empty());
        seen[1] += u32::from(part.group == Some(ColumnKind::Map));
        seen[2] += u32::from(lists > 2);
        seen[3] += u32::from(is_list && part.definition.is_some());
        seen[4] += u32::from(part.group == Some(ColumnKind::Struct) && part.definition.is_some());
        seen[5] += u32::from(is_list && part.repetition.is_none());
        part.children.iter().for_each(|child| look(child, lists, seen));
    }
    parts.iter().for_each(|part| look(part, 0, &mut seen));
    assert!(seen.iter().all(|&times| times > 3), "{seen:?}");
}

#[test]
fn types_of_values() {
    let number = || Item::Value(Value::Int(1));
    let text = || Item::Value(Value::String("a"));
    let of = |item: &Item| Type::of(item);
    assert_eq!(of(&Item::List(vec![number(), text()])), Err(TypeError::Mixed));
    assert!(of(&Item::List(vec![Item::Null, number()])).is_ok());
    for never in [
        Item::Struct(vec![("a", number()), ("a", number())]),
        Item::Map(vec![(Item::Null, number())]),
        Item::Map(vec![(text(), number()), (Item::Null, number())]),
        Item::Map(vec![(Item::List(vec![]), number())]),
        (0..17).fold(number(), |item, _| Item::List(vec![item])),
    ] {
        assert!(matches!(of(&never), Err(TypeError::Never(_))), "{never:?}");
    }
    assert!(of(&(0..16).fold(number(), |item, _| Item::List(vec![item]))).is_ok());
    let merge = |one: Item, other: Item| of(&one).unwrap().merge(of(&other).unwrap());
    let both =
        merge(Item::Struct(vec![("a", number())]), Item::Struct(vec![("b", text()), ("a", Item::Null)]));
    assert_eq!(both, of(&Item::Struct(vec![("a", number()), ("b", text())])));
    assert_eq!(
        merge(Item::Struct(vec![("a", number())]), Item::Struct(vec![("a", text())])),
        Err(TypeError::Mixed)
    );
    assert_eq!(merge(Item::List(vec![]), Item::List(vec![text()])), of(&Item::List(vec![text()])));
    assert_eq!(merge(Item::List(vec![]), Item::Map(vec![])), Err(TypeError::Mixed));
}
