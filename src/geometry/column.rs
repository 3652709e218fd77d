//! The geometry column: topology, vertices, triangles, and what is kept as commands.
//!
//! ```text
//! commands stream   per feature of that type: MVT geometry type, number of integers n, n integers
//! index buffer      three vertex numbers per triangle
//! ```

use super::references::Closed;
use super::topology::{self, Topology};
use super::vertices::{Runs, VertexChoice, VertexEncoding};
use super::{Commands, Geometry, check_indices, plain, vertices};
use crate::array::{ScalarBuffer, offsets};
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::stream::choose::Chooser;
use crate::stream::ints::{IntEncoding, IntPlan};
use crate::stream::{OutStream, Role, Streams, ints};

/// The streams of a layer's geometries; without the vertices if these stand elsewhere and there is
/// no `choice`.
pub(crate) fn write(geometry: &Geometry, choice: Option<VertexChoice>, chooser: &Chooser) -> Vec<OutStream> {
    let mut out = Vec::new();
    topology::write(geometry, chooser, &mut out);
    if let Some(choice) = choice
        && !geometry.vertices.is_empty()
    {
        let closed =
            || topology::closed(&geometry.types, geometry.geometry_offsets(), geometry.part_offsets());
        let runs = Runs { offsets: geometry.ring_offsets.as_deref(), closed: &closed };
        vertices::write(&geometry.vertices, runs, choice, chooser, &mut out);
    }
    if let Some(indices) = &geometry.indices {
        // Who wants the vertices as they are wants the triangles so.
        let encoded = match choice {
            Some(VertexChoice::Only(VertexEncoding::Plain)) => ints::encode(indices, &IntPlan::Plain),
            _ => chooser.ints(indices),
        };
        out.push(OutStream::counted(Role::IndexBuffer, indices.len(), encoded));
    }
    if let Some(commands) = &geometry.commands {
        let mut values = Vec::with_capacity(2 * commands.types.len() + commands.values.len());
        for (index, &kind) in commands.types.iter().enumerate() {
            let range = commands.offsets[index] as usize..commands.offsets[index + 1] as usize;
            values.extend_from_slice(&[kind, range.len() as u32]);
            values.extend_from_slice(&commands.values[range]);
        }
        out.push(OutStream::counted(Role::Commands, values.len(), chooser.ints(&values)));
    }
    out
}

/// Reads the types and counts of `rows` features, and nothing of their vertices.
pub(crate) fn read_topology(streams: &Streams, rows: usize, budget: &mut Budget) -> Result<Topology> {
    topology::read(streams, rows, budget)
}

/// Reads the geometries of `rows` features.
pub(crate) fn read(streams: &Streams, rows: usize, budget: &mut Budget) -> Result<Geometry> {
    let topology = topology::read(streams, rows, budget)?;
    let vertices = read_vertices(streams, &topology, budget)?;
    read_rest(streams, topology, vertices.into(), budget)
}

/// The `count` vertices as they stand in the tile and the bytes of each coordinate, if they are plain and little
/// endian is what the machine takes.
pub(crate) fn plain_vertices<'a>(streams: &Streams<'a>, count: usize) -> Result<Option<(&'a [u8], usize)>> {
    let Some((entry, mut reader)) = streams.get(Role::Vertices)? else { return Ok(None) };
    if entry.encoding() != VertexEncoding::Plain.id() || cfg!(target_endian = "big") {
        return Ok(None);
    }
    streams.none(Role::VertexOffsets)?;
    let parts = plain::parts(&mut reader, count)?;
    reader.finish("plain vertices")?;
    Ok(Some(parts))
}

/// The index buffer of a layer with `count` vertices, if it has one, checked.
pub(crate) fn read_indices(
    streams: &Streams,
    count: usize,
    budget: &mut Budget,
) -> Result<Option<ScalarBuffer<u32>>> {
    let Some((entry, reader)) = streams.get(Role::IndexBuffer)? else { return Ok(None) };
    let at = reader.offset();
    let indices: Vec<u32> = ints::read(entry.encoding(), reader, entry.count().unwrap_or(0), budget)?;
    check_indices(indices.iter().copied(), count).map_err(|what| Error::inconsistent(at, what))?;
    Ok(Some(indices.into()))
}

