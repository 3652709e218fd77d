//! Names, fields and schemas that were met before: of the tiles of a tileset most have the same.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::mem::{replace, take};
use std::sync::Arc;

use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::View;
use crate::arrow::{key, with_role};
use crate::column::{Strings, Values};

/// The most that is kept of each; then it starts anew.
const MOST: usize = 4096;

/// A type without others in it, by number; nested ones have none.
pub(super) type Simple = Option<usize>;

/// No number of a field.
const NONE: u32 = u32::MAX;

/// How many simple types there are.
const SIMPLE: usize = 8;

/// The number of `sint`, which is Arrow's type of `int`.
const SINT: usize = 3;

/// The type of values: those of one simple type make arrays of one type.
pub(super) fn simple(values: &Values) -> Simple {
    Some(match values {
        Values::Bool(_) => 0,
        Values::Int(_) => 1,
        Values::UInt(_) => 2,
        Values::SInt(_) => SINT,
        Values::Float(_) => 4,
        Values::Double(_) => 5,
        Values::String(Strings::Plain(_)) => 6,
        Values::String(Strings::Dictionary { .. }) => 7,
        Values::Nested(_) => return None,
    })
}

/// What was met before.
#[derive(Debug, Default)]
pub(super) struct Known {
    state: FixedState,
    names: Vec<Name>,
    /// The numbers of names, by their hash.
    numbers: HashTable<usize>,
    fields: Vec<FieldRef>,
    /// Fields of geometries on the map.
    geometries: Vec<FieldRef>,
    schemas: HashTable<Shape>,
    /// The names of the columns of each layer, in order, those of several batches together.
    trails: HashTable<(String, Vec<usize>)>,
    /// Counts batches.
    batch: u64,
    /// Room for numbers.
    spare: Vec<usize>,
}

/// The name of a field.
#[derive(Debug)]
struct Name {
    name: String,
    /// The last batch that had it.
    batch: u64,
    /// The numbers of its fields of simple types, or [`NONE`].
    simple: [u32; SIMPLE],
    /// And of others.
    nested: Vec<usize>,
}

/// What a schema was made of.
#[derive(Debug)]
struct Shape {
    layer: String,
    extent: u32,
    version: u32,
    /// The numbers of the columns' fields, which stand behind those of ids and geometries.
    columns: Vec<usize>,
    schema: SchemaRef,
}

impl Known {
    /// The number of a name.
    fn name(&mut self, name: &str) -> usize {
        let Self { state, names, numbers, .. } = self;
        let hash = state.hash_one(name);
        if let Some(&number) = numbers.find(hash, |&number| names[number].name == name) {
            return number;
        }
        let number = names.len();
        let owned = name.to_owned();
        names.push(Name { name: owned, batch: 0, simple: [NONE; SIMPLE], nested: Vec::new() });
        numbers.insert_unique(hash, number, |&number| state.hash_one(names[number].name.as_str()));
        number
    }

