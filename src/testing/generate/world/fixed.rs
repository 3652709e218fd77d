//! Integer geometry: angles, lengths and spreads that come out the same on every machine, which
//! the floating-point functions of a system's library do not.

use crate::testing::random::{Random, mix};

/// A place in the world, x to the east, y to the south; 16 units to one of a zoom 14 tile's 4096.
pub(crate) type Point = [i32; 2];

/// The side of a zoom 14 tile.
pub(crate) const TILE: i32 = 4096 * UNIT;
/// What zoom 14 tiles can tell apart.
pub(crate) const UNIT: i32 = 16;

/// A direction: 65,536 to the full turn, 0 to the east, 16,384 to the south.
pub(crate) type Angle = u16;
pub(crate) const QUARTER: Angle = 0x4000;

/// The sine, 16,384 for one.
pub(crate) fn sin(angle: Angle) -> i32 {
    let quadrant = angle >> 14;
    let part = i64::from(angle & 0x3fff);
    let x = if quadrant & 1 == 0 { part } else { 0x4000 - part };
    // Taylor's series of sin(πx/2), in 1/2^14; its coefficients in 1/2^20.
    let square = (x * x) >> 14;
    let series =
        [4_909, 83_564, 677_343, 1_647_099].into_iter().reduce(|sum, next| next - ((sum * square) >> 14));
    let sine = ((x * series.unwrap_or(0)) >> 20) as i32;
    if quadrant & 2 == 0 { sine } else { -sine }
}

pub(crate) fn cos(angle: Angle) -> i32 {
    sin(angle.wrapping_add(QUARTER))
}

/// The direction of a vector, to about a quarter of a degree.
pub(crate) fn direction([dx, dy]: Point) -> Angle {
    let (width, height) = (i64::from(dx.unsigned_abs()), i64::from(dy.unsigned_abs()));
    let (short, long) = (width.min(height), width.max(height).max(1));
    // atan(z) ≈ z (π/4 + 0.273 (1 − z)) on 0 ..= 1
    let z = (short << 14) / long;
    let eighth = ((z * (8192 + ((2847 * (0x4000 - z)) >> 14))) >> 14) as u16;
    let quarter = if height > width { QUARTER - eighth } else { eighth };
    match (dx < 0, dy < 0) {
        (false, false) => quarter,
        (true, false) => 0x8000 - quarter,
        (true, true) => 0x8000 + quarter,
        (false, true) => quarter.wrapping_neg(),
    }
}

/// The point `distance` away from `from`.
pub(crate) fn ahead([x, y]: Point, angle: Angle, distance: i32) -> Point {
    let along = |part: i32| ((i64::from(part) * i64::from(distance)) >> 14) as i32;
    [x + along(cos(angle)), y + along(sin(angle))]
}

pub(crate) fn minus([ax, ay]: Point, [bx, by]: Point) -> Point {
    [ax - bx, ay - by]
}

/// The distance between two points.
pub(crate) fn distance(a: Point, b: Point) -> i32 {
    let [dx, dy] = minus(a, b).map(i64::from);
    ((dx * dx + dy * dy) as u64).isqrt() as i32
}

/// The point `part` of 256 on the way from `a` to `b`.
pub(crate) fn between(a: Point, b: Point, part: i32) -> Point {
    [0, 1].map(|axis| {
        let span = i64::from(b[axis]) - i64::from(a[axis]);
        (i64::from(a[axis]) + ((span * i64::from(part)) >> 8)) as i32
    })
}

/// Twice the area of a ring; positive for exterior rings.
pub(crate) fn area(ring: &[Point]) -> i64 {
    let previous = ring.iter().skip(ring.len().saturating_sub(1)).chain(ring);
    previous
        .zip(ring)
        .map(|(a, b)| i64::from(a[0]) * i64::from(b[1]) - i64::from(b[0]) * i64::from(a[1]))
        .sum()
}

/// A number around 0, seldom far off: two thirds lie within ± 0.6 `spread`, all within
/// ± 2 `spread`.
pub(crate) fn bell(random: &mut Random, spread: i32) -> i32 {
    (0..4).map(|_| random.within(-spread, spread)).sum::<i32>() / 2
}

/// A length around `median`, `octaves` (in 1/256) being the spread of its logarithm.
pub(crate) fn about(random: &mut Random, median: i32, octaves: i32) -> i32 {
    let power = bell(random, octaves) + (16 << 8);
    // 2^(part/256), a straight line between the powers of two being close enough.
    let scale = i64::from(256 + (power & 255)) << (power >> 8);
    ((i64::from(median) * scale) >> 24) as i32
}

/// A number from −512 to 512 that depends on the place and changes smoothly over `wave`.
pub(crate) fn noise(seed: u64, at: Point, wave: i32) -> i32 {
    let [column, row] = at.map(|at| at.div_euclid(wave));
    let corner = |right: i32, down: i32| {
        let place = u64::from((column + right) as u32) << 32 | u64::from((row + down) as u32);
        (mix(seed ^ mix(place)) & 1023) as i64 - 512
    };
    let [across, down] = at.map(|at| {
        let part = i64::from(at.rem_euclid(wave)) * 256 / i64::from(wave);
        (part * part * (768 - 2 * part)) >> 16
    });
    let top = corner(0, 0) * (256 - across) + corner(1, 0) * across;
    let bottom = corner(0, 1) * (256 - across) + corner(1, 1) * across;
    ((top * (256 - down) + bottom * down) >> 16) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn angles_are_close_to_the_true_ones() {
        for angle in (0..=u16::MAX).step_by(97) {
            let true_angle = f64::from(angle) / 65536.0 * std::f64::consts::TAU;
            assert!((f64::from(sin(angle)) / 16384.0 - true_angle.sin()).abs() < 4e-4, "{angle}");
            assert!((f64::from(cos(angle)) / 16384.0 - true_angle.cos()).abs() < 4e-4, "{angle}");
            let found = direction(ahead([0, 0], angle, 1 << 20));
            assert!((found.wrapping_sub(angle) as i16).abs() < 50, "{angle}: {found}");
        }
    }

    #[test]
    fn lengths_spread_around_the_median() {
        let mut random = Random::from_seed(1);
        let mut lengths: Vec<i32> = (0..999).map(|_| about(&mut random, 1000, 256)).collect();
        lengths.sort();
        assert!((900..1100).contains(&lengths[500]), "{}", lengths[500]);
        assert!(lengths[0] >= 250 && lengths[998] <= 4000);
        assert_eq!(about(&mut random, 1000, 0), 1000);
    }
}
