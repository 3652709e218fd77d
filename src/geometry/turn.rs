//! Which way rings turn.

use std::iter::Sum;
use std::ops::{Add, Mul, Sub};

use crate::wire::bits;

/// Which way `ring`, interleaved, turns: the sign of its area, 0 if it has none.
pub(crate) fn turn(ring: &[i32]) -> i32 {
    let magnitude = ring.iter().fold(0, |all, &value| all | (value ^ (value >> 31)) as u32);
    // A term is the product of a sum and a difference of two coordinates.
    let term_bits = 2 * (bits::width(u64::from(magnitude)) + 1);
    if term_bits + bits::width(ring.len() as u64) < 63 { turn_in::<i64>(ring) } else { turn_in::<i128>(ring) }
}

/// [`turn`] in integers that hold the area.
fn turn_in<T: From<i32> + Ord + Sum + Add<Output = T> + Sub<Output = T> + Mul<Output = T>>(
    ring: &[i32],
) -> i32 {
    let last = &ring[ring.len() - 2..];
    let vertices = ring.chunks_exact(2);
    let before = std::iter::once(last).chain(ring.chunks_exact(2));
    let double: T = before
        .zip(vertices)
        .map(|(from, to)| (T::from(to[0]) - T::from(from[0])) * (T::from(from[1]) + T::from(to[1])))
        .sum();
    double.cmp(&T::from(0)) as i32
}
