//! Random choices, the same on every machine, from a seed or from a fuzzer's bytes.

/// A source of choices.
///
/// A seed gives an endless stream (xoshiro256**). Bytes are used up from the front, as few as a
/// choice needs, so that a fuzzer finds its way; behind the last one every choice is 0, the
/// smallest there is, so that generators come to an end.
#[derive(Clone, Debug)]
pub struct Random(Source);

#[derive(Clone, Debug)]
enum Source {
    Seed([u64; 4]),
    Bytes { bytes: Vec<u8>, next: usize },
}

impl Random {
    /// Choices that depend on `seed` alone.
    pub fn from_seed(seed: u64) -> Self {
        // SplitMix64, as the authors of xoshiro advise: never all zeros.
        let mut state = seed;
        Self(Source::Seed(std::array::from_fn(|_| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            mix(state)
        })))
    }

    /// Choices that a fuzzer's bytes make.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(Source::Bytes { bytes: bytes.to_vec(), next: 0 })
    }

    /// Any of `2^(8 × bytes)` numbers.
    fn number(&mut self, bytes: u32) -> u64 {
        match &mut self.0 {
            Source::Seed(state) => xoshiro(state) >> (64 - 8 * bytes),
            Source::Bytes { bytes: all, next } => {
                let start = *next;
                *next = all.len().min(start + bytes as usize);
                all[start..*next].iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte))
            }
        }
    }

    /// Any number.
    pub fn any(&mut self) -> u64 {
        self.number(8)
    }

    /// A number below `end`, or 0 if `end` is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        match end {
            0 | 1 => 0,
            2..=0x100 => self.scaled(1, end),
            ..=0x1_0000 => self.scaled(2, end),
            _ => self.any() % end,
        }
    }

    /// A fuzzer's bytes are taken as they are, so that it sees which one chose what; a stream from
    /// a seed has enough bits that the remainder is even.
    fn scaled(&mut self, bytes: u32, end: u64) -> u64 {
        match &self.0 {
            Source::Seed(_) => (self.number(4) * end) >> 32,
            Source::Bytes { .. } => self.number(bytes) % end,
        }
    }

    /// An index below `end`, or 0 if `end` is 0.
    pub fn index(&mut self, end: usize) -> usize {
        self.below(end as u64) as usize
    }

    /// A number from `low` to `high`, both included.
    pub fn within(&mut self, low: i32, high: i32) -> i32 {
        let span = (i64::from(high) - i64::from(low) + 1).max(0) as u64;
        (i64::from(low) + self.below(span) as i64) as i32
    }

    /// True in `part` of `whole` cases; never once a fuzzer's bytes are used up, unless `part` is
    /// `whole`.
    pub fn chance(&mut self, part: u32, whole: u32) -> bool {
        self.below(u64::from(whole)) + u64::from(part) >= u64::from(whole)
    }

    /// One of `choices`.
    ///
    /// # Panics
    /// If there are none.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.index(choices.len())]
    }
}

fn xoshiro(state: &mut [u64; 4]) -> u64 {
    let result = state[1].wrapping_mul(5).rotate_left(7).wrapping_mul(9);
    let shifted = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = state[3].rotate_left(45);
    result
}

/// Scatters the bits of `value` (the finalizer of SplitMix64): a hash for places and numbers.
pub fn mix(value: u64) -> u64 {
    let value = (value ^ value >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ value >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ value >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_the_published_one() {
        // From the reference implementations: SplitMix64 of seed 0, and xoshiro256** of 1, 2, 3, 4.
        let Source::Seed(state) = Random::from_seed(0).0 else { unreachable!() };
        assert_eq!(state[..2], [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4]);
        let mut state = [1, 2, 3, 4];
        assert_eq!([(); 4].map(|()| xoshiro(&mut state)), [11520, 0, 1509978240, 1215971899390074240]);
    }

    #[test]
    fn bytes_choose_and_then_everything_is_small() {
        let mut random = Random::from_bytes(&[7, 0xff, 1, 0xff, 0xff, 0xff, 0xff]);
        assert_eq!(random.below(5), 2);
        assert_eq!(random.below(1000), 0x1ff);
        assert_eq!(random.within(i32::MIN, i32::MAX), i32::MAX);
        assert_eq!((random.any(), random.below(9), random.within(-3, 3)), (0, 0, -3));
        assert!(!random.chance(8, 9));
        assert!(random.chance(9, 9));
    }

    #[test]
    fn every_number_below_is_reached() {
        for end in [1, 2, 7, 256] {
            let mut random = Random::from_seed(end);
            let mut seen = vec![false; end as usize];
            (0..40 * end).for_each(|_| seen[random.index(end as usize)] = true);
            assert!(seen.iter().all(|&seen| seen), "{end}: {seen:?}");
        }
    }
}
