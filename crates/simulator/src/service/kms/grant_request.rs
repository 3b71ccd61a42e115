//! What KMS finds wrong with the grant that an authorised CreateGrant asks for. Rule: KMS-GRANT-2…6, KMS-GRANT-18.

use preclear_catalog::kms::{self as tables, KeyFamily};
use preclear_model::Arn;
use serde_json::{Map, Value};

use crate::decide::Case;
use crate::snapshot::GrantRecord;

const VALIDATION: &str = "ValidationError";
const INVALID_ARN: &str = "InvalidArnException";
const LIMIT_EXCEEDED: &str = "LimitExceededException";

/// Grants that a key can have. Rule: KMS-GRANT-18.
const MOST_GRANTS: usize = 50_000;

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
        .or_else(|| quota(case, parameters))
}

/// A key that is full of grants takes none but those that it has: asked for again by name, they are returned. Rule:
/// KMS-GRANT-18.
fn quota(case: &Case<'_>, parameters: &Map<String, Value>) -> Option<&'static str> {
    let (listed, _) = super::grants::of(case.sources());
    let listed = listed.unwrap_or_default();
    let is_full = listed.len() >= MOST_GRANTS;
    (is_full && !listed.iter().any(|grant| is_asked_for(grant, parameters)))
        .then_some(LIMIT_EXCEEDED)
}

fn is_asked_for(grant: &GrantRecord, parameters: &Map<String, Value>) -> bool {
    let text = |member: &str| parameters.get(member).and_then(Value::as_str);
    let operations = parameters.get("Operations").and_then(Value::as_array);
    let mut operations = operations.into_iter().flatten();
    grant.name.is_some()
        && grant.name.as_deref() == text("Name")
        && grant.grantee.as_deref() == text("GranteePrincipal")
        && operations.all(|operation| grant.operations.iter().any(|own| operation == own))
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

#[cfg(test)]
mod tests {
    use preclear_model::caller::Caller;
    use serde_json::json;

    use super::*;
    use crate::engine::{Detail, Engine};
    use crate::explanation::Operability;
    use crate::request::{Ask, Request};
    use crate::snapshot::{KeyRecord, Snapshot};

    const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/k1";
    const ROLE: &str = "arn:aws:iam::111122223333:role/R";

    fn answered(count: usize, parameters: Value) -> Operability {
        let grant = |index: usize| GrantRecord {
            id: format!("g{index}"),
            name: Some(format!("n{index}")),
            grantee: Some(ROLE.to_owned()),
            operations: vec!["Decrypt".to_owned()],
            ..GrantRecord::default()
        };
        let key = KeyRecord {
            grants: Some((0..count).map(grant).collect()),
            ..KeyRecord::new(Arn::parse(KEY).unwrap())
        };
        let engine = Engine::compile(Snapshot {
            complete: true,
            keys: vec![with_open_policy(key)],
            ..Snapshot::default()
        });
        let caller = Caller::parse("arn:aws:iam::111122223333:root").unwrap();
        let mut request = Request::new(caller, Ask::Action("kms:CreateGrant".to_owned()));
        request.resource = Some(KEY.to_owned());
        request.parameters = parameters.as_object().cloned();
        engine.explain(&request, Detail::Reasons).operability
    }

    fn with_open_policy(key: KeyRecord) -> KeyRecord {
        let statement =
            json!({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"});
        let kind = preclear_model::PolicyKind::Key;
        let policy = crate::document::only_statement(&statement, "open", kind).unwrap();
        KeyRecord {
            policy: crate::snapshot::Given::Here(std::sync::Arc::new(policy)),
            ..key
        }
    }

    /// Rule: KMS-GRANT-18.
    #[test]
    fn a_full_key_takes_only_grants_that_it_has() {
        let new = json!({"GranteePrincipal": ROLE, "Operations": ["Decrypt"], "Name": "new"});
        let full = Operability::Exception(LIMIT_EXCEEDED);
        assert_eq!(answered(MOST_GRANTS - 1, new.clone()), Operability::Ok);
        assert_eq!(answered(MOST_GRANTS, new), full);
        let nameless = json!({"GranteePrincipal": ROLE, "Operations": ["Decrypt"]});
        assert_eq!(answered(MOST_GRANTS, nameless), full);
        let listed = json!({"GranteePrincipal": ROLE, "Operations": ["Decrypt"], "Name": "n7"});
        assert_eq!(answered(MOST_GRANTS, listed), Operability::Ok);
        let wider =
            json!({"GranteePrincipal": ROLE, "Operations": ["Decrypt", "Encrypt"], "Name": "n7"});
        assert_eq!(answered(MOST_GRANTS, wider), full);
    }
}
