//! Nested values and values per vertex against MVT with JSON in strings: sizes, and the time to get at one
//! leaf. Each round times all ways in turn.
//!
//! ```text
//! cargo bench --bench nested              # sizes and times
//! cargo bench --bench nested -- FOLDER    # writes the tiles there, to look at them with covt inspect
//! ```
//!
//! A leaf is got at from two starts. From the tile's bytes: COVT opens the tile and reads the leaf; with MVT the
//! strings of the property, and no others, are found in the layer and parsed. And with the tile at hand: COVT reads
//! the leaf of a layer that is open, its directory read; of MVT the strings of the property are decoded already, and
//! parsed. JSON is parsed into a tree, as a browser does.

use std::collections::HashSet;
use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use covt::testing::generate::{json_strings, natural_earth, roads};
use covt::tileset::gzip;
use covt::{Budget, Column, EncodeOptions, Layer, Nested, Profile, Strings, Tile, Value, Values, mvt};

const ROUNDS: usize = 100;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A leaf: the layer, its path, and the way to it in JSON, of which `*` are all elements or values.
struct Leaf {
    layer: &'static str,
    path: &'static str,
    property: &'static str,
    steps: &'static [&'static str],
}

const ROADS: [Leaf; 4] = [
    Leaf { layer: "segment", path: "lanes[].width", property: "lanes", steps: &["*", "width"] },
    Leaf { layer: "segment", path: "connectors[].at", property: "connectors", steps: &["*", "at"] },
    Leaf {
        layer: "segment",
        path: "speed_limits[].max_speed.value",
        property: "speed_limits",
        steps: &["*", "max_speed", "value"],
    },
    Leaf { layer: "segment", path: "names.primary", property: "names", steps: &["primary"] },
];

const NATURAL_EARTH: [Leaf; 3] = [
    Leaf { layer: "places", path: "population.max", property: "population", steps: &["max"] },
    Leaf { layer: "countries", path: "economy.gdp", property: "economy", steps: &["gdp"] },
    Leaf { layer: "places", path: "names.value", property: "names", steps: &["*"] },
];

fn main() -> Result<()> {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let cases = [
        ("roads-z14", roads::layers(14, 7)?, &ROADS[..]),
        ("roads-z14-b", roads::layers(14, 8)?, &ROADS[..]),
        ("roads-all-z12", roads::layers_in_full(12, 7)?, &ROADS[..]),
        ("roads-z12", roads::layers(12, 7)?, &ROADS[..]),
        ("natural-earth", natural_earth::layers(7)?, &NATURAL_EARTH[..]),
    ];
    for (name, layers, leaves) in cases {
        let plain: Vec<Layer> = layers.iter().map(json_strings::with_json).collect::<covt::Result<_>>()?;
        let mvt = mvt::write(&plain)?;
        let compressed = gzip(&mvt).len();
        let features: usize = layers.iter().map(Layer::len).sum();
        println!("{name}: {features} features; MVT {} bytes, with gzip {compressed}", mvt.len());
        let (uuids, mentions) = uuids(&layers);
        let random = (uuids * RANDOM_BITS).div_ceil(8);
        if uuids > 0 {
            let share = 100.0 * random as f64 / compressed as f64;
            println!(
                "  {uuids} UUIDs, {mentions} times; their {random} random bytes are {share:.1} % of that"
            );
        }
        if let Some(folder) = &folder {
            std::fs::write(Path::new(folder).join(format!("{name}.mvt")), &mvt)?;
        }
        for profile in Profile::ALL {
            let tile = covt::encode(&layers, &EncodeOptions::new(profile))?;
            let share = 100.0 * tile.len() as f64 / compressed as f64;
            let half = if 2 * tile.len() > compressed { "MORE than half" } else { "at most half" };
            println!("  COVT {}: {} bytes, {share:.1} %: {half}", profile.name(), tile.len());
            match &folder {
                Some(folder) => {
                    let file = format!("{name}-{}.covt", profile.name());
                    std::fs::write(Path::new(folder).join(file), &tile)?;
                }
                None => leaves.iter().try_for_each(|leaf| times(&tile, &mvt, leaf))?,
            }
        }
    }
    Ok(())
}

