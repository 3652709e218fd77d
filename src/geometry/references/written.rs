//! What there is to be read of literals and distances: what the patterns of the runs say.

use super::contexts::{DISTANCES, OF_STEPS, POSITIONS, Pattern, Position};
use super::fill::Parts;
use super::predict::{Closed, Model};
use super::symbols::has_distance;

/// How many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    /// Of literals by position.
    pub(super) literals: [usize; POSITIONS],
    /// Of distances by what they are for.
    pub(super) distances: [usize; DISTANCES],
}

impl Written {
    /// Counts, or tells what is wrong with the copies.
    pub(super) fn new(
        parts: &Parts,
        model: &Model,
        runs: &[i32],
        closed: &Closed,
    ) -> Result<Self, &'static str> {
        let mut written = Self::default();
        written.count(&parts.patterns, runs)?;
        if model.right_angles && closed.any() {
            written.count_last(&parts.patterns, runs, closed);
        }
        if !parts.counts.is_empty() {
            written.count_steps(parts, model, runs, closed)?;
        }
        Ok(written)
    }

    /// All but those of runs of steps, and the last ones of rings as if they were others. Without branches, so that
    /// compilers take many at a time.
    #[inline(never)]
    fn count(&mut self, patterns: &[u8], runs: &[i32]) -> Result<(), &'static str> {
        let [mut first, mut second, mut further] = [0u32; 3];
        let [mut of_forward, mut of_backward, mut of_first, mut of_last] = [0u32; 4];
        let mut too_short = 0;
        for ((&pattern, &start), &end) in patterns.iter().zip(runs).zip(&runs[1..]) {
            let n = (end - start) as u32;
            let is = |other: Pattern| u32::from(pattern == other as u8);
            let (ends, last) = (is(Pattern::Ends), is(Pattern::Last) | is(Pattern::Ends));
            let own = is(Pattern::Literals) | is(Pattern::First) | last;
            // Up to where there are literals, if they start with the first vertex.
            let to = (n.max(last) - last) * own;
            first += u32::from(to > 0) & (is(Pattern::Literals) | is(Pattern::Last));
            second += u32::from(to > 1);
            further += to.max(2) - 2;
            of_forward += is(Pattern::Forward);
            of_backward += is(Pattern::Backward);
            of_first += is(Pattern::First) | ends;
            of_last += last;
            too_short |= ends & u32::from(n < 2);
        }
        self.literals = [first, second, further, 0].map(|count| count as usize);
        self.distances = [of_forward, of_backward, of_first, of_last, 0, 0].map(|count| count as usize);
        match too_short {
            0 => Ok(()),
            _ => Err("two ends of a run of one vertex"),
        }
    }

    /// Makes those of [`Position::Further`] that are last vertices of rings such.
    fn count_last(&mut self, patterns: &[u8], runs: &[i32], closed: &Closed) {
        let is_last = |(run, (range, &pattern)): (usize, (&[i32], &u8))| {
            let to_the_end = (pattern == Pattern::Literals as u8) | (pattern == Pattern::First as u8);
            usize::from(to_the_end & (range[1] - range[0] >= 4) & closed.get(run))
        };
        let last: usize = runs.windows(2).zip(patterns).enumerate().map(is_last).sum();
        self.literals[Position::Further as usize] -= last;
        self.literals[Position::Last as usize] += last;
    }

    fn count_steps(
        &mut self,
        parts: &Parts,
        model: &Model,
        runs: &[i32],
        closed: &Closed,
    ) -> Result<(), &'static str> {
        // Most stretches of runs have none.
        let stretches = parts.patterns.chunks(STRETCH).enumerate();
        let stretches = stretches.filter(|(_, stretch)| stretch.contains(&(Pattern::Steps as u8)));
        let steps = stretches.flat_map(|(number, stretch)| {
            let all = (STRETCH * number..).zip(stretch);
            all.filter(|(_, pattern)| **pattern == Pattern::Steps as u8).map(|(run, _)| run)
        });
        let mut copy = 0;
        for (run, &count) in steps.zip(&parts.counts) {
            let n = (runs[run + 1] - runs[run]) as usize;
            let mut literals = |from: usize, to: usize| {
                for place in from..to {
                    self.literals[model.position(place, n, closed.get(run)) as usize] += 1;
                }
            };
            let mut place = 0;
            for _ in 0..count {
                let (gap, len) = (parts.gaps[copy] as usize, parts.lengths[copy] as usize);
                if gap >= n - place {
                    return Err("a copy behind the end of its run");
                }
                literals(place, place + gap);
                place += gap;
                let len = if len == 0 { n - place } else { len };
                if len > n - place {
                    return Err("a copy past the end of its run");
                }
                place += len;
                copy += 1;
            }
            literals(place, n);
        }
        for &way in parts.ways.iter().filter(|&&way| has_distance(way.into())) {
            self.distances[OF_STEPS + usize::from(way)] += 1;
        }
        Ok(())
    }
}

/// How many runs are looked at together.
const STRETCH: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// One by one.
        #[test]
        fn counts(
            some in prop::collection::vec((0u8..7, 1i32..7, any::<bool>()), 0..40), right_angles: bool,
        ) {
            let mut runs = vec![0];
            some.iter().for_each(|(_, n, _)| runs.push(runs[runs.len() - 1] + n));
            let model = Model { right_angles, ..Model::default() };
            let closed = Closed::Each(some.iter().map(|(.., closed)| *closed).collect());
            let patterns: Vec<u8> = some.iter().map(|(pattern, ..)| *pattern).collect();
            let parts = Parts { patterns, ..Parts::default() };
            let mut expected = Written::default();
            let mut too_short = false;
            for &(pattern, n, closed) in &some {
                let (first, last) = match Pattern::ALL[usize::from(pattern)] {
                    Pattern::First => (true, false),
                    Pattern::Last => (false, true),
                    Pattern::Ends => (true, true),
                    _ => (false, false),
                };
                too_short |= first && last && n < 2;
                let distances = match Pattern::ALL[usize::from(pattern)] {
                    Pattern::Forward => vec![0],
                    Pattern::Backward => vec![1],
                    _ => [(first, 2), (last, 3)].iter().filter(|(is, _)| *is).map(|(_, of)| *of).collect(),
                };
                distances.into_iter().for_each(|of: usize| expected.distances[of] += 1);
                if matches!(pattern, 1..=3) {
                    continue;
                }
                for place in 0..n as usize {
                    if !(first && place == 0 || last && place + 1 == n as usize) {
                        expected.literals[model.position(place, n as usize, closed) as usize] += 1;
                    }
                }
            }
            match Written::new(&parts, &model, &runs, &closed) {
                Ok(written) => prop_assert!(!too_short && written == expected, "{written:?} {expected:?}"),
                Err(_) => prop_assert!(too_short),
            }
        }
    }
}
