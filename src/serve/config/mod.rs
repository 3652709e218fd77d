//! What a server is told: by the command line, by environment variables, by a file, in this order; what
//! none of them says has a default. All three say [`Settings`]; [`Config`] is what comes of them.

mod environment;
mod file;
mod number;
mod units;

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use serde::Deserialize;

pub use number::{Age, Count, GridLimit, Number, Patience, Port, Threads};
pub use units::{Bytes, DatasetName, Host, Origin, PublicUrl};

use crate::points::Delimiter;
use crate::tile::options::Profile;

/// A dataset to serve.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DatasetConfig {
    /// The name in URLs; none for the name of the file without its extensions.
    pub name: Option<DatasetName>,
    /// A tileset, or a file of rows.
    pub path: PathBuf,
    /// The column of longitudes; none to find it by its name.
    pub x: Option<String>,
    /// The column of latitudes.
    pub y: Option<String>,
    /// The column of geometries.
    pub geometry: Option<String>,
    /// The column of ids.
    pub id: Option<String>,
    /// The columns to load; none for all.
    pub columns: Option<Vec<String>>,
    /// What separates the cells of CSV; none to find out.
    #[serde(default, deserialize_with = "units::delimiter")]
    pub delimiter: Option<Delimiter>,
    /// Where it was said that there is such a dataset, if that was a file: its name and the line.
    #[serde(skip)]
    pub said: Option<String>,
}

/// What may be said; what is not said is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Settings {
    /// The address to listen on.
    pub host: Option<Host>,
    /// The port; 0 for any that is free.
    pub port: Option<Port>,
    /// What URLs in answers begin with.
    pub public_url: Option<PublicUrl>,
    /// Whether to believe `X-Forwarded-…` headers.
    pub behind_proxy: Option<bool>,
    /// Origins of pages that may read answers; `*` for all.
    pub cors: Option<Vec<Origin>>,
    /// How many bytes of tiles are kept.
    pub cache: Option<Bytes>,
    /// How long clients may keep tiles, in seconds.
    pub max_age: Option<Age>,
    /// How COVT is encoded: `fast` or `small`.
    #[serde(deserialize_with = "units::profile")]
    pub profile: Option<Profile>,
    /// How many threads make tiles.
    pub threads: Option<Threads>,
    /// Limits.
    pub limits: LimitSettings,
    /// The datasets, the first of which also stands at `/tiles/`.
    #[serde(rename = "dataset")]
    pub datasets: Vec<DatasetConfig>,
}

/// [`Limits`], as far as they are said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct LimitSettings {
    /// See [`Limits::connections`].
    pub connections: Option<Count>,
    /// See [`Limits::queue`].
    pub queue: Option<Count>,
    /// See [`Limits::query`].
    pub query: Option<Bytes>,
    /// See [`Limits::seconds`].
    pub seconds: Option<Patience>,
    /// See [`Limits::rows`].
    pub rows: Option<Count>,
    /// See [`Limits::grid`].
    pub grid: Option<GridLimit>,
}

/// What requests may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at a time; further ones wait.
    pub connections: usize,
    /// Tiles that wait to be made; further ones are refused with 503.
    pub queue: usize,
    /// Bytes of a query.
    pub query: usize,
    /// Seconds that making a tile may take.
    pub seconds: u32,
    /// The greatest `limit`, in rows of a tile.
    pub rows: usize,
    /// The greatest `grid`, in cells along an edge of a tile.
    pub grid: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 4096, queue: 2048, query: 8192, seconds: 30, rows: 2_000_000, grid: 512 }
    }
}

/// All that a server needs to know.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The address to listen on.
    pub host: IpAddr,
    /// The port; 0 for any that is free.
    pub port: u16,
    /// What URLs in answers begin with; none for what the request was sent to.
    pub public_url: Option<PublicUrl>,
    /// Whether to believe `X-Forwarded-…` headers.
    pub behind_proxy: bool,
    /// Origins of pages that may read answers.
    pub cors: Vec<Origin>,
    /// How many bytes of tiles are kept.
    pub cache: u64,
    /// How long clients may keep tiles, in seconds.
    pub max_age: u32,
    /// How COVT is encoded.
    pub profile: Profile,
    /// How many threads make tiles.
    pub threads: NonZeroUsize,
    /// Limits.
    pub limits: Limits,
    /// The datasets.
    pub datasets: Vec<DatasetConfig>,
}

/// The port that is listened on if none is named.
const PORT: u16 = 3000;

/// 512 MiB.
const CACHE: u64 = 512 << 20;

/// A minute: a dataset may be another one when the server is started again.
const MAX_AGE: u32 = 60;

impl Settings {
    /// Reads a file; paths in it are relative to its folder.
    ///
    /// # Errors
    /// What is wrong, and in which line.
    pub fn read(path: &Path) -> Result<Self, String> {
        file::read(path)
    }

    /// What environment variables say, each named `COVT_` and the name of the setting.
    ///
    /// # Errors
    /// What is wrong, and in which variable.
    pub fn from_environment(variables: impl Iterator<Item = (String, String)>) -> Result<Self, String> {
        environment::read(variables)
    }

