//! Conditions of an addition that a rule gives, and those that keep to the encryption context of the call. Rule: KMS-GRANT-16,
//! KMS-POL-10, JOB-6, UI-12.

use preclear_model::policy::Version;

use crate::explanation::NearMiss;
use crate::job::literal;
use crate::job::report::RequirementPart;
use crate::job::statement::Test;

/// What a rule gives for the action: `(operator, key, value)`.
pub(crate) fn of_action(part: &RequirementPart) -> Vec<Test> {
    let stated = |name: &str| {
        part.context
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.clone())
    };
    let (operator, key, value) = match part.action.as_str() {
        // Rule: KMS-GRANT-16.
        "kms:CreateGrant" => {
            let key = "kms:GrantIsForAWSResource";
            ("Bool", key, stated(key).filter(|value| value == "true"))
        }
        // Rule: JOB-6.
        "iam:PassRole" => {
            let key = "iam:PassedToService";
            ("StringEquals", key, stated(key))
        }
        _ => return Vec::new(),
    };
    let test = value.map(|value| Test::one(operator, key, value));
    test.into_iter().collect()
}

/// The encryption context of the call, where a statement or grant that nearly allowed it asks for one: without it an addition
/// would open what somebody kept narrow.
pub(crate) fn of_encryption_context(part: &RequirementPart) -> Vec<Test> {
    if !part.result.useful_near_misses().any(asks_for_context) {
        return Vec::new();
    }
    let pairs = part.context.iter();
    pairs
        .filter(|(key, _)| is_encryption_context(key))
        .map(|(key, value)| Test::one("StringEquals", key, value.clone()))
        .collect()
}

fn is_encryption_context(key: &str) -> bool {
    key.to_ascii_lowercase()
        .starts_with("kms:encryptioncontext")
}

fn asks_for_context(miss: &NearMiss) -> bool {
    let by_key = miss.key.as_deref().is_some_and(is_encryption_context);
    by_key || miss.element.starts_with("EncryptionContext")
}

/// The tests as a document of this version writes them.
pub(crate) fn written(tests: Vec<Test>, version: Version) -> Vec<Test> {
    let written = |value: &String| literal::operand(value, version);
    tests
        .into_iter()
        .map(|test| Test {
            values: test.values.iter().map(written).collect(),
            ..test
        })
        .collect()
}
