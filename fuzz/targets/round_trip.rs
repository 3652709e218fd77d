//! Any layers, encoded in any way, come back as they were.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| covt::testing::check::round_trip_any(bytes));
