//! The vertices of all layers of a compact tile, one run after the other in one sequence, so that a
//! layer may copy from those before.

use super::Geometry;
use super::builder::GeometryBuilder;
use super::column::{closed, read_rest};
use super::references::Closed;
use super::topology::{self, Topology};
use super::vertices::{self, Runs, VertexChoice};
use crate::array::{ScalarBuffer, offsets};
use crate::error::Result;
use crate::limits::Budget;
use crate::stream::choose::Chooser;
use crate::stream::{OutStream, Role, Streams};

/// Where runs start and end, and which of them are rings, as they gather layer by layer.
#[derive(Default)]
struct Gathered {
    offsets: Vec<i32>,
    closed: Vec<bool>,
    /// Whether a run may be anything but a point.
    lines: bool,
}

impl Gathered {
    /// Adds a layer of `vertices` vertices; `offsets` are those of its runs, unless all are points.
    fn add(&mut self, offsets: Option<&[i32]>, closed: &Closed, vertices: usize) {
        let start = self.offsets.last().copied().unwrap_or_default();
        if self.offsets.is_empty() {
            self.offsets.push(0);
        }
        match offsets {
            Some(offsets) => {
                self.lines = true;
                self.offsets.extend(offsets[1..].iter().map(|&offset| start + offset));
            }
            None => self.offsets.extend((1..=vertices as i32).map(|offset| start + offset)),
        }
        let runs = offsets.map_or(vertices, |offsets| offsets.len() - 1);
        self.closed.extend((0..runs).map(|run| closed.get(run)));
    }

    fn offsets(&self) -> Option<&[i32]> {
        self.lines.then_some(&self.offsets)
    }
}

/// The streams of the vertices of all layers; none if there are no vertices.
pub(crate) fn write(geometries: &[&Geometry], choice: VertexChoice, chooser: &Chooser) -> Vec<OutStream> {
    let mut gathered = Gathered::default();
    let mut vertices: Vec<i32> = Vec::new();
    for geometry in geometries {
        let closed = topology::closed(&geometry.types, geometry.geometry_offsets(), geometry.part_offsets());
        gathered.add(geometry.ring_offsets.as_deref(), &closed, geometry.vertices.len() / 2);
        vertices.extend_from_slice(&geometry.vertices);
    }
    let mut out = Vec::new();
    if !vertices.is_empty() {
        let closed = || Closed::Each(gathered.closed.clone());
        vertices::write(
            &vertices,
            Runs { offsets: gathered.offsets(), closed: &closed },
            choice,
            chooser,
            &mut out,
        );
    }
    out
}

/// Reads the geometries of layers, of which the streams of the geometry column, if there is one, and
/// the number of features are given, and of which `joint` holds the vertices.
pub(crate) fn read(
    layers: &[Option<(Streams, usize)>],
    joint: &Streams,
    budget: &mut Budget,
) -> Result<Vec<Geometry>> {
    let at = joint.offset();
    let mut topologies: Vec<Option<Topology>> = budget.vec(layers.len(), "layers", at)?;
    let mut gathered = Gathered::default();
    let mut count = 0;
    for layer in layers {
        let Some((streams, rows)) = layer else {
            topologies.push(None);
            continue;
        };
        streams.none(Role::Vertices)?;
        streams.none(Role::VertexOffsets)?;
        let topology = topology::read(streams, *rows, budget)?;
        count += topology.vertices;
        offsets::check_sum(count as u64, "vertices of all layers", at)?;
        let runs = topology.ring_offsets.as_ref().map_or(topology.vertices, |offsets| offsets.len() - 1);
        // An offset, whether it is closed, and both again while the latter is handed on.
        budget.charge(8 * (runs + 1), "runs of all layers", at)?;
        gathered.add(topology.ring_offsets.as_deref(), &closed(&topology), topology.vertices);
        topologies.push(Some(topology));
    }
    let vertices = if count > 0 {
        let closed = || Closed::Each(gathered.closed.clone());
        vertices::read(joint, Runs { offsets: gathered.offsets(), closed: &closed }, count, budget)?
    } else {
        joint.none(Role::Vertices)?;
        joint.none(Role::VertexOffsets)?;
        Vec::new()
    };
    let vertices = ScalarBuffer::from(vertices);
    let mut start = 0;
    let mut out = budget.vec(layers.len(), "geometries", at)?;
    for (layer, topology) in layers.iter().zip(topologies) {
        out.push(match (layer, topology) {
            (Some((streams, _)), Some(topology)) => {
                let own = vertices.slice(2 * start, 2 * topology.vertices);
                start += topology.vertices;
                read_rest(streams, topology, own, budget)?
            }
            _ => GeometryBuilder::default().finish()?,
        });
    }
    Ok(out)
}
