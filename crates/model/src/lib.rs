//! Policy documents, ARNs, callers and requests as typed values with places in their source text.
//!
//! The model knows the *shape* of what users write and nothing of what it means: no matching, no services, no
//! verdicts. A policy that names an action nobody has heard of still parses.

#![forbid(unsafe_code)]

pub mod arn;
pub mod caller;
pub mod diagnostic;
pub mod node;
pub mod operator;
pub mod policy;
pub mod source;
pub mod template;

pub use arn::Arn;
pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use node::{Member, Node, Scalar, Value};
pub use operator::{BaseOperator, Operator, SetQualifier};
pub use policy::{Effect, Match, Policy, PolicyKind, PrincipalEntry, Statement, Version};
pub use source::{Place, Position, Source, Span};
pub use template::{Piece, Template};
