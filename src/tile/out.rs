//! Columns and layers ready to be written, and the tile they make: the twin of `directory`.

use super::directory::Layout;
use super::grid::Grid;
use crate::column::ColumnKind;
use crate::column::hashed::Hash;
use crate::stream::choose::Chooser;
use crate::stream::{Encoded, OutStream};
use crate::wire::varint;

/// A column ready to be written.
pub(crate) struct OutColumn<'a> {
    pub(crate) kind: ColumnKind,
    pub(crate) name: &'a str,
    pub(crate) dictionary: Option<usize>,
    /// Of a borrowed dictionary: layer and column of the one that lends it.
    pub(crate) lender: Option<(usize, usize)>,
    /// Of ids that are hashes.
    pub(crate) hash: Option<Hash>,
    pub(crate) streams: Vec<OutStream>,
    /// Of a column of heights.
    pub(crate) grid: Option<Grid>,
    /// The columns within.
    pub(crate) children: Vec<OutColumn<'a>>,
}

impl<'a> OutColumn<'a> {
    pub(crate) fn new(
        kind: ColumnKind,
        name: &'a str,
        dictionary: Option<usize>,
        streams: Vec<OutStream>,
    ) -> Self {
        Self { kind, name, dictionary, lender: None, hash: None, streams, grid: None, children: Vec::new() }
    }

    /// Appends the column's entry in the directory, that of column `number` of its layer, and those of
    /// the columns within.
    fn write_entry(&self, number: usize, named: bool, directory: &mut Vec<u8>) {
        directory.push(self.kind.id());
        if named && self.kind.is_named() {
            write_name(self.name, directory);
        }
        if let Some(dictionary) = self.dictionary {
            varint::write(directory, dictionary as u64);
        }
        if let Some((layer, column)) = self.lender {
            varint::write(directory, layer as u64);
            varint::write(directory, column as u64);
        }
        if let Some(Hash { multiplier, column }) = self.hash {
            varint::write(directory, multiplier);
            varint::write(directory, column as u64);
        }
        if self.kind == ColumnKind::Struct {
            varint::write(directory, self.children.len() as u64);
        }
        if let Some(Grid { scale, offset }) = self.grid {
            directory.extend_from_slice(&scale.to_le_bytes());
            directory.extend_from_slice(&offset.to_le_bytes());
        }
        directory.push(self.streams.len() as u8);
        for stream in &self.streams {
            stream.write_entry(number, directory);
        }
        for child in &self.children {
            child.write_entry(number, self.kind == ColumnKind::Struct, directory);
        }
    }

    /// Appends the streams of the column and of those within it.
    fn streams<'b>(&'b self, out: &mut Vec<&'b OutStream>) {
        out.extend(&self.streams);
        self.children.iter().for_each(|child| child.streams(out));
    }

    /// Shows `change` each text of the column and of those within it.
    pub(crate) fn each_text(&mut self, change: &mut impl FnMut(&mut Encoded)) {
        let texts = self.streams.iter_mut().filter(|stream| stream.role.is_text());
        texts.for_each(|stream| change(&mut stream.encoded));
        self.children.iter_mut().for_each(|child| child.each_text(change));
    }

    /// How many bytes its streams have, with those of the columns within.
    pub(crate) fn payload(&self) -> usize {
        let mut streams = Vec::new();
        self.streams(&mut streams);
        streams.iter().map(|stream| stream.encoded.payload.len()).sum()
    }

    /// How many bytes the column takes as column `number`, in a directory that is not compressed and in the
    /// body.
    pub(crate) fn size(&self, number: usize) -> usize {
        let mut entry = Vec::new();
        self.write_entry(number, true, &mut entry);
        entry.len() + self.payload()
    }
}

/// A layer ready to be written.
pub(crate) struct OutLayer<'a> {
    pub(crate) name: &'a str,
    pub(crate) extent: u32,
    pub(crate) version: u32,
    pub(crate) features: usize,
    pub(crate) columns: Vec<OutColumn<'a>>,
}

/// A tile of `layers`; `statistics` is the end of the directory, if it has one. With the streams of
/// the `vertices` of all layers, the tile is compact.
pub(crate) fn write(
    layers: &[&OutLayer],
    vertices: Option<&[OutStream]>,
    statistics: &[u8],
    chooser: &Chooser,
) -> Vec<u8> {
    let mut directory = Vec::new();
    varint::write(&mut directory, layers.len() as u64);
    for layer in layers {
        write_name(layer.name, &mut directory);
        for value in [layer.extent as usize, layer.version as usize, layer.features, layer.columns.len()] {
            varint::write(&mut directory, value as u64);
        }
        for (number, column) in layer.columns.iter().enumerate() {
            column.write_entry(number, true, &mut directory);
        }
    }
    directory.extend_from_slice(statistics);

    let mut out = Vec::new();
    if let Some(vertices) = vertices {
        write_front(&directory, vertices, layers, chooser, &mut out);
        let streams = streams(layers).into_iter().filter(|stream| !stream.is_in_front());
        for stream in vertices.iter().chain(streams) {
            out.extend_from_slice(&stream.encoded.payload);
        }
        return out;
    }
    match chooser.directory(&directory) {
        Some(frame) => {
            out.push(Layout::CompressedDirectory.id());
            varint::write(&mut out, frame.len() as u64);
            varint::write(&mut out, directory.len() as u64);
            out.extend_from_slice(&frame);
        }
        None => {
            out.push(Layout::Directory.id());
            varint::write(&mut out, directory.len() as u64);
            out.extend_from_slice(&directory);
        }
    }
    let streams = streams(layers);
    out.reserve_exact(streams.iter().map(|stream| stream.encoded.payload.len()).sum());
    streams.into_iter().for_each(|stream| out.extend_from_slice(&stream.encoded.payload));
    out
}

/// All streams, in the order of the directory.
fn streams<'a>(layers: &[&'a OutLayer]) -> Vec<&'a OutStream> {
    let mut out = Vec::new();
    layers.iter().flat_map(|layer| &layer.columns).for_each(|column| column.streams(&mut out));
    out
}

/// Appends what stands before the body of a compact tile.
fn write_front(
    directory: &[u8],
    vertices: &[OutStream],
    layers: &[&OutLayer],
    chooser: &Chooser,
    out: &mut Vec<u8>,
) {
    let mut entries = vec![vertices.len() as u8];
    vertices.iter().for_each(|stream| stream.write_entry(0, &mut entries));
    let mut front = Vec::new();
    varint::write(&mut front, (entries.len() + directory.len()) as u64);
    front.extend_from_slice(&entries);
    front.extend_from_slice(directory);
    for text in streams(layers).into_iter().filter(|stream| stream.is_in_front()) {
        front.extend_from_slice(&text.encoded.payload);
    }
    out.push(Layout::Compact.id());
    let frame = chooser.directory(&front);
    varint::write(out, frame.as_ref().map_or(0, Vec::len) as u64);
    varint::write(out, front.len() as u64);
    out.extend_from_slice(frame.as_ref().unwrap_or(&front));
}

fn write_name(name: &str, out: &mut Vec<u8>) {
    varint::write(out, name.len() as u64);
    out.extend_from_slice(name.as_bytes());
}
