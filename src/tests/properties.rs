//! What must hold for all layers and all bytes, for as many as a few seconds allow. The fuzz
//! targets try more of the same.

use crate::limits::Budget;
use crate::testing::generate::{layers, options};
use crate::testing::{Random, check};
use crate::tile::read::Tile;
use crate::tile::write::encode;
use crate::{EncodeOptions, Profile, mvt};

/// Calls `test` with the choices of each of `seeds`, and names the one that fails.
fn for_seeds(seeds: std::ops::Range<u64>, test: impl Fn(&mut Random) + std::panic::RefUnwindSafe) {
    for seed in seeds {
        let run = || test(&mut Random::from_seed(seed));
        if let Err(panic) = std::panic::catch_unwind(run) {
            eprintln!("seed {seed}");
            std::panic::resume_unwind(panic);
        }
    }
}

/// Changes a few bytes: some become others, some go, some come twice.
fn damage(random: &mut Random, bytes: &mut Vec<u8>) {
    for _ in 0..=random.below(3) {
        let at = random.index(bytes.len() + 1);
        let end = bytes.len().min(at + random.index(9));
        match random.below(6) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => drop(bytes.splice(at..at, bytes[at..end].to_vec())),
            3 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            4 if at < bytes.len() => bytes[at] = bytes[at].wrapping_add(1),
            _ if at < bytes.len() => bytes[at] = *random.pick(&[0, 1, 0x7f, 0x80, 0xff]),
            _ => bytes.push(random.any() as u8),
        }
    }
}

#[test]
fn layers_survive_every_encoding() {
    let options = options::all();
    for_seeds(0..40, |random| {
        let layers = layers::tile(random);
        options.iter().for_each(|options| check::round_trip(&layers, options));
    });
}

#[test]
fn layers_survive_any_mix_of_options() {
    for_seeds(1000..1300, |random| {
        let options = options::any(random);
        check::round_trip(&layers::tile(random), &options);
    });
}

#[test]
fn a_fuzzer_s_bytes_make_layers_that_survive() {
    for_seeds(0..100, |random| {
        let bytes: Vec<u8> = (0..random.below(3000)).map(|_| random.any() as u8).collect();
        check::round_trip_any(&bytes);
    });
}

#[test]
fn damaged_tiles_are_survived() {
    for_seeds(0..60, |random| {
        let options = options::any(random);
        let tile = encode(&layers::tile(random), &options).unwrap();
        check::decode_any(&tile);
        for _ in 0..20 {
            let mut bytes = tile.clone();
            damage(random, &mut bytes);
            check::decode_any(&bytes);
        }
    });
}

#[test]
fn any_bytes_are_survived() {
    for_seeds(0..2000, |random| {
        let mut bytes: Vec<u8> = (0..random.below(200)).map(|_| random.any() as u8).collect();
        check::decode_any(&bytes);
        check::mvt_any(&bytes);
        // A layout, and a directory of the right length.
        let len = bytes.len() as u8;
        bytes.splice(0..0, [0xc1, len % 128]);
        check::decode_any(&bytes);
    });
}

#[test]
fn damaged_mvt_is_survived() {
    for_seeds(0..100, |random| {
        let layers: Vec<_> = (0..random.below(3)).map(|_| layers::mvt_layer(random)).collect();
        let tile = mvt::write(&layers).unwrap();
        check::mvt_any(&tile);
        for _ in 0..10 {
            let mut bytes = tile.clone();
            damage(random, &mut bytes);
            check::mvt_any(&bytes);
        }
    });
}

#[test]
fn layers_survive_mvt() {
    for_seeds(0..100, |random| {
        let layer = layers::mvt_layer(random);
        let (layers, dropped) = mvt::read(&mvt::write(std::slice::from_ref(&layer)).unwrap()).unwrap();
        assert_eq!(check::same_features(&layers[0], &layer), Ok(()));
        assert_eq!(dropped, mvt::Dropped::default());
    });
}

#[test]
fn streams_of_every_encoding_are_read_as_their_twins_read_them() {
    let seeds = check::stream_seeds();
    seeds.iter().for_each(|seed| check::streams_any(seed));
    for_seeds(0..40, |random| {
        for seed in &seeds {
            let mut bytes = seed.clone();
            damage(random, &mut bytes);
            check::streams_any(&bytes);
        }
    });
}

#[test]
fn any_payload_is_survived() {
    // Every encoding there is, and one there is not, for few and for hostile numbers of values.
    const COUNTS: [&[u8]; 8] = [
        &[0],
        &[1],
        &[2],
        &[9],
        &[0x80, 1],
        &[0xff, 0x7f],
        &[0x80, 0x80, 0x80, 0x80, 8],
        &[0xff, 0xff, 0xff, 0xff, 15],
    ];
    for_seeds(0..60, |random| {
        for kind in 0..3 {
            for encoding in 0..16 {
                for count in COUNTS {
                    let mut bytes = [&[kind, encoding], count].concat();
                    bytes.extend((0..random.below(40)).map(|_| random.any() as u8 >> random.below(8)));
                    check::streams_any(&bytes);
                }
            }
        }
    });
}

#[test]
fn the_budget_bounds_a_tile_made_of_any_layers() {
    for_seeds(0..50, |random| {
        let tile = encode(&layers::tile(random), &EncodeOptions::new(Profile::Small)).unwrap();
        let mut budget = Budget::none();
        let opened = Tile::open(&tile, &mut budget);
        assert_eq!(opened.is_ok(), tile.len() == 3, "a directory takes memory unless it is empty");
    });
}
