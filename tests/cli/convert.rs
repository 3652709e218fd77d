//! `covt convert` on tilesets as they are.

use std::fs;
use std::path::{Path, PathBuf};

use covt::tileset::{Compression, Reader, decompress, gzip};
use covt::{Budget, Reordering};
use rusqlite::Connection;

use crate::support::{
    JSON, Place, assert_same, metadata, mvt, pyramid, read_metadata, write_mbtiles, write_pyramid,
};

#[test]
fn mbtiles_there_and_back() {
    let place = Place::new();
    let tiles = write_pyramid(&place.path("a.mbtiles"), 4);
    let run = place.run(["convert", "--verify", "a.mbtiles", "b.mbtiles"]).succeeds();
    assert!(run.text().starts_with("MVT to COVT: 341 tiles"), "{}", run.text());
    assert!(run.text().contains("verified every tile"), "{}", run.text());
    let run = place.run(["convert", "--verify", "b.mbtiles", "c.mbtiles"]).succeeds();
    assert!(run.text().starts_with("COVT to MVT: 341 tiles"), "{}", run.text());
    assert_eq!(place.names(), ["a.mbtiles", "b.mbtiles", "c.mbtiles"]);

    let (there, back) = (Reader::open(&place.path("b.mbtiles")), Reader::open(&place.path("c.mbtiles")));
    let (there, back) = (there.unwrap(), back.unwrap());
    assert_eq!(back.count().unwrap(), Some(tiles.len() as u64));
    for (coord, tile) in tiles {
        let covt = there.tile(coord).unwrap().unwrap();
        assert_eq!(covt[0], 0xC1, "stored as it is");
        assert_same(&tile, &covt::mvt::from_covt(&covt, &mut Budget::default()).unwrap());
        let stored = back.tile(coord).unwrap().unwrap();
        assert_eq!(Compression::of(&stored), Compression::Gzip);
        assert_same(&tile, &decompress(&stored).unwrap());
    }
}

#[test]
fn mvt_in_another_order() {
    let place = Place::new();
    let tiles = write_pyramid(&place.path("a.mbtiles"), 2);
    let mut sizes = Vec::new();
    for sort in ["none", "hilbert", "auto"] {
        let run = place.run([
            "convert",
            "--force",
            "--verify",
            "--to",
            "mvt",
            "--sort",
            sort,
            "a.mbtiles",
            "b.mbtiles",
        ]);
        assert!(run.succeeds().text().contains("verified every tile"));
        let sorted = Reader::open(&place.path("b.mbtiles")).unwrap();
        let stored = |coord| sorted.tile(coord).unwrap().unwrap();
        sizes.push(tiles.iter().map(|(coord, _)| stored(*coord).len()).collect::<Vec<_>>());
        let moved = tiles.iter().filter(|(coord, tile)| {
            let reordering = Reordering { features: true, parts: false };
            let sorted = decompress(&stored(*coord)).unwrap().into_owned();
            covt::mvt::compare_reordered(tile, &sorted, reordering).unwrap();
            covt::mvt::compare(tile, &sorted).is_err()
        });
        assert_eq!(moved.count() > 0, sort != "none", "--sort {sort}");
    }
    for (number, auto) in sizes[2].iter().enumerate() {
        assert!(*auto <= sizes[1][number] && *auto <= sizes[0][number]);
    }
}

#[test]
fn tiles_in_another_order_are_verified() {
    let place = Place::new();
    write_pyramid(&place.path("a.mbtiles"), 2);
    for sort in ["id", "hilbert", "auto"] {
        let args = ["convert", "--force", "--verify", "--sort", sort, "--reorder-parts"];
        let run = place.run([&args[..], &["a.mbtiles", "b.mbtiles"]].concat()).succeeds();
        assert!(run.text().contains("verified every tile"), "{}", run.text());
        place.run([&args[..], &["b.mbtiles", "c.mbtiles"]].concat()).succeeds();
    }
}

