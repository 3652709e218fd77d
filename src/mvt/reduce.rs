//! What MVT cannot hold, made into what it can: flattened or dropped, and reported.

use std::borrow::Cow;
use std::collections::BTreeSet;

use smol_str::{SmolStr, format_smolstr};

use crate::array::NullBuffer;
use crate::column::{Column, Nested, Strings, Value, Values, json};
use crate::tile::layer::Layer;

/// What becomes of what MVT cannot hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Beyond {
    /// Fields of structs become properties with dotted names, lists and maps become JSON text; so do values
    /// per vertex, heights as the property z.
    #[default]
    Flatten,
    /// It is left out.
    Drop,
}

/// What [`reduce`] had to change: layers and the names of their properties.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
// A conversion that was ended has to know it again.
#[cfg_attr(feature = "tileset", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Reduced {
    /// What was flattened.
    pub flattened: BTreeSet<(String, String)>,
    /// What was left out.
    pub dropped: BTreeSet<(String, String)>,
}

impl Reduced {
    /// Whether nothing had to be changed.
    pub fn is_empty(&self) -> bool {
        self.flattened.is_empty() && self.dropped.is_empty()
    }

    /// Adds what another tile had changed.
    pub fn extend(&mut self, other: Self) {
        self.flattened.extend(other.flattened);
        self.dropped.extend(other.dropped);
    }

    fn add(&mut self, beyond: Beyond, layer: &str, name: &str) {
        let set = match beyond {
            Beyond::Flatten => &mut self.flattened,
            Beyond::Drop => &mut self.dropped,
        };
        set.insert((layer.to_owned(), name.to_owned()));
    }
}

/// The layers as MVT can hold them, and what had to be changed for it. Index buffers, which follow from the
/// geometries, are not counted.
pub fn reduce(layers: &[Layer], beyond: Beyond) -> (Cow<'_, [Layer]>, Reduced) {
    let mut reduced = Reduced::default();
    if layers.iter().all(fits) {
        return (Cow::Borrowed(layers), reduced);
    }
    let layers = layers.iter().map(|layer| reduce_layer(layer, beyond, &mut reduced)).collect();
    (Cow::Owned(layers), reduced)
}

/// Whether MVT can hold what a layer holds.
pub(super) fn fits(layer: &Layer) -> bool {
    layer.measures.is_empty()
        && layer.heights.is_none()
        && layer.columns().iter().all(|column| !matches!(column.values, Values::Nested(_)))
}

fn reduce_layer(layer: &Layer, beyond: Beyond, reduced: &mut Reduced) -> Layer {
    let mut columns = Vec::with_capacity(layer.columns.len());
    for column in &layer.columns {
        match &column.values {
            Values::Nested(nested) => {
                reduced.add(beyond, &layer.name, &column.name);
                if beyond == Beyond::Flatten {
                    flatten(column, nested, column.name.clone(), column.nulls.clone(), &mut columns);
                }
            }
            _ => columns.push(column.clone()),
        }
    }
    let vertices = |row| layer.geometry.feature_vertices(row);
    let mut of_vertices = |name: &str, nulls: Option<&NullBuffer>, text: &dyn Fn(usize) -> String| {
        reduced.add(beyond, &layer.name, name);
        if beyond == Beyond::Flatten {
            let values = Values::String(Strings::Plain((0..layer.len()).map(text).collect()));
            columns.push(Column { name: name.into(), values, nulls: nulls.cloned() });
        }
    };
    for measure in &layer.measures {
        let text = |row| json::list(measure.get(row, vertices(row)).unwrap_or_default());
        of_vertices(&measure.name, measure.nulls.as_ref(), &text);
    }
    if let Some(heights) = &layer.heights {
        let metres = |row| vertices(row).map(|vertex| Value::Double(heights.metres(vertex))).collect();
        of_vertices("z", heights.nulls.as_ref(), &|row| json::list(metres(row)));
    }
    Layer { columns, measures: Vec::new(), heights: None, ..layer.clone() }
}

/// Appends what becomes of a nested column, of which `nulls` says who has a value.
fn flatten(
    column: &Column,
    nested: &Nested,
    name: SmolStr,
    nulls: Option<NullBuffer>,
    out: &mut Vec<Column>,
) {
    match nested {
        Nested::Struct { fields, .. } if !fields.is_empty() => {
            for field in fields {
                let name = format_smolstr!("{name}.{}", field.name);
                let nulls = NullBuffer::union(nulls.as_ref(), field.nulls.as_ref());
                match &field.values {
                    Values::Nested(nested) => flatten(field, nested, name, nulls, out),
                    values => out.push(Column { name, values: values.clone(), nulls }),
                }
            }
        }
        _ => {
            let text = |row| match nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)) {
                true => column.get(row).map_or(String::new(), json::text),
                false => String::new(),
            };
            let strings = Strings::Plain((0..column.len()).map(text).collect());
            out.push(Column { name, values: Values::String(strings), nulls });
        }
    }
}
