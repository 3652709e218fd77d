//! Layers as those of Overture's tiles: ids that are hashes of texts, connectors that roads refer to, names in several
//! languages.

use super::cases::build;
use crate::column::Value;
use crate::column::nested::builder::Item;
use crate::testing::random::mix;
use crate::tile::layer::Layer;

/// Connectors, and roads that name two each, of which some lie outside the tile.
pub(super) fn layers() -> Vec<Layer> {
    let connectors: Vec<String> = (0..60).map(|number| uuid(100 + number)).collect();
    let first = build("connector", |layer| {
        for (x, id) in (0..).zip(&connectors[..48]) {
            layer.feature(Some(hash(id)), |geometry| Ok(geometry.point(40 * x, 9 * (x % 4))))?;
            layer.property("id", Value::String(id))?;
        }
        Ok(())
    });
    let second = build("segment", |layer| {
        for number in 0..24u8 {
            let row = usize::from(number);
            let (id, x) = (uuid(row as u64), 40 * i32::from(number));
            // One road has no id, and another one no text.
            let feature = if number == 3 { None } else { Some(hash(&id)) };
            layer.feature(feature, |geometry| geometry.line_string(&[[x, 0], [x + 40, 9]]))?;
            if ![3, 7].contains(&number) {
                layer.property("id", Value::String(&id))?;
            }
            let ends = [2 * row, 2 * row + 12]
                .map(|end| Item::Struct(vec![("connector_id", text(&connectors[end]))]));
            layer.nested("connectors", &Item::List(ends.into()))?;
            let names = ["de", "fr", "it"].map(|language| (language, format!("{language} {}", number / 2)));
            let names = names.iter().skip(row % 2);
            let names = names.map(|(language, name)| (text(language), text(name)));
            layer.nested("names", &Item::Map(names.collect()))?;
        }
        Ok(())
    });
    vec![first, second]
}

fn text(text: &str) -> Item<'_> {
    Item::Value(Value::String(text))
}

fn uuid(number: u64) -> String {
    let (high, low) = (mix(number), mix(!number));
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 52,
        low & 0xffff_ffff_ffff
    )
}

/// As the specification has it, with the multiplier 10.
fn hash(text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step).wrapping_mul(10)
}
