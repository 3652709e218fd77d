//! Points with names: towns, peaks, shops and stops.

use super::feature::{Collection, Element, Property, Row, Shape, Theme, osm_id};
use super::fixed::{Point, TILE, UNIT, about, ahead};
use super::names::{self, Name};
use super::region::{HEIGHT, Region, WIDTH, Zone};
use super::streets::{Class, Streets};
use super::towns::Town;
use crate::testing::random::Random;

/// Towns and hamlets, fields that have a name, and the country itself.
pub(super) fn places(random: &mut Random, towns: &[Town], country: &Name, all: &mut Collection) {
    let mut add = |all: &mut Collection, at: Point, zoom: u8, mut row: Row, name: &Name, languages: usize| {
        row.push(("name:latin", Property::Text(name.latin.clone())));
        let others = [
            ("name:ja", &name.japanese),
            ("name:ru", &name.cyrillic),
            ("name:el", &name.greek),
            ("name:ar", &name.arabic),
        ];
        row.extend(others[..languages].iter().map(|&(key, name)| (key, Property::Text(name.clone()))));
        let shape = all.shape(Shape::Point(at));
        all.add(Theme::Place, (zoom, 14), shape, row).id = osm_id(random, Element::Node, shape as usize);
    };
    let middle = [WIDTH * TILE / 2, HEIGHT * TILE / 2];
    let row = vec![("class", "country".into()), ("iso_a2", "XX".into()), ("rank", Property::Int(3))];
    add(all, middle, 3, row, country, 4);
    // The weightiest first.
    let mut order: Vec<&Town> = towns.iter().collect();
    order.sort_by_key(|town| -town.weight);
    for (index, town) in order.into_iter().take(38).enumerate() {
        let (class, zoom, languages) = match index {
            0..4 => ("town", 8, 3),
            4..8 => ("village", 9, 1),
            8..25 => ("village", 10, 0),
            _ => ("hamlet", 12, 0),
        };
        let mut row: Row = vec![("class", class.into())];
        if index == 0 {
            row.push(("capital", Property::Int(2)));
        }
        add(all, town.centre, zoom, row, &town.name, languages);
    }
}

/// Names of fields and farms.
pub(super) fn localities(random: &mut Random, region: &Region, all: &mut Collection) {
    for number in 0..43 {
        let class =
            *random.pick(&["locality", "locality", "locality", "isolated_dwelling", "farm", "hamlet"]);
        let row = vec![("class", class.into()), ("name:latin", Property::Text(names::street(random)))];
        let shape = all.shape(Shape::Point(region.place(random)));
        let zoom = if class == "hamlet" { 12 } else { 13 };
        all.add(Theme::Place, (zoom, 14), shape, row).id = osm_id(random, Element::Node, number);
    }
}

/// Peaks where the land is high.
pub(super) fn peaks(random: &mut Random, region: &Region, all: &mut Collection) {
    let mut left = 45;
    while left > 0 {
        let at = region.place(random);
        let height = region.height(at);
        if region.zone(at) != Zone::Alp && random.chance(9, 10) {
            continue;
        }
        left -= 1;
        let mut row: Row = vec![("class", "peak".into())];
        if random.chance(10, 11) {
            // From 430 m at the river to about 2,600 m; some are measured to the decimetre.
            let metres = 430 + height.max(0) * 2;
            let tenths = if random.chance(1, 8) { random.within(1, 9) } else { 0 };
            row.push(("ele", Property::Hundredths(metres * 100 + tenths * 10)));
            row.push(("ele_ft", Property::Int(i64::from(metres) * 3281 / 1000)));
        }
        if random.chance(19, 20) {
            row.push(("name:latin", Property::Text(names::peak(random))));
        }
        row.push(("rank", Property::Int(1)));
        let shape = all.shape(Shape::Point(at));
        all.add(Theme::MountainPeak, (11, 14), shape, row).id = osm_id(random, Element::Node, left);
    }
}

/// Class, subclass, how many of a thousand, how many of ten have a name, rank.
type Kind = (&'static str, &'static str, u32, u32, i64);

