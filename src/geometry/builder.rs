//! Geometries built vertex by vertex.

use super::{Commands, Geometry, GeometryType};
use crate::array::offsets;
use crate::error::{Error, Result};

/// Builds the geometries of a layer feature by feature: vertices first, then the ends of the ring,
/// part and feature they belong to.
#[derive(Clone, Debug)]
pub struct GeometryBuilder {
    types: Vec<u8>,
    geometry_offsets: Vec<i32>,
    part_offsets: Vec<i32>,
    ring_offsets: Vec<i32>,
    vertices: Vec<i32>,
    command_types: Vec<u32>,
    command_offsets: Vec<i32>,
    commands: Vec<u32>,
    /// Which types occur, by number.
    seen: [bool; 7],
}

impl Default for GeometryBuilder {
    fn default() -> Self {
        Self {
            types: Vec::new(),
            geometry_offsets: vec![0],
            part_offsets: vec![0],
            ring_offsets: vec![0],
            vertices: Vec::new(),
            command_types: Vec::new(),
            command_offsets: vec![0],
            commands: Vec::new(),
            seen: [false; 7],
        }
    }
}

impl GeometryBuilder {
    /// The number of features so far.
    pub fn len(&self) -> usize {
        self.types.len()
    }

    /// Whether there are no features yet.
    pub fn is_empty(&self) -> bool {
        self.types.is_empty()
    }

    /// Adds a point.
    pub fn point(&mut self, x: i32, y: i32) -> &mut Self {
        self.vertex(x, y);
        self.end_ring();
        self.end_part();
        self.end_feature(GeometryType::Point);
        self
    }

    /// Adds several points as one feature.
    ///
    /// # Errors
    /// If there are none.
    pub fn multi_point(&mut self, points: &[[i32; 2]]) -> Result<&mut Self> {
        need(!points.is_empty(), "a multi-point without points")?;
        for &[x, y] in points {
            self.vertex(x, y);
            self.end_ring();
            self.end_part();
        }
        self.end_feature(GeometryType::MultiPoint);
        Ok(self)
    }

    /// Adds a line.
    ///
    /// # Errors
    /// If it has fewer than two vertices.
    pub fn line_string(&mut self, line: &[[i32; 2]]) -> Result<&mut Self> {
        need(line.len() >= 2, "a line of fewer than two vertices")?;
        self.whole_ring(line);
        self.end_part();
        self.end_feature(GeometryType::LineString);
        Ok(self)
    }

    /// Adds several lines as one feature.
    ///
    /// # Errors
    /// If there are none, or one has fewer than two vertices.
    pub fn multi_line_string(&mut self, lines: &[&[[i32; 2]]]) -> Result<&mut Self> {
        need(!lines.is_empty(), "a multi-line without lines")?;
        need(lines.iter().all(|line| line.len() >= 2), "a line of fewer than two vertices")?;
        for line in lines {
            self.whole_ring(line);
            self.end_part();
        }
        self.end_feature(GeometryType::MultiLineString);
        Ok(self)
    }

    /// Adds a polygon of rings, the exterior one first; the first vertex is not repeated at the
    /// end.
    ///
    /// # Errors
    /// If there are no rings, or one has fewer than two vertices.
    pub fn polygon(&mut self, rings: &[&[[i32; 2]]]) -> Result<&mut Self> {
        self.polygon_part(rings)?;
        self.end_feature(GeometryType::Polygon);
        Ok(self)
    }

    /// Adds several polygons as one feature.
    ///
    /// # Errors
    /// As [`Self::polygon`], and if there are no polygons. Nothing is added then.
    pub fn multi_polygon(&mut self, polygons: &[&[&[[i32; 2]]]]) -> Result<&mut Self> {
        need(!polygons.is_empty(), "a multi-polygon without polygons")?;
        polygons.iter().try_for_each(|rings| check_rings(rings))?;
        for rings in polygons {
            self.polygon_part(rings)?;
        }
        self.end_feature(GeometryType::MultiPolygon);
        Ok(self)
    }

    fn polygon_part(&mut self, rings: &[&[[i32; 2]]]) -> Result<()> {
        check_rings(rings)?;
        for ring in rings {
            self.whole_ring(ring);
        }
        self.end_part();
        Ok(())
    }

    fn whole_ring(&mut self, ring: &[[i32; 2]]) {
        for &[x, y] in ring {
            self.vertex(x, y);
        }
        self.end_ring();
    }

    /// Adds a feature whose geometry is kept as MVT's command integers.
    pub fn commands(&mut self, mvt_type: u32, commands: &[u32]) -> &mut Self {
        self.commands.extend_from_slice(commands);
        self.end_commands(mvt_type);
        self
    }

