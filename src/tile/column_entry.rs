//! A column in the directory.

use std::ops::Range;

use smallvec::SmallVec;
use smol_str::SmolStr;

use super::grid::Grid;
use super::statistics::Statistics;
use crate::column::ColumnKind;
use crate::column::hashed::Hash;
use crate::column::nested::MAX_DEPTH;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::Budget;
use crate::stream::{Positions, StreamEntry};
use crate::wire::Reader;
use crate::wire::trace::Trace;

/// The streams of a column. Most have one or two, which take no memory of their own: directories of nested
/// properties have hundreds.
pub(crate) type StreamEntries = SmallVec<[StreamEntry; 2]>;

/// A column in the directory.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnEntry {
    pub(crate) kind: ColumnKind,
    /// Most are short, and take no memory of their own.
    pub(crate) name: SmolStr,
    /// The number of the column whose dictionary this one needs.
    pub(crate) dictionary: Option<usize>,
    /// Of a borrowed dictionary: layer and column of the one that lends it.
    pub(crate) lender: Option<(usize, usize)>,
    /// Of ids that are hashes.
    pub(crate) hash: Option<Hash>,
    /// Of a borrowed dictionary, those of the one that lends it.
    pub(crate) streams: StreamEntries,
    /// Of a column of heights.
    pub(crate) grid: Option<Grid>,
    /// The columns within.
    pub(crate) children: Vec<ColumnEntry>,
    pub(crate) statistics: Option<Box<Statistics>>,
}

impl ColumnEntry {
    /// What kind of column it is.
    pub fn kind(&self) -> ColumnKind {
        self.kind
    }

    /// The property's key, or the name of a struct's field; empty for columns that have none.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number, in its layer, of the column whose dictionary this one needs.
    pub fn dictionary(&self) -> Option<usize> {
        self.dictionary
    }

    /// The streams, in order; none of a borrowed dictionary, which are another column's.
    pub fn streams(&self) -> &[StreamEntry] {
        if self.lender.is_some() { &[] } else { &self.streams }
    }

    /// The layer and the number in it of the column whose dictionary this column is.
    pub fn lender(&self) -> Option<(usize, usize)> {
        self.lender
    }

    /// The number of the property that ids are hashes of.
    pub fn hashed(&self) -> Option<usize> {
        self.hash.map(|hash| hash.column)
    }

    /// The grid of a column of heights.
    pub fn grid(&self) -> Option<Grid> {
        self.grid
    }

    /// The columns within: a struct's fields, a list's elements, a map's keys and values, the values of
    /// a column of m-values.
    pub fn children(&self) -> &[ColumnEntry] {
        &self.children
    }

    /// What the tile tells of the column's values.
    pub fn statistics(&self) -> Option<&Statistics> {
        self.statistics.as_deref()
    }

    /// Where the column's bytes lie in the tile, those of columns within it too, without its
    /// dictionary's.
    pub fn range(&self) -> Range<usize> {
        match (self.first_stream(), self.last_stream()) {
            (Some(first), Some(last)) => first.range().start..last.range().end,
            _ => 0..0,
        }
    }

    pub(super) fn first_stream(&self) -> Option<&StreamEntry> {
        let own = self.streams().iter().find(|stream| !stream.is_apart());
        own.or_else(|| self.children.iter().find_map(Self::first_stream))
    }

    pub(super) fn last_stream(&self) -> Option<&StreamEntry> {
        let own = self.streams().iter().rfind(|stream| !stream.is_apart());
        self.children.iter().rev().find_map(Self::last_stream).or(own)
    }

    /// A column before it is read, and before it is known what it is.
    pub(super) fn unread() -> Self {
        Self {
            kind: ColumnKind::Bool,
            name: SmolStr::default(),
            dictionary: None,
            lender: None,
            hash: None,
            streams: StreamEntries::new(),
            grid: None,
            children: Vec::new(),
            statistics: None,
        }
    }

