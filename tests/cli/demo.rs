//! `covt demo`: what it leaves behind and what it tells, and where it refuses to write.

use std::fs;
use std::path::Path;

use covt::testing::generate::tileset::Tileset;
use covt::tileset::{Compression, Reader, decompress};
use covt::{Profile, TileCoord};

use crate::support::{Place, assert_same, read_metadata};

const FILES: [&str; 4] = ["covt-fast.mbtiles", "covt-small.mbtiles", "mvt-again.mbtiles", "mvt.mbtiles"];

/// The lines of the table of sizes, cell by cell.
fn sizes(text: &str) -> Vec<Vec<String>> {
    let lines = text.lines().skip_while(|line| !line.trim_start().starts_with("zoom")).skip(1);
    let cells = |line: &str| line.replace(',', "").split_whitespace().map(str::to_owned).collect();
    lines.take_while(|line| !line.is_empty()).map(cells).collect()
}

/// Number of tiles of a file and their bytes as stored and uncompressed, asked of SQLite.
fn measure(path: &Path) -> [usize; 3] {
    let connection = rusqlite::Connection::open(path).unwrap();
    let mut query = connection.prepare("SELECT tile_data FROM tiles").unwrap();
    let tiles = query.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap().map(Result::unwrap);
    tiles.fold([0; 3], |[count, stored, plain], tile| {
        [count + 1, stored + tile.len(), plain + decompress(&tile).unwrap().len()]
    })
}

