//! A tile explained: how its streams are coded, and what each of its bytes is for.

use super::directory::{ColumnEntry, Directory, Layout};
use super::read::{LayerReader, Tile};
use crate::column::{Column, ColumnKind, Values, present, string, tokens};
use crate::error::Result;
use crate::geometry;
use crate::limits::Budget;
use crate::stream::describe::{self, Coding};
use crate::stream::{Role, StreamEntry, Streams, ints};
use crate::wire::Reader;
use crate::wire::trace::{Field, Recorder, Recording};

/// What [`describe`] tells of a tile.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Description {
    /// What the tile holds and where.
    pub directory: Directory,
    /// The streams of the vertices of all layers, if the tile is compact.
    pub vertices: Vec<StreamDescription>,
    /// For each layer of the directory its columns.
    pub layers: Vec<Vec<ColumnDescription>>,
    /// Every byte of the tile: its fields, in order. At level 0 they lie in the tile, and cover it.
    pub fields: Vec<Field>,
}

/// A column of a [`Description`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ColumnDescription {
    /// The number of features that have a value; of a dictionary, its strings; of a column within
    /// another, the values that are not null.
    pub values: usize,
    /// The streams, in order.
    pub streams: Vec<StreamDescription>,
    /// The columns within.
    pub children: Vec<ColumnDescription>,
}

/// A stream of a [`Description`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamDescription {
    /// What the directory says of it.
    pub entry: StreamEntry,
    /// The number of values: features for bitmaps, bytes for text, pairs of coordinates for
    /// vertices, entries for levels.
    pub count: usize,
    /// How they are coded.
    pub coding: Coding,
}

/// Explains a tile. Decodes only what is needed to know how many values the streams hold, so a
/// tile that can be described may still be damaged.
///
/// ```
/// use covt::{Budget, EncodeOptions, LayerBuilder};
///
/// let mut places = LayerBuilder::new("places");
/// for x in [3, 4, 5] {
///     places.feature(Some(7), |geometry| Ok(geometry.point(x, 8)))?;
/// }
/// let tile = covt::encode(&[places.finish()?], &EncodeOptions::default())?;
///
/// let description = covt::describe(&tile, &mut Budget::default())?;
/// let ids = &description.layers[0][0].streams[0];
/// assert_eq!((ids.count, ids.coding.to_string().as_str()), (3, "constant"));
/// let layout = &description.fields[0];
/// assert_eq!((layout.what, layout.meaning.as_str()), ("tile layout", "directory"));
/// # Ok::<(), covt::Error>(())
/// ```
///
/// # Errors
/// If `tile` is no COVT tile, its directory or a stream's header is damaged, or it takes more memory
/// than `budget` has left.
pub fn describe(tile: &[u8], budget: &mut Budget) -> Result<Description> {
    let opened = Tile::open(tile, budget)?;
    let recorder = Recorder::new(budget);
    let directory = Directory::read_traced(tile, recorder.trace(), budget)?;
    let vertices = describe_vertices(&opened, recorder.trace(), budget)?;
    let mut layers = Vec::with_capacity(directory.layers.len());
    // The front of a compact tile has been told of.
    let told = Recorder::new(budget);
    for (layer, reader) in directory.layers.iter().zip(opened.layers()) {
        let (rows, trace) = (layer.features, recorder.trace());
        let describer = Describer { tile: &opened, reader, rows, trace, told: told.trace() };
        let columns = layer.columns.iter().enumerate().map(|(number, column)| {
            describer.column(number, column, budget).map_err(|error| match column.kind.is_property() {
                true => error.within(format!("column {:?}", column.name)),
                false => error.within(column.kind.name()),
            })
        });
        let columns: Result<_> = columns.collect();
        layers.push(columns.map_err(|error| error.within(format!("layer {:?}", layer.name)))?);
    }
    let fields = recorder.finish(budget)?;
    Ok(Description { directory, vertices, layers, fields })
}

