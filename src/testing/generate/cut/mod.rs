//! Cutting the world into tiles.

mod clip;

use std::collections::BTreeMap;

use super::world::World;
use super::world::feature::{Property, Row, Shape, Theme};
use super::world::fixed::{Point, UNIT, area};
use super::world::land::bounds;
use super::world::simplify;
use crate::column::Value;
use crate::coord::TileCoord;
use crate::error::Result;
use crate::tile::builder::LayerBuilder;
use crate::tile::layer::Layer;
use clip::Frame;

/// The highest zoom level.
pub(super) const DEEPEST: u8 = 14;

/// How far geometry reaches over the edge of its tile, in the tile's units.
const BUFFER: i32 = 64;

/// Where the region's north-western corner is: the tile of zoom 14 it is the corner of.
pub(super) const CORNER: [i32; 2] = [6801, 5740];

/// What one zoom level shows, simplified, and the tiles it falls into.
pub(super) struct Level<'a> {
    world: &'a World,
    zoom: u8,
    drawn: Vec<Drawn>,
}

/// A feature as a zoom level shows it.
struct Drawn {
    theme: Theme,
    row: u32,
    order: u32,
    id: Option<u64>,
    shape: Shape,
}

impl<'a> Level<'a> {
    pub(super) fn new(world: &'a World, zoom: u8) -> Self {
        let mut level = Self { world, zoom, drawn: Vec::new() };
        // Lines of one row, which lower zoom levels join.
        let mut lines = BTreeMap::<(Theme, u32), Vec<(u32, &[Point])>>::new();
        for feature in &world.all.features {
            if !(feature.zooms.0..=feature.zooms.1).contains(&zoom) {
                continue;
            }
            let (theme, row) = (feature.theme, feature.row);
            let shape = match &world.all.shapes[feature.shape as usize] {
                // Borders stay in pieces: joined, they would run in a circle and vanish.
                Shape::Line(line) if zoom < DEEPEST && theme != Theme::Boundary => {
                    lines.entry((theme, row)).or_default().push((feature.order, line));
                    continue;
                }
                shape => level.simplified(theme, shape),
            };
            level.drawn.push(Drawn { theme, row, order: feature.order, id: feature.id, shape });
        }
        for ((theme, row), lines) in lines {
            for (order, line) in simplify::join(&lines) {
                let shape = level.simplified(theme, &Shape::Line(line));
                level.drawn.push(Drawn { theme, row, order, id: None, shape });
            }
        }
        // The order of drawing within a layer: like with like.
        level.drawn.sort_by_key(|drawn| (drawn.theme, drawn.row, drawn.order));
        level
    }

    /// The side of one of the tile's units in the world.
    fn unit(&self) -> i32 {
        UNIT << (DEEPEST - self.zoom)
    }

    /// How far simplified lines may be off, in the world: as far as about a screen's pixel of zoom
    /// 12, or, where outlines matter little, of the level itself.
    fn tolerance(&self, theme: Theme) -> Option<i32> {
        match theme {
            Theme::Boundary | Theme::Waterway | Theme::Water => (self.zoom < 12).then(|| 12 * self.unit()),
            Theme::Park | Theme::TransportationName | Theme::Building => None,
            _ => (self.zoom < 13).then_some(56 * UNIT),
        }
    }

    fn simplified(&self, theme: Theme, shape: &Shape) -> Shape {
        let Some(tolerance) = self.tolerance(theme) else { return shape.clone() };
        match shape {
            Shape::Point(point) => Shape::Point(*point),
            Shape::Line(line) => Shape::Line(simplify::line(line, tolerance)),
            Shape::Area(rings) => {
                let simple = rings.iter().map(|ring| simplify::ring(ring, tolerance));
                Shape::Area(simple.filter(|ring| ring.len() > 2).collect())
            }
        }
    }

    /// The features of each tile, by their numbers in `drawn`, tiles from west to east and north to
    /// south.
    fn tiles(&self) -> BTreeMap<[i32; 2], Vec<usize>> {
        let mut tiles: BTreeMap<[i32; 2], Vec<usize>> = BTreeMap::new();
        let (side, buffer) = (4096 * self.unit(), BUFFER * self.unit());
        for (number, drawn) in self.drawn.iter().enumerate() {
            let (low, high, reach) = match &drawn.shape {
                Shape::Point(point) => (*point, *point, 0),
                Shape::Line(line) => (bounds(line).0, bounds(line).1, buffer),
                Shape::Area(rings) => match rings.first() {
                    Some(ring) => (bounds(ring).0, bounds(ring).1, buffer),
                    None => continue,
                },
            };
            let [west, north] = [0, 1].map(|axis| (globe(low)[axis] - reach).div_euclid(side));
            let [east, south] = [0, 1].map(|axis| (globe(high)[axis] + reach).div_euclid(side));
            for x in west..=east {
                for y in north..=south {
                    tiles.entry([x, y]).or_default().push(number);
                }
            }
        }
        tiles
    }

