//! Trees of files, loaded in any order.
#![no_main]

libfuzzer_sys::fuzz_target!(
    |data: &[u8]| preclear_harness::fuzz::snapshot::oracle(data).expect("it holds")
);
