//! Puts vertices together of what was read of them.
//!
//! ```text
//! first, second   the vertex before + the next literal of that position
//! further         sums[i] + (the vertex before − sums[i0]): a stretch of the sums of all further literals, moved,
//!                 so that no vertex waits for the one before it
//! ```

use std::hint::select_unpredictable;

use super::contexts::{
    DISTANCES, OF_BACKWARD, OF_FIRST, OF_FORWARD, OF_LAST, OF_STEPS, POSITIONS, Pattern, Way,
};
use super::copy::{STRIDE, copy_forward, move_by};
use super::fill::Parts;
use super::predict::{Closed, Model, Turns, difference, sum};
use crate::wire::bytes;

/// How many vertices and literals lie behind the last ones, so that many can be read and written at once.
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
    let all = parts.patterns.len() + 1 == runs.len();
    if all
        && *model == Model::default()
        && bytes::count(&parts.patterns, |of| of != Pattern::Literals as u8) == 0
    {
        join_literals(parts, runs, out);
        return Ok(());
    }
    // A loop for each, so that what a layer does not use costs it nothing.
    match (model.right_angles, model.start) {
        (false, None) => join_as::<false, false>(parts, [0; 2], runs, closed, out),
        (false, Some(start)) => join_as::<false, true>(parts, start, runs, closed, out),
        (true, None) => join_as::<true, false>(parts, [0; 2], runs, closed, out),
        (true, Some(start)) => join_as::<true, true>(parts, start, runs, closed, out),
    }
}

/// What of a run is copied.
#[derive(Clone, Copy)]
struct Form {
    /// Whether the first vertex is copied, and whether the last one is.
    first: bool,
    last: bool,
    /// Whether [`Joiner::twos`] takes it, if there are two vertices; and whether both are copied then, backwards.
    two: bool,
    backward: bool,
}

const FORMS: [Form; 8] = {
    const NONE: Form = Form { first: false, last: false, two: true, backward: false };
    let mut forms = [Form { two: false, ..NONE }; 8];
    forms[Pattern::Literals as usize] = NONE;
    forms[Pattern::Backward as usize] = Form { first: true, backward: true, ..NONE };
    forms[Pattern::First as usize] = Form { first: true, ..NONE };
    forms[Pattern::Last as usize] = Form { last: true, ..NONE };
    forms[Pattern::Ends as usize] = Form { first: true, last: true, ..NONE };
    forms
};

/// Where the parts are that come next.
struct State {
    /// Among literals, by position.
    literals: [usize; POSITIONS],
    /// Among distances, by what they are for.
    distances: [usize; DISTANCES],
    /// Among the copies of steps.
    copy: usize,
    /// Where a copy would go on.
    next: usize,
    /// The vertex here, the last one.
    vertex: [i32; 2],
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
    let mut joiner = Joiner::<RIGHT_ANGLES, CONSTANT> {
        parts,
        constant,
        out,
        state: State { literals: [0; POSITIONS], distances: parts.starts, copy: 0, next: 0, vertex: [0; 2] },
    };
    let mut counts = parts.counts.iter();
    let mut number = 0;
    while let (Some(&pattern), [start, end, ..]) = (parts.patterns.get(number), &runs[number..]) {
        let (start, end) = (*start as usize, *end as usize);
        let form = FORMS[usize::from(pattern) % 8];
        if form.two && end - start == 2 {
            number += joiner.twos(&parts.patterns[number..], &runs[number..])?;
            continue;
        } else if pattern == Pattern::Onwards as u8 {
            // Where a layer is in another one, that is all there is for long.
            let patterns = parts.patterns[number..].iter();
            let count = patterns.take_while(|&&pattern| pattern == Pattern::Onwards as u8).count();
            joiner.onwards_for_long(&runs[number..=number + count])?;
            number += count;
            continue;
        } else {
            let run = Run { start, end, closed: RIGHT_ANGLES && end - start >= 4 && closed.get(number) };
            match Pattern::ALL[usize::from(pattern) % 8] {
                Pattern::Forward => joiner.forward(OF_FORWARD, start, end - start)?,
                Pattern::Backward => joiner.backward(OF_BACKWARD, start, end - start)?,
                Pattern::Steps => {
                    joiner.steps(*counts.next().expect("a count for each run of steps"), run)?;
                }
                _ => joiner.literals_between(form, run)?,
            }
        }
        number += 1;
    }
    // Runs without a pattern, at the end.
    match &runs[number..] {
        onwards @ [_, _, ..] => joiner.onwards_for_long(onwards),
        _ => Ok(()),
    }
}

/// The same where all are literals.
#[inline(never)]
fn join_literals(parts: &Parts, runs: &[i32], out: &mut [[i32; 2]]) {
    let [firsts, seconds, further, _] = parts.literals.each_ref().map(Vec::as_slice);
    let mut seconds = seconds.iter();
    let mut vertex = [0; 2];
    let mut done = 0;
    for (run, &first) in runs.windows(2).zip(firsts) {
        let (start, end) = (run[0] as usize, run[1] as usize);
        vertex = sum(vertex, first);
        out[start] = vertex;
        if end - start > 1 {
            vertex = sum(vertex, *seconds.next().expect("as many as were counted"));
            out[start + 1] = vertex;
        }
        if end - start > 2 {
            vertex = write_further(vertex, &further[done..], out, start + 2, end);
            done += end - start - 2;
        }
    }
}

