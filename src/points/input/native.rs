//! Geometries in GeoArrow's layouts: lists around coordinates, or a union of several such.
//!
//! ```text
//! point            coordinates: a struct with x and y, or a list of two to four numbers
//! line, points     list of coordinates
//! polygon, lines   list of lists of coordinates
//! polygons         list of lists of lists of coordinates
//! ```

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef};
use arrow_cast::cast;
use arrow_schema::{DataType, UnionMode};

use crate::geometry::GeometryType;
use crate::points::draft::Places;
use crate::points::shapes::Shape;

/// What the arrays of a column mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    One(GeometryType),
    /// By the type ids of a union.
    Union(Vec<(i8, GeometryType)>),
}

/// A position.
type Position = [f64; 2];

/// The lists around coordinates, from the outermost in, by what they hold as GeoArrow names it.
fn lists(kind: GeometryType) -> &'static [&'static str] {
    match kind {
        GeometryType::Point | GeometryType::Commands => &[],
        GeometryType::MultiPoint => &["points"],
        GeometryType::LineString => &["vertices"],
        GeometryType::MultiLineString => &["linestrings", "vertices"],
        GeometryType::Polygon => &["rings", "vertices"],
        GeometryType::MultiPolygon => &["polygons", "rings", "vertices"],
    }
}

impl Layout {
    /// The layout of a column of this type. Its name is that of an encoding of GeoParquet or of a type of
    /// GeoArrow, where it has one; without, lists tell by the names of their entries.
    pub(super) fn of(data_type: &DataType, name: Option<&str>) -> Option<Self> {
        if let DataType::Union(fields, UnionMode::Dense) = data_type {
            // Of tens there are dimensions, and 7 are collections, which are bad rows.
            let kinds = fields.iter().filter_map(|(id, field)| {
                let kind = GeometryType::from_id(u8::try_from(id % 10).ok()?.checked_sub(1)?)?;
                (kind != GeometryType::Commands && fits(kind, field.data_type())).then_some((id, kind))
            });
            return Some(kinds.collect::<Vec<_>>()).filter(|kinds| !kinds.is_empty()).map(Self::Union);
        }
        let name = name.map(|name| name.strip_prefix("geoarrow.").unwrap_or(name));
        let named = |kind: GeometryType| match name {
            Some(name) => encoding(kind) == name,
            None => names(data_type) == lists(kind),
        };
        let mut fitting = geometries().filter(|&kind| fits(kind, data_type));
        fitting.find(|&kind| named(kind)).map(Self::One)
    }

    /// Adds the places of all rows, and hands `tell` each of them and what came of it.
    pub(super) fn read(
        &self,
        array: &ArrayRef,
        places: &mut Places,
        mut tell: impl FnMut(usize, Result<(), String>),
    ) -> Result<(), String> {
        match self {
            Self::One(kind) => {
                let column = Column::new(array, *kind)?;
                (0..array.len()).for_each(|row| tell(row, column.push(row, places)));
            }
            Self::Union(kinds) => {
                let union = array.as_union();
                let columns = kinds.iter().map(|(id, kind)| Ok((*id, Column::new(union.child(*id), *kind)?)));
                let columns = columns.collect::<Result<Vec<_>, String>>()?;
                for row in 0..array.len() {
                    let id = union.type_id(row);
                    let column = columns.iter().find(|(own, _)| *own == id);
                    let added = column.ok_or_else(|| format!("a geometry of type {id}"));
                    tell(row, added.and_then(|(_, column)| column.push(union.value_offset(row), places)));
                }
            }
        }
        Ok(())
    }
}

fn geometries() -> impl Iterator<Item = GeometryType> {
    GeometryType::ALL.into_iter().filter(|&kind| kind != GeometryType::Commands)
}

/// The name of a type of GeoParquet, and of GeoArrow behind `geoarrow.`.
fn encoding(kind: GeometryType) -> &'static str {
    match kind {
        GeometryType::Point => "point",
        GeometryType::LineString => "linestring",
        GeometryType::Polygon => "polygon",
        GeometryType::MultiPoint => "multipoint",
        GeometryType::MultiLineString => "multilinestring",
        GeometryType::MultiPolygon => "multipolygon",
        GeometryType::Commands => "",
    }
}

/// Whether arrays of this type are as many lists as such geometries have, and coordinates.
fn fits(kind: GeometryType, data_type: &DataType) -> bool {
    let mut inner = data_type;
    for _ in lists(kind) {
        match inner {
            DataType::List(field) | DataType::LargeList(field) => inner = field.data_type(),
            _ => return false,
        }
    }
    are_coordinates(inner)
}

fn are_coordinates(data_type: &DataType) -> bool {
    match data_type {
        DataType::Struct(fields) => ["x", "y"]
            .iter()
            .all(|name| fields.find(name).is_some_and(|(_, field)| field.data_type().is_numeric())),
        DataType::FixedSizeList(field, 2..=4) => field.data_type().is_floating(),
        _ => false,
    }
}

