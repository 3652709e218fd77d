//! The vertices of a layer: one run over all features.
//!
//! ```text
//! id  name        payload
//! 0   delta       child: differences of the first vertex of each line and ring │ child: of all others
//!                 only points: child: differences
//! 1   ice         varint d │ child: differences of the d distinct vertices; the vertex offsets stream
//!                 says for each vertex which of them it is
//! 2   references  see `references`
//! 3   packed references   see `references::packed`
//! 4   hilbert     see `hilbert`
//! 5   plain       see `plain`
//! ```
//!
//! Differences are x, y, x, y …, each the zigzag difference from the same coordinate of the vertex
//! before (across lines, rings and features); the first vertex from (0, 0).
//!
//! ```text
//! lines (2,3) (4,3) and (9,9) (8,9)  ▶  +2 +3 │ +2 0 │ +5 +6 │ −1 0
//!                                    ▶  first 4 6 10 12, others 4 0 1 0
//! ```

use super::references::{self, Closed, packed};
use super::{hilbert, ice, plain};
use crate::curve::Curve;
use crate::encoding::delta;
use crate::encoding::int::Int;
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::stream::choose::Chooser;
use crate::stream::{Encoded, OutStream, Role, Streams, ints};
use crate::wire::ids::wire_ids;
use crate::wire::{Reader, varint};

wire_ids! {
    /// How the vertices of a layer are coded.
    pub enum VertexEncoding: "vertex encoding" {
        /// Differences between neighbours.
        Delta = 0 "delta",
        /// Indexed Coordinate Encoding: distinct vertices along a Hilbert curve, and an offset for
        /// each vertex.
        Ice = 1 "ice",
        /// Literals and copies of earlier vertices, entropy coded.
        References = 2 "references",
        /// Differences and copies of earlier vertices, bit-packed.
        PackedReferences = 3 "packed references",
        /// Places along a Hilbert curve.
        Hilbert = 4 "hilbert",
        /// As they are.
        Plain = 5 "plain",
    }
    reserved {
    }
}

/// How to choose between the encodings of vertices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VertexChoice {
    /// The one of the lowest price, where bytes are worth much.
    Smallest,
    /// One that decodes quickly.
    Quick,
    /// This one.
    Only(VertexEncoding),
}

/// Which vertices belong together: a line, a ring or a point is a run.
#[derive(Clone, Copy)]
pub(crate) struct Runs<'a> {
    /// Offsets of lines and rings; none if every run is a point.
    pub(crate) offsets: Option<&'a [i32]>,
    /// Tells which of them are rings, for the encodings that want to know.
    pub(crate) closed: &'a dyn Fn() -> Closed,
}

/// Adds the streams of `vertices`, interleaved.
pub(crate) fn write(
    vertices: &[i32],
    runs: Runs,
    choice: VertexChoice,
    chooser: &Chooser,
    out: &mut Vec<OutStream>,
) {
    match choice {
        VertexChoice::Only(VertexEncoding::Delta) => out.push(write_delta(vertices, runs, chooser)),
        VertexChoice::Only(VertexEncoding::Ice) => out.extend(write_ice(vertices, chooser)),
        VertexChoice::Only(VertexEncoding::References) => {
            out.push(write_references(vertices, runs, chooser.byte_time));
        }
        VertexChoice::Only(VertexEncoding::PackedReferences) => {
            out.push(write_packed(vertices, runs, chooser, false));
        }
        VertexChoice::Only(VertexEncoding::Plain) => {
            let encoded = Encoded::new(VertexEncoding::Plain.id(), plain::write(vertices));
            out.push(OutStream::new(Role::Vertices, encoded));
        }
        VertexChoice::Only(VertexEncoding::Hilbert) => {
            let pairs = vertices.chunks_exact(2).map(|vertex| [vertex[0], vertex[1]]);
            let curve = hilbert::followed(vertices).unwrap_or_else(|| Curve::around(pairs));
            out.push(hilbert::write(vertices, &curve, chooser));
        }
        // So many points lie close to each other if somebody sorted them, and far apart if not; either way
        // differences are all there is to gain, and a search for repetitions takes longest of all.
        VertexChoice::Quick if runs.offsets.is_none() && vertices.len() / 2 > MANY_POINTS => {
            out.push(write_delta(vertices, runs, chooser));
        }
        VertexChoice::Quick => {
            let chosen = write_packed(vertices, runs, chooser, true);
            note(chosen.encoded.encoding, &chosen, vertices, chooser, || {
                vec![
                    vec![write_delta(vertices, runs, chooser)],
                    vec![write_packed(vertices, runs, chooser, false)],
                ]
            });
            out.push(chosen);
        }
        VertexChoice::Smallest => {
            let mut ways = Vec::new();
            // Lines do not follow a curve for long; points do if somebody sorted them.
            if runs.offsets.is_none() {
                ways.extend(
                    hilbert::followed(vertices).map(|curve| vec![hilbert::write(vertices, &curve, chooser)]),
                );
            }
            if vertices.len() / 2 <= FEW {
                ways.push(vec![write_delta(vertices, runs, chooser)]);
                ways.push(Vec::from(write_ice(vertices, chooser)));
            }
            ways.push(vec![write_references(vertices, runs, chooser.byte_time)]);
            let price = |streams: &Vec<OutStream>| {
                let bytes = streams.iter().map(|stream| stream.encoded.payload.len() + 2).sum();
                chooser.price(bytes, time(&streams[0], vertices.len() / 2))
            };
            let best = ways.iter().min_by_key(|streams| price(streams)).expect("at least one way").clone();
            note(best[0].encoded.encoding, &best[0], vertices, chooser, || ways);
            out.extend(best);
        }
    }
}

