//! Fields, forests and quarters: a net of bent cells, joined into areas that share their edges.

use std::collections::BTreeMap;

use super::fixed::{Point, QUARTER, TILE, about, ahead, area, noise};
use super::region::{HEIGHT, WIDTH};
use super::shape::{DETAIL, wander};
use crate::testing::random::{Random, mix};

/// A net of `columns` × `rows` four-sided cells, turned against the axes and bent.
pub(super) struct Net {
    columns: usize,
    rows: usize,
    corners: Vec<Point>,
    /// Per cell, the number of the area it belongs to, or 0.
    areas: Vec<u32>,
    look: Look,
    seed: u64,
}

/// What the edges of a net look like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// The side of a cell.
    pub side: i32,
    /// The usual distance of the vertices along an edge.
    pub step: i32,
    /// How far edges wander, in 1/256 of their length.
    pub rough: i32,
}

impl Net {
    pub fn new(random: &mut Random, look: Look) -> Self {
        let angle = QUARTER / 5 + random.below(u64::from(QUARTER / 5)) as u16;
        let middle = [WIDTH * TILE / 2, HEIGHT * TILE / 2];
        let (columns, rows) = ((13 * TILE / look.side) as usize, (17 * TILE / look.side) as usize);
        let corner = ahead(middle, angle, -(columns as i32) / 2 * look.side);
        let corner = ahead(corner, angle.wrapping_add(QUARTER), -(rows as i32) / 2 * look.side);
        let mut net = Self {
            columns,
            rows,
            corners: Vec::with_capacity((columns + 1) * (rows + 1)),
            areas: vec![0; columns * rows],
            look,
            seed: random.any(),
        };
        for row in 0..=rows as i32 {
            for column in 0..=columns as i32 {
                let at = ahead(
                    ahead(corner, angle, column * look.side),
                    angle.wrapping_add(QUARTER),
                    row * look.side,
                );
                // Pulled aside, so that its lines turn from village to village.
                let bent = [0, 1].map(|axis| at[axis] + 10 * noise(net.seed ^ axis as u64, at, TILE / 2));
                let jitter = about(random, look.side / 9, 300);
                net.corners.push(ahead(bent, random.any() as u16, jitter));
            }
        }
        net
    }

    /// The middle of a cell, about.
    pub fn middle(&self, cell: usize) -> Point {
        let (column, row) = (cell % self.columns, cell / self.columns);
        let [one, two] = [(0, 0), (1, 1)]
            .map(|(right, down)| self.corners[(row + down) * (self.columns + 1) + column + right]);
        [(one[0] + two[0]) / 2, (one[1] + two[1]) / 2]
    }

    /// Every cell, village by village.
    pub fn by_village(&self) -> Vec<usize> {
        const VILLAGE: usize = 12;
        let mut cells: Vec<usize> = (0..self.areas.len()).collect();
        cells.sort_by_key(|&cell| {
            let (column, row) = (cell % self.columns, cell / self.columns);
            // Within a village, from all sides at once.
            (row / VILLAGE, column / VILLAGE, mix(self.seed ^ cell as u64))
        });
        cells
    }

    pub fn cells(&self) -> usize {
        self.areas.len()
    }

    pub fn is_free(&self, cell: usize) -> bool {
        self.areas[cell] == 0
    }

    /// Makes an area of number `number` from `cell` and free cells around it that `suits` likes,
    /// `size` cells if there are as many. `round` areas grow in all directions alike; others make
    /// rectangles as fields do. Returns the number of cells.
    pub fn grow(
        &mut self,
        random: &mut Random,
        cell: usize,
        number: u32,
        size: usize,
        round: bool,
        mut suits: impl FnMut(usize) -> bool,
    ) -> usize {
        let mut taken = 0;
        if round {
            let mut edge = vec![cell];
            while taken < size && !edge.is_empty() {
                let index = random.index(edge.len());
                let next = edge.swap_remove(index);
                if self.areas[next] != 0 || !suits(next) {
                    continue;
                }
                self.areas[next] = number;
                taken += 1;
                edge.extend(self.neighbours(next).into_iter().flatten());
            }
            return taken;
        }
        let (column, row) = (cell % self.columns, cell / self.columns);
        let width = 1 + random.index(size);
        let height = (size / width).max(1);
        for down in row..self.rows.min(row + height) {
            for right in column..self.columns.min(column + width) {
                let next = down * self.columns + right;
                if self.areas[next] != 0 || !suits(next) {
                    // Cut the rectangle short rather than leave a gap in it.
                    if right == column {
                        return taken;
                    }
                    break;
                }
                self.areas[next] = number;
                taken += 1;
            }
        }
        taken
    }

    fn neighbours(&self, cell: usize) -> [Option<usize>; 4] {
        let (column, row) = (cell % self.columns, cell / self.columns);
        [
            (column > 0).then(|| cell - 1),
            (column + 1 < self.columns).then(|| cell + 1),
            (row > 0).then(|| cell - self.columns),
            (row + 1 < self.rows).then(|| cell + self.columns),
        ]
    }

