//! Many clients, slow ones, and those that go away.

use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};

use super::client::{Client, get};
use super::{Running, Slow, config};
use crate::serve::config::{Config, Limits};

/// Waits until `done`, but not for ever.
async fn until(done: impl Fn() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(30), "this never comes");
        sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_clients_at_once() {
    let source = Slow::of(Duration::from_millis(1), 2000);
    let server = Running::start(config(), source.served()).await;
    let address = server.address;
    // A thousand connections, open all the time; some ask for the same.
    let clients: Vec<_> = (0..1000)
        .map(|number| {
            tokio::spawn(async move {
                let mut client = Client::connect(address).await;
                for round in 0..3 {
                    let path = format!("/slow/12/{}/{round}.mvt", number % 300);
                    let answer = client.get(&path, &[]).await;
                    assert_eq!(answer.status, 200, "{answer:?}");
                    assert!(answer.body.starts_with(format!("12/{}/{round}", number % 300).as_bytes()));
                }
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    assert_eq!(source.made.load(Relaxed), 900, "each tile was made once");
    assert_eq!(server.app.cache.statistics()[0], 900);
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_the_same_waits_for_the_same() {
    let source = Slow::of(Duration::from_millis(50), 2000);
    let server = Running::start(config(), source.served()).await;
    let address = server.address;
    let ask = |number: usize| async move {
        let coding = ["identity", "gzip", "br", "zstd"][number % 4];
        get(address, "/slow/5/1/1.mvt", &[&format!("Accept-Encoding: {coding}")]).await.status
    };
    let clients: Vec<_> = (0..40).map(|number| tokio::spawn(ask(number))).collect();
    for client in clients {
        assert_eq!(client.await.unwrap(), 200);
    }
    assert_eq!(source.begun.load(Relaxed), 1);
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_away_stops_the_work() {
    let source = Slow::of(Duration::from_secs(20), 100);
    let server = Running::start(config(), source.served()).await;
    let mut first = Client::connect(server.address).await;
    first.send(b"GET /slow/1/0/0.mvt HTTP/1.1\r\nHost: a\r\n\r\n").await;
    until(|| source.begun.load(Relaxed) == 1).await;
    drop(first);
    until(|| source.cancelled.load(Relaxed) == 1).await;
    // Who waits in the queue behind others leaves it.
    let mut working = Vec::new();
    for x in 0..10 {
        let mut client = Client::connect(server.address).await;
        client.send(format!("GET /slow/4/{x}/0.mvt HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes()).await;
        working.push(client);
        // One after the other, so that the first two are those that are worked for.
        let all = working.len();
        until(|| server.app.workers.load() == (all.saturating_sub(2), all.min(2))).await;
    }
    let waiting = working.split_off(2);
    drop(waiting);
    until(|| server.app.workers.load() == (0, 2)).await;
    drop(working);
    until(|| server.app.workers.load() == (0, 0)).await;
    assert_eq!(source.begun.load(Relaxed), 3, "no more than were worked on");
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_much_is_refused_at_once() {
    let limits = Limits { queue: 4, seconds: 1, ..Limits::default() };
    let source = Slow::of(Duration::from_secs(20), 100);
    let server = Running::start(Config { limits, ..config() }, source.served()).await;
    let address = server.address;
    let clients: Vec<_> = (0..30)
        .map(|x| tokio::spawn(async move { get(address, &format!("/slow/6/{x}/0.mvt"), &[]).await }))
        .collect();
    let mut messages = Vec::new();
    for client in clients {
        let answer = client.await.unwrap();
        assert_eq!((answer.status, answer.header("retry-after")), (503, "1"));
        messages.push(answer.json()["message"].as_str().unwrap().to_owned());
    }
    let refused = messages.iter().filter(|message| message.contains("too many")).count();
    let slow =
        messages.iter().filter(|message| message.contains("takes longer than the limit of 1 s")).count();
    assert!(refused >= 20 && slow >= 2 && refused + slow == 30, "{refused} {slow}");
    // What took too long was told to stop, and the server lives.
    until(|| server.app.workers.load() == (0, 0)).await;
    assert_eq!(get(address, "/health", &[]).await.status, 200);
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_readers_hold_up_nobody() {
    let source = Slow::of(Duration::ZERO, 4 << 20);
    let server = Running::start(config(), source.served()).await;
    let mut slow = Vec::new();
    for _ in 0..200 {
        let mut client = Client::connect(server.address).await;
        client.send(b"GET /slow/1/0/0.mvt HTTP/1.1\r\nHost: a\r\n\r\n").await;
        slow.push(client);
    }
    // They read nothing; the tile is there once for all of them.
    for x in 0..50 {
        let path = format!("/slow/8/{x}/1.covt");
        let answer = timeout(Duration::from_secs(60), get(server.address, &path, &[])).await;
        assert_eq!(answer.expect("an answer").body.len(), 4 << 20);
    }
    assert_eq!(slow[7].answer(false).await.unwrap().body.len(), 4 << 20);
    server.end_at_once().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_connections_than_places_wait() {
    let limits = Limits { connections: 3, ..Limits::default() };
    let source = Slow::of(Duration::ZERO, 10);
    let server = Running::start(Config { limits, ..config() }, source.served()).await;
    let mut open = Vec::new();
    for _ in 0..3 {
        let mut client = Client::connect(server.address).await;
        assert_eq!(client.get("/health", &[]).await.status, 200);
        open.push(client);
    }
    let address = server.address;
    let fourth = tokio::spawn(async move { get(address, "/health", &[]).await.status });
    sleep(Duration::from_millis(100)).await;
    assert!(!fourth.is_finished());
    drop(open.pop());
    assert_eq!(fourth.await.unwrap(), 200);
    drop(open);
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_way_is_ended_well() {
    let source = Slow::of(Duration::from_millis(300), 50);
    let server = Running::start(config(), source.served()).await;
    let address = server.address;
    let under_way = tokio::spawn(async move { get(address, "/slow/1/0/0.mvt", &[]).await.status });
    until(|| source.begun.load(Relaxed) == 1).await;
    // A connection that nobody uses does not hold up the end.
    let mut idle = Client::connect(address).await;
    assert_eq!(idle.get("/health", &[]).await.status, 200);
    let begun = Instant::now();
    server.end().await;
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(under_way.await.unwrap(), 200);
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
