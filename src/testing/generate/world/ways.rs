//! The road network as features: streets cut into the ways they are mapped as.

use std::ops::RangeInclusive;

use super::feature::{Collection, Property, Row, Shape, Theme};
use super::fixed::about;
use super::streets::{Class, Street, Streets};
use crate::testing::random::Random;

/// Adds every street to the layers transportation and transportation_name.
pub(super) fn ways(random: &mut Random, streets: &Streets, all: &mut Collection) {
    let first = all.features.len();
    for street in &streets.list {
        let reference = (street.class.is_major() && random.chance(1, 5)).then(|| 1 + random.below(28));
        let subclass = subclass(random, street.class);
        let service = service(random, street.class);
        let one_way = street.class <= Class::Minor && random.chance(1, 12);
        for range in pieces(random, street) {
            let line = street.line[range].to_vec();
            let bridge = line.len() == 2 && random.chance(1, 6);
            let shape = all.shape(Shape::Line(line));
            let mut row: Row = Vec::new();
            if bridge {
                row.push(("brunnel", (*random.pick(&["bridge", "bridge", "bridge", "tunnel"])).into()));
            }
            row.push(("class", street.class.name().into()));
            if one_way {
                row.push(("oneway", Property::Int(1)));
            }
            if let Some(service) = service {
                row.push(("service", service.into()));
            }
            all.add(Theme::Transportation, (first_zoom(street.class), 14), shape, row);
            let row = named(random, street, subclass, reference);
            all.add(
                Theme::TransportationName,
                (if street.class.is_major() { 12 } else { 14 }, 14),
                shape,
                row,
            );
        }
    }
    all.mingle(random, first, 900);
}

fn first_zoom(class: Class) -> u8 {
    match class {
        Class::Primary => 7,
        Class::Secondary | Class::Rail => 9,
        Class::Tertiary => 11,
        Class::Minor | Class::Service => 12,
        Class::Track | Class::Path => 14,
    }
}

fn named(random: &mut Random, street: &Street, subclass: Option<&str>, reference: Option<u64>) -> Row {
    let mut row: Row = vec![("class", street.class.name().into())];
    // Not every piece of a street has its name.
    if let Some(name) = street.name.as_ref().filter(|_| random.chance(24, 25)) {
        row.push(("name:latin", Property::Text(name.clone())));
    }
    if street.class != Class::Rail {
        row.push(("network", "road".into()));
    }
    if let Some(number) = reference {
        let text = number.to_string();
        row.push(("ref_length", Property::Int(text.len() as i64)));
        row.push(("ref", Property::Text(text)));
    }
    if let Some(subclass) = subclass {
        row.push(("subclass", subclass.into()));
    }
    row
}

fn subclass(random: &mut Random, class: Class) -> Option<&'static str> {
    match (class, random.below(20)) {
        (Class::Minor, 0..16) => Some("residential"),
        (Class::Minor, _) => Some("unclassified"),
        (Class::Path, 0..7) => Some("footway"),
        (Class::Path, 7) => Some("steps"),
        (Class::Track, 0..3) => Some("cycleway"),
        _ => None,
    }
}

fn service(random: &mut Random, class: Class) -> Option<&'static str> {
    match (class, random.below(20)) {
        (Class::Service, 0..3) => Some("parking_aisle"),
        (Class::Service, 3..6) => Some("driveway"),
        (Class::Service, 6) => Some("alley"),
        _ => None,
    }
}

/// Where a street is cut, as ranges of its vertices; neighbours share one. Most pieces are short,
/// a few very long.
fn pieces(random: &mut Random, street: &Street) -> Vec<RangeInclusive<usize>> {
    let median = match street.class {
        Class::Primary | Class::Rail => 4,
        Class::Secondary => 7,
        Class::Minor => 14,
        Class::Tertiary => 12,
        Class::Service => 8,
        Class::Track => 18,
        Class::Path => 20,
    };
    let last = street.line.len() - 1;
    let mut pieces = Vec::new();
    let mut from = 0;
    while from < last {
        let length = (about(random, median << 8, 700) >> 8).max(1) as usize;
        let to = last.min(from + length);
        pieces.push(from..=to);
        from = to;
    }
    pieces
}
