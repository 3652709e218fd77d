//! Which string columns of a layer share a dictionary, and what every column's codes are.

use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::{Column, Strings, Values, string};
use crate::array::{Utf8, bitmap};

/// The strings of a layer: each distinct one once, and per string column the number of the string
/// of every feature that has one.
pub(crate) struct Interned<'a> {
    pub(crate) strings: Vec<&'a [u8]>,
    /// Per column of the layer; none for columns that hold no strings.
    pub(crate) columns: Vec<Option<Vec<u32>>>,
}

/// Numbers the distinct strings of `columns` in the order of their first use, column by column.
pub(crate) fn intern(columns: &[Column]) -> Interned<'_> {
    let mut strings: Vec<&[u8]> = Vec::new();
    let mut numbers: HashMap<&[u8], u32, FixedState> = HashMap::default();
    let mut number = |string| {
        *numbers.entry(string).or_insert_with(|| {
            strings.push(string);
            (strings.len() - 1) as u32
        })
    };
    // Columns often share a dictionary already; each of its strings is looked up once.
    let mut known: Vec<(&Arc<Utf8>, Vec<u32>)> = Vec::new();
    let columns = columns
        .iter()
        .map(|column| {
            let Values::String(values) = &column.values else {
                return None;
            };
            Some(match values {
                Strings::Plain(values) => bitmap::valid_rows(values.len(), column.nulls.as_ref(), |row| {
                    number(values.get_bytes(row))
                }),
                Strings::Dictionary { keys, dictionary } => {
                    let place = known.iter().position(|(other, _)| Arc::ptr_eq(other, dictionary));
                    let place = place.unwrap_or_else(|| {
                        known.push((dictionary, vec![u32::MAX; dictionary.len()]));
                        known.len() - 1
                    });
                    let known = &mut known[place].1;
                    bitmap::valid_rows(keys.len(), column.nulls.as_ref(), |row| {
                        let key = keys[row] as usize;
                        if known[key] == u32::MAX {
                            known[key] = number(dictionary.get_bytes(key));
                        }
                        known[key]
                    })
                }
            })
        })
        .collect();
    Interned { strings, columns }
}

/// Up to so many bytes of distinct strings a dictionary of its own costs a column more, in bytes of the
/// directory and in time to read it, than it costs those that want another column alone to read this one's
/// strings too.
pub(crate) const LITTLE: usize = 4096;

/// Which columns, by number, share one dictionary: those with up to `little` bytes of distinct strings, and
/// those of whose distinct strings, counted in bytes, at least a quarter stands in other string columns too.
/// Fewer than two share nothing.
pub(crate) fn group(interned: &Interned, little: usize) -> Vec<usize> {
    // For every string, the first column it stands in, and whether it stands in another.
    let mut first = vec![u32::MAX; interned.strings.len()];
    let mut repeated = vec![false; interned.strings.len()];
    let codes = || {
        let columns = interned.columns.iter().enumerate();
        columns.filter_map(|(column, codes)| codes.as_ref().map(|codes| (column, codes)))
    };
    for (column, codes) in codes() {
        for &code in codes {
            let first = &mut first[code as usize];
            if *first == u32::MAX {
                *first = column as u32;
            }
            repeated[code as usize] |= *first != column as u32;
        }
    }
    let mut last = vec![u32::MAX; interned.strings.len()];
    let group: Vec<usize> = codes()
        .filter(|&(column, codes)| {
            let (mut all, mut shared) = (0, 0);
            for &code in codes {
                if std::mem::replace(&mut last[code as usize], column as u32) != column as u32 {
                    let size = interned.strings[code as usize].len() + 1;
                    all += size;
                    shared += if repeated[code as usize] { size } else { 0 };
                }
            }
            all > 0 && (all <= little || 4 * shared >= all)
        })
        .map(|(column, _)| column)
        .collect();
    if group.len() < 2 { Vec::new() } else { group }
}

/// Which columns have text that is to stand by itself, as it has a form of its own: UUIDs and the like.
pub(crate) fn apart(interned: &Interned) -> Vec<bool> {
    let mut last = vec![u32::MAX; interned.strings.len()];
    let distinct = |(column, codes): (usize, &Option<Vec<u32>>)| {
        let new = |&&code: &&u32| std::mem::replace(&mut last[code as usize], column as u32) != column as u32;
        let codes = codes.iter().flatten().filter(new);
        string::has_a_form(&codes.map(|&code| interned.strings[code as usize]).collect::<Vec<_>>())
    };
    interned.columns.iter().enumerate().map(distinct).collect()
}

/// So many bytes of distinct strings are worth a dictionary for a nested property alone.
const MUCH: usize = 1024;

