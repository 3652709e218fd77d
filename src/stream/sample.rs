//! Streams of very many values: a sample says how to code them.

use super::choose::{Chooser, Force};

/// A sample is so many stretches of so many values.
const STRETCHES: usize = 16;
const STRETCH: usize = 1024;

impl Chooser {
    /// Some of very many values, which tell as much as all of them; none if all are to be looked at. Only
    /// where encodings must be quick to make, for they may come out a little larger.
    pub(crate) fn sample<T: Copy>(&self, values: &[T]) -> Option<Vec<T>> {
        // Whoever asks why wants to know the prices of all.
        let asked = self.log.is_some();
        let quick = !self.entropy && self.zstd.is_none() && self.force == Force::default() && !asked;
        if !quick || values.len() <= 4 * STRETCHES * STRETCH {
            return None;
        }
        let step = values.len() / STRETCHES;
        let stretches = (0..STRETCHES).map(|index| &values[index * step..index * step + STRETCH]);
        Some(stretches.collect::<Vec<_>>().concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Budget;
    use crate::stream::bytes::ByteEncoding;
    use crate::stream::ints;
    use crate::tile::options::{EncodeOptions, Profile};
    use crate::wire::Reader;

    #[test]
    fn what_a_sample_does_not_show_is_kept() {
        let chooser = EncodeOptions::new(Profile::Fast).chooser();
        let count = 4 * STRETCHES * STRETCH + 1000;
        let step = count / STRETCHES;
        let seen = |index: usize| index % step < STRETCH;
        let odd = |index: usize| if seen(index) { 0 } else { index as u64 * 0x9e37_79b9 };
        let ways: [fn(usize) -> u64; 5] = [
            |_| 7,
            |index| index as u64,
            |index| index as u64 / 999,
            |index| index as u64 % 3 * 1_000_000_007,
            |index| if index.is_multiple_of(2) { index as u64 / 2 } else { index as u64 / 2 % 512 },
        ];
        // What no code of numbers in order of first use says: 2^63 from where a repetition is expected.
        let far = |index: usize| u64::from(index == STRETCH + 3) << 63;
        let plain = |_: usize| 0;
        let additions: [&dyn Fn(usize) -> u64; 3] = [&plain, &odd, &far];
        for way in ways {
            for (number, addition) in additions.into_iter().enumerate() {
                let spoilt = number > 0;
                let value = |index: usize| way(index).wrapping_add(addition(index));
                let values: Vec<u64> = (0..count).map(value).collect();
                assert!(chooser.sample(&values).is_some());
                let encoded = chooser.ints(&values);
                let (mut budget, reader) = (Budget::default(), Reader::new(&encoded.payload, 0));
                let read: Vec<u64> = ints::read(encoded.encoding, reader, count, &mut budget).unwrap();
                assert!(read == values);
                let all = Chooser {
                    force: Force { bytes: Some(ByteEncoding::Plain), ints: None },
                    ..chooser.clone()
                };
                if !spoilt {
                    assert!(encoded.payload.len() <= all.ints(&values).payload.len() * 11 / 10 + 64);
                }
            }
        }
    }

    #[test]
    fn floats_that_a_sample_does_not_show_are_kept() {
        use crate::stream::floats;
        let chooser = EncodeOptions::new(Profile::Fast).chooser();
        let count = 4 * STRETCHES * STRETCH + 1000;
        let step = count / STRETCHES;
        let ways: [fn(usize) -> f64; 3] = [
            |index| index as f64 / 100.0,
            |index| f64::from((index as f32).sqrt()),
            |index| (index as f64).sqrt(),
        ];
        for way in ways {
            for spoilt in [0.0, 1.0 / 3.0, f64::NAN] {
                let value = |index: usize| way(index) + if index % step < STRETCH { 0.0 } else { spoilt };
                let bits: Vec<u64> = (0..count).map(|index| value(index).to_bits()).collect();
                let encoded = floats::write(&bits, &chooser);
                let (mut budget, reader) = (Budget::default(), Reader::new(&encoded.payload, 0));
                let read: Vec<u64> = ints::read(encoded.encoding, reader, count, &mut budget).unwrap();
                assert!(read == bits);
            }
        }
    }
}
