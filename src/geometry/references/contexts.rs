//! The contexts of the symbols: each has a table of its own.

/// The number of contexts.
pub(super) const COUNT: usize = 39;

/// Bit length of the first component from here on, or the kind of copy.
pub(super) const ESCAPE: usize = 12;

/// The kinds of copies, as symbols of the step.
pub(super) const FORWARD: usize = 13;
pub(super) const BACKWARD: usize = 14;
pub(super) const CONTINUE: usize = 15;

/// Where in its run a vertex lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Position {
    Start = 0,
    Inside = 1,
    /// The last vertex of a closed ring of four or more, where right angles are predicted.
    Last = 2,
}

/// S: 0..=5.
#[inline(always)]
pub(super) fn step(position: Position, after_copy: bool) -> usize {
    position as usize * 2 + after_copy as usize
}

/// T, after S = `first`: 6..=26.
#[inline(always)]
pub(super) fn second(position: Position, first: usize) -> usize {
    6 + position as usize * 7 + first / 2
}

/// The length of a copy of `kind`: 27..=32.
#[inline(always)]
pub(super) fn length(at_start: bool, kind: usize) -> usize {
    27 + at_start as usize * 3 + kind - FORWARD
}

/// The distance of a copy of `kind`: 33, 34.
#[inline(always)]
pub(super) fn distance(kind: usize) -> usize {
    33 + kind - FORWARD
}

/// The escape of S; that of T is the next one.
pub(super) const ESCAPE_FIRST: usize = 35;

/// The low bits on a grid: 37 at the start of a run, 38 inside.
#[inline(always)]
pub(super) fn low_bits(position: Position) -> usize {
    37 + (position != Position::Start) as usize
}
