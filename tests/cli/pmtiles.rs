//! PMTiles in and out.

use covt::tileset::{Compression, Reader, brotli, decompress, gzip};
use covt::{Budget, TileCoord};
use serde_json::Value;

use crate::support::{
    Place, assert_same, metadata, mvt, pyramid, write_leaves, write_mbtiles, write_pmtiles, write_pyramid,
};

fn u64_at(bytes: &[u8], at: usize) -> usize {
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()) as usize
}

/// The JSON of an archive.
fn json(archive: &[u8]) -> Value {
    let (offset, length) = (u64_at(archive, 24), u64_at(archive, 32));
    serde_json::from_slice(&decompress(&archive[offset..offset + length]).unwrap()).unwrap()
}

#[test]
fn there_and_back() {
    let place = Place::new();
    let tiles = write_pyramid(&place.path("a.mbtiles"), 4);
    place.run(["convert", "--verify", "a.mbtiles", "b.pmtiles"]).succeeds();
    let run = place.run(["convert", "--verify", "b.pmtiles", "c.pmtiles"]).succeeds();
    assert!(run.text().starts_with("COVT to MVT: 341 tiles"), "{}", run.text());
    let (there, back) = (Reader::open(&place.path("b.pmtiles")), Reader::open(&place.path("c.pmtiles")));
    let (there, back) = (there.unwrap(), back.unwrap());
    assert_eq!((there.count().unwrap(), there.kind()), (Some(341), "PMTiles"));
    for (coord, tile) in &tiles {
        let covt = there.tile(*coord).unwrap().unwrap();
        assert_same(tile, &covt::mvt::from_covt(&covt, &mut Budget::default()).unwrap());
        let stored = back.tile(*coord).unwrap().unwrap();
        assert_eq!(Compression::of(&stored), Compression::Gzip);
        assert_same(tile, &decompress(&stored).unwrap());
    }
    assert_eq!(there.tile(TileCoord::new(5, 0, 0).unwrap()).unwrap(), None);
    // By way of a folder and MBTiles everything is as it was, metadata too.
    place.run(["convert", "--to", "covt", "b.pmtiles", "d"]).succeeds();
    place.run(["convert", "--to", "covt", "d", "e.mbtiles"]).succeeds();
    place.run(["convert", "--to", "covt", "e.mbtiles", "b2.pmtiles"]).succeeds();
    assert!(place.read("b.pmtiles") == place.read("b2.pmtiles"));
}

#[test]
fn the_header_says_what_there_is() {
    let place = Place::new();
    write_pyramid(&place.path("a.mbtiles"), 3);
    place.run(["convert", "a.mbtiles", "covt.pmtiles"]).succeeds();
    place.run(["convert", "--to", "mvt", "a.mbtiles", "mvt.pmtiles"]).succeeds();
    for (name, tile_type, compression, format) in
        [("covt.pmtiles", 0, 1, Some("application/vnd.covt")), ("mvt.pmtiles", 1, 2, None)]
    {
        let archive = place.read(name);
        assert_eq!(&archive[..8], b"PMTiles\x03");
        assert_eq!((u64_at(&archive, 8), u64_at(&archive, 72), u64_at(&archive, 88)), (127, 85, 85));
        // Clustered; directories with gzip; zooms.
        assert_eq!(archive[96..102], [1, 2, compression, tile_type, 0, 3], "{name}");
        assert_eq!(archive[102..106], (-180 * 10_000_000i32).to_le_bytes());
        // No byte is there for nothing.
        let lengths: usize = [32, 48, 64].map(|at| u64_at(&archive, at)).iter().sum();
        assert_eq!(archive.len(), 16384 + lengths);
        let json = json(&archive);
        assert_eq!(json.get("format").and_then(Value::as_str), format);
        assert_eq!(json["name"], "test");
        assert_eq!(json["vector_layers"][0]["id"], "layer 0");
        assert_eq!(json["tilestats"]["layerCount"], 3);
        assert!(json.get("bounds").is_none() && json.get("json").is_none(), "{json}");
    }
}

