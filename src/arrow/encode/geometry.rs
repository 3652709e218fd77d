//! Geometries out of arrays.

use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, UInt8Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, Field};

use super::coordinates::Coordinates;
use super::features::Features;
use crate::array::{OffsetBuffer, ScalarBuffer};
use crate::arrow::place::Place;
use crate::arrow::wkb::{self, Collect};
use crate::arrow::{key, refused};
use crate::error::{Error, Result};
use crate::geometry::GeometryType;

/// Points of two arrays of numbers; where one is null, there is none.
pub(super) fn of_numbers(x: &ArrayRef, y: &ArrayRef, place: Place) -> Result<Features> {
    let coordinates = Coordinates::of_axes(x, y)?;
    let mut features = Features::new(x.len(), place, false, false);
    for row in 0..x.len() {
        let [x, y, ..] = coordinates.get(row);
        if x.is_nan() || y.is_nan() {
            features.none();
            continue;
        }
        match place.to_tile([x, y]) {
            Some(unit) => features.point(unit),
            None => {
                return Err(Error::input(format!(
                    "row {row}: a point at {x}, {y}, which the tile cannot hold"
                )));
            }
        }
    }
    Ok(features)
}

/// The geometries of a field, of whichever form. With `track` it is kept which vertices stay.
pub(super) fn of_array(field: &Field, array: &ArrayRef, place: Place, track: bool) -> Result<Features> {
    let mut features = Features::new(array.len(), place, is_closed(field, array), track);
    walk(field, array, &mut features).map_err(|(row, error)| match row {
        Some(row) => error.within(format!("row {row}")),
        None => error,
    })?;
    Ok(features)
}

/// What is wrong, and with which row if it is one.
pub(crate) type Wrong = (Option<usize>, Error);

fn whole(error: Error) -> Wrong {
    (None, error)
}

fn told(field: &Field) -> [Option<&str>; 2] {
    [key::EXTENSION, key::GEOMETRY].map(|key| field.metadata().get(key).map(String::as_str))
}

/// Geometries in units of the tile, types and parts apart.
fn is_of_units(field: &Field, array: &ArrayRef) -> bool {
    let [extension, _] = told(field);
    let parts = |fields: &arrow_schema::Fields| fields.iter().any(|field| field.name() == "parts");
    extension.is_none() && matches!(array.data_type(), DataType::Struct(fields) if parts(fields))
}

/// Whether rings may end with their first vertex again.
fn is_closed(field: &Field, array: &ArrayRef) -> bool {
    let [extension, told] = told(field);
    // What has no extension name has the rings of the codec, unless it is well-known binary.
    !is_of_units(field, array) && (extension.is_some() || told.is_none())
}

/// Hands over the geometries of a field, of whichever form.
pub(crate) fn walk(field: &Field, array: &ArrayRef, out: &mut impl Collect) -> Result<(), Wrong> {
    let [extension, told] = told(field);
    let kind = match (extension, told) {
        (Some(name), _) => GeometryType::ALL.into_iter().find(|kind| {
            name.strip_prefix("geoarrow.").is_some_and(|name| name.eq_ignore_ascii_case(kind.name()))
        }),
        (None, Some(name)) => GeometryType::ALL.into_iter().find(|kind| kind.name() == name),
        (None, None) => None,
    };
    match array.data_type() {
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => of_wkb(array, out),
        DataType::Union(..) => of_union(array, out),
        _ if is_of_units(field, array) => of_units(array, out),
        other => {
            let points = matches!(other, DataType::Struct(_) | DataType::FixedSizeList(..));
            let kind = kind.or(points.then_some(GeometryType::Point)).ok_or_else(|| {
                let what = extension.unwrap_or("no name of GeoArrow's");
                whole(Error::input(format!("geometries of type {other} with {what}")))
            })?;
            let native = Native::read(array, kind).map_err(whole)?;
            (0..array.len()).try_for_each(|row| native.push(row, out).map_err(|error| (Some(row), error)))
        }
    }
}

