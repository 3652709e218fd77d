//! Real tiles and the conformance fixtures through reading and writing.

mod common;

use std::path::Path;

use common::{check_written, tiles};
use covt::mvt;

/// The rows of the table of fixtures in the specification: number, what is special, outcome.
fn outcomes() -> Vec<[&'static str; 3]> {
    let rows = include_str!("../spec/mvt.md").lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ");
        let row = [cells.next()?, cells.next()?, cells.next()?];
        (row[0].len() == 3 && row[0].parse::<u32>().is_ok()).then_some(row)
    });
    rows.collect()
}

/// What becomes of a tile, in the words of the specification's table.
fn outcome(bytes: &[u8]) -> String {
    let (layers, dropped) = match mvt::read(bytes) {
        Ok(read) => read,
        Err(error) => return format!("refused: {error}"),
    };
    check_written(bytes, &mvt::write(&layers).unwrap());
    let mut kept: Vec<&str> = Vec::new();
    for layer in &layers {
        for row in 0..layer.len() {
            let name = layer.geometry().geometry_type(row).name();
            if kept.last() != Some(&name) {
                kept.push(name);
            }
        }
    }
    let kept = if kept.is_empty() { "no features".into() } else { kept.join(", ") };
    let counts = [
        (dropped.unknown_fields, "unknown field"),
        (dropped.unused_keys, "unused key"),
        (dropped.unused_values, "unused value"),
    ];
    let dropped: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let dropped =
        if dropped.is_empty() { String::new() } else { format!("; dropped: {}", dropped.join(", ")) };
    format!("kept: {kept}{dropped}")
}

#[test]
fn fixtures_end_as_the_specification_says() {
    let expected = outcomes();
    assert_eq!(expected.len(), 74, "rows in spec/mvt.md");
    for (path, bytes) in tiles("mvt-fixtures") {
        let number =
            path.parent().and_then(Path::file_name).and_then(|name| name.to_str()).expect("a number");
        let [_, what, expected] = expected.iter().find(|row| row[0] == number).expect(number);
        assert_eq!(outcome(&bytes), *expected, "{number}: {what}");
    }
}

#[test]
fn real_tiles_come_back() {
    for folder in ["omt", "other"] {
        for (path, bytes) in tiles(folder) {
            eprintln!("{}", path.display());
            let (layers, _) = mvt::read(&bytes).unwrap();
            check_written(&bytes, &mvt::write(&layers).unwrap());
        }
    }
}
