#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| covt::testing::check::decode_any(bytes));
