//! Properties and measures of a layer: their columns, and the dictionaries of their strings.

use super::super::flat::{Coded, Flat};
use super::super::measures::{self, Measure};
use super::super::out::OutColumn;
use super::MOST;
use crate::column::forms::Forms;
use crate::column::sharing::{self, Interned, Renumbering};
use crate::column::tokens::write::Way;
use crate::column::{Column, ColumnKind, Values, scalar, string, tokens};
use crate::error::{Error, Result};
use crate::geometry::Geometry;
use crate::stream::Role;
use crate::stream::choose::{Chooser, Force};
use crate::stream::technique::Technique;

/// What a layer has besides ids, geometries and heights.
#[derive(Clone, Copy)]
pub(in crate::tile) struct Properties<'a> {
    pub(in crate::tile) columns: &'a [Column],
    pub(in crate::tile) measures: &'a [Measure],
    /// Of which the measures are.
    pub(in crate::tile) geometry: &'a Geometry,
    /// How many columns stand before these.
    pub(in crate::tile) before: usize,
}

/// Columns and measures ready to be written, behind the dictionaries of `forms`, which layers share, and
/// those of the layer, if it gets some.
pub(in crate::tile) fn write_properties<'a>(
    properties: Properties<'a>,
    forms: &Forms,
    chooser: &Chooser,
) -> Result<Vec<OutColumn<'a>>> {
    let Properties { columns, measures, geometry, before } = properties;
    // Columns need their dictionary before them; all others stay where they are, so that the order of columns
    // survives.
    let mut out = write_forms(forms, chooser);
    let first_form = before;
    let before = before + out.len();
    let dense = measures.iter().map(|measure| measures::dense(measure, geometry));
    let flat = Flat::new(columns, dense, chooser.uses(Technique::GroupedMaps))?;
    let interned = sharing::intern(&flat.columns);
    if interned.strings.iter().map(|string| string.len()).sum::<usize>() > MOST {
        return Err(Error::input("more than 2^31 - 1 bytes of distinct strings"));
    }
    let coder = Coder {
        flat: &flat,
        interned: &interned,
        forms,
        first_form,
        before,
        nested: &flat.properties(),
        chooser,
        for_nested: &chooser.for_nested(),
    };
    let coded = match chooser.tokens() {
        true => coder.with_tokens(columns, &mut out),
        false => coder.without_tokens(&mut out),
    };
    out.extend(flat.rebuild(columns, measures, coded, chooser));
    Ok(out)
}

/// Codes columns that have values.
#[derive(Clone, Copy)]
struct Coder<'a> {
    flat: &'a Flat<'a>,
    interned: &'a Interned<'a>,
    forms: &'a Forms<'a>,
    /// The column of the first of their dictionaries.
    first_form: usize,
    /// How many columns stand before those that are added here.
    before: usize,
    /// The nested property of each, if it is a leaf.
    nested: &'a [Option<usize>],
    chooser: &'a Chooser,
    for_nested: &'a Chooser,
}

