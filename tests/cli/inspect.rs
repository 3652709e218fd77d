//! `covt inspect`.

use covt::{EncodeOptions, LayerBuilder, Value};
use serde_json::Value as Json;

use crate::support::{Place, mvt, write_pyramid};

/// A tile with all that can be shown: ids with gaps, points and lines, strings, numbers, nulls,
/// statistics.
fn tile(statistics: bool) -> Vec<u8> {
    let mut roads = LayerBuilder::new("roads");
    for number in 0..300i32 {
        let id = (number % 7 != 0).then_some(number as u64 * 3);
        let line = [[number, 2 * number], [number + 9, 40], [number * 13 % 4096, 7]];
        roads.feature(id, |geometry| geometry.line_string(&line)).unwrap();
        roads.property("class", Value::String(["primary", "path", "track"][number as usize % 3])).unwrap();
        if number % 5 > 0 {
            roads.property("layer", Value::Int(i64::from(number / 100) - 1)).unwrap();
        }
    }
    let mut places = LayerBuilder::new("pla\u{1b}ces");
    places.feature(None, |geometry| Ok(geometry.point(4, 5))).unwrap();
    places.property("name", Value::String("Vaduz")).unwrap();
    places.property("height", Value::Double(455.5)).unwrap();
    let options = EncodeOptions { statistics, ..EncodeOptions::default() };
    covt::encode(&[roads.finish().unwrap(), places.finish().unwrap()], &options).unwrap()
}

fn json(place: &Place, args: &[&str]) -> Json {
    let run = place.run([&["inspect", "--json"], args].concat()).succeeds();
    serde_json::from_slice(&run.stdout).unwrap()
}

fn numbers(object: &Json) -> u64 {
    object.as_object().unwrap().values().map(|number| number.as_u64().unwrap()).sum()
}

/// Checks that the fields of the tile itself cover `len` bytes, each once.
#[track_caller]
fn check_cover(json: &Json, len: usize) {
    let mut end = 0;
    for field in json["fields"].as_array().unwrap().iter().filter(|field| field["level"] == 0) {
        assert_eq!(field["offset"].as_u64(), Some(end), "{field}");
        end += field["bytes"].as_u64().unwrap();
    }
    assert_eq!(end, len as u64);
}

#[test]
fn why_a_tile_is_coded_as_it_is() {
    let place = Place::new();
    place.write("a.covt", tile(false));
    place.write("b.mvt", mvt(1, 300));
    let text = |args: &[&str]| place.run([&["inspect", "--why"], args].concat()).succeeds().text().to_owned();
    let small = text(&["a.covt"]);
    assert!(small.starts_with("a.covt, by an encoder of the profile small: a byte costs 4000 ns"), "{small}");
    for part in [
        "layer \"roads\"",
        "(ids): values",
        "class: text",
        "(geometry): vertices",
        "references",
        "zstd",
        " *",
        " %",
    ] {
        assert!(small.contains(part), "no {part:?} in {small}");
    }
    let fast = text(&["a.covt", "--profile", "fast", "--layer", "roads"]);
    assert!(
        fast.contains("a byte costs 3 ns, in nested properties 3;") && !fast.contains("(ids): values  zstd"),
        "{fast}"
    );
    assert_eq!(fast.matches("\nlayer ").count(), 1);
    assert!(text(&["b.mvt"]).contains("layer \"layer 1\""));
    assert_eq!(place.run(["inspect", "--profile", "fast", "a.covt"]).code, Some(2));
}

