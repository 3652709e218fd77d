//! The contexts of the symbols: each has a table of its own.

use super::codes::LONGEST;

/// The number of contexts.
pub(super) const COUNT: usize = 32;

/// How the vertices of a run are written: the symbol of a run.
///
/// ```text
/// Literals  v v v v      each vertex is written
/// Onwards   p p p p      copied from where the copy before went on
/// Forward   c c c c      copied, with a distance
/// Backward  c c c c      copied in the order opposite to that of the earlier ones, with a distance
/// First     c v v v      the first vertex is one that was there before
/// Last      v v v c      the last one is
/// Ends      c v v c      both are
/// Steps     v c c v      anything else: literals and copies in turn
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Pattern {
    Literals = 0,
    Onwards = 1,
    Forward = 2,
    Backward = 3,
    First = 4,
    Last = 5,
    Ends = 6,
    Steps = 7,
}

impl Pattern {
    pub(super) const ALL: [Self; 8] = [
        Self::Literals,
        Self::Onwards,
        Self::Forward,
        Self::Backward,
        Self::First,
        Self::Last,
        Self::Ends,
        Self::Steps,
    ];
}

/// How one of the copies of [`Pattern::Steps`] goes: its symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Way {
    Forward = 0,
    Backward = 1,
    Onwards = 2,
}

/// Where in its run a literal lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Position {
    First = 0,
    Second = 1,
    Further = 2,
    /// The last vertex of a closed ring of four or more, where right angles are predicted.
    Last = 3,
}

/// The number of positions: each has a code of its own.
pub(super) const POSITIONS: usize = 4;

/// The pattern of a run behind one of pattern `before`: 0..=7.
#[inline(always)]
pub(super) fn pattern(before: usize) -> usize {
    before % Pattern::ALL.len()
}

/// The number of copies of [`Pattern::Steps`].
pub(super) const COPIES: usize = 8;
/// The way of one of them, and the number of literals before it.
pub(super) const WAY: usize = 9;
pub(super) const GAP: usize = 10;

/// Its length: 11..=13.
#[inline(always)]
pub(super) fn length(way: usize) -> usize {
    11 + way
}

/// What distances are for: the whole run, forwards or backwards, its first vertex, its last one, or a copy among
/// steps, forwards or backwards.
pub(super) const OF_FORWARD: usize = 0;
pub(super) const OF_BACKWARD: usize = 1;
pub(super) const OF_FIRST: usize = 2;
pub(super) const OF_LAST: usize = 3;
pub(super) const OF_STEPS: usize = 4;
pub(super) const DISTANCES: usize = 6;

/// The distances for one of these: 14..=19.
#[inline(always)]
pub(super) fn distance(of: usize) -> usize {
    14 + of
}

/// The lengths of the words of codes: from here to the end.
pub(super) const WORDS: usize = 20;

/// The length of a word, by those of the symbols to the left and above. A word that is not there counts as a long
/// one.
#[inline(always)]
pub(super) fn word(left: u8, above: u8) -> usize {
    let length = |length: u8| if length == 0 { LONGEST as usize } else { length.into() };
    WORDS - 1 + (length(left) + length(above)).div_ceil(2)
}
