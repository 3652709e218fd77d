//! Names of fields: what a layer may name twice, a batch should not.

use std::borrow::Cow;

use foldhash::fast::FixedState;
use hashbrown::HashSet;

use crate::column::{Column, Nested, Values};

/// The name of a type, as in the names of further columns of one key.
pub(super) fn type_name(values: &Values) -> &'static str {
    match values {
        Values::Bool(_) => "bool",
        Values::Int(_) => "int",
        Values::UInt(_) => "uint",
        Values::SInt(_) => "sint",
        Values::Float(_) => "float",
        Values::Double(_) => "double",
        Values::String(_) => "string",
        Values::Nested(Nested::Struct { .. }) => "struct",
        Values::Nested(Nested::List { .. }) => "list",
        Values::Nested(Nested::Map { .. }) => "map",
    }
}

/// Names, each once.
#[derive(Default)]
pub(super) struct Names<'a> {
    taken: HashSet<Cow<'a, str>, FixedState>,
}

impl<'a> Names<'a> {
    /// With some that are taken already.
    pub(super) fn new(taken: impl IntoIterator<Item = &'a str>) -> Self {
        Self { taken: taken.into_iter().map(Cow::Borrowed).collect() }
    }

    /// The names of these columns: the first of each key has that for its name, unless it is taken;
    /// others `key:type`, and if that is taken too, `key:type:2` and so on.
    pub(super) fn of(&mut self, columns: impl IntoIterator<Item = &'a Column>) -> Vec<Cow<'a, str>> {
        let columns = columns.into_iter();
        let mut names = Vec::with_capacity(columns.size_hint().0);
        let mut others = Vec::new();
        self.taken.reserve(columns.size_hint().0);
        for column in columns {
            let name = Cow::Borrowed(column.name.as_str());
            if !self.taken.insert(name.clone()) {
                others.push((names.len(), column));
            }
            names.push(name);
        }
        for (number, column) in others {
            names[number] = self.other(&format!("{}:{}", column.name, type_name(&column.values))).into();
        }
        names
    }

    /// `name`, or what is not taken of `name:2`, `name:3` …
    pub(super) fn other(&mut self, name: &str) -> String {
        let further = (2..).map(|number| format!("{name}:{number}"));
        let mut all = std::iter::once(name.to_owned()).chain(further);
        let free = all.find(|name| !self.taken.contains(name.as_str())).expect("numbers do not end");
        self.taken.insert(free.clone().into());
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_once() {
        let column = |name: &str, values: Values| Column { name: name.into(), values, nulls: None };
        let int = || Values::Int(vec![1].into());
        let columns = [
            column("a", int()),
            column("a", Values::Double(vec![1.0].into())),
            column("a", int()),
            column("a:int", int()),
            column("id", int()),
            column("a", int()),
        ];
        let names = Names::new(["id", "geometry"]).of(&columns);
        assert_eq!(names, ["a", "a:double", "a:int:2", "a:int", "id:int", "a:int:3"]);
    }
}
