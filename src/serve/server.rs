//! The server itself: connections in, answers out, until it is asked to stop.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::app::{self, App, Event};
use super::config::Config;
use super::routes::router;

/// How long a client may take to send the head of a request, and may keep a connection that it does not
/// use.
const HEAD_TIME: Duration = Duration::from_secs(60);

/// How long requests that are under way may take when the server is asked to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

/// How long to wait before the next connection where the system gives no more of them.
const NO_MORE: Duration = Duration::from_millis(50);

/// A server that has opened its datasets and its port.
pub struct Server {
    runtime: Runtime,
    listener: TcpListener,
    app: Arc<App>,
}

impl Server {
    /// Opens all datasets, tells `events` what happens, and listens.
    ///
    /// # Errors
    /// If a dataset cannot be read or the port cannot be listened on, in one line.
    pub fn start(config: Config, events: &(dyn Fn(Event<'_>) + Sync)) -> Result<Self, String> {
        let runtime = Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.map_err(|error| format!("cannot start threads: {error}"))?;
        let address = SocketAddr::new(config.host, config.port);
        let cannot = |error: io::Error| format!("cannot listen on {address}: {error}");
        // Before what takes long, so that a port that is taken is told of at once.
        let listener = runtime.block_on(TcpListener::bind(address)).map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        let mut datasets = Vec::with_capacity(config.datasets.len());
        for dataset in &config.datasets {
            datasets.push(app::open(dataset, &config, events)?);
        }
        let app = App::new(config, datasets, address);
        let app = app.map_err(|error| format!("cannot start threads: {error}"))?;
        Ok(Self { runtime, listener, app: Arc::new(app) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.app.address
    }

    /// Answers until the process is interrupted or terminated, then ends what is under way.
    ///
    /// # Errors
    /// If signals cannot be waited for.
    pub fn run(self) -> Result<(), String> {
        self.run_until(interrupted())
    }

    /// Answers until `stop` is done.
    ///
    /// # Errors
    /// Those of `stop`.
    pub fn run_until(self, stop: impl Future<Output = io::Result<()>>) -> Result<(), String> {
        let Self { runtime, listener, app } = self;
        let result = runtime.block_on(serve(listener, app, stop));
        // Tiles that nobody waits for any more.
        runtime.shutdown_background();
        result.map_err(|error| format!("cannot wait for signals: {error}"))
    }
}

pub(super) async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    stop: impl Future<Output = io::Result<()>>,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(app.config.limits.connections.min(Semaphore::MAX_PERMITS)));
    let service = TowerToHyperService::new(router(Arc::clone(&app)));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME);
    let graceful = GracefulShutdown::new();
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            stopped = &mut stop => {
                stopped?;
                break;
            }
            accepted = accept(&listener, &places) => accepted,
        };
        let (stream, place) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // One client's fault, or there are no more file descriptors: neither ends the server.
                tracing::debug!("a connection was not accepted: {error}");
                sleep(NO_MORE).await;
                continue;
            }
        };
        app.metrics.connected();
        let connection = http.serve_connection(TokioIo::new(stream), service.clone());
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // Clients go away as they like.
            if let Err(error) = connection.await {
                tracing::debug!("a connection ended: {error}");
            }
            drop(place);
        });
    }
    drop(listener);
    tracing::info!("stopping");
    // Who does not read its answer by then does not get it.
    let _ = timeout(LAST_REQUESTS, graceful.shutdown()).await;
    Ok(())
}

/// The next connection, once there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, place))
}

/// Waits until somebody wants the process to end.
async fn interrupted() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
