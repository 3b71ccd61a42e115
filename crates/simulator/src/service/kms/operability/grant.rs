//! What KMS finds wrong with the grant that an authorised CreateGrant asks for. Rule: KMS-GRANT-2…6, KMS-GRANT-18.

use preclear_catalog::kms::{self as tables, KeyFamily, KmsException};
use preclear_model::Arn;
use preclear_model::near::nearest;
use serde_json::{Map, Value};

use super::{Call, of_key, of_request};
use crate::explanation::KmsAnswer;
use crate::service::kms::grants;
use crate::snapshot::GrantRecord;

/// Grants that a key can have. Rule: KMS-GRANT-18.
const MOST_GRANTS: usize = 50_000;

/// Pairs that a constraint may have, and characters of a value. Rule: KMS-GRANT-5.
const MOST_PAIRS: usize = 8;
const MOST_CHARACTERS: usize = 384;

/// The answer, if the parameters show that there is one.
pub(super) fn answer(call: &Call<'_>) -> Option<KmsAnswer> {
    if !call.is("creategrant") {
        return None;
    }
    let parameters = call.parameters()?;
    let family = call
        .key
        .and_then(|key| tables::key_family(&key.record.spec, &key.record.usage));
    operations(parameters, family)
        .or_else(|| constraints(parameters, family))
        .or_else(|| grantee(parameters))
        .or_else(|| no_identity(parameters))
        .or_else(|| quota(call, parameters))
}

fn invalid(rule: &'static str, why: impl Into<String>, remedy: impl Into<String>) -> KmsAnswer {
    of_request(KmsException::Validation, rule, why, remedy)
}

fn has(parameters: &Map<String, Value>, member: &str) -> bool {
    parameters.get(member).is_some_and(|value| !value.is_null())
}

/// Operations that no grant holds, or that the key cannot do; CreateGrant alone. Rule: KMS-GRANT-2, KMS-GRANT-3.
fn operations(parameters: &Map<String, Value>, family: Option<KeyFamily>) -> Option<KmsAnswer> {
    let listed = parameters.get("Operations").and_then(Value::as_array);
    let names: Vec<&str> = listed
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if names.is_empty() {
        let remedy = "give `parameters.Operations` what the grant allows";
        return Some(invalid("KMS-GRANT-2", "a grant needs operations", remedy));
    }
    if let Some(name) = names.iter().copied().find(|name| !is_grantable(name)) {
        return Some(not_grantable(name));
    }
    if names.iter().all(|name| *name == "CreateGrant") {
        let remedy = "add the operations that it passes on";
        let why = "no grant allows CreateGrant alone";
        return Some(invalid("KMS-GRANT-2", why, remedy));
    }
    let family = family?;
    let unfit = names.into_iter().find(|name| {
        tables::action(name).is_some_and(|action| !action.usable.admits_family(family))
    })?;
    let why = format!("the key cannot do `{unfit}`, so no grant on it can allow that");
    let remedy = "leave the operation out, or name a key for it";
    Some(invalid("KMS-GRANT-3", why, remedy))
}

fn is_grantable(name: &str) -> bool {
    tables::action(name).is_some_and(|action| action.is_grantable && action.name == name)
}

fn not_grantable(name: &str) -> KmsAnswer {
    let known = tables::actions()
        .iter()
        .filter(|action| action.is_grantable);
    let known: Vec<&str> = known.map(|action| action.name.as_str()).collect();
    let remedy = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("a grant can allow `{}`", known.join("`, `")),
    };
    invalid(
        "KMS-GRANT-2",
        format!("no grant can allow `{name}`"),
        remedy,
    )
}

/// One constraint on the encryption context, and only symmetric keys have that. Rule: KMS-GRANT-5, KMS-GRANT-6.
fn constraints(parameters: &Map<String, Value>, family: Option<KeyFamily>) -> Option<KmsAnswer> {
    let given = parameters.get("Constraints")?;
    let pairs = |kind: &str| given.get(kind).and_then(Value::as_object);
    let (kind, pairs) = match (
        pairs("EncryptionContextEquals"),
        pairs("EncryptionContextSubset"),
    ) {
        (Some(_), Some(_)) => {
            let why = "a grant has one constraint on the encryption context, and this one has two";
            let remedy = "keep `EncryptionContextEquals` or `EncryptionContextSubset`";
            return Some(invalid("KMS-GRANT-5", why, remedy));
        }
        (Some(pairs), None) => ("EncryptionContextEquals", pairs),
        (None, Some(pairs)) => ("EncryptionContextSubset", pairs),
        (None, None) => return None,
    };
    if family.is_some_and(|family| family != KeyFamily::Symmetric) {
        let why =
            format!("calls with the key have no encryption context that `{kind}` could constrain");
        let remedy = "leave the constraint out, or name a symmetric key";
        return Some(invalid("KMS-GRANT-6", why, remedy));
    }
    if pairs.len() > MOST_PAIRS {
        let why = format!(
            "`{kind}` has {} pairs, and may have {MOST_PAIRS}",
            pairs.len()
        );
        return Some(invalid("KMS-GRANT-5", why, "leave some out"));
    }
    let is_too_long = |value: &Value| {
        let text = value.as_str();
        text.is_some_and(|text| text.chars().count() > MOST_CHARACTERS)
    };
    let (name, _) = pairs.iter().find(|(_, value)| is_too_long(value))?;
    let why =
        format!("the value of `{name}` in `{kind}` has more than {MOST_CHARACTERS} characters");
    Some(invalid("KMS-GRANT-5", why, "shorten it"))
}

