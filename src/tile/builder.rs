//! Layers built feature by feature, for people who make tiles from their own data.

use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use smol_str::SmolStr;

use super::drafts::{HeightsDraft, MeasureDraft};
use super::grid::Grid;
use super::layer::{DEFAULT_EXTENT, Layer};

use crate::array::utf8::Utf8Builder;
use crate::column::Value;
use crate::column::builder::{Cell, ColumnBuilder, IdsBuilder, ValueType};
use crate::column::nested::builder::{Item, NestedBuilder};
use crate::column::nested::types::{Type, TypeError};
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
    name: SmolStr,
    extent: u32,
    version: u32,
    ids: IdsBuilder,
    geometry: GeometryBuilder,
    columns: Vec<(SmolStr, Draft)>,
    /// Column numbers by key, in the order the columns were made.
    by_name: HashMap<String, Vec<usize>, FixedState>,
    strings: Dictionary,
    /// The number of the first vertex of the feature started last.
    first_vertex: usize,
    measures: Vec<MeasureDraft>,
    heights: Option<HeightsDraft>,
}

/// A column in the making.
#[derive(Debug)]
enum Draft {
    Values(ValueType, ColumnBuilder),
    Nested(NestedBuilder),
}

/// The strings of the layer, each once.
#[derive(Debug, Default)]
struct Dictionary {
    strings: Utf8Builder,
    numbers: HashMap<String, u32, FixedState>,
}

impl Dictionary {
    fn number(&mut self, string: &str) -> Result<u32> {
        if let Some(&number) = self.numbers.get(string) {
            return Ok(number);
        }
        let number = self.strings.len() as u32;
        self.strings.push(string)?;
        self.numbers.insert(string.to_owned(), number);
        Ok(number)
    }
}

