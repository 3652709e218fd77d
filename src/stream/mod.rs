//! A stream: values of one kind, coded one way.
//!
//! ```text
//! in the directory   u8 role << 4 | encoding │ [varint count] │ [links] │ varint length      payload in the body
//! links              u8 context << 2 | references │ varint …: how many columns before, less one each
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
mod payloads;
mod sample;
pub(crate) mod small;
pub(crate) mod technique;
pub(crate) mod why;

pub(crate) use payloads::{Payloads, TileBytes};

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
        /// A symbol per feature: where its value comes from.
        Tokens = 13 "tokens",
        /// How much of what lies around and in an entry of a leaf is there.
        DefinitionLevels = 14 "definition levels",
        /// The bytes of strings, each with a zero behind.
        Terminated = 15 "terminated text",
    }
    reserved {}
}

impl Role {
    /// Whether it is text.
    pub(crate) fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Terminated)
    }

    /// Whether a stream of this role and that encoding stands in the front of compact tiles: text that
    /// is compressed there, and not by itself.
    pub(crate) fn is_in_front(self, encoding: u8) -> bool {
        use bytes::ByteEncoding::{Constant, Plain, Windows};
        self.is_text() && [Constant, Plain, Windows].map(|plain| plain.id()).contains(&encoding)
    }

    /// Whether the directory states the number of values.
    pub(crate) fn states_count(self, dictionary: bool) -> bool {
        match self {
            Self::IndexBuffer | Self::Commands | Self::RepetitionLevels | Self::Terminated => true,
            Self::Lengths => dictionary,
            _ => false,
        }
    }
}

/// A stream's encoding and payload, without its place in the tile.
#[derive(Clone, Debug, Default)]
pub(crate) struct Encoded {
    pub(crate) encoding: u8,
    pub(crate) payload: Vec<u8>,
    /// Picoseconds to decode it, as far as other choices want to know; else 0.
    pub(crate) time: u64,
}

impl Encoded {
    pub(crate) fn new(encoding: u8, payload: Vec<u8>) -> Self {
        Self { encoding, payload, time: 0 }
    }

    /// Whether the bytes are the same.
    pub(crate) fn is(&self, other: &Self) -> bool {
        (self.encoding, &self.payload) == (other.encoding, &other.payload)
    }

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

/// The columns of the layer, before its own, that a stream of tokens needs. Every entry of a stream has room for them:
/// memory of their own would take more time than to read them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Links {
    /// The references, and behind them the context.
    columns: [u32; MAX_REFERENCES + 1],
    references: u8,
    has_context: bool,
}

/// The most columns that tokens refer to.
pub(crate) const MAX_REFERENCES: usize = 3;

const CONTEXT: u8 = 4;

impl Links {
    /// Links to at most [`MAX_REFERENCES`] columns whose values tokens may stand for, and to the one whose tokens are
    /// the contexts of these. Numbers have 32 bits.
    pub(crate) fn new(references: impl IntoIterator<Item = usize>, context: Option<usize>) -> Self {
        let mut links = Self { has_context: context.is_some(), ..Self::default() };
        let references = references.into_iter().inspect(|_| links.references += 1);
        for (place, column) in links.columns.iter_mut().zip(references.chain(context)) {
            *place = u32::try_from(column).expect("a number of 32 bits");
        }
        links
    }

