//! Hilbert curves: places along a line through all points of a square, on which neighbours are
//! neighbours in the square.

/// A Hilbert curve through the points from `origin` on, 2^`order` in each direction. It starts at
/// the origin; `spec/encodings.md` says how it goes on from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Curve {
    /// The corner of the smallest coordinates.
    pub(crate) origin: [i32; 2],
    /// At most [`MAX_ORDER`].
    pub(crate) order: u8,
}

impl Curve {
    /// The curve through the smallest square that holds all of `points`, has sides of a power of
    /// two, and starts at 0 where no coordinate is negative: so do those through tiles.
    pub(crate) fn around(points: impl Iterator<Item = [i32; 2]>) -> Self {
        let (mut min, mut max) = ([0; 2], [0; 2]);
        for [x, y] in points {
            min = [min[0].min(x), min[1].min(y)];
            max = [max[0].max(x), max[1].max(y)];
        }
        let width = |axis: usize| 32 - (max[axis].wrapping_sub(min[axis]) as u32).leading_zeros();
        Self { origin: min, order: width(0).max(width(1)) as u8 }
    }

    /// The place of a point in the square.
    pub(crate) fn place(&self, [x, y]: [i32; 2]) -> u64 {
        let [x0, y0] = self.origin;
        fast_hilbert::xy2h(x.wrapping_sub(x0) as u32, y.wrapping_sub(y0) as u32, self.order)
    }

    /// The point at a place, which must lie on the curve; of another one some point.
    #[inline]
    pub(crate) fn point(&self, place: u64) -> [i32; 2] {
        let (x, y) = fast_hilbert::h2xy::<u32>(place, self.order);
        [self.origin[0].wrapping_add(x as i32), self.origin[1].wrapping_add(y as i32)]
    }
}

/// The largest order of a curve: its places have 64 bits.
pub(crate) const MAX_ORDER: u8 = 32;

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, step by step: quadrants from the largest on.
    fn place(curve: Curve, [x, y]: [i32; 2]) -> u64 {
        let (mut x, mut y) = (x.wrapping_sub(curve.origin[0]) as u32, y.wrapping_sub(curve.origin[1]) as u32);
        let mut place = 0;
        for bit in (0..curve.order).rev() {
            let (right, down) = (x >> bit & 1, y >> bit & 1);
            place = place << 2 | u64::from((3 * right) ^ down);
            if down == 0 {
                if right == 1 {
                    (x, y) = (!x, !y);
                }
                (x, y) = (y, x);
            }
        }
        place
    }

    #[test]
    fn neighbours_on_the_curve_are_neighbours_in_the_square() {
        for order in 0..6 {
            let curve = Curve { origin: [-3, 7], order };
            let side = 1i32 << order;
            let mut points = vec![None; (side * side) as usize];
            for (x, y) in (0..side).flat_map(|x| (0..side).map(move |y| (x - 3, y + 7))) {
                let at = curve.place([x, y]);
                assert_eq!(at, place(curve, [x, y]), "{x} {y}");
                assert_eq!(curve.point(at), [x, y]);
                assert!(points[at as usize].replace([x, y]).is_none());
            }
            let points: Vec<[i32; 2]> = points.into_iter().flatten().collect();
            assert_eq!(points[0], [-3, 7]);
            for pair in points.windows(2) {
                assert_eq!(pair[0][0].abs_diff(pair[1][0]) + pair[0][1].abs_diff(pair[1][1]), 1);
            }
        }
    }

    #[test]
    fn all_coordinates_have_a_place() {
        let corners = [[i32::MIN, i32::MAX], [i32::MAX, i32::MIN], [0, 0], [5, -9]];
        let curve = Curve::around(corners.into_iter());
        assert_eq!(curve, Curve { origin: [i32::MIN; 2], order: 32 });
        for order in 0..=MAX_ORDER {
            let curve = Curve { order, ..curve };
            for number in 0..1000u32 {
                let mix =
                    |factor: u32| number.wrapping_mul(factor).checked_shr(32 - u32::from(order)).unwrap_or(0);
                let point = [mix(0x9e37_79b9), mix(0x85eb_ca6b)].map(|at| i32::MIN.wrapping_add(at as i32));
                assert_eq!(curve.place(point), place(curve, point), "order {order}");
                assert_eq!(curve.point(curve.place(point)), point, "order {order}");
            }
        }
        corners.iter().for_each(|&corner| assert_eq!(curve.point(place(curve, corner)), corner));
        let tile = Curve::around([[4095, 3], [70, 800]].into_iter());
        assert_eq!(tile, Curve { origin: [0, 0], order: 12 });
        assert_eq!(Curve::around(std::iter::empty()).order, 0);
    }
}
