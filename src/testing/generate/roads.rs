//! Roads as Overture publishes them: streets that meet at connectors, ids and connectors that are UUIDs,
//! names as maps, lanes and speed limits as lists of structs, rules that hold between two places along the
//! road; and a measured speed at each vertex, which Overture has not.
//!
//! The columns are those of Overture's type `segment`, but for `lanes` in place of width rules. What belongs to
//! a street (name, surface, limits) is the same on all of its segments, as it is there.

use super::world::fixed::{Point, TILE, distance};
use super::world::network::{Network, Segment};
use crate::column::Value;
use crate::column::nested::builder::Item;
use crate::error::Result;
use crate::testing::random::{Random, mix};
use crate::tile::builder::LayerBuilder;
use crate::tile::layer::Layer;

const LANGUAGES: [&str; 3] = ["de", "fr", "it"];

/// The roads that lie in a square around the largest town of the country of that number, as the layer of one
/// tile; those that cross its sides are left out. The square is as wide as the tile of `zoom`, at most 14, the zoom at which
/// all roads are drawn.
///
/// # Errors
/// Never; roads are small.
pub fn layer(zoom: u8, seed: u64) -> Result<Layer> {
    let network = Network::new(seed);
    let side = TILE << (14 - zoom.min(14));
    let corner = network.centre.map(|at| at - side / 2);
    let mut layer = LayerBuilder::new("segment");
    let mut random = Random::from_seed(seed);
    let connectors: Vec<String> = (0..network.connectors).map(|_| uuid(&mut random)).collect();
    let ids: Vec<String> = network.segments.iter().map(|_| uuid(&mut random)).collect();
    // In the order in which they were mapped, more or less.
    let mut order: Vec<(usize, usize)> =
        (0..network.segments.len()).map(|number| (number + random.index(300), number)).collect();
    order.sort_unstable();
    for (_, number) in order {
        let segment = &network.segments[number];
        let within = |at: &Point| (0..2).all(|axis| (0..side).contains(&(at[axis] - corner[axis])));
        if segment.line.iter().all(within) {
            let next = (number + 1) % ids.len();
            let road = Road { segment, seed, connectors: &connectors, id: &ids[number], next: &ids[next] };
            road.add(&mut layer, corner, side / 4096)?;
        }
    }
    layer.finish()
}

/// A UUID of version 4.
fn uuid(random: &mut Random) -> String {
    let (high, low) = (random.any(), random.any());
    let (high, low) = (high & !0xf000 | 0x4000, low & !(0xc << 60) | 0x8 << 60);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

struct Road<'a> {
    segment: &'a Segment,
    seed: u64,
    connectors: &'a [String],
    id: &'a str,
    /// The id of the road behind, which one may not turn into.
    next: &'a str,
}

