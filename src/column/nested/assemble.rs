//! From the columns of leaves back to arrays.
//!
//! Each leaf's levels say by themselves what every column around it looks like; leaves that stand in one
//! group must say the same of it. Definition levels that a leaf has not itself are those of the nearest
//! column around it that has some, up to the innermost list: see `spec/format.md`.

use std::sync::Arc;

use super::entries::BEHIND;
use super::frames::{Frame, Levels, Path, Told};
use super::{Nested, grouped};
use crate::array::Utf8;
use crate::column::{Column, ColumnKind, Values, scalar, string};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::Budget;
use crate::stream::{Role, StreamEntry, Streams, ints};
use crate::wire::Reader as Bytes;
use crate::wire::bytes::Eight;

/// What a column within takes apart from its values, in bytes: where its buffers are and who uses them,
/// its box, its place among its siblings.
const COLUMN: usize = 640;

/// A nested column, or a column within, as it stands in the tile.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    pub(crate) kind: ColumnKind,
    pub(crate) name: &'a str,
    pub(crate) streams: Streams<'a>,
    /// Where the first of its streams, or of those within, begins.
    pub(crate) at: usize,
    /// The dictionary of a shared string column.
    pub(crate) dictionary: Option<Arc<Utf8>>,
    /// The columns within that are to be read. A map of which only one is read becomes a list.
    pub(crate) children: Vec<Source<'a>>,
    /// Of a grouped map of which only values are to be read, the keys.
    pub(crate) keys: Option<Box<Source<'a>>>,
}

/// Where a column stands: the levels that hold for it unless it has its own.
#[derive(Clone, Copy)]
struct Scope<'a> {
    path: Path,
    levels: Levels<'a>,
    /// Whether this is within a list that has no repetition levels.
    unknown: bool,
}

/// Reads the values of `rows` features.
pub(crate) fn read(source: &Source, rows: usize, budget: &mut Budget) -> Result<Column> {
    let levels = Levels { entries: rows, repetition: None, told: None, at: source.at };
    let scope = Scope { path: Path::default(), levels, unknown: false };
    Reader { rows }.column(source, &scope, &mut Shared::default(), budget).map(|(column, _)| column)
}

struct Reader {
    rows: usize,
}

/// What the levels of a scope say of columns within it that have none themselves.
#[derive(Default)]
struct Shared {
    /// Whether there are several columns.
    others: bool,
    /// What they say, once one has been read.
    frames: Option<Vec<Frame>>,
}

/// A column and what its levels say of it, last, and of those around it.
type Read = Result<(Column, Vec<Frame>)>;

impl Reader {
    fn column(&self, source: &Source, scope: &Scope, shared: &mut Shared, budget: &mut Budget) -> Read {
        let at = source.at;
        budget.charge(COLUMN + source.name.len(), "column", at)?;
        match source.kind {
            ColumnKind::List | ColumnKind::Map | ColumnKind::GroupedMap => self.list(source, scope, budget),
            ColumnKind::Struct => self.structure(source, scope, budget),
            _ => self.leaf(source, scope, shared, budget),
        }
    }

    fn leaf(&self, source: &Source, scope: &Scope, shared: &mut Shared, budget: &mut Budget) -> Read {
        let path = scope.path.then(false);
        let own = self.definition(source, scope, path, budget)?;
        let frames = match &own {
            Some((levels, at)) => {
                let told = Told { levels, most: path.level(), at: *at };
                frames_of(path, Levels { told: Some(told), ..scope.levels }, scope, budget)?
            }
            None => match &shared.frames {
                Some(frames) => copy(frames, scope, budget)?,
                None => {
                    let frames = frames_of(path, scope.levels, scope, budget)?;
                    if shared.others {
                        shared.frames = Some(copy(&frames, scope, budget)?);
                    }
                    frames
                }
            },
        };
        let Frame { len, nulls, .. } = frames.last().expect("that of the leaf").clone();
        let count = len - nulls.as_ref().map_or(0, |nulls| nulls.null_count());
        let values = match source.kind {
            ColumnKind::String | ColumnKind::StringDictionary | ColumnKind::SharedString => {
                let dictionary = source.dictionary.clone();
                let strings = string::read_values(
                    source.kind,
                    &source.streams,
                    dictionary,
                    nulls.as_ref(),
                    count,
                    budget,
                )?;
                Values::String(strings)
            }
            kind => scalar::read_values(kind, &source.streams, nulls.as_ref(), count, budget)?,
        };
        Ok((Column { name: source.name.into(), values, nulls }, frames))
    }

    fn structure(&self, source: &Source, scope: &Scope, budget: &mut Budget) -> Read {
        let path = scope.path.then(false);
        let own = self.definition(source, scope, path, budget)?;
        let told = match &own {
            Some((levels, at)) => Some(Told { levels, most: path.level(), at: *at }),
            None => scope.levels.told,
        };
        let within = Scope { path, levels: Levels { told, ..scope.levels }, ..*scope };
        let (fields, mut frames) = self.children(source, &within, budget)?;
        if source.children.is_empty() {
            frames = frames_of(path, within.levels, scope, budget)?;
        }
        let Frame { len, nulls, .. } = frames.last().expect("that of the struct").clone();
        let values = Values::Nested(Nested::Struct { len, fields });
        Ok((Column { name: source.name.into(), values, nulls }, frames))
    }

