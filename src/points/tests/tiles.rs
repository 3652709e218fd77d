//! Tiles: every row once at every zoom, and what is said of the rows of a cell.

use std::collections::BTreeMap;

use super::{Row, dataset, query, rows};
use crate::column::Value;
use crate::coord::TileCoord;
use crate::mvt;
use crate::points::{Answer, Cancel, Dataset};
use crate::tile::layer::Layer;
use crate::{Budget, Tile};

/// Filters, and what they mean.
type Meaning = fn(&Row) -> bool;
const FILTERS: [(&str, Meaning); 6] = [
    ("", |_| true),
    ("passengers = 2", |row| row.trip.passengers == 2),
    ("kind IN ('bus', 'tram') AND amount > 12.5", |row| {
        !row.lacks_kind
            && ["bus", "tram"].contains(&row.trip.kind)
            && !row.lacks_amount
            && row.trip.amount > 12.5
    }),
    ("NOT (kind LIKE 't%')", |row| !row.lacks_kind && !row.trip.kind.starts_with('t')),
    ("amount IS NULL OR speed * 2 < passengers + 100", |row| {
        row.lacks_amount || f64::from(row.trip.speed) * 2.0 < f64::from(row.trip.passengers) + 100.0
    }),
    ("time BETWEEN TIMESTAMP('2024-03-01T00:00:00Z') AND DATE('2024-06-30') AND shared", |row| {
        (1_709_251_200_000..=1_719_705_600_000).contains(&row.trip.time) && row.trip.passengers > 2
    }),
];

/// The tiles of a zoom that have rows.
fn tiles_of(rows: &[Row], z: u8) -> Vec<TileCoord> {
    let tile = |row: &Row| row.place.map(|at| (u64::from(at) >> (32 - z)) as u32);
    let tiles: std::collections::BTreeSet<[u32; 2]> = rows.iter().map(tile).collect();
    tiles.into_iter().map(|[x, y]| TileCoord::new(z, x, y).unwrap()).collect()
}

fn is_in(row: &Row, tile: TileCoord) -> bool {
    row.place.map(|at| (u64::from(at) >> (32 - tile.z())) as u32) == [tile.x(), tile.y()]
}

fn answer(dataset: &Dataset, tile: TileCoord, pairs: &[(&str, &str)]) -> Answer {
    dataset.tile(tile, &query(dataset, pairs), &Cancel::new()).unwrap()
}

