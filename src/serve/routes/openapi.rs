//! The interface, described for programs.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{self, HeaderMap};
use axum::response::{IntoResponse, Response};
use serde_json::Value as Json;

use super::base::base;
use crate::serve::app::App;

/// OpenAPI 3.1, but for what only a running server knows.
const TEMPLATE: &str = include_str!("openapi.json");

/// The description with the address of this server and the names of its datasets.
pub(super) async fn openapi(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let mut json: Json = serde_json::from_str(TEMPLATE).expect("a template that tests have read");
    json["info"]["version"] = env!("CARGO_PKG_VERSION").into();
    json["servers"][0]["url"] = base(&app, &headers).into();
    let names: Json = app.datasets.iter().map(|set| Json::from(set.name.as_str())).collect();
    json["components"]["parameters"]["dataset"]["schema"]["enum"] = names;
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")];
    (headers, format!("{json:#}\n")).into_response()
}
