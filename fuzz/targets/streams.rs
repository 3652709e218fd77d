//! Any payload in any encoding is read as its naive twin reads it, or refused.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| covt::testing::check::streams_any(bytes));
