//! Where earlier vertices could be copied from.

/// No earlier vertex.
const NONE: u32 = u32::MAX;

/// For every vertex, the nearest earlier place of a vertex with the same hash: mostly the same
/// vertex.
pub(super) struct Earlier(Vec<u32>);

/// A stretch that could be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Match {
    /// Whether it goes on in the order opposite to that of the earlier vertices.
    pub(super) backward: bool,
    pub(super) from: usize,
    pub(super) len: usize,
}

impl Earlier {
    pub(super) fn new(vertices: &[[i32; 2]]) -> Self {
        // At least as many slots as vertices.
        let bits = usize::BITS - vertices.len().leading_zeros();
        let mut last = vec![NONE; 1 << bits];
        let places = vertices.iter().enumerate();
        Self(
            places
                .map(|(place, vertex)| std::mem::replace(&mut last[slot(vertex, bits)], place as u32))
                .collect(),
        )
    }

    /// Whether there may be an earlier place of the vertex at `place`.
    pub(super) fn may_have(&self, place: usize) -> bool {
        self.0[place] != NONE
    }

    /// The nearest earlier place of the vertex at `place`, among the `tries` that are looked at.
    pub(super) fn nearest(&self, vertices: &[[i32; 2]], place: usize, tries: usize) -> Option<usize> {
        let mut from = self.0[place];
        for _ in 0..tries {
            if from == NONE {
                break;
            }
            if vertices[from as usize] == vertices[place] {
                return Some(from as usize);
            }
            from = self.0[from as usize];
        }
        None
    }

    /// Calls `found` with the stretches that continue like the run from `place` to `end` does, each
    /// longer than those of its kind before; at most `tries` earlier places are looked at.
    #[inline]
    pub(super) fn matches(
        &self,
        vertices: &[[i32; 2]],
        place: usize,
        end: usize,
        tries: usize,
        mut found: impl FnMut(Match),
    ) {
        let (mut longest_forward, mut longest_backward) = (0, 1);
        let mut from = self.0[place];
        for _ in 0..tries {
            if from == NONE {
                break;
            }
            let start = from as usize;
            from = self.0[start];
            if vertices[start] != vertices[place] {
                continue;
            }
            let len = forward(vertices, start, place, end);
            if len > longest_forward {
                longest_forward = len;
                found(Match { backward: false, from: start, len });
            }
            let backwards = vertices[..start].iter().rev();
            let len = 1 + backwards.zip(&vertices[place + 1..end]).take_while(|(a, b)| a == b).count();
            if len > longest_backward {
                longest_backward = len;
                found(Match { backward: true, from: start, len });
            }
        }
    }
}

/// The slot of a vertex in a table of 2^bits: the highest bits of a product, in which all bits of
/// the vertex meet.
#[inline(always)]
fn slot(&[x, y]: &[i32; 2], bits: u32) -> usize {
    let both = u64::from(x as u32) << 32 | u64::from(y as u32);
    let mixed = (both ^ both >> 29).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 1 >> (63 - bits)) as usize
}

/// How many vertices from `from` on, before `place`, equal those from `place` to `end`.
#[inline]
pub(super) fn forward(vertices: &[[i32; 2]], from: usize, place: usize, end: usize) -> usize {
    vertices[from..place].iter().zip(&vertices[place..end]).take_while(|(a, b)| a == b).count()
}
