//! Smaller tiles against layers from which the same was left out.

use super::*;
use crate::column::Value;
use crate::column::nested::builder::Item;
use crate::testing::generate::{layers, options, roads};
use crate::testing::{Random, check};
use crate::tile::builder::LayerBuilder;
use crate::tile::layer::Layer;
use crate::tile::options::Profile;
use crate::tile::projection::ColumnName;
use crate::tile::write::encode;

/// What must be left of `layers`.
fn left(layers: &[Layer], wanted: &Projection) -> Vec<Layer> {
    let mut out: Vec<Layer> = layers.to_vec();
    out.retain(|layer| wanted.wants_layer(layer.name()));
    for layer in &mut out {
        let name = layer.name.clone();
        layer.columns.retain(|column| wanted.wants_property(&name, &column.name));
        layer.measures.retain(|measure| wanted.wants_property(&name, &measure.name));
        layer.ids = layer.ids.take().filter(|_| wanted.ids);
    }
    out
}

/// Some layers and columns of those there are, and names that there are not.
fn any_projection(random: &mut Random, layers: &[Layer]) -> Projection {
    let some = |random: &mut Random, names: Vec<String>| {
        let mut names: Vec<String> = names.into_iter().filter(|_| random.chance(1, 2)).collect();
        names.push("no such".into());
        (!random.chance(1, 4)).then_some(names)
    };
    let names = layers.iter().map(|layer| layer.name().to_owned()).collect();
    let columns = layers.iter().flat_map(|layer| {
        let columns = layer.columns().iter().map(|column| column.name.to_string());
        columns.chain(layer.measures().iter().map(|measure| measure.name.to_string()))
    });
    let columns = columns.collect();
    let column = |column| ColumnName { layer: None, column };
    Projection {
        layers: some(random, names),
        columns: some(random, columns).map(|names| names.into_iter().map(column).collect()),
        ids: random.chance(2, 3),
        geometry: random.chance(1, 2),
    }
}

#[test]
fn what_is_wanted_is_left() {
    let mut random = Random::from_seed(77);
    let (mut copied, mut encoded, mut compact) = (0, 0, 0);
    for _ in 0..600 {
        let layers = layers::tile(&mut random);
        let mut options =
            EncodeOptions { sort: Default::default(), reorder_parts: false, ..options::any(&mut random) };
        if random.chance(1, 2) {
            // Else there are no tokens.
            options.force = Default::default();
        }
        let tile = encode(&layers, &options).unwrap();
        let wanted = any_projection(&mut random, &layers);
        let projected = project(&tile, &wanted, &options, &mut Budget::default()).unwrap();
        let mut budget = Budget::default();
        let smaller = Tile::open(&projected.tile, &mut budget).unwrap();
        assert_eq!(
            check::same_layers(&smaller.decode(&mut budget).unwrap(), &left(&layers, &wanted)),
            Ok(())
        );
        // Statistics stay with their columns.
        let told = |tile: &Tile| {
            let columns = tile.directory().layers().iter().flat_map(|layer| &layer.columns).cloned();
            columns.filter_map(|column| column.statistics).map(|told| format!("{told:?}")).collect::<Vec<_>>()
        };
        let expected = encode(&left(&layers, &wanted), &options).unwrap();
        assert_eq!(told(&smaller), told(&Tile::open(&expected, &mut budget).unwrap()));
        let fates = |fate| projected.columns.iter().filter(|column| column.fate == fate).count();
        copied += fates(Fate::Copied);
        encoded += fates(Fate::Encoded);
        compact += usize::from(projected.vertices.is_some_and(|(_, fate)| fate == Fate::Encoded));
    }
    assert!(copied > 500 && encoded > 20 && compact > 20, "{copied} {encoded} {compact}");
}

/// Dictionaries that another layer lends, and ids that are hashes of a property, with and without these.
#[test]
fn what_is_shared_stays_or_is_made_anew() {
    let layers = roads::layers(14, 1).unwrap();
    let both = ["connector", "segment"];
    for profile in Profile::ALL {
        let options = EncodeOptions::new(profile);
        let tile = encode(&layers, &options).unwrap();
        let kinds = |tile: &[u8]| {
            let directory = crate::Directory::read(tile, &mut Budget::default()).unwrap();
            let columns = directory.layers.iter().flat_map(|layer| &layer.columns);
            let kinds: Vec<ColumnKind> = columns.map(|column| column.kind).collect();
            [ColumnKind::BorrowedDictionary, ColumnKind::HashedId].map(|kind| kinds.contains(&kind))
        };
        assert_eq!(kinds(&tile), [true; 2]);
        for (names, columns, left_kinds) in [
            (&both[..], &["id", "connectors", "prohibited_transitions", "destinations"][..], [true; 2]),
            (&both[..], &["connectors", "prohibited_transitions", "destinations"], [false; 2]),
            (&both[..], &["id"], [false, true]),
            (&both[1..], &["connectors", "names"], [false; 2]),
            (&both[..1], &["id", "sources"], [false, true]),
            (&both[1..], &["class", "version"], [false; 2]),
        ] {
            let column = |name: &&str| ColumnName { layer: None, column: (*name).to_owned() };
            let wanted = Projection {
                layers: Some(names.iter().map(|&name| name.into()).collect()),
                columns: Some(columns.iter().map(column).collect()),
                ids: true,
                geometry: true,
            };
            // No more of the tile than is needed.
            let directory = crate::Directory::read(&tile, &mut Budget::default()).unwrap();
            let front = 0..directory.body().start;
            let ranges = std::iter::once(front).chain(directory.ranges(&wanted));
            let parts: Vec<_> = ranges.map(|range| (range.start, &tile[range])).collect();
            let partial = Tile::from_parts(directory, &parts).unwrap();
            let smaller = partial.project(&wanted, &options, &mut Budget::default()).unwrap().tile;
            let mut budget = Budget::default();
            let again = Tile::open(&smaller, &mut budget).unwrap().decode(&mut budget).unwrap();
            assert_eq!(check::same_layers(&again, &left(&layers, &wanted)), Ok(()), "{columns:?}");
            let [borrowed, hashed] = kinds(&smaller);
            // Whether the few references between roads were shared depends on the roads.
            assert!(hashed == left_kinds[1] || left_kinds[0], "{columns:?}");
            assert!(!borrowed || left_kinds[0], "{columns:?}");
        }
    }
}