    /// The tiles of this level that are not empty.
    pub(super) fn cut(self) -> impl Iterator<Item = (TileCoord, Vec<Layer>)> + use<'a> {
        self.tiles().into_iter().filter_map(move |([x, y], numbers)| {
            let mut layers = Vec::new();
            for features in numbers.chunk_by(|&a, &b| self.drawn[a].theme == self.drawn[b].theme) {
                let theme = self.drawn[features[0]].theme;
                layers.extend(self.layer([x, y], theme, features).expect("geometries are sound"));
            }
            let id = TileCoord::new(self.zoom, x as u32, y as u32).expect("a tile of the region");
            (!layers.is_empty()).then_some((id, layers))
        })
    }

    /// The layer of a tile, unless nothing of it is within the tile.
    fn layer(&self, tile: [i32; 2], theme: Theme, numbers: &[usize]) -> Result<Option<Layer>> {
        let mut layer = LayerBuilder::new(theme.name());
        let mut any = false;
        // Below the last level, lines of one row are one feature.
        let same_row = |&a: &usize, &b: &usize| {
            let (a, b) = (&self.drawn[a], &self.drawn[b]);
            self.zoom < DEEPEST && a.row == b.row && matches!(a.shape, Shape::Line(_))
        };
        for group in numbers.chunk_by(same_row) {
            let first = &self.drawn[group[0]];
            let shapes = group.iter().map(|&number| &self.drawn[number].shape);
            let parts: Vec<Vec<Point>> = shapes.flat_map(|shape| self.parts(tile, shape)).collect();
            if parts.is_empty() {
                continue;
            }
            let parts: Vec<&[Point]> = parts.iter().map(Vec::as_slice).collect();
            layer.feature(first.id, |geometry| match first.shape {
                Shape::Point(_) => Ok(geometry.point(parts[0][0][0], parts[0][0][1])),
                Shape::Line(_) if parts.len() == 1 => geometry.line_string(parts[0]),
                Shape::Line(_) => geometry.multi_line_string(&parts),
                Shape::Area(_) => geometry.polygon(&parts),
            })?;
            for (key, property) in &self.world.all.rows[first.row as usize] {
                layer.property(key, value(property))?;
            }
            any = true;
        }
        Ok(if any { Some(layer.finish()?) } else { None })
    }

    /// The lines or rings of a shape within a tile, in the tile's units.
    fn parts(&self, tile: [i32; 2], shape: &Shape) -> Vec<Vec<Point>> {
        let (side, buffer) = (4096 * self.unit(), BUFFER * self.unit());
        // The tile's corner as the world counts.
        let corner = [0, 1].map(|axis| tile[axis] * side - globe([0, 0])[axis]);
        let frame = Frame {
            low: corner.map(|at| at - buffer),
            high: corner.map(|at| at.saturating_add(side + buffer)),
        };
        let unit = self.unit();
        let to_grid = |line: Vec<Point>| {
            let mut grid: Vec<Point> = line
                .iter()
                .map(|point| [0, 1].map(|axis| (point[axis] - corner[axis] + unit / 2).div_euclid(unit)))
                .collect();
            grid.dedup();
            grid
        };
        match shape {
            Shape::Point(point) => vec![to_grid(vec![*point])],
            Shape::Line(line) => {
                clip::line(line, &frame).into_iter().map(to_grid).filter(|line| line.len() > 1).collect()
            }
            Shape::Area(rings) => {
                let mut parts = Vec::new();
                for (index, ring) in rings.iter().enumerate() {
                    let mut ring = to_grid(clip::ring(ring, &frame));
                    if ring.len() > 1 && ring.first() == ring.last() {
                        ring.pop();
                    }
                    // A ring that shrank to nothing; with the outer one, the holes go.
                    let size = area(&ring);
                    if ring.len() > 2 && if index == 0 { size > 0 } else { size < 0 } {
                        parts.push(ring);
                    } else if index == 0 {
                        break;
                    }
                }
                parts
            }
        }
    }
}

/// A place counted from the map's north-western corner.
fn globe([x, y]: Point) -> Point {
    [x + CORNER[0] * 4096 * UNIT, y + CORNER[1] * 4096 * UNIT]
}

fn value(property: &Property) -> Value<'_> {
    match property {
        Property::Text(text) => Value::String(text),
        Property::Int(number) => Value::Int(*number),
        Property::Hundredths(number) => Value::Double(f64::from(*number) / 100.0),
        Property::Bool(flag) => Value::Bool(*flag),
    }
}

/// The type TileJSON gives a property.
pub(super) fn type_name(row: &Row, key: &str) -> Option<&'static str> {
    row.iter().find(|(name, _)| *name == key).map(|(_, property)| match property {
        Property::Text(_) => "String",
        Property::Int(_) | Property::Hundredths(_) => "Number",
        Property::Bool(_) => "Boolean",
    })
}
