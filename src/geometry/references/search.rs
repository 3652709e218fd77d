//! Where earlier vertices could be copied from.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::contexts::{BACKWARD, FORWARD};

/// No earlier vertex.
const NONE: u32 = u32::MAX;

/// How many earlier places of a vertex are looked at.
const TRIES: usize = 8;

/// For every vertex, the nearest earlier place of the same vertex.
pub(super) struct Earlier(Vec<u32>);

/// A stretch that could be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) kind: usize,
    pub(super) from: usize,
    pub(super) len: usize,
}

impl Earlier {
    pub(super) fn new(vertices: &[[i32; 2]]) -> Self {
        let mut last: HashMap<[i32; 2], u32, FixedState> =
            HashMap::with_capacity_and_hasher(vertices.len(), FixedState::default());
        let places = vertices.iter().enumerate();
        Self(places.map(|(place, &vertex)| last.insert(vertex, place as u32).unwrap_or(NONE)).collect())
    }

    /// Calls `found` with the stretches that continue like the run from `place` to `end` does, each
    /// longer than those of its kind before.
    #[inline]
    pub(super) fn matches(
        &self,
        vertices: &[[i32; 2]],
        place: usize,
        end: usize,
        mut found: impl FnMut(Match),
    ) {
        let (mut longest_forward, mut longest_backward) = (0, 1);
        let mut from = self.0[place];
        for _ in 0..TRIES {
            if from == NONE {
                break;
            }
            let start = from as usize;
            let len = forward(vertices, start, place, end);
            if len > longest_forward {
                longest_forward = len;
                found(Match { kind: FORWARD, from: start, len });
            }
            let backwards = vertices[..start].iter().rev();
            let len = 1 + backwards.zip(&vertices[place + 1..end]).take_while(|(a, b)| a == b).count();
            if len > longest_backward {
                longest_backward = len;
                found(Match { kind: BACKWARD, from: start, len });
            }
            from = self.0[start];
        }
    }
}

/// How many vertices from `from` on, before `place`, equal those from `place` to `end`.
#[inline]
pub(super) fn forward(vertices: &[[i32; 2]], from: usize, place: usize, end: usize) -> usize {
    vertices[from..place].iter().zip(&vertices[place..end]).take_while(|(a, b)| a == b).count()
}
