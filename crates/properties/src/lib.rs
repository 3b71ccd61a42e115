//! Properties of AWS policies as tests.
#![forbid(unsafe_code)]

mod callers;
mod candidates;
mod cast;
mod check;
mod culprits;
mod disk;
mod facts;
mod mentioned;
mod outcome;
mod policies;
mod property;
mod question;
mod render;
mod samples;
mod search;
mod selection;
mod statements;

pub use callers::Callers;
pub use culprits::Culprit;
pub use outcome::{Counterexample, Failure, Open, Proof, Scope, Unusable};
pub use policies::{LoadError, Policies};
pub use preclear_simulator::AmbiguityMode;
pub use property::{Claim, Property};
