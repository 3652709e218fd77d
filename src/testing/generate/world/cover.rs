//! What covers the land: fields, forests, quarters, sports grounds, parks, and the lines between
//! communes and countries.

use super::feature::{Collection, Element, Property, Row, Shape, Theme, osm_id};
use super::fixed::{Point, QUARTER, TILE, UNIT, about, ahead, area, bell, distance};
use super::land::{Look, Net};
use super::names;
use super::region::{HEIGHT, Region, WIDTH, Zone};
use super::shape::{DETAIL, blob, plan, wander};
use super::simplify;
use super::streets::{Class, Streets};
use super::towns::Town;
use crate::testing::random::Random;

/// The first zoom level an area is large enough for: four times as large for each level up, from
/// `smallest` (at zoom 12) on.
fn zoom_for(ring: &[Point], smallest: i64, first: u8) -> u8 {
    let doublings = (area(ring) / smallest).checked_ilog2();
    doublings.map_or(13, |doublings| (12 - doublings as u8 / 2).max(first))
}

/// Fields, meadows and forests.
pub(super) fn cover(
    random: &mut Random,
    region: &Region,
    towns: &[Town],
    streets: &Streets,
    all: &mut Collection,
) {
    let first = all.features.len();
    let mut net = Net::new(random, Look { side: 134 * UNIT, step: 94 * UNIT, rough: 56 });
    let town = |at: Point| {
        let street = streets.on(at).map(|number| streets.list[number].class);
        street == Some(Class::Minor)
    };
    let mut rows: Vec<(u32, Row)> = Vec::new();
    let zones: Vec<Option<Zone>> = (0..net.cells())
        .map(|cell| {
            let at = net.middle(cell);
            let zone = region.zone(at);
            // Fields are mapped around towns; forests everywhere.
            let far = towns.iter().map(|town| distance(town.centre, at) / town.weight.min(30)).min();
            let known = region.noise(3, at, TILE / 2) + 250 - far.unwrap_or(0) / (TILE / 3000);
            let blank = known < region.height(at) / 4 && zone != Zone::Forest;
            (region.contains(at) && !town(at) && !blank).then_some(zone)
        })
        .collect();
    for cell in net.by_village() {
        let Some(zone) = zones[cell].filter(|_| net.is_free(cell)) else { continue };
        let (class, subclass, size, round) = kind(random, zone);
        let number = rows.len() as u32 + 1;
        let size = size.max(1) as usize;
        if net.grow(random, cell, number, size, round, |next| zones[next] == Some(zone)) == 0 {
            continue;
        }
        // The number of an area nobody has mapped stays without a row.
        let row =
            class.map_or_else(Row::new, |class| vec![("class", class.into()), ("subclass", subclass.into())]);
        rows.push((number, row));
    }
    let mut polygons: Vec<(u32, Vec<Vec<Point>>)> = Vec::new();
    for (number, parts) in net.polygons() {
        polygons.extend(parts.into_iter().map(|rings| (number, rings)));
    }
    for (number, rings) in polygons {
        let row = rows[number as usize - 1].1.clone();
        if row.is_empty() {
            continue;
        }
        // Some mappers leave out what others draw.
        let tolerance = about(random, 4 * UNIT, 400);
        let rings: Vec<Vec<Point>> =
            rings.iter().map(|ring| simplify::ring(ring, tolerance)).filter(|ring| ring.len() > 2).collect();
        if rings.is_empty() {
            continue;
        }
        let zoom = zoom_for(&rings[0], 110_000 * i64::from(UNIT * UNIT), 7);
        let shape = all.shape(Shape::Area(rings));
        all.add(Theme::Landcover, (zoom, 14), shape, row);
    }
    all.mingle(random, first, 40);
}

