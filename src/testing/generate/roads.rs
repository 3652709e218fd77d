//! Roads as Overture publishes them: names as maps, lanes and speed limits as lists of structs, rules that
//! hold between two places along the road; and a speed at each vertex.

use crate::column::nested::builder::Item;
use crate::column::{Column, Strings, Value, Values};
use crate::error::Result;
use crate::mvt;
use crate::testing::random::Random;
use crate::tile::builder::LayerBuilder;
use crate::tile::layer::Layer;

const CLASSES: [&str; 6] = ["residential", "service", "tertiary", "secondary", "primary", "motorway"];
const STEMS: [&str; 10] =
    ["Haupt", "Bahnhof", "Kirch", "Schul", "Dorf", "Linden", "Berg", "Garten", "Wald", "See"];
const ENDS: [&str; 4] = ["strasse", "gasse", "weg", "platz"];
const RULES: [&str; 3] = ["bus", "hov", "bicycle"];
const LANGUAGES: [&str; 3] = ["de", "fr", "it"];

/// A layer of `count` roads.
///
/// # Errors
/// Never; roads are small.
pub fn layer(count: usize, seed: u64) -> Result<Layer> {
    let mut random = Random::from_seed(seed);
    let mut layer = LayerBuilder::new("segment");
    for id in 0..count {
        road(&mut layer, &mut random, id as u64)?;
    }
    layer.finish()
}

fn road(layer: &mut LayerBuilder, random: &mut Random, id: u64) -> Result<()> {
    let class = random.index(CLASSES.len());
    let (mut x, mut y) = (random.within(0, 4096), random.within(0, 4096));
    let (dx, dy) = (random.within(-40, 40), random.within(-40, 40));
    let vertices: Vec<[i32; 2]> = (0..2 + random.index(14))
        .map(|_| {
            x += dx + random.within(-8, 8);
            y += dy + random.within(-8, 8);
            [x, y]
        })
        .collect();
    layer.feature(Some(10_000_000 + 3 * id), |geometry| geometry.line_string(&vertices))?;
    layer.property("class", Value::String(CLASSES[class]))?;
    layer.property("subtype", Value::String("road"))?;
    layer.property("level", Value::Int(if random.chance(1, 12) { 1 } else { 0 }))?;
    let name = format!("{}{}", random.pick(&STEMS), random.pick(&ENDS));
    if !random.chance(1, 5) {
        layer.nested("names", &names(random, &name, &translated(&name)))?;
    }
    layer.nested("speed_limits", &speed_limits(random, class))?;
    if class > 1 || random.chance(1, 6) {
        layer.nested("lanes", &lanes(random, class))?;
    }
    if random.chance(1, 8) {
        layer.nested("access_restrictions", &access(random))?;
    }
    // What was measured changes little from one vertex to the next.
    let mut speed = 20 + 15 * class as u64;
    let speeds: Vec<Value> = vertices
        .iter()
        .map(|_| {
            speed = speed.saturating_add_signed(i64::from(random.within(-3, 3))).clamp(5, 130);
            Value::UInt(speed)
        })
        .collect();
    layer.measure("speed", &speeds)?;
    Ok(())
}

fn text(text: &str) -> Item<'_> {
    Item::Value(Value::String(text))
}

fn double(value: f64) -> Item<'static> {
    Item::Value(Value::Double(value))
}

fn translated(name: &str) -> [String; 2] {
    [format!("Rue {}", &name[..4]), format!("Via {}", &name[..4])]
}

fn names<'a>(random: &mut Random, name: &'a str, other: &'a [String; 2]) -> Item<'a> {
    let all = [name, &other[0], &other[1]];
    let common = match random.below(3) {
        0 => Item::Null,
        count => Item::Map((0..=count as usize).map(|at| (text(LANGUAGES[at]), text(all[at]))).collect()),
    };
    Item::Struct(vec![("primary", text(name)), ("common", common)])
}

/// Two places along the road, as parts of its length; none is all of it.
fn between(random: &mut Random) -> Item<'static> {
    match random.below(4) {
        0 => {
            let middle = f64::from(random.within(1, 999)) / 1000.0;
            Item::List(vec![double(0.0), double(middle)])
        }
        _ => Item::Null,
    }
}

