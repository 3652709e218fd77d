//! A tile in, layers and columns out, each only when asked for.

use std::sync::Arc;

use super::directory::{ColumnEntry, Directory, LayerEntry};
use super::layer::Layer;
use crate::array::Utf8;
use crate::column::{Column, ColumnKind, Ids, Values, scalar, string};
use crate::error::{Error, Result};
use crate::geometry::builder::GeometryBuilder;
use crate::geometry::{self, Geometry};
use crate::limits::Budget;
use crate::stream::Streams;

/// What a buffer takes apart from its values, in bytes: where they are, and who uses them.
const BUFFER: usize = 80;

/// What a column takes apart from its values: values, validity, and a dictionary's offsets and text.
const COLUMN: usize = 5 * BUFFER;

/// What geometry takes apart from its values: types, three levels of offsets, vertices, triangles,
/// and the three of commands.
const GEOMETRY: usize = 9 * BUFFER;

/// A tile whose directory has been read. Layers and columns decode when they are asked for, and
/// touch no other bytes than their own and those of the dictionary they name.
///
/// ```
/// use covt::{Budget, EncodeOptions, LayerBuilder, Tile, Value};
///
/// let mut places = LayerBuilder::new("places");
/// places.feature(Some(7), |geometry| Ok(geometry.point(1200, 830)))?;
/// places.property("name", Value::String("Vaduz"))?;
/// let bytes = covt::encode(&[places.finish()?], &EncodeOptions::default())?;
///
/// let mut budget = Budget::default();
/// let tile = Tile::open(&bytes, &mut budget)?;
/// let places = tile.layer("places").unwrap();
/// let name = places.column("name", &mut budget)?.unwrap();
/// assert_eq!(name.get(0), Some(Value::String("Vaduz")));
/// # Ok::<(), covt::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Tile<'a> {
    bytes: &'a [u8],
    directory: Directory,
}

impl<'a> Tile<'a> {
    /// Reads the head and the directory of a tile, nothing else.
    ///
    /// # Errors
    /// If `bytes` is not a COVT tile, ends early or has bytes left over, or the directory exceeds
    /// `budget`.
    pub fn open(bytes: &'a [u8], budget: &mut Budget) -> Result<Self> {
        let directory = Directory::read(bytes, budget)?;
        let (end, len) = (directory.body.end, bytes.len());
        if end > len {
            return Err(Error::truncated(len, format!("the tile's body: {} of {end} bytes are there", len)));
        }
        if end < len {
            return Err(Error::new(
                crate::ErrorKind::Overlong,
                end,
                format!("{} bytes left over behind the tile", len - end),
            ));
        }
        Ok(Self { bytes, directory })
    }

    /// What the tile holds and where.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// The layers, in order.
    pub fn layers(&self) -> impl ExactSizeIterator<Item = LayerReader<'_>> {
        let bytes = self.bytes;
        self.directory.layers.iter().map(move |entry| LayerReader { entry, bytes, base: 0 })
    }

    /// The first layer of that name.
    pub fn layer(&self, name: &str) -> Option<LayerReader<'_>> {
        self.layers().find(|layer| layer.entry.name == name)
    }

    /// Decodes every layer.
    ///
    /// # Errors
    /// If the tile is damaged, or decoding it takes more memory than `budget` has left.
    pub fn decode(&self, budget: &mut Budget) -> Result<Vec<Layer>> {
        let mut layers = budget.vec(self.directory.layers.len(), "layers", self.directory.body.start)?;
        for layer in self.layers() {
            layers.push(layer.decode(budget)?);
        }
        Ok(layers)
    }
}

/// Decodes the columns of one layer.
#[derive(Clone, Copy, Debug)]
pub struct LayerReader<'a> {
    entry: &'a LayerEntry,
    bytes: &'a [u8],
    base: usize,
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
        let count = self.entry.columns.len();
        let at = self.entry.columns.first().map_or(0, |column| column.range().start);
        budget.charge(self.entry.name.len(), "layer", at)?;
        let mut dictionaries: Vec<Option<Arc<Utf8>>> = budget.zeroed(count, "columns", at)?;
        let mut columns = budget.vec(count, "columns", at)?;
        for column in self.entry.columns.iter().filter(|column| column.kind.is_property()) {
            let dictionary = match column.dictionary {
                None => None,
                Some(number) => Some(match &dictionaries[number] {
                    Some(dictionary) => Arc::clone(dictionary),
                    None => {
                        let dictionary = self.dictionary(number, budget)?;
                        dictionaries[number] = Some(Arc::clone(&dictionary));
                        dictionary
                    }
                }),
            };
            columns.push(self.decode_column(column, dictionary, budget)?);
        }
        Ok(Layer {
            name: self.entry.name.clone(),
            extent: self.entry.extent,
            version: self.entry.version,
            ids: self.ids(budget)?,
            geometry: self.geometry(budget)?,
            columns,
        })
    }

    /// Decodes the ids, if the layer has any.
    ///
    /// # Errors
    /// If they are damaged, or take more memory than `budget` has left.
    pub fn ids(&self, budget: &mut Budget) -> Result<Option<Ids>> {
        let Some(column) = self.entry.columns.iter().find(|column| column.kind == ColumnKind::Id) else {
            return Ok(None);
        };
        let streams = self.streams(column);
        budget.charge(COLUMN, "ids", streams.offset())?;
        let ids = scalar::read_ids(&streams, self.entry.features, budget);
        ids.map(Some).map_err(|error| self.within(error.within("ids")))
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
        let dictionary = match column.dictionary {
            Some(number) => Some(self.dictionary(number, budget)?),
            None => None,
        };
        self.decode_column(column, dictionary, budget)
    }

    fn decode_column(
        &self,
        column: &ColumnEntry,
        dictionary: Option<Arc<Utf8>>,
        budget: &mut Budget,
    ) -> Result<Column> {
        let (streams, rows) = (self.streams(column), self.entry.features);
        budget.charge(COLUMN + column.name.len(), "column", streams.offset())?;
        let read = match column.kind {
            ColumnKind::String | ColumnKind::StringDictionary | ColumnKind::SharedString => {
                string::read(column.kind, &streams, rows, dictionary, budget)
                    .map(|(strings, nulls)| (Values::String(strings), nulls))
            }
            kind => scalar::read(kind, &streams, rows, budget),
        };
        match read {
            Ok((values, nulls)) => Ok(Column { name: column.name.clone(), values, nulls }),
            Err(error) => Err(self.within(error.within(format!("column {:?}", column.name)))),
        }
    }

    fn dictionary(&self, number: usize, budget: &mut Budget) -> Result<Arc<Utf8>> {
        // Counted with the column that needs it.
        string::read_dictionary(&self.streams(&self.entry.columns[number]), budget)
            .map(Arc::new)
            .map_err(|error| self.within(error.within("shared dictionary")))
    }

    fn streams(&self, column: &'a ColumnEntry) -> Streams<'a> {
        Streams::new(&column.streams, self.bytes, self.base)
    }

    #[cold]
    fn within(&self, error: Error) -> Error {
        error.within(format!("layer {:?}", self.entry.name))
    }
}
