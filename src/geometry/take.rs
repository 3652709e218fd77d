//! Geometries in another order.

use super::{Geometry, parts};
use crate::curve::Curve;
use crate::geometry::GeometryType;
use crate::geometry::builder::GeometryBuilder;

impl Geometry {
    /// The geometries of `rows`, each row once, in that order; with `reorder_parts` the parts of each
    /// in the order that [`parts::order`] finds for them. Also tells which vertex each one was.
    pub(crate) fn take(&self, rows: &[u32], reorder_parts: bool) -> (Self, Vec<u32>) {
        let curve = self.curve();
        let mut builder = GeometryBuilder::default();
        builder.reserve_vertices(self.vertices.len() / 2);
        builder.reserve_features(rows.len());
        let commands = self.commands_before();
        // For triangles: where vertices go, and the first vertex of each feature.
        let mut moved = vec![0; if self.indices.is_some() { self.vertices.len() / 2 } else { 0 }];
        let mut starts = Vec::with_capacity(rows.len());
        let mut sources = Vec::with_capacity(self.vertices.len() / 2);
        for &row in rows {
            let row = row as usize;
            starts.push(builder.vertices().len() / 2);
            let kind = self.geometry_type(row);
            if kind == GeometryType::Commands {
                let commands_of = self.commands.as_ref().expect("there are commands where a type says so");
                let index = commands[row] as usize;
                let offsets = &commands_of.offsets[index..index + 2];
                let integers = &commands_of.values[offsets[0] as usize..offsets[1] as usize];
                builder.commands(commands_of.types[index], integers);
                continue;
            }
            let before = builder.vertices().last_chunk().copied().unwrap_or([0, 0]);
            let order = if reorder_parts { parts::order(self, row, before, &curve) } else { None };
            for part in order.unwrap_or_else(|| self.parts(row).collect()) {
                for ring in self.rings(part) {
                    let start = self.ring_start(ring);
                    let len = self.ring(ring).len() / 2;
                    sources.extend(start as u32..(start + len) as u32);
                    if !moved.is_empty() {
                        let new = builder.vertices().len() / 2;
                        (0..len).for_each(|index| moved[start + index] = (new + index) as u32);
                    }
                    for vertex in self.ring(ring).chunks_exact(2) {
                        builder.vertex(vertex[0], vertex[1]);
                    }
                    builder.end_ring();
                }
                builder.end_part();
            }
            builder.end_feature(kind);
        }
        let mut taken = builder.finish().expect("no more vertices than before");
        taken.indices = self.indices.as_ref().map(|indices| {
            let (triangles, _) = indices.as_chunks::<3>();
            let mut triangles: Vec<[u32; 3]> =
                triangles.iter().map(|triangle| triangle.map(|vertex| moved[vertex as usize])).collect();
            // Drawn in the order of the features, as before.
            triangles.sort_by_key(|triangle| starts.partition_point(|&start| start <= triangle[0] as usize));
            triangles.into_flattened().into()
        });
        (taken, sources)
    }

    /// A curve through all vertices.
    pub(crate) fn curve(&self) -> Curve {
        Curve::around(self.vertices.chunks_exact(2).map(|vertex| [vertex[0], vertex[1]]))
    }

    /// For each feature, how many before it are of type [`GeometryType::Commands`]; nothing if none
    /// is.
    fn commands_before(&self) -> Vec<u32> {
        if self.commands.is_none() {
            return Vec::new();
        }
        let is_commands = self.types.iter().map(|&id| u32::from(id == GeometryType::Commands as u8));
        is_commands.scan(0, |before, this| Some(std::mem::replace(before, *before + this))).collect()
    }

    /// The number of a ring's first vertex.
    pub(crate) fn ring_start(&self, ring: usize) -> usize {
        self.ring_offsets.as_ref().map_or(ring, |offsets| offsets[ring] as usize)
    }
}
