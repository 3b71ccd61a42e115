//! What a policy says: by its members, and by a second reading of its text that knows no policy.

use preclear_model::policy::{ActionEntry, PrincipalEntry, ResourceEntry};
use preclear_model::{Effect, Match, Policy, Source, Span, Statement, Version};
use serde_json::Value;

use super::super::{Finding, hold, place, same};

/// A policy without its places.
#[derive(Debug, PartialEq)]
pub(super) struct Said {
    version: Version,
    id: Option<String>,
    statements: Vec<String>,
}

impl Said {
    pub(super) fn of(policy: &Policy) -> Said {
        Said {
            version: policy.version,
            id: policy.id.as_ref().map(ToString::to_string),
            statements: policy.statements.iter().map(statement).collect(),
        }
    }
}

/// All that a statement says.
fn statement(statement: &Statement) -> String {
    let Statement {
        sid,
        effect,
        principal,
        action,
        resource,
        conditions,
        open: _,
        span: _,
    } = statement;
    let principal = said_by(principal.as_ref(), |entry| {
        format!("{:?} {:?}", entry.kind, entry.text)
    });
    let action = said_by(action.as_ref(), |entry| format!("{:?}", entry.text));
    let resource = said_by(resource.as_ref(), |entry| {
        format!("{:?} {}", entry.template, entry.incomplete)
    });
    let conditions = conditions.iter().map(|test| {
        let operands = test.operands.iter();
        let operands: Vec<_> = operands.map(|operand| &operand.template).collect();
        format!(
            "{:?} {:?} {:?} {operands:?}",
            test.operator, test.operator_text, test.key
        )
    });
    let conditions: Vec<String> = conditions.collect();
    format!("{sid:?} {effect:?} {principal:?} {action:?} {resource:?} {conditions:?}")
}

fn said_by<T>(
    element: Option<&Match<T>>,
    say: impl Fn(&T) -> String,
) -> Option<(bool, Vec<String>)> {
    let element = element?;
    let entries = element.entries().iter().map(say).collect();
    Some((element.is_negated(), entries))
}

/// Every span of a policy is a part of its text.
pub(super) fn spans_hold(policy: &Policy) -> Result<(), Finding> {
    let inside = |span: Span| place::inside(&policy.place(span));
    inside(policy.span)?;
    for statement in &policy.statements {
        inside(statement.span)?;
        let mut spans: Vec<Span> = Vec::new();
        spans.extend(entries(&statement.principal).map(|entry| entry.span));
        spans.extend(entries(&statement.action).map(|entry| entry.span));
        spans.extend(entries(&statement.resource).map(|entry| entry.span));
        for test in &statement.conditions {
            spans.push(test.key_span);
            spans.extend(test.operands.iter().map(|operand| operand.span));
        }
        spans.into_iter().try_for_each(inside)?;
    }
    Ok(())
}

fn entries<T>(element: &Option<Match<T>>) -> impl Iterator<Item = &T> {
    element.iter().flat_map(|element| element.entries())
}

/// A policy read from JSON says what stands at its places, and what a reader of plain values finds in its text.
pub(super) fn is_what_is_written(policy: &Policy) -> Result<(), Finding> {
    spans_hold(policy)?;
    let source = &*policy.source;
    let text = source.slice(policy.span);
    // A number that no machine holds is none to `serde_json`.
    let Ok(document) = serde_json::from_str::<Value>(text) else {
        return Ok(());
    };
    let version = match document.get("Version").and_then(Value::as_str) {
        Some("2012-10-17") => Version::V2012,
        _ => Version::V2008,
    };
    same(|| format!("version of {text:?}"), &policy.version, &version)?;
    let statements = one_or_many(document.get("Statement"));
    let counts = (policy.statements.len(), statements.len());
    hold(counts.0 == counts.1, || {
        format!("{counts:?} statements in {text:?}")
    })?;
    for (own, written) in policy.statements.iter().zip(statements) {
        statement_is(own, written, source)?;
    }
    Ok(())
}

fn one_or_many(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None => Vec::new(),
        Some(Value::Array(values)) => values.iter().collect(),
        Some(value) => vec![value],
    }
}

