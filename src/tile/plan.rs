//! Which bytes of a tile to fetch for what is wanted of it.

use std::ops::Range;

use super::directory::{Directory, LayerEntry, Layout};
use super::projection::Projection;
use crate::column::ColumnKind;
use crate::stream::{Role, StreamEntry};

impl Directory {
    /// The bytes behind the front of the tile that must be there to decode what is wanted, in order;
    /// ranges do not touch.
    ///
    /// ```
    /// use covt::{Budget, ColumnName, Directory, EncodeOptions, LayerBuilder, Profile, Projection, Tile, Value};
    ///
    /// let mut places = LayerBuilder::new("places");
    /// for (x, name) in [(1, "Chur"), (2, "Ilanz")] {
    ///     places.feature(Some(7), |geometry| Ok(geometry.point(x, 0)))?;
    ///     places.property("name", Value::String(name))?;
    /// }
    /// let tile = covt::encode(&[places.finish()?], &EncodeOptions::new(Profile::Fast))?;
    ///
    /// let mut budget = Budget::default();
    /// let directory = Directory::read(&tile, &mut budget)?; // would do with the front alone
    /// let names = Projection {
    ///     columns: Some(vec![ColumnName::parse("name").unwrap()]),
    ///     ids: false,
    ///     geometry: false,
    ///     ..Projection::default()
    /// };
    /// let ranges = directory.ranges(&names);
    /// let parts: Vec<_> = ranges.into_iter().map(|range| (range.start, &tile[range])).collect();
    /// let partial = Tile::from_parts(directory, &parts)?;
    /// let names = partial.layer("places").unwrap().column("name", &mut budget)?.unwrap();
    /// assert_eq!(names.get(1), Some(Value::String("Ilanz")));
    /// # Ok::<(), covt::Error>(())
    /// ```
    pub fn ranges(&self, wanted: &Projection) -> Vec<Range<usize>> {
        let mut streams = Vec::new();
        let mut vertices = false;
        for layer in self.layers.iter().filter(|layer| wanted.wants_layer(&layer.name)) {
            vertices |= wanted.geometry && layer.features > 0;
            layer.add_wanted(wanted, &mut streams);
        }
        if self.layout == Layout::Compact && vertices {
            // Those of all layers decode together.
            streams.extend(&self.vertices);
            let columns = self.layers.iter().flat_map(|layer| &layer.columns);
            let geometries = columns.filter(|column| column.kind == ColumnKind::Geometry);
            streams.extend(geometries.flat_map(|column| &column.streams));
        }
        let streams = streams.into_iter().filter(|stream| !stream.is_apart()).map(StreamEntry::range);
        // Texts of a compact tile whose front is not compressed lie in the front.
        merge(streams.filter(|range| range.start >= self.body.start).collect(), 0)
    }
}

impl LayerEntry {
    /// Adds the streams that decoding what is wanted takes.
    fn add_wanted<'a>(&'a self, wanted: &Projection, out: &mut Vec<&'a StreamEntry>) {
        let mut spans = false;
        for (number, column) in
            self.columns.iter().enumerate().filter(|(_, column)| wanted.wants(self, column))
        {
            spans |= matches!(column.kind, ColumnKind::MValues | ColumnKind::Z);
            out.extend(self.streams_of(number));
        }
        if spans && !wanted.geometry {
            let geometry = self.columns.iter().filter(|column| column.kind == ColumnKind::Geometry);
            let counts = geometry.flat_map(|column| &column.streams).filter(|stream| {
                let counts = [Role::Types, Role::GeometryOffsets, Role::PartOffsets, Role::RingOffsets];
                counts.contains(&stream.role())
            });
            out.extend(counts);
        }
    }
}

/// The ranges in order, joined where no more than `gap` bytes lie between two; those without bytes are
/// left out.
pub(crate) fn merge(mut ranges: Vec<Range<usize>>, gap: usize) -> Vec<Range<usize>> {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut out: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match out.last_mut() {
            Some(last) if range.start <= last.end.saturating_add(gap) => last.end = last.end.max(range.end),
            _ => out.push(range),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Budget;
    use crate::testing::generate::{layers, options};
    use crate::testing::{Random, check};
    use crate::tile::projection::ColumnName;
    use crate::tile::read::Tile;
    use crate::tile::write::encode;

    #[test]
    fn near_ranges_are_joined() {
        assert_eq!(merge(vec![5..9, 0..2, 12..14, 3..3, 6..7], 0), [0..2, 5..9, 12..14]);
        assert!(merge(vec![5..9, 0..2, 12..14], 3).into_iter().eq(std::iter::once(0..14)));
        assert_eq!(merge(vec![5..9, 0..2, 12..14], 2), [0..2, 5..9, 12..14]);
        assert!(merge(vec![0..usize::MAX, 5..7], usize::MAX).into_iter().eq(std::iter::once(0..usize::MAX)));
    }

    /// What is wanted decodes from the front and the planned bytes alone, to what the whole tile gives.
    #[test]
    fn planned_bytes_suffice() {
        let mut random = Random::from_seed(31);
        let (mut fewer, mut columns_read) = (0, 0);
        for _ in 0..300 {
            let tile = encode(&layers::tile(&mut random), &options::any(&mut random)).unwrap();
            let mut budget = Budget::default();
            let whole = Tile::open(&tile, &mut budget).unwrap();
            let Some(layer) = whole.layers().nth(random.index(whole.layers().len().max(1))) else { continue };
            let entry = layer.entry();
            let names: Vec<_> = entry.columns().iter().map(|column| column.name().to_owned()).collect();
            let column = if names.is_empty() { String::new() } else { random.pick(&names).clone() };
            let wanted = Projection {
                layers: Some(vec![entry.name().into()]),
                columns: Some(vec![ColumnName { layer: None, column: column.clone() }]),
                ids: random.chance(1, 2),
                geometry: random.chance(1, 2),
            };
            let directory = Directory::read(&tile, &mut budget).unwrap();
            let front = 0..directory.body().start;
            let ranges = directory.ranges(&wanted);
            fewer += usize::from(ranges.iter().map(Range::len).sum::<usize>() < directory.body().len());
            // Byte for byte what is there, so nothing else can be read.
            let parts: Vec<_> =
                std::iter::once(front).chain(ranges).map(|range| (range.start, &tile[range])).collect();
            let partial = Tile::from_parts(directory, &parts).unwrap();
            let partial = partial.layer(entry.name()).unwrap();
            let layer = whole.layer(entry.name()).unwrap();
            if wanted.ids {
                let ids = [partial, layer].map(|layer| layer.ids(&mut Budget::default()).unwrap());
                assert_eq!(check::same_ids(ids[0].as_ref(), ids[1].as_ref()), Ok(()));
            }
            if wanted.geometry {
                let geometries =
                    [partial, layer].map(|layer| layer.geometry(&mut Budget::default()).unwrap());
                assert_eq!(check::same_geometry(&geometries[0], &geometries[1]), Ok(()));
            }
            let columns =
                [partial, layer].map(|layer| layer.column(&column, &mut Budget::default()).unwrap());
            if let [Some(partial), Some(whole)] = &columns {
                columns_read += 1;
                assert_eq!(check::same_column(partial, whole), Ok(()));
            }
            let measures =
                [partial, layer].map(|layer| layer.measure(&column, &mut Budget::default()).unwrap());
            assert_eq!(measures[0].is_some(), measures[1].is_some());
        }
        assert!(fewer > 100 && columns_read > 100, "{fewer} {columns_read}");
    }
}
