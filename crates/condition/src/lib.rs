//! Three-valued evaluation of IAM condition blocks and policy variables.
//!
//! A condition is true, false or unknown for a context whose keys are known, absent, present without a value, or
//! unknown. This crate knows nothing of effects, statements or verdicts, and nothing of which keys exist: it is
//! told which are multivalued.

#![forbid(unsafe_code)]

pub mod ambiguity;
pub mod dependency;
pub mod lookup;
pub mod outcome;
pub mod tri;

pub use ambiguity::Ambiguities;
pub use dependency::Dependency;
pub use lookup::{KeyName, KeyState, Lookup};
pub use outcome::{Evidence, Outcome};
pub use tri::Tri;