/// What may grow in a zone, how many cells of it, and whether its edges run in all directions.
fn kind(random: &mut Random, zone: Zone) -> (Option<&'static str>, &'static str, i32, bool) {
    let mut size = |median: i32, octaves: i32| about(random, median << 8, octaves) >> 8;
    let (field, meadow, forest) = (size(7, 450), size(10, 500), size(150, 800));
    match (zone, random.below(100)) {
        (Zone::Valley, 0..20) => (Some("farmland"), "farmland", field, false),
        (Zone::Valley, 20..23) => (Some("farmland"), "vineyard", field, false),
        (Zone::Valley, 23..25) => (Some("farmland"), "orchard", field, false),
        (Zone::Valley, 25..68) => (Some("grass"), "grass", field, false),
        (Zone::Valley, 68..76) => (Some("wood"), "wood", meadow, true),
        (Zone::Forest, 0..34) => (Some("wood"), "forest", forest, true),
        (Zone::Forest, 34..50) => (Some("wood"), "wood", meadow, true),
        (Zone::Forest, 50..75) => (Some("grass"), "grass", meadow, true),
        (Zone::Alp, 0..40) => (Some("grass"), "grass", meadow, true),
        (Zone::Alp, 40..46) => (Some("grass"), "grassland", forest, true),
        (Zone::Alp, 46..58) => (Some("grass"), "meadow", meadow, true),
        _ => (None, "", meadow, true),
    }
}

/// Quarters of towns, and the grounds in them.
pub(super) fn quarters(random: &mut Random, streets: &Streets, all: &mut Collection) {
    let first = all.features.len();
    let mut net = Net::new(random, Look { side: 92 * UNIT, step: 92 * UNIT, rough: 36 });
    let built: Vec<bool> = (0..net.cells())
        .map(|cell| {
            let at = net.middle(cell);
            let street = streets.on(at).map(|number| streets.list[number].class);
            // Gardens, greens and gaps are left out.
            street.is_some_and(|class| class <= Class::Minor) && !random.chance(1, 8)
        })
        .collect();
    let mut classes: Vec<Option<&'static str>> = Vec::new();
    for cell in net.by_village() {
        let other = random.chance(1, 5);
        if !built[cell] || !net.is_free(cell) || random.chance(1, 8) {
            continue;
        }
        let class = if other {
            *random.pick(&[
                "industrial",
                "industrial",
                "industrial",
                "commercial",
                "retail",
                "school",
                "railway",
                "cemetery",
            ])
        } else {
            "residential"
        };
        let size = (about(random, 200 << 8, if other { 500 } else { 700 }) >> 8).max(1) as usize;
        let number = classes.len() as u32 + 1;
        match net.grow(random, cell, number, size, true, |next| built[next]) {
            0 => {}
            // What is left between quarters is no quarter.
            1..4 if !other => classes.push(None),
            _ => classes.push(Some(class)),
        }
    }
    for (number, parts) in net.polygons() {
        let Some(class) = classes[number as usize - 1] else { continue };
        for rings in parts {
            let zoom = zoom_for(&rings[0], 2_000 * i64::from(UNIT * UNIT), 8);
            let shape = all.shape(Shape::Area(rings));
            all.add(Theme::Landuse, (zoom, 14), shape, vec![("class", class.into())]);
        }
    }
    grounds(random, streets, all);
    all.mingle(random, first, 30);
}

/// Pitches, playgrounds, kindergartens: small and right-angled.
fn grounds(random: &mut Random, streets: &Streets, all: &mut Collection) {
    let gardens: Vec<&Vec<Point>> = streets
        .list
        .iter()
        .filter(|street| street.class == Class::Minor)
        .map(|street| &street.line)
        .collect();
    for _ in 0..165 {
        let class = *random.pick(&[
            "pitch",
            "pitch",
            "pitch",
            "pitch",
            "pitch",
            "playground",
            "kindergarten",
            "stadium",
        ]);
        let line = *random.pick(&gardens);
        let (angle, away) = (random.any() as u16, about(random, 90 * UNIT, 200));
        let at = ahead(*random.pick(line), angle, away);
        let (width, depth) = (about(random, 70 * UNIT, 260), about(random, 40 * UNIT, 260));
        let mut corners = vec![(0, 0), (width, 0), (width, depth), (0, depth)];
        if random.chance(1, 3) {
            let cut = depth / 4;
            corners = vec![
                (cut, 0),
                (width - cut, 0),
                (width, cut),
                (width, depth - cut),
                (width - cut, depth),
                (cut, depth),
                (0, depth - cut),
                (0, cut),
            ];
        }
        let ring = plan(at, random.any() as u16, &corners);
        let zoom = zoom_for(&ring, 2_000 * i64::from(UNIT * UNIT), 10);
        let shape = all.shape(Shape::Area(vec![ring]));
        all.add(Theme::Landuse, (zoom, 14), shape, vec![("class", class.into())]);
    }
}

