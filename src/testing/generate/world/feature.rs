//! What the world is made of: shapes, rows of properties, and features that tie them to a layer.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::fixed::Point;
use crate::testing::random::{Random, mix};

/// A layer of the tileset; they have this order in a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Theme {
    Place,
    Boundary,
    Poi,
    Housenumber,
    Waterway,
    Transportation,
    TransportationName,
    Building,
    Water,
    WaterName,
    Park,
    Landuse,
    Landcover,
    MountainPeak,
}

impl Theme {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Place => "place",
            Self::Boundary => "boundary",
            Self::Poi => "poi",
            Self::Housenumber => "housenumber",
            Self::Waterway => "waterway",
            Self::Transportation => "transportation",
            Self::TransportationName => "transportation_name",
            Self::Building => "building",
            Self::Water => "water",
            Self::WaterName => "water_name",
            Self::Park => "park",
            Self::Landuse => "landuse",
            Self::Landcover => "landcover",
            Self::MountainPeak => "mountain_peak",
        }
    }
}

/// Where a feature lies.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    Point(Point),
    Line(Vec<Point>),
    /// An exterior ring and holes; the first vertex is not repeated at the end.
    Area(Vec<Vec<Point>>),
}

/// The value of a property.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Property {
    Text(String),
    Int(i64),
    /// A number given in hundredths.
    Hundredths(i32),
    Bool(bool),
}

impl From<&str> for Property {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// Properties by key.
pub(crate) type Row = Vec<(&'static str, Property)>;

/// A feature of one layer; shape and row are numbers of a [`Collection`]'s.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Feature {
    pub theme: Theme,
    /// The first and the last zoom level it is shown at.
    pub zooms: (u8, u8),
    pub shape: u32,
    pub row: u32,
    pub id: Option<u64>,
    /// Features of the same row lie in this order.
    pub order: u32,
}

/// All features of the world.
#[derive(Default)]
pub(crate) struct Collection {
    pub shapes: Vec<Shape>,
    /// The distinct rows, in the order of their first use.
    pub rows: Vec<Row>,
    pub features: Vec<Feature>,
    row_numbers: HashMap<Row, u32, FixedState>,
}

impl Collection {
    pub fn shape(&mut self, shape: Shape) -> u32 {
        self.shapes.push(shape);
        self.shapes.len() as u32 - 1
    }

    /// Adds a feature without an id, ordered by its number.
    pub fn add(&mut self, theme: Theme, zooms: (u8, u8), shape: u32, row: Row) -> &mut Feature {
        let next = self.rows.len() as u32;
        let number = *self.row_numbers.entry(row).or_insert_with_key(|row| {
            self.rows.push(row.clone());
            next
        });
        let order = self.features.len() as u32;
        self.features.push(Feature { theme, zooms, shape, row: number, id: None, order });
        self.features.last_mut().expect("just pushed")
    }

    /// Moves the features from number `from` on up to `far` places forwards in their layers' order,
    /// as if several people had mapped them over the years.
    pub fn mingle(&mut self, random: &mut Random, from: usize, far: u32) {
        for feature in &mut self.features[from..] {
            feature.order += random.below(u64::from(far)) as u32;
        }
    }
}

/// The kinds of OpenStreetMap's elements, as an id's last digit tells them.
#[derive(Clone, Copy)]
pub(crate) enum Element {
    Node = 1,
    Way = 2,
    Relation = 3,
}

/// The id of an element that somebody added who had mapped `town` before, a few times.
pub(crate) fn osm_id(random: &mut Random, element: Element, town: usize) -> Option<u64> {
    // Nodes have been numbered up to some twelve billions, the others up to one.
    let most: u64 = if matches!(element, Element::Node) { 12_000_000_000 } else { 1_200_000_000 };
    let visit = random.below(3);
    let first = mix(mix(town as u64) ^ visit) % most;
    Some((first + random.below(20_000)) * 10 + element as u64)
}
