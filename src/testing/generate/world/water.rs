//! The river and what flows into it, lakes, ponds and pools.

use super::feature::{Collection, Element, Property, Row, Shape, Theme, osm_id};
use super::fixed::{Point, QUARTER, TILE, UNIT, about, ahead, area, bell, direction, distance, minus};
use super::names;
use super::region::{Region, Zone};
use super::shape::{Walk, blob, exterior, plan, walk};
use super::streets::{Class, Streets};
use crate::testing::random::Random;

/// How many vertices all waterways but the river have.
const STREAMS: usize = 6700;

pub(super) fn water(random: &mut Random, region: &Region, streets: &Streets, all: &mut Collection) {
    let first = all.features.len();
    let river = names::water(random);
    for piece in cut(random, &region.river, 30) {
        flow(all, piece, "river", Some(&river), false, false, 8);
    }
    let mut left = STREAMS;
    while left > 0 {
        left = left.saturating_sub(stream(random, region, all));
    }
    banks(random, region, all);
    lakes(random, region, streets, all);
    all.mingle(random, first, 300);
}

/// A stream from the mountains, a ditch or drain in the plain; returns its vertices.
fn stream(random: &mut Random, region: &Region, all: &mut Collection) -> usize {
    let from = region.place(random);
    let (class, median, course, turns) = match (region.zone(from), random.below(12)) {
        (Zone::Valley, 0..4) => ("drain", 2, Walk { step: 160 * UNIT, spread: 400, bend: 1200 }, 2),
        (Zone::Valley, 4..8) => ("ditch", 9, Walk { step: 37 * UNIT, spread: 330, bend: 1500 }, 1),
        (Zone::Valley, 8) => ("canal", 14, Walk { step: 120 * UNIT, spread: 330, bend: 1100 }, 2),
        (Zone::Valley, _) => return 0,
        _ => ("stream", 34, Walk { step: 58 * UNIT, spread: 330, bend: 2300 }, 2),
    };
    // Downhill is to the west, mostly; in the plain along the river.
    let downhill = 0x8000_u16.wrapping_sub(if turns == 1 { QUARTER } else { 0 });
    let heading = downhill.wrapping_add(bell(random, 5000) as u16);
    let steps = (about(random, median << 8, 300) >> 8).max(1) as usize;
    let line = walk(random, from, heading, steps, course, |at| !region.is_near(at));
    if line.len() < 2 {
        return 0;
    }
    let name = random.chance(1, 4).then(|| names::water(random));
    let dry = class == "stream" && random.chance(1, 3);
    let vertices = line.len();
    for piece in cut(random, &line, 16) {
        let tunnel = piece.len() <= 3 && random.chance(1, 4);
        flow(all, piece, class, name.as_deref(), dry, tunnel, 12);
    }
    vertices
}

/// The pieces a waterway is mapped in.
fn cut(random: &mut Random, line: &[Point], median: i32) -> Vec<Vec<Point>> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while rest.len() > 1 {
        let length = (about(random, median << 8, 420) >> 8).max(1) as usize;
        let to = length.min(rest.len() - 1);
        pieces.push(rest[..=to].to_vec());
        rest = &rest[to..];
    }
    pieces
}

fn flow(
    all: &mut Collection,
    line: Vec<Point>,
    class: &str,
    name: Option<&str>,
    dry: bool,
    tunnel: bool,
    from: u8,
) {
    let shape = all.shape(Shape::Line(line));
    let mut row: Row = Vec::new();
    if tunnel {
        row.push(("brunnel", "tunnel".into()));
    }
    row.push(("class", class.into()));
    row.push(("intermittent", Property::Int(i64::from(dry))));
    let name = name.map(|name| ("name:latin", Property::from(name)));
    row.extend(name.clone());
    all.add(Theme::Waterway, (from, 14), shape, row);
    let row = [("class", class.into())].into_iter().chain(name).collect();
    all.add(Theme::WaterName, (14, 14), shape, row);
}

/// The river's water: stretches between two banks.
fn banks(random: &mut Random, region: &Region, all: &mut Collection) {
    let last = region.river.len() - 1;
    for start in (0..last).step_by(60) {
        // One step farther than the next one's start, so that there is no gap.
        let stretch = &region.river[start..=last.min(start + 61)];
        let mut bank = |side: u16| -> Vec<Point> {
            stretch
                .windows(2)
                .map(|pair| {
                    let across = direction(minus(pair[1], pair[0])).wrapping_add(side);
                    ahead(pair[0], across, about(random, 85 * UNIT, 60))
                })
                .collect()
        };
        let (mut ring, back) = (bank(QUARTER.wrapping_neg()), bank(QUARTER));
        ring.extend(back.into_iter().rev());
        if ring.len() > 3 {
            lake(random, all, exterior(ring), 8);
        }
    }
}

fn lakes(random: &mut Random, region: &Region, streets: &Streets, all: &mut Collection) {
    for number in 0..16 {
        let centre = region.place(random);
        let radius = about(random, if number < 2 { 500 } else { 110 } * UNIT, 160);
        let ring = blob(random, centre, radius, 50 * UNIT, 60);
        let zoom = if distance(ring[0], centre) > TILE / 8 { 10 } else { 12 };
        lake(random, all, ring, zoom);
        if number < 12 {
            let name = names::place(random).latin + "see";
            let row = vec![("class", "lake".into()), ("name:latin", Property::Text(name))];
            let shape = all.shape(Shape::Point(centre));
            all.add(Theme::WaterName, (14, 14), shape, row).id = osm_id(random, Element::Way, number);
        }
    }
    // Pools and garden ponds.
    let gardens: Vec<&Vec<Point>> = streets
        .list
        .iter()
        .filter(|street| street.class == Class::Minor)
        .map(|street| &street.line)
        .collect();
    for _ in 0..255 {
        let line = *random.pick(&gardens);
        let near = *random.pick(line);
        let (angle, away) = (random.any() as u16, about(random, 60 * UNIT, 100));
        let at = ahead(near, angle, away);
        let ring = if random.chance(2, 5) {
            let (width, depth) = (about(random, 22 * UNIT, 150), about(random, 12 * UNIT, 150));
            plan(at, random.any() as u16, &[(0, 0), (width, 0), (width, depth), (0, depth)])
        } else {
            let radius = about(random, 22 * UNIT, 250);
            blob(random, at, radius, 11 * UNIT, 60)
        };
        lake(random, all, ring, 14);
    }
}

fn lake(random: &mut Random, all: &mut Collection, ring: Vec<Point>, zoom: u8) {
    debug_assert!(area(&ring) >= 0);
    let shape = all.shape(Shape::Area(vec![ring]));
    all.add(Theme::Water, (zoom, 14), shape, vec![("class", "lake".into())]).id =
        osm_id(random, Element::Way, shape as usize);
}
