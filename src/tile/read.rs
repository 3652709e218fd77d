//! A layer of a tile in, its columns out, each only when asked for.

#[cfg(feature = "arrow")]
mod cached;
mod leaf;
mod per_vertex;
mod seen;
pub(crate) mod upload;
mod whole;

use std::sync::Arc;

use self::seen::Seen;
pub use self::whole::Tile;

use super::directory::{ColumnEntry, LayerEntry, Layout};
use super::layer::Layer;
use super::links::Need;
use crate::array::{NullBuffer, Utf8};
use crate::column::hashed::Hash;
use crate::column::nested::assemble;
use crate::column::together::Together;
use crate::column::tokens::{self, Reference, References, Tokens};
use crate::column::{Column, ColumnKind, Ids, Strings, Values, hashed, scalar, string};
use crate::error::{Error, Result};
use crate::geometry::builder::GeometryBuilder;
use crate::geometry::{self, Geometry};
use crate::limits::Budget;
use crate::stream::{Role, StreamEntry, Streams};

/// What a buffer takes apart from its values, in bytes: where they are, and who uses them.
const BUFFER: usize = 80;

/// What a column takes apart from its values: values, validity, and a dictionary's offsets and text.
const COLUMN: usize = 5 * BUFFER;

/// What geometry takes apart from its values: types, three levels of offsets, vertices, triangles,
/// and the three of commands.
const GEOMETRY: usize = 9 * BUFFER;

/// The dictionaries decoded so far, by the numbers of their columns, up to the last of them.
type Dictionaries = Vec<Option<Arc<Utf8>>>;

/// Decodes the columns of one layer.
#[derive(Clone, Copy, Debug)]
pub struct LayerReader<'a> {
    tile: &'a Tile<'a>,
    number: usize,
    entry: &'a LayerEntry,
}

