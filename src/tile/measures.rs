//! Values per vertex: named columns of them (M-values), and heights (Z).
//!
//! ```text
//! m-values   [present]  a bit per feature │ column within: the values of the vertices of those that have some
//! z          [present]  a bit per feature │ values: the heights of their vertices
//! ```
//!
//! They follow the vertices of the layer in the order in which those are decoded, whatever their
//! encoding.

use std::sync::Arc;

use smol_str::SmolStr;

use super::directory::ColumnEntry;
use super::flat::Coded;
use super::grid::Grid;
use super::out::OutColumn;
use crate::array::{BooleanBuffer, NullBuffer, ScalarBuffer, Utf8, bitmap};
use crate::column::take::take_nulls;
use crate::column::{Column, ColumnKind, Value, Values, present, scalar, string};
use crate::error::{Error, Result};
use crate::geometry::{Geometry, Spans};
use crate::limits::Budget;
use crate::stream::choose::Chooser;
use crate::stream::{OutStream, Role, Streams, ints};
use crate::wire::zigzag;

/// A named value for each vertex (an M-value): speeds, widths, times …
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// What is measured.
    pub name: SmolStr,
    /// A value for each vertex of the layer, in the order of [`Geometry::vertices`], none of them
    /// nested; those of features that have none are arbitrary.
    pub values: Values,
    /// Which features have values; none means all of them.
    pub nulls: Option<NullBuffer>,
}

/// The height of each vertex (Z), on a grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Heights {
    /// What one step of the grid is, in metres; greater than 0.
    pub scale: f64,
    /// The height of 0, in metres.
    pub offset: f64,
    /// For each vertex of the layer, in the order of [`Geometry::vertices`]; those of features that
    /// have none are arbitrary.
    pub values: ScalarBuffer<i32>,
    /// Which features have heights; none means all of them.
    pub nulls: Option<NullBuffer>,
}

impl Measure {
    /// Whether feature `row` has values.
    pub fn is_valid(&self, row: usize) -> bool {
        self.nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row))
    }

    /// The values of feature `row`, whose vertices are `vertices` of the layer, if it has some.
    pub fn get(&self, row: usize, vertices: std::ops::Range<usize>) -> Option<Vec<Value<'_>>> {
        self.is_valid(row).then(|| vertices.map(|vertex| self.values.at(vertex)).collect())
    }

    /// The values of `rows`, of `vertices`.
    pub(crate) fn take(&self, rows: &[u32], vertices: &[u32]) -> Self {
        let values =
            Column { name: self.name.clone(), values: self.values.clone(), nulls: None }.take(vertices);
        Self { name: values.name, values: values.values, nulls: take_nulls(self.nulls.as_ref(), rows) }
    }

    pub(crate) fn check(&self, rows: usize, vertices: usize) -> Result<(), &'static str> {
        let column = Column { name: SmolStr::default(), values: self.values.clone(), nulls: None };
        if matches!(self.values, Values::Nested(_)) {
            return Err("nested values of vertices");
        }
        check(rows, vertices, self.values.len(), self.nulls.as_ref())?;
        column.check()
    }
}

impl Heights {
    /// Whether feature `row` has heights.
    pub fn is_valid(&self, row: usize) -> bool {
        self.nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row))
    }

    /// The height of a vertex, in metres.
    pub fn metres(&self, vertex: usize) -> f64 {
        f64::from(self.values[vertex]) * self.scale + self.offset
    }

    /// The heights of `rows`, of `vertices`.
    pub(crate) fn take(&self, rows: &[u32], vertices: &[u32]) -> Self {
        let values = vertices.iter().map(|&vertex| self.values[vertex as usize]).collect();
        Self { values, nulls: take_nulls(self.nulls.as_ref(), rows), ..*self }
    }

    pub(crate) fn grid(&self) -> Grid {
        Grid { scale: self.scale, offset: self.offset }
    }

    pub(crate) fn check(&self, rows: usize, vertices: usize) -> Result<(), &'static str> {
        self.grid().check()?;
        check(rows, vertices, self.values.len(), self.nulls.as_ref())
    }
}

fn check(
    rows: usize,
    vertices: usize,
    values: usize,
    nulls: Option<&NullBuffer>,
) -> Result<(), &'static str> {
    if values != vertices {
        return Err("not as many values as vertices");
    }
    if nulls.is_some_and(|nulls| nulls.len() != rows) {
        return Err("not as many validity bits as features");
    }
    Ok(())
}

/// The vertices of the features that have values.
fn vertices_of(geometry: &Geometry, nulls: Option<&NullBuffer>) -> Vec<u32> {
    let spans = geometry.spans();
    match nulls {
        None => (0..spans.of(0..geometry.len()).end as u32).collect(),
        Some(nulls) => {
            nulls.valid_indices().flat_map(|row| spans.of(row..row + 1)).map(|vertex| vertex as u32).collect()
        }
    }
}

/// The values that stand in the tile, as a column of those that are there.
pub(crate) fn dense(measure: &Measure, geometry: &Geometry) -> Column {
    let vertices = vertices_of(geometry, measure.nulls.as_ref());
    Column { name: measure.name.clone(), values: measure.values.clone(), nulls: None }.take(&vertices)
}

/// The column of a measure, of whose values `coded` is the column.
pub(crate) fn write<'a>(measure: &'a Measure, coded: Coded, chooser: &Chooser) -> OutColumn<'a> {
    let mut streams = Vec::new();
    present::write(measure.nulls.as_ref(), chooser, &mut streams);
    let mut column = OutColumn::new(ColumnKind::MValues, &measure.name, None, streams);
    column.children.push(OutColumn::new(coded.kind, "", coded.dictionary, coded.streams));
    column
}

