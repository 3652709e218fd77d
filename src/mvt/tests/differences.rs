//! The comparison sees every difference, and nothing else.

use super::*;

fn base() -> Tile {
    let with_id = Feature { id: Some(7), ..point(&[0, 0, 1, 1]) };
    let features = vec![with_id, point(&[0, 2]), shape(2, &[9, 2, 2, 10, 4, 4])];
    let float = Value { float: Some(0.0), ..Value::default() };
    let first = layer(features, &["a", "b"], vec![string("x"), int(3), float]);
    let second = Layer { name: Some("m".into()), ..layer(vec![point(&[])], &[], Vec::new()) };
    Tile { layers: vec![first, second] }
}

fn difference(change: impl FnOnce(&mut Tile)) -> Option<String> {
    let (first, mut second) = (base(), base());
    change(&mut second);
    let result = compare(&first.encode_to_vec(), &second.encode_to_vec());
    result.err().map(|difference| difference.to_string())
}

#[test]
fn every_change_is_seen() {
    type Change = fn(&mut Tile);
    let changes: [(Change, &str); 22] = [
        (|tile| tile.layers.swap(0, 1), "layer \"l\": name: Some(\"l\") and Some(\"m\")"),
        (|tile| tile.layers.truncate(1), "number of layers: 2 and 1"),
        (|tile| tile.layers[1].name = None, "layer \"m\": name: Some(\"m\") and None"),
        (|tile| tile.layers[0].version = Some(1), "layer \"l\": version: 2 and 1"),
        (|tile| tile.layers[0].version = None, "layer \"l\": version: 2 and 1"),
        (|tile| tile.layers[1].extent = Some(512), "layer \"m\": extent: 4096 and 512"),
        (|tile| tile.layers[0].features.truncate(2), "layer \"l\": number of features: 3 and 2"),
        (|tile| tile.layers[0].features.swap(1, 2), "layer \"l\": feature 1: geometry type: 1 and 2"),
        (|tile| tile.layers[0].features[0].id = None, "layer \"l\": feature 0: id: Some(7) and None"),
        (|tile| tile.layers[0].features[0].id = Some(8), "layer \"l\": feature 0: id: Some(7) and Some(8)"),
        (|tile| tile.layers[0].features[1].id = Some(0), "layer \"l\": feature 1: id: None and Some(0)"),
        (
            |tile| tile.layers[0].features[2].geometry_type = None,
            "layer \"l\": feature 2: geometry type: 2 and 0",
        ),
        (
            |tile| tile.layers[0].features[2].geometry[5] = 5,
            "layer \"l\": feature 2: command integer 5: 4 and 5",
        ),
        (
            |tile| tile.layers[0].features[2].geometry.truncate(5),
            "layer \"l\": feature 2: number of command integers: 6 and 5",
        ),
        (
            |tile| tile.layers[0].features[0].tags.truncate(2),
            "layer \"l\": feature 0: number of tags: 2 and 1",
        ),
        (
            |tile| tile.layers[0].features[0].tags.truncate(3),
            "layer \"l\": feature 0: second tile: an odd number of tags",
        ),
        (
            |tile| tile.layers[0].features[0].tags[0] = 2,
            "layer \"l\": feature 0: second tile: a tag points past the tables",
        ),
        (|tile| tile.layers[0].features[0].tags[1] = 1, "layer \"l\": feature 0: tag: "),
        (|tile| tile.layers[0].keys[1] = "c".into(), "layer \"l\": feature 0: tag: "),
        // Another type, and other bits of an equal number.
        (
            |tile| tile.layers[0].values[1] = Value { uint: Some(3), ..Value::default() },
            "layer \"l\": feature 0: tag: ",
        ),
        (|tile| tile.layers[0].values[2].float = Some(-0.0), "layer \"l\": feature 1: tag: "),
        (|tile| tile.layers[0].values[2].bool = Some(true), "layer \"l\": feature 1: tag: "),
    ];
    for (change, expected) in changes {
        let difference = difference(change).expect(expected);
        assert!(difference.starts_with(expected), "{difference}, not {expected}");
    }
}

