//! The geometries of a layer in memory: types, nested offsets and one run of vertices, in the
//! layout that GeoArrow has for points, lines, polygons and their multi forms.

pub(crate) mod builder;
pub(crate) mod column;
pub(crate) mod describe;
mod hilbert;
mod ice;
pub(crate) mod joint;
mod parts;
mod plain;
mod references;
mod take;
#[cfg(feature = "triangles")]
mod tessellate;
mod topology;
pub(crate) mod turn;
pub(crate) mod vertices;

pub(crate) use topology::Topology;

use crate::array::{OffsetBuffer, ScalarBuffer};
use crate::error::{Error, Result};

/// The type of a feature's geometry. The numbers are those of the GeometryType stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum GeometryType {
    /// One vertex.
    Point = 0,
    /// One line of at least two vertices.
    LineString = 1,
    /// One polygon: an exterior ring and any number of interior ones.
    Polygon = 2,
    /// Several vertices.
    MultiPoint = 3,
    /// Several lines.
    MultiLineString = 4,
    /// Several polygons.
    MultiPolygon = 5,
    /// No geometry of the kinds above: the integers of MVT's command language as they stood in the
    /// source, which are not a well-formed geometry (none at all, an open ring, an unknown
    /// command …). Kept so that nothing is lost; readers that want geometry take it for none.
    Commands = 6,
}

impl GeometryType {
    /// Every type, in the order of their numbers.
    pub const ALL: [Self; 7] = [
        Self::Point,
        Self::LineString,
        Self::Polygon,
        Self::MultiPoint,
        Self::MultiLineString,
        Self::MultiPolygon,
        Self::Commands,
    ];

    /// The type of number `id`.
    pub fn from_id(id: u8) -> Option<Self> {
        Self::ALL.get(usize::from(id)).copied()
    }

    /// Whether the number of parts is not fixed to one.
    pub fn is_multi(self) -> bool {
        matches!(self, Self::MultiPoint | Self::MultiLineString | Self::MultiPolygon)
    }

    /// Whether parts consist of rings.
    pub fn is_polygonal(self) -> bool {
        matches!(self, Self::Polygon | Self::MultiPolygon)
    }

    /// Whether parts are lines.
    pub fn is_linear(self) -> bool {
        matches!(self, Self::LineString | Self::MultiLineString)
    }

    /// The name, as in OGC's Simple Features.
    pub fn name(self) -> &'static str {
        match self {
            Self::Point => "Point",
            Self::LineString => "LineString",
            Self::Polygon => "Polygon",
            Self::MultiPoint => "MultiPoint",
            Self::MultiLineString => "MultiLineString",
            Self::MultiPolygon => "MultiPolygon",
            Self::Commands => "Commands",
        }
    }
}

/// The geometries of a layer, one per feature.
///
/// ```text
/// feature i ── geometry_offsets ──▶ parts ── part_offsets ──▶ rings ── ring_offsets ──▶ vertices
/// ```
///
/// A part is a point, a line or a polygon; a ring is a polygon's ring, a line, or a single vertex.
/// A level at which everything has exactly one child in every layer of its kinds is left out:
/// `geometry_offsets` is there only if a feature is of a multi type (or has no geometry proper),
/// `part_offsets` only if one is polygonal, `ring_offsets` only if one is polygonal or linear. So a
/// layer of points is just its vertices, and one of polygons has the two levels of GeoArrow's
/// polygon array.
#[derive(Clone, Debug, PartialEq)]
pub struct Geometry {
    pub(crate) types: ScalarBuffer<u8>,
    pub(crate) geometry_offsets: Option<OffsetBuffer<i32>>,
    pub(crate) part_offsets: Option<OffsetBuffer<i32>>,
    pub(crate) ring_offsets: Option<OffsetBuffer<i32>>,
    pub(crate) vertices: ScalarBuffer<i32>,
    pub(crate) commands: Option<Commands>,
    pub(crate) indices: Option<ScalarBuffer<u32>>,
}

/// The command integers of the features of type [`GeometryType::Commands`], in feature order.
#[derive(Clone, Debug, PartialEq)]
pub struct Commands {
    /// The geometry type MVT gave the feature; any number.
    pub types: ScalarBuffer<u32>,
    /// Where each feature's integers start and end in `values`.
    pub offsets: OffsetBuffer<i32>,
    /// The command and parameter integers.
    pub values: ScalarBuffer<u32>,
}

impl Geometry {
    /// The number of features.
    pub fn len(&self) -> usize {
        self.types.len()
    }

    /// Whether there are no features.
    pub fn is_empty(&self) -> bool {
        self.types.is_empty()
    }

    /// The number of the [`GeometryType`] of every feature.
    pub fn types(&self) -> &ScalarBuffer<u8> {
        &self.types
    }