fn speed_limits(random: &mut Random, class: usize) -> Item<'static> {
    let limits = (0..1 + random.below(2)).map(|_| {
        let value = [30, 20, 50, 80, 80, 120][class] - 10 * random.below(2);
        let speed = vec![("value", Item::Value(Value::UInt(value))), ("unit", text("km/h"))];
        Item::Struct(vec![("max_speed", Item::Struct(speed)), ("between", between(random))])
    });
    Item::List(limits.collect())
}

fn lanes(random: &mut Random, class: usize) -> Item<'static> {
    let count = 2 + random.index(class + 1);
    let width = 2.75 + 0.25 * random.below(4) as f64;
    let lanes = (0..count).map(|lane| {
        let direction = if 2 * lane < count { "forward" } else { "backward" };
        let mut fields = vec![("direction", text(direction)), ("width", double(width))];
        if random.chance(1, 6) {
            let rule: &&str = random.pick(&RULES);
            fields.push(("restriction", text(rule)));
        }
        Item::Struct(fields)
    });
    Item::List(lanes.collect())
}

fn access(random: &mut Random) -> Item<'static> {
    let mode = random.pick(&["foot", "bicycle", "motor_vehicle"]);
    let kind = random.pick(&["denied", "allowed", "designated"]);
    let when = Item::Struct(vec![("mode", Item::List(vec![text(mode)])), ("heading", text("forward"))]);
    Item::List(vec![Item::Struct(vec![
        ("access_type", text(kind)),
        ("when", when),
        ("between", between(random)),
    ])])
}

/// The same layer as MVT can hold it: every nested property as JSON text, and the speeds as a list of
/// numbers in JSON text.
///
/// # Errors
/// If strings become too long.
pub fn with_json(layer: &Layer) -> Result<Layer> {
    let json = |column: &Column| {
        let texts = (0..column.len()).map(|row| column.get(row).map_or(String::new(), mvt::json_text));
        Column {
            name: column.name.clone(),
            values: Values::String(Strings::Plain(texts.collect())),
            nulls: column.nulls.clone(),
        }
    };
    let columns = layer.columns().iter().map(|column| match column.values {
        Values::Nested(_) => json(column),
        _ => column.clone(),
    });
    let plain = Layer::try_new(
        layer.name(),
        layer.extent(),
        layer.version(),
        layer.ids().cloned(),
        layer.geometry().clone(),
        columns.collect(),
    )?;
    // What is left beyond MVT are the speeds.
    let plain = plain.with_vertex_values(layer.measures().to_vec(), None)?;
    Ok(mvt::reduce(&[plain], mvt::Beyond::Flatten).0.into_owned().remove(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tile::options::{EncodeOptions, Profile};
    use crate::tile::write::encode;

    /// The sizes of a layer: as COVT, and as MVT with JSON in strings and gzip.
    #[cfg(feature = "tileset")]
    fn sizes(layer: &Layer) -> [usize; 2] {
        let mvt = mvt::write(&[with_json(layer).unwrap()]).unwrap();
        let options = EncodeOptions::new(Profile::Small);
        [encode(std::slice::from_ref(layer), &options).unwrap().len(), crate::tileset::gzip(&mvt).len()]
    }

    #[cfg(feature = "tileset")]
    #[test]
    fn what_mvt_has_not_takes_less_than_half_of_json_with_gzip() {
        for (count, seed) in [(300, 1), (2000, 2)] {
            let whole = layer(count, seed).unwrap();
            let columns = whole.columns().iter().filter(|column| !matches!(column.values, Values::Nested(_)));
            let (ids, geometry) = (whole.ids().cloned(), whole.geometry().clone());
            let rest =
                Layer::try_new(whole.name(), 4096, 2, ids, geometry, columns.cloned().collect()).unwrap();
            let ([covt, gzip], [rest_covt, rest_gzip]) = (sizes(&whole), sizes(&rest));
            println!(
                "{count} roads: {covt} of {gzip} bytes; without what is nested, {rest_covt} of {rest_gzip}"
            );
            assert!(2 * (covt - rest_covt) < gzip - rest_gzip, "{covt} {gzip}, {rest_covt} {rest_gzip}");
        }
    }
}
