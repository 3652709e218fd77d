//! Cells as features.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::aggregates::Aggregate;
use super::cancel::TileError;
use super::cells::{Sums, Task};
use super::grid::corner;
use super::quantiles::quantiles;
use super::query::CellGeometry;
use super::totals::Numbers;
use crate::array::{BooleanBuffer, NullBuffer};
use crate::column::{Column, Values};
use crate::coord::TileCoord;
use crate::geometry::Geometry;
use crate::geometry::builder::GeometryBuilder;
use crate::tile::layer::{DEFAULT_EXTENT, Layer};

/// The property that cells have which nobody asked for.
const BY_ITSELF: &str = "aggregated";

/// The layer of some cells. `by_itself` tells that rows were asked for, which were too many.
pub(super) fn layer(
    name: &str,
    tile: TileCoord,
    task: &Task<'_>,
    sums: &Sums,
    geometry: CellGeometry,
    by_itself: bool,
) -> Result<Layer, TileError> {
    let columns = &task.table.columns;
    let mut quantiles = all_quantiles(task, sums)?;
    let mut out = Vec::new();
    for aggregate in task.aggregates {
        let name = SmolStr::from(aggregate.name(columns));
        out.extend(match aggregate {
            Aggregate::Count => {
                Some(Column { name, values: Values::UInt(sums.counts.clone().into()), nulls: None })
            }
            Aggregate::Quantile(column, thousandths) => {
                let values = quantiles.remove(&(*column, *thousandths)).expect("each is asked for once");
                optional_floats(name, values)
            }
            Aggregate::Sum(column)
            | Aggregate::Mean(column)
            | Aggregate::Min(column)
            | Aggregate::Max(column) => {
                let numbers = sums.numbers.iter().find(|(own, _)| own == column);
                number(name, *aggregate, &numbers.expect("added up").1)
            }
        });
    }
    if let (Some(by), Some(categories)) = (task.by, &sums.categories) {
        for (index, name) in by.names.iter().enumerate() {
            let counts = || categories.counts.iter().skip(index).step_by(categories.width()).copied();
            let nulls = NullBuffer::new(counts().map(|count| count > 0).collect::<BooleanBuffer>());
            if nulls.null_count() < nulls.len() {
                let values = Values::UInt(counts().collect());
                let nulls = (nulls.null_count() > 0).then_some(nulls);
                out.push(Column { name: name.into(), values, nulls });
            }
        }
    }
    if by_itself {
        let yes = BooleanBuffer::new_set(sums.cells.len());
        out.push(Column { name: BY_ITSELF.into(), values: Values::Bool(yes), nulls: None });
    }
    let geometry = geometries(tile, task, sums, geometry);
    let layer = Layer::try_new(name, DEFAULT_EXTENT, 2, None, geometry, out);
    layer.map_err(|error| TileError::TooLarge(error.to_string()))
}

/// A quantile of each cell, by its column and thousandths.
type Quantiles = BTreeMap<(usize, u32), Vec<Option<f64>>>;

/// All quantiles; those of a column are found together.
fn all_quantiles(task: &Task<'_>, sums: &Sums) -> Result<Quantiles, TileError> {
    let mut asked: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    for aggregate in task.aggregates {
        if let Aggregate::Quantile(column, thousandths) = aggregate {
            asked.entry(*column).or_default().push(*thousandths);
        }
    }
    let mut out = BTreeMap::new();
    for (column, mut thousandths) in asked {
        thousandths.sort_unstable();
        let values = quantiles(task, &sums.runs, column, &thousandths)?;
        out.extend(thousandths.into_iter().map(|thousandths| (column, thousandths)).zip(values));
    }
    Ok(out)
}

