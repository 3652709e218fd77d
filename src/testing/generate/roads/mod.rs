//! Roads as Overture publishes them in tiles: the layers `connector` and `segment` of its theme transportation,
//! and beside these a measured speed at each vertex, which Overture has not.
//!
//! What stands in such a tile follows from two public sources. Overture's schema has the columns and what
//! may be in them (`segment`, `rules`). The profile that its tiles are made with (OvertureMaps/overture-tiles)
//! makes a property of every column but geometry and bounding box, in the order of the schema, adds `@name` from
//! `names.primary`, starts with connectors at zoom 13 and with roads at a zoom that their class tells; below zoom
//! 14 only features of at least 16 pixels have properties. The program that runs it (Planetiler) writes
//! integers as `sint_value`, leaves out what is null, and makes the id of a feature of its property `id`: ten times
//! its hash (FNV-1a of 64 bits).
//!
//! Streets, where they meet, and names are those of the generated world. Lines are not simplified. How often a
//! column has a value is an estimate for a well mapped place in the middle of Europe whose streets have names
//! in two or three languages, as in South Tyrol or Biel; the shares stand where they are used. What belongs to
//! a street or to a way of OpenStreetMap (name, surface, limits, the source) is the same on all of its segments,
//! as it is there.

mod rules;
mod segment;
mod sources;

use super::world::fixed::{Point, TILE};
use super::world::network::Network;
use crate::column::Value;
use crate::error::Result;
use crate::testing::random::Random;
use crate::tile::builder::LayerBuilder;
use crate::tile::layer::Layer;
use segment::Road;
use sources::Edits;

/// The roads that lie in a square around the largest town of the country of that number, and where they meet, as
/// the layers of one tile; roads that cross its sides are left out. The square is as wide as the tile of `zoom`, at
/// most 14, the zoom at which all roads are drawn and all features have properties.
///
/// # Errors
/// Never; roads are small.
pub fn layers(zoom: u8, seed: u64) -> Result<Vec<Layer>> {
    tile(zoom, zoom, seed)
}

/// [`layers`] with all that there is at zoom 14, whatever the zoom: what tiles for analysis have.
///
/// # Errors
/// Never; roads are small.
pub fn layers_in_full(zoom: u8, seed: u64) -> Result<Vec<Layer>> {
    tile(zoom, 14, seed)
}

/// A tile as wide as those of `zoom`, with what there is at zoom `content`.
fn tile(zoom: u8, content: u8, seed: u64) -> Result<Vec<Layer>> {
    let (zoom, content) = (zoom.min(14), content.min(14));
    let network = Network::new(seed);
    let tile = Square::around(network.centre, zoom, content);
    let mut random = Random::from_seed(seed);
    let ids = Ids {
        connectors: (0..network.connectors).map(|_| uuid(&mut random)).collect(),
        segments: network.segments.iter().map(|_| uuid(&mut random)).collect(),
    };
    let edits = Edits::new(seed);
    let mut out = Vec::new();
    if content >= 13 {
        out.push(connectors(&network, &tile, &ids, &edits, &mut random)?);
    }
    let mut layer = LayerBuilder::new("segment");
    for number in in_some_order(network.segments.len(), &mut random) {
        let segment = &network.segments[number];
        if !segment.line.iter().all(|&at| tile.contains(at)) {
            continue;
        }
        let road = Road { network: &network, number, seed, ids: &ids, edits: &edits };
        if road.first_zoom() <= content {
            road.add(&mut layer, &tile)?;
        }
    }
    out.push(layer.finish()?);
    Ok(out)
}