    /// The columns whose values tokens may stand for.
    pub(crate) fn references(&self) -> impl Iterator<Item = usize> + '_ {
        self.columns[..usize::from(self.references)].iter().map(|&column| column as usize)
    }

    /// The column whose tokens are the contexts of these.
    pub(crate) fn context(&self) -> Option<usize> {
        self.has_context.then(|| self.columns[usize::from(self.references)] as usize)
    }

    fn write(&self, column: usize, out: &mut Vec<u8>) {
        out.push(self.references | if self.has_context { CONTEXT } else { 0 });
        for other in self.references().chain(self.context()) {
            varint::write(out, (column - 1 - other) as u64);
        }
    }

    fn read(reader: &mut Reader<impl Trace>, column: usize) -> Result<Self> {
        let at = reader.offset();
        let counts = reader.u8("numbers of references and contexts")?;
        if counts > CONTEXT | MAX_REFERENCES as u8 {
            return Err(Error::unknown_id(at, "numbers of references and contexts", counts.into()));
        }
        let (references, has_context) = (counts % CONTEXT, counts & CONTEXT != 0);
        let mut links = Self { references, has_context, ..Self::default() };
        for link in &mut links.columns[..usize::from(references) + usize::from(has_context)] {
            let at = reader.offset();
            let before = reader.count("reference")?;
            let other = column.checked_sub(before.saturating_add(1));
            let other =
                other.ok_or_else(|| Error::inconsistent(at, "a reference to before the first column"))?;
            *link = u32::try_from(other).map_err(|_| {
                Error::new(ErrorKind::LimitExceeded, at, "a reference to a column beyond 2^32")
            })?;
        }
        Ok(links)
    }
}

/// A stream ready to be written.
#[derive(Clone, Debug)]
pub(crate) struct OutStream {
    pub(crate) role: Role,
    /// The number of values, where the directory states it.
    pub(crate) count: Option<usize>,
    pub(crate) links: Links,
    pub(crate) encoded: Encoded,
}

impl OutStream {
    pub(crate) fn new(role: Role, encoded: Encoded) -> Self {
        Self { role, count: None, links: Links::default(), encoded }
    }

    pub(crate) fn counted(role: Role, count: usize, encoded: Encoded) -> Self {
        Self { count: Some(count), ..Self::new(role, encoded) }
    }

    /// Whether it stands in the front of a compact tile.
    pub(crate) fn is_in_front(&self) -> bool {
        self.role.is_in_front(self.encoded.encoding)
    }

    /// Appends the stream's entry in the directory, in column `column`.
    pub(crate) fn write_entry(&self, column: usize, out: &mut Vec<u8>) {
        debug_assert!(self.encoded.encoding < 16);
        out.push(self.role.id() << 4 | self.encoded.encoding);
        if let Some(count) = self.count {
            varint::write(out, count as u64);
        }
        if self.role == Role::Tokens {
            self.links.write(column, out);
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
    /// Of tokens only.
    links: Links,
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

    /// The numbers of the columns of the layer whose values its tokens may stand for.
    pub fn references(&self) -> impl Iterator<Item = usize> + '_ {
        self.links.references()
    }

    /// The number of the column of the layer whose tokens are the contexts of these.
    pub fn context(&self) -> Option<usize> {
        self.links.context()
    }

    pub(crate) fn links(&self) -> Links {
        self.links
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

    /// A stream before its entry is read.
    pub(crate) fn unread() -> Self {
        Self {
            role: Role::Present,
            encoding: 0,
            count: None,
            links: Links::default(),
            range: 0..0,
            apart: false,
        }
    }

    /// Reads an entry of the directory, in place; the payload starts at the position, which moves to its end.
    /// The stream is of column `column`; `dictionary` tells whether that is one.
    #[inline]
    pub(crate) fn read(
        &mut self,
        reader: &mut Reader<impl Trace>,
        positions: &mut Positions,
        column: usize,
        dictionary: bool,
    ) -> Result<()> {
        let at = reader.offset();
        let byte = reader.u8("stream role and encoding")?;
        let role = Role::from_id(byte >> 4, at)?;
        reader.note(|| format!("{}, encoding {}", role.name(), byte & 0x0f));
        (self.role, self.encoding) = (role, byte & 0x0f);
        if role.states_count(dictionary) {
            self.count = Some(reader.count("number of values of a stream")?);
        }
        if role == Role::Tokens {
            self.links = Links::read(reader, column)?;
        }
        let (position, apart) = match &mut positions.texts {
            Some(texts) if role.is_in_front(byte & 0x0f) => (texts, positions.compressed),
            _ => (&mut positions.body, false),
        };
        let start = *position;
        let at = reader.offset();
        let len = reader.count("length of a stream")?;
        *position = start.checked_add(len).ok_or_else(|| {
            Error::new(ErrorKind::LimitExceeded, at, "streams longer than the address space")
        })?;
        (self.range, self.apart) = (start..*position, apart);
        Ok(())
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
