//! The directory: what a tile holds and where.
//!
//! ```text
//! tile        layout 1:  u8 0xC1 │ varint d │ directory (d bytes) │ body
//!             layout 2:  u8 0xC2 │ varint c │ varint d │ directory (d bytes) as a zstd frame (c bytes) │ body
//! directory   varint layers │ layer …  │ [statistics]
//!             layout 3:  u8 0xC3 │ varint c │ varint r │ front (r bytes; as a zstd frame of c bytes
//!                        unless c = 0) │ body
//! front       varint d │ directory (d bytes) │ texts: the payloads of all streams of plain text
//! directory   of layout 3 starts with   u8 streams │ stream …   the vertices of all layers
//! layer       name │ varint extent │ varint version │ varint features │ varint columns │ column …
//! column      u8 kind │ name (properties only) │ [varint dictionary] │ [lender: varint layer │ varint column]
//!             │ [hash: varint multiplier │ varint column] │ [varint fields] │ u8 streams │ stream … │ column …
//! stream      u8 role << 4 | encoding │ [varint count] │ [links] │ varint length
//! name        varint length │ UTF-8
//! body        the payloads of all other streams in the order of the directory, without gaps
//! ```

use std::ops::Range;

use smol_str::SmolStr;

pub use super::column_entry::ColumnEntry;
use super::column_entry::{read_name, room};
pub use super::layout::Layout;
use super::statistics;
use crate::column::ColumnKind;
use crate::encoding::block;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::Budget;
use crate::stream::{Positions, Role, StreamEntry};
use crate::wire::Reader;
use crate::wire::trace::Trace;

/// What a tile holds and where, without any of its values.
#[derive(Clone, Debug, PartialEq)]
pub struct Directory {
    pub(crate) layout: Layout,
    pub(crate) layers: Vec<LayerEntry>,
    /// The streams of the vertices of all layers, in a compact tile.
    pub(crate) vertices: Vec<StreamEntry>,
    /// The front of a compact tile, if it is compressed.
    pub(crate) front: Option<Front>,
    /// Where the body starts and ends.
    pub(crate) body: Range<usize>,
}

/// What stands before the body of a compact tile, decompressed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Front {
    pub(crate) bytes: Vec<u8>,
    /// Where it lies in the tile, compressed.
    pub(crate) at: usize,
}

/// A layer in the directory.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerEntry {
    pub(crate) name: SmolStr,
    pub(crate) extent: u32,
    pub(crate) version: u32,
    pub(crate) features: usize,
    pub(crate) columns: Vec<ColumnEntry>,
}

impl Directory {
    /// How the tile is laid out.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// The layers, in order.
    pub fn layers(&self) -> &[LayerEntry] {
        &self.layers
    }

    /// The streams of the vertices of all layers, if the tile is compact; none if each layer has its
    /// own.
    pub fn vertices(&self) -> &[StreamEntry] {
        &self.vertices
    }

    /// Where the body lies in the tile: the bytes behind the directory.
    pub fn body(&self) -> Range<usize> {
        self.body.clone()
    }

    /// Reads the directory from the front of a tile; the body need not be there.
    ///
    /// # Errors
    /// If the bytes end before the directory does ([`ErrorKind::Truncated`]), or it is not one.
    pub fn read(front: &[u8], budget: &mut Budget) -> Result<Self> {
        Self::read_traced(front, (), budget)
    }

    /// As [`Directory::read`], field by field under the eyes of `trace`.
    pub(crate) fn read_traced(front: &[u8], trace: impl Trace, budget: &mut Budget) -> Result<Self> {
        let mut reader = Reader::new(front, 0).traced(trace);
        let layout = Layout::of(&mut reader)?;
        reader.note(|| layout.name().into());
        let len = reader.count("length of the directory")?;
        let mut directory =
            Self { layout, layers: Vec::new(), vertices: Vec::new(), front: None, body: 0..0 };
        match layout {
            Layout::Directory => {
                let reader = reader.sub(len, "directory")?;
                let body = reader.offset() + len;
                directory.read_layers(reader, Positions { body, texts: None, compressed: false }, budget)?;
            }
            Layout::CompressedDirectory => {
                let raw = reader.count("length of the directory, decompressed")?;
                let at = reader.offset();
                let mut frame = Reader::new(reader.bytes(len, "compressed directory")?, at);
                let inflated = block::decompress(&mut frame, raw, budget)?;
                frame.finish("compressed directory")?;
                let reader = Reader::decompressed(&inflated, at).traced(trace.inner());
                let positions = Positions { body: at + len, texts: None, compressed: false };
                directory.read_layers(reader, positions, budget)?;
            }
            Layout::Compact => {
                let raw = reader.count("length of the front, decompressed")?;
                let at = reader.offset();
                if len == 0 {
                    let front = reader.sub(raw, "front")?;
                    directory.read_front(
                        front,
                        Positions { body: at + raw, texts: Some(at + raw), compressed: false },
                        budget,
                    )?;
                } else {
                    let mut frame = Reader::new(reader.bytes(len, "compressed front")?, at);
                    let bytes = block::decompress(&mut frame, raw, budget)?;
                    frame.finish("compressed front")?;
                    let front = Reader::decompressed(&bytes, at).traced(trace.inner());
                    directory.read_front(
                        front,
                        Positions { body: at + len, texts: Some(raw), compressed: true },
                        budget,
                    )?;
                    directory.front = Some(Front { bytes, at });
                }
            }
        }
        Ok(directory)
    }

