//! `Range` and `If-Range` (RFC 9110, 14): a part of a COVT tile, so that a client may read the directory
//! and then the columns it wants.

use std::ops::Range;

use axum::http::header::{HeaderMap, HeaderValue, IF_RANGE, RANGE};

/// What to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::serve) enum Part {
    /// All of it: no range, several, or none that makes sense, which a server is free to ignore.
    All,
    /// These bytes.
    Bytes(Range<usize>),
    /// The range lies behind the end.
    Outside,
}

/// The part of `length` bytes, tagged `etag`, that is asked for.
pub(in crate::serve) fn part(headers: &HeaderMap, etag: &HeaderValue, length: usize) -> Part {
    let Some(range) = headers.get(RANGE).and_then(|range| range.to_str().ok()) else { return Part::All };
    // A part of what the client has no longer is of no use to it. Dates are never given out.
    if headers.get(IF_RANGE).is_some_and(|condition| condition != etag) {
        return Part::All;
    }
    let Some((unit, list)) = range.split_once('=') else { return Part::All };
    let Some((first, last)) = list.trim().split_once('-') else { return Part::All };
    if !unit.trim().eq_ignore_ascii_case("bytes") || list.contains(',') {
        return Part::All;
    }
    // A number too large for us lies behind every end.
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<usize>().unwrap_or(usize::MAX))
    };
    let (start, end) = match (first.trim(), last.trim()) {
        ("", suffix) => match number(suffix) {
            Some(0) => return Part::Outside,
            Some(suffix) => (length.saturating_sub(suffix), length),
            None => return Part::All,
        },
        (start, "") => match number(start) {
            Some(start) => (start, length),
            None => return Part::All,
        },
        (start, last) => match (number(start), number(last)) {
            (Some(start), Some(last)) if start <= last => (start, last.saturating_add(1).min(length)),
            _ => return Part::All,
        },
    };
    if start < length { Part::Bytes(start..end) } else { Part::Outside }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(range: &str, condition: Option<&str>) -> Part {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, range.parse().unwrap());
        if let Some(condition) = condition {
            headers.insert(IF_RANGE, condition.parse().unwrap());
        }
        part(&headers, &HeaderValue::from_static("\"tag\""), 100)
    }

    #[test]
    fn first_and_last_byte_or_a_suffix() {
        for (range, expected) in [
            ("bytes=0-9", 0..10),
            ("bytes=90-", 90..100),
            ("bytes=90-1000", 90..100),
            ("bytes=-10", 90..100),
            ("bytes=-1000", 0..100),
            ("Bytes = 5 - 5", 5..6),
            ("bytes=0-99999999999999999999999999", 0..100),
        ] {
            assert_eq!(ask(range, None), Part::Bytes(expected), "{range}");
        }
    }

    #[test]
    fn what_lies_behind_the_end_and_what_makes_no_sense() {
        for range in ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999999999-"] {
            assert_eq!(ask(range, None), Part::Outside, "{range}");
        }
        for range in ["bytes=9-8", "bytes=", "bytes=-", "lines=1-2", "bytes=0-1,5-6", "bytes=a-b", "bytes"] {
            assert_eq!(ask(range, None), Part::All, "{range}");
        }
        assert_eq!(part(&HeaderMap::new(), &HeaderValue::from_static("\"tag\""), 0), Part::All);
    }

    #[test]
    fn only_of_the_tile_that_the_client_knows() {
        assert_eq!(ask("bytes=0-9", Some("\"tag\"")), Part::Bytes(0..10));
        for other in ["\"other\"", "W/\"tag\"", "Sat, 29 Oct 1994 19:43:31 GMT"] {
            assert_eq!(ask("bytes=0-9", Some(other)), Part::All);
        }
    }
}
