//! A stream: values of one kind, coded one way.
//!
//! ```text
//! in the directory   u8 role << 4 | encoding │ [varint count] │ varint length      payload in the body
//! inside a payload   u8 encoding │ varint length │ payload          (a child stream)
//!                    u8 encoding │ payload up to the end            (the last child)
//! ```
//!
//! The count stands only with the roles for which nothing read before says how many values there
//! are ([`Role::states_count`]).

pub(crate) mod bytes;
pub(crate) mod choose;
pub(crate) mod describe;
pub(crate) mod floats;
pub(crate) mod ints;

use crate::error::{Error, ErrorKind, Result};
use crate::wire::ids::wire_ids;
use crate::wire::trace::Trace;
use crate::wire::{Reader, varint};

wire_ids! {
    /// What a stream is for. The streams of a column stand in the order of these ids, each at most
    /// once.
    pub enum Role: "stream role" {
        /// A bit per feature: whether it has a value.
        Present = 0 "present",
        /// The values of the features that have one; of strings, codes into a dictionary.
        Values = 1 "values",
        /// The byte lengths of strings.
        Lengths = 2 "lengths",
        /// The bytes of strings.
        Text = 3 "text",
        /// A byte per feature: its geometry type.
        Types = 4 "types",
        /// The number of parts of each feature of a multi type.
        GeometryOffsets = 5 "geometry offsets",
        /// The number of rings of each polygon.
        PartOffsets = 6 "part offsets",
        /// The number of vertices of each line and ring.
        RingOffsets = 7 "ring offsets",
        /// The vertices.
        Vertices = 8 "vertices",
        /// For each vertex, its place among the distinct ones.
        VertexOffsets = 9 "vertex offsets",
        /// Three vertex numbers per triangle.
        IndexBuffer = 10 "index buffer",
        /// Geometries that are only MVT commands.
        Commands = 11 "commands",
        /// At which list or map an entry of a leaf goes on.
        RepetitionLevels = 12 "repetition levels",
        /// How much of what lies around and in an entry of a leaf is there.
        DefinitionLevels = 14 "definition levels",
    }
    reserved {
        13 "row index",
    }
}

impl Role {
    /// Whether the directory states the number of values.
    pub(crate) fn states_count(self, dictionary: bool) -> bool {
        match self {
            Self::IndexBuffer | Self::Commands | Self::RepetitionLevels => true,
            Self::Lengths => dictionary,
            _ => false,
        }
    }
}

/// A stream's encoding and payload, without its place in the tile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Encoded {
    pub(crate) encoding: u8,
    pub(crate) payload: Vec<u8>,
}

impl Encoded {
    /// Appends the stream as a child that is not the last one.
    pub(crate) fn write_child(&self, out: &mut Vec<u8>) {
        out.push(self.encoding);
        varint::write(out, self.payload.len() as u64);
        out.extend_from_slice(&self.payload);
    }

    /// Appends the stream as the last child.
    pub(crate) fn write_last_child(&self, out: &mut Vec<u8>) {
        out.push(self.encoding);
        out.extend_from_slice(&self.payload);
    }
}

/// A stream ready to be written.
#[derive(Clone, Debug)]
pub(crate) struct OutStream {
    pub(crate) role: Role,
    /// The number of values, where the directory states it.
    pub(crate) count: Option<usize>,
    pub(crate) encoded: Encoded,
}

impl OutStream {
    pub(crate) fn new(role: Role, encoded: Encoded) -> Self {
        Self { role, count: None, encoded }
    }

    pub(crate) fn counted(role: Role, count: usize, encoded: Encoded) -> Self {
        Self { role, count: Some(count), encoded }
    }

    /// Appends the stream's entry in the directory.
    pub(crate) fn write_entry(&self, out: &mut Vec<u8>) {
        debug_assert!(self.encoded.encoding < 16);
        out.push(self.role.id() << 4 | self.encoded.encoding);
        if let Some(count) = self.count {
            varint::write(out, count as u64);
        }
        varint::write(out, self.encoded.payload.len() as u64);
    }
}

/// A stream as the directory tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamEntry {
    role: Role,
    encoding: u8,
    count: Option<usize>,
    /// Where the payload lies, from the start of the tile.
    range: std::ops::Range<usize>,
    /// Whether it lies in the front of the tile, and `range` counts from the start of what that is
    /// decompressed.
    apart: bool,
}

impl StreamEntry {
    /// What the stream is for.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The id of its encoding: of [`ByteEncoding`](bytes::ByteEncoding) for types, bitmaps and
    /// text, of [`VertexEncoding`](crate::VertexEncoding) for vertices, else of
    /// [`IntEncoding`](ints::IntEncoding).
    pub fn encoding(&self) -> u8 {
        self.encoding
    }

