//! Any bytes as a stream.

use std::fmt::Debug;

use super::budget::{exact, located};
use crate::encoding::int::Int;
use crate::encoding::{decimal, fresh};
use crate::error::{ErrorKind, Result};
use crate::limits::Budget;
use crate::stream::bytes::{self, ByteEncoding};
use crate::stream::choose::{Chooser, Force};
use crate::stream::floats;
use crate::stream::ints::{self, IntEncoding};
use crate::testing::{Random, naive};
use crate::tile::options::{EncodeOptions, Profile};
use crate::wire::{Reader, varint};

/// What decoding may take, in bytes.
const BUDGET: usize = 1 << 20;

/// Streams of more values are not encoded again.
const MOST_ENCODED: usize = 1 << 12;

/// That decoding any payload, as any encoding, of any number of values, gives the same values as
/// the naive twin of the encoding or an error where that gives one, and that these values survive
/// every encoding.
///
/// ```text
/// bytes  u8 kind: 0 u32, 1 u64, 2 bytes (modulo 3) │ u8 encoding │ varint number of values │ payload
/// ```
///
/// # Panics
/// If not.
pub fn streams_any(bytes: &[u8]) {
    let Some((&[kind, encoding], rest)) = bytes.split_first_chunk() else { return };
    let Ok((count, len)) = varint::read(rest, 32) else { return };
    let (count, payload) = (count as usize, &rest[len..]);
    match kind % 3 {
        0 => ints_any::<u32>(encoding, payload, count),
        1 => ints_any::<u64>(encoding, payload, count),
        _ => bytes_any(encoding, payload, count),
    }
}

/// Payloads of every encoding, for [`streams_any`] to start from.
pub fn stream_seeds() -> Vec<Vec<u8>> {
    let head = |kind: u8, encoding: u8, count: usize| {
        let mut head = vec![kind, encoding];
        varint::write(&mut head, count as u64);
        head
    };
    let mut seeds = Vec::new();
    for (seed, count) in [1, 2, 7, 20, 129, 300].into_iter().enumerate() {
        let mut random = Random::from_seed(seed as u64);
        let wide: Vec<u64> = (0..count).map(|_| random.any() >> 40 >> random.below(24)).collect();
        let narrow: Vec<u32> = wide.iter().map(|&value| value as u32).collect();
        let singles: Vec<u32> = wide.iter().map(|&value| (value as f32 / 4.0).to_bits()).collect();
        let doubles: Vec<u64> = singles.iter().map(|&single| decimal::widen(single)).collect();
        let text: Vec<u8> = wide.iter().map(|&value| b'a' + (value % 7) as u8).collect();
        for &encoding in IntEncoding::ALL {
            let chooser = forced(Force { ints: Some(encoding), bytes: None });
            let written = [
                (0, chooser.ints(&narrow)),
                (1, chooser.ints(&wide)),
                (0, floats::write(&singles, &chooser)),
                (1, floats::write(&doubles, &chooser)),
            ];
            for (kind, encoded) in written {
                seeds.push([head(kind, encoded.encoding, count), encoded.payload].concat());
            }
        }
        for &encoding in ByteEncoding::ALL {
            let encoded = forced(Force { ints: None, bytes: Some(encoding) }).bytes(&text);
            seeds.push([head(2, encoded.encoding, count), encoded.payload].concat());
        }
    }
    seeds
}

fn forced(force: Force) -> Chooser {
    EncodeOptions { force, ..EncodeOptions::new(Profile::Fast) }.chooser()
}

