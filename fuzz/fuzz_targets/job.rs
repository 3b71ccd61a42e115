//! Jobs: reports follow from rows, rows from decisions.
#![no_main]

libfuzzer_sys::fuzz_target!(
    |data: &[u8]| preclear_harness::fuzz::job::oracle(data).expect("it holds")
);
