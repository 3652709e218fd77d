//! Lines and polygons: where each row lies besides at its middle.
//!
//! The table of a dataset with shapes has the middle of each row's bounding box as its point, so that rows
//! are filtered and aggregated as points are. Tiles of single rows go by the bounding boxes: of blocks
//! first, then of rows.

mod clip;
mod tile;
mod valid;

pub(super) use tile::tile;

use super::column::BLOCK;
use super::mercator;
use crate::geometry::GeometryType;

/// A geometry in degrees, as it is read. The last vertex of a ring is its first one again.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    Points(Vec<[f64; 2]>),
    Lines(Vec<Vec<[f64; 2]>>),
    Polygons(Vec<Vec<Vec<[f64; 2]>>>),
}

/// The least and the largest x and y.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Box2 {
    pub(super) min: [u32; 2],
    pub(super) max: [u32; 2],
}

const NOWHERE: Box2 = Box2 { min: [u32::MAX; 2], max: [0; 2] };

impl Box2 {
    fn add(&mut self, place: [u32; 2]) {
        for (axis, at) in place.into_iter().enumerate() {
            self.min[axis] = self.min[axis].min(at);
            self.max[axis] = self.max[axis].max(at);
        }
    }

    fn middle(&self) -> [u32; 2] {
        [0, 1].map(|axis| self.min[axis] + (self.max[axis] - self.min[axis]) / 2)
    }
}

/// The geometries of rows. Rows have parts, these rings, and these vertices; a line is a ring, and so is
/// a point. A ring does not repeat its first vertex.
#[derive(Clone, Debug)]
pub(super) struct Shapes {
    kinds: Vec<GeometryType>,
    /// Where the parts of each row start, and the end of all; so for rings and vertices.
    parts: Vec<u32>,
    rings: Vec<u32>,
    starts: Vec<u32>,
    vertices: Vec<[u32; 2]>,
    boxes: Vec<Box2>,
    /// Those of whole blocks.
    blocks: Vec<Box2>,
}

impl Default for Shapes {
    fn default() -> Self {
        let (kinds, vertices, boxes, blocks) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { kinds, parts: vec![0], rings: vec![0], starts: vec![0], vertices, boxes, blocks }
    }
}

impl Shapes {
    pub(super) fn rows(&self) -> usize {
        self.kinds.len()
    }

    /// The box of all.
    pub(super) fn bounds(&self) -> Option<Box2> {
        let boxes = self.boxes.iter();
        boxes.fold(None, |all: Option<Box2>, own| {
            let mut all = all.unwrap_or(*own);
            all.add(own.min);
            all.add(own.max);
            Some(all)
        })
    }

    /// What they take, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let offsets = self.parts.len() + self.rings.len() + self.starts.len();
        self.kinds.len() + 4 * offsets + 8 * self.vertices.len() + 16 * (self.boxes.len() + self.blocks.len())
    }

    /// Adds a point, which lies at a place.
    pub(super) fn push_point(&mut self, place: [u32; 2]) {
        self.vertices.push(place);
        self.end_ring();
        self.end_part();
        self.end_row(GeometryType::Point, Box2 { min: place, max: place });
    }

    /// Adds a row, and tells its middle.
    ///
    /// # Errors
    /// What is wrong with the geometry; nothing is added then.
    pub(super) fn push(&mut self, shape: &Shape) -> Result<[u32; 2], String> {
        let before = (self.vertices.len(), self.starts.len(), self.rings.len());
        self.try_push(shape).inspect_err(|_| {
            self.vertices.truncate(before.0);
            self.starts.truncate(before.1);
            self.rings.truncate(before.2);
        })
    }

    fn try_push(&mut self, shape: &Shape) -> Result<[u32; 2], String> {
        let mut bounds = NOWHERE;
        let kind = match shape {
            Shape::Points(points) => {
                for &point in points {
                    self.run(&[point], &mut bounds)?;
                    self.end_part();
                }
                if points.len() == 1 { GeometryType::Point } else { GeometryType::MultiPoint }
            }
            Shape::Lines(lines) => {
                for line in lines {
                    if line.len() < 2 {
                        return Err("a line of fewer than two positions".into());
                    }
                    self.run(line, &mut bounds)?;
                    self.end_part();
                }
                if lines.len() == 1 { GeometryType::LineString } else { GeometryType::MultiLineString }
            }
            Shape::Polygons(polygons) => {
                for rings in polygons {
                    for ring in rings {
                        if ring.len() < 4 || ring.first() != ring.last() {
                            return Err("a ring that is not closed, or of fewer than four positions".into());
                        }
                        self.run(&ring[..ring.len() - 1], &mut bounds)?;
                    }
                    if rings.is_empty() {
                        return Err("a polygon without rings".into());
                    }
                    self.end_part();
                }
                if polygons.len() == 1 { GeometryType::Polygon } else { GeometryType::MultiPolygon }
            }
        };
        if bounds == NOWHERE {
            return Err("an empty geometry".into());
        }
        if self.vertices.len() > u32::MAX as usize {
            return Err("more than 2^32 vertices in the dataset".into());
        }
        self.end_row(kind, bounds);
        Ok(bounds.middle())
    }

    fn run(&mut self, run: &[[f64; 2]], bounds: &mut Box2) -> Result<(), String> {
        for &[x, y] in run {
            let place = mercator::place(x, y)
                .ok_or_else(|| format!("longitude {x} and latitude {y} are outside the world"))?;
            bounds.add(place);
            self.vertices.push(place);
        }
        self.end_ring();
        Ok(())
    }

    fn end_ring(&mut self) {
        self.starts.push(self.vertices.len() as u32);
    }

    fn end_part(&mut self) {
        self.rings.push(self.starts.len() as u32 - 1);
    }

    fn end_row(&mut self, kind: GeometryType, bounds: Box2) {
        self.parts.push(self.rings.len() as u32 - 1);
        self.kinds.push(kind);
        self.boxes.push(bounds);
    }

    /// The rows of `order`, in that order, with the boxes of their blocks.
    pub(super) fn take(&self, order: &[u32]) -> Self {
        let mut out = Self::default();
        for &row in order {
            let row = row as usize;
            for rings in self.row(row) {
                for ring in rings {
                    out.vertices.extend_from_slice(ring);
                    out.end_ring();
                }
                out.end_part();
            }
            out.end_row(self.kinds[row], self.boxes[row]);
        }
        out.blocks = out
            .boxes
            .chunks(BLOCK)
            .map(|block| {
                block.iter().fold(NOWHERE, |mut all, own| {
                    all.add(own.min);
                    all.add(own.max);
                    all
                })
            })
            .collect();
        out
    }

    /// The parts of a row, each of them its rings.
    fn row(&self, row: usize) -> impl Iterator<Item = impl Iterator<Item = &[[u32; 2]]>> {
        let parts = self.parts[row] as usize..self.parts[row + 1] as usize;
        parts.map(move |part| {
            let rings = self.rings[part] as usize..self.rings[part + 1] as usize;
            rings.map(move |ring| &self.vertices[self.starts[ring] as usize..self.starts[ring + 1] as usize])
        })
    }
}
