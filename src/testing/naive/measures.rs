//! Values per vertex, feature by feature and vertex by vertex: a twin of what `tile::measures` writes and
//! reads in runs.

use crate::column::Value;
use crate::geometry::{Geometry, GeometryType};
use crate::tile::layer::Layer;

/// The numbers of the vertices of each feature, told by walking parts and rings.
pub(crate) fn vertices(geometry: &Geometry) -> Vec<Vec<usize>> {
    let mut next = 0;
    let of_feature = |row| {
        let mut own = Vec::new();
        for part in geometry.parts(row) {
            for ring in geometry.rings(part) {
                for _ in geometry.ring(ring).chunks(2) {
                    own.push(next);
                    next += 1;
                }
            }
        }
        assert!(own.is_empty() == (geometry.geometry_type(row) == GeometryType::Commands));
        own
    };
    (0..geometry.len()).map(of_feature).collect()
}

/// The values that stand in the tile for measure `index` of a layer, in their order.
pub(crate) fn measure(layer: &Layer, index: usize) -> Vec<Value<'_>> {
    let measure = &layer.measures()[index];
    let rows = vertices(layer.geometry()).into_iter().enumerate();
    rows.filter(|(row, _)| measure.is_valid(*row))
        .flat_map(|(_, vertices)| vertices)
        .map(|vertex| measure.values.at(vertex))
        .collect()
}

/// The heights that stand in the tile, in their order, as steps of the grid.
pub(crate) fn heights(layer: &Layer) -> Vec<i32> {
    let Some(heights) = layer.heights() else { return Vec::new() };
    let rows = vertices(layer.geometry()).into_iter().enumerate();
    rows.filter(|(row, _)| heights.is_valid(*row))
        .flat_map(|(_, vertices)| vertices)
        .map(|vertex| heights.values[vertex])
        .collect()
}
