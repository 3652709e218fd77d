//! What was measured, as tables and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use covt::TileCoord;
use indicatif::{HumanBytes, HumanCount};
use serde_json::{Value as Json, json};

use super::client::Answer;
use crate::cli::table::Table;

/// A tile: what it took, cold and cached.
#[derive(Clone, Debug)]
pub struct Times {
    coord: TileCoord,
    cold: Duration,
    pub cached: Option<Duration>,
    bytes: usize,
}

impl Times {
    pub fn new(coord: TileCoord, cold: &Answer) -> Self {
        Self { coord, cold: cold.time, cached: None, bytes: cold.bytes }
    }
}

/// Many clients at once.
pub struct Rate {
    pub clients: usize,
    pub kind: String,
    pub times: Vec<Duration>,
    pub bytes: u64,
    pub seconds: f64,
}

/// A tile of about a million rows: rows, and times and bytes of each format.
type Whole = BTreeMap<String, (u64, Vec<Duration>, usize)>;

/// Everything about one dataset.
pub struct Report {
    name: String,
    count: Option<u64>,
    start: Duration,
    /// Kind and format.
    kinds: Vec<(String, String, Vec<Times>)>,
    whole: Whole,
    rates: Vec<(String, Rate)>,
    pub memory: Option<[u64; 2]>,
}

/// The 50th, 95th and 99th percentile: of 100 values the 50th, 95th and 99th in order.
fn percentiles(mut times: Vec<Duration>) -> Option<[Duration; 3]> {
    times.sort_unstable();
    let last = times.len().checked_sub(1)?;
    Some([50, 95, 99].map(|percent| times[(times.len() * percent).div_ceil(100).saturating_sub(1).min(last)]))
}

fn ms(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    if ms < 10.0 { format!("{ms:.2}") } else { format!("{ms:.0}") }
}

impl Report {
    pub fn new(name: String, count: Option<u64>, start: Duration) -> Self {
        Self { name, count, start, kinds: Vec::new(), whole: Whole::new(), rates: Vec::new(), memory: None }
    }

    pub fn add(&mut self, kind: &str, format: &str, times: Vec<Times>) {
        self.kinds.push((kind.into(), format.into(), times));
    }

    pub fn add_whole(&mut self, format: &str, rows: u64, time: Duration, bytes: usize) {
        let known = self.whole.entry(format.into()).or_insert((rows, Vec::new(), bytes));
        known.1.push(time);
    }

    pub fn add_rate(&mut self, format: &str, rate: Rate) {
        self.rates.push((format.into(), rate));
    }

    pub fn text(&self) -> String {
        let count = self.count.map(|count| format!(", {}", HumanCount(count))).unwrap_or_default();
        let mut text =
            format!("{}{count}: answers {:.2} s after its start", self.name, self.start.as_secs_f64());
        if let Some([peak, own]) = self.memory {
            let _ = write!(
                text,
                "; memory {} at most, {} of its own at the end",
                HumanBytes(peak),
                HumanBytes(own)
            );
        }
        text += "\n\n";
        text += &self.all();
        text.push('\n');
        for (format, (rows, times, bytes)) in &self.whole {
            let [median, ..] = percentiles(times.clone()).unwrap_or_default();
            let best = times.iter().min().copied().unwrap_or_default();
            let _ = writeln!(
                text,
                "{} rows in one tile, ids and two columns of numbers: {} in {} ms at best, {} at the median",
                HumanCount(*rows),
                format.to_uppercase(),
                ms(best),
                ms(median)
            );
            let _ = writeln!(text, "  {} bytes", HumanCount(*bytes as u64));
        }
        for (format, rate) in &self.rates {
            let [p50, _, p99] = percentiles(rate.times.clone()).unwrap_or_default();
            let _ = writeln!(
                text,
                "{} clients, cached {} ({}): {:.0} requests/s, {}/s; {} ms at the median, {} at the 99th percentile",
                rate.clients,
                format.to_uppercase(),
                rate.kind,
                rate.times.len() as f64 / rate.seconds,
                HumanBytes((rate.bytes as f64 / rate.seconds) as u64),
                ms(p50),
                ms(p99)
            );
        }
        for (kind, format, times) in &self.kinds {
            let _ = write!(text, "\n{kind}, {}\n{}", format.to_uppercase(), by_zoom(times));
        }
        text
    }