/// How many of the bits of a UUID of version 4 are random.
const RANDOM_BITS: usize = 122;

/// How many different UUIDs stand in some layers, and how many in all.
fn uuids(layers: &[Layer]) -> (usize, usize) {
    fn gather<'a>(column: &'a Column, all: &mut usize, out: &mut HashSet<&'a str>) {
        match &column.values {
            Values::Nested(Nested::List { items, .. }) => gather(items, all, out),
            Values::Nested(Nested::Struct { fields, .. }) => {
                fields.iter().for_each(|field| gather(field, all, out));
            }
            Values::String(_) => {
                let texts = (0..column.len()).filter_map(|row| match column.get(row)? {
                    Value::String(text) if text.len() == 36 && text.matches('-').count() == 4 => Some(text),
                    _ => None,
                });
                let texts: Vec<&str> = texts.collect();
                *all += texts.len();
                out.extend(texts);
            }
            _ => {}
        }
    }
    let (mut all, mut different) = (0, HashSet::new());
    layers.iter().flat_map(Layer::columns).for_each(|column| gather(column, &mut all, &mut different));
    (different.len(), all)
}

/// Times the ways to a leaf. What all of them find is summed up, numbers by their values and texts by their
/// bytes.
fn times(tile: &[u8], mvt: &[u8], leaf: &Leaf) -> Result<()> {
    let mut budget = Budget::default();
    let open = Tile::open(tile, &mut budget)?;
    let reader = open.layer(leaf.layer).ok_or("the layer")?;
    let strings = find::strings(mvt, leaf.layer, leaf.property).ok_or("strings")?;
    let ways: [&dyn Fn() -> Result<f64>; 5] = [
        &|| {
            let mut budget = Budget::default();
            let tile = Tile::open(tile, &mut budget)?;
            let layer = tile.layer(leaf.layer).ok_or("the layer")?;
            sum(&layer.leaf(leaf.path, &mut budget)?.ok_or("the leaf")?)
        },
        &|| json(&find::strings(mvt, leaf.layer, leaf.property).ok_or("strings")?, leaf.steps),
        &|| {
            let layers = mvt::read(mvt)?.0;
            let layer = layers.iter().find(|layer| layer.name() == leaf.layer).ok_or("the layer")?;
            let column = layer.column(leaf.property).ok_or("the property")?;
            let strings = (0..column.len()).filter_map(|row| match column.get(row) {
                Some(Value::String(text)) => Some(text),
                _ => None,
            });
            json(&strings.collect::<Vec<_>>(), leaf.steps)
        },
        &|| sum(&reader.leaf(leaf.path, &mut Budget::default())?.ok_or("the leaf")?),
        &|| json(&strings, leaf.steps),
    ];
    let mut best = [Duration::MAX; 5];
    let mut sums = [0.0; 5];
    for _ in 0..ROUNDS {
        for (way, (best, sum)) in ways.iter().zip(best.iter_mut().zip(&mut sums)) {
            let start = Instant::now();
            *sum = black_box(way()?);
            *best = start.elapsed().min(*best);
        }
    }
    assert!(sums.iter().all(|sum| (sum - sums[0]).abs() < 1e-6 * sums[0].abs().max(1.0)), "{sums:?}");
    let micros = best.map(|time| time.as_secs_f64() * 1e6);
    println!(
        "    {:31} from bytes {:6.1} µs; MVT's strings and JSON take {:5.1} times as long, all of MVT {:5.1}; \
         open {:6.1} µs; JSON {:5.1} times",
        leaf.path,
        micros[0],
        micros[1] / micros[0],
        micros[2] / micros[0],
        micros[3],
        micros[4] / micros[3],
    );
    Ok(())
}