    /// Every area by number: its polygons, each an exterior ring and its holes.
    pub fn polygons(&self) -> BTreeMap<u32, Vec<Vec<Vec<Point>>>> {
        let mut rings: BTreeMap<u32, Vec<Vec<Point>>> = BTreeMap::new();
        for (number, ring) in self.rings() {
            rings.entry(number).or_default().push(ring);
        }
        rings.into_iter().map(|(number, rings)| (number, assemble(rings))).collect()
    }

    /// Walks along the edges between areas, the area to the right.
    fn rings(&self) -> Vec<(u32, Vec<Point>)> {
        // Per corner, the directions (east, south, west, north) in which an edge leaves it that has
        // an area to its right and another one, or none, to its left.
        let stride = self.columns + 1;
        let number = |column: i32, row: i32| {
            let within = (0..self.columns as i32).contains(&column) && (0..self.rows as i32).contains(&row);
            if within { self.areas[row as usize * self.columns + column as usize] } else { 0 }
        };
        let right_of = |corner: usize, side: usize| {
            let (column, row) = ((corner % stride) as i32, (corner / stride) as i32);
            match side {
                0 => (number(column, row), number(column, row - 1)),
                1 => (number(column - 1, row), number(column, row)),
                2 => (number(column - 1, row - 1), number(column - 1, row)),
                _ => (number(column, row - 1), number(column - 1, row - 1)),
            }
        };
        let is_edge = |corner: usize, side: usize| {
            let (right, left) = right_of(corner, side);
            right != 0 && right != left
        };
        let mut done = vec![[false; 4]; self.corners.len()];
        let mut rings = Vec::new();
        for start in 0..self.corners.len() {
            for first in 0..4 {
                if done[start][first] || !is_edge(start, first) {
                    continue;
                }
                let area = right_of(start, first).0;
                let (mut corner, mut side) = (start, first);
                let mut ring = Vec::new();
                loop {
                    done[corner][side] = true;
                    let next = match side {
                        0 => corner + 1,
                        1 => corner + stride,
                        2 => corner - 1,
                        _ => corner - stride,
                    };
                    self.edge(corner, next, &mut ring);
                    corner = next;
                    // Sharp right first, so that areas that touch at a corner stay apart.
                    side = [1, 0, 3]
                        .map(|turn| (side + turn) % 4)
                        .into_iter()
                        .find(|&side| is_edge(corner, side) && right_of(corner, side).0 == area)
                        .expect("an edge goes on around its area");
                    if (corner, side) == (start, first) {
                        break;
                    }
                }
                rings.push((area, ring));
            }
        }
        rings
    }

    /// Appends the edge between two neighbouring corners, without its start. It is the same from
    /// either side.
    fn edge(&self, from: usize, to: usize, ring: &mut Vec<Point>) {
        let (low, high) = (from.min(to), from.max(to));
        let mut random = Random::from_seed(self.seed ^ mix((low as u64) << 32 | high as u64));
        let start = ring.len();
        let Look { step, rough, .. } = self.look;
        // Neighbourhoods are mapped with more or less detail.
        let (column, row) = (low % (self.columns + 1) / 6, low / (self.columns + 1) / 6);
        let mut mapper = Random::from_seed(self.seed ^ mix((column << 16 | row) as u64));
        let step = about(&mut mapper, step, DETAIL);
        wander(&mut random, ring, self.corners[low], self.corners[high], step, rough);
        if from > to {
            ring.pop();
            ring[start..].reverse();
            ring.push(self.corners[to]);
        }
    }
}

/// Gives each hole to the exterior ring around it: the smallest one whose box holds the hole's.
fn assemble(rings: Vec<Vec<Point>>) -> Vec<Vec<Vec<Point>>> {
    let (mut exteriors, holes): (Vec<_>, Vec<_>) = rings.into_iter().partition(|ring| area(ring) > 0);
    exteriors.sort_by_key(|ring| area(ring));
    let mut polygons: Vec<Vec<Vec<Point>>> = exteriors.into_iter().map(|ring| vec![ring]).collect();
    for hole in holes {
        let (low, high) = bounds(&hole);
        let around = polygons.iter_mut().find(|polygon| {
            let (outer_low, outer_high) = bounds(&polygon[0]);
            (0..2).all(|axis| outer_low[axis] <= low[axis] && high[axis] <= outer_high[axis])
        });
        if let Some(polygon) = around {
            polygon.push(hole);
        }
    }
    polygons
}

/// The box around some vertices.
pub(crate) fn bounds(ring: &[Point]) -> (Point, Point) {
    ring.iter().fold(([i32::MAX; 2], [i32::MIN; 2]), |(low, high), point| {
        ([0, 1].map(|axis| low[axis].min(point[axis])), [0, 1].map(|axis| high[axis].max(point[axis])))
    })
}
