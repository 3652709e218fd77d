//! Geometries as GeoArrow has them.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::builder::BinaryBuilder;
use arrow_array::{Array, ArrayRef, ListArray, StructArray, UnionArray};
use arrow_schema::{DataType, Field, FieldRef, Fields, UnionFields};

use super::known::Known;
use super::numbers;
use crate::array::{BooleanBuffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use crate::arrow::crs::Crs;
use crate::arrow::options::GeometryForm;
use crate::arrow::place::Place;
use crate::arrow::{key, refused, wkb};
use crate::error::{Error, Result};
use crate::geometry::{Geometry, GeometryType};
use crate::tile::measures::Heights;

/// An array of geometries, and what their field says.
pub(super) struct Decoded {
    pub(super) array: ArrayRef,
    /// The extension type.
    told: (&'static str, Crs),
    /// The vertices of the layer that the coordinates are, where some occur twice.
    pub(super) sources: Option<Vec<u32>>,
}

impl Decoded {
    /// The field.
    pub(super) fn field(&self, known: &mut Known) -> FieldRef {
        let (name, crs) = self.told;
        let metadata = [(key::EXTENSION, name), (key::EXTENSION_METADATA, crs.extension_metadata())];
        known.geometry(self.array.data_type(), &metadata)
    }
}

/// What the geometries of a layer have in common.
pub(super) enum Kind {
    /// All are of this type, or of the one that it is the multi of; or there are none.
    One(GeometryType),
    Several,
}

pub(super) fn kind(geometry: &Geometry) -> Kind {
    // `1 << id` of all at once, which no vector unit shifts by another number each.
    let bit = |id: u8| {
        let bit = if id & 1 == 0 { 1u8 } else { 2 };
        let bit = if id & 2 == 0 { bit } else { bit << 2 };
        if id & 4 == 0 { bit } else { bit << 4 }
    };
    // Most that are neighbours are of one type.
    let of_chunk = |types: &[u8]| match types.iter().fold(0, |other, id| other | (id ^ types[0])) {
        0 => bit(types[0]),
        _ => types.iter().fold(0, |seen, &id| seen | bit(id)),
    };
    let seen = geometry.types().chunks(256).fold(0, |seen, types| seen | of_chunk(types));
    let seen = |kind: GeometryType| seen >> kind as u8 & 1 == 1;
    let families = [
        (GeometryType::Point, GeometryType::MultiPoint),
        (GeometryType::LineString, GeometryType::MultiLineString),
        (GeometryType::Polygon, GeometryType::MultiPolygon),
    ];
    let mut found = families.iter().filter(|(one, multi)| seen(*one) || seen(*multi));
    match (found.next(), found.next()) {
        (None, _) => Kind::One(GeometryType::Point),
        (Some((one, multi)), None) => Kind::One(if seen(*multi) { *multi } else { *one }),
        _ => Kind::Several,
    }
}

/// Which features have a geometry; none if all have.
pub(super) fn validity(geometry: &Geometry) -> Option<NullBuffer> {
    geometry.commands()?;
    let types = geometry.types();
    let valid = |row: usize| types[row] != GeometryType::Commands as u8;
    let nulls = NullBuffer::new(BooleanBuffer::collect_bool(types.len(), valid));
    Some(nulls).filter(|nulls| nulls.null_count() > 0)
}

/// The offsets of one level: as they are, or one child for each of `len` entries.
pub(super) fn level(offsets: Option<&OffsetBuffer<i32>>, len: usize) -> OffsetBuffer<i32> {
    let each_one = || OffsetBuffer::new(ScalarBuffer::from_iter(0..=len as i32));
    offsets.cloned().unwrap_or_else(each_one)
}

pub(super) fn last(offsets: &OffsetBuffer<i32>) -> usize {
    offsets[offsets.len() - 1] as usize
}

/// From entries over those of one level to those of the next.
fn compose(outer: &OffsetBuffer<i32>, inner: &OffsetBuffer<i32>) -> OffsetBuffer<i32> {
    OffsetBuffer::new(outer.iter().map(|&offset| inner[offset as usize]).collect())
}

/// Lists around vertices, from the outermost in.
pub(super) type Levels = [Option<OffsetBuffer<i32>>; 3];

/// The lists around the vertices of geometries of one kind, from the outermost in.
pub(super) fn levels(geometry: &Geometry, kind: GeometryType, rings: Option<OffsetBuffer<i32>>) -> Levels {
    let parts = || level(geometry.geometry_offsets(), geometry.len());
    let rings = || rings.clone().or(geometry.ring_offsets().cloned()).unwrap_or_else(OffsetBuffer::new_empty);
    let number_of_parts = geometry.geometry_offsets().map_or(geometry.len(), last);
    let of_parts = || level(geometry.part_offsets(), number_of_parts);
    // Without multis the parts are those of the features; some may have none.
    let through = |inner: OffsetBuffer<i32>| match geometry.geometry_offsets() {
        None => inner,
        Some(offsets) => compose(offsets, &inner),
    };
    match kind {
        GeometryType::Point | GeometryType::Commands => [None, None, None],
        GeometryType::MultiPoint => [Some(parts()), None, None],
        GeometryType::LineString => [Some(through(rings())), None, None],
        GeometryType::MultiLineString => [Some(parts()), Some(rings()), None],
        GeometryType::Polygon => [Some(through(of_parts())), Some(rings()), None],
        GeometryType::MultiPolygon => [Some(parts()), Some(of_parts()), Some(rings())],
    }
}

/// The names of what the lists hold, as GeoArrow recommends them.
pub(super) fn level_names(kind: GeometryType) -> &'static [&'static str] {
    match kind {
        GeometryType::Point | GeometryType::Commands => &[],
        GeometryType::MultiPoint => &["points"],
        GeometryType::LineString => &["vertices"],
        GeometryType::MultiLineString => &["linestrings", "vertices"],
        GeometryType::Polygon => &["rings", "vertices"],
        GeometryType::MultiPolygon => &["polygons", "rings", "vertices"],
    }
}

/// The fields of such lists around a type, from the outermost in, and the type of them all.
pub(super) fn level_fields(names: &[&str], mut data_type: DataType) -> (Vec<FieldRef>, DataType) {
    let mut fields = Vec::with_capacity(names.len());
    for name in names.iter().rev() {
        let field = Arc::new(Field::new(*name, data_type, false));
        data_type = DataType::List(Arc::clone(&field));
        fields.push(field);
    }
    fields.reverse();
    (fields, data_type)
}

/// Puts lists of these fields around an array.
pub(super) fn nest(
    levels: Levels,
    fields: &[FieldRef],
    mut array: ArrayRef,
    mut nulls: Option<NullBuffer>,
) -> Result<ArrayRef> {
    debug_assert_eq!(levels.iter().flatten().count(), fields.len());
    for (number, (offsets, field)) in levels.into_iter().zip(fields).enumerate().rev() {
        let Some(offsets) = offsets else { continue };
        let nulls = if number == 0 { nulls.take() } else { None };
        array = Arc::new(ListArray::try_new(Arc::clone(field), offsets, array, nulls).map_err(refused)?);
    }
    Ok(array)
}

/// The vertices of points, one for each feature: of those without a geometry there is none.
pub(super) fn point_of_each(geometry: &Geometry) -> Option<Vec<Option<u32>>> {
    let offsets = geometry.geometry_offsets()?;
    let vertex = |pair: &[i32]| (pair[0] < pair[1]).then_some(pair[0] as u32);
    Some(offsets.windows(2).map(vertex).collect())
}

/// What coordinates are made of.
#[derive(Clone, Copy)]
struct Source<'a> {
    geometry: &'a Geometry,
    heights: Option<&'a Heights>,
    place: Place,
}

