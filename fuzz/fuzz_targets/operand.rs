//! Conditions: operators, operands and values.
#![no_main]

libfuzzer_sys::fuzz_target!(
    |data: &[u8]| preclear_harness::fuzz::operand::oracle(data).expect("it holds")
);
