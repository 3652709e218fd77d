//! Values per vertex: measures and heights of a layer.

use super::{COLUMN, Dictionaries, GEOMETRY, LayerReader};
use crate::column::ColumnKind;
use crate::error::Result;
use crate::geometry::{self, Geometry, Spans, Topology};
use crate::limits::Budget;
use crate::tile::directory::ColumnEntry;
use crate::tile::measures::{self, Heights, Measure};

impl<'a> LayerReader<'a> {
    /// Decodes the first measure of that name, if there is one. Of the geometry only types and counts are
    /// read, which say which vertices belong to which feature.
    ///
    /// # Errors
    /// If what is read is damaged, or takes more memory than `budget` has left.
    pub fn measure(&self, name: &str, budget: &mut Budget) -> Result<Option<Measure>> {
        let measures = self.entry.columns.iter().filter(|column| column.kind == ColumnKind::MValues);
        let Some(column) = measures.clone().find(|column| column.name == name) else { return Ok(None) };
        let topology = self.topology(budget)?;
        let number = column.children[0].dictionary.map_or(0, |number| number + 1);
        let mut dictionaries = budget.zeroed(number, "columns", column.range().start)?;
        self.decode_measure(column, topology.spans(), &mut dictionaries, budget).map(Some)
    }

    /// Decodes the heights of vertices, if there are any; of the geometry only types and counts.
    ///
    /// # Errors
    /// If what is read is damaged, or takes more memory than `budget` has left.
    pub fn heights(&self, budget: &mut Budget) -> Result<Option<Heights>> {
        let Some(column) = self.entry.columns.iter().find(|column| column.kind == ColumnKind::Z) else {
            return Ok(None);
        };
        self.decode_heights(column, self.topology(budget)?.spans(), budget).map(Some)
    }

    /// Decodes column `number` of the layer's entry, a measure of vertices that `geometry` has.
    pub(crate) fn measure_at(
        &self,
        number: usize,
        geometry: &Geometry,
        budget: &mut Budget,
    ) -> Result<Measure> {
        let column = &self.entry.columns[number];
        let dictionaries = column.children[0].dictionary.map_or(0, |number| number + 1);
        let mut dictionaries = budget.zeroed(dictionaries, "columns", column.range().start)?;
        self.decode_measure(column, geometry.spans(), &mut dictionaries, budget)
    }

    fn topology(&self, budget: &mut Budget) -> Result<Topology> {
        let column = self.entry.columns.iter().find(|column| column.kind == ColumnKind::Geometry);
        let Some(column) = column else { return Ok(Topology::default()) };
        let streams = self.streams(column);
        budget.charge(GEOMETRY, "geometry", streams.offset())?;
        geometry::column::read_topology(&streams, self.entry.features, budget)
            .map_err(|error| self.within(error.within("geometry")))
    }

    pub(super) fn decode_measure(
        &self,
        column: &'a ColumnEntry,
        spans: Spans,
        dictionaries: &mut Dictionaries,
        budget: &mut Budget,
    ) -> Result<Measure> {
        budget.charge(COLUMN + column.name.len(), "measure", column.range().start)?;
        let dictionary = self.dictionary_of(&column.children[0], dictionaries, budget)?;
        let streams = [&self.streams(column), &self.streams(&column.children[0])];
        measures::read(column, streams, dictionary, spans, self.entry.features, budget)
            .map_err(|error| self.within(error.within(format!("measure {:?}", column.name))))
    }

    pub(super) fn decode_heights(
        &self,
        column: &'a ColumnEntry,
        spans: Spans,
        budget: &mut Budget,
    ) -> Result<Heights> {
        budget.charge(COLUMN, "heights", column.range().start)?;
        measures::read_heights(column, &self.streams(column), spans, self.entry.features, budget)
            .map_err(|error| self.within(error.within("heights")))
    }
}