#[test]
fn metadata_stays_but_for_what_changes() {
    let place = Place::new();
    let mut written = metadata();
    written.extend([("agg_tiles_hash", "00"), ("compression", "gzip"), ("zebra", "ü")]);
    write_mbtiles(&place.path("a.mbtiles"), &written, &[(pyramid(0)[0].0, mvt(0, 1))]);
    place.run(["convert", "a.mbtiles", "b.mbtiles"]).succeeds();
    place.run(["convert", "b.mbtiles", "c.mbtiles"]).succeeds();
    let expected = |format: &str, more: &[(&str, &str)]| {
        let rows = [
            &[
                ("name", "test"),
                ("format", format),
                ("bounds", "-180,-85,180,85"),
                ("json", "…"),
                ("minzoom", "0"),
            ],
            &[("zebra", "ü"), ("maxzoom", "0")][..],
            more,
        ];
        rows.concat().iter().map(|(name, value)| (name.to_string(), value.to_string())).collect::<Vec<_>>()
    };
    let shortened = |name: &str| {
        let mut rows = read_metadata(&place.path(name));
        let row = rows.iter_mut().find(|(name, _)| name == "json").unwrap();
        let json: serde_json::Value =
            serde_json::from_str(&std::mem::replace(&mut row.1, "…".into())).unwrap();
        let source: serde_json::Value = serde_json::from_str(JSON).unwrap();
        assert_eq!(json["vector_layers"], source["vector_layers"]);
        // In COVT these are all layers and columns, and it is said.
        let complete = (name == "b.mbtiles").then(|| serde_json::json!({"complete": true}));
        assert_eq!(json.get("covt"), complete.as_ref());
        // What was missing.
        assert_eq!(json["tilestats"]["layers"][0]["attributes"][0]["values"][0], "value 0");
        rows
    };
    assert_eq!(shortened("b.mbtiles"), expected("application/vnd.covt", &[]));
    assert_eq!(shortened("c.mbtiles"), expected("pbf", &[("compression", "gzip")]));
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    let place = Place::new();
    write_pyramid(&place.path("a.mbtiles"), 5);
    for jobs in ["1", "2", "5"] {
        place.run(["convert", "-j", jobs, "a.mbtiles", &format!("{jobs}.mbtiles")]).succeeds();
    }
    let one = place.read("1.mbtiles");
    assert!(one == place.read("2.mbtiles") && one == place.read("5.mbtiles"));
}

