//! Strings of one form that several columns have in common, also those of different layers: they share a
//! dictionary, which holds each string once, in the form that is smaller by itself (UUIDs, say, of which one
//! layer has those that another one refers to).

use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::{Column, Strings, Values, string};

/// Shorter strings are words.
const SHORTEST: usize = 16;

/// A dictionary for strings of one form.
#[derive(Debug, Default)]
pub(crate) struct Form<'a> {
    pub(crate) strings: Vec<&'a [u8]>,
    numbers: HashMap<&'a [u8], u32, FixedState>,
    /// The columns that have strings of it: the number of the layer, and that among its columns with values.
    members: Vec<(usize, usize)>,
}

impl Form<'_> {
    /// The number of a string that is one of the form's.
    pub(crate) fn number(&self, string: &[u8]) -> u32 {
        self.numbers[string]
    }
}

/// A dictionary as a layer has it: its own, or that of an earlier one.
#[derive(Clone, Debug)]
pub(crate) struct FormDictionary<'a> {
    pub(crate) form: Arc<Form<'a>>,
    /// The layer that lends it, and the number of the dictionary among those of that layer.
    pub(crate) lender: Option<(usize, usize)>,
}

/// What a layer's columns share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Forms<'a> {
    pub(crate) dictionaries: Vec<FormDictionary<'a>>,
    /// By columns that have values the number of their dictionary; those behind have none.
    columns: Vec<Option<usize>>,
}

impl Forms<'_> {
    /// The dictionary of a column, by its number among those that have values.
    pub(crate) fn of(&self, column: usize) -> Option<usize> {
        self.columns.get(column).copied().flatten()
    }
}

/// What the columns of each layer of a tile share. A column joins those with which it has at least a quarter
/// of its strings, or of theirs, in common.
pub(crate) fn plan<'a>(layers: &[&'a [Column]]) -> Vec<Forms<'a>> {
    let mut forms: Vec<Form> = Vec::new();
    for (layer, columns) in layers.iter().enumerate() {
        let mut leaves = Vec::new();
        columns.iter().for_each(|column| add_leaves(column, &mut leaves));
        for (number, column) in leaves.into_iter().enumerate() {
            let Some(distinct) = distinct(column) else { continue };
            let joins = |form: &&mut Form| {
                let shared = distinct.iter().filter(|string| form.numbers.contains_key(**string)).count();
                4 * shared >= distinct.len() || 4 * shared >= form.strings.len()
            };
            let form = match forms.iter_mut().find(joins) {
                Some(form) => form,
                None => {
                    forms.push(Form::default());
                    forms.last_mut().expect("one was pushed")
                }
            };
            form.members.push((layer, number));
            for string in distinct {
                form.numbers.entry(string).or_insert_with(|| {
                    form.strings.push(string);
                    form.strings.len() as u32 - 1
                });
            }
        }
    }
    let mut out = vec![Forms::default(); layers.len()];
    let shared = forms.into_iter().filter(|form| form.members.len() > 1 && string::has_a_form(&form.strings));
    for form in shared.map(Arc::new) {
        let mut lender: Option<(usize, usize)> = None;
        for &(layer, column) in &form.members {
            let Forms { dictionaries, columns } = &mut out[layer];
            let here = dictionaries.iter().position(|dictionary| Arc::ptr_eq(&dictionary.form, &form));
            let here = here.unwrap_or_else(|| {
                dictionaries.push(FormDictionary { form: Arc::clone(&form), lender });
                dictionaries.len() - 1
            });
            lender.get_or_insert((layer, here));
            columns.resize(columns.len().max(column + 1), None);
            columns[column] = Some(here);
        }
    }
    out
}

/// The columns that have values: of nested ones the leaves, from the first to the last.
fn add_leaves<'a>(column: &'a Column, out: &mut Vec<&'a Column>) {
    match &column.values {
        Values::Nested(nested) => nested.children().into_iter().for_each(|child| add_leaves(child, out)),
        _ => out.push(column),
    }
}

/// The distinct strings of a column, in the order of their first use, if they are all of one length.
fn distinct(column: &Column) -> Option<Vec<&[u8]>> {
    let Values::String(strings) = &column.values else { return None };
    let rows = || (0..column.len()).filter(|&row| column.is_valid(row));
    let string = |row| match strings {
        Strings::Plain(strings) => strings.get_bytes(row),
        Strings::Dictionary { keys, dictionary } => dictionary.get_bytes(keys[row] as usize),
    };
    let length = string(rows().next()?).len();
    if length < SHORTEST || rows().any(|row| string(row).len() != length) {
        return None;
    }
    let mut out = Vec::new();
    match strings {
        Strings::Plain(_) => {
            let mut seen: HashMap<&[u8], (), FixedState> = HashMap::default();
            out.extend(rows().map(string).filter(|string| seen.insert(string, ()).is_none()));
        }
        Strings::Dictionary { keys, dictionary } => {
            let mut seen = vec![false; dictionary.len()];
            let new = rows().filter(|&row| !std::mem::replace(&mut seen[keys[row] as usize], true));
            out.extend(new.map(string));
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(strings: &[String]) -> Column {
        Column {
            name: "c".into(),
            values: Values::String(Strings::Plain(strings.iter().cloned().collect())),
            nulls: None,
        }
    }

    fn codes(numbers: std::ops::Range<u64>) -> Vec<String> {
        numbers.map(|number| format!("{:020x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect()
    }

    #[test]
    fn who_has_strings_in_common_shares_them() {
        let first = [column(&codes(0..100)), column(&["a".into()]), column(&codes(500..600))];
        let second = [column(&codes(80..120)), column(&codes(1000..1100))];
        let forms = plan(&[&first, &[], &second]);
        let of = |layer: usize| (0..4).map(|column| forms[layer].of(column)).collect::<Vec<_>>();
        assert_eq!(
            [of(0), of(1), of(2)],
            [vec![Some(0), None, None, None], vec![None; 4], vec![Some(0), None, None, None]]
        );
        assert_eq!(forms[0].dictionaries[0].lender, None);
        let dictionary = &forms[2].dictionaries[0];
        assert_eq!((dictionary.lender, dictionary.form.strings.len()), (Some((0, 0)), 120));
        assert_eq!(dictionary.form.number(codes(119..120)[0].as_bytes()), 119);
    }

    #[test]
    fn little_in_common_is_not_shared() {
        let (first, second) = ([column(&codes(0..100))], [column(&codes(90..200))]);
        assert!(plan(&[&first, &second]).iter().all(|forms| forms.dictionaries.is_empty()));
    }
}
