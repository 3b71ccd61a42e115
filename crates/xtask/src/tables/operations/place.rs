//! Keys, roles and grants, as snapshots have them. Names only; no rule.

use serde_json::{Value, json};

use super::super::case::{merged, set};
use super::super::world::{self, A};

/// The Region of the calls, and another one for replicas.
pub(super) const REGION: &str = "us-west-2";
pub(super) const OTHER_REGION: &str = "us-east-1";
/// An account in a China Region.
pub(super) const CHINA: &str = "777788889999";
pub(super) const CHINA_REGION: &str = "cn-north-1";

/// The ARN of a key of account A.
pub(super) fn key_arn(name: &str) -> String {
    key_arn_in(REGION, A, name)
}

pub(super) fn key_arn_in(region: &str, account: &str, name: &str) -> String {
    format!(
        "arn:{}:kms:{region}:{account}:key/{name}",
        partition(account)
    )
}

fn partition(account: &str) -> &'static str {
    if account == CHINA { "aws-cn" } else { "aws" }
}

pub(super) fn alias_arn(name: &str) -> String {
    format!("arn:aws:kms:{REGION}:{A}:alias/{name}")
}

pub(super) fn root(account: &str) -> String {
    format!("arn:{}:iam::{account}:root", partition(account))
}

pub(super) fn role_arn(account: &str, name: &str) -> String {
    format!("arn:{}:iam::{account}:role/{name}", partition(account))
}

/// The caller of a request: a session of a role.
pub(super) fn session(account: &str, role: &str) -> String {
    format!(
        "arn:{}:sts::{account}:assumed-role/{role}/s",
        partition(account)
    )
}

/// A role with these statements in its identity policy.
pub(super) fn role(account: &str, name: &str, statements: Vec<Value>) -> Value {
    let mut role = json!({"arn": role_arn(account, name)});
    if !statements.is_empty() {
        let policy = world::policy(&format!("{name}-policy"), statements);
        set(&mut role, "policies", json!([policy]));
    }
    role
}

/// A key with this key policy and further members.
pub(super) fn key(arn: &str, statements: Vec<Value>, rest: &Value) -> Value {
    let name = arn.rsplit('/').next().unwrap_or(arn);
    let policy = world::policy(&format!("{name}-policy"), statements);
    merged(&json!({"arn": arn, "policy": policy}), rest)
}

/// A key whose policy leaves everything to the identity policies of its account.
pub(super) fn delegated(arn: &str, account: &str, rest: &Value) -> Value {
    let statement = to(json!([root(account)]), &allow("kms:*", "*"));
    merged(
        &json!({"arn": arn, "policy": world::document(vec![statement])}),
        rest,
    )
}

/// A statement that allows.
pub(super) fn allow(action: &str, resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

/// A statement that allows every action but one.
pub(super) fn allow_others(action: &str) -> Value {
    json!({"Effect": "Allow", "NotAction": action, "Resource": "*"})
}

/// A statement that denies.
pub(super) fn deny(action: &str, resource: &str) -> Value {
    json!({"Effect": "Deny", "Action": action, "Resource": resource})
}

/// The statement for these principals.
pub(super) fn to(principals: Value, statement: &Value) -> Value {
    let mut named = json!({"Effect": statement.get("Effect"), "Principal": {"AWS": principals}});
    for (member, value) in statement.as_object().into_iter().flatten() {
        set(&mut named, member, value.clone());
    }
    named
}

/// A grant as ListGrants prints it.
pub(super) fn grant(id: &str, grantee: &str, issuer: &str, operations: &[&str]) -> Value {
    json!({
        "GrantId": id, "GranteePrincipal": grantee, "IssuingAccount": root(issuer), "Operations": operations,
    })
}

/// A complete snapshot of these roles and keys.
pub(super) fn snapshot(roles: Vec<Value>, keys: Vec<Value>) -> Value {
    let mut snapshot = world::snapshot(roles, Vec::new());
    set(&mut snapshot, "keys", json!(keys));
    snapshot
}
