//! Writes what each fuzz target starts from into a folder of its name: golden tiles, former
//! findings, random layers.

use std::fs;
use std::io::Result;
use std::path::{Path, PathBuf};

use covt::testing::generate::{layers, options};
use covt::testing::{Random, check};
use covt::{Budget, mvt};

/// The target that each kind of former finding belongs to.
const FINDINGS: [(&str, &str); 4] =
    [("covt", "tile_decode"), ("choices", "round_trip"), ("mvt", "mvt_reader"), ("stream", "streams")];

fn main() -> Result<()> {
    let corpus = PathBuf::from(std::env::args_os().nth(1).expect("the folder to write to"));
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata");
    let write = |target: &str, name: &str, bytes: &[u8]| {
        let folder = corpus.join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), bytes)
    };

    for entry in fs::read_dir(testdata.join("golden"))? {
        let entry = entry?;
        let name = format!("golden-{}", entry.file_name().display());
        let tile = fs::read(entry.path().join("tile.covt"))?;
        write("tile_decode", &name, &tile)?;
        if let Ok(mvt) = mvt::from_covt(&tile, &mut Budget::default()) {
            write("mvt_reader", &name, &mvt)?;
        }
    }
    for entry in fs::read_dir(testdata.join("corrupt"))? {
        let path = entry?.path();
        let extension = path.extension().unwrap_or_default();
        if let Some((_, target)) = FINDINGS.iter().find(|(known, _)| extension == *known) {
            let name = format!("found-{}", path.file_stem().unwrap_or_default().display());
            write(target, &name, &fs::read(&path)?)?;
        }
    }
    for (number, seed) in check::stream_seeds().iter().enumerate() {
        write("streams", &format!("stream-{number}"), seed)?;
    }
    for seed in 0..100 {
        let mut random = Random::from_seed(seed);
        let name = format!("random-{seed}");
        let layers = [layers::mvt_layer(&mut random)];
        if let Ok(tile) = covt::encode(&layers, &options::any(&mut random))
            && tile.len() < 4096
        {
            write("tile_decode", &name, &tile)?;
        }
        if let Ok(tile) = mvt::write(&layers)
            && tile.len() < 4096
        {
            write("mvt_reader", &name, &tile)?;
        }
        let choices: Vec<u8> = (0..random.below(1000)).map(|_| random.any() as u8).collect();
        write("round_trip", &name, &choices)?;
    }
    Ok(())
}
