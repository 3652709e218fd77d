//! A layer in memory: what a decoder hands out and what an encoder takes.

use crate::column::{Column, Ids};
use crate::error::{Error, Result};
use crate::geometry::Geometry;

/// The extent of a layer that does not say otherwise.
pub const DEFAULT_EXTENT: u32 = 4096;

/// A layer: features of one theme, as columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    pub(crate) name: String,
    pub(crate) extent: u32,
    pub(crate) version: u32,
    pub(crate) ids: Option<Ids>,
    pub(crate) geometry: Geometry,
    pub(crate) columns: Vec<Column>,
}

impl Layer {
    /// A layer of these columns. `extent` is the number of units along a side of the tile,
    /// `version` that of the MVT specification the layer follows.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] if the columns do not all have one entry per feature, or
    /// a dictionary key points nowhere.
    pub fn try_new(
        name: impl Into<String>,
        extent: u32,
        version: u32,
        ids: Option<Ids>,
        geometry: Geometry,
        columns: Vec<Column>,
    ) -> Result<Self> {
        let layer = Self { name: name.into(), extent, version, ids, geometry, columns };
        layer.check().map_err(|error| error.within(format!("layer {:?}", layer.name)))?;
        Ok(layer)
    }

    fn check(&self) -> Result<()> {
        let rows = self.len();
        if let Some(ids) = &self.ids
            && (ids.values.len() != rows || ids.nulls.as_ref().is_some_and(|nulls| nulls.len() != rows))
        {
            return Err(Error::input("not as many ids as geometries"));
        }
        for column in &self.columns {
            let within = |what| Error::input(what).within(format!("column {:?}", column.name));
            if column.len() != rows {
                return Err(within("not as many values as geometries"));
            }
            column.check().map_err(within)?;
        }
        Ok(())
    }

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
    pub fn len(&self) -> usize {
        self.geometry.len()
    }

    /// Whether there are no features.
    pub fn is_empty(&self) -> bool {
        self.geometry.is_empty()
    }

    /// The features' ids; none if no feature has one.
    pub fn ids(&self) -> Option<&Ids> {
        self.ids.as_ref()
    }

    /// The features' geometries.
    pub fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    /// The features' properties.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The first column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}