impl LayerBuilder {
    /// A layer of extent 4096, after version 2 of the MVT specification.
    pub fn new(name: impl Into<SmolStr>) -> Self {
        Self {
            name: name.into(),
            extent: DEFAULT_EXTENT,
            version: 2,
            ids: IdsBuilder::default(),
            geometry: GeometryBuilder::default(),
            columns: Vec::new(),
            by_name: HashMap::default(),
            strings: Dictionary::default(),
            first_vertex: 0,
            measures: Vec::new(),
            heights: None,
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
        self.first_vertex = self.geometry.vertices().len() / 2;
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
        if let Value::Nested(value) = value {
            return self.nested(key, &Item::from(value));
        }
        let row = self.row()?;
        let cell = Cell::new(value, |string| self.strings.number(string))?;
        let same_name = self.by_name.entry_ref(key).or_default();
        for &index in &*same_name {
            if let Draft::Values(value_type, column) = &mut self.columns[index].1
                && *value_type == cell.value_type()
                && !column.has(row)
            {
                column.push(row, cell);
                return Ok(self);
            }
        }
        let mut column = ColumnBuilder::new(cell.value_type());
        column.push(row, cell);
        same_name.push(self.columns.len());
        self.columns.push((key.into(), Draft::Values(cell.value_type(), column)));
        Ok(self)
    }

    /// Gives the feature started last a property that may be nested. Values of one key whose types
    /// agree share a column: structs agree whose common fields do, and null agrees with everything;
    /// others stand in further columns of that name. A null at the top is no property.
    ///
    /// ```
    /// use covt::{Item, LayerBuilder, Value};
    ///
    /// let mut layer = LayerBuilder::new("places");
    /// layer.feature(None, |geometry| Ok(geometry.point(1200, 830)))?;
    /// let text = |text| Item::Value(Value::String(text));
    /// layer.nested("names", &Item::Map(vec![(text("de"), text("Genf")), (text("fr"), text("Genève"))]))?;
    /// # Ok::<(), covt::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] if no feature was started, if the elements of a list or map
    /// are of different types, a struct has a field twice, a key of a map is null or nested, values
    /// are nested more than 16 deep, or lists or strings become too long. Nothing is added then.
    pub fn nested(&mut self, key: &str, item: &Item<'_>) -> Result<&mut Self> {
        let row = self.row()?;
        let within = |error| {
            let what = match error {
                TypeError::Mixed => "elements of different types",
                TypeError::Never(what) => what,
            };
            Error::input(what).within(format!("property {key:?}"))
        };
        let own = match item {
            Item::Null => return Ok(self),
            Item::Value(value) if !matches!(value, Value::Nested(_)) => return self.property(key, *value),
            item => Type::of(item).map_err(within)?,
        };
        let Self { columns, strings, by_name, .. } = self;
        let mut intern = |string: &str| strings.number(string);
        let same_name = by_name.entry_ref(key).or_default();
        for &index in &*same_name {
            if let Draft::Nested(column) = &mut columns[index].1
                && !column.has(row)
                && let Ok(both) = column.with(&own)
            {
                column.push(row, item, both, &mut intern)?;
                return Ok(self);
            }
        }
        let mut column = NestedBuilder::new();
        column.push(row, item, own, &mut intern)?;
        same_name.push(columns.len());
        columns.push((key.into(), Draft::Nested(column)));
        Ok(self)
    }

    /// Gives the feature started last a value for each of its vertices, in their order; not nested ones.
    /// Values of one name and of different types, or given twice, become several measures.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] if no feature was started, if there are not as many values as it
    /// has vertices, if they are of different types or nested, or strings become too long.
    pub fn measure(&mut self, name: &str, values: &[Value<'_>]) -> Result<&mut Self> {
        let row = self.row()?;
        self.check_vertices(values.len())?;
        if values.iter().any(|value| matches!(value, Value::Nested(_))) {
            return Err(Error::input("nested values of vertices"));
        }
        let Some(first) = values.first() else { return Ok(self) };
        let value_type = ValueType::of(first);
        if values.iter().any(|value| ValueType::of(value) != value_type) {
            return Err(Error::input("values of vertices of different types"));
        }
        let place = self.measures.iter().position(|draft| draft.takes(name, value_type, row));
        let place = place.unwrap_or_else(|| {
            self.measures.push(MeasureDraft::new(name, value_type));
            self.measures.len() - 1
        });
        for (index, value) in values.iter().enumerate() {
            let cell = Cell::new(*value, |string| self.strings.number(string))?;
            self.measures[place].push(self.first_vertex + index, cell);
        }
        self.measures[place].end(row);
        Ok(self)
    }

    /// Sets the grid of heights, in metres; without, it has steps of a centimetre from 0.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] if `scale` is not above 0, one of the two is no finite number,
    /// or a feature has heights already.
    pub fn height_grid(&mut self, scale: f64, offset: f64) -> Result<&mut Self> {
        if self.heights.is_some() {
            return Err(Error::input("a grid of heights behind heights"));
        }
        self.heights = Some(HeightsDraft::new(Grid { scale, offset })?);
        Ok(self)
    }

    /// Gives the vertices of the feature started last their heights in metres, in their order; each
    /// becomes the nearest one on the grid.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] if no feature was started, if there are not as many heights as it
    /// has vertices, or one is no number or too far from the grid's offset.
    pub fn heights(&mut self, metres: &[f64]) -> Result<&mut Self> {
        let row = self.row()?;
        self.check_vertices(metres.len())?;
        let grid = Grid { scale: 0.01, offset: 0.0 };
        let heights = match &mut self.heights {
            Some(heights) => heights,
            None => self.heights.insert(HeightsDraft::new(grid)?),
        };
        heights.push(row, self.first_vertex, metres)?;
        Ok(self)
    }

    fn check_vertices(&self, values: usize) -> Result<()> {
        let vertices = self.geometry.vertices().len() / 2 - self.first_vertex;
        match values == vertices {
            true => Ok(()),
            false => Err(Error::input(format!("{values} values for {vertices} vertices"))),
        }
    }

    /// The row of the feature started last.
    fn row(&self) -> Result<usize> {
        self.geometry.len().checked_sub(1).ok_or_else(|| Error::input("a property before any feature"))
    }

    /// The layer.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] if it has more than 2^31 − 1 vertices.
    pub fn finish(self) -> Result<Layer> {
        let rows = self.geometry.len();
        let geometry = self.geometry.finish()?;
        let vertices = geometry.vertices().len() / 2;
        let dictionary = Arc::new(self.strings.strings.finish());
        let measures =
            self.measures.into_iter().map(|draft| draft.finish(rows, vertices, &dictionary)).collect();
        let columns = self
            .columns
            .into_iter()
            .map(|(name, draft)| match draft {
                Draft::Values(_, column) => column.finish(name, rows, &dictionary),
                Draft::Nested(column) => column.finish(name, rows, &dictionary),
            })
            .collect();
        Ok(Layer {
            name: self.name,
            extent: self.extent,
            version: self.version,
            ids: self.ids.finish(rows),
            geometry,
            columns,
            measures,
            heights: self.heights.map(|heights| heights.finish(rows, vertices)),
        })
    }
}
