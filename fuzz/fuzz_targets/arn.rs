//! ARNs and patterns of them.
#![no_main]

libfuzzer_sys::fuzz_target!(
    |data: &[u8]| preclear_harness::fuzz::arn::oracle(data).expect("it holds")
);
