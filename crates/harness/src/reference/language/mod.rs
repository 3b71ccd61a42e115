//! The policy language: what the elements of a statement say of a request.
//!
//! Knows patterns, variables and operators. It does not know who asks (`Principal` is not its business), which layer a
//! statement belongs to, or what follows from a statement that applies.

mod action;
mod address;
mod arn;
mod bytes;
mod condition;
mod differential;
mod instant;
mod number;
mod operand;
mod pattern;
mod resource;
#[cfg(test)]
mod samples;
mod variable;

use preclear_model::{BaseOperator, Statement, Template};
use preclear_simulator::AmbiguityMode;

pub(crate) use self::differential::is_open_test;
pub(super) use self::differential::statement_difference;
use super::value::{Context, Toward, Tri, read};

/// What a request is decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resource {
    /// The pseudo-resource `*`. Rule: IAM-WILD-8.
    Everything,
    /// The resource of this ARN, in which `*` and `?` are plain text.
    One(String),
    /// A KMS key whose ARN this pattern matches, of which only account and Region may be known: key ids hold no colon, so
    /// neither does what `*` stands for. Rule: KMS-ID-1, IAM-WILD-13.
    Key(String),
}

/// Whether `Action` or `NotAction` covers an action, written `service:Name`.
///
/// A statement without either, which only key policies have, is dead: false. Rule: IAM-WILD-3, KMS-POL-12.
pub(crate) fn action_applies(
    statement: &Statement,
    action: &str,
    context: &dyn Context,
    toward: Toward,
) -> Tri {
    action::applies(statement, action, context, toward)
}

/// Whether `Resource` or `NotResource` covers a resource.
///
/// A statement without either is about what its policy is attached to: true. In key policies such a statement is dead,
/// which is for the caller to see (KMS-POL-12). Rule: IAM-GRAM-12, IAM-WILD-4…11.
pub(crate) fn resource_applies(
    statement: &Statement,
    resource: &Resource,
    context: &dyn Context,
    toward: Toward,
) -> Tri {
    resource::applies(statement, resource, context, toward)
}

/// Whether every test of `Condition` holds. Rule: IAM-COND-1.
pub(crate) fn condition_holds(statement: &Statement, context: &dyn Context, toward: Toward) -> Tri {
    condition::holds(statement, context, toward)
}

/// True for an operand that does not parse for its operator, however one reads it. Rule: IAM-COND-14.
pub(crate) fn is_unreadable(base: BaseOperator, operand: &Template) -> bool {
    let is_bad = read(AmbiguityMode::Report, Toward::Allow, |reading| {
        operand::is_bad_operand(base, operand, reading).into()
    });
    is_bad == Tri::True
}

/// Whether a text matches a pattern of `*` and `?`. Rule: IAM-WILD-1.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    pattern::is_match(&pattern::pattern(pattern), text)
}

/// Whether some text matches both patterns. Rule: IAM-WILD-13.
pub(crate) fn share_a_text(one: &str, other: &str) -> bool {
    pattern::shares(&pattern::pattern(one), &pattern::pattern(other))
}
