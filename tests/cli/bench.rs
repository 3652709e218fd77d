//! `covt bench` and `covt tileset info`.

use std::fs;

use covt::tileset::{Reader, Selection, gzip};
use serde_json::Value;

use crate::support::{Place, mvt, write_mbtiles, write_pyramid};

#[test]
fn formats_are_compared_on_tiles_of_all_kinds() {
    let place = Place::new();
    write_pyramid(&place.path("a.mbtiles"), 2);
    place.run(["convert", "a.mbtiles", "b.pmtiles"]).succeeds();
    place.write("loose/one.mvt", mvt(1, 300));
    place.write("loose/more/14_5_6.pbf.gz", gzip(&mvt(2, 300)));
    place.write("single.mvt", mvt(3, 300));
    place.write("loose/README.md", "passed over");
    let args = ["bench", "--rounds", "1", "--html", "out.html", "--json", "out.json"];
    let inputs = ["a.mbtiles", "b.pmtiles", "loose", "single.mvt"];
    let run = place.run([&args[..], &inputs].concat()).succeeds();
    for part in [
        "Sizes of 45 tiles",
        "MVT + brotli",
        "COVT small + zstd",
        "Decoding all tiles",
        "Encoding all tiles",
        "layer 1",
    ] {
        assert!(run.text().contains(part), "no {part:?} in {}", run.text());
    }
    let json: Value = serde_json::from_slice(&place.read("out.json")).unwrap();
    let tiles = json["tiles"].as_array().unwrap();
    assert_eq!(tiles.len(), 45);
    let zoom = |name: &str| {
        let tile = tiles.iter().find(|tile| tile["name"].as_str().unwrap().ends_with(name)).unwrap();
        tile["zoom"].clone()
    };
    assert_eq!((zoom("14_5_6.pbf.gz"), zoom("one.mvt")), (14.into(), Value::Null));
    // The same tile from both tilesets, once as MVT and once as COVT.
    let sizes: Vec<_> =
        tiles.iter().filter(|tile| tile["name"] == "2/1/2").map(|tile| &tile["bytes"]).collect();
    assert_eq!((sizes.len(), sizes[0][4].clone()), (2, sizes[1][4].clone()));
    let html = String::from_utf8(place.read("out.html")).unwrap();
    assert!(html.starts_with("<!DOCTYPE html>") && html.contains("a.mbtiles, b.pmtiles, loose and 1 more"));

    place.run(["bench", "--html", "out.html", "a.mbtiles"]).fails(&["out.html exists already"]);
    let run = place.run(["bench", "--rounds", "0", "--tiles", "7", "--json", "-", "a.mbtiles"]).succeeds();
    let json: Value = serde_json::from_str(run.text()).unwrap();
    assert_eq!(json["tiles"].as_array().unwrap().len(), 7);
    assert!(json["tables"].as_array().unwrap().iter().all(|table| table["id"] != "decode"));
}

#[test]
fn what_cannot_be_compared_is_told() {
    let place = Place::new();
    fs::create_dir(place.path("empty")).unwrap();
    place.write("bad.mvt", "bad");
    place.run(["bench", "empty"]).fails(&["no tiles in empty"]);
    place.run(["bench", "missing"]).fails(&["missing"]);
    place.run(["bench", "bad.mvt"]).fails(&["tile bad.mvt as MVT"]);
}

#[test]
fn a_tileset_at_a_glance() {
    let place = Place::new();
    write_pyramid(&place.path("a.mbtiles"), 4);
    place.run(["convert", "a.mbtiles", "covt.pmtiles"]).succeeds();
    place.run(["convert", "--to", "mvt", "a.mbtiles", "folder"]).succeeds();
    let bytes = |name: &str| {
        let mut sum = 0;
        Reader::open(&place.path(name))
            .unwrap()
            .for_each_size(&Selection::default(), &mut |_, size| sum += size)
            .unwrap();
        sum
    };
    for (name, kind, format) in
        [("a.mbtiles", "MBTiles", "MVT"), ("covt.pmtiles", "PMTiles", "COVT"), ("folder", "folder", "MVT")]
    {
        let run = place.run(["tileset", "info", "--sample", "100", name]).succeeds();
        assert!(
            run.text().starts_with(&format!("{name}: {format} in {kind}, 341 tiles, ")),
            "{}",
            run.text()
        );
        for part in ["The largest tiles", "COVT small", "layer 2", "(geometry)", "name        test"] {
            assert!(run.text().contains(part), "no {part:?} in {}", run.text());
        }
        let run = place.run(["tileset", "info", "--json", name]).succeeds();
        let json: Value = serde_json::from_str(run.text()).unwrap();
        assert_eq!((json["tiles"].as_u64(), json["bytes"].as_u64()), (Some(341), Some(bytes(name))));
        // All tiles are in this sample, so nothing is estimated.
        let small = &json["estimates"]["total"]["covt_small"];
        assert_eq!(
            (small["bytes"].as_f64(), small["error"].as_f64()),
            (Some(bytes("covt.pmtiles") as f64), Some(0.0))
        );
        let columns = json["estimates"]["columns"].as_array().unwrap();
        let sum: f64 = columns.iter().map(|column| column["covt"]["bytes"].as_f64().unwrap()).sum();
        assert!((sum - bytes("covt.pmtiles") as f64).abs() <= columns.len() as f64, "{sum}");
        assert_eq!(json["largest"].as_array().unwrap().len(), 10);
    }
    let run = place.run(["tileset", "info", "--sample", "0", "a.mbtiles"]).succeeds();
    assert!(!run.text().contains("COVT"), "{}", run.text());
}

#[test]
fn a_sample_comes_close() {
    let place = Place::new();
    write_pyramid(&place.path("a.mbtiles"), 5);
    let total = |sample: &str| {
        let run = place.run(["tileset", "info", "--json", "--sample", sample, "a.mbtiles"]).succeeds();
        let json: Value = serde_json::from_str(run.text()).unwrap();
        let small = &json["estimates"]["total"]["covt_small"];
        (small["bytes"].as_f64().unwrap(), small["error"].as_f64().unwrap())
    };
    let (truth, none) = total("100000");
    let (estimate, error) = total("150");
    assert!(none.abs() < 0.5 && error > 0.0 && error < 0.05 * truth, "{error}");
    assert!((estimate - truth).abs() < 3.0 * error, "{estimate} ± {error}, truly {truth}");
}

#[test]
fn bad_tiles_are_told() {
    let place = Place::new();
    let coord = covt::TileCoord::new(0, 0, 0).unwrap();
    let other = covt::TileCoord::new(1, 0, 0).unwrap();
    write_mbtiles(
        &place.path("a.mbtiles"),
        &[("format", "pbf")],
        &[(coord, b"bad".to_vec()), (other, mvt(1, 1))],
    );
    let run = place.run(["tileset", "info", "a.mbtiles"]).succeeds();
    assert!(run.stderr.contains("bad tile 0/0/0: "), "{}", run.stderr);
    assert!(run.text().contains("1 tiles of the sample cannot be read"), "{}", run.text());
}
