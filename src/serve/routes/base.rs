//! What the URLs in answers begin with.

use axum::http::Uri;
use axum::http::header::{HOST, HeaderMap};

use crate::serve::app::App;

/// The scheme and host that the client used: as configured; behind a proxy as the proxy tells; else as the
/// request says; else where the server listens.
pub(super) fn base(app: &App, headers: &HeaderMap) -> String {
    if let Some(url) = &app.config.public_url {
        return url.as_str().to_owned();
    }
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    // Of several proxies the first one is the one that the client talked to.
    let forwarded = |name: &str| {
        let value = header(name).filter(|_| app.config.behind_proxy)?;
        Some(value.split(',').next()?.trim())
    };
    let scheme = match forwarded("x-forwarded-proto") {
        Some("https") => "https",
        _ => "http",
    };
    let host = forwarded("x-forwarded-host").filter(|host| is_host(host));
    let host = host.or_else(|| header(HOST.as_str()).filter(|host| is_host(host)));
    let host = host.map_or_else(|| app.address.to_string(), str::to_owned);
    let prefix = forwarded("x-forwarded-prefix").filter(|prefix| is_path(prefix)).unwrap_or_default();
    format!("{scheme}://{host}{}", prefix.trim_end_matches('/'))
}

/// Whether it is a host, perhaps with a port, and nothing that could be more in a URL.
fn is_host(text: &str) -> bool {
    let fits = |char: char| char.is_ascii_alphanumeric() || ".-_:[]".contains(char);
    !text.is_empty() && text.len() < 300 && text.chars().all(fits)
}

fn is_path(text: &str) -> bool {
    let fits = |char: char| char.is_ascii_alphanumeric() || "/.-_~".contains(char);
    text.starts_with('/') && text.len() < 300 && text.chars().all(fits) && text.parse::<Uri>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_what_only_looks_so() {
        for host in ["localhost:3000", "tiles.example.com", "[::1]:80", "127.0.0.1"] {
            assert!(is_host(host));
        }
        for host in ["", "a/b", "a b", "a\"b", "user@host", "a?b", "a#b", "ü"] {
            assert!(!is_host(host), "{host}");
        }
        assert!(is_path("/a/b") && !is_path("a") && !is_path("/a?b") && !is_path("/\"a"));
    }
}