/// A grant has one grantee; a service as grantee has a source ARN and somebody who retires beside it. Rule: KMS-GRANT-4.
fn grantee(parameters: &Map<String, Value>) -> Option<KmsAnswer> {
    let has = |member: &str| has(parameters, member);
    let refused = |why: &str, remedy: &str| Some(invalid("KMS-GRANT-4", why, remedy));
    match (has("GranteePrincipal"), has("GranteeServicePrincipal")) {
        (true, false) => return None,
        (false, false) => {
            let remedy = "give `parameters.GranteePrincipal`, or `GranteeServicePrincipal`";
            return refused("a grant needs a grantee", remedy);
        }
        (true, true) => {
            let remedy = "keep `GranteePrincipal` or `GranteeServicePrincipal`";
            return refused("a grant has one grantee, and this one has two", remedy);
        }
        (false, true) => {}
    }
    let constraints = parameters.get("Constraints");
    if constraints.is_none_or(|constraints| constraints.get("SourceArn").is_none()) {
        let remedy = "give `parameters.Constraints.SourceArn`";
        return refused(
            "a grant to a service is bound to the resource that it acts for",
            remedy,
        );
    }
    if !has("RetiringPrincipal") && !has("RetiringServicePrincipal") {
        let remedy = "give `parameters.RetiringPrincipal` or `RetiringServicePrincipal`";
        return refused("a grant to a service needs somebody who retires it", remedy);
    }
    None
}

/// Groups and organizations are no identities. Rule: KMS-GRANT-4.
fn no_identity(parameters: &Map<String, Value>) -> Option<KmsAnswer> {
    let is_none = |text: &&str| {
        Arn::parse(text).is_some_and(|arn| {
            let is_group = arn.service() == "iam" && arn.resource().starts_with("group/");
            is_group || arn.service() == "organizations"
        })
    };
    let mut members = ["GranteePrincipal", "RetiringPrincipal"].into_iter();
    let (member, named) = members.find_map(|member| {
        let named = parameters.get(member).and_then(Value::as_str);
        Some((member, named.filter(is_none)?))
    })?;
    let why = format!("`{named}` is nobody whom a grant can name");
    let remedy = format!("give `parameters.{member}` an account, a user, a role or a session");
    Some(of_request(
        KmsException::InvalidArn,
        "KMS-GRANT-4",
        why,
        remedy,
    ))
}

/// A key that is full of grants takes none but those that it has: asked for again by name, they are returned. Rule:
/// KMS-GRANT-18.
fn quota(call: &Call<'_>, parameters: &Map<String, Value>) -> Option<KmsAnswer> {
    let (listed, _) = grants::of(call.case.sources());
    let listed = listed.unwrap_or_default();
    if listed.len() < MOST_GRANTS || listed.iter().any(|grant| is_asked_for(grant, parameters)) {
        return None;
    }
    let why = format!(
        "the key has {} grants, the most that it can have",
        listed.len()
    );
    let remedy = "retire or revoke grants that nobody needs";
    Some(of_key(
        KmsException::LimitExceeded,
        "KMS-GRANT-18",
        why,
        remedy,
    ))
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

#[cfg(test)]
mod tests {
    use preclear_model::caller::Caller;
    use serde_json::json;

    use super::*;
    use crate::engine::{Detail, Engine};
    use crate::request::{Ask, Request};
    use crate::snapshot::{KeyRecord, Snapshot};

    const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/k1";
    const ROLE: &str = "arn:aws:iam::111122223333:role/R";

    fn answered(count: usize, parameters: Value) -> Option<KmsException> {
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
        let operability = engine.explain(&request, Detail::Reasons).operability;
        operability.answer().map(|answer| answer.exception)
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
        let full = Some(KmsException::LimitExceeded);
        assert_eq!(answered(MOST_GRANTS - 1, new.clone()), None);
        assert_eq!(answered(MOST_GRANTS, new), full);
        let nameless = json!({"GranteePrincipal": ROLE, "Operations": ["Decrypt"]});
        assert_eq!(answered(MOST_GRANTS, nameless), full);
        let listed = json!({"GranteePrincipal": ROLE, "Operations": ["Decrypt"], "Name": "n7"});
        assert_eq!(answered(MOST_GRANTS, listed), None);
        let wider =
            json!({"GranteePrincipal": ROLE, "Operations": ["Decrypt", "Encrypt"], "Name": "n7"});
        assert_eq!(answered(MOST_GRANTS, wider), full);
    }
}
