//! Counters for whoever watches the server, in the text format of Prometheus.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use super::app::App;
use super::http::Format;

/// The upper ends of the classes of times, in milliseconds.
const CLASSES: [u64; 11] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 5000];

const FORMATS: [Format; 2] = [Format::Mvt, Format::Covt];

/// What is answered, by the first digit of the status.
const STATUSES: usize = 5;

/// Times in classes.
#[derive(Default)]
struct Histogram {
    classes: [AtomicU64; CLASSES.len()],
    count: AtomicU64,
    micros: AtomicU64,
}

impl Histogram {
    fn add(&self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        if let Some(class) = CLASSES.iter().position(|class| micros <= class * 1000) {
            self.classes[class].fetch_add(1, Relaxed);
        }
        self.count.fetch_add(1, Relaxed);
        self.micros.fetch_add(micros, Relaxed);
    }

    /// Classes hold what lies in those before them too.
    fn write(&self, name: &str, labels: &str, out: &mut String) {
        let mut sum = 0;
        for (class, count) in CLASSES.iter().zip(&self.classes) {
            sum += count.load(Relaxed);
            let seconds = *class as f64 / 1000.0;
            let _ = writeln!(out, "{name}_bucket{{{labels},le=\"{seconds}\"}} {sum}");
        }
        let count = self.count.load(Relaxed);
        let _ = writeln!(out, "{name}_bucket{{{labels},le=\"+Inf\"}} {count}");
        let _ = writeln!(out, "{name}_sum{{{labels}}} {}", self.micros.load(Relaxed) as f64 / 1e6);
        let _ = writeln!(out, "{name}_count{{{labels}}} {count}");
    }
}

/// The tiles of a dataset in one format.
#[derive(Default)]
struct Tiles {
    times: Histogram,
    bytes: AtomicU64,
}

/// All counters.
pub(super) struct Metrics {
    requests: [AtomicU64; STATUSES],
    connections: AtomicU64,
    /// Two for each dataset: MVT, COVT.
    tiles: Vec<Tiles>,
}

impl Metrics {
    pub(super) fn new(datasets: usize) -> Self {
        let tiles = (0..FORMATS.len() * datasets).map(|_| Tiles::default()).collect();
        Self { requests: Default::default(), connections: AtomicU64::new(0), tiles }
    }

    /// A request was answered.
    pub(super) fn answered(&self, status: u16) {
        let class = usize::from(status / 100).clamp(1, STATUSES) - 1;
        self.requests[class].fetch_add(1, Relaxed);
    }

    /// A tile was made, which took `time`, queue included.
    pub(super) fn tile_made(&self, dataset: usize, format: Format, time: Duration, bytes: usize) {
        let tiles = &self.tiles[FORMATS.len() * dataset + usize::from(format == Format::Covt)];
        tiles.times.add(time);
        tiles.bytes.fetch_add(bytes as u64, Relaxed);
    }

    /// A connection was opened.
    pub(super) fn connected(&self) {
        self.connections.fetch_add(1, Relaxed);
    }
}

/// Everything that is counted.
pub(super) fn text(app: &App) -> String {
    let mut out = String::new();
    let mut family = |name: &str, kind: &str, help: &str, samples: &[(String, u64)]| {
        let _ = write!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
        for (labels, value) in samples {
            let _ = writeln!(out, "{name}{labels} {value}");
        }
    };
    let one = |value: u64| vec![(String::new(), value)];
    let metrics = &app.metrics;
    let statuses = metrics.requests.iter().enumerate();
    let statuses =
        statuses.map(|(class, count)| (format!("{{status=\"{}xx\"}}", class + 1), count.load(Relaxed)));
    family("covt_requests_total", "counter", "Requests answered.", &statuses.collect::<Vec<_>>());
    let connections = metrics.connections.load(Relaxed);
    family("covt_connections_total", "counter", "Connections opened.", &one(connections));
    let [entries, bytes, hits, misses] = app.cache.statistics();
    family("covt_cache_entries", "gauge", "Tiles in the cache.", &one(entries));
    family("covt_cache_bytes", "gauge", "Bytes the cache takes.", &one(bytes));
    family("covt_cache_limit_bytes", "gauge", "Bytes the cache may take.", &one(app.config.cache));
    family("covt_cache_hits_total", "counter", "Tiles found in the cache.", &one(hits));
    family("covt_cache_misses_total", "counter", "Tiles not found in the cache.", &one(misses));
    let (waiting, working) = app.workers.load();
    family("covt_tiles_waiting", "gauge", "Tiles that wait to be made.", &one(waiting as u64));
    family("covt_tiles_working", "gauge", "Tiles that are being made.", &one(working as u64));
    let uptime = app.started.elapsed().as_secs();
    family("covt_uptime_seconds", "gauge", "Seconds since the start.", &one(uptime));
    let labels = |dataset: usize, format: usize| {
        let name = &app.datasets[dataset].name;
        format!("dataset=\"{name}\",format=\"{}\"", FORMATS[format].extension())
    };
    let tiles = || metrics.tiles.iter().enumerate();
    let bytes = tiles().map(|(number, tiles)| {
        (format!("{{{}}}", labels(number / FORMATS.len(), number % FORMATS.len())), tiles.bytes.load(Relaxed))
    });
    family("covt_tile_bytes_total", "counter", "Bytes of tiles made.", &bytes.collect::<Vec<_>>());
    family("covt_tile_seconds", "histogram", "Time to make a tile, waiting included.", &[]);
    for (number, tiles) in tiles() {
        let labels = labels(number / FORMATS.len(), number % FORMATS.len());
        tiles.times.write("covt_tile_seconds", &labels, &mut out);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_hold_what_lies_before_them() {
        let histogram = Histogram::default();
        for micros in [900, 1000, 1001, 7_000_000] {
            histogram.add(Duration::from_micros(micros));
        }
        let mut out = String::new();
        histogram.write("t", "a=\"b\"", &mut out);
        for line in [
            "t_bucket{a=\"b\",le=\"0.001\"} 2",
            "t_bucket{a=\"b\",le=\"0.002\"} 3",
            "t_bucket{a=\"b\",le=\"5\"} 3",
            "t_bucket{a=\"b\",le=\"+Inf\"} 4",
            "t_count{a=\"b\"} 4",
            "t_sum{a=\"b\"} 7.002901",
        ] {
            assert!(out.lines().any(|other| other == line), "{line}\n{out}");
        }
    }
}
