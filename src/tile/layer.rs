//! A layer in memory: what a decoder hands out and what an encoder takes.

use smol_str::SmolStr;

use super::measures::{Heights, Measure};
use crate::column::{Column, Ids};
use crate::error::{Error, Result};
use crate::geometry::Geometry;

/// The extent of a layer that does not say otherwise.
pub const DEFAULT_EXTENT: u32 = 4096;

/// A layer: features of one theme, as columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    pub(crate) name: SmolStr,
    pub(crate) extent: u32,
    pub(crate) version: u32,
    pub(crate) ids: Option<Ids>,
    pub(crate) geometry: Geometry,
    pub(crate) columns: Vec<Column>,
    pub(crate) measures: Vec<Measure>,
    pub(crate) heights: Option<Heights>,
}

impl Layer {
    /// A layer of these columns. `extent` is the number of units along a side of the tile,
    /// `version` that of the MVT specification the layer follows.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] if the columns do not all have one entry per feature, or
    /// a dictionary key points nowhere.
    pub fn try_new(
        name: impl Into<SmolStr>,
        extent: u32,
        version: u32,
        ids: Option<Ids>,
        geometry: Geometry,
        columns: Vec<Column>,
    ) -> Result<Self> {
        let name = name.into();
        let layer =
            Self { name, extent, version, ids, geometry, columns, measures: Vec::new(), heights: None };
        layer.check().map_err(|error| error.within(format!("layer {:?}", layer.name)))?;
        Ok(layer)
    }

    /// Adds values per vertex.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] if a measure has not one value for each vertex, or nested ones,
    /// or heights have a grid that is none.
    pub fn with_vertex_values(mut self, measures: Vec<Measure>, heights: Option<Heights>) -> Result<Self> {
        (self.measures, self.heights) = (measures, heights);
        self.check().map_err(|error| error.within(format!("layer {:?}", self.name)))?;
        Ok(self)
    }

    /// Adds the triangles of polygons ([`Geometry::triangles`]), if there are polygons and no triangles yet.
    #[cfg(feature = "triangles")]
    #[must_use]
    pub fn with_triangles(mut self) -> Self {
        let is_polygonal = |row| self.geometry.geometry_type(row).is_polygonal();
        if self.geometry.indices.is_none() && (0..self.len()).any(is_polygonal) {
            self.geometry.indices = Some(self.geometry.triangles().into());
        }
        self
    }

    fn check(&self) -> Result<()> {
        let rows = self.len();
        let vertices = self.geometry.vertices.len() / 2;
        for measure in &self.measures {
            let within = |what| Error::input(what).within(format!("measure {:?}", measure.name));
            measure.check(rows, vertices).map_err(within)?;
        }
        if let Some(heights) = &self.heights {
            heights.check(rows, vertices).map_err(|what| Error::input(what).within("heights"))?;
        }
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

    /// The named values per vertex.
    pub fn measures(&self) -> &[Measure] {
        &self.measures
    }

    /// The heights of the vertices, if there are any.
    pub fn heights(&self) -> Option<&Heights> {
        self.heights.as_ref()
    }

    /// The first column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}
