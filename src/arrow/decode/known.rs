//! Fields and schemas that were made before: of the tiles of a tileset most have the same.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::{Arc, OnceLock};

use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::{View, role};
use crate::arrow::key;

/// The most that is kept of each; then it starts anew.
const MOST: usize = 4096;

/// What was made before.
#[derive(Debug, Default)]
pub(super) struct Known {
    state: FixedState,
    fields: HashTable<FieldRef>,
    geometries: Vec<FieldRef>,
    schemas: HashTable<SchemaRef>,
}

impl Known {
    /// A field that may be null, without metadata.
    pub(super) fn field(&mut self, name: &str, data_type: &DataType) -> FieldRef {
        let Self { state, fields, .. } = self;
        let hash = state.hash_one(name);
        if let Some(field) = fields.find(hash, |field| field.name() == name && field.data_type() == data_type)
        {
            return Arc::clone(field);
        }
        let field = Arc::new(Field::new(name, data_type.clone(), true));
        if fields.len() == MOST {
            fields.clear();
        }
        fields.insert_unique(hash, Arc::clone(&field), |field| state.hash_one(field.name()));
        field
    }

    /// The field of ids.
    pub(super) fn ids() -> FieldRef {
        static IDS: OnceLock<FieldRef> = OnceLock::new();
        Arc::clone(IDS.get_or_init(|| Arc::new(role(Field::new("id", DataType::UInt64, true), "id"))))
    }

    /// A field of geometries.
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
        let mut field = role(Field::new("geometry", data_type.clone(), true), "geometry");
        let owned = metadata.iter().map(|&(key, value)| (key.to_owned(), value.to_owned()));
        field.metadata_mut().extend(owned);
        // There are few types, and systems of coordinates.
        if self.geometries.len() == 64 {
            self.geometries.clear();
        }
        self.geometries.push(Arc::new(field));
        Arc::clone(&self.geometries[self.geometries.len() - 1])
    }

    /// The schema of a layer with these fields.
    pub(super) fn schema(&mut self, view: &View, fields: Vec<FieldRef>) -> SchemaRef {
        let Self { state, schemas, .. } = self;
        let name = |schema: &SchemaRef| schema.metadata().get(key::LAYER).cloned().unwrap_or_default();
        let hash = state.hash_one(&*view.name);
        let number = |schema: &SchemaRef, key: &str| {
            schema.metadata().get(key).and_then(|text| text.parse::<u32>().ok())
        };
        let same = |schema: &SchemaRef| {
            schema.fields().len() == fields.len()
                && schema.fields().iter().zip(&fields).all(|(one, other)| Arc::ptr_eq(one, other))
                && schema.metadata().get(key::LAYER).is_some_and(|own| *own == view.name)
                && number(schema, key::EXTENT) == Some(view.extent)
                && number(schema, key::VERSION) == Some(view.version)
        };
        if let Some(schema) = schemas.find(hash, same) {
            return Arc::clone(schema);
        }
        let metadata = [
            (key::LAYER, view.name.to_string()),
            (key::EXTENT, view.extent.to_string()),
            (key::VERSION, view.version.to_string()),
        ];
        let metadata: HashMap<_, _> =
            metadata.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let schema = Arc::new(Schema::new_with_metadata(fields, metadata));
        if schemas.len() == MOST {
            schemas.clear();
        }
        schemas.insert_unique(hash, Arc::clone(&schema), |schema| state.hash_one(name(schema).as_str()));
        schema
    }
}
