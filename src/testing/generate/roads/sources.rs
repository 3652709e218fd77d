//! Where features come from: `sources`, a list of one struct, as what is made of OpenStreetMap has it.

use crate::column::Value;
use crate::column::nested::builder::Item;
use crate::testing::random::{Random, mix};

use super::rules::{list, text};

/// The edits of a country's towns: each has been mapped in some, and all that one edit uploaded has its time.
pub(super) struct Edits {
    seed: u64,
}

/// The way or node that a feature was made of.
pub(super) struct Source {
    record: String,
    time: String,
}

/// Edits of a town: an estimate for some hundred ways.
const EDITS: u64 = 60;

/// 2008-01-01 and 2025-06-01, in seconds since 1970.
const FIRST: u64 = 1_199_145_600;
const LAST: u64 = 1_748_736_000;

impl Edits {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed }
    }

    fn random(&self, what: u64, number: u64) -> Random {
        Random::from_seed(mix(self.seed ^ mix(what << 40 | number)))
    }

    /// How often a feature has changed since Overture's first release: seldom.
    pub(super) fn version(&self, number: u64) -> i64 {
        let mut random = self.random(1, number);
        1 + random.below(3) as i64 * random.below(2) as i64
    }

    /// The source of a way.
    pub(super) fn way(&self, way: usize, town: Option<usize>) -> Source {
        self.source('w', way as u64, way, town, 1_300_000_000, 8)
    }

    /// The source of a node, which in half of all cases came with the way it is of, and is seldom edited again.
    pub(super) fn node(&self, node: usize, way: usize, town: Option<usize>) -> Source {
        self.source('n', node as u64, way, town, 12_000_000_000, 3)
    }

    fn source(
        &self,
        kind: char,
        number: u64,
        way: usize,
        town: Option<usize>,
        last: u64,
        versions: u64,
    ) -> Source {
        let town = town.map_or(999, |town| town as u64);
        let mut of_way = self.random(2, way as u64);
        let mut own = self.random(if kind == 'w' { 3 } else { 4 }, number);
        // Made in one edit, and changed in another, more likely in one of those that changed a lot.
        let made = of_way.below(EDITS) * of_way.below(EDITS) / EDITS;
        let version = 1 + own.below(versions) * own.below(2);
        let edit = if version == 1 { made } else { own.below(EDITS) };
        // Numbers are given out one after the other, all over the world.
        let mut first = self.random(5, town << 8 | made);
        let start = first.any() % last;
        let id = start + own.below(4000);
        let mut of_edit = self.random(6, town << 8 | edit);
        let seconds = FIRST + of_edit.any() % (LAST - FIRST);
        Source { record: format!("{kind}{id}@{version}"), time: timestamp(seconds) }
    }
}

impl Source {
    /// Confidence and place along the feature are null, as there.
    pub(super) fn item(&self) -> Item<'_> {
        list([Item::Struct(vec![
            ("property", text("")),
            ("dataset", text("OpenStreetMap")),
            ("license", text("ODbL-1.0")),
            ("record_id", text(&self.record)),
            ("update_time", text(&self.time)),
            ("confidence", Item::Null),
            ("between", Item::Null),
        ])])
    }
}

/// A time after RFC 3339, in seconds, of which there are so many since 1970.
fn timestamp(seconds: u64) -> String {
    let (days, second) = (seconds / 86400, seconds % 86400);
    // Years start in March here, so that the day that some have more is the last.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = match month {
        0..10 => (era * 400 + year, month + 3),
        _ => (era * 400 + year + 1, month - 9),
    };
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The item of a value.
pub(super) fn integer(value: i64) -> Item<'static> {
    Item::Value(Value::SInt(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps() {
        assert_eq!(timestamp(0), "1970-01-01T00:00:00Z");
        assert_eq!(timestamp(1_709_210_096), "2024-02-29T12:34:56Z");
        assert_eq!(timestamp(LAST), "2025-06-01T00:00:00Z");
        assert_eq!(timestamp(FIRST - 1), "2007-12-31T23:59:59Z");
    }
}
