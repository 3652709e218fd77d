//! Hands the library what `tools/page` has bundled for the page of the server, if it has: without it, and
//! without any network, the library builds as well, and the page loads the same from elsewhere.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo"));
    let bundle = here.join("tools/page/bundle");
    // What is not there may not be watched: cargo would take it for changed every time. The script that makes
    // it touches this file.
    println!("cargo::rerun-if-changed=build.rs");
    if bundle.exists() {
        println!("cargo::rerun-if-changed={}", bundle.display());
    }
    let files = ["maplibre-gl.js.gz", "maplibre-gl.css.gz"].map(|name| bundle.join(name));
    let include = |path: &Path| format!("include_bytes!({:?})", path.display().to_string());
    let value = match files.iter().all(|file| file.is_file()) {
        true => format!("Some([{}, {}])", include(&files[0]), include(&files[1])),
        false => "None".to_owned(),
    };
    let code = format!(
        "/// MapLibre and its style sheet, with gzip.\nconst BUNDLE: Option<[&[u8]; 2]> = {value};\n"
    );
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    fs::write(out.join("maplibre.rs"), code).expect("a place to write to");
}
