//! Vertices with back references in bit-packed streams: bulkier than symbols, and quicker to read.
//! The vertices of the layer are one sequence here; where lines and rings end does not matter.
//!
//! ```text
//! payload   u8 shift │ [zigzag varint x, y: the origin] │ varint c │ varint l │
//!           child: gaps (c) │ child: copies (c) │ child: distances (c) │ child: differences (2 l)
//! gap       the literals before the copy, since the copy before
//! copy      (length − 1) << 1 │ whether it goes backwards
//! distance  from the first vertex copied to the first one written
//! literal   the zigzag differences from the vertex before; the first vertex from (0, 0)
//! vertex    origin + v · 2^shift of what literals and copies make; without a shift, v itself
//!
//! (2,3) (4,3) (9,9) (4,3) (2,3) (5,5)  ▶  +2 +3 │ +2 0 │ +5 +6 │ copy 2 backwards from 2 │ +3 +2
//! ```

use super::copy::copy_forward;
use super::grid::Grid;
use super::search::{Earlier, Match};
use crate::encoding::delta;
use crate::encoding::int::Int;
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::stream::choose::Chooser;
use crate::stream::describe::{self, Coding};
use crate::stream::ints;
use crate::wire::trace::Trace;
use crate::wire::{Reader, bits, varint};

/// How many earlier places of a vertex are looked at.
const TRIES: usize = 4;

/// What a literal takes beside the bits of its differences, and a copy beside those of its length
/// and distance, in bits: a copy takes the decoder longer.
const LITERAL: u32 = 3;
const COPY: u32 = 8;

/// What copies must gain: this part of the bits of all vertices, and these bits for the streams.
const LEAST_PART: u64 = 32;
const LEAST_GAIN: u64 = 128;

/// The streams of a layer, before they are coded.
#[derive(Default)]
struct Parts {
    gaps: Vec<u32>,
    copies: Vec<u32>,
    distances: Vec<u32>,
    differences: Vec<u32>,
    /// About what all vertices would take as literals, and what copies save of it, in bits.
    bits: u64,
    gain: u64,
}

/// The payload of `vertices`, interleaved. If it must be `worth_it`, none where differences alone
/// are likely to be as small, and so quicker.
pub(crate) fn write(vertices: &[i32], worth_it: bool, chooser: &Chooser) -> Option<Vec<u8>> {
    let mut vertices = bytemuck::cast_slice::<i32, [i32; 2]>(vertices);
    let grid = Grid::of(vertices);
    let mut out = Vec::new();
    grid.write(&mut out);
    let places: Vec<[i32; 2]>;
    if grid.is_coarse() {
        places = grid.places(vertices);
        vertices = &places;
    }
    let parts = parse(vertices);
    if worth_it && !grid.is_coarse() && parts.gain < parts.bits / LEAST_PART + LEAST_GAIN {
        return None;
    }
    varint::write(&mut out, parts.copies.len() as u64);
    varint::write(&mut out, (parts.differences.len() / 2) as u64);
    for part in [&parts.gaps, &parts.copies, &parts.distances] {
        chooser.deltas(part).write_child(&mut out);
    }
    chooser.deltas(&parts.differences).write_last_child(&mut out);
    Some(out)
}

fn parse(vertices: &[[i32; 2]]) -> Parts {
    let differences = delta::encode::<2, u32>(bytemuck::cast_slice(vertices));
    let (differences, _) = differences.as_chunks::<2>();
    // sums[i]: the bits that the first i vertices take as literals, the lowest 32 bits of the number.
    let mut sums = Vec::with_capacity(vertices.len() + 1);
    let mut sum = 0u64;
    sums.push(0);
    sums.extend(differences.iter().map(|&[x, y]| {
        sum += u64::from(LITERAL + bits::width(x.into()) + bits::width(y.into()));
        sum as u32
    }));
    let earlier = Earlier::new(vertices);
    let mut parts =
        Parts { bits: sum, differences: Vec::with_capacity(2 * vertices.len()), ..Parts::default() };
    let (mut place, mut gap, end) = (0, 0, vertices.len());
    while place < end {
        let mut best: Option<(u32, Match)> = None;
        earlier.matches(vertices, place, end, TRIES, |copy| {
            let literals = sums[place + copy.len].wrapping_sub(sums[place]);
            let cost = COPY + bits::width(copy.len as u64) + bits::width((place - copy.from) as u64);
            let gain = literals.saturating_sub(cost);
            if gain > best.map_or(0, |(gain, _)| gain) {
                best = Some((gain, copy));
            }
        });
        let Some((gain, copy)) = best else {
            parts.differences.extend_from_slice(&differences[place]);
            (gap, place) = (gap + 1, place + 1);
            continue;
        };
        parts.gain += u64::from(gain);
        parts.gaps.push(gap);
        parts.copies.push((copy.len as u32 - 1) << 1 | u32::from(copy.backward));
        parts.distances.push((place - copy.from) as u32);
        (gap, place) = (0, place + copy.len);
    }
    parts
}

