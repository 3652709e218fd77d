//! Steps as symbols and raw bits, and back: the twin of writer and reader.
//!
//! ```text
//! component  v of bit length n (0 for 0): v if v > 0, else v + 2^n − 1, in n raw bits
//! escape     n ≥ 12 is the symbol 12, and further on the symbol n − 12; 15: 3 raw bits, n − 27
//! length     only if more than one vertex is missing in the run: 0: all that are missing,
//!            1..=14: the bit length n of the length, 15: 5 raw bits, n; then n − 1 raw bits
//! distance   0..=14: the bit length n less one, 15: 5 raw bits, n less one; then n − 1 raw bits
//! ```

use super::contexts::{self, BACKWARD, CONTINUE, COUNT, ESCAPE, FORWARD, Position};
use super::parse::{Costs, Input, Literals, Step, after, length, neutral_costs, parse};
use super::predict::{Closed, Model};
use super::search::{Earlier, Match};
use crate::encoding::rans::{DecodeTable, Decoder, EncodeTable, Encoder, Frequencies, NO_SYMBOL, SYMBOLS};
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::wire::bitstream::{BitReader, BitWriter};
use crate::wire::{Reader, varint, zigzag};

const CONSTANT_START: u8 = 1;
const RIGHT_ANGLES: u8 = 2;
const GRID: u8 = 4;

/// How many passes the parse takes.
const PASSES: usize = 2;

/// Takes symbols with their contexts and raw bits: a histogram, or a coder.
trait Sink {
    fn symbol(&mut self, context: usize, symbol: usize);
    fn raw(&mut self, value: u32, width: u32);
}

type Counts = [[u32; SYMBOLS]; COUNT];

struct Histogram(Counts);

impl Sink for Histogram {
    fn symbol(&mut self, context: usize, symbol: usize) {
        self.0[context][symbol] += 1;
    }

    fn raw(&mut self, _: u32, _: u32) {}
}

struct Coder {
    tables: [EncodeTable; COUNT],
    symbols: Encoder,
    raw: BitWriter,
}

impl Sink for Coder {
    fn symbol(&mut self, context: usize, symbol: usize) {
        self.symbols.put(&self.tables[context], symbol);
    }

    fn raw(&mut self, value: u32, width: u32) {
        self.raw.put(value, width);
    }
}

/// Appends the payload of `vertices`, interleaved; `runs` are the offsets of lines, rings and
/// points.
pub(crate) fn write(vertices: &[i32], runs: &[i32], closed: &Closed, out: &mut Vec<u8>) {
    let input = Input { vertices: bytemuck::cast_slice(vertices), runs, closed };
    let (model, literals) = choose_model(&input);
    let earlier = Earlier::new(input.vertices);
    let mut costs = neutral_costs();
    let (mut steps, mut counts) = (Vec::new(), [[0; SYMBOLS]; COUNT]);
    for _ in 0..PASSES {
        steps = parse(&input, &literals, &earlier, &costs);
        let mut histogram = Histogram([[0; SYMBOLS]; COUNT]);
        emit(&input, &model, &literals, &steps, &mut histogram);
        counts = histogram.0;
        costs = costs_of(&counts);
    }

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
    for counts in &counts {
        let used = *counts != [0; SYMBOLS];
        tables.put(used.into(), 1);
        if used {
            Frequencies::write(counts, &mut tables);
        }
    }
    out.extend_from_slice(&tables.finish());
    let tables = std::array::from_fn(|context| EncodeTable::new(&Frequencies::of_counts(&counts[context])));
    let mut coder = Coder { tables, symbols: Encoder::default(), raw: BitWriter::default() };
    emit(&input, &model, &literals, &steps, &mut coder);
    let words = coder.symbols.finish();
    varint::write(out, words.len() as u64);
    out.extend(words.into_iter().flat_map(u16::to_le_bytes));
    out.extend_from_slice(&coder.raw.finish());
}