    /// Reads a column, in place: entries are large, and directories of nested properties have hundreds. `before`
    /// are those of the layer that stand before it; `around` is the kind of
    /// the column around it, if there is one, and how many of them there are.
    pub(super) fn read(
        &mut self,
        reader: &mut Reader<impl Trace>,
        positions: &mut Positions,
        before: &[Self],
        around: Option<(ColumnKind, usize)>,
        budget: &mut Budget,
    ) -> Result<()> {
        let start = reader.offset();
        let kind = ColumnKind::from_id(reader.u8("column kind")?, start)?;
        reader.note(|| kind.name().into());
        if let Some((outer, depth)) = around {
            if !kind.is_property() || (outer == ColumnKind::MValues && kind.is_nested()) {
                let what = format!("a {} column within a {} column", kind.name(), outer.name());
                return Err(Error::inconsistent(start, what));
            }
            if kind.is_nested() && depth == MAX_DEPTH {
                let what = format!("structs, lists and maps nested more than {MAX_DEPTH} deep");
                return Err(Error::new(ErrorKind::LimitExceeded, start, what));
            }
        }
        let named = kind.is_named() && around.is_none_or(|(outer, _)| outer == ColumnKind::Struct);
        self.kind = kind;
        if named {
            self.name = read_name(reader, "column name", budget)?.into();
        }
        self.dictionary = match kind {
            ColumnKind::SharedString => Some(reader.count("number of the dictionary column")?),
            _ => None,
        };
        if let Some(dictionary) = self.dictionary
            && before.get(dictionary).is_none_or(|other| !other.kind.is_shared_dictionary())
        {
            let what = format!("column {dictionary} is no shared dictionary before");
            return Err(Error::inconsistent(start, what));
        }
        self.lender = match kind {
            ColumnKind::BorrowedDictionary => {
                Some((reader.count("number of a layer")?, reader.count("number of a dictionary")?))
            }
            _ => None,
        };
        self.hash = match kind {
            ColumnKind::HashedId => Some(Hash::read(reader)?),
            _ => None,
        };
        let within = match kind {
            ColumnKind::Struct => reader.count("number of fields")?,
            ColumnKind::List | ColumnKind::MValues => 1,
            ColumnKind::Map | ColumnKind::GroupedMap => 2,
            _ => 0,
        };
        self.grid = match kind {
            ColumnKind::Z => Some(Grid::read(reader)?),
            _ => None,
        };
        let count = usize::from(reader.u8("number of streams")?);
        check_room(reader, count)?;
        budget.charge(count * size_of::<StreamEntry>(), "directory", reader.offset())?;
        self.streams.reserve_exact(count);
        for _ in 0..count {
            let at = reader.offset();
            let last = self.streams.last().map(StreamEntry::role);
            self.streams.push(StreamEntry::unread());
            let stream = self.streams.last_mut().expect("just added");
            stream.read(reader, positions, before.len(), kind.is_dictionary())?;
            let fits = match around {
                None => kind.roles().contains(&stream.role()),
                Some((outer, _)) => kind.has_role_within(outer, stream.role()),
            };
            if !fits {
                let what = format!("a {} stream in a {} column", stream.role().name(), kind.name());
                return Err(Error::inconsistent(at, what));
            }
            if last.is_some_and(|last| last >= stream.role()) {
                return Err(Error::inconsistent(at, "streams of a column out of order"));
            }
        }
        self.children = room(reader, within, budget)?;
        let depth = around.map_or(0, |(_, depth)| depth) + 1;
        for _ in 0..within {
            self.children.push(Self::unread());
            let child = self.children.last_mut().expect("just added");
            child.read(reader, positions, before, Some((kind, depth)), budget)?;
        }
        if kind.is_map() && self.children[0].kind.is_nested() {
            return Err(Error::inconsistent(
                start,
                format!("a map with keys of kind {}", self.children[0].kind.name()),
            ));
        }
        Ok(())
    }
}

pub(super) fn read_name<'a>(
    reader: &mut Reader<'a, impl Trace>,
    what: &'static str,
    budget: &mut Budget,
) -> Result<&'a str> {
    let len = reader.count("length of a name")?;
    let at = reader.offset();
    let bytes = reader.bytes(len, what)?;
    budget.charge(len, what, at)?;
    let name = std::str::from_utf8(bytes)
        .map_err(|_| Error::inconsistent(at, format!("{what} is not valid UTF-8")))?;
    reader.note(|| format!("{name:?}"));
    Ok(name)
}

/// Room for `count` entries, of at least one byte each.
pub(super) fn room<T>(reader: &Reader<impl Trace>, count: usize, budget: &mut Budget) -> Result<Vec<T>> {
    check_room(reader, count)?;
    budget.vec(count, "directory", reader.offset())
}

/// That `count` entries, of at least one byte each, can be there.
fn check_room(reader: &Reader<impl Trace>, count: usize) -> Result<()> {
    let left = reader.rest().len();
    match count > left {
        true => Err(Error::truncated(reader.offset(), format!("{count} directory entries in {left} bytes"))),
        false => Ok(()),
    }
}
