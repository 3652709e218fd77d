//! Conversions that are killed, and gone on with: the result is the same as if nothing had happened.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use covt::tileset::{Reader, Selection};

use crate::support::{Place, mvt, pyramid, read_metadata, write_mbtiles, write_pyramid};

/// All that counts of an output: every byte of files and folders, of MBTiles tiles and metadata.
fn content(path: &Path) -> Vec<(String, Vec<u8>)> {
    let mut content = Vec::new();
    if path.extension().is_some_and(|extension| extension == "mbtiles") {
        let reader = Reader::open(path).unwrap();
        let mut coords = Vec::new();
        reader.for_each_size(&Selection::default(), &mut |coord, _| coords.push(coord)).unwrap();
        coords.sort();
        content.extend(read_metadata(path).into_iter().map(|(name, value)| (name, value.into_bytes())));
        content.extend(coords.iter().map(|&at| (at.to_string(), reader.tile(at).unwrap().unwrap())));
    } else if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            let entry = entry.unwrap().path();
            let name = entry.file_name().unwrap().to_str().unwrap().to_owned();
            content.extend(
                self::content(&entry).into_iter().map(|(part, bytes)| (format!("{name}/{part}"), bytes)),
            );
        }
        content.sort();
    } else {
        content.push((String::new(), fs::read(path).unwrap()));
    }
    content
}

/// What is beside the output and the input.
fn parts(place: &Place) -> Vec<String> {
    place.names().into_iter().filter(|name| name.ends_with(".part")).collect()
}

#[test]
fn killed_at_any_moment() {
    let place = Place::new();
    let mut tiles = pyramid(5);
    for at in (101..1300).step_by(250) {
        tiles[at].1 = b"bad".to_vec();
    }
    // The same tile again and again.
    for at in (500..700).step_by(2) {
        tiles[at].1 = mvt(1, 1);
    }
    write_mbtiles(&place.path("a.mbtiles"), &[("format", "pbf"), ("name", "a")], &tiles);
    for output in ["out.mbtiles", "out.pmtiles", "out"] {
        let convert = [
            "convert",
            "--skip-bad",
            "--bad-list",
            "bad",
            "--checkpoint",
            "16",
            "--profile",
            "fast",
            "--resume",
            "a.mbtiles",
        ];
        let convert: Vec<&str> = convert.into_iter().chain([output]).collect();
        let start = Instant::now();
        let run = place.run(&convert).succeeds();
        let time = start.elapsed();
        let (expected, bad) = (content(&place.path(output)), place.read("bad"));
        assert!(!run.stderr.contains("goes on") && run.text().contains("5 bad tiles"), "{}", run.stderr);
        let remove = || {
            let path = place.path(output);
            if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
        };
        remove();

        let (mut resumed, mut finished) = (0, 0);
        for step in 1..=10 {
            let mut child =
                place.command(&convert).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            thread::sleep(time * (step * 3 % 10) / 20);
            child.kill().unwrap();
            if child.wait().unwrap().success() {
                finished += 1;
            }
            // It is there complete or not at all.
            if place.path(output).exists() {
                assert!(content(&place.path(output)) == expected, "killed in step {step} of {output}");
                remove();
                continue;
            }
            assert!(parts(&place).len() <= 1, "{:?}", parts(&place));
            if step % 2 == 0 {
                let run = place.run(&convert).succeeds();
                resumed += usize::from(run.stderr.contains("goes on behind"));
                assert!(content(&place.path(output)) == expected, "after step {step} of {output}");
                assert!(place.read("bad") == bad);
                assert!(
                    run.text().contains(" 1,360 tiles in") && run.text().contains("5 bad"),
                    "{}",
                    run.text()
                );
                assert!(parts(&place).is_empty());
                remove();
            }
        }
        assert!(resumed > 0 && finished < 10, "{output}: {resumed} {finished}");
        // Without --resume it is begun anew, and what was left goes.
        let mut child = place.command(&convert).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(time / 2);
        child.kill().unwrap();
        child.wait().unwrap();
        if !place.path(output).exists() {
            let anew: Vec<&str> = convert.iter().copied().filter(|arg| *arg != "--resume").collect();
            fs::remove_file(place.path("bad")).unwrap();
            let run = place.run(&anew).succeeds();
            assert!(!run.stderr.contains("goes on"), "{}", run.stderr);
        }
        assert!(parts(&place).is_empty());
        assert!(content(&place.path(output)) == expected);
        remove();
    }
}

