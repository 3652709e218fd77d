//! `covt serve`: what it is told, what it says, how it ends; and the bench of it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use crate::support::{Place, assert_same, write_pyramid};

/// A server that ends with this.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // What goes before, as of the demo, is passed over.
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let address = lines.filter_map(|line| Some(line.strip_prefix("http://")?.to_owned())).next();
        let Some(address) = address else {
            let mut error = String::new();
            child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
            panic!("it does not start: {error}");
        };
        Self { child, address }
    }

    /// Head and body of an answer.
    fn get(&self, path: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        (String::from_utf8(bytes[..end].to_vec()).unwrap(), bytes.split_off(end + 4))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const ROWS: &str = "name,lon,lat,size\na,9.5,47.1,1\nb,9.6,47.2,2\nc,190,0,3\nd,,1,4\ne,-70,-33,5\n";

#[test]
fn a_tileset_and_rows() {
    let place = Place::new();
    let tiles = write_pyramid(&place.path("city.mbtiles"), 2);
    place.write("data/places.csv", ROWS);
    let mut server =
        Server::start(&mut place.command(["serve", "city.mbtiles", "p=data/places.csv", "--port", "0"]));
    for (coord, tile) in &tiles {
        let (head, body) = server.get(&format!("/city/{coord}.mvt"));
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        assert_same(tile, &body);
    }
    let (head, body) = server.get("/p/0/0/0.mvt?filter=size%20%3E%201");
    assert!(head.contains("x-covt-rows: 2"), "{head}");
    let (layers, _) = covt::mvt::read(&body).unwrap();
    assert_eq!((layers[0].name(), layers[0].len()), ("p", 2));
    let (head, body) = server.get("/p/0/0/0.covt?filter=nothing%20%3E%201");
    assert!(head.starts_with("HTTP/1.1 400 "), "{head}");
    let fault: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(fault["parameter"], "filter");

    // What is wrong with the rows is told, and the server ends when it is told to.
    #[cfg(unix)]
    {
        let killed = Command::new("kill").arg(server.child.id().to_string()).status().unwrap();
        assert!(killed.success());
        assert!(server.child.wait().unwrap().success());
    }
    #[cfg(not(unix))]
    server.child.kill().unwrap();
    let mut told = String::new();
    server.child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert!(told.contains("p: 2 bad rows left out") && told.contains("row 3: "), "{told}");
}

#[test]
fn the_same_in_a_file_and_in_the_environment() {
    let place = Place::new();
    place.write("etc/places.csv", ROWS.replace("lon", "east").replace("lat", "north"));
    write_pyramid(&place.path("etc/city.mbtiles"), 1);
    let file = "port = 1\nmax-age = 7\n\n[[dataset]]\nname = \"places\"\npath = \"places.csv\"\nx = \"east\"\ny = \"north\"\n\n[[dataset]]\npath = \"city.mbtiles\"\n";
    place.write("etc/covt.toml", file);
    let run = place.run(["serve", "--config", "etc/covt.toml", "--check-config"]).succeeds();
    assert_eq!(run.text(), "The configuration is fine: 2 datasets\n");
    let mut command = place.command(["serve", "--config", "etc/covt.toml", "--max-age", "9"]);
    let server = Server::start(command.env("COVT_PORT", "0").env("COVT_MAX_AGE", "8"));
    let (head, _) = server.get("/tiles/0/0/0.mvt");
    assert!(head.contains("cache-control: public, max-age=9") && head.contains("x-covt-rows: 3"), "{head}");
    assert!(server.get("/city/0/0/0.covt").0.starts_with("HTTP/1.1 200 "));
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let place = Place::new();
    let check = ["serve", "--config", "covt.toml", "--check-config"];
    for (file, parts) in [
        ("port = 1\nprot = 2\n", &["covt.toml: line 2: ", "prot"][..]),
        ("[[dataset]]\nname = \"a\"\npath = \"a.csv\"\n", &["covt.toml: line 3: ", "a.csv"]),
        ("port = 1\n", &["no dataset"]),
        ("[[dataset]]\nname = \"a/b\"\npath = \"a.csv\"\n", &["covt.toml: line 2: ", "a/b"]),
    ] {
        place.write("covt.toml", file);
        place.run(check).fails(parts);
    }
    place.run(["serve"]).fails(&["no dataset"]);
    place.run(["serve", "nowhere.csv"]).fails(&["nowhere.csv"]);
    place.write("bad.csv", "a,b\n1,2\n");
    place.run(["serve", "bad.csv", "--port", "0"]).fails(&["bad.csv"]);
    place.write("bad.mbtiles", "SQLite format 3\0");
    place.run(["serve", "bad.mbtiles", "--port", "0"]).fails(&["bad.mbtiles", "cut off"]);
    // A port that is taken.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    place.write("good.csv", ROWS);
    place.run(["serve", "good.csv", "--port", &port]).fails(&["cannot listen on 127.0.0.1", &port]);
    let mut command = place.command(["serve", "good.csv"]);
    crate::support::Run::from(command.env("COVT_PORT", "many").output().unwrap()).fails(&["COVT_PORT"]);
}

#[test]
fn numbers_that_are_none_are_told_what_is() {
    let place = Place::new();
    place.write("good.csv", ROWS);
    for (option, value, what) in [
        ("--port", "70000", "\"70000\" is no whole number from 0 to 65535"),
        ("--port", "-1", "\"-1\" is no whole number from 0 to 65535"),
        ("--port", "", "\"\" is no whole number from 0 to 65535"),
        ("--threads", "0", "\"0\" is no whole number from 1 to 1024"),
        ("--max-age", "1h", "\"1h\" is no whole number from 0 to 31536000"),
        ("--limit-seconds", "1.5", "\"1.5\" is no whole number from 1 to 86400"),
        ("--limit-rows", "all", "\"all\" is no whole number from 1 to "),
        ("--limit-grid", "9999", "\"9999\" is no whole number from 1 to 4096"),
        ("--limit-queue", "-5", "\"-5\" is no whole number from 1 to "),
        ("--cache", "-1", "is no whole number of bytes, such as 64, 512 MiB or 2 GB"),
        ("--host", "example.com", "is no IP address"),
        ("--delimiter", "::", "one character of ASCII"),
    ] {
        let run = place.run(["serve", "good.csv", option, value, "--check-config"]);
        let told = run.stderr.contains(option) && run.stderr.contains(what);
        assert!(run.code == Some(2) && told, "{}", run.stderr);
    }
    let fine = ["--port", "65535", "--host", "localhost", "--delimiter", "tab", "--cache", "0"];
    place.run([&["serve", "good.csv", "--check-config"], &fine[..]].concat()).succeeds();
}

/// What the process has in memory that is no file, in bytes.
#[cfg(target_os = "linux")]
fn memory(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<u64>().unwrap() << 10
}

#[cfg(target_os = "linux")]
#[test]
fn a_thousand_clients_of_all_kinds_and_no_growth() {
    let place = Place::new();
    let mut rows = String::from("name,lon,lat,size\n");
    for row in 0..20_000u32 {
        let (lon, lat) = (f64::from(row % 360) - 179.5, f64::from(row % 171) - 85.0);
        rows += &format!("n{},{lon},{lat},{}\n", row % 50, row % 997);
    }
    place.write("rows.csv", rows);
    let mut server =
        Server::start(&mut place.command(["serve", "rows.csv", "--port", "0", "--cache", "8 MiB"]));
    let deep = |open: &str, close: &str| format!("{}size%3D1{}", open.repeat(2000), close.repeat(2000));
    let deep = [deep("(", ")"), deep("NOT%20", "")];
    let path = |number: usize, round: usize| match number % 10 {
        0 => format!("/rows/3/{}/{}.mvt", number % 8, round % 8),
        1 => format!("/rows/4/{}/{}.covt?agg=count,mean:size&by=name", number % 16, round % 16),
        2 => format!("/rows/2/{}/1.mvt?filter=size%20%3E%20{}", number % 4, number + round),
        3 => "/rows/99/0/0.mvt".into(),
        4 => "/rows/3/8/0.mvt".into(),
        5 => "/rows/0/0/0.mvt?filter=colour%20%3D%201".into(),
        6 => format!("/rows/0/0/0.mvt?filter={}", deep[number / 10 % 2]),
        7 => format!("/rows/0/0/0.mvt?limit={}", "9".repeat(300)),
        8 => "/rows/0/0/0.mvt?grid=-1&agg=count".into(),
        _ => format!("/{}", "%2e%2e/".repeat(100)),
    };
    let mut after = Vec::new();
    for round in 0..6 {
        let mut streams = Vec::new();
        for number in 0..1000 {
            let mut stream = TcpStream::connect(&server.address).unwrap();
            let path = path(number, round);
            write!(stream, "GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
            streams.push((number, stream));
        }
        for (number, mut stream) in streams {
            // A tenth goes away without an answer.
            if number % 100 < 10 {
                continue;
            }
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes).unwrap();
            let head = String::from_utf8_lossy(&bytes[..bytes.len().min(12)]).into_owned();
            let good = number % 10 < 3;
            let expected =
                if good { ["HTTP/1.1 200", "HTTP/1.1 204"] } else { ["HTTP/1.1 400", "HTTP/1.1 4"] };
            let fits = expected.iter().any(|start| head.starts_with(start));
            assert!(fits, "{}: {}", path(number, round), String::from_utf8_lossy(&bytes));
        }
        after.push(memory(&server));
    }
    // The first rounds fill the cache and what threads keep for themselves.
    let grown = after[5].saturating_sub(after[2]);
    assert!(grown < 24 << 20, "{after:?}");
    assert!(server.child.try_wait().unwrap().is_none());
}

#[test]
fn the_bench_measures_rows_and_tilesets() {
    let place = Place::new();
    let args = ["bench", "serve", "--rows", "3000", "--walks", "1", "--clients", "4", "--seconds", "1"];
    let run = place.run(args.iter().chain(&["--index", "--json", "out.json"])).succeeds();
    assert!(
        run.text().contains("aggregated by category") && run.text().contains("requests/s"),
        "{}",
        run.text()
    );
    let json: serde_json::Value = serde_json::from_slice(&place.read("out.json")).unwrap();
    let dataset = &json["datasets"][0];
    assert_eq!(dataset["count"], 3000);
    let kinds = dataset["kinds"].as_array().unwrap();
    assert_eq!(kinds.len(), 2 * 8);
    for kind in kinds {
        let [p50, _, p99] = [0, 1, 2].map(|number| kind["cold"][number].as_f64().unwrap());
        assert!(p50 > 0.0 && p99 >= p50 && kind["zooms"].as_array().unwrap().len() > 5, "{kind}");
    }
    write_pyramid(&place.path("city.mbtiles"), 3);
    let args = ["bench", "serve", "city.mbtiles", "--walks", "2", "--seconds", "1", "--json", "-"];
    let json: serde_json::Value = serde_json::from_slice(&place.run(args).succeeds().stdout).unwrap();
    assert!(json["datasets"][0]["rates"][1]["requests_per_second"].as_f64().unwrap() > 10.0, "{json}");
}

#[test]
fn the_demo_goes_on_to_serve() {
    let place = Place::new();
    let server = Server::start(&mut place.command(["demo", "--serve", "--port", "0"]));
    let (_, body) = server.get("/catalog");
    let catalog: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(catalog["tiles"]["trips"]["count"], 1_000_000);
    assert!(catalog["tiles"]["land"]["count"].as_u64().unwrap() > 50);
    assert!(server.get("/").0.starts_with("HTTP/1.1 200 "));
}
