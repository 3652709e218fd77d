//! What is answered to which request.

mod about;
mod base;
mod openapi;
mod target;
mod tile;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Method, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};

use self::target::Target;
use super::app::App;
use super::fault::Fault;
use super::page;

/// What scripts on other origins may read besides what every script may.
const EXPOSED: [HeaderName; 9] = [
    header::ETAG,
    header::CONTENT_LENGTH,
    header::CONTENT_ENCODING,
    header::CONTENT_RANGE,
    header::ACCEPT_RANGES,
    header::RETRY_AFTER,
    HeaderName::from_static("server-timing"),
    HeaderName::from_static("x-covt-rows"),
    HeaderName::from_static("x-covt-aggregated"),
];

/// How long browsers may remember what they may ask for.
const PREFLIGHT: Duration = Duration::from_secs(86_400);

/// All routes.
pub(super) fn router(app: Arc<App>) -> Router {
    let cors = cors(&app);
    Router::new()
        .route("/", get(page::index))
        .route("/page/{file}", get(page::file))
        .route("/catalog", get(about::catalog))
        .route("/health", get(about::health))
        .route("/metrics", get(about::metrics))
        .route("/openapi.json", get(openapi::openapi))
        .fallback(dataset)
        .method_not_allowed_fallback(|| async { Fault::method() })
        .layer(middleware::from_fn_with_state(Arc::clone(&app), count))
        .layer(CatchPanicLayer::custom(|_| {
            Fault::broken(&std::io::Error::other("a handler panicked")).into_response()
        }))
        .layer(cors)
        .with_state(app)
}

fn cors(app: &App) -> CorsLayer {
    let origins = &app.config.cors;
    let allow = if origins.iter().any(super::Origin::is_any) {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(origins.iter().map(|origin| origin.header().clone()))
    };
    CorsLayer::new()
        .allow_origin(allow)
        .allow_methods([Method::GET, Method::HEAD])
        .allow_headers([header::RANGE, header::IF_RANGE, header::IF_NONE_MATCH])
        .expose_headers(EXPOSED)
        .max_age(PREFLIGHT)
}

/// Counts what is answered.
async fn count(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let response = next.run(request).await;
    app.metrics.answered(response.status().as_u16());
    tracing::debug!("{method} {uri} {}", response.status().as_u16());
    response
}

/// Everything that begins with the name of a dataset, and everything that is nothing.
async fn dataset(
    State(app): State<Arc<App>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    if method != Method::GET && method != Method::HEAD {
        return Err(Fault::method());
    }
    let pairs = target::pairs(&uri, app.config.limits.query)?;
    match target::parse(&app, uri.path())? {
        Target::Tile(place) => tile::tile(&app, place, pairs, &headers).await,
        Target::TileJson(number) => about::tilejson(&app, number, pairs, &headers),
        Target::Metadata(number) => about::metadata(&app, number, pairs, &headers),
    }
}
