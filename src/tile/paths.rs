//! The leaves of nested columns, named by paths.

use std::ops::Range;

use smallvec::SmallVec;

use super::directory::{ColumnEntry, LayerEntry};
use crate::column::ColumnKind;
use crate::stream::StreamEntry;

/// Numbers of columns, each within the one before.
pub(crate) type Route = SmallVec<[usize; 8]>;

impl LayerEntry {
    /// Which bytes of the tile [`crate::LayerReader::leaf`] reads for the leaf of this path, if there is
    /// one: its own streams, levels around it, and its dictionary.
    pub fn leaf_ranges(&self, path: &str) -> Option<Vec<Range<usize>>> {
        let properties = self.columns.iter().filter(|column| column.kind.is_property());
        let (mut column, route) =
            properties.filter_map(|column| Some((column, column.route(path)?))).next()?;
        let mut out = Vec::new();
        let mut add = |column: &ColumnEntry| {
            let dictionary = column.dictionary.map(|number| &self.columns[number]);
            let columns = std::iter::once(column).chain(dictionary);
            out.extend(columns.flat_map(|column| &column.streams).map(StreamEntry::range));
        };
        add(column);
        for next in route {
            if column.kind == ColumnKind::GroupedMap && next > 0 {
                // Keys tell whose the values are.
                add(&column.children[0]);
            }
            column = &column.children[next];
            add(column);
        }
        Some(out)
    }
}

impl ColumnEntry {
    /// The paths of the leaves: the columns within that have values of their own, or of a column
    /// without others within itself. A field is named behind a dot, the elements of a list are `[]`, the
    /// keys and values of a map `.key` and `.value`: `names.common.value`, `lanes[].width`.
    pub fn leaf_paths(&self) -> Vec<String> {
        let mut out = Vec::new();
        self.push_paths(self.name.to_string(), &mut out);
        out
    }

    fn push_paths(&self, path: String, out: &mut Vec<String>) {
        if self.children.is_empty() {
            return out.push(path);
        }
        let paths = self.child_paths(&path);
        self.children.iter().zip(paths).for_each(|(child, path)| child.push_paths(path, out));
    }

    /// The paths of the columns within, if that of this one is `path`.
    pub fn child_paths(&self, path: &str) -> Vec<String> {
        let children = self.children.iter().enumerate();
        children.map(|(index, child)| format!("{path}{}{}", self.link(index), child.name)).collect()
    }

    /// What stands in a path between this column and the one within of number `index`.
    fn link(&self, index: usize) -> &'static str {
        match (self.kind, index) {
            (ColumnKind::List, _) => "[]",
            (ColumnKind::MValues, _) => "",
            (ColumnKind::Map | ColumnKind::GroupedMap, 0) => ".key",
            (ColumnKind::Map | ColumnKind::GroupedMap, _) => ".value",
            _ => ".",
        }
    }

    /// The numbers of the columns within that lead to the leaf of this path.
    pub(crate) fn route(&self, path: &str) -> Option<Route> {
        fn follow(column: &ColumnEntry, path: &str, route: &mut Route) -> bool {
            let Some(rest) = path.strip_prefix(column.name.as_str()) else { return false };
            if column.children.is_empty() {
                return rest.is_empty();
            }
            column.children.iter().enumerate().any(|(index, child)| {
                route.push(index);
                let found =
                    rest.strip_prefix(column.link(index)).is_some_and(|rest| follow(child, rest, route));
                if !found {
                    route.pop();
                }
                found
            })
        }
        let mut route = Route::new();
        follow(self, path, &mut route).then_some(route)
    }
}