/// One aggregate of a column of numbers; none if no cell has a value.
fn number(name: SmolStr, aggregate: Aggregate, numbers: &Numbers) -> Option<Column> {
    fn each<T, S>(all: &[T], some: impl Fn(&T) -> Option<S>) -> Vec<Option<S>> {
        all.iter().map(some).collect()
    }
    match numbers {
        Numbers::Ints { all, .. } => {
            let some = |count: u64| (count > 0).then_some(());
            match aggregate {
                Aggregate::Min(_) => optional_ints(name, each(all, |all| some(all.count).map(|()| all.min))),
                Aggregate::Max(_) => optional_ints(name, each(all, |all| some(all.count).map(|()| all.max))),
                Aggregate::Sum(_) if all.iter().all(|all| i64::try_from(all.sum).is_ok()) => {
                    optional_ints(name, each(all, |all| some(all.count).map(|()| all.sum as i64)))
                }
                Aggregate::Sum(_) => {
                    optional_floats(name, each(all, |all| some(all.count).map(|()| all.sum as f64)))
                }
                _ => {
                    let mean = |count: u64, sum: i128| sum as f64 / count as f64;
                    let each = each(all, |all| some(all.count).map(|()| mean(all.count, all.sum)));
                    optional_floats(name, each)
                }
            }
        }
        Numbers::Floats(all) => {
            let value = each(all, |all| {
                let value = match aggregate {
                    Aggregate::Min(_) => all.min,
                    Aggregate::Max(_) => all.max,
                    Aggregate::Sum(_) => all.sum,
                    _ => all.sum / all.count as f64,
                };
                (all.count > 0).then_some(value)
            });
            optional_floats(name, value)
        }
    }
}

fn optional_ints(name: SmolStr, values: Vec<Option<i64>>) -> Option<Column> {
    let nulls = nulls(&values)?;
    let values = Values::Int(values.into_iter().map(Option::unwrap_or_default).collect());
    Some(Column { name, values, nulls })
}

fn optional_floats(name: SmolStr, values: Vec<Option<f64>>) -> Option<Column> {
    let nulls = nulls(&values)?;
    let values = Values::Double(values.into_iter().map(Option::unwrap_or_default).collect());
    Some(Column { name, values, nulls })
}

/// Which are there: none of all, and nothing if none is.
#[expect(clippy::option_option)]
fn nulls<T>(values: &[Option<T>]) -> Option<Option<NullBuffer>> {
    let nulls = NullBuffer::new(values.iter().map(Option::is_some).collect::<BooleanBuffer>());
    (nulls.null_count() < nulls.len()).then(|| (nulls.null_count() > 0).then_some(nulls))
}

fn geometries(tile: TileCoord, task: &Task<'_>, sums: &Sums, geometry: CellGeometry) -> Geometry {
    let side = task.cells.side;
    // Where the edges of cells lie, in units of the tile.
    let edge = |index: u32| (u64::from(index) * u64::from(DEFAULT_EXTENT) / u64::from(side)) as i32;
    let mut builder = GeometryBuilder::default();
    builder.reserve_features(sums.cells.len());
    for (slot, &cell) in sums.cells.iter().enumerate() {
        let (column, row) = (cell % side, cell / side);
        let [west, north, east, south] = [column, row, column + 1, row + 1].map(edge);
        match geometry {
            CellGeometry::Centre => {
                builder.point((west + east) / 2, (north + south) / 2);
            }
            CellGeometry::Centroid => {
                let count = sums.counts[slot];
                let [x, y] = units(tile, sums.places[slot].map(|sum| (sum / count) as u32));
                builder.point(x, y);
            }
            CellGeometry::Polygon => {
                let ring = [[west, north], [east, north], [east, south], [west, south]];
                builder.polygon(&[&ring]).expect("a ring of four vertices");
            }
        }
    }
    builder.finish().expect("few cells")
}

/// Where a place of the map lies in a tile, in its units; the tile's own places from 0 to 4095.
#[inline]
pub(super) fn units(tile: TileCoord, place: [u32; 2]) -> [i32; 2] {
    let origin = corner(tile);
    std::array::from_fn(|axis| {
        let from = i64::from(place[axis]) - i64::from(origin[axis]);
        // The tile is 2^(32 − z) places wide.
        ((from << 12) >> (32 - u32::from(tile.z()))) as i32
    })
}
