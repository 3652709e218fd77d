//! The same message in other bytes, and bytes that are none.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::roundtrip::any_tile;
use super::*;
use crate::mvt::Dropped;
use crate::wire::varint;

fn field(number: u64, wire_type: u64, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    varint::write(&mut out, number << 3 | wire_type);
    if wire_type == 2 {
        varint::write(&mut out, content.len() as u64);
    }
    out.extend_from_slice(content);
    out
}

/// A tile of the layer `l` with the one feature `feature`; the fields of the layer stand in an
/// unusual order.
fn of_feature(feature: &[u8]) -> Vec<u8> {
    let value = field(1, 2, b"v");
    let layer =
        [field(15, 0, &[2]), field(4, 2, &value), field(2, 2, feature), field(1, 2, b"l"), field(3, 2, b"k")]
            .concat();
    field(3, 2, &layer)
}

#[test]
fn fields_in_pieces_are_one() {
    let plain = of_feature(
        &[field(2, 2, &[0, 0, 0, 0]), field(3, 0, &[2]), field(4, 2, &[9, 2, 2, 10, 4, 4])].concat(),
    );
    check_comes_back(&plain);
    let pieces = [
        // Not packed at all.
        [field(4, 0, &[9]), field(2, 0, &[0]), field(4, 0, &[2]), field(2, 0, &[0]), field(4, 0, &[2])]
            .concat(),
        // Packed, and a last value that wins.
        [field(3, 0, &[1]), field(2, 2, &[0]), field(4, 2, &[10, 4]), field(2, 2, &[0]), field(3, 0, &[2])]
            .concat(),
        // A varint that is longer than it need be, and one of more than 32 bits.
        field(4, 2, &[0x84, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02]),
    ];
    let odd = of_feature(&pieces.concat());
    compare(&plain, &odd).unwrap();
    check_comes_back(&odd);
    assert_eq!(read(&plain).unwrap(), read(&odd).unwrap());
}

#[test]
fn the_last_of_several_counts() {
    let feature = [field(1, 0, &[7]), field(3, 0, &[1]), field(4, 2, &[9, 2, 2]), field(1, 0, &[8])].concat();
    let bytes = of_feature(&feature);
    check_comes_back(&bytes);
    assert_eq!(read(&bytes).unwrap().0[0].ids().unwrap().get(0), Some(8));
}

#[test]
fn unknown_fields_are_counted() {
    let unknown =
        [field(9, 0, &[1]), field(9, 1, &[0; 8]), field(99, 2, b"text"), field(9, 5, &[0; 4])].concat();
    let feature = [unknown.clone(), field(3, 0, &[1]), field(4, 2, &[9, 2, 2])].concat();
    let bytes = [of_feature(&feature), unknown].concat();
    let (_, dropped) = read(&bytes).unwrap();
    assert_eq!(dropped, Dropped { unknown_fields: 8, unused_keys: 1, unused_values: 1 });
    check_comes_back(&bytes);
}

#[test]
fn wrong_wire_types_are_refused() {
    for feature in [
        field(1, 2, &[7]),
        field(2, 5, &[0; 4]),
        field(3, 2, &[1]),
        field(4, 1, &[0; 8]),
        field(9, 3, &[]),
        field(9, 6, &[]),
        field(0, 0, &[1]),
    ] {
        let error = read(&of_feature(&feature)).unwrap_err();
        assert!(error.to_string().starts_with("layer \"l\": feature 0: "), "{error}");
    }
    for tile in [field(3, 0, &[1]), field(3, 2, &field(1, 0, &[1])), field(3, 2, &field(5, 2, b"1"))] {
        assert!(read(&tile).is_err());
    }
}

#[test]
fn text_must_be_utf8() {
    for layer in [field(1, 2, &[0xff]), field(3, 2, &[0xff]), field(4, 2, &field(1, 2, &[0xff]))] {
        let error = read(&field(3, 2, &layer)).unwrap_err();
        assert!(error.to_string().contains("is not valid UTF-8"), "{error}");
    }
}

/// What is read at all must come back, or be refused where it was written with care.
fn check_no_panic(bytes: &[u8]) {
    if let Ok((layers, _)) = read(bytes) {
        compare(bytes, &write(&layers).unwrap()).unwrap();
    }
}

#[test]
fn prefixes_and_flips_do_not_panic() {
    let mut runner = TestRunner::new_with_rng(
        Config { cases: 24, failure_persistence: None, ..Config::default() },
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let check = |tile: Tile| {
        let bytes = tile.encode_to_vec();
        for len in 0..bytes.len() {
            check_no_panic(&bytes[..len]);
        }
        let mut changed = bytes;
        for bit in 0..8 * changed.len() {
            changed[bit / 8] ^= 1 << (bit % 8);
            check_no_panic(&changed);
            changed[bit / 8] ^= 1 << (bit % 8);
        }
        Ok(())
    };
    runner.run(&any_tile(), check).unwrap();
}

proptest! {
    #[test]
    fn any_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        check_no_panic(&bytes);
        check_no_panic(&field(3, 2, &bytes));
        check_no_panic(&of_feature(&bytes));
    }
}
