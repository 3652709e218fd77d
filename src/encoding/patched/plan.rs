//! How to cut a block into levels: an exact search over all widths, fed by a histogram.

use crate::encoding::packed::Word;
use crate::wire::bits;

/// The most levels of a block.
pub(super) const LEVELS: usize = 3;

/// The widths of values: 0 to 64 bits.
const WIDTHS: usize = 65;

/// What an exception costs beside its bits, in bits: those that gain less take longer to decode
/// than they are worth.
const EXCEPTION: usize = 4;

/// The widths of the levels of a block, and the bytes it takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) levels: usize,
    pub(super) widths: [u32; LEVELS],
    pub(super) len: usize,
}

/// Finds the plan of a block from what its values look like.
pub(super) struct Planner {
    /// How many values have w bits, and r bits without the highest of them, at `[r][w]`. What an
    /// exception to width t has in the next level, (v >> t) − 1, takes w − t bits, or one less if
    /// r ≤ t. All zero between two plans.
    shapes: [[u8; WIDTHS]; WIDTHS],
}

impl Planner {
    pub(super) fn new() -> Self {
        Self { shapes: [[0; WIDTHS]; WIDTHS] }
    }

    /// The plan that costs the least of those in which at most half of the values of a level are
    /// exceptions: with more, it hardly ever pays, and the search takes three times as long.
    pub(super) fn plan<T: Word>(&mut self, block: &[T]) -> Plan {
        let mut max = 0u64;
        for &value in block {
            let value: u64 = value.into();
            let highest = 1 << 63 >> value.leading_zeros().min(63);
            let (below, width) = (bits::width(value & !highest), bits::width(value));
            self.shapes[below as usize][width as usize] += 1;
            max = max.max(value);
        }
        let (count, widest) = (block.len(), bits::width(max));
        let shapes = &mut self.shapes[..=widest as usize];

        // wider[t]: how many values have more than t bits.
        let mut wider = [0u8; WIDTHS];
        for shape in &*shapes {
            for width in 0..widest as usize {
                wider[width] += shape[width + 1];
            }
        }
        for width in (0..widest as usize).rev() {
            wider[width] += wider[width + 1];
        }

        let cost = |len: usize, exceptions: usize| 8 * len + EXCEPTION * exceptions;
        let mut best = Plan { levels: 1, widths: [widest, 0, 0], len: 1 + packed_len(count, widest) };
        let mut least = cost(best.len, 0);
        // lone[w]: how many values of w bits have none but the highest from bit t up.
        let mut lone = [0u8; WIDTHS];
        for first in 0..widest {
            for (lone, shape) in lone.iter_mut().zip(&mut shapes[first as usize]) {
                *lone += std::mem::take(shape);
            }
            let exceptions = usize::from(wider[first as usize]);
            if 2 * exceptions > count {
                continue;
            }
            let start = 2 + packed_len(count, first) + packed_len(count, 1);
            if cost(start, exceptions) >= least {
                continue;
            }
            let max = (max >> first) - 1;
            let widest = bits::width(max);
            let len = start + packed_len(exceptions, widest);
            if cost(len, exceptions) < least {
                least = cost(len, exceptions);
                best = Plan { levels: 2, widths: [first, widest, 0], len };
            }
            let start = start + 1 + packed_len(exceptions, 1);
            for second in 0..widest {
                let width = (first + second) as usize;
                let others = usize::from(wider[width] - lone[width + 1]);
                if 2 * others > exceptions {
                    continue;
                }
                let third = bits::width((max >> second) - 1);
                let len = start + packed_len(exceptions, second) + packed_len(others, third);
                if cost(len, exceptions + others) < least {
                    least = cost(len, exceptions + others);
                    best = Plan { levels: 3, widths: [first, second, third], len };
                }
            }
        }
        shapes[widest as usize].fill(0);
        best
    }
}

/// The bytes that some of the values of a block take.
pub(super) fn packed_len(count: usize, width: u32) -> usize {
    (count * width as usize).div_ceil(8)
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::encoding::packed::BLOCK;

    /// The level above one of `width` bits.
    fn next(values: &[u64], width: u32) -> Vec<u64> {
        values.iter().map(|value| value >> width).filter(|&high| high > 0).map(|high| high - 1).collect()
    }

    /// The least cost of a block, in bits, found by trying every way to cut every value.
    fn least(values: &[u64], levels_left: usize) -> usize {
        let widest = values.iter().map(|&value| bits::width(value)).max().unwrap_or(0);
        let level = |width| 8 + 8 * packed_len(values.len(), width);
        let mut least = level(widest);
        if levels_left > 1 {
            for width in 0..widest {
                let next = next(values, width);
                if 2 * next.len() > values.len() {
                    continue;
                }
                let mask = 8 * packed_len(values.len(), 1);
                let above = self::least(&next, levels_left - 1);
                least = least.min(level(width) + mask + EXCEPTION * next.len() + above);
            }
        }
        least
    }

    /// Mostly small values.
    pub(in super::super) fn skewed(max: usize) -> impl Strategy<Value = Vec<u64>> {
        let shift = prop_oneof![20 => 58u32..64, 5 => 50u32..64, 1 => 0u32..64];
        prop::collection::vec((any::<u64>(), shift).prop_map(|(value, shift)| value >> shift), 0..max)
    }

    proptest! {
        #[test]
        fn no_plan_is_cheaper(blocks in prop::collection::vec(skewed(BLOCK), 1..3)) {
            let mut planner = Planner::new();
            for block in blocks {
                let Plan { levels, widths, len } = planner.plan(&block);
                let mut exceptions = 0;
                let mut level = block.clone();
                for width in &widths[..levels - 1] {
                    level = next(&level, *width);
                    exceptions += level.len();
                }
                prop_assert_eq!(8 * len + EXCEPTION * exceptions, least(&block, LEVELS));
            }
        }
    }
}
