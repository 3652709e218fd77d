//! Who may import whom: a module only from floors below its own.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The floor of every module, as in `lib.rs`. `error` lies beneath all, `limits` upon it.
const FLOORS: [(&str, u32); 24] = [
    ("error", 0),
    ("limits", 1),
    ("array", 10),
    ("coord", 10),
    ("cql2", 10),
    ("curve", 10),
    ("wire", 10),
    ("encoding", 11),
    ("stream", 12),
    ("column", 13),
    ("geometry", 13),
    ("tile", 14),
    ("arrow", 15),
    ("geojson", 15),
    ("mvt", 15),
    ("tileset", 16),
    ("bench", 17),
    ("export", 17),
    ("import", 17),
    ("points", 17),
    ("remote", 17),
    ("serve", 18),
    ("testing", 99),
    ("tests", 100),
];

fn floor(module: &str) -> u32 {
    let found = FLOORS.iter().find(|(name, _)| *name == module);
    found.unwrap_or_else(|| panic!("which floor is {module} on? (src/tests/layering.rs)")).1
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every source file below `folder`, relative to `src`, and its code, without comments.
fn files(folder: &Path, out: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("a source").path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let code = fs::read_to_string(&path).expect("a source");
            let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            let relative = path.strip_prefix(source()).expect("below src").to_owned();
            out.push((relative, code.collect::<Vec<_>>().join("\n")));
        }
    }
}

fn all_files() -> Vec<(PathBuf, String)> {
    let mut out = Vec::new();
    files(&source(), &mut out);
    out.sort();
    out
}

/// The module of the crate that a file belongs to.
fn module(file: &Path) -> String {
    let first = file.iter().next().expect("a file name").to_string_lossy();
    first.strip_suffix(".rs").unwrap_or(&first).to_owned()
}

/// The names that follow `prefix` in `code`, also those in braces: for `crate::`, those of
/// `crate::{a::b, c}` are a and c.
fn names(code: &str, prefix: &str) -> BTreeSet<String> {
    let word = |text: &str| {
        let text = text.trim_start();
        text[..text.find(|char: char| !char.is_alphanumeric() && char != '_').unwrap_or(text.len())]
            .to_owned()
    };
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices(prefix) {
        let rest = &code[at + prefix.len()..];
        match rest.strip_prefix('{') {
            None => drop(names.insert(word(rest))),
            Some(list) => {
                let mut depth = 0;
                let mut start = 0;
                for (at, char) in list.char_indices() {
                    match char {
                        '{' => depth += 1,
                        '}' if depth > 0 => depth -= 1,
                        ',' | '}' if depth == 0 => {
                            names.insert(word(&list[start..at]));
                            start = at + 1;
                        }
                        _ => {}
                    }
                    if char == '}' && depth == 0 && start == at + 1 {
                        break;
                    }
                }
            }
        }
    }
    names.remove("");
    names
}

/// What `lib.rs` exports again, by name, and the module it comes from.
fn exports(lib: &str) -> Vec<(String, String)> {
    let uses = lib.split("pub use ").skip(1).map(|rest| &rest[..rest.find(';').expect("an end")]);
    uses.flat_map(|path| {
        let module = path[..path.find("::").expect("a path")].to_owned();
        let names: Vec<String> = match path.split_once('{') {
            Some((_, list)) => {
                list.trim_end_matches('}').split(',').map(|name| name.trim().to_owned()).collect()
            }
            None => vec![path[path.rfind("::").expect("a path") + 2..].to_owned()],
        };
        names.into_iter().map(move |name| (name, module.clone()))
    })
    .collect()
}

/// The code without its unit tests, which may import anything.
fn without_tests(code: &str) -> &str {
    code.split("#[cfg(test)]\nmod ").next().expect("a first part")
}

#[test]
fn imports_point_down() {
    let files = all_files();
    let lib = &files.iter().find(|(path, _)| path == Path::new("lib.rs")).expect("lib.rs").1;
    let exports = exports(lib);
    let mut wrong = Vec::new();
    for (path, code) in &files {
        let own = module(path);
        if ["lib", "main", "cli", "testing", "tests"].contains(&own.as_str()) {
            continue;
        }
        if path.iter().any(|part| part == "tests" || part == "tests.rs") {
            continue;
        }
        for name in names(without_tests(code), "crate::") {
            let exported = exports.iter().find(|(export, _)| *export == name);
            let other = exported.map_or(&name, |(_, module)| module);
            if *other != own && floor(other) >= floor(&own) {
                wrong.push(format!("{}: imports {name} of {other}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "not from a floor below: {wrong:#?}");
}

#[test]
fn the_command_uses_the_public_interface() {
    for (path, code) in all_files() {
        if !["main", "cli"].contains(&module(&path).as_str()) {
            continue;
        }
        let inside = names(&code, "crate::");
        assert!(inside.is_subset(&BTreeSet::from(["cli".into()])), "{}: {inside:?}", path.display());
    }
}

#[test]
fn only_tests_and_the_command_use_testing() {
    for (path, code) in all_files() {
        let own = module(&path);
        if ["cli", "testing", "tests"].contains(&own.as_str()) {
            continue;
        }
        if path.iter().any(|part| part == "tests" || part == "tests.rs") {
            continue;
        }
        let code = without_tests(&code);
        let found = names(code, "crate::").contains("testing") || code.contains("testing::");
        assert!(!found, "{} uses testing", path.display());
    }
}

#[test]
fn every_module_is_on_a_floor() {
    let modules: BTreeSet<String> = all_files().iter().map(|(path, _)| module(path)).collect();
    let known = FLOORS.iter().map(|(name, _)| *name).chain(["lib", "main", "cli"]);
    assert_eq!(modules, known.map(str::to_owned).collect());
}

#[test]
fn names_are_found() {
    let code = "use crate::{a::{b, c}, d};\nuse crate::e::f; $crate::g::h crate::i(crate::j)";
    let found: Vec<String> = names(code, "crate::").into_iter().collect();
    assert_eq!(found, ["a", "d", "e", "g", "i", "j"]);
    let exports = exports("mod a; pub use a::b::{C, D};\npub use e::F;");
    let pair = |name: &str, module: &str| (name.to_owned(), module.to_owned());
    assert_eq!(exports, [pair("C", "a"), pair("D", "a"), pair("F", "e")]);
}