/// Describes the columns of a layer of `rows` features.
struct Describer<'a> {
    tile: &'a Tile<'a>,
    reader: LayerReader<'a>,
    rows: usize,
    trace: Recording<'a>,
    /// For text of a compact tile: it stands in the front, of which the trace knows.
    told: Recording<'a>,
}

impl Describer<'_> {
    fn column(&self, number: usize, column: &ColumnEntry, budget: &mut Budget) -> Result<ColumnDescription> {
        let streams = Streams::new(&column.streams, self.tile.payloads());
        match column.kind {
            ColumnKind::Geometry => {
                let geometry = self.reader.geometry(budget)?;
                let describe = |entry: &StreamEntry, budget: &mut Budget| {
                    geometry::describe::stream(entry, self.payload(entry)?, &geometry, budget)
                };
                describe_streams(column, self.rows, describe, budget)
            }
            ColumnKind::BorrowedDictionary => {
                let values = string::read_dictionary(&streams, budget)?.len();
                Ok(ColumnDescription { values, streams: Vec::new(), children: Vec::new() })
            }
            ColumnKind::HashedId => {
                let (ids, texts) = self.reader.hashed_ids(column, budget)?;
                let values = ids.values.len() - ids.nulls.as_ref().map_or(0, |nulls| nulls.null_count());
                let without =
                    (0..ids.values.len()).filter(|&row| ids.get(row).is_some() && !texts.is_valid(row));
                let without = without.count();
                let describe = |entry: &StreamEntry, budget: &mut Budget| {
                    self.property_stream(column.kind, entry, &streams, without, budget)
                };
                describe_streams(column, values, describe, budget)
            }
            ColumnKind::SharedDictionary => {
                let strings = string::read_dictionary(&streams, budget)?.len();
                let describe = |entry: &StreamEntry, budget: &mut Budget| {
                    self.property_stream(column.kind, entry, &streams, strings, budget)
                };
                describe_streams(column, strings, describe, budget)
            }
            ColumnKind::MValues | ColumnKind::Z => {
                let (nulls, values) = present::read(&streams, self.rows, budget)?;
                let geometry = self.reader.geometry(budget)?;
                let has = |row: &usize| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(*row));
                let rows = (0..self.rows).filter(has);
                let vertices = rows.map(|row| geometry.feature_vertices(row).len()).sum();
                let describe = |entry: &StreamEntry, budget: &mut Budget| {
                    self.property_stream(column.kind, entry, &streams, vertices, budget)
                };
                let mut described = describe_streams(column, values, describe, budget)?;
                for child in &column.children {
                    let streams = Streams::new(&child.streams, self.tile.payloads());
                    let describe = |entry: &StreamEntry, budget: &mut Budget| {
                        self.property_stream(child.kind, entry, &streams, vertices, budget)
                    };
                    described.children.push(describe_streams(child, vertices, describe, budget)?);
                }
                Ok(described)
            }
            kind if kind.is_nested() => {
                let decoded = self.reader.column_at(number, budget)?;
                self.nested(column, &decoded, self.rows, budget)
            }
            _ if column.tokens().is_some() => {
                let values = self.reader.column_at(number, budget)?;
                let coded = self.reader.tokens_of(number, budget)?.map_or(0, |tokens| tokens.values());
                let describe = |entry: &StreamEntry, budget: &mut Budget| {
                    let (encoding, reader) = (entry.encoding(), self.payload(entry)?);
                    match entry.role() {
                        Role::Tokens => {
                            describe::ints(encoding, tokens::describe(reader)?, self.rows, budget)
                        }
                        _ => describe::ints(encoding, reader, coded, budget),
                    }
                };
                describe_streams(column, values.len() - values.null_count(), describe, budget)
            }
            kind => {
                let (_, values) = present::read(&streams, self.rows, budget)?;
                let describe = |entry: &StreamEntry, budget: &mut Budget| {
                    self.property_stream(kind, entry, &streams, values, budget)
                };
                describe_streams(column, values, describe, budget)
            }
        }
    }

    /// A nested column or one within; it is what `decoded` says, and its levels have `entries` entries.
    fn nested(
        &self,
        column: &ColumnEntry,
        decoded: &Column,
        entries: usize,
        budget: &mut Budget,
    ) -> Result<ColumnDescription> {
        let streams = Streams::new(&column.streams, self.tile.payloads());
        let entries = match column.kind {
            ColumnKind::List | ColumnKind::Map | ColumnKind::GroupedMap => {
                count(column, Role::RepetitionLevels).unwrap_or(0)
            }
            _ => entries,
        };
        let values = decoded.len() - decoded.null_count();
        let describe = |entry: &StreamEntry, budget: &mut Budget| match entry.role() {
            Role::RepetitionLevels | Role::DefinitionLevels => {
                describe::ints(entry.encoding(), self.payload(entry)?, entries, budget)
            }
            _ => self.property_stream(column.kind, entry, &streams, values, budget),
        };
        let mut described = describe_streams(column, values, describe, budget)?;
        if let Values::Nested(nested) = &decoded.values {
            for (child, decoded) in column.children.iter().zip(nested.children()) {
                described.children.push(self.nested(child, decoded, entries, budget)?);
            }
        }
        Ok(described)
    }

    /// How a stream of a column that has `values` values is coded.
    fn property_stream(
        &self,
        kind: ColumnKind,
        entry: &StreamEntry,
        streams: &Streams,
        values: usize,
        budget: &mut Budget,
    ) -> Result<Coding> {
        let (encoding, reader) = (entry.encoding(), self.payload(entry)?);
        match entry.role() {
            Role::Present => bits(encoding, reader, self.rows),
            Role::Values if kind == ColumnKind::Bool => bits(encoding, reader, values),
            Role::Terminated => describe::bytes(encoding, reader, entry.count().unwrap_or(0)),
            Role::Text => {
                let (lengths, payload) = streams.need(Role::Lengths)?;
                let count = lengths.count().unwrap_or(values);
                let lengths: Vec<u32> = ints::read(lengths.encoding(), payload, count, budget)?;
                let bytes: u64 = lengths.iter().map(|&length| u64::from(length)).sum();
                describe::bytes(encoding, reader, bytes as usize)
            }
            _ => describe::ints(encoding, reader, entry.count().unwrap_or(values), budget),
        }
    }

    fn payload(&self, entry: &StreamEntry) -> Result<Reader<'_, Recording<'_>>> {
        let compact = self.tile.directory().layout() == Layout::Compact;
        let in_front = entry.role().is_in_front(entry.encoding());
        let trace = if compact && in_front { self.told } else { self.trace };
        Ok(self.tile.payloads().payload(entry)?.traced(trace))
    }
}