fn ints_any<T: Int + Debug>(encoding: u8, payload: &[u8], count: usize) {
    let mut budget = Budget::new(BUDGET);
    let values = ints::read::<T>(encoding, Reader::new(payload, 0), count, &mut budget);
    let twin = || naive::ints(encoding, payload, count, T::BITS);
    let Some(values) = agreed(values, count, &twin, Int::to_u64, payload) else { return };
    exact(BUDGET, &budget, |budget| ints::read::<T>(encoding, Reader::new(payload, 0), count, budget));
    if count > MOST_ENCODED {
        return;
    }
    for &encoding in IntEncoding::ALL {
        // Any values are the bits of some number.
        let encoded = floats::write(&values, &forced(Force { ints: Some(encoding), bytes: None }));
        if fits(encoding, &values) {
            assert_eq!(encoded.encoding, encoding.id(), "{} was forced", encoding.name());
        }
        let reader = Reader::new(&encoded.payload, 0);
        match ints::read::<T>(encoded.encoding, reader, count, &mut Budget::default()) {
            Ok(again) => assert!(again == values, "{}: {values:?} became {again:?}", encoding.name()),
            Err(error) => panic!("{}: {values:?}: {error}", encoding.name()),
        }
        let twin = naive::ints(encoded.encoding, &encoded.payload, count, T::BITS);
        assert!(
            twin.is_some_and(|twin| twin.into_iter().eq(values.iter().map(|value| value.to_u64()))),
            "{}: the naive twin reads other values than {values:?}",
            encoding.name()
        );
    }
}

/// Whether `encoding` can hold `values`.
fn fits<T: Int>(encoding: IntEncoding, values: &[T]) -> bool {
    match encoding {
        _ if values.is_empty() => false,
        IntEncoding::Constant => values.iter().all(|&value| value == values[0]),
        IntEncoding::Delta => values.len() > 1,
        IntEncoding::Fresh => fresh::encode(values).is_some(),
        IntEncoding::Single => decimal::singles(values).is_some(),
        _ => true,
    }
}

fn bytes_any(encoding: u8, payload: &[u8], count: usize) {
    let mut budget = Budget::new(BUDGET);
    let values = bytes::read(encoding, Reader::new(payload, 0), count, &mut budget);
    let twin = || naive::bytes(encoding, payload, count);
    let Some(values) = agreed(values, count, &twin, |value| value, payload) else { return };
    exact(BUDGET, &budget, |budget| bytes::read(encoding, Reader::new(payload, 0), count, budget));
    if count > MOST_ENCODED {
        return;
    }
    let halves = values.split_at(count / 2);
    for &encoding in ByteEncoding::ALL {
        let chooser = forced(Force { ints: None, bytes: Some(encoding) });
        for encoded in [chooser.bytes(&values), chooser.text(&values, &[halves.0, halves.1])] {
            let constant = values.iter().all(|&value| value == values[0]);
            let fits = match encoding {
                ByteEncoding::Constant => constant,
                ByteEncoding::Windows => std::str::from_utf8(&values).is_ok(),
                _ => true,
            };
            if count > 0 && fits {
                assert_eq!(encoded.encoding, encoding.id(), "{} was forced", encoding.name());
            }
            let reader = Reader::new(&encoded.payload, 0);
            match bytes::read(encoded.encoding, reader, count, &mut Budget::default()) {
                Ok(again) => assert!(again == values, "{}: {values:?} became {again:?}", encoding.name()),
                Err(error) => panic!("{}: {values:?}: {error}", encoding.name()),
            }
        }
    }
}

/// That `values` is what the naive twin reads; the values, if there are any.
fn agreed<T: Copy, U: PartialEq + Debug>(
    values: Result<Vec<T>>,
    count: usize,
    twin: &dyn Fn() -> Option<Vec<U>>,
    widen: fn(T) -> U,
    payload: &[u8],
) -> Option<Vec<T>> {
    match values {
        Ok(values) => {
            assert_eq!(values.len(), count);
            let wide: Vec<U> = values.iter().map(|&value| widen(value)).collect();
            assert_eq!(Some(wide), twin(), "the naive twin reads something else");
            Some(values)
        }
        Err(error) => {
            located(&error, payload);
            // The twin knows no budget and no limits.
            if error.kind() != ErrorKind::LimitExceeded {
                assert_eq!(None, twin(), "the naive twin reads something, but: {error}");
            }
            None
        }
    }
}
