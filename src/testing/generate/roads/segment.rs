//! One segment: its geometry and its columns, in the order of the schema.

use super::super::world::fixed::distance;
use super::super::world::network::{Network, Segment};
use super::rules::{self, double, list, text, wholly};
use super::sources::{Edits, integer};
use super::{Ids, Square, feature_id};
use crate::column::Value;
use crate::column::nested::builder::Item;
use crate::error::Result;
use crate::testing::random::{Random, mix};
use crate::tile::builder::LayerBuilder;

const LANGUAGES: [&str; 3] = ["de", "fr", "it"];

pub(super) struct Road<'a> {
    pub(super) network: &'a Network,
    pub(super) number: usize,
    pub(super) seed: u64,
    pub(super) ids: &'a Ids,
    pub(super) edits: &'a Edits,
}

impl Road<'_> {
    fn segment(&self) -> &Segment {
        &self.network.segments[self.number]
    }

    fn random(&self, what: u64, number: u64) -> Random {
        Random::from_seed(mix(self.seed ^ mix(what << 32 | number)))
    }

    /// The zoom from which on tiles have it.
    pub(super) fn first_zoom(&self) -> u8 {
        let of_street = &mut self.random(0, self.segment().street as u64);
        match classes(of_street, self.segment().class).0 {
            "primary" => 7,
            "standard_gauge" => 8,
            "secondary" => 9,
            "tertiary" => 11,
            "residential" => 12,
            _ => 14,
        }
    }

    pub(super) fn add(&self, layer: &mut LayerBuilder, tile: &Square) -> Result<()> {
        let segment = self.segment();
        let mut vertices: Vec<[i32; 2]> = segment.line.iter().map(|&at| tile.place(at)).collect();
        vertices.dedup();
        if vertices.len() < 2 {
            vertices.push(vertices[0]);
        }
        let id = &self.ids.segments[self.number];
        layer.feature(Some(feature_id(id)), |geometry| geometry.line_string(&vertices))?;
        // A tile is 256 pixels wide.
        let pixels = length(segment) / i64::from(tile.side / 256);
        if tile.content < 14 && pixels < 16 {
            return Ok(());
        }
        // What belongs to the street, and to the road itself.
        let of_street = &mut self.random(0, segment.street as u64);
        let own = &mut self.random(2, segment.connectors[0].0.into());
        let rank = rank(segment.class);
        let is_rail = segment.class == "rail";
        let (class, subclass) = classes(of_street, segment.class);
        let flag = flag(own, segment.line.len());
        let limit = 10 * *of_street.pick(&[2, 3, 3, 3, 5]) + [0, 0, 0, 0, 20, 30, 30, 40][rank];

        layer.property("id", Value::String(id))?;
        layer.property("version", Value::SInt(self.edits.version(1 << 32 | self.number as u64)))?;
        layer.nested("sources", &self.edits.way(segment.way, segment.town).item())?;
        layer.property("subtype", Value::String(if is_rail { "rail" } else { "road" }))?;
        layer.property("class", Value::String(class))?;
        if let Some(name) = &segment.name {
            let others = translated(name);
            layer.property("@name", Value::String(name))?;
            layer.nested("names", &names(of_street, name, &others))?;
        }
        layer.nested("connectors", &self.along())?;
        if let Some(routes) = rules::routes(of_street, rank) {
            layer.nested("routes", &routes)?;
        }
        if let Some(subclass) = subclass {
            layer.nested("subclass_rules", &wholly("value", text(subclass)))?;
        }
        if let Some(rule) = rules::access(of_street, rank) {
            layer.nested("access_restrictions", &rule)?;
        }
        if let Some("is_bridge" | "is_tunnel") = flag {
            let level = if flag == Some("is_bridge") { 1 } else { -1 };
            layer.nested("level_rules", &rules::scoped(own, vec![("value", integer(level))]))?;
        }
        if rank > 4 && own.chance(1, 30) {
            layer.nested("destinations", &self.destinations(own))?;
        }
        if rank > 2 && own.chance(1, 40) {
            layer.nested("prohibited_transitions", &self.turn())?;
        }
        // About half of all roads, three quarters of tracks and paths.
        if !is_rail && (rank > 2 && of_street.chance(1, 2) || rank <= 2 && of_street.chance(3, 4)) {
            let surface = match rank {
                3.. => "paved",
                _ => of_street.pick::<&str>(&["unpaved", "gravel", "paved", "dirt", "paving_stones"]),
            };
            layer.nested("road_surface", &rules::scoped(own, vec![("value", text(surface))]))?;
        }
        if let Some(flag) = flag {
            let name = if is_rail { "rail_flags" } else { "road_flags" };
            layer.nested(name, &rules::scoped(own, vec![("values", list([text(flag)]))]))?;
        }
        // All main roads, a third of the minor ones.
        if rank > 3 || rank == 3 && of_street.chance(1, 3) {
            layer.nested("speed_limits", &rules::speed_limits(own, limit))?;
        }
        if !is_rail && of_street.chance(1, 30) {
            let width = 1.5 + 0.5 * rank as f64 + 0.5 * of_street.below(4) as f64;
            layer.nested("width_rules", &rules::scoped(own, vec![("value", double(width))]))?;
        }
        if rank > 3 || rank == 3 && of_street.chance(1, 6) {
            layer.nested("lanes", &rules::lanes(of_street, own, rank))?;
        }
        if let Some(subclass) = subclass {
            layer.property("subclass", Value::String(subclass))?;
        }
        if rank > 2 {
            layer.measure("speed", &speeds(own, limit, vertices.len()))?;
        }
        Ok(())
    }

    /// The connectors, each with its place as a part of the length.
    fn along(&self) -> Item<'_> {
        let segment = self.segment();
        let mut so_far = vec![0i64];
        so_far.extend(segment.line.windows(2).scan(0, |sum, pair| {
            *sum += i64::from(distance(pair[0], pair[1]));
            Some(*sum)
        }));
        let all = so_far[so_far.len() - 1].max(1);
        list(segment.connectors.iter().map(|&(connector, vertex)| {
            let at = (so_far[vertex] * 1_000_000_000 + all / 2) / all;
            Item::Struct(vec![("connector_id", self.connector(connector)), ("at", double(at as f64 / 1e9))])
        }))
    }

    fn connector(&self, number: u32) -> Item<'_> {
        text(&self.ids.connectors[number as usize])
    }

    /// The connector at the end.
    fn end(&self) -> u32 {
        let connectors = &self.segment().connectors;
        connectors[connectors.len() - 1].0
    }

    /// The road behind, of which one side is the end.
    fn next(&self) -> usize {
        (self.number + 1) % self.network.segments.len()
    }

    /// That one may not turn into the road behind.
    fn turn(&self) -> Item<'_> {
        let step = vec![
            ("connector_id", self.connector(self.end())),
            ("segment_id", text(&self.ids.segments[self.next()])),
        ];
        list([Item::Struct(vec![
            ("sequence", list([Item::Struct(step)])),
            ("final_heading", text("backward")),
            ("when", Item::Struct(vec![("heading", text("forward"))])),
        ])])
    }

    /// What a signpost at the end says: a place, now and then with the number of the road.
    fn destinations(&self, random: &mut Random) -> Item<'_> {
        let label = |value, kind| Item::Struct(vec![("value", value), ("type", text(kind))]);
        let mut labels = vec![label(text(self.segment().name.as_deref().unwrap_or("Zentrum")), "unknown")];
        if random.chance(1, 2) {
            labels.push(label(text("A13"), "route_ref"));
        }
        list([Item::Struct(vec![
            ("labels", Item::List(labels)),
            ("symbols", if random.chance(1, 4) { list([text("motorway")]) } else { Item::Null }),
            ("from_connector_id", self.connector(self.segment().connectors[0].0)),
            ("to_segment_id", text(&self.ids.segments[self.next()])),
            ("to_connector_id", self.connector(self.end())),
            ("when", Item::Struct(vec![("heading", text("forward"))])),
            ("final_heading", text("forward")),
        ])])
    }
}

