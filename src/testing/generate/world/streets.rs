//! The road network: main roads from town to town, streets that branch off them, tracks and paths.

use std::collections::VecDeque;

use super::fixed::{Angle, Point, QUARTER, TILE, UNIT, about, bell, between, direction, distance, minus};
use super::names;
use super::region::{HEIGHT, Region, WIDTH, Zone};
use super::shape::{DETAIL, Walk, walk, wander};
use super::towns::Town;
use crate::testing::random::Random;

/// How important a road is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    Primary,
    Secondary,
    Tertiary,
    Minor,
    Service,
    Track,
    Path,
    Rail,
}

impl Class {
    pub fn name(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Tertiary => "tertiary",
            Self::Minor => "minor",
            Self::Service => "service",
            Self::Track => "track",
            Self::Path => "path",
            Self::Rail => "rail",
        }
    }

    pub fn is_major(self) -> bool {
        self <= Self::Tertiary
    }
}

pub(super) struct Street {
    pub line: Vec<Point>,
    pub class: Class,
    pub name: Option<String>,
    /// The number of the town it lies in.
    pub town: Option<usize>,
}

/// All roads, and which ground they take.
pub(super) struct Streets {
    pub list: Vec<Street>,
    ground: Ground,
}

/// How many vertices the roads of a class have in all.
const MINOR: usize = 10_700;
const SERVICE: usize = 7_700;
const TRACK: usize = 19_000;
const PATH: usize = 29_500;

const STREET: Walk = Walk { step: 32 * UNIT, spread: 330, bend: 1900 };

impl Streets {
    pub fn new(random: &mut Random, region: &Region, towns: &[Town]) -> Self {
        let mut streets = Self { list: Vec::new(), ground: Ground::new() };
        streets.connect(random, region, towns);
        let weights: i32 = towns.iter().map(|town| town.weight).sum();
        for (number, town) in towns.iter().enumerate() {
            streets.settle(random, region, number, town, MINOR * town.weight as usize / weights as usize);
        }
        streets.serve(random);
        streets.roam(random, region, Class::Track, TRACK);
        streets.roam(random, region, Class::Path, PATH);
        streets
    }

    fn add(&mut self, street: Street) -> usize {
        let number = self.list.len();
        // Tracks and paths give way to anything.
        if street.class <= Class::Minor {
            self.ground.take(&street.line, number);
        }
        self.list.push(street);
        number
    }

    /// The street whose ground a place is.
    pub fn on(&self, at: Point) -> Option<usize> {
        self.ground.owner(at)
    }

    /// Main roads through the towns of the valley, from north to south, with branches to the
    /// hamlets; bridges over the river; a railway.
    fn connect(&mut self, random: &mut Random, region: &Region, towns: &[Town]) {
        let valley: Vec<usize> = (0..towns.len()).filter(|&number| !towns[number].is_hamlet).collect();
        for pair in valley.windows(2) {
            let (from, to) = (towns[pair[0]].centre, towns[pair[1]].centre);
            self.road(random, from, to, Class::Secondary, [pair[0], pair[1]]);
        }
        for (number, town) in towns.iter().enumerate().filter(|(_, town)| town.is_hamlet) {
            let nearest = valley.iter().min_by_key(|&&other| distance(towns[other].centre, town.centre));
            let Some(&nearest) = nearest else { continue };
            let class = if random.chance(1, 5) { Class::Tertiary } else { Class::Minor };
            // The road starts where the town ends.
            let start = between(towns[nearest].centre, town.centre, 110);
            self.road(random, start, town.centre, class, [nearest, number]);
        }
        for &number in valley.iter().step_by(4) {
            let centre = towns[number].centre;
            let bridge = region.river.iter().min_by_key(|&&at| distance(at, centre)).copied();
            self.road(random, centre, bridge.unwrap_or(centre), Class::Primary, [number; 2]);
        }
        let north = region.river[region.river.len() / 5];
        let mut line = vec![north];
        wander(random, &mut line, north, [north[0] + 3 * TILE, north[1] - TILE], 150 * UNIT, 20);
        line.retain(|&at| region.contains(at));
        self.list.push(Street { line, class: Class::Rail, name: None, town: None });
    }

