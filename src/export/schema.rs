//! The fields of the table that holds the features of all tiles.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef};

use super::shape::Shape;
use super::{ExportOptions, is_covt};
use crate::arrow::{self, Predicate};
use crate::limits::Budget;
use crate::mvt;
use crate::tile::directory::Directory;
use crate::tile::layer::Layer;
use crate::tileset::{Error, Result, TileFormat};

/// How many layers are named to who asked for another one.
const NAMED: usize = 50;

/// The fields that stand before the properties.
pub(super) const OWN: [&str; 6] = ["z", "x", "y", "id", "geometry", "bbox"];

/// A column of a layer: its key and its type.
type Found = (String, Shape);

/// What the layer has in one tile.
#[derive(Default)]
pub(super) struct Seen {
    /// None if the tile has no such layer.
    columns: Option<Vec<Found>>,
    ids: bool,
    others: Vec<String>,
}

/// What the layer has in all tiles that were seen.
pub(super) struct Survey {
    layer: String,
    wanted: Option<Vec<String>>,
    tiles: u64,
    found: bool,
    ids: bool,
    others: BTreeSet<String>,
    columns: Vec<Found>,
    /// The properties that the filter names, and all that there are.
    filtered: Vec<String>,
    names: BTreeSet<String>,
}

/// The table.
pub(super) struct Table {
    pub(super) schema: SchemaRef,
    /// Whether features may have ids.
    pub(super) ids: bool,
    /// The properties: key, type and the number of the field.
    pub(super) columns: Vec<(String, Shape, usize)>,
}

impl Survey {
    pub(super) fn new(options: &ExportOptions) -> Self {
        Self {
            layer: options.layer.clone(),
            wanted: options.columns.clone(),
            tiles: 0,
            found: false,
            ids: false,
            others: BTreeSet::new(),
            columns: Vec::new(),
            filtered: options.filter.iter().flat_map(Predicate::properties).map(str::to_owned).collect(),
            names: BTreeSet::new(),
        }
    }

    /// Looks at a tile; of a COVT tile only at its directory.
    pub(super) fn look(options: &ExportOptions, format: TileFormat, tile: &[u8]) -> Result<Seen> {
        let mut seen = Seen::default();
        let bad = |error| Error::because("is damaged", error);
        if is_covt(format, tile) {
            let directory = Directory::read(tile, &mut Budget::default()).map_err(bad)?;
            for layer in directory.layers() {
                if layer.name() != options.layer {
                    seen.others.push(layer.name().to_owned());
                    continue;
                }
                seen.ids |= layer.columns().iter().any(|column| column.kind().is_id());
                let columns = layer.columns().iter();
                let columns =
                    columns.filter_map(|column| Some((column.name().to_owned(), Shape::of_entry(column)?)));
                seen.columns.get_or_insert_default().extend(columns);
            }
            return Ok(seen);
        }
        for layer in mvt::read(tile).map_err(bad)?.0 {
            match layer.name() == options.layer {
                true => seen.add(&layer),
                false => seen.others.push(layer.name().to_owned()),
            }
        }
        Ok(seen)
    }

    pub(super) fn merge(&mut self, seen: Seen) {
        self.tiles += 1;
        self.ids |= seen.ids;
        self.found |= seen.columns.is_some();
        for other in seen.others {
            if self.others.len() < NAMED {
                self.others.insert(other);
            }
        }
        for (name, shape) in seen.columns.unwrap_or_default() {
            if !self.names.contains(&name) {
                self.names.insert(name.clone());
            }
            if self.wanted.as_ref().is_some_and(|wanted| !wanted.contains(&name)) {
                continue;
            }
            let mut same_name = self.columns.iter_mut().filter(|(other, _)| *other == name);
            let merged = same_name.find_map(|(_, own)| Some((own.merge(&shape)?, own)));
            match merged {
                Some((merged, own)) => *own = merged,
                None => self.columns.push((name, shape)),
            }
        }
    }

    /// # Errors
    /// If no tile has the layer, or none has a column that is wanted.
    pub(super) fn finish(self) -> Result<Table> {
        let names = || self.others.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        if self.tiles == 0 {
            return Err(Error::new("there are no tiles of these zooms in this box"));
        }
        if !self.found {
            return Err(Error::new(match self.others.is_empty() {
                true => format!("no tile has a layer {:?}, or any", self.layer),
                false => format!("no tile has a layer {:?}, but there are {}", self.layer, names()),
            }));
        }
        let missing = |name: &&str| !self.names.contains(*name);
        let wanted = self.wanted.iter().flatten().map(String::as_str);
        if let Some(name) = wanted.chain(self.filtered.iter().map(String::as_str)).find(missing) {
            return Err(Error::new(format!(
                "no feature of the layer {:?} has a property {name:?}",
                self.layer
            )));
        }
        let corners = ["xmin", "ymin", "xmax", "ymax"].map(|name| Field::new(name, DataType::Float64, false));
        let mut fields = [
            Field::new("z", DataType::UInt8, false),
            Field::new("x", DataType::UInt32, false),
            Field::new("y", DataType::UInt32, false),
        ]
        .map(|field| arrow::with_role(field, "tile"))
        .to_vec();
        if self.ids {
            fields.push(arrow::with_role(Field::new("id", DataType::UInt64, true), "id"));
        }
        fields.push(arrow::with_role(Field::new("geometry", DataType::Binary, true), "geometry"));
        let boxes = Field::new("bbox", DataType::Struct(Fields::from(corners.to_vec())), true);
        fields.push(arrow::with_role(boxes, "bbox"));
        let mut taken: BTreeSet<String> = OWN.iter().map(|&name| name.to_owned()).collect();
        // The first column of a key has its name, if that is free.
        let mut plain: BTreeSet<&str> = BTreeSet::new();
        let firsts: Vec<bool> = self
            .columns
            .iter()
            .map(|(name, _)| !OWN.contains(&name.as_str()) && plain.insert(name))
            .collect();
        taken.extend(plain.iter().map(|&name| name.to_owned()));
        let mut columns = Vec::with_capacity(self.columns.len());
        for ((name, shape), first) in self.columns.iter().zip(firsts) {
            let field_name = if first {
                name.clone()
            } else {
                let base = format!("{name}:{}", shape.name());
                let further = (2..).map(|number| format!("{base}:{number}"));
                let mut all = std::iter::once(base.clone()).chain(further);
                let free = all.find(|name| !taken.contains(name)).expect("numbers do not end");
                taken.insert(free.clone());
                free
            };
            columns.push((name.clone(), shape.clone(), fields.len()));
            let field = arrow::named(Field::new(field_name, shape.data_type(), true), name);
            fields.push(match shape {
                Shape::Measure(_) => arrow::with_role(field, "measure"),
                _ => field,
            });
        }
        Ok(Table { schema: Arc::new(Schema::new(fields)), ids: self.ids, columns })
    }
}

impl Seen {
    fn add(&mut self, layer: &Layer) {
        self.ids |= layer.ids().is_some();
        let columns =
            layer.columns().iter().map(|column| (column.name.to_string(), Shape::of(&column.values)));
        self.columns.get_or_insert_default().extend(columns);
    }
}
