//! How geometries are coded, for those who explain a tile: see `stream::describe`.

use super::Geometry;
use super::vertices::VertexEncoding;
use super::{plain, references};
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::stream::describe::{self, Coding};
use crate::stream::{Role, StreamEntry};
use crate::wire::Reader;
use crate::wire::trace::Trace;

/// How the stream of `entry`, all that `reader` has, is coded; `geometry` is what the column holds.
pub(crate) fn stream(
    entry: &StreamEntry,
    reader: Reader<impl Trace>,
    geometry: &Geometry,
    budget: &mut Budget,
) -> Result<Coding> {
    let encoding = entry.encoding();
    match entry.role() {
        Role::Types => describe::bytes(encoding, reader, geometry.len()),
        Role::Vertices | Role::VertexOffsets => {
            let runs = geometry.ring_offsets().map(|offsets| offsets.len() - 1);
            vertices(entry, reader, geometry.vertices().len() / 2, runs, budget)
        }
        role => {
            let count = match role {
                Role::GeometryOffsets => count(geometry).multi,
                Role::PartOffsets => count(geometry).polygons,
                Role::RingOffsets => count(geometry).rings,
                _ => entry.count().unwrap_or(0),
            };
            describe::ints(encoding, reader, count, budget)
        }
    }
}

/// How a stream of `count` vertices in so many `runs`, or in points, is coded; the layout is that of
/// `vertices`.
pub(crate) fn vertices(
    entry: &StreamEntry,
    mut reader: Reader<impl Trace>,
    count: usize,
    runs: Option<usize>,
    budget: &mut Budget,
) -> Result<Coding> {
    if entry.role() == Role::VertexOffsets {
        return describe::ints(entry.encoding(), reader, count, budget);
    }
    let reader = &mut reader;
    let encoding = VertexEncoding::from_id(entry.encoding(), reader.offset())?;
    let mut coding = Coding::new(encoding.name(), count, reader);
    coding.parts = match (encoding, runs) {
        (VertexEncoding::Delta, None) => {
            vec![("differences", describe::last_child(reader, 2 * count, budget)?)]
        }
        (VertexEncoding::Delta, Some(rings)) => {
            vec![
                ("first vertices", describe::child(reader, 2 * rings, budget)?),
                ("other vertices", describe::last_child(reader, 2 * (count - rings), budget)?),
            ]
        }
        (VertexEncoding::Ice, _) => {
            let distinct = reader.count("number of distinct vertices")?;
            let values = distinct
                .checked_mul(2)
                .ok_or_else(|| Error::inconsistent(reader.offset(), "too many vertices"))?;
            vec![("distinct vertices", describe::last_child(reader, values, budget)?)]
        }
        (VertexEncoding::Hilbert, _) => {
            reader.u8("order of the curve")?;
            reader.varint_u32("x of its origin, zigzag")?;
            reader.varint_u32("y of its origin, zigzag")?;
            vec![("differences of places", describe::last_child(reader, count, budget)?)]
        }
        (VertexEncoding::Plain, _) => {
            plain::parts(reader, count)?;
            Vec::new()
        }
        (VertexEncoding::PackedReferences, _) => references::packed::describe(reader, count, budget)?,
        (VertexEncoding::References, _) => {
            references::describe(reader, budget)?;
            Vec::new()
        }
    };
    Ok(coding)
}

/// How many counts the streams of topology hold.
#[derive(Default)]
struct Counts {
    multi: usize,
    polygons: usize,
    /// Lines and rings.
    rings: usize,
}

fn count(geometry: &Geometry) -> Counts {
    let mut counts = Counts::default();
    for row in 0..geometry.len() {
        let (kind, parts) = (geometry.geometry_type(row), geometry.parts(row));
        counts.multi += usize::from(kind.is_multi());
        if kind.is_polygonal() {
            counts.polygons += parts.len();
        }
        if kind.is_polygonal() || kind.is_linear() {
            counts.rings += parts.map(|part| geometry.rings(part).len()).sum::<usize>();
        }
    }
    counts
}