/// Reads `count` vertices, interleaved.
pub(crate) fn read(mut reader: Reader, count: usize, budget: &mut Budget) -> Result<Vec<i32>> {
    let at = reader.offset();
    let Head { grid, copies: copy_count, literals } = read_head(&mut reader, count)?;
    let gaps: Vec<u32> = ints::scratch_of_child(&mut reader, copy_count, budget)?;
    let copies: Vec<u32> = ints::scratch_of_child(&mut reader, copy_count, budget)?;
    let distances: Vec<u32> = ints::scratch_of_child(&mut reader, copy_count, budget)?;
    let differences: Vec<u32> = ints::scratch_of_last_child(reader, 2 * literals, budget)?;
    let mut vertices: Vec<[i32; 2]> = budget.zeroed(count, "vertices", at)?;
    let steps = gaps.iter().copied().zip(copies.iter().copied()).zip(distances.iter().copied());
    fill(steps, differences.as_chunks().0, &mut vertices).map_err(|what| Error::inconsistent(at, what))?;
    [gaps, copies, distances, differences].into_iter().for_each(|scratch| budget.give_back(scratch));
    grid.spread(&mut vertices);
    Ok(bytemuck::allocation::cast_vec(vertices))
}

/// How the streams of a payload of `count` vertices, all that the reader has, are coded.
pub(crate) fn describe(
    reader: &mut Reader<impl Trace>,
    count: usize,
    budget: &mut Budget,
) -> Result<Vec<(&'static str, Coding)>> {
    let Head { copies, literals, .. } = read_head(reader, count)?;
    Ok(vec![
        ("gaps", describe::child(reader, copies, budget)?),
        ("copies", describe::child(reader, copies, budget)?),
        ("distances", describe::child(reader, copies, budget)?),
        ("differences", describe::last_child(reader, 2 * literals, budget)?),
    ])
}

/// What stands before the streams.
struct Head {
    grid: Grid,
    copies: usize,
    literals: usize,
}

fn read_head(reader: &mut Reader<impl Trace>, count: usize) -> Result<Head> {
    let grid = Grid::read(reader)?;
    let mut number = |what| match (reader.offset(), reader.count(what)?) {
        (_, number) if number <= count => Ok(number),
        (at, number) => Err(Error::inconsistent(at, format!("{what}: {number}, of {count} vertices"))),
    };
    Ok(Head { grid, copies: number("number of copies")?, literals: number("number of literals")? })
}

/// Fills `out`, or tells what is wrong with the steps: gaps, copies and distances.
fn fill(
    steps: impl Iterator<Item = ((u32, u32), u32)>,
    mut literals: &[[u32; 2]],
    out: &mut [[i32; 2]],
) -> Result<(), &'static str> {
    let mut place = 0;
    for ((gap, copy), distance) in steps {
        let (own, rest) = literals.split_at_checked(gap as usize).ok_or("too few literals")?;
        literals = rest;
        place = add_up(own, place, out)?;
        let (len, distance) = ((copy >> 1) as usize + 1, distance as usize);
        if len > out.len() - place {
            return Err("a copy past the last vertex");
        }
        let from = place.checked_sub(distance).ok_or("a copy from before the first vertex")?;
        if copy & 1 == 0 {
            if len > distance {
                return Err("a copy of vertices that are not there yet");
            }
            copy_forward(out, from, place, len);
        } else {
            if distance == 0 || len > from + 1 {
                return Err("a copy backwards of vertices that are not there");
            }
            out.copy_within(from + 1 - len..=from, place);
            out[place..place + len].reverse();
        }
        place += len;
    }
    match add_up(literals, place, out)? {
        place if place == out.len() => Ok(()),
        _ => Err("too few vertices"),
    }
}