#[test]
fn a_covt_tile_as_text() {
    let place = Place::new();
    let tile = tile(false);
    place.write("a.covt", &tile);
    let run = place.run(["inspect", "a.covt"]).succeeds();
    let text = run.text();
    let head =
        format!("a.covt: COVT, layout directory, {} bytes\n2 layers, 301 features, 901 vertices", tile.len());
    assert!(text.replace(',', "").starts_with(&head.replace(',', "")), "{text}");
    for part in [
        "\nMVT with gzip ",
        "\nroads ",
        "\nlayer \"roads\": ",
        "300 LineString; 900 vertices",
        "\n  (ids) ",
        "\n    vertices ",
        "\n  class ",
        "\n  name ",
        "double: constant",
        "; extent 4096, version 2",
        "pla\\u{1b}ces",
    ] {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    assert!(!text.contains("statistics") && !text.contains('\u{1b}'), "{text}");
    assert!(text.lines().all(|line| line.trim_end() == line));
    assert!(run.stderr.is_empty());

    place.write("b.covt", self::tile(true));
    let run = place.run(["inspect", "b.covt"]).succeeds();
    for part in ["statistics", "-1 to 1", "\"path\" to \"track\", 3 distinct", "455.5\n"] {
        assert!(run.text().contains(part), "no {part:?} in {}", run.text());
    }
}

#[test]
fn a_covt_tile_as_json() {
    let place = Place::new();
    for statistics in [false, true] {
        let tile = tile(statistics);
        place.write("a.covt", &tile);
        let json = json(&place, &["a.covt", "--bytes"]);
        check_cover(&json, tile.len());
        assert_eq!((&json["format"], &json["bytes"]), (&"COVT".into(), &tile.len().into()));
        assert_eq!(numbers(&json["content"]), tile.len() as u64);
        let layers = json["layers"].as_array().unwrap();
        let in_layers: u64 = layers.iter().map(|layer| layer["bytes"].as_u64().unwrap()).sum();
        // A compact tile has the vertices of all layers in one place.
        let joint =
            if json["layout"] == "compact" { json["content"]["vertices"].as_u64().unwrap() } else { 0 };
        let directory = json["content"]["directory"].as_u64().unwrap();
        assert_eq!(in_layers + joint + directory, tile.len() as u64);
        for layer in layers {
            let columns = layer["columns"].as_array().unwrap();
            let streams = columns.iter().flat_map(|column| column["streams"].as_array().unwrap());
            let bytes: u64 = streams.map(|stream| stream["bytes"].as_u64().unwrap()).sum();
            assert_eq!((bytes, numbers(&layer["content"])), (layer["bytes"].as_u64().unwrap(), bytes));
        }
        let roads = &layers[0];
        assert_eq!((&roads["features"], &roads["geometries"]["LineString"]), (&300.into(), &300.into()));
        let column = |name: &str| {
            let mut columns = roads["columns"].as_array().unwrap().iter();
            columns.find(|column| column["name"] == name).unwrap().clone()
        };
        assert_eq!((&column("layer")["values"], &column("layer")["nulls"]), (&240.into(), &60.into()));
        let class = column("class");
        assert_eq!(class["kind"], "string dictionary");
        assert_eq!(class["streams"][2]["values"], "primarypathtrack".len());
        let expected = serde_json::json!({ "nulls": 60, "min": -1, "max": 1 });
        assert_eq!(column("layer").get("statistics"), statistics.then_some(&expected));
    }
    assert_eq!(json(&place, &["a.covt"]).get("fields"), None);
    let one = json(&place, &["a.covt", "--layer", "roads"]);
    assert_eq!(one["layers"].as_array().unwrap().len(), 1);
}

#[test]
fn an_mvt_tile() {
    let place = Place::new();
    let tile = mvt(1, 200);
    place.write("a.mvt", &tile);
    let run = place.run(["inspect", "a.mvt"]).succeeds();
    for part in
        ["a.mvt: MVT, ", "1 layer, 200 features, 200 vertices", "\nCOVT ", "200 Point", "feature heads"]
    {
        assert!(run.text().contains(part), "no {part:?} in {}", run.text());
    }
    let run = place.run(["inspect", "a.mvt", "--layer", "layer 1"]).succeeds();
    assert!(run.text().starts_with("layer \"layer 1\": ") && run.text().contains("1 key, 1 value\n"));

    let json = json(&place, &["a.mvt", "--bytes"]);
    check_cover(&json, tile.len());
    assert_eq!(numbers(&json["content"]), tile.len() as u64);
    let layer = &json["layers"][0];
    assert_eq!((&layer["name"], &layer["keys"], &layer["values"]), (&"layer 1".into(), &1.into(), &1.into()));
    assert_eq!((&layer["content"]["tags"], &layer["bytes"]), (&800.into(), &tile.len().into()));
}

#[test]
fn every_byte_as_text() {
    let place = Place::new();
    let covt = tile(true);
    for (name, tile) in [("a.covt", &covt), ("a.mvt", &mvt(2, 30))] {
        place.write(name, tile);
        let run = place.run(["inspect", "--bytes", name]).succeeds();
        let mut end = 0;
        for line in run.text().lines().skip(1) {
            let mut words = line.split_whitespace();
            // Headings of streams start with a word, compressed content with a plus sign.
            if let Ok(offset) = words.next().unwrap().replace('+', "inner").parse::<usize>() {
                let bytes: usize = words.next().unwrap().parse().unwrap();
                let first = format!("{:02x}", tile[offset]);
                assert_eq!((offset, words.next()), (end, Some(first.as_str())), "{line}");
                end += bytes;
            }
        }
        assert_eq!(end, tile.len(), "{}", run.text());
        assert!(!run.text().contains('\u{1b}'));
    }
    let run = place.run(["inspect", "--bytes", "a.covt"]).succeeds();
    for part in ["tile layout: ", "layer name: \"roads\"", "layer \"roads\", column \"layer\": present, "] {
        assert!(run.text().contains(part), "no {part:?} in {}", run.text());
    }
}

#[test]
fn wrapped_tiles_pipes_and_empty_tiles() {
    let place = Place::new();
    for tile in [tile(false), mvt(3, 50)] {
        let plain = place.feed(["inspect", "-"], &tile).succeeds();
        assert!(plain.text().starts_with("standard input: "));
        let zstd = zstd::bulk::compress(&tile, 3).unwrap();
        for (name, stored) in [("gzip", covt::tileset::gzip(&tile)), ("zstd", zstd)] {
            let run = place.feed(["inspect", "-"], &stored).succeeds();
            let note = format!(" (stored with {name} in {})", stored.len());
            assert_eq!(run.text().replace(',', "").replace(&note, ""), plain.text().replace(',', ""));
        }
    }
    for args in [&["inspect", "-"][..], &["inspect", "-", "--bytes"]] {
        place.feed(args, &[]).succeeds();
    }
    let run = place.feed(["inspect", "-"], &[]).succeeds();
    assert!(run.text().contains("MVT, 0 bytes\n0 layers"), "{}", run.text());
    let empty = covt::encode(&[], &EncodeOptions::default()).unwrap();
    let run = place.feed(["inspect", "-"], &empty).succeeds();
    assert!(run.text().contains("0 layers, 0 features"), "{}", run.text());
}

#[test]
fn tiles_of_tilesets() {
    let place = Place::new();
    let tiles = write_pyramid(&place.path("a.mbtiles"), 3);
    place.run(["convert", "a.mbtiles", "b"]).succeeds();
    let (coord, _) = &tiles[37];
    let at = coord.to_string();
    let run = place.run(["inspect", "a.mbtiles", &at]).succeeds();
    assert!(run.text().starts_with(&format!("tile {at} of a.mbtiles: MVT, ")), "{}", run.text());
    assert!(run.text().contains("stored with gzip in "), "{}", run.text());
    let run = place.run(["inspect", "b", &at]).succeeds();
    assert!(run.text().starts_with(&format!("tile {at} of b: COVT, ")), "{}", run.text());
}

#[test]
fn what_cannot_be_inspected_is_told() {
    let place = Place::new();
    let tile = tile(false);
    place.write("a.covt", &tile);
    place.write("cut.covt", &tile[..tile.len() - 1]);
    place.write("front.covt", &tile[..9]);
    place.write("text", "hello");
    place.write("cut.mvt", &mvt(1, 9)[..40]);
    write_pyramid(&place.path("a.mbtiles"), 2);

    place.run(["inspect", "missing"]).fails(&["missing", "No such file"]);
    place.run(["inspect", "cut.covt"]).fails(&["cannot read cut.covt as COVT", "bytes"]);
    place.run(["inspect", "front.covt"]).fails(&["cannot read front.covt as COVT"]);
    place.run(["inspect", "text"]).fails(&["text is neither a COVT tile nor an MVT tile"]);
    place.run(["inspect", "cut.mvt"]).fails(&["cannot read cut.mvt as MVT"]);
    place
        .run(["inspect", "a.covt", "--layer", "sea"])
        .fails(&["a.covt has no layer \"sea\", only roads, pla"]);
    place.run(["inspect", "a.mbtiles"]).fails(&["a tileset, not a tile; name one of its tiles"]);
    place.run(["inspect", "."]).fails(&[". is a folder; name one of its tiles"]);
    place.run(["inspect", "a.mbtiles", "3/1/1"]).fails(&["there is no tile 3/1/1 in a.mbtiles"]);
    place.run(["inspect", "a.covt", "3/1/1"]).fails(&["a.covt", "not an MBTiles file"]);
    place.run(["inspect", "-", "3/1/1"]).fails(&["standard input is read as a tile"]);
    for (at, what) in
        [("3/8/0", "from 0 to 7"), ("31/0/0", "deepest zoom is 30"), ("3/1", "not of the form z/x/y")]
    {
        let run = place.run(["inspect", "a.mbtiles", at]);
        assert_eq!(run.code, Some(2));
        assert!(run.stderr.contains(at) && run.stderr.contains(what), "{}", run.stderr);
    }
}
