//! What all requests share.

use std::fs::File;
use std::io::Read;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::cache::{Cache, Key, Representation};
use super::config::{Config, DatasetConfig};
use super::fault::Fault;
use super::http::{Coding, compress};
use super::metrics::Metrics;
use super::points::PointsSource;
use super::source::{Ask, Made, Source};
use super::tileset::TilesetSource;
use super::workers::Workers;
use crate::points::{Dataset, LoadOptions, LoadReport, Progress};
use crate::tile::options::EncodeOptions;

/// A dataset under its name.
pub(super) struct Served {
    pub(super) name: String,
    pub(super) source: Arc<dyn Source>,
}

/// Datasets, cache, threads, counters.
pub(super) struct App {
    pub(super) config: Config,
    pub(super) datasets: Vec<Served>,
    pub(super) cache: Cache,
    pub(super) workers: Workers,
    pub(super) metrics: Metrics,
    pub(super) started: Instant,
    /// Where it really listens.
    pub(super) address: SocketAddr,
}

impl App {
    /// # Errors
    /// If the system gives no threads.
    pub(super) fn new(config: Config, datasets: Vec<Served>, address: SocketAddr) -> std::io::Result<Self> {
        let limit = Duration::from_secs(config.limits.seconds.into());
        let workers = Workers::start(config.threads, config.limits.queue, limit)?;
        let cache = Cache::new(config.cache);
        let metrics = Metrics::new(datasets.len());
        Ok(Self { config, datasets, cache, workers, metrics, started: Instant::now(), address })
    }

    /// The number of the dataset of that name; `tiles` stands for the first one.
    pub(super) fn dataset(&self, name: &str) -> Result<usize, Fault> {
        if name == "tiles" {
            return Ok(0);
        }
        let found = self.datasets.iter().position(|set| set.name == name);
        found
            .ok_or_else(|| Fault::not_found("dataset", format!("there is no dataset {name:?}; see /catalog")))
    }

    /// A tile, from the cache if it is there; and whether it was.
    pub(super) async fn tile(&self, key: &Key) -> Result<(Representation, bool), Fault> {
        let source = &self.datasets[key.dataset].source;
        let coding = key.ask.coding;
        if coding == Coding::Identity || source.stored() == Some(coding) {
            let make = async {
                let work = Arc::clone(source).work(&key.ask)?;
                let begun = Instant::now();
                let made = self.workers.run(work).await?;
                self.metrics.tile_made(key.dataset, key.ask.format, begun.elapsed(), made.body.len());
                Ok(Representation::new(made))
            };
            return self.cache.get(key, make).await;
        }
        // Made once for all codings.
        let make = async {
            let plain =
                Key { dataset: key.dataset, ask: Ask { coding: Coding::Identity, ..key.ask.clone() } };
            let (tile, _) = Box::pin(self.tile(&plain)).await?;
            let Representation { body, rows, aggregated, .. } = tile;
            let wrap = move |_: &_| {
                let (body, coding) = compress(&body, coding);
                Ok(Representation::new(Made { body, coding, rows, aggregated }))
            };
            self.workers.run(wrap).await
        };
        self.cache.get(key, make).await
    }
}

/// What happens while datasets are opened.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Rows are being loaded.
    Loading {
        /// The dataset.
        name: &'a str,
        /// How far that is.
        progress: Progress,
    },
    /// Rows are there.
    Loaded {
        /// The dataset.
        name: &'a str,
        /// What was read, and what was left out.
        report: &'a LoadReport,
    },
    /// A dataset is there.
    Opened {
        /// The dataset.
        name: &'a str,
        /// What it is.
        what: String,
        /// Its rows or tiles, if their number is known.
        count: Option<u64>,
    },
}

/// Hears of events.
pub(super) type Events<'a> = dyn Fn(Event<'_>) + Sync + 'a;

/// Opens a dataset, whatever it is, and tells `events` what happens.
///
/// # Errors
/// If it cannot be read, in one line.
pub(super) fn open(dataset: &DatasetConfig, config: &Config, events: &Events) -> Result<Served, String> {
    let name = dataset.name.as_ref().map(|name| name.0.clone()).unwrap_or_default();
    let options = EncodeOptions::new(config.profile);
    let source: Arc<dyn Source> = if is_tileset(&dataset.path) {
        Arc::new(TilesetSource::open(&dataset.path, options).map_err(|error| error.line())?)
    } else {
        let dataset = load(dataset, &name, events)?;
        Arc::new(PointsSource::new(dataset, &config.limits, options))
    };
    events(Event::Opened { name: &name, what: source.kind(), count: source.count() });
    Ok(Served { name, source })
}

/// What is no file is a folder or a URL, and those are tilesets.
fn is_tileset(path: &Path) -> bool {
    let mut front = [0; 16];
    let front = match File::open(path).and_then(|mut file| Ok((file.metadata()?, file.read(&mut front)?))) {
        Ok((found, read)) if found.is_file() => &front[..read],
        _ => return true,
    };
    front.starts_with(b"SQLite format 3") || front.starts_with(b"PMTiles")
}

fn load(dataset: &DatasetConfig, name: &str, events: &Events) -> Result<Dataset, String> {
    let options = LoadOptions {
        name: Some(name.to_owned()),
        x: dataset.x.clone(),
        y: dataset.y.clone(),
        geometry: dataset.geometry.clone(),
        id: dataset.id.clone(),
        columns: dataset.columns.clone(),
        delimiter: dataset.delimiter,
    };
    let progress = |progress| events(Event::Loading { name, progress });
    let (dataset, report) =
        Dataset::load(&dataset.path, &options, &progress).map_err(|error| error.to_string())?;
    events(Event::Loaded { name, report: &report });
    Ok(dataset)
}
