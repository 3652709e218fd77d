//! The road network as a graph: streets cut where others join them, and the places where they meet.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::fixed::{Point, about};
use super::names;
use super::region::Region;
use super::streets::{Class, Streets};
use super::towns;
use crate::testing::random::Random;

/// The roads of a country, and where they meet.
pub(crate) struct Network {
    /// Those of a street one after the other.
    pub segments: Vec<Segment>,
    /// How many connectors there are.
    pub connectors: usize,
    /// The middle of the largest town.
    pub centre: Point,
}

/// A stretch of a street, from one place where others join it to the next.
pub(crate) struct Segment {
    pub line: Vec<Point>,
    pub class: &'static str,
    pub name: Option<String>,
    /// The numbers of the street, of the stretch of it that was mapped in one go, and of its town.
    pub street: usize,
    pub way: usize,
    pub town: Option<usize>,
    /// The connectors along it, by their numbers and the vertices that they are at, those of both ends
    /// among them.
    pub connectors: Vec<(u32, usize)>,
}

/// What is at a vertex: how many streets, and whether one of them is more than a way to a door.
#[derive(Default)]
struct Place {
    streets: u32,
    last: Option<usize>,
    roads: u32,
    connector: Option<u32>,
}

impl Network {
    /// The roads of the country of that number.
    pub fn new(seed: u64) -> Self {
        let random = &mut Random::from_seed(seed);
        let region = Region::new(random);
        // Of the country, which takes its turn in the world, too.
        names::place(random);
        let towns = towns::towns(random, &region);
        let streets = Streets::new(random, &region, &towns);
        let mut places: HashMap<Point, Place, FixedState> = HashMap::default();
        for (number, street) in streets.list.iter().enumerate() {
            for &at in &street.line {
                let place = places.entry(at).or_default();
                if place.last != Some(number) {
                    place.streets += 1;
                    place.roads += u32::from(street.class <= Class::Minor || street.class == Class::Rail);
                    place.last = Some(number);
                }
            }
        }
        let centre = towns.iter().max_by_key(|town| town.weight).map_or([0, 0], |town| town.centre);
        let mut network = Self { segments: Vec::new(), connectors: 0, centre };
        let mut way = 0;
        for (number, street) in streets.list.iter().enumerate() {
            let last = street.line.len() - 1;
            let is_road = street.class <= Class::Minor;
            let (mut start, mut connectors) = (0, Vec::new());
            // Streets are mapped in pieces of a few stretches each.
            let mut left = about(random, 3 << 8, 300) >> 8;
            way += 1;
            for (index, at) in street.line.iter().enumerate() {
                let place = places.get_mut(at).expect("every vertex has been seen");
                let ends = index == 0 || index == last;
                if !ends && place.streets < 2 {
                    continue;
                }
                let connector = *place.connector.get_or_insert_with(|| {
                    network.connectors += 1;
                    network.connectors as u32 - 1
                });
                connectors.push((connector, index - start));
                // Where only drives and paths join, a road goes on.
                if index == 0 || !(index == last || !is_road || place.roads > 1) {
                    continue;
                }
                network.segments.push(Segment {
                    line: street.line[start..=index].to_vec(),
                    class: street.class.name(),
                    name: street.name.clone(),
                    street: number,
                    way,
                    town: street.town,
                    connectors: std::mem::replace(&mut connectors, vec![(connector, 0)]),
                });
                start = index;
                left -= 1;
                if left <= 0 {
                    way += 1;
                    left = about(random, 3 << 8, 300) >> 8;
                }
            }
        }
        network
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// About 1.2 connectors for each road as where roads are well mapped, and what meets at one has a vertex
    /// there.
    #[test]
    fn roads_meet_where_they_share_a_vertex() {
        let network = Network::new(1);
        let mut places = vec![None; network.connectors];
        for segment in &network.segments {
            assert!(segment.line.len() > 1 && segment.connectors.len() > 1);
            assert_eq!(segment.connectors[0].1, 0);
            assert_eq!(segment.connectors[segment.connectors.len() - 1].1, segment.line.len() - 1);
            for &(connector, vertex) in &segment.connectors {
                let place = *places[connector as usize].get_or_insert(segment.line[vertex]);
                assert_eq!(place, segment.line[vertex]);
            }
        }
        let ends: usize = network.segments.iter().map(|segment| segment.connectors.len()).sum();
        println!("{} roads, {} connectors, {ends} ends", network.segments.len(), network.connectors);
        assert!(places.iter().all(Option::is_some));
        assert!(network.connectors < network.segments.len() * 3 / 2);
        assert!(ends > network.connectors * 3 / 2);
    }
}
