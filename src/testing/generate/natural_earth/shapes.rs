//! Countries that share their borders, and rivers that run through them.

use crate::testing::random::Random;

/// How many countries there is room for, across and down.
const COLUMNS: usize = 9;
const ROWS: usize = 8;
const SIDE: i32 = 4096;

/// A grid of countries with its borders; some places of it are sea.
pub(super) struct Lattice {
    /// Lines from each corner to the next one to the east, and to the south.
    east: Vec<Vec<[i32; 2]>>,
    south: Vec<Vec<[i32; 2]>>,
    land: Vec<bool>,
}

impl Lattice {
    pub(super) fn new(random: &mut Random) -> Self {
        let at = |side: usize, number: usize| SIDE * number as i32 / side as i32;
        let corners: Vec<[i32; 2]> = (0..(COLUMNS + 1) * (ROWS + 1))
            .map(|index| {
                let (column, row) = (index % (COLUMNS + 1), index / (COLUMNS + 1));
                [at(COLUMNS, column) + random.within(-140, 140), at(ROWS, row) + random.within(-140, 140)]
            })
            .collect();
        let land: Vec<bool> = (0..COLUMNS * ROWS).map(|_| random.chance(2, 3)).collect();
        let mut to = |index: usize, step: usize| match corners.get(index + step) {
            Some(&end) => {
                let mut line = vec![corners[index]];
                wander(random, &mut line, corners[index], end);
                line
            }
            None => Vec::new(),
        };
        let all = 0..(COLUMNS + 1) * (ROWS + 1);
        let east = all.clone().map(|index| to(index, 1)).collect();
        let south = all.map(|index| to(index, COLUMNS + 1)).collect();
        Self { east, south, land }
    }

    /// The rings of all countries, clockwise as seen.
    pub(super) fn countries(&self) -> Vec<Vec<[i32; 2]>> {
        let land = (0..COLUMNS * ROWS).filter(|&cell| self.land[cell]);
        let ring = |cell: usize| {
            let corner = cell / COLUMNS * (COLUMNS + 1) + cell % COLUMNS;
            let back = |line: &[[i32; 2]]| line.iter().rev().copied().collect::<Vec<_>>();
            let sides = [
                self.east[corner].clone(),
                self.south[corner + 1].clone(),
                back(&self.east[corner + COLUMNS + 1]),
                back(&self.south[corner]),
            ];
            let mut ring: Vec<[i32; 2]> = sides.concat();
            ring.dedup();
            if ring.first() == ring.last() {
                ring.pop();
            }
            ring
        };
        land.map(ring).collect()
    }
}

/// A line from one place to another, halved and shifted until its pieces are short (midpoint displacement).
/// The first place is there already.
pub(super) fn wander(random: &mut Random, line: &mut Vec<[i32; 2]>, from: [i32; 2], to: [i32; 2]) {
    let [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    let length = dx.abs().max(dy.abs());
    if length < 10 {
        return line.push(to);
    }
    let off = random.within(-256, 256);
    let middle = [from[0] + dx / 2 - dy * off / 1024, from[1] + dy / 2 + dx * off / 1024];
    wander(random, line, from, middle);
    wander(random, line, middle, to);
}
