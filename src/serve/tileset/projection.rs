//! `?layers=` and `?columns=`: what of a tileset's tiles is wanted.

use std::collections::BTreeSet;

use super::describe::KnownLayers;
use crate::serve::fault::Fault;
use crate::tile::layer::Layer;
use crate::tile::projection::{ColumnName, Projection};

/// What of tiles is wanted.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Wanted {
    pub(super) projection: Projection,
    /// The names in it that nothing known tells of, where something may be that is not known.
    doubts: Vec<Doubt>,
}

#[derive(Debug, PartialEq)]
struct Doubt {
    parameter: &'static str,
    layer: Option<String>,
    column: Option<String>,
    /// What is said if there is no such thing.
    message: String,
}

/// The names of layers and of their columns.
pub(super) type Names = Vec<(String, Vec<String>)>;

impl Wanted {
    /// Whether [`Self::check`] has anything to look at.
    pub(super) fn has_doubts(&self) -> bool {
        !self.doubts.is_empty()
    }

    /// Refuses what neither is known nor has a tile of these layers and columns.
    pub(super) fn check(&self, tile: &Names) -> Result<(), Fault> {
        for Doubt { parameter, layer, column, message } in &self.doubts {
            let mut layers = tile.iter().filter(|(name, _)| layer.as_ref().is_none_or(|layer| layer == name));
            let there =
                layers.any(|(_, columns)| column.as_ref().is_none_or(|column| columns.contains(column)));
            if !there {
                return Err(Fault::wrong(parameter, message.clone()));
            }
        }
        Ok(())
    }

    fn doubt(
        &mut self,
        parameter: &'static str,
        name: [Option<&String>; 2],
        known: &KnownLayers,
        message: String,
    ) -> Result<(), Fault> {
        if known.are_all {
            return Err(Fault::wrong(parameter, message));
        }
        let [layer, column] = name.map(Option::<&String>::cloned);
        self.doubts.push(Doubt { parameter, layer, column, message });
        Ok(())
    }

    fn layer(&mut self, parameter: &'static str, name: &String, known: &KnownLayers) -> Result<(), Fault> {
        if known.layers.iter().any(|layer| layer.name == *name) {
            return Ok(());
        }
        let names = known.layers.iter().map(|layer| &layer.name[..]).collect();
        let message = format!("there is no layer {name:?}{}", but(names, known));
        self.doubt(parameter, [Some(name), None], known, message)
    }

    fn column(&mut self, name: &ColumnName, known: &KnownLayers) -> Result<(), Fault> {
        const PARAMETER: &str = "columns";
        let ColumnName { layer, column } = name;
        let layers = known.layers.iter().filter(|own| layer.as_ref().is_none_or(|layer| own.name == *layer));
        let names: BTreeSet<&str> = layers.clone().flat_map(|own| &own.columns).map(String::as_str).collect();
        if names.contains(&column[..]) {
            return Ok(());
        }
        if let Some(layer) = layer
            && layers.count() == 0
        {
            self.layer(PARAMETER, layer, known)?;
        }
        let place = layer.as_ref().map_or("any layer".to_owned(), |layer| format!("layer {layer:?}"));
        let message =
            format!("there is no column {column:?} in {place}{}", but(names.into_iter().collect(), known));
        self.doubt(PARAMETER, [layer.as_ref(), Some(column)], known, message)
    }
}

/// How many names a message lists at most.
const LISTED: usize = 20;

/// What there is instead.
fn but(names: Vec<&str>, known: &KnownLayers) -> String {
    let only = if known.are_all { "only" } else { "but" };
    match names.len() {
        0 => String::new(),
        1..=LISTED => format!(", {only} {}", names.join(", ")),
        count => format!(", {only} {} and {} others", names[..LISTED].join(", "), count - LISTED),
    }
}

/// Reads the pairs of a query. What is known not to be there is refused.
pub(super) fn parse(pairs: &[(String, String)], known: &KnownLayers) -> Result<Wanted, Fault> {
    let mut wanted = Wanted::default();
    for (name, value) in pairs {
        let names = || value.split(',').filter(|name| !name.is_empty());
        let twice = match name.as_str() {
            "layers" => {
                let list: Vec<String> = names().map(str::to_owned).collect();
                list.iter().try_for_each(|name| wanted.layer("layers", name, known))?;
                wanted.projection.layers.replace(list).is_some()
            }
            "columns" => {
                let list: Result<Vec<_>, _> = names().map(ColumnName::parse).collect();
                let list = list.map_err(|what| Fault::wrong("columns", what))?;
                list.iter().try_for_each(|name| wanted.column(name, known))?;
                wanted.projection.columns.replace(list).is_some()
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
    use super::super::describe::KnownLayer;
    use super::*;

    fn ask(query: &[(&str, &str)]) -> Result<Projection, Fault> {
        let pairs: Vec<_> = query.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let tile: Names =
            vec![("roads".into(), names(&["class", "a", "b"])), ("water".into(), names(&["class", "name"]))];
        let layer = |(name, columns): &(String, Vec<String>)| KnownLayer {
            name: name.clone(),
            columns: columns.clone(),
        };
        let all = KnownLayers { layers: tile.iter().map(layer).collect(), are_all: true };
        let result = parse(&pairs, &all);
        if let Ok(wanted) = &result {
            assert!(!wanted.has_doubts());
        }
        // Where not all is known, the tile has the last word, which says the same.
        for known in 0..3 {
            let some = KnownLayers { layers: tile[..known].iter().map(layer).collect(), are_all: false };
            let later =
                parse(&pairs, &some).and_then(|wanted| wanted.check(&tile).map(|()| wanted.projection));
            match (&result, later) {
                (Ok(wanted), Ok(later)) => assert_eq!(wanted.projection, later),
                (Err(fault), Err(later)) => assert_eq!(fault.parameter(), later.parameter()),
                (first, later) => panic!("{first:?}, {later:?}"),
            }
        }
        result.map(|wanted| wanted.projection)
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
