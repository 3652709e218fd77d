//! The vertices of a layer: one run over all features.
//!
//! ```text
//! id  name   payload
//! 0   delta  child: differences of the first vertex of each line and ring │ child: of all others
//!            only points: child: differences
//! 1   ice    varint d │ child: differences of the d distinct vertices; the vertex offsets stream
//!            says for each vertex which of them it is
//! ```
//!
//! Differences are x, y, x, y …, each the zigzag difference from the same coordinate of the vertex
//! before (across lines, rings and features); the first vertex from (0, 0).
//!
//! ```text
//! lines (2,3) (4,3) and (9,9) (8,9)  ▶  +2 +3 │ +2 0 │ +5 +6 │ −1 0
//!                                    ▶  first 4 6 10 12, others 4 0 1 0//! ```

use super::ice;
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
    }
    reserved {
        2 "back references",
    }
}

/// How to choose between the encodings of vertices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VertexChoice {
    /// The smaller one.
    Auto,
    /// This one.
    Only(VertexEncoding),
}

/// Adds the streams of `vertices`, interleaved. `rings` are the offsets of lines and rings; none
/// if there are only points.
pub(crate) fn write(
    vertices: &[i32],
    rings: Option<&[i32]>,
    choice: VertexChoice,
    chooser: &Chooser,
    out: &mut Vec<OutStream>,
) {
    match choice {
        VertexChoice::Only(VertexEncoding::Delta) => out.push(write_delta(vertices, rings, chooser)),
        VertexChoice::Only(VertexEncoding::Ice) => out.extend(write_ice(vertices, chooser)),
        VertexChoice::Auto => {
            let delta = write_delta(vertices, rings, chooser);
            let ice = write_ice(vertices, chooser);
            let size: usize = ice.iter().map(|stream| stream.encoded.payload.len() + 2).sum();
            if size < delta.encoded.payload.len() + 2 {
                out.extend(ice);
            } else {
                out.push(delta);
            }
        }
    }
}

fn write_delta(vertices: &[i32], rings: Option<&[i32]>, chooser: &Chooser) -> OutStream {
    let deltas = delta::encode::<2, u32>(bytemuck::cast_slice(vertices));
    let mut payload = Vec::new();
    match rings {
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
    OutStream::new(Role::Vertices, Encoded { encoding: VertexEncoding::Delta.id(), payload })
}

fn write_ice(vertices: &[i32], chooser: &Chooser) -> [OutStream; 2] {
    let (distinct, offsets) = ice::encode(vertices);
    let mut payload = Vec::new();
    varint::write(&mut payload, (distinct.len() / 2) as u64);
    chooser.deltas(&delta::encode::<2, u32>(bytemuck::cast_slice(&distinct))).write_last_child(&mut payload);
    [
        OutStream::new(Role::Vertices, Encoded { encoding: VertexEncoding::Ice.id(), payload }),
        OutStream::new(Role::VertexOffsets, chooser.ints(&offsets)),
    ]
}

/// Reads `count` vertices, interleaved. `rings` are the offsets of lines and rings, each of at
/// least one vertex; none if there are only points.
pub(crate) fn read(
    streams: &Streams,
    rings: Option<&[i32]>,
    count: usize,
    budget: &mut Budget,
) -> Result<Vec<i32>> {
    let (entry, mut reader) = streams.need(Role::Vertices)?;
    let at = reader.offset();
    match (VertexEncoding::from_id(entry.encoding(), at)?, rings) {
        (VertexEncoding::Delta, None) => read_deltas(reader, count, budget),
        (VertexEncoding::Delta, Some(rings)) => {
            let starts: Vec<u32> = ints::read_child(&mut reader, 2 * (rings.len() - 1), budget)?;
            let inner: Vec<u32> = ints::read_last_child(reader, 2 * (count + 1 - rings.len()), budget)?;
            let mut out = budget.vec(2 * count, "vertices", at)?;
            join(&starts, &inner, rings, &mut out);
            Ok(out)
        }
        (VertexEncoding::Ice, _) => {
            let distinct = reader.count("number of distinct vertices")?;
            let distinct = read_deltas(reader, distinct, budget)?;
            let (entry, reader) = streams.need(Role::VertexOffsets)?;
            let at = reader.offset();
            let offsets = ints::read(entry.encoding(), reader, count, budget)?;
            ice::decode(&distinct, &offsets, at, budget)
        }
    }
}

/// Adds up the differences of rings' first vertices, `starts`, and of all others, `inner`.
fn join(starts: &[u32], inner: &[u32], rings: &[i32], out: &mut Vec<i32>) {
    let (mut x, mut y) = (0u32, 0u32);
    let (starts, _) = starts.as_chunks::<2>();
    let (mut inner, _) = inner.as_chunks::<2>();
    for (start, ring) in starts.iter().zip(rings.windows(2)) {
        let (own, rest) = inner.split_at((ring[1] - ring[0]) as usize - 1);
        for delta in std::iter::once(start).chain(own) {
            x = delta[0].undo_zigzag_delta(x);
            y = delta[1].undo_zigzag_delta(y);
            out.extend_from_slice(&[x as i32, y as i32]);
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
