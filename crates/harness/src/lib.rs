//! Generators, oracles and properties for testing policies and the engine itself.
//!
//! [`wildcard`] puts questions about patterns to several matchers. [`world`] makes up accounts and requests; what must
//! hold of every answer about them is in [`property`]. [`mod@reference`] answers them a second time, from the rules alone.

#![forbid(unsafe_code)]

pub mod choose;
pub mod completion;
pub mod exercise;
pub mod fuzz;
pub mod minimize;
pub mod open;
pub mod property;
pub mod reference;
pub mod scenario;
pub mod wildcard;
pub mod world;
