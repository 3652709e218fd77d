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
    /// The positions of the first literals.
    positions: [u8; AT_ONCE],
    /// How many vertices at the ends are copied; where all are, more than there are.
    ends: u32,
    /// The least length of a run.
    least: u32,
    distances: u32,
    contexts: [u8; 2],
    /// Whether the last vertex is a literal.
    to_the_end: bool,
}

const FORMS: [Form; 8] = {
    const fn form(first: usize, ends: u32, distances: u32, contexts: [usize; 2]) -> Form {
        let mut positions = [Position::Further as u8; AT_ONCE];
        let mut place = first;
        while place < 2 {
            positions[place - first] = if place == 0 { Position::First } else { Position::Second } as u8;
            place += 1;
        }
        let least = if ends > 2 { 0 } else { ends };
        let contexts = [contexts[0] as u8, contexts[1] as u8];
        // Where the first vertex is copied, the one end is that; else it is the last one.
        let to_the_end = ends == first as u32;
        Form { positions, ends, least, distances, contexts, to_the_end }
    }
    const ALL: u32 = u32::MAX;
    let mut forms = [form(0, 0, 0, [0, 0]); 8];
    forms[Pattern::Onwards as usize] = form(0, ALL, 0, [0, 0]);
    forms[Pattern::Forward as usize] = form(0, ALL, 1, [contexts::OF_FORWARD, 0]);
    forms[Pattern::Backward as usize] = form(0, ALL, 1, [contexts::OF_BACKWARD, 0]);
    forms[Pattern::First as usize] = form(1, 1, 1, [contexts::OF_FIRST, 0]);
    forms[Pattern::Last as usize] = form(0, 1, 1, [contexts::OF_LAST, 0]);
    forms[Pattern::Ends as usize] = form(1, 2, 2, [contexts::OF_FIRST, contexts::OF_LAST]);
    forms
};

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
        // Room for what is written too much: at most two distances a run.
        let most = 2 * parts.patterns.len() + parts.ways.len();
        let mut written = Self {
            positions: budget.zeroed(count + AT_ONCE, "positions of literals", at)?,
            distances: budget.zeroed(most + 2, "contexts of distances", at)?,
        };
        let ends = match model.right_angles {
            true => written.fill::<true>(parts, runs, closed),
            false => written.fill::<false>(parts, runs, closed),
        }
        .map_err(|what| Error::inconsistent(at, what))?;
        written.positions.truncate(ends.literals);
        written.distances.truncate(ends.distances);
        Ok(written)
    }

    /// Fills in both and tells where they end.
    #[inline(never)]
    fn fill<const RIGHT_ANGLES: bool>(
        &mut self,
        parts: &Parts,
        runs: &[i32],
        closed: &Closed,
    ) -> Result<Ends, &'static str> {
        let (positions, contexts) = (&mut self.positions[..], &mut self.distances[..]);
        let mut ends = Ends { literals: 0, distances: 0 };
        let mut copies = 0;
        let mut counts = parts.counts.iter();
        let mut too_short = false;
        for (run, (range, &pattern)) in runs.windows(2).zip(&parts.patterns).enumerate() {
            let n = (range[1] - range[0]) as u32;
            let last = RIGHT_ANGLES && n >= 4 && closed.get(run);
            if pattern == Pattern::Steps as u8 {
                let count = *counts.next().expect("a count for each run of steps") as usize;
                let steps = Steps { parts, copies: copies..copies + count, n: n as usize, last };
                ends = steps.write(ends, positions, contexts)?;
                copies += count;
                continue;
            }
            let form = &FORMS[usize::from(pattern) % 8];
            too_short |= n < form.least;
            let len = n.saturating_sub(form.ends) as usize;
            let own = &mut positions[ends.literals..];
            own[..AT_ONCE].copy_from_slice(&form.positions);
            if len > AT_ONCE {
                own[AT_ONCE..len].fill(Position::Further as u8);
            }
            if last && form.to_the_end {
                own[len - 1] = Position::Last as u8;
            }
            ends.literals += len;
            contexts[ends.distances..][..2].copy_from_slice(&form.contexts);
            ends.distances += form.distances as usize;
        }
        match too_short {
            false => Ok(ends),
            true => Err("two ends of a run of one vertex"),
        }
    }
}

/// Where what was written ends.
#[derive(Clone, Copy)]
struct Ends {
    literals: usize,
    distances: usize,
}

/// A run of steps: its copies, its length, and whether its last vertex counts as [`Position::Last`].
struct Steps<'a> {
    parts: &'a Parts,
    copies: std::ops::Range<usize>,
    n: usize,
    last: bool,
}

impl Steps<'_> {
    fn write(self, mut ends: Ends, positions: &mut [u8], contexts: &mut [u8]) -> Result<Ends, &'static str> {
        let Self { parts, copies, n, last } = self;
        let mut literals = |range: std::ops::Range<usize>| {
            for place in range {
                positions[ends.literals] = match place {
                    0 => Position::First,
                    _ if last && place + 1 == n => Position::Last,
                    1 => Position::Second,
                    _ => Position::Further,
                } as u8;
                ends.literals += 1;
            }
        };
        let mut place = 0;
        for copy in copies {
            let (gap, len) = (parts.gaps[copy] as usize, parts.lengths[copy] as usize);
            if gap >= n - place {
                return Err("a copy behind the end of its run");
            }
            literals(place..place + gap);
            place += gap;
            let len = if len == 0 { n - place } else { len };
            if len > n - place {
                return Err("a copy past the end of its run");
            }
            place += len;
            let way = usize::from(parts.ways[copy]);
            contexts[ends.distances] = contexts::distance(way) as u8;
            ends.distances += usize::from(has_distance(way));
        }
        literals(place..n);
        Ok(ends)
    }
}

/// How many positions are written at once: mostly more than there are, and what is too much is
/// overwritten.
const AT_ONCE: usize = 8;
