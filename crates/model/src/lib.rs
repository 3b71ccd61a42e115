//! Policy documents, ARNs, callers and requests as typed values with places in their source text.
//!
//! The model knows the *shape* of what users write and nothing of what it means: no matching, no services, no
//! verdicts. A policy that names an action nobody has heard of still parses.

#![forbid(unsafe_code)]

pub mod arn;
pub mod caller;
pub mod codes;
pub mod diagnostic;
pub mod embedded;
pub mod fields;
pub mod json;
pub mod near;
pub mod node;
pub mod operator;
pub mod policy;
pub mod source;
pub mod template;
pub mod text;
mod tree;
pub mod yaml;

pub use arn::{Arn, ArnRef};
pub use caller::{Caller, CallerKind};
pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use fields::Fields;
pub use node::{Limits, Member, Node, Scalar, ScalarKind, Value};
pub use operator::{BaseOperator, Operator, OperatorError, OperatorFamily, SetQualifier};
pub use policy::{
    Effect, Match, ParseOptions, Policy, PolicyKind, PrincipalEntry, Statement, Version,
    parse_policy,
};
pub use source::{Located, Place, Position, Source, Span};
pub use template::{Piece, Pieces, Template, TemplateError, TemplateErrorKind};
pub use text::Text;
