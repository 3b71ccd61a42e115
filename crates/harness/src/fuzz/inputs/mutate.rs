//! JSON values that are replaced, taken out, doubled or put elsewhere.

use serde_json::{Map, Value, json};

use crate::choose::Choose;

/// A step down: the place of a member or of an item.
pub(super) type Path = Vec<usize>;

/// The paths of all values below one, the value itself first.
pub(super) fn paths(value: &Value) -> Vec<Path> {
    fn walk(value: &Value, path: &mut Path, paths: &mut Vec<Path>) {
        paths.push(path.clone());
        let inner: Vec<&Value> = match value {
            Value::Object(members) => members.values().collect(),
            Value::Array(items) => items.iter().collect(),
            _ => Vec::new(),
        };
        for (at, value) in inner.into_iter().enumerate() {
            path.push(at);
            walk(value, path, paths);
            path.pop();
        }
    }
    let mut paths = Vec::new();
    walk(value, &mut Vec::new(), &mut paths);
    paths
}

/// The value at a path.
pub(super) fn at<'v>(value: &'v mut Value, path: &[usize]) -> Option<&'v mut Value> {
    let mut value = value;
    for step in path {
        value = match value {
            Value::Object(members) => members.values_mut().nth(*step)?,
            Value::Array(items) => items.get_mut(*step)?,
            _ => return None,
        };
    }
    Some(value)
}

/// Values that readers may not have thought of.
fn odd(choices: &mut impl Choose) -> Value {
    match choices.below(14) {
        0 => Value::Null,
        1 => json!(""),
        2 => json!("*"),
        3 => json!([]),
        4 => json!({}),
        5 => json!(true),
        6 => json!(7),
        7 => json!([null]),
        8 => json!("arn:aws:iam::444455556666:role/Other"),
        9 => json!("alias/other"),
        10 => json!("{}"),
        11 => json!({"Ref": "AWS::NoValue"}),
        12 => json!("x y\"\\\n\u{e9}"),
        _ => json!(["a", "a"]),
    }
}

/// Names of members and types that mean something to some reader.
const NAMES: [&str; 26] = [
    "arn",
    "id",
    "name",
    "policy",
    "role",
    "tags",
    "Type",
    "Condition",
    "Properties",
    "Fn::If",
    "Ref",
    "Statement",
    "references",
    "constant_value",
    "child_modules",
    "index",
    "aws_kms_replica_key",
    "aws_kms_external_key",
    "aws_iam_user",
    "AWS::KMS::ReplicaKey",
    "AWS::IAM::User",
    "AWS::SNS::TopicInlinePolicy",
    "PolicyDocument",
    "Grants",
    "Keys",
    "NextToken",
];

/// Changes one value somewhere, and says what it did.
pub(super) fn mutate(choices: &mut impl Choose, document: &mut Value) {
    let all = paths(document);
    let path = all[choices.below(all.len())].clone();
    let other = all[choices.below(all.len())].clone();
    let taken = at(document, &other).map(|value| value.clone());
    let what = choices.below(9);
    let odd = odd(choices);
    let name = choices.one_of(&NAMES).unwrap_or("arn");
    match (what, path.split_last()) {
        (0, Some((last, above))) => remove(document, above, *last),
        (1, Some((last, above))) => double(document, above, *last),
        (2, Some((last, above))) => rename(document, above, *last, name),
        (3, _) => replace(document, &path, taken.unwrap_or_default()),
        (4, _) => replace(document, &path, json!(name)),
        (5, _) => {
            if let Some(value) = at(document, &path) {
                *value = json!([value.take()]);
            }
        }
        (6, _) => {
            if let Some(value) = at(document, &path) {
                *value = match value.take() {
                    Value::Array(mut items) if !items.is_empty() => items.remove(0),
                    Value::String(text) => serde_json::from_str(&text).unwrap_or(json!([text])),
                    Value::Object(members) => json!(Value::Object(members).to_string()),
                    other => json!(other.to_string()),
                };
            }
        }
        _ => replace(document, &path, odd),
    }
}

fn replace(document: &mut Value, path: &[usize], new: Value) {
    if let Some(value) = at(document, path) {
        *value = new;
    }
}

/// Takes a member or item out.
fn remove(document: &mut Value, above: &[usize], last: usize) {
    match at(document, above) {
        Some(Value::Object(members)) => {
            let name = members.keys().nth(last).cloned();
            if let Some(name) = name {
                members.shift_remove(&name);
            }
        }
        Some(Value::Array(items)) if last < items.len() => {
            items.remove(last);
        }
        _ => {}
    }
}

fn double(document: &mut Value, above: &[usize], last: usize) {
    match at(document, above) {
        Some(Value::Object(members)) => {
            let member = members.iter().nth(last);
            let member = member.map(|(name, value)| (format!("{name}2"), value.clone()));
            members.extend(member);
        }
        Some(Value::Array(items)) => {
            let item = items.get(last).cloned();
            items.extend(item);
        }
        _ => {}
    }
}

fn rename(document: &mut Value, above: &[usize], last: usize, name: &str) {
    if let Some(Value::Object(members)) = at(document, above) {
        let renamed: Map<String, Value> = std::mem::take(members)
            .into_iter()
            .enumerate()
            .map(|(at, (own, value))| {
                let own = if at == last { name.to_owned() } else { own };
                (own, value)
            })
            .collect();
        *members = renamed;
    }
}
