//! Puts vertices together of what was read of them.
//!
//! The sums of all literals are made in one go. The literals of a run are a stretch of them, moved by as
//! much as what was copied before lies elsewhere, so that no vertex waits for the one before it:
//!
//! ```text
//! sums     0, l0, l0 + l1, l0 + l1 + l2 …      one more than there are literals
//! literal  sums[i + 1] + moved                 moved = the last vertex copied − the sum up to there
//! ```

use std::hint::select_unpredictable;

use super::contexts::{Pattern, Way};
use super::copy::{STRIDE, copy_forward, move_by};
use super::fill::Parts;
use super::predict::{Closed, Model, Turns, difference, sum};

/// How many vertices and literals lie behind the last ones, so that many can be read and written at once. The
/// last vertex of them is never written: zeros, which sums are moved by before anything is copied.
pub(super) const MARGIN: usize = STRIDE + 1;

/// Fills all of `out` but the [`MARGIN`] at its end, the vertices of `runs`, or tells what is wrong with the
/// copies.
pub(super) fn join(
    parts: &Parts,
    model: &Model,
    runs: &[i32],
    closed: &Closed,
    out: &mut [[i32; 2]],
) -> Result<(), &'static str> {
    // A loop for each, so that what a layer does not use costs it nothing.
    match (model.right_angles, model.start) {
        (false, None) => join_as::<false, false>(parts, [0; 2], runs, closed, out),
        (false, Some(start)) => join_as::<false, true>(parts, start, runs, closed, out),
        (true, None) => join_as::<true, false>(parts, [0; 2], runs, closed, out),
        (true, Some(start)) => join_as::<true, true>(parts, start, runs, closed, out),
    }
}

/// What of a run is copied, for [`Joiner::quick`].
#[derive(Clone, Copy)]
struct Form {
    /// Whether it is one of those that are put together quickly.
    quick: bool,
    /// Not 0 if the whole run is copied: as a number it makes for quicker code than as a bool, by 2 %.
    whole: usize,
    /// Whether the first vertex is copied, and whether the last one is.
    first: bool,
    last: bool,
    /// Whether what is copied first has a distance.
    far: bool,
}

const FORMS: [Form; 8] = {
    const NONE: Form = Form { quick: true, whole: 0, first: false, last: false, far: false };
    const SLOW: Form = Form { quick: false, ..NONE };
    let mut forms = [SLOW; 8];
    forms[Pattern::Literals as usize] = NONE;
    forms[Pattern::Onwards as usize] = Form { whole: usize::MAX, ..NONE };
    forms[Pattern::Forward as usize] = Form { whole: usize::MAX, far: true, ..NONE };
    forms[Pattern::First as usize] = Form { first: true, far: true, ..NONE };
    forms[Pattern::Last as usize] = Form { last: true, ..NONE };
    forms[Pattern::Ends as usize] = Form { first: true, last: true, far: true, ..NONE };
    forms
};

/// Where the parts are that come next.
#[derive(Clone, Copy, Default)]
struct State {
    literal: usize,
    distance: usize,
    /// Among those of steps.
    copy: usize,
    /// Where a copy would go on.
    next: usize,
    /// How far sums are moved: the difference between the vertex here, the last that was copied, and the sum
    /// of the literals up to there. Places rather than what is there, for which nobody has to wait.
    copied: usize,
    sum: usize,
}

impl State {
    /// Notes that the last vertex is what was copied from here.
    #[inline(always)]
    fn copied(&mut self, from: usize) {
        (self.copied, self.sum) = (from, self.literal);
    }

    /// The same, if so, without a branch, which could not be foreseen.
    #[inline(always)]
    fn copied_if(&mut self, so: bool, from: usize) {
        self.copied = select_unpredictable(so, from, self.copied);
        self.sum = select_unpredictable(so, self.literal, self.sum);
    }
}

/// A run of vertices, and whether it is a ring whose last right angle counts.
#[derive(Clone, Copy)]
struct Run {
    start: usize,
    end: usize,
    closed: bool,
}

#[inline(never)]
fn join_as<const RIGHT_ANGLES: bool, const CONSTANT: bool>(
    parts: &Parts,
    constant: [i32; 2],
    runs: &[i32],
    closed: &Closed,
    out: &mut [[i32; 2]],
) -> Result<(), &'static str> {
    let mut state = State { copied: out.len() - 1, ..State::default() };
    let mut joiner = Joiner::<RIGHT_ANGLES, CONSTANT> { parts, constant, out };
    let mut counts = parts.counts.iter();
    for (number, (range, &pattern)) in runs.windows(2).zip(&parts.patterns).enumerate() {
        let (start, end) = (range[0] as usize, range[1] as usize);
        let run = Run { start, end, closed: RIGHT_ANGLES && end - start >= 4 && closed.get(number) };
        let form = FORMS[usize::from(pattern) % 8];
        state = if form.quick {
            joiner.quick(state, form, run)?
        } else if pattern == Pattern::Backward as u8 {
            joiner.backward(state, start, end - start)?
        } else {
            joiner.steps(state, *counts.next().expect("a count for each run of steps"), run)?
        };
    }
    Ok(())
}

/// Puts vertices together. States are handed on rather than kept, so that they stay in registers.
struct Joiner<'a, const RIGHT_ANGLES: bool, const CONSTANT: bool> {
    parts: &'a Parts,
    /// The vertex that runs of literals start from.
    constant: [i32; 2],
    out: &'a mut [[i32; 2]],
}

