//! The payload: what stands before the symbols, the symbols' words and the raw bits.

use super::choose::Plan;
use super::fill::Source;
use super::grid::Grid;
use super::parse::Input;
use super::predict::{Closed, Model};
use super::symbols::{Coder, emit};
use super::tables::{self, Tables};
use crate::encoding::entropy::lanes::{self, Four, Lanes, One, Shape};
use crate::encoding::rans::EncodeTable;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::Budget;
use crate::wire::bitstream::{BitReader, BitWriter};
use crate::wire::trace::Trace;
use crate::wire::{Reader, varint, zigzag};

const CONSTANT_START: u8 = 1;
const RIGHT_ANGLES: u8 = 2;
const FOUR_LANES: u8 = 4;
const GRID: u8 = 8;
const ONWARDS: u8 = 16;

/// The places of bits are numbers of the machine.
const MOST_BYTES: usize = usize::MAX / 16;

/// The payload of `vertices`, interleaved, and about how many picoseconds it takes to decode it; `runs` are the
/// offsets of lines, rings and points, and a byte is worth `byte_time` picoseconds.
pub(crate) fn write(vertices: &[i32], runs: &[i32], closed: &Closed, byte_time: u64) -> (Vec<u8>, u64) {
    let mut vertices = bytemuck::cast_slice(vertices);
    let grid = Grid::of(vertices);
    let places: Vec<[i32; 2]>;
    if grid.is_coarse() {
        places = grid.places(vertices);
        vertices = &places;
    }
    let input = Input { vertices, runs, closed };
    let plan = Plan::new(&input, byte_time);
    (carry_out(&plan, grid), plan.time(vertices.len()))
}

/// The payload of vertices that were put on `grid`.
fn carry_out(plan: &Plan, grid: Grid) -> Vec<u8> {
    let Plan { model, tables, counts, codes, .. } = plan;
    let mut out = Vec::new();
    let lanes = plan.parsed.lanes();
    let four_lanes = lanes == 4;

    let flag = |set: bool, flag: u8| if set { flag } else { 0 };
    out.push(
        flag(model.start.is_some(), CONSTANT_START)
            | flag(model.right_angles, RIGHT_ANGLES)
            | flag(four_lanes, FOUR_LANES)
            | flag(grid.is_coarse(), GRID)
            | flag(plan.parsed.onwards > 0, ONWARDS),
    );
    if plan.parsed.onwards > 0 {
        varint::write(&mut out, plan.parsed.onwards as u64);
    }
    if grid.is_coarse() {
        grid.write(&mut out);
    }
    for coordinate in model.start.into_iter().flatten() {
        varint::write(&mut out, zigzag::encode32(coordinate).into());
    }
    tables::write(tables, counts, codes, &mut out);
    let mut coder = Coder {
        tables: tables.map(|(table, _)| EncodeTable::new(&table)),
        lanes,
        next_lane: 0,
        items: Vec::new(),
        raw: BitWriter::default(),
        words: codes.each_ref().map(|(code, _)| code.words()),
        further: Default::default(),
    };
    emit(plan, &mut coder);
    if four_lanes {
        let further = coder.further.map(BitWriter::finish);
        further.iter().for_each(|sequence| varint::write(&mut out, sequence.len() as u64));
        further.iter().for_each(|sequence| out.extend_from_slice(sequence));
    }
    out.extend_from_slice(&coder.raw.finish());
    match four_lanes {
        false => lanes::encode::<One>(&coder.items, &mut out),
        true => lanes::encode::<Four>(&coder.items, &mut out),
    }
    out
}

