//! A tile in the manner of Natural Earth's: countries, rivers and places with names in 26 languages, which
//! are maps here, and numbers that belong together as structs. Rivers have heights, and a width at each vertex.

mod scripts;
mod shapes;

use scripts::{LANGUAGES, Of};
use shapes::{Lattice, wander};

use crate::column::Value;
use crate::column::nested::builder::Item;
use crate::error::Result;
use crate::testing::random::Random;
use crate::tile::builder::LayerBuilder;
use crate::tile::layer::Layer;

const CONTINENTS: [&str; 4] = ["Asia", "Africa", "Europe", "South America"];
const ECONOMIES: [&str; 5] = [
    "1. Developed region: G7",
    "2. Developed region: nonG7",
    "3. Emerging region: BRIC",
    "6. Developing region",
    "7. Least developed region",
];
const INCOMES: [&str; 4] =
    ["1. High income: OECD", "3. Upper middle income", "4. Lower middle income", "5. Low income"];
const KINDS: [&str; 4] = ["Populated place", "Populated place", "Admin-1 capital", "Admin-0 capital"];

/// The layers countries, rivers and places.
///
/// # Errors
/// Never; the tile is small.
pub fn layers(seed: u64) -> Result<Vec<Layer>> {
    let random = &mut Random::from_seed(seed);
    let rings = Lattice::new(random).countries();
    let mut countries = LayerBuilder::new("countries");
    for ring in &rings {
        countries.feature(None, |geometry| geometry.polygon(&[ring]))?;
        country(&mut countries, random)?;
    }
    let mut rivers = LayerBuilder::new("rivers");
    rivers.height_grid(1.0, 0.0)?;
    for _ in 0..80 {
        river(&mut rivers, random, &rings)?;
    }
    let mut places = LayerBuilder::new("places");
    for _ in 0..400 {
        place(&mut places, random)?;
    }
    Ok(vec![countries.finish()?, rivers.finish()?, places.finish()?])
}

fn text(text: &str) -> Item<'_> {
    Item::Value(Value::String(text))
}

fn number(value: u64) -> Item<'static> {
    Item::Value(Value::UInt(value))
}

fn double(value: f64) -> Item<'static> {
    Item::Value(Value::Double(value))
}

/// A number of up to so many digits, as often of few as of many.
fn size(random: &mut Random, digits: u32) -> u64 {
    let most = 10u64.pow(1 + random.below(digits.into()) as u32);
    most / 10 + random.below(most)
}

/// Adds a map of names, of which one in `gaps` is missing, and returns that in English.
fn names(layer: &mut LayerBuilder, random: &mut Random, of: Of, gaps: u64) -> Result<String> {
    let names = scripts::names(random, of);
    let entries = LANGUAGES.iter().zip(&names).filter(|_| gaps == 0 || !random.chance(1, gaps as u32));
    layer.nested(
        "names",
        &Item::Map(entries.map(|(language, name)| (text(language), text(name))).collect()),
    )?;
    Ok(names[3].clone())
}

/// An item of Wikidata.
fn wikidata(random: &mut Random, digits: u32) -> String {
    format!("Q{}", size(random, digits))
}

fn code(name: &str, letters: usize) -> String {
    name.chars().take(letters).collect::<String>().to_uppercase()
}

fn country(layer: &mut LayerBuilder, random: &mut Random) -> Result<()> {
    layer.property("featurecla", Value::String("Admin-0 country"))?;
    layer.property("scalerank", Value::Int(random.below(6) as i64))?;
    let name = names(layer, random, Of::Country, 0)?;
    layer.property("name", Value::String(&name))?;
    layer.property("continent", Value::String(random.pick::<&str>(&CONTINENTS)))?;
    let (two, three, item) = (code(&name, 2), code(&name, 3), wikidata(random, 4));
    let codes = vec![
        ("iso_a2", text(&two)),
        ("iso_a3", text(&three)),
        ("un_a3", number(random.below(900))),
        ("wikidata", text(&item)),
    ];
    layer.nested("codes", &Item::Struct(codes))?;
    let people = size(random, 9);
    let population = vec![
        ("estimate", number(people)),
        ("rank", number(u64::from(people.ilog10()) + 4)),
        ("year", number(2019)),
    ];
    layer.nested("population", &Item::Struct(population))?;
    let economy = vec![
        ("gdp", number(size(random, 7))),
        ("year", number(2019 - random.below(2))),
        ("group", text(random.pick::<&str>(&ECONOMIES))),
        ("income", text(random.pick::<&str>(&INCOMES))),
    ];
    layer.nested("economy", &Item::Struct(economy))?;
    let label = vec![
        ("min", double(random.below(60) as f64 / 10.0)),
        ("max", double(7.0 + random.below(40) as f64 / 10.0)),
        ("rank", number(2 + random.below(5))),
    ];
    layer.nested("label", &Item::Struct(label))?;
    let colors = [7, 8, 9, 13].map(|colors| number(1 + random.below(colors)));
    layer.nested("mapcolors", &Item::List(colors.into()))?;
    Ok(())
}

