//! Texts with policies, linted and mended.
#![no_main]

libfuzzer_sys::fuzz_target!(
    |data: &[u8]| preclear_harness::fuzz::lint::oracle(data).expect("it holds")
);
