//! Vertices and triangles of a layer as a GPU takes them.

use std::ops::Deref;

use arrow_buffer::Buffer;

use super::{GEOMETRY, LayerReader};
use crate::array::ScalarBuffer;
use crate::column::ColumnKind;
use crate::error::{Error, Result};
use crate::geometry::{self, check_indices};
use crate::limits::Budget;
use crate::stream::Streams;
use crate::tile::directory::Layout;

/// How the coordinates of [`Upload::vertices`] are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VertexFormat {
    /// Two signed integers of 16 bits per vertex.
    I16,
    /// Two signed integers of 32 bits per vertex.
    I32,
}

/// Bytes to be uploaded: those of the tile where they stand in it as they are, else decoded ones.
#[derive(Clone, Debug)]
pub enum UploadBytes<'a> {
    /// Bytes of the tile.
    Borrowed(&'a [u8]),
    /// What was decoded.
    Owned(Buffer),
}

impl Deref for UploadBytes<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Owned(buffer) => buffer,
        }
    }
}

/// The vertices of a layer, and the triangles of its polygons, as they are uploaded. All numbers are in the
/// machine's order of bytes.
#[derive(Clone, Debug)]
pub struct Upload<'a> {
    /// x, y, x, y …, in units of the tile, y down: 4 or 8 bytes for each vertex of the layer, in the order
    /// of [`crate::Geometry::vertices`].
    pub vertices: UploadBytes<'a>,
    /// How `vertices` are held.
    pub format: VertexFormat,
    /// Three vertex numbers per triangle, 4 bytes each, unsigned; none if the tile has no triangles. The
    /// encoder's turn counter-clockwise as seen, and those of a feature stand before those of the next.
    pub indices: Option<UploadBytes<'a>>,
}

/// Vertices as they stand in the tile or as they were decoded, and triangles.
type Parts<'a> = (std::result::Result<&'a [u8], ScalarBuffer<i32>>, Option<UploadBytes<'a>>);

impl Upload<'_> {
    /// The number of vertices.
    pub fn vertex_count(&self) -> usize {
        self.vertices.len() / if self.format == VertexFormat::I16 { 4 } else { 8 }
    }

    /// The number of vertex numbers, three times that of triangles.
    pub fn index_count(&self) -> usize {
        self.indices.as_ref().map_or(0, |indices| indices.len() / 4)
    }
}

