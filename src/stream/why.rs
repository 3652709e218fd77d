//! What was tried for a stream, for those who ask why it is coded as it is.

use std::cell::RefCell;
use std::rc::Rc;

use super::Encoded;
use super::choose::Chooser;

/// An encoding that was tried for a stream, and what it costs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tried {
    /// The encoding, and within parentheses those of what it is made of.
    pub encoding: String,
    /// The length of the payload, as the encoder reckons it before it writes one: to the byte but where
    /// entropy coding is part of it.
    pub bytes: usize,
    /// Picoseconds to decode it, by the encoder's table of times.
    pub time: u64,
    /// Picoseconds to fetch and to decode it: what the encoder goes by.
    pub price: u64,
    /// Whether it is the one that was taken.
    pub taken: bool,
}

/// What was tried in each choice, by what came of it. A choice within another one is there too. Clones write to the
/// same log.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Rc<RefCell<Vec<Choice>>>);

/// What was taken, and what was tried.
type Choice = (Encoded, Vec<Tried>);

impl Log {
    /// Keeps that `chosen` was taken among `tried`.
    pub(crate) fn note(&self, chosen: &Encoded, tried: Vec<Tried>) {
        self.0.borrow_mut().push((chosen.clone(), tried));
    }

    /// What was tried last where `chosen` was taken; nothing if there was no choice.
    pub(crate) fn of(&self, chosen: &Encoded) -> Vec<Tried> {
        let log = self.0.borrow();
        log.iter().rev().find(|(other, _)| other.is(chosen)).map_or(Vec::new(), |(_, tried)| tried.clone())
    }
}

impl Chooser {
    /// What an encoding of these bytes and this time to decode costs, as [`Tried`].
    pub(crate) fn tried(&self, encoding: impl ToString, bytes: usize, time: u64) -> Tried {
        let price = bytes as u64 * self.byte_time + time;
        Tried { encoding: encoding.to_string(), bytes, time, price, taken: false }
    }

    /// Keeps what was tried for a stream that became `chosen`, the encoding named `taken`, if somebody
    /// asks.
    pub(crate) fn note(&self, chosen: &Encoded, taken: impl ToString, tried: impl FnOnce() -> Vec<Tried>) {
        if let Some(log) = &self.log {
            let (taken, mut tried) = (taken.to_string(), tried());
            tried.iter_mut().for_each(|one| one.taken = one.encoding == taken);
            log.note(chosen, tried);
        }
    }

    /// Keeps, if somebody asks, that beside all that was tried for `best` there was `tried`, which made
    /// `other` and was taken if it is `better`.
    pub(crate) fn note_also(&self, best: &Encoded, other: &Encoded, better: bool, tried: Tried) {
        if let Some(log) = &self.log {
            let mut all = log.of(best);
            if better {
                all.iter_mut().for_each(|one| one.taken = false);
            }
            all.push(Tried { taken: better, ..tried });
            log.note(if better { other } else { best }, all);
        }
    }
}