fn number(layer: &Layer, name: &str, feature: usize) -> f64 {
    match layer.column(name).and_then(|column| column.get(feature)) {
        None => 0.0,
        Some(Value::Int(value)) => value as f64,
        Some(Value::UInt(value)) => value as f64,
        Some(Value::Double(value)) => value,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn every_row_is_in_one_tile_of_each_zoom() {
    let rows = rows(6000, 1);
    let dataset = dataset(&rows);
    for (filter, meaning) in FILTERS {
        for z in [0, 1, 3, 7, 11, 18, 22] {
            let mut ids = Vec::new();
            for tile in tiles_of(&rows, z) {
                let answer = answer(&dataset, tile, &[("filter", filter)]);
                assert!(!answer.aggregated);
                assert_eq!(answer.features() as u64, answer.rows);
                for layer in &answer.layers {
                    for feature in 0..layer.len() {
                        let id = layer.ids().unwrap().get(feature).unwrap() as usize;
                        let vertex = &layer.geometry().vertices()[2 * feature..2 * feature + 2];
                        let expected = rows[id].place.map(|at| u64::from(at) << z >> 20 & 4095);
                        assert_eq!(vertex, expected.map(|at| at as i32), "{id} in {tile}");
                        let amount = layer.column("amount").and_then(|column| column.get(feature));
                        let own = (!rows[id].lacks_amount).then_some(Value::Double(rows[id].trip.amount));
                        assert_eq!(amount, own);
                        ids.push(id);
                    }
                }
            }
            ids.sort_unstable();
            let expected: Vec<usize> = (0..rows.len()).filter(|&row| meaning(&rows[row])).collect();
            assert_eq!(ids, expected, "{filter} at zoom {z}");
            assert!(expected.len() > 20, "{filter} leaves few");
        }
    }
}

#[test]
fn sums_and_counts_are_exact_at_every_zoom() {
    let rows = rows(6000, 2);
    let dataset = dataset(&rows);
    for (filter, meaning) in FILTERS {
        let wanted: Vec<&Row> = rows.iter().filter(|row| meaning(row)).collect();
        let passengers: i32 = wanted.iter().map(|row| row.trip.passengers).sum();
        let amount: f64 = wanted.iter().filter(|row| !row.lacks_amount).map(|row| row.trip.amount).sum();
        for (z, grid) in [(0, "1"), (0, "64"), (1, "37"), (3, "128"), (6, "100"), (10, "64"), (22, "8")] {
            let mut sums = [0.0; 3];
            let mut kinds = BTreeMap::new();
            for tile in tiles_of(&rows, z) {
                let pairs = [
                    ("agg", "count,sum:passengers,sum:amount"),
                    ("by", "kind"),
                    ("grid", grid),
                    ("filter", filter),
                ];
                for layer in answer(&dataset, tile, &pairs).layers {
                    for feature in 0..layer.len() {
                        for (sum, name) in sums.iter_mut().zip(["count", "sum:passengers", "sum:amount"]) {
                            *sum += number(&layer, name, feature);
                        }
                        for column in layer.columns().iter().filter(|column| column.name.starts_with("kind:"))
                        {
                            *kinds.entry(column.name[5..].to_owned()).or_insert(0.0) +=
                                number(&layer, &column.name, feature);
                        }
                    }
                }
            }
            assert_eq!(sums[..2], [wanted.len() as f64, f64::from(passengers)], "{filter} at zoom {z}");
            assert!((sums[2] - amount).abs() < 1e-6 * amount, "{filter} at zoom {z}");
            let mut expected = BTreeMap::new();
            for row in &wanted {
                let kind = if row.lacks_kind { "(none)" } else { row.trip.kind };
                *expected.entry(kind.to_owned()).or_insert(0.0) += 1.0;
            }
            assert_eq!(kinds, expected, "{filter} at zoom {z}");
        }
    }
}

/// Brute force over all rows: for each cell its rows.
fn cells(rows: &[Row], tile: TileCoord, side: u32) -> BTreeMap<[i32; 2], Vec<&Row>> {
    let mut cells: BTreeMap<[i32; 2], Vec<&Row>> = BTreeMap::new();
    for row in rows.iter().filter(|row| is_in(row, tile)) {
        let cell = row.place.map(|at| {
            let within = (u64::from(at) << tile.z()) & 0xffff_ffff;
            (within * u64::from(side)) >> 32
        });
        let edge = |index: u64| (index * 4096 / u64::from(side)) as i32;
        let centre = cell.map(|index| (edge(index) + edge(index + 1)) / 2);
        cells.entry(centre).or_default().push(row);
    }
    cells
}

#[test]
fn cells_say_what_their_rows_do() {
    let rows = rows(20_000, 3);
    let dataset = dataset(&rows);
    let mut seen = 0;
    for (z, side) in [(0u8, 16u32), (2, 30), (5, 64), (8, 7)] {
        for (filter, meaning) in FILTERS {
            let wanted: Vec<Row> = rows.iter().filter(|row| meaning(row)).cloned().collect();
            for tile in tiles_of(&wanted, z).into_iter().take(12) {
                let pairs = [
                    ("agg", "count,min:time,max:passengers,mean:speed,median:amount,p90:amount"),
                    ("grid", &side.to_string()),
                    ("filter", filter),
                ];
                let answer = answer(&dataset, tile, &pairs);
                let mut cells = cells(&wanted, tile, side);
                assert_eq!(answer.features(), cells.len());
                let layer = &answer.layers[0];
                for (feature, centre) in layer.geometry().vertices().chunks(2).enumerate() {
                    let own = cells.remove(&[centre[0], centre[1]]).expect("a cell that has rows");
                    let is = |name: &str, value: f64| {
                        let found = number(layer, name, feature);
                        assert!((found - value).abs() <= 1e-9 * value.abs(), "{name}: {found} for {value}");
                    };
                    is("count", own.len() as f64);
                    is("min:time", own.iter().map(|row| row.trip.time).min().unwrap() as f64);
                    is("max:passengers", f64::from(own.iter().map(|row| row.trip.passengers).max().unwrap()));
                    let speed: f64 = own.iter().map(|row| f64::from(row.trip.speed)).sum();
                    is("mean:speed", speed / own.len() as f64);
                    let mut amounts: Vec<f64> =
                        own.iter().filter(|row| !row.lacks_amount).map(|row| row.trip.amount).collect();
                    amounts.sort_by(f64::total_cmp);
                    if let Some(last) = amounts.len().checked_sub(1) {
                        let quantile = |part: f64| {
                            let at = last as f64 * part;
                            let (low, high) = (amounts[at.floor() as usize], amounts[at.ceil() as usize]);
                            low + (high - low) * at.fract()
                        };
                        is("median:amount", quantile(0.5));
                        is("p90:amount", quantile(0.9));
                    }
                    seen += 1;
                }
                assert!(cells.is_empty());
            }
        }
    }
    assert!(seen > 1000);
}

#[test]
fn spans_say_what_blocks_and_rows_do() {
    let rows = rows(40_000, 7);
    let dataset = dataset(&rows);
    let agg = "count,sum:passengers,min:amount,max:speed,mean:time,sum:amount,p25:speed";
    let mut spans = false;
    for (z, grid) in [(0u8, "1"), (0, "2"), (0, "64"), (0, "50"), (3, "3"), (6, "64")] {
        for (by, geometry) in [("kind", "centroid"), ("operator", "centre"), ("shared", "polygon")] {
            for tile in tiles_of(&rows, z).into_iter().take(4) {
                // A filter is asked row by row, so that nothing can be taken from spans.
                let pairs =
                    [("agg", agg), ("by", by), ("grid", grid), ("geometry", geometry), ("filter", "")];
                let row_by_row = [&pairs[..4], &[("filter", "TRUE")]].concat();
                let (quick, slow) = (answer(&dataset, tile, &pairs), answer(&dataset, tile, &row_by_row));
                let ([quick], [slow]) = (&quick.layers[..], &slow.layers[..]) else { panic!("two layers") };
                assert_eq!(
                    (quick.geometry(), quick.columns().len()),
                    (slow.geometry(), slow.columns().len())
                );
                for (quick, slow) in quick.columns().iter().zip(slow.columns()) {
                    // Floating point is added up in another order.
                    if ["sum:amount", "mean:time"].contains(&&quick.name[..]) {
                        for feature in 0..slow.values.len() {
                            match (quick.get(feature), slow.get(feature)) {
                                (Some(Value::Double(quick)), Some(Value::Double(slow))) => {
                                    assert!((quick - slow).abs() <= 1e-9 * slow.abs());
                                }
                                (quick, slow) => assert_eq!(quick, slow),
                            }
                        }
                    } else {
                        assert_eq!(quick, slow, "{tile}");
                    }
                }
                spans |= quick.len() == 1;
            }
        }
    }
    assert!(spans);
}

#[test]
fn too_many_rows_become_cells_by_themselves() {
    let rows = rows(3000, 4);
    let dataset = dataset(&rows);
    let world = TileCoord::new(0, 0, 0).unwrap();
    let single = answer(&dataset, world, &[("limit", "3000")]);
    assert!(!single.aggregated && single.features() == 3000);
    let cells = answer(&dataset, world, &[("limit", "2999"), ("properties", "speed,kind")]);
    assert!(cells.aggregated && cells.rows == 3000);
    let layer = &cells.layers[0];
    let names: Vec<&str> = layer.columns().iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["count", "mean:speed", "aggregated"]);
    let count = layer.column("count").unwrap();
    let counts = (0..layer.len()).map(|feature| match count.get(feature) {
        Some(Value::UInt(count)) => count,
        other => panic!("{other:?}"),
    });
    assert_eq!(counts.sum::<u64>(), 3000);
    // Rows around the tile count as well, but are none of its own.
    let filtered = answer(&dataset, world, &[("limit", "10"), ("filter", "passengers > 99")]);
    assert!(!filtered.aggregated && filtered.layers.is_empty() && filtered.rows == 0);
}

#[test]
fn a_buffer_brings_what_lies_around() {
    let rows = rows(8000, 5);
    let dataset = dataset(&rows);
    let mut beyond = 0;
    for z in [0, 1, 2, 5, 9] {
        for tile in tiles_of(&rows, z).into_iter().take(20) {
            let answer = answer(
                &dataset,
                tile,
                &[("buffer", "300"), ("limit", "100000"), ("filter", "passengers < 5")],
            );
            let mut found: Vec<[i64; 3]> = Vec::new();
            for layer in &answer.layers {
                for (feature, vertex) in layer.geometry().vertices().chunks(2).enumerate() {
                    let id = layer.ids().unwrap().get(feature).unwrap();
                    found.push([id as i64, vertex[0].into(), vertex[1].into()]);
                }
            }
            let side = 1i64 << (32 - z);
            let mut expected = Vec::new();
            for (id, row) in rows.iter().enumerate().filter(|(_, row)| row.trip.passengers < 5) {
                for world in [-1i64, 0, 1] {
                    let [x, y] = row.place.map(i64::from);
                    let x = ((x + (world << 32) - i64::from(tile.x()) * side) * 4096).div_euclid(side);
                    let y = ((y - i64::from(tile.y()) * side) * 4096).div_euclid(side);
                    if (-300..4396).contains(&x) && (-300..4396).contains(&y) {
                        expected.push([id as i64, x, y]);
                    }
                }
            }
            beyond += found.len() - answer.rows as usize;
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected, "{tile}");
        }
    }
    assert!(beyond > 100);
}

#[test]
fn both_formats_hold_the_same() {
    let rows = rows(4000, 6);
    let dataset = dataset(&rows);
    for pairs in [
        &[("limit", "5000")][..],
        &[("limit", "10"), ("properties", "amount")],
        &[("agg", "count,sum:amount,median:speed"), ("by", "kind"), ("geometry", "polygon")],
        &[("agg", "count"), ("geometry", "centroid"), ("by", "shared")],
    ] {
        for z in [0, 2, 6] {
            for tile in tiles_of(&rows, z).into_iter().take(9) {
                let answer = answer(&dataset, tile, pairs);
                let (covt, pbf) = (answer.to_covt().unwrap(), answer.to_mvt().unwrap());
                let from_covt = mvt::from_covt(&covt, &mut Budget::default()).unwrap();
                assert_eq!(mvt::compare(&pbf, &from_covt), Ok(()));
                let mut budget = Budget::default();
                let decoded = Tile::open(&covt, &mut budget).unwrap().decode(&mut budget).unwrap();
                assert_eq!(decoded.iter().map(Layer::len).sum::<usize>(), answer.features());
            }
        }
    }
}
