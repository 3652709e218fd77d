//! Tiles written by hand, entry by entry: legal ones that the encoder never writes, and wrong ones.

use crate::column::ColumnKind;
use crate::stream::Role;
use crate::tile::directory::Layout;
use crate::wire::varint;

/// A tile in the making: its directory, and the body that grows with it.
#[derive(Clone, Debug)]
pub(crate) struct RawTile {
    layout: u8,
    directory: Vec<u8>,
    body: Vec<u8>,
    behind: Vec<u8>,
    mark: Mark,
}

/// A place in a tile whose directory is not finished yet.
#[derive(Clone, Copy, Debug)]
enum Mark {
    Directory(usize),
    Body(usize),
}

impl RawTile {
    /// A tile of `layers` layers, which have yet to be written.
    pub(crate) fn new(layers: u64) -> Self {
        let empty = Self {
            layout: Layout::Directory.id(),
            directory: Vec::new(),
            body: Vec::new(),
            behind: Vec::new(),
            mark: Mark::Directory(0),
        };
        empty.varint(layers)
    }

    /// Bytes of the directory.
    pub(crate) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.directory.extend_from_slice(bytes);
        self
    }

    /// A varint of the directory.
    pub(crate) fn varint(mut self, value: u64) -> Self {
        varint::write(&mut self.directory, value);
        self
    }

    /// A name: its length and its bytes.
    pub(crate) fn name(self, name: &[u8]) -> Self {
        self.varint(name.len() as u64).bytes(name)
    }

    /// A layer "l" of extent 4096 and version 2, of as many columns, which follow.
    pub(crate) fn layer(self, features: u64, columns: u64) -> Self {
        self.name(b"l").varint(4096).varint(2).varint(features).varint(columns)
    }

    /// A column without a name, of as many streams, which follow.
    pub(crate) fn column(self, kind: ColumnKind, streams: u8) -> Self {
        self.bytes(&[kind.id(), streams])
    }

    /// A property, of as many streams, which follow.
    pub(crate) fn property(self, kind: ColumnKind, name: &str, streams: u8) -> Self {
        self.bytes(&[kind.id()]).name(name.as_bytes()).bytes(&[streams])
    }

    /// A property whose dictionary is that of column `dictionary`.
    pub(crate) fn shared(self, name: &str, dictionary: u64, streams: u8) -> Self {
        let kind = ColumnKind::SharedString.id();
        self.bytes(&[kind]).name(name.as_bytes()).varint(dictionary).bytes(&[streams])
    }

    /// A stream: its entry, and its payload at the end of the body.
    pub(crate) fn stream(self, role: Role, encoding: u8, payload: &[u8]) -> Self {
        self.bytes(&[role.id() << 4 | encoding]).varint(payload.len() as u64).payload(payload)
    }

    /// A stream whose entry tells the number of values.
    pub(crate) fn counted(self, role: Role, encoding: u8, count: u64, payload: &[u8]) -> Self {
        let entry = self.bytes(&[role.id() << 4 | encoding]).varint(count);
        entry.varint(payload.len() as u64).payload(payload)
    }

    /// A stream of tokens: its references and context as the columns between, and its payload.
    pub(crate) fn tokens(
        self,
        encoding: u8,
        references: &[u64],
        context: Option<u64>,
        payload: &[u8],
    ) -> Self {
        let numbers = references.len() as u8 | if context.is_some() { 4 } else { 0 };
        let entry = self.bytes(&[Role::Tokens.id() << 4 | encoding, numbers]);
        let entry = references.iter().copied().chain(context).fold(entry, Self::varint);
        entry.varint(payload.len() as u64).payload(payload)
    }

    /// Bytes at the end of the body.
    pub(crate) fn payload(mut self, payload: &[u8]) -> Self {
        self.body.extend_from_slice(payload);
        self
    }

    /// Bytes behind the tile.
    pub(crate) fn behind(mut self, bytes: &[u8]) -> Self {
        self.behind.extend_from_slice(bytes);
        self
    }

    /// Cuts the body short by `bytes`.
    pub(crate) fn cut(mut self, bytes: usize) -> Self {
        self.body.truncate(self.body.len() - bytes);
        self.here_in_body()
    }

    /// Marks the next byte of the directory.
    pub(crate) fn here(mut self) -> Self {
        self.mark = Mark::Directory(self.directory.len());
        self
    }

    /// Marks the next byte of the body.
    pub(crate) fn here_in_body(mut self) -> Self {
        self.mark = Mark::Body(self.body.len());
        self
    }

    /// Marks the byte of the body that is `bytes` before the next one.
    pub(crate) fn before_in_body(mut self, bytes: usize) -> Self {
        self.mark = Mark::Body(self.body.len() - bytes);
        self
    }

    /// The tile, and where the mark is.
    pub(crate) fn finish(&self) -> (Vec<u8>, usize) {
        let mut tile = vec![self.layout];
        varint::write(&mut tile, self.directory.len() as u64);
        let head = tile.len();
        tile.extend_from_slice(&self.directory);
        tile.extend_from_slice(&self.body);
        tile.extend_from_slice(&self.behind);
        let mark = match self.mark {
            Mark::Directory(offset) => head + offset,
            Mark::Body(offset) => head + self.directory.len() + offset,
        };
        (tile, mark)
    }
}
