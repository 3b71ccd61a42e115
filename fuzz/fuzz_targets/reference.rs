//! Worlds and requests, drawn: engine and reference answer alike.
#![no_main]

libfuzzer_sys::fuzz_target!(
    |data: &[u8]| preclear_harness::fuzz::reference::oracle(data).expect("it holds")
);
