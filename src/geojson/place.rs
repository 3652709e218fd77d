//! A feature's geometry in a tile: projected, clipped, simplified if asked, rounded.

use super::build::Options;
use super::clip::{Frame, Source, Vertex, area};
use super::feature::Geometry;
use super::project::Projection;
use super::simplify;
use crate::coord::TileCoord;
use crate::geometry::GeometryType;
use crate::geometry::builder::GeometryBuilder;
use crate::geometry::turn::turn;

/// A geometry in units of the tile, and where its vertices come from.
#[derive(Debug)]
pub(crate) struct Placed {
    pub(super) geometry_type: GeometryType,
    pub(crate) vertices: Vec<[i32; 2]>,
    pub(crate) sources: Vec<Source>,
    /// Where rings end among the vertices, and parts among the rings.
    pub(super) ring_ends: Vec<usize>,
    pub(super) part_ends: Vec<usize>,
}

impl Placed {
    /// Ends a feature of this geometry.
    pub(crate) fn write<'a>(&self, out: &'a mut GeometryBuilder) -> &'a mut GeometryBuilder {
        let (mut vertex, mut ring) = (0, 0);
        for &part_end in &self.part_ends {
            for &ring_end in &self.ring_ends[ring..part_end] {
                self.vertices[vertex..ring_end].iter().for_each(|&[x, y]| out.vertex(x, y));
                out.end_ring();
                vertex = ring_end;
            }
            out.end_part();
            ring = part_end;
        }
        out.end_feature(self.geometry_type);
        out
    }

    /// The numbers of the vertices, of those that the source's positions have.
    pub(crate) fn numbers(&self, of_positions: &[f64]) -> Vec<f64> {
        let between = |at: &Source| {
            let (from, to) = (of_positions[at.from], of_positions[at.to]);
            if at.from == at.to { from } else { from + (to - from) * at.part }
        };
        self.sources.iter().map(between).collect()
    }
}

/// Puts geometries into one tile.
#[derive(Debug)]
pub(crate) struct Placer {
    projection: Projection,
    frame: Frame,
    /// The least and the greatest longitude and latitude of the frame, and a unit more.
    pub(crate) degrees: [[f64; 2]; 2],
    tolerance: Option<f64>,
}

impl Placer {
    pub(crate) fn new(tile: TileCoord, options: &Options) -> Self {
        let projection = Projection::new(tile, options.extent);
        let (low, high) = (-f64::from(options.buffer), f64::from(options.extent) + f64::from(options.buffer));
        let ([west, north], [east, south]) =
            (projection.to_degrees([low - 1.0; 2]), projection.to_degrees([high + 1.0; 2]));
        let degrees = [[west, south], [east, north]];
        let tolerance = options.simplify;
        Self { projection, frame: Frame { low: [low; 2], high: [high; 2] }, degrees, tolerance }
    }

    /// What of a geometry lies in the tile, if something does.
    pub(crate) fn place(&self, geometry: &Geometry) -> Option<Placed> {
        let bounds = geometry.bounds();
        // What lies at the edge of the world in y lies beyond the frame's latitudes, or at them.
        if (0..2)
            .any(|axis| bounds[1][axis] < self.degrees[0][axis] || bounds[0][axis] > self.degrees[1][axis])
        {
            return None;
        }
        let vertex = |number: usize| Vertex {
            at: self.projection.to_tile(geometry.positions[number]),
            source: Source::own(number),
        };
        let parts = match geometry.geometry_type {
            GeometryType::Point | GeometryType::MultiPoint => {
                let inside = (0..geometry.positions.len()).map(vertex);
                inside
                    .filter(|vertex| self.frame.contains(vertex.at))
                    .map(|vertex| vec![vec![vertex]])
                    .collect()
            }
            kind if kind.is_linear() => {
                let lines = geometry.rings().map(|ring| ring.map(vertex).collect::<Vec<_>>());
                let pieces = lines.flat_map(|line| self.frame.line(&line));
                pieces.filter_map(|line| self.simplify_line(line)).map(|line| vec![line]).collect()
            }
            _ => {
                let rings: Vec<_> = geometry.rings().collect();
                let polygons = geometry.parts().map(|part| {
                    let rings = rings[part].iter().map(|ring| {
                        let end = ring.end - usize::from(geometry.is_closed(ring));
                        (ring.start..end).map(vertex).collect::<Vec<_>>()
                    });
                    turned(rings.collect())
                });
                let pieces = polygons.flat_map(|rings| self.frame.polygon(rings));
                pieces.filter_map(|rings| self.simplify_polygon(rings)).collect::<Vec<_>>()
            }
        };
        (!parts.is_empty()).then(|| round(geometry.geometry_type, parts))
    }

    fn simplify_line(&self, line: Vec<Vertex>) -> Option<Vec<Vertex>> {
        match self.tolerance {
            Some(tolerance) => simplify::line(&line, tolerance),
            None => Some(line),
        }
    }

    fn simplify_polygon(&self, rings: Vec<Vec<Vertex>>) -> Option<Vec<Vec<Vertex>>> {
        let Some(tolerance) = self.tolerance else { return Some(rings) };
        let exterior = simplify::ring(&rings[0], tolerance)?;
        let holes = rings[1..].iter().filter_map(|ring| simplify::ring(ring, tolerance));
        Some(std::iter::once(exterior).chain(holes).collect())
    }
}

/// The rings, the exterior one turning clockwise as seen, the holes counter-clockwise.
fn turned(mut rings: Vec<Vec<Vertex>>) -> Vec<Vec<Vertex>> {
    for (index, ring) in rings.iter_mut().enumerate() {
        if (index == 0 && area(ring) < 0.0) || (index > 0 && area(ring) > 0.0) {
            ring[1..].reverse();
        }
    }
    rings
}

fn round(source: GeometryType, parts: Vec<Vec<Vec<Vertex>>>) -> Placed {
    let geometry_type = match source {
        GeometryType::LineString if parts.len() > 1 => GeometryType::MultiLineString,
        GeometryType::Polygon if parts.len() > 1 => GeometryType::MultiPolygon,
        source => source,
    };
    let mut placed = Placed {
        geometry_type,
        vertices: Vec::new(),
        sources: Vec::new(),
        ring_ends: Vec::new(),
        part_ends: Vec::new(),
    };
    for rings in parts {
        for (index, ring) in rings.into_iter().enumerate() {
            let start = placed.vertices.len();
            placed.vertices.extend(ring.iter().map(|vertex| vertex.at.map(|unit| unit.round() as i32)));
            placed.sources.extend(ring.iter().map(|vertex| vertex.source));
            let own = &mut placed.vertices[start..];
            // Rounding may have turned a ring that is next to nothing.
            let wrong = if index == 0 { 1 } else { -1 };
            if geometry_type.is_polygonal() && turn(own.as_flattened()) == wrong {
                own[1..].reverse();
                placed.sources[start + 1..].reverse();
            }
            placed.ring_ends.push(placed.vertices.len());
        }
        placed.part_ends.push(placed.ring_ends.len());
    }
    placed
}
