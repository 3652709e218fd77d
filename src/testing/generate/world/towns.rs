//! Towns and what stands in them: houses along the streets, and their numbers.

use super::feature::{Collection, Property, Shape, Theme};
use super::fixed::{
    Angle, Point, QUARTER, TILE, UNIT, about, ahead, bell, between, direction, distance, minus,
};
use super::names::{self, Name};
use super::region::{HEIGHT, Region};
use super::shape::plan;
use super::streets::{Class, Street, Streets};
use crate::testing::random::Random;

pub(super) struct Town {
    pub centre: Point,
    pub name: Name,
    /// How many streets it has, compared with others.
    pub weight: i32,
    pub is_hamlet: bool,
}

/// The towns from north to south, then the hamlets.
pub(super) fn towns(random: &mut Random, region: &Region) -> Vec<Town> {
    const WEIGHTS: [i32; 11] = [24, 28, 30, 26, 46, 40, 34, 46, 42, 30, 36];
    let mut towns: Vec<Town> = WEIGHTS
        .iter()
        .enumerate()
        .map(|(index, &weight)| {
            let north = TILE * 12 / 10 + (HEIGHT * TILE - TILE * 24 / 10) / 10 * index as i32;
            let y = north + random.within(-TILE / 3, TILE / 3);
            // As far east as the valley floor rises to a third.
            let height = random.within(120, 330);
            let x = (0..8 * TILE)
                .step_by(64 * UNIT as usize)
                .find(|&x| region.contains([x, y]) && region.height([x, y]) > height);
            Town { centre: [x.unwrap_or(2 * TILE), y], name: names::place(random), weight, is_hamlet: false }
        })
        .collect();
    while towns.len() < 38 {
        let centre = region.place(random);
        let far = towns.iter().all(|town| distance(town.centre, centre) > TILE / 2);
        if far && (60..860).contains(&region.height(centre)) {
            let weight = random.within(1, 2);
            towns.push(Town { centre, name: names::place(random), weight, is_hamlet: true });
        }
    }
    towns
}

/// Houses on both sides of the streets.
pub(super) fn houses(random: &mut Random, streets: &Streets, towns: &[Town], all: &mut Collection) {
    let first = all.features.len();
    let mut plots = Plots::default();
    // Some towns have mapped their house numbers.
    let numbered: Vec<u32> =
        towns.iter().map(|_| if random.chance(1, 2) { random.within(2, 9) as u32 } else { 0 }).collect();
    for (number, street) in streets.list.iter().enumerate() {
        let built = match street.town {
            // Main roads are lined with houses only near the centre.
            Some(town) if street.class.is_major() => {
                along(random, street, TILE / 8 + towns[town].weight * TILE / 140, towns[town].centre)
            }
            Some(town) if street.class == Class::Minor => along(random, street, i32::MAX, towns[town].centre),
            // Huts and barns stand along tracks, few and far between.
            None if street.class == Class::Track && random.chance(1, 2) => {
                let mut huts = along(random, street, i32::MAX, street.line[0]);
                huts.retain(|_| random.chance(1, 45));
                huts
            }
            _ => continue,
        };
        let numbers = street.town.map_or(0, |town| numbered[town]);
        for (index, &(at, heading, side)) in built.iter().enumerate() {
            let ring = house(random, at, heading, side);
            let centre = between(ring[0], ring[ring.len() / 2], 128);
            let reach = distance(centre, ring[0]);
            let owner = streets.on(centre);
            if owner.is_some_and(|owner| owner != number) || !plots.take(centre, reach) {
                continue;
            }
            if random.chance(numbers, 10) {
                let count = 2 * (index / 2 % 22) + 1 + usize::from(side < 0);
                let letter = if random.chance(1, 14) { *random.pick(&["a", "b"]) } else { "" };
                let text = Property::Text(format!("{count}{letter}"));
                let shape = all.shape(Shape::Point(centre));
                all.add(Theme::Housenumber, (14, 14), shape, vec![("housenumber", text)]);
            }
            let large = reach > 52 * UNIT;
            let twin = (ring.len() == 4 && random.chance(1, 7)).then(|| adjoining(random, &ring));
            add(random, all, ring, large);
            if let Some(twin) = twin {
                add(random, all, twin, large);
            }
        }
    }
    all.mingle(random, first, 130);
}

fn add(random: &mut Random, all: &mut Collection, ring: Vec<Point>, large: bool) {
    let shape = all.shape(Shape::Area(vec![ring]));
    let height = match random.below(200) {
        0..5 => *random.pick(&[600, 900, 1100, 1464, 1830]),
        5 => random.within(2, 12) * 366,
        _ => 366,
    };
    let mut row =
        vec![("render_height", Property::Hundredths(height)), ("render_min_height", Property::Int(0))];
    if random.chance(1, 1500) {
        row.push(("hide_3d", Property::Bool(true)));
    }
    all.add(Theme::Building, (if large { 13 } else { 14 }, 14), shape, row);
}

