//! Types and counts: which vertices belong to which ring, part and feature.
//!
//! ```text
//! types             a byte per feature
//! geometry offsets  the number of parts of each feature of a multi type
//! part offsets      the number of rings of each polygon
//! ring offsets      the number of vertices of each line and ring
//! ```
//!
//! Counts that the type fixes to one are not written: a point is one vertex, a line one part.

use std::hint::select_unpredictable;

use super::references::Closed;
use super::{Geometry, GeometryType, Spans};
use crate::array::{OffsetBuffer, offsets};
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::stream::choose::Chooser;
use crate::stream::{OutStream, Role, Streams, bytes, ints};

/// Adds the streams of types and counts.
pub(crate) fn write(geometry: &Geometry, chooser: &Chooser, out: &mut Vec<OutStream>) {
    out.push(OutStream::new(Role::Types, chooser.bytes(&geometry.types)));
    if geometry.geometry_offsets.is_none() && geometry.ring_offsets.is_none() {
        // Only points.
        return;
    }
    let (mut parts, mut rings, mut vertices) = (Vec::new(), Vec::new(), Vec::new());
    for (row, &id) in geometry.types.iter().enumerate() {
        let kind = GeometryType::ALL[usize::from(id)];
        let range = geometry.parts(row);
        if kind.is_multi() {
            parts.push(range.len() as u32);
        }
        if kind.is_polygonal() {
            rings.extend(range.clone().map(|part| geometry.rings(part).len() as u32));
        }
        if kind.is_polygonal() || kind.is_linear() {
            for part in range {
                vertices.extend(geometry.rings(part).map(|ring| (geometry.ring(ring).len() / 2) as u32));
            }
        }
    }
    for (role, counts) in
        [(Role::GeometryOffsets, parts), (Role::PartOffsets, rings), (Role::RingOffsets, vertices)]
    {
        if !counts.is_empty() {
            out.push(OutStream::new(role, chooser.ints(&counts)));
        }
    }
}

/// What [`read`] finds out: everything of a [`Geometry`] but its vertices and commands.
#[derive(Default)]
pub(crate) struct Topology {
    pub(crate) types: Vec<u8>,
    pub(crate) geometry_offsets: Option<OffsetBuffer<i32>>,
    pub(crate) part_offsets: Option<OffsetBuffer<i32>>,
    pub(crate) ring_offsets: Option<OffsetBuffer<i32>>,
    /// The number of vertices.
    pub(crate) vertices: usize,
    /// The number of features that are only commands.
    pub(crate) commands: usize,
}

impl Topology {
    /// Which vertices belong to which features.
    pub(crate) fn spans(&self) -> Spans<'_> {
        Spans::new([&self.geometry_offsets, &self.part_offsets, &self.ring_offsets].map(Option::as_ref))
    }
}

/// Reads the topology of `rows` features.
pub(crate) fn read(streams: &Streams, rows: usize, budget: &mut Budget) -> Result<Topology> {
    let (entry, reader) = streams.need(Role::Types)?;
    let at = reader.offset();
    let types = bytes::read(entry.encoding(), reader, rows, budget)?;
    let features = count_types(&types);
    if features.iter().sum::<usize>() != rows {
        let unknown = types.iter().find(|&&id| GeometryType::from_id(id).is_none()).expect("one is left");
        return Err(Error::unknown_id(at, "geometry type", (*unknown).into()));
    }
    let count = |kind: GeometryType| features[kind as usize];
    let multi = count(GeometryType::MultiPoint)
        + count(GeometryType::MultiLineString)
        + count(GeometryType::MultiPolygon);
    let commands = count(GeometryType::Commands);

    // Features to parts.
    let lengths = read_counts(streams, Role::GeometryOffsets, multi, 1, budget)?;
    let geometry_offsets = if multi == rows && rows > 0 {
        Some(expand(lengths.iter().copied(), rows, at, budget)?)
    } else if multi + commands > 0 {
        let mut next = 0;
        // Without a branch: which features are multi cannot be foreseen.
        let counts = types.iter().map(|&id| {
            let kind = GeometryType::ALL[usize::from(id)];
            let length = lengths.get(next).copied().unwrap_or_default();
            next += usize::from(kind.is_multi());
            select_unpredictable(kind.is_multi(), length, u32::from(kind != GeometryType::Commands))
        });
        Some(expand(counts, rows, at, budget)?)
    } else {
        None
    };
    let parts = geometry_offsets.as_ref().map_or(rows, last);

    // Parts to rings. The parts of a feature are all of its kind.
    let part_count = |kind: GeometryType, multi_kind: GeometryType| {
        count(kind)
            + if count(multi_kind) == multi {
                lengths.iter().map(|&length| length as usize).sum::<usize>()
            } else {
                let parts = geometry_offsets.iter().flat_map(|offsets| offsets.windows(2));
                // Without a branch.
                let parts = types
                    .iter()
                    .zip(parts)
                    .map(|(&id, range)| i32::from(id == multi_kind as u8) * (range[1] - range[0]));
                parts.sum::<i32>() as usize
            }
    };
    let polygons = part_count(GeometryType::Polygon, GeometryType::MultiPolygon);
    let lines = part_count(GeometryType::LineString, GeometryType::MultiLineString);
    let points = parts - polygons - lines;
    let ring_counts = read_counts(streams, Role::PartOffsets, polygons, 1, budget)?;
    let parts_of = |kind: GeometryType, row: usize| match &geometry_offsets {
        Some(offsets) if kind.is_multi() => (offsets[row + 1] - offsets[row]) as usize,
        Some(_) if kind == GeometryType::Commands => 0,
        _ => 1,
    };
    let part_offsets = if polygons == 0 {
        None
    } else if polygons == parts {
        Some(expand(ring_counts.iter().copied(), parts, at, budget)?)
    } else {
        let mut counts = budget.vec(parts, "ring counts", at)?;
        let mut polygons = ring_counts.iter().copied();
        for (row, &id) in types.iter().enumerate() {
            let kind = GeometryType::ALL[usize::from(id)];
            for _ in 0..parts_of(kind, row) {
                counts.push(if kind.is_polygonal() { polygons.next().expect("one per polygon") } else { 1 });
            }
        }
        Some(expand(counts.into_iter(), parts, at, budget)?)
    };
    let rings = part_offsets.as_ref().map_or(parts, last);

    // Rings to vertices.
    let vertex_counts = read_counts(streams, Role::RingOffsets, rings - points, 2, budget)?;
    let ring_offsets = if polygons + lines == 0 {
        None
    } else if points == 0 {
        Some(expand(vertex_counts.iter().copied(), rings, at, budget)?)
    } else {
        let mut counts = budget.vec(rings, "vertex counts", at)?;
        let mut lines = vertex_counts.iter().copied();
        let mut part = 0;
        for (row, &id) in types.iter().enumerate() {
            let kind = GeometryType::ALL[usize::from(id)];
            for _ in 0..parts_of(kind, row) {
                let rings = part_offsets.as_ref().map_or(1, |offsets| offsets[part + 1] - offsets[part]);
                let has_length = kind.is_polygonal() || kind.is_linear();
                for _ in 0..rings {
                    counts.push(if has_length { lines.next().expect("one per line and ring") } else { 1 });
                }
                part += 1;
            }
        }
        Some(expand(counts.into_iter(), rings, at, budget)?)
    };
    budget.give_back(vertex_counts);
    let vertices = ring_offsets.as_ref().map_or(rings, last);
    Ok(Topology { types, geometry_offsets, part_offsets, ring_offsets, vertices, commands })
}

