//! Polygons as triangles, by ear clipping (the crate `earcut`).

use earcut::Earcut;

use super::Geometry;
use super::turn::turn;

impl Geometry {
    /// The triangles of the polygons, three vertex numbers each, counted over the vertices of the layer; for
    /// [`Self::with_indices`].
    ///
    /// They turn counter-clockwise as seen (y down), which GPUs take for the front; those of a feature stand
    /// before those of the next, in an order and from a first corner that make them small: a triangle starts
    /// with its least number, and those of a polygon are sorted by their greatest, then corner by corner.
    /// Triangles without an area are left out, as nothing would be drawn. Rings that cross themselves, or each
    /// other, are filled more or less; holes that reach beyond the bounds of their exterior ring are left out.
    pub fn triangles(&self) -> Vec<u32> {
        let mut earcut = Earcut::new();
        let (mut out, mut numbers, mut own) = (Vec::new(), Vec::new(), Vec::new());
        for row in 0..self.len() {
            if !self.geometry_type(row).is_polygonal() {
                continue;
            }
            for part in self.parts(row) {
                self.part(part, &mut earcut, &mut numbers, &mut own);
                let start = out.len();
                let triangles = own.as_chunks().0.iter();
                out.extend(triangles.filter_map(|corners: &[u32; 3]| {
                    self.normal(corners.map(|corner| numbers[corner as usize]))
                }));
                out[start..].sort_unstable_by_key(|corners| (corners[1].max(corners[2]), *corners));
            }
        }
        out.into_flattened()
    }

    /// Finds the triangles of a polygon; their corners are places in `numbers`, the numbers of its vertices.
    fn part(&self, part: usize, earcut: &mut Earcut<f64>, numbers: &mut Vec<u32>, out: &mut Vec<u32>) {
        let rings = self.rings(part);
        let mut holes: Vec<u32> = Vec::new();
        let mut bounds = [[i32::MAX; 2], [i32::MIN; 2]];
        for vertex in self.ring(rings.start).as_chunks::<2>().0 {
            for axis in 0..2 {
                bounds[0][axis] = bounds[0][axis].min(vertex[axis]);
                bounds[1][axis] = bounds[1][axis].max(vertex[axis]);
            }
        }
        let within = |vertex: &[i32; 2]| {
            (0..2).all(|axis| (bounds[0][axis]..=bounds[1][axis]).contains(&vertex[axis]))
        };
        numbers.clear();
        for ring in rings.clone() {
            let vertices = self.ring(ring).as_chunks::<2>().0;
            if ring > rings.start {
                // `earcut` relies on holes being within their exterior ring, and panics if they are far off.
                if !vertices.iter().all(within) {
                    continue;
                }
                holes.push(numbers.len() as u32);
            }
            let start = self.ring_start(ring) as u32;
            numbers.extend(start..start + vertices.len() as u32);
        }
        let place = |&number: &u32| self.place(number).map(f64::from);
        earcut.earcut(numbers.iter().map(place), &holes, out);
    }

    fn place(&self, vertex: u32) -> [i32; 2] {
        [0, 1].map(|axis| self.vertices[2 * vertex as usize + axis])
    }