/// The connectors within the tile.
fn connectors(
    network: &Network,
    tile: &Square,
    ids: &Ids,
    edits: &Edits,
    random: &mut Random,
) -> Result<Layer> {
    let mut places = vec![None; network.connectors];
    for segment in &network.segments {
        for &(connector, vertex) in &segment.connectors {
            let place = (segment.line[vertex], segment.town, segment.way);
            places[connector as usize].get_or_insert(place);
        }
    }
    let mut layer = LayerBuilder::new("connector");
    for number in in_some_order(network.connectors, random) {
        let Some((at, town, way)) = places[number].filter(|&(at, ..)| tile.contains(at)) else { continue };
        let (id, [x, y]) = (&ids.connectors[number], tile.place(at));
        layer.feature(Some(feature_id(id)), |geometry| Ok(geometry.point(x, y)))?;
        // Points have no size in pixels.
        if tile.content < 14 {
            continue;
        }
        layer.property("id", Value::String(id))?;
        layer.property("version", Value::SInt(edits.version(number as u64)))?;
        let source = edits.node(number, way, town);
        layer.nested("sources", &source.item())?;
    }
    layer.finish()
}

/// The order in which features come: that in which they were mapped, more or less.
fn in_some_order(count: usize, random: &mut Random) -> impl Iterator<Item = usize> + use<> {
    let mut order: Vec<(usize, usize)> =
        (0..count).map(|number| (number + random.index(300), number)).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, number)| number)
}

/// The ids of all connectors and segments.
struct Ids {
    connectors: Vec<String>,
    segments: Vec<String>,
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

/// The id that Planetiler makes of a text.
fn feature_id(text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    hash.wrapping_mul(10)
}

/// Where the tile lies.
struct Square {
    corner: Point,
    side: i32,
    /// The zoom that tells what there is.
    content: u8,
}

impl Square {
    fn around(centre: Point, zoom: u8, content: u8) -> Self {
        let side = TILE << (14 - zoom);
        Self { corner: centre.map(|at| at - side / 2), side, content }
    }

    fn contains(&self, at: Point) -> bool {
        (0..2).all(|axis| (0..self.side).contains(&(at[axis] - self.corner[axis])))
    }

    /// How many units of the world one of the tile has.
    fn unit(&self) -> i32 {
        self.side / 4096
    }

    fn place(&self, at: Point) -> [i32; 2] {
        let unit = self.unit();
        [0, 1].map(|axis| (at[axis] - self.corner[axis] + unit / 2).div_euclid(unit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::{Column, Nested, Values};

    fn distinct(column: &Column) -> Vec<String> {
        let mut all: Vec<String> = (0..column.len()).map(|row| format!("{:?}", column.get(row))).collect();
        all.sort();
        all.dedup();
        all
    }

    #[test]
    fn ids_are_unique_and_connectors_are_shared() {
        let layers = layers(14, 1).unwrap();
        let [connectors, segments] = &layers[..] else { panic!("two layers") };
        assert!(segments.len() > 200, "{}", segments.len());
        for layer in &layers {
            assert_eq!(distinct(layer.column("id").unwrap()).len(), layer.len());
        }
        let Values::Nested(Nested::List { items, .. }) = &segments.column("connectors").unwrap().values
        else {
            panic!("no list")
        };
        let Values::Nested(Nested::Struct { fields, .. }) = &items.values else { panic!("no structs") };
        let (ends, named) = (fields[0].len(), distinct(&fields[0]));
        assert!(ends >= 2 * segments.len() && named.len() < ends * 4 / 5);
        // Those that roads name are there.
        let there = distinct(connectors.column("id").unwrap());
        assert!(named.iter().all(|id| there.binary_search(id).is_ok()));
    }

    #[test]
    fn below_zoom_14_only_long_roads_have_properties() {
        let layers = layers(12, 1).unwrap();
        assert_eq!(layers.len(), 1);
        let ids = layers[0].column("id").unwrap();
        assert!(ids.null_count() > 0 && ids.null_count() < ids.len());
        assert!(layers[0].ids().unwrap().nulls.is_none());
    }

    #[test]
    fn the_hash_is_the_published_one() {
        // From the authors' list of test vectors, of FNV-1a with 64 bits.
        assert_eq!(feature_id("foobar"), 0x85944171f73967e8u64.wrapping_mul(10));
    }
}
