//! Random columns: every type, gaps, columns of one name, odd strings, extreme numbers.

use std::sync::Arc;

use super::layers::Through;
use super::nested::nested;
use crate::array::{BooleanBuffer, NullBuffer, Utf8};
use crate::column::{Column, Strings, Values};
use crate::testing::random::Random;
use crate::tile::layer::Layer;
use crate::tile::measures::{Heights, Measure};

/// Up to eight columns of `rows` values. Some share a name, some a dictionary, some are nested.
pub(super) fn columns(random: &mut Random, rows: usize, through: Through) -> Vec<Column> {
    let shared = Arc::new(dictionary(random, rows));
    (0..random.below(9))
        .map(|_| {
            let name = match random.below(4) {
                0 => string(random),
                _ => random.pick(&["class", "name", "name:de", "name:ja", "", "rank"]).to_string(),
            };
            if through == Through::Anything && random.chance(1, 5) {
                return nested(random, name, rows, &shared, 4);
            }
            let values = values(random, rows, &shared);
            let mut nulls = nulls(random, rows);
            if let Values::String(Strings::Dictionary { dictionary, .. }) = &values
                && dictionary.is_empty()
            {
                nulls = Some(NullBuffer::new_null(rows));
            }
            Column::try_new(name, values, nulls).expect("a bit per value, keys within the dictionary")
        })
        .collect()
}

/// Values of the vertices of a layer: up to three measures, and at times heights.
pub(super) fn of_vertices(random: &mut Random, layer: &Layer) -> (Vec<Measure>, Option<Heights>) {
    let vertices = layer.geometry().vertices().len() / 2;
    let shared = Arc::new(dictionary(random, vertices.max(2)));
    let measures = (0..random.below(4)).filter_map(|_| {
        let values = values(random, vertices, &shared);
        if let Values::String(Strings::Dictionary { dictionary, .. }) = &values
            && dictionary.is_empty()
        {
            return None;
        }
        let name = random.pick(&["speed", "width", "", "t"]).to_string();
        Some(Measure { name: name.into(), values, nulls: nulls(random, layer.len()) })
    });
    let measures = measures.collect();
    let heights = random.chance(1, 2).then(|| Heights {
        scale: *random.pick(&[0.01, 1.0, 5e-324, f64::MAX]),
        offset: *random.pick(&[0.0, -0.0, -1000.5]),
        values: numbers(random, vertices).into_iter().map(|number| number as i32).collect(),
        nulls: nulls(random, layer.len()),
    });
    (measures, heights)
}

pub(super) fn values(random: &mut Random, rows: usize, shared: &Arc<Utf8>) -> Values {
    match random.below(10) {
        0 => Values::Bool(bits(random, rows)),
        1 => Values::Int(signed(random, rows).into()),
        2 => Values::UInt(numbers(random, rows).into()),
        3 => Values::SInt(signed(random, rows).into()),
        4 => {
            let values = floats(random, rows);
            Values::Float(values.into_iter().map(|value| value as f32).collect::<Vec<_>>().into())
        }
        5 => Values::Double(floats(random, rows).into()),
        6 if random.chance(1, 2) => {
            // Whatever bits: every NaN there is.
            Values::Float((0..rows).map(|_| f32::from_bits(random.any() as u32)).collect::<Vec<_>>().into())
        }
        6 => Values::Double(numbers(random, rows).into_iter().map(f64::from_bits).collect::<Vec<_>>().into()),
        7 => Values::String(Strings::Plain((0..rows).map(|_| string(random)).collect())),
        8 => strings(random, rows, shared),
        _ => {
            let own = Arc::new(dictionary(random, rows));
            strings(random, rows, &own)
        }
    }
}

fn strings(random: &mut Random, rows: usize, dictionary: &Arc<Utf8>) -> Values {
    let most = dictionary.len().max(1) as u64;
    let keys: Vec<u32> = numbers(random, rows).into_iter().map(|key| (key % most) as u32).collect();
    Values::String(Strings::Dictionary { keys: keys.into(), dictionary: Arc::clone(dictionary) })
}

/// Strings for keys to point at; some may stand in it twice, some may be pointed at by no key.
fn dictionary(random: &mut Random, rows: usize) -> Utf8 {
    let count = match random.below(4) {
        0 => random.index(3),
        1 => random.index(rows + 2),
        _ => random.index(12),
    };
    (0..count).map(|_| string(random)).collect()
}