fn statement_is(own: &Statement, written: &Value, source: &Source) -> Result<(), Finding> {
    let told = || format!("{written}");
    let stands: Value = serde_json::from_str(source.slice(own.span))
        .map_err(|error| Finding::new(format!("{error} where {written} should be")))?;
    same(|| "a statement at its place".to_owned(), &stands, written)?;
    let effect = match own.effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    };
    same(told, &written["Effect"].as_str(), &Some(effect))?;
    let sid = own.sid.as_ref().map(|sid| sid.as_str());
    same(told, &written.get("Sid").and_then(Value::as_str), &sid)?;
    element_is(
        "Action",
        &own.action,
        written,
        source,
        |entry: &ActionEntry| (entry.text.to_string(), entry.span),
    )?;
    element_is(
        "Resource",
        &own.resource,
        written,
        source,
        |entry: &ResourceEntry| (entry.template.source.to_string(), entry.span),
    )?;
    element_is(
        "Principal",
        &own.principal,
        written,
        source,
        |entry: &PrincipalEntry| (entry.text.to_string(), entry.span),
    )?;
    conditions_are(own, written, source)
}

/// An element or its negated twin, entry by entry in the order of the text.
fn element_is<T>(
    name: &str,
    own: &Option<Match<T>>,
    written: &Value,
    source: &Source,
    read: impl Fn(&T) -> (String, Span),
) -> Result<(), Finding> {
    let negated = format!("Not{name}");
    let value = written.get(name).or_else(|| written.get(&negated));
    let Some(own) = own else {
        // Dropped where the kind has none, which is said.
        return Ok(());
    };
    let is_negated = written.get(name).is_none();
    let texts = texts(value);
    // Without entries `NotResource` never applies, nor does `NotAction` but in a Deny, which then excepts no action.
    // Rule: IAM-GRAM-10, IAM-GRAM-12, IAM-WILD-3.
    let counts_empty = match name {
        "Action" => written["Effect"] == "Deny",
        "Resource" => false,
        _ => true,
    };
    let excepts = is_negated && (!own.entries().is_empty() || counts_empty);
    hold(own.is_negated() == excepts, || {
        format!("{name} is negated or not: {written}")
    })?;
    let entries: Vec<(String, Span)> = own.entries().iter().map(read).collect();
    let counts = (entries.len(), texts.len());
    hold(counts.0 == counts.1, || {
        format!("{counts:?} entries of {name} in {written}")
    })?;
    for ((text, span), expected) in entries.iter().zip(texts) {
        // An ARN with fields missing is completed. Rule: IAM-WILD-10.
        let is_said = text == expected || name == "Resource" && text.starts_with(expected);
        hold(is_said, || {
            format!("{text:?} for {expected:?} in {written}")
        })?;
        let slice = source.slice(*span);
        let stands = serde_json::from_str::<String>(slice);
        hold(
            stands.as_ref().is_ok_and(|stands| stands == expected),
            || format!("{slice:?} at the place of {expected:?}"),
        )?;
    }
    Ok(())
}

/// The texts of a string, a list, or an object of them.
fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::Object(members)) => {
            let values = members.values().flat_map(|value| texts(Some(value)));
            values.collect()
        }
        Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(text)) => vec![text],
        _ => Vec::new(),
    }
}

/// Tests in the order of the text, with their operands.
fn conditions_are(own: &Statement, written: &Value, source: &Source) -> Result<(), Finding> {
    let blocks = written.get("Condition").and_then(Value::as_object);
    let tests = blocks.into_iter().flatten().flat_map(|(operator, keys)| {
        let keys = keys.as_object().into_iter().flatten();
        keys.map(move |(key, operands)| (operator, key, one_or_many(Some(operands))))
    });
    let tests: Vec<_> = tests.collect();
    let counts = (own.conditions.len(), tests.len());
    hold(counts.0 == counts.1, || {
        format!("{counts:?} tests in {written}")
    })?;
    for (own, (operator, key, operands)) in own.conditions.iter().zip(tests) {
        same(
            || written.to_string(),
            &own.operator_text.as_str(),
            &operator.as_str(),
        )?;
        same(|| written.to_string(), &own.key.as_str(), &key.as_str())?;
        let counts = (own.operands.len(), operands.len());
        hold(counts.0 == counts.1, || {
            format!("{counts:?} operands in {written}")
        })?;
        for (own, operand) in own.operands.iter().zip(operands) {
            let slice = source.slice(own.span);
            let said = match operand {
                Value::String(text) => text.clone(),
                // As written. Rule: IAM-GRAM-16.
                _ => slice.to_owned(),
            };
            same(
                || format!("{operand} in {written}"),
                &own.template.source.as_str(),
                &said.as_str(),
            )?;
            let stands: Result<Value, _> = serde_json::from_str(slice);
            hold(stands.is_ok_and(|stands| stands == *operand), || {
                format!("{slice:?} at the place of {operand}")
            })?;
        }
    }
    Ok(())
}
