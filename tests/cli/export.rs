//! `covt export`.
#![cfg(feature = "arrow")]

use crate::support::{Place, write_pyramid};

#[test]
fn the_same_table_of_either_format() {
    let place = Place::new();
    write_pyramid(&place.path("a.mbtiles"), 4);
    place.run(["convert", "a.mbtiles", "b.pmtiles"]).succeeds();
    let zoom = ["--layer", "layer 1", "--zoom", "4"];
    for (input, output) in [
        ("a.mbtiles", "a.parquet"),
        ("b.pmtiles", "b.parquet"),
        ("a.mbtiles", "a.arrow"),
        ("b.pmtiles", "b.arrow"),
        ("a.mbtiles", "a.geojsonl"),
        ("b.pmtiles", "b.geojsonl"),
    ] {
        let run = place.run([&["export", input, "-o", output][..], &zoom].concat()).succeeds();
        assert!(
            run.text().contains("rows of 256 tiles") && run.text().contains("z, x, y, id"),
            "{}",
            run.text()
        );
    }
    assert!(place.read("a.parquet") == place.read("b.parquet"));
    assert!(place.read("a.arrow") == place.read("b.arrow"));
    assert!(place.read("a.geojsonl") == place.read("b.geojsonl"));
    let lines = String::from_utf8(place.read("a.geojsonl")).unwrap();
    for line in lines.lines() {
        let feature: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(feature["properties"]["z"], 4);
        assert_eq!(feature["geometry"]["type"], "Point");
    }
    assert!(place.read("a.parquet").starts_with(b"PAR1") && place.read("a.arrow").starts_with(b"ARROW1"));
    place.run(["export", "a.mbtiles", "--layer", "layer 1", "-o", "a.parquet"]).fails(&["exists already"]);
}

#[test]
fn what_goes_wrong_is_told() {
    let place = Place::new();
    write_pyramid(&place.path("a.mbtiles"), 2);
    place
        .run(["export", "a.mbtiles", "--layer", "roads", "-o", "a.parquet"])
        .fails(&["has a layer \"roads\"", "layer 1"]);
    place.run(["export", "a.mbtiles", "--layer", "layer 1", "-o", "a.csv"]).fails(&["--format"]);
    let metres = ["--crs", "mercator", "-o", "a.geojsonl"];
    place.run([&["export", "a.mbtiles", "--layer", "layer 1"][..], &metres].concat()).fails(&["in degrees"]);
    place.run(["export", "b.mbtiles", "--layer", "layer 1", "-o", "a.parquet"]).fails(&["b.mbtiles"]);
    assert_eq!(place.names(), ["a.mbtiles"]);
}

#[test]
fn features_that_fulfil_a_condition() {
    let place = Place::new();
    write_pyramid(&place.path("a.mbtiles"), 4);
    place.run(["convert", "--stats", "a.mbtiles", "b.mbtiles"]).succeeds();
    let filter = |input: &str, output: &str, condition: &str| {
        let run = place.run(["export", input, "--layer", "layer 1", "--filter", condition, "-o", output]);
        run.succeeds().text().lines().last().unwrap().to_owned()
    };
    for (number, condition) in ["name = 'value 7'", "name IN ('value 7', 'value 10')", "NOT name < 'value 9'"]
        .into_iter()
        .enumerate()
    {
        for format in ["parquet", "geojsonl"] {
            let [a, b] = ["a", "b"].map(|name| format!("{name}{number}.{format}"));
            let of_mvt = filter("a.mbtiles", &a, condition);
            // Layers of MVT have no directories that would rule them out; those with statistics do.
            assert!(of_mvt.starts_with("filter: 0 layers skipped by their directories"), "{of_mvt}");
            let of_covt = filter("b.mbtiles", &b, condition);
            assert!(of_covt.contains(", 0 by the columns"), "{of_covt}");
            assert!(place.read(&a) == place.read(&b), "{condition}");
        }
    }
    let lines = String::from_utf8(place.read("a0.geojsonl")).unwrap();
    assert_eq!(lines.lines().count(), 8);
    assert!(lines.lines().all(|line| line.contains("\"name\":\"value 7\"")), "{lines}");
    let wrong = |condition: &str| {
        place.run(["export", "a.mbtiles", "--layer", "layer 1", "--filter", condition, "-o", "c.parquet"])
    };
    wrong("nom = 'a'").fails(&["property \"nom\""]);
    let run = wrong("name =");
    assert!(run.code == Some(2) && run.stderr.contains("at byte 6"), "{}", run.stderr);
}

#[test]
fn to_standard_output() {
    let place = Place::new();
    write_pyramid(&place.path("a.mbtiles"), 3);
    let export = |more: &[&str]| {
        let args = [&["export", "a.mbtiles", "--layer", "layer 1"][..], more].concat();
        place.run(args).succeeds()
    };
    for (format, output) in [
        ("parquet", "a.parquet"),
        ("arrow", "a.arrow"),
        ("arrow-stream", "a.arrows"),
        ("geojson", "a.geojsonl"),
    ] {
        let told = export(&["-o", output]);
        let piped = export(&["-o", "-", "--format", format]);
        assert!(piped.stdout == place.read(output), "{format}");
        assert!(told.stdout.starts_with(b"5") && piped.stderr.starts_with('5'), "{}", piped.stderr);
    }
    let stream = export(&["-o", "-", "--group-rows", "50", "--quiet"]);
    assert_eq!(stream.stderr, "");
    let batches = arrow_ipc::reader::StreamReader::try_new(&stream.stdout[..], None).unwrap();
    let rows: Vec<usize> = batches.map(|batch| batch.unwrap().num_rows()).collect();
    assert!(rows.len() > 5 && rows.iter().all(|rows| *rows <= 50), "{rows:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn outputs_that_take_nothing() {
    let place = Place::new();
    write_pyramid(&place.path("a.mbtiles"), 3);
    let args = |more: &[&'static str]| [&["export", "a.mbtiles", "--layer", "layer 1"][..], more].concat();
    for format in ["parquet", "arrow", "arrow-stream", "geojson"] {
        place
            .run(args(&["--format", format, "-o", "/dev/full"]))
            .fails(&["cannot write /dev/full", "No space"]);
        // Whoever reads has had enough.
        let mut command = place.command(args(&["--format", format, "-o", "-"]));
        let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        assert!(child.wait().unwrap().success(), "{format}");
    }
    place.run(args(&["--force", "--format", "parquet", "-o", "a.mbtiles"])).fails(&["the same"]);
    assert_eq!(place.names(), ["a.mbtiles"]);
}
