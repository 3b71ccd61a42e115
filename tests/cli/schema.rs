//! The JSON Schemas of the file formats: every file that the program accepts is valid, and a slip is not.

use std::path::Path;
use std::sync::Arc;

use preclear_model::node::{self, ScalarKind, Value as Parsed};
use preclear_model::{Node, Source};
use preclear_tests::root;
use serde_json::{Value, json};

use crate::program::run_in;

fn schema(format: &str) -> Value {
    let ran = run_in(root(), &["schema", format], b"").ended_with(0);
    serde_json::from_str(&ran.stdout).unwrap()
}

/// A YAML or JSON text as an editor sees it, but for numbers, which stay text.
fn read(name: &str, text: &str) -> Option<Value> {
    let source = Arc::new(Source::new(name, text));
    node::read(&source).ok().map(|node| plain(&node))
}

fn plain(node: &Node) -> Value {
    match &node.value {
        Parsed::Null => Value::Null,
        Parsed::Scalar(scalar) => match scalar.kind {
            ScalarKind::Boolean => Value::Bool(node.as_bool().unwrap_or_default()),
            _ => Value::from(scalar.text.as_str()),
        },
        Parsed::Sequence(items) => items.iter().map(plain).collect(),
        Parsed::Mapping(members) => {
            let members = members.iter();
            let members = members.map(|one| (one.name.as_str().to_owned(), plain(&one.value)));
            Value::Object(members.collect())
        }
    }
}

/// Why a value is not valid, at the place that it got farthest to. Knows the words that these schemas use, and no others.
fn wrong(root: &Value, schema: &Value, value: &Value, place: &str) -> Option<String> {
    let schema = match schema {
        Value::Bool(true) => return None,
        Value::Object(words) => words,
        other => panic!("no schema: {other}"),
    };
    for (word, said) in schema {
        let found = match word.as_str() {
            "description" | "$schema" | "title" | "$defs" => None,
            "$ref" => {
                let pointer = said.as_str().unwrap().trim_start_matches('#');
                wrong(root, root.pointer(pointer).unwrap(), value, place)
            }
            "type" => {
                let kind = match value {
                    Value::Null => "null",
                    Value::Bool(_) => "boolean",
                    Value::Number(_) => "number",
                    Value::String(_) => "string",
                    Value::Array(_) => "array",
                    Value::Object(_) => "object",
                };
                let is_it = match said {
                    Value::Array(kinds) => kinds.iter().any(|one| one == kind),
                    one => one == kind,
                };
                (!is_it).then(|| format!("{place}: {kind}, not {said}"))
            }
            "enum" => {
                let is_it = said.as_array().unwrap().contains(value);
                (!is_it).then(|| format!("{place}: {value} is none of {said}"))
            }
            "anyOf" => {
                let all = said.as_array().unwrap().iter();
                let all: Vec<Option<String>> =
                    all.map(|one| wrong(root, one, value, place)).collect();
                let depth = |text: &String| {
                    text.split(':')
                        .next()
                        .unwrap_or_default()
                        .matches('/')
                        .count()
                };
                match all.iter().any(Option::is_none) {
                    true => None,
                    false => all.into_iter().flatten().max_by_key(depth),
                }
            }
            "items" => value.as_array().and_then(|items| {
                let mut items = items.iter().enumerate();
                items.find_map(|(at, item)| wrong(root, said, item, &format!("{place}/{at}")))
            }),
            "required" => value.as_object().and_then(|members| {
                let mut needed = said
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|one| one.as_str().unwrap());
                let lacks = needed.find(|name| !members.contains_key(*name))?;
                Some(format!("{place}: lacks {lacks}"))
            }),
            "properties" => value.as_object().and_then(|members| {
                members.iter().find_map(|(name, value)| {
                    wrong(root, said.get(name)?, value, &format!("{place}/{name}"))
                })
            }),
            "additionalProperties" => value.as_object().and_then(|members| {
                members.iter().find_map(|(name, value)| {
                    let known = schema.get("properties").and_then(|known| known.get(name));
                    match (known, said) {
                        (Some(_), _) => None,
                        (None, Value::Bool(false)) => Some(format!("{place}/{name}: unknown")),
                        (None, said) => wrong(root, said, value, &format!("{place}/{name}")),
                    }
                })
            }),
            other => panic!("the checker does not know `{other}`"),
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path
            .extension()
            .is_some_and(|one| one == "yaml" || one == "json")
        {
            found.push(path);
        }
    }
}

