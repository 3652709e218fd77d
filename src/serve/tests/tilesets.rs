//! Tilesets in both formats, whatever they are stored in.

use std::path::Path;

use tempfile::TempDir;

use super::client::{Client, get};
use super::{Running, config};
use crate::coord::TileCoord;
use crate::limits::Budget;
use crate::mvt;
use crate::serve::app::{Served, open};
use crate::serve::config::DatasetConfig;
use crate::testing::generate::tileset::Tileset;
use crate::tile::layer::Layer;
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
        // COVT may have columns that metadata do not tell of.
        let answer = client.get(&format!("/{name}/{coord}?columns=nothing"), &[]).await;
        if name == "b" {
            assert_eq!(answer.status, 200);
        } else {
            answer.refuses(400, "columns");
        };
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
