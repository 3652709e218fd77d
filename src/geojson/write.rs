//! Layers as GeoJSON.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::measures;
use super::project::Projection;
use crate::column::{Value, json};
use crate::geometry::GeometryType;
use crate::geometry::turn::turn;
use crate::tile::layer::Layer;
use crate::tile::measures::Heights;

/// How features are held together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// One FeatureCollection, a feature on a line.
    #[default]
    Collection,
    /// Features, each on a line, and nothing else (newline-delimited GeoJSON).
    Lines,
}

/// What a [`Writer`] could not write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unwritten {
    /// Features without a geometry proper, whose `geometry` is null.
    pub geometries: u64,
    /// Values that a feature has under a key or for a measure that it has a value for already.
    pub repeated: u64,
}

/// Writes features as GeoJSON, one by one.
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
    form: Form,
    layers: bool,
    any: bool,
    line: String,
    unwritten: Unwritten,
}

impl<W: Write> Writer<W> {
    /// A writer to `out`, which should have a buffer.
    pub fn new(out: W, form: Form) -> Self {
        Self { out, form, layers: true, any: false, line: String::new(), unwritten: Unwritten::default() }
    }

    /// Leaves out which layer a feature belongs to, the member `tippecanoe`.
    #[must_use]
    pub fn without_layers(mut self) -> Self {
        self.layers = false;
        self
    }

    /// Writes the features of a layer, whose coordinates are in units of `grid`.
    ///
    /// # Errors
    /// Those of the output.
    pub fn layer(&mut self, layer: &Layer, grid: &Projection) -> io::Result<()> {
        (0..layer.len()).try_for_each(|row| self.feature(layer, row, grid))
    }

    /// Writes feature `row` of a layer, whose coordinates are in units of `grid`.
    ///
    /// # Errors
    /// Those of the output.
    ///
    /// # Panics
    /// If there is no such feature.
    pub fn feature(&mut self, layer: &Layer, row: usize, grid: &Projection) -> io::Result<()> {
        self.line.clear();
        self.line.push_str(match (self.form, self.any) {
            (Form::Collection, false) => "{\"type\":\"FeatureCollection\",\"features\":[\n",
            (Form::Collection, true) => ",\n",
            (Form::Lines, _) => "",
        });
        let line = &mut self.line;
        line.push_str("{\"type\":\"Feature\"");
        if let Some(id) = layer.ids().and_then(|ids| ids.get(row)) {
            // Writing to a string does not fail.
            let _ = write!(line, ",\"id\":{id}");
        }
        if self.layers {
            line.push_str(",\"tippecanoe\":{\"layer\":");
            json::string(&layer.name, line);
            line.push('}');
        }
        line.push_str(",\"properties\":{");
        self.unwritten.repeated += properties(layer, row, line);
        line.push_str("},\"geometry\":");
        match Shape::new(layer, row) {
            Some(shape) => shape.write_geometry(grid, line),
            None => {
                self.unwritten.geometries += 1;
                line.push_str("null");
            }
        }
        line.push('}');
        if self.form == Form::Lines {
            line.push('\n');
        }
        self.any = true;
        self.out.write_all(self.line.as_bytes())
    }

    /// Ends the collection, and tells what could not be written.
    ///
    /// # Errors
    /// Those of the output.
    pub fn finish(mut self) -> io::Result<(W, Unwritten)> {
        if self.form == Form::Collection {
            self.out.write_all(match self.any {
                true => b"\n]}\n",
                false => b"{\"type\":\"FeatureCollection\",\"features\":[]}\n",
            })?;
        }
        self.out.flush()?;
        Ok((self.out, self.unwritten))
    }
}

/// Appends what stands in the braces of `properties`, and tells how many values had no room.
fn properties(layer: &Layer, row: usize, out: &mut String) -> u64 {
    let mut written: Vec<&str> = Vec::new();
    let mut repeated = 0;
    let shape = Shape::new(layer, row);
    let measures = shape.as_ref().map_or_else(Vec::new, Shape::measures);
    if let (Some(shape), false) = (&shape, measures.is_empty()) {
        written.push(measures::KEY);
        json::string(measures::KEY, out);
        out.push_str(":{");
        let mut names: Vec<&str> = Vec::new();
        for (name, values) in &measures {
            if names.contains(name) {
                repeated += 1;
                continue;
            }
            if !names.is_empty() {
                out.push(',');
            }
            names.push(name);
            json::string(name, out);
            out.push(':');
            shape.write(&mut |vertex, out| json::value(values[vertex - shape.first], out), out);
        }
        out.push('}');
    }
    for column in layer.columns() {
        let Some(value) = column.get(row) else { continue };
        if written.contains(&&column.name[..]) {
            repeated += 1;
            continue;
        }
        if !written.is_empty() {
            out.push(',');
        }
        written.push(&column.name);
        json::string(&column.name, out);
        out.push(':');
        json::value(value, out);
    }
    repeated
}