impl<'a> LayerReader<'a> {
    /// What the directory tells of the layer.
    pub fn entry(&self) -> &'a LayerEntry {
        self.entry
    }

    /// Decodes every column.
    ///
    /// # Errors
    /// If the layer is damaged, or takes more memory than `budget` has left.
    pub fn decode(&self, budget: &mut Budget) -> Result<Layer> {
        self.decode_with(None, budget)
    }

    /// [`Self::decode`] with the geometries, if they are known already.
    fn decode_with(&self, geometry: Option<Geometry>, budget: &mut Budget) -> Result<Layer> {
        let at = self.offset();
        budget.charge(self.entry.name.len(), "layer", at)?;
        let mut dictionaries = Dictionaries::new();
        let columns = self.properties_with(&mut dictionaries, budget)?;
        let ids = match self.hash() {
            Some((column, hash)) => {
                let properties = self.entry.columns[..hash.column].iter();
                let place = properties.filter(|column| column.kind.is_property()).count();
                Some(self.ids_of(column, hash, &columns[place], budget)?)
            }
            None => self.ids(budget)?,
        };
        let geometry = match geometry {
            Some(geometry) => geometry,
            None => self.geometry(budget)?,
        };
        let measures = self.entry.columns.iter().filter(|column| column.kind == ColumnKind::MValues);
        let mut measures = budget.vec(measures.count(), "columns", at)?;
        let mut heights = None;
        for column in &self.entry.columns {
            match column.kind {
                ColumnKind::MValues => {
                    measures.push(self.decode_measure(
                        column,
                        geometry.spans(),
                        &mut dictionaries,
                        budget,
                    )?);
                }
                ColumnKind::Z => heights = Some(self.decode_heights(column, geometry.spans(), budget)?),
                _ => {}
            }
        }
        Ok(Layer {
            name: self.entry.name.clone(),
            extent: self.entry.extent,
            version: self.entry.version,
            ids,
            geometry,
            columns,
            measures,
            heights,
        })
    }

    /// Where the columns start.
    fn offset(&self) -> usize {
        self.entry.columns.first().map_or(0, |column| column.range().start)
    }

    /// Decodes all properties.
    #[cfg(feature = "arrow")]
    pub(crate) fn properties(&self, budget: &mut Budget) -> Result<Vec<Column>> {
        self.properties_with(&mut Dictionaries::new(), budget)
    }

    fn properties_with(&self, dictionaries: &mut Dictionaries, budget: &mut Budget) -> Result<Vec<Column>> {
        let (count, at) = (self.entry.columns.len(), self.offset());
        let mut columns = budget.vec(count, "columns", at)?;
        // Only tokens refer to other columns.
        let refers = self.entry.columns.iter().any(|column| column.tokens().is_some());
        let mut seen = Seen::new(if refers { count } else { 0 }, at, budget)?;
        let mut together = self.together(at, budget)?;
        let numbers = (0..count).filter(|&number| self.entry.columns[number].kind.is_property());
        for number in numbers {
            columns.push(match &mut together {
                Some(together) if self.entry.columns[number].kind == ColumnKind::SharedString => {
                    self.decode_together(number, together, dictionaries, &mut seen, budget)?
                }
                _ => self.decode_column(number, None, dictionaries, &mut seen, budget)?,
            });
        }
        if let Some(together) = together {
            let places =
                self.entry.columns.iter().enumerate().filter(|(_, column)| column.kind.is_property());
            let mut places = places.map(|(number, _)| number).zip(&mut columns);
            together.finish(|number, keys, nulls| {
                let column = places.find(|(other, _)| *other == number);
                let Some((_, Column { values: Values::String(strings), nulls: column_nulls, .. })) = column
                else {
                    unreachable!("a column of strings")
                };
                strings.set_keys(keys);
                *column_nulls = nulls;
            });
        }
        Ok(columns)
    }

    /// Decodes the ids, if the layer has any.
    ///
    /// # Errors
    /// If they are damaged, or take more memory than `budget` has left.
    pub fn ids(&self, budget: &mut Budget) -> Result<Option<Ids>> {
        let Some(column) = self.entry.columns.iter().find(|column| column.kind.is_id()) else {
            return Ok(None);
        };
        if column.hash.is_some() {
            return self.hashed_ids(column, budget).map(|(ids, _)| Some(ids));
        }
        let streams = self.streams(column);
        budget.charge(COLUMN, "ids", streams.offset())?;
        let ids = scalar::read_ids(&streams, self.entry.features, budget);
        ids.map(Some).map_err(|error| self.within(error.within("ids")))
    }

    /// The column of ids that are hashes, if they are.
    fn hash(&self) -> Option<(&'a ColumnEntry, Hash)> {
        self.entry.columns.iter().find_map(|column| Some((column, column.hash?)))
    }

    /// Ids that are hashes, and the property that they are hashes of.
    pub(super) fn hashed_ids(&self, column: &'a ColumnEntry, budget: &mut Budget) -> Result<(Ids, Column)> {
        let hash = column.hash.expect("ids that are hashes");
        let texts = self.column_at(hash.column, budget)?;
        Ok((self.ids_of(column, hash, &texts, budget)?, texts))
    }

    fn ids_of(
        &self,
        column: &'a ColumnEntry,
        hash: Hash,
        texts: &Column,
        budget: &mut Budget,
    ) -> Result<Ids> {
        let streams = self.streams(column);
        let at = self.entry.columns[hash.column].range().start;
        budget.charge(COLUMN, "ids", at)?;
        let ids = hashed::read(&streams, hash.multiplier, texts, at, budget);
        ids.map_err(|error| self.within(error.within("ids")))
    }

    /// Decodes the geometries.
    ///
    /// # Errors
    /// If they are damaged, or take more memory than `budget` has left.
    pub fn geometry(&self, budget: &mut Budget) -> Result<Geometry> {
        let Some(column) = self.entry.columns.iter().find(|column| column.kind == ColumnKind::Geometry)
        else {
            // The directory has made sure that the layer has no features then.
            return GeometryBuilder::default().finish();
        };
        if self.tile.directory.layout == Layout::Compact {
            return Ok(self.tile.geometries(budget)?[self.number].clone());
        }
        let streams = self.streams(column);
        budget.charge(GEOMETRY, "geometry", streams.offset())?;
        geometry::column::read(&streams, self.entry.features, budget)
            .map_err(|error| self.within(error.within("geometry")))
    }

    /// Decodes the first property of that name, if there is one.
    ///
    /// # Errors
    /// If it is damaged, or takes more memory than `budget` has left.
    pub fn column(&self, name: &str, budget: &mut Budget) -> Result<Option<Column>> {
        let mut properties =
            self.entry.columns.iter().enumerate().filter(|(_, column)| column.kind.is_property());
        match properties.find(|(_, column)| column.name == name) {
            Some((number, _)) => self.column_at(number, budget).map(Some),
            None => Ok(None),
        }
    }

    /// Decodes the property that is column `number` of the layer's entry in the directory.
    ///
    /// # Errors
    /// If there is no such column or it is no property, if it is damaged, or takes more memory than
    /// `budget` has left.
    pub fn column_at(&self, number: usize, budget: &mut Budget) -> Result<Column> {
        let column = self.entry.columns.get(number).filter(|column| column.kind.is_property());
        let column =
            column.ok_or_else(|| self.within(Error::input(format!("column {number} is no property"))))?;
        let mut dictionaries = Dictionaries::new();
        let mut seen = Seen::new(number + 1, column.range().start, budget)?;
        // All but the last are what that one refers to.
        for (number, need) in self.entry.needs(number).into_iter().filter(|&(other, _)| other < number) {
            match need {
                Need::Values => {
                    self.decode_column(number, None, &mut dictionaries, &mut seen, budget)?;
                }
                Need::Tokens => self.tokens(number, &mut seen, budget)?,
            }
        }
        self.decode_column(number, None, &mut dictionaries, &mut seen, budget)
    }

    /// Decodes a property; of a nested one, if there is a `route`, the leaf that it leads to.
    fn decode_column(
        &self,
        number: usize,
        route: Option<&[usize]>,
        dictionaries: &mut Dictionaries,
        seen: &mut Seen,
        budget: &mut Budget,
    ) -> Result<Column> {
        let column = &self.entry.columns[number];
        if column.kind.is_nested() {
            let source = self.source(column, route, dictionaries, budget)?;
            let read = assemble::read(&source, self.entry.features, budget);
            return read.map_err(|error| self.within_column(column, error));
        }
        let (values, nulls) = self.decode_values(number, dictionaries, seen, budget)?;
        Ok(Column { name: column.name.clone(), values, nulls })
    }

    /// Room for the columns that share a dictionary, if there are several.
    fn together(&self, at: usize, budget: &mut Budget) -> Result<Option<Together>> {
        let columns = &self.entry.columns;
        let slots = columns.iter().filter(|column| column.kind == ColumnKind::SharedString).count();
        match slots {
            0..2 => Ok(None),
            _ => Together::new(columns.len(), slots, self.entry.features, at, budget).map(Some),
        }
    }

    /// [`Self::decode_column`] of shared strings, but keys and validity go to `together`.
    fn decode_together(
        &self,
        number: usize,
        together: &mut Together,
        dictionaries: &mut Dictionaries,
        seen: &mut Seen,
        budget: &mut Budget,
    ) -> Result<Column> {
        let column = &self.entry.columns[number];
        let streams = self.streams(column);
        let dictionary = self.dictionary_of(column, dictionaries, budget)?.expect("shared strings have one");
        budget.charge(COLUMN + column.name.len(), "column", streams.offset())?;
        self.tokens(number, seen, budget)?;
        let read = match (column.tokens(), seen.tokens.get(number).and_then(Option::as_ref)) {
            (Some(entry), Some(tokens)) => {
                together.read(number, tokens, entry.references(), &streams, &dictionary, budget)
            }
            _ => together.read_plain(number, &streams, &dictionary, budget),
        };
        read.map_err(|error| self.within_column(column, error))?;
        let values = Values::String(Strings::without_keys(dictionary));
        Ok(Column { name: column.name.clone(), values, nulls: None })
    }

    /// [`Self::decode_column`] without its name.
    fn decode_values(
        &self,
        number: usize,
        dictionaries: &mut Dictionaries,
        seen: &mut Seen,
        budget: &mut Budget,
    ) -> Result<(Values, Option<NullBuffer>)> {
        let column = &self.entry.columns[number];
        if column.kind.is_nested() {
            let Column { values, nulls, .. } =
                self.decode_column(number, None, dictionaries, seen, budget)?;
            return Ok((values, nulls));
        }
        let (streams, rows) = (self.streams(column), self.entry.features);
        let dictionary = self.dictionary_of(column, dictionaries, budget)?;
        budget.charge(COLUMN + column.name.len(), "column", streams.offset())?;
        self.tokens(number, seen, budget)?;
        let tokens = seen.tokens.get(number).and_then(Option::as_ref);
        let read = match column.kind {
            ColumnKind::String | ColumnKind::StringDictionary | ColumnKind::SharedString => {
                let references = column.tokens().into_iter().flat_map(StreamEntry::references);
                // The directory has made sure that these are strings, which were decoded before.
                let cells = references.filter_map(|other| seen.cells[other].as_ref());
                let references: References = cells.map(Reference::new).collect();
                let tokens = tokens.map(|tokens| (tokens, &references[..]));
                string::read(column.kind, &streams, rows, dictionary, tokens, budget)
                    .map(|(strings, nulls)| (Values::String(strings), nulls))
            }
            kind => scalar::read(kind, &streams, rows, tokens, budget),
        };
        let (values, nulls) = read.map_err(|error| self.within_column(column, error))?;
        if let (Values::String(Strings::Dictionary { keys, .. }), Some(cells)) =
            (&values, seen.cells.get_mut(number))
        {
            *cells = Some((keys.clone(), nulls.clone()));
        }
        Ok((values, nulls))
    }

    /// The tokens of column `number`, if it has some.
    pub(crate) fn tokens_of(&self, number: usize, budget: &mut Budget) -> Result<Option<Tokens>> {
        let mut seen = Seen::new(number + 1, self.streams(&self.entry.columns[number]).offset(), budget)?;
        for (number, _) in self.entry.needs(number) {
            self.tokens(number, &mut seen, budget)?;
        }
        Ok(seen.tokens.pop().flatten())
    }

    /// Reads the tokens of column `number`, if it has some, for itself and those they are contexts of.
    fn tokens(&self, number: usize, seen: &mut Seen, budget: &mut Budget) -> Result<()> {
        let column = &self.entry.columns[number];
        let Some(entry) = column.tokens() else { return Ok(()) };
        let mut read = || {
            let (_, reader) = self.streams(column).need(Role::Tokens)?;
            // The directory has made sure that these are tokens, which were read before.
            let context = entry.context().and_then(|other| seen.tokens[other].as_ref());
            let context = context.map(|tokens| tokens.symbols(budget)).transpose()?;
            tokens::read(entry, reader, self.entry.features, context.as_deref(), budget)
        };
        seen.tokens[number] = Some(read().map_err(|error| self.within_column(column, error))?);
        Ok(())
    }

    /// The dictionary that `column` names, if it names one.
    fn dictionary_of(
        &self,
        column: &ColumnEntry,
        dictionaries: &mut Dictionaries,
        budget: &mut Budget,
    ) -> Result<Option<Arc<Utf8>>> {
        let Some(number) = column.dictionary else { return Ok(None) };
        if let more @ 1.. = (number + 1).saturating_sub(dictionaries.len()) {
            budget.charge(more * size_of::<Arc<Utf8>>(), "columns", column.range().start)?;
            dictionaries.reserve_exact(more);
            dictionaries.resize(number + 1, None);
        }
        if dictionaries[number].is_none() {
            dictionaries[number] = Some(self.dictionary(number, budget)?);
        }
        Ok(dictionaries[number].clone())
    }

    fn dictionary(&self, number: usize, budget: &mut Budget) -> Result<Arc<Utf8>> {
        // Counted with the column that needs it.
        string::read_dictionary(&self.streams(&self.entry.columns[number]), budget)
            .map(Arc::new)
            .map_err(|error| self.within(error.within("shared dictionary")))
    }

    fn streams(&self, column: &'a ColumnEntry) -> Streams<'a> {
        Streams::new(&column.streams, self.tile.payloads())
    }

    #[cold]
    fn within_column(&self, column: &ColumnEntry, error: Error) -> Error {
        self.within(error.within(format!("column {:?}", column.name)))
    }

    #[cold]
    fn within(&self, error: Error) -> Error {
        error.within(format!("layer {:?}", self.entry.name))
    }
}
