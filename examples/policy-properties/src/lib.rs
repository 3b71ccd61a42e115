//! The policies of an account, with the properties that they must have as tests.
//!
//! Nothing is built here: the policies stand in `policies/`, the properties in `tests/policies.rs`. `tests/hole.rs` shows what a
//! test says that fails.
