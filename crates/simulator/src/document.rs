//! Policy documents made here rather than read: templates of AWS, and documents with a statement added.

use std::sync::Arc;

use preclear_model::policy::{ConditionTest, ParseOptions, PrincipalKind};
use preclear_model::{
    Effect, Match, Policy, PolicyKind, PrincipalEntry, Source, Statement, Version, node,
};
use serde_json::{Map, Value, json};

/// Parses a document that the program made itself; `None` if it is no policy after all.
pub(crate) fn parse(text: &str, name: &str, kind: PolicyKind) -> Option<Policy> {
    let source = Arc::new(Source::new(name, text));
    let tree = node::read(&source).ok()?;
    Policy::parse(&tree, &source, name, kind, ParseOptions { lenient: true }).0
}

/// The document as JSON, with nothing lost but layout: what it says, not how it was written.
#[must_use]
pub fn to_json(policy: &Policy) -> Value {
    let mut document = Map::new();
    let version = match policy.version {
        Version::V2008 => "2008-10-17",
        Version::V2012 => "2012-10-17",
    };
    document.insert("Version".to_owned(), json!(version));
    if let Some(id) = &policy.id {
        document.insert("Id".to_owned(), json!(id.as_str()));
    }
    let statements: Vec<Value> = policy.statements.iter().map(statement_json).collect();
    document.insert("Statement".to_owned(), Value::Array(statements));
    Value::Object(document)
}

fn statement_json(statement: &Statement) -> Value {
    let mut members = Map::new();
    if let Some(sid) = &statement.sid {
        members.insert("Sid".to_owned(), json!(sid.as_str()));
    }
    let effect = match statement.effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    };
    members.insert("Effect".to_owned(), json!(effect));
    if let Some(principal) = &statement.principal {
        let (name, entries) = named(principal, "Principal", "NotPrincipal");
        members.insert(name.to_owned(), principals_json(entries));
    }
    if let Some(action) = &statement.action {
        let (name, entries) = named(action, "Action", "NotAction");
        members.insert(
            name.to_owned(),
            texts_json(entries.iter().map(|entry| entry.text.as_str())),
        );
    }
    if let Some(resource) = &statement.resource {
        let (name, entries) = named(resource, "Resource", "NotResource");
        let texts = entries.iter().map(|entry| entry.template.source.as_str());
        members.insert(name.to_owned(), texts_json(texts));
    }
    if !statement.conditions.is_empty() {
        members.insert(
            "Condition".to_owned(),
            conditions_json(&statement.conditions),
        );
    }
    Value::Object(members)
}

fn named<'m, T>(
    element: &'m Match<T>,
    positive: &'static str,
    negated: &'static str,
) -> (&'static str, &'m [T]) {
    match element {
        Match::In(entries) => (positive, entries),
        Match::NotIn(entries) => (negated, entries),
    }
}

fn texts_json<'t>(texts: impl Iterator<Item = &'t str>) -> Value {
    let texts: Vec<&str> = texts.collect();
    match texts.as_slice() {
        [one] => json!(one),
        many => json!(many),
    }
}

fn principals_json(entries: &[PrincipalEntry]) -> Value {
    if let [
        PrincipalEntry {
            kind: PrincipalKind::Everyone,
            ..
        },
    ] = entries
    {
        return json!("*");
    }
    let mut by_type: Map<String, Value> = Map::new();
    for entry in entries {
        let kind = match entry.kind {
            PrincipalKind::Service(_) => "Service",
            PrincipalKind::Federated(_) => "Federated",
            PrincipalKind::CanonicalUser(_) => "CanonicalUser",
            _ => "AWS",
        };
        let list = by_type
            .entry(kind)
            .or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list {
            list.push(json!(entry.text.as_str()));
        }
    }
    for list in by_type.values_mut() {
        if let Value::Array(entries) = list
            && let [one] = entries.as_slice()
        {
            *list = one.clone();
        }
    }
    Value::Object(by_type)
}

fn conditions_json(tests: &[ConditionTest]) -> Value {
    let mut operators: Map<String, Value> = Map::new();
    for test in tests {
        let operands = texts_json(
            test.operands
                .iter()
                .map(|operand| operand.template.source.as_str()),
        );
        let keys = operators
            .entry(test.operator_text.to_string())
            .or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(keys) = keys {
            keys.insert(test.key.to_string(), operands);
        }
    }
    Value::Object(operators)
}

/// The document with a statement behind its own; `None` if the result is no policy.
pub(crate) fn with_statement(policy: &Policy, statement: &Value) -> Option<Policy> {
    let mut document = to_json(policy);
    if let Some(Value::Array(statements)) = document.get_mut("Statement") {
        statements.push(statement.clone());
    }
    let mut extended = parse(&pretty(&document), &policy.name, policy.kind)?;
    // No document says what is not determined of it.
    for (statement, own) in extended.statements.iter_mut().zip(&policy.statements) {
        statement.open.clone_from(&own.open);
    }
    Some(extended)
}

/// A new document with only this statement; `None` if the result is no policy.
pub(crate) fn only_statement(statement: &Value, name: &str, kind: PolicyKind) -> Option<Policy> {
    let document = json!({"Version": "2012-10-17", "Statement": [statement]});
    parse(&pretty(&document), name, kind)
}

/// JSON over several lines.
pub(crate) fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