    /// A road from one town to another; its name changes on the way.
    fn road(&mut self, random: &mut Random, from: Point, to: Point, class: Class, towns: [usize; 2]) {
        let mut line = vec![from];
        // Each stretch was drawn by someone else.
        for part in 0..4 {
            let step = about(random, 46 * UNIT, DETAIL);
            wander(
                random,
                &mut line,
                between(from, to, 64 * part),
                between(from, to, 64 * part + 64),
                step,
                32,
            );
        }
        let last = line.len() - 1;
        let (mut start, mut name) = (0, names::street(random));
        while start < last {
            let end = last.min(start + (about(random, 40 << 8, 300) >> 8).max(2) as usize);
            // Between the towns there are no houses.
            let near = [4 * start < last, 4 * start >= 3 * last];
            let town = near.iter().position(|&near| near).map(|end| towns[end]);
            self.add(Street { line: line[start..=end].to_vec(), class, name: Some(name.clone()), town });
            if random.chance(3, 4) {
                name = names::street(random);
            }
            start = end;
        }
    }

    /// Streets of a town, branching off its roads and each other, from the centre outwards.
    fn settle(&mut self, random: &mut Random, region: &Region, number: usize, town: &Town, vertices: usize) {
        let mut starts: Vec<(Point, Angle, usize)> = Vec::new();
        for (parent, street) in self.list.iter().enumerate() {
            if !(street.class.is_major() || street.class == Class::Minor) {
                continue;
            }
            for pair in street.line.windows(2).skip(1).step_by(3) {
                if distance(pair[0], town.centre) < 2 * TILE {
                    starts.push((pair[0], direction(minus(pair[1], pair[0])), parent));
                }
            }
        }
        starts.sort_by_key(|&(at, _, _)| distance(at, town.centre));
        let mut queue: VecDeque<(Point, Angle, usize)> = VecDeque::new();
        let mut starts = starts.into_iter();
        let mut left = vertices;
        while left > 0 {
            // One start from the main road for each that grew out of a street.
            if queue.len() < 6 {
                queue.extend(starts.next());
            }
            let Some((from, along, parent)) = queue.pop_front() else { break };
            let side = if random.chance(1, 2) { QUARTER } else { QUARTER.wrapping_neg() };
            let heading = along.wrapping_add(side).wrapping_add(bell(random, 2200) as u16);
            let Some(line) = self.street(random, region, from, heading, parent) else { continue };
            left = left.saturating_sub(line.len());
            let own = self.list.len();
            let branches: Vec<usize> =
                (1..line.len() - 1).filter(|_| random.chance(1, 4)).chain([line.len() - 2]).collect();
            for index in branches {
                queue.push_back((line[index], direction(minus(line[index + 1], line[index])), own));
            }
            let name = random.chance(19, 20).then(|| names::street(random));
            self.add(Street { line, class: Class::Minor, name, town: Some(number) });
        }
    }

    /// A street from a place on `parent` to where it meets another one or the town ends.
    fn street(
        &self,
        random: &mut Random,
        region: &Region,
        from: Point,
        heading: Angle,
        parent: usize,
    ) -> Option<Vec<Point>> {
        let steps = about(random, 15 << 8, 220) as usize >> 8;
        let mut met = None;
        let mut line = walk(random, from, heading, steps, STREET, |at| {
            if !region.contains(at) || region.height(at) < 20 {
                return true;
            }
            let owner = self.on(at);
            met = owner.filter(|&owner| owner != parent || distance(at, from) > 3 * Ground::CELL);
            met.is_some()
        });
        if line.len() < 3 {
            return None;
        }
        // A junction where there is a vertex to join.
        if let Some(other) = met {
            let last = line[line.len() - 1];
            let nearest = self.list[other].line.iter().min_by_key(|&&at| distance(at, last)).copied()?;
            if nearest != from && distance(nearest, last) < 130 * UNIT {
                line.push(nearest);
            }
        }
        Some(line)
    }