impl Coder<'_> {
    /// With tokens, where they pay: all strings in one dictionary, but for properties that have their own and
    /// columns of a form. Dictionaries are added to `out`.
    fn with_tokens(self, columns: &[Column], out: &mut Vec<OutColumn>) -> Vec<Coded> {
        let Self { flat, interned, forms, before, nested, chooser, .. } = self;
        let mut apart = sharing::apart(interned);
        (0..apart.len()).for_each(|column| apart[column] |= forms.of(column).is_some());
        let properties = sharing::by_property(interned, nested, |column| !apart[column]);
        let own = count(&properties);
        let shares = |column: usize| {
            interned.columns[column].is_some() && !apart[column] && properties[column].is_none()
        };
        let dictionary = (0..apart.len()).any(shares).then_some(before);
        let first_own = before + usize::from(dictionary.is_some());
        let of_column = |column: &Option<usize>| if column.is_some() { Way::Leaf } else { Way::Within };
        let mut ways: Vec<Way> = nested.iter().map(of_column).collect();
        for ((number, flat), column) in (first_own + own..).zip(flat.of_columns()).zip(columns) {
            if !matches!(column.values, Values::Nested(_)) {
                ways[flat] = Way::Tokens(number);
            }
        }
        let apart = (0..ways.len()).filter(|&column| apart[column] || properties[column].is_some());
        apart.for_each(|column| ways[column] = Way::Apart);
        let (strings, written) = tokens::write::write(&flat.columns, interned, &ways, chooser);
        if dictionary.is_some() {
            out.push(OutColumn::new(ColumnKind::SharedDictionary, "", None, strings));
        }
        let mut renumbering = Renumbering::new(interned.strings.len());
        let coded = written.into_iter().enumerate().map(|(column, (kind, streams))| match ways[column] {
            Way::Apart if properties[column].is_none() => self.apart(column, &mut renumbering),
            _ => {
                let dictionary = dictionary.filter(|_| kind == ColumnKind::SharedString);
                Coded { kind, dictionary, streams }
            }
        });
        let mut coded: Vec<Coded> = coded.collect();
        self.properties(&properties, first_own, &mut coded, out);
        coded
    }

    /// Without tokens: columns with few strings, and those with strings of others, share a dictionary, but for
    /// properties that have their own. Dictionaries are added to `out`.
    fn without_tokens(self, out: &mut Vec<OutColumn>) -> Vec<Coded> {
        let Self { flat, interned, forms, before, nested, chooser, .. } = self;
        // Encodings that are forced are to be seen in columns that stand by themselves.
        let little = if chooser.force == Force::default() { sharing::LITTLE } else { 0 };
        let mut group = sharing::group(interned, little);
        group.retain(|&column| forms.of(column).is_none());
        let shares = |column| group.binary_search(&column).is_ok();
        let properties = sharing::by_property(interned, nested, shares);
        group.retain(|&column| properties[column].is_none());
        let mut renumbering = Renumbering::new(interned.strings.len());
        let mut shared: Vec<Option<Vec<u32>>> = vec![None; flat.columns.len()];
        for &column in &group {
            shared[column] = Some(renumbering.renumber(self.codes(column)));
        }
        if !group.is_empty() {
            let mut streams = Vec::new();
            string::write_text(&renumbering.take(&interned.strings), true, chooser, &mut streams);
            out.push(OutColumn::new(ColumnKind::SharedDictionary, "", None, streams));
        }
        let coded = shared.into_iter().enumerate().map(|(index, codes)| {
            let column = &flat.columns[index];
            match codes {
                Some(codes) => {
                    let streams = string::write_codes(&codes, column.nulls.as_ref(), self.chooser_of(index));
                    Coded { kind: ColumnKind::SharedString, dictionary: Some(before), streams }
                }
                None if interned.columns[index].is_some() => self.apart(index, &mut renumbering),
                None => {
                    let chooser = self.chooser_of(index);
                    let (kind, streams) = scalar::write(&column.values, column.nulls.as_ref(), chooser);
                    Coded { kind, dictionary: None, streams }
                }
            }
        });
        let mut coded: Vec<Coded> = coded.collect();
        self.properties(&properties, before + usize::from(!group.is_empty()), &mut coded, out);
        coded
    }

    /// Columns of strings that are in the dictionary of a property, which `dictionaries` tells by number, and these
    /// dictionaries, of which the first is column `first`.
    fn properties(
        &self,
        dictionaries: &[Option<usize>],
        first: usize,
        coded: &mut [Coded],
        out: &mut Vec<OutColumn>,
    ) {
        let Self { flat, interned, chooser, for_nested, .. } = *self;
        let mut renumbering = Renumbering::new(interned.strings.len());
        for number in 0..count(dictionaries) {
            for column in (0..coded.len()).filter(|&column| dictionaries[column] == Some(number)) {
                let codes = renumbering.renumber(self.codes(column));
                let streams = string::write_codes(&codes, flat.columns[column].nulls.as_ref(), for_nested);
                let dictionary = Some(first + number);
                coded[column] = Coded { kind: ColumnKind::SharedString, dictionary, streams };
            }
            let strings = renumbering.take(&interned.strings);
            let mut streams = Vec::new();
            match chooser.tokens() {
                true => string::write_dictionary(&strings, chooser, &mut streams),
                false => string::write_text(&strings, true, chooser, &mut streams),
            }
            out.push(OutColumn::new(ColumnKind::SharedDictionary, "", None, streams));
        }
    }

    /// For values and codes of a column; texts are the same for all.
    fn chooser_of(&self, column: usize) -> &Chooser {
        if self.nested[column].is_some() { self.for_nested } else { self.chooser }
    }

    /// The numbers of a column's strings.
    fn codes(&self, column: usize) -> &[u32] {
        self.interned.columns[column].as_deref().expect("a column of strings")
    }

    /// A column of strings that is not in a dictionary with others, but in one for its form, or by itself: written
    /// out if they are all different, else as codes into a dictionary of its own.
    fn apart(&self, index: usize, renumbering: &mut Renumbering) -> Coded {
        let Self { interned, forms, chooser, .. } = *self;
        let nulls = self.flat.columns[index].nulls.as_ref();
        if let Some(number) = forms.of(index) {
            let form = &forms.dictionaries[number].form;
            let number_of = |&code: &u32| form.number(interned.strings[code as usize]);
            let codes: Vec<u32> = self.codes(index).iter().map(number_of).collect();
            let streams = string::write_codes(&codes, nulls, self.chooser_of(index));
            let dictionary = Some(self.first_form + number);
            return Coded { kind: ColumnKind::SharedString, dictionary, streams };
        }
        let codes = renumbering.renumber(self.codes(index));
        let strings = renumbering.take(&interned.strings);
        let mut streams = string::write_codes(&codes, nulls, self.chooser_of(index));
        let kind = if strings.len() == codes.len() {
            // The codes are 0, 1, 2 …: the strings themselves say as much.
            streams.retain(|stream| stream.role != Role::Values);
            ColumnKind::String
        } else {
            ColumnKind::StringDictionary
        };
        string::write_text(&strings, kind == ColumnKind::StringDictionary, chooser, &mut streams);
        Coded { kind, dictionary: None, streams }
    }
}

/// The dictionaries of strings of one form, those that the layer borrows among them.
fn write_forms<'a>(forms: &Forms, chooser: &Chooser) -> Vec<OutColumn<'a>> {
    let dictionaries = forms.dictionaries.iter().map(|dictionary| match dictionary.lender {
        Some(lender) => {
            let mut column = OutColumn::new(ColumnKind::BorrowedDictionary, "", None, Vec::new());
            column.lender = Some(lender);
            column
        }
        None => {
            let mut streams = Vec::new();
            string::write_text(&dictionary.form.strings, true, chooser, &mut streams);
            OutColumn::new(ColumnKind::SharedDictionary, "", None, streams)
        }
    });
    dictionaries.collect()
}

/// How many dictionaries there are, of which columns tell the number.
fn count(dictionaries: &[Option<usize>]) -> usize {
    dictionaries.iter().flatten().max().map_or(0, |most| most + 1)
}