/// More entries than the root directory has room for; long runs; many equal tiles.
#[test]
fn leaf_directories_and_runs() {
    let place = Place::new();
    // A generated sea with islands: every seventh tile is land, in 40 different forms.
    let tiles: Vec<_> = (0..65_536u32)
        .map(|number| {
            let coord = TileCoord::new(8, number % 256, number / 256).unwrap();
            let land = number.wrapping_mul(2_654_435_761) >> 16;
            (coord, if land % 7 == 0 { mvt(land % 40 + 1, 2) } else { mvt(0, 1) })
        })
        .collect();
    write_mbtiles(&place.path("a.mbtiles"), &metadata(), &tiles);
    place.run(["convert", "--profile", "fast", "a.mbtiles", "b.pmtiles"]).succeeds();
    let archive = place.read("b.pmtiles");
    assert!(u64_at(&archive, 48) > 0, "there must be leaf directories");
    assert!(u64_at(&archive, 16) <= 16384 - 127);
    let [addressed, entries, distinct] = [72, 80, 88].map(|at| u64_at(&archive, at));
    assert!((addressed, distinct) == (65_536, 41) && entries < 20_000, "{addressed} {entries} {distinct}");
    let reader = Reader::open(&place.path("b.pmtiles")).unwrap();
    for (coord, tile) in tiles.iter().step_by(97) {
        let covt = reader.tile(*coord).unwrap().unwrap();
        assert_same(tile, &covt::mvt::from_covt(&covt, &mut Budget::default()).unwrap());
    }
    // The same tiles come out again.
    place.run(["convert", "b.pmtiles", "c.mbtiles"]).succeeds();
    let back = Reader::open(&place.path("c.mbtiles")).unwrap();
    assert_eq!(back.count().unwrap(), Some(65_536));
    let coord = tiles[4711].0;
    assert_same(&tiles[4711].1, &decompress(&back.tile(coord).unwrap().unwrap()).unwrap());
}

#[test]
fn archives_as_others_write_them() {
    let place = Place::new();
    let tiles = pyramid(3);
    type Compress = fn(&[u8]) -> Vec<u8>;
    let compressions: [(u8, Compress); 4] =
        [(1, <[u8]>::to_vec), (2, gzip), (3, brotli), (4, |tile| zstd::bulk::compress(tile, 3).unwrap())];
    place.write("plain/metadata.json", r#"{"name":"n"}"#);
    for (coord, tile) in &tiles {
        place.write(&format!("plain/{coord}.mvt"), tile);
    }
    place.run(["convert", "plain", "expected.pmtiles"]).succeeds();
    for (id, compress) in compressions {
        let stored: Vec<_> = tiles.iter().map(|(coord, tile)| (*coord, compress(tile))).collect();
        place.write("a.pmtiles", write_pmtiles(&stored, id, id, br#"{"name":"n"}"#));
        let run = place.run(["convert", "--force", "a.pmtiles", "b.pmtiles"]).succeeds();
        assert!(run.text().starts_with("MVT to COVT: 85 tiles"), "{}", run.text());
        let (one, other) = (place.read("b.pmtiles"), place.read("expected.pmtiles"));
        assert!(
            u64_at(&one, 64) == u64_at(&other, 64)
                && one[16384..][..u64_at(&one, 64)] == other[16384..][..u64_at(&one, 64)]
        );
    }
}

#[test]
fn what_is_damaged_is_told() {
    let place = Place::new();
    let stored: Vec<_> = pyramid(2).iter().map(|(coord, tile)| (*coord, gzip(tile))).collect();
    let whole = write_pmtiles(&stored, 2, 2, b"{}");
    let fails = |bytes: &[u8], parts: &[&str]| {
        place.write("a.pmtiles", bytes);
        place.run(["convert", "a.pmtiles", "out.mbtiles"]).fails(parts);
        assert_eq!(place.names(), ["a.pmtiles"]);
    };
    for len in [7, 8, 126, 127, 200, whole.len() / 2, whole.len() - 1] {
        fails(&whole[..len], &["a.pmtiles", "cut off"]);
    }
    let with = |at: usize, byte: u8| {
        let mut bytes = whole.clone();
        bytes[at] = byte;
        bytes
    };
    fails(&with(7, 2), &["version 2"]);
    fails(&with(97, 9), &["not known (at offset 97)"]);
    fails(&with(99, 6), &["a.pmtiles", "MLT"]);
    fails(&with(99, 2), &["its tiles are PNG"]);
    fails(&with(127, 0), &["root directory at offset 127"]);
    // A directory that points to itself.
    fails(&write_leaves(6), &["more than 4 deep"]);
    place.write("a.pmtiles", write_leaves(3));
    place.run(["convert", "a.pmtiles", "out.mbtiles"]).succeeds();
}

/// The fault lies in one tile, and all others are there.
#[test]
fn one_bad_tile() {
    let place = Place::new();
    let mut stored: Vec<_> = pyramid(3).iter().map(|(coord, tile)| (*coord, gzip(tile))).collect();
    stored[17].1 = b"bad".to_vec();
    place.write("a.pmtiles", write_pmtiles(&stored, 1, 2, b"{}"));
    let coord = stored[17].0;
    place.run(["convert", "a.pmtiles", "b.pmtiles"]).fails(&[&format!("tile {coord} of a.pmtiles")]);
    let run = place.run(["convert", "--skip-bad", "a.pmtiles", "b.pmtiles"]).succeeds();
    assert!(run.text().contains("84 tiles") && run.text().contains("1 bad"), "{}", run.text());
    assert_eq!(Reader::open(&place.path("b.pmtiles")).unwrap().tile(coord).unwrap(), None);
}
