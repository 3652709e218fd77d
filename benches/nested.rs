//! Nested values and values per vertex against MVT with JSON in strings: sizes, and the time to get at one
//! leaf. Each round times both ways in turn.
//!
//! ```text
//! cargo bench --bench nested              # sizes and times
//! cargo bench --bench nested -- FOLDER    # writes the tiles there, to look at them with covt inspect
//! ```

use std::collections::HashSet;
use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use covt::testing::generate::{json_strings, natural_earth, roads};
use covt::tileset::gzip;
use covt::{Budget, EncodeOptions, Layer, Nested, Profile, Tile, Value, Values, mvt};

const ROUNDS: usize = 30;

/// A leaf that holds numbers: the layer, the path, and how to find it in JSON.
struct Leaf {
    layer: &'static str,
    property: &'static str,
    field: &'static str,
}

impl Leaf {
    fn path(&self, is_list: bool) -> String {
        format!("{}{}.{}", self.property, if is_list { "[]" } else { "" }, self.field)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let lanes = Leaf { layer: "segment", property: "lanes", field: "width" };
    let people = Leaf { layer: "places", property: "population", field: "max" };
    let cases = [
        ("roads-z14", vec![roads::layer(14, 7)?], &lanes),
        ("roads-z12", vec![roads::layer(12, 7)?], &lanes),
        ("natural-earth", natural_earth::layers(7)?, &people),
    ];
    for (name, layers, leaf) in cases {
        let plain: Vec<Layer> = layers.iter().map(json_strings::with_json).collect::<covt::Result<_>>()?;
        let mvt = mvt::write(&plain)?;
        let compressed = gzip(&mvt).len();
        let features: usize = layers.iter().map(Layer::len).sum();
        println!("{name}: {features} features; MVT {} bytes, with gzip {compressed}", mvt.len());
        let uuids = uuids(&layers);
        let random = (uuids * RANDOM_BITS).div_ceil(8);
        if uuids > 0 {
            println!("  {uuids} UUIDs, whose {random} random bytes nothing makes smaller");
        }
        if let Some(folder) = &folder {
            std::fs::write(Path::new(folder).join(format!("{name}.mvt")), &mvt)?;
        }
        for profile in Profile::ALL {
            let tile = covt::encode(&layers, &EncodeOptions::new(profile))?;
            let share = 100.0 * tile.len() as f64 / compressed as f64;
            println!("  COVT {}: {} bytes, {share:.1} % of that", profile.name(), tile.len());
            if uuids > 0 {
                let share = 100.0 * (tile.len() - random) as f64 / (compressed - random) as f64;
                println!("    without random bytes on either side {share:.1} %");
            }
            match &folder {
                Some(folder) => {
                    let file = format!("{name}-{}.covt", profile.name());
                    std::fs::write(Path::new(folder).join(file), &tile)?;
                }
                None => times(&tile, &mvt, leaf)?,
            }
        }
    }
    Ok(())
}

/// How many of the bits of a UUID of version 4 are random.
const RANDOM_BITS: usize = 122;

/// How many different UUIDs stand in some layers.
fn uuids(layers: &[Layer]) -> usize {
    fn gather<'a>(column: &'a covt::Column, out: &mut HashSet<&'a str>) {
        match &column.values {
            Values::Nested(Nested::List { items, .. }) => gather(items, out),
            Values::Nested(Nested::Struct { fields, .. }) => {
                fields.iter().for_each(|field| gather(field, out));
            }
            Values::String(_) => out.extend((0..column.len()).filter_map(|row| match column.get(row)? {
                Value::String(text) if text.len() == 36 && text.matches('-').count() == 4 => Some(text),
                _ => None,
            })),
            _ => {}
        }
    }
    let mut all = HashSet::new();
    layers.iter().flat_map(Layer::columns).for_each(|column| gather(column, &mut all));
    all.len()
}

/// The numbers of a leaf: of COVT; of the JSON in strings that are decoded already; and of the JSON with the
/// decoding of the tile.
fn times(tile: &[u8], mvt: &[u8], leaf: &Leaf) -> Result<(), Box<dyn Error>> {
    let texts = |layers: &[Layer]| -> Result<covt::Column, Box<dyn Error>> {
        let layer = layers.iter().find(|layer| layer.name() == leaf.layer).ok_or("the layer")?;
        Ok(layer.column(leaf.property).ok_or("the property")?.clone())
    };
    let decoded = texts(&mvt::read(mvt)?.0)?;
    let is_list = decoded
        .get(0)
        .or(decoded.get(1))
        .is_none_or(|value| !matches!(value, Value::String(text) if text.starts_with('{')));
    let path = leaf.path(is_list);
    let mut best = [Duration::MAX; 3];
    let mut sums = [0.0; 3];
    for _ in 0..ROUNDS {
        let start = Instant::now();
        sums[0] = black_box(read(tile, leaf.layer, &path)?);
        best[0] = best[0].min(start.elapsed());
        let start = Instant::now();
        sums[1] = black_box(json(&decoded, leaf.field)?);
        best[1] = best[1].min(start.elapsed());
        let start = Instant::now();
        sums[2] = black_box(json(&texts(&mvt::read(mvt)?.0)?, leaf.field)?);
        best[2] = best[2].min(start.elapsed());
    }
    assert!(sums.iter().all(|sum| (sum - sums[0]).abs() < 1e-6), "{sums:?}");
    let times = |at: usize| best[at].as_secs_f64() / best[0].as_secs_f64();
    println!(
        "    {path}: {:.1} µs; parsing JSON takes {:.1} times as long, {:.1} times with MVT around it",
        best[0].as_secs_f64() * 1e6,
        times(1),
        times(2)
    );
    Ok(())
}

fn read(tile: &[u8], layer: &str, path: &str) -> Result<f64, Box<dyn Error>> {
    let mut budget = Budget::default();
    let tile = Tile::open(tile, &mut budget)?;
    let layer = tile.layer(layer).ok_or("the layer")?;
    let leaf = layer.leaf(path, &mut budget)?.ok_or("the leaf")?;
    sum(&leaf)
}

fn sum(column: &covt::Column) -> Result<f64, Box<dyn Error>> {
    match &column.values {
        Values::Nested(Nested::List { items, .. }) => sum(items),
        Values::Nested(Nested::Struct { fields, .. }) => sum(&fields[0]),
        Values::Double(numbers) => Ok(numbers.iter().sum()),
        Values::UInt(numbers) => Ok(numbers.iter().map(|&number| number as f64).sum()),
        _ => Err("numbers".into()),
    }
}

fn json(texts: &covt::Column, field: &str) -> Result<f64, Box<dyn Error>> {
    let mut sum = 0.0;
    for row in 0..texts.len() {
        let Some(Value::String(text)) = texts.get(row) else { continue };
        let value: serde_json::Value = serde_json::from_str(text)?;
        let one = std::slice::from_ref(&value);
        for object in value.as_array().map_or(one, Vec::as_slice) {
            sum += object[field].as_f64().ok_or("a number")?;
        }
    }
    Ok(sum)
}