impl<'a> LayerReader<'a> {
    /// Decodes the vertices, and the triangles if there are some, for a GPU. What is plain is not copied (on
    /// machines that are little endian): vertices of the encoding [`crate::VertexEncoding::Plain`] that have as
    /// many bytes as `format` wants, and triangles of the encoding plain, which are checked, are handed out as
    /// bytes of the tile.
    ///
    /// # Errors
    /// If they are damaged, or take more memory than `budget` has left; [`crate::ErrorKind::InvalidInput`] if a
    /// coordinate does not fit `format`.
    pub fn upload(&self, format: VertexFormat, budget: &mut Budget) -> Result<Upload<'a>> {
        let column = self.entry.columns.iter().find(|column| column.kind == ColumnKind::Geometry);
        let (vertices, indices) = match column {
            Some(column) if self.tile.directory.layout != Layout::Compact => {
                let parts = self.parts(&self.streams(column), format, budget);
                parts.map_err(|error| self.within(error.within("geometry")))?
            }
            _ => {
                let geometry = self.geometry(budget)?;
                let indices = geometry.indices.map(|indices| UploadBytes::Owned(indices.into_inner()));
                (Err(geometry.vertices), indices)
            }
        };
        let vertices = match (vertices, format) {
            (Ok(plain), _) => UploadBytes::Borrowed(plain),
            (Err(vertices), VertexFormat::I32) => UploadBytes::Owned(vertices.into_inner()),
            (Err(vertices), VertexFormat::I16) => UploadBytes::Owned(self.narrow(&vertices, budget)?),
        };
        Ok(Upload { vertices, format, indices })
    }

    /// Vertices and triangles of a column that has them itself; of the vertices the bytes of the tile, if these
    /// are what `format` wants.
    fn parts(&self, streams: &Streams<'a>, format: VertexFormat, budget: &mut Budget) -> Result<Parts<'a>> {
        budget.charge(GEOMETRY, "geometry", streams.offset())?;
        let topology = geometry::column::read_topology(streams, self.entry.features, budget)?;
        let count = topology.vertices;
        let width = if format == VertexFormat::I16 { size_of::<i16>() } else { size_of::<i32>() };
        let vertices = match geometry::column::plain_vertices(streams, count)? {
            Some((plain, own)) if own == width => Ok(plain),
            _ => Err(geometry::column::read_vertices(streams, &topology, budget)?.into()),
        };
        let indices = match geometry::column::plain_indices(streams)? {
            Some((plain, at)) => {
                check_indices(as_numbers(plain), count).map_err(|what| Error::inconsistent(at, what))?;
                Some(UploadBytes::Borrowed(plain))
            }
            None => {
                let indices = geometry::column::read_indices(streams, count, budget)?;
                indices.map(|indices| UploadBytes::Owned(indices.into_inner()))
            }
        };
        Ok((vertices, indices))
    }

    fn narrow(&self, vertices: &ScalarBuffer<i32>, budget: &mut Budget) -> Result<Buffer> {
        let mut out: Vec<i16> = budget.vec(vertices.len(), "vertices", self.tile.directory.body.start)?;
        out.extend(vertices.iter().map(|&unit| unit as i16));
        let fits = out.iter().zip(&vertices[..]).all(|(&narrow, &unit)| i32::from(narrow) == unit);
        if !fits {
            return Err(self.within(Error::input("a coordinate that does not fit 16 bits")));
        }
        Ok(out.into())
    }
}

