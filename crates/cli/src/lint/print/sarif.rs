//! SARIF 2.1.0, the small part of it that findings need. `tests/cli/lint.rs` holds it against the format's own schema.

use std::collections::BTreeMap;

use preclear_lint::{Edit, Finding, codes};
use preclear_model::{Place, Severity};
use serde_json::{Map, Value, json};

use super::super::Unusable;
use super::{Region, Results, findings};
use crate::render::json;

pub(super) fn document(results: &Results) -> String {
    // Each code that occurs, in the order of names, with its place in the list of rules.
    let mut rules: BTreeMap<&str, usize> = findings(results)
        .map(|(_, finding)| (finding.code, 0))
        .collect();
    for (index, place) in rules.values_mut().enumerate() {
        *place = index;
    }
    let described: Vec<Value> = rules.keys().map(|code| rule(code)).collect();
    let results_of = findings(results).map(|(_, finding)| {
        let index = rules.get(finding.code).copied().unwrap_or_default();
        result(finding, index)
    });
    let unusable = results.unusable.iter().map(notification);
    let unusable: Vec<Value> = unusable.collect();
    let is_successful = !results.has_unusable();
    let results_of: Vec<Value> = results_of.collect();
    json::document(&json!({
        "$schema": json::SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "preclear",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": described,
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": is_successful,
                "toolExecutionNotifications": unusable,
            }],
            "results": results_of,
        }],
    }))
}

/// What is said of a file that cannot be linted.
fn notification(one: &Unusable) -> Value {
    let mut said = json!({
        "level": level(one.said.severity),
        "descriptor": {"id": one.said.code},
        "message": {"text": one.said.message},
    });
    let (file, position) = one.region();
    if let (Some(file), Some(members)) = (file, said.as_object_mut()) {
        let mut place = json!({"artifactLocation": {"uri": uri(&file)}});
        if let Some(at) = position {
            place["region"] = json!({"startLine": at.line, "startColumn": at.column});
        }
        let location = json!({"physicalLocation": place});
        members.insert("locations".to_owned(), json!([location]));
    }
    said
}

fn rule(code: &str) -> Value {
    let Some(row) = codes::code(code) else {
        return json!({"id": code});
    };
    json!({
        "id": row.name,
        "shortDescription": {"text": row.meaning},
        "help": {"text": row.remedy},
        "defaultConfiguration": {"level": level(row.severity)},
        "properties": {"rule": row.rule},
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn result(finding: &Finding, rule: usize) -> Value {
    let text = match &finding.help {
        Some(help) => format!("{}. {help}", finding.message),
        None => finding.message.clone(),
    };
    let mut result = Map::new();
    result.insert("ruleId".to_owned(), json!(finding.code));
    result.insert("ruleIndex".to_owned(), json!(rule));
    result.insert("level".to_owned(), json!(level(finding.severity)));
    result.insert("message".to_owned(), json!({"text": text}));
    result.insert("locations".to_owned(), json!([location(&finding.place)]));
    if !finding.related.is_empty() {
        let related = finding
            .related
            .iter()
            .enumerate()
            .map(|(id, (place, label))| {
                let mut location = location(place);
                location["id"] = json!(id);
                location["message"] = json!({"text": label});
                location
            });
        result.insert("relatedLocations".to_owned(), related.collect());
    }
    if let Some(fix) = fix(finding) {
        result.insert("fixes".to_owned(), json!([fix]));
    }
    let properties = json!({
        "rule": finding.rule,
        "statement": finding.statement,
        "sid": finding.sid,
    });
    result.insert("properties".to_owned(), properties);
    Value::Object(result)
}

fn location(place: &Place) -> Value {
    let region = Region::of(place);
    json!({"physicalLocation": {
        "artifactLocation": {"uri": uri(&region.file)},
        "region": region_of(&region),
    }})
}

fn region_of(region: &Region) -> Value {
    json!({
        "startLine": region.start.line,
        "startColumn": region.start.column,
        "endLine": region.end.line,
        "endColumn": region.end.column,
    })
}

/// Edits of the file itself; those in strings would have to be written in the notation of the string.
fn fix(finding: &Finding) -> Option<Value> {
    let Some(Edit::Replace { place, text }) = &finding.edit else {
        return None;
    };
    if place.source.outer().is_some() {
        return None;
    }
    let region = Region::of(place);
    Some(json!({
        "description": {"text": finding.help.as_deref().unwrap_or("replace the text")},
        "artifactChanges": [{
            "artifactLocation": {"uri": uri(&region.file)},
            "replacements": [{
                "deletedRegion": region_of(&region),
                "insertedContent": {"text": text},
            }],
        }],
    }))
}

/// A path as a relative or absolute URI reference.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    let path = path.replace('\\', "/");
    // A colon in the first segment would be a scheme.
    let has_scheme = path
        .split('/')
        .next()
        .is_some_and(|first| first.contains(':'));
    if has_scheme {
        uri.push_str("./");
    }
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => uri.push(byte.into()),
            b'/' | b'-' | b'.' | b'_' | b'~' | b':' | b'@' | b'+' | b',' | b'=' => {
                uri.push(byte.into());
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_references() {
        assert_eq!(uri("a b/é.json"), "a%20b/%C3%A9.json");
        assert_eq!(uri("x:y/z#1"), "./x:y/z%231");
        assert_eq!(uri("-"), "-");
    }
}
