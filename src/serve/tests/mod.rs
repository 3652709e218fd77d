//! The server as clients meet it: real connections, good requests and all kinds of bad ones.

mod bad;
mod client;
mod many;
mod negotiation;
mod rows;
mod tilesets;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use serde_json::{Map, Value as Json, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::app::{App, Served};
use super::config::{Config, DatasetConfig, Settings, Threads};
use super::fault::Fault;
use super::http::{Coding, Format};
use super::server::serve;
use super::source::{Ask, Made, Source, Work};
use crate::points::Cancel;

/// A server that runs until it is dropped.
struct Running {
    address: SocketAddr,
    app: Arc<App>,
    stop: Option<oneshot::Sender<()>>,
    ended: JoinHandle<std::io::Result<()>>,
}

impl Running {
    async fn start(config: Config, datasets: Vec<Served>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Arc::new(App::new(config, datasets, address).unwrap());
        let (stop, stopped) = oneshot::channel();
        let until = async {
            let _ = stopped.await;
            Ok(())
        };
        let ended = tokio::spawn(serve(listener, Arc::clone(&app), until));
        Self { address, app, stop: Some(stop), ended }
    }

    /// Ends it without waiting for clients that do not read.
    async fn end_at_once(self) {
        self.ended.abort();
        assert!(self.ended.await.unwrap_err().is_cancelled());
    }

    /// Asks it to stop, and waits until it has.
    async fn end(mut self) {
        drop(self.stop.take());
        self.ended.await.unwrap().unwrap();
    }
}

/// Defaults, for a dataset that nobody opens.
fn config() -> Config {
    let datasets = vec![DatasetConfig { path: "a".into(), ..DatasetConfig::default() }];
    Settings { datasets, threads: Threads::new(2), ..Settings::default() }.finish().unwrap()
}

/// Tiles of bytes that name their place, each of which takes its time unless nobody waits for it.
#[derive(Default)]
struct Slow {
    time: Duration,
    /// How large tiles are.
    bytes: usize,
    begun: AtomicUsize,
    made: AtomicUsize,
    cancelled: AtomicUsize,
}

impl Slow {
    fn of(time: Duration, bytes: usize) -> Arc<Self> {
        Arc::new(Self { time, bytes, ..Self::default() })
    }

    fn served(self: &Arc<Self>) -> Vec<Served> {
        vec![Served { name: "slow".into(), source: Arc::clone(self) as Arc<dyn Source> }]
    }

    fn make(&self, ask: &Ask, cancel: &Cancel) -> Made {
        self.begun.fetch_add(1, Relaxed);
        let steps = self.time.as_millis();
        for _ in 0..steps {
            if cancel.check().is_err() {
                self.cancelled.fetch_add(1, Relaxed);
                return Made::default();
            }
            thread::sleep(Duration::from_millis(1));
        }
        self.made.fetch_add(1, Relaxed);
        let mut body = ask.coord.to_string().into_bytes();
        body.resize(self.bytes.max(body.len()), b'.');
        Made { body, rows: Some(7), aggregated: true, ..Made::default() }
    }
}

impl Source for Slow {
    fn kind(&self) -> String {
        "slow".into()
    }

    fn native(&self) -> Format {
        Format::Mvt
    }

    fn stored(&self) -> Option<Coding> {
        None
    }

    fn zooms(&self) -> [u8; 2] {
        [0, 22]
    }

    fn bounds(&self) -> Option<[f64; 4]> {
        None
    }

    fn count(&self) -> Option<u64> {
        None
    }

    fn has_rows(&self) -> bool {
        true
    }

    fn tilejson(&self) -> Map<String, Json> {
        Map::new()
    }

    fn tilestats(&self) -> Json {
        json!({})
    }

    fn work(self: Arc<Self>, ask: &Ask) -> Result<Work, Fault> {
        if let Some((name, _)) = ask.pairs.first() {
            return Err(Fault::wrong(name, "there is no such parameter"));
        }
        let ask = ask.clone();
        Ok(Box::new(move |cancel| Ok(self.make(&ask, cancel))))
    }
}