#[test]
fn folders_there_and_back() {
    let place = Place::new();
    let tiles = write_pyramid(&place.path("a.mbtiles"), 3);
    place.run(["convert", "a.mbtiles", "covt"]).succeeds();
    place.run(["convert", "covt", "mvt/"]).succeeds();
    place.run(["convert", "mvt", "b.mbtiles"]).succeeds();
    assert_eq!(place.names(), ["a.mbtiles", "b.mbtiles", "covt", "mvt"]);
    let text = fs::read_to_string(place.path("covt/metadata.json")).unwrap();
    assert!(text.contains(r#""format": "application/vnd.covt""#), "{text}");
    for (coord, tile) in &tiles {
        assert_eq!(place.read(&format!("covt/{coord}.covt"))[0], 0xC1);
        assert_same(tile, &place.read(&format!("mvt/{coord}.mvt")));
    }
    // The folder went by the north, MBTiles go by the south; the tiles are the same.
    place.run(["convert", "a.mbtiles", "direct.mbtiles"]).succeeds();
    let (direct, around) =
        (Reader::open(&place.path("direct.mbtiles")), Reader::open(&place.path("b.mbtiles")));
    let (direct, around) = (direct.unwrap(), around.unwrap());
    assert_eq!(direct.metadata(), around.metadata());
    for (coord, _) in &tiles {
        assert_eq!(direct.tile(*coord).unwrap(), around.tile(*coord).unwrap());
    }
}

#[test]
fn folders_as_others_write_them() {
    let place = Place::new();
    let tile = mvt(0, 20);
    place.write("tiles/0/0/0.pbf", gzip(&tile));
    place.write("tiles/1/0/1.mvt.gz", gzip(&tile));
    place.write("tiles/1/1/0.mvt.zst", zstd::bulk::compress(&tile, 3).unwrap());
    place.write("tiles/1/1/1.mvt", &tile);
    place.write("tiles/.DS_Store", "");
    place.write("tiles/1/index.html", "");
    let run = place.run(["convert", "tiles", "out.mbtiles"]).succeeds();
    assert!(run.text().contains("COVT: 4 tiles"), "{}", run.text());
    assert!(!run.text().contains("with gzip"), "not known for every tile: {}", run.text());
    let run = place.run(["convert", "--gzip-size", "--force", "tiles", "out.mbtiles"]).succeeds();
    let gzip_bytes = 4 * gzip(&tile).len();
    assert!(run.text().contains(&format!("{gzip_bytes} with gzip")), "{}", run.text());
    let quiet = place.run(["convert", "--quiet", "--force", "tiles", "out.mbtiles"]).succeeds();
    assert_eq!((quiet.text(), quiet.stderr.as_str()), ("", ""));
}

#[test]
fn mbtiles_with_views_and_without_an_index() {
    let place = Place::new();
    let tiles = pyramid(3);
    let mut connection = Connection::open(place.path("view.mbtiles")).unwrap();
    let connection = connection.transaction().unwrap();
    connection
        .execute_batch(
            "CREATE TABLE info (name TEXT, value TEXT);
             INSERT INTO info VALUES ('name', 'n');
             CREATE VIEW metadata AS SELECT * FROM info;
             CREATE TABLE map (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_id TEXT);
             CREATE TABLE images (tile_data BLOB, tile_id TEXT);
             CREATE VIEW tiles AS SELECT zoom_level, tile_column, tile_row, tile_data
                FROM map JOIN images ON images.tile_id = map.tile_id;",
        )
        .unwrap();
    // In no order, so that the order of the output is not that of the rows.
    for (number, (coord, tile)) in tiles.iter().enumerate().rev() {
        let row = (coord.z(), coord.x(), coord.tms_row(), number.to_string());
        connection.execute("INSERT INTO map VALUES (?, ?, ?, ?)", row).unwrap();
        connection.execute("INSERT INTO images VALUES (?, ?)", (tile, number.to_string())).unwrap();
    }
    connection.commit().unwrap();
    write_mbtiles(&place.path("table.mbtiles"), &[("name", "n")], &tiles);
    place.run(["convert", "view.mbtiles", "a.mbtiles"]).succeeds();
    place.run(["convert", "table.mbtiles", "b.mbtiles"]).succeeds();
    assert!(place.read("a.mbtiles") == place.read("b.mbtiles"));
}

#[test]
fn a_database_in_wal_mode() {
    let place = Place::new();
    write_pyramid(&place.path("a.mbtiles"), 2);
    let writer = Connection::open(place.path("a.mbtiles")).unwrap();
    writer.pragma_update(None, "journal_mode", "WAL").unwrap();
    // In the log only, as long as this connection is open.
    writer.execute("DELETE FROM tiles WHERE zoom_level = 2", []).unwrap();
    let run = place.run(["convert", "a.mbtiles", "b.mbtiles"]).succeeds();
    assert!(run.text().contains("COVT: 5 tiles"), "{}", run.text());
}

#[test]
fn empty_tilesets_and_empty_tiles() {
    let place = Place::new();
    write_mbtiles(&place.path("none.mbtiles"), &[("format", "pbf")], &[]);
    place.run(["convert", "none.mbtiles", "out.mbtiles"]).succeeds();
    assert_eq!(Reader::open(&place.path("out.mbtiles")).unwrap().count().unwrap(), Some(0));
    write_mbtiles(&place.path("unknown.mbtiles"), &[], &[]);
    place.run(["convert", "unknown.mbtiles", "x.mbtiles"]).fails(&["holds no tiles"]);

    let coord = pyramid(0)[0].0;
    write_mbtiles(&place.path("empty.mbtiles"), &[], &[(coord, Vec::new())]);
    place.run(["convert", "empty.mbtiles", "a.mbtiles"]).succeeds();
    place.run(["convert", "a.mbtiles", "b.mbtiles"]).succeeds();
    let stored = Reader::open(&place.path("b.mbtiles")).unwrap().tile(coord).unwrap().unwrap();
    assert!(decompress(&stored).unwrap().is_empty());
}

fn corpus() -> PathBuf {
    match std::env::var_os("COVT_CORPUS") {
        Some(path) => path.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
    }
}

#[test]
fn a_real_country() {
    let input = corpus().join("tilesets/liechtenstein.mbtiles");
    if !input.exists() {
        println!("skipped: no corpus at {}", corpus().display());
        return;
    }
    let place = Place::new();
    let input = input.to_str().unwrap();
    for args in
        [["--verify", input, "a.mbtiles"], ["--verify", "a.mbtiles", "b"], ["--quiet", "b", "c.mbtiles"]]
    {
        place.run(["convert"].iter().chain(&args)).succeeds();
    }
    let (source, result) =
        (Reader::open(input.as_ref()).unwrap(), Reader::open(&place.path("c.mbtiles")).unwrap());
    assert_eq!((source.count().unwrap(), result.count().unwrap()), (Some(179), Some(179)));
    // What the source tells of its layers, and columns that it does not tell of.
    let layers = [&source, &result].map(|reader| reader.metadata().described("vector_layers").unwrap());
    let [told, all] = layers.each_ref().map(|layers| layers.as_array().unwrap());
    let mut more = 0;
    for (told, all) in told.iter().zip(all) {
        let [fields, of_all] = [told, all].map(|layer| layer["fields"].as_object().unwrap());
        assert!(fields.iter().all(|(name, kind)| of_all[name] == *kind) && told["id"] == all["id"]);
        more += of_all.len() - fields.len();
    }
    assert_eq!((told.len(), more), (all.len(), 5));
    // The layers that occur; the source tells of one more.
    assert_eq!(result.metadata().described("tilestats").unwrap()["layerCount"], 15);
    let first = covt::TileCoord::new(0, 0, 0).unwrap();
    let tile = result.tile(first).unwrap().unwrap();
    let tile = covt::mvt::from_covt(&tile, &mut Budget::default()).unwrap();
    assert_same(&decompress(&source.tile(first).unwrap().unwrap()).unwrap(), &tile);
}