/// The prices of symbols under the tables of `counts`.
fn costs_of(counts: &Counts) -> Costs {
    std::array::from_fn(|context| match counts[context] == [0; SYMBOLS] {
        // A context not seen yet may well be used if that pays.
        true => neutral_costs()[context],
        false => Frequencies::of_counts(&counts[context]).costs(),
    })
}

/// The model under which the literals take the fewest bits.
fn choose_model(input: &Input) -> (Model, Literals) {
    let plain = Model::default();
    let mut best = (plain, Literals::new(input, &plain));
    let mut fewest = best.1.bits();
    let on_grid = input
        .vertices
        .windows(2)
        .take(1 << 16)
        .all(|pair| (pair[0][0] ^ pair[1][0] | pair[0][1] ^ pair[1][1]) & 3 == 0);
    let angles = Model { right_angles: true, ..plain };
    let grid = Model { grid: true, ..plain };
    for model in [(angles, input.closed.any()), (grid, on_grid)]
        .into_iter()
        .filter_map(|(model, may)| may.then_some(model))
    {
        let literals = Literals::new(input, &model);
        if literals.bits() < fewest {
            fewest = literals.bits();
            best = (model, literals);
        }
    }
    let constant = Model { start: Some(centre(input)), ..best.0 };
    let literals = Literals::new(input, &constant);
    // The constant itself takes some three bytes.
    if literals.bits() + 24 < fewest {
        best = (constant, literals);
    }
    best
}

/// The centre of the box around the first vertices of all runs.
fn centre(input: &Input) -> [i32; 2] {
    let starts = input.runs.windows(2).map(|range| input.vertices[range[0] as usize]);
    let (min, max) = starts.fold(([i32::MAX; 2], [i32::MIN; 2]), |(min, max), vertex| {
        ([min[0].min(vertex[0]), min[1].min(vertex[1])], [max[0].max(vertex[0]), max[1].max(vertex[1])])
    });
    [0, 1].map(|axis| ((i64::from(min[axis]) + i64::from(max[axis])) >> 1) as i32)
}

/// Hands all symbols and raw bits of `steps` to `sink`.
fn emit(input: &Input, model: &Model, literals: &Literals, steps: &[Step], sink: &mut impl Sink) {
    let mut steps = steps.iter();
    for range in input.runs.windows(2) {
        let (mut place, end) = (range[0] as usize, range[1] as usize);
        let mut after_copy = false;
        while place < end {
            let position = literals.positions[place];
            let context = contexts::step(position, after_copy);
            match steps.next().expect("steps fill the runs") {
                Step::Literal => {
                    emit_literal(model, literals, place, context, sink);
                    place += 1;
                    after_copy = false;
                }
                Step::Copy(copy) => {
                    emit_copy(copy, place, end - place, position, context, sink);
                    place += copy.len;
                    after_copy = true;
                }
            }
        }
    }
}

fn emit_literal(model: &Model, literals: &Literals, place: usize, context: usize, sink: &mut impl Sink) {
    let position = literals.positions[place];
    let components = literals.components[place];
    let lengths = components.map(length);
    let symbols = lengths.map(|length| (length as usize).min(ESCAPE));
    sink.symbol(context, symbols[0]);
    sink.symbol(contexts::second(position, symbols[0]), symbols[1]);
    for (index, &length) in lengths.iter().enumerate() {
        if symbols[index] == ESCAPE {
            let symbol = (length as usize - ESCAPE).min(15);
            sink.symbol(contexts::ESCAPE_FIRST + index, symbol);
            if symbol == 15 {
                sink.raw(length - 27, 3);
            }
        }
    }
    if model.grid {
        sink.symbol(contexts::low_bits(position), literals.low[place] as usize);
    }
    for (component, length) in components.into_iter().zip(lengths) {
        let mask = ((1u64 << length) - 1) as u32;
        sink.raw(
            if component > 0 { component as u32 } else { (component as u32).wrapping_add(mask) & mask },
            length,
        );
    }
}

