//! Keys that are parameters of a call. Rule: KMS-COND-0, KMS-DEC-2, UI-38.

use preclear_catalog::kms::Target as Half;
use preclear_simulator::{ContextMode, Request};

use crate::reference::kms::parameters::{as_tags, as_text, as_texts, member};
use crate::reference::kms::retire;
use crate::reference::question::Question;
use crate::reference::value::Value;

/// True where nobody gave the call's parameters and the mode does not take them as none. Rule: KMS-DEC-2, UI-38.
pub(crate) fn is_not_given(request: &Request) -> bool {
    !is_given(request) && request.mode == ContextMode::Open
}

/// True if the request gives the call's parameters; who brings tokens of grants has not given the others.
/// Rule: KMS-DEC-2, UI-38.
pub(crate) fn is_given(request: &Request) -> bool {
    let are_tokens = |members: &serde_json::Map<String, serde_json::Value>| {
        let is_none = |value: &serde_json::Value| value.as_array().is_some_and(Vec::is_empty);
        let mut all = members.iter();
        !members.is_empty() && all.all(|(name, value)| name == "GrantTokens" && !is_none(value))
    };
    let mut members = request.parameters.iter();
    members.any(|members| !are_tokens(members))
}

/// Keys of tags that a call passes, of KMS and of AssumeRole; `None` if its parameters tell nothing. Rule: UI-38.
pub(crate) fn passed_tag(question: &Question<'_>, key: &str) -> Option<Value> {
    let request = question.request;
    request.parameters.as_ref()?;
    let takes = match question.kms {
        Some(row) => row.takes("aws:TagKeys"),
        None => question.service == "sts",
    };
    let tags = match (takes, member(request, "Tags"), member(request, "TagKeys")) {
        (false, _, _) => return None,
        (true, Some(tags), _) => as_tags(tags),
        (true, None, Some(names)) => {
            let names = as_texts(names);
            return Some(match key.strip_prefix("aws:requesttag/") {
                Some(_) => Value::Absent,
                None => Value::Known(names),
            });
        }
        (true, None, None) => Vec::new(),
    };
    match key.strip_prefix("aws:requesttag/") {
        Some(name) => Some(super::identity::tagged(
            tags.iter().map(|(key, value)| (key, value)),
            name,
        )),
        None if tags.is_empty() => Some(Value::Absent),
        None => Some(Value::Known(tags.into_iter().map(|(key, _)| key).collect())),
    }
}

/// Keys of STS that AssumeRole and its siblings pass; `None` if its parameters tell nothing. Rule: UI-38.
pub(crate) fn of_session(question: &Question<'_>, key: &str) -> Option<Value> {
    let request = question.request;
    request
        .parameters
        .as_ref()
        .filter(|_| question.service == "sts")?;
    let name = match key {
        "sts:rolesessionname" => "RoleSessionName",
        "sts:externalid" => "ExternalId",
        "sts:sourceidentity" => "SourceIdentity",
        "sts:transitivetagkeys" => "TransitiveTagKeys",
        _ => return None,
    };
    Some(member(request, name).map_or(Value::Absent, |value| Value::Known(as_texts(value))))
}

/// A key that is a parameter of the call: its value, its default, or absent. Rule: KMS-COND-0, KMS-DEC-2.
pub(super) fn parameter(question: &Question<'_>, key: &str) -> Value {
    let request = question.request;
    if question.is_action("kms", &["RetireGrant"]) && key == "kms:grantconstrainttype" {
        return match retire::constrained(question) {
            retire::Constrained::By(grant) => Value::one_or_absent(constraint_type(
                grant.context_equals.is_some(),
                grant.context_subset.is_some(),
            )),
            retire::Constrained::Nothing => Value::Absent,
            retire::Constrained::Unknown => Value::Unknown,
        };
    }
    if is_not_given(request) {
        return Value::Unknown;
    }
    let value = |name: &str, default: Option<&str>| {
        let given = member(request, name);
        match (given, default) {
            (Some(given), _) => Value::Known(as_texts(given)),
            (None, Some(default)) => Value::one(default),
            (None, None) => Value::Absent,
        }
    };
    let constraints = |name: &str| member(request, "Constraints").and_then(|all| all.get(name));
    match key {
        "kms:encryptionalgorithm" => {
            let name = match question.half {
                Some(Half::SourceKey) => "SourceEncryptionAlgorithm",
                Some(Half::DestinationKey) => "DestinationEncryptionAlgorithm",
                _ => "EncryptionAlgorithm",
            };
            value(name, Some("SYMMETRIC_DEFAULT"))
        }
        "kms:datakeypairspec" => value("KeyPairSpec", None),
        "kms:messagetype" => value("MessageType", Some("RAW")),
        "kms:grantoperations" => value("Operations", None),
        "kms:grantconstrainttype" => Value::one_or_absent(constraint_type(
            constraints("EncryptionContextEquals").is_some(),
            constraints("EncryptionContextSubset").is_some(),
        )),
        "kms:grantconstraintsourcearn" => {
            Value::one_or_absent(constraints("SourceArn").and_then(as_text))
        }
        "kms:schedulekeydeletionpendingwindowindays" => value("PendingWindowInDays", Some("30")),
        "kms:rotationperiodindays" => value("RotationPeriodInDays", Some("365")),
        "kms:policyname" => value("PolicyName", Some("default")),
        // As seconds it suits operators for dates and for numbers.
        "kms:validto" => match member(request, "ValidTo").and_then(as_text) {
            Some(text) if text.contains('-') => {
                let seconds = super::clock::seconds(&text);
                Value::one(seconds.map_or(text, |seconds| seconds.to_string()))
            }
            text => Value::one_or_absent(text),
        },
        _ => match key.strip_prefix("kms:recipientattestation:") {
            Some(register) => Value::one_or_absent(attested(request, register)),
            None => of_same_name(request, key),
        },
    }
}

/// The name of the constraint on the encryption context that a grant has. Rule: KMS-COND-1.
fn constraint_type(is_equals: bool, is_subset: bool) -> Option<String> {
    match (is_equals, is_subset) {
        (true, _) => Some("EncryptionContextEquals".to_owned()),
        (false, true) => Some("EncryptionContextSubset".to_owned()),
        (false, false) => None,
    }
}

/// A register of the decoded attestation document. Rule: UI-38.
fn attested(request: &Request, register: &str) -> Option<String> {
    let document = member(request, "Recipient")?.as_object()?;
    let mut registers = document.iter();
    let (_, value) = registers.find(|(name, _)| name.eq_ignore_ascii_case(register))?;
    as_text(value)
}

/// Keys that are named as the parameter is, and absent without it. Rule: UI-38.
fn of_same_name(request: &Request, key: &str) -> Value {
    let name = key.strip_prefix("kms:").unwrap_or(key);
    let mut members = request.parameters.iter().flatten();
    let found = members.find(|(own, _)| own.eq_ignore_ascii_case(name));
    found.map_or(Value::Absent, |(_, value)| Value::Known(as_texts(value)))
}