/// The column of heights.
pub(crate) fn write_heights<'a>(heights: &Heights, geometry: &Geometry, chooser: &Chooser) -> OutColumn<'a> {
    let mut streams = Vec::new();
    present::write(heights.nulls.as_ref(), chooser, &mut streams);
    let vertices = vertices_of(geometry, heights.nulls.as_ref());
    let values: Vec<u32> =
        vertices.iter().map(|&vertex| zigzag::encode32(heights.values[vertex as usize])).collect();
    streams.push(OutStream::new(Role::Values, chooser.ints(&values)));
    let mut column = OutColumn::new(ColumnKind::Z, "", None, streams);
    column.grid = Some(heights.grid());
    column
}

/// Which features have values, which vertices those are of if not all, and their number.
struct Places {
    features: Option<NullBuffer>,
    vertices: Option<NullBuffer>,
    count: usize,
}

fn places(streams: &Streams, spans: Spans, rows: usize, at: usize, budget: &mut Budget) -> Result<Places> {
    let (features, _) = present::read(streams, rows, budget)?;
    let total = spans.of(0..rows).end;
    let Some(features) = features else { return Ok(Places { features: None, vertices: None, count: total }) };
    let mut bits = budget.zeroed::<u8>(total.div_ceil(8), "vertices with values", at)?;
    let mut count = 0;
    for row in features.valid_indices() {
        for vertex in spans.of(row..row + 1) {
            bits[vertex / 8] |= 1 << (vertex % 8);
            count += 1;
        }
    }
    let vertices = NullBuffer::new(BooleanBuffer::new(bits.into(), 0, total));
    Ok(Places { features: Some(features), vertices: Some(vertices), count })
}

/// Reads a column of kind m-values, of `rows` features; `dictionary` is that which its values name.
pub(crate) fn read(
    column: &ColumnEntry,
    [streams, within]: [&Streams; 2],
    dictionary: Option<Arc<Utf8>>,
    spans: Spans,
    rows: usize,
    budget: &mut Budget,
) -> Result<Measure> {
    let at = column.range().start;
    let Places { features, vertices, count } = places(streams, spans, rows, at, budget)?;
    let (kind, vertices) = (column.children[0].kind, vertices.as_ref());
    let values = match kind {
        ColumnKind::String | ColumnKind::StringDictionary | ColumnKind::SharedString => {
            Values::String(string::read_values(kind, within, dictionary, vertices, count, budget)?)
        }
        kind => scalar::read_values(kind, within, vertices, count, budget)?,
    };
    Ok(Measure { name: column.name.clone(), values, nulls: features })
}

/// Reads a column of kind z, of `rows` features.
pub(crate) fn read_heights(
    column: &ColumnEntry,
    streams: &Streams,
    spans: Spans,
    rows: usize,
    budget: &mut Budget,
) -> Result<Heights> {
    let at = column.range().start;
    let Places { features, vertices, count } = places(streams, spans, rows, at, budget)?;
    let (entry, reader) = streams.need(Role::Values)?;
    let mut values: Vec<u32> = scalar::room_to_spread(vertices.as_ref(), at, budget)?;
    ints::read_to(entry.encoding(), reader, count, &mut values, budget)?;
    values.iter_mut().for_each(|value| *value = zigzag::decode32(*value) as u32);
    if let Some(vertices) = &vertices {
        bitmap::spread(&mut values, vertices);
    }
    let Grid { scale, offset } =
        column.grid.ok_or_else(|| Error::inconsistent(at, "a z column without a grid"))?;
    let values = ScalarBuffer::from(bytemuck::allocation::cast_vec::<u32, i32>(values));
    Ok(Heights { scale, offset, values, nulls: features })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::generate::{layers, options};
    use crate::testing::naive;
    use crate::testing::random::Random;
    use crate::tile::read::Tile;
    use crate::tile::write::encode;

    /// What a value is, bit by bit: numbers that are none are compared, too.
    fn bits(value: &Value) -> String {
        match value {
            Value::Float(value) => format!("float {:x}", value.to_bits()),
            Value::Double(value) => format!("double {:x}", value.to_bits()),
            value => format!("{value:?}"),
        }
    }

    fn all_bits(values: &[Value]) -> Vec<String> {
        values.iter().map(bits).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        /// What is written of values per vertex, and what is read, is what the naive twin walks through.
        #[test]
        fn as_the_naive_twin_walks(seed in any::<u64>()) {
            let mut random = Random::from_seed(seed);
            let layer = layers::layer(&mut random);
            for (index, measure) in layer.measures().iter().enumerate() {
                let dense = dense(measure, layer.geometry());
                let written: Vec<Value> = (0..dense.len()).map(|at| dense.values.at(at)).collect();
                prop_assert_eq!(all_bits(&written), all_bits(&naive::measures::measure(&layer, index)));
            }
            let options = options::any(&mut random);
            let bytes = encode(std::slice::from_ref(&layer), &options).unwrap();
            let mut budget = Budget::default();
            let tile = Tile::open(&bytes, &mut budget).unwrap();
            let reader = tile.layers().next().unwrap();
            // Other orders are held against the source by the checks for them.
            if options.reordering() != Default::default() {
                return Ok(());
            }
            let read = reader.decode(&mut budget).unwrap();
            prop_assert_eq!(read.measures().len(), layer.measures().len());
            for (index, measure) in layer.measures().iter().enumerate() {
                let values = naive::measures::measure(&read, index);
                prop_assert_eq!(&read.measures()[index].name, &measure.name);
                prop_assert_eq!(all_bits(&values), all_bits(&naive::measures::measure(&layer, index)));
            }
            prop_assert_eq!(naive::measures::heights(&read), naive::measures::heights(&layer));
        }
    }
}
