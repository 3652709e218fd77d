//! Triangles in tiles against triangles found when a tile is loaded: bytes, and time. Each round times both
//! ways in turn. Tiles are those of the corpus, else generated ones; of each, its layers with polygons.
//!
//! ```text
//! cargo bench --bench triangles
//! ```

use std::hint::black_box;
use std::time::{Duration, Instant};

use covt::testing::corpus;
use covt::testing::generate::tileset::Tileset;
use covt::{Budget, EncodeOptions, Layer, Profile, Tile, VertexFormat, mvt};

const ROUNDS: usize = 7;

fn main() {
    let tiles = tiles();
    let mut reported = false;
    for profile in Profile::ALL {
        let encode = |triangles| -> Vec<Vec<u8>> {
            let options = EncodeOptions { triangles, ..EncodeOptions::new(profile) };
            tiles.iter().map(|layers| covt::encode(layers, &options).expect("layers of a tile")).collect()
        };
        let (without, with) = (encode(false), encode(true));
        let size = |tiles: &[Vec<u8>]| tiles.iter().map(Vec::len).sum::<usize>();
        let mut best = [Duration::MAX; 2];
        let mut counts = [0; 2];
        for _ in 0..ROUNDS {
            // Decoded with the triangles that are stored; decoded, and triangles found.
            let start = Instant::now();
            counts[0] = with.iter().map(|tile| upload(tile)).sum();
            best[0] = best[0].min(start.elapsed());
            let start = Instant::now();
            counts[1] = without.iter().map(|tile| tessellate(tile)).sum();
            best[1] = best[1].min(start.elapsed());
        }
        assert_eq!(counts[0], counts[1]);
        let triangles = counts[0] / 3;
        if !std::mem::replace(&mut reported, true) {
            println!("{} tiles, {triangles} triangles", tiles.len());
        }
        let more = size(&with) - size(&without);
        let milliseconds = best.map(|time| time.as_secs_f64() * 1e3);
        println!(
            "COVT {}: {} bytes, {more} more with triangles, {:.2} for each; loading takes {:.1} ms with them, \
             {:.1} ms with earcut, {:.1} times as long",
            profile.name(),
            size(&without),
            more as f64 / triangles as f64,
            milliseconds[0],
            milliseconds[1],
            milliseconds[1] / milliseconds[0],
        );
    }
}

/// The layers with polygons of each tile of the corpus, else of each generated one.
fn tiles() -> Vec<Vec<Layer>> {
    let corpus = corpus::tiles("omt").expect("tiles that can be read");
    let read = |mvt: &[u8]| mvt::read(mvt).expect("a tile of MVT").0;
    let mut tiles: Vec<Vec<Layer>> = corpus.iter().map(|tile| read(&tile.mvt)).collect();
    if tiles.is_empty() {
        println!("no corpus: generated tiles instead");
        tiles = Tileset::new(1).tiles().map(|(_, layers)| layers).collect();
    }
    let polygonal =
        |layer: &Layer| (0..layer.len()).any(|row| layer.geometry().geometry_type(row).is_polygonal());
    tiles.iter_mut().for_each(|layers| layers.retain(polygonal));
    tiles
}

/// Vertices and triangles of all layers; tells how many vertex numbers there are.
fn upload(tile: &[u8]) -> usize {
    let mut budget = Budget::default();
    let tile = Tile::open(tile, &mut budget).expect("a tile");
    let uploads = tile.layers().map(|layer| layer.upload(VertexFormat::I32, &mut budget).expect("a layer"));
    uploads.map(|upload| black_box(upload).index_count()).sum()
}

/// The same of tiles without triangles.
fn tessellate(tile: &[u8]) -> usize {
    let mut budget = Budget::default();
    let tile = Tile::open(tile, &mut budget).expect("a tile");
    let geometries = tile.layers().map(|layer| layer.geometry(&mut budget).expect("a layer"));
    geometries.map(|geometry| black_box(geometry.triangles()).len()).sum()
}