/// A river from the border of a country to somewhere not far away, downhill and wider all the time.
fn river(layer: &mut LayerBuilder, random: &mut Random, rings: &[Vec<[i32; 2]>]) -> Result<()> {
    let ring = random.pick(rings);
    let start = *random.pick(ring);
    let end = [start[0] + random.within(-350, 350), start[1] + random.within(-350, 350)];
    let mut line = vec![start];
    wander(random, &mut line, start, end);
    line.dedup();
    if line.len() < 2 {
        line.push([start[0] + 1, start[1]]);
    }
    layer.feature(None, |geometry| geometry.line_string(&line))?;
    layer.property("featurecla", Value::String("River"))?;
    layer.property("scalerank", Value::Int(random.within(1, 9).into()))?;
    names(layer, random, Of::River, 6)?;
    let mut height = f64::from(random.within(200, 2600));
    let mut width = 5 + random.below(40);
    let (mut heights, mut widths) = (Vec::new(), Vec::new());
    let slope = random.within(4, 60);
    for _ in &line {
        heights.push(height.round());
        widths.push(Value::UInt(width));
        // Steep above, flat below, and as smooth as water is.
        height -= height * f64::from(slope + random.within(-slope / 4, slope / 4)) / 1000.0;
        width += random.below(4);
    }
    layer.heights(&heights)?;
    layer.measure("width", &widths)?;
    Ok(())
}

fn place(layer: &mut LayerBuilder, random: &mut Random) -> Result<()> {
    let at = [random.within(0, 4095), random.within(0, 4095)];
    layer.feature(None, |geometry| Ok(geometry.point(at[0], at[1])))?;
    let kind = random.pick::<&str>(&KINDS);
    layer.property("featurecla", Value::String(kind))?;
    layer.property("scalerank", Value::Int(random.below(10) as i64))?;
    let gaps = if kind.starts_with("Pop") { 5 } else { 40 };
    let name = names(layer, random, Of::Place, gaps)?;
    layer.property("name", Value::String(&name))?;
    let (item, admin) = (wikidata(random, 7), code(&name[name.len() - 3..], 3));
    let codes =
        vec![("wikidata", text(&item)), ("adm0_a3", text(&admin)), ("geonames", number(size(random, 7)))];
    layer.nested("codes", &Item::Struct(codes))?;
    let most = 1000 + size(random, 6);
    let population = vec![
        ("max", number(most)),
        ("min", number(most - most / 10 * random.below(8))),
        ("rank", number(u64::from(most.ilog10()) + 4)),
    ];
    layer.nested("population", &Item::Struct(population))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::turn::turn;

    #[test]
    fn countries_share_borders_and_names_have_many_scripts() {
        let layers = layers(1).unwrap();
        let [countries, rivers, places] = &layers[..] else { panic!("three layers") };
        assert!(countries.len() > 30 && rivers.len() == 80 && places.len() == 400);
        let geometry = countries.geometry();
        let mut vertices: Vec<_> = geometry.vertices().chunks(2).collect();
        assert!((0..countries.len()).all(|ring| turn(geometry.ring(ring)) == -1));
        let all = vertices.len();
        vertices.sort();
        vertices.dedup();
        assert!(vertices.len() < all * 4 / 5, "{} of {all}", vertices.len());
        assert!(rivers.heights().is_some() && rivers.measures().len() == 1);
        let Some(Value::Nested(names)) = countries.column("names").unwrap().get(0) else { panic!("names") };
        let names: Vec<_> = names.entries().map(|(_, name)| name).collect();
        assert!(names.len() == 26 && names.iter().all(Option::is_some), "{names:?}");
    }
}
