//! Outputs that cannot be written, must not be written, or are left half done.

use std::fs;

use crate::support::{Place, mvt, write_pyramid};

#[test]
fn an_output_that_exists_is_refused_before_any_work() {
    let place = Place::new();
    write_pyramid(&place.path("a.mbtiles"), 2);
    place.write("b.mbtiles", "precious");
    place.write("tiles/thesis.txt", "precious");
    for output in ["b.mbtiles", "tiles"] {
        let run = place.run(["convert", "a.mbtiles", output]).fails(&[output, "exists already"]);
        assert!(run.stderr.contains("hint: --force"), "{}", run.stderr);
        // Before any work: not even the input is looked at.
        place.run(["convert", "missing", output]).fails(&["exists already"]);
    }
    assert_eq!(place.read("b.mbtiles"), b"precious");

    place.run(["convert", "--force", "a.mbtiles", "b.mbtiles"]).succeeds();
    assert!(place.read("b.mbtiles").starts_with(b"SQLite"));
    place.run(["convert", "--force", "a.mbtiles", "tiles"]).fails(&["holds not only tiles (thesis.txt)"]);
    assert_eq!(place.read("tiles/thesis.txt"), b"precious");
}

#[test]
fn a_failure_leaves_the_old_output() {
    let place = Place::new();
    write_pyramid(&place.path("a.mbtiles"), 2);
    place.run(["convert", "a.mbtiles", "out.mbtiles"]).succeeds();
    let good = place.read("out.mbtiles");
    place.write("bad/0/0/0.mvt", mvt(0, 10));
    place.write("bad/1/0/0.mvt", "bad");
    place.run(["convert", "--force", "bad", "out.mbtiles"]).fails(&["tile 1/0/0 of bad"]);
    assert!(place.read("out.mbtiles") == good);
    assert_eq!(place.names(), ["a.mbtiles", "bad", "out.mbtiles"]);
}

#[test]
fn a_folder_of_tiles_is_replaced() {
    let place = Place::new();
    write_pyramid(&place.path("a.mbtiles"), 1);
    place.write("tiles/7/0/0.mvt", "old");
    place.run(["convert", "--force", "a.mbtiles", "tiles/"]).succeeds();
    assert!(!place.path("tiles/7").exists());
    assert!(place.path("tiles/1/1/1.covt").is_file());
    assert_eq!(place.names(), ["a.mbtiles", "tiles"]);
}

#[test]
fn input_and_output_must_be_apart() {
    let place = Place::new();
    write_pyramid(&place.path("a.mbtiles"), 1);
    place.write("tiles/0/0/0.mvt", mvt(0, 1));
    let convert = |input, output| place.run(["convert", "--force", input, output]);
    convert("a.mbtiles", "a.mbtiles").fails(&["the same"]);
    convert("a.mbtiles", "./tiles/../a.mbtiles").fails(&["the same"]);
    convert("tiles", "tiles/").fails(&["the same"]);
    convert("tiles", "tiles/0").fails(&["within the input"]);
    convert("tiles", "tiles/new.mbtiles").fails(&["within the input"]);
    convert("tiles/0", "tiles").fails(&["within the output"]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("a.mbtiles", place.path("link.mbtiles")).unwrap();
        convert("a.mbtiles", "link.mbtiles").fails(&["the same"]);
        convert("link.mbtiles", "a.mbtiles").fails(&["the same"]);
    }
    assert!(place.path("tiles/0/0/0.mvt").exists());
}

