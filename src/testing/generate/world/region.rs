//! The lie of the land: a country along a river, flat in the west, mountains in the east.

use super::fixed::{Point, TILE, UNIT, about, area, noise};
use super::shape::{DETAIL, exterior, wander};
use crate::testing::random::Random;

/// Tiles of zoom 14 the region is wide and high.
pub(crate) const WIDTH: i32 = 8;
pub(crate) const HEIGHT: i32 = 16;

/// The side of the squares that are known to lie within the country or not.
const CELL: i32 = TILE / 32;
const COLUMNS: usize = (WIDTH * TILE / CELL) as usize;
const ROWS: usize = (HEIGHT * TILE / CELL) as usize;

/// Where the river, which is the western border, and the eastern border run: tenths of a tile,
/// from north to south.
const WEST: [i32; 9] = [30, 23, 16, 12, 10, 10, 13, 17, 22];
const EAST: [i32; 9] = [43, 47, 52, 57, 63, 69, 71, 66, 54];

/// How the land is used where no town is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zone {
    Valley,
    Forest,
    Alp,
}

pub(super) struct Region {
    /// The river, from north to south.
    pub river: Vec<Point>,
    /// The rest of the border, from the river's southern to its northern end.
    pub border: Vec<Point>,
    inside: Vec<bool>,
    /// Per row of cells, where the country begins and ends.
    spans: Vec<(i32, i32)>,
    seed: u64,
}

impl Region {
    pub fn new(random: &mut Random) -> Self {
        let mut post = |tenths: i32, index: usize| {
            let y = TILE * 7 / 10 + (HEIGHT * TILE - TILE * 14 / 10) / 8 * index as i32;
            [TILE / 10 * tenths + random.within(-TILE / 4, TILE / 4), y + random.within(-TILE / 8, TILE / 8)]
        };
        let west: Vec<Point> = (0..9).map(|index| post(WEST[index], index)).collect();
        let east: Vec<Point> = (0..9).rev().map(|index| post(EAST[index], index)).collect();
        let line = |random: &mut Random, posts: &[Point], step: i32, rough: i32| {
            let mut line = vec![posts[0]];
            for pair in posts.windows(2) {
                let step = about(random, step, DETAIL);
                wander(random, &mut line, pair[0], pair[1], step, rough);
            }
            line
        };
        let river = line(random, &west, 160 * UNIT, 24);
        let around: Vec<Point> = west.last().into_iter().chain(&east).chain(west.first()).copied().collect();
        let border = line(random, &around, 190 * UNIT, 50);

        let mut region = Self {
            river,
            border,
            inside: vec![false; COLUMNS * ROWS],
            spans: Vec::new(),
            seed: random.any(),
        };
        region.fill();
        region
    }

    /// The country's outline.
    pub fn outline(&self) -> Vec<Point> {
        let inner = &self.border[1..self.border.len() - 1];
        exterior(self.river.iter().chain(inner).copied().collect())
    }

    /// Finds the cells whose middle lies within the outline, row by row.
    fn fill(&mut self) {
        let outline = self.outline();
        debug_assert!(area(&outline) > 0);
        for row in 0..ROWS {
            let y = row as i32 * CELL + CELL / 2;
            let mut crossings: Vec<i32> = outline
                .iter()
                .zip(outline.iter().cycle().skip(1))
                .filter(|(a, b)| (a[1] <= y) != (b[1] <= y))
                .map(|(a, b)| {
                    let part = (i64::from(y) - i64::from(a[1])) * (i64::from(b[0]) - i64::from(a[0]));
                    (i64::from(a[0]) + part / (i64::from(b[1]) - i64::from(a[1]))) as i32
                })
                .collect();
            crossings.sort();
            for pair in crossings.chunks_exact(2) {
                let column = |x: i32| ((x + CELL / 2) / CELL).clamp(0, COLUMNS as i32) as usize;
                self.inside[row * COLUMNS + column(pair[0])..row * COLUMNS + column(pair[1])].fill(true);
            }
            let ends = crossings.first().zip(crossings.last());
            self.spans.push(ends.map_or((0, 0), |(&west, &east)| (west, east)));
        }
    }

    /// Whether a place lies within the country.
    pub fn contains(&self, [x, y]: Point) -> bool {
        let [column, row] = [x, y].map(|at| at.div_euclid(CELL));
        (0..COLUMNS as i32).contains(&column)
            && (0..ROWS as i32).contains(&row)
            && self.inside[row as usize * COLUMNS + column as usize]
    }

    /// Whether a place lies within the country or not far from it.
    pub fn is_near(&self, [x, y]: Point) -> bool {
        let far = TILE / 2;
        [[0, 0], [far, 0], [-far, 0], [0, far], [0, -far]]
            .iter()
            .any(|[dx, dy]| self.contains([x + dx, y + dy]))
    }

    /// How high a place lies, from 0 at the river to about 1024 at the eastern border.
    pub fn height(&self, [x, y]: Point) -> i32 {
        let (west, east) = self.spans[y.div_euclid(CELL).clamp(0, ROWS as i32 - 1) as usize];
        let rise = i64::from(x - west) * 1024 / i64::from((east - west).max(TILE / 2));
        rise as i32 + self.noise(0, [x, y], TILE) / 3 + self.noise(1, [x, y], TILE / 4) / 8
    }

    pub fn zone(&self, at: Point) -> Zone {
        match self.height(at) {
            ..400 => Zone::Valley,
            400..620 => Zone::Forest,
            // Above the slopes, forests reach up the mountains here and there.
            _ if self.noise(2, at, TILE / 2) > 60 => Zone::Forest,
            _ => Zone::Alp,
        }
    }

    /// A number from −512 to 512 that changes smoothly over `wave`.
    pub fn noise(&self, which: u64, at: Point, wave: i32) -> i32 {
        noise(self.seed.wrapping_add(which), at, wave)
    }

    /// A place within the country.
    pub fn place(&self, random: &mut Random) -> Point {
        loop {
            let at = [random.within(0, WIDTH * TILE), random.within(0, HEIGHT * TILE)];
            if self.contains(at) {
                return at;
            }
        }
    }
}
