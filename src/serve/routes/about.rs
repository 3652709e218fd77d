//! What there is: TileJSON, metadata, the catalog; and how the server does.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value as Json, json};

use super::base::base;
use crate::coord::TileCoord;
use crate::serve::app::App;
use crate::serve::fault::Fault;
use crate::serve::http::{Coding, Format, etag, is_not_modified};
use crate::serve::metrics;
use crate::serve::source::{Ask, Pairs};

/// What may change when the server is started again.
const SHORT: HeaderValue = HeaderValue::from_static("no-cache");

/// JSON with a tag, unless the client has it.
fn answer(json: &Json, headers: &HeaderMap) -> Response {
    let body = format!("{json:#}\n");
    let tag = etag(body.as_bytes());
    let mut response = if is_not_modified(headers, &tag) {
        axum::http::StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, "application/json")], body).into_response()
    };
    let told = response.headers_mut();
    told.insert(header::ETAG, tag);
    told.insert(header::CACHE_CONTROL, SHORT);
    response
}

/// `?…` for URLs in answers, or nothing.
fn query(pairs: &Pairs) -> String {
    if pairs.is_empty() {
        return String::new();
    }
    let mut serializer = form_urlencoded::Serializer::new(String::new());
    serializer.extend_pairs(pairs);
    format!("?{}", serializer.finish())
}

/// TileJSON 3 of a dataset; its tiles have the query that it was asked with.
fn describe(
    app: &App,
    number: usize,
    pairs: &Pairs,
    headers: &HeaderMap,
) -> Result<Map<String, Json>, Fault> {
    let set = &app.datasets[number];
    let source = &set.source;
    // What is wrong with the query is better told here than with every tile.
    let coord = TileCoord::new(0, 0, 0).expect("the tile of the world");
    let ask = Ask { coord, format: Format::Mvt, coding: Coding::Identity, pairs: pairs.clone() };
    drop(Arc::clone(source).work(&ask)?);

    let (base, query) = (base(app, headers), query(pairs));
    let url = |extension: &str| format!("{base}/{}/{{z}}/{{x}}/{{y}}.{extension}{query}", set.name);
    let mut json = Map::new();
    json.insert("tilejson".into(), "3.0.0".into());
    json.insert("tiles".into(), json!([url("mvt")]));
    json.insert("scheme".into(), "xyz".into());
    json.insert("name".into(), set.name.clone().into());
    let [first, last] = source.zooms();
    json.insert("minzoom".into(), first.into());
    json.insert("maxzoom".into(), last.into());
    if let Some(bounds) = source.bounds() {
        let [west, south, east, north] = bounds;
        json.insert("bounds".into(), json!(bounds));
        json.insert("center".into(), json!([(west + east) / 2.0, (south + north) / 2.0, first]));
    }
    json.extend(source.tilejson());
    // Readers of TileJSON pass over what they do not know.
    json.insert("covt".into(), json!({"tiles": [url("covt")], "rows": source.has_rows()}));
    Ok(json)
}

pub(super) fn tilejson(
    app: &App,
    number: usize,
    pairs: Pairs,
    headers: &HeaderMap,
) -> Result<Response, Fault> {
    Ok(answer(&Json::Object(describe(app, number, &pairs, headers)?), headers))
}

/// TileJSON with the statistics that kepler.gl takes its fields from.
pub(super) fn metadata(
    app: &App,
    number: usize,
    pairs: Pairs,
    headers: &HeaderMap,
) -> Result<Response, Fault> {
    let mut json = describe(app, number, &pairs, headers)?;
    json.insert("format".into(), "pbf".into());
    json.insert("tilestats".into(), app.datasets[number].source.tilestats());
    Ok(answer(&Json::Object(json), headers))
}

/// All datasets, as martin lists them, and with what the page wants to know.
pub(super) async fn catalog(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let base = base(&app, &headers);
    let mut tiles = Map::new();
    for set in &app.datasets {
        let source = &set.source;
        let mut entry = json!({
            "content_type": source.native().media_type(),
            "description": source.kind(),
            "url": format!("{base}/{}", set.name),
            "rows": source.has_rows(),
            "count": source.count(),
            "bounds": source.bounds(),
        });
        let [first, last] = source.zooms();
        entry["minzoom"] = first.into();
        entry["maxzoom"] = last.into();
        tiles.insert(set.name.clone(), entry);
    }
    answer(&json!({"tiles": tiles}), &headers)
}

/// That the server lives.
pub(super) async fn health() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (headers, "OK\n").into_response()
}

pub(super) async fn metrics(State(app): State<Arc<App>>) -> Response {
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")];
    (headers, metrics::text(&app)).into_response()
}
