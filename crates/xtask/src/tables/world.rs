//! The accounts, identities and documents that the cases are about. Names only; no rule.

use serde_json::{Value, json};

/// Account A of the examples in the rules.
pub(crate) const A: &str = "111122223333";
/// Account B.
pub(crate) const B: &str = "444455556666";
/// User U of account A.
pub(crate) const USER: &str = "arn:aws:iam::111122223333:user/U";

/// A policy document under a name.
pub(crate) fn policy(name: &str, statements: Vec<Value>) -> Value {
    json!({"name": name, "document": document(statements)})
}

/// A document of the current version.
pub(crate) fn document(statements: Vec<Value>) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// A complete snapshot of these principals and resources.
pub(crate) fn snapshot(principals: Vec<Value>, resources: Vec<Value>) -> Value {
    let mut snapshot = json!({"preclear": 1, "complete": true});
    for (member, list) in [("principals", principals), ("resources", resources)] {
        if !list.is_empty() {
            super::case::set(&mut snapshot, member, Value::Array(list));
        }
    }
    snapshot
}

/// A policy that allows everything.
pub(crate) fn allows_all(name: &str) -> Value {
    policy(
        name,
        vec![json!({"Effect": "Allow", "Action": "*", "Resource": "*"})],
    )
}

/// The session policies of a request that limit nothing.
pub(crate) fn open_session() -> Value {
    json!([document(vec![
        json!({"Effect": "Allow", "Action": "*", "Resource": "*"})
    ])])
}

/// Whether a statement allows or denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    Allow,
    Deny,
}

impl Effect {
    pub(crate) const BOTH: [Effect; 2] = [Effect::Allow, Effect::Deny];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        }
    }
}

/// Text as a Sid: its letters and digits.
pub(crate) fn sid(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Text as a part of an object's name: its words of letters and digits, with dashes between them.
pub(crate) fn slug(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("-")
}
