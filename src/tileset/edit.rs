//! What is left out of tiles on their way.

use serde_json::Value as Json;

use super::metadata::Metadata;
use crate::tile::layer::Layer;
pub use crate::tile::projection::ColumnName;

/// What stays of tiles; all of it by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    /// The layers that stay; none for all.
    pub layers: Option<Vec<String>>,
    /// The columns that do not stay, values per vertex among them.
    pub drop_columns: Vec<ColumnName>,
}

impl Edit {
    /// Whether everything stays.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    fn keeps(&self, layer: &str) -> bool {
        self.layers.as_ref().is_none_or(|names| names.iter().any(|name| name == layer))
    }

    fn drops(&self, layer: &str, column: &str) -> bool {
        self.drop_columns.iter().any(|name| name.is(layer, column))
    }

    pub(crate) fn apply(&self, layers: &mut Vec<Layer>) {
        layers.retain(|layer| self.keeps(layer.name()));
        for layer in layers {
            let Layer { name, columns, measures, .. } = layer;
            columns.retain(|column| !self.drops(name, &column.name));
            measures.retain(|measure| !self.drops(name, &measure.name));
        }
    }

    /// Leaves out of `vector_layers` what is left out of the tiles, and keeps zooms within `zooms`.
    pub(crate) fn apply_to(&self, metadata: &mut Metadata, zooms: [u8; 2]) {
        let Some(Json::Array(mut layers)) = metadata.described("vector_layers") else { return };
        let name = |layer: &Json| layer.get("id").and_then(Json::as_str).unwrap_or_default().to_owned();
        let [first, last] = zooms.map(u64::from);
        layers.retain(|layer| {
            let zoom = |key: &str| layer.get(key).and_then(Json::as_u64);
            let occurs = zoom("minzoom").is_none_or(|zoom| zoom <= last);
            occurs && zoom("maxzoom").is_none_or(|zoom| zoom >= first) && self.keeps(&name(layer))
        });
        for layer in &mut layers {
            let id = name(layer);
            if let Some(Json::Object(fields)) = layer.get_mut("fields") {
                fields.retain(|field, _| !self.drops(&id, field));
            }
            for (key, within) in [("minzoom", first..=u64::MAX), ("maxzoom", 0..=last)] {
                if let Some(zoom) = layer.get(key).and_then(Json::as_u64)
                    && !within.contains(&zoom)
                {
                    layer[key] = zoom.clamp(first, last).into();
                }
            }
        }
        metadata.describe_as("vector_layers", layers.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::Value;
    use crate::tile::builder::LayerBuilder;

    fn layer(name: &str) -> Layer {
        let mut layer = LayerBuilder::new(name);
        layer.feature(Some(1), |geometry| Ok(geometry.point(1, 2))).unwrap();
        layer.property("class", Value::String("a")).unwrap();
        layer.property("name", Value::String("b")).unwrap();
        layer.finish().unwrap()
    }

    fn edit() -> Edit {
        let drop = |layer: Option<&str>, column: &str| ColumnName {
            layer: layer.map(str::to_owned),
            column: column.into(),
        };
        Edit {
            layers: Some(vec!["roads".into(), "water".into()]),
            drop_columns: vec![drop(None, "name"), drop(Some("water"), "class")],
        }
    }

    #[test]
    fn layers_and_columns_go() {
        let mut layers = ["water", "poi", "roads"].map(layer).to_vec();
        edit().apply(&mut layers);
        let names =
            |layer: &Layer| layer.columns().iter().map(|column| column.name.to_string()).collect::<Vec<_>>();
        let found: Vec<_> = layers.iter().map(|layer| (layer.name(), names(layer))).collect();
        assert_eq!(found, [("water", vec![]), ("roads", vec!["class".to_owned()])]);
    }

    #[test]
    fn so_does_what_is_said_of_them() {
        let text = br#"{"vector_layers":[
            {"id":"water","fields":{"class":"String","name":"String"},"minzoom":0,"maxzoom":14},
            {"id":"poi","fields":{}},
            {"id":"roads","fields":{"class":"String","name":"String"},"minzoom":11,"maxzoom":14}]}"#;
        let mut metadata = Metadata::from_json(text).unwrap();
        edit().apply_to(&mut metadata, [2, 10]);
        let expected = serde_json::json!([{"id":"water","fields":{},"minzoom":2,"maxzoom":10}]);
        assert_eq!(metadata.described("vector_layers"), Some(expected));
    }
}
