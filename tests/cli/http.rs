//! PMTiles over HTTP, from a server in this process.
#![cfg(feature = "http")]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::support::{Place, write_pyramid};

/// How a server treats its clients.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    Good,
    /// Sends the whole file whatever is asked for.
    NoRanges,
    /// Every third answer is an error of the server.
    Flaky,
    /// Every third answer ends in its midst.
    Cutting,
    /// The file changes after the first request.
    Changing,
}

/// Serves `file` at `/a.pmtiles` until the test ends; returns the URL and the number of requests.
fn serve(file: Vec<u8>, manner: Manner) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/a.pmtiles", listener.local_addr().unwrap());
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&requests);
    let file = Arc::new(file);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (file, counter) = (Arc::clone(&file), Arc::clone(&counter));
            thread::spawn(move || answer(stream.unwrap(), &file, manner, &counter));
        }
    });
    (url, requests)
}

fn answer(mut stream: TcpStream, file: &[u8], manner: Manner, counter: &AtomicUsize) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let (mut line, mut range, mut path) = (String::new(), None, String::new());
        loop {
            line.clear();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if let Some(rest) = line.strip_prefix("GET ") {
                path = rest.split(' ').next().unwrap().to_owned();
            }
            if let Some((_, value)) = line.to_ascii_lowercase().split_once("range: bytes=") {
                let (first, last) = value.trim().split_once('-').unwrap();
                range = Some((first.parse::<usize>().unwrap(), last.parse::<usize>().unwrap()));
            }
            if line == "\r\n" {
                break;
            }
        }
        let number = counter.fetch_add(1, Ordering::SeqCst);
        let (status, head, body) = match range {
            _ if path != "/a.pmtiles" => ("404 Not Found", String::new(), &b"nothing"[..]),
            _ if manner == Manner::Flaky && number % 3 == 1 => {
                ("503 Unavailable", String::new(), &b"later"[..])
            }
            Some((first, last)) if manner != Manner::NoRanges => {
                let last = last.min(file.len() - 1);
                let head = format!("Content-Range: bytes {first}-{last}/{}\r\n", file.len());
                ("206 Partial Content", head, &file[first..=last])
            }
            _ => ("200 OK", String::new(), file),
        };
        let tag = if manner == Manner::Changing && number >= 1 { "new" } else { "old" };
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\nETag: \"{tag}\"\r\n{head}Content-Length: {length}\r\n\r\n");
        let cut = manner == Manner::Cutting && number % 3 == 1;
        let body = if cut { &body[..length / 2] } else { body };
        if stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).is_err() || cut {
            return;
        }
    }
}

/// An archive of several hundred kilobytes.
fn archive() -> Vec<u8> {
    let place = Place::new();
    write_pyramid(&place.path("a.mbtiles"), 5);
    place.run(["convert", "--to", "mvt", "a.mbtiles", "a.pmtiles"]).succeeds();
    place.read("a.pmtiles")
}

#[test]
fn by_ranges_as_from_a_file() {
    let place = Place::new();
    let archive = archive();
    place.write("a.pmtiles", &archive);
    place.run(["convert", "a.pmtiles", "expected.pmtiles"]).succeeds();
    for manner in [Manner::Good, Manner::Flaky, Manner::Cutting] {
        let (url, requests) = serve(archive.clone(), manner);
        place.run(["convert", "--force", &url, "b.pmtiles"]).succeeds();
        assert!(place.read("b.pmtiles") == place.read("expected.pmtiles"));
        // Not a request for every one of the 1,365 tiles.
        let requests = requests.load(Ordering::SeqCst);
        assert!((2..20).contains(&requests), "{requests}");
    }
    let (url, requests) = serve(archive, Manner::Good);
    let run = place.run(["inspect", &url, "3/1/2"]).succeeds();
    assert!(run.text().contains("layer"), "{}", run.text());
    assert!(requests.load(Ordering::SeqCst) <= 3);
}

#[test]
fn what_goes_wrong_is_told() {
    let place = Place::new();
    let (url, _) = serve(archive(), Manner::NoRanges);
    place.run(["convert", &url, "out.mbtiles"]).fails(&[&url, "hands out no ranges"]);
    place.run(["convert", &url.replace("a.pmtiles", "b.pmtiles"), "out.mbtiles"]).fails(&["404"]);
    let (url, _) = serve(archive(), Manner::Changing);
    place.run(["convert", &url, "out.mbtiles"]).fails(&["has changed"]);
    let (url, _) = serve(b"PMTiles".to_vec(), Manner::Good);
    place.run(["convert", &url, "out.mbtiles"]).fails(&["cut off"]);
    assert!(place.names().is_empty(), "{:?}", place.names());
}
