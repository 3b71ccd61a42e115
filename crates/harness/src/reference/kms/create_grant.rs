//! What a grant may pass on: no more than itself. Rule: KMS-GRANT-9.

use preclear_simulator::snapshot::GrantRecord;

use crate::reference::context::Facts;
use crate::reference::context::pairs::{Wanted, has_pairs};
use crate::reference::question::Question;
use crate::reference::value::{Context, Tri, Value};

/// Whether the grant that the call asks for stays within its parent; true for other calls. What it asks for is told by the
/// keys that its parameters feed. Rule: KMS-GRANT-9, KMS-DEC-2.
pub(crate) fn is_within(question: &Question<'_>, parent: &GrantRecord) -> Tri {
    if !question.is_action("kms", &["CreateGrant"]) {
        return Tri::True;
    }
    Tri::all([
        lists_no_more(question, parent),
        is_for_source(question, parent),
        is_as_strict(question, parent),
    ])
}

/// Operations of the child are operations of the parent. Rule: KMS-GRANT-9.
fn lists_no_more(question: &Question<'_>, parent: &GrantRecord) -> Tri {
    match Facts::of(question).value("kms:GrantOperations") {
        Value::Known(operations) => {
            let is_own = |name: &String| parent.operations.contains(name);
            operations.iter().all(is_own).into()
        }
        Value::Absent => Tri::True,
        Value::Like(_) | Value::Present | Value::Unknown => Tri::Unknown,
    }
}

/// The child is for the resource of its parent. Rule: KMS-GRANT-9.
fn is_for_source(question: &Question<'_>, parent: &GrantRecord) -> Tri {
    let Some(wanted) = &parent.source_arn else {
        return Tri::True;
    };
    match Facts::of(question).value("kms:GrantConstraintSourceArn") {
        Value::Known(texts) => texts.contains(wanted).into(),
        Value::Absent => Tri::False,
        Value::Like(_) | Value::Present | Value::Unknown => Tri::Unknown,
    }
}

/// The child's constraint on the encryption context lets no more through: it may add pairs to a subset, and turn a subset
/// into an equality that contains it. Rule: KMS-GRANT-9.
fn is_as_strict(question: &Question<'_>, parent: &GrantRecord) -> Tri {
    let is_equality = match Facts::of(question).value("kms:GrantConstraintType") {
        Value::Known(texts) => (texts == ["EncryptionContextEquals"]).into(),
        Value::Absent => Tri::False,
        Value::Like(_) | Value::Present | Value::Unknown => Tri::Unknown,
    };
    let by_equals = match &parent.context_equals {
        Some(wanted) => has_pairs(question, wanted, Wanted::Equals).and(is_equality),
        None => Tri::True,
    };
    let by_subset = match &parent.context_subset {
        Some(wanted) => has_pairs(question, wanted, Wanted::Subset),
        None => Tri::True,
    };
    by_equals.and(by_subset)
}