/// Where houses stand along a street: the front's middle, the street's direction, and the side.
fn along(random: &mut Random, street: &Street, near: i32, centre: Point) -> Vec<(Point, Angle, i32)> {
    let mut places = Vec::new();
    let mut left = about(random, 40 * UNIT, 100);
    for pair in street.line.windows(2) {
        let length = distance(pair[0], pair[1]);
        let heading = direction(minus(pair[1], pair[0]));
        while left < length {
            let at = ahead(pair[0], heading, left);
            for side in [1, -1] {
                if distance(at, centre) < near && random.chance(6, 7) {
                    let across = if side > 0 { QUARTER } else { QUARTER.wrapping_neg() };
                    let setback = about(random, 22 * UNIT, 150);
                    places.push((ahead(at, heading.wrapping_add(across), setback), heading, side));
                }
            }
            left += about(random, 50 * UNIT, 160);
        }
        left -= length;
    }
    places
}

/// A house: a rectangle, or one with corners cut out or wings added. Walls run along and across the
/// street.
fn house(random: &mut Random, at: Point, heading: Angle, side: i32) -> Vec<Point> {
    // Mostly homes, some sheds and garages, few halls.
    let scale = match random.below(20) {
        0..5 => 110,
        5..19 => 256,
        _ => 640,
    };
    let mut wall = |median: i32| ((about(random, median * UNIT, 130) * scale) >> 8).max(3 * UNIT);
    let (width, depth) = (wall(38), side * wall(32));
    let (notch, step) = (wall(13).min(width / 2), side * wall(12).min(depth.abs() / 2));
    let (porch, bay) = (wall(7).min(width / 3), side * wall(5));
    let mut angle = heading;
    // Streets bend, houses keep to their neighbours' lines more or less.
    if random.chance(2, 3) {
        angle = angle.wrapping_add(bell(random, 900) as u16);
    }
    let half = width / 2;
    let mut corners = vec![(-half, 0), (half, 0), (half, depth), (-half, depth)];
    let shape = random.below(100);
    if shape >= 55 {
        // An L.
        corners.splice(2..3, [(half, depth - step), (half - notch, depth - step), (half - notch, depth)]);
    }
    if shape >= 78 {
        // A T or Z.
        let back = corners.len() - 1;
        corners.splice(back.., [(notch - half, depth), (notch - half, depth - step), (-half, depth - step)]);
    }
    if shape >= 92 {
        corners.splice(1..1, [(-porch, 0), (-porch, -bay), (porch, -bay), (porch, 0)]);
    }
    if shape >= 96 {
        // A wing at the side.
        let wing = [(-half, step), (-half - notch, step), (-half - notch, 0)];
        corners.splice(0..1, wing);
    }
    if (50..55).contains(&shape) {
        // A corner cut off.
        corners.splice(2..3, [(half, depth - step), (half - notch, depth)]);
    }
    if scale > 256 {
        corners = hall(random, width, depth);
    }
    let mut ring = plan(at, angle, &corners);
    for corner in &mut ring {
        *corner = corner.map(|at| at + random.within(-6, 6));
    }
    ring
}

/// A house, garage or shed that shares a wall with a rectangular house.
fn adjoining(random: &mut Random, house: &[Point]) -> Vec<Point> {
    let part = random.within(90, 260);
    let beyond =
        |from: Point, to: Point| between(from, [0, 1].map(|axis| 2 * to[axis] - from[axis]), 128 + part / 2);
    vec![house[1], beyond(house[0], house[1]), beyond(house[3], house[2]), house[2]]
}

/// A large building that has grown over the years: its front and back jump to and fro.
fn hall(random: &mut Random, width: i32, depth: i32) -> Vec<(i32, i32)> {
    let mut corners = Vec::new();
    for (back, far) in [(false, depth / 8), (true, depth)] {
        let steps = 2 + random.below(5) as i32;
        for step in 0..steps {
            let [from, to] = [step, step + 1]
                .map(|step| width / steps * if back { steps - step } else { step } - width / 2);
            let jump = random.within(-6, 6) * depth / 24;
            corners.extend([(from, far + jump), (to, far + jump)]);
        }
    }
    corners
}

/// What ground houses stand on, as circles.
#[derive(Default)]
struct Plots {
    cells: hashbrown::HashMap<Point, Vec<(Point, i32)>, foldhash::fast::FixedState>,
}

impl Plots {
    const CELL: i32 = 128 * UNIT;

    /// Takes the ground around `centre`, if it is free.
    fn take(&mut self, centre: Point, reach: i32) -> bool {
        let [column, row] = centre.map(|at| at.div_euclid(Self::CELL));
        for right in -1..=1 {
            for down in -1..=1 {
                let near = self.cells.get(&[column + right, row + down]);
                // Neighbours' circles may overlap a little, for houses are no circles.
                if near
                    .into_iter()
                    .flatten()
                    .any(|&(other, radius)| distance(other, centre) < (reach + radius) * 3 / 4)
                {
                    return false;
                }
            }
        }
        self.cells.entry([column, row]).or_default().push((centre, reach));
        true
    }
}
