//! Writes what the targets start from: `seeds CORPUS GOLDEN`, a folder to make and that of the golden
//! tiles.

use std::path::Path;
use std::{env, fs, io};

use covt::mvt;
use covt::testing::Random;
use covt::testing::check::stream_seeds;
use covt::testing::generate::layers::mvt_layer;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().collect();
    let [_, corpus, golden] = &arguments[..] else {
        return Err(io::Error::other("usage: seeds CORPUS GOLDEN"));
    };
    let write = |target: &str, name: &str, bytes: &[u8]| {
        let folder = Path::new(corpus).join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), bytes)
    };
    for case in fs::read_dir(golden)? {
        let case = case?;
        let name = case.file_name().to_string_lossy().into_owned();
        write("tile_decode", &name, &fs::read(case.path().join("tile.covt"))?)?;
    }
    for (number, seed) in stream_seeds().into_iter().enumerate() {
        write("streams", &format!("{number}"), &seed)?;
    }
    for seed in 0..64 {
        let layers = [mvt_layer(&mut Random::from_seed(seed))];
        write("mvt_reader", &format!("{seed}"), &mvt::write(&layers).map_err(io::Error::other)?)?;
        let mut random = Random::from_seed(seed);
        let bytes: Vec<u8> = (0..256).map(|_| random.any() as u8).collect();
        write("round_trip", &format!("{seed}"), &bytes)?;
    }
    Ok(())
}
