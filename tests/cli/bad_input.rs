//! `covt convert` on input that is not what it should be: a clear error, and no output.

use std::fs;

use covt::TileCoord;
use covt::tileset::{brotli, gzip};
use rusqlite::Connection;

use crate::support::{Place, Run, metadata, mvt, pyramid, write_mbtiles, write_pyramid};

fn convert(place: &Place, input: &str) -> Run {
    let before = place.names();
    let run = place.run(["convert", input, "out.mbtiles"]);
    assert_eq!(place.names(), before, "{}", run.stderr);
    run
}

#[test]
fn files_that_are_no_tilesets() {
    let place = Place::new();
    place.write("empty", "");
    place.write("text", "z/x/y");
    place.write("a.pmtiles", "PMTiles\x03 and so on");
    place.write("a.mvt", mvt(0, 10));
    fs::create_dir(place.path("folder.mbtiles")).unwrap();
    Connection::open(place.path("other.db")).unwrap().execute_batch("CREATE TABLE a (b)").unwrap();
    Connection::open(place.path("half.db"))
        .unwrap()
        .execute_batch("CREATE TABLE metadata (name, value); CREATE TABLE tiles (a, b)")
        .unwrap();

    convert(&place, "missing").fails(&["missing", "No such file"]);
    convert(&place, "empty").fails(&["empty: is empty"]);
    convert(&place, "text").fails(&["text", "not an SQLite database"]);
    convert(&place, "a.pmtiles").fails(&["a.pmtiles", "is cut off within its header"]);
    convert(&place, "a.mvt").fails(&["a.mvt", "not an MBTiles file"]);
    convert(&place, "folder.mbtiles").fails(&["folder.mbtiles", "holds no tiles"]);
    convert(&place, "other.db").fails(&["no readable table or view metadata(name, value)"]);
    convert(&place, "half.db").fails(&["no readable table or view tiles("]);
}

#[test]
fn mbtiles_cut_off_anywhere() {
    let place = Place::new();
    write_pyramid(&place.path("whole.mbtiles"), 3);
    let whole = place.read("whole.mbtiles");
    for len in [1, 15, 16, 50, 99, 100, 4095, 4096, whole.len() / 2, whole.len() - 1] {
        place.write("cut.mbtiles", &whole[..len]);
        convert(&place, "cut.mbtiles").fails(&["cut.mbtiles"]);
        if len >= 100 {
            convert(&place, "cut.mbtiles").fails(&["is cut off", &len.to_string()]);
        }
    }
}

#[test]
fn mbtiles_with_a_page_overwritten() {
    let place = Place::new();
    write_pyramid(&place.path("a.mbtiles"), 4);
    let whole = place.read("a.mbtiles");
    for page in 1..whole.len() / 4096 {
        let mut bytes = whole.clone();
        bytes[page * 4096..][..4096].fill(0xA5);
        place.write("a.mbtiles", bytes);
        let run = place.run(["convert", "a.mbtiles", "out.mbtiles"]);
        // Whatever lay in that page, there is an error and nothing else.
        run.fails(&["a.mbtiles"]);
        assert_eq!(place.names(), ["a.mbtiles"]);
    }
}

#[test]
fn tiles_in_other_formats() {
    let place = Place::new();
    write_mbtiles(&place.path("a.mbtiles"), &[("format", "png")], &[]);
    convert(&place, "a.mbtiles").fails(&["a.mbtiles", "its tiles are png, neither MVT nor COVT nor MLT"]);
}

#[test]
fn brotli_is_believed_where_it_is_told() {
    let place = Place::new();
    let tiles = pyramid(2);
    let stored: Vec<_> = tiles.iter().map(|(coord, tile)| (*coord, brotli(tile))).collect();
    write_mbtiles(&place.path("a.mbtiles"), &[("format", "pbf"), ("compression", "br")], &stored);
    let run = place.run(["convert", "a.mbtiles", "b.mbtiles"]).succeeds();
    assert!(run.text().contains("COVT: 21 tiles"), "{}", run.text());
    for (coord, tile) in &stored {
        place.write(&format!("tiles/{coord}.pbf.br"), tile);
    }
    place.run(["convert", "tiles", "c.mbtiles"]).succeeds();
    let read = |name| covt::tileset::Reader::open(&place.path(name)).unwrap();
    let (one, other) = (read("b.mbtiles"), read("c.mbtiles"));
    for (coord, _) in &tiles {
        assert_eq!(one.tile(*coord).unwrap().unwrap(), other.tile(*coord).unwrap().unwrap());
    }
    write_mbtiles(&place.path("untold.mbtiles"), &[("format", "pbf")], &stored);
    place.run(["convert", "untold.mbtiles", "out.mbtiles"]).fails(&["tile 0/0/0 of untold.mbtiles"]);
}

#[test]
fn a_bad_metadata_json() {
    let place = Place::new();
    place.write("tiles/0/0/0.mvt", mvt(0, 1));
    place.write("tiles/metadata.json", "{");
    convert(&place, "tiles").fails(&["metadata.json", "JSON"]);
}

/// The pyramid with the tile at `at` replaced.
fn with_bad_tile(place: &Place, at: usize, bad: Vec<u8>) -> TileCoord {
    let mut tiles = pyramid(3);
    tiles[at].1 = bad;
    write_mbtiles(&place.path("a.mbtiles"), &metadata(), &tiles);
    tiles[at].0
}