impl Road<'_> {
    fn add(&self, layer: &mut LayerBuilder, corner: Point, unit: i32) -> Result<()> {
        let Segment { line, class, street, way, .. } = self.segment;
        let mut vertices: Vec<[i32; 2]> = line
            .iter()
            .map(|at| [0, 1].map(|axis| (at[axis] - corner[axis] + unit / 2).div_euclid(unit)))
            .collect();
        vertices.dedup();
        if vertices.len() < 2 {
            vertices.push(vertices[0]);
        }
        // What belongs to the street, to the piece of it that was mapped in one go, and to the road itself.
        let of_street = &mut Random::from_seed(mix(self.seed ^ mix(*street as u64)));
        let of_way = &mut Random::from_seed(mix(self.seed ^ mix(1 << 32 | *way as u64)));
        let own = &mut Random::from_seed(mix(self.seed ^ mix(1 << 33 | self.segment.connectors[0].0 as u64)));
        let rank = rank(class);

        layer.feature(None, |geometry| geometry.line_string(&vertices))?;
        layer.property("id", Value::String(self.id))?;
        layer.property("version", Value::Int(1 + own.below(3) as i64 * own.below(2) as i64))?;
        layer.property("subtype", Value::String(if *class == "rail" { "rail" } else { "road" }))?;
        let (class, subclass) = classes(of_street, class);
        layer.property("class", Value::String(class))?;
        if let Some(subclass) = subclass {
            layer.property("subclass", Value::String(subclass))?;
        }
        if let Some(name) = &self.segment.name {
            let others = translated(name);
            layer.nested("names", &names(of_street, name, &others))?;
        }
        layer.nested("connectors", &self.along())?;
        let record = record(of_way, self.segment.town.unwrap_or(99));
        layer.nested("sources", &source(&record))?;
        if rank > 2 && of_way.chance(1, 2) || rank <= 2 && of_way.chance(3, 4) {
            let surface =
                if rank > 2 { "paved" } else { of_street.pick::<&str>(&["unpaved", "gravel", "paved"]) };
            layer.nested("road_surface", &rules(own, vec![("value", text(surface))]))?;
        }
        if let Some(flag) = flag(own, line.len()) {
            layer.nested("road_flags", &rules(own, vec![("values", Item::List(vec![text(flag)]))]))?;
        }
        let limit = 10 * *of_street.pick(&[2, 3, 3, 3, 5]) + [0, 0, 0, 0, 20, 30, 30, 40][rank];
        if rank > 3 || rank == 3 && of_street.chance(1, 3) {
            layer.nested("speed_limits", &speed_limits(own, limit))?;
        }
        if rank > 3 || rank == 3 && of_street.chance(1, 6) {
            layer.nested("lanes", &lanes(of_street, own, rank))?;
        }
        if let Some(rule) = access(of_street, rank) {
            layer.nested("access_restrictions", &rule)?;
        }
        if rank > 4 {
            let number = (1 + of_street.below(28)).to_string();
            let fields = vec![("network", text("LI:H")), ("ref", text(&number))];
            layer.nested("routes", &Item::List(vec![Item::Struct(fields)]))?;
        }
        if rank > 2 && own.chance(1, 40) {
            layer.nested("prohibited_transitions", &self.turn())?;
        }
        if rank > 2 {
            layer.measure("speed", &speeds(own, limit, vertices.len()))?;
        }
        Ok(())
    }

    /// The connectors, each with its place as a part of the length.
    fn along(&self) -> Item<'_> {
        let mut so_far = vec![0i64];
        so_far.extend(self.segment.line.windows(2).scan(0, |sum, pair| {
            *sum += i64::from(distance(pair[0], pair[1]));
            Some(*sum)
        }));
        let all = so_far[so_far.len() - 1].max(1);
        let connectors = self.segment.connectors.iter().map(|&(connector, vertex)| {
            let at = (so_far[vertex] * 1_000_000_000 + all / 2) / all;
            Item::Struct(vec![
                ("connector_id", text(&self.connectors[connector as usize])),
                ("at", double(at as f64 / 1e9)),
            ])
        });
        Item::List(connectors.collect())
    }

    /// That one may not turn back at the end.
    fn turn(&self) -> Item<'_> {
        let end = self.segment.connectors[self.segment.connectors.len() - 1].0;
        let step =
            vec![("connector_id", text(&self.connectors[end as usize])), ("segment_id", text(self.next))];
        Item::List(vec![Item::Struct(vec![
            ("sequence", Item::List(vec![Item::Struct(step)])),
            ("final_heading", text("backward")),
            ("when", Item::Struct(vec![("heading", text("forward"))])),
        ])])
    }
}

fn text(text: &str) -> Item<'_> {
    Item::Value(Value::String(text))
}

fn double(value: f64) -> Item<'static> {
    Item::Value(Value::Double(value))
}

/// From 0, paths, to 7, primary roads.
fn rank(class: &str) -> usize {
    let ranks = ["path", "track", "service", "minor", "tertiary", "secondary", "primary", "rail"];
    match ranks.iter().position(|rank| *rank == class) {
        Some(7) | None => 0,
        Some(rank) => rank,
    }
}

/// Class and subclass as Overture has them.
fn classes<'a>(random: &mut Random, class: &'a str) -> (&'a str, Option<&'static str>) {
    match (class, random.below(20)) {
        ("minor", 0..16) => ("residential", None),
        ("minor", _) => ("unclassified", None),
        ("service", 0..5) => ("service", Some("driveway")),
        ("service", 5..9) => ("service", Some("parking_aisle")),
        ("service", 9) => ("service", Some("alley")),
        ("path", 0..5) => ("footway", Some("sidewalk")),
        ("path", 5..8) => ("footway", None),
        ("path", 8) => ("steps", None),
        ("rail", _) => ("standard_gauge", None),
        (class, _) => (class, None),
    }
}

fn translated(name: &str) -> [String; 2] {
    let stem: String = name.chars().take(4).collect();
    [format!("Rue {stem}"), format!("Via {stem}")]
}

fn names<'a>(random: &mut Random, name: &'a str, others: &'a [String; 2]) -> Item<'a> {
    let all = [name, &others[0], &others[1]];
    let common = match random.below(4) {
        count @ 0..2 => {
            Item::Map((0..count as usize + 2).map(|at| (text(LANGUAGES[at]), text(all[at]))).collect())
        }
        _ => Item::Null,
    };
    let rules = match random.chance(1, 10) {
        true => {
            Item::List(vec![Item::Struct(vec![("variant", text("alternate")), ("value", text(&others[0]))])])
        }
        false => Item::Null,
    };
    Item::Struct(vec![("primary", text(name)), ("common", common), ("rules", rules)])
}

