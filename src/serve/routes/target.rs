//! What a path and a query name. Nothing of them ever becomes the name of a file: datasets are looked for
//! among those that were opened at the start, and the rest is numbers.

use axum::http::Uri;

use crate::coord::{MAX_ZOOM, TileCoord};
use crate::serve::app::App;
use crate::serve::fault::Fault;
use crate::serve::http::Format;
use crate::serve::source::Pairs;

/// The deepest zoom of tiles that are made of rows.
const MAX_ROW_ZOOM: u8 = 22;

/// A tile of a dataset, by its number, and the format if the path names one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) dataset: usize,
    pub(super) coord: TileCoord,
    pub(super) format: Option<Format>,
}

pub(super) enum Target {
    Tile(Place),
    TileJson(usize),
    Metadata(usize),
}

/// The target of `path`.
pub(super) fn parse(app: &App, path: &str) -> Result<Target, Fault> {
    let mut segments = [""; 5];
    let mut count = 0;
    for segment in path.trim_start_matches('/').split('/') {
        match segments.get_mut(count) {
            Some(place) => *place = segment,
            None => return Err(nothing()),
        }
        count += 1;
    }
    match segments[..count] {
        [name] => Ok(Target::TileJson(app.dataset(name)?)),
        [name, "metadata.json"] => Ok(Target::Metadata(app.dataset(name)?)),
        [name, z, x, y] => {
            let dataset = app.dataset(name)?;
            let deepest = if app.datasets[dataset].source.has_rows() { MAX_ROW_ZOOM } else { MAX_ZOOM };
            let (coord, format) = place(z, x, y, deepest)?;
            Ok(Target::Tile(Place { dataset, coord, format }))
        }
        _ => Err(nothing()),
    }
}

fn nothing() -> Fault {
    Fault::not_found("path", "there is nothing here; see /openapi.json for what there is")
}

fn place(z: &str, x: &str, y: &str, deepest: u8) -> Result<(TileCoord, Option<Format>), Fault> {
    let (y, format) = match y.split_once('.') {
        None => (y, None),
        Some((y, "mvt" | "pbf")) => (y, Some(Format::Mvt)),
        Some((y, "covt")) => (y, Some(Format::Covt)),
        Some(_) => return Err(Fault::wrong("extension", "tiles end in .mvt, .pbf or .covt, or in nothing")),
    };
    let number = |name: &str, text: &str, last: u32| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = if digits { text.parse::<u32>().ok().filter(|number| *number <= last) } else { None };
        number.ok_or_else(|| Fault::wrong(name, format!("{name} must be a number from 0 to {last}")))
    };
    let z = number("z", z, deepest.into())? as u8;
    let last = ((1u64 << z) - 1) as u32;
    let (x, y) = (number("x", x, last)?, number("y", y, last)?);
    let coord = TileCoord::new(z, x, y).expect("numbers that were looked at");
    Ok((coord, format))
}

/// The pairs of the query in the order of their names, so that queries that say the same are the same.
pub(super) fn pairs(uri: &Uri, limit: usize) -> Result<Pairs, Fault> {
    let Some(query) = uri.query() else { return Ok(Pairs::new()) };
    if query.len() > limit {
        return Err(Fault::too_long(query.len(), limit));
    }
    let mut pairs: Pairs = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    pairs.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_with_and_without_extension() {
        let coord = TileCoord::new(3, 7, 5).unwrap();
        for (y, format) in [
            ("5", None),
            ("5.mvt", Some(Format::Mvt)),
            ("5.pbf", Some(Format::Mvt)),
            ("5.covt", Some(Format::Covt)),
        ] {
            assert_eq!(place("3", "7", y, 22).unwrap(), (coord, format));
        }
    }

    #[test]
    fn what_is_out_of_range_is_named() {
        for ([z, x, y], parameter) in [
            (["23", "0", "0"], "z"),
            (["-1", "0", "0"], "z"),
            (["", "0", "0"], "z"),
            (["+1", "0", "0"], "z"),
            (["1e1", "0", "0"], "z"),
            (["3", "8", "0"], "x"),
            (["3", "99999999999999999999", "0"], "x"),
            (["3", "%31", "0"], "x"),
            (["3", "7", "8.mvt"], "y"),
            (["3", "7", ".mvt"], "y"),
            (["3", "7", "5.png"], "extension"),
            (["3", "7", "5.mvt.gz"], "extension"),
        ] {
            assert_eq!(place(z, x, y, 22).unwrap_err().parameter(), Some(parameter), "{z}/{x}/{y}");
        }
        assert!(place("30", "1073741823", "1073741823", MAX_ZOOM).is_ok());
    }

    #[test]
    fn queries_are_put_in_order() {
        let uri: Uri = "/a?b=2&a=%C3%BC+1&b=1".parse().unwrap();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(pairs(&uri, 100).unwrap(), [pair("a", "ü 1"), pair("b", "2"), pair("b", "1")]);
        assert_eq!(pairs(&uri, 10).unwrap_err().parameter(), Some("query"));
    }
}
