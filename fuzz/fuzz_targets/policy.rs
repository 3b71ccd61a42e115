//! Policy documents: all roads read the same, and places hold.
#![no_main]

libfuzzer_sys::fuzz_target!(
    |data: &[u8]| preclear_harness::fuzz::policy::oracle(data).expect("it holds")
);
