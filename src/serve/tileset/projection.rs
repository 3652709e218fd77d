//! `?layers=` and `?columns=`: what of a tileset's tiles is wanted.

use crate::serve::fault::Fault;
use crate::tile::layer::Layer;
use crate::tile::projection::{ColumnName, Projection};

/// Reads the pairs of a query; `known` are the names of all layers, if they are known.
pub(super) fn parse(pairs: &[(String, String)], known: &[String]) -> Result<Projection, Fault> {
    let mut wanted = Projection::default();
    for (name, value) in pairs {
        let names = || value.split(',').filter(|name| !name.is_empty());
        let twice = match name.as_str() {
            "layers" => {
                let list: Vec<String> = names().map(str::to_owned).collect();
                if let Some(strange) = list.iter().find(|name| !known.is_empty() && !known.contains(name)) {
                    let known = known.join(", ");
                    return Err(Fault::wrong(
                        "layers",
                        format!("there is no layer {strange:?}, only {known}"),
                    ));
                }
                wanted.layers.replace(list).is_some()
            }
            "columns" => {
                let list: Result<Vec<_>, _> = names().map(ColumnName::parse).collect();
                let list = list.map_err(|what| Fault::wrong("columns", what))?;
                wanted.columns.replace(list).is_some()
            }
            _ => {
                let message = "there is no such parameter; tilesets know layers and columns";
                return Err(Fault::wrong(name, message));
            }
        };
        if twice {
            return Err(Fault::wrong(name, "is given twice"));
        }
    }
    Ok(wanted)
}

/// Leaves out of layers what is not wanted.
pub(super) fn apply(wanted: &Projection, layers: &mut Vec<Layer>) {
    layers.retain(|layer| wanted.wants_layer(layer.name()));
    for layer in layers {
        let Layer { name, columns, measures, .. } = layer;
        columns.retain(|column| wanted.wants_property(name, &column.name));
        measures.retain(|measure| wanted.wants_property(name, &measure.name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(query: &[(&str, &str)]) -> Result<Projection, Fault> {
        let pairs: Vec<_> = query.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        parse(&pairs, &["roads".into(), "water".into()])
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (query, parameter) in [
            (&[("layer", "roads")][..], "layer"),
            (&[("layers", "roads,rail")], "layers"),
            (&[("columns", "a,roads/")], "columns"),
            (&[("columns", "a"), ("columns", "b")], "columns"),
            (&[("filter", "a=1")], "filter"),
        ] {
            assert_eq!(ask(query).unwrap_err().parameter(), Some(parameter));
        }
    }

    #[test]
    fn layers_and_columns_stay() {
        let wanted = ask(&[("layers", "roads"), ("columns", "class,water/name")]).unwrap();
        assert!(wanted.wants_layer("roads") && !wanted.wants_layer("water"));
        assert!(wanted.wants_property("roads", "class") && !wanted.wants_property("roads", "name"));
        assert_eq!(ask(&[]).unwrap(), Projection::default());
        assert_ne!(ask(&[("columns", "")]).unwrap(), Projection::default());
    }
}