/// Geometries as GeoArrow has them.
pub(super) fn on_the_map(
    geometry: &Geometry,
    heights: Option<&Heights>,
    place: Place,
    crs: Crs,
    form: GeometryForm,
) -> Result<Decoded> {
    let source = Source { geometry, heights, place };
    let closed = close(geometry);
    let (array, name) = match (kind(geometry), form) {
        (_, GeometryForm::Wkb) | (Kind::Several, GeometryForm::NativeOrWkb) => {
            (source.wkb()?, "geoarrow.wkb")
        }
        (Kind::Several, GeometryForm::NativeOrUnion) => (source.union()?, "geoarrow.geometry"),
        (Kind::One(kind), _) => (source.native(kind)?, native_name(kind)),
    };
    Ok(Decoded { array, told: (name, crs), sources: closed.map(|(_, sources)| sources) })
}

fn native_name(kind: GeometryType) -> &'static str {
    match kind {
        GeometryType::Point | GeometryType::Commands => "geoarrow.point",
        GeometryType::LineString => "geoarrow.linestring",
        GeometryType::Polygon => "geoarrow.polygon",
        GeometryType::MultiPoint => "geoarrow.multipoint",
        GeometryType::MultiLineString => "geoarrow.multilinestring",
        GeometryType::MultiPolygon => "geoarrow.multipolygon",
    }
}