    /// Appends a command integer to the open feature.
    #[inline]
    pub(crate) fn command(&mut self, integer: u32) {
        self.commands.push(integer);
    }

    /// Ends a feature whose geometry is the command integers since the last such one's end.
    pub(crate) fn end_commands(&mut self, mvt_type: u32) {
        self.command_types.push(mvt_type);
        self.command_offsets.push(self.commands.len() as i32);
        self.end_feature(GeometryType::Commands);
    }

    /// Appends a vertex to the open ring.
    #[inline]
    pub(crate) fn vertex(&mut self, x: i32, y: i32) {
        self.vertices.extend_from_slice(&[x, y]);
    }

    /// Makes room for `count` vertices.
    #[inline]
    pub(crate) fn reserve_vertices(&mut self, count: usize) {
        self.vertices.reserve(2 * count);
    }

    /// Makes room for `count` features of one part each.
    pub(crate) fn reserve_features(&mut self, count: usize) {
        self.types.reserve(count);
        self.geometry_offsets.reserve(count);
        self.part_offsets.reserve(count);
        self.ring_offsets.reserve(count);
    }

    /// The interleaved vertices so far.
    pub(crate) fn vertices(&self) -> &[i32] {
        &self.vertices
    }

    /// Ends the open ring, line or point.
    #[inline]
    pub(crate) fn end_ring(&mut self) {
        self.ring_offsets.push((self.vertices.len() / 2) as i32);
    }

    /// Ends the open part: the rings since the last one's end.
    #[inline]
    pub(crate) fn end_part(&mut self) {
        self.part_offsets.push((self.ring_offsets.len() - 1) as i32);
    }

    /// Makes each of the last `count` vertices, which belong to no ring yet, a part of its own.
    #[inline]
    pub(crate) fn end_points(&mut self, count: usize) {
        let vertices = self.vertices.len() / 2;
        self.ring_offsets.extend((vertices - count + 1..=vertices).map(|end| end as i32));
        let rings = self.ring_offsets.len() - 1;
        self.part_offsets.extend((rings - count + 1..=rings).map(|end| end as i32));
    }

    /// Ends the feature: the parts since the last one's end are its geometry of type
    /// `geometry_type`, which the caller has checked to fit.
    #[inline]
    pub(crate) fn end_feature(&mut self, geometry_type: GeometryType) {
        self.geometry_offsets.push((self.part_offsets.len() - 1) as i32);
        self.types.push(geometry_type as u8);
        self.seen[geometry_type as usize] = true;
    }

    /// Drops the vertices, rings and parts added since the last feature's end.
    pub(crate) fn abandon_feature(&mut self) {
        let parts = self.geometry_offsets[self.types.len()] as usize;
        self.part_offsets.truncate(parts + 1);
        let rings = self.part_offsets[parts] as usize;
        self.ring_offsets.truncate(rings + 1);
        self.vertices.truncate(2 * self.ring_offsets[rings] as usize);
    }

    /// The geometries, with the levels that hold nothing left out.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] if there are more than 2^31 − 1 vertices or command
    /// integers.
    pub fn finish(self) -> Result<Geometry> {
        let most = i32::MAX as usize;
        need(
            self.vertices.len() / 2 <= most && self.commands.len() <= most,
            "more than 2^31 - 1 vertices in a layer",
        )?;
        let has = |wanted: fn(GeometryType) -> bool| {
            GeometryType::ALL.into_iter().any(|kind| self.seen[kind as usize] && wanted(kind))
        };
        let multi = has(|kind| kind.is_multi() || kind == GeometryType::Commands);
        let polygonal = has(GeometryType::is_polygonal);
        let rings = polygonal || has(GeometryType::is_linear);
        Ok(Geometry {
            types: self.types.into(),
            geometry_offsets: multi.then(|| offsets::seal(self.geometry_offsets)),
            part_offsets: polygonal.then(|| offsets::seal(self.part_offsets)),
            ring_offsets: rings.then(|| offsets::seal(self.ring_offsets)),
            vertices: self.vertices.into(),
            commands: (!self.command_types.is_empty()).then(|| Commands {
                types: self.command_types.into(),
                offsets: offsets::seal(self.command_offsets),
                values: self.commands.into(),
            }),
            indices: None,
        })
    }
}

fn check_rings(rings: &[&[[i32; 2]]]) -> Result<()> {
    need(!rings.is_empty(), "a polygon without rings")?;
    need(rings.iter().all(|ring| ring.len() >= 2), "a ring of fewer than two vertices")
}

fn need(condition: bool, what: &'static str) -> Result<()> {
    if condition { Ok(()) } else { Err(Error::input(what)) }
}
