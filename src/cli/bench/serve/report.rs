//! What was measured, as tables and as JSON.

use std::collections::{BTreeMap, BTreeSet};
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

    /// What stands for the dataset above columns.
    fn label(&self) -> String {
        match self.count {
            Some(count) if count >= 1_000_000 && count % 1_000_000 == 0 => format!("{} M", count / 1_000_000),
            Some(count) if count >= 1000 && count % 1000 == 0 => format!("{} k", count / 1000),
            _ => self.name.clone(),
        }
    }

    /// All but the times of tiles.
    fn head(&self) -> String {
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
        text.push('\n');
        for (format, (rows, times, bytes)) in &self.whole {
            let [median, ..] = percentiles(times.clone()).unwrap_or_default();
            let best = times.iter().min().copied().unwrap_or_default();
            let _ = writeln!(
                text,
                "  {} rows in one tile, ids and two columns of numbers: {} in {} ms at best, \
                 {} at the median; {} bytes",
                HumanCount(*rows),
                format.to_uppercase(),
                ms(best),
                ms(median),
                HumanCount(*bytes as u64)
            );
        }
        for (format, rate) in &self.rates {
            let [p50, _, p99] = percentiles(rate.times.clone()).unwrap_or_default();
            let _ = writeln!(
                text,
                "  {} clients, cached {} ({}): {:.0} requests/s, {}/s; {} ms at the median, \
                 {} at the 99th percentile",
                rate.clients,
                format.to_uppercase(),
                rate.kind,
                rate.times.len() as f64 / rate.seconds,
                HumanBytes((rate.bytes as f64 / rate.seconds) as u64),
                ms(p50),
                ms(p99)
            );
        }
        text
    }

    fn times(&self, kind: &str, format: &str) -> &[Times] {
        let found = self.kinds.iter().find(|(own, of, _)| own == kind && of == format);
        found.map_or(&[], |(_, _, times)| times)
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

/// All reports as text: what is asked for in lines, datasets side by side.
pub fn text(reports: &[Report]) -> String {
    let mut text: String = reports.iter().map(Report::head).collect();
    let mut kinds: Vec<(&str, &str)> = Vec::new();
    for (kind, format, _) in reports.iter().flat_map(|report| &report.kinds) {
        if !kinds.contains(&(kind, format)) {
            kinds.push((kind, format));
        }
    }
    let mut table =
        table(&["request", "format"], reports, &["p50", "p95", "p99", "worst zoom", "cached p50", "p99"]);
    for &(kind, format) in &kinds {
        let mut row = vec![kind.to_owned(), format.to_uppercase()];
        for report in reports {
            let times = report.times(kind, format);
            let worst = zooms(times).into_values().filter_map(|times| percentiles(cold(&times)));
            let worst = worst.map(|[.., p99]| p99).max();
            let ([a, b, c], [d, _, f]) = (shown(cold(times)), shown(cached(times)));
            row.extend([a, b, c, worst.map_or_else(String::new, ms), d, f]);
        }
        table.row_of(row);
    }
    text += "\nOver all tiles, and the largest 99th percentile of a zoom\n\n";
    table.write(2, &mut text);
    for &(kind, format) in &kinds {
        let _ = writeln!(text, "\n{kind}, {}\n", format.to_uppercase());
        by_zoom(reports, kind, format).write(2, &mut text);
    }
    text
}

fn by_zoom(reports: &[Report], kind: &str, format: &str) -> Table {
    let own = ["tiles", "kB", "cold p50", "p95", "p99", "cached p50", "p95", "p99"];
    let mut table = table(&[">zoom"], reports, &own);
    let by_zoom: Vec<_> = reports.iter().map(|report| zooms(report.times(kind, format))).collect();
    let all: BTreeSet<u8> = by_zoom.iter().flat_map(|zooms| zooms.keys().copied()).collect();
    for z in all {
        let mut row = vec![z.to_string()];
        for zooms in &by_zoom {
            match zooms.get(&z) {
                None => row.extend(vec![String::new(); own.len()]),
                Some(times) => {
                    let bytes: usize = times.iter().map(|time| time.bytes).sum();
                    row.extend([
                        times.len().to_string(),
                        format!("{:.1}", bytes as f64 / times.len() as f64 / 1e3),
                    ]);
                    row.extend(shown(cold(times)).into_iter().chain(shown(cached(times))));
                }
            }
        }
        table.row_of(row);
    }
    table
}

/// A table with columns of numbers for each dataset, whose label stands above the first of them.
fn table(first: &[&str], reports: &[Report], own: &[&str]) -> Table {
    let mut head: Vec<String> = first.iter().map(|name| (*name).to_owned()).collect();
    for report in reports {
        let label = if reports.len() > 1 { format!("{}: ", report.label()) } else { String::new() };
        head.extend(own.iter().enumerate().map(|(index, name)| match index {
            0 => format!(">{label}{name}"),
            _ => format!(">{name}"),
        }));
    }
    Table::new(&head.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Percentiles as text; empty if there are none.
fn shown(times: Vec<Duration>) -> [String; 3] {
    percentiles(times).map_or_else(Default::default, |some| some.map(ms))
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

    #[test]
    fn datasets_stand_side_by_side() {
        let report = |count: u64, zooms: &[u8]| {
            let mut report = Report::new(format!("{count}.arrow"), Some(count), Duration::from_millis(70));
            let tile = |&z: &u8| {
                let time = Duration::from_millis(count / 1_000_000 + u64::from(z));
                Times {
                    coord: TileCoord::new(z, 0, 0).unwrap(),
                    cold: time,
                    cached: Some(time / 10),
                    bytes: 1500,
                }
            };
            report.add("count", "mvt", zooms.iter().map(tile).collect());
            report
        };
        let text = text(&[report(1_000_000, &[0, 2]), report(10_000_000, &[0])]);
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        let all = "count MVT 1.00 3.00 3.00 3.00 0.10 0.30 10 10 10 10 1.00 1.00";
        assert!(lines.contains(&all.split(' ').collect()), "{text}");
        assert!(text.contains("1 M: tiles") && text.contains("10 M: tiles"), "{text}");
        assert!(lines.contains(&"2 1 1.5 3.00 3.00 3.00 0.30 0.30 0.30".split(' ').collect()), "{text}");
    }
}