/// Where rings start and end once each polygon's ring has its first vertex again at its end, and which
/// vertices those are; none without polygons.
fn close(geometry: &Geometry) -> Option<(OffsetBuffer<i32>, Vec<u32>)> {
    geometry.part_offsets()?;
    let rings = geometry.ring_offsets()?;
    let mut sources = Vec::with_capacity(last(rings) + rings.len());
    let mut offsets = Vec::with_capacity(rings.len());
    offsets.push(0);
    for (row, &id) in geometry.types().iter().enumerate() {
        let polygonal = GeometryType::ALL[usize::from(id)].is_polygonal();
        for ring in geometry.parts(row).flat_map(|part| geometry.rings(part)) {
            let range = rings[ring] as u32..rings[ring + 1] as u32;
            let first = range.start;
            sources.extend(range);
            if polygonal {
                sources.push(first);
            }
            offsets.push(sources.len() as i32);
        }
    }
    Some((OffsetBuffer::new(offsets.into()), sources))
}

impl Source<'_> {
    /// Which features have heights; without any, coordinates are flat.
    fn has_height(&self, row: usize) -> bool {
        self.heights.is_some_and(|heights| heights.is_valid(row))
    }

    /// The height of each vertex; no number where its feature has none.
    fn heights(&self) -> Option<Vec<f64>> {
        let heights = self.heights?;
        let mut metres = vec![f64::NAN; self.geometry.vertices().len() / 2];
        for row in (0..self.geometry.len()).filter(|&row| self.has_height(row)) {
            self.geometry.feature_vertices(row).for_each(|vertex| metres[vertex] = heights.metres(vertex));
        }
        Some(metres)
    }

    /// Coordinates apart, `struct<x, y>` or `struct<x, y, z>`, of all vertices or of those named.
    fn coordinates(&self, sources: Option<&[Option<u32>]>, nulls: Option<NullBuffer>) -> Result<ArrayRef> {
        let [xs, ys] = self.place.to_map(self.geometry.vertices());
        let mut columns = vec![("x", xs), ("y", ys)];
        columns.extend(self.heights().map(|zs| ("z", zs)));
        let at =
            |column: &[f64], vertex: &Option<u32>| vertex.map_or(f64::NAN, |vertex| column[vertex as usize]);
        let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns
            .into_iter()
            .map(|(name, column)| {
                let column = match sources {
                    None => column,
                    Some(sources) => sources.iter().map(|vertex| at(&column, vertex)).collect(),
                };
                (Field::new(name, DataType::Float64, false), numbers(column))
            })
            .unzip();
        Ok(Arc::new(StructArray::try_new(Fields::from(fields), arrays, nulls).map_err(refused)?))
    }

    /// Geometries of one kind.
    fn native(&self, kind: GeometryType) -> Result<ArrayRef> {
        let nulls = validity(self.geometry);
        if kind == GeometryType::Point {
            return self.coordinates(point_of_each(self.geometry).as_deref(), nulls);
        }
        let (rings, sources) = close(self.geometry).unzip();
        let sources = sources.map(|sources| sources.into_iter().map(Some).collect::<Vec<_>>());
        let coordinates = self.coordinates(sources.as_deref(), None)?;
        let (fields, _) = level_fields(level_names(kind), coordinates.data_type().clone());
        nest(levels(self.geometry, kind, rings), &fields, coordinates, nulls)
    }

    /// A dense union of those of each type. Features without a geometry stand among those of the first.
    fn union(&self) -> Result<ArrayRef> {
        let mut rows: BTreeMap<i8, Vec<u32>> = BTreeMap::new();
        let kind = |row: usize| self.geometry.geometry_type(row);
        let proper = (0..self.geometry.len()).filter(|&row| kind(row) != GeometryType::Commands);
        let first = proper.map(|row| kind(row) as i8).min().unwrap_or_default();
        let mut type_ids = Vec::with_capacity(self.geometry.len());
        let mut offsets = Vec::with_capacity(self.geometry.len());
        // GeoArrow counts types from 1, and from 11 with z.
        let base = if self.heights.is_some() { 11 } else { 1 };
        for row in 0..self.geometry.len() {
            let id = if kind(row) == GeometryType::Commands { first } else { kind(row) as i8 };
            let of_type = rows.entry(id).or_default();
            type_ids.push(base + id);
            offsets.push(of_type.len() as i32);
            of_type.push(row as u32);
        }
        let (mut fields, mut children, mut ids) = (Vec::new(), Vec::new(), Vec::new());
        for (id, rows) in rows {
            let kind = GeometryType::ALL[id as usize];
            let (geometry, vertices) = self.geometry.take(&rows, false);
            let heights = self.heights.map(|heights| heights.take(&rows, &vertices));
            let part = Source { geometry: &geometry, heights: heights.as_ref(), place: self.place };
            let array = part.native(kind)?;
            let name = if self.heights.is_some() { format!("{} Z", kind.name()) } else { kind.name().into() };
            fields.push(Field::new(name, array.data_type().clone(), true));
            children.push(array);
            ids.push(base + id);
        }
        let fields = UnionFields::try_new(ids, fields).map_err(refused)?;
        let array = UnionArray::try_new(fields, type_ids.into(), Some(offsets.into()), children);
        Ok(Arc::new(array.map_err(refused)?))
    }

    /// Geometries as well-known binary.
    fn wkb(&self) -> Result<ArrayRef> {
        let [xs, ys] = self.place.to_map(self.geometry.vertices());
        let zs = self.heights();
        let geometry = self.geometry;
        let mut bytes = 0usize;
        let mut builder = BinaryBuilder::with_capacity(geometry.len(), 16 * xs.len() + 9 * geometry.len());
        let mut out = Vec::new();
        for row in 0..geometry.len() {
            let kind = geometry.geometry_type(row);
            if kind == GeometryType::Commands {
                builder.append_null();
                continue;
            }
            let zs = zs.as_ref().filter(|_| self.has_height(row));
            let vertex = |vertex: usize, out: &mut Vec<u8>| {
                let numbers = [Some(xs[vertex]), Some(ys[vertex]), zs.map(|zs| zs[vertex])];
                out.extend(numbers.into_iter().flatten().flat_map(f64::to_le_bytes));
            };
            let run = |ring: usize, closed: bool, out: &mut Vec<u8>| {
                let range = self.ring_range(ring);
                wkb::write_count(range.len() + usize::from(closed), out);
                range.clone().for_each(|at| vertex(at, out));
                if closed {
                    vertex(range.start, out);
                }
            };
            let part = |part: usize, out: &mut Vec<u8>| {
                let rings = geometry.rings(part);
                match kind {
                    GeometryType::Point | GeometryType::MultiPoint => {
                        vertex(self.ring_range(rings.start).start, out);
                    }
                    GeometryType::LineString | GeometryType::MultiLineString => run(rings.start, false, out),
                    _ => {
                        wkb::write_count(rings.len(), out);
                        rings.for_each(|ring| run(ring, true, out));
                    }
                }
            };
            out.clear();
            wkb::write_head(kind, zs.is_some(), &mut out);
            let parts = geometry.parts(row);
            if kind.is_multi() {
                wkb::write_count(parts.len(), &mut out);
                let one = GeometryType::ALL[kind as usize - GeometryType::MultiPoint as usize];
                for number in parts {
                    wkb::write_head(one, zs.is_some(), &mut out);
                    part(number, &mut out);
                }
            } else {
                part(parts.start, &mut out);
            }
            bytes += out.len();
            if bytes > i32::MAX as usize {
                return Err(Error::input("more than 2^31 - 1 bytes of well-known binary"));
            }
            builder.append_value(&out);
        }
        Ok(Arc::new(builder.finish()))
    }

    /// The vertices of a ring.
    fn ring_range(&self, ring: usize) -> std::ops::Range<usize> {
        match self.geometry.ring_offsets() {
            Some(offsets) => offsets[ring] as usize..offsets[ring + 1] as usize,
            None => ring..ring + 1,
        }
    }
}