fn of_wkb(array: &ArrayRef, out: &mut impl Collect) -> Result<(), Wrong> {
    let array = arrow_cast::cast(array, &DataType::LargeBinary).map_err(|error| whole(refused(error)))?;
    for (row, bytes) in array.as_binary::<i64>().iter().enumerate() {
        let Some(bytes) = bytes else {
            out.none();
            continue;
        };
        out.start(wkb::kind(bytes));
        let read = wkb::read(bytes, out);
        read.map_err(|fault| (Some(row), Error::input(format!("{}, {} bytes in", fault.what, fault.at))))?;
    }
    Ok(())
}

/// The type of a union's child, by GeoArrow's numbers.
fn kind_of_id(id: i8) -> Option<GeometryType> {
    match id {
        0..40 => u8::try_from(id % 10 - 1).ok().filter(|kind| *kind < 6).and_then(GeometryType::from_id),
        _ => None,
    }
}

fn of_union(array: &ArrayRef, features: &mut impl Collect) -> Result<(), Wrong> {
    let union = array.as_union();
    let DataType::Union(fields, _) = array.data_type() else { unreachable!("only unions come here") };
    let mut children: [Option<Native>; 40] = [const { None }; 40];
    for (id, _) in fields.iter() {
        let child = union.child(id);
        // A collection that no feature has does no harm.
        if let Some(kind) = kind_of_id(id)
            && !child.is_empty()
        {
            children[id as usize] = Some(Native::read(child, kind).map_err(whole)?);
        }
    }
    for row in 0..array.len() {
        let (id, index) = (union.type_id(row), union.value_offset(row));
        let native = usize::try_from(id).ok().and_then(|id| children.get(id)?.as_ref());
        let at = |error: Error| (Some(row), error);
        let native = native.ok_or_else(|| at(Error::input(format!("a geometry of type {id} in a union"))))?;
        native.push(index, features).map_err(at)?;
    }
    Ok(())
}

/// Types and parts in units of the tile.
fn of_units(array: &ArrayRef, features: &mut impl Collect) -> Result<(), Wrong> {
    let columns = array.as_struct();
    let field = |name: &str| {
        let column = columns.column_by_name(name);
        column.ok_or_else(|| whole(Error::input(format!("geometries without a field {name:?}"))))
    };
    let types = field("type")?;
    let types = types
        .as_primitive_opt::<UInt8Type>()
        .ok_or_else(|| whole(Error::input("types that are no bytes")))?;
    let native = Native::read(field("parts")?, GeometryType::MultiPolygon).map_err(whole)?;
    for row in 0..array.len() {
        let kind = GeometryType::from_id(types.value(row));
        let kind =
            kind.ok_or_else(|| (Some(row), Error::input(format!("geometry type {}", types.value(row)))))?;
        if array.is_null(row) || kind == GeometryType::Commands {
            features.none();
            continue;
        }
        native.push_as(row, kind, features).map_err(|error| (Some(row), error))?;
    }
    Ok(())
}

/// Geometries of one type, in GeoArrow's native form.
struct Native {
    array: ArrayRef,
    kind: GeometryType,
    /// The lists around the coordinates, from the outermost in.
    levels: Vec<OffsetBuffer<i32>>,
    coordinates: Coordinates,
}

impl Native {
    fn read(array: &ArrayRef, kind: GeometryType) -> Result<Self> {
        let depth = match kind {
            GeometryType::Point | GeometryType::Commands => 0,
            GeometryType::LineString | GeometryType::MultiPoint => 1,
            GeometryType::Polygon | GeometryType::MultiLineString => 2,
            GeometryType::MultiPolygon => 3,
        };
        let (mut levels, mut within) = (Vec::new(), array.clone());
        for _ in 0..depth {
            let list = lists(&within)?;
            let list = list.as_list::<i32>();
            levels.push(list.offsets().clone());
            within = list.values().clone();
        }
        Ok(Self { array: array.clone(), kind, levels, coordinates: Coordinates::read(&within)? })
    }

