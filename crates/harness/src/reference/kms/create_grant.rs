//! What a grant may pass on: no more than itself. Rule: KMS-GRANT-9.

use std::collections::BTreeMap;

use preclear_simulator::snapshot::GrantRecord;
use serde_json::Value as Json;

use super::parameters::{as_pairs, as_text, as_texts, member};
use crate::reference::context::parameter::is_not_given;
use crate::reference::question::Question;
use crate::reference::value::Tri;

/// Whether the grant that the call asks for stays within its parent; true for other calls. Where the call's parameters are
/// not given, nobody knows. Rule: KMS-GRANT-9, KMS-DEC-2.
pub(crate) fn is_within(question: &Question<'_>, parent: &GrantRecord) -> Tri {
    if !question.is_action("kms", &["CreateGrant"]) {
        return Tri::True;
    }
    let request = question.request;
    if is_not_given(request) {
        return Tri::Unknown;
    }
    let operations = member(request, "Operations")
        .map(as_texts)
        .unwrap_or_default();
    let is_listed = |name: &String| parent.operations.iter().any(|own| own == name);
    let constraints = member(request, "Constraints");
    let child = |name: &str| constraints.and_then(|all| all.get(name));
    let is_for_source = match &parent.source_arn {
        Some(wanted) => child("SourceArn").and_then(as_text).as_ref() == Some(wanted),
        None => true,
    };
    let is_strict = is_as_strict(
        parent,
        child("EncryptionContextEquals").map(pairs),
        child("EncryptionContextSubset").map(pairs),
    );
    (operations.iter().all(is_listed) && is_for_source && is_strict).into()
}

fn pairs(value: &Json) -> BTreeMap<String, String> {
    as_pairs(value).into_iter().collect()
}

/// Whether the child's constraint on the encryption context lets no more through: it may add pairs to a subset, and turn a
/// subset into an equality that contains it. Rule: KMS-GRANT-9.
fn is_as_strict(
    parent: &GrantRecord,
    equals: Option<BTreeMap<String, String>>,
    subset: Option<BTreeMap<String, String>>,
) -> bool {
    let by_equals = match &parent.context_equals {
        Some(wanted) => equals.as_ref() == Some(wanted),
        None => true,
    };
    let by_subset = match &parent.context_subset {
        Some(wanted) => {
            let contains = |own: &BTreeMap<String, String>| {
                wanted
                    .iter()
                    .all(|(name, value)| own.get(name) == Some(value))
            };
            equals.as_ref().is_some_and(contains) || subset.as_ref().is_some_and(contains)
        }
        None => true,
    };
    by_equals && by_subset
}