/// Reads `count` vertices, interleaved; `runs` are the offsets of lines, rings and points and span
/// the vertices.
pub(crate) fn read(
    mut reader: Reader,
    runs: &[i32],
    closed: &dyn Fn() -> Closed,
    count: usize,
    budget: &mut Budget,
) -> Result<Vec<i32>> {
    let head = read_head(&mut reader, budget)?;
    // Only right angles want to know.
    let closed = if head.model.right_angles { &closed() } else { &Closed::All(false) };
    let mut vertices = match head.four_lanes {
        false => read_behind::<One>(&head, reader, runs, closed, count, budget)?,
        true => read_behind::<Four>(&head, reader, runs, closed, count, budget)?,
    };
    head.grid.spread(&mut vertices);
    Ok(bytemuck::allocation::cast_vec(vertices))
}

fn read_behind<S: Shape>(
    head: &Head,
    mut reader: Reader,
    runs: &[i32],
    closed: &Closed,
    count: usize,
    budget: &mut Budget,
) -> Result<Vec<[i32; 2]>> {
    let mut lens = [0; 3];
    if S::LANES == 4 {
        for len in &mut lens {
            *len = reader.count("length of literals")?;
        }
    }
    let at = reader.offset();
    let bytes = reader.bytes(reader.rest().len(), "raw bits and entropy-coded words")?;
    if bytes.len() > MOST_BYTES {
        let what = format!("references of {} bytes, more than {MOST_BYTES}", bytes.len());
        return Err(Error::new(ErrorKind::LimitExceeded, at, what));
    }
    let mut end = 0usize;
    let [further, ends] = {
        let mut starts = [0; 3];
        let ends = std::array::from_fn(|number| {
            starts[number] = end;
            end = end.saturating_add(lens[number]);
            end
        });
        [starts, ends]
    };
    if end > bytes.len() {
        return Err(Error::truncated(at, format!("literals: {end} bytes wanted, {} are there", bytes.len())));
    }
    let mut source = Source {
        lanes: Lanes::<S>::new(bytes, at)?,
        raw: BitReader::at(bytes, 8 * end),
        bytes,
        further: further.map(|start| 8 * start as u64),
        tables: &head.tables.all(),
        codes: head.tables.codes,
        at,
    };
    let Some(patterns) = (runs.len() - 1).checked_sub(head.onwards) else {
        let what = format!("{} runs copied onwards, of {}", head.onwards, runs.len() - 1);
        return Err(Error::inconsistent(at, what));
    };
    let vertices = source.vertices(&head.model, patterns, runs, closed, count, budget)?;
    source.finish_further(ends)?;
    let front = source.lanes.finish(at)?;
    source.raw.finish_within(front, at, "raw bits of back references")?;
    Ok(vertices)
}

/// Tells a reader's trace of the fields of a payload, all that the reader has.
pub(crate) fn describe(reader: &mut Reader<impl Trace>, budget: &mut Budget) -> Result<()> {
    if read_head(reader, budget)?.four_lanes {
        let mut lens = [0; 3];
        for len in &mut lens {
            *len = reader.count("length of literals")?;
        }
        for len in lens {
            reader.bytes(len, "literals")?;
        }
    }
    reader.bytes(reader.rest().len(), "raw bits and entropy-coded words").map(drop)
}

/// What stands before the raw bits.
struct Head {
    model: Model,
    /// How many of the last runs are copied onwards, and have no pattern.
    onwards: usize,
    four_lanes: bool,
    grid: Grid,
    tables: Tables,
}