#[test]
fn every_conformance_case_is_valid() {
    let schema = schema("test");
    let mut paths = Vec::new();
    files(&root().join("tests/cases"), &mut paths);
    let mut checked = 0;
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let Some(value) = read("case", &text) else {
            continue;
        };
        if value.get("preclear").is_none()
            || (value.get("tests").is_none() && value.get("expect").is_none())
        {
            continue;
        }
        checked += 1;
        let found = wrong(&schema, &schema, &value, "");
        assert!(
            found.is_none(),
            "{}: {}",
            path.display(),
            found.unwrap_or_default()
        );
    }
    assert!(checked > 2000, "{checked}");
}

#[test]
fn examples_are_valid() {
    for (name, format) in [("snapshot.yaml", "snapshot"), ("job.yaml", "job")] {
        let schema = schema(format);
        for folder in [
            "ground-truth",
            "personalize-export",
            "encrypted-queue-fixed",
        ] {
            let path = root().join("examples").join(folder).join(name);
            let text = std::fs::read_to_string(path).unwrap();
            let value = read(name, &text).unwrap();
            assert_eq!(wrong(&schema, &schema, &value, ""), None, "{folder}/{name}");
        }
    }
    let schema = schema("request");
    let request = json!({"principal": "anonymous", "action": "s3:GetObject", "resource": "*"});
    for value in [request.clone(), json!([request.clone(), request])] {
        assert_eq!(wrong(&schema, &schema, &value, ""), None);
    }
}

#[test]
fn slips_are_not_valid() {
    for (format, text, place) in [
        ("test", "{preclear: 1, test: []}", ""),
        ("test", "{tests: []}", ""),
        ("test", "{preclear: 2, tests: []}", "/preclear"),
        (
            "test",
            "{preclear: 1, tests: [{reqest: {}, expect: deny}]}",
            "/tests/0",
        ),
        (
            "test",
            "{preclear: 1, tests: [{request: {}, expect: denied}]}",
            "/tests/0/expect",
        ),
        (
            "test",
            "{preclear: 1, tests: [{request: {}, expect: {verdct: deny}}]}",
            "/tests/0/expect",
        ),
        (
            "test",
            "{preclear: 1, tests: [{request: {acton: x}, expect: deny}]}",
            "/tests/0/request",
        ),
        (
            "test",
            "{preclear: 1, tests: [{who_can: {principal: x}, expect: {}}]}",
            "/tests/0/who_can",
        ),
        (
            "test",
            "{preclear: 1, tests: [{job: {}, expect: {verdict: allow}}]}",
            "/tests/0",
        ),
        ("snapshot", "{preclear: 1, kyes: []}", "/kyes"),
        ("snapshot", "{complete: true}", ""),
        ("snapshot", "{preclear: 1, keys: [{policy: x}]}", "/keys/0"),
        (
            "snapshot",
            "{preclear: 1, keys: [{arn: x, manager: ME}]}",
            "/keys/0/manager",
        ),
        ("request", "{principal: x, mode: shut}", "/mode"),
        ("job", "{operation: x, interface: web}", "/interface"),
    ] {
        let schema = schema(format);
        // A text that begins with a brace would be read as JSON.
        let value = read("slip", &format!("# slip\n{text}")).unwrap();
        let found = wrong(&schema, &schema, &value, "");
        let found = found.unwrap_or_else(|| panic!("{format} {text} is valid"));
        assert!(found.starts_with(place), "{format} {text}: {found}");
    }
}