/// For each column the dictionary, by number, that only the property has which it is a leaf of, so that who reads
/// that leaf need not read the strings of all others: where that property has much text, others have at least a third
/// as much, and at most a quarter stands elsewhere too. `property` tells which columns are leaves, and of what;
/// it is about the columns that else have one dictionary for all, `shares`.
pub(crate) fn by_property(
    interned: &Interned,
    property: &[Option<usize>],
    shares: impl Fn(usize) -> bool,
) -> Vec<Option<usize>> {
    let columns = || interned.columns.iter().enumerate().filter(|&(column, _)| shares(column));
    let owner = |column: usize| property[column].map_or(column, |number| property.len() + number);
    // For every string who has it first, and whether others do too.
    let mut first = vec![None; interned.strings.len()];
    let mut repeated = vec![false; interned.strings.len()];
    for (column, codes) in columns() {
        for &code in codes.iter().flatten() {
            repeated[code as usize] |= *first[code as usize].get_or_insert(owner(column)) != owner(column);
        }
    }
    let mut last = vec![None; interned.strings.len()];
    let count = property.iter().flatten().max().map_or(0, |most| most + 1);
    // Per property the bytes of distinct strings, and of those that stand elsewhere too.
    let mut sizes = vec![(0, 0); count];
    for (column, codes) in columns() {
        let (Some(codes), Some(property)) = (codes, property[column]) else { continue };
        for &code in codes {
            if last[code as usize].replace(owner(column)) != Some(owner(column)) {
                let size = interned.strings[code as usize].len() + 1;
                sizes[property].0 += size;
                sizes[property].1 += if repeated[code as usize] { size } else { 0 };
            }
        }
    }
    let shared = interned.strings.iter().zip(&first).filter(|(_, first)| first.is_some());
    let whole: usize = shared.map(|(string, _)| string.len() + 1).sum();
    let mut dictionaries = 0;
    let numbers: Vec<Option<usize>> = sizes
        .into_iter()
        .map(|(all, shared)| {
            let much = all >= MUCH && 3 * (whole - all) >= all && 4 * shared <= all;
            dictionaries += usize::from(much);
            much.then(|| dictionaries - 1)
        })
        .collect();
    let own = |column: usize| {
        let property = property[column].filter(|_| shares(column) && interned.columns[column].is_some());
        property.and_then(|property| numbers[property])
    };
    (0..property.len()).map(own).collect()
}

/// Renumbers the codes of some columns in the order of their first use.
pub(crate) struct Renumbering {
    new: Vec<u32>,
    order: Vec<u32>,
}

impl Renumbering {
    /// For `strings` strings.
    pub(crate) fn new(strings: usize) -> Self {
        Self { new: vec![u32::MAX; strings], order: Vec::new() }
    }

    /// The new numbers of `codes`.
    pub(crate) fn renumber(&mut self, codes: &[u32]) -> Vec<u32> {
        codes
            .iter()
            .map(|&code| {
                let new = &mut self.new[code as usize];
                if *new == u32::MAX {
                    *new = self.order.len() as u32;
                    self.order.push(code);
                }
                *new
            })
            .collect()
    }

    /// The strings in their new order; the numbering starts over.
    pub(crate) fn take<'a>(&mut self, strings: &[&'a [u8]]) -> Vec<&'a [u8]> {
        let order = std::mem::take(&mut self.order);
        order.iter().for_each(|&code| self.new[code as usize] = u32::MAX);
        order.into_iter().map(|code| strings[code as usize]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Columns whose strings are `count` numbers with `prefix` before them.
    fn column((prefix, count): (&str, usize)) -> Column {
        let strings: Utf8 = (0..count).map(|number| format!("{prefix}{number}")).collect();
        Column { name: "".into(), values: Values::String(Strings::Plain(strings)), nulls: None }
    }

    /// A property with much text has its own dictionary, unless others have little, or much of its text.
    #[test]
    fn much_text_of_one_property_stands_alone() {
        let leaves = [Some(4), Some(4), None, Some(7), None];
        let own = |columns: [(&str, usize); 5], shares: &[usize]| {
            let columns = columns.map(column);
            by_property(&intern(&columns), &leaves, |column| shares.contains(&column))
        };
        let all = [0, 1, 2, 3, 4];
        let columns = [("one ", 200), ("two ", 100), ("three ", 400), ("four ", 30), ("five ", 30)];
        assert_eq!(own(columns, &all), [Some(0), Some(0), None, None, None]);
        // What does not share the dictionary does not count.
        assert_eq!(own(columns, &[0, 1, 3, 4]), [None; 5]);
        assert_eq!(own(columns, &[1, 2, 3, 4]), [None; 5]);
        let both = [("one ", 200), ("two ", 100), ("three ", 400), ("four ", 300), ("five ", 30)];
        assert_eq!(own(both, &all), [Some(0), Some(0), None, Some(1), None]);
        let alike = [("one ", 200), ("two ", 100), ("one ", 400), ("four ", 300), ("five ", 30)];
        assert_eq!(own(alike, &all), [None, None, None, Some(0), None]);
    }
}
