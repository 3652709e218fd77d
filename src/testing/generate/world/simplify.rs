//! Leaving out vertices that hardly matter, and joining lines end to end.

use std::collections::BTreeMap;

use super::fixed::{Point, distance};

/// The line without the vertices that are off the simpler one by no more than `tolerance`
/// (Douglas and Peucker). The ends stay.
pub(crate) fn line(line: &[Point], tolerance: i32) -> Vec<Point> {
    let mut keep = vec![false; line.len()];
    let mut stretches = vec![(0, line.len() - 1)];
    while let Some((first, last)) = stretches.pop() {
        (keep[first], keep[last]) = (true, true);
        let farthest =
            (first + 1..last).map(|index| (off(line[index], line[first], line[last]), index)).max();
        if let Some((off, index)) = farthest
            && off > i64::from(tolerance)
        {
            stretches.extend([(first, index), (index, last)]);
        }
    }
    line.iter().zip(keep).filter_map(|(&point, keep)| keep.then_some(point)).collect()
}

/// The ring, simplified as [`line`] is; fewer than three vertices may be left.
pub(crate) fn ring(ring: &[Point], tolerance: i32) -> Vec<Point> {
    let far = (0..ring.len()).max_by_key(|&index| distance(ring[0], ring[index])).unwrap_or(0);
    let back: Vec<Point> = ring[far..].iter().chain(&ring[..1]).copied().collect();
    let mut simple = line(&ring[..=far], tolerance);
    simple.pop();
    simple.extend(line(&back, tolerance));
    simple.pop();
    simple
}

/// The distance of a point from the straight line between two others.
fn off(at: Point, from: Point, to: Point) -> i64 {
    let length = i64::from(distance(from, to));
    if length == 0 {
        return i64::from(distance(at, from));
    }
    let [along, aside] =
        [to, at].map(|point| [0, 1].map(|axis| i64::from(point[axis]) - i64::from(from[axis])));
    (along[0] * aside[1] - along[1] * aside[0]).abs() / length
}

/// Lines joined where one ends and another starts, each with the number of its first line.
pub(crate) fn join(lines: &[(u32, &[Point])]) -> Vec<(u32, Vec<Point>)> {
    let mut starts: BTreeMap<Point, Vec<usize>> = BTreeMap::new();
    let mut ends: BTreeMap<Point, usize> = BTreeMap::new();
    for (index, (_, line)) in lines.iter().enumerate() {
        starts.entry(line[0]).or_default().push(index);
        *ends.entry(line[line.len() - 1]).or_default() += 1;
    }
    let mut used = vec![false; lines.len()];
    // Lines that go on from another one wait for it; what is left then runs in circles.
    let heads = (0..lines.len()).filter(|&index| !ends.contains_key(&lines[index].1[0]));
    let order: Vec<usize> = heads.chain(0..lines.len()).collect();
    let mut joined = Vec::new();
    for head in order {
        if used[head] {
            continue;
        }
        used[head] = true;
        let mut line = lines[head].1.to_vec();
        while let Some(next) =
            starts.get(&line[line.len() - 1]).and_then(|next| next.iter().find(|&&next| !used[next]))
        {
            used[*next] = true;
            line.extend(&lines[*next].1[1..]);
        }
        joined.push((lines[head].0, line));
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matters_stays() {
        let bent = [[0, 0], [50, 3], [100, 0], [100, 50], [100, 100]];
        assert_eq!(line(&bent, 5), [[0, 0], [100, 0], [100, 100]]);
        assert_eq!(line(&bent, 2), [[0, 0], [50, 3], [100, 0], [100, 100]]);
        let square = [[0, 0], [50, 1], [100, 0], [100, 100], [50, 99], [0, 100]];
        assert_eq!(ring(&square, 2), [[0, 0], [100, 0], [100, 100], [0, 100]]);
    }

    #[test]
    fn lines_meet_end_to_end() {
        let lines: [(u32, &[Point]); 4] =
            [(0, &[[2, 0], [3, 0]]), (1, &[[0, 0], [1, 0]]), (2, &[[1, 0], [2, 0]]), (3, &[[9, 9], [8, 8]])];
        let joined = join(&lines);
        assert_eq!(joined, [(1, vec![[0, 0], [1, 0], [2, 0], [3, 0]]), (3, vec![[9, 9], [8, 8]])]);
        let circle: [(u32, &[Point]); 2] = [(0, &[[0, 0], [1, 0]]), (1, &[[1, 0], [0, 0]])];
        assert_eq!(join(&circle), [(0, vec![[0, 0], [1, 0], [0, 0]])]);
    }
}