    /// Reads the front of a compact tile, all that `reader` has. For the texts, which stand at its
    /// end, `positions` tells where that is.
    fn read_front(
        &mut self,
        mut reader: Reader<impl Trace>,
        mut positions: Positions,
        budget: &mut Budget,
    ) -> Result<()> {
        let body = positions.body;
        let len = reader.count("length of the directory")?;
        let mut directory = reader.sub(len, "directory")?;
        let texts = positions.texts.map_or(0, |end| end - reader.rest().len());
        positions.texts = Some(texts);
        let at = directory.offset();
        for _ in 0..directory.u8("number of streams of vertices")? {
            let mut stream = StreamEntry::unread();
            stream.read(&mut directory, &mut positions, 0, false)?;
            let last = self.vertices.last().map(StreamEntry::role);
            if !matches!(
                (last, stream.role()),
                (None, Role::Vertices) | (Some(Role::Vertices), Role::VertexOffsets)
            ) {
                return Err(Error::inconsistent(at, "streams of vertices out of order"));
            }
            budget.charge(size_of::<StreamEntry>(), "directory", at)?;
            self.vertices.push(stream);
        }
        let texts = self.read_layers(directory, positions, budget)?.texts.unwrap_or(texts) - texts;
        self.body.start = body;
        reader.bytes(texts, "texts")?;
        reader.finish("texts")
    }

    /// Reads layers and statistics, all that `reader` has, and tells where the streams end.
    fn read_layers(
        &mut self,
        mut reader: Reader<impl Trace>,
        mut positions: Positions,
        budget: &mut Budget,
    ) -> Result<Positions> {
        let body = positions.body;
        let count = reader.count("number of layers")?;
        self.layers = room(&reader, count, budget)?;
        for _ in 0..count {
            let layer = LayerEntry::read(&mut reader, &mut positions, &self.layers, budget)?;
            self.layers.push(layer);
        }
        if !reader.is_empty() {
            statistics::read(&mut reader, &mut self.layers, budget)?;
        }
        reader.finish("directory")?;
        self.body = body..positions.body;
        Ok(positions)
    }
}

impl LayerEntry {
    /// The layer's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of units along a side of the tile.
    pub fn extent(&self) -> u32 {
        self.extent
    }

    /// The version of the MVT specification the layer follows.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The number of features.
    pub fn features(&self) -> usize {
        self.features
    }

    /// The columns, in order.
    pub fn columns(&self) -> &[ColumnEntry] {
        &self.columns
    }

    fn read(
        reader: &mut Reader<impl Trace>,
        positions: &mut Positions,
        layers: &[Self],
        budget: &mut Budget,
    ) -> Result<Self> {
        let name = read_name(reader, "layer name", budget)?.into();
        let extent = reader.varint_u32("extent")?;
        let version = reader.varint_u32("version")?;
        let at = reader.offset();
        let features = reader.count("number of features")?;
        if features > i32::MAX as usize {
            let what = format!("{features} features in a layer, more than 2^31 - 1");
            return Err(Error::new(ErrorKind::LimitExceeded, at, what));
        }
        let count = reader.count("number of columns")?;
        let mut columns: Vec<ColumnEntry> = room(reader, count, budget)?;
        let mut hashed_at = at;
        for _ in 0..count {
            let at = reader.offset();
            columns.push(ColumnEntry::unread());
            let (column, before) = columns.split_last_mut().expect("just added");
            column.read(reader, positions, before, None, budget)?;
            column.borrow(layers, at, budget)?;
            if column.hash.is_some() {
                hashed_at = at;
            }
            let twice =
                |is: fn(ColumnKind) -> bool| is(column.kind) && before.iter().any(|column| is(column.kind));
            if twice(ColumnKind::is_id)
                || twice(|kind| kind == ColumnKind::Geometry)
                || twice(|kind| kind == ColumnKind::Z)
            {
                return Err(Error::inconsistent(at, format!("a second {} column", column.kind.name())));
            }
            column.check_links(before, at)?;
        }
        columns.iter().try_for_each(|column| column.check_hash(&columns, hashed_at))?;
        if features > 0 && !columns.iter().any(|column| column.kind == ColumnKind::Geometry) {
            return Err(Error::inconsistent(at, "a layer of features without a geometry column"));
        }
        Ok(Self { name, extent, version, features, columns })
    }
}