/// The sum of a leaf's values.
fn sum(column: &Column) -> Result<f64> {
    let add = |value: &dyn Fn(usize) -> f64| match &column.nulls {
        Some(nulls) => nulls.valid_indices().map(value).sum::<f64>(),
        None => (0..column.len()).map(value).sum(),
    };
    Ok(match &column.values {
        Values::Nested(Nested::List { items, .. }) => sum(items)?,
        Values::Nested(Nested::Struct { fields, .. }) => sum(&fields[0])?,
        Values::Double(numbers) => add(&|row| numbers[row]),
        Values::UInt(numbers) => add(&|row| numbers[row] as f64),
        Values::SInt(numbers) => add(&|row| numbers[row] as f64),
        Values::String(Strings::Plain(strings)) => add(&|row| strings.get_bytes(row).len() as f64),
        Values::String(Strings::Dictionary { keys, dictionary }) => {
            add(&|row| dictionary.get_bytes(keys[row] as usize).len() as f64)
        }
        _ => return Err("numbers or strings".into()),
    })
}

fn json(texts: &[&str], steps: &[&str]) -> Result<f64> {
    let mut sum = 0.0;
    for text in texts {
        let value: serde_json::Value = serde_json::from_str(text)?;
        sum += sum_of(&value, steps);
    }
    Ok(sum)
}

fn sum_of(value: &serde_json::Value, steps: &[&str]) -> f64 {
    match (value, steps) {
        (serde_json::Value::Array(items), ["*", steps @ ..]) => {
            items.iter().map(|item| sum_of(item, steps)).sum()
        }
        (serde_json::Value::Object(fields), ["*", steps @ ..]) => {
            fields.values().map(|item| sum_of(item, steps)).sum()
        }
        (serde_json::Value::Object(fields), [name, steps @ ..]) => {
            fields.get(*name).map_or(0.0, |field| sum_of(field, steps))
        }
        (serde_json::Value::String(text), []) => text.len() as f64,
        (value, _) => value.as_f64().unwrap_or(0.0),
    }
}

/// The strings of one property in MVT, read as far as needed and no further.
mod find {
    /// A message of Protocol Buffers: its fields, of which those that have a length are of use here.
    struct Message<'a>(&'a [u8]);

    impl<'a> Message<'a> {
        fn varint(&mut self) -> Option<u64> {
            let mut value = 0;
            for shift in (0..64).step_by(7) {
                let (&byte, rest) = self.0.split_first()?;
                self.0 = rest;
                value |= u64::from(byte & 0x7f) << shift;
                if byte < 0x80 {
                    return Some(value);
                }
            }
            None
        }

        fn take(&mut self, len: usize) -> Option<&'a [u8]> {
            let (taken, rest) = self.0.split_at_checked(len)?;
            self.0 = rest;
            Some(taken)
        }
    }

    impl<'a> Iterator for Message<'a> {
        type Item = (u64, &'a [u8]);

        fn next(&mut self) -> Option<Self::Item> {
            let tag = self.varint()?;
            let bytes = match tag % 8 {
                0 => {
                    self.varint()?;
                    &[]
                }
                1 => self.take(8)?,
                2 => {
                    let len = self.varint()?;
                    self.take(len as usize)?
                }
                5 => self.take(4)?,
                _ => return None,
            };
            Some((tag / 8, bytes))
        }
    }

    pub fn strings<'a>(tile: &'a [u8], layer: &str, property: &str) -> Option<Vec<&'a str>> {
        let layers = Message(tile).filter(|&(field, _)| field == 3).map(|(_, bytes)| bytes);
        let layer = layers.into_iter().find(|bytes| {
            Message(bytes).find(|&(field, _)| field == 1).is_some_and(|(_, name)| name == layer.as_bytes())
        })?;
        let (mut features, mut values, mut keys, mut key) = (Vec::new(), Vec::new(), 0, None);
        for (field, bytes) in Message(layer) {
            match field {
                2 => features.push(bytes),
                3 => {
                    if bytes == property.as_bytes() {
                        key = Some(keys);
                    }
                    keys += 1;
                }
                4 => values.push(bytes),
                _ => {}
            }
        }
        let key = key?;
        let mut out = Vec::new();
        for feature in features {
            let Some((_, tags)) = Message(feature).find(|&(field, _)| field == 2) else { continue };
            let mut tags = Message(tags);
            while let Some(tag) = tags.varint() {
                let value = tags.varint()?;
                if tag == key {
                    let (_, text) = Message(values.get(value as usize)?).find(|&(field, _)| field == 1)?;
                    out.push(std::str::from_utf8(text).ok()?);
                    break;
                }
            }
        }
        Some(out)
    }
}
