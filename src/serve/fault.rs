//! What a request is answered with when it cannot be answered: a status and a JSON body that names the
//! fault.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// How many seconds a client is asked to wait before it tries again.
const RETRY_AFTER: &str = "1";

/// Longer messages, which repeat what a request said, are cut.
const MAX_MESSAGE: usize = 1000;

/// Why there is no answer.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    status: StatusCode,
    /// The query parameter or the part of the path that is wrong.
    parameter: Option<String>,
    message: String,
    /// The length of what a range lies outside of.
    length: Option<usize>,
}

impl Fault {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, parameter: None, message: message.into(), length: None }
    }

    /// Part `parameter` of the request is wrong.
    pub(super) fn wrong(parameter: &str, message: impl Into<String>) -> Self {
        Self { parameter: Some(parameter.into()), ..Self::new(StatusCode::BAD_REQUEST, message) }
    }

    /// There is no such thing.
    pub(super) fn not_found(parameter: &str, message: impl Into<String>) -> Self {
        Self { parameter: Some(parameter.into()), ..Self::new(StatusCode::NOT_FOUND, message) }
    }

    /// Nothing but GET and HEAD.
    pub(super) fn method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "only GET, HEAD and OPTIONS are answered")
    }

    /// Nothing that the client accepts; `header` is where it says so.
    pub(super) fn not_acceptable(header: &str, message: impl Into<String>) -> Self {
        Self { parameter: Some(header.into()), ..Self::new(StatusCode::NOT_ACCEPTABLE, message) }
    }

    /// The query is longer than the limit.
    pub(super) fn too_long(length: usize, limit: usize) -> Self {
        let message = format!("the query has {length} bytes, the limit is {limit}");
        Self { parameter: Some("query".into()), ..Self::new(StatusCode::URI_TOO_LONG, message) }
    }

    /// The range lies outside of `length` bytes.
    pub(super) fn range(length: usize) -> Self {
        let message = format!("no byte of the range lies within the {length} bytes of the tile");
        Self {
            parameter: Some("range".into()),
            length: Some(length),
            ..Self::new(StatusCode::RANGE_NOT_SATISFIABLE, message)
        }
    }

    /// There is too much to do, or a tile took too long.
    pub(super) fn busy(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, message)
    }

    /// Something is broken here; what, goes to the log.
    pub(super) fn broken(error: &dyn std::error::Error) -> Self {
        let mut line = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            line += &format!(": {error}");
            cause = error.source();
        }
        tracing::error!("{line}");
        // Messages of the tileset's readers name files, which are none of the client's business.
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the tile cannot be made; the server's log says why")
    }

    #[cfg(test)]
    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    #[cfg(test)]
    pub(super) fn parameter(&self) -> Option<&str> {
        self.parameter.as_deref()
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut message = self.message;
        if message.len() > MAX_MESSAGE {
            message.truncate(message.floor_char_boundary(MAX_MESSAGE));
            message.push('…');
        }
        let body = json!({
            "status": self.status.as_u16(),
            "error": self.status.canonical_reason(),
            "parameter": self.parameter,
            "message": message,
        });
        let mut response = Response::new(Body::from(format!("{body}\n")));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self.status {
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                headers.insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS"));
            }
            _ => {}
        }
        if let Some(length) = self.length {
            headers.insert(header::CONTENT_RANGE, format!("bytes */{length}").parse().expect("digits"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_messages_are_cut_between_characters() {
        let fault = Fault::wrong("filter", "ü".repeat(MAX_MESSAGE));
        let response = fault.into_response();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    }

    #[test]
    fn who_is_sent_away_is_told_when_to_come_back() {
        let response = Fault::busy("full").into_response();
        assert_eq!(response.headers()[header::RETRY_AFTER], RETRY_AFTER);
        let response = Fault::range(7).into_response();
        assert_eq!(response.headers()[header::CONTENT_RANGE], "bytes */7");
    }
}
