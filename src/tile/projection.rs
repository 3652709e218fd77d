//! What of tiles is wanted: layers and columns by their names.

use super::directory::{ColumnEntry, LayerEntry};
use crate::column::ColumnKind;

/// A column of one layer, or of all layers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnName {
    /// The layer; none for all.
    pub layer: Option<String>,
    /// The column.
    pub column: String,
}

impl ColumnName {
    /// Of the form `NAME`, or `LAYER/NAME` for a column of one layer only.
    ///
    /// # Errors
    /// What is wrong with it, if the layer or the column has no name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (layer, column) = match text.split_once('/') {
            Some((layer, column)) => (Some(layer.to_owned()), column),
            None => (None, text),
        };
        if column.is_empty() || layer.as_deref() == Some("") {
            return Err("not of the form NAME or LAYER/NAME".into());
        }
        Ok(Self { layer, column: column.into() })
    }

    pub(crate) fn is(&self, layer: &str, column: &str) -> bool {
        self.column == column && self.layer.as_ref().is_none_or(|name| name == layer)
    }
}

/// What of a tile is wanted; all of it by default. Names that a tile has not want nothing of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Projection {
    /// The layers; none for all.
    pub layers: Option<Vec<String>>,
    /// The properties and values per vertex; none for all.
    pub columns: Option<Vec<ColumnName>>,
    /// Whether ids are.
    pub ids: bool,
    /// Whether geometries and heights are. What is a tile itself always has them.
    pub geometry: bool,
}

impl Default for Projection {
    fn default() -> Self {
        Self { layers: None, columns: None, ids: true, geometry: true }
    }
}

impl Projection {
    /// Whether the layer of that name is wanted.
    pub fn wants_layer(&self, layer: &str) -> bool {
        self.layers.as_ref().is_none_or(|names| names.iter().any(|name| name == layer))
    }

    /// Whether a property or values per vertex of that name are wanted of the layer.
    pub fn wants_property(&self, layer: &str, column: &str) -> bool {
        self.columns.as_ref().is_none_or(|names| names.iter().any(|name| name.is(layer, column)))
    }

    /// Whether a column is wanted for itself, which dictionaries are not.
    pub(super) fn wants(&self, layer: &LayerEntry, column: &ColumnEntry) -> bool {
        match column.kind {
            kind if kind.is_id() => self.ids,
            ColumnKind::Geometry | ColumnKind::Z => self.geometry,
            kind if kind.is_shared_dictionary() => false,
            _ => self.wants_property(&layer.name, &column.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_one_layer_or_of_all() {
        let everywhere = ColumnName::parse("class").unwrap();
        let of_roads = ColumnName::parse("roads/a/b").unwrap();
        assert!(everywhere.is("roads", "class") && everywhere.is("", "class"));
        assert!(of_roads.is("roads", "a/b") && !of_roads.is("water", "a/b"));
        for text in ["", "/", "roads/", "/class"] {
            assert!(ColumnName::parse(text).is_err(), "{text:?}");
        }
        let projection =
            Projection { columns: Some(vec![everywhere]), layers: Some(vec![]), ..Projection::default() };
        assert!(projection.wants_property("roads", "class") && !projection.wants_property("roads", "name"));
        assert!(!projection.wants_layer("roads") && Projection::default().wants_layer("roads"));
    }
}