    /// Short ways off the streets: drives, lanes between cars.
    fn serve(&mut self, random: &mut Random) {
        let walk_of = Walk { step: 22 * UNIT, spread: 330, bend: 3000 };
        let streets: Vec<usize> =
            (0..self.list.len()).filter(|&number| self.list[number].class <= Class::Minor).collect();
        let mut left = SERVICE;
        while left > 0 {
            let street = &self.list[*random.pick(&streets)];
            let town = street.town;
            let index = random.index(street.line.len() - 1);
            let (from, next) = (street.line[index], street.line[index + 1]);
            let side = if random.chance(1, 2) { QUARTER } else { QUARTER.wrapping_neg() };
            let heading =
                direction(minus(next, from)).wrapping_add(side).wrapping_add(bell(random, 2500) as u16);
            let steps = about(random, 4 << 8, 420) as usize >> 8;
            let line = walk(random, from, heading, steps.max(1), walk_of, |_| false);
            left = left.saturating_sub(line.len());
            self.add(Street { line, class: Class::Service, name: None, town });
        }
    }

    /// Tracks and paths across the country, most of them starting where another way is.
    fn roam(&mut self, random: &mut Random, region: &Region, class: Class, vertices: usize) {
        let streets = self.list.iter().filter(|street| street.class <= Class::Minor).count();
        let mut left = vertices;
        while left > 0 {
            // Every other one starts in a town.
            let all = if random.chance(1, 2) { streets } else { self.list.len() };
            let start = random.index(all);
            let known = *random.pick(&self.list[start].line);
            let from = if random.chance(7, 8) { known } else { region.place(random) };
            // The mountains are full of paths, the plain of straight tracks.
            let zone = region.zone(from);
            if zone == Zone::Valley && random.chance(1, 3) && class == Class::Path {
                continue;
            }
            let walk_of = match (class, zone) {
                (Class::Track, Zone::Valley) => Walk { step: 52 * UNIT, spread: 380, bend: 1300 },
                (Class::Track, _) => Walk { step: 38 * UNIT, spread: 330, bend: 2300 },
                _ => Walk { step: 17 * UNIT, spread: 380, bend: 3000 },
            };
            let heading = random.any() as u16;
            let median = if class == Class::Track { 60 } else { 80 };
            let steps = about(random, median << 8, 380) as usize >> 8;
            let line = walk(random, from, heading, steps, walk_of, |at| {
                !region.contains(at)
                    || (class == Class::Track
                        && self.on(at).is_some()
                        && distance(at, from) > 2 * Ground::CELL)
            });
            if line.len() < 2 {
                continue;
            }
            left = left.saturating_sub(line.len());
            let name =
                random.chance(1, if class == Class::Track { 6 } else { 14 }).then(|| names::street(random));
            self.add(Street { line, class, name, town: None });
        }
    }
}

/// Which street runs through or beside each square of ground.
struct Ground {
    columns: i32,
    rows: i32,
    /// The number of the street plus 1.
    owners: Vec<u32>,
}

impl Ground {
    const CELL: i32 = 46 * UNIT;

    fn new() -> Self {
        let (columns, rows) = (WIDTH * TILE / Self::CELL + 1, HEIGHT * TILE / Self::CELL + 1);
        Self { columns, rows, owners: vec![0; (columns * rows) as usize] }
    }

    fn index(&self, [x, y]: Point) -> Option<usize> {
        let [column, row] = [x, y].map(|at| at.div_euclid(Self::CELL));
        let within = (0..self.columns).contains(&column) && (0..self.rows).contains(&row);
        within.then(|| (row * self.columns + column) as usize)
    }

    fn owner(&self, at: Point) -> Option<usize> {
        let owner = self.owners[self.index(at)?];
        owner.checked_sub(1).map(|owner| owner as usize)
    }

    /// Gives the squares along `line` to a street, unless another one has them.
    fn take(&mut self, line: &[Point], street: usize) {
        for pair in line.windows(2) {
            let steps = (distance(pair[0], pair[1]) / (Self::CELL / 2)).max(1);
            for step in 0..=steps {
                let [x, y] = between(pair[0], pair[1], step * 256 / steps);
                for [right, down] in [[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]] {
                    let near = [x + right * Self::CELL / 2, y + down * Self::CELL / 2];
                    if let Some(index) = self.index(near)
                        && self.owners[index] == 0
                    {
                        self.owners[index] = street as u32 + 1;
                    }
                }
            }
        }
    }
}
