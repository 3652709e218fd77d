//! Random geometries: every type, also mixed, on a tile's grid or anywhere a coordinate can be.

use super::layers::Through;
use crate::geometry::builder::GeometryBuilder;
use crate::geometry::{Geometry, GeometryType};
use crate::testing::random::Random;

/// The geometries of `rows` features.
pub(super) fn geometries(random: &mut Random, rows: usize, through: Through) -> Geometry {
    use GeometryType as Type;
    const MIXES: [&[GeometryType]; 10] = [
        &[Type::Point],
        &[Type::LineString],
        &[Type::Polygon],
        &[Type::Point, Type::MultiPoint],
        &[Type::LineString, Type::MultiLineString],
        &[Type::Polygon, Type::MultiPolygon],
        &[Type::MultiPoint],
        &[Type::MultiPolygon],
        &[Type::Commands],
        &Type::ALL,
    ];
    let types = *random.pick(&MIXES);
    let mut pen = Pen { habit: Habit::pick(random, through), at: [0, 0], drawn: Vec::new() };
    let mut builder = GeometryBuilder::default();
    for _ in 0..rows {
        let kind = *random.pick(types);
        let parts = if kind.is_multi() { parts(random, through) } else { 1 };
        match kind {
            Type::Commands => commands(random, &mut builder),
            Type::Point | Type::MultiPoint => {
                for _ in 0..parts {
                    let [x, y] = pen.next(random);
                    builder.vertex(x, y);
                    builder.end_ring();
                    builder.end_part();
                }
                builder.end_feature(kind);
            }
            Type::LineString | Type::MultiLineString => {
                for _ in 0..parts {
                    let length = length(random, 2);
                    ring(&mut builder, &pen.line(random, length));
                    builder.end_part();
                }
                builder.end_feature(kind);
            }
            Type::Polygon | Type::MultiPolygon => {
                for _ in 0..parts {
                    let holes = if random.chance(1, 4) { random.below(4) } else { 0 };
                    for hole in 0..=holes {
                        ring(&mut builder, &pen.ring(random, through, hole > 0));
                    }
                    builder.end_part();
                }
                builder.end_feature(kind);
            }
        }
    }
    builder.finish().expect("few vertices")
}

/// How many parts a multi geometry has. In MVT, one part makes no multi geometry.
fn parts(random: &mut Random, through: Through) -> u64 {
    let least = if through == Through::Mvt { 2 } else { 1 };
    let most = if random.chance(1, 16) { 60 } else { 4 };
    least + random.below(most)
}

fn length(random: &mut Random, least: usize) -> usize {
    let most = if random.chance(1, 32) { 300 } else { 7 };
    least + random.index(most)
}

fn ring(builder: &mut GeometryBuilder, ring: &[[i32; 2]]) {
    for &[x, y] in ring {
        builder.vertex(x, y);
    }
    builder.end_ring();
}

/// Command integers that are no geometry.
fn commands(random: &mut Random, builder: &mut GeometryBuilder) {
    const MOVE_TO: u32 = 1 << 3 | 1;
    const LINE_TO: u32 = 1 << 3 | 2;
    const CLOSE_PATH: u32 = 1 << 3 | 7;
    let odd: [(u32, &[u32]); 9] = [
        (0, &[]),
        (1, &[]),
        (0, &[MOVE_TO, 2, 4]),
        // A line that is not drawn, one without a start, a parameter short.
        (2, &[MOVE_TO, 2, 4]),
        (2, &[LINE_TO, 2, 4]),
        (2, &[MOVE_TO, 2, 4, LINE_TO, 6]),
        // An open ring, one without extent, and a command nobody knows.
        (3, &[MOVE_TO, 2, 4, 2 << 3 | 2, 6, 8, 6, 8]),
        (3, &[CLOSE_PATH]),
        (3, &[5 << 3 | 5, 1, 2, 3, 4, 5]),
    ];
    if random.chance(1, 4) {
        // Command 0 at the front is unknown, whatever follows.
        let mut integers = vec![0];
        integers.extend((0..random.below(20)).map(|_| random.any() as u32));
        builder.commands(random.below(5) as u32, &integers);
    } else {
        let (kind, integers) = *random.pick(&odd);
        builder.commands(kind, integers);
    }
}

/// Where the coordinates of a layer lie.
#[derive(Clone, Copy, Debug)]
enum Habit {
    /// Near each other, about a tile of 4096 units; now and then a vertex drawn before.
    Tile { step: i32 },
    /// Anywhere within `low..=high`.
    Anywhere { low: i32, high: i32 },
    /// At a few places far apart.
    Corners { low: i32, high: i32 },
}

impl Habit {
    fn pick(random: &mut Random, through: Through) -> Self {
        let (low, high) = match through {
            Through::Anything => (i32::MIN, i32::MAX),
            Through::Mvt => (-1 << 30, 1 << 30),
        };
        match random.below(8) {
            0 => Self::Corners { low, high },
            1 => Self::Anywhere { low, high },
            2 => Self::Anywhere { low: -64, high: 4160 },
            3 => Self::Tile { step: 0 },
            _ => Self::Tile { step: *random.pick(&[1, 8, 60, 500]) },
        }
    }
}

struct Pen {
    habit: Habit,
    at: [i32; 2],
    drawn: Vec<[i32; 2]>,
}

impl Pen {
    fn next(&mut self, random: &mut Random) -> [i32; 2] {
        self.at = match self.habit {
            Habit::Tile { .. } if !self.drawn.is_empty() && random.chance(1, 5) => *random.pick(&self.drawn),
            Habit::Tile { step } if random.chance(19, 20) => {
                self.at.map(|at| at.saturating_add(random.within(-step, step)))
            }
            Habit::Tile { .. } => [(); 2].map(|()| random.within(-64, 4160)),
            Habit::Anywhere { low, high } => [(); 2].map(|()| random.within(low, high)),
            Habit::Corners { low, high } => [(); 2].map(|()| *random.pick(&[low, high, 0, 1, -1])),
        };
        self.drawn.push(self.at);
        self.at
    }

    fn line(&mut self, random: &mut Random, length: usize) -> Vec<[i32; 2]> {
        (0..length).map(|_| self.next(random)).collect()
    }

    /// A ring; for MVT, one that has an area and turns clockwise (y down) or, if it is a hole, the
    /// other way round.
    fn ring(&mut self, random: &mut Random, through: Through, hole: bool) -> Vec<[i32; 2]> {
        let length = length(random, if through == Through::Mvt { 3 } else { 2 });
        let mut ring = self.line(random, length);
        if through == Through::Anything {
            return ring;
        }
        if area(&ring) == 0 {
            let [x, y] = ring[0].map(|at| at.min((1 << 30) - 8));
            ring = vec![[x, y], [x + 8, y], [x + 8, y + 8]];
        }
        if (area(&ring) < 0) != hole {
            ring.reverse();
        }
        ring
    }
}

/// Twice the area, positive for exterior rings in MVT.
fn area(ring: &[[i32; 2]]) -> i128 {
    let previous = ring.iter().skip(ring.len() - 1).chain(ring);
    previous
        .zip(ring)
        .map(|(a, b)| {
            let [[ax, ay], [bx, by]] = [a, b].map(|vertex| vertex.map(i128::from));
            ax * by - bx * ay
        })
        .sum()
}
