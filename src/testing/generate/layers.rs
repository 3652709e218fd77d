//! Small random layers that try everything a layer can hold, for property tests and fuzzing.

use super::{columns, geometry};
use crate::array::NullBuffer;
use crate::column::Ids;
use crate::geometry::Geometry;
use crate::testing::random::Random;
use crate::tile::layer::Layer;

/// What a layer must be able to go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Through {
    /// A format that keeps whatever a layer holds.
    Anything,
    /// MVT, which tells geometries apart by their rings' direction and their counts.
    Mvt,
}

/// The layers of a tile, at times none, at times several of one name.
pub fn tile(random: &mut Random) -> Vec<Layer> {
    (0..random.below(5)).map(|_| layer(random)).collect()
}

/// A layer that may hold anything a [`Layer`] can: every geometry type, also mixed, command
/// integers, triangles, coordinates and numbers of any size, ids and values with gaps, columns of
/// one name, nested ones, odd strings.
pub fn layer(random: &mut Random) -> Layer {
    any_layer(random, Through::Anything)
}

/// As [`layer`], but only what survives the way to MVT and back, up to the order of properties and
/// columns without any value (`check::same_features`): polygons are wound as MVT asks for, multi
/// geometries have at least two parts, coordinates lie within ±2^30, there are no triangles.
pub fn mvt_layer(random: &mut Random) -> Layer {
    any_layer(random, Through::Mvt)
}

fn any_layer(random: &mut Random, through: Through) -> Layer {
    let rows = match random.below(12) {
        0 => 0,
        1..=2 => 1,
        3..=8 => 1 + random.index(24),
        9..=10 => 1 + random.index(300),
        _ => 1 + random.index(1200),
    };
    let name = match random.below(4) {
        0 => columns::string(random),
        _ => random.pick(&["water", "transportation", "place", "", "Ortsnamen größer"]).to_string(),
    };
    let extent = match random.below(8) {
        0 => *random.pick(&[0, 1, 255, 512, 8192, 1 << 24, u32::MAX]),
        _ => 4096,
    };
    let version = *random.pick(&[2, 2, 2, 1, 0, 3, u32::MAX]);
    let mut geometry = geometry::geometries(random, rows, through);
    if through == Through::Anything && random.chance(1, 8) {
        geometry = triangles(random, geometry);
    }
    let ids = ids(random, rows);
    let columns = columns::columns(random, rows, through);
    let layer =
        Layer::try_new(name, extent, version, ids, geometry, columns).expect("as many rows everywhere");
    if through == Through::Mvt || random.chance(2, 3) {
        return layer;
    }
    let (measures, heights) = columns::of_vertices(random, &layer);
    layer.with_vertex_values(measures, heights).expect("as many values as vertices")
}

fn ids(random: &mut Random, rows: usize) -> Option<Ids> {
    if rows == 0 || random.chance(1, 3) {
        return None;
    }
    let values: Vec<u64> = columns::numbers(random, rows);
    let nulls = columns::nulls(random, rows);
    // No feature with an id is the same as no ids.
    if nulls.as_ref().is_some_and(|nulls| nulls.null_count() == rows) {
        return None;
    }
    Some(Ids { values: values.into(), nulls: nulls.filter(has_gaps) })
}

fn has_gaps(nulls: &NullBuffer) -> bool {
    nulls.null_count() > 0
}

/// Any triangles between vertices there are; none may be given, too.
fn triangles(random: &mut Random, geometry: Geometry) -> Geometry {
    let vertices = geometry.vertices().len() / 2;
    let count = if vertices == 0 { 0 } else { 3 * random.index(2 * vertices) };
    let indices: Vec<u32> = (0..count).map(|_| random.index(vertices) as u32).collect();
    geometry.with_indices(indices.into()).expect("whole triangles of vertices there are")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::{Strings, Values};
    use crate::geometry::GeometryType;
    use crate::testing::check;

    #[test]
    fn a_seed_gives_one_layer() {
        for seed in 0..50 {
            let [one, two] = [(); 2].map(|()| layer(&mut Random::from_seed(seed)));
            assert_eq!(check::same_layer(&one, &two), Ok(()));
        }
    }

    #[test]
    fn any_bytes_give_a_layer() {
        let mut random = Random::from_seed(1);
        for length in (0..2000).step_by(7) {
            let bytes: Vec<u8> = (0..length).map(|_| random.any() as u8).collect();
            tile(&mut Random::from_bytes(&bytes));
            mvt_layer(&mut Random::from_bytes(&bytes));
        }
        assert!(tile(&mut Random::from_bytes(&[])).is_empty());
    }

    #[test]
    fn everything_occurs() {
        let mut random = Random::from_seed(2);
        let layers: Vec<Layer> = (0..1000).map(|_| layer(&mut random)).collect();
        let some = |wanted: &dyn Fn(&Layer) -> bool| layers.iter().filter(|layer| wanted(layer)).count() > 5;
        for kind in GeometryType::ALL {
            assert!(some(&|layer| layer.geometry().types().contains(&(kind as u8))), "{kind:?}");
        }
        assert!(some(&|layer| layer.is_empty()));
        assert!(some(&|layer| layer.len() > 256));
        assert!(some(&|layer| layer.geometry().indices().is_some()));
        assert!(some(&|layer| layer.geometry().vertices().contains(&i32::MIN)));
        assert!(some(&|layer| layer.ids().is_some_and(|ids| ids.nulls.is_some())));
        let column = |wanted: &dyn Fn(&Values) -> bool| {
            some(&|layer| layer.columns().iter().any(|column| wanted(&column.values)))
        };
        assert!(column(&|values| matches!(values, Values::Bool(_))));
        assert!(column(&|values| matches!(values, Values::Int(values) if values.contains(&i64::MIN))));
        assert!(column(&|values| matches!(values, Values::UInt(values) if values.contains(&u64::MAX))));
        assert!(column(&|values| matches!(values, Values::SInt(_))));
        assert!(column(
            &|values| matches!(values, Values::Float(values) if values.iter().any(|value| value.is_nan()))
        ));
        assert!(column(
            &|values| matches!(values, Values::Double(values) if values.iter().any(|value| value.is_nan()))
        ));
        assert!(column(&|values| matches!(values, Values::String(Strings::Plain(_)))));
        assert!(column(&|values| matches!(values, Values::String(Strings::Dictionary { .. }))));
        assert!(some(&|layer| {
            let columns = layer.columns();
            (1..columns.len()).any(|index| columns[..index].iter().any(|c| c.name == columns[index].name))
        }));
    }
}
