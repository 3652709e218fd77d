//! The page at `/`: a map, controls, and what the tiles in view cost. All of it is in the binary, but for
//! MapLibre where the binary was built without it: then the page loads the same version from elsewhere.

use std::io::Read;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;

use super::app::App;
use super::fault::Fault;
use super::http::{Coding, choose_coding, compress, etag, is_not_modified};

include!(concat!(env!("OUT_DIR"), "/maplibre.rs"));

/// Version and hashes of MapLibre GL JS, which `tools/page` compares with what it bundles.
const MAPLIBRE: &str = include_str!("maplibre.txt");

/// The files of the page by name, and their media types.
const FILES: [(&str, &str, &str); 7] = [
    ("page.css", "text/css; charset=utf-8", include_str!("page.css")),
    ("main.js", "text/javascript; charset=utf-8", include_str!("main.js")),
    ("controls.js", "text/javascript; charset=utf-8", include_str!("controls.js")),
    ("colours.js", "text/javascript; charset=utf-8", include_str!("colours.js")),
    ("style.js", "text/javascript; charset=utf-8", include_str!("style.js")),
    ("tiles.js", "text/javascript; charset=utf-8", include_str!("tiles.js")),
    ("text.js", "text/javascript; charset=utf-8", include_str!("text.js")),
];

const INDEX: &str = include_str!("index.html");

/// Where the page loads MapLibre from if it is not in the binary.
const ELSEWHERE: &str = "https://unpkg.com";

/// The line of [`MAPLIBRE`] that begins with `name`.
fn told(name: &str) -> &'static str {
    let line = MAPLIBRE.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.expect("a line for each of them")
}

/// The page.
pub(super) async fn index(State(_): State<Arc<App>>, headers: HeaderMap) -> Response {
    let (version, script, style) = (told("version"), told("maplibre-gl.js"), told("maplibre-gl.css"));
    let (from, guard) = match BUNDLE {
        Some(_) => (String::from("page"), [String::new(), String::new()]),
        None => {
            let guard = |hash| format!(" integrity=\"{hash}\" crossorigin=\"anonymous\"");
            (format!("{ELSEWHERE}/maplibre-gl@{version}/dist"), [guard(script), guard(style)])
        }
    };
    let html = INDEX
        .replace("{{from}}", &from)
        .replace("{{version}}", version)
        .replace("{{script-guard}}", &guard[0])
        .replace("{{style-guard}}", &guard[1]);
    let mut response = send(html.as_bytes(), "text/html; charset=utf-8", &headers);
    let source = if BUNDLE.is_some() { String::new() } else { format!(" {ELSEWHERE}") };
    // Nothing of anybody else but what is named, and only where its hash is right.
    let policy = format!(
        "default-src 'none'; connect-src 'self'; img-src 'self' data: blob:; script-src 'self'{source}; \
         style-src 'self' 'unsafe-inline'{source}; worker-src blob:; base-uri 'none'; form-action 'none'"
    );
    let policy = HeaderValue::from_str(&policy).expect("no control characters");
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

/// A file of the page.
pub(super) async fn file(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, Fault> {
    if let Some((_, kind, text)) = FILES.iter().find(|file| file.0 == name) {
        return Ok(send(text.as_bytes(), kind, &headers));
    }
    let bundled = BUNDLE.and_then(|[script, style]| match name.as_str() {
        "maplibre-gl.js" => Some((script, "text/javascript; charset=utf-8")),
        "maplibre-gl.css" => Some((style, "text/css; charset=utf-8")),
        _ => None,
    });
    let (zipped, kind) = bundled.ok_or_else(|| Fault::not_found("file", "the page has no such file"))?;
    Ok(send_zipped(zipped, kind, &headers))
}

/// Sends what the client may have already, with a coding if it likes one.
fn send(body: &[u8], kind: &str, headers: &HeaderMap) -> Response {
    let coding = choose_coding(headers, Coding::Gzip).unwrap_or_default();
    let (body, coding) = compress(body, coding);
    finish(body, coding, kind, headers)
}

/// Sends what lies in the binary with gzip around it.
fn send_zipped(zipped: &[u8], kind: &str, headers: &HeaderMap) -> Response {
    if choose_coding(headers, Coding::Gzip) == Some(Coding::Gzip) {
        return finish(zipped.to_vec(), Coding::Gzip, kind, headers);
    }
    let mut plain = Vec::new();
    GzDecoder::new(zipped).read_to_end(&mut plain).expect("what the build has packed");
    finish(plain, Coding::Identity, kind, headers)
}

fn finish(body: Vec<u8>, coding: Coding, kind: &str, headers: &HeaderMap) -> Response {
    let tag = etag(&body);
    let known = is_not_modified(headers, &tag);
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { body.into_response() };
    let told = response.headers_mut();
    if coding != Coding::Identity && !known {
        told.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    }
    told.insert(header::CONTENT_TYPE, HeaderValue::from_str(kind).expect("a media type"));
    told.insert(header::ETAG, tag);
    told.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    told.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    told.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
