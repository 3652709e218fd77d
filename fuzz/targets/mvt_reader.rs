//! Any bytes as MVT: an error, or what comes back through layers and through COVT.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| covt::testing::check::mvt_any(bytes));
