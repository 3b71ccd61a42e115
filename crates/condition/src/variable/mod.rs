//! Policy variables: texts whose holes are filled with values of the request's context. Rule: IAM-VAR-1…7.
//!
//! A text is split into parts once, before any value is known, and values are inserted as they stand: a `*` in a
//! value is a `*`, never a wildcard (IAM-VAR-5).

mod cuts;
mod fields;
mod overlap;
mod parts;
mod pattern;
mod slots;

pub use fields::VariableFields;
pub use pattern::{Substituted, VariablePattern, Wildcards};

pub(crate) use overlap::Overlap;
pub(crate) use parts::{Part, split};
pub(crate) use slots::{Variables, unknown_key};

/// Fields of an ARN. Rule: IAM-WILD-5.
const FIELDS: usize = 6;
