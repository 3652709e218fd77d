//! Geometries whose parts may stand in any order, from command integers to a form in which equal ones
//! are equal.
//!
//! This knows nothing of how layers are read: a mistake there cannot hide itself here.

/// The integers of a feature in a form that does not depend on the order of its parts: those of the
/// geometry's points, lines or polygons in absolute coordinates, sorted. What is no well-formed
/// geometry stays as it is.
pub(super) fn sorted(kind: i32, integers: &[u32]) -> Vec<i64> {
    let parts = match kind {
        1 => points(integers),
        2 => paths(integers, false),
        3 => paths(integers, true).map(polygons),
        _ => None,
    };
    // The first integer tells the two forms apart.
    match parts {
        None => [-1].into_iter().chain(integers.iter().map(|&integer| i64::from(integer))).collect(),
        Some(mut parts) => {
            parts.sort_unstable();
            let part = |part: Vec<i64>| [part.len() as i64].into_iter().chain(part);
            [parts.len() as i64].into_iter().chain(parts.into_iter().flat_map(part)).collect()
        }
    }
}

/// Reads integers off the front of a feature's.
struct Cursor<'a> {
    rest: &'a [u32],
    at: [i32; 2],
}

impl Cursor<'_> {
    fn next(&mut self) -> Option<u32> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    /// How often the command `id`, which must come next, is repeated.
    fn command(&mut self, id: u32) -> Option<u32> {
        let integer = self.next()?;
        (integer & 7 == id && integer >> 3 > 0).then_some(integer >> 3)
    }

    /// Appends the next vertex, in absolute coordinates.
    fn vertex(&mut self, out: &mut Vec<i64>) -> Option<()> {
        for axis in 0..2 {
            let parameter = self.next()?;
            let difference = (parameter >> 1) as i32 ^ -((parameter & 1) as i32);
            self.at[axis] = self.at[axis].wrapping_add(difference);
            out.push(self.at[axis].into());
        }
        Some(())
    }
}

/// The points of one MoveTo.
fn points(integers: &[u32]) -> Option<Vec<Vec<i64>>> {
    let mut cursor = Cursor { rest: integers, at: [0, 0] };
    let count = cursor.command(1)?;
    let mut points = Vec::new();
    for _ in 0..count {
        let mut point = Vec::new();
        cursor.vertex(&mut point)?;
        points.push(point);
    }
    cursor.rest.is_empty().then_some(points)
}

/// Lines, or rings, which are closed.
fn paths(integers: &[u32], closed: bool) -> Option<Vec<Vec<i64>>> {
    let mut cursor = Cursor { rest: integers, at: [0, 0] };
    let mut paths = Vec::new();
    while !cursor.rest.is_empty() {
        let mut path = Vec::new();
        if cursor.command(1)? != 1 {
            return None;
        }
        cursor.vertex(&mut path)?;
        for _ in 0..cursor.command(2)? {
            cursor.vertex(&mut path)?;
        }
        if closed && cursor.next()? != 1 << 3 | 7 {
            return None;
        }
        paths.push(path);
    }
    (!paths.is_empty()).then_some(paths)
}

/// Rings to polygons: one that turns as the first ring with an area does begins a polygon. The rings
/// of a polygon are told apart by their lengths.
fn polygons(rings: Vec<Vec<i64>>) -> Vec<Vec<i64>> {
    let exterior = rings.iter().map(|ring| turn(ring)).find(|&turn| turn != 0);
    let mut polygons: Vec<Vec<i64>> = Vec::new();
    for ring in rings {
        if polygons.is_empty() || Some(turn(&ring)) == exterior {
            polygons.push(Vec::new());
        }
        let polygon = polygons.last_mut().expect("one was begun");
        polygon.push(ring.len() as i64);
        polygon.extend(ring);
    }
    polygons
}

/// Which way a ring turns.
fn turn(ring: &[i64]) -> i128 {
    let vertex = |index: usize| [i128::from(ring[index]), i128::from(ring[index + 1])];
    let double: i128 = (0..ring.len())
        .step_by(2)
        .map(|index| (vertex(index), vertex((index + 2) % ring.len())))
        .map(|([x, y], [next_x, next_y])| x * next_y - next_x * y)
        .sum();
    double.signum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOVE: u32 = 1 << 3 | 1;
    const CLOSE: u32 = 1 << 3 | 7;

    fn line(count: u32) -> u32 {
        count << 3 | 2
    }

    #[test]
    fn points_and_lines_in_any_order() {
        // (1,1) (2,1) and (2,1) (1,1).
        let one = sorted(1, &[2 << 3 | 1, 2, 2, 2, 0]);
        assert_eq!(one, sorted(1, &[2 << 3 | 1, 4, 2, 1, 0]));
        assert_ne!(one, sorted(1, &[2 << 3 | 1, 4, 2, 0, 0]));
        // (0,0) (1,0) and (5,5) (5,6); not the second one backwards.
        let lines = sorted(2, &[MOVE, 0, 0, line(1), 2, 0, MOVE, 8, 10, line(1), 0, 2]);
        assert_eq!(lines, sorted(2, &[MOVE, 10, 10, line(1), 0, 2, MOVE, 9, 11, line(1), 2, 0]));
        assert_ne!(lines, sorted(2, &[MOVE, 10, 12, line(1), 0, 1, MOVE, 9, 9, line(1), 2, 0]));
        // The vertices of one line of four are no two lines.
        assert_ne!(lines, sorted(2, &[MOVE, 0, 0, line(3), 2, 0, 8, 10, 0, 2]));
    }

    #[test]
    fn polygons_keep_their_holes() {
        let square =
            |x: u32, y: u32, side: u32| [MOVE, x, y, line(3), side, 0, 0, side, side - 1, 0, CLOSE].to_vec();
        let hole = |x: u32, y: u32| [MOVE, x, y, line(2), 0, 2, 2, 0, CLOSE].to_vec();
        // A square at (0,0) with a hole at (1,1), the pen then at (2,2); a square at (20,20).
        let one = [square(0, 0, 20), hole(2, 17), square(36, 36, 8)].concat();
        let other = [square(40, 40, 8), square(39, 47, 20), hole(2, 17)].concat();
        let elsewhere = [square(0, 0, 20), square(40, 20, 8), hole(37, 45)].concat();
        assert_eq!(sorted(3, &one), sorted(3, &other));
        assert_ne!(sorted(3, &one), sorted(3, &elsewhere));
        assert_eq!(sorted(3, &one)[0], 2);
    }

    #[test]
    fn what_is_no_geometry_stays_as_it_is() {
        for (kind, integers) in
            [(0, &[][..]), (1, &[]), (1, &[MOVE, 2]), (2, &[MOVE, 2, 4]), (3, &[MOVE, 2, 4, line(1), 6, 8])]
        {
            let form = sorted(kind, integers);
            assert_eq!((form[0], form.len()), (-1, integers.len() + 1));
        }
    }
}