/// A feature's geometry, on its way out.
struct Shape<'a> {
    layer: &'a Layer,
    row: usize,
    kind: GeometryType,
    /// The number of its first vertex.
    first: usize,
}

impl<'a> Shape<'a> {
    /// None if it is no geometry proper.
    fn new(layer: &'a Layer, row: usize) -> Option<Self> {
        let kind = layer.geometry.geometry_type(row);
        let first = layer.geometry.feature_vertices(row).start;
        (kind != GeometryType::Commands).then_some(Self { layer, row, kind, first })
    }

    /// The values that its vertices have, each with its name.
    fn measures(&self) -> Vec<(&'a str, Vec<Value<'a>>)> {
        let vertices = || self.layer.geometry.feature_vertices(self.row);
        let measures = self.layer.measures.iter();
        measures.filter_map(|measure| Some((&measure.name[..], measure.get(self.row, vertices())?))).collect()
    }

    fn write_geometry(&self, grid: &Projection, out: &mut String) {
        let heights = self.layer.heights.as_ref().filter(|heights| heights.is_valid(self.row));
        let decimals = heights.map_or(0, |heights| decimals(heights.scale));
        let _ = write!(out, "{{\"type\":\"{}\",\"coordinates\":", self.kind.name());
        let vertices = &self.layer.geometry.vertices;
        let mut position = |vertex: usize, out: &mut String| {
            let [x, y] = grid.to_rounded_degrees([vertices[2 * vertex], vertices[2 * vertex + 1]]);
            let _ = match heights {
                Some(heights) => write!(out, "[{x},{y},{}]", height(heights, vertex, decimals)),
                None => write!(out, "[{x},{y}]"),
            };
        };
        self.write(&mut position, out);
        out.push('}');
    }

    /// Appends something for each vertex, in the arrays that the geometry's coordinates have.
    fn write(&self, each: &mut dyn FnMut(usize, &mut String), out: &mut String) {
        let geometry = &self.layer.geometry;
        let parts = geometry.parts(self.row);
        let ring_of = |part: usize| geometry.rings(part).start;
        match self.kind {
            GeometryType::Point => each(self.first, out),
            GeometryType::LineString => self.write_ring(ring_of(parts.start), each, out),
            GeometryType::Polygon => self.write_rings(parts.start, each, out),
            GeometryType::MultiPoint => array(0..parts.len(), out, |at, out| each(self.first + at, out)),
            GeometryType::MultiLineString => {
                array(parts, out, |part, out| self.write_ring(ring_of(part), each, out));
            }
            GeometryType::MultiPolygon | GeometryType::Commands => {
                array(parts, out, |part, out| self.write_rings(part, each, out));
            }
        }
    }

    fn write_rings(&self, part: usize, each: &mut dyn FnMut(usize, &mut String), out: &mut String) {
        array(self.layer.geometry.rings(part), out, |ring, out| self.write_ring(ring, each, out));
    }

    /// Appends a line, or a ring, which turns counter-clockwise if it is a polygon's first one, else
    /// clockwise, and is closed.
    fn write_ring(&self, ring: usize, each: &mut dyn FnMut(usize, &mut String), out: &mut String) {
        let geometry = &self.layer.geometry;
        let vertices = geometry.ring(ring);
        let (first, len) = (geometry.ring_start(ring), vertices.len() / 2);
        if !self.kind.is_polygonal() {
            return array(0..len, out, |at, out| each(first + at, out));
        }
        let is_exterior = geometry.parts(self.row).any(|part| geometry.rings(part).start == ring);
        // Seen with y down, clockwise is −1.
        let turned = turn(vertices) == if is_exterior { -1 } else { 1 };
        let at = |step: usize| if turned { (len - step) % len } else { step % len };
        array(0..len + 1, out, |step, out| each(first + at(step), out));
    }
}

fn array(range: std::ops::Range<usize>, out: &mut String, mut each: impl FnMut(usize, &mut String)) {
    out.push('[');
    for index in range.clone() {
        if index > range.start {
            out.push(',');
        }
        each(index, out);
    }
    out.push(']');
}

/// How many decimals of a metre tell steps of that size apart, and hide how doubles are rounded.
fn decimals(scale: f64) -> i32 {
    (libm::log10(1.0 / scale).ceil() as i32 + 3).clamp(0, 15)
}

fn height(heights: &Heights, vertex: usize, decimals: i32) -> f64 {
    let (metres, power) = (heights.metres(vertex), 10f64.powi(decimals));
    let rounded = (metres * power).round() / power + 0.0;
    if rounded.is_finite() { rounded } else { metres }
}
