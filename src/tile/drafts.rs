//! Values per vertex in the making: features in order, those left out have none.

use std::sync::Arc;

use smol_str::SmolStr;

use super::grid::Grid;
use super::measures::{Heights, Measure};
use crate::array::Utf8;
use crate::array::bitmap::BitmapBuilder;
use crate::column::builder::{Cell, ColumnBuilder, ValueType};
use crate::error::{Error, Result};

/// A [`Measure`] of one type.
#[derive(Debug)]
pub(super) struct MeasureDraft {
    name: SmolStr,
    value_type: ValueType,
    values: ColumnBuilder,
    present: BitmapBuilder,
    next_row: usize,
}

impl MeasureDraft {
    pub(super) fn new(name: &str, value_type: ValueType) -> Self {
        Self {
            name: name.into(),
            value_type,
            values: ColumnBuilder::new(value_type),
            present: BitmapBuilder::default(),
            next_row: 0,
        }
    }

    /// Whether it is the measure of that name and type, and feature `row` has no values of it yet.
    pub(super) fn takes(&self, name: &str, value_type: ValueType, row: usize) -> bool {
        self.name == name && self.value_type == value_type && self.next_row <= row
    }

    pub(super) fn push(&mut self, vertex: usize, cell: Cell) {
        self.values.push(vertex, cell);
    }

    /// Ends the values of feature `row`.
    pub(super) fn end(&mut self, row: usize) {
        self.present.set(row);
        self.next_row = row + 1;
    }

    pub(super) fn finish(self, rows: usize, vertices: usize, dictionary: &Arc<Utf8>) -> Measure {
        let column = self.values.finish(self.name, vertices, dictionary);
        Measure { name: column.name, values: column.values, nulls: self.present.into_nulls(rows) }
    }
}

/// [`Heights`].
#[derive(Debug)]
pub(super) struct HeightsDraft {
    grid: Grid,
    values: Vec<i32>,
    present: BitmapBuilder,
    next_row: usize,
}

impl HeightsDraft {
    pub(super) fn new(grid: Grid) -> Result<Self> {
        grid.check().map_err(Error::input)?;
        Ok(Self { grid, values: Vec::new(), present: BitmapBuilder::default(), next_row: 0 })
    }

    /// Gives feature `row`, whose first vertex is `vertex`, its heights in metres.
    pub(super) fn push(&mut self, row: usize, vertex: usize, metres: &[f64]) -> Result<()> {
        if row < self.next_row {
            return Err(Error::input("heights of a feature given twice"));
        }
        let steps = metres.iter().map(|metres| ((metres - self.grid.offset) / self.grid.scale).round());
        let steps: Option<Vec<i32>> =
            steps.map(|step| (step.abs() <= f64::from(i32::MAX)).then_some(step as i32)).collect();
        let steps = steps.ok_or_else(|| Error::input("a height that the grid cannot hold"))?;
        self.values.resize(vertex, 0);
        self.values.extend(steps);
        self.present.set(row);
        self.next_row = row + 1;
        Ok(())
    }

    pub(super) fn finish(mut self, rows: usize, vertices: usize) -> Heights {
        self.values.resize(vertices, 0);
        let Grid { scale, offset } = self.grid;
        Heights { scale, offset, values: self.values.into(), nulls: self.present.into_nulls(rows) }
    }
}