    /// The numbers of the names of a layer; nothing if two are the same, or one is reserved.
    pub(super) fn names<'b>(
        &mut self,
        layer: &str,
        reserved: impl Iterator<Item = &'b str>,
        names: impl Iterator<Item = &'b str>,
    ) -> Option<Vec<usize>> {
        if self.names.len() > MOST || self.fields.len() > MOST || self.trails.len() > MOST {
            // Numbers begin anew, and with them what schemas are known by.
            *self = Self::default();
        }
        self.batch += 1;
        for name in reserved {
            let number = self.name(name);
            self.is_new(number)?;
        }
        let hash = self.state.hash_one(layer);
        let mut trail = match self.trails.find_mut(hash, |(known, _)| known == layer) {
            Some((_, trail)) => take(trail),
            None => {
                let hash_of = |(layer, _): &(String, Vec<usize>)| self.state.hash_one(layer.as_str());
                self.trails.insert_unique(hash, (layer.to_owned(), Vec::new()), hash_of);
                Vec::new()
            }
        };
        let mut numbers = take(&mut self.spare);
        numbers.clear();
        let found = self.follow(&mut trail, names, &mut numbers);
        if let Some((_, known)) = self.trails.find_mut(hash, |(known, _)| known == layer) {
            *known = trail;
        }
        found.then_some(numbers)
    }

    /// Adds the numbers of names, most of which stand in the order of a trail, with few of it missing; adds the
    /// others to it. Whether each is there once.
    fn follow<'b>(
        &mut self,
        trail: &mut Vec<usize>,
        names: impl Iterator<Item = &'b str>,
        numbers: &mut Vec<usize>,
    ) -> bool {
        let mut at = 0;
        for name in names {
            let near = trail[at..].iter().take(4).position(|&number| self.names[number].name == name);
            let number = match near {
                Some(missing) => {
                    at += missing;
                    trail[at]
                }
                None => {
                    let number = self.name(name);
                    match trail[at..].iter().position(|&other| other == number) {
                        Some(missing) => at += missing,
                        None if trail.len() < MOST => trail.insert(at, number),
                        None => trail.truncate(at),
                    }
                    number
                }
            };
            at = (at + 1).min(trail.len());
            match self.is_new(number) {
                Some(number) => numbers.push(number),
                None => return false,
            }
        }
        true
    }

    /// The number of a name that is not in this batch yet.
    fn is_new(&mut self, number: usize) -> Option<usize> {
        (replace(&mut self.names[number].batch, self.batch) != self.batch).then_some(number)
    }

    /// The number of a field that may be null; without metadata, unless it is a `sint`.
    pub(super) fn number(&mut self, name: usize, simple: Simple, data_type: &DataType) -> usize {
        let Self { names, fields, .. } = self;
        let known = match simple {
            Some(simple) => Some(names[name].simple[simple]).filter(|&at| at != NONE).map(|at| at as usize),
            None => {
                let mut nested = names[name].nested.iter().copied();
                nested.find(|&number| fields[number].data_type() == data_type)
            }
        };
        if let Some(number) = known {
            return number;
        }
        let number = fields.len();
        let mut field = Field::new(&names[name].name, data_type.clone(), true);
        if simple == Some(SINT) {
            signed(&mut field);
        }
        fields.push(Arc::new(field));
        match simple {
            Some(simple) => names[name].simple[simple] = u32::try_from(number).unwrap_or(NONE),
            None => names[name].nested.push(number),
        }
        number
    }

    /// The field of [`Self::number`].
    pub(super) fn field(&mut self, name: &str, simple: Simple, data_type: &DataType) -> FieldRef {
        let name = self.name(name);
        let number = self.number(name, simple, data_type);
        Arc::clone(&self.fields[number])
    }

    /// A field of geometries on the map.
    pub(super) fn geometry(&mut self, data_type: &DataType, metadata: &[(&str, &str)]) -> FieldRef {
        let same = |field: &&FieldRef| {
            let own = field.metadata();
            // The role besides.
            own.len() == metadata.len() + 1
                && metadata.iter().all(|(key, value)| own.get(*key).is_some_and(|own| own == value))
                && field.data_type() == data_type
        };
        if let Some(field) = self.geometries.iter().find(same) {
            return Arc::clone(field);
        }
        let mut field = with_role(Field::new("geometry", data_type.clone(), true), "geometry");
        let owned = metadata.iter().map(|&(key, value)| (key.to_owned(), value.to_owned()));
        field.metadata_mut().extend(owned);
        // There are few types, and systems of coordinates.
        if self.geometries.len() == 64 {
            self.geometries.clear();
        }
        self.geometries.push(Arc::new(field));
        Arc::clone(&self.geometries[self.geometries.len() - 1])
    }

    /// The schema of a layer of fields that stand before the columns, and the columns' by their numbers.
    pub(super) fn schema<N, C>(
        &mut self,
        view: &View<N, C>,
        head: [Option<&FieldRef>; 2],
        columns: Vec<usize>,
    ) -> SchemaRef {
        let Self { state, fields, schemas, .. } = self;
        let hash = state.hash_one((&*view.name, &columns[..]));
        let head = || head.into_iter().flatten();
        let same = |shape: &Shape| {
            let of_schema = shape.schema.fields();
            shape.columns == columns
                && of_schema.len() == head().count() + columns.len()
                && head().zip(of_schema).all(|(one, other)| Arc::ptr_eq(one, other))
                && (shape.extent, shape.version) == (view.extent, view.version)
                && shape.layer == view.name
        };
        if let Some(shape) = schemas.find(hash, same) {
            self.spare = columns;
            return Arc::clone(&shape.schema);
        }
        let all = head().chain(columns.iter().map(|&number| &fields[number]));
        let schema = schema(view, all.cloned().collect());
        if schemas.len() == MOST {
            schemas.clear();
        }
        let (layer, extent, version) = (view.name.to_string(), view.extent, view.version);
        let shape = Shape { layer, extent, version, columns, schema: Arc::clone(&schema) };
        let hash_of = |shape: &Shape| state.hash_one((shape.layer.as_str(), &shape.columns[..]));
        schemas.insert_unique(hash, shape, hash_of);
        schema
    }
}

/// Says that integers are MVT's `sint_value`.
pub(super) fn signed(field: &mut Field) {
    field.metadata_mut().insert(key::TYPE.to_owned(), "sint".to_owned());
}

/// A schema with what a layer says of itself.
pub(super) fn schema<N, C>(view: &View<N, C>, fields: Vec<FieldRef>) -> SchemaRef {
    let metadata = [
        (key::LAYER, view.name.to_string()),
        (key::EXTENT, view.extent.to_string()),
        (key::VERSION, view.version.to_string()),
    ];
    let metadata: HashMap<_, _> = metadata.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    Arc::new(Schema::new_with_metadata(fields, metadata))
}
