//! Whether two layers are the same but for the order of features and parts.

use super::same::{Type, properties, same, same_layer};
use crate::tile::layer::Layer;
use crate::tile::options::Reordering;

/// That `actual` is `expected`, layers in order, but for what `reordering` says.
///
/// # Errors
/// The first difference, in words.
pub fn same_reordered(actual: &[Layer], expected: &[Layer], reordering: Reordering) -> Result<(), String> {
    same("number of layers", actual.len(), expected.len())?;
    actual.iter().zip(expected).enumerate().try_for_each(|(index, (actual, expected))| {
        if reordering == Reordering::default() {
            return same_layer(actual, expected).map_err(|what| format!("layer {index}: {what}"));
        }
        let columns = |layer: &Layer| -> Vec<_> {
            layer
                .columns()
                .iter()
                .map(|column| (column.name.clone(), format!("{:?}", Type::of(column))))
                .collect()
        };
        same("name", actual.name(), expected.name())?;
        same("extent", actual.extent(), expected.extent())?;
        same("version", actual.version(), expected.version())?;
        same("columns", columns(actual), columns(expected))?;
        let triangles = |layer: &Layer| layer.geometry().indices().is_some();
        same("triangles", triangles(actual), triangles(expected))?;
        same("features", features(actual, reordering), features(expected, reordering))
            .map_err(|what| format!("layer {index}: {what}"))
    })
}

/// All that each feature says, in words.
fn features(layer: &Layer, reordering: Reordering) -> Vec<String> {
    let geometry = layer.geometry();
    let vertex = |number: usize| [geometry.vertices()[2 * number], geometry.vertices()[2 * number + 1]];
    let mut vertices = 0;
    let mut commands = 0;
    let mut features: Vec<String> = (0..layer.len())
        .map(|row| {
            let rings = |part| geometry.rings(part).map(|ring| geometry.ring(ring)).collect::<Vec<_>>();
            let mut parts: Vec<_> = geometry.parts(row).map(rings).collect();
            let mut of_vertices: Vec<String> = geometry
                .parts(row)
                .map(|part| {
                    let rings = geometry.rings(part);
                    let ends = [rings.start, rings.end].map(|ring| match geometry.ring_offsets() {
                        Some(offsets) => offsets[ring] as usize,
                        None => ring,
                    });
                    let measures = layer.measures().iter();
                    let measures: Vec<_> =
                        measures.map(|measure| measure.get(row, ends[0]..ends[1])).collect();
                    let heights = layer.heights().filter(|heights| heights.is_valid(row));
                    let heights = heights.map(|heights| &heights.values[ends[0]..ends[1]]);
                    format!(
                        "{:?} {measures:?} {heights:?}",
                        rings.map(|ring| geometry.ring(ring)).collect::<Vec<_>>()
                    )
                })
                .collect();
            if reordering.parts {
                of_vertices.sort();
            }
            let start = vertices;
            vertices += parts.iter().flatten().map(|ring| ring.len() / 2).sum::<usize>();
            if reordering.parts {
                parts.sort();
            }
            let triangles: Option<Vec<_>> = geometry.indices().map(|indices| {
                let own = indices
                    .chunks_exact(3)
                    .filter(|triangle| (start..vertices).contains(&(triangle[0] as usize)));
                let mut own: Vec<_> =
                    own.map(|triangle| [0, 1, 2].map(|corner| vertex(triangle[corner] as usize))).collect();
                own.sort();
                own
            });
            let integers = geometry.commands().filter(|_| geometry.types()[row] == 6).map(|all| {
                commands += 1;
                let range = all.offsets[commands - 1] as usize..all.offsets[commands] as usize;
                (all.types[commands - 1], &all.values[range])
            });
            format!(
                "{:?}",
                (
                    layer.ids().and_then(|ids| ids.get(row)),
                    geometry.types()[row],
                    parts,
                    of_vertices,
                    integers,
                    triangles,
                    properties(layer, row)
                )
            )
        })
        .collect();
    if reordering.features {
        features.sort();
    }
    features
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use super::*;
    use crate::{LayerBuilder, Value};

    fn layer(features: &[(u64, &[[i32; 2]])]) -> Layer {
        let mut layer = LayerBuilder::new("layer");
        for &(id, points) in features {
            layer.feature(Some(id), |geometry| geometry.multi_point(points)).unwrap();
            layer.property("id", Value::UInt(id)).unwrap();
        }
        layer.finish().unwrap()
    }

    #[test]
    fn only_what_may_differ_does() {
        let one = layer(&[(1, &[[0, 0], [5, 5]]), (2, &[[7, 7], [8, 8]])]);
        let features = layer(&[(2, &[[7, 7], [8, 8]]), (1, &[[0, 0], [5, 5]])]);
        let parts = layer(&[(1, &[[5, 5], [0, 0]]), (2, &[[7, 7], [8, 8]])]);
        let other = layer(&[(1, &[[7, 7], [8, 8]]), (2, &[[0, 0], [5, 5]])]);
        let reordering = |features, parts| Reordering { features, parts };
        for (layer, by_features, by_parts) in
            [(&one, true, true), (&features, true, false), (&parts, false, true), (&other, false, false)]
        {
            let same = |reordering| same_reordered(from_ref(&one), from_ref(layer), reordering).is_ok();
            assert_eq!(same(reordering(true, false)), by_features);
            assert_eq!(same(reordering(false, true)), by_parts);
            assert_eq!(same(reordering(true, true)), by_features || by_parts);
            assert_eq!(same(Reordering::default()), by_features && by_parts);
        }
    }
}