/// The way of OpenStreetMap that it was made of, with the number of its edit.
fn record(random: &mut Random, town: usize) -> String {
    // Ways that somebody mapped in one evening have numbers close to each other.
    let first = mix(mix(town as u64) ^ random.below(6)) % 1_300_000_000;
    format!("w{}@{}", first + random.below(3000), 1 + random.below(4) * random.below(6))
}

fn source(record: &str) -> Item<'_> {
    Item::List(vec![Item::Struct(vec![
        ("property", text("")),
        ("dataset", text("OpenStreetMap")),
        ("license", text("ODbL-1.0")),
        ("record_id", text(record)),
    ])])
}

/// One rule, that holds all along the road, as a rule; else up to some place, as a part of its length.
fn rules<'a>(random: &mut Random, mut fields: Vec<(&'a str, Item<'a>)>) -> Item<'a> {
    if random.chance(1, 12) {
        let place = double(f64::from(random.within(1, 999_999_999)) / 1e9);
        fields.push(("between", Item::List(vec![double(0.0), place])));
    }
    Item::List(vec![Item::Struct(fields)])
}

fn flag(random: &mut Random, vertices: usize) -> Option<&'static str> {
    match random.below(if vertices == 2 { 24 } else { 120 }) {
        0 | 1 => Some("is_bridge"),
        2 => Some("is_tunnel"),
        3 => Some("is_link"),
        _ => None,
    }
}

fn speed_limits(random: &mut Random, limit: u64) -> Item<'static> {
    let speed = vec![("value", Item::Value(Value::UInt(limit))), ("unit", text("km/h"))];
    rules(random, vec![("max_speed", Item::Struct(speed))])
}

/// As many as a street of that rank has, all of one width.
fn lanes(of_street: &mut Random, own: &mut Random, rank: usize) -> Item<'static> {
    let width = 2.75 + 0.25 * of_street.below(4) as f64;
    // Near a junction there is one more to turn.
    let count = 2 + usize::from(rank == 6) * of_street.index(3) + usize::from(own.chance(1, 10));
    let bus = of_street.chance(1, 8);
    let lanes = (0..count).map(|lane| {
        let direction = if 2 * lane < count { "forward" } else { "backward" };
        let mut fields = vec![("direction", text(direction)), ("width", double(width))];
        if bus && lane == 0 {
            fields.push(("restriction", text("bus")));
        }
        Item::Struct(fields)
    });
    Item::List(lanes.collect())
}

fn access(random: &mut Random, rank: usize) -> Option<Item<'static>> {
    let when = |name, what: Item<'static>| Item::Struct(vec![(name, what)]);
    let list = |mode| Item::List(vec![text(mode)]);
    let (kind, when) = match (rank, random.below(24)) {
        // A street in one direction.
        (3..=6, 0 | 1) => ("denied", when("heading", text("backward"))),
        (3, 2) => ("allowed", when("recognized", list("as_customer"))),
        (2, 0..5) => ("allowed", when("recognized", list("as_private"))),
        (1, 0..10) => ("denied", when("mode", list("motor_vehicle"))),
        (1, 10..13) => ("allowed", when("recognized", list("for_agriculture"))),
        (0, 0..3) => ("designated", when("mode", list("bicycle"))),
        _ => return None,
    };
    Some(Item::List(vec![Item::Struct(vec![("access_type", text(kind)), ("when", when)])]))
}

/// What was measured changes little from one vertex to the next.
fn speeds(random: &mut Random, limit: u64, count: usize) -> Vec<Value<'static>> {
    let mut speed = limit;
    let speeds = (0..count).map(|_| {
        speed = speed.saturating_add_signed(i64::from(random.within(-3, 3))).clamp(5, 130);
        Value::UInt(speed)
    });
    speeds.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::{Column, Nested, Values};

    #[test]
    fn ids_are_unique_and_connectors_are_shared() {
        let layer = layer(14, 1).unwrap();
        assert!(layer.len() > 200, "{}", layer.len());
        let distinct = |column: &Column| {
            let mut all: Vec<String> =
                (0..column.len()).map(|row| format!("{:?}", column.get(row))).collect();
            all.sort();
            all.dedup();
            all.len()
        };
        assert_eq!(distinct(layer.column("id").unwrap()), layer.len());
        let Values::Nested(Nested::List { items, .. }) = &layer.column("connectors").unwrap().values else {
            panic!("no list")
        };
        let Values::Nested(Nested::Struct { fields, .. }) = &items.values else { panic!("no structs") };
        let ends = fields[0].len();
        assert!(ends >= 2 * layer.len() && distinct(&fields[0]) < ends * 4 / 5);
    }
}
