//! `Accept` (RFC 9110, 12.5.1): which of the two formats a client wants.

use axum::http::header::{ACCEPT, HeaderMap};

use super::format::Format;

/// Media types that stand for MVT, the first of which is sent.
const MVT: [(&str, &str); 3] =
    [("application", "vnd.mapbox-vector-tile"), ("application", "x-protobuf"), ("application", "protobuf")];
const COVT: [(&str, &str); 1] = [("application", "vnd.covt")];

/// What the client wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::serve) enum Wanted {
    /// This format.
    Format(Format),
    /// Neither of them.
    Nothing,
}

/// An element of a list with weights: `name;q=0.5`, and its weight in thousandths.
pub(super) fn weighted(element: &str) -> (&str, u16) {
    let mut parts = element.split(';');
    let name = parts.next().unwrap_or_default().trim();
    let mut weight = 1000;
    for parameter in parts {
        if let Some((key, value)) = parameter.split_once('=')
            && key.trim().eq_ignore_ascii_case("q")
        {
            // A weight that is none is taken for no wish at all.
            weight = value.trim().parse::<f32>().map_or(0, |q| (q.clamp(0.0, 1.0) * 1000.0).round() as u16);
        }
    }
    (name, weight)
}

/// All elements of a header that is a list, of which there may be several lines.
pub(super) fn elements<'a>(
    headers: &'a HeaderMap,
    name: &axum::http::HeaderName,
) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim).filter(|element| !element.is_empty())
}

/// The weight that the headers give to any of `names`, by the most specific range that matches, and how
/// specific that is.
fn weight(headers: &HeaderMap, names: &[(&str, &str)]) -> u16 {
    let mut best = (0, 0);
    for element in elements(headers, &ACCEPT) {
        let (range, weight) = weighted(element);
        let Some((kind, subtype)) = range.split_once('/') else { continue };
        let specific = match (kind, subtype) {
            ("*", "*") => 1,
            (kind, "*") if names.iter().any(|name| name.0.eq_ignore_ascii_case(kind)) => 2,
            _ => {
                let same = |name: &(&str, &str)| {
                    name.0.eq_ignore_ascii_case(kind) && name.1.eq_ignore_ascii_case(subtype)
                };
                if !names.iter().any(same) {
                    continue;
                }
                3
            }
        };
        // Of several names of one format the greatest weight counts.
        if specific > best.0 || (specific == best.0 && weight > best.1) {
            best = (specific, weight);
        }
    }
    best.1
}

/// The format that a client wants of a dataset whose own one is `native`, which is sent where the client
/// does not care.
pub(in crate::serve) fn wanted(headers: &HeaderMap, native: Format) -> Wanted {
    if elements(headers, &ACCEPT).next().is_none() {
        return Wanted::Format(native);
    }
    let of = |format| match format {
        Format::Mvt => weight(headers, &MVT),
        Format::Covt => weight(headers, &COVT),
    };
    match (of(native), of(native.other())) {
        (0, 0) => Wanted::Nothing,
        (own, other) if own >= other => Wanted::Format(native),
        _ => Wanted::Format(native.other()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(accept: &[&str], native: Format) -> Wanted {
        let mut headers = HeaderMap::new();
        for line in accept {
            headers.append(ACCEPT, line.parse().unwrap());
        }
        wanted(&headers, native)
    }

    #[test]
    fn who_does_not_care_gets_the_datasets_own() {
        for native in [Format::Mvt, Format::Covt] {
            for accept in [&[][..], &[""], &["*/*"], &["text/html, */*;q=0.1"], &["application/*"]] {
                assert_eq!(ask(accept, native), Wanted::Format(native), "{accept:?}");
            }
        }
    }

    #[test]
    fn names_weights_and_zero() {
        let mvt = |accept: &[&str]| ask(accept, Format::Mvt);
        let (covt, pbf) = (Wanted::Format(Format::Covt), Wanted::Format(Format::Mvt));
        assert_eq!(mvt(&["application/vnd.covt"]), covt);
        assert_eq!(mvt(&["application/VND.covt; q=0.4, application/x-protobuf;q=0.3"]), covt);
        assert_eq!(mvt(&["application/vnd.covt;q=0.4", "application/x-protobuf;q=0.5"]), pbf);
        assert_eq!(mvt(&["*/*, application/vnd.mapbox-vector-tile;q=0"]), covt);
        assert_eq!(mvt(&["application/vnd.covt;q=0, */*;q=0.1"]), pbf);
        // What is specific counts, not what is great.
        assert_eq!(mvt(&["application/vnd.mapbox-vector-tile;q=0.1, */*;q=0.9"]), covt);
    }

    #[test]
    fn nothing_acceptable() {
        for accept in [
            "image/png",
            "*/*;q=0",
            "application/vnd.covt;q=0",
            "application/vnd.covt;q=high",
            "nonsense",
            "application/vnd.covt;q=0, application/*;q=0",
        ] {
            assert_eq!(ask(&[accept], Format::Mvt), Wanted::Nothing, "{accept}");
        }
    }
}