impl<const RIGHT_ANGLES: bool, const CONSTANT: bool> Joiner<'_, RIGHT_ANGLES, CONSTANT> {
    /// A run that is copied as a whole, or is written but for its ends, of which one or both may be copied. What
    /// could be foreseen is a branch, by measurement; a first vertex is copied in any case, and overwritten.
    #[inline(always)]
    fn quick(&mut self, mut state: State, form: Form, run: Run) -> Result<State, &'static str> {
        let Run { start, end, .. } = run;
        let n = end - start;
        let far = start.wrapping_sub(self.distance(&state));
        state.next = select_unpredictable(form.far, far, state.next);
        state.distance += usize::from(form.far);
        if form.whole > 0 {
            return self.onwards(state, start, n);
        }
        let source = select_unpredictable(form.first, state.next, 0);
        if form.first & (source >= start) {
            return Err(TOO_MANY);
        }
        self.out[start] = self.out[source];
        state.copied_if(form.first, source);
        self.literals(&mut state, run, start + usize::from(form.first), end - usize::from(form.last));
        state.next += n;
        if form.last {
            let from = (end - 1).wrapping_sub(self.distance(&state));
            self.out[end - 1] = *self.out.get(from).ok_or(TOO_MANY)?;
            state.distance += 1;
            state.copied(from);
            state.next = from + 1;
        }
        Ok(state)
    }

    /// A run of literals and copies in turn.
    #[inline(never)]
    fn steps(&mut self, mut state: State, copies: u32, run: Run) -> Result<State, &'static str> {
        let mut place = run.start;
        for _ in 0..copies {
            let gap = self.parts.gaps[state.copy] as usize;
            self.literals(&mut state, run, place, place + gap);
            state.next += gap;
            place += gap;
            let len = match self.parts.lengths[state.copy] as usize {
                0 => run.end - place,
                len => len,
            };
            state = match self.parts.ways[state.copy] {
                WAY_FORWARD => {
                    state.next = place.checked_sub(self.distance(&state)).ok_or(TOO_EARLY)?;
                    state.distance += 1;
                    self.onwards(state, place, len)?
                }
                WAY_BACKWARD => self.backward(state, place, len)?,
                _ => self.onwards(state, place, len)?,
            };
            place += len;
            state.copy += 1;
        }
        self.literals(&mut state, run, place, run.end);
        state.next += run.end - place;
        Ok(state)
    }

    /// Writes the literals of `run` from `from` to `to`.
    #[inline(always)]
    fn literals(&mut self, state: &mut State, run: Run, from: usize, to: usize) {
        let count = to - from;
        let literals = &self.parts.literals[state.literal..];
        let starts = CONSTANT && from == run.start;
        if !RIGHT_ANGLES {
            let moved = match starts && count > 0 {
                true => difference(self.constant, literals[0]),
                false => difference(self.out[state.copied], self.parts.literals[state.sum]),
            };
            if let (Some(some), Some(room)) =
                (literals[1..].first_chunk::<STRIDE>(), self.out[from..].first_chunk_mut::<STRIDE>())
            {
                *room = move_by(some, moved);
            }
            if count > STRIDE {
                let out = self.out[from + STRIDE..to].iter_mut();
                out.zip(&literals[1 + STRIDE..]).for_each(|(out, &literal)| *out = sum(literal, moved));
            }
        } else if count > 0 {
            let before = match from {
                _ if starts => self.constant,
                0 => [0; 2],
                _ => self.out[from - 1],
            };
            let mut turns = Turns::new(&self.out[run.start..from], before);
            let last = run.closed && to == run.end;
            let (own, rest) = self.out[from..to].split_at_mut(count - usize::from(last));
            for (out, &components) in own.iter_mut().zip(&literals[1..]) {
                *out = turns.next(components);
            }
            for out in rest {
                *out = turns.last(literals[count], run.end - run.start);
            }
        }
        state.literal += count;
        if starts && count > 0 {
            // What follows does so behind the last of these literals.
            state.copied(to - 1);
        }
    }

    /// The next distance; 0, which is none, behind the last one.
    #[inline(always)]
    fn distance(&self, state: &State) -> usize {
        self.parts.distances.get(state.distance).map_or(0, |&distance| distance as usize)
    }

    #[inline(always)]
    fn onwards(&mut self, mut state: State, place: usize, len: usize) -> Result<State, &'static str> {
        if state.next > place || state.next + len > place {
            return Err(TOO_MANY);
        }
        copy_forward(self.out, state.next, place, len);
        state.next += len;
        state.copied(state.next - 1);
        Ok(state)
    }

    #[inline(always)]
    fn backward(&mut self, mut state: State, place: usize, len: usize) -> Result<State, &'static str> {
        let from = place.checked_sub(self.distance(&state)).ok_or(TOO_EARLY)?;
        state.distance += 1;
        if len > from + 1 {
            return Err(TOO_EARLY);
        }
        for index in 0..len {
            self.out[place + index] = self.out[from - index];
        }
        state.copied(from + 1 - len);
        state.next += len;
        Ok(state)
    }
}

const WAY_FORWARD: u8 = Way::Forward as u8;
const WAY_BACKWARD: u8 = Way::Backward as u8;

const TOO_MANY: &str = "a copy of more vertices than there are";
const TOO_EARLY: &str = "a copy from before the first vertex";
