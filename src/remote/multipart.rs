//! Answers of several ranges: `multipart/byteranges` (RFC 9110, section 14.6).
//!
//! ```text
//! preamble │ --boundary CRLF │ headers │ CRLF │ bytes │ CRLF --boundary CRLF │ … │ CRLF --boundary--
//! ```

/// The most bytes that the headers of one part may take.
const HEADERS: usize = 8 << 10;

/// The boundary that a `Content-Type` tells, if it is of such an answer.
pub(super) fn boundary(content_type: &str) -> Option<String> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/byteranges") {
        return None;
    }
    parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        let fits = name.trim().eq_ignore_ascii_case("boundary") && !value.is_empty() && value.len() <= 70;
        fits.then(|| value.to_owned())
    })
}

/// First and last byte, and the size of all if it is told, by `bytes first-last/size`.
pub(super) fn content_range(value: &str) -> Option<(u64, u64, Option<u64>)> {
    let (range, size) = value.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last).then(|| (first, last, size.trim().parse().ok()))
}

/// The parts of an answer that are whole: where they start, and their bytes. What is no part ends it.
pub(super) fn parts(body: &[u8], boundary: &str) -> Vec<(u64, Vec<u8>)> {
    let delimiter = format!("--{boundary}");
    let mut out = Vec::new();
    let Some(first) = find(body, delimiter.as_bytes()) else { return out };
    let mut rest = &body[first..];
    while let Some(behind) = rest.strip_prefix(delimiter.as_bytes()) {
        // The last one has two hyphens more.
        let Some(behind) = behind.strip_prefix(b"\r\n") else { break };
        let Some(end) = find(&behind[..behind.len().min(HEADERS)], b"\r\n\r\n") else { break };
        let headers = String::from_utf8_lossy(&behind[..end]);
        let range = headers.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim().eq_ignore_ascii_case("content-range").then(|| content_range(value))?
        });
        let Some((first, last, _)) = range else { break };
        let bytes = &behind[end + 4..];
        let Some(length) = usize::try_from(last - first).ok().and_then(|length| length.checked_add(1)) else {
            break;
        };
        // Their number is told, so that they may hold anything.
        let Some(part) = bytes.get(..length) else { break };
        out.push((first, part.to_vec()));
        let Some(next) = bytes[length..].strip_prefix(b"\r\n") else { break };
        rest = next;
    }
    out
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;

    fn answer() -> Vec<u8> {
        let mut body = b"to be ignored\r\n".to_vec();
        for (range, bytes) in [("5-8", &b"--X\n"[..]), ("20-24", b"\r\n--X")] {
            body.extend(b"--X\r\nContent-Type: application/vnd.covt\r\ncontent-range: bytes ");
            body.extend(range.as_bytes());
            body.extend(b"/100\r\n\r\n");
            body.extend(bytes);
            body.extend(b"\r\n");
        }
        body.extend(b"--X--\r\n");
        body
    }

    #[test]
    fn parts_may_hold_anything() {
        let found = parts(&answer(), "X");
        assert_eq!(found, [(5, b"--X\n".to_vec()), (20, b"\r\n--X".to_vec())]);
        assert_eq!(boundary("multipart/byteranges; boundary=X").as_deref(), Some("X"));
        assert_eq!(boundary("Multipart/ByteRanges; charset=a; Boundary=\"a b\"").as_deref(), Some("a b"));
        assert_eq!(boundary("application/vnd.covt"), None);
        assert_eq!(boundary("multipart/byteranges; boundary="), None);
        assert_eq!(content_range("bytes 2-3/*"), Some((2, 3, None)));
        assert_eq!(content_range("bytes 3-2/9"), None);
        assert_eq!(content_range("bytes */9"), None);
    }

    #[test]
    fn what_is_cut_or_damaged_gives_less() {
        let whole = answer();
        for len in 0..whole.len() {
            assert!(parts(&whole[..len], "X").len() <= 2);
        }
        let mut random = Random::from_seed(8);
        for _ in 0..2000 {
            let mut body = whole.clone();
            for _ in 0..3 {
                let at = random.index(body.len());
                body[at] = random.any() as u8;
            }
            let total: usize = parts(&body, "X").iter().map(|(_, bytes)| bytes.len()).sum();
            assert!(total <= body.len());
        }
        let huge = b"--X\r\nContent-Range: bytes 0-18446744073709551615/*\r\n\r\nabc\r\n--X--";
        assert!(parts(huge, "X").is_empty());
    }
}
