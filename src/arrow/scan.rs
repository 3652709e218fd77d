//! Layers and rows of a tile that are wanted, as record batches, and what need not be decoded for them.

use std::borrow::Cow;

use arrow_array::RecordBatch;

use super::decode::{Decoder, Part, View};
use super::options::DecodeOptions;
use super::predicate::Predicate;
use crate::column::{Column, ColumnKind};
use crate::error::Result;
use crate::limits::Budget;
use crate::tile::projection::Projection;
use crate::tile::read::{LayerReader, Tile};

/// What is wanted of a tile, and how.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scan {
    /// Layers and columns; those that only the filter names are read and not handed out.
    pub projection: Projection,
    /// Which features; none for all.
    pub filter: Option<Predicate>,
    /// How they become record batches.
    pub decode: DecodeOptions,
}

/// Why a layer was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is not among the layers that are wanted.
    NotWanted,
    /// The directory says that no feature fulfils the filter: nothing of it was decoded.
    Directory,
    /// No feature fulfils the filter: only the columns that this names were decoded.
    NoRow,
}

/// A layer that was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Skipped {
    /// The layer.
    pub layer: String,
    /// How many features it has.
    pub features: usize,
    /// Why.
    pub why: Why,
}

/// What a scan found.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Scanned {
    /// A batch for each layer that has something of what is wanted, in order; the schema's metadata have its
    /// name.
    pub batches: Vec<RecordBatch>,
    /// The other layers.
    pub skipped: Vec<Skipped>,
    /// How many features of the layers in `batches` do not fulfil the filter.
    pub features_left_out: usize,
}

impl Scan {
    /// Reads what is wanted of a tile. Of layers that the directory rules out nothing is decoded, of the
    /// others first the columns that the filter names. What the statistics of a tile say is believed.
    ///
    /// ```
    /// use covt::arrow::{Comparison, Literal, Predicate, Scan, Why};
    /// use covt::{Budget, EncodeOptions, LayerBuilder, Tile, Value};
    ///
    /// let mut roads = LayerBuilder::new("roads");
    /// for lanes in [1, 2, 4] {
    ///     roads.feature(None, |geometry| geometry.line_string(&[[0, 10], [40, 12]]))?;
    ///     roads.property("lanes", Value::UInt(lanes))?;
    /// }
    /// let options = EncodeOptions { statistics: true, ..EncodeOptions::default() };
    /// let tile = covt::encode(&[roads.finish()?], &options)?;
    ///
    /// let mut budget = Budget::default();
    /// let tile = Tile::open(&tile, &mut budget)?;
    /// let wide = |lanes| Predicate::Compare("lanes".into(), Comparison::Gt, Literal::Int(lanes));
    /// let scan = |filter| Scan { filter: Some(filter), ..Scan::default() };
    /// assert_eq!(scan(wide(1)).read(&tile, &mut budget)?.batches[0].num_rows(), 2);
    /// assert_eq!(scan(wide(4)).read(&tile, &mut budget)?.skipped[0].why, Why::Directory);
    /// # Ok::<(), covt::Error>(())
    /// ```
    ///
    /// # Errors
    /// If what is read is damaged, or takes more memory than `budget` has left; those of
    /// [`super::to_batch`].
    pub fn read(&self, tile: &Tile, budget: &mut Budget) -> Result<Scanned> {
        self.read_with(&mut Decoder::default(), tile, budget)
    }