#[test]
fn what_says_the_same_is_the_same() {
    let same: [fn(&mut Tile); 6] = [
        |_| (),
        |tile| tile.layers[0].extent = Some(4096),
        |tile| tile.layers[0].keys.push("unused".into()),
        |tile| tile.layers[0].features[0].tags = vec![1, 1, 0, 0],
        |tile| {
            let layer = &mut tile.layers[0];
            layer.keys.swap(0, 1);
            layer.features[0].tags = vec![1, 0, 0, 1];
            layer.features[1].tags = vec![1, 2];
        },
        |tile| {
            let layer = &mut tile.layers[0];
            layer.values.push(int(3));
            layer.features[0].tags[3] = 3;
        },
    ];
    for (number, change) in same.into_iter().enumerate() {
        assert_eq!(difference(change), None, "change {number}");
    }
}

#[test]
fn tags_count_as_often_as_they_stand() {
    let of = |tags: &[u32]| tile(layer(vec![point(tags)], &["k"], vec![int(1), int(2)]));
    assert!(compare(&of(&[0, 0, 0, 0, 0, 1]), &of(&[0, 1, 0, 0, 0, 0])).is_ok());
    assert!(compare(&of(&[0, 0, 0, 0, 0, 1]), &of(&[0, 1, 0, 1, 0, 0])).is_err());
}

#[test]
fn bytes_that_are_no_tile_differ() {
    let error = compare(&base().encode_to_vec(), &[0x1a, 0x05]).unwrap_err();
    assert!(error.to_string().starts_with("the second tile is no MVT"), "{error}");
    assert_eq!((error.layer(), error.feature()), (None, None));
}

/// What is told when the order of some things does not count.
fn reordered(reordering: Reordering, change: impl FnOnce(&mut Tile)) -> Option<String> {
    let (first, mut second) = (base(), base());
    change(&mut second);
    let result = compare_reordered(&first.encode_to_vec(), &second.encode_to_vec(), reordering);
    result.err().map(|difference| difference.to_string())
}

#[test]
fn the_order_of_features_counts_only_if_it_shall() {
    let any = Reordering { features: true, parts: false };
    assert_eq!(reordered(any, |tile| tile.layers[0].features.rotate_left(1)), None);
    assert!(difference(|tile| tile.layers[0].features.rotate_left(1)).is_some());
    // All else does, also how often a feature is there.
    type Change = fn(&mut Tile);
    let changes: [(Change, &str); 7] = [
        (|tile| tile.layers.swap(0, 1), "layer \"l\": name: Some(\"l\") and Some(\"m\")"),
        (|tile| tile.layers[0].features.truncate(2), "layer \"l\": number of features: 3 and 2"),
        (
            |tile| tile.layers[0].features[1] = tile.layers[0].features[2].clone(),
            "layer \"l\": feature 1: the second tile has no such feature",
        ),
        (
            |tile| tile.layers[0].features[2].geometry[5] = 5,
            "layer \"l\": feature 2: the second tile has no such feature",
        ),
        (
            |tile| {
                tile.layers[0].features.rotate_left(1);
                tile.layers[0].features[2].tags.truncate(2);
            },
            "layer \"l\": feature 0: number of tags: 2 and 1",
        ),
        (
            |tile| tile.layers[0].features[0].id = Some(8),
            "layer \"l\": feature 0: the second tile has no such feature",
        ),
        (
            |tile| tile.layers[0].features[1].tags[1] = 9,
            "layer \"l\": feature 1: second tile: a tag points past the tables",
        ),
    ];
    for (change, expected) in changes {
        assert_eq!(reordered(any, change).as_deref(), Some(expected));
    }
}

#[test]
fn the_order_of_parts_counts_only_if_it_shall() {
    let any = Reordering { features: false, parts: true };
    // The line (1,1) (6,3), and before or after it (0,0) (1,0).
    let two_lines = |integers: &[u32]| tile(layer(vec![shape(2, integers)], &[], Vec::new()));
    let first = two_lines(&[9, 2, 2, 10, 10, 4, 9, 11, 5, 10, 2, 0]);
    let second = two_lines(&[9, 0, 0, 10, 2, 0, 9, 0, 2, 10, 10, 4]);
    assert!(compare(&first, &second).is_err());
    compare_reordered(&first, &second, any).unwrap();
    compare_reordered(&first, &second, Reordering { features: true, parts: true }).unwrap();
    let other = two_lines(&[9, 0, 0, 10, 2, 0, 9, 0, 2, 10, 10, 6]);
    let error = compare_reordered(&first, &other, any).unwrap_err().to_string();
    assert_eq!(error, "layer \"l\": feature 0: the parts of the geometry are others");
    assert!(reordered(any, |tile| tile.layers[0].features.rotate_left(1)).is_some());
}