/// Keeps what was tried for the stream that became `chosen`, of encoding `taken`, if somebody asks.
fn note(
    taken: u8,
    chosen: &OutStream,
    vertices: &[i32],
    chooser: &Chooser,
    ways: impl FnOnce() -> Vec<Vec<OutStream>>,
) {
    let encoding = |id: u8| VertexEncoding::from_id(id, 0).expect("an encoding that writers know");
    chooser.note(&chosen.encoded, encoding(taken).name(), || {
        let ways = ways().into_iter().map(|streams| {
            let encoding = encoding(streams[0].encoded.encoding);
            let bytes = streams.iter().map(|stream| stream.encoded.payload.len()).sum();
            chooser.tried(encoding.name(), bytes, time(&streams[0], vertices.len() / 2))
        });
        ways.collect()
    });
}

/// Picoseconds to decode `count` vertices, by the benches; references know better what they hold.
fn time(stream: &OutStream, count: usize) -> u64 {
    let of_one = match VertexEncoding::from_id(stream.encoded.encoding, 0) {
        Ok(VertexEncoding::Plain) => 400,
        Ok(VertexEncoding::Delta) => 2_500,
        Ok(VertexEncoding::Ice) => 4_000,
        Ok(VertexEncoding::PackedReferences) => 5_000,
        Ok(VertexEncoding::Hilbert) => 10_000,
        Ok(VertexEncoding::References) | Err(_) => return stream.encoded.time,
    };
    count as u64 * of_one
}

/// Above this many points, the profile `fast` looks for no repetitions.
const MANY_POINTS: usize = 1 << 16;

/// Up to this many vertices, other encodings may be smaller than back references with their tables.
/// Above, they gain less than 0.05 % of the OpenMapTiles corpus and double the time to encode it.
const FEW: usize = 256;

fn write_references(vertices: &[i32], runs: Runs, byte_time: u64) -> OutStream {
    let write = |offsets: &[i32]| references::write(vertices, offsets, &(runs.closed)(), byte_time);
    let (payload, time) = match runs.offsets {
        Some(offsets) => write(offsets),
        None => write(&(0..=(vertices.len() / 2) as i32).collect::<Vec<i32>>()),
    };
    OutStream::new(Role::Vertices, Encoded { time, ..Encoded::new(VertexEncoding::References.id(), payload) })
}

fn write_packed(vertices: &[i32], runs: Runs, chooser: &Chooser, worth_it: bool) -> OutStream {
    match packed::write(vertices, worth_it, chooser) {
        Some(payload) => {
            OutStream::new(Role::Vertices, Encoded::new(VertexEncoding::PackedReferences.id(), payload))
        }
        None => write_delta(vertices, runs, chooser),
    }
}

fn write_delta(vertices: &[i32], runs: Runs, chooser: &Chooser) -> OutStream {
    let deltas = delta::encode::<2, u32>(bytemuck::cast_slice(vertices));
    let mut payload = Vec::new();
    match runs.offsets {
        None => chooser.deltas(&deltas).write_last_child(&mut payload),
        Some(rings) => {
            let mut starts = Vec::with_capacity(2 * rings.len());
            let mut inner = Vec::with_capacity(deltas.len());
            for ring in rings.windows(2) {
                let ring = &deltas[2 * ring[0] as usize..2 * ring[1] as usize];
                starts.extend_from_slice(&ring[..2]);
                inner.extend_from_slice(&ring[2..]);
            }
            chooser.deltas(&starts).write_child(&mut payload);
            chooser.deltas(&inner).write_last_child(&mut payload);
        }
    }
    OutStream::new(Role::Vertices, Encoded::new(VertexEncoding::Delta.id(), payload))
}

