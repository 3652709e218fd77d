//! Layers in other orders, for encoders that may choose one: features along a Hilbert curve or by id,
//! and the parts of multi geometries.

use std::borrow::Cow;

use super::layer::Layer;
use super::options::{EncodeOptions, Sort};
use crate::geometry::Geometry;

/// The layer in each of the orders that `options` leave the choice between: one if there is none.
/// The first of those that are equally small is to be taken.
pub(crate) fn candidates<'a>(layer: &'a Layer, options: &EncodeOptions) -> Vec<Cow<'a, Layer>> {
    let source = || (0..layer.len() as u32).collect::<Vec<u32>>();
    let orders = match options.sort {
        Sort::None => vec![source()],
        Sort::Id => vec![by_id(layer)],
        Sort::Hilbert => vec![along_curve(&layer.geometry)],
        Sort::Auto => vec![source(), by_id(layer), along_curve(&layer.geometry)],
    };
    let mut out: Vec<Cow<'a, Layer>> = Vec::new();
    for (index, rows) in orders.iter().enumerate() {
        if orders[..index].contains(rows) {
            continue;
        }
        let moved = !rows.is_sorted();
        let taken = |parts| layer.take(rows, parts);
        let own = if moved { Cow::Owned(taken(false)) } else { Cow::Borrowed(layer) };
        let other = (options.reorder_parts && layer.geometry.geometry_offsets().is_some())
            .then(|| taken(true))
            .filter(|other| other.geometry != own.geometry);
        out.push(own);
        out.extend(other.map(Cow::Owned));
    }
    out
}

impl Layer {
    /// The features of `rows`, each once, in that order, with the parts of multi geometries as they
    /// are or as they are closer to each other.
    pub(crate) fn take(&self, rows: &[u32], reorder_parts: bool) -> Self {
        let (geometry, vertices) = self.geometry.take(rows, reorder_parts);
        Self {
            name: self.name.clone(),
            extent: self.extent,
            version: self.version,
            ids: self.ids.as_ref().map(|ids| ids.take(rows)),
            geometry,
            columns: self.columns.iter().map(|column| column.take(rows)).collect(),
            measures: self.measures.iter().map(|measure| measure.take(rows, &vertices)).collect(),
            heights: self.heights.as_ref().map(|heights| heights.take(rows, &vertices)),
        }
    }
}

/// Features by their ids; those of equal ids, and those without, which come last, stay in the order
/// they have.
fn by_id(layer: &Layer) -> Vec<u32> {
    sorted(layer.len(), |row| {
        let id = layer.ids.as_ref().and_then(|ids| ids.get(row));
        (id.is_none(), id)
    })
}

/// Features in the order of their first vertices along a Hilbert curve; those on one point, and those
/// without vertices, which come last, stay in the order they have.
fn along_curve(geometry: &Geometry) -> Vec<u32> {
    let curve = geometry.curve();
    sorted(geometry.len(), |row| {
        let parts = geometry.parts(row);
        let place = (!parts.is_empty()).then(|| {
            let ring = geometry.ring(geometry.rings(parts.start).start);
            curve.place([ring[0], ring[1]])
        });
        (place.is_none(), place)
    })
}

fn sorted<K: Ord>(rows: usize, key: impl Fn(usize) -> K) -> Vec<u32> {
    let mut rows: Vec<u32> = (0..rows as u32).collect();
    rows.sort_by_cached_key(|&row| key(row as usize));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::generate::layers;
    use crate::testing::{Random, check};
    use crate::tile::options::{Profile, Reordering};
    use crate::tile::write::encode;

    /// Layers with as many features as it takes for an order to matter.
    fn some_layers() -> Vec<Layer> {
        let mut random = Random::from_seed(5);
        let layers = std::iter::repeat_with(|| layers::layer(&mut random));
        layers.filter(|layer| layer.len() > 3).take(60).collect()
    }

    fn options(sort: Sort, reorder_parts: bool) -> EncodeOptions {
        EncodeOptions { sort, reorder_parts, ..EncodeOptions::new(Profile::Fast) }
    }

    #[test]
    fn features_are_in_the_order_asked_for() {
        for layer in some_layers() {
            let asked_for_none = candidates(&layer, &options(Sort::None, false));
            assert!(matches!(&asked_for_none[..], [Cow::Borrowed(own)] if std::ptr::eq(*own, &layer)));

            let by_id = &candidates(&layer, &options(Sort::Id, false))[0];
            let ids: Vec<_> = (0..layer.len()).map(|row| by_id.ids().and_then(|ids| ids.get(row))).collect();
            assert!(ids.is_sorted_by_key(|id| (id.is_none(), *id)));

            let along_curve = &candidates(&layer, &options(Sort::Hilbert, false))[0];
            let geometry = along_curve.geometry();
            let curve = geometry.curve();
            let starts = (0..layer.len()).filter_map(|row| {
                let ring = geometry.ring(geometry.rings(geometry.parts(row).next()?).start);
                Some(curve.place([ring[0], ring[1]]))
            });
            assert!(starts.collect::<Vec<_>>().is_sorted());
        }
    }

    #[test]
    fn all_orders_hold_the_same_features() {
        let mut several = 0;
        for layer in some_layers() {
            let orders = candidates(&layer, &options(Sort::Auto, true));
            several += usize::from(orders.len() > 3);
            for order in orders {
                let reordering = Reordering { features: true, parts: true };
                let order = [order.into_owned()];
                assert_eq!(check::same_reordered(&order, std::slice::from_ref(&layer), reordering), Ok(()));
            }
        }
        assert!(several > 5, "few layers that there is anything to choose for");
    }

    #[test]
    fn the_smallest_order_is_taken() {
        for layer in some_layers() {
            let layer = std::slice::from_ref(&layer);
            for reorder_parts in [false, true] {
                let size = |sort| encode(layer, &options(sort, reorder_parts)).unwrap().len();
                let least = [Sort::None, Sort::Id, Sort::Hilbert].map(size).into_iter().min().unwrap();
                assert_eq!(size(Sort::Auto), least);
            }
        }
    }
}
