//! The encryption context of a call, and the keys that it feeds. Rule: KMS-COND-1, KMS-DEC-2.

use preclear_catalog::kms::Target as Half;
use preclear_simulator::snapshot::GrantRecord;

use super::parameter::is_not_given;
use crate::reference::kms::parameters::{as_pairs, member};
use crate::reference::kms::retire;
use crate::reference::question::Question;
use crate::reference::value::Value;

/// The pairs of an encryption context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pairs {
    /// These.
    Known(Vec<(String, String)>),
    /// Nobody knows.
    Unknown,
}

/// The encryption context of a call; for CreateGrant the constraint that it asks for, for RetireGrant that of the grant
/// it means. Rule: KMS-COND-1, KMS-DEC-2.
pub(crate) fn pairs(question: &Question<'_>) -> Pairs {
    let request = question.request;
    if question.is_action("kms", &["RetireGrant"]) {
        return match retire::meant(question) {
            retire::Meant::This(grant) => Pairs::Known(constraint(grant)),
            retire::Meant::NotFound => Pairs::Known(Vec::new()),
            retire::Meant::Unknown => Pairs::Unknown,
        };
    }
    if is_not_given(request) {
        return Pairs::Unknown;
    }
    let context = match question.half {
        Some(Half::SourceKey) => member(request, "SourceEncryptionContext"),
        Some(Half::DestinationKey) => member(request, "DestinationEncryptionContext"),
        _ if question.is_action("kms", &["CreateGrant"]) => {
            let constraints = member(request, "Constraints");
            constraints.and_then(|constraints| {
                let equals = constraints.get("EncryptionContextEquals");
                equals.or_else(|| constraints.get("EncryptionContextSubset"))
            })
        }
        _ => None,
    };
    let is_grant = question.is_action("kms", &["CreateGrant"]);
    let plain = member(request, "EncryptionContext").filter(|_| !is_grant);
    Pairs::Known(context.or(plain).map(as_pairs).unwrap_or_default())
}

/// The pairs that a grant's constraint names. Rule: KMS-COND-1.
fn constraint(grant: &GrantRecord) -> Vec<(String, String)> {
    let pairs = grant
        .context_equals
        .as_ref()
        .or(grant.context_subset.as_ref());
    let pairs = pairs.into_iter().flatten();
    pairs
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The value of a pair, its name in any letter case. Rule: KMS-COND-1.
pub(super) fn pair(question: &Question<'_>, name: &str) -> Value {
    match pairs(question) {
        Pairs::Known(pairs) => {
            super::identity::tagged(pairs.iter().map(|(name, value)| (name, value)), name)
        }
        Pairs::Unknown => Value::Unknown,
    }
}
