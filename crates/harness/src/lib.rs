//! Generators, oracles and properties for testing policies and the engine itself.
#![forbid(unsafe_code)]

pub mod choose;
pub mod wildcard;