/// Holds a conversion up at a tile that cannot be read before the pipe is gone, kills it, and returns
/// when the first checkpoint is there.
#[cfg(target_os = "linux")]
fn interrupt(place: &Place, args: &[&str]) {
    let pipe = place.path("tiles/4/0/0.mvt");
    fs::create_dir_all(pipe.parent().unwrap()).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut child = place.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let start = Instant::now();
    while !parts(place).iter().any(|part| place.path(part).join("checkpoint").exists()) {
        assert!(child.try_wait().unwrap().is_none() && start.elapsed() < Duration::from_secs(60));
        thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    fs::remove_file(pipe).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn only_the_same_conversion_goes_on() {
    let place = Place::new();
    for (coord, tile) in pyramid(3) {
        place.write(&format!("tiles/{coord}.mvt"), tile);
    }
    place.write("tiles/metadata.json", r#"{"format":"pbf"}"#);
    let convert = ["convert", "--checkpoint", "1", "--resume", "tiles", "out.pmtiles"];
    // The folder of zoom 4 comes and goes with the pipe.
    fs::create_dir(place.path("tiles/4")).unwrap();
    interrupt(&place, &["convert", "--checkpoint", "1", "tiles", "out.pmtiles"]);
    let other: Vec<&str> = convert.iter().copied().chain(["--profile", "fast"]).collect();
    place.run(&other).fails(&["begun otherwise", "encoding was", "without --resume"]);
    place.run([&convert[..], &["--zoom", "0-3"]].concat()).fails(&["selection was"]);
    // Nothing is lost by such an error, and how many threads there are makes no difference.
    let run = place.run([&convert[..], &["-j", "3"]].concat()).succeeds();
    assert!(run.stderr.contains("goes on behind"), "{}", run.stderr);
    assert!(run.text().contains("had been done before"), "{}", run.text());
    place.run(["convert", "tiles", "whole.pmtiles"]).succeeds();
    assert!(place.read("out.pmtiles") == place.read("whole.pmtiles"));
    // What is complete is not gone on with.
    place.run(convert).fails(&["out.pmtiles exists already"]);
}

/// A limit on the size of files stands in for a disk that is full, until somebody makes room.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_loses_nothing() {
    let place = Place::new();
    write_pyramid(&place.path("a.mbtiles"), 5);
    for output in ["out.mbtiles", "out.pmtiles"] {
        let script = "trap '' XFSZ; ulimit -f 80; exec \"$0\" convert --checkpoint 64 a.mbtiles \"$1\"";
        let run = std::process::Command::new("sh")
            .args(["-c", script, env!("CARGO_BIN_EXE_covt"), output])
            .current_dir(place.path(""))
            .output()
            .unwrap();
        let run = crate::support::Run::from(run).fails(&["cannot write"]);
        assert!(run.stderr.contains("hint: what was done so far is kept"), "{}", run.stderr);
        assert!(!place.path(output).exists());
        let run = place.run(["convert", "--resume", "a.mbtiles", output]).succeeds();
        assert!(run.stderr.contains("goes on behind"), "{}", run.stderr);
        let whole = format!("whole-{output}");
        place.run(["convert", "a.mbtiles", &whole]).succeeds();
        assert!(content(&place.path(output)) == content(&place.path(&whole)));
        assert!(parts(&place).is_empty());
    }
}

#[test]
fn a_bad_tile_loses_nothing() {
    let place = Place::new();
    let mut tiles = pyramid(4);
    tiles[300].1 = b"bad".to_vec();
    write_mbtiles(&place.path("a.mbtiles"), &[("format", "pbf")], &tiles);
    let run = place.run(["convert", "--checkpoint", "16", "a.mbtiles", "b.pmtiles"]).fails(&["tile 4/"]);
    assert!(run.stderr.contains("hint: --skip-bad") && run.stderr.contains("--resume"), "{}", run.stderr);
    let run = place.run(["convert", "--resume", "--skip-bad", "a.mbtiles", "b.pmtiles"]).succeeds();
    assert!(run.stderr.contains("goes on behind") && run.text().contains("1 bad"), "{}", run.stderr);
    place.run(["convert", "--skip-bad", "a.mbtiles", "whole.pmtiles"]).succeeds();
    assert!(place.read("b.pmtiles") == place.read("whole.pmtiles"));
}