/// Writes further literals from `place` to `to`, behind `vertex`; gives the last one. The first of `sums` is the one
/// up to there.
#[inline(always)]
fn write_further(
    vertex: [i32; 2],
    sums: &[[i32; 2]],
    out: &mut [[i32; 2]],
    place: usize,
    to: usize,
) -> [i32; 2] {
    let moved = difference(vertex, sums[0]);
    if let (Some(some), Some(room)) =
        (sums[1..].first_chunk::<STRIDE>(), out[place..].first_chunk_mut::<STRIDE>())
    {
        *room = move_by(some, moved);
    }
    if to - place > STRIDE {
        let out = out[place + STRIDE..to].iter_mut();
        out.zip(&sums[1 + STRIDE..]).for_each(|(out, &literal)| *out = sum(literal, moved));
    }
    sum(sums[to - place], moved)
}

/// Puts vertices together.
struct Joiner<'a, const RIGHT_ANGLES: bool, const CONSTANT: bool> {
    parts: &'a Parts,
    /// The vertex that runs of literals start from.
    constant: [i32; 2],
    out: &'a mut [[i32; 2]],
    state: State,
}

impl<const RIGHT_ANGLES: bool, const CONSTANT: bool> Joiner<'_, RIGHT_ANGLES, CONSTANT> {
    /// Runs of two vertices, each copied or a literal, up to the first that is none; gives their number. Without
    /// branches, as it could not be foreseen which they are, and with all that changes in registers.
    #[inline(always)]
    fn twos(&mut self, patterns: &[u8], runs: &[i32]) -> Result<usize, &'static str> {
        let Parts { distances, literals: [firsts, seconds, ..], .. } = self.parts;
        let State { literals: [mut first, mut second, ..], mut next, mut vertex, .. } = self.state;
        let [_, mut of_backward, mut of_first, mut of_last, ..] = self.state.distances;
        let literal = |literals: &[[i32; 2]], place: usize| literals.get(place).copied().unwrap_or_default();
        let mut count = 0;
        for ((&pattern, &start), &end) in patterns.iter().zip(runs).zip(&runs[1..]) {
            let form = FORMS[usize::from(pattern) % 8];
            if !form.two | (end - start != 2) {
                break;
            }
            let start = start as usize;
            let distance = distances[select_unpredictable(form.backward, of_backward, of_first)] as usize;
            let from = start.checked_sub(select_unpredictable(form.first, distance, 0)).ok_or(TOO_EARLY)?;
            of_backward += usize::from(form.backward);
            of_first += usize::from(form.first & !form.backward);
            let copied = self.out[from];
            let before = if CONSTANT { self.constant } else { vertex };
            vertex = select(form.first, copied, sum(before, literal(firsts, first)));
            first += usize::from(!form.first);
            self.out[start] = vertex;
            let both = form.last | form.backward;
            let distance = select_unpredictable(form.last, distances[of_last] as usize, 0);
            of_last += usize::from(form.last);
            let of_the_last = (start + 1).checked_sub(distance).ok_or(TOO_EARLY)?;
            // Before the first vertex there is none, at no place of the machine.
            let from_last = select_unpredictable(form.backward, from.wrapping_sub(1), of_the_last);
            let copied = *self.out.get(from_last).ok_or(TOO_EARLY)?;
            vertex = select(both, copied, sum(vertex, literal(seconds, second)));
            second += usize::from(!both);
            self.out[start + 1] = vertex;
            next = select_unpredictable(form.first & !form.backward, from, next) + 2;
            next = select_unpredictable(form.last, from_last.wrapping_add(1), next);
            count += 1;
        }
        (self.state.literals[0], self.state.literals[1]) = (first, second);
        (self.state.next, self.state.vertex) = (next, vertex);
        let [_, backward, of_the_first, of_the_last, ..] = &mut self.state.distances;
        (*backward, *of_the_first, *of_the_last) = (of_backward, of_first, of_last);
        Ok(count)
    }

    /// A run of literals, but for its ends, of which one or both may be copied.
    #[inline(always)]
    fn literals_between(&mut self, form: Form, run: Run) -> Result<(), &'static str> {
        let Run { start, end, .. } = run;
        if form.first {
            let from = start.checked_sub(self.distance(OF_FIRST)).ok_or(TOO_EARLY)?;
            self.state.vertex = self.out[from];
            self.out[start] = self.out[from];
            self.state.next = from;
        }
        self.literals(run, start + usize::from(form.first), end - usize::from(form.last));
        self.state.next += end - start;
        if form.last {
            let from = (end - 1).checked_sub(self.distance(OF_LAST)).ok_or(TOO_EARLY)?;
            self.state.vertex = self.out[from];
            self.out[end - 1] = self.out[from];
            self.state.next = from + 1;
        }
        Ok(())
    }

    /// A run of literals and copies in turn.
    #[inline(never)]
    fn steps(&mut self, copies: u32, run: Run) -> Result<(), &'static str> {
        let mut place = run.start;
        for _ in 0..copies {
            let copy = self.state.copy;
            let gap = self.parts.gaps[copy] as usize;
            self.literals(run, place, place + gap);
            self.state.next += gap;
            place += gap;
            let len = match self.parts.lengths[copy] as usize {
                0 => run.end - place,
                len => len,
            };
            match self.parts.ways[copy] {
                WAY_FORWARD => self.forward(OF_STEPS + usize::from(WAY_FORWARD), place, len)?,
                WAY_BACKWARD => self.backward(OF_STEPS + usize::from(WAY_BACKWARD), place, len)?,
                _ => self.onwards(place, len)?,
            }
            place += len;
            self.state.copy += 1;
        }
        self.literals(run, place, run.end);
        self.state.next += run.end - place;
        Ok(())
    }

    /// Writes the literals of `run` from `from` to `to`.
    #[inline(always)]
    fn literals(&mut self, run: Run, from: usize, to: usize) {
        let mut place = from;
        if place == run.start && place < to {
            let before = if CONSTANT { self.constant } else { self.state.vertex };
            self.write(sum(before, self.parts.literals[0][self.state.literals[0]]), &mut place);
            self.state.literals[0] += 1;
        }
        if place == run.start + 1 && place < to {
            self.write(sum(self.state.vertex, self.parts.literals[1][self.state.literals[1]]), &mut place);
            self.state.literals[1] += 1;
        }
        if place >= to {
            return;
        }
        let count = to - place;
        let last = usize::from(RIGHT_ANGLES && run.closed && to == run.end);
        let further = self.state.literals[2];
        self.state.literals[2] += count - last;
        if RIGHT_ANGLES {
            let mut turns = Turns::new(&self.out[run.start..place], self.state.vertex);
            for &components in &self.parts.literals[2][further..][..count - last] {
                self.write(turns.next(components), &mut place);
            }
            if last > 0 {
                let components = self.parts.literals[3][self.state.literals[3]];
                self.state.literals[3] += 1;
                self.write(turns.last(components, run.end - run.start), &mut place);
            }
            return;
        }
        let literals = &self.parts.literals[2][further..];
        self.state.vertex = write_further(self.state.vertex, literals, self.out, place, to);
    }

    /// Writes the next vertex, and moves on.
    #[inline(always)]
    fn write(&mut self, vertex: [i32; 2], place: &mut usize) {
        self.out[*place] = vertex;
        self.state.vertex = vertex;
        *place += 1;
    }

    /// The next distance for `of`.
    #[inline(always)]
    fn distance(&mut self, of: usize) -> usize {
        let place = &mut self.state.distances[of];
        *place += 1;
        self.parts.distances[*place - 1] as usize
    }

    #[inline(always)]
    fn onwards(&mut self, place: usize, len: usize) -> Result<(), &'static str> {
        let next = self.state.next;
        if next > place || next + len > place {
            return Err(TOO_MANY);
        }
        copy_forward(self.out, next, place, len);
        self.state.next = next + len;
        self.state.vertex = self.out[next + len - 1];
        Ok(())
    }

    /// Runs that are all copied onwards, in one go if what they are copied from lies before all of them.
    #[inline(always)]
    fn onwards_for_long(&mut self, runs: &[i32]) -> Result<(), &'static str> {
        let (start, end) = (runs[0] as usize, runs[runs.len() - 1] as usize);
        if self.state.next + (end - start) <= start {
            return self.onwards(start, end - start);
        }
        runs.windows(2).try_for_each(|run| self.onwards(run[0] as usize, (run[1] - run[0]) as usize))
    }

    #[inline(always)]
    fn forward(&mut self, of: usize, place: usize, len: usize) -> Result<(), &'static str> {
        self.state.next = place.checked_sub(self.distance(of)).ok_or(TOO_EARLY)?;
        self.onwards(place, len)
    }

    #[inline(always)]
    fn backward(&mut self, of: usize, place: usize, len: usize) -> Result<(), &'static str> {
        let from = place.checked_sub(self.distance(of)).ok_or(TOO_EARLY)?;
        if len > from + 1 {
            return Err(TOO_EARLY);
        }
        for index in 0..len {
            self.out[place + index] = self.out[from - index];
        }
        self.state.vertex = self.out[from + 1 - len];
        self.state.next += len;
        Ok(())
    }
}

/// One of two vertices, without a branch.
#[inline(always)]
fn select(condition: bool, one: [i32; 2], other: [i32; 2]) -> [i32; 2] {
    bytemuck::cast(select_unpredictable::<u64>(condition, bytemuck::cast(one), bytemuck::cast(other)))
}

const WAY_FORWARD: u8 = Way::Forward as u8;
const WAY_BACKWARD: u8 = Way::Backward as u8;

const TOO_MANY: &str = "a copy of more vertices than there are";
const TOO_EARLY: &str = "a copy from before the first vertex";
