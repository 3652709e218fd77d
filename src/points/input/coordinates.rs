//! Where record batches have their coordinates.

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_cast::cast;
use arrow_schema::{DataType, Schema};
use serde_json::Value;

use super::csv::coordinates;
use super::wkb;
use crate::points::draft::Places;
use crate::points::options::LoadOptions;

/// Columns by their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Coordinates {
    Columns([usize; 2]),
    Wkb(usize),
    /// A struct with fields x and y.
    Separated(usize),
    /// Lists of two numbers and more.
    Interleaved(usize),
}

/// Names of columns of geometries that say nothing of it themselves.
const GEOMETRY_NAMES: [&str; 4] = ["geometry", "geom", "wkb_geometry", "the_geom"];

impl Coordinates {
    pub(super) fn columns(&self) -> Vec<usize> {
        match self {
            Self::Columns(columns) => columns.to_vec(),
            Self::Wkb(column) | Self::Separated(column) | Self::Interleaved(column) => vec![*column],
        }
    }

    /// Finds them: the column asked for, else what GeoParquet or GeoArrow name, else columns of usual
    /// names.
    pub(super) fn find(schema: &Schema, options: &LoadOptions) -> Result<Self, String> {
        let geo = schema.metadata().get("geo").and_then(|text| serde_json::from_str::<Value>(text).ok());
        let primary = geo.as_ref().and_then(|geo| geo["primary_column"].as_str());
        let extension = |index: &usize| {
            let field = schema.field(*index);
            let name = field.metadata().get("ARROW:extension:name");
            name.is_some_and(|name| matches!(name.as_str(), "geoarrow.point" | "geoarrow.wkb" | "ogc.wkb"))
        };
        let asked = options.geometry.as_deref();
        let by_columns = asked.is_none() && (options.x.is_some() || options.y.is_some());
        let index = match asked.or(primary) {
            _ if by_columns => None,
            Some(name) => Some(schema.index_of(name).map_err(|_| format!("there is no column {name:?}"))?),
            None => (0..schema.fields().len()).find(extension).or_else(|| {
                let named = |name: &&str| schema.index_of(name).ok();
                GEOMETRY_NAMES.iter().find_map(named).filter(|&index| Self::of(schema, index).is_some())
            }),
        };
        if let Some(index) = index {
            let name = schema.field(index).name();
            if let Some(geo) = &geo {
                check_reference(&geo["columns"][name]["crs"])?;
            }
            return Self::of(schema, index)
                .ok_or_else(|| format!("{name:?} has no points in a layout that is known"));
        }
        let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        Ok(Self::Columns(coordinates(&names, options)?))
    }

    fn of(schema: &Schema, index: usize) -> Option<Self> {
        match schema.field(index).data_type() {
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView => Some(Self::Wkb(index)),
            DataType::Struct(fields) if fields.find("x").is_some() && fields.find("y").is_some() => {
                Some(Self::Separated(index))
            }
            DataType::FixedSizeList(field, 2..=4) if field.data_type().is_floating() => {
                Some(Self::Interleaved(index))
            }
            _ => None,
        }
    }

    /// Adds the places of a batch, and hands `tell` each row and what came of it.
    pub(super) fn read(
        &self,
        batch: &RecordBatch,
        places: &mut Places,
        mut tell: impl FnMut(usize, Result<(), String>),
    ) -> Result<(), String> {
        let doubles = |array: &ArrayRef| -> Result<Vec<f64>, String> {
            let array = cast(array, &DataType::Float64).map_err(|error| error.to_string())?;
            let array = array.as_primitive::<Float64Type>();
            Ok(match array.nulls() {
                None => array.values().to_vec(),
                Some(_) => array.iter().map(|value| value.unwrap_or(f64::NAN)).collect(),
            })
        };
        let [x, y] = match self {
            Self::Columns([x, y]) => [doubles(batch.column(*x))?, doubles(batch.column(*y))?],
            Self::Separated(index) => {
                let points = batch.column(*index).as_struct();
                let axis = |name: &str| {
                    let mut axis = doubles(points.column_by_name(name).expect("found before"))?;
                    if let Some(nulls) = points.nulls() {
                        axis.iter_mut()
                            .zip(nulls)
                            .filter(|(_, valid)| !valid)
                            .for_each(|(at, _)| *at = f64::NAN);
                    }
                    Ok::<_, String>(axis)
                };
                [axis("x")?, axis("y")?]
            }
            Self::Interleaved(index) => {
                let points = batch.column(*index).as_fixed_size_list();
                let width = points.value_length() as usize;
                let all = doubles(points.values())?;
                let at = |row: usize, axis: usize| {
                    if points.is_valid(row) { all[(points.offset() + row) * width + axis] } else { f64::NAN }
                };
                [0, 1].map(|axis| (0..points.len()).map(|row| at(row, axis)).collect())
            }
            Self::Wkb(index) => {
                let array = cast(batch.column(*index), &DataType::LargeBinary);
                let array = array.map_err(|error| error.to_string())?;
                for (row, bytes) in array.as_binary::<i64>().iter().enumerate() {
                    let shape = bytes.ok_or_else(|| "no geometry".to_owned()).and_then(wkb::shape);
                    tell(row, shape.and_then(|shape| places.push_shape(&shape)));
                }
                return Ok(());
            }
        };
        for (row, (&x, &y)) in x.iter().zip(&y).enumerate() {
            tell(row, places.push_point(x, y));
        }
        Ok(())
    }
}

/// Refuses coordinates other than longitudes and latitudes. A missing or null reference system is one
/// of these, by GeoParquet's own rule and by custom.
fn check_reference(crs: &Value) -> Result<(), String> {
    let id = &crs["id"];
    let (authority, code) = (id["authority"].as_str(), id["code"].to_string());
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