/// The vertices that `topology` wants, of a column that has them itself.
pub(crate) fn read_vertices(streams: &Streams, topology: &Topology, budget: &mut Budget) -> Result<Vec<i32>> {
    if topology.vertices > 0 {
        let runs = Runs { offsets: topology.ring_offsets.as_deref(), closed: &|| closed(topology) };
        return vertices::read(streams, runs, topology.vertices, budget);
    }
    streams.none(Role::Vertices)?;
    streams.none(Role::VertexOffsets)?;
    Ok(Vec::new())
}

/// The index buffer as it stands in the tile, and where, if it is plain and little endian is what the
/// machine takes. What it holds has not been checked.
pub(crate) fn plain_indices<'a>(streams: &Streams<'a>) -> Result<Option<(&'a [u8], usize)>> {
    let Some((entry, mut reader)) = streams.get(Role::IndexBuffer)? else { return Ok(None) };
    if entry.encoding() != IntEncoding::Plain.id() || cfg!(target_endian = "big") {
        return Ok(None);
    }
    let at = reader.offset();
    let len = entry.count().unwrap_or(0).saturating_mul(size_of::<u32>());
    let bytes = reader.bytes(len, "index buffer")?;
    reader.finish("index buffer")?;
    Ok(Some((bytes, at)))
}

/// Which runs of vertices are closed rings.
pub(super) fn closed(topology: &Topology) -> Closed {
    topology::closed(&topology.types, topology.geometry_offsets.as_ref(), topology.part_offsets.as_ref())
}

/// What the streams of a layer's geometry column hold besides topology and vertices.
pub(super) fn read_rest(
    streams: &Streams,
    topology: Topology,
    vertices: ScalarBuffer<i32>,
    budget: &mut Budget,
) -> Result<Geometry> {
    let Topology { types, geometry_offsets, part_offsets, ring_offsets, vertices: count, commands } =
        topology;
    let indices = read_indices(streams, count, budget)?;
    let commands = if commands > 0 {
        Some(read_commands(streams, commands, budget)?)
    } else {
        streams.none(Role::Commands)?;
        None
    };
    Ok(Geometry {
        types: types.into(),
        geometry_offsets,
        part_offsets,
        ring_offsets,
        vertices,
        commands,
        indices,
    })
}

fn read_commands(streams: &Streams, features: usize, budget: &mut Budget) -> Result<Commands> {
    let (entry, reader) = streams.need(Role::Commands)?;
    let at = reader.offset();
    let all: Vec<u32> = ints::read(entry.encoding(), reader, entry.count().unwrap_or(0), budget)?;
    let mut types = budget.vec(features, "command types", at)?;
    let mut command_offsets = budget.vec(features + 1, "command offsets", at)?;
    let mut values: Vec<u32> = budget.vec(all.len(), "commands", at)?;
    command_offsets.push(0);
    let mut rest = &all[..];
    for _ in 0..features {
        let (head, tail) =
            rest.split_at_checked(2).ok_or_else(|| Error::inconsistent(at, "commands end too early"))?;
        let (own, tail) = tail
            .split_at_checked(head[1] as usize)
            .ok_or_else(|| Error::inconsistent(at, "commands of a feature end too early"))?;
        types.push(head[0]);
        values.extend_from_slice(own);
        offsets::check_sum(values.len() as u64, "commands", at)?;
        command_offsets.push(values.len() as i32);
        rest = tail;
    }
    if !rest.is_empty() {
        return Err(Error::inconsistent(
            at,
            format!("{} integers behind the last feature's commands", rest.len()),
        ));
    }
    Ok(Commands { types: types.into(), offsets: offsets::seal(command_offsets), values: values.into() })
}
