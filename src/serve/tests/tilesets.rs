//! Tilesets in both formats, whatever they are stored in.

use std::path::Path;

use serde_json::json;
use tempfile::TempDir;

use super::client::{Client, get};
use super::{Running, config};
use crate::column::Value;
use crate::column::nested::builder::Item;
use crate::coord::TileCoord;
use crate::limits::Budget;
use crate::mvt;
use crate::serve::app::{Served, open};
use crate::serve::config::DatasetConfig;
use crate::testing::generate::tileset::Tileset;
use crate::tile::builder::LayerBuilder;
use crate::tile::layer::Layer;
use crate::tile::options::EncodeOptions;
use crate::tile::read::Tile;
use crate::tileset::{
    Compression, ConvertOptions, Existing, MbtilesWriter, Metadata, TileFormat, convert, decompress_as, gzip,
};

/// Tiles of zoom 8 to 13, few enough to look at all of them.
fn tiles() -> Vec<(TileCoord, Vec<u8>)> {
    let tiles = Tileset::new(3).with_zooms(8..=13);
    let tiles: Vec<_> = tiles.tiles().map(|(coord, layers)| (coord, mvt::write(&layers).unwrap())).collect();
    assert!(tiles.len() > 10);
    tiles
}

fn metadata() -> Metadata {
    let mut metadata = Metadata::default();
    metadata.set("name", "a land");
    metadata.describe(TileFormat::Mvt, Compression::Gzip);
    metadata.set("minzoom", "8");
    metadata.set("maxzoom", "13");
    metadata.set("bounds", "9,47,10,48");
    metadata.set("json", Tileset::new(3).vector_layers_json());
    metadata
}

fn served(name: &str, path: &Path) -> Served {
    let dataset =
        DatasetConfig { name: Some(name.parse().unwrap()), path: path.into(), ..DatasetConfig::default() };
    open(&dataset, &config(), &|_| ()).unwrap()
}

