//! Layers whose features may stand in any order.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::{Difference, Tables, compare_features, parts};
use crate::mvt::proto::{Feature, Layer};
use crate::tile::options::Reordering;

/// All that a feature says, in a form in which equal ones are equal.
#[derive(PartialEq, Eq, Hash)]
struct Content {
    id: Option<u64>,
    kind: i32,
    geometry: Vec<i64>,
    tags: Vec<(u32, u32)>,
}

impl Content {
    fn new(
        feature: &Feature,
        tables: &Tables<'_>,
        which: &str,
        reordering: Reordering,
    ) -> Result<Self, Difference> {
        let kind = feature.geometry_type.unwrap_or(0);
        let geometry = match reordering.parts {
            true => parts::sorted(kind, &feature.geometry),
            false => feature.geometry.iter().map(|&integer| integer.into()).collect(),
        };
        Ok(Self { id: feature.id, kind, geometry, tags: tables.tags(feature, which)? })
    }
}

/// That the features of `second` are those of `first`, each as often.
pub(super) fn compare(
    first: &Layer,
    first_tables: &Tables<'_>,
    second: &Layer,
    second_tables: &Tables<'_>,
    reordering: Reordering,
) -> Result<(), Difference> {
    let within = |row| move |difference| Difference { feature: Some(row), ..difference };
    let mut rows: HashMap<Content, Vec<usize>, FixedState> = HashMap::default();
    for (row, feature) in second.features.iter().enumerate() {
        let content = Content::new(feature, second_tables, "second tile", reordering).map_err(within(row))?;
        rows.entry(content).or_default().push(row);
    }
    let mut lost = Vec::new();
    for (row, feature) in first.features.iter().enumerate() {
        let content = Content::new(feature, first_tables, "first tile", reordering).map_err(within(row))?;
        if rows.get_mut(&content).and_then(Vec::pop).is_none() {
            lost.push(row);
        }
    }
    let Some(&row) = lost.first() else { return Ok(()) };
    // There are as many features in both: one of the second tile is in excess for each that is lost. The
    // one with the same id is told of, if there is one.
    let feature = &first.features[row];
    let mut others: Vec<usize> = rows.into_values().flatten().collect();
    others.sort_unstable();
    let same_id = others.iter().map(|&other| &second.features[other]).find(|other| other.id == feature.id);
    match same_id.filter(|_| feature.id.is_some()) {
        Some(other) => compare_features(feature, first_tables, other, second_tables, reordering.parts)
            .and(Err(Difference::new("differs"))),
        None => Err(Difference::new("the second tile has no such feature")),
    }
    .map_err(within(row))
}
