//! Nested values and values per vertex against MVT with JSON in strings: sizes, and the time to get at one
//! leaf. Each round times both ways in turn.
//!
//! ```text
//! cargo bench --bench nested
//! ```

use std::hint::black_box;
use std::time::{Duration, Instant};

use covt::testing::generate::roads;
use covt::tileset::gzip;
use covt::{Budget, EncodeOptions, Nested, Profile, Tile, Value, Values, mvt};

const ROUNDS: usize = 30;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for count in [300, 3000] {
        let layer = roads::layer(count, 7)?;
        let mvt = mvt::write(&[roads::with_json(&layer)?])?;
        let compressed = gzip(&mvt).len();
        println!("{count} roads: MVT {} bytes, with gzip {compressed}", mvt.len());
        for profile in Profile::ALL {
            let tile = covt::encode(std::slice::from_ref(&layer), &EncodeOptions::new(profile))?;
            let share = 100.0 * tile.len() as f64 / compressed as f64;
            println!("  COVT {}: {} bytes, {share:.1} % of that", profile.name(), tile.len());
            times(&tile, &mvt)?;
        }
    }
    Ok(())
}

/// The widths of all lanes: of the leaf in COVT; of the JSON in strings that are decoded already; and of the
/// JSON with the decoding of the tile.
fn times(tile: &[u8], mvt: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
    let (decoded, _) = mvt::read(mvt)?;
    let texts = decoded[0].column("lanes").ok_or("lanes")?;
    let mut best = [Duration::MAX; 3];
    let mut sums = [0.0; 3];
    for _ in 0..ROUNDS {
        let start = Instant::now();
        sums[0] = black_box(leaf(tile)?);
        best[0] = best[0].min(start.elapsed());
        let start = Instant::now();
        sums[1] = black_box(json(texts)?);
        best[1] = best[1].min(start.elapsed());
        let start = Instant::now();
        let (decoded, _) = mvt::read(mvt)?;
        sums[2] = black_box(json(decoded[0].column("lanes").ok_or("lanes")?)?);
        best[2] = best[2].min(start.elapsed());
    }
    assert!(sums.iter().all(|sum| (sum - sums[0]).abs() < 1e-6), "{sums:?}");
    let times = |at: usize| best[at].as_secs_f64() / best[0].as_secs_f64();
    println!(
        "    lanes[].width: {:.1} µs; parsing JSON takes {:.1} times as long, {:.1} times with MVT around it",
        best[0].as_secs_f64() * 1e6,
        times(1),
        times(2)
    );
    Ok(())
}

fn leaf(tile: &[u8]) -> Result<f64, Box<dyn std::error::Error>> {
    let mut budget = Budget::default();
    let tile = Tile::open(tile, &mut budget)?;
    let layer = tile.layers().next().ok_or("a layer")?;
    let lanes = layer.leaf("lanes[].width", &mut budget)?.ok_or("the leaf")?;
    let Values::Nested(Nested::List { items, .. }) = &lanes.values else { return Err("a list".into()) };
    let Values::Nested(Nested::Struct { fields, .. }) = &items.values else { return Err("structs".into()) };
    let Values::Double(widths) = &fields[0].values else { return Err("numbers".into()) };
    Ok(widths.iter().sum())
}

fn json(texts: &covt::Column) -> Result<f64, Box<dyn std::error::Error>> {
    let mut sum = 0.0;
    for row in 0..texts.len() {
        let Some(Value::String(text)) = texts.get(row) else { continue };
        let lanes: serde_json::Value = serde_json::from_str(text)?;
        for lane in lanes.as_array().ok_or("a list")? {
            sum += lane["width"].as_f64().ok_or("a width")?;
        }
    }
    Ok(sum)
}
