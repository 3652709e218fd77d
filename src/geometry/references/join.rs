//! Puts vertices together of what was read of them.

use super::contexts::{Pattern, Way};
use super::copy::{STRIDE, copy_forward};
use super::fill::Parts;
use super::predict::{Closed, Model};

/// Fills `out`, the vertices of `runs`, or tells what is wrong with the copies.
pub(super) fn join(
    parts: &Parts,
    model: &Model,
    runs: &[i32],
    closed: &Closed,
    out: &mut [[i32; 2]],
) -> Result<(), &'static str> {
    let joiner = Joiner { parts, out, literal: 0, distance: 0, copy: 0, next: 0, before: [0; 2] };
    match model.right_angles {
        // A loop for each, so that what a layer does not use costs it nothing.
        true => joiner.join(&Model { right_angles: true, ..*model }, runs, closed),
        false => joiner.join(&Model { right_angles: false, ..*model }, runs, closed),
    }
}

const PATTERN_LITERALS: u8 = Pattern::Literals as u8;
const PATTERN_ONWARDS: u8 = Pattern::Onwards as u8;
const PATTERN_FORWARD: u8 = Pattern::Forward as u8;
const PATTERN_BACKWARD: u8 = Pattern::Backward as u8;
const PATTERN_FIRST: u8 = Pattern::First as u8;
const PATTERN_LAST: u8 = Pattern::Last as u8;
const PATTERN_ENDS: u8 = Pattern::Ends as u8;

/// How many literals are added up at once: more than most runs have.
const FEW: usize = 4;

/// What of a run is copied, for [`Joiner::quick`].
#[derive(Clone, Copy)]
struct Form {
    /// Whether it is one of those that are put together quickly.
    quick: bool,
    /// All bits if the whole run is copied.
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

#[inline(always)]
fn sum(a: [i32; 2], b: [i32; 2]) -> [i32; 2] {
    [a[0].wrapping_add(b[0]), a[1].wrapping_add(b[1])]
}

/// Puts vertices together.
struct Joiner<'a> {
    parts: &'a Parts,
    out: &'a mut [[i32; 2]],
    /// Where the next literal, distance and copy among steps stand.
    literal: usize,
    distance: usize,
    copy: usize,
    /// Where a copy would go on.
    next: usize,
    before: [i32; 2],
}

