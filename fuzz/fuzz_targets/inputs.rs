//! What other tools print, with values that are not known.
#![no_main]

libfuzzer_sys::fuzz_target!(
    |data: &[u8]| preclear_harness::fuzz::inputs::oracle(data).expect("it holds")
);
