//! `covt get`: from files, and from servers in this process.

use covt::{Budget, EncodeOptions, LayerBuilder, Profile, Tile, Value};

use crate::support::{Place, mvt};

/// A tile of three layers, which is some tens of kilobytes.
fn tile() -> Vec<u8> {
    tile_of(0)
}

/// Another one for each number.
fn tile_of(first: i32) -> Vec<u8> {
    let layers = ["water", "roads", "places"].map(|name| {
        let mut layer = LayerBuilder::new(name);
        for number in 0..2000i32 {
            let (x, y) = (number * 7919 % 4096, number * number % 4093);
            layer.feature(Some((number * 31 % 977) as u64), |geometry| Ok(geometry.point(x, y))).unwrap();
            layer.property("class", Value::String(["a", "b", "c"][number as usize % 3])).unwrap();
            layer
                .property("name", Value::String(&format!("{name} {}", first + number * 7919 % 1999)))
                .unwrap();
        }
        layer.finish().unwrap()
    });
    covt::encode(&layers, &EncodeOptions::new(Profile::Fast)).unwrap()
}

const WANTED: [&str; 6] = ["--layers", "roads", "--columns", "class", "--front", "200"];

/// How many requests and bytes a run tells of.
fn cost(text: &str) -> (u64, u64) {
    let line = text.lines().last().unwrap().replace(',', "");
    let words: Vec<&str> = line.split(' ').collect();
    (words[0].parse().unwrap(), words[2].parse().unwrap())
}

#[track_caller]
fn assert_roads(tile: &[u8]) {
    let mut budget = Budget::default();
    let layers = Tile::open(tile, &mut budget).unwrap().decode(&mut budget).unwrap();
    let names: Vec<_> =
        layers.iter().map(|layer| (layer.name(), layer.columns().len(), layer.len())).collect();
    assert_eq!(names, [("roads", 1, 2000)]);
}

#[test]
fn from_files_and_archives() {
    let place = Place::new();
    let tile = tile();
    place.write("a.covt", &tile);
    let run = place.run([&["get", "a.covt", "-o", "b.covt"][..], &WANTED].concat()).succeeds();
    assert!(run.text().contains("(geometries)   2,000"), "{}", run.text());
    let (_, bytes) = cost(run.text());
    assert!(bytes < tile.len() as u64 / 2, "{bytes} of {}", tile.len());
    assert_roads(&place.read("b.covt"));

    place.write("tiles/3/1/2.covt", &tile);
    place.run(["convert", "--to", "covt", "tiles", "a.pmtiles"]).succeeds();
    let run =
        place.run(["get", "a.pmtiles", "3/1/2", "--columns", "", "--no-ids", "--no-geometry"]).succeeds();
    assert_eq!(cost(run.text()).0, 1);
    // With an index one request is enough, and columns are left.
    let run = place.run(["tileset", "index", "a.pmtiles", "-o", "a.covtidx"]).succeeds();
    assert!(run.text().contains("1 tiles"), "{}", run.text());
    let args = [
        "get",
        "a.pmtiles",
        "3/1/2",
        "--index",
        "a.covtidx",
        "--layers",
        "roads",
        "--gap",
        "0",
        "-q",
        "-o",
        "c.covt",
    ];
    place.run(args).succeeds();
    let run = place.run([&args[..9], &["--columns", "class"]].concat()).succeeds();
    let (requests, bytes) = cost(run.text());
    assert!(requests <= 2 && bytes < tile.len() as u64 / 2, "{}", run.text());
    // Of a compact tile no part can be read alone, which is told.
    let layers = Tile::open(&tile, &mut Budget::default()).unwrap().decode(&mut Budget::default()).unwrap();
    let compact = EncodeOptions { compact: Some(true), ..EncodeOptions::new(Profile::Small) };
    place.write("compact.covt", covt::encode(&layers, &compact).unwrap());
    let run = place.run([&["get", "compact.covt", "-o", "d.covt"][..], &WANTED].concat()).succeeds();
    assert!(run.stderr.contains("compact"), "{}", run.stderr);
    assert_roads(&place.read("d.covt"));
    place.write("bad.covtidx", "COVTidx");
    place.run(["get", "a.pmtiles", "3/1/2", "--index", "bad.covtidx"]).fails(&["bad.covtidx"]);
    place.run(["get", "a.pmtiles", "3/1/1"]).fails(&["no tile 3/1/1"]);
    place.write("a.mvt", mvt(1, 9));
    place.run(["get", "a.mvt"]).fails(&["a.mvt", "MVT"]);
    place.write("cut.covt", &tile[..tile.len() / 2]);
    place.run(["get", "cut.covt"]).fails(&["cut.covt"]);
}

