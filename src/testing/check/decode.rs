//! Any bytes as a tile.

use super::budget::{exact, located};
use super::describe;
use super::round_trip::round_trip;
use super::same::{same_column, same_geometry, same_heights, same_ids, same_layers, same_measure};
use crate::column::ColumnKind;
use crate::error::{ErrorKind, Result};
use crate::limits::Budget;
use crate::tile::directory::ColumnEntry;
use crate::tile::layer::Layer;
use crate::tile::options::{EncodeOptions, Profile};
use crate::tile::read::{LayerReader, Tile};

/// What decoding may take, in bytes: enough for small tiles, little enough to be quick.
const BUDGET: usize = 4 << 20;

/// That reading `bytes` as a tile ends well or with an error that says where, whatever they are:
///
/// - each column decoded alone is the same, or as wrong, as in the whole layer;
/// - a budget of exactly what decoding took is enough, a byte less is not;
/// - layers that can be decoded can be encoded and decoded again;
/// - a tile that can be decoded can be described, and a description tells of every byte once.
///
/// # Panics
/// If not.
pub fn decode_any(bytes: &[u8]) {
    let mut budget = Budget::new(BUDGET);
    let tile = match Tile::open(bytes, &mut budget) {
        Ok(tile) => tile,
        Err(error) => return located(&error, bytes),
    };
    exact(BUDGET, &budget, |budget| Tile::open(bytes, budget));

    let layers: Result<Vec<Layer>> = tile.layers().map(|layer| whole_and_alone(&layer, bytes)).collect();
    describe::covt(bytes, layers.is_ok());
    let Ok(layers) = layers else { return };
    let mut budget = Budget::new(BUDGET);
    match tile.decode(&mut budget) {
        Ok(together) => {
            exact(BUDGET, &budget, |budget| tile.decode(budget));
            same_layers(&together, &layers).unwrap_or_else(|what| panic!("all layers at once: {what}"));
            round_trip(&layers, &EncodeOptions::new(Profile::Fast));
        }
        Err(error) => assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{error}"),
    }
}

/// Decodes a layer as a whole, and each of its columns alone.
fn whole_and_alone(reader: &LayerReader, bytes: &[u8]) -> Result<Layer> {
    let mut budget = Budget::new(BUDGET);
    let whole = reader.decode(&mut budget);
    match &whole {
        Ok(_) => exact(BUDGET, &budget, |budget| reader.decode(budget)),
        Err(error) => located(error, bytes),
    }

    let fresh = || Budget::new(BUDGET);
    let (ids, geometry) = (reader.ids(&mut fresh()), reader.geometry(&mut fresh()));
    let columns = reader.entry().columns().iter().enumerate();
    let columns: Result<Vec<_>> = columns
        .filter(|(_, column)| column.kind().is_property())
        .map(|(number, _)| reader.column_at(number, &mut fresh()))
        .collect();
    match (&whole, ids, geometry, columns) {
        (Ok(layer), Ok(ids), Ok(geometry), Ok(columns)) => {
            let same = same_ids(ids.as_ref(), layer.ids())
                .and_then(|()| same_geometry(&geometry, layer.geometry()))
                .and_then(|()| {
                    columns.iter().zip(layer.columns()).try_for_each(|(one, other)| same_column(one, other))
                });
            same.unwrap_or_else(|what| panic!("a column alone: {what}"));
            for measure in layer.measures() {
                let first = layer.measures().iter().find(|other| other.name == measure.name);
                let alone = reader.measure(&measure.name, &mut fresh()).unwrap().unwrap();
                same_measure(&alone, first.unwrap(), layer).unwrap();
            }
            let heights = reader.heights(&mut fresh()).unwrap();
            same_heights(heights.as_ref(), layer.heights(), layer).unwrap();
        }
        (Ok(_), ids, geometry, columns) => {
            let error = ids.err().or(geometry.err()).or(columns.err());
            panic!("a column alone: {error:?}, but the whole layer decodes");
        }
        // Together the columns may take too much.
        // Or values of vertices are wrong.
        (Err(error), Ok(_), Ok(_), Ok(_)) => {
            let kinds = reader.entry().columns().iter().map(ColumnEntry::kind);
            let of_vertices = |kind| matches!(kind, ColumnKind::MValues | ColumnKind::Z);
            let may = error.kind() == ErrorKind::LimitExceeded || kinds.into_iter().any(of_vertices);
            assert!(may, "{error}");
        }
        (Err(_), ..) => {}
    }
    whole
}
