//! Three-valued evaluation of IAM condition blocks and policy variables.
//!
//! A condition is true, false or unknown for a context whose keys are known, absent, present without a value or
//! with one of the texts of a pattern, or unknown. This crate knows nothing of effects, statements or verdicts, and nothing of which keys exist: it is
//! told which are multivalued.

#![forbid(unsafe_code)]

pub mod ambiguity;
pub mod cases;
pub mod codes;
pub mod compiled;
pub mod dependency;
pub mod keys;
pub mod lookup;
mod operator;
pub mod outcome;
pub mod tri;
pub mod variable;

pub use ambiguity::Ambiguities;
pub use compiled::{
    Condition, ConditionWarning, NAMES_OF_KEYS, Test, WarningKind, doubtful_variables, doubts,
    holds_when_missing, is_filled_by_users,
};
pub use dependency::Dependency;
pub use keys::{Arity, KeyKind, KeyTypes};
pub use lookup::{Guess, KeyId, KeyName, KeyState, Lookup};
pub use operator::date::unix_seconds;
pub use outcome::{Evidence, Outcome};
pub use tri::Tri;
pub use variable::{Substituted, VariableFields, VariablePattern, Wildcards};