/// Vertex numbers that stand in the tile, whatever their alignment.
fn as_numbers(bytes: &[u8]) -> impl ExactSizeIterator<Item = u32> {
    bytes.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::geometry::vertices::VertexEncoding;
    use crate::stream::choose::Force;
    use crate::stream::ints::IntEncoding;
    use crate::tile::builder::LayerBuilder;
    use crate::tile::layer::Layer;
    use crate::tile::options::{EncodeOptions, Profile};
    use crate::tile::read::Tile;
    use crate::tile::write::encode;

    fn layer(far: i32) -> Layer {
        let mut layer = LayerBuilder::new("l");
        layer.feature(None, |geometry| geometry.polygon(&[&[[0, 0], [far, 0], [far, 5], [0, 5]]])).unwrap();
        let mut layer = layer.finish().unwrap();
        layer.geometry = layer.geometry.with_indices(vec![0, 3, 2, 0, 2, 1].into()).unwrap();
        layer
    }

    fn numbers(bytes: &[u8]) -> Vec<u32> {
        as_numbers(bytes).collect()
    }

    #[test]
    fn whatever_the_encoding_the_same_is_uploaded() {
        let layers = [layer(32_767)];
        let plain = Force { ints: Some(IntEncoding::Plain), ..Force::default() };
        let mut borrowed = 0;
        for (profile, vertices) in Profile::ALL.iter().flat_map(|profile| {
            [VertexEncoding::Delta, VertexEncoding::Plain].map(|vertices| (*profile, vertices))
        }) {
            for (force, compact) in [(plain, false), (plain, true), (Force::default(), false)] {
                let options = EncodeOptions { force, compact: Some(compact), ..EncodeOptions::new(profile) };
                let encoding = if compact { VertexEncoding::Delta } else { vertices };
                let options = EncodeOptions { vertices: Some(encoding), ..options };
                let bytes = encode(&layers, &options).unwrap();
                let mut budget = Budget::default();
                let tile = Tile::open(&bytes, &mut budget).unwrap();
                let reader = tile.layer("l").unwrap();
                let upload = reader.upload(VertexFormat::I32, &mut budget).unwrap();
                let indices = upload.indices.as_ref().unwrap();
                assert_eq!(numbers(indices), [0, 3, 2, 0, 2, 1]);
                assert_eq!(numbers(&upload.vertices), [0, 0, 32_767, 0, 32_767, 5, 0, 5]);
                assert_eq!((upload.vertex_count(), upload.index_count()), (4, 6));
                let is_borrowed = matches!(indices, UploadBytes::Borrowed(_));
                assert_eq!(is_borrowed, !compact && (force == plain || encoding == VertexEncoding::Plain));
                borrowed += usize::from(is_borrowed);
                let narrow = reader.upload(VertexFormat::I16, &mut budget).unwrap();
                let units: Vec<i16> =
                    narrow.vertices.as_chunks().0.iter().map(|bytes| i16::from_le_bytes(*bytes)).collect();
                assert_eq!(units, [0, 0, 32_767, 0, 32_767, 5, 0, 5]);
                assert_eq!(narrow.vertex_count(), 4);
                let is_borrowed =
                    [&upload, &narrow].map(|upload| matches!(upload.vertices, UploadBytes::Borrowed(_)));
                // The coordinates have two bytes in the tile, so that four are a copy.
                assert_eq!(is_borrowed, [false, encoding == VertexEncoding::Plain]);
            }
        }
        assert_eq!(borrowed, 6);
    }

    #[test]
    fn far_vertices_are_borrowed_as_four_bytes() {
        let options = EncodeOptions {
            vertices: Some(VertexEncoding::Plain),
            compact: Some(false),
            ..EncodeOptions::new(Profile::Fast)
        };
        let bytes = encode(&[layer(32_768)], &options).unwrap();
        let mut budget = Budget::default();
        let tile = Tile::open(&bytes, &mut budget).unwrap();
        let upload = tile.layer("l").unwrap().upload(VertexFormat::I32, &mut budget).unwrap();
        assert!(matches!(upload.vertices, UploadBytes::Borrowed(_)));
        assert_eq!(numbers(&upload.vertices), [0, 0, 32_768, 0, 32_768, 5, 0, 5]);
        assert!(tile.layer("l").unwrap().upload(VertexFormat::I16, &mut budget).is_err());
    }

    #[test]
    fn what_does_not_fit_or_is_not_there() {
        let bytes = encode(&[layer(32_768)], &EncodeOptions::default()).unwrap();
        let mut budget = Budget::default();
        let tile = Tile::open(&bytes, &mut budget).unwrap();
        let error = tile.layer("l").unwrap().upload(VertexFormat::I16, &mut budget).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let mut points = LayerBuilder::new("p");
        points.feature(None, |geometry| Ok(geometry.point(1, 2))).unwrap();
        let layers = [points.finish().unwrap(), LayerBuilder::new("empty").finish().unwrap()];
        let bytes = encode(&layers, &EncodeOptions::default()).unwrap();
        let tile = Tile::open(&bytes, &mut budget).unwrap();
        for (name, count) in [("p", 1), ("empty", 0)] {
            let upload = tile.layer(name).unwrap().upload(VertexFormat::I16, &mut budget).unwrap();
            assert_eq!((upload.vertex_count(), upload.indices.is_none()), (count, true));
        }
    }

    /// An index past the vertices is refused where it stands, also if it is not decoded.
    #[test]
    fn an_index_out_of_range_is_refused() {
        let options = EncodeOptions {
            force: Force { ints: Some(IntEncoding::Plain), ..Force::default() },
            vertices: Some(VertexEncoding::Delta),
            compact: Some(false),
            ..EncodeOptions::new(Profile::Fast)
        };
        let mut bytes = encode(&[layer(9)], &options).unwrap();
        // The last index is the end of the tile.
        let at = bytes.len() - 4;
        bytes[at] = 4;
        let mut budget = Budget::default();
        let tile = Tile::open(&bytes, &mut budget).unwrap();
        let reader = tile.layer("l").unwrap();
        let error = reader.upload(VertexFormat::I32, &mut budget).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (ErrorKind::Inconsistent, Some(bytes.len() - 24)));
        assert_eq!(reader.geometry(&mut budget).unwrap_err().offset(), error.offset());
    }
}