/// Nature reserves.
pub(super) fn parks(random: &mut Random, region: &Region, all: &mut Collection) {
    for number in 0..6 {
        let centre = region.place(random);
        let radius = about(random, TILE / 4, 250);
        let step = *random.pick(&[40, 60, 160]) * UNIT;
        let ring = blob(random, centre, radius, step, 40);
        let shape = all.shape(Shape::Area(vec![ring]));
        let mut row: Row = vec![("class", "nature_reserve".into())];
        if number % 2 == 0 {
            row.push((
                "name:latin",
                Property::Text(format!("Naturschutzgebiet {}", names::place(random).latin)),
            ));
        }
        all.add(Theme::Park, (11, 14), shape, row).id = osm_id(random, Element::Relation, number);
    }
}

/// The country's border, and those of the communes, each drawn once although two share it.
pub(super) fn boundaries(random: &mut Random, region: &Region, towns: &[Town], all: &mut Collection) {
    let add = |all: &mut Collection, line: &[Point], level: i64, zoom: u8| {
        let last = line.len().saturating_sub(1);
        for start in (0..last).step_by(120) {
            let shape = all.shape(Shape::Line(line[start..=last.min(start + 120)].to_vec()));
            let row = vec![("admin_level", Property::Int(level)), ("disputed", Property::Bool(false))];
            all.add(Theme::Boundary, (zoom, 14), shape, row);
        }
    };
    add(all, &region.river, 2, 0);
    add(all, &region.border, 2, 0);
    let valley: Vec<&Town> = towns.iter().filter(|town| !town.is_hamlet).collect();
    for (index, pair) in valley.windows(2).enumerate() {
        let y = (pair[0].centre[1] + pair[1].centre[1]) / 2;
        let from = region.river.iter().min_by_key(|at| (at[1] - y).abs()).copied().unwrap_or([0, y]);
        let to =
            region.border.iter().min_by_key(|at| (at[1] - y).abs() + (at[0] < from[0]) as i32 * TILE * WIDTH);
        let border = line_between(random, from, *to.unwrap_or(&from));
        let (level, zoom) = match index {
            3 => (4, 4),
            6 => (6, 8),
            _ => (8, if index % 3 == 0 { 11 } else { 12 }),
        };
        add(all, &border, level, zoom);
    }
    // The communes of the neighbours, on the other bank and behind the mountains.
    for (line, outwards) in [(&region.river, 2 * QUARTER), (&region.border, 0)] {
        for part in 0..22 {
            let from = line[line.len() * part / 22];
            let angle = bell(random, 4000).wrapping_add(i32::from(outwards)) as u16;
            let to = ahead(from, angle, about(random, TILE, 160));
            let mut line = line_between(random, from, to);
            line.truncate(line.iter().position(|&at| !within_region(at)).unwrap_or(line.len()));
            add(all, &line, 8, 12);
        }
    }
}

/// Whether a place lies in the region, and not at its very edge.
fn within_region([x, y]: Point) -> bool {
    let edge = TILE / 32;
    (edge..WIDTH * TILE - edge).contains(&x) && (edge..HEIGHT * TILE - edge).contains(&y)
}

/// The border between two places.
fn line_between(random: &mut Random, from: Point, to: Point) -> Vec<Point> {
    let step = about(random, 250 * UNIT, DETAIL);
    let mut line = vec![from];
    wander(random, &mut line, from, to, step, 60);
    line
}