/// How many features are of each type. A pass per type over pieces of which a byte can hold the
/// count is quicker than a look-up per feature.
fn count_types(types: &[u8]) -> [usize; GeometryType::ALL.len()] {
    let mut counts = [0; GeometryType::ALL.len()];
    let first = types.first().copied().unwrap_or_default();
    if types.iter().fold(0, |others, &id| others | (id ^ first)) == 0 {
        // Those of most layers are all alike.
        if let Some(count) = counts.get_mut(usize::from(first)) {
            *count = types.len();
        }
        return counts;
    }
    for piece in types.chunks(usize::from(u8::MAX)) {
        for (count, kind) in counts.iter_mut().zip(GeometryType::ALL) {
            *count += usize::from(piece.iter().map(|&id| u8::from(id == kind as u8)).sum::<u8>());
        }
    }
    counts
}

fn last(offsets: &OffsetBuffer<i32>) -> usize {
    offsets[offsets.len() - 1] as usize
}

/// Reads `count` counts, none of which may be below `least`; without counts there is no stream.
fn read_counts(
    streams: &Streams,
    role: Role,
    count: usize,
    least: u32,
    budget: &mut Budget,
) -> Result<Vec<u32>> {
    if count == 0 {
        return streams.none(role).map(|()| Vec::new());
    }
    let (entry, reader) = streams.need(role)?;
    let at = reader.offset();
    let counts: Vec<u32> = ints::read_scratch(entry.encoding(), reader, count, budget)?;
    // Whether one is too small takes less than to find the smallest.
    if counts.iter().fold(false, |wrong, &count| wrong | (count < least)) {
        let fewest = counts.iter().min().expect("one of them");
        return Err(Error::inconsistent(at, format!("{}: a count of {fewest}, below {least}", role.name())));
    }
    Ok(counts)
}

/// The offsets of `len` counts.
fn expand(
    counts: impl Iterator<Item = u32>,
    len: usize,
    at: usize,
    budget: &mut Budget,
) -> Result<OffsetBuffer<i32>> {
    let mut out = budget.vec(len + 1, "geometry offsets", at)?;
    let mut sum = 0u64;
    out.push(0);
    out.extend(counts.map(|count| {
        sum += u64::from(count);
        sum as i32
    }));
    offsets::check_sum(sum, "geometry offsets", at)?;
    Ok(offsets::seal(out))
}

/// Which runs of vertices (points, lines, rings) are closed rings. Takes up to a byte per run.
pub(crate) fn closed(
    types: &[u8],
    geometry_offsets: Option<&OffsetBuffer<i32>>,
    part_offsets: Option<&OffsetBuffer<i32>>,
) -> Closed {
    let kinds = || types.iter().map(|&id| GeometryType::ALL[usize::from(id)]);
    let Some(runs) = part_offsets.map(last) else {
        return Closed::All(false);
    };
    if kinds().all(|kind| kind.is_polygonal() || kind == GeometryType::Commands) {
        return Closed::All(true);
    }
    let mut closed = Vec::with_capacity(runs);
    for (row, kind) in kinds().enumerate() {
        let rings =
            super::range(geometry_offsets, row).map(|part| super::range(part_offsets, part).len()).sum();
        closed.extend(std::iter::repeat_n(kind.is_polygonal(), rings));
    }
    Closed::Each(closed)
}
