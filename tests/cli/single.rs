//! `covt encode` and `covt decode`, and the command line itself.

use std::io::Write;
use std::process::Stdio;

use crate::support::{Place, assert_same, mvt};

#[test]
fn usage_errors_are_2_and_help_is_0() {
    let place = Place::new();
    for args in [&[][..], &["--nonsense"], &["encode", "only-one"], &["convert", "-j", "0", "a", "b"]] {
        let run = place.run(args);
        assert_eq!(run.code, Some(2), "{args:?}");
        assert!(run.stderr.contains("--help"), "{}", run.stderr);
    }
    let run = place.run(["convert", "--bad-list", "list", "a", "b"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("--skip-bad"), "{}", run.stderr);

    assert!(place.run(["--version"]).succeeds().text().starts_with("covt "));
    for subcommand in ["encode", "decode", "convert", "inspect", "project", "get"] {
        let run = place.run([subcommand, "--help"]).succeeds();
        assert!(run.text().contains(&format!("\n  covt {subcommand} ")), "no examples: {}", run.text());
    }
}

#[test]
fn a_tile_there_and_back() {
    let place = Place::new();
    let tile = mvt(1, 500);
    place.write("a.mvt", &tile);
    let run = place.run(["encode", "a.mvt", "a.covt"]).succeeds();
    assert!(run.stderr.starts_with("a.mvt: MVT "), "{}", run.stderr);
    assert!(run.stdout.is_empty());
    assert_eq!(place.read("a.covt")[0], 0xC1);
    place.run(["decode", "a.covt", "b.mvt"]).succeeds();
    assert_same(&tile, &place.read("b.mvt"));
    place.run(["decode", "--gzip", "a.covt", "b.mvt.gz"]).succeeds();
    assert_same(&tile, &covt::tileset::decompress(&place.read("b.mvt.gz")).unwrap());
    assert_eq!(place.names(), ["a.covt", "a.mvt", "b.mvt", "b.mvt.gz"]);
}

#[test]
fn features_in_another_order() {
    let place = Place::new();
    let tile = mvt(1, 500);
    place.write("a.mvt", &tile);
    place.run(["encode", "a.mvt", "source.covt"]).succeeds();
    for sort in ["none", "id", "hilbert", "auto"] {
        place.run(["encode", "--force", "--sort", sort, "--reorder-parts", "a.mvt", "a.covt"]).succeeds();
        place.run(["decode", "--force", "a.covt", "b.mvt"]).succeeds();
        let reordering = covt::Reordering { features: true, parts: true };
        covt::mvt::compare_reordered(&tile, &place.read("b.mvt"), reordering).unwrap();
        let moved = covt::mvt::compare(&tile, &place.read("b.mvt")).is_err();
        assert!(moved || sort != "hilbert", "points in the order of a curve as they are");
        assert!(sort != "auto" || place.read("a.covt").len() <= place.read("source.covt").len());
    }
    let run = place.run(["encode", "--sort", "size", "a.mvt", "b.covt"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("--sort"), "{}", run.stderr);
}

#[test]
fn compressed_input_and_pipes() {
    let place = Place::new();
    let tile = mvt(2, 50);
    let plain = place.feed(["encode", "-", "-"], &tile).succeeds().stdout;
    let gzip = covt::tileset::gzip(&tile);
    let zstd = zstd::bulk::compress(&tile, 3).unwrap();
    for stored in [gzip, zstd] {
        let run = place.feed(["encode", "--quiet", "-", "-"], &stored).succeeds();
        assert_eq!((run.stdout, run.stderr.as_str()), (plain.clone(), ""));
    }
    assert_same(&tile, &place.feed(["decode", "-", "-"], &plain).succeeds().stdout);
}

#[test]
fn an_empty_tile_is_a_tile() {
    let place = Place::new();
    place.write("empty.mvt", "");
    place.run(["encode", "empty.mvt", "empty.covt"]).succeeds();
    assert!(!place.read("empty.covt").is_empty());
    place.run(["decode", "empty.covt", "back.mvt"]).succeeds();
    assert!(place.read("back.mvt").is_empty());
}

#[test]
fn what_is_no_tile_is_told() {
    let place = Place::new();
    let tile = mvt(3, 10);
    place.write("a.mvt", &tile);
    place.write("cut.mvt", &tile[..tile.len() - 1]);
    place.write("cut.mvt.gz", &covt::tileset::gzip(&tile)[..20]);
    place.write("text", "hello");
    place.write("empty", "");
    place.write("a.mbtiles", "SQLite format 3\0");
    place.run(["encode", "a.mvt", "a.covt"]).succeeds();
    place.write("cut.covt", &place.read("a.covt")[..8]);

    place.run(["encode", "missing", "out"]).fails(&["missing", "No such file"]);
    place.run(["encode", ".", "out"]).fails(&["directory"]);
    place.run(["encode", "cut.mvt", "out"]).fails(&["cannot encode cut.mvt"]);
    place.run(["encode", "cut.mvt.gz", "out"]).fails(&["cut.mvt.gz", "gzip"]);
    place.run(["encode", "text", "out"]).fails(&["text"]);
    place.run(["encode", "a.covt", "out"]).fails(&["is a COVT tile already"]);
    place.run(["encode", "a.mbtiles", "out"]).fails(&["covt convert"]);
    place.run(["decode", "a.mvt", "out"]).fails(&["a.mvt is not a COVT tile"]);
    place.run(["decode", "text", "out"]).fails(&["text is not a COVT tile"]);
    place.run(["decode", "empty", "out"]).fails(&["cannot decode empty"]);
    place.run(["decode", "cut.covt", "out"]).fails(&["cannot decode cut.covt"]);
    assert!(!place.path("out").exists());
}

#[test]
fn an_output_that_exists_stays() {
    let place = Place::new();
    place.write("a.mvt", mvt(4, 10));
    place.write("a.covt", "precious");
    let run = place.run(["encode", "a.mvt", "a.covt"]).fails(&["a.covt exists already"]);
    assert!(run.stderr.contains("hint: --force"), "{}", run.stderr);
    assert_eq!(place.read("a.covt"), b"precious");
    place.run(["encode", "--force", "a.mvt", "a.covt"]).succeeds();
    assert_eq!(place.read("a.covt")[0], 0xC1);
}

#[cfg(unix)]
#[test]
fn a_new_file_has_the_usual_permissions() {
    use std::os::unix::fs::MetadataExt;
    let place = Place::new();
    place.write("a.mvt", mvt(5, 10));
    place.run(["encode", "a.mvt", "a.covt"]).succeeds();
    let mode = |name| place.path(name).metadata().unwrap().mode();
    assert_eq!(mode("a.covt"), mode("a.mvt"));
}

#[test]
fn a_reader_that_has_had_enough_is_no_error() {
    let place = Place::new();
    let mut command = place.command(["encode", "--quiet", "-", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    child.stdin.take().unwrap().write_all(&mvt(6, 10)).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(0), String::new()));
}
