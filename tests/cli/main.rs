//! The command as users meet it: the real binary, on good input and on all kinds of bad.
#![cfg(feature = "cli")]

mod bad_input;
mod bad_output;
mod bench;
mod convert;
mod demo;
mod export;
mod filters;
mod geojson;
mod get;
mod http;
mod import;
mod inspect;
mod mlt;
mod pmtiles;
mod project;
mod resume;
#[cfg(feature = "serve")]
mod serve;
mod single;
mod support;
