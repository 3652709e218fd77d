//! Features one by one, of vertices on the map or in units.

use crate::arrow::place::Place;
use crate::arrow::wkb::{Collect, Vertex, Visit};
use crate::error::{Error, Result};
use crate::geometry::builder::GeometryBuilder;
use crate::geometry::{Geometry, GeometryType};

/// What the vertices of a layer have of their own besides places, and where they were in their features.
#[derive(Default)]
pub(super) struct OfVertices {
    /// z and m of each vertex, if any of them has one; no number where there is none.
    pub(super) zs: Vec<f64>,
    pub(super) ms: Vec<f64>,
    /// Of each vertex its number among those that its feature had, and of each feature how many those are;
    /// only if that was asked for.
    pub(super) sources: Vec<u32>,
    pub(super) lengths: Vec<u32>,
}

/// Gathers the geometries of a layer.
pub(super) struct Features {
    builder: GeometryBuilder,
    place: Place,
    /// Whether the last vertex of a ring may be its first again.
    closed: bool,
    track: bool,
    of_vertices: OfVertices,
    /// Of the feature at hand: its vertices so far, its parts, its runs and those of its last part.
    seen: u32,
    parts: usize,
    runs: usize,
    /// Whether the exterior ring of the polygon at hand is gone.
    gone: bool,
    kind: GeometryType,
}

impl Features {
    /// For about `rows` features. With `track` it is kept which vertices stay.
    pub(super) fn new(rows: usize, place: Place, closed: bool, track: bool) -> Self {
        let mut builder = GeometryBuilder::default();
        builder.reserve_features(rows);
        builder.reserve_vertices(rows);
        Self {
            builder,
            place,
            closed,
            track,
            of_vertices: OfVertices::default(),
            seen: 0,
            parts: 0,
            runs: 0,
            gone: false,
            kind: GeometryType::Point,
        }
    }

    fn end_sources(&mut self) {
        if self.track {
            self.of_vertices.lengths.push(self.seen);
        }
        (self.seen, self.parts, self.runs, self.gone) = (0, 0, 0, false);
    }

    /// Adds a point in units.
    pub(super) fn point(&mut self, unit: [i32; 2]) {
        self.builder.point(unit[0], unit[1]);
        if self.track {
            self.of_vertices.sources.push(0);
            self.seen = 1;
        }
        self.end_sources();
    }

    fn vertex(&mut self, number: usize, vertex: Vertex) -> Result<()> {
        let unit = self.place.to_tile([vertex[0], vertex[1]]).ok_or_else(|| {
            Error::input(format!("a vertex at {}, {}, which the tile cannot hold", vertex[0], vertex[1]))
        })?;
        let before = self.builder.vertices().len() / 2;
        self.builder.vertex(unit[0], unit[1]);
        let OfVertices { zs, ms, sources, .. } = &mut self.of_vertices;
        for (value, values) in [(vertex[2], zs), (vertex[3], ms)] {
            if !value.is_nan() || !values.is_empty() {
                values.resize(before, f64::NAN);
                values.push(value);
            }
        }
        if self.track {
            sources.push(self.seen + number as u32);
        }
        Ok(())
    }

    /// The geometries, and what else their vertices have.
    pub(super) fn finish(mut self) -> Result<(Geometry, OfVertices)> {
        let vertices = self.builder.vertices().len() / 2;
        for values in [&mut self.of_vertices.zs, &mut self.of_vertices.ms] {
            if !values.is_empty() {
                values.resize(vertices, f64::NAN);
            }
        }
        Ok((self.builder.finish()?, self.of_vertices))
    }
}

impl Collect for Features {
    fn start(&mut self, kind: GeometryType) {
        self.kind = kind;
    }

    fn none(&mut self) {
        self.builder.end_commands(0);
        self.end_sources();
    }
}

impl Visit for Features {
    fn run(&mut self, len: usize, at: &mut dyn FnMut(usize) -> Vertex) -> Result<()> {
        let (polygonal, point) =
            (self.kind.is_polygonal(), matches!(self.kind, GeometryType::Point | GeometryType::MultiPoint));
        let place = |vertex: Vertex| (vertex[0], vertex[1]);
        let again = polygonal && self.closed && len > 1 && place(at(0)) == place(at(len - 1));
        let kept = len - usize::from(again);
        self.runs += 1;
        self.gone |= self.runs == 1 && polygonal && kept < 2;
        // A point of no numbers is an empty one.
        let empty = point && len > 0 && at(0)[..2].iter().all(|number| number.is_nan());
        if kept >= if point { 1 } else { 2 } && !self.gone && !empty {
            for number in 0..kept {
                let vertex = at(number);
                self.vertex(number, vertex)?;
            }
            self.builder.end_ring();
        } else {
            self.gone |= !polygonal;
        }
        self.seen += len as u32;
        Ok(())
    }

    fn part(&mut self) {
        if self.runs > 0 && !self.gone {
            self.builder.end_part();
            self.parts += 1;
        }
        (self.runs, self.gone) = (0, false);
    }

    fn end(&mut self, kind: GeometryType) {
        if self.parts == 0 {
            return self.none();
        }
        self.builder.end_feature(kind);
        self.end_sources();
    }
}