fn emit_copy(
    copy: &Match,
    place: usize,
    left: usize,
    position: Position,
    context: usize,
    sink: &mut impl Sink,
) {
    sink.symbol(context, copy.kind);
    if left > 1 {
        let context = contexts::length(position == Position::Start, copy.kind);
        if copy.len == left {
            sink.symbol(context, 0);
        } else {
            let bits = usize::BITS - copy.len.leading_zeros();
            sink.symbol(context, bits.min(15) as usize);
            if bits >= 15 {
                sink.raw(bits, 5);
            }
            sink.raw((copy.len - (1 << (bits - 1))) as u32, bits - 1);
        }
    }
    if copy.kind != CONTINUE {
        let distance = place - copy.from;
        let bits = usize::BITS - distance.leading_zeros();
        sink.symbol(contexts::distance(copy.kind), (bits - 1).min(15) as usize);
        if bits > 15 {
            sink.raw(bits - 1, 5);
        }
        sink.raw((distance - (1 << (bits - 1))) as u32, bits - 1);
    }
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
    let tables = read_tables(&mut reader, budget)?;
    let words = reader.count("number of entropy-coded words")?;
    let words_at = reader.offset();
    let words = reader.bytes(words.checked_mul(2).unwrap_or(usize::MAX), "entropy-coded words")?;
    let raw_at = reader.offset();
    let raw = reader.rest();

    let mut vertices: Vec<[i32; 2]> = budget.zeroed(count, "vertices", at)?;
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

type Tables = [DecodeTable; COUNT];

fn read_tables(reader: &mut Reader, budget: &mut Budget) -> Result<Box<Tables>> {
    let at = reader.offset();
    budget.charge(size_of::<Tables>(), "entropy tables", at)?;
    let mut tables = Box::new([DecodeTable::UNUSED; COUNT]);
    let mut bits = BitReader::new(reader.rest());
    for table in tables.iter_mut() {
        if bits.get(1) == 1 {
            *table = DecodeTable::new(&Frequencies::read(&mut bits, at)?);
        }
    }
    let len = bits.bytes_read();
    bits.finish_within(reader.bytes(len, "entropy tables")?, at, "entropy tables")?;
    Ok(tables)
}

struct Source<'a> {
    symbols: Decoder<'a>,
    raw: BitReader<'a>,
    tables: &'a Tables,
}

