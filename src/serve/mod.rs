//! Tiles over HTTP: tilesets in both formats, and datasets of points, filtered and aggregated as a request
//! asks for. `spec/http.md` says what is answered to what.
//!
//! | file | |
//! |---|---|
//! | `config` | what a server is told: settings of the command line, the environment, a file |
//! | `source`, `tileset`, `points` | where tiles come from |
//! | `http` | what headers ask for: formats, codings, tags, ranges; pure functions |
//! | `fault` | answers to what cannot be answered |
//! | `workers`, `queue` | threads that make tiles, and the bounded queue before them |
//! | `cache` | tiles that were made, bounded in bytes, each made once |
//! | `metrics` | counters |
//! | `app` | what all requests share |
//! | `routes` | which request is answered with what |
//! | `page` | a map to look at it all |
//! | `server` | connections in, answers out, and the end |
//!
//! Threads of the runtime talk to clients and never make a tile; threads of `workers` make tiles and never
//! talk to clients. A request that finds its tile in the cache is answered by the former alone.

mod app;
mod cache;
mod config;
mod fault;
mod http;
mod metrics;
mod page;
mod points;
mod queue;
mod routes;
mod server;
mod source;
mod tileset;
mod workers;

#[cfg(test)]
mod tests;

pub use app::Event;
pub use config::{
    Age, Bytes, Config, Count, DatasetConfig, DatasetName, GridLimit, Host, LimitSettings, Limits, Number,
    Origin, Patience, Port, PublicUrl, Settings, Threads,
};
pub use server::Server;
