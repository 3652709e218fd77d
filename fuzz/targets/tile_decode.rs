//! Any bytes as a tile: an error or layers, within the budget, and described byte by byte.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| covt::testing::check::decode_any(bytes));
