//! A tile: the representation that is wanted, or that there is no need to send it.

use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{StatusCode, response};
use axum::response::Response;

use super::target::Place;
use crate::serve::app::App;
use crate::serve::cache::{Key, Representation};
use crate::serve::fault::Fault;
use crate::serve::http::{
    Coding, Format, Part, Wanted, choose_coding, is_not_modified, part, takes_identity, wanted,
};
use crate::serve::source::{Ask, Pairs};

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");
const TIMING_ALLOW_ORIGIN: HeaderName = HeaderName::from_static("timing-allow-origin");
const ROWS: HeaderName = HeaderName::from_static("x-covt-rows");
const AGGREGATED: HeaderName = HeaderName::from_static("x-covt-aggregated");

/// Answers with the tile at `place`.
pub(super) async fn tile(
    app: &App,
    place: Place,
    pairs: Pairs,
    headers: &HeaderMap,
) -> Result<Response, Fault> {
    let begun = Instant::now();
    let Place { dataset, coord, format } = place;
    let source = &app.datasets[dataset].source;
    let format = match (format, wanted(headers, source.native())) {
        (Some(format), _) | (None, Wanted::Format(format)) => format,
        (None, Wanted::Nothing) => {
            let message = "tiles are application/vnd.mapbox-vector-tile or application/vnd.covt";
            return Err(Fault::not_acceptable("accept", message));
        }
    };
    let coding = match format {
        Format::Mvt => choose_coding(headers, source.stored().unwrap_or_default()),
        // Compressed already, and read by ranges.
        Format::Covt => takes_identity(headers).then_some(Coding::Identity),
    };
    let coding = coding.ok_or_else(|| {
        let message = "MVT is sent as it is or with gzip, br or zstd, COVT as it is";
        Fault::not_acceptable("accept-encoding", message)
    })?;
    let key = Key { dataset, ask: Ask { coord, format, coding, pairs } };
    let (tile, cached) = app.tile(&key).await?;
    let time = begun.elapsed().as_secs_f64() * 1e3;
    let timing = format!("tile;dur={time:.3};desc={}", if cached { "cached" } else { "made" });
    respond(&tile, format, headers, app.config.max_age, &timing)
}

fn respond(
    tile: &Representation,
    format: Format,
    headers: &HeaderMap,
    max_age: u32,
    timing: &str,
) -> Result<Response, Fault> {
    let text = |text: String| HeaderValue::from_str(&text).expect("no control characters");
    let mut answer = Response::builder()
        .header(header::CACHE_CONTROL, text(format!("public, max-age={max_age}")))
        .header(header::VARY, "accept, accept-encoding")
        .header(SERVER_TIMING, timing)
        .header(TIMING_ALLOW_ORIGIN, "*");
    if let Some(rows) = tile.rows {
        answer = answer.header(ROWS, rows).header(AGGREGATED, if tile.aggregated { "true" } else { "false" });
    }
    if tile.body.is_empty() {
        return Ok(finish(answer, StatusCode::NO_CONTENT, Bytes::new()));
    }
    answer = answer.header(header::ETAG, &tile.etag);
    if is_not_modified(headers, &tile.etag) {
        return Ok(finish(answer, StatusCode::NOT_MODIFIED, Bytes::new()));
    }
    answer = answer.header(header::CONTENT_TYPE, format.media_type());
    if tile.coding != Coding::Identity {
        answer = answer.header(header::CONTENT_ENCODING, tile.coding.name());
    }
    if format == Format::Covt {
        answer = answer.header(header::ACCEPT_RANGES, "bytes");
        let length = tile.body.len();
        match part(headers, &tile.etag, length) {
            Part::All => {}
            Part::Outside => return Err(Fault::range(length)),
            Part::Bytes(range) => {
                let told = format!("bytes {}-{}/{length}", range.start, range.end - 1);
                answer = answer.header(header::CONTENT_RANGE, text(told));
                return Ok(finish(answer, StatusCode::PARTIAL_CONTENT, tile.body.slice(range)));
            }
        }
    }
    Ok(finish(answer, StatusCode::OK, tile.body.clone()))
}

fn finish(answer: response::Builder, status: StatusCode, body: Bytes) -> Response {
    answer.status(status).body(Body::from(body)).expect("headers that were looked at")
}