    /// [`Self::read`] with a decoder that other tiles were read with.
    ///
    /// # Errors
    /// Those of [`Self::read`].
    pub fn read_with(&self, decoder: &mut Decoder, tile: &Tile, budget: &mut Budget) -> Result<Scanned> {
        let mut out = Scanned { batches: Vec::with_capacity(tile.layers().len()), ..Scanned::default() };
        for layer in tile.layers() {
            let entry = layer.entry();
            let why = if !self.projection.wants_layer(entry.name()) {
                Some(Why::NotWanted)
            } else if self.filter.as_ref().is_some_and(|filter| !filter.may_match(entry)) {
                Some(Why::Directory)
            } else {
                match self.layer(layer, decoder, &mut out, budget)? {
                    Some(batch) => {
                        out.batches.push(batch);
                        None
                    }
                    None => Some(Why::NoRow),
                }
            };
            if let Some(why) = why {
                out.skipped.push(Skipped { layer: entry.name().to_owned(), features: entry.features(), why });
            }
        }
        Ok(out)
    }

    /// What is wanted of one layer; none if no feature is.
    fn layer(
        &self,
        layer: LayerReader,
        decoder: &mut Decoder,
        out: &mut Scanned,
        budget: &mut Budget,
    ) -> Result<Option<RecordBatch>> {
        let entry = layer.entry();
        let rows = entry.features();
        let mut cache = None;
        let properties =
            || (0..entry.columns().len()).filter(|&number| entry.columns()[number].kind().is_property());
        let name = |number: usize| entry.columns()[number].name();
        // Those that the filter names, for it and for the batch.
        let mut filtered: Vec<(usize, Part)> = Vec::new();
        let mut selected: Option<Vec<u32>> = None;
        if let Some(filter) = &self.filter {
            let mut columns = Vec::new();
            for number in properties().filter(|&number| filter.names(name(number))) {
                let (values, nulls) = layer.values_cached(number, &mut cache, budget)?;
                filtered.push((number, (values.clone(), nulls.clone())));
                columns.push(Column { name: name(number).into(), values, nulls });
            }
            let matches = filter.matches(&columns, rows);
            let count = matches.count_set_bits();
            if count == 0 {
                return Ok(None);
            }
            out.features_left_out += rows - count;
            selected = (count < rows).then(|| matches.set_indices().map(|row| row as u32).collect());
        }
        let wanted = |number: usize| self.projection.wants_property(entry.name(), name(number));
        let measures: Vec<usize> = (0..entry.columns().len())
            .filter(|&number| entry.columns()[number].kind() == ColumnKind::MValues && wanted(number))
            .collect();
        let geometry = match self.projection.geometry || !measures.is_empty() {
            true => Some(layer.geometry(budget)?),
            false => None,
        };
        let mut of_vertices = Vec::with_capacity(measures.len());
        let mut heights = None;
        if let Some(geometry) = &geometry {
            for number in measures {
                of_vertices.push(layer.measure_at(number, geometry, budget)?);
            }
            if self.projection.geometry {
                heights = layer.heights(budget)?;
            }
        }
        let ids = if self.projection.ids { layer.ids(budget)? } else { None };
        let kept = || properties().filter(|&number| wanted(number));
        // All together take less time than one after the other.
        let mut all = match filtered.is_empty() && kept().count() == properties().count() {
            true => Some(layer.properties(budget)?.into_iter()),
            false => None,
        };
        let view = View {
            name: Cow::Borrowed(entry.name()),
            extent: entry.extent(),
            version: entry.version(),
            rows,
            ids,
            names: kept().map(name),
            columns: kept().map(|number| {
                if let Some(all) = &mut all {
                    let Column { values, nulls, .. } = all.next().expect("all properties");
                    return Ok((values, nulls));
                }
                match filtered.iter().position(|(other, _)| *other == number) {
                    Some(at) => Ok(filtered.swap_remove(at).1),
                    None => layer.values_cached(number, &mut cache, budget),
                }
            }),
            is_shared: false,
            measures: Cow::Owned(of_vertices),
            heights,
            geometry: geometry.map(Cow::Owned),
            shown: self.projection.geometry,
        };
        let batch = match &selected {
            Some(rows) => decoder.view(view.take(rows), &self.decode),
            None => decoder.view(view, &self.decode),
        };
        batch.map(Some)
    }
}

#[cfg(test)]
mod tests;
