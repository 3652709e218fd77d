//! The forms in which features come.

use super::*;
use crate::geometry::GeometryType;

const POINT: &str =
    r#"{"type": "Feature", "properties": {"a": 1}, "geometry": {"coordinates": [1, 2], "type": "Point"}}"#;

#[test]
fn whatever_holds_features_is_read() {
    let feature = features(POINT).unwrap().remove(0);
    assert_eq!(feature.number, 1);
    assert_eq!(feature.geometries[0].positions, [[1.0, 2.0]]);
    let geometry = r#"{"type": "Point", "coordinates": [1, 2]}"#;
    for (count, text) in [
        (0, String::new()),
        (0, " \n\n".into()),
        (1, POINT.into()),
        (1, format!("\u{feff}{POINT}")),
        (2, format!("{POINT}\r\n\n{POINT}\n")),
        (2, format!("{POINT} {POINT}")),
        (2, format!("\u{1e}{POINT}\n\u{1e}{POINT}\n")),
        (1, geometry.into()),
        (0, r#"{"type": "FeatureCollection", "features": []}"#.into()),
        (2, format!(r#"{{"type": "FeatureCollection", "name": "x", "features": [{POINT}, {POINT}]}}"#)),
        // The type may come last, and members that are not known anywhere.
        (1, format!(r#"{{"features": [{POINT}], "bbox": [0, 0, 1, 1], "type": "FeatureCollection"}}"#)),
        (3, format!(r#"{{"type": "FeatureCollection", "features": [{POINT}, {POINT}]}} {POINT}"#)),
        (
            2,
            format!(
                r#"{{"type": "FeatureCollection", "features": [{{"type": "FeatureCollection", "features": [{POINT}]}}, {POINT}]}}"#
            ),
        ),
        (
            1,
            format!(
                r#"{{"type": "FeatureCollection", "features": [{POINT}], "crs": {{"type": "name", "properties": {{"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}}}}}"#
            ),
        ),
    ] {
        let read = features(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(read.len(), count, "{text}");
        assert!(read.iter().map(|feature| feature.number).eq(1..=count as u64), "{text}");
        assert!(read.iter().all(|read| read.geometries == feature.geometries), "{text}");
    }
}

#[test]
fn members_of_features() {
    let text = r#"{"type": "Feature", "id": "x7", "tippecanoe": {"layer": "roads", "minzoom": 3},
        "properties": null, "geometry": null}"#;
    let feature = features(text).unwrap().remove(0);
    assert_eq!(feature.id, Some("x7".into()));
    assert_eq!(feature.layer.as_deref(), Some("roads"));
    assert!(feature.geometries.is_empty() && feature.properties.is_empty());
}

#[test]
fn geometries_of_every_type() {
    use GeometryType as Type;
    let read = |kind: &str, coordinates: &str| {
        let text = format!(r#"{{"type": "{kind}", "coordinates": {coordinates}}}"#);
        let geometry = features(&text).unwrap().remove(0).geometries.remove(0);
        let positions = geometry.positions.len();
        (geometry.geometry_type, positions, geometry.ring_ends, geometry.part_ends)
    };
    assert_eq!(read("Point", "[1, 2]"), (Type::Point, 1, vec![1], vec![1]));
    assert_eq!(read("MultiPoint", "[[1, 2], [3, 4]]"), (Type::MultiPoint, 2, vec![1, 2], vec![1, 2]));
    assert_eq!(read("LineString", "[[1, 2], [3, 4]]"), (Type::LineString, 2, vec![2], vec![1]));
    let lines = "[[[1, 2], [3, 4]], [[1, 2], [3, 4], [5, 6]]]";
    assert_eq!(read("MultiLineString", lines), (Type::MultiLineString, 5, vec![2, 5], vec![1, 2]));
    let ring = "[[1, 2], [3, 4], [5, 6], [1, 2]]";
    let rings = format!("[{ring}, {ring}]");
    assert_eq!(read("Polygon", &rings), (Type::Polygon, 8, vec![4, 8], vec![2]));
    let polygons = format!("[[{ring}], {rings}]");
    assert_eq!(read("MultiPolygon", &polygons), (Type::MultiPolygon, 12, vec![4, 8, 12], vec![1, 3]));
    let several = r#"{"type": "GeometryCollection", "geometries": [
        {"type": "Point", "coordinates": [1, 2]},
        {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [3, 4, 5, 6]}]},
        {"type": "LineString", "coordinates": []}]}"#;
    let geometries = features(several).unwrap().remove(0).geometries;
    assert_eq!(geometries.len(), 2);
    assert_eq!((&geometries[1].heights, geometries[1].further), (&Some(vec![5.0]), 1));
}

#[test]
fn features_are_handed_out_one_by_one() {
    // What stands behind the first feature is never read.
    let text = format!(r#"{{"type": "FeatureCollection", "features": [{POINT}, nonsense"#);
    let mut count = 0;
    let error = read(text.as_bytes(), |_| {
        count += 1;
        Err(crate::Error::input("enough"))
    })
    .unwrap_err();
    assert_eq!((count, error.what()), (1, "enough"));
    assert_eq!(error.to_string(), "feature 1 (line 1): enough");
}

#[test]
fn a_mark_that_comes_in_pieces_is_skipped() {
    struct Slow<'a>(&'a [u8]);
    impl std::io::Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
            buffer[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }
    for text in [POINT.to_owned(), format!("\u{feff}{POINT}")] {
        assert_eq!(read(Slow(text.as_bytes()), |_| Ok(())).unwrap(), 1);
    }
}
