//! `covt encode` of tables.
#![cfg(feature = "arrow")]

use crate::support::Place;

const ROADS: &str = r#"{"type": "FeatureCollection", "features": [
    {"type": "Feature", "id": 7, "properties": {"names": {"primary": "Städtle", "common": {"en": "Town"}},
        "lanes": [{"width": 3.5, "tags": ["a", "b"]}, {"width": 3.25}]},
     "geometry": {"type": "LineString", "coordinates": [[9.52, 47.14, 455.5], [9.53, 47.15, 460], [9.54, 47.15, 465.25]]}},
    {"type": "Feature", "id": 8, "properties": {"names": {"primary": "Peter-Kaiser-Platz"}, "open": true},
     "geometry": {"type": "Point", "coordinates": [9.521, 47.141, 455]}}
]}"#;

const TILE: &str = "12/2156/1438";

fn features(text: &[u8]) -> Vec<serde_json::Value> {
    let text: serde_json::Value = serde_json::from_slice(text).unwrap();
    text["features"].as_array().unwrap().clone()
}

/// GeoJSON, a tile, a table and a tile again: what is nested is the same, and so are geometries.
#[test]
fn tables_become_tiles() {
    let place = Place::new();
    place.write("roads.geojson", ROADS);
    std::fs::create_dir_all(place.path("tiles/12/2156")).unwrap();
    let tile = format!("tiles/{TILE}.covt");
    place.run(["encode", "roads.geojson", "--tile", TILE, "--map", "names.common", &tile]).succeeds();
    place.run(["decode", &tile, "--tile", TILE, "once.geojson"]).succeeds();
    for table in ["roads.parquet", "roads.arrow"] {
        place.run(["export", "tiles", "--layer", "roads", "-o", table]).succeeds();
        let run = place.run(["encode", table, "--tile", TILE, "twice.covt", "--force"]).succeeds();
        assert!(
            run.stderr.contains(&format!("{table}: 2 of 2 rows lie in {TILE}: COVT of ")),
            "{}",
            run.stderr
        );
        place.run(["decode", "twice.covt", "--tile", TILE, "twice.geojson", "--force"]).succeeds();
        let (once, twice) = (features(&place.read("once.geojson")), features(&place.read("twice.geojson")));
        for (once, twice) in once.iter().zip(&twice) {
            assert_eq!((&once["id"], &once["geometry"]), (&twice["id"], &twice["geometry"]));
            assert_eq!(once["properties"]["names"], twice["properties"]["names"]);
            assert_eq!(once["properties"]["lanes"], twice["properties"]["lanes"]);
        }
    }
    // Another tile has nothing of it.
    let run = place.run(["encode", "roads.parquet", "--tile", "12/0/0", "none.covt"]).succeeds();
    assert!(run.stderr.contains("0 of 2 rows"), "{}", run.stderr);
}

#[test]
fn what_is_wrong_with_tables_is_told() {
    let place = Place::new();
    place.write("a.parquet", "PAR1");
    place.run(["encode", "a.parquet", "a.covt"]).fails(&["a.parquet is a table", "--tile"]);
    place
        .run(["encode", "a.parquet", "--tile", TILE, "a.covt"])
        .fails(&["a.parquet", "cannot read the table"]);
    place.write("a.arrow", "nothing");
    place
        .run(["encode", "a.arrow", "--tile", TILE, "a.covt"])
        .fails(&["neither a Parquet nor an Arrow IPC file"]);
    assert_eq!(place.names(), ["a.arrow", "a.parquet"]);
}