#[test]
fn places_that_cannot_be_written_to() {
    let place = Place::new();
    write_pyramid(&place.path("a.mbtiles"), 1);
    place.write("file", "");
    place.write("a.mvt", mvt(0, 1));
    for output in ["missing/out.mbtiles", "file/out.mbtiles", "missing/out", "file/out"] {
        place.run(["convert", "a.mbtiles", output]).fails(&["cannot write", output]);
        place.run(["encode", "a.mvt", output]).fails(&["cannot write", output]);
    }
    place.run(["convert", "a.mbtiles", "out.zip"]).fails(&["out.zip", ".mbtiles", ".pmtiles"]);
    fs::create_dir(place.path("folder.mbtiles")).unwrap();
    place.run(["convert", "--force", "a.mbtiles", "file"]).fails(&["cannot replace file by a folder"]);
    place.run(["encode", "--force", "a.mvt", "folder.mbtiles"]).fails(&["cannot write", "folder.mbtiles"]);
    assert_eq!(place.names(), ["a.mbtiles", "a.mvt", "file", "folder.mbtiles"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk() {
    let place = Place::new();
    place.write("a.mvt", mvt(0, 100));
    place.run(["encode", "a.mvt", "/dev/full"]).fails(&["cannot write /dev/full", "No space left"]);
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = place.command(["encode", "a.mvt", "-"]).stdout(full).output().unwrap();
    crate::support::Run::from(output).fails(&["cannot write to standard output", "No space left"]);
    write_pyramid(&place.path("a.mbtiles"), 1);
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = place.command(["convert", "a.mbtiles", "b.mbtiles"]).stdout(full).output().unwrap();
    crate::support::Run::from(output).fails(&["cannot write to standard output"]);
    std::os::unix::fs::symlink("/dev/full", place.path("full.mbtiles")).unwrap();
    place.run(["convert", "--force", "a.mbtiles", "full.mbtiles"]).fails(&["neither a file nor a folder"]);
    place.write("tiles/0/0/0.mvt", mvt(0, 1));
    place.write("tiles/1/0/0.mvt", "bad");
    place
        .run(["convert", "--force", "--skip-bad", "--bad-list", "/dev/full", "tiles", "c.mbtiles"])
        .fails(&["cannot write /dev/full", "No space left"]);
    assert!(!place.path("c.mbtiles").exists());
}

/// A limit on the size of files stands in for a disk that fills up in the middle.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_halfway() {
    let place = Place::new();
    write_pyramid(&place.path("a.mbtiles"), 5);
    let big: Vec<u8> = mvt(1, 20_000);
    place.write("tiles/0/0/0.mvt", mvt(0, 1));
    place.write("tiles/1/0/0.mvt", &big);
    place.run(["convert", "tiles", "covt.mbtiles"]).succeeds();
    for (input, output) in [("a.mbtiles", "out.mbtiles"), ("covt.mbtiles", "out")] {
        let script = "trap '' XFSZ; ulimit -f 16; exec \"$0\" convert \"$1\" \"$2\"";
        let run = std::process::Command::new("sh")
            .args(["-c", script, env!("CARGO_BIN_EXE_covt"), input, output])
            .current_dir(place.path(""))
            .output()
            .unwrap();
        crate::support::Run::from(run).fails(&["cannot write"]);
    }
    assert_eq!(place.names(), ["a.mbtiles", "covt.mbtiles", "tiles"]);
}

/// A pipe among the tiles holds the conversion up, so that it can be interrupted in the middle.
#[cfg(target_os = "linux")]
#[test]
fn interrupted_there_is_no_output_and_the_next_run_cleans_up() {
    use std::process::{Command, Stdio};
    use std::time::Duration;

    let place = Place::new();
    place.write("tiles/0/0/0.mvt", mvt(0, 10));
    place.write("tiles/1/0/0.mvt", mvt(1, 10));
    place.write("tiles/metadata.json", r#"{"format":"pbf"}"#);
    let pipe = place.path("tiles/2/0/0.mvt");
    fs::create_dir_all(pipe.parent().unwrap()).unwrap();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());

    let mut child = place
        .command(["convert", "tiles", "out.mbtiles"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while place.names().len() == 1 {
        assert!(child.try_wait().unwrap().is_none(), "it must wait for the pipe");
        std::thread::sleep(Duration::from_millis(5));
    }
    let part = place.names().into_iter().find(|name| name != "tiles").unwrap();
    assert!(part.starts_with(".out.mbtiles.") && part.ends_with(".part"), "{part}");
    // While that one lives, another one does not touch what it is making.
    fs::create_dir(place.path("other")).unwrap();
    place.write("other/0/0/0.mvt", mvt(0, 10));
    place.run(["convert", "other", "out.mbtiles"]).succeeds();
    assert!(place.path(&part).exists());
    fs::remove_file(place.path("out.mbtiles")).unwrap();

    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert!(!child.wait().unwrap().success());
    assert_eq!(place.names(), [part.as_str(), "other", "tiles"]);
    fs::remove_file(&pipe).unwrap();
    place.run(["convert", "tiles", "out.mbtiles"]).succeeds();
    assert_eq!(place.names(), ["other", "out.mbtiles", "tiles"]);
}
