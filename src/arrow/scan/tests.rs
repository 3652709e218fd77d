//! Scans against looking at every feature.

use super::*;
use crate::arrow::predicate::{Comparison, Literal};
use crate::arrow::{LayerOptions, from_batch};
use crate::column::Value;
use crate::testing::generate::{layers, options};
use crate::testing::{Random, check};
use crate::tile::layer::Layer;
use crate::tile::projection::ColumnName;
use crate::tile::statistics::{Bounds, Statistics};
use crate::tile::write::encode;

/// A value that occurs in the layer, or another one.
fn literal(random: &mut Random, column: Option<&Column>) -> Literal {
    let value =
        column.filter(|column| !column.is_empty()).and_then(|column| column.get(random.index(column.len())));
    match value {
        Some(Value::Bool(value)) => Literal::Bool(value),
        Some(Value::Int(value) | Value::SInt(value)) => Literal::Int(value),
        Some(Value::UInt(value)) => Literal::UInt(value),
        Some(Value::Float(value)) => Literal::Double(value.into()),
        Some(Value::Double(value)) => Literal::Double(value),
        Some(Value::String(value)) => Literal::String(value.into()),
        _ => Literal::Int(random.any() as i64 >> random.below(64)),
    }
}

fn predicate(random: &mut Random, layer: &Layer, depth: u32) -> Predicate {
    use Comparison::{Eq, Ge, Gt, Le, Lt, Ne};
    let columns = layer.columns();
    let column =
        (!columns.is_empty() && !random.chance(1, 20)).then(|| &columns[random.index(columns.len())]);
    let name = column.map_or("no such".to_owned(), |column| column.name.to_string());
    match random.below(if depth == 0 { 4 } else { 6 }) {
        0 => Predicate::IsNull(name),
        1 => Predicate::IsNotNull(name),
        2 => Predicate::In(name, (0..random.below(4)).map(|_| literal(random, column)).collect()),
        3 => Predicate::Compare(name, *random.pick(&[Eq, Ne, Lt, Le, Gt, Ge]), literal(random, column)),
        4 => Predicate::And((0..random.below(3)).map(|_| predicate(random, layer, depth - 1)).collect()),
        _ => Predicate::Or((0..1 + random.below(3)).map(|_| predicate(random, layer, depth - 1)).collect()),
    }
}

/// Value by value, by the definition.
fn holds(predicate: &Predicate, layer: &Layer, row: usize) -> bool {
    let values = |name: &str| {
        let columns = layer.columns().iter().filter(|column| column.name == *name);
        columns.filter_map(|column| column.get(row)).collect::<Vec<_>>()
    };
    let equal = |value: &Value, literal: &Literal| match (value, literal) {
        (Value::Bool(one), Literal::Bool(other)) => one == other,
        (Value::String(one), Literal::String(other)) => one == other,
        _ => below_or_equal(value, literal) == Some((false, true)),
    };
    match predicate {
        Predicate::IsNull(name) => values(name).is_empty(),
        Predicate::IsNotNull(name) => !values(name).is_empty(),
        Predicate::In(name, literals) => {
            values(name).iter().any(|value| literals.iter().any(|literal| equal(value, literal)))
        }
        Predicate::And(parts) => parts.iter().all(|part| holds(part, layer, row)),
        Predicate::Or(parts) => parts.iter().any(|part| holds(part, layer, row)),
        Predicate::Compare(name, comparison, literal) => values(name).iter().any(|value| {
            let Some((below, equal)) = below_or_equal(value, literal) else { return false };
            match comparison {
                Comparison::Eq => equal,
                Comparison::Ne => !equal,
                Comparison::Lt => below,
                Comparison::Le => below || equal,
                Comparison::Gt => !below && !equal,
                Comparison::Ge => !below,
            }
        }),
    }
}

/// Whether a value is below another one, and whether equal.
fn below_or_equal(value: &Value, literal: &Literal) -> Option<(bool, bool)> {
    let decimal = |value: &Value| match value {
        Value::Int(value) | Value::SInt(value) => Some((*value as f64, i128::from(*value))),
        Value::UInt(value) => Some((*value as f64, i128::from(*value))),
        Value::Float(value) => Some((f64::from(*value), f64::from(*value) as i128)),
        Value::Double(value) => Some((*value, *value as i128)),
        _ => None,
    };
    let other = match literal {
        Literal::Bool(other) => Value::Bool(*other),
        Literal::Int(other) => Value::Int(*other),
        Literal::UInt(other) => Value::UInt(*other),
        Literal::Double(other) => Value::Double(*other),
        Literal::String(other) => Value::String(other),
    };
    match (value, &other) {
        (Value::Bool(one), Value::Bool(other)) => Some((one < other, one == other)),
        (Value::String(one), Value::String(other)) => Some((one < other, one == other)),
        _ => {
            let ((one, exact), (other, other_exact)) = (decimal(value)?, decimal(&other)?);
            if one.is_nan() || other.is_nan() {
                return None;
            }
            // What rounds to the same double are integers, or the same.
            Some(if one.partial_cmp(&other).is_some_and(std::cmp::Ordering::is_eq) {
                (exact < other_exact, exact == other_exact)
            } else {
                (one < other, false)
            })
        }
    }
}