/// How the vertices of all layers of a compact tile are coded.
fn describe_vertices(tile: &Tile, trace: Recording, budget: &mut Budget) -> Result<Vec<StreamDescription>> {
    let entries = tile.directory().vertices();
    let (mut vertices, mut runs, mut lines) = (0, 0, false);
    if !entries.is_empty() {
        for layer in tile.layers() {
            let geometry = layer.geometry(budget)?;
            vertices += geometry.vertices().len() / 2;
            runs +=
                geometry.ring_offsets().map_or(geometry.vertices().len() / 2, |offsets| offsets.len() - 1);
            lines |= geometry.ring_offsets().is_some();
        }
    }
    let runs = lines.then_some(runs);
    let describe = |entry: &StreamEntry| {
        let reader = tile.payloads().payload(entry)?.traced(trace);
        let coding = geometry::describe::vertices(entry, reader, vertices, runs, budget)?;
        Ok(StreamDescription { entry: entry.clone(), count: coding.count, coding })
    };
    entries.iter().map(describe).collect()
}

/// A column that has `values` values; `describe` tells how each of its streams is coded.
fn describe_streams(
    column: &ColumnEntry,
    values: usize,
    mut describe: impl FnMut(&StreamEntry, &mut Budget) -> Result<Coding>,
    budget: &mut Budget,
) -> Result<ColumnDescription> {
    let mut streams = budget.vec(column.streams.len(), "descriptions", column.range().start)?;
    for entry in &column.streams {
        let coding = describe(entry, budget).map_err(|error| error.within(entry.role().name()))?;
        streams.push(StreamDescription { entry: entry.clone(), count: coding.count, coding });
    }
    Ok(ColumnDescription { values, streams, children: Vec::new() })
}

