//! GeoJSON with `covt encode` and `covt decode`.

use crate::support::Place;

const ROADS: &str = r#"{"type": "FeatureCollection", "features": [
    {"type": "Feature", "id": 7, "properties": {"names": {"primary": "Städtle", "common": {"en": "Town"}},
        "lanes": [{"width": 3.5}, {"width": 3.25}], "coordinateProperties": {"speed": [30, 50, 50]}},
     "geometry": {"type": "LineString", "coordinates": [[9.52, 47.14, 455.5], [9.53, 47.15, 460], [9.54, 47.15, 465.25]]}},
    {"type": "Feature", "id": "w8", "properties": {"a": 1}, "geometry": {"type": "Point", "coordinates": [9.521, 47.141]}},
    {"type": "Feature", "properties": {"a": 2}, "geometry": {"type": "Point", "coordinates": [7.4, 46.9]}}
]}"#;

const TILE: &str = "12/2156/1438";

fn properties(text: &[u8]) -> Vec<serde_json::Value> {
    let text: serde_json::Value = serde_json::from_slice(text).unwrap();
    text["features"].as_array().unwrap().iter().map(|feature| feature["properties"].clone()).collect()
}

#[test]
fn geojson_there_and_back() {
    let place = Place::new();
    place.write("roads.geojson", ROADS);
    let run =
        place.run(["encode", "roads.geojson", "--tile", TILE, "--map", "names.common", "a.covt"]).succeeds();
    assert!(
        run.stderr.contains("roads.geojson: 2 of 3 features lie in 12/2156/1438: COVT of "),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("1 ids that are no integers"), "{}", run.stderr);

    place.run(["decode", "a.covt", "--tile", TILE, "a.geojson"]).succeeds();
    let source = properties(ROADS.as_bytes());
    let again = properties(&place.read("a.geojson"));
    assert_eq!(again[0], source[0]);
    assert_eq!(again[1], serde_json::json!({"a": 1, "id": "w8"}));
    let text = String::from_utf8(place.read("a.geojson")).unwrap();
    assert!(text.contains(r#""tippecanoe":{"layer":"roads"}"#) && text.contains(",455.5],["), "{text}");

    // The same tile again, from lines and from standard input.
    place.run(["decode", "a.covt", "--tile", TILE, "roads.geojsonl"]).succeeds();
    let lines = place.read("roads.geojsonl");
    assert_eq!(lines.split(|byte| *byte == b'\n').count(), 3);
    let fed = place.feed(["encode", "-", "--tile", TILE, "--map", "names.common", "-"], &lines).succeeds();
    assert_eq!(fed.stdout, place.read("a.covt"));
    let piped = place.run(["decode", "a.covt", "--tile", TILE, "--lines", "-"]).succeeds();
    assert_eq!(piped.stdout, lines);

    // As MVT it is flattened, and said to be.
    let run = place.run(["decode", "a.covt", "a.mvt"]).succeeds();
    assert!(run.stderr.contains("flattened, as MVT cannot hold it: roads/lanes"), "{}", run.stderr);
}

#[test]
fn triangles_are_stored_if_asked_for() {
    let place = Place::new();
    let ring = "[[9.52, 47.14], [9.53, 47.14], [9.53, 47.15], [9.52, 47.15], [9.52, 47.14]]";
    place.write("a.geojson", format!(r#"{{"type": "Polygon", "coordinates": [{ring}]}}"#));
    let encode = |args: &[&str], to: &str| {
        place.run([&["encode", "a.geojson", "--tile", TILE], args, &[to]].concat()).succeeds();
        place.run(["decode", to, "--tile", TILE, "--lines", "-"]).succeeds().stdout
    };
    assert_eq!(encode(&["--triangles"], "with.covt"), encode(&[], "without.covt"));
    let buffer = |name| place.run(["inspect", name]).succeeds().text().contains("index buffer");
    assert!(buffer("with.covt") && !buffer("without.covt"));
}

#[test]
fn geojson_that_is_wrong() {
    let place = Place::new();
    place.write("a.geojson", ROADS);
    for (args, expected) in [
        (&["encode", "a.geojson", "a.covt"][..], "--tile Z/X/Y says which tile"),
        (&["encode", "none.geojson", "--tile", TILE, "a.covt"], "cannot read none.geojson"),
        (
            &["encode", "a.geojson", "--tile", TILE, "--buffer", "9999", "a.covt"],
            "a buffer wider than the tile",
        ),
        (&["encode", "bad.geojson", "--tile", TILE, "a.covt"], "bad.geojson: feature 1: EOF while parsing"),
        (
            &["encode", "metres.geojson", "--tile", TILE, "a.covt"],
            "feature 1 (line 1): [2600000.0, 1200000.0] is no",
        ),
    ] {
        place.write("bad.geojson", &ROADS[..ROADS.len() / 2]);
        place.write("metres.geojson", r#"{"type": "Point", "coordinates": [2600000, 1200000]}"#);
        let run = place.run(args);
        assert_eq!(run.code, Some(1), "{args:?}: {}", run.stderr);
        assert!(run.stderr.contains(expected), "{args:?}: {}", run.stderr);
        assert!(!place.names().contains(&"a.covt".to_owned()));
    }
    for args in [
        &["encode", "a.geojson", "--tile", "3/8/0", "a.covt"][..],
        &["encode", "a.geojson", "--layer", "x", "a.covt"],
        &["decode", "a.covt", "--lines", "a.geojson"],
    ] {
        assert_eq!(place.run(args).code, Some(2), "{args:?}");
    }
    place.run(["encode", "a.geojson", "--tile", TILE, "a.covt"]).succeeds();
    let run = place.run(["decode", "a.covt", "b.geojson"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("--tile Z/X/Y must say"), "{}", run.stderr);
    let run = place.run(["decode", "a.covt", "--gzip", "--tile", TILE, "b.geojson"]);
    assert_eq!(run.code, Some(2));
}