    /// These settings, and `other` where they say nothing.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let limits = LimitSettings {
            connections: self.limits.connections.or(other.limits.connections),
            queue: self.limits.queue.or(other.limits.queue),
            query: self.limits.query.or(other.limits.query),
            seconds: self.limits.seconds.or(other.limits.seconds),
            rows: self.limits.rows.or(other.limits.rows),
            grid: self.limits.grid.or(other.limits.grid),
        };
        Self {
            host: self.host.or(other.host),
            port: self.port.or(other.port),
            public_url: self.public_url.or(other.public_url),
            behind_proxy: self.behind_proxy.or(other.behind_proxy),
            cors: self.cors.or(other.cors),
            cache: self.cache.or(other.cache),
            max_age: self.max_age.or(other.max_age),
            profile: self.profile.or(other.profile),
            threads: self.threads.or(other.threads),
            limits,
            datasets: if self.datasets.is_empty() { other.datasets } else { self.datasets },
        }
    }

    /// The configuration, with defaults for what is not said. Datasets get the names they are called by.
    ///
    /// # Errors
    /// If there is no dataset, or two have the same name.
    pub fn finish(self) -> Result<Config, String> {
        let threads = self.threads.and_then(|threads| NonZeroUsize::new(threads.to()));
        let threads = threads.or(available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
        let default = Limits::default();
        let limits = self.limits;
        let number = |said: Option<Count>, default: usize| said.map_or(default, Count::to);
        let limits = Limits {
            connections: number(limits.connections, default.connections),
            queue: number(limits.queue, default.queue),
            query: limits.query.map_or(default.query, |bytes| usize::try_from(bytes.0).unwrap_or(usize::MAX)),
            seconds: limits.seconds.map_or(default.seconds, Patience::to),
            rows: number(limits.rows, default.rows),
            grid: limits.grid.map_or(default.grid, GridLimit::to),
        };
        Ok(Config {
            host: self.host.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |host| host.0),
            port: self.port.map_or(PORT, Port::to),
            public_url: self.public_url,
            behind_proxy: self.behind_proxy.unwrap_or(false),
            cors: self.cors.unwrap_or_else(|| vec![Origin::any()]),
            cache: self.cache.map_or(CACHE, |bytes| bytes.0),
            max_age: self.max_age.map_or(MAX_AGE, Age::to),
            profile: self.profile.unwrap_or(Profile::Fast),
            threads,
            limits,
            datasets: named(self.datasets)?,
        })
    }
}

impl Config {
    /// Whether all datasets are there; what is in them is seen when they are opened.
    ///
    /// # Errors
    /// Which one is not, and where it was named.
    pub fn check(&self) -> Result<(), String> {
        for DatasetConfig { path, said, .. } in &self.datasets {
            let remote = is_url(path);
            if remote && !cfg!(feature = "http") {
                return Err(format!(
                    "{}: the feature http, which reads URLs, was not built in",
                    path.display()
                ));
            }
            if !remote && let Err(error) = path.metadata() {
                let said = said.as_ref().map(|said| format!("{said}: ")).unwrap_or_default();
                return Err(format!("{said}{}: {error}", path.display()));
            }
        }
        Ok(())
    }
}

/// Whether what stands for a path is none.
fn is_url(path: &Path) -> bool {
    path.to_str().is_some_and(|path| path.contains("://"))
}

/// The datasets with the names they are called by: their own, or that of the file; where a file's name
/// is taken, a number behind it.
fn named(mut datasets: Vec<DatasetConfig>) -> Result<Vec<DatasetConfig>, String> {
    if datasets.is_empty() {
        return Err("there is no dataset to serve".into());
    }
    let mut taken: Vec<String> = Vec::new();
    for dataset in &datasets {
        if let Some(name) = &dataset.name {
            if taken.contains(&name.0) {
                return Err(format!("two datasets have the name {}", name.0));
            }
            taken.push(name.0.clone());
        }
    }
    for dataset in &mut datasets {
        if dataset.name.is_none() {
            let name = DatasetName::of(&dataset.path);
            let free = |name: &DatasetName| !taken.contains(&name.0);
            let others = (2u64..).map(|number| DatasetName(format!("{}-{number}", name.0)));
            let name = [name.clone()].into_iter().chain(others).find(free).expect("one of endlessly many");
            taken.push(name.0.clone());
            dataset.name = Some(name);
        }
    }
    Ok(datasets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> DatasetConfig {
        DatasetConfig { path: path.into(), ..DatasetConfig::default() }
    }

    #[test]
    fn what_is_said_first_counts() {
        let flags = Settings { port: Port::new(1), ..Settings::default() };
        let file = Settings {
            port: Port::new(2),
            max_age: Age::new(9),
            datasets: vec![of("a")],
            ..Settings::default()
        };
        let config = flags.or(file).finish().unwrap();
        assert_eq!((config.port, config.max_age, config.cache), (1, 9, CACHE));
        assert!(config.host.is_loopback());
    }

    #[test]
    fn datasets_are_called_by_their_files() {
        let mut own = of("x");
        own.name = Some("trips".parse().unwrap());
        let datasets =
            vec![of("data/my trips.csv.gz"), of("b/trips.parquet"), own, of("c/trips.csv"), of("tiles")];
        let names: Vec<_> = named(datasets).unwrap().into_iter().map(|set| set.name.unwrap().0).collect();
        assert_eq!(names, ["my_trips", "trips-2", "trips", "trips-3", "tiles_"]);
        assert!(named(vec![]).is_err());
        let twice = || DatasetConfig { name: Some("a".parse().unwrap()), ..of("a") };
        assert!(named(vec![twice(), twice()]).is_err());
    }
}
