//! The contract for bytes from anywhere: reading them gives a tile or an error, never a panic, and
//! takes no more memory than the budget allows. Held here on every golden tile, cut short, made
//! longer, and with each bit flipped; on tiles that once did harm; `tests/memory.rs` counts the
//! bytes.

use std::path::Path;

use super::golden;
use crate::error::ErrorKind;
use crate::limits::Budget;
use crate::testing::check;
use crate::tile::read::Tile;

#[test]
fn each_prefix_is_refused() {
    for (name, tile) in golden::tiles() {
        for len in 0..tile.len() {
            let error = Tile::open(&tile[..len], &mut Budget::default()).expect_err(&name);
            assert_eq!(error.kind(), ErrorKind::Truncated, "{name}, {len} bytes: {error}");
            assert!(error.offset().is_some_and(|offset| offset <= len), "{name}, {len} bytes: {error}");
            check::decode_any(&tile[..len]);
        }
    }
}

#[test]
fn one_byte_more_is_refused() {
    for (name, mut tile) in golden::tiles() {
        for byte in [0, 1, 0xc1, 0xff] {
            tile.push(byte);
            let error = Tile::open(&tile, &mut Budget::default()).expect_err(&name);
            let at = Some(tile.len() - 1);
            assert_eq!((error.kind(), error.offset()), (ErrorKind::Overlong, at), "{name}: {error}");
            check::decode_any(&tile);
            tile.pop();
        }
    }
}

#[test]
fn each_flip_is_survived() {
    // One flip of each byte gets the whole check, the others are decoded; with COVT_FULL all get
    // the whole check.
    let full = std::env::var_os("COVT_FULL").is_some();
    for (name, mut tile) in golden::tiles() {
        for bit in 0..8 * tile.len() {
            let (byte, bit) = (bit / 8, bit % 8);
            tile[byte] ^= 1 << bit;
            let whole = full || bit == byte % 8;
            let flipped =
                std::panic::catch_unwind(|| if whole { check::decode_any(&tile) } else { decode(&tile) });
            assert!(flipped.is_ok(), "{name}: bit {bit} of byte {byte}");
            tile[byte] ^= 1 << bit;
        }
    }
}

/// Reads a tile, which may be any bytes.
fn decode(bytes: &[u8]) {
    let mut budget = Budget::new(4 << 20);
    if let Err(error) = Tile::open(bytes, &mut budget).and_then(|tile| tile.decode(&mut budget)) {
        assert!(error.offset().is_some_and(|offset| offset <= bytes.len()), "{error}");
    }
}

#[test]
fn nothing_is_read_without_memory() {
    for (name, tile) in golden::tiles() {
        match Tile::open(&tile, &mut Budget::none()) {
            Ok(tile) => assert!(tile.directory().layers().is_empty(), "{name}"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{name}: {error}"),
        }
        let opened = Tile::open(&tile, &mut Budget::default()).unwrap();
        for layer in opened.layers().filter(|layer| layer.entry().features() > 0) {
            let error = layer.geometry(&mut Budget::none()).expect_err(&name);
            assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{name}: {error}");
        }
    }
}

#[test]
fn what_did_harm_once_does_none() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/corrupt");
    for entry in std::fs::read_dir(folder).expect("former findings") {
        let path = entry.expect("a file").path();
        let bytes = std::fs::read(&path).expect("a file");
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("covt") => check::decode_any(&bytes),
            Some("mvt") => check::mvt_any(&bytes),
            Some("stream") => check::streams_any(&bytes),
            Some("choices") => check::round_trip_any(&bytes),
            _ => panic!("{}: which check is this for?", path.display()),
        }
    }
}
