//! Features and geometries as GeoJSON has them, and how they are read.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::coordinates::Coordinates;
use crate::error::{Error, Result};
use crate::geometry::GeometryType;

/// A feature.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Feature {
    /// Which one of the input it is, from 1.
    pub number: u64,
    /// A number or a string.
    pub id: Option<Value>,
    /// One as a rule, none for `null`, all those of a GeometryCollection.
    pub geometries: Vec<Geometry>,
    /// The properties; nothing for `null`.
    pub properties: Map<String, Value>,
    /// The layer that the feature names.
    pub layer: Option<String>,
}

/// A geometry: positions, and the rings and parts they belong to. A ring is a line, a polygon's ring or a
/// single position; a part is a polygon or one of these.
#[derive(Clone, Debug, PartialEq)]
pub struct Geometry {
    /// The type; never [`GeometryType::Commands`].
    pub geometry_type: GeometryType,
    /// Longitude and latitude of each position, in degrees. A polygon's rings end where they start.
    pub positions: Vec<[f64; 2]>,
    /// The heights of all positions in metres, if they have some.
    pub heights: Option<Vec<f64>>,
    /// Where each ring ends among the positions.
    pub ring_ends: Vec<usize>,
    /// Where each part ends among the rings.
    pub part_ends: Vec<usize>,
    /// How many numbers behind the third one positions had, which are left out.
    pub further: u64,
}

impl Geometry {
    /// The geometry of that type and these coordinates; none if there are no positions.
    fn new(name: &str, coordinates: Coordinates) -> Result<Option<Self>, String> {
        use GeometryType as Type;
        let known = [
            ("Point", Type::Point, 0),
            ("LineString", Type::LineString, 1),
            ("MultiPoint", Type::MultiPoint, 1),
            ("Polygon", Type::Polygon, 2),
            ("MultiLineString", Type::MultiLineString, 2),
            ("MultiPolygon", Type::MultiPolygon, 3),
        ];
        let Some(&(_, geometry_type, expected)) = known.iter().find(|(known, ..)| *known == name) else {
            return Err(format!("a geometry of type {name:?}"));
        };
        let Coordinates { levels, positions, heights, ends: [first, second, _], further } = coordinates;
        let Some(levels) = levels else { return Ok(None) };
        if levels != expected {
            return Err(format!("the positions of a {name} lie in {levels} arrays, not in {expected}"));
        }
        if !heights.is_empty() && heights.len() != positions.len() {
            return Err("some positions have a height, others have none".into());
        }
        let each = |count: usize| (1..=count).collect::<Vec<usize>>();
        let (ring_ends, part_ends) = match geometry_type {
            Type::Point | Type::MultiPoint => (each(positions.len()), each(positions.len())),
            Type::LineString => (first, vec![1]),
            Type::Polygon => (first, second),
            Type::MultiLineString => {
                let parts = each(first.len());
                (first, parts)
            }
            Type::MultiPolygon | Type::Commands => (first, second),
        };
        let heights = (!heights.is_empty()).then_some(heights);
        let geometry = Self { geometry_type, positions, heights, ring_ends, part_ends, further };
        let least = if geometry_type.is_polygonal() { 3 } else { 2 };
        if (geometry_type.is_linear() || geometry_type.is_polygonal())
            && geometry.rings().any(|ring| ring.len() < least)
        {
            let what = if geometry_type.is_linear() { "line" } else { "ring" };
            return Err(format!("a {what} of fewer than {least} positions"));
        }
        Ok(Some(geometry))
    }

    /// The places of the positions of each ring.
    pub fn rings(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        ranges(&self.ring_ends)
    }

    /// The places of the rings of each part.
    pub fn parts(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        ranges(&self.part_ends)
    }

    /// Whether the ring ends where it starts, so that its last position says nothing.
    pub(super) fn is_closed(&self, ring: &std::ops::Range<usize>) -> bool {
        self.geometry_type.is_polygonal()
            && ring.len() > 2
            && is_same_place(self.positions[ring.start], self.positions[ring.end - 1])
    }

    /// The least and the greatest longitude and latitude.
    pub fn bounds(&self) -> [[f64; 2]; 2] {
        let mut bounds = [[f64::INFINITY; 2], [f64::NEG_INFINITY; 2]];
        for position in &self.positions {
            for axis in 0..2 {
                bounds[0][axis] = bounds[0][axis].min(position[axis]);
                bounds[1][axis] = bounds[1][axis].max(position[axis]);
            }
        }
        bounds
    }

    /// That positions are longitudes and latitudes.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] if a latitude lies beyond 90 degrees, or a longitude beyond 360.
    pub fn check(&self) -> Result<()> {
        match self.positions.iter().find(|[x, y]| !(x.abs() <= 360.0 && y.abs() <= 90.0)) {
            None => Ok(()),
            Some(position) => Err(Error::input(format!(
                "{position:?} is no longitude and latitude in degrees, as GeoJSON wants them"
            ))),
        }
    }
}

/// Whether two places are the very same one, in every bit but the sign of 0.
#[allow(clippy::float_cmp, reason = "copies of one place, not results of computations")]
pub(super) fn is_same_place(a: [f64; 2], b: [f64; 2]) -> bool {
    a == b
}

fn ranges(ends: &[usize]) -> impl Iterator<Item = std::ops::Range<usize>> {
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(ends).map(|(start, &end)| start..end)
}

/// The geometries of a geometry: one, none, or those of a collection.
pub(super) struct Geometries(pub(super) Vec<Geometry>);

impl Geometries {
    /// Those of an object of that type with these members.
    pub(super) fn new<E: serde::de::Error>(
        name: &str,
        coordinates: Option<Coordinates>,
        geometries: Option<Vec<Geometries>>,
    ) -> Result<Self, E> {
        Ok(Self(match (name, coordinates, geometries) {
            ("GeometryCollection", _, Some(geometries)) => {
                geometries.into_iter().flat_map(|geometries| geometries.0).collect()
            }
            ("GeometryCollection", _, None) => return Err(E::missing_field("geometries")),
            (name, Some(coordinates), _) => {
                Geometry::new(name, coordinates).map_err(E::custom)?.into_iter().collect()
            }
            (name, None, _) => {
                // An unknown type is what is wrong then.
                Geometry::new(name, Coordinates::default()).map_err(E::custom)?;
                return Err(E::missing_field("coordinates"));
            }
        }))
    }
}

impl<'de> Deserialize<'de> for Geometries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(GeometryVisitor)
    }
}

struct GeometryVisitor;

impl<'de> Visitor<'de> for GeometryVisitor {
    type Value = Geometries;

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("a geometry or null")
    }

    fn visit_unit<E>(self) -> Result<Geometries, E> {
        Ok(Geometries(Vec::new()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Geometries, A::Error> {
        let (mut name, mut coordinates, mut geometries) = (None::<String>, None, None);
        while let Some(key) = members.next_key::<String>()? {
            match &key[..] {
                "type" => name = Some(members.next_value()?),
                "coordinates" => coordinates = Some(members.next_value()?),
                "geometries" => geometries = Some(members.next_value()?),
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        let name = name.ok_or_else(|| A::Error::missing_field("type"))?;
        Geometries::new(&name, coordinates, geometries)
    }
}
