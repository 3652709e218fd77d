//! Lines and rings as surveyors leave them: bent roads, wandering edges, right-angled houses.

use super::fixed::{
    Angle, Point, QUARTER, UNIT, about, ahead, area, bell, between, direction, distance, minus,
};
use crate::testing::random::Random;

/// How a line is drawn step by step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk {
    /// The median length of a step.
    pub step: i32,
    /// The spread of the steps' lengths, in 1/256 octaves.
    pub spread: i32,
    /// How much the bend changes from step to step.
    pub bend: i32,
}

/// How much the usual step differs from line to line, in 1/256 octaves.
pub(super) const DETAIL: i32 = 470;

/// A line of at most `steps` steps from `from`, until `stop` says of a place that it is no good.
pub(super) fn walk(
    random: &mut Random,
    from: Point,
    heading: Angle,
    steps: usize,
    walk: Walk,
    mut stop: impl FnMut(Point) -> bool,
) -> Vec<Point> {
    // Some mappers set a vertex every other metre, some only where they must.
    let usual = about(random, walk.step, DETAIL);
    let (mut at, mut heading, mut bend, mut scale) = (from, heading, 0, usual);
    let mut line = vec![at];
    for _ in 0..steps {
        // Short steps come together (a curve), and so do long ones.
        scale = (scale + about(random, usual, walk.spread)) / 2;
        let step = about(random, scale, walk.spread / 2).max(UNIT);
        at = ahead(at, heading, step);
        if stop(at) {
            break;
        }
        line.push(at);
        // Roads run straight for a while, and then there is a corner.
        let sharp = if random.chance(1, 6) { 3 } else { 1 };
        bend = bend / 2 + bell(random, sharp * walk.bend);
        heading = heading.wrapping_add(bend as u16);
    }
    line
}

/// Appends to `line`, which ends at `from`, a wandering way to `to`. Steps are about `step` long,
/// and the middle of each stretch is off by up to `rough` in 256 of its length.
pub(super) fn wander(
    random: &mut Random,
    line: &mut Vec<Point>,
    from: Point,
    to: Point,
    step: i32,
    rough: i32,
) {
    let length = distance(from, to);
    if length <= about(random, step, 330).max(UNIT) {
        line.push(to);
        return;
    }
    let aside = ((i64::from(length) * i64::from(bell(random, rough))) >> 8) as i32;
    let part = 128 + bell(random, 70);
    let across = direction(minus(to, from)).wrapping_add(QUARTER);
    let middle = ahead(between(from, to, part), across, aside);
    wander(random, line, from, middle, step, rough);
    wander(random, line, middle, to, step, rough);
}

/// A closed line around `centre`.
pub(super) fn blob(random: &mut Random, centre: Point, radius: i32, step: i32, rough: i32) -> Vec<Point> {
    let corners = 5 + random.index(3);
    let turn = random.any() as u16;
    let corners: Vec<Point> = (0..corners)
        .map(|corner| {
            let angle = turn.wrapping_add((65536 / corners * corner) as u16);
            ahead(centre, angle, about(random, radius, 120))
        })
        .collect();
    let mut ring = Vec::new();
    for (index, &corner) in corners.iter().enumerate() {
        wander(random, &mut ring, corner, corners[(index + 1) % corners.len()], step, rough);
    }
    exterior(ring)
}

/// A ring given in steps along and across a direction; the first corner is at `at`.
pub(super) fn plan(at: Point, angle: Angle, corners: &[(i32, i32)]) -> Vec<Point> {
    let across = angle.wrapping_add(QUARTER);
    exterior(corners.iter().map(|&(x, y)| ahead(ahead(at, angle, x), across, y)).collect())
}

/// The ring, turned round if it is not wound as exterior rings are.
pub(super) fn exterior(mut ring: Vec<Point>) -> Vec<Point> {
    if area(&ring) < 0 {
        ring.reverse();
    }
    ring
}