    /// The number of values, where the directory states it.
    pub fn count(&self) -> Option<usize> {
        self.count
    }

    /// Where its bytes lie in the tile, or in its front if they are [apart](Self::is_apart).
    pub fn range(&self) -> std::ops::Range<usize> {
        self.range.clone()
    }

    /// Whether the bytes are not found in the tile: they are those of text in a compact tile, and
    /// compressed together with the directory.
    pub fn is_apart(&self) -> bool {
        self.apart
    }

    /// Reads an entry of the directory; the payload starts at the position, which moves to its end.
    /// `dictionary` tells whether the column is one.
    pub(crate) fn read(
        reader: &mut Reader<impl Trace>,
        positions: &mut Positions,
        dictionary: bool,
    ) -> Result<Self> {
        let at = reader.offset();
        let byte = reader.u8("stream role and encoding")?;
        let role = Role::from_id(byte >> 4, at)?;
        reader.note(|| format!("{}, encoding {}", role.name(), byte & 0x0f));
        let count = match role.states_count(dictionary) {
            true => Some(reader.count("number of values of a stream")?),
            false => None,
        };
        let (position, apart) = match (role, &mut positions.texts) {
            (Role::Text, Some(texts)) => (texts, positions.compressed),
            _ => (&mut positions.body, false),
        };
        let start = *position;
        let at = reader.offset();
        let len = reader.count("length of a stream")?;
        *position = start.checked_add(len).ok_or_else(|| {
            Error::new(ErrorKind::LimitExceeded, at, "streams longer than the address space")
        })?;
        Ok(Self { role, encoding: byte & 0x0f, count, range: start..*position, apart })
    }
}

/// Where the next stream starts, while a directory is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Positions {
    pub(crate) body: usize,
    /// Where the next text starts, if texts lie apart from the body.
    pub(crate) texts: Option<usize>,
    /// Whether they are compressed.
    pub(crate) compressed: bool,
}

/// The bytes that streams lie in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Payloads<'a> {
    pub(crate) tile: &'a [u8],
    /// The front of a compact tile, decompressed, and where it lies in the tile.
    pub(crate) front: Option<(&'a [u8], usize)>,
}

impl<'a> Payloads<'a> {
    /// A reader of the payload of `entry`.
    #[inline]
    pub(crate) fn payload(&self, entry: &StreamEntry) -> Result<Reader<'a>> {
        let range = entry.range();
        let (bytes, decompressed) = match self.front {
            Some((front, at)) if entry.apart => (front, Some(at)),
            _ => (self.tile, None),
        };
        let payload = bytes.get(range.clone()).ok_or_else(|| {
            Error::truncated(range.start, format!("the {} stream is not there", entry.role.name()))
        })?;
        Ok(match decompressed {
            Some(at) => Reader::decompressed(payload, at),
            None => Reader::new(payload, range.start),
        })
    }
}

/// The streams of one column and the bytes they lie in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Streams<'a> {
    /// Entries in the order of their roles.
    entries: &'a [StreamEntry],
    payloads: Payloads<'a>,
}

impl<'a> Streams<'a> {
    pub(crate) fn new(entries: &'a [StreamEntry], payloads: Payloads<'a>) -> Self {
        Self { entries, payloads }
    }

    /// Where the column's first stream starts.
    pub(crate) fn offset(&self) -> usize {
        self.entries.first().map_or(0, |entry| entry.range.start)
    }

    /// The stream of `role`, if there is one: its entry and a reader of its payload.
    pub(crate) fn get(&self, role: Role) -> Result<Option<(&'a StreamEntry, Reader<'a>)>> {
        let Some(entry) = self.entries.iter().find(|entry| entry.role == role) else {
            return Ok(None);
        };
        Ok(Some((entry, self.payloads.payload(entry)?)))
    }

    /// Checks that there is no stream of `role`, for which the column has no values.
    pub(crate) fn none(&self, role: Role) -> Result<()> {
        match self.entries.iter().find(|entry| entry.role == role) {
            None => Ok(()),
            Some(entry) => Err(Error::inconsistent(
                entry.range.start,
                format!("a {} stream, for which there are no values", role.name()),
            )),
        }
    }

    /// The stream of `role`, which must be there.
    pub(crate) fn need(&self, role: Role) -> Result<(&'a StreamEntry, Reader<'a>)> {
        self.get(role)?.ok_or_else(|| {
            Error::inconsistent(self.offset(), format!("a column without a {} stream", role.name()))
        })
    }
}
