//! Datasets against naive twins.

mod load;
mod native;
mod shapes;
mod threads;
mod tiles;

use arrow_buffer::BooleanBufferBuilder;

use super::dataset::Dataset;
use super::draft::{Draft, Drafts, Places, Values};
use super::mercator;
use super::pieces::Pieces;
use super::query::{Query, QueryLimits};
use super::text::Interner;
use crate::testing::Random;
use crate::testing::generate::trips::{Trip, trips};

/// Trips, some of which lack values, at a place of the map.
#[derive(Clone, Debug)]
struct Row {
    trip: Trip,
    place: [u32; 2],
    lacks_amount: bool,
    lacks_kind: bool,
}

fn rows(count: usize, seed: u64) -> Vec<Row> {
    let mut random = Random::from_seed(seed);
    let row = |mut trip: Trip| {
        // Also at the poles, on the antimeridian, and several at one place.
        match random.below(200) {
            0 => trip.latitude = 90.0,
            1 => trip.latitude = -90.0,
            2 => trip.longitude = 180.0,
            3 => trip.longitude = -180.0,
            4..20 => (trip.longitude, trip.latitude) = (8.54, 47.37),
            _ => {}
        }
        let place = mercator::place(trip.longitude, trip.latitude).expect("on the world");
        Row { trip, place, lacks_amount: random.chance(1, 7), lacks_kind: random.chance(1, 9) }
    };
    trips(seed).take(count).map(row).collect()
}

/// A dataset of columns kind, operator, amount, passengers, time, speed and shared.
fn dataset(rows: &[Row]) -> Dataset {
    let mut places = Places::new();
    let mut kind = (Pieces::new(), Interner::default());
    let mut operator = (Pieces::new(), Interner::default());
    let (mut amount, mut speed) = (Pieces::new(), Pieces::new());
    let (mut passengers, mut time) = (Pieces::new(), Pieces::new());
    let mut shared = BooleanBufferBuilder::new(0);
    for row in rows {
        places.push_place(row.place);
        kind.0.push(kind.1.number(row.trip.kind).unwrap());
        operator.0.push(operator.1.number(&format!("operator {}", row.trip.operator)).unwrap());
        amount.push(row.trip.amount);
        speed.push(row.trip.speed);
        passengers.push(row.trip.passengers);
        time.push(row.trip.time);
        shared.append(row.trip.passengers > 2);
    }
    let all = |_: &Row| true;
    let draft = |name: &str, values: Values, has: &dyn Fn(&Row) -> bool| {
        let mut draft = Draft::new(name.into(), values);
        rows.iter().for_each(|row| draft.valid.append(has(row)));
        draft
    };
    let columns = vec![
        draft("kind", Values::Text(kind.0, kind.1), &|row| !row.lacks_kind),
        draft("operator", Values::Text(operator.0, operator.1), &all),
        draft("amount", Values::F64(amount), &|row| !row.lacks_amount),
        draft("passengers", Values::I32(passengers), &all),
        draft("time", Values::Time(time), &all),
        draft("speed", Values::F32(speed), &all),
        draft("shared", Values::Bool(shared), &all),
    ];
    let (table, shapes) = Drafts { places, columns }.finish(&|_| ());
    Dataset::new("trips".into(), table, shapes, None).unwrap()
}

fn query(dataset: &Dataset, pairs: &[(&str, &str)]) -> Query {
    let pairs: Vec<(String, String)> =
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    dataset.query(&pairs, &QueryLimits::default()).unwrap()
}