    fn range(&self, level: usize, index: usize) -> Range<usize> {
        let offsets = &self.levels[level];
        offsets[index] as usize..offsets[index + 1] as usize
    }

    fn run(&self, range: Range<usize>, features: &mut impl Collect) -> Result<()> {
        let start = range.start;
        features.run(range.len(), &mut |number| self.coordinates.get(start + number))
    }

    fn rings(&self, rings: Range<usize>, features: &mut impl Collect) -> Result<()> {
        let innermost = self.levels.len() - 1;
        rings.into_iter().try_for_each(|ring| self.run(self.range(innermost, ring), features))?;
        features.part();
        Ok(())
    }

    /// Adds a feature.
    fn push(&self, row: usize, features: &mut impl Collect) -> Result<()> {
        if self.array.is_null(row) {
            features.none();
            return Ok(());
        }
        let parts = match self.kind.is_multi() {
            true => self.range(0, row),
            false => 0..1,
        };
        let kind = match (parts.len(), self.kind) {
            (1, GeometryType::MultiPoint) => GeometryType::Point,
            (1, GeometryType::MultiLineString) => GeometryType::LineString,
            (1, GeometryType::MultiPolygon) => GeometryType::Polygon,
            (_, kind) => kind,
        };
        features.start(kind);
        match self.kind {
            GeometryType::Point | GeometryType::Commands => self.points(row..row + 1, features)?,
            GeometryType::MultiPoint => self.points(parts, features)?,
            GeometryType::LineString => self.rings(row..row + 1, features)?,
            GeometryType::MultiLineString => {
                parts.into_iter().try_for_each(|part| self.rings(part..part + 1, features))?;
            }
            GeometryType::Polygon => self.rings(self.range(0, row), features)?,
            GeometryType::MultiPolygon => {
                parts.into_iter().try_for_each(|part| self.rings(self.range(1, part), features))?;
            }
        }
        features.end(kind);
        Ok(())
    }

    fn points(&self, points: Range<usize>, features: &mut impl Collect) -> Result<()> {
        points.into_iter().try_for_each(|point| {
            self.run(point..point + 1, features)?;
            features.part();
            Ok(())
        })
    }

    /// Adds a feature whose parts, rings and vertices are of a type told elsewhere.
    fn push_as(&self, row: usize, kind: GeometryType, features: &mut impl Collect) -> Result<()> {
        let parts = self.range(0, row);
        let single = kind.is_multi() || parts.len() == 1;
        let rings = |part: usize| self.range(1, part);
        let fits = single && (kind.is_polygonal() || parts.clone().all(|part| rings(part).len() == 1));
        let point = matches!(kind, GeometryType::Point | GeometryType::MultiPoint);
        let vertices = |part: usize| rings(part).map(|ring| self.range(2, ring).len());
        if !fits || (point && parts.clone().flat_map(vertices).any(|len| len != 1)) {
            return Err(Error::input(format!("parts that a {} cannot have", kind.name())));
        }
        features.start(kind);
        parts.into_iter().try_for_each(|part| self.rings(rings(part), features))?;
        features.end(kind);
        Ok(())
    }
}

/// An array of lists with offsets of 32 bits.
fn lists(array: &ArrayRef) -> Result<ArrayRef> {
    match array.data_type() {
        DataType::List(_) => Ok(array.clone()),
        DataType::LargeList(field) | DataType::ListView(field) | DataType::LargeListView(field) => {
            arrow_cast::cast(array, &DataType::List(field.clone())).map_err(refused)
        }
        other => Err(Error::input(format!("geometries whose parts are of type {other}"))),
    }
}

/// Steps of a grid of heights, in lists per feature.
pub(super) fn steps(array: &ArrayRef) -> Option<(OffsetBuffer<i32>, ScalarBuffer<i32>)> {
    let list = array.as_list_opt::<i32>()?;
    let values = list.values().as_primitive_opt::<Int32Type>()?;
    (values.null_count() == 0).then(|| (list.offsets().clone(), values.values().clone()))
}
