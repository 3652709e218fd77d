//! Where record batches have their coordinates.

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_cast::cast;
use arrow_schema::{DataType, Field, Schema};
use serde_json::Value;

use super::csv::coordinates;
use super::native::{Layout, doubles};
use super::wkb;
use crate::points::draft::Places;
use crate::points::options::LoadOptions;

/// Columns by their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Coordinates {
    Columns([usize; 2]),
    Wkb(usize),
    Native(usize, Layout),
}

/// Names of columns of geometries that say nothing of it themselves.
const GEOMETRY_NAMES: [&str; 4] = ["geometry", "geom", "wkb_geometry", "the_geom"];

impl Coordinates {
    pub(super) fn columns(&self) -> Vec<usize> {
        match self {
            Self::Columns(columns) => columns.to_vec(),
            Self::Wkb(column) | Self::Native(column, _) => vec![*column],
        }
    }

    /// The same of a table whose columns have other numbers.
    pub(super) fn renumbered(self, number: impl Fn(usize) -> usize) -> Self {
        match self {
            Self::Columns(columns) => Self::Columns(columns.map(number)),
            Self::Wkb(column) => Self::Wkb(number(column)),
            Self::Native(column, layout) => Self::Native(number(column), layout),
        }
    }

    /// Finds them: the column asked for, else what GeoParquet or GeoArrow name, else columns of usual
    /// names.
    pub(super) fn find(schema: &Schema, options: &LoadOptions) -> Result<Self, String> {
        let geo = schema.metadata().get("geo").and_then(|text| serde_json::from_str::<Value>(text).ok());
        let primary = geo.as_ref().and_then(|geo| geo["primary_column"].as_str());
        let told = |index: &usize| {
            let name = extension(schema.field(*index));
            name.is_some_and(|name| name.starts_with("geoarrow.") || name == "ogc.wkb")
        };
        let asked = options.geometry.as_deref();
        let by_columns = asked.is_none() && (options.x.is_some() || options.y.is_some());
        let index = match asked.or(primary) {
            _ if by_columns => None,
            Some(name) => Some(schema.index_of(name).map_err(|_| format!("there is no column {name:?}"))?),
            None => (0..schema.fields().len()).find(told).or_else(|| {
                let named = |name: &&str| schema.index_of(name).ok();
                let of = |index: &usize| Self::of(schema.field(*index), *index, None).is_some();
                GEOMETRY_NAMES.iter().find_map(named).filter(of)
            }),
        };
        if let Some(index) = index {
            let field = schema.field(index);
            let geo = geo.as_ref().map(|geo| &geo["columns"][field.name()]);
            if let Some(geo) = geo {
                check_reference(&geo["crs"])?;
            }
            let more = field.metadata().get("ARROW:extension:metadata");
            if let Some(more) = more.and_then(|text| serde_json::from_str::<Value>(text).ok()) {
                check_reference(&more["crs"])?;
            }
            let encoding = geo.and_then(|geo| geo["encoding"].as_str());
            return Self::of(field, index, encoding.or(extension(field))).ok_or_else(|| {
                format!(
                    "{:?} has no geometries in a layout that is known: well-known binary, or GeoArrow's",
                    field.name()
                )
            });
        }
        let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        Ok(Self::Columns(coordinates(&names, options)?))
    }

    /// What a column has, whose type is named as GeoParquet or GeoArrow do, if anybody names it.
    fn of(field: &Field, index: usize, name: Option<&str>) -> Option<Self> {
        match field.data_type() {
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView => Some(Self::Wkb(index)),
            data_type => Layout::of(data_type, name).map(|layout| Self::Native(index, layout)),
        }
    }

    /// Adds the places of a batch, and hands `tell` each row and what came of it.
    pub(super) fn read(
        &self,
        batch: &RecordBatch,
        places: &mut Places,
        mut tell: impl FnMut(usize, Result<(), String>),
    ) -> Result<(), String> {
        match self {
            Self::Columns([x, y]) => {
                let [x, y] = [doubles(batch.column(*x))?, doubles(batch.column(*y))?];
                for (row, (&x, &y)) in x.iter().zip(&y).enumerate() {
                    tell(row, places.push_point(x, y));
                }
            }
            Self::Native(index, layout) => layout.read(batch.column(*index), places, tell)?,
            Self::Wkb(index) => {
                let array = cast(batch.column(*index), &DataType::LargeBinary);
                let array = array.map_err(|error| error.to_string())?;
                for (row, bytes) in array.as_binary::<i64>().iter().enumerate() {
                    let shape = bytes.ok_or_else(|| "no geometry".to_owned()).and_then(wkb::shape);
                    tell(row, shape.and_then(|shape| places.push_shape(&shape)));
                }
            }
        }
        Ok(())
    }
}

/// The name of a column's type, if it has one beyond Arrow's.
fn extension(field: &Field) -> Option<&str> {
    field.metadata().get("ARROW:extension:name").map(String::as_str)
}

/// Refuses coordinates other than longitudes and latitudes. A missing or null reference system is one
/// of these, by GeoParquet's own rule and by custom; so is one without a name.
fn check_reference(crs: &Value) -> Result<(), String> {
    let id = &crs["id"];
    let (authority, code) = match crs.as_str().and_then(|name| name.split_once(':')) {
        Some((authority, code)) if !authority.contains(|c: char| !c.is_alphanumeric()) => {
            (Some(authority), code.to_owned())
        }
        _ => (id["authority"].as_str(), id["code"].to_string()),
    };
    let code = code.trim_matches('"');
    match authority {
        None => Ok(()),
        Some("OGC") if code.starts_with("CRS84") => Ok(()),
        Some("EPSG") if matches!(code, "4326" | "4979") => Ok(()),
        Some(authority) => Err(format!(
            "coordinates are in {authority}:{code}; longitudes and latitudes (OGC:CRS84) are needed"
        )),
    }
}
