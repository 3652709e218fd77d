//! `?layers=` and `?columns=`: what of a tileset's tiles is wanted.

use super::describe::KnownLayer;
use crate::serve::fault::Fault;
use crate::tile::layer::Layer;
use crate::tile::projection::{ColumnName, Projection};

/// Reads the pairs of a query; `known` are all layers, if they are known.
pub(super) fn parse(pairs: &[(String, String)], known: &[KnownLayer]) -> Result<Projection, Fault> {
    let mut wanted = Projection::default();
    let wrong = |parameter: &'static str| move |what: String| Fault::wrong(parameter, what);
    for (name, value) in pairs {
        let names = || value.split(',').filter(|name| !name.is_empty());
        let twice = match name.as_str() {
            "layers" => {
                let list: Vec<String> = names().map(str::to_owned).collect();
                list.iter().try_for_each(|name| check_layer(name, known).map_err(wrong("layers")))?;
                wanted.layers.replace(list).is_some()
            }
            "columns" => {
                let list: Result<Vec<_>, _> = names().map(ColumnName::parse).collect();
                let list = list.map_err(wrong("columns"))?;
                list.iter().try_for_each(|name| check_column(name, known).map_err(wrong("columns")))?;
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

fn check_layer(name: &str, known: &[KnownLayer]) -> Result<(), String> {
    if known.is_empty() || known.iter().any(|layer| layer.name == name) {
        return Ok(());
    }
    let names: Vec<&str> = known.iter().map(|layer| layer.name.as_str()).collect();
    Err(format!("there is no layer {name:?}, only {}", names.join(", ")))
}

/// Whether a layer has such a column, or may have one.
fn check_column(name: &ColumnName, known: &[KnownLayer]) -> Result<(), String> {
    let ColumnName { layer, column } = name;
    if let Some(layer) = layer {
        check_layer(layer, known)?;
    }
    let mut layers = known.iter().filter(|own| layer.as_ref().is_none_or(|layer| own.name == *layer));
    let has = |own: &KnownLayer| own.columns.as_ref().is_none_or(|columns| columns.contains(column));
    if known.is_empty() || layers.any(has) {
        return Ok(());
    }
    let place = layer.as_ref().map_or("any layer".to_owned(), |layer| format!("layer {layer:?}"));
    Err(format!("there is no column {column:?} in {place}"))
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
        let columns = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
        let layer = |name: &str, columns| KnownLayer { name: name.into(), columns };
        let known =
            [layer("roads", columns(&["class", "a", "b"])), layer("water", columns(&["class", "name"]))];
        let result = parse(&pairs, &known);
        // Where nothing is known, everything may be.
        if let Ok(wanted) = &result {
            assert_eq!(parse(&pairs, &[]).unwrap(), *wanted);
            let unsure = known.map(|layer| KnownLayer { columns: None, ..layer });
            assert_eq!(parse(&pairs, &unsure).unwrap(), *wanted);
        }
        result
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (query, parameter) in [
            (&[("layer", "roads")][..], "layer"),
            (&[("layers", "roads,rail")], "layers"),
            (&[("columns", "a,roads/")], "columns"),
            (&[("columns", "class,nothing")], "columns"),
            (&[("columns", "roads/name")], "columns"),
            (&[("columns", "rail/class")], "columns"),
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
