//! Formats, tags, ranges and methods, on the wire.

use std::time::Duration;

use super::client::Client;
use super::{Running, Slow, config};
use crate::serve::config::{Config, Settings};

const COVT: &str = "Accept: application/vnd.covt";

async fn start(config: Config) -> (Running, Client) {
    let server = Running::start(config, Slow::of(Duration::ZERO, 1000).served()).await;
    let client = Client::connect(server.address).await;
    (server, client)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_representation_for_each_wish_and_a_tag_for_each() {
    let (server, mut client) = start(config()).await;
    let mut tags = Vec::new();
    for (path, headers, kind) in [
        ("/slow/1/0/0", &[][..], "application/vnd.mapbox-vector-tile"),
        ("/slow/1/0/1", &[COVT], "application/vnd.covt"),
        (
            "/slow/1/1/0",
            &["Accept: application/vnd.covt;q=0.2, */*;q=0.3"],
            "application/vnd.mapbox-vector-tile",
        ),
        // The extension decides.
        ("/slow/2/0/1.mvt", &[COVT], "application/vnd.mapbox-vector-tile"),
        ("/tiles/2/0/0.covt", &[], "application/vnd.covt"),
        ("/slow/1/0/0", &["Accept-Encoding: gzip"], "application/vnd.mapbox-vector-tile"),
        ("/slow/1/0/0", &["Accept-Encoding: br"], "application/vnd.mapbox-vector-tile"),
        ("/slow/1/0/0", &["Accept-Encoding: zstd"], "application/vnd.mapbox-vector-tile"),
    ] {
        let answer = client.get(path, headers).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, kind), "{path} {headers:?}");
        assert_eq!(answer.header("vary"), "accept, accept-encoding");
        assert_eq!(answer.header("cache-control"), "public, max-age=60");
        assert_eq!((answer.header("x-covt-rows"), answer.header("x-covt-aggregated")), ("7", "true"));
        let tag = answer.header("etag").to_owned();
        assert!(tag.starts_with('"') && !tags.contains(&tag), "{path} {tag}");

        let condition = format!("If-None-Match: \"a\", {tag}");
        let known = client.get(path, &[headers, &[&condition]].concat()).await;
        assert_eq!((known.status, known.header("etag"), known.body.len()), (304, &tag[..], 0));
        assert_eq!(known.header("vary"), "accept, accept-encoding");

        let head = client.ask("HEAD", path, headers).await;
        assert_eq!((head.status, head.header("etag")), (200, &tag[..]));
        assert_eq!(head.header("content-length"), answer.body.len().to_string());
        tags.push(tag);
    }
    client.get("/slow/1/0/0", &["Accept: image/png"]).await.refuses(406, "accept");
    client.get("/slow/1/0/0", &["Accept: */*;q=0"]).await.refuses(406, "accept");
    client.get("/slow/1/0/0.mvt", &["Accept-Encoding: *;q=0"]).await.refuses(406, "accept-encoding");
    client
        .get("/slow/1/0/0.covt", &["Accept-Encoding: gzip, identity;q=0"])
        .await
        .refuses(406, "accept-encoding");
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        for path in ["/slow/1/0/0", "/catalog", "/", "/nothing"] {
            let answer = client.ask(method, path, &[]).await;
            assert_eq!((answer.status, answer.header("allow").is_empty()), (405, false), "{method} {path}");
        }
    }
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_of_covt() {
    let (server, mut client) = start(config()).await;
    let path = "/slow/3/1/2.covt";
    let all = client.get(path, &[]).await;
    assert_eq!((all.status, all.header("accept-ranges"), all.body.len()), (200, "bytes", 1000));
    for (range, bytes, told) in [
        ("bytes=0-99", 0..100, "bytes 0-99/1000"),
        ("bytes=990-", 990..1000, "bytes 990-999/1000"),
        ("bytes=-1", 999..1000, "bytes 999-999/1000"),
    ] {
        let part = client.get(path, &[&format!("Range: {range}")]).await;
        assert_eq!((part.status, part.header("content-range")), (206, told));
        assert_eq!(part.body, all.body[bytes]);
        assert_eq!(part.header("etag"), all.header("etag"));
    }
    let tag = all.header("etag");
    let part = client.get(path, &["Range: bytes=0-9", &format!("If-Range: {tag}")]).await;
    assert_eq!((part.status, part.body.len()), (206, 10));
    let whole = client.get(path, &["Range: bytes=0-9", "If-Range: \"old\""]).await;
    assert_eq!((whole.status, whole.body.len()), (200, 1000));
    let outside = client.get(path, &["Range: bytes=1000-"]).await;
    outside.refuses(416, "range");
    assert_eq!(outside.header("content-range"), "bytes */1000");
    // MVT is sent whole.
    let mvt = client.get("/slow/3/1/2.mvt", &["Range: bytes=0-9"]).await;
    assert_eq!((mvt.status, mvt.body.len(), mvt.header("accept-ranges")), (200, 1000, ""));
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn urls_in_answers_begin_with_what_the_client_knows() {
    async fn url(config: Config, headers: &[&str]) -> String {
        let (server, mut client) = start(config).await;
        let json = client.get("/slow", headers).await.json();
        let url = json["tiles"][0].as_str().unwrap().replace("/slow/{z}/{x}/{y}.mvt", "");
        let own = format!("http://{}", server.address);
        server.end().await;
        url.replace(&own, "OWN")
    }
    let forwarded = [
        "Host: inside:1",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: a.example, b",
        "X-Forwarded-Prefix: /t/",
    ];
    assert_eq!(url(config(), &["Host: localhost:9"]).await, "http://localhost:9");
    assert_eq!(url(config(), &["Host: <script>"]).await, "OWN");
    assert_eq!(url(config(), &forwarded).await, "http://inside:1");
    let proxy = Config { behind_proxy: true, ..config() };
    assert_eq!(url(proxy.clone(), &forwarded).await, "https://a.example/t");
    assert_eq!(
        url(proxy, &["Host: h", "X-Forwarded-Host: a/b", "X-Forwarded-Proto: gopher"]).await,
        "http://h"
    );
    let public = Config { public_url: Some("https://x.example/y/".parse().unwrap()), ..config() };
    assert_eq!(url(public, &forwarded).await, "https://x.example/y");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_origins() {
    let (server, mut client) = start(config()).await;
    let origin = "Origin: https://maps.example";
    let answer = client.get("/slow/1/0/0", &[origin]).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert!(answer.header("access-control-expose-headers").contains("etag"));
    let asks = [origin, "Access-Control-Request-Method: GET", "Access-Control-Request-Headers: range"];
    let preflight = client.ask("OPTIONS", "/slow/1/0/0", &asks).await;
    assert_eq!(preflight.status, 200);
    assert!(preflight.header("access-control-allow-headers").contains("range"));
    server.end().await;

    let cors = Some(vec!["https://maps.example".parse().unwrap()]);
    let some = Settings { cors, datasets: config().datasets, ..Settings::default() }.finish().unwrap();
    let (server, mut client) = start(some).await;
    let answer = client.get("/slow/1/0/0", &[origin]).await;
    assert_eq!(answer.header("access-control-allow-origin"), "https://maps.example");
    let answer = client.get("/slow/1/0/0", &["Origin: https://others.example"]).await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_else_there_is() {
    let (server, mut client) = start(config()).await;
    assert_eq!(client.get("/health", &[]).await.body, b"OK\n");
    let catalog = client.get("/catalog", &[]).await.json();
    assert_eq!(catalog["tiles"]["slow"]["description"], "slow");
    let index = client.get("/", &[]).await;
    assert_eq!((index.status, index.header("content-type")), (200, "text/html; charset=utf-8"));
    let html = String::from_utf8(index.body).unwrap();
    assert!(!html.contains("{{"), "all is filled in");
    for (at, _) in html.match_indices("\"page/") {
        let name = html[at + 1..].split('"').next().unwrap();
        assert_eq!(client.get(&format!("/{name}"), &[]).await.status, 200, "{name}");
    }
    client.get("/page/other.js", &[]).await.refuses(404, "file");

    // All that the description tells of is there.
    let openapi = client.get("/openapi.json", &[]).await.json();
    assert_eq!(openapi["components"]["parameters"]["dataset"]["schema"]["enum"], serde_json::json!(["slow"]));
    for path in openapi["paths"].as_object().unwrap().keys() {
        let path =
            path.replace("{dataset}", "slow").replace("{z}", "1").replace("{x}", "0").replace("{y}", "1");
        assert_eq!(client.get(&path, &[]).await.status, 200, "{path}");
    }
    let metrics = String::from_utf8(client.get("/metrics", &[]).await.body).unwrap();
    assert!(metrics.contains("\ncovt_tile_seconds_count{dataset=\"slow\",format=\"covt\"} 1\n"), "{metrics}");
    assert!(metrics.contains("\ncovt_requests_total{status=\"4xx\"} 1\n"), "{metrics}");
    server.end().await;
}
