//! Tiles of lines and polygons.

use super::Shapes;
use super::clip::{Frame, simplify, simplify_ring};
use super::valid::polygons;
use crate::coord::TileCoord;
use crate::geometry::builder::GeometryBuilder;
use crate::geometry::{Geometry, GeometryType};
use crate::points::cancel::{Cancel, TileError};
use crate::points::column::{BLOCK, below, bits};
use crate::points::filter::Predicate;
use crate::points::table::Table;
use crate::tile::layer::DEFAULT_EXTENT;

/// Rows that touch a tile, and what is seen of them there.
pub(in crate::points) struct Seen {
    /// The rows that leave something on the grid of the tile.
    pub(in crate::points) rows: Vec<u32>,
    pub(in crate::points) geometry: Geometry,
    /// How many rows touch the tile with their bounding boxes.
    pub(in crate::points) touching: u64,
}

/// The rows that touch a tile with a buffer around it, as they are seen there; none if they are more than
/// `most`.
pub(in crate::points) fn tile(
    shapes: &Shapes,
    table: &Table,
    coord: TileCoord,
    filter: Option<&Predicate>,
    buffer: u32,
    most: u64,
    cancel: &Cancel,
) -> Result<Option<Seen>, TileError> {
    let view = View::new(coord, buffer);
    let mut touching: Vec<u32> = Vec::new();
    for (block, bounds) in shapes.blocks.iter().enumerate() {
        if !view.touches(bounds.min, bounds.max) {
            continue;
        }
        cancel.check()?;
        let first = block * BLOCK;
        let mask = match filter {
            Some(filter) => filter.of(&table.columns, table.rows(), block).yes,
            None => below(shapes.rows() - first),
        };
        for row in bits(mask).map(|bit| first + bit) {
            let bounds = shapes.boxes[row];
            if view.touches(bounds.min, bounds.max) {
                touching.push(row as u32);
            }
        }
        if touching.len() as u64 > most {
            return Ok(None);
        }
    }
    let mut builder = GeometryBuilder::default();
    let mut rows = Vec::new();
    for (index, &row) in touching.iter().enumerate() {
        if index % 256 == 0 {
            cancel.check()?;
        }
        if view.draw(shapes, row as usize, &mut builder) {
            rows.push(row);
        }
    }
    let geometry = builder.finish().map_err(|error| TileError::TooLarge(error.to_string()))?;
    Ok(Some(Seen { rows, geometry, touching: touching.len() as u64 }))
}

/// A tile and its buffer on the map.
struct View {
    origin: [f64; 2],
    side: f64,
    frame: Frame,
}

impl View {
    fn new(coord: TileCoord, buffer: u32) -> Self {
        let side = (1u64 << (32 - u32::from(coord.z()))) as f64;
        let origin = [coord.x(), coord.y()].map(|at| f64::from(at) * side);
        let around = f64::from(buffer) * side / f64::from(DEFAULT_EXTENT);
        let frame = Frame { min: origin.map(|at| at - around), max: origin.map(|at| at + side + around) };
        Self { origin, side, frame }
    }

    fn touches(&self, min: [u32; 2], max: [u32; 2]) -> bool {
        (0..2).all(|axis| {
            f64::from(max[axis]) >= self.frame.min[axis] && f64::from(min[axis]) <= self.frame.max[axis]
        })
    }

    fn units(&self, point: [f64; 2]) -> [i32; 2] {
        let scale = f64::from(DEFAULT_EXTENT) / self.side;
        [0, 1].map(|axis| ((point[axis] - self.origin[axis]) * scale).floor() as i32)
    }

    fn grid(&self, points: &[[f64; 2]]) -> Vec<[i32; 2]> {
        simplify(points.iter().map(|&point| self.units(point)))
    }

    /// Adds what is seen of a row, if anything is.
    fn draw(&self, shapes: &Shapes, row: usize, out: &mut GeometryBuilder) -> bool {
        let floats = |run: &[[u32; 2]]| run.iter().map(|at| at.map(f64::from)).collect::<Vec<_>>();
        let kind = shapes.kinds[row];
        if kind.is_polygonal() {
            let parts = shapes.row(row).map(|rings| self.rings(rings.map(floats)));
            let polygons = polygons(parts.filter(|rings| !rings.is_empty()).collect());
            let slices: Vec<Vec<&[[i32; 2]]>> =
                polygons.iter().map(|rings| rings.iter().map(Vec::as_slice).collect()).collect();
            let slices: Vec<&[&[[i32; 2]]]> = slices.iter().map(Vec::as_slice).collect();
            return match &slices[..] {
                [] => false,
                [one] => out.polygon(one).is_ok(),
                many => out.multi_polygon(many).is_ok(),
            };
        }
        if kind.is_linear() {
            let lines = shapes.row(row).flatten().flat_map(|line| self.frame.line(&floats(line)));
            let lines: Vec<Vec<[i32; 2]>> =
                lines.map(|line| self.grid(&line)).filter(|line| line.len() > 1).collect();
            let slices: Vec<&[[i32; 2]]> = lines.iter().map(Vec::as_slice).collect();
            return match &slices[..] {
                [] => false,
                [one] => out.line_string(one).is_ok(),
                many => out.multi_line_string(many).is_ok(),
            };
        }
        let points = shapes.row(row).flatten().flatten().map(|at| at.map(f64::from));
        // The tile ends before its eastern and southern edge, so that a point is in one tile only.
        let is_in = |point: &[f64; 2]| {
            (0..2).all(|axis| (self.frame.min[axis]..self.frame.max[axis]).contains(&point[axis]))
        };
        let points: Vec<[i32; 2]> = points.filter(is_in).map(|point| self.units(point)).collect();
        match points[..] {
            [] => false,
            [[x, y]] => {
                out.point(x, y);
                true
            }
            _ => out.multi_point(&points).is_ok(),
        }
    }

    /// The rings of a polygon that are more than lines on the grid, the exterior one first; none if that is not.
    fn rings(&self, rings: impl Iterator<Item = Vec<[f64; 2]>>) -> Vec<Vec<[i32; 2]>> {
        let mut out: Vec<Vec<[i32; 2]>> = Vec::new();
        for (index, ring) in rings.enumerate() {
            let ring = self.frame.ring(&ring);
            let ring = simplify_ring(ring.iter().map(|&point| self.units(point)));
            if ring.len() > 2 {
                out.push(ring);
            } else if index == 0 {
                return out;
            }
        }
        out
    }
}

impl Shapes {
    /// Whether a row is of that type.
    pub(in crate::points) fn has(&self, kind: GeometryType) -> bool {
        self.kinds.contains(&kind)
    }
}
