//! Maps whose values stand key by key: those of the key that comes first, then those of the next.
//!
//! Names in many languages are alike within one, and neighbours in other languages are not.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::super::{Column, Strings, Values};
use super::shred::Part;
use crate::column::ColumnKind;
use crate::error::{Error, Result};
use crate::limits::Budget;

/// No group yet.
const NONE: u32 = u32::MAX;

/// For each element of a map, whose keys these are, the place of its value among all that are grouped by key: keys
/// in the order of their first elements, the elements of one as they come.
pub(super) fn places(keys: &Column, at: usize, budget: &mut Budget) -> Result<Vec<u32>> {
    let Values::String(strings) = &keys.values else {
        return Err(Error::inconsistent(at, "a grouped map with keys that are no strings"));
    };
    let mut groups: HashMap<&[u8], u32, FixedState> = HashMap::default();
    // How many elements each group has.
    let mut counts: Vec<u32> = Vec::new();
    let mut places: Vec<u32> = budget.vec(keys.len(), "places of values", at)?;
    let mut group = |string| {
        *groups.entry(string).or_insert_with(|| {
            counts.push(0);
            counts.len() as u32 - 1
        })
    };
    match strings {
        Strings::Plain(strings) => {
            budget.charge(32 * strings.len(), "keys", at)?;
            places.extend((0..strings.len()).map(|row| group(strings.get_bytes(row))));
        }
        Strings::Dictionary { keys, dictionary } => {
            let mut known = budget.vec(dictionary.len(), "keys", at)?;
            known.resize(dictionary.len(), NONE);
            budget.charge(32 * dictionary.len().min(keys.len()), "keys", at)?;
            places.extend(keys.iter().map(|&key| {
                let known = &mut known[key as usize];
                if *known == NONE {
                    *known = group(dictionary.get_bytes(key as usize));
                }
                *known
            }));
        }
    }
    places.iter().for_each(|&group| counts[group as usize] += 1);
    let mut next = 0;
    for count in &mut counts {
        next += std::mem::replace(count, next);
    }
    for place in &mut places {
        let next = &mut counts[*place as usize];
        *place = *next;
        *next += 1;
    }
    Ok(places)
}

/// The values of a map as its elements come, of which `values` are those grouped by key.
pub(super) fn ungrouped(values: &Column, keys: &Column, at: usize, budget: &mut Budget) -> Result<Column> {
    let nulls = keys.null_count() + values.null_count();
    if keys.len() != values.len() || nulls > 0 || matches!(values.values, Values::Nested(_)) {
        return Err(Error::inconsistent(at, "a grouped map with values that are null or nested"));
    }
    let places = places(keys, at, budget)?;
    let text = match &values.values {
        Values::String(Strings::Plain(strings)) => strings.bytes().len(),
        _ => 0,
    };
    budget.charge(12 * values.len() + text, "values", at)?;
    Ok(values.take(&places))
}

/// Keys that have fewer elements than that each are not worth it.
const ELEMENTS: usize = 4;

/// Groups the values of the maps of a column, and of those within it, where keys repeat.
pub(crate) fn group(part: &mut Part) {
    part.children.iter_mut().for_each(group);
    if part.group != Some(ColumnKind::Map) {
        return;
    }
    let [keys, values] = &mut part.children[..] else { unreachable!("a map has keys and values") };
    let (Some(keys), Some(values)) = (&keys.leaf, &mut values.leaf) else { return };
    // As many as there are keys: none is null.
    if keys.len() != values.len() || keys.is_empty() {
        return;
    }
    let Ok(places) = places(keys, 0, &mut Budget::new(usize::MAX)) else { return };
    if distinct(keys) * ELEMENTS > keys.len() {
        return;
    }
    let mut order = vec![0; places.len()];
    (0..).zip(&places).for_each(|(element, &place)| order[place as usize] = element);
    *values = values.take(&order);
    part.group = Some(ColumnKind::GroupedMap);
}

fn distinct(keys: &Column) -> usize {
    let Values::String(strings) = &keys.values else { return 0 };
    let mut seen: HashMap<&str, (), FixedState> = HashMap::default();
    (0..keys.len()).for_each(|row| {
        seen.insert(strings.get(row), ());
    });
    seen.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys(letters: &[u8]) -> Column {
        let strings = letters.iter().map(|letter| char::from(b'a' + letter % 8).to_string());
        Column { name: "".into(), values: Values::String(Strings::Plain(strings.collect())), nulls: None }
    }

    proptest! {
        /// Against sorting by the first place of the key.
        #[test]
        fn values_come_back(letters: Vec<u8>) {
            let keys = keys(&letters);
            let key = |row: usize| letters[row] % 8;
            let first = |row: usize| (0..letters.len()).find(|&other| key(other) == key(row)).unwrap();
            let mut order: Vec<usize> = (0..letters.len()).collect();
            order.sort_by_key(|&row| first(row));
            let mut budget = Budget::default();
            let places = places(&keys, 0, &mut budget).unwrap();
            let expected: Vec<u32> =
                (0..letters.len()).map(|row| order.iter().position(|&other| other == row).unwrap() as u32).collect();
            prop_assert_eq!(&places, &expected);
            let stored: Vec<u64> = order.iter().map(|&row| row as u64).collect();
            let stored = Column { name: "".into(), values: Values::UInt(stored.into()), nulls: None };
            let values = ungrouped(&stored, &keys, 0, &mut budget).unwrap();
            let expected: Vec<u64> = (0..letters.len() as u64).collect();
            prop_assert_eq!(values.values, Values::UInt(expected.into()));
        }
    }
}