    fn list(&self, source: &Source, scope: &Scope, budget: &mut Budget) -> Read {
        let path = scope.path.then(true);
        let at = source.at;
        let (mut entries, mut repetition) = (0, None);
        if let Some((entry, reader)) = source.streams.get(Role::RepetitionLevels)? {
            let at = reader.offset();
            entries = entry.count().unwrap_or(0);
            if entries > i32::MAX as usize {
                let what = format!("{entries} entries of lists, more than 2^31 - 1");
                return Err(Error::new(ErrorKind::LimitExceeded, at, what));
            }
            let most = ("repetition", path.most_repetition());
            repetition = Some(read_levels(entry, reader, entries, most, BEHIND, budget)?);
        }
        let mut levels = Levels { entries, repetition: repetition.as_deref(), told: None, at };
        let unknown = repetition.is_none();
        let own = self.definition(source, &Scope { path, levels, unknown }, path, budget)?;
        levels.told = own.as_ref().map(|(levels, at)| Told { levels, most: path.level(), at: *at });
        if own.is_none() && !unknown {
            levels.check(path, self.rows)?;
        }
        let within = Scope { path, levels, unknown };
        let (mut children, frames) = self.children(source, &within, budget)?;
        if source.kind == ColumnKind::GroupedMap {
            self.ungroup(source, &mut children, &within, budget)?;
        }
        let Frame { nulls, offsets, .. } = frames.last().expect("that of the list").clone();
        let offsets = offsets.expect("a list has offsets");
        let nested = match (children.pop(), children.pop()) {
            (Some(values), Some(keys)) => {
                if keys.null_count() > 0 {
                    return Err(Error::inconsistent(at, "a map with a key that is null"));
                }
                Nested::map(offsets, keys, values)
            }
            (Some(items), None) => Nested::list(offsets, items),
            _ => unreachable!("a list has one column within, a map two"),
        };
        Ok((Column { name: source.name.into(), values: Values::Nested(nested), nulls }, frames))
    }

    /// Puts the values of a grouped map, if they are among the `columns` within, in the order of its elements.
    fn ungroup(
        &self,
        source: &Source,
        columns: &mut [Column],
        within: &Scope,
        budget: &mut Budget,
    ) -> Result<()> {
        let at = source.at;
        match (columns, &source.keys) {
            ([keys, values], _) => *values = grouped::ungrouped(values, keys, at, budget)?,
            ([values], Some(keys)) => {
                let (keys, _) = self.column(keys, within, &mut Shared::default(), budget)?;
                *values = grouped::ungrouped(values, &keys, at, budget)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// The columns within, and what they say of the column around them, last, and of those around it.
    fn children(
        &self,
        source: &Source,
        within: &Scope,
        budget: &mut Budget,
    ) -> Result<(Vec<Column>, Vec<Frame>)> {
        let mut columns = budget.vec(source.children.len(), "columns", source.at)?;
        let mut shared = Shared { others: source.children.len() > 1, frames: None };
        let mut first = Vec::<Frame>::new();
        for child in &source.children {
            let read = self.column(child, within, &mut shared, budget);
            let (column, mut frames) = read.map_err(|error| match source.kind {
                ColumnKind::Struct => error.within(format!("{:?}", child.name)),
                _ => error,
            })?;
            frames.truncate(within.path.len());
            if first.is_empty() {
                first = frames;
            } else if frames != first {
                let what = "the levels of columns within one do not agree about it";
                return Err(Error::inconsistent(child.at, what));
            }
            columns.push(column);
        }
        Ok((columns, first))
    }

    /// The definition levels that a column has itself, checked, and where they were.
    fn definition(
        &self,
        source: &Source,
        scope: &Scope,
        path: Path,
        budget: &mut Budget,
    ) -> Result<Option<(Vec<Eight>, usize)>> {
        let Some((entry, reader)) = source.streams.get(Role::DefinitionLevels)? else { return Ok(None) };
        let at = reader.offset();
        known(scope, at)?;
        let most = ("definition", path.level());
        let levels = read_levels(entry, reader, scope.levels.entries, most, 0, budget)?;
        let told = Some(Told { levels: &levels, most: path.level(), at });
        Levels { told, ..scope.levels }.check(path, self.rows)?;
        Ok(Some((levels, at)))
    }
}

/// Reads `count` levels, up to the `most` of their name, with `behind` behind the last.
fn read_levels(
    entry: &StreamEntry,
    reader: Bytes,
    count: usize,
    (name, most): (&str, u8),
    behind: u8,
    budget: &mut Budget,
) -> Result<Vec<Eight>> {
    let at = reader.offset();
    let wide: Vec<u32> = ints::read_scratch(entry.encoding(), reader, count, budget)?;
    if wide.iter().fold(0, |bits, &level| bits | level) > most.into()
        && let Some(level) = wide.iter().find(|&&level| level > most.into())
    {
        return Err(Error::inconsistent(at, format!("a {name} level of {level}, above {most}")));
    }
    let mut levels: Vec<Eight> = budget.vec(count.div_ceil(8), "levels", at)?;
    levels.resize(count.div_ceil(8), [behind; 8]);
    for (narrow, &wide) in levels.as_flattened_mut().iter_mut().zip(&wide) {
        *narrow = wide as u8;
    }
    budget.give_back(wide);
    Ok(levels)
}

fn copy(frames: &[Frame], scope: &Scope, budget: &mut Budget) -> Result<Vec<Frame>> {
    let mut out = budget.vec(frames.len(), "levels", scope.levels.at)?;
    out.extend_from_slice(frames);
    Ok(out)
}

/// What `levels` say of each column along `path`, if they are known.
fn frames_of(path: Path, levels: Levels, scope: &Scope, budget: &mut Budget) -> Result<Vec<Frame>> {
    known(scope, levels.at)?;
    levels.frames(path, budget)
}

fn known(scope: &Scope, at: usize) -> Result<()> {
    match scope.unknown {
        false => Ok(()),
        true => Err(Error::inconsistent(at, "a list without repetition levels")),
    }
}