/// The number of values that the directory states for the stream of `role`.
fn count(column: &ColumnEntry, role: Role) -> Option<usize> {
    column.streams.iter().find(|entry| entry.role() == role).and_then(StreamEntry::count)
}

/// How `count` bits are coded.
fn bits(encoding: u8, reader: Reader<Recording>, count: usize) -> Result<Coding> {
    Ok(Coding { count, ..describe::bytes(encoding, reader, count.div_ceil(8))? })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::check::describe::cover;
    use crate::testing::generate::{layers, options};
    use crate::testing::random::Random;

    /// A random tile in a random one of the ways to encode it.
    fn tile(random: &mut Random) -> Vec<u8> {
        let layers = layers::tile(random);
        crate::tile::write::encode(&layers, &options::any(random)).unwrap()
    }

    proptest! {
        #[test]
        fn every_byte_is_told_once_and_the_counts_are_right(seed: u64) {
            let tile = tile(&mut Random::from_seed(seed));
            let mut budget = Budget::default();
            let described = describe(&tile, &mut budget).unwrap();
            cover(&described.fields, tile.len());

            let opened = Tile::open(&tile, &mut budget).unwrap();
            prop_assert_eq!(opened.directory(), &described.directory);
            for (reader, columns) in opened.layers().zip(&described.layers) {
                let layer = reader.decode(&mut budget).unwrap();
                let mut properties = layer.columns().iter();
                for (entry, column) in reader.entry().columns().iter().zip(columns) {
                    prop_assert_eq!(entry.children().len(), column.children.len());
                    let (kind, entry_has_no_tokens) = (entry.kind, entry.tokens().is_none());
                    for (entry, stream) in entry.streams.iter().zip(&column.streams) {
                        prop_assert_eq!(entry, &stream.entry);
                        // Tokens have a head before what is coded.
                        let has_head = entry.role() == Role::Tokens;
                        prop_assert!(has_head || stream.coding.bytes == entry.range().len());
                        match entry.role() {
                            Role::Present | Role::Types | Role::Tokens => prop_assert_eq!(stream.count, layer.len()),
                            // Those of heights: of vertices. Of hashed ids: those without a string.
                            Role::Values if [ColumnKind::Z, ColumnKind::HashedId].contains(&kind) => {}
                            // Beside tokens there are only those values that they do not stand for.
                            Role::Values if entry_has_no_tokens => {
                                prop_assert_eq!(stream.count, column.values);
                            }
                            Role::Vertices | Role::VertexOffsets => {
                                prop_assert_eq!(stream.count, layer.geometry().vertices().len() / 2);
                            }
                            _ => {}
                        }
                    }
                    if entry.kind.is_property() {
                        let decoded = properties.next().unwrap();
                        prop_assert_eq!(column.values, decoded.len() - decoded.null_count());
                    }
                }
            }
        }

        #[test]
        fn damage_is_survived(seed: u64, hits in prop::collection::vec(any::<(u64, u8)>(), 1..4)) {
            let mut tile = tile(&mut Random::from_seed(seed));
            for (place, byte) in hits {
                let place = place as usize % tile.len();
                tile[place] = byte;
            }
            if let Ok(described) = describe(&tile, &mut Budget::new(16 << 20)) {
                cover(&described.fields, tile.len());
            }
        }
    }

    #[test]
    fn every_shorter_tile_is_refused() {
        let tile = tile(&mut Random::from_seed(3));
        for len in 0..tile.len() {
            describe(&tile[..len], &mut Budget::default()).unwrap_err();
        }
        describe(&tile, &mut Budget::none()).unwrap_err();
    }
}