    /// The type of feature `row`.
    ///
    /// # Panics
    /// If there is no such feature.
    pub fn geometry_type(&self, row: usize) -> GeometryType {
        GeometryType::ALL[usize::from(self.types[row])]
    }

    /// Features to parts; none where every feature has one part.
    pub fn geometry_offsets(&self) -> Option<&OffsetBuffer<i32>> {
        self.geometry_offsets.as_ref()
    }

    /// Parts to rings; none where every part has one ring.
    pub fn part_offsets(&self) -> Option<&OffsetBuffer<i32>> {
        self.part_offsets.as_ref()
    }

    /// Rings to vertices; none where every ring is one vertex.
    pub fn ring_offsets(&self) -> Option<&OffsetBuffer<i32>> {
        self.ring_offsets.as_ref()
    }

    /// The vertices, interleaved: x, y, x, y …, in tile units, y pointing down. A ring's last
    /// vertex is not its first one again.
    pub fn vertices(&self) -> &ScalarBuffer<i32> {
        &self.vertices
    }

    /// What the features of type [`GeometryType::Commands`] hold.
    pub fn commands(&self) -> Option<&Commands> {
        self.commands.as_ref()
    }

    /// The triangles of the layer's polygons: three vertex numbers each.
    pub fn indices(&self) -> Option<&ScalarBuffer<u32>> {
        self.indices.as_ref()
    }

    /// The range of parts of feature `row`.
    #[inline]
    pub fn parts(&self, row: usize) -> std::ops::Range<usize> {
        range(self.geometry_offsets.as_ref(), row)
    }

    /// The range of rings of part `part`.
    #[inline]
    pub fn rings(&self, part: usize) -> std::ops::Range<usize> {
        range(self.part_offsets.as_ref(), part)
    }

    /// The vertices of ring `ring`, interleaved.
    #[inline]
    pub fn ring(&self, ring: usize) -> &[i32] {
        let vertices = range(self.ring_offsets.as_ref(), ring);
        &self.vertices[2 * vertices.start..2 * vertices.end]
    }

    /// The vertices of neighbouring rings, interleaved.
    #[inline]
    pub(crate) fn ring_run(&self, rings: std::ops::Range<usize>) -> &[i32] {
        let vertices = match &self.ring_offsets {
            Some(offsets) => offsets[rings.start] as usize..offsets[rings.end] as usize,
            None => rings,
        };
        &self.vertices[2 * vertices.start..2 * vertices.end]
    }

    /// Which vertices of the layer belong to feature `row`: a range of their numbers.
    ///
    /// # Panics
    /// If there is no such feature.
    pub fn feature_vertices(&self, row: usize) -> std::ops::Range<usize> {
        self.spans().of(row..row + 1)
    }

    pub(crate) fn spans(&self) -> Spans<'_> {
        Spans::new([&self.geometry_offsets, &self.part_offsets, &self.ring_offsets].map(Option::as_ref))
    }

    /// Adds the triangles of the layer's polygons: three vertex numbers each.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] if they are not whole triangles of vertices there are.
    pub fn with_indices(mut self, indices: ScalarBuffer<u32>) -> Result<Self> {
        check_indices(indices.iter().copied(), self.vertices.len() / 2).map_err(Error::input)?;
        self.indices = Some(indices);
        Ok(self)
    }
}

/// Which vertices belong to features: the offsets of [`Geometry`], outermost first.
#[derive(Clone, Copy)]
pub(crate) struct Spans<'a>([Option<&'a OffsetBuffer<i32>>; 3]);

impl<'a> Spans<'a> {
    pub(crate) fn new(offsets: [Option<&'a OffsetBuffer<i32>>; 3]) -> Self {
        Self(offsets)
    }

    /// The vertices of neighbouring features.
    pub(crate) fn of(&self, rows: std::ops::Range<usize>) -> std::ops::Range<usize> {
        let start = |row| {
            self.0.iter().fold(row, |index, offsets| offsets.map_or(index, |offsets| offsets[index] as usize))
        };
        start(rows.start)..start(rows.end)
    }
}

/// What an index buffer must obey.
pub(crate) fn check_indices(
    indices: impl ExactSizeIterator<Item = u32>,
    vertices: usize,
) -> Result<(), &'static str> {
    if !indices.len().is_multiple_of(3) {
        return Err("an index buffer that is not made of whole triangles");
    }
    // A maximum is found quicker than the first that is too large.
    if indices.max().is_some_and(|index| index as usize >= vertices) {
        return Err("an index points past the vertices");
    }
    Ok(())
}

#[inline]
fn range(offsets: Option<&OffsetBuffer<i32>>, index: usize) -> std::ops::Range<usize> {
    match offsets {
        Some(offsets) => offsets[index] as usize..offsets[index + 1] as usize,
        None => index..index + 1,
    }
}
