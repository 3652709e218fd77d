//! From arrays to the columns of leaves, with repetition and definition levels (S. Melnik and others,
//! Dremel: Interactive Analysis of Web-Scale Datasets, 2010).
//!
//! The walk goes from the outside in, and hands each column within the **entries** of the level sequence
//! it stands in: for features one each, and below a list one for each of its elements, and one for
//! each place where there is none (because the list is empty, or something around it is null).

use super::super::{Column, ColumnKind, Values};
use super::Nested;
use crate::array::NullBuffer;
use crate::error::{Error, Result};

/// No slot: something around the value is null or empty.
const NONE: u32 = u32::MAX;

/// The most entries of a column: what Arrow's offsets can say.
const MOST: usize = i32::MAX as usize;

/// A column or a column within: what stands in the directory for it, and its levels.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    /// The kind of a group; none for leaves.
    pub(crate) group: Option<ColumnKind>,
    pub(crate) name: &'a str,
    /// The values of a leaf that are there, one after the other.
    pub(crate) leaf: Option<Column>,
    /// The repetition levels of all entries below this list or map.
    pub(crate) repetition: Option<Vec<u32>>,
    /// The definition levels of all entries, where they do not follow from those of a column around.
    pub(crate) definition: Option<Vec<u32>>,
    pub(crate) children: Vec<Part<'a>>,
}

/// A sequence of levels: per entry both levels, and where its value stands in the column at hand.
#[derive(Clone)]
struct Entries {
    repetition: Vec<u32>,
    definition: Vec<u32>,
    slots: Vec<u32>,
    /// The number of entries that have a slot.
    live: usize,
    /// How many lists and maps there are around.
    lists: u32,
}

impl Entries {
    fn rows(rows: usize) -> Self {
        let slots = (0..rows as u32).collect();
        Self { repetition: vec![0; rows], definition: vec![0; rows], slots, live: rows, lists: 0 }
    }

    /// The entries as they are within a column that has these nulls.
    fn within(&self, nulls: Option<&NullBuffer>) -> Self {
        let mut out = self.clone();
        for (definition, slot) in out.definition.iter_mut().zip(&mut out.slots) {
            if *slot == NONE {
            } else if nulls.is_none_or(|nulls| nulls.is_valid(*slot as usize)) {
                *definition += 1;
            } else {
                *slot = NONE;
                out.live -= 1;
            }
        }
        out
    }

    /// The entries of the elements of lists that start and end at `offsets`.
    fn elements(&self, offsets: &[i32]) -> Result<Self> {
        let range = |slot: u32| offsets[slot as usize] as usize..offsets[slot as usize + 1] as usize;
        let count: usize =
            self.slots.iter().map(|&slot| if slot == NONE { 1 } else { range(slot).len().max(1) }).sum();
        if count > MOST {
            return Err(Error::input("more than 2^31 - 1 elements of lists"));
        }
        let mut out = Self {
            repetition: Vec::with_capacity(count),
            definition: Vec::with_capacity(count),
            slots: Vec::with_capacity(count),
            live: 0,
            lists: self.lists + 1,
        };
        for (index, &slot) in self.slots.iter().enumerate() {
            let (mut repetition, definition) = (self.repetition[index], self.definition[index]);
            let elements = if slot == NONE { 0..0 } else { range(slot) };
            if elements.is_empty() {
                out.push(repetition, definition, NONE);
            }
            for element in elements {
                out.push(repetition, definition + 1, element as u32);
                out.live += 1;
                repetition = out.lists;
            }
        }
        Ok(out)
    }

    fn push(&mut self, repetition: u32, definition: u32, slot: u32) {
        self.repetition.push(repetition);
        self.definition.push(definition);
        self.slots.push(slot);
    }

    /// The slots that are there.
    fn live_slots(&self) -> impl Iterator<Item = u32> {
        self.slots.iter().copied().filter(|&slot| slot != NONE)
    }
}

/// The parts of a nested column.
pub(crate) fn shred(column: &Column) -> Result<Part<'_>> {
    // All features are there.
    part(column, &Entries::rows(column.len()), column.len())
}

/// `told` is how many entries are live as far as the levels tell that are written for columns around.
fn part<'a>(column: &'a Column, entries: &Entries, mut told: usize) -> Result<Part<'a>> {
    let own = entries.within(column.nulls.as_ref());
    let mut out = Part {
        group: None,
        name: &column.name,
        leaf: None,
        repetition: None,
        definition: None,
        children: Vec::new(),
    };
    let Values::Nested(nested) = &column.values else {
        out.definition = (own.live != told).then_some(own.definition.clone());
        let slots: Vec<u32> = own.live_slots().collect();
        let dense = Column { name: column.name.clone(), values: column.values.clone(), nulls: None };
        out.leaf = Some(dense.take(&slots));
        return Ok(out);
    };
    let within = match nested {
        Nested::Struct { fields, .. } => {
            out.group = Some(ColumnKind::Struct);
            let inherited = fields.is_empty() || fields.iter().any(|field| is_full(field, &own));
            if own.live != told && inherited {
                out.definition = Some(own.definition.clone());
                told = own.live;
            }
            own
        }
        Nested::List { offsets, .. } | Nested::Map { offsets, .. } => {
            let is_list = matches!(nested, Nested::List { .. });
            out.group = Some(if is_list { ColumnKind::List } else { ColumnKind::Map });
            let elements = own.elements(offsets)?;
            told = elements.slots.len();
            if nested.children().into_iter().any(has_leaf) {
                out.repetition = Some(elements.repetition.clone());
                if elements.live != told
                    && nested.children().into_iter().any(|child| is_full(child, &elements))
                {
                    out.definition = Some(elements.definition.clone());
                    told = elements.live;
                }
            }
            elements
        }
    };
    out.children =
        nested.children().into_iter().map(|child| part(child, &within, told)).collect::<Result<_>>()?;
    Ok(out)
}

/// Whether the levels of a leaf below `column`, with no list between, follow from those around it: no
/// entry is null.
fn is_full(column: &Column, entries: &Entries) -> bool {
    let full = || match &column.nulls {
        None => true,
        Some(nulls) => entries.live_slots().all(|slot| nulls.is_valid(slot as usize)),
    };
    match &column.values {
        Values::Nested(Nested::Struct { fields, .. }) => {
            (fields.is_empty() || fields.iter().any(|field| is_full(field, entries))) && full()
        }
        Values::Nested(_) => false,
        _ => full(),
    }
}

/// Whether there is a leaf below `column` with no list between.
fn has_leaf(column: &Column) -> bool {
    match &column.values {
        Values::Nested(Nested::Struct { fields, .. }) => fields.is_empty() || fields.iter().any(has_leaf),
        Values::Nested(_) => false,
        _ => true,
    }
}