impl Source<'_> {
    /// Decodes all runs.
    #[inline(always)]
    fn fill(
        &mut self,
        model: &Model,
        runs: &[i32],
        closed: &Closed,
        vertices: &mut [[i32; 2]],
    ) -> Result<(), &'static str> {
        let mut next = 0;
        let mut before = [0, 0];
        for (run, range) in runs.windows(2).enumerate() {
            let (start, end) = (range[0] as usize, range[1] as usize);
            let closed = model.right_angles && closed.get(run);
            let mut place = start;
            let mut after_copy = false;
            while place < end {
                let position = model.position(place - start, end - start, closed);
                let step = self.symbols.get(&self.tables[contexts::step(position, after_copy)]);
                if step <= ESCAPE {
                    let (components, low) = self.literal(model, position, step)?;
                    let run = &vertices[start..place];
                    before = model.vertex(components, low, run, position, end - start, before);
                    vertices[place] = before;
                    place += 1;
                    next += 1;
                } else {
                    let copy = self.copy(step, position, place, end - place, next)?;
                    copy_within(vertices, &copy, place);
                    next = after(&copy, next);
                    place += copy.len;
                    before = vertices[place - 1];
                }
                after_copy = step > ESCAPE;
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn literal(
        &mut self,
        model: &Model,
        position: Position,
        first: usize,
    ) -> Result<([i32; 2], u32), &'static str> {
        let second = self.symbols.get(&self.tables[contexts::second(position, first)]);
        let mut lengths = [first as u32, second as u32];
        if first.max(second) >= ESCAPE {
            self.escapes(&mut lengths)?;
        }
        let low =
            if model.grid { self.symbols.get(&self.tables[contexts::low_bits(position)]) as u32 } else { 0 };
        if low as usize == NO_SYMBOL {
            return Err("low bits without a table");
        }
        // Two components of at most 28 bits lie within what one look shows.
        let components = if lengths[0] + lengths[1] <= 56 {
            let bits = self.raw.peek();
            self.raw.skip(lengths[0] + lengths[1]);
            [component(bits, lengths[0]), component(bits >> lengths[0], lengths[1])]
        } else {
            lengths.map(|length| component(self.raw.get(length).into(), length))
        };
        Ok((components, low))
    }

    #[cold]
    fn escapes(&mut self, lengths: &mut [u32; 2]) -> Result<(), &'static str> {
        for (index, length) in lengths.iter_mut().enumerate() {
            if *length as usize > ESCAPE {
                return Err("a component without a table or of a length that has none");
            }
            if *length as usize == ESCAPE {
                *length += match self.symbols.get(&self.tables[contexts::ESCAPE_FIRST + index]) {
                    15 => 15 + self.raw.get(3),
                    symbol => symbol as u32,
                };
            }
            if *length > 32 {
                return Err("an escape without a table or of more than 32 bits");
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn copy(
        &mut self,
        kind: usize,
        position: Position,
        place: usize,
        left: usize,
        next: usize,
    ) -> Result<Match, &'static str> {
        if kind == NO_SYMBOL {
            return Err("a step without a table");
        }
        let mut len = 1;
        if left > 1 {
            let context = contexts::length(position == Position::Start, kind);
            len = match self.symbols.get(&self.tables[context]) {
                0 => left,
                symbol => {
                    let bits = if symbol < 15 { symbol as u32 } else { self.long(symbol)? };
                    1 << (bits - 1) | self.raw.get(bits - 1) as usize
                }
            };
        }
        let from = if kind == CONTINUE {
            next
        } else {
            let symbol = self.symbols.get(&self.tables[contexts::distance(kind)]);
            let bits = if symbol < 15 { symbol as u32 } else { self.long(symbol)? };
            let distance = 1 << bits | self.raw.get(bits) as usize;
            place.checked_sub(distance).ok_or("a copy from before the first vertex")?
        };
        let fits = match kind {
            BACKWARD => len <= from + 1,
            _ => from + len <= place,
        };
        if len > left || !fits {
            return Err("a copy of more vertices than there are");
        }
        Ok(Match { kind, from, len })
    }

    /// The bit length that symbol 15 leaves to the raw bits.
    #[cold]
    fn long(&mut self, symbol: usize) -> Result<u32, &'static str> {
        match (symbol, self.raw.get(5)) {
            (NO_SYMBOL, _) => Err("a length or distance without a table"),
            (_, 0) => Err("a length or distance of no bits"),
            (_, bits) => Ok(bits),
        }
    }
}

/// The component of bit length `length` in the lowest bits of `bits`.
#[inline(always)]
fn component(bits: u64, length: u32) -> i32 {
    let mask = ((1u64 << length) - 1) as u32;
    let value = bits as u32 & mask;
    // Without a branch: the highest bit is set in positive values only.
    let negative = (value <= mask >> 1) as u32;
    value.wrapping_sub(mask * negative) as i32
}

#[inline(always)]
fn copy_within(vertices: &mut [[i32; 2]], copy: &Match, place: usize) {
    let &Match { kind, from, len } = copy;
    debug_assert!(kind >= FORWARD);
    if kind == BACKWARD {
        for index in 0..len {
            vertices[place + index] = vertices[from - index];
        }
    } else if len <= 2 {
        vertices[place] = vertices[from];
        vertices[place + len - 1] = vertices[from + len - 1];
    } else {
        vertices.copy_within(from..from + len, place);
    }
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

    #[test]
    fn components_of_every_length() {
        for value in [0, 1, -1, 5, -8, i32::MAX, i32::MIN + 1, i32::MIN] {
            let n = length(value);
            let mask = ((1u64 << n) - 1) as u32;
            let raw = if value > 0 { value as u32 } else { (value as u32).wrapping_add(mask) & mask };
            assert_eq!(component(raw.into(), n), value, "{value}");
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
