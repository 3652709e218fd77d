//! Entity tags: whether a client has what it asks for already (RFC 9110, 8.8.3 and 13.1.2).

use std::hash::{BuildHasher, Hasher};

use axum::http::header::{HeaderMap, HeaderValue, IF_NONE_MATCH};
use foldhash::quality::FixedState;

/// A strong entity tag: 128 bits made of all bytes of a representation. Another coding is other bytes, and
/// so another tag.
pub(in crate::serve) fn etag(body: &[u8]) -> HeaderValue {
    let half = |seed| {
        let mut hasher = FixedState::with_seed(seed).build_hasher();
        hasher.write(body);
        hasher.finish()
    };
    let tag = format!("\"{:016x}{:016x}\"", half(1), half(2));
    HeaderValue::from_str(&tag).expect("digits in quotes")
}

/// Whether `If-None-Match` names `etag`, or anything.
pub(in crate::serve) fn is_not_modified(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let lines = headers.get_all(IF_NONE_MATCH).into_iter().filter_map(|line| line.to_str().ok());
    let etag = etag.to_str().unwrap_or_default();
    // Compared weakly, as the header asks for. Our own tags hold no comma.
    lines.flat_map(|line| line.split(',')).any(|tag| {
        let tag = tag.trim();
        tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_tell_bodies_apart() {
        let tags = [&b""[..], b"a", b"b", b"aa"].map(etag);
        for (number, tag) in tags.iter().enumerate() {
            assert_eq!(tags.iter().position(|other| other == tag), Some(number));
            assert_eq!(tag.len(), 34);
        }
        assert_eq!(etag(b"a"), tags[1]);
    }

    #[test]
    fn named_in_a_list_weak_or_by_a_star() {
        let tag = etag(b"tile");
        let text = tag.to_str().unwrap();
        let matches = |line: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, line.parse().unwrap());
            is_not_modified(&headers, &tag)
        };
        assert!(matches(text) && matches("*") && matches(&format!("\"a\", W/{text}")));
        assert!(!matches("\"a\"") && !matches("") && !matches(text.trim_matches('"')));
        assert!(!is_not_modified(&HeaderMap::new(), &tag));
    }
}