/// In units of the world.
fn length(segment: &Segment) -> i64 {
    segment.line.windows(2).map(|pair| i64::from(distance(pair[0], pair[1]))).sum()
}

/// From 0, paths, to 6, primary roads; that of rails is 0.
fn rank(class: &str) -> usize {
    let ranks = ["path", "track", "service", "minor", "tertiary", "secondary", "primary"];
    ranks.iter().position(|rank| *rank == class).unwrap_or(0)
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

/// Half of all names have translations; one of ten has another one.
fn names<'a>(random: &mut Random, name: &'a str, others: &'a [String; 2]) -> Item<'a> {
    let all = [name, &others[0], &others[1]];
    let common = match random.below(4) {
        count @ 0..2 => {
            Item::Map((0..count as usize + 2).map(|at| (text(LANGUAGES[at]), text(all[at]))).collect())
        }
        _ => Item::Null,
    };
    let rules = match random.chance(1, 10) {
        true => list([Item::Struct(vec![("variant", text("alternate")), ("value", text(&others[0]))])]),
        false => Item::Null,
    };
    Item::Struct(vec![("primary", text(name)), ("common", common), ("rules", rules)])
}

/// One of twelve stretches of two vertices, which is what bridges are like, is a bridge; tunnels and links are
/// half as many.
fn flag(random: &mut Random, vertices: usize) -> Option<&'static str> {
    match random.below(if vertices == 2 { 24 } else { 120 }) {
        0 | 1 => Some("is_bridge"),
        2 => Some("is_tunnel"),
        3 => Some("is_link"),
        _ => None,
    }
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