/// The same tiles as MVT with gzip in MBTiles, as COVT in PMTiles, and as MVT in a folder.
fn tilesets(folder: &TempDir, tiles: &[(TileCoord, Vec<u8>)]) -> Vec<Served> {
    let path = |name: &str| folder.path().join(name);
    let mut writer = MbtilesWriter::create(&path("a.mbtiles"), Existing::Keep).unwrap();
    for (coord, tile) in tiles {
        writer.write(*coord, &gzip(tile)).unwrap();
    }
    writer.finish(&metadata()).unwrap();
    for (name, to) in [("b.pmtiles", TileFormat::Covt), ("c", TileFormat::Mvt)] {
        let options = ConvertOptions { to: Some(to), ..ConvertOptions::default() };
        convert(&path("a.mbtiles"), &path(name), &options, &mut |_| Ok(())).unwrap();
    }
    ["a.mbtiles", "b.pmtiles", "c"].map(|name| served(&name[..1], &path(name))).into()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tile_in_both_formats_says_the_same() {
    let (folder, tiles) = (tempfile::tempdir().unwrap(), tiles());
    let server = Running::start(config(), tilesets(&folder, &tiles)).await;
    let mut client = Client::connect(server.address).await;
    for name in ["a", "b", "c"] {
        for (coord, tile) in &tiles {
            let answer = client.get(&format!("/{name}/{coord}.mvt"), &[]).await;
            assert_eq!((answer.status, answer.header("content-encoding")), (200, ""));
            assert_eq!(answer.header("content-type"), "application/vnd.mapbox-vector-tile");
            mvt::compare(tile, &answer.body).unwrap();
            // A reader that is not ours finds as many features.
            let other = fast_mvt::MvtReaderRef::new(&answer.body).unwrap();
            let features = |layer: fast_mvt::MvtLayerRef<'_>| {
                layer.features().inspect(|feature| drop(feature.geometry().unwrap())).count()
            };
            let theirs: usize = other.layers().map(features).sum();
            let ours: usize = mvt::read(tile).unwrap().0.iter().map(Layer::len).sum();
            assert_eq!(theirs, ours);

            let answer = client.get(&format!("/{name}/{coord}.covt"), &[]).await;
            assert_eq!((answer.status, answer.header("content-type")), (200, "application/vnd.covt"));
            let back = mvt::from_covt(&answer.body, &mut Budget::default()).unwrap();
            mvt::compare(tile, &back).unwrap();
        }
    }
    // The first dataset has a second name.
    let (coord, _) = &tiles[0];
    let one = client.get(&format!("/tiles/{coord}.covt"), &[]).await;
    assert!(one.body == client.get(&format!("/a/{coord}.covt"), &[]).await.body);
    // Codings: what is stored is sent, the rest is made of it.
    for (coding, compression) in
        [("gzip", Compression::Gzip), ("br", Compression::Brotli), ("zstd", Compression::Zstd)]
    {
        for (name, (coord, tile)) in [("a", &tiles[3]), ("b", &tiles[4])] {
            let asks = [&format!("Accept-Encoding: {coding}")[..]];
            let answer = client.get(&format!("/{name}/{coord}.pbf"), &asks).await;
            assert_eq!(answer.header("content-encoding"), coding);
            mvt::compare(tile, &decompress_as(&answer.body, compression).unwrap()).unwrap();
        }
    }
    // Where there is no tile.
    for path in ["/a/0/0/0.mvt", "/b/11/0/0.covt", "/c/30/1/1"] {
        let answer = client.get(path, &[]).await;
        assert_eq!((answer.status, answer.body.len(), answer.header("etag")), (204, 0, ""));
    }
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn layers_and_columns_of_tiles() {
    let (folder, tiles) = (tempfile::tempdir().unwrap(), tiles());
    let server = Running::start(config(), tilesets(&folder, &tiles)).await;
    let (coord, tile) = tiles.iter().max_by_key(|(_, tile)| tile.len()).unwrap();
    let (mut layers, _) = mvt::read(tile).unwrap();
    let [first, .., last] = &layers[..] else { panic!("some layers") };
    let names = format!("{},{}", first.name(), last.name());
    let column = last.columns()[0].name.clone();
    let kept = [first.name().to_owned(), last.name().to_owned()];
    layers.retain(|layer| kept.contains(&layer.name().to_owned()));
    for layer in &mut layers {
        layer.columns.retain(|other| other.name == column);
    }
    let mut client = Client::connect(server.address).await;
    for name in ["a", "b", "c"] {
        for extension in ["mvt", "covt"] {
            let path = format!("/{name}/{coord}.{extension}?columns={column}&layers={names}");
            let answer = client.get(&path, &[]).await;
            assert_eq!(answer.status, 200, "{path}");
            let body = match extension {
                "covt" => mvt::from_covt(&answer.body, &mut Budget::default()).unwrap(),
                _ => answer.body,
            };
            mvt::compare(&mvt::write(&layers).unwrap(), &body).unwrap();
            let empty = client.get(&format!("/{name}/{coord}.{extension}?layers="), &[]).await;
            assert_eq!(empty.status, 204);
        }
        client.get(&format!("/{name}/{coord}?layers=nowhere"), &[]).await.refuses(400, "layers");
        client.get(&format!("/{name}?filter=a%3D1"), &[]).await.refuses(400, "filter");
        client.get(&format!("/{name}/{coord}?columns=nowhere/class"), &[]).await.refuses(400, "columns");
        client.get(&format!("/{name}/{coord}?columns=nothing"), &[]).await.refuses(400, "columns");
    }
    server.end().await;
}

/// A road with a class, a list of names, and a speed for each vertex.
fn road() -> Vec<u8> {
    let mut roads = LayerBuilder::new("roads");
    roads.feature(None, |geometry| geometry.line_string(&[[0, 0], [9, 1]])).unwrap();
    roads.property("class", Value::String("minor")).unwrap();
    let names = ["a", "b"].map(|name| Item::Value(Value::String(name)));
    roads.nested("names", &Item::List(names.to_vec())).unwrap();
    roads.measure("speed", &[Value::Int(30), Value::Int(50)]).unwrap();
    crate::encode(&[roads.finish().unwrap()], &EncodeOptions::default()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_that_metadata_of_mvt_cannot_tell_of() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let write = |name: &str, pairs: &[(&str, &str)]| {
        let mut writer = MbtilesWriter::create(&path(name), Existing::Keep).unwrap();
        writer.write(TileCoord::new(3, 4, 2).unwrap(), &road()).unwrap();
        let mut metadata = Metadata::default();
        pairs.iter().for_each(|(name, value)| metadata.set(*name, *value));
        metadata.describe(TileFormat::Covt, Compression::None);
        writer.finish(&metadata).unwrap();
    };
    // Others wrote these, one without a word, one with what they would have said of MVT, or even less.
    write("bare.mbtiles", &[]);
    let json = r#"{"vector_layers":[{"id":"roads","fields":{"class":"how wide"}}],"tilestats":{}}"#;
    write("partial.mbtiles", &[("json", json), ("minzoom", "3"), ("maxzoom", "3")]);
    for (from, name, to) in [
        ("partial.mbtiles", "whole.pmtiles", TileFormat::Covt),
        ("whole.pmtiles", "again.mbtiles", TileFormat::Covt),
        ("again.mbtiles", "mvt", TileFormat::Mvt),
    ] {
        let options = ConvertOptions { to: Some(to), ..ConvertOptions::default() };
        convert(&path(from), &path(name), &options, &mut |_| Ok(())).unwrap();
    }
    let names = ["bare.mbtiles", "partial.mbtiles", "whole.pmtiles", "again.mbtiles", "mvt"];
    let fields = names.map(|name| {
        let served = served("a", &path(name));
        served.source.tilejson()["vector_layers"][0]["fields"].clone()
    });
    let all = |class: &str| json!({"class": class, "names": "List", "speed": "Number per vertex"});
    let flat = json!({"class": "how wide", "names": "String", "speed": "String"});
    assert_eq!(fields, [all("String"), json!({"class": "how wide"}), all("how wide"), all("how wide"), flat]);
    let said = |name: &str| std::fs::read_to_string(path(name)).unwrap();
    assert!(!said("mvt/metadata.json").contains("complete"));

    let datasets = names.map(|name| served(name.split('.').next().unwrap(), &path(name)));
    let server = Running::start(config(), datasets.into()).await;
    let mut client = Client::connect(server.address).await;
    for name in ["bare", "partial", "whole", "again", "mvt"] {
        for column in ["class", "names", "roads/speed"] {
            for extension in ["mvt", "covt"] {
                let answer = client.get(&format!("/{name}/3/4/2.{extension}?columns={column}"), &[]).await;
                assert_eq!(answer.status, 200, "{name} {column}");
                let layers = match extension {
                    "covt" => {
                        let mut budget = Budget::default();
                        Tile::open(&answer.body, &mut budget).unwrap().decode(&mut budget).unwrap()
                    }
                    _ => mvt::read(&answer.body).unwrap().0,
                };
                assert_eq!(layers[0].columns().len() + layers[0].measures().len(), 1);
            }
        }
        for ask in ["columns=nothing", "columns=class,roads/nothing"] {
            let answer = client.get(&format!("/{name}/3/4/2.covt?{ask}"), &[]).await;
            answer.refuses(400, "columns");
            let message = answer.json()["message"].to_string();
            let others = if name == "partial" { ", but class" } else { ", only class, names, speed" };
            let others = others.replace("only", if name == "mvt" { "but" } else { "only" });
            assert!(message.contains("nothing") && message.contains(&others), "{name}: {message}");
            // What is not known, a tile that is not there does not tell.
            let answer = client.get(&format!("/{name}/3/0/0.covt?{ask}"), &[]).await;
            assert_eq!(answer.status, if others.contains("only") { 400 } else { 204 });
        }
        client.get(&format!("/{name}/3/4/2.covt?layers=rail"), &[]).await.refuses(400, "layers");
    }
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_tilesets() {
    let (folder, tiles) = (tempfile::tempdir().unwrap(), tiles());
    let server = Running::start(config(), tilesets(&folder, &tiles)).await;
    let described: serde_json::Value = serde_json::from_str(&Tileset::new(3).vector_layers_json()).unwrap();
    for name in ["a", "b"] {
        let answer = get(server.address, &format!("/{name}"), &["Host: tiles.example.com:8080"]).await;
        let json = answer.json();
        assert_eq!((&json["tilejson"], &json["name"]), (&"3.0.0".into(), &"a land".into()));
        assert_eq!((&json["minzoom"], &json["maxzoom"]), (&8.into(), &13.into()));
        let url = format!("http://tiles.example.com:8080/{name}/{{z}}/{{x}}/{{y}}.mvt");
        assert_eq!(json["tiles"], serde_json::json!([url]));
        assert_eq!(
            json["vector_layers"].as_array().unwrap().len(),
            described["vector_layers"].as_array().unwrap().len()
        );
        let tag = format!("If-None-Match: {}", answer.header("etag"));
        let again = get(server.address, &format!("/{name}"), &["Host: tiles.example.com:8080", &tag]).await;
        assert_eq!(again.status, 304);

        // kepler.gl takes its fields from here.
        let json = get(server.address, &format!("/{name}/metadata.json"), &[]).await.json();
        let layers = json["tilestats"]["layers"].as_array().unwrap();
        assert!(layers.iter().all(|layer| layer["attributes"].is_array()) && !layers.is_empty(), "{json}");
    }
    // The query goes on to the tiles.
    let json = get(server.address, "/a?columns=class,transportation/class", &[]).await.json();
    let url = json["tiles"][0].as_str().unwrap();
    assert!(url.ends_with("/a/{z}/{x}/{y}.mvt?columns=class%2Ctransportation%2Fclass"), "{url}");
    // Without metadata, a sample of tiles tells.
    std::fs::remove_file(folder.path().join("c/metadata.json")).unwrap();
    let bare = served("c", &folder.path().join("c"));
    assert_eq!(bare.source.zooms(), [8, 13]);
    assert!(bare.source.tilejson()["vector_layers"].as_array().unwrap().len() > 3);
    server.end().await;
}