const KINDS: [Kind; 44] = [
    ("amenity", "parking", 218, 2, 25),
    ("leisure", "pitch", 73, 2, 25),
    ("tourism", "information", 60, 5, 25),
    ("amenity", "restaurant", 43, 10, 25),
    ("amenity", "waste_basket", 28, 0, 25),
    ("barrier", "bollard", 24, 0, 25),
    ("leisure", "playground", 21, 3, 25),
    ("barrier", "gate", 20, 0, 25),
    ("lodging", "hotel", 18, 10, 25),
    ("amenity", "fountain", 22, 1, 25),
    ("amenity", "bank", 16, 10, 25),
    ("amenity", "vending_machine", 12, 2, 25),
    ("shop", "hairdresser", 10, 9, 25),
    ("shop", "car_repair", 9, 9, 25),
    ("shop", "furniture", 6, 9, 25),
    ("shop", "florist", 5, 9, 25),
    ("shop", "car", 8, 9, 25),
    ("shop", "kiosk", 5, 8, 25),
    ("school", "school", 14, 9, 20),
    ("school", "kindergarten", 10, 9, 25),
    ("post", "post_box", 12, 1, 25),
    ("post", "post_office", 7, 9, 22),
    ("park", "garden", 15, 4, 25),
    ("attraction", "viewpoint", 13, 5, 25),
    ("clothing_store", "clothes", 11, 9, 25),
    ("grocery", "supermarket", 10, 10, 25),
    ("place_of_worship", "place_of_worship", 12, 8, 16),
    ("cafe", "cafe", 11, 10, 25),
    ("beer", "pub", 7, 10, 25),
    ("bakery", "bakery", 7, 10, 25),
    ("fuel", "fuel", 12, 9, 25),
    ("pharmacy", "pharmacy", 5, 9, 25),
    ("doctors", "doctors", 7, 9, 25),
    ("museum", "museum", 4, 10, 12),
    ("castle", "castle", 2, 10, 12),
    ("townhall", "townhall", 5, 9, 15),
    ("fire_station", "fire_station", 4, 7, 25),
    ("library", "library", 2, 9, 18),
    ("swimming", "swimming_pool", 8, 1, 25),
    ("recycling", "recycling", 9, 1, 25),
    ("toilets", "toilets", 6, 0, 25),
    ("picnic_site", "picnic_site", 9, 2, 25),
    ("campsite", "camp_site", 3, 10, 25),
    ("golf", "golf_course", 1, 10, 25),
];

/// Shops, stops and benches.
pub(super) fn pois(random: &mut Random, streets: &Streets, towns: &[Town], all: &mut Collection) {
    let first = all.features.len();
    // Bus stops stand in pairs on either side of a street.
    let roads: Vec<usize> =
        (0..streets.list.len()).filter(|&number| streets.list[number].class <= Class::Minor).collect();
    for _ in 0..176 {
        let street = &streets.list[*random.pick(&roads)];
        let at = *random.pick(&street.line);
        let town = street.town.map_or_else(String::new, |town| towns[town].name.latin.clone());
        let stop = street.name.clone().unwrap_or_else(|| names::street(random));
        for _ in 0..2 {
            let (angle, away) = (random.any() as u16, about(random, 22 * UNIT, 150));
            let name = Some(format!("{town} {stop}"));
            add(random, all, ahead(at, angle, away), street.town, ("bus", "bus_stop", 0, 10, 3), name, 12);
        }
    }
    let total: u32 = KINDS.iter().map(|kind| kind.2).sum();
    for _ in 0..2500 {
        let mut ticket = random.below(u64::from(total)) as u32;
        let kind = KINDS.iter().find(|kind| {
            let hit = ticket < kind.2;
            ticket = ticket.saturating_sub(kind.2);
            hit
        });
        let Some(&kind) = kind else { continue };
        let street = random.pick(&streets.list);
        if street.class > Class::Service && random.chance(3, 4) {
            continue;
        }
        let (angle, away) = (random.any() as u16, about(random, 45 * UNIT, 250));
        let at = ahead(*random.pick(&street.line), angle, away);
        let name = random.chance(kind.3, 10).then(|| match random.below(4) {
            0 => names::street(random),
            1 => format!("{} {}", title(kind.1), names::place(random).latin),
            2 => format!("{} {}", names::street(random), names::place(random).latin),
            _ => names::place(random).latin,
        });
        let zoom = if kind.4 < 15 { 12 } else { 14 };
        add(random, all, at, street.town, kind, name, zoom);
    }
    all.mingle(random, first, 900);
}

fn add(
    random: &mut Random,
    all: &mut Collection,
    at: Point,
    town: Option<usize>,
    kind: Kind,
    name: Option<String>,
    zoom: u8,
) {
    let mut row: Row = Vec::new();
    let known = kind.0 == "bus" || random.chance(9, 10);
    if known {
        row.push(("class", kind.0.into()));
    }
    row.extend(name.map(|name| ("name:latin", Property::Text(name))));
    row.push(("rank", Property::Int(kind.4)));
    if known {
        row.push(("subclass", kind.1.into()));
    }
    let shape = all.shape(Shape::Point(at));
    all.add(Theme::Poi, (zoom, 14), shape, row).id = osm_id(random, Element::Node, town.unwrap_or(99));
}

/// A kind's name as a word: `post_office` becomes `Post office`.
fn title(kind: &str) -> String {
    let mut letters = kind.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).map(|letter| if letter == '_' { ' ' } else { letter }).collect()
}
