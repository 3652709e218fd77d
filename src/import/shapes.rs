//! The geometries of rows, in degrees.

use crate::arrow::{Collect, Crs, Vertex, Visit, to_degrees};
use crate::geojson::Geometry;
use crate::geometry::GeometryType;

/// A geometry, and the m of its positions.
type Shape = (Geometry, Option<Vec<f64>>);

/// Gathers a geometry for each row.
pub(super) struct Shapes {
    /// None where there is none, or an empty one.
    pub(super) rows: Vec<Option<Shape>>,
    crs: Crs,
    geometry: Geometry,
    zs: Vec<f64>,
    ms: Vec<f64>,
}

fn empty() -> Geometry {
    Geometry {
        geometry_type: GeometryType::Point,
        positions: Vec::new(),
        heights: None,
        ring_ends: Vec::new(),
        part_ends: Vec::new(),
        further: 0,
    }
}

/// The numbers, if all of them are some.
fn all(numbers: Vec<f64>) -> Option<Vec<f64>> {
    (!numbers.is_empty() && numbers.iter().all(|number| number.is_finite())).then_some(numbers)
}

impl Shapes {
    pub(super) fn new(crs: Crs) -> Self {
        Self { rows: Vec::new(), crs, geometry: empty(), zs: Vec::new(), ms: Vec::new() }
    }
}

impl Collect for Shapes {
    fn start(&mut self, _: GeometryType) {}

    fn none(&mut self) {
        self.rows.push(None);
    }
}

impl Visit for Shapes {
    fn run(&mut self, len: usize, at: &mut dyn FnMut(usize) -> Vertex) -> crate::error::Result<()> {
        for number in 0..len {
            let [x, y, z, m] = at(number);
            // A point of no numbers is an empty one.
            if len == 1 && x.is_nan() && y.is_nan() {
                return Ok(());
            }
            let place = match self.crs {
                Crs::LonLat => [x, y],
                Crs::Mercator => to_degrees([x, y]),
            };
            self.geometry.positions.push(place);
            self.zs.push(z);
            self.ms.push(m);
        }
        // What is empty goes, as in GeoJSON.
        if len > 0 {
            self.geometry.ring_ends.push(self.geometry.positions.len());
        }
        Ok(())
    }

    fn part(&mut self) {
        let rings = self.geometry.ring_ends.len();
        if rings > self.geometry.part_ends.last().copied().unwrap_or(0) {
            self.geometry.part_ends.push(rings);
        }
    }

    fn end(&mut self, kind: GeometryType) {
        let mut geometry = std::mem::replace(&mut self.geometry, empty());
        let (zs, ms) = (std::mem::take(&mut self.zs), std::mem::take(&mut self.ms));
        geometry.geometry_type = kind;
        geometry.heights = all(zs);
        let is_there = !geometry.positions.is_empty();
        self.rows.push(is_there.then(|| (geometry, all(ms))));
    }
}
