//! Leaves of nested properties.

use super::seen::Seen;
use super::{Dictionaries, LayerReader};
use crate::column::nested::assemble::Source;
use crate::column::{Column, ColumnKind};
use crate::error::Result;
use crate::limits::Budget;
use crate::tile::directory::ColumnEntry;

impl<'a> LayerReader<'a> {
    /// Decodes one leaf of a nested property, by its path ([`ColumnEntry::leaf_paths`]); the first of
    /// that path, if there is one. The column is what the whole property would be, with only that
    /// leaf in its structs; a map of which only keys or values are wanted is a list of them. Only the
    /// leaf's own bytes are read, and the levels and the dictionary it needs.
    ///
    /// ```
    /// use covt::{Budget, EncodeOptions, Item, LayerBuilder, Nested, Tile, Value, Values};
    ///
    /// let lane = |width| Item::Struct(vec![("width", Item::Value(Value::Double(width)))]);
    /// let mut roads = LayerBuilder::new("roads");
    /// roads.feature(None, |geometry| geometry.line_string(&[[0, 10], [40, 12]]))?;
    /// roads.nested("lanes", &Item::List(vec![lane(3.5), lane(3.25)]))?;
    /// let bytes = covt::encode(&[roads.finish()?], &EncodeOptions::default())?;
    ///
    /// let mut budget = Budget::default();
    /// let tile = Tile::open(&bytes, &mut budget)?;
    /// let widths = tile.layer("roads").unwrap().leaf("lanes[].width", &mut budget)?.unwrap();
    /// let Values::Nested(Nested::List { offsets, items }) = &widths.values else { panic!() };
    /// let Values::Nested(Nested::Struct { fields, .. }) = &items.values else { panic!() };
    /// let Values::Double(widths) = &fields[0].values else { panic!() };
    /// assert_eq!((&offsets[..], &widths[..]), (&[0, 2][..], &[3.5, 3.25][..]));
    /// # Ok::<(), covt::Error>(())
    /// ```
    ///
    /// # Errors
    /// If what is read is damaged, or takes more memory than `budget` has left.
    pub fn leaf(&self, path: &str, budget: &mut Budget) -> Result<Option<Column>> {
        let columns = self.entry.columns.iter().enumerate();
        let properties = columns.filter(|(_, column)| column.kind.is_property());
        let found = properties.filter_map(|(number, column)| Some((number, column.route(path)?))).next();
        let Some((number, route)) = found else { return Ok(None) };
        let column = &self.entry.columns[number];
        if !column.kind.is_nested() {
            return self.column_at(number, budget).map(Some);
        }
        let mut dictionaries = Dictionaries::new();
        // Nested columns have no tokens, and so refer to no others.
        let mut seen = Seen::new(0, column.range().start, budget)?;
        self.decode_column(number, Some(&route), &mut dictionaries, &mut seen, budget).map(Some)
    }

    /// What of a nested column is to be read: all of it, or the leaf that `route` leads to.
    pub(super) fn source(
        &self,
        column: &'a ColumnEntry,
        route: Option<&[usize]>,
        dictionaries: &mut Dictionaries,
        budget: &mut Budget,
    ) -> Result<Source<'a>> {
        let wanted = match route {
            Some(&[next, ..]) => std::slice::from_ref(&column.children[next]),
            _ => &column.children[..],
        };
        let route = route.map(|route| route.get(1..).unwrap_or_default());
        let streams = self.streams(column);
        let mut children = budget.vec(wanted.len(), "columns", column.range().start)?;
        for child in wanted {
            children.push(self.source(child, route, dictionaries, budget)?);
        }
        let keys = match (column.kind, wanted) {
            (ColumnKind::GroupedMap, [only]) if !std::ptr::eq(only, &column.children[0]) => {
                Some(Box::new(self.source(&column.children[0], None, dictionaries, budget)?))
            }
            _ => None,
        };
        let dictionary = self.dictionary_of(column, dictionaries, budget)?;
        let at = column.range().start;
        Ok(Source { kind: column.kind, name: &column.name, streams, at, dictionary, children, keys })
    }
}