/// Properties that get dictionaries of their own only once others are left out, among columns that refer to each
/// other.
#[test]
fn dictionaries_of_properties_are_made_anew() {
    let mut builder = LayerBuilder::new("layer");
    for row in 0..120 {
        builder.feature(None, |geometry| Ok(geometry.point(row, row))).unwrap();
        let [one, other] = ["one", "other"].map(|what| format!("{what} text of {}", row * 7919 % 100_003));
        let [first, second] = [&one, &other].map(|text| Item::List(vec![Item::Value(Value::String(text))]));
        builder.nested("first", &first).unwrap().nested("second", &second).unwrap();
        builder.property("all", Value::String(&one)).unwrap();
        builder.property("also", Value::String(&other)).unwrap();
        for name in ["name", "same name"] {
            builder
                .property(name, Value::String(["a short one", "some other one", "a third"][row as usize % 3]))
                .unwrap();
        }
    }
    let layers = [builder.finish().unwrap()];
    for profile in Profile::ALL {
        let options = EncodeOptions::new(profile);
        let tile = encode(&layers, &options).unwrap();
        let mut most = 0;
        for columns in [
            &["first", "second"][..],
            &["first", "second", "name"],
            &["second", "first", "same name", "name"],
            &["first", "all", "name", "same name"],
            &["first"],
            &["all", "name", "same name"],
        ] {
            let column = |name: &&str| ColumnName { layer: None, column: (*name).to_owned() };
            let wanted =
                Projection { columns: Some(columns.iter().map(column).collect()), ..Projection::default() };
            let smaller = project(&tile, &wanted, &options, &mut Budget::default()).unwrap().tile;
            let mut budget = Budget::default();
            let smaller = Tile::open(&smaller, &mut budget).unwrap();
            let again = smaller.decode(&mut budget).unwrap();
            assert_eq!(check::same_layers(&again, &left(&layers, &wanted)), Ok(()), "{columns:?}");
            let kinds = smaller.directory().layers[0].columns.iter().map(|column| column.kind);
            most = most.max(kinds.filter(|&kind| kind == ColumnKind::SharedDictionary).count());
        }
        assert!(most > 1, "{profile:?}");
    }
}

#[test]
fn nothing_left_out_changes_no_byte() {
    let mut random = Random::from_seed(78);
    for _ in 0..200 {
        let options = options::any(&mut random);
        let tile = encode(&layers::tile(&mut random), &options).unwrap();
        let same = project(&tile, &Projection::default(), &options, &mut Budget::default()).unwrap();
        assert!(same.tile == tile, "{options:?}");
        assert!(same.columns.iter().all(|column| column.fate == Fate::Copied));
    }
}

#[test]
fn a_part_of_a_tile_is_enough() {
    let mut random = Random::from_seed(79);
    for _ in 0..200 {
        let layers = layers::tile(&mut random);
        let tile = encode(&layers, &options::any(&mut random)).unwrap();
        let wanted = Projection { geometry: true, ..any_projection(&mut random, &layers) };
        let (options, mut budget) = (EncodeOptions::new(Profile::Fast), Budget::default());
        let whole = project(&tile, &wanted, &options, &mut budget).unwrap();
        let directory = crate::Directory::read(&tile, &mut budget).unwrap();
        let ranges = std::iter::once(0..directory.body().start).chain(directory.ranges(&wanted));
        let parts: Vec<_> = ranges.map(|range| (range.start, &tile[range])).collect();
        let partial = Tile::from_parts(directory, &parts).unwrap();
        assert_eq!(partial.project(&wanted, &options, &mut budget).unwrap(), whole);
    }
}

#[test]
fn damage_and_small_budgets_are_survived() {
    let mut random = Random::from_seed(80);
    for _ in 0..20 {
        let layers = layers::tile(&mut random);
        let mut tile = encode(&layers, &options::any(&mut random)).unwrap();
        let wanted = any_projection(&mut random, &layers);
        let options = EncodeOptions::new(Profile::Fast);
        for _ in 0..100 {
            let at = random.index(tile.len());
            let bit = 1 << random.below(8);
            tile[at] ^= bit;
            let _ = project(&tile, &wanted, &options, &mut Budget::new(1 << 20));
            tile[at] ^= bit;
        }
        for budget in 0..40 {
            let _ = project(&tile, &wanted, &options, &mut Budget::new(1 << (budget / 2)));
        }
    }
}
