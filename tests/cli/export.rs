//! `covt export`.
#![cfg(feature = "arrow")]

use crate::support::{Place, write_pyramid};

#[test]
fn the_same_table_of_either_format() {
    let place = Place::new();
    write_pyramid(&place.path("a.mbtiles"), 4);
    place.run(["convert", "a.mbtiles", "b.pmtiles"]).succeeds();
    let zoom = ["--layer", "layer 1", "--zoom", "4"];
    for (input, output) in [
        ("a.mbtiles", "a.parquet"),
        ("b.pmtiles", "b.parquet"),
        ("a.mbtiles", "a.arrow"),
        ("b.pmtiles", "b.arrow"),
        ("a.mbtiles", "a.geojsonl"),
        ("b.pmtiles", "b.geojsonl"),
    ] {
        let run = place.run([&["export", input, "-o", output][..], &zoom].concat()).succeeds();
        assert!(
            run.text().contains("rows of 256 tiles") && run.text().contains("z, x, y, id"),
            "{}",
            run.text()
        );
    }
    assert!(place.read("a.parquet") == place.read("b.parquet"));
    assert!(place.read("a.arrow") == place.read("b.arrow"));
    assert!(place.read("a.geojsonl") == place.read("b.geojsonl"));
    let lines = String::from_utf8(place.read("a.geojsonl")).unwrap();
    for line in lines.lines() {
        let feature: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(feature["properties"]["z"], 4);
        assert_eq!(feature["geometry"]["type"], "Point");
    }
    assert!(place.read("a.parquet").starts_with(b"PAR1") && place.read("a.arrow").starts_with(b"ARROW1"));
    place.run(["export", "a.mbtiles", "--layer", "layer 1", "-o", "a.parquet"]).fails(&["exists already"]);
}

#[test]
fn what_goes_wrong_is_told() {
    let place = Place::new();
    write_pyramid(&place.path("a.mbtiles"), 2);
    place
        .run(["export", "a.mbtiles", "--layer", "roads", "-o", "a.parquet"])
        .fails(&["has a layer \"roads\"", "layer 1"]);
    place.run(["export", "a.mbtiles", "--layer", "layer 1", "-o", "a.csv"]).fails(&["--format"]);
    let metres = ["--crs", "mercator", "-o", "a.geojsonl"];
    place.run([&["export", "a.mbtiles", "--layer", "layer 1"][..], &metres].concat()).fails(&["in degrees"]);
    place.run(["export", "b.mbtiles", "--layer", "layer 1", "-o", "a.parquet"]).fails(&["b.mbtiles"]);
    assert_eq!(place.names(), ["a.mbtiles"]);
}