    /// A triangle as it stands in the index buffer; none if it has no area.
    fn normal(&self, mut corners: [u32; 3]) -> Option<[u32; 3]> {
        match turn(corners.map(|corner| self.place(corner)).as_flattened()) {
            0 => return None,
            // Clockwise as seen.
            -1 => corners.swap(1, 2),
            _ => {}
        }
        let least = (0..3).min_by_key(|&at| corners[at]).expect("three corners");
        corners.rotate_left(least);
        Some(corners)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::builder::GeometryBuilder;
    use crate::testing::Random;
    use crate::testing::generate::layers;

    /// Twice the area of a ring or triangle.
    fn area(ring: &[i32]) -> i64 {
        let at = |index: usize| (i64::from(ring[2 * index]), i64::from(ring[2 * index + 1]));
        let count = ring.len() / 2;
        let cross = |index: usize| {
            let (a, b) = (at(index), at((index + 1) % count));
            a.0 * b.1 - b.0 * a.1
        };
        (0..count).map(cross).sum()
    }

    fn corners(geometry: &Geometry, triangle: [u32; 3]) -> Vec<i32> {
        triangle
            .iter()
            .flat_map(|&at| [0, 1].map(|axis| geometry.vertices()[2 * at as usize + axis]))
            .collect()
    }

    #[test]
    fn a_square_with_a_hole() {
        let mut builder = GeometryBuilder::default();
        builder.point(1, 1);
        let hole: &[[i32; 2]] = &[[2, 2], [2, 4], [4, 4], [4, 2]];
        builder.polygon(&[&[[0, 0], [9, 0], [9, 9], [0, 9]], hole]).unwrap();
        builder.line_string(&[[0, 0], [5, 5]]).unwrap();
        builder.polygon(&[&[[20, 0], [29, 0], [20, 9]]]).unwrap();
        // Nothing to be filled.
        builder.polygon(&[&[[20, 0], [29, 0], [38, 0]]]).unwrap();
        let geometry = builder.finish().unwrap();
        let triangles = geometry.triangles();
        let (triangles, rest) = triangles.as_chunks::<3>();
        assert_eq!((triangles.len(), rest.len()), (9, 0));
        assert_eq!(triangles[8], [11, 13, 12]);
        assert!(triangles[..8].iter().flatten().all(|corner| (1..9).contains(corner)));
    }

    /// Polygons that do not cross themselves: their triangles have the same area, turn one way, and stand in
    /// the order of the features.
    #[test]
    fn triangles_cover_polygons() {
        let mut random = Random::from_seed(11);
        for _ in 0..300 {
            let mut builder = GeometryBuilder::default();
            let mut areas = Vec::new();
            for _ in 0..1 + random.index(5) {
                let [x, y] = [random.within(-500, 500), random.within(-500, 500)];
                let count = 3 + random.index(30);
                let mut star = |least: f64, most: f64| -> Vec<[i32; 2]> {
                    let at = |step: usize| {
                        let angle = step as f64 / count as f64 * std::f64::consts::TAU;
                        let length = least + (most - least) * random.below(1000) as f64 / 1000.0;
                        [x + (length * angle.cos()) as i32, y + (length * angle.sin()) as i32]
                    };
                    (0..count).map(at).collect()
                };
                let (exterior, mut hole) = (star(500.0, 1500.0), star(20.0, 100.0));
                hole.reverse();
                areas.push(area(exterior.as_flattened()) + area(hole.as_flattened()));
                builder.polygon(&[&exterior, &hole]).unwrap();
            }
            let geometry = builder.finish().unwrap();
            let indices = geometry.triangles();
            let mut found = vec![0; areas.len()];
            let mut last = 0;
            for triangle in indices.as_chunks::<3>().0 {
                let own = area(&corners(&geometry, *triangle));
                assert!(own < 0, "{triangle:?} turns clockwise");
                let of = |corner: u32| {
                    (0..areas.len())
                        .position(|row| geometry.feature_vertices(row).contains(&(corner as usize)))
                };
                let row = of(triangle[0]).unwrap();
                assert!(triangle.iter().all(|&corner| of(corner) == Some(row)) && row >= last);
                assert!(triangle[0] < triangle[1] && triangle[0] < triangle[2]);
                last = row;
                found[row] -= own;
            }
            assert_eq!(found, areas);
            assert!(geometry.with_indices(indices.into()).is_ok());
        }
    }

    #[test]
    fn any_geometry_has_triangles_or_none() {
        let mut some = 0;
        for seed in 0..300 {
            let layer = layers::layer(&mut Random::from_seed(seed));
            let geometry = layer.geometry().clone();
            let indices = geometry.triangles();
            some += usize::from(!indices.is_empty());
            assert!(geometry.with_indices(indices.into()).is_ok());
        }
        assert!(some > 50, "{some}");
    }
}