    /// A line for each kind and format, over all zooms.
    fn all(&self) -> String {
        let head = [
            "request",
            "format",
            ">tiles",
            ">kB",
            ">p50",
            ">p95",
            ">p99",
            ">worst zoom p99",
            ">cached p50",
            ">p99",
        ];
        let mut table = Table::new(&head);
        for (kind, format, times) in &self.kinds {
            let worst = zooms(times).into_values().filter_map(|times| percentiles(cold(&times)));
            let worst = worst.map(|[.., p99]| p99).max().unwrap_or_default();
            let [count, kb, p50, p95, p99, cached50, _, cached99] = cells(times);
            table.row([
                kind.clone(),
                format.to_uppercase(),
                count,
                kb,
                p50,
                p95,
                p99,
                ms(worst),
                cached50,
                cached99,
            ]);
        }
        let mut text = String::new();
        table.write(0, &mut text);
        text
    }

    pub fn json(&self) -> Json {
        let percentiles_json = |times: Vec<Duration>| match percentiles(times) {
            Some(some) => some.iter().map(|time| Json::from(time.as_secs_f64() * 1e3)).collect(),
            None => Json::Null,
        };
        let zoom = |(z, times): (u8, Vec<Times>)| {
            json!({"zoom": z, "tiles": times.len(), "cold": percentiles_json(cold(&times)),
                "cached": percentiles_json(cached(&times)), "bytes": times.iter().map(|time| time.bytes).sum::<usize>()})
        };
        let kinds = self.kinds.iter().map(|(kind, format, times)| {
            json!({"kind": kind, "format": format, "cold": percentiles_json(cold(times)),
                "cached": percentiles_json(cached(times)),
                "zooms": zooms(times).into_iter().map(zoom).collect::<Json>()})
        });
        let whole = self.whole.iter().map(|(format, (rows, times, bytes))| {
            json!({"format": format, "rows": rows, "times": percentiles_json(times.clone()), "bytes": bytes})
        });
        let rates = self.rates.iter().map(|(format, rate)| {
            json!({"format": format, "clients": rate.clients, "kind": rate.kind, "bytes": rate.bytes,
                "requests_per_second": rate.times.len() as f64 / rate.seconds,
                "times": percentiles_json(rate.times.clone())})
        });
        json!({
            "name": self.name, "count": self.count, "start_seconds": self.start.as_secs_f64(),
            "memory_bytes": self.memory, "percentiles": [50, 95, 99],
            "kinds": kinds.collect::<Json>(), "whole": whole.collect::<Json>(), "rates": rates.collect::<Json>(),
        })
    }
}

fn cold(times: &[Times]) -> Vec<Duration> {
    times.iter().map(|time| time.cold).collect()
}

fn cached(times: &[Times]) -> Vec<Duration> {
    times.iter().filter_map(|time| time.cached).collect()
}

fn zooms(times: &[Times]) -> BTreeMap<u8, Vec<Times>> {
    let mut zooms: BTreeMap<u8, Vec<Times>> = BTreeMap::new();
    for time in times {
        zooms.entry(time.coord.z()).or_default().push(time.clone());
    }
    zooms
}

/// Tiles, mean kilobytes, percentiles cold, percentiles cached.
fn cells(times: &[Times]) -> [String; 8] {
    let bytes: usize = times.iter().map(|time| time.bytes).sum();
    let told = |times: Vec<Duration>| percentiles(times).map_or_else(Default::default, |some| some.map(ms));
    let ([a, b, c], [d, e, f]) = (told(cold(times)), told(cached(times)));
    let kb = bytes as f64 / times.len().max(1) as f64 / 1e3;
    [times.len().to_string(), format!("{kb:.1}"), a, b, c, d, e, f]
}

fn by_zoom(times: &[Times]) -> String {
    let mut table =
        Table::new(&[">zoom", ">tiles", ">kB", ">cold p50", ">p95", ">p99", ">cached p50", ">p95", ">p99"]);
    for (z, times) in zooms(times) {
        let [count, kb, a, b, c, d, e, f] = cells(&times);
        table.row([z.to_string(), count, kb, a, b, c, d, e, f]);
    }
    let mut text = String::new();
    table.write(2, &mut text);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occur() {
        let times = |count: u64| (1..=count).rev().map(Duration::from_millis).collect::<Vec<_>>();
        let of = |count| percentiles(times(count)).map(|some| some.map(|time| time.as_millis()));
        assert_eq!(of(0), None);
        assert_eq!(of(1), Some([1, 1, 1]));
        assert_eq!(of(100), Some([50, 95, 99]));
        assert_eq!(of(10), Some([5, 10, 10]));
    }
}