#[test]
fn the_features_that_fulfil_it() {
    let mut random = Random::from_seed(61);
    let (mut by_directory, mut by_rows, mut some) = (0, 0, 0);
    for _ in 0..600 {
        let source = layers::layer(&mut random);
        let options = crate::EncodeOptions {
            sort: Default::default(),
            reorder_parts: false,
            ..options::any(&mut random)
        };
        let bytes = encode(std::slice::from_ref(&source), &options).unwrap();
        let mut budget = Budget::default();
        let tile = Tile::open(&bytes, &mut budget).unwrap();
        let filter = predicate(&mut random, &source, 2);
        let columns = random.chance(1, 2).then(|| {
            let names = source.columns().iter().map(|column| column.name.to_string());
            names.filter(|_| random.chance(1, 2)).map(|column| ColumnName { layer: None, column }).collect()
        });
        let projection =
            Projection { columns, ids: random.chance(1, 2), geometry: random.chance(1, 2), layers: None };
        let scan = Scan { filter: Some(filter.clone()), projection: projection.clone(), ..Scan::default() };
        let found = scan.read(&tile, &mut budget).unwrap();
        let rows: Vec<u32> =
            (0..source.len()).filter(|&row| holds(&filter, &source, row)).map(|row| row as u32).collect();
        match found.skipped.first().map(|skipped| skipped.why) {
            Some(why) => {
                assert!(rows.is_empty(), "{filter:?}");
                by_directory += usize::from(why == Why::Directory && !source.is_empty());
                by_rows += usize::from(why == Why::NoRow);
            }
            None => {
                let batch = &found.batches[0];
                assert_eq!(batch.num_rows(), rows.len(), "{filter:?}");
                assert_eq!(found.features_left_out, source.len() - rows.len());
                assert_eq!(
                    batch.schema().index_of("id").is_ok() && source.ids().is_some(),
                    projection.ids && source.ids().is_some()
                );
                some += 1;
                if projection.geometry && source.geometry().commands().is_none() {
                    let layer = from_batch(batch, &LayerOptions::default()).unwrap();
                    let wanted: Vec<Column> = source
                        .columns()
                        .iter()
                        .filter(|column| projection.wants_property(source.name(), &column.name))
                        .map(|column| column.take(&rows))
                        .collect();
                    assert_eq!(layer.columns().len(), wanted.len());
                    for (column, wanted) in layer.columns().iter().zip(&wanted) {
                        assert_eq!(check::same_column(column, wanted), Ok(()));
                    }
                }
            }
        }
    }
    assert!(by_directory > 50 && by_rows > 20 && some > 100, "{by_directory} {by_rows} {some}");
}

/// Statistics that lie give wrong answers, and do no other harm.
#[test]
fn statistics_that_lie() {
    let mut random = Random::from_seed(62);
    for _ in 0..200 {
        let layer = layers::layer(&mut random);
        let options = crate::EncodeOptions { statistics: true, ..Default::default() };
        let bytes = encode(std::slice::from_ref(&layer), &options).unwrap();
        let mut budget = Budget::default();
        let mut directory = crate::Directory::read(&bytes, &mut budget).unwrap();
        for column in directory.layers.iter_mut().flat_map(|layer| &mut layer.columns) {
            let bounds = random
                .pick(&[
                    None,
                    Some(Bounds::Int(5, 6)),
                    Some(Bounds::Double(0.0, 1.0)),
                    Some(Bounds::Bool(true, true)),
                ])
                .clone();
            column.statistics =
                Some(Box::new(Statistics { null_count: random.index(9), distinct_count: Some(0), bounds }));
        }
        let parts = [(0, &bytes[..])];
        let tile = Tile::from_parts(directory, &parts).unwrap();
        let scan = Scan { filter: Some(predicate(&mut random, &layer, 2)), ..Scan::default() };
        let found = scan.read(&tile, &mut budget).unwrap();
        assert_eq!(found.batches.len() + found.skipped.len(), 1);
    }
}
