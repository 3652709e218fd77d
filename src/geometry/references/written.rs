//! What there is to be read of literals and distances: what the patterns of the runs say.

use super::contexts::{self, Pattern, Position};
use super::fill::Parts;
use super::predict::{Closed, Model};
use super::symbols::has_distance;
use crate::error::{Error, Result};
use crate::limits::Budget;

pub(super) struct Written {
    /// The position of each literal.
    pub(super) positions: Vec<u8>,
    /// The context of each distance.
    pub(super) distances: Vec<u8>,
}

/// A pattern but for [`Pattern::Steps`]: tables in place of branches, which could not be foreseen.
#[derive(Clone, Copy)]
struct Form {
    /// The place of the first literal in the run.
    first: u8,
    /// How many vertices at the ends are copied.
    ends: u8,
    /// All bits if there are literals at all.
    written: usize,
    distances: u8,
    contexts: [u8; 2],
}

const FORMS: [Form; 8] = {
    const fn form(pattern: Pattern) -> Form {
        let mut form = Form { first: 0, ends: 0, written: usize::MAX, distances: 1, contexts: [0; 2] };
        match pattern {
            Pattern::Literals => form.distances = 0,
            Pattern::Onwards | Pattern::Steps => {
                form.written = 0;
                form.distances = 0;
            }
            Pattern::Forward => {
                form.written = 0;
                form.contexts[0] = contexts::OF_FORWARD as u8;
            }
            Pattern::Backward => {
                form.written = 0;
                form.contexts[0] = contexts::OF_BACKWARD as u8;
            }
            Pattern::First => {
                form.first = 1;
                form.ends = 1;
                form.contexts[0] = contexts::OF_FIRST as u8;
            }
            Pattern::Last => {
                form.ends = 1;
                form.contexts[0] = contexts::OF_LAST as u8;
            }
            Pattern::Ends => {
                form.first = 1;
                form.ends = 2;
                form.distances = 2;
                form.contexts = [contexts::OF_FIRST as u8, contexts::OF_LAST as u8];
            }
        }
        form
    }
    let mut forms = [form(Pattern::Literals); 8];
    let mut pattern = 0;
    while pattern < forms.len() {
        forms[pattern] = form(Pattern::ALL[pattern]);
        pattern += 1;
    }
    forms
};

/// Where the two vectors of a [`Written`] are written to, and how far they are.
struct Cursor<'a> {
    positions: &'a mut [u8],
    literals: usize,
    contexts: &'a mut [u8],
    distances: usize,
}

impl Written {
    pub(super) fn new(
        parts: &Parts,
        model: &Model,
        runs: &[i32],
        closed: &Closed,
        count: usize,
        budget: &mut Budget,
        at: usize,
    ) -> Result<Self> {
        let distances = |&pattern: &u8| usize::from(FORMS[usize::from(pattern) % 8].distances);
        let most = parts.patterns.iter().map(distances).sum::<usize>() + parts.ways.len();
        // Room for what is written too much.
        let mut positions = budget.zeroed(count + AT_ONCE, "positions of literals", at)?;
        let mut contexts = budget.zeroed(most + 2, "contexts of distances", at)?;
        let mut cursor =
            Cursor { positions: &mut positions, literals: 0, contexts: &mut contexts, distances: 0 };
        let mut copies = 0;
        let mut counts = parts.counts.iter();
        for (run, (range, &pattern)) in runs.windows(2).zip(&parts.patterns).enumerate() {
            let n = (range[1] - range[0]) as usize;
            let last = model.right_angles && n >= 4 && closed.get(run);
            if pattern == Pattern::Steps as u8 {
                let count = *counts.next().expect("a count for each run of steps") as usize;
                let own = copies..copies + count;
                cursor.steps(parts, own, n, last).map_err(|what| Error::inconsistent(at, what))?;
                copies += count;
                continue;
            }
            let form = FORMS[usize::from(pattern) % 8];
            if n < form.ends.into() {
                return Err(Error::inconsistent(at, "two ends of a run of one vertex"));
            }
            cursor.literals(form.first.into(), (n - usize::from(form.ends)) & form.written, n, last);
            cursor.contexts[cursor.distances..][..2].copy_from_slice(&form.contexts);
            cursor.distances += usize::from(form.distances);
        }
        let Cursor { literals, distances, .. } = cursor;
        positions.truncate(literals);
        contexts.truncate(distances);
        Ok(Self { positions, distances: contexts })
    }
}

impl Cursor<'_> {
    /// Adds `len` literals of a run of `n` vertices, the first one at place `first` in it.
    #[inline(always)]
    fn literals(&mut self, first: usize, len: usize, n: usize, last: bool) {
        let own = &mut self.positions[self.literals..];
        own[..AT_ONCE].copy_from_slice(&POSITIONS[first.min(2)..][..AT_ONCE]);
        if len > AT_ONCE {
            own[AT_ONCE..len].fill(Position::Further as u8);
        }
        if last && len > 0 && first + len == n {
            own[len - 1] = Position::Last as u8;
        }
        self.literals += len;
    }

    /// Adds those of a run of steps, which are its `copies`.
    fn steps(
        &mut self,
        parts: &Parts,
        copies: std::ops::Range<usize>,
        n: usize,
        last: bool,
    ) -> Result<(), &'static str> {
        let mut place = 0;
        for copy in copies {
            let (gap, len) = (parts.gaps[copy] as usize, parts.lengths[copy] as usize);
            if gap >= n - place {
                return Err("a copy behind the end of its run");
            }
            self.literals(place, gap, n, last);
            place += gap;
            let len = if len == 0 { n - place } else { len };
            if len > n - place {
                return Err("a copy past the end of its run");
            }
            place += len;
            let way = usize::from(parts.ways[copy]);
            self.contexts[self.distances] = contexts::distance(way) as u8;
            self.distances += usize::from(has_distance(way));
        }
        self.literals(place, n - place, n, last);
        Ok(())
    }
}

/// How many positions are written at once: mostly more than there are, and what is too much is
/// overwritten.
const AT_ONCE: usize = 8;

/// The positions of a run.
const POSITIONS: [u8; AT_ONCE + 2] = {
    let mut positions = [Position::Further as u8; AT_ONCE + 2];
    positions[0] = Position::First as u8;
    positions[1] = Position::Second as u8;
    positions
};