impl Joiner<'_> {
    #[inline(always)]
    fn join(mut self, model: &Model, runs: &[i32], closed: &Closed) -> Result<(), &'static str> {
        let mut counts = self.parts.counts.iter();
        for (run, (range, &pattern)) in runs.windows(2).zip(&self.parts.patterns).enumerate() {
            let (start, end) = (range[0] as usize, range[1] as usize);
            let n = end - start;
            let form = FORMS[usize::from(pattern) % 8];
            if !model.right_angles && form.quick && end + STRIDE <= self.out.len() {
                self.quick(form, model.start, start, end)?;
                continue;
            }
            let run = Run { start, end, closed: model.right_angles && closed.get(run) };
            match pattern {
                PATTERN_LITERALS => {
                    self.literals(model, &run, start, end);
                    self.next += n;
                }
                PATTERN_ONWARDS => self.onwards(start, n)?,
                PATTERN_FORWARD => self.forward(start, n)?,
                PATTERN_BACKWARD => self.backward(start, n)?,
                PATTERN_FIRST => {
                    self.forward(start, 1)?;
                    self.literals(model, &run, start + 1, end);
                    self.next += n - 1;
                }
                PATTERN_LAST => {
                    self.literals(model, &run, start, end - 1);
                    self.forward(end - 1, 1)?;
                }
                PATTERN_ENDS => {
                    self.forward(start, 1)?;
                    self.literals(model, &run, start + 1, end - 1);
                    self.forward(end - 1, 1)?;
                }
                _ => {
                    let mut place = start;
                    for _ in 0..*counts.next().expect("a count for each run of steps") {
                        let gap = self.parts.gaps[self.copy] as usize;
                        self.literals(model, &run, place, place + gap);
                        self.next += gap;
                        place += gap;
                        let len = match self.parts.lengths[self.copy] as usize {
                            0 => end - place,
                            len => len,
                        };
                        match self.parts.ways[self.copy] {
                            WAY_FORWARD => self.forward(place, len)?,
                            WAY_BACKWARD => self.backward(place, len)?,
                            _ => self.onwards(place, len)?,
                        }
                        place += len;
                        self.copy += 1;
                    }
                    self.literals(model, &run, place, end);
                    self.next += end - place;
                }
            }
        }
        Ok(())
    }

    /// A run of whose vertices those of the first part are copied forwards, those of the second one
    /// written, and the last one perhaps copied. Any of the parts may be empty: what each of them does
    /// is done in any case, since whether it is wanted could not be foreseen, and overwritten if it is not.
    #[inline(always)]
    fn quick(
        &mut self,
        form: Form,
        constant: Option<[i32; 2]>,
        start: usize,
        end: usize,
    ) -> Result<(), &'static str> {
        let n = end - start;
        let distance =
            |number: usize| self.parts.distances.get(number).map_or(0, |&distance| distance as usize);
        let head = n & form.whole | usize::from(form.first);
        let from = if form.far { start.wrapping_sub(distance(self.distance)) } else { self.next };
        self.distance += usize::from(form.far);
        if from > start || from + head > start {
            return Err(TOO_MANY);
        }
        copy_forward(self.out, from, start, STRIDE);
        if head > STRIDE {
            self.out.copy_within(from..from + head, start);
        }
        let written = n - head - usize::from(form.last);
        let mut before = match (head, constant) {
            (0, Some(constant)) => constant,
            (0, None) => self.before,
            _ => self.out[start + head - 1],
        };
        let literals = &self.parts.literals[self.literal..];
        let out = &mut self.out[start + head..];
        let mut done = 0;
        if let (Some(literals), Some(out)) = (literals.first_chunk::<FEW>(), out.first_chunk_mut::<FEW>()) {
            for (out, literal) in out.iter_mut().zip(literals) {
                before = sum(before, *literal);
                *out = before;
            }
            done = FEW;
        }
        if written > done {
            if done > 0 {
                before = out[done - 1];
            }
            for (out, literal) in out[done..written].iter_mut().zip(&literals[done..written]) {
                before = sum(before, *literal);
                *out = before;
            }
        }
        self.literal += written;
        self.next = from + head + written;

        let last = end - 1;
        let far = if form.last { distance(self.distance) } else { 0 };
        self.distance += usize::from(form.last);
        let from = last.checked_sub(far).ok_or(TOO_MANY)?;
        self.before = self.out[from];
        self.out[last] = self.before;
        self.next = if form.last { from + 1 } else { self.next };
        Ok(())
    }

    /// Writes the literals from `from` to `to`.
    #[inline(always)]
    fn literals(&mut self, model: &Model, run: &Run, from: usize, to: usize) {
        let literals = &self.parts.literals[self.literal..self.literal + to - from];
        self.literal += to - from;
        if model.right_angles {
            for (place, &components) in (from..to).zip(literals) {
                let position = model.position(place - run.start, run.end - run.start, run.closed);
                let earlier = &self.out[run.start..place];
                self.before = model.vertex(components, earlier, position, run.end - run.start, self.before);
                self.out[place] = self.before;
            }
            return;
        }
        let mut before = match model.start {
            Some(start) if from == run.start && from < to => start,
            _ => self.before,
        };
        for (out, &[a, b]) in self.out[from..to].iter_mut().zip(literals) {
            before = sum(before, [a, b]);
            *out = before;
        }
        self.before = before;
    }

    #[inline(always)]
    fn distance(&mut self) -> usize {
        self.distance += 1;
        self.parts.distances[self.distance - 1] as usize
    }

    #[inline(always)]
    fn onwards(&mut self, place: usize, len: usize) -> Result<(), &'static str> {
        self.copy(self.next, place, len)?;
        self.next += len;
        Ok(())
    }

    #[inline(always)]
    fn forward(&mut self, place: usize, len: usize) -> Result<(), &'static str> {
        let from = place.checked_sub(self.distance()).ok_or(TOO_EARLY)?;
        self.copy(from, place, len)?;
        self.next = from + len;
        Ok(())
    }

    #[inline(always)]
    fn copy(&mut self, from: usize, place: usize, len: usize) -> Result<(), &'static str> {
        if from + len > place {
            return Err(TOO_MANY);
        }
        copy_forward(self.out, from, place, len);
        self.before = self.out[place + len - 1];
        Ok(())
    }

    #[inline(always)]
    fn backward(&mut self, place: usize, len: usize) -> Result<(), &'static str> {
        let from = place.checked_sub(self.distance()).ok_or(TOO_EARLY)?;
        if len > from + 1 {
            return Err(TOO_EARLY);
        }
        for index in 0..len {
            self.out[place + index] = self.out[from - index];
        }
        self.before = self.out[place + len - 1];
        self.next += len;
        Ok(())
    }
}

const WAY_FORWARD: u8 = Way::Forward as u8;
const WAY_BACKWARD: u8 = Way::Backward as u8;

const TOO_MANY: &str = "a copy of more vertices than there are";
const TOO_EARLY: &str = "a copy from before the first vertex";

/// A run of vertices, and whether it is a ring whose right angles count.
struct Run {
    start: usize,
    end: usize,
    closed: bool,
}