fn write_ice(vertices: &[i32], chooser: &Chooser) -> [OutStream; 2] {
    let (distinct, offsets) = ice::encode(vertices);
    let mut payload = Vec::new();
    varint::write(&mut payload, (distinct.len() / 2) as u64);
    chooser.deltas(&delta::encode::<2, u32>(bytemuck::cast_slice(&distinct))).write_last_child(&mut payload);
    [
        OutStream::new(Role::Vertices, Encoded::new(VertexEncoding::Ice.id(), payload)),
        OutStream::new(Role::VertexOffsets, chooser.ints(&offsets)),
    ]
}

/// Reads `count` vertices, interleaved. Every run has at least one vertex.
pub(crate) fn read(streams: &Streams, runs: Runs, count: usize, budget: &mut Budget) -> Result<Vec<i32>> {
    let (entry, mut reader) = streams.need(Role::Vertices)?;
    let at = reader.offset();
    let encoding = VertexEncoding::from_id(entry.encoding(), at)?;
    if encoding != VertexEncoding::Ice {
        streams.none(Role::VertexOffsets)?;
    }
    match (encoding, runs.offsets) {
        (VertexEncoding::Delta, None) => read_deltas(reader, count, budget),
        (VertexEncoding::Delta, Some(rings)) => {
            let starts: Vec<u32> = ints::scratch_of_child(&mut reader, 2 * (rings.len() - 1), budget)?;
            let inner: Vec<u32> = ints::scratch_of_last_child(reader, 2 * (count + 1 - rings.len()), budget)?;
            let mut out = budget.zeroed(count, "vertices", at)?;
            join(&starts, &inner, rings, &mut out);
            budget.give_back(starts);
            budget.give_back(inner);
            Ok(bytemuck::allocation::cast_vec(out))
        }
        (VertexEncoding::Ice, _) => {
            let distinct = reader.count("number of distinct vertices")?;
            let distinct = read_deltas(reader, distinct, budget)?;
            let (entry, reader) = streams.need(Role::VertexOffsets)?;
            let at = reader.offset();
            let offsets = ints::read(entry.encoding(), reader, count, budget)?;
            ice::decode(&distinct, &offsets, at, budget)
        }
        (VertexEncoding::PackedReferences, _) => packed::read(reader, count, budget),
        (VertexEncoding::Hilbert, _) => hilbert::read(reader, count, budget),
        (VertexEncoding::Plain, _) => plain::read(reader, count, budget),
        (VertexEncoding::References, Some(offsets)) => {
            budget.charge(offsets.len() - 1, "closed rings", at)?;
            references::read(reader, offsets, runs.closed, count, budget)
        }
        (VertexEncoding::References, None) => {
            let mut points = budget.vec(count + 1, "runs of points", at)?;
            points.extend(0..=count as i32);
            references::read(reader, &points, &|| Closed::All(false), count, budget)
        }
    }
}

/// Adds up the differences of rings' first vertices, `starts`, and of all others, `inner`.
fn join(starts: &[u32], inner: &[u32], rings: &[i32], out: &mut [[i32; 2]]) {
    let (starts, _) = starts.as_chunks::<2>();
    let (mut inner, _) = inner.as_chunks::<2>();
    let (mut x, mut y) = (0u32, 0u32);
    let mut next = |delta: &[u32; 2]| {
        x = delta[0].undo_zigzag_delta(x);
        y = delta[1].undo_zigzag_delta(y);
        [x as i32, y as i32]
    };
    for (start, ring) in starts.iter().zip(rings.windows(2)) {
        let ring = &mut out[ring[0] as usize..ring[1] as usize];
        ring[0] = next(start);
        let (own, rest) = inner.split_at(ring.len() - 1);
        for (vertex, delta) in ring[1..].iter_mut().zip(own) {
            *vertex = next(delta);
        }
        inner = rest;
    }
}

fn read_deltas(reader: Reader, count: usize, budget: &mut Budget) -> Result<Vec<i32>> {
    let count =
        count.checked_mul(2).ok_or_else(|| Error::inconsistent(reader.offset(), "too many vertices"))?;
    let mut values: Vec<u32> = ints::read_last_child(reader, count, budget)?;
    delta::decode_in_place::<2, u32>(&mut values);
    Ok(bytemuck::allocation::cast_vec(values))
}
