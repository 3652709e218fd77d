//! What a reader reads, field by field, for those who explain the bytes of a tile. Reading without
//! a trace, `()`, costs nothing: its methods are empty.

use std::cell::{Cell, RefCell};
use std::ops::Range;

use crate::error::Result;
use crate::limits::Budget;

/// A field of a tile: the smallest piece of it that means something by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Where it lies: in the tile at level 0, else in what the nearest field before it of the level
    /// below holds once that is decompressed. Fields of one level follow each other without gaps.
    pub range: Range<usize>,
    /// How many compressed fields it lies within.
    pub level: u32,
    /// What it is.
    pub what: &'static str,
    /// Its value, if it is a number.
    pub value: Option<u64>,
    /// What the value stands for; empty if there is nothing more to say of it.
    pub meaning: String,
}

/// Watches a reader.
pub(crate) trait Trace: Copy {
    /// The `len` bytes from `start` on have been read.
    fn field(self, start: usize, len: usize, what: &'static str, value: Option<u64>);

    /// What the last field stands for.
    fn note(self, meaning: impl FnOnce() -> String);

    /// The trace of what the last field holds decompressed.
    fn inner(self) -> Self;
}

impl Trace for () {
    #[inline(always)]
    fn field(self, _: usize, _: usize, _: &'static str, _: Option<u64>) {}

    #[inline(always)]
    fn note(self, _: impl FnOnce() -> String) {}

    #[inline(always)]
    fn inner(self) -> Self {}
}

/// Keeps the fields of a tile, as long as there is memory for them.
pub(crate) struct Recorder {
    fields: RefCell<Vec<Field>>,
    used: Cell<usize>,
    room: usize,
}

impl Recorder {
    /// A recorder that stays within what is left of `budget`.
    pub(crate) fn new(budget: &Budget) -> Self {
        Self { fields: RefCell::default(), used: Cell::new(0), room: budget.left() }
    }

    /// The trace of the tile itself.
    pub(crate) fn trace(&self) -> Recording<'_> {
        Recording { recorder: self, level: 0 }
    }

    /// All fields, in the order they were read.
    ///
    /// # Errors
    /// If `budget` has not as much left as they take.
    pub(crate) fn finish(self, budget: &mut Budget) -> Result<Vec<Field>> {
        budget.charge(self.used.get(), "the fields of a tile", 0)?;
        Ok(self.fields.into_inner())
    }

    /// Whether there is room for `bytes` more.
    fn take(&self, bytes: usize) -> bool {
        self.used.set(self.used.get().saturating_add(bytes));
        self.used.get() <= self.room
    }
}

/// A level of a [`Recorder`].
#[derive(Clone, Copy)]
pub(crate) struct Recording<'a> {
    recorder: &'a Recorder,
    level: u32,
}

impl Trace for Recording<'_> {
    fn field(self, start: usize, len: usize, what: &'static str, value: Option<u64>) {
        if len > 0 && self.recorder.take(size_of::<Field>()) {
            let (range, level) = (start..start + len, self.level);
            self.recorder.fields.borrow_mut().push(Field {
                range,
                level,
                what,
                value,
                meaning: String::new(),
            });
        }
    }

    fn note(self, meaning: impl FnOnce() -> String) {
        let meaning = meaning();
        if self.recorder.take(meaning.len())
            && let Some(field) = self.recorder.fields.borrow_mut().last_mut()
        {
            field.meaning = meaning;
        }
    }

    fn inner(self) -> Self {
        Self { level: self.level + 1, ..self }
    }
}
