//! Vertices left out that are hardly seen (D. Douglas and T. Peucker, 1973).

use super::clip::{Vertex, area};

/// The line without the vertices that lie within `tolerance` of what is left; its ends stay. Nothing is left
/// of one that is shorter than that.
pub(super) fn line(line: &[Vertex], tolerance: f64) -> Option<Vec<Vertex>> {
    let mut kept = vec![false; line.len()];
    mark(line, 0, line.len() - 1, tolerance, &mut kept);
    let line: Vec<Vertex> = keep(line, &kept);
    let first = line[0].at;
    line.iter().any(|vertex| distance(vertex.at, first, first) > tolerance).then_some(line)
}

/// The same of a ring, of which the first vertex and the one farthest from it stay. Nothing is left of one
/// without an area worth seeing.
pub(super) fn ring(ring: &[Vertex], tolerance: f64) -> Option<Vec<Vertex>> {
    let first = ring[0];
    let from_first = |index: &usize| distance(ring[*index].at, first.at, first.at);
    let farthest = (1..ring.len()).max_by(|a, b| from_first(a).total_cmp(&from_first(b)))?;
    let closed: Vec<Vertex> = ring.iter().chain([&first]).copied().collect();
    let mut kept = vec![false; closed.len()];
    mark(&closed, 0, farthest, tolerance, &mut kept);
    mark(&closed, farthest, closed.len() - 1, tolerance, &mut kept);
    let ring = keep(ring, &kept);
    (ring.len() > 2 && area(&ring).abs() > 2.0 * tolerance * tolerance).then_some(ring)
}

fn keep(line: &[Vertex], kept: &[bool]) -> Vec<Vertex> {
    line.iter().zip(kept).filter(|(_, kept)| **kept).map(|(vertex, _)| *vertex).collect()
}

/// Marks what is kept of the vertices from `first` to `last`.
fn mark(line: &[Vertex], first: usize, last: usize, tolerance: f64, kept: &mut [bool]) {
    let mut open = vec![(first, last)];
    while let Some((first, last)) = open.pop() {
        (kept[first], kept[last]) = (true, true);
        let away = |index: &usize| distance(line[*index].at, line[first].at, line[last].at);
        let between = first + 1..last;
        let Some(farthest) = between.max_by(|a, b| away(a).total_cmp(&away(b))) else { continue };
        if away(&farthest) > tolerance {
            open.extend([(first, farthest), (farthest, last)]);
        }
    }
}

/// How far `point` is from the segment from `a` to `b`.
fn distance(point: [f64; 2], a: [f64; 2], b: [f64; 2]) -> f64 {
    let (run, off) = ([b[0] - a[0], b[1] - a[1]], [point[0] - a[0], point[1] - a[1]]);
    let length = run[0] * run[0] + run[1] * run[1];
    let part =
        if length > 0.0 { ((off[0] * run[0] + off[1] * run[1]) / length).clamp(0.0, 1.0) } else { 0.0 };
    let (x, y) = (off[0] - part * run[0], off[1] - part * run[1]);
    (x * x + y * y).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geojson::clip::Source;
    use crate::testing::Random;

    fn vertices(points: &[[f64; 2]]) -> Vec<Vertex> {
        points.iter().enumerate().map(|(index, &at)| Vertex { at, source: Source::own(index) }).collect()
    }

    fn numbers(line: Option<Vec<Vertex>>) -> Vec<usize> {
        line.unwrap_or_default().iter().map(|vertex| vertex.source.from).collect()
    }

    #[test]
    fn what_is_hardly_seen_is_left_out() {
        let bent = vertices(&[[0.0, 0.0], [5.0, 0.4], [10.0, 0.0], [10.0, 9.0], [10.4, 10.0]]);
        assert_eq!(numbers(line(&bent, 0.5)), [0, 2, 4]);
        assert_eq!(numbers(line(&bent, 0.1)), [0, 1, 2, 3, 4]);
        assert_eq!(numbers(line(&bent, 50.0)), [0; 0]);
        let square = vertices(&[[0.0, 0.0], [5.0, 0.2], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]]);
        assert_eq!(numbers(ring(&square, 0.5)), [0, 2, 3, 4]);
        assert_eq!(numbers(ring(&square, 20.0)), [0; 0]);
    }

    #[test]
    fn nothing_is_farther_away_than_the_tolerance() {
        let mut random = Random::from_seed(8);
        for _ in 0..300 {
            let points: Vec<[f64; 2]> = (0..2 + random.index(60))
                .map(|at| [at as f64 * 3.0, f64::from(random.within(-20, 20))])
                .collect();
            let tolerance = f64::from(random.within(1, 12));
            let line = vertices(&points);
            let Some(left) = super::line(&line, tolerance) else { continue };
            for vertex in &line {
                let near =
                    left.windows(2).any(|pair| distance(vertex.at, pair[0].at, pair[1].at) <= tolerance);
                assert!(near, "{vertex:?}");
            }
            assert_eq!((left.first(), left.last()), (line.first(), line.last()));
        }
    }
}
