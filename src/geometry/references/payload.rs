//! The payload: what stands before the symbols, the symbols' words and the raw bits.

use super::choose::Plan;
use super::contexts::COUNT;
use super::parse::Input;
use super::predict::{Closed, Model};
use super::symbols::{Coder, Source, Tables, emit};
use crate::encoding::rans::{DecodeTable, Decoder, EncodeTable, Encoder, Frequencies, SYMBOLS};
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::wire::bitstream::{BitReader, BitWriter};
use crate::wire::trace::Trace;
use crate::wire::{Reader, varint, zigzag};

const CONSTANT_START: u8 = 1;
const RIGHT_ANGLES: u8 = 2;
const GRID: u8 = 4;

/// Appends the payload of `vertices`, interleaved; `runs` are the offsets of lines, rings and
/// points.
pub(crate) fn write(vertices: &[i32], runs: &[i32], closed: &Closed, out: &mut Vec<u8>) {
    let input = Input { vertices: bytemuck::cast_slice(vertices), runs, closed };
    let plan = Plan::new(&input);
    let Plan { model, counts, .. } = &plan;

    let flag = |set: bool, flag: u8| if set { flag } else { 0 };
    out.push(
        flag(model.start.is_some(), CONSTANT_START)
            | flag(model.right_angles, RIGHT_ANGLES)
            | flag(model.grid, GRID),
    );
    for coordinate in model.start.into_iter().flatten() {
        varint::write(out, zigzag::encode32(coordinate).into());
    }
    let mut tables = BitWriter::default();
    for counts in counts {
        let used = *counts != [0; SYMBOLS];
        tables.put(used.into(), 1);
        if used {
            Frequencies::write(counts, SYMBOLS, &mut tables);
        }
    }
    out.extend_from_slice(&tables.finish());
    let tables = std::array::from_fn(|context| EncodeTable::new(&Frequencies::of_counts(&counts[context])));
    let mut coder = Coder { tables, symbols: Encoder::default(), raw: BitWriter::default() };
    emit(&input, &plan, &mut coder);
    let words = coder.symbols.finish();
    varint::write(out, words.len() as u64);
    out.extend(words.into_iter().flat_map(u16::to_le_bytes));
    out.extend_from_slice(&coder.raw.finish());
}

/// Reads `count` vertices, interleaved; `runs` are the offsets of lines, rings and points and span
/// the vertices.
pub(crate) fn read(
    mut reader: Reader,
    runs: &[i32],
    closed: &Closed,
    count: usize,
    budget: &mut Budget,
) -> Result<Vec<i32>> {
    let at = reader.offset();
    let Head { model, tables, words_at, words } = read_head(&mut reader, budget)?;
    let raw_at = reader.offset();
    let raw = reader.rest();

    let mut vertices: Vec<[i32; 2]> = budget.zeroed(count, "vertices", at)?;
    let start = model.start;
    let mut source = Source { symbols: Decoder::new(words), raw: BitReader::new(raw), tables: &tables };
    // One loop per kind of model, so that what a layer does not use costs it nothing.
    let done = if model.right_angles {
        source.fill(&Model { grid: false, right_angles: true, start }, runs, closed, &mut vertices)
    } else if model.grid {
        source.fill(&Model { grid: true, right_angles: false, start }, runs, closed, &mut vertices)
    } else {
        source.fill(&Model { grid: false, right_angles: false, start }, runs, closed, &mut vertices)
    };
    done.map_err(|what| Error::inconsistent(words_at, what))?;
    source.symbols.finish(words_at)?;
    source.raw.finish(raw_at, "raw bits of back references")?;
    Ok(bytemuck::allocation::cast_vec(vertices))
}

/// Tells a reader's trace of the fields of a payload, all that the reader has.
pub(crate) fn describe(reader: &mut Reader<impl Trace>, budget: &mut Budget) -> Result<()> {
    read_head(reader, budget)?;
    reader.bytes(reader.rest().len(), "raw bits").map(drop)
}

/// What stands before the raw bits.
struct Head<'a> {
    model: Model,
    tables: Box<Tables>,
    words_at: usize,
    words: &'a [u8],
}

fn read_head<'a>(reader: &mut Reader<'a, impl Trace>, budget: &mut Budget) -> Result<Head<'a>> {
    let at = reader.offset();
    let flags = reader.u8("flags of back references")?;
    if flags & !(CONSTANT_START | RIGHT_ANGLES | GRID) != 0
        || flags & (RIGHT_ANGLES | GRID) == RIGHT_ANGLES | GRID
    {
        return Err(Error::unknown_id(at, "flags of back references", flags.into()));
    }
    let start = match flags & CONSTANT_START {
        0 => None,
        _ => {
            let mut coordinate = || reader.varint_u32("start of back references").map(zigzag::decode32);
            Some([coordinate()?, coordinate()?])
        }
    };
    let model = Model { start, right_angles: flags & RIGHT_ANGLES != 0, grid: flags & GRID != 0 };
    let tables = read_tables(reader, budget)?;
    let words = reader.count("number of entropy-coded words")?;
    let words_at = reader.offset();
    let words = reader.bytes(words.saturating_mul(2), "entropy-coded words")?;
    Ok(Head { model, tables, words_at, words })
}

fn read_tables(reader: &mut Reader<impl Trace>, budget: &mut Budget) -> Result<Box<Tables>> {
    let at = reader.offset();
    budget.charge(size_of::<Tables>(), "entropy tables", at)?;
    let mut tables = Box::new([DecodeTable::UNUSED; COUNT]);
    let mut bits = BitReader::new(reader.rest());
    for table in tables.iter_mut() {
        if bits.get(1) == 1 {
            *table = DecodeTable::new(&Frequencies::read(&mut bits, SYMBOLS, at)?);
        }
    }
    let len = bits.bytes_read();
    bits.finish_within(reader.bytes(len, "entropy tables")?, at, "entropy tables")?;
    Ok(tables)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn round_trip(vertices: &[[i32; 2]], runs: &[i32], closed: &Closed) -> Vec<u8> {
        let mut payload = Vec::new();
        write(bytemuck::cast_slice(vertices), runs, closed, &mut payload);
        let reader = Reader::new(&payload, 0);
        let read = read(reader, runs, closed, vertices.len(), &mut Budget::default()).unwrap();
        assert_eq!(bytemuck::cast_slice::<i32, [i32; 2]>(&read), vertices);
        payload
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
                prop_assert!(read(reader, &runs, &closed, vertices.len(), &mut Budget::default()).is_err());
            }
            for bit in 0..8 * payload.len() {
                let mut bytes = payload.clone();
                bytes[bit / 8] ^= 1 << (bit % 8);
                let _ = read(Reader::new(&bytes, 0), &runs, &closed, vertices.len(), &mut Budget::default());
            }
        }
    }
}
