//! Patterns and texts: every matcher gives the same answer.
#![no_main]

libfuzzer_sys::fuzz_target!(
    |data: &[u8]| preclear_harness::wildcard::oracle(data).expect("matchers agree")
);
