//! Parts of tilesets.

use covt::testing::generate::tileset::Tileset;
use covt::tileset::{Existing, MbtilesWriter, Metadata, Reader, decompress, gzip};
use covt::{Layer, TileCoord, mvt};
use serde_json::Value;

use crate::support::{Place, read_metadata, write_pyramid};

/// Zooms 8 to 11 of a generated country.
fn write_country(place: &Place) -> Vec<(TileCoord, Vec<Layer>)> {
    let country = Tileset::new(1).with_zooms(8..=11);
    let tiles: Vec<_> = country.tiles().collect();
    let mut writer = MbtilesWriter::create(&place.path("a.mbtiles"), Existing::Keep).unwrap();
    for (coord, layers) in &tiles {
        writer.write(*coord, &gzip(&mvt::write(layers).unwrap())).unwrap();
    }
    let mut metadata = Metadata::default();
    metadata.set("name", country.name());
    metadata.set("format", "pbf");
    metadata.set("json", country.vector_layers_json());
    writer.finish(&metadata).unwrap();
    tiles
}

fn layers(place: &Place, name: &str, coord: TileCoord) -> Option<Vec<Layer>> {
    let stored = Reader::open(&place.path(name)).unwrap().tile(coord).unwrap()?;
    Some(mvt::read(&decompress(&stored).unwrap()).unwrap().0)
}

fn json(place: &Place, name: &str) -> Value {
    let metadata = read_metadata(&place.path(name));
    serde_json::from_str(&metadata.iter().find(|(name, _)| name == "json").unwrap().1).unwrap()
}

#[test]
fn zooms_and_boxes() {
    let place = Place::new();
    let tiles = write_pyramid(&place.path("a.mbtiles"), 4);
    place.run(["convert", "a.mbtiles", "a.pmtiles"]).succeeds();
    place.run(["convert", "a.mbtiles", "a"]).succeeds();
    for input in ["a.mbtiles", "a.pmtiles", "a"] {
        let args = ["convert", "--force", "--zoom", "1-3", "--bbox", "-180,10,-100,80", input, "b.mbtiles"];
        let run = place.run(args).succeeds();
        // Of the north-west: 1 of zoom 1, 2 of zoom 2 (y 0 and 1), 2 × 4 of zoom 3.
        assert!(run.text().contains(": 11 tiles in"), "{input}: {}", run.text());
        let reader = Reader::open(&place.path("b.mbtiles")).unwrap();
        for (coord, _) in &tiles {
            let wanted = match coord.z() {
                1 => coord.x() == 0 && coord.y() == 0,
                2 => coord.x() == 0 && coord.y() < 2,
                3 => coord.x() < 2 && coord.y() < 4,
                _ => false,
            };
            assert_eq!(reader.tile(*coord).unwrap().is_some(), wanted, "{coord}");
        }
        let metadata = reader.metadata();
        let get = |name| metadata.get(name).unwrap_or_default();
        assert_eq!((get("bounds"), get("minzoom"), get("maxzoom")), ("-180,10,-100,80", "1", "3"));
    }
    let run = place.run(["convert", "--zoom", "7", "a.mbtiles", "none.mbtiles"]).succeeds();
    assert!(run.text().contains(": 0 tiles"), "{}", run.text());
    for (option, value, what) in [
        ("--zoom", "5-3", "deeper"),
        ("--zoom", "31", "deepest is 30"),
        ("--bbox", "1,2,3", "west,south,east,north"),
        ("--bbox", "1,20,3,4", "north of"),
        ("--drop-columns", "a/", "LAYER/NAME"),
    ] {
        let run = place.run(["convert", option, value, "a.mbtiles", "out"]);
        assert!(run.code == Some(2) && run.stderr.contains(what), "{}", run.stderr);
    }
}

#[test]
fn layers_and_columns() {
    let place = Place::new();
    let tiles = write_country(&place);
    for to in ["mvt", "covt"] {
        let options = ["--layers", "water,transportation", "--drop-columns", "class,transportation/brunnel"];
        let args =
            [&["convert", "--force", "--verify", "--to", to], &options[..], &["a.mbtiles", "b.mbtiles"]]
                .concat();
        let run = place.run(args).succeeds();
        place.run(["convert", "--force", "--to", "mvt", "b.mbtiles", "c.mbtiles"]).succeeds();
        let mut empty = 0;
        for (coord, source) in &tiles {
            let kept: Vec<_> =
                source.iter().filter(|layer| ["water", "transportation"].contains(&layer.name())).collect();
            let Some(found) = layers(&place, "c.mbtiles", *coord) else {
                assert!(kept.is_empty());
                empty += 1;
                continue;
            };
            assert_eq!(found.len(), kept.len());
            for (found, source) in found.iter().zip(kept) {
                assert_eq!((found.name(), found.len()), (source.name(), source.len()));
                assert_eq!(found.geometry(), source.geometry());
                assert!(found.column("class").is_none());
                assert!(found.name() != "transportation" || found.column("brunnel").is_none());
                let others = source.columns().iter().filter(|column| {
                    column.name != "class" && !(source.name() == "transportation" && column.name == "brunnel")
                });
                assert_eq!(found.columns().len(), others.count());
            }
        }
        assert!(empty == 0 || run.text().contains("left out, of which nothing was left"), "{}", run.text());
        let json = json(&place, "b.mbtiles");
        let ids: Vec<_> =
            json["vector_layers"].as_array().unwrap().iter().map(|layer| &layer["id"]).collect();
        assert_eq!(ids.len(), 2, "{ids:?}");
        assert!(json["vector_layers"].to_string().find("\"class\"").is_none());
        assert!(json["tilestats"].to_string().find("\"class\"").is_none());
        assert_eq!(json["tilestats"]["layerCount"], 2);
    }
}

#[test]
fn schemas_of_mbtiles() {
    let place = Place::new();
    let tiles = write_pyramid(&place.path("a.mbtiles"), 3);
    for schema in ["compact", "images", "flat"] {
        let name = format!("{schema}.mbtiles");
        place.run(["convert", "--to", "mvt", "--schema", schema, "a.mbtiles", &name]).succeeds();
        let reader = Reader::open(&place.path(&name)).unwrap();
        for (coord, tile) in &tiles {
            assert_eq!(decompress(&reader.tile(*coord).unwrap().unwrap()).unwrap(), &tile[..]);
        }
    }
}

#[test]
fn encoded_anew_only_if_asked() {
    let place = Place::new();
    write_country(&place);
    place.run(["convert", "--profile", "fast", "a.mbtiles", "fast.mbtiles"]).succeeds();
    place.run(["convert", "--to", "covt", "fast.mbtiles", "same.pmtiles"]).succeeds();
    place
        .run(["convert", "--to", "covt", "--profile", "small", "--verify", "fast.mbtiles", "small.pmtiles"])
        .succeeds();
    place.run(["convert", "--profile", "small", "a.mbtiles", "direct.pmtiles"]).succeeds();
    place.run(["convert", "--profile", "fast", "a.mbtiles", "fast.pmtiles"]).succeeds();
    assert!(place.read("same.pmtiles") == place.read("fast.pmtiles"));
    assert!(place.read("small.pmtiles") == place.read("direct.pmtiles"));
}
