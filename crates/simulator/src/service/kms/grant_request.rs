//! What KMS finds wrong with the grant that an authorised CreateGrant asks for. Rule: KMS-GRANT-2…6.

use preclear_catalog::kms::{self as tables, KeyFamily};
use preclear_model::Arn;
use serde_json::{Map, Value};

use crate::decide::Case;

const VALIDATION: &str = "ValidationError";
const INVALID_ARN: &str = "InvalidArnException";

/// Pairs that a constraint may have, and characters of a value. Rule: KMS-GRANT-5.
const MOST_PAIRS: usize = 8;
const MOST_CHARACTERS: usize = 384;

/// The exception, if the parameters show that there is one.
pub(super) fn exception(case: &Case<'_>, family: Option<KeyFamily>) -> Option<&'static str> {
    if case.action.name() != "creategrant" {
        return None;
    }
    let parameters = case.request.parameters.as_ref()?;
    let is_refused = operations_are_refused(parameters, family)
        || constraints_are_refused(parameters, family)
        || grantee_is_refused(parameters);
    if is_refused {
        return Some(VALIDATION);
    }
    ["GranteePrincipal", "RetiringPrincipal"]
        .into_iter()
        .any(|member| is_no_identity(parameters.get(member)))
        .then_some(INVALID_ARN)
}

/// Operations that no grant holds, or that the key cannot do; CreateGrant alone. Rule: KMS-GRANT-2, KMS-GRANT-3.
fn operations_are_refused(parameters: &Map<String, Value>, family: Option<KeyFamily>) -> bool {
    let Some(Value::Array(operations)) = parameters.get("Operations") else {
        return false;
    };
    let fits = |operation: &Value| {
        let action = operation.as_str().and_then(tables::action);
        action.is_some_and(|action| {
            action.is_grantable
                && operation.as_str() == Some(action.name.as_str())
                && family.is_none_or(|family| action.usable.admits_family(family))
        })
    };
    let is_create_grant = |operation: &Value| operation.as_str() == Some("CreateGrant");
    // Of none at all this is true as well: a grant has operations.
    operations.iter().all(is_create_grant) || !operations.iter().all(fits)
}

/// Only symmetric keys have an encryption context. Rule: KMS-GRANT-5, KMS-GRANT-6.
fn constraints_are_refused(parameters: &Map<String, Value>, family: Option<KeyFamily>) -> bool {
    let contexts: Vec<&Map<String, Value>> = ["EncryptionContextEquals", "EncryptionContextSubset"]
        .into_iter()
        .filter_map(|kind| parameters.get("Constraints")?.get(kind)?.as_object())
        .collect();
    let is_too_long = |value: &Value| {
        value
            .as_str()
            .is_some_and(|text| text.chars().count() > MOST_CHARACTERS)
    };
    let has_context = family.is_none_or(|family| family == KeyFamily::Symmetric);
    (!contexts.is_empty() && !has_context)
        || contexts
            .iter()
            .any(|pairs| pairs.len() > MOST_PAIRS || pairs.values().any(is_too_long))
}

/// A service as grantee stands alone, and with a source ARN and somebody who retires. Rule: KMS-GRANT-4.
fn grantee_is_refused(parameters: &Map<String, Value>) -> bool {
    let has = |member: &str| parameters.get(member).is_some_and(|value| !value.is_null());
    if !has("GranteeServicePrincipal") {
        return false;
    }
    let constraints = parameters.get("Constraints");
    let has_source = constraints.is_some_and(|constraints| constraints.get("SourceArn").is_some());
    let has_retiring = has("RetiringPrincipal") || has("RetiringServicePrincipal");
    has("GranteePrincipal") || !has_source || !has_retiring
}

/// Groups and organizations are no identities. Rule: KMS-GRANT-4.
fn is_no_identity(named: Option<&Value>) -> bool {
    let arn = named.and_then(Value::as_str).and_then(Arn::parse);
    arn.is_some_and(|arn| {
        let is_group = arn.service() == "iam" && arn.resource().starts_with("group/");
        is_group || arn.service() == "organizations"
    })
}
