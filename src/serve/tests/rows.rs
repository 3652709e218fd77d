//! Rows as tiles: what they say in both formats, and requests that make no sense.

use std::path::Path;

use super::client::{Client, get};
use super::{Running, config};
use crate::coord::TileCoord;
use crate::limits::Budget;
use crate::mvt;
use crate::serve::app::{Served, open};
use crate::serve::config::DatasetConfig;
use crate::testing::Random;
use crate::tile::layer::Layer;

const ROWS: u32 = 5000;

/// Rows all over the world, some of them at its ends.
fn served(folder: &Path) -> Served {
    let mut random = Random::from_seed(5);
    let mut text = String::from(
        "name,lon,lat,size,share\n180 east,180,0,1,\n180 west,-180,0,2,0.5\npole,10,90,3,0.25\n",
    );
    for row in 3..ROWS {
        let mut degrees = |most: u64| (random.any() % (2000 * most)) as f64 / 1000.0 - most as f64;
        let (longitude, latitude) = (degrees(180) / f64::from(1 + row % 7), degrees(80));
        text += &format!("n{},{longitude},{latitude},{},{}\n", row % 9, row % 100, f64::from(row % 8) / 8.0);
    }
    let path = folder.join("rows.csv");
    std::fs::write(&path, text).unwrap();
    let dataset = DatasetConfig { name: Some("rows".parse().unwrap()), path, ..DatasetConfig::default() };
    open(&dataset, &config(), &|_| ()).unwrap()
}

/// The rows that a tile stands for by what is in it.
fn rows_in(layers: &[Layer], cells: bool) -> u64 {
    let of = |layer: &Layer| match layer.column("count").filter(|_| cells) {
        Some(counts) => (0..layer.len())
            .map(|row| match counts.get(row) {
                Some(crate::Value::UInt(count)) => count,
                other => panic!("{other:?}"),
            })
            .sum(),
        None => layer.len() as u64,
    };
    layers.iter().map(of).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_tiles_of_a_zoom_hold_every_row_once_in_both_formats() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(config(), vec![served(folder.path())]).await;
    let mut client = Client::connect(server.address).await;
    for (query, cells, expected) in [
        ("", false, ROWS.into()),
        ("?limit=100", false, ROWS.into()),
        ("?agg=count,sum:size,mean:share,median:size", true, ROWS.into()),
        ("?by=name&geometry=polygon&grid=8", true, ROWS.into()),
        ("?filter=size%20%3C%2050%20AND%20name%20%3C%3E%20%27n1%27&properties=name", false, 0),
    ] {
        let mut sums = Vec::new();
        for z in 0..=3 {
            let mut sum = 0;
            for place in 0..1u32 << (2 * z) {
                let coord = TileCoord::new(z, place % (1 << z), place >> z).unwrap();
                let tile = client.get(&format!("/rows/{coord}.mvt{query}"), &[]).await;
                let other = client.get(&format!("/rows/{coord}.covt{query}"), &[]).await;
                assert_eq!(tile.status, other.status);
                if tile.status == 204 {
                    continue;
                }
                assert_eq!(tile.status, 200, "{tile:?}");
                mvt::compare(&tile.body, &mvt::from_covt(&other.body, &mut Budget::default()).unwrap())
                    .unwrap();
                let reader = fast_mvt::MvtReaderRef::new(&tile.body).unwrap();
                let theirs: usize = reader.layers().map(|layer| layer.features().count()).sum();
                let (layers, _) = mvt::read(&tile.body).unwrap();
                assert_eq!(theirs, layers.iter().map(Layer::len).sum::<usize>());
                let cells = cells || tile.header("x-covt-aggregated") == "true";
                let rows = rows_in(&layers, cells);
                assert_eq!(tile.header("x-covt-rows"), rows.to_string(), "{coord}{query}");
                assert_eq!(layers[0].name(), "rows");
                sum += rows;
            }
            sums.push(sum);
        }
        assert!(
            sums.iter().all(|sum| *sum == sums[0] && (expected == 0 || *sum == expected)),
            "{query}: {sums:?}"
        );
        assert!(sums[0] > 0);
    }
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_query_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(config(), vec![served(folder.path())]).await;
    let mut client = Client::connect(server.address).await;
    for (query, parameter) in [
        ("filter=colour%3D1", "filter"),
        ("filter=size%3D", "filter"),
        ("filter=size%3D%27", "filter"),
        (&format!("filter={}", "(".repeat(5000)), "filter"),
        (&format!("filter={}size%3D1", "NOT+".repeat(1500)), "filter"),
        ("properties=colour", "properties"),
        ("limit=-1", "limit"),
        ("limit=2000001", "limit"),
        ("limit=99999999999999999999999", "limit"),
        ("grid=0", "grid"),
        ("grid=513", "grid"),
        ("grid=NaN", "grid"),
        ("agg=sum", "agg"),
        ("agg=sum:name", "agg"),
        ("agg=count,shout:size", "agg"),
        ("by=share", "by"),
        ("geometry=hexagon", "geometry"),
        ("buffer=1e3", "buffer"),
        ("layers=rows", "layers"),
        ("agg=count&agg=count", "agg"),
    ] {
        for path in ["/rows/0/0/0.mvt", "/rows/22/0/0.covt", "/rows/1/0/0", "/rows"] {
            client.get(&format!("{path}?{query}"), &[]).await.refuses(400, parameter);
        }
    }
    client.get("/rows/23/0/0.mvt", &[]).await.refuses(400, "z");
    assert_eq!(client.get("/rows/22/0/0.mvt", &[]).await.status, 204);
    // A query said in another order is the same to the cache.
    client.get("/rows/1/0/0.mvt?agg=count&grid=4", &[]).await;
    let again = client.get("/rows/1/0/0.mvt?grid=4&agg=count", &[]).await;
    assert!(again.header("server-timing").ends_with("desc=cached"), "{again:?}");
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_rows() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(config(), vec![served(folder.path())]).await;
    let json = get(server.address, "/rows/metadata.json?filter=size%3E1", &[]).await.json();
    let fields = &json["vector_layers"][0]["fields"];
    assert_eq!(
        (&fields["name"], &fields["size"], &fields["share"]),
        (&"String".into(), &"Number".into(), &"Number".into())
    );
    assert_eq!((&json["minzoom"], &json["maxzoom"]), (&0.into(), &22.into()));
    let stats = &json["tilestats"]["layers"][0];
    assert_eq!(
        (&stats["layer"], &stats["count"], &stats["geometry"]),
        (&"rows".into(), &ROWS.into(), &"Point".into())
    );
    let attribute = |name: &str| {
        let attributes = stats["attributes"].as_array().unwrap();
        attributes.iter().find(|attribute| attribute["attribute"] == name).unwrap().clone()
    };
    assert_eq!((&attribute("size")["type"], &attribute("size")["max"]), (&"number".into(), &99.0.into()));
    assert!(attribute("name")["values"].as_array().unwrap().contains(&"n4".into()));
    assert!(json["tiles"][0].as_str().unwrap().ends_with(".mvt?filter=size%3E1"));
    server.end().await;
}
