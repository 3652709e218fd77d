//! Geometries in units of the tile, with the buffers of the layer.

use std::sync::{Arc, LazyLock};

use arrow_array::{ArrayRef, FixedSizeListArray, Int32Array, StructArray, UInt8Array};
use arrow_schema::{DataType, Field, FieldRef, Fields};

use super::geometry::{Kind, kind, last, level, level_fields, level_names, levels, nest};
use super::geometry::{point_of_each, validity};
use crate::array::{NullBuffer, ScalarBuffer};
use crate::arrow::{key, refused, with_role};
use crate::error::Result;
use crate::geometry::{Geometry, GeometryType};

/// The names of the lists around the vertices of geometries of several kinds.
const LEVELS: [&str; 3] = ["part", "ring", "vertices"];

/// The fields of geometries of one kind, or of several: made once.
struct Made {
    geometry: FieldRef,
    /// The fields of the lists, from the outermost in.
    levels: Vec<FieldRef>,
    /// With the types before the lists, if there are several.
    members: Fields,
}

static MADE: LazyLock<Vec<Made>> = LazyLock::new(|| {
    let one = |kind: GeometryType| {
        let (levels, data_type) = level_fields(level_names(kind), PAIR.1.clone());
        let mut field = with_role(Field::new("geometry", data_type, true), "geometry");
        field.metadata_mut().insert(key::GEOMETRY.to_owned(), kind.name().to_owned());
        Made { geometry: Arc::new(field), levels, members: Fields::empty() }
    };
    let (levels, parts) = level_fields(&LEVELS, PAIR.1.clone());
    let members = [Field::new("type", DataType::UInt8, false), Field::new("parts", parts, false)];
    let members = Fields::from(Vec::from(members));
    let several = Field::new("geometry", DataType::Struct(members.clone()), true);
    let several = Made { geometry: Arc::new(with_role(several, "geometry")), levels, members };
    GeometryType::ALL.into_iter().map(one).chain([several]).collect()
});

/// The field of a number, and the type of a vertex, which has two.
static PAIR: LazyLock<(FieldRef, DataType)> = LazyLock::new(|| {
    let field = Arc::new(Field::new("xy", DataType::Int32, false));
    (Arc::clone(&field), DataType::FixedSizeList(field, 2))
});

fn pairs(vertices: ScalarBuffer<i32>, nulls: Option<NullBuffer>) -> Result<ArrayRef> {
    let values = Arc::new(Int32Array::new(vertices, None));
    Ok(Arc::new(FixedSizeListArray::try_new(Arc::clone(&PAIR.0), 2, values, nulls).map_err(refused)?))
}

/// Geometries, and their field.
pub(super) fn geometries(geometry: &Geometry) -> Result<(&'static FieldRef, ArrayRef)> {
    let nulls = validity(geometry);
    let vertices = || geometry.vertices().clone();
    Ok(match kind(geometry) {
        Kind::One(GeometryType::Point) => {
            let vertices = match point_of_each(geometry) {
                None => vertices(),
                Some(points) => {
                    let place = |vertex: Option<u32>| match vertex {
                        Some(vertex) => [0, 1].map(|axis| geometry.vertices()[2 * vertex as usize + axis]),
                        None => [0, 0],
                    };
                    points.into_iter().flat_map(place).collect()
                }
            };
            (&MADE[GeometryType::Point as usize].geometry, pairs(vertices, nulls)?)
        }
        Kind::One(kind) => {
            let made = &MADE[kind as usize];
            let array = nest(levels(geometry, kind, None), &made.levels, pairs(vertices(), None)?, nulls)?;
            (&made.geometry, array)
        }
        Kind::Several => {
            let made = &MADE[GeometryType::ALL.len()];
            let parts = level(geometry.geometry_offsets(), geometry.len());
            let rings = level(geometry.part_offsets(), last(&parts));
            let lines = level(geometry.ring_offsets(), last(&rings));
            let parts =
                nest([Some(parts), Some(rings), Some(lines)], &made.levels, pairs(vertices(), None)?, None)?;
            let types = Arc::new(UInt8Array::new(geometry.types().clone(), None));
            let array = StructArray::try_new(made.members.clone(), vec![types, parts], nulls);
            (&made.geometry, Arc::new(array.map_err(refused)?))
        }
    })
}