/// Writes `literals` to `out` from `place` on, and tells where they end.
#[inline(always)]
fn add_up(literals: &[[u32; 2]], place: usize, out: &mut [[i32; 2]]) -> Result<usize, &'static str> {
    let [mut x, mut y] = match place {
        0 => [0; 2],
        _ => out[place - 1].map(|value| value as u32),
    };
    let end = place + literals.len();
    for (vertex, literal) in
        out.get_mut(place..end).ok_or("more vertices than there are")?.iter_mut().zip(literals)
    {
        x = literal[0].undo_zigzag_delta(x);
        y = literal[1].undo_zigzag_delta(y);
        *vertex = [x as i32, y as i32];
    }
    Ok(end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tile::options::{EncodeOptions, Profile};

    fn round_trip(vertices: &[[i32; 2]]) -> Vec<u8> {
        let chooser = EncodeOptions::new(Profile::Fast).chooser();
        let payload = write(bytemuck::cast_slice(vertices), false, &chooser).unwrap();
        let read = read(Reader::new(&payload, 0), vertices.len(), &mut Budget::default()).unwrap();
        assert_eq!(bytemuck::cast_slice::<i32, [i32; 2]>(&read), vertices);
        payload
    }

    fn refused(payload: &[u8], count: usize) -> String {
        read(Reader::new(payload, 0), count, &mut Budget::default()).unwrap_err().to_string()
    }

    #[test]
    fn grids_are_found() {
        let vertices: Vec<[i32; 2]> = (0..99).map(|i| [i * 8 + 5, i * i % 50 * 16 - 3]).collect();
        assert_eq!(round_trip(&vertices)[0], 3);
        assert_eq!(round_trip(&[[7, 7]; 9])[0], 0);
        let far = [[i32::MIN, i32::MAX], [0, -1]].repeat(40);
        assert_eq!(round_trip(&far)[0], 31);
    }

    #[test]
    fn long_copies_both_ways() {
        let mut vertices: Vec<[i32; 2]> = (0..50).map(|i| [i * i % 83, i * 7]).collect();
        vertices.extend(vertices.clone());
        vertices.extend(vertices.clone().into_iter().rev());
        let payload = round_trip(&vertices);
        assert!(payload.len() < 150, "{} bytes", payload.len());
    }

    #[test]
    fn copies_must_be_there() {
        // Shift, copies, literals; gaps, copies, distances, differences, each as varints.
        let tile = |gap: u8, copy: u8, distance: u8| {
            [0, 1, 3, 2, 1, gap, 2, 1, copy, 2, 1, distance, 2, 2, 2, 2, 2, 2, 2]
        };
        let vertices = |bytes: &[u8]| read(Reader::new(bytes, 0), 5, &mut Budget::default());
        assert_eq!(vertices(&tile(3, 2, 2)).unwrap(), [1, 1, 2, 2, 3, 3, 2, 2, 3, 3]);
        assert_eq!(vertices(&tile(3, 3, 1)).unwrap(), [1, 1, 2, 2, 3, 3, 3, 3, 2, 2]);
        assert_eq!(vertices(&tile(2, 2, 2)).unwrap(), [1, 1, 2, 2, 1, 1, 2, 2, 3, 3]);
        for (gap, copy, distance) in [(3, 2, 1), (3, 2, 4), (3, 3, 0), (3, 3, 3), (1, 3, 1), (0, 2, 0)] {
            let message = refused(&tile(gap, copy, distance), 5);
            assert!(message.contains("copy"), "{message}");
        }
        assert!(refused(&tile(4, 2, 2), 5).contains("too few literals"));
        assert!(refused(&tile(3, 0, 1), 5).contains("too few vertices"));
        assert!(refused(&tile(3, 4, 3), 5).contains("past the last vertex"));
        assert!(refused(&tile(2, 2, 2), 4).contains("more vertices"));
        assert!(refused(&tile(3, 2, 2), 2).contains("number of literals"));
        assert!(refused(&[32], 2).contains("32 bits"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn round_trips(
            seeds in prop::collection::vec((0i32..6, 0i32..6, 0u32..100), 1..300),
            scale in prop_oneof![Just(1), Just(4), Just(100_003), Just(i32::MAX / 3)],
        ) {
            // Few distinct vertices, so that there is much to copy, and some far away.
            let vertices: Vec<[i32; 2]> = seeds
                .iter()
                .map(|&(x, y, far)| match far {
                    0 => [i32::MIN + x, i32::MAX - y],
                    _ => [x.wrapping_mul(scale), y.wrapping_mul(scale)],
                })
                .collect();
            let payload = round_trip(&vertices);
            for len in 0..payload.len() {
                refused(&payload[..len], vertices.len());
            }
            for bit in 0..8 * payload.len() {
                let mut bytes = payload.clone();
                bytes[bit / 8] ^= 1 << (bit % 8);
                let _ = read(Reader::new(&bytes, 0), vertices.len(), &mut Budget::default());
            }
        }
    }
}