#[test]
fn a_corrupt_tile_in_the_middle_is_named() {
    let good = mvt(0, 100);
    let mut broken_gzip = gzip(&good);
    broken_gzip[30] ^= 0xFF;
    let bad_tiles = [
        (good[..good.len() - 1].to_vec(), "cannot be encoded"),
        (gzip(&good[..good.len() - 1]), "cannot be encoded"),
        (broken_gzip, "cannot unpack the gzip compressed tile"),
        (b"not a tile".to_vec(), "cannot be encoded"),
        (vec![0xC1, 0], "is a COVT tile where MVT is expected"),
        (gzip(&vec![0; (64 << 20) + 1]), "limit of 64 MiB"),
    ];
    for (bad, reason) in bad_tiles {
        let place = Place::new();
        let coord = with_bad_tile(&place, 40, bad);
        let run = convert(&place, "a.mbtiles").fails(&[&format!("tile {coord} of a.mbtiles"), reason]);
        assert!(run.stderr.contains("hint: --skip-bad"), "{}", run.stderr);
    }
}

#[test]
fn the_first_bad_tile_is_the_one_named() {
    let place = Place::new();
    let mut tiles = pyramid(5);
    for at in [700, 300, 900] {
        tiles[at].1 = b"bad".to_vec();
    }
    write_mbtiles(&place.path("a.mbtiles"), &metadata(), &tiles);
    for jobs in ["1", "2", "7"] {
        place
            .run(["convert", "--jobs", jobs, "a.mbtiles", "out.mbtiles"])
            .fails(&[&format!("tile {} of", tiles[300].0)]);
    }
}

#[test]
fn bad_tiles_are_skipped_and_listed() {
    let place = Place::new();
    let mut tiles = pyramid(4);
    let bad: Vec<usize> = (10..310).step_by(10).collect();
    for &at in &bad {
        tiles[at].1 = b"bad".to_vec();
    }
    write_mbtiles(&place.path("a.mbtiles"), &metadata(), &tiles);
    let run =
        place.run(["convert", "--skip-bad", "--bad-list", "bad.txt", "a.mbtiles", "out.mbtiles"]).succeeds();
    assert!(run.text().contains("; 30 bad tiles left out"), "{}", run.text());
    let shown = bad.iter().filter(|&&at| run.stderr.contains(&format!("left out {}: ", tiles[at].0)));
    assert_eq!(shown.count(), 20, "{}", run.stderr);
    assert!(run.stderr.contains("left out 10 more"), "{}", run.stderr);

    let list = String::from_utf8(place.read("bad.txt")).unwrap();
    let mut listed: Vec<_> = list.lines().map(|line| line.split_once('\t').unwrap().0.to_owned()).collect();
    let mut expected: Vec<_> = bad.iter().map(|&at| tiles[at].0.to_string()).collect();
    listed.sort();
    expected.sort();
    assert_eq!(listed, expected);

    let reader = covt::tileset::Reader::open(&place.path("out.mbtiles")).unwrap();
    assert_eq!(reader.count().unwrap(), Some(tiles.len() as u64 - 30));
    for (at, (coord, _)) in tiles.iter().enumerate() {
        assert_eq!(reader.tile(*coord).unwrap().is_some(), !bad.contains(&at), "{coord}");
    }

    let run = place.run(["convert", "--skip-bad", "--bad-list", "bad.txt", "a.mbtiles", "again.mbtiles"]);
    run.fails(&["bad.txt exists already; --force replaces it"]);
    assert!(!place.path("again.mbtiles").exists());
}

#[test]
fn a_tileset_of_bad_tiles_only_is_an_error() {
    let place = Place::new();
    place.write("tiles/0/0/0.mvt", "bad");
    let run = place.run(["convert", "--skip-bad", "tiles", "out.mbtiles"]);
    run.fails(&["none of the 1 tiles of tiles is good"]);
    assert_eq!(place.names(), ["tiles"]);
}

#[test]
fn rows_that_are_no_tiles() {
    let place = Place::new();
    let connection = Connection::open(place.path("a.mbtiles")).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE metadata (name, value);
             CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data);
             INSERT INTO tiles VALUES (0, 0, 1, x''), (-1, 0, 0, x''), ('a', 0, 0, x''), (1, NULL, 0, x''),
                (31, 0, 0, x''), (1, 0, 0, NULL), (1, 0, 1, 5), (1, 1, 1, x''), (1, 1, 1, x''), (0, 0, 0, x'');",
        )
        .unwrap();
    drop(connection);
    let run = place.run(["convert", "--skip-bad", "a.mbtiles", "out.mbtiles"]).succeeds();
    assert!(run.text().contains(" 2 tiles in"), "{}", run.text());
    for part in [
        "left out at zoom -1, column 0, TMS row 0: there is no such tile",
        "left out at zoom 0, column 0, TMS row 1: there is no such tile",
        "left out at zoom 1, column NULL, TMS row 0: there is no such tile",
        "left out at zoom 31, column 0, TMS row 0: there is no such tile",
        "left out at zoom a, column 0, TMS row 0: there is no such tile",
        "left out 1/0/1: its data is not a blob but Null",
        "left out 1/0/0: its data is not a blob but Integer",
        "left out 1/1/0: occurs twice",
    ] {
        assert!(run.stderr.contains(part), "no {part:?} in {}", run.stderr);
    }
}
