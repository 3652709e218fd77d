//! `covt project`.

use covt::{Budget, EncodeOptions, LayerBuilder, Profile, Tile, Value};

use crate::support::{Place, mvt};

/// Two layers; in one of them two columns share a dictionary.
fn tile(profile: Profile) -> Vec<u8> {
    let mut roads = LayerBuilder::new("roads");
    for number in 0..200i32 {
        roads
            .feature(Some(number as u64), |geometry| {
                geometry.line_string(&[[number, 10], [40, number], [90, 12 + number]])
            })
            .unwrap();
        let name = format!("Gasse {}", number % 40);
        roads.property("name", Value::String(&name)).unwrap();
        roads.property("name:de", Value::String(&name)).unwrap();
        roads.property("lanes", Value::UInt(1 + number as u64 % 4)).unwrap();
    }
    let mut water = LayerBuilder::new("water");
    water.feature(None, |geometry| geometry.polygon(&[&[[0, 0], [9, 0], [9, 9]]])).unwrap();
    water.property("name", Value::String("See")).unwrap();
    covt::encode(&[roads.finish().unwrap(), water.finish().unwrap()], &EncodeOptions::new(profile)).unwrap()
}

fn columns(tile: &[u8]) -> Vec<(String, Vec<String>)> {
    let mut budget = Budget::default();
    let layers = Tile::open(tile, &mut budget).unwrap().decode(&mut budget).unwrap();
    let names = layers.iter().map(|layer| {
        let columns = layer.columns().iter().map(|column| column.name.to_string()).collect();
        (layer.name().to_owned(), columns)
    });
    names.collect()
}

#[test]
fn a_smaller_tile_and_what_became_of_it() {
    let place = Place::new();
    for profile in Profile::ALL {
        place.write("a.covt", tile(profile));
        let args = [
            "project",
            "a.covt",
            "--layers",
            "roads",
            "--columns",
            "name,water/class",
            "--force",
            "-o",
            "b.covt",
        ];
        let run = place.run(args).succeeds();
        assert_eq!(columns(&place.read("b.covt")), [("roads".to_owned(), vec!["name".to_owned()])]);
        assert!(place.read("b.covt").len() < place.read("a.covt").len());
        for part in ["(geometry)", "copied", "encoded anew", "less than the whole tile"] {
            assert!(run.stderr.contains(part), "{}", run.stderr);
        }
        assert!(run.stdout.is_empty());
    }
    let run =
        place.feed(["project", "-", "--columns", "", "--no-ids", "-q", "-o", "-"], &tile(Profile::Fast));
    assert_eq!(columns(&run.succeeds().stdout), [("roads".to_owned(), vec![]), ("water".to_owned(), vec![])]);
}

#[test]
fn what_is_no_tile_is_told() {
    let place = Place::new();
    place.write("a.mvt", mvt(1, 5));
    place.write("a.covt", tile(Profile::Small));
    place.write("cut.covt", &tile(Profile::Small)[..100]);
    place.run(["project", "a.mvt", "-o", "b.covt"]).fails(&["a.mvt is not a COVT tile"]);
    place.run(["project", "cut.covt", "-o", "b.covt"]).fails(&["cut.covt"]);
    place.run(["project", "a.covt", "--columns", "roads/", "-o", "b.covt"]).fails(&["LAYER/NAME"]);
    place.run(["project", "a.covt", "-o", "a.covt"]).fails(&["exists already"]);
    assert_eq!(place.names(), ["a.covt", "a.mvt", "cut.covt"]);
}
