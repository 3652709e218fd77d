//! Requests that make no sense: each is refused with what is wrong with it, and the server goes on.

use std::time::Duration;

use super::client::{Client, get};
use super::{Running, Slow, config};

#[tokio::test(flavor = "multi_thread")]
async fn absurd_urls() {
    let server = Running::start(config(), Slow::of(Duration::ZERO, 10).served()).await;
    let mut client = Client::connect(server.address).await;
    for (path, status, parameter) in [
        ("/nothing", 404, "dataset"),
        ("/nothing/1/0/0.mvt", 404, "dataset"),
        ("//", 404, "dataset"),
        ("/slow/", 404, "path"),
        ("/slow/1/0", 404, "path"),
        ("/slow/1/0/0/0", 404, "path"),
        ("/slow/1/0/0/0/0/0/0/0/0/0", 404, "path"),
        ("/slow/23/0/0.mvt", 400, "z"),
        ("/slow/255/0/0.mvt", 400, "z"),
        ("/slow/-1/0/0.mvt", 400, "z"),
        ("/slow/1.5/0/0.mvt", 400, "z"),
        ("/slow/NaN/0/0.mvt", 400, "z"),
        ("/slow/1/2/0.mvt", 400, "x"),
        ("/slow/22/99999999999999999999999999/0.mvt", 400, "x"),
        ("/slow/1/0/2.covt", 400, "y"),
        ("/slow/1/0/0.png", 400, "extension"),
        ("/slow/1/0/%00.mvt", 400, "y"),
        ("/slow/1/0/0.mvt?what=1", 400, "what"),
        ("/slow/1/0/0.mvt?=", 400, ""),
        ("/slow/1/0/0.mvt?%FF=%FF", 400, "\u{fffd}"),
        ("/slow?agg=x", 400, "agg"),
        ("/slow/metadata.json?agg=x", 400, "agg"),
        ("/../../etc/passwd", 404, "dataset"),
        ("/%2e%2e/%2e%2e/etc/passwd", 404, "dataset"),
        ("/page/..%2F..%2FCargo.toml", 404, "file"),
        ("/page/../index.html", 404, "path"),
    ] {
        client.get(path, &[]).await.refuses(status, parameter);
    }
    let long = format!("/slow/1/0/0.mvt?filter={}", "(".repeat(10_000));
    client.get(&long, &[]).await.refuses(414, "query");
    let long = format!("/{}", "a/".repeat(10_000));
    client.get(&long, &[]).await.refuses(404, "path");
    let name = "x".repeat(10_000);
    let answer = client.get(&format!("/{name}"), &[]).await;
    answer.refuses(404, "dataset");
    assert!(answer.body.len() < 2000, "what is said is not said back in full");
    // Headers that make no sense are passed over.
    for header in ["Range: bytes=z", "If-None-Match: ,,,\"", "Accept-Encoding: ;;;q=;", "If-Range: ?"] {
        assert_eq!(client.get("/slow/1/0/0.covt", &[header]).await.status, 200, "{header}");
    }
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_http_at_all() {
    let server = Running::start(config(), Slow::of(Duration::ZERO, 10).served()).await;
    let huge_head = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(1 << 20));
    for bytes in [
        &b"\r\n\r\n\r\n"[..],
        b"nonsense\r\n\r\n",
        b"GET /slow/1/0/0.mvt HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        &[0; 4096],
        huge_head.as_bytes(),
    ] {
        let mut client = Client::connect(server.address).await;
        // The server may close before it has read all.
        let sent = tokio::time::timeout(Duration::from_secs(5), client.try_send(bytes)).await;
        assert!(sent.is_ok());
        client.finish().await;
        if let Some(answer) = client.answer(false).await {
            assert!((400..500).contains(&answer.status), "{answer:?}");
        }
    }
    // Half a request, and away.
    for end in [1, 10, 30] {
        let mut client = Client::connect(server.address).await;
        client.send(&b"GET /slow/1/0/0.mvt HTTP/1.1\r\nHost: a\r\n\r\n"[..end]).await;
    }
    assert_eq!(get(server.address, "/slow/1/0/0.mvt", &[]).await.status, 200);
    server.end().await;
}
