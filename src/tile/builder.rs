//! Layers built feature by feature, for people who make tiles from their own data.

use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::layer::{DEFAULT_EXTENT, Layer};
use crate::array::utf8::Utf8Builder;
use crate::column::Value;
use crate::column::builder::{Cell, ColumnBuilder, IdsBuilder, ValueType};
use crate::error::{Error, Result};
use crate::geometry::builder::GeometryBuilder;

/// Builds a [`Layer`] feature by feature.
///
/// ```
/// use covt::{GeometryBuilder, LayerBuilder, Value};
///
/// let mut layer = LayerBuilder::new("places");
/// layer.feature(Some(7), |geometry| Ok(geometry.point(1200, 830)))?;
/// layer.property("name", Value::String("Vaduz"))?;
/// layer.property("population", Value::UInt(5_696))?;
/// let layer = layer.finish()?;
/// assert_eq!(layer.len(), 1);
/// assert_eq!(layer.column("name").unwrap().get(0), Some(Value::String("Vaduz")));
/// # Ok::<(), covt::Error>(())
/// ```
#[derive(Debug)]
pub struct LayerBuilder {
    name: String,
    extent: u32,
    version: u32,
    ids: IdsBuilder,
    geometry: GeometryBuilder,
    columns: Vec<(String, ValueType, ColumnBuilder)>,
    /// Column numbers by key, in the order the columns were made.
    by_name: HashMap<String, Vec<usize>, FixedState>,
    strings: Utf8Builder,
    string_numbers: HashMap<String, u32, FixedState>,
}

impl LayerBuilder {
    /// A layer of extent 4096, after version 2 of the MVT specification.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            extent: DEFAULT_EXTENT,
            version: 2,
            ids: IdsBuilder::default(),
            geometry: GeometryBuilder::default(),
            columns: Vec::new(),
            by_name: HashMap::default(),
            strings: Utf8Builder::default(),
            string_numbers: HashMap::default(),
        }
    }

    /// Sets the number of units along a side of the tile.
    #[must_use]
    pub fn with_extent(mut self, extent: u32) -> Self {
        self.extent = extent;
        self
    }

    /// Sets the version of the MVT specification the layer follows.
    #[must_use]
    pub fn with_version(mut self, version: u32) -> Self {
        self.version = version;
        self
    }

    /// Starts a feature: `geometry` must add exactly one geometry to the builder it is given.
    /// Properties given from now on are this feature's.
    ///
    /// # Errors
    /// Those of `geometry`, and [`crate::ErrorKind::InvalidInput`] if it adds none or several.
    pub fn feature(
        &mut self,
        id: Option<u64>,
        geometry: impl FnOnce(&mut GeometryBuilder) -> Result<&mut GeometryBuilder>,
    ) -> Result<&mut Self> {
        let row = self.geometry.len();
        geometry(&mut self.geometry)?;
        if self.geometry.len() != row + 1 {
            return Err(Error::input("a feature needs exactly one geometry"));
        }
        if let Some(id) = id {
            self.ids.push(row, id);
        }
        Ok(self)
    }

    /// Gives the feature started last a property. A key may be given several times, also with
    /// values of different types.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] if no feature was started, or the layer's strings exceed
    /// 2 GiB.
    pub fn property(&mut self, key: &str, value: Value<'_>) -> Result<&mut Self> {
        let row = self
            .geometry
            .len()
            .checked_sub(1)
            .ok_or_else(|| Error::input("a property before any feature"))?;
        let (strings, numbers) = (&mut self.strings, &mut self.string_numbers);
        let cell = Cell::new(value, |string| {
            if let Some(&number) = numbers.get(string) {
                return Ok(number);
            }
            let number = strings.len() as u32;
            strings.push(string)?;
            numbers.insert(string.to_owned(), number);
            Ok(number)
        })?;
        let columns = &mut self.columns;
        let same_name = self.by_name.entry_ref(key).or_default();
        let free = same_name
            .iter()
            .copied()
            .find(|&index| columns[index].1 == cell.value_type() && !columns[index].2.has(row));
        let index = free.unwrap_or_else(|| {
            let value_type = cell.value_type();
            columns.push((key.to_owned(), value_type, ColumnBuilder::new(value_type)));
            same_name.push(columns.len() - 1);
            columns.len() - 1
        });
        columns[index].2.push(row, cell);
        Ok(self)
    }

    /// The layer.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] if it has more than 2^31 − 1 vertices.
    pub fn finish(self) -> Result<Layer> {
        let rows = self.geometry.len();
        let dictionary = Arc::new(self.strings.finish());
        let columns = self
            .columns
            .into_iter()
            .map(|(name, _, column)| column.finish(name, rows, &dictionary))
            .collect();
        Ok(Layer {
            name: self.name,
            extent: self.extent,
            version: self.version,
            ids: self.ids.finish(rows),
            geometry: self.geometry.finish()?,
            columns,
        })
    }
}
