//! Statements, drawn: engine and reference read them alike.
#![no_main]

libfuzzer_sys::fuzz_target!(
    |data: &[u8]| preclear_harness::fuzz::statement::oracle(data).expect("it holds")
);
