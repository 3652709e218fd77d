//! Rows as a source: filtered, aggregated and made into tiles as a request asks for.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::config::Limits;
use super::fault::Fault;
use super::http::{Coding, Format};
use super::source::{Ask, Made, Source, Work};
use crate::mvt;
use crate::points::{Answer, Cancel, Dataset, Field, FieldType, QueryError, QueryLimits, TileError};
use crate::tile::options::EncodeOptions;
use crate::tile::write::encode;

/// A dataset that is served.
pub(super) struct PointsSource {
    dataset: Dataset,
    limits: QueryLimits,
    options: EncodeOptions,
}

impl PointsSource {
    /// A dataset, of which no more is given than `limits` allow.
    pub(super) fn new(dataset: Dataset, limits: &Limits, options: EncodeOptions) -> Self {
        let default = QueryLimits::default();
        let limits = QueryLimits {
            max_limit: limits.rows as u64,
            default_limit: default.default_limit.min(limits.rows as u64),
            max_grid: limits.grid,
            default_grid: default.default_grid.min(limits.grid),
            max_filter_bytes: limits.query,
            ..default
        };
        Self { dataset, limits, options }
    }

    fn encode(&self, answer: &Answer, format: Format) -> Result<Made, crate::Error> {
        let body = match format {
            _ if answer.layers.is_empty() => Vec::new(),
            Format::Mvt => mvt::write(&answer.layers)?,
            Format::Covt => encode(&answer.layers, &self.options)?,
        };
        let aggregated = answer.aggregated;
        Ok(Made { body, coding: Coding::Identity, rows: Some(answer.rows), aggregated })
    }
}

impl Source for PointsSource {
    fn kind(&self) -> String {
        "rows".into()
    }

    fn native(&self) -> Format {
        Format::Mvt
    }

    fn zooms(&self) -> [u8; 2] {
        [0, 22]
    }

    fn bounds(&self) -> Option<[f64; 4]> {
        self.dataset.bounds()
    }

    fn count(&self) -> Option<u64> {
        Some(self.dataset.len() as u64)
    }

    fn has_rows(&self) -> bool {
        true
    }

    fn tilejson(&self) -> Map<String, Json> {
        let field = |field: &Field| {
            let kind = match field.kind {
                FieldType::Boolean => "Boolean",
                FieldType::Integer | FieldType::Float | FieldType::Timestamp => "Number",
                FieldType::String => "String",
            };
            (field.name.clone(), Json::from(kind))
        };
        let fields: Map<String, Json> = self.dataset.fields().iter().map(field).collect();
        let layer = json!({"id": self.dataset.name(), "fields": fields, "minzoom": 0, "maxzoom": 22});
        Map::from_iter([("vector_layers".into(), json!([layer]))])
    }

    fn tilestats(&self) -> Json {
        let attributes: Vec<Json> = self.dataset.fields().iter().map(attribute).collect();
        let types = self.dataset.geometry_types();
        let geometry = match types.iter().any(|kind| kind.is_polygonal()) {
            true => "Polygon",
            false if types.iter().any(|kind| kind.is_linear()) => "LineString",
            false => "Point",
        };
        let layer = json!({
            "layer": self.dataset.name(),
            "count": self.dataset.len(),
            "geometry": geometry,
            "attributeCount": attributes.len(),
            "attributes": attributes,
        });
        json!({"layerCount": 1, "layers": [layer]})
    }

    fn work(self: Arc<Self>, ask: &Ask) -> Result<Work, Fault> {
        let query = self.dataset.query(&ask.pairs, &self.limits);
        let query = query.map_err(|QueryError { parameter, message }| Fault::wrong(&parameter, message))?;
        let (coord, format) = (ask.coord, ask.format);
        Ok(Box::new(move |cancel: &Cancel| {
            let answer = self.dataset.tile(coord, &query, cancel).map_err(|error| match error {
                // Nobody reads this.
                TileError::Cancelled => Fault::busy("cancelled"),
                TileError::TimedOut => Fault::busy(error.to_string()),
                TileError::TooLarge(_) => Fault::wrong("limit", error.to_string()),
            })?;
            self.encode(&answer, format).map_err(|error| Fault::broken(&error))
        }))
    }
}

/// A column as kepler.gl wants it told.
fn attribute(field: &Field) -> Json {
    let kind = match field.kind {
        FieldType::Boolean => "boolean",
        FieldType::Integer | FieldType::Float | FieldType::Timestamp => "number",
        FieldType::String => "string",
    };
    let mut told = json!({
        "attribute": field.name,
        "type": kind,
        "count": field.distinct.unwrap_or(field.count),
        "values": field.values,
    });
    for (name, bound) in [("min", field.min), ("max", field.max)] {
        if let Some(bound) = bound {
            told[name] = bound.into();
        }
    }
    told
}
