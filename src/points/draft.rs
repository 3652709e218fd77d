//! A table in the making: rows in the order of the input, then along the curve.
//!
//! Columns are brought in order one after the other, so that only one of them is in memory twice; strings
//! first, whose numbers become shorter.

use std::sync::Arc;

use arrow_buffer::BooleanBufferBuilder;

use super::column::{Column, Data, Keys};
use super::mercator;
use super::options::{Progress, Stage};
use super::order::{self, Ordered};
use super::pieces::Pieces;
use super::shapes::{Shape, Shapes};
use super::table::{self, Table};
use super::text::Interner;
use crate::array::{BooleanBuffer, Utf8};

/// A column in the making.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) values: Values,
    pub(super) valid: BooleanBufferBuilder,
}

/// The values of a [`Draft`]; any where there is none.
#[derive(Debug)]
pub(super) enum Values {
    Bool(BooleanBufferBuilder),
    I32(Pieces<i32>),
    I64(Pieces<i64>),
    F32(Pieces<f32>),
    F64(Pieces<f64>),
    Time(Pieces<i64>),
    Text(Pieces<u32>, Interner),
}

impl Draft {
    pub(super) fn new(name: String, values: Values) -> Self {
        Self { name, values, valid: BooleanBufferBuilder::new(0) }
    }

    fn gather(self, order: &[u32]) -> Column {
        let Self { name, values, mut valid } = self;
        let take = |bits: &BooleanBuffer| {
            BooleanBuffer::collect_bool(order.len(), |row| bits.value(order[row] as usize))
        };
        let valid = valid.finish();
        let valid = (valid.count_set_bits() < valid.len()).then(|| take(&valid));
        let data = match values {
            Values::Bool(mut values) => Data::Bool(take(&values.finish())),
            Values::I32(values) => Data::I32(values.gather(order, |value| value)),
            Values::I64(values) => Data::I64(values.gather(order, |value| value)),
            Values::F32(values) => Data::F32(values.gather(order, |value| value)),
            Values::F64(values) => Data::F64(values.gather(order, |value| value)),
            Values::Time(values) => Data::Time(values.gather(order, |value| value)),
            Values::Text(numbers, strings) => {
                let strings: Arc<Utf8> = Arc::new(strings.finish());
                let keys = match strings.len() {
                    ..=0x100 => Keys::U8(numbers.gather(order, |number| number as u8)),
                    0x101..=0x1_0000 => Keys::U16(numbers.gather(order, |number| number as u16)),
                    _ => Keys::U32(numbers.gather(order, |number| number)),
                };
                Data::Text(keys, strings)
            }
        };
        Column::new(name, data, valid)
    }
}

/// Where rows lie, in the making.
#[derive(Debug)]
pub(super) struct Places {
    /// The places of points on the curve, and of the middles of other geometries.
    pub(super) keys: Pieces<u64>,
    /// None as long as all are points.
    shapes: Option<Shapes>,
}

impl Places {
    pub(super) fn new() -> Self {
        Self { keys: Pieces::new(), shapes: None }
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Adds a point, in degrees.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn push_point(&mut self, longitude: f64, latitude: f64) -> Result<(), String> {
        let Some(place) = mercator::place(longitude, latitude) else {
            return Err(if longitude.is_nan() || latitude.is_nan() {
                "no coordinates".into()
            } else {
                format!("longitude {longitude} and latitude {latitude} are outside the world")
            });
        };
        self.push_place(place);
        Ok(())
    }

    /// Adds a point.
    pub(super) fn push_place(&mut self, place: [u32; 2]) {
        self.keys.push(table::key(place));
        if let Some(shapes) = &mut self.shapes {
            shapes.push_point(place);
        }
    }

    /// Adds any geometry.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn push_shape(&mut self, shape: &Shape) -> Result<(), String> {
        if let Shape::Points(points) = shape
            && let [[x, y]] = points[..]
        {
            return self.push_point(x, y);
        }
        let shapes = self.shapes.get_or_insert_with(|| {
            let mut shapes = Shapes::default();
            self.keys.iter().for_each(|key| shapes.push_point(table::point(key)));
            shapes
        });
        self.keys.push(table::key(shapes.push(shape)?));
        Ok(())
    }
}

/// A table in the making.
#[derive(Debug)]
pub(super) struct Drafts {
    pub(super) places: Places,
    pub(super) columns: Vec<Draft>,
}

impl Drafts {
    /// The table, and the shapes of its rows if not all are points; rows at one place keep the order of the
    /// input.
    pub(super) fn finish(self, progress: &(dyn Fn(Progress) + Sync)) -> (Table, Option<Shapes>) {
        let Self { places: Places { keys, shapes }, columns } = self;
        let (steps, mut done) = (columns.len() as u64 + 1, 0);
        let mut tell = || {
            progress(Progress { stage: Stage::Sorting, done, total: steps });
            done += 1;
        };
        tell();
        let Ordered { x, y, source } = order::along_curve(keys);
        let mut columns: Vec<(usize, Draft)> = columns.into_iter().enumerate().collect();
        columns.sort_by_key(|(_, draft)| !matches!(draft.values, Values::Text(..)));
        let mut ordered: Vec<(usize, Column)> = Vec::with_capacity(columns.len());
        for (index, draft) in columns {
            tell();
            ordered.push((index, draft.gather(&source)));
        }
        ordered.sort_by_key(|(index, _)| *index);
        let columns = ordered.into_iter().map(|(_, column)| column).collect();
        let shapes = shapes.map(|shapes| shapes.take(&source));
        (Table::new(x.into(), y.into(), source.into(), columns), shapes)
    }
}