fn read_head(reader: &mut Reader<impl Trace>, budget: &mut Budget) -> Result<Head> {
    let at = reader.offset();
    let flags = reader.u8("flags of back references")?;
    if flags & !(CONSTANT_START | RIGHT_ANGLES | FOUR_LANES | GRID | ONWARDS) != 0 {
        return Err(Error::unknown_id(at, "flags of back references", flags.into()));
    }
    let onwards = if flags & ONWARDS != 0 { reader.count("number of runs copied onwards")? } else { 0 };
    let grid = if flags & GRID != 0 { Grid::read(reader)? } else { Grid::default() };
    let start = match flags & CONSTANT_START {
        0 => None,
        _ => {
            let mut coordinate = || reader.varint_u32("start of back references").map(zigzag::decode32);
            Some([coordinate()?, coordinate()?])
        }
    };
    let model = Model { start, right_angles: flags & RIGHT_ANGLES != 0 };
    let tables = Tables::read(reader, budget)?;
    Ok(Head { model, onwards, four_lanes: flags & FOUR_LANES != 0, grid, tables })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn round_trip(vertices: &[[i32; 2]], runs: &[i32], closed: &Closed) -> Vec<u8> {
        let (payload, _) = write(bytemuck::cast_slice(vertices), runs, closed, 200_000);
        let reader = Reader::new(&payload, 0);
        let read = read(reader, runs, &|| closed.clone(), vertices.len(), &mut Budget::default()).unwrap();
        assert_eq!(bytemuck::cast_slice::<i32, [i32; 2]>(&read), vertices);
        payload
    }

    #[test]
    fn many_vertices_have_four_lanes() {
        let mut random = 1u64;
        let mut next = |below: u64| {
            random = random.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            ((random >> 33) % below) as i32
        };
        for count in [1500, 1501, 1502, 1503, 4000] {
            let mut vertices = vec![[0i32, 0]];
            let mut runs = vec![0];
            while vertices.len() < count {
                let [x, y] = vertices[vertices.len() - 1];
                match next(9) {
                    0 => vertices.push(vertices[next(vertices.len() as u64) as usize]),
                    1 => vertices.push([x.wrapping_add(next(1 << 30) << 2), next(1 << 16) - 40_000]),
                    _ => vertices.push([x.wrapping_add(next(30) - 15), y.wrapping_add(next(50) - 9)]),
                }
                if next(4) == 0 {
                    runs.push(vertices.len() as i32);
                }
            }
            if runs.last() != Some(&(vertices.len() as i32)) {
                runs.push(vertices.len() as i32);
            }
            for closed in [false, true] {
                let payload = round_trip(&vertices, &runs, &Closed::All(closed));
                assert!(payload[0] & FOUR_LANES != 0);
                for damage in (0..payload.len()).step_by(7) {
                    let mut bytes = payload.clone();
                    bytes[damage] ^= 1 << (damage % 8);
                    let closed = Closed::All(closed);
                    let _ = read(
                        Reader::new(&bytes, 0),
                        &runs,
                        &|| closed.clone(),
                        count,
                        &mut Budget::default(),
                    );
                    let prefix = Reader::new(&payload[..damage], 0);
                    assert!(read(prefix, &runs, &|| closed.clone(), count, &mut Budget::default()).is_err());
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn round_trips(
            seeds in prop::collection::vec((0i32..6, 0i32..6, 0u32..100), 1..300),
            cuts in prop::collection::vec(1usize..9, 1..40),
            closed: bool, scale in prop_oneof![Just(1), Just(4), Just(100_003), Just(i32::MAX / 3)],
        ) {
            // Few distinct vertices, so that there is much to copy, and some far away.
            let vertices: Vec<[i32; 2]> = seeds
                .iter()
                .map(|&(x, y, far)| if far == 0 { [i32::MIN + x, i32::MAX - y] } else { [x.wrapping_mul(scale), y.wrapping_mul(scale)] })
                .collect();
            let mut runs = vec![0];
            for cut in cuts.iter().cycle() {
                let last = *runs.last().unwrap() as usize;
                if last == vertices.len() {
                    break;
                }
                runs.push((last + cut).min(vertices.len()) as i32);
            }
            let closed = Closed::All(closed);
            let payload = round_trip(&vertices, &runs, &closed);
            for len in 0..payload.len() {
                let reader = Reader::new(&payload[..len], 0);
                prop_assert!(read(reader, &runs, &|| closed.clone(), vertices.len(), &mut Budget::default()).is_err());
            }
            for bit in 0..8 * payload.len() {
                let mut bytes = payload.clone();
                bytes[bit / 8] ^= 1 << (bit % 8);
                let _ = read(Reader::new(&bytes, 0), &runs, &|| closed.clone(), vertices.len(), &mut Budget::default());
            }
        }
    }
}