#[cfg(feature = "http")]
mod http {
    use std::io::{BufRead, BufReader, Write};
    use std::net::{TcpListener, TcpStream};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    /// How a server treats its clients.
    #[derive(Clone, Copy, PartialEq, Debug)]
    enum Manner {
        Good,
        /// Answers the first of several ranges.
        OneRange,
        /// Sends everything whatever is asked for.
        NoRanges,
        /// Sends everything where several ranges are asked for, as S3 does.
        OneOrAll,
        /// Says how much comes, sends half of it, and ends.
        Cutting,
        /// The same with nothing.
        Silent,
        /// The tile changes after the first request.
        Changing,
        /// Parts that are none.
        Nonsense,
        /// More than was asked for, without end.
        Endless,
    }

    fn serve(file: Vec<u8>, manner: Manner) -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/tile.covt", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let (counter, file) = (Arc::clone(&requests), Arc::new(file));
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
            let mut ranges: Vec<(usize, usize)> = Vec::new();
            let mut only_head = false;
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap_or(0) == 0 {
                    return;
                }
                only_head |= line.starts_with("HEAD ");
                if let Some((_, list)) = line.to_ascii_lowercase().split_once("range: bytes=") {
                    ranges = list
                        .trim()
                        .split(',')
                        .map(|range| {
                            let (first, last) = range.trim().split_once('-').unwrap();
                            let last: usize = last.parse().unwrap();
                            (first.parse().unwrap(), last.min(file.len() - 1))
                        })
                        .collect();
                }
                if line == "\r\n" {
                    break;
                }
            }
            let number = counter.fetch_add(1, Ordering::SeqCst);
            if manner == Manner::OneRange {
                ranges.truncate(1);
            }
            let (mut status, mut head, mut body) = ("206 Partial Content", String::new(), Vec::new());
            match &ranges[..] {
                _ if only_head => (status, body) = ("200 OK", file.to_vec()),
                _ if manner == Manner::NoRanges => (status, body) = ("200 OK", file.to_vec()),
                [_, _, ..] if manner == Manner::OneOrAll => (status, body) = ("200 OK", file.to_vec()),
                _ if manner == Manner::Nonsense => {
                    head = "Content-Type: multipart/byteranges; boundary=X\r\n".into();
                    body = b"--X\r\nContent-Range: bytes 0-99999999/1\r\n\r\nabc".to_vec();
                }
                [(first, last)] => {
                    head = format!("Content-Range: bytes {first}-{last}/{}\r\n", file.len());
                    body = file[*first..=*last].to_vec();
                }
                several => {
                    head = "Content-Type: multipart/byteranges; boundary=\"the line\"\r\n".into();
                    for (first, last) in several {
                        let part = format!(
                            "\r\n--the line\r\nContent-Range: bytes {first}-{last}/{}\r\n\r\n",
                            file.len()
                        );
                        body.extend(part.as_bytes());
                        body.extend(&file[*first..=*last]);
                    }
                    body.extend(b"\r\n--the line--\r\n");
                }
            }
            let tag = if manner == Manner::Changing && number >= 1 { "new" } else { "old" };
            let length = if manner == Manner::Endless { 1 << 40 } else { body.len() };
            let head =
                format!("HTTP/1.1 {status}\r\nETag: \"{tag}\"\r\n{head}Content-Length: {length}\r\n\r\n");
            match manner {
                _ if only_head => body.clear(),
                Manner::Cutting => body.truncate(body.len() / 2 + 1),
                Manner::Silent => body.clear(),
                Manner::Endless => body.resize(1 << 20, 7),
                _ => {}
            }
            if stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)).is_err() {
                return;
            }
            if manner == Manner::Endless {
                while stream.write_all(&body).is_ok() {}
                return;
            }
            if matches!(manner, Manner::Cutting | Manner::Silent) {
                return;
            }
        }
    }

    #[test]
    fn as_much_as_is_wanted_from_any_server() {
        let place = Place::new();
        let tile = tile();
        for manner in [Manner::Good, Manner::OneRange, Manner::NoRanges, Manner::Cutting] {
            let (url, requests) = serve(tile.clone(), manner);
            let args = [&["get", &url, "--force", "-o", "b.covt", "--gap", "0"][..], &WANTED].concat();
            let run = place.run(args).succeeds();
            assert_roads(&place.read("b.covt"));
            let (told, bytes) = cost(run.text());
            // A request that finds its connection closed does not reach the server.
            let seen = requests.load(Ordering::SeqCst);
            assert!(
                told as usize == seen || manner == Manner::Cutting && told as usize >= seen,
                "{manner:?}"
            );
            match manner {
                Manner::NoRanges => assert_eq!((told, bytes), (1, tile.len() as u64)),
                _ => assert!(bytes < tile.len() as u64 / 2, "{manner:?}: {bytes} of {}", tile.len()),
            }
            if manner == Manner::Good {
                assert!(told <= 3, "{told}");
            }
        }
    }

    #[test]
    fn a_tile_of_an_archive() {
        let place = Place::new();
        place.write("tiles/3/1/2.covt", tile());
        place.run(["convert", "--to", "covt", "tiles", "a.pmtiles"]).succeeds();
        let (url, _) = serve(place.read("a.pmtiles"), Manner::Good);
        let args = [&["get", &url, "3/1/2", "-o", "b.covt"][..], &WANTED].concat();
        // An archive by its URL, whatever that ends with.
        place.run(args).succeeds();
        assert_roads(&place.read("b.covt"));
    }

    #[test]
    fn not_all_of_an_archive() {
        let place = Place::new();
        for number in 0..8 {
            place.write(&format!("tiles/3/1/{number}.covt"), tile_of(number));
        }
        place.run(["convert", "--to", "covt", "tiles", "a.pmtiles"]).succeeds();
        place.run(["tileset", "index", "a.pmtiles", "-o", "a.covtidx"]).succeeds();
        let (url, _) = serve(place.read("a.pmtiles"), Manner::OneOrAll);
        let wanted =
            ["3/1/2", "--index", "a.covtidx", "--layers", "water,places", "--columns", "", "--gap", "0"];
        let run = place.run([&["get", &url][..], &wanted].concat()).succeeds();
        let (requests, bytes) = cost(run.text());
        assert!(requests > 2 && bytes < tile().len() as u64, "{}", run.text());
    }

    /// S3 as far as it is asked for.
    #[test]
    #[cfg(feature = "s3")]
    fn objects_in_a_store() {
        let place = Place::new();
        let tile = tile();
        place.write("tiles/3/1/2.covt", &tile);
        place.run(["convert", "--to", "covt", "tiles", "a.pmtiles"]).succeeds();
        let get = |file: Vec<u8>, args: &[&str]| {
            let (url, requests) = serve(file, Manner::Good);
            let mut command =
                place.command([args, &WANTED[..], &["--gap", "0", "--force", "-o", "b.covt"]].concat());
            command.env("AWS_ENDPOINT", url.trim_end_matches("/tile.covt"));
            for (name, value) in
                [("AWS_REGION", "here"), ("AWS_ALLOW_HTTP", "true"), ("AWS_SKIP_SIGNATURE", "true")]
            {
                command.env(name, value);
            }
            let run = crate::support::Run::from(command.output().unwrap()).succeeds();
            assert_roads(&place.read("b.covt"));
            let (told, bytes) = cost(run.text());
            assert!(bytes < tile.len() as u64 / 2, "{bytes} of {}", tile.len());
            (told as usize, requests.load(Ordering::SeqCst))
        };
        let (told, seen) = get(tile.clone(), &["get", "s3://bucket/a tile.covt"]);
        assert_eq!(told, seen);
        // The directories of an archive are not counted.
        let (told, seen) = get(place.read("a.pmtiles"), &["get", "s3://bucket/a.pmtiles", "3/1/2"]);
        assert!(told < seen, "{told} of {seen}");
        place.run(["get", "s3://bucket"]).fails(&["s3://bucket names no object"]);
    }

    #[test]
    fn what_goes_wrong_is_told() {
        let place = Place::new();
        for (manner, part) in [
            (Manner::Silent, "cut off"),
            (Manner::Changing, "has changed"),
            (Manner::Nonsense, "other ranges"),
            (Manner::Endless, "more than"),
        ] {
            let (url, _) = serve(tile(), manner);
            place.run([&["get", &url][..], &WANTED].concat()).fails(&[&url, part]);
        }
        let (url, _) = serve(mvt(1, 900), Manner::Good);
        place.run(["get", &url]).fails(&["MVT"]);
        place.run(["get", "http://127.0.0.1:1/a.covt"]).fails(&["no answer"]);
    }
}
