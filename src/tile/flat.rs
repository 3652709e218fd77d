//! A layer's columns as those that have values: nested ones leaf by leaf.

use super::measures::{self, Measure};
use super::out::OutColumn;
use crate::column::nested::grouped;
use crate::column::nested::shred::{self, Part};
use crate::column::{Column, ColumnKind, Values};
use crate::error::Result;
use crate::stream::choose::Chooser;
use crate::stream::{OutStream, Role};

/// The columns that have values, in the order of the directory, and what they stand in.
pub(crate) struct Flat<'a> {
    pub(crate) columns: Vec<Column>,
    parts: Vec<Option<Leaves<'a>>>,
}

/// A nested column, and how many leaves it has.
struct Leaves<'a> {
    part: Part<'a>,
    leaves: usize,
}

/// What stands in the directory for a column that has values.
pub(crate) struct Coded {
    pub(crate) kind: ColumnKind,
    pub(crate) dictionary: Option<usize>,
    pub(crate) streams: Vec<OutStream>,
}

impl<'a> Flat<'a> {
    /// `measures` are the values of vertices, which stand behind all others; `group_maps` tells whether values
    /// of maps may stand key by key.
    ///
    /// # Errors
    /// If a list has more than 2^31 − 1 elements.
    pub(crate) fn new(
        columns: &'a [Column],
        measures: impl Iterator<Item = Column>,
        group_maps: bool,
    ) -> Result<Self> {
        let mut out = Self { columns: Vec::new(), parts: Vec::new() };
        for column in columns {
            let mut part = match column.values {
                Values::Nested(_) => {
                    Some(shred::shred(column).map_err(|error| error.within(column.name.as_str()))?)
                }
                _ => None,
            };
            let before = out.columns.len();
            if group_maps {
                part.iter_mut().for_each(grouped::group);
            }
            match &mut part {
                Some(part) => take_leaves(part, &mut out.columns),
                None => out.columns.push(column.clone()),
            }
            let leaves = out.columns.len() - before;
            out.parts.push(part.map(|part| Leaves { part, leaves }));
        }
        out.columns.extend(measures);
        Ok(out)
    }

    /// For each column of the layer the first one of its columns that have values.
    pub(crate) fn of_columns(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().scan(0, |next, part| {
            let first = *next;
            *next += part.as_ref().map_or(1, |part| part.leaves);
            Some(first)
        })
    }

    /// For each of its columns the number of the nested column of the layer that it is a leaf of, if it is one.
    pub(crate) fn properties(&self) -> Vec<Option<usize>> {
        let mut out: Vec<Option<usize>> = Vec::with_capacity(self.columns.len());
        for (number, part) in self.parts.iter().enumerate() {
            match part {
                Some(part) => out.resize(out.len() + part.leaves, Some(number)),
                None => out.push(None),
            }
        }
        out.resize(self.columns.len(), None);
        out
    }

    /// The columns of the directory, made of those that have values, once `coded`.
    pub(crate) fn rebuild(
        self,
        columns: &'a [Column],
        measures: &'a [Measure],
        coded: Vec<Coded>,
        chooser: &Chooser,
    ) -> impl Iterator<Item = OutColumn<'a>> {
        let mut coded = coded.into_iter();
        let for_nested = chooser.for_nested();
        let columns = columns.iter().zip(self.parts).map(Ok).chain(measures.iter().map(Err));
        columns.map(move |column| match column {
            Ok((_, Some(leaves))) => rebuild(leaves.part, &mut coded, &for_nested),
            Ok((column, None)) => out(&column.name, coded.next().expect("one for each column")),
            Err(measure) => measures::write(measure, coded.next().expect("one for each measure"), chooser),
        })
    }
}

fn take_leaves(part: &mut Part, out: &mut Vec<Column>) {
    out.extend(part.leaf.take());
    part.children.iter_mut().for_each(|child| take_leaves(child, out));
}

fn out(name: &str, Coded { kind, dictionary, streams }: Coded) -> OutColumn<'_> {
    OutColumn::new(kind, name, dictionary, streams)
}

fn rebuild<'a>(part: Part<'a>, coded: &mut impl Iterator<Item = Coded>, chooser: &Chooser) -> OutColumn<'a> {
    let mut column = match part.group {
        Some(kind) => out(part.name, Coded { kind, dictionary: None, streams: Vec::new() }),
        None => out(part.name, coded.next().expect("one for each leaf")),
    };
    if let Some(levels) = part.repetition {
        let encoded = chooser.ints(&levels);
        column.streams.push(OutStream::counted(Role::RepetitionLevels, levels.len(), encoded));
    }
    if let Some(levels) = part.definition {
        column.streams.push(OutStream::new(Role::DefinitionLevels, chooser.ints(&levels)));
    }
    column.children = part.children.into_iter().map(|child| rebuild(child, coded, chooser)).collect();
    column
}