#[test]
fn it_tells_what_it_made() {
    let place = Place::new();
    // What an interrupted demo leaves is no obstacle, and goes.
    place.write("covt-demo/.mvt.mbtiles.abcdef.part/lock", "");
    let run = place.run(["demo"]).succeeds();
    assert_eq!(run.stderr, "");
    assert_eq!(place.names(), ["covt-demo"]);
    let path = |name: &str| place.path("covt-demo").join(name);
    let mut names: Vec<_> = fs::read_dir(path(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, FILES);
    for name in FILES {
        assert!(run.text().contains(name), "{}", run.text());
    }

    // The sums are those of the files, and of the zoom levels.
    let sizes = sizes(run.text());
    let [fast, small, again, mvt] = FILES.map(|name| measure(&path(name)));
    let [count, gzip, plain] = mvt;
    assert_eq!([again[0], fast[0], small[0]], [count; 3]);
    let all: Vec<_> = [count, plain, gzip, fast[1], small[1]].iter().map(usize::to_string).collect();
    assert_eq!(sizes.last().unwrap()[..6], [&["all".to_owned()][..], &all].concat());
    assert_eq!(sizes.len(), 16, "a line for each of the zoom levels 0 to 14");
    for column in 1..6 {
        let number = |row: &Vec<String>| row[column].parse::<usize>().unwrap();
        assert_eq!(sizes[..15].iter().map(number).sum::<usize>(), number(&sizes[15]));
    }
    let change = format!("{:.1}", 100.0 * (small[1] as f64 / gzip as f64 - 1.0));
    assert_eq!(sizes[15][6], change);
    assert!(run.text().contains(&format!("Verified  {count} of {count} tiles")), "{}", run.text());

    // The tile it points to is there, in every file.
    let hint = run.text().lines().find(|line| line.contains(" inspect ")).expect("a hint");
    let args: Vec<_> = hint.split_whitespace().skip(1).collect();
    place.run(args).succeeds();
    let numbers: Vec<u32> =
        hint.rsplit(' ').next().unwrap().split('/').map(|number| number.parse().unwrap()).collect();
    let coord = TileCoord::new(numbers[0] as u8, numbers[1], numbers[2]).unwrap();
    let [fast, small, again, mvt] =
        FILES.map(|name| Reader::open(&path(name)).unwrap().tile(coord).unwrap().unwrap());
    assert_eq!(Compression::of(&mvt), Compression::Gzip);
    assert_same(&decompress(&mvt).unwrap(), &decompress(&again).unwrap());
    for (tile, profile) in [(fast, Profile::Fast), (small, Profile::Small)] {
        let options = covt::EncodeOptions::new(profile);
        assert!(covt::mvt::to_covt(&decompress(&mvt).unwrap(), &options).unwrap().0 == tile);
    }

    // The metadata tells all that a viewer wants to know.
    let metadata = read_metadata(&path("mvt.mbtiles"));
    let get = |key: &str| metadata.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
    assert_eq!([get("format"), get("compression")], [Some("pbf"), Some("gzip")]);
    assert_eq!([get("minzoom"), get("maxzoom")], [Some("0"), Some("14")]);
    for (key, count) in [("bounds", 4), ("center", 3)] {
        let numbers = get(key).unwrap().split(',').map(|number| number.parse::<f64>().unwrap());
        assert_eq!(numbers.count(), count);
    }
    for key in ["name", "description", "attribution", "type", "version"] {
        assert!(get(key).is_some_and(|value| !value.is_empty()), "{key}");
    }
    let json: serde_json::Value = serde_json::from_str(get("json").unwrap()).unwrap();
    assert!(json["vector_layers"].as_array().unwrap().len() > 5);
    let layers = covt::mvt::read(&decompress(&mvt).unwrap()).unwrap().0;
    for layer in layers {
        let described = json["vector_layers"].as_array().unwrap();
        assert!(described.iter().any(|other| other["id"] == layer.name()), "{}", layer.name());
    }

    // Once more: the same bytes, and what else lies there stays.
    let before = FILES.map(|name| fs::read(path(name)).unwrap());
    place.write("covt-demo/notes.txt", "mine");
    place.run(["demo"]).succeeds();
    assert!(FILES.map(|name| fs::read(path(name)).unwrap()) == before);
    assert_eq!(place.read("covt-demo/notes.txt"), b"mine");
}

#[test]
fn folders_of_others_are_left_alone() {
    let place = Place::new();
    place.write("thesis/chapter.txt", "precious");
    place.write("maps/mvt.mbtiles", "precious");
    place.write("file", "precious");
    for (folder, inside) in [("thesis", "chapter.txt"), ("maps", "mvt.mbtiles")] {
        place.run(["demo", "--out", folder]).fails(&[folder, "holds no demo", inside, "--force"]);
        assert_eq!(place.read(&format!("{folder}/{inside}")), b"precious");
    }
    place.run(["demo", "--out", "file"]).fails(&["cannot use file as a folder"]);
    place.run(["demo", "--out", "file/demo"]).fails(&["file/demo"]);
    place.run(["demo", "--force", "--out", "file"]).fails(&["cannot use file as a folder"]);
    assert_eq!(place.names(), ["file", "maps", "thesis"]);
    assert_eq!(fs::read_dir(place.path("maps")).unwrap().count(), 1);

    let run = place.run(["demo", "--force", "--seed", "7", "--out", "thesis"]).succeeds();
    assert_eq!(place.read("thesis/chapter.txt"), b"precious");
    assert!(place.path("thesis/mvt-again.mbtiles").is_file());
    // Another seed, another country.
    assert!(run.text().contains("(seed 7)"), "{}", run.text());
    let name = run.text().split(',').next().unwrap();
    assert_ne!(name, Tileset::new(1).name());
    let metadata = read_metadata(&place.path("thesis/mvt.mbtiles"));
    assert!(metadata.contains(&("name".into(), name.into())), "{name}");
}

#[cfg(target_os = "linux")]
#[test]
fn places_that_cannot_be_written_to() {
    let place = Place::new();
    // Not even root makes folders there.
    place.run(["demo", "--out", "/proc/demo"]).fails(&["cannot make the folder /proc/demo"]);

    // A limit on the size of files stands in for a full disk.
    let script = "trap '' XFSZ; ulimit -f 16; exec \"$0\" demo";
    let run = std::process::Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_covt")])
        .current_dir(place.path(""))
        .output()
        .unwrap();
    crate::support::Run::from(run).fails(&["cannot write"]);
    assert_eq!(fs::read_dir(place.path("covt-demo")).unwrap().count(), 0);
}
