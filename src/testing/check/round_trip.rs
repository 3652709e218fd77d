//! Layers into a tile and out of it again.

use super::reordered::same_reordered;
use crate::limits::Budget;
use crate::testing::generate::{layers, options};
use crate::testing::{Random, naive};
use crate::tile::layer::Layer;
use crate::tile::options::EncodeOptions;
use crate::tile::read::Tile;
use crate::tile::write::encode;

/// That `layers` encoded with `options` are a tile that decodes to the same layers, with triangles if these were
/// asked for, and up to what the options let it put in another order, that encoding
/// them again gives the same bytes, and that the statistics, if there are to be any, are true.
///
/// # Panics
/// If not.
pub fn round_trip(layers: &[Layer], options: &EncodeOptions) {
    if let Err(what) = try_round_trip(layers, options) {
        panic!("{options:?}: {what}");
    }
}

/// [`round_trip`] of the layers and options that a fuzzer's bytes make.
///
/// # Panics
/// If they do not survive.
pub fn round_trip_any(bytes: &[u8]) {
    let mut random = Random::from_bytes(bytes);
    let options = options::any(&mut random);
    round_trip(&layers::tile(&mut random), &options);
}

fn try_round_trip(layers: &[Layer], options: &EncodeOptions) -> Result<(), String> {
    let shown = |error: crate::Error| error.to_string();
    let bytes = encode(layers, options).map_err(shown)?;
    if encode(layers, options).map_err(shown)? != bytes {
        return Err("encoded twice, the bytes differ".into());
    }
    #[cfg(feature = "triangles")]
    let with_triangles: Vec<Layer>;
    #[cfg(feature = "triangles")]
    let layers = if options.triangles {
        with_triangles = layers.iter().cloned().map(Layer::with_triangles).collect();
        &with_triangles
    } else {
        layers
    };
    let mut budget = Budget::default();
    let tile = Tile::open(&bytes, &mut budget).map_err(shown)?;
    same_reordered(&tile.decode(&mut budget).map_err(shown)?, layers, options.reordering())?;
    statistics(&tile, layers, options.statistics)
}

/// That the directory's statistics are what a look at each value gives, or that there are none.
fn statistics(tile: &Tile, layers: &[Layer], wanted: bool) -> Result<(), String> {
    for (entry, layer) in tile.directory().layers().iter().zip(layers) {
        let mut properties = layer.columns().iter();
        for column in entry.columns() {
            let truth = match column.kind() {
                kind if kind.is_nested() => properties.next().and(None),
                kind if kind.is_property() => properties.next().map(naive::statistics),
                crate::ColumnKind::Id | crate::ColumnKind::HashedId => layer.ids().map(naive::id_statistics),
                _ => None,
            };
            let truth = truth.filter(|_| wanted);
            // The debug form tells 0 from −0.
            let [told, truth] = [column.statistics(), truth.as_ref()].map(|what| format!("{what:?}"));
            if told != truth {
                return Err(format!(
                    "statistics of {:?} in {:?}: {told} instead of {truth}",
                    column.name(),
                    entry.name()
                ));
            }
        }
    }
    Ok(())
}