/// A string: a common word, a numbered one, an odd one, a long one.
pub(super) fn string(random: &mut Random) -> String {
    const WORDS: [&str; 12] = [
        "residential",
        "residential_link",
        "primary",
        "Bahnhofstrasse",
        "Bahnhofstraße",
        "Rue du Château",
        "Вадуц",
        "ファドゥーツ",
        "파두츠",
        "فادوتس",
        "Βαντούζ",
        "瓦都茲",
    ];
    const ODD: [&str; 10] =
        ["", " ", "\0", "\u{feff}x", "\n", "e\u{301}", "👩‍🌾🇱🇮", "\u{10ffff}", "\u{7f}\u{80}", "nul\0l"];
    match random.below(8) {
        0..=2 => random.pick(&WORDS).to_string(),
        3 => format!("{} {}", random.pick(&WORDS), random.below(100)),
        4 => random.below(1000).to_string(),
        5 => random.pick(&ODD).to_string(),
        6 => (0..random.below(12)).map(|_| char::from(b'a' + random.below(26) as u8)).collect(),
        _ => {
            let piece = if random.chance(1, 2) { *random.pick(&WORDS) } else { *random.pick(&ODD) };
            let most = if random.chance(1, 8) { 300 } else { 5 };
            piece.repeat(random.index(most))
        }
    }
}

fn bits(random: &mut Random, rows: usize) -> BooleanBuffer {
    match random.below(4) {
        0 => BooleanBuffer::new_unset(rows),
        1 => BooleanBuffer::new_set(rows),
        // A slice that does not start at a byte.
        2 => {
            let skip = random.index(9);
            (0..rows + skip).map(|_| random.chance(1, 2)).collect::<BooleanBuffer>().slice(skip, rows)
        }
        _ => runs(random, rows, |random| random.chance(1, 2)).into_iter().collect(),
    }
}

/// Which rows have a value: all, as a rule, or some of them, or none.
pub(super) fn nulls(random: &mut Random, rows: usize) -> Option<NullBuffer> {
    match random.below(8) {
        0..=3 => None,
        4 => Some(NullBuffer::new_valid(rows)),
        5 => Some(NullBuffer::new_null(rows)),
        6 => Some(NullBuffer::from((0..rows).map(|_| random.chance(1, 10)).collect::<Vec<_>>())),
        _ => Some(NullBuffer::new(bits(random, rows))),
    }
}

fn signed(random: &mut Random, rows: usize) -> Vec<i64> {
    let negate = random.chance(1, 2);
    numbers(random, rows)
        .into_iter()
        .map(|number| {
            let number = number as i64;
            if negate && random.chance(1, 2) { number.wrapping_neg() } else { number }
        })
        .collect()
}

fn floats(random: &mut Random, rows: usize) -> Vec<f64> {
    const ODD: [f64; 9] = [
        0.0,
        -0.0,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MIN_POSITIVE,
        5e-324,
        f64::MAX,
        0.1 + 0.2,
    ];
    let scale = *random.pick(&[1.0, 2.0, 10.0, 100.0, 1000.0, 1e7, 3.0]);
    let odd = random.chance(1, 3);
    signed(random, rows)
        .into_iter()
        .map(|number| if odd && random.chance(1, 6) { *random.pick(&ODD) } else { number as f64 / scale })
        .collect()
}

/// Numbers of one habit, so that different encodings suit different columns.
pub(super) fn numbers(random: &mut Random, rows: usize) -> Vec<u64> {
    let base = number(random);
    match random.below(8) {
        // One value.
        0 => vec![base; rows],
        // Rising, as ids do, by about as much each time.
        1 => {
            let step = 1 + random.below(40);
            let jitter = random.below(20);
            let mut next = base;
            (0..rows)
                .map(|_| {
                    next = next.wrapping_add(step + random.below(jitter + 1));
                    next
                })
                .collect()
        }
        // Small ones.
        2 | 3 => {
            let end = 1 + random.below(300);
            (0..rows).map(|_| random.below(end)).collect()
        }
        // Small ones above a base, with a few outliers.
        4 => (0..rows)
            .map(|_| if random.chance(1, 40) { number(random) } else { base.wrapping_add(random.below(64)) })
            .collect(),
        5 => {
            let few = [base, number(random), number(random)];
            (0..rows).map(|_| *random.pick(&few)).collect()
        }
        6 => runs(random, rows, number),
        _ => (0..rows).map(|_| number(random)).collect(),
    }
}

/// A number of any magnitude, the extremes among them.
fn number(random: &mut Random) -> u64 {
    const EXTREMES: [u64; 8] =
        [0, 1, u64::MAX, i64::MAX as u64, i64::MIN as u64, u32::MAX as u64, 1 << 32, (1 << 53) + 1];
    match random.below(4) {
        0 => random.below(16),
        1 => *random.pick(&EXTREMES),
        _ => random.any() >> random.below(64),
    }
}

/// `rows` values that stay the same for a while.
fn runs<T: Copy>(random: &mut Random, rows: usize, mut value: impl FnMut(&mut Random) -> T) -> Vec<T> {
    let mut values = Vec::with_capacity(rows);
    while values.len() < rows {
        let length = 1 + random.index(40);
        let next = value(random);
        values.resize(rows.min(values.len() + length), next);
    }
    values
}