/// What lists say they hold, from the outermost in.
fn names(data_type: &DataType) -> Vec<&str> {
    let mut out = Vec::new();
    let mut inner = data_type;
    while let DataType::List(field) | DataType::LargeList(field) = inner {
        out.push(field.name().as_str());
        inner = field.data_type();
    }
    out
}

/// Arrays of geometries of one type, taken apart.
struct Column {
    kind: GeometryType,
    rows: ArrayRef,
    /// Of each level of lists, where each list starts, and the end of all.
    levels: Vec<Vec<usize>>,
    positions: [Vec<f64>; 2],
}

impl Column {
    fn new(array: &ArrayRef, kind: GeometryType) -> Result<Self, String> {
        let mut levels = Vec::new();
        let mut inner = ArrayRef::clone(array);
        for _ in lists(kind) {
            let (offsets, values) = match inner.data_type() {
                DataType::List(_) => {
                    let list = inner.as_list::<i32>();
                    (list.offsets().iter().map(|&at| at as usize).collect(), list.values())
                }
                _ => {
                    let list = inner.as_list::<i64>();
                    (list.offsets().iter().map(|&at| at as usize).collect(), list.values())
                }
            };
            levels.push(offsets);
            inner = ArrayRef::clone(values);
        }
        Ok(Self { kind, rows: ArrayRef::clone(array), levels, positions: positions(&inner)? })
    }

    /// Adds the place of a row.
    fn push(&self, row: usize, places: &mut Places) -> Result<(), String> {
        if self.rows.is_null(row) {
            return Err("no geometry".into());
        }
        let shape = match self.kind {
            GeometryType::Point | GeometryType::Commands => {
                let [x, y] = self.position(row);
                return places.push_point(x, y);
            }
            GeometryType::MultiPoint => Shape::Points(self.run(0, row)?),
            GeometryType::LineString => Shape::Lines(vec![self.run(0, row)?]),
            GeometryType::MultiLineString => Shape::Lines(self.runs(0, row)?),
            GeometryType::Polygon => Shape::Polygons(vec![self.runs(0, row)?]),
            GeometryType::MultiPolygon => {
                let polygons = self.entries(0, row).map(|polygon| self.runs(1, polygon));
                Shape::Polygons(polygons.collect::<Result<_, _>>()?)
            }
        };
        places.push_shape(&shape)
    }

    fn entries(&self, level: usize, list: usize) -> std::ops::Range<usize> {
        self.levels[level][list]..self.levels[level][list + 1]
    }

    fn position(&self, index: usize) -> Position {
        [self.positions[0][index], self.positions[1][index]]
    }

    fn run(&self, level: usize, list: usize) -> Result<Vec<Position>, String> {
        let run: Vec<Position> = self.entries(level, list).map(|index| self.position(index)).collect();
        match run.iter().flatten().any(|at| at.is_nan()) {
            true => Err("no coordinates".into()),
            false => Ok(run),
        }
    }

    fn runs(&self, level: usize, list: usize) -> Result<Vec<Vec<Position>>, String> {
        self.entries(level, list).map(|run| self.run(level + 1, run)).collect()
    }
}

/// Numbers; where there is none, NaN.
pub(super) fn doubles(array: &ArrayRef) -> Result<Vec<f64>, String> {
    let array = cast(array, &DataType::Float64).map_err(|error| error.to_string())?;
    let array = array.as_primitive::<Float64Type>();
    Ok(match array.nulls() {
        None => array.values().to_vec(),
        Some(_) => array.iter().map(|value| value.unwrap_or(f64::NAN)).collect(),
    })
}

/// The coordinates x and y of an array of positions.
fn positions(array: &ArrayRef) -> Result<[Vec<f64>; 2], String> {
    match array.data_type() {
        DataType::Struct(_) => {
            let points = array.as_struct();
            let axis = |name: &str| {
                let mut axis = doubles(points.column_by_name(name).expect("found before"))?;
                if let Some(nulls) = points.nulls() {
                    axis.iter_mut().zip(nulls).filter(|(_, valid)| !valid).for_each(|(at, _)| *at = f64::NAN);
                }
                Ok::<_, String>(axis)
            };
            Ok([axis("x")?, axis("y")?])
        }
        _ => {
            let points = array.as_fixed_size_list();
            let width = points.value_length() as usize;
            let all = doubles(points.values())?;
            let at = |row: usize, axis: usize| {
                if points.is_valid(row) { all[(points.offset() + row) * width + axis] } else { f64::NAN }
            };
            Ok([0, 1].map(|axis| (0..points.len()).map(|row| at(row, axis)).collect()))
        }
    }
}
