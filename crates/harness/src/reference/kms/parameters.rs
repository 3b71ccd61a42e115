//! Members of an operation's own request. Rule: UI-38.

use preclear_simulator::Request;
use serde_json::Value;

/// A member, if the request gives it. Rule: UI-38.
pub(crate) fn member<'a>(request: &'a Request, name: &str) -> Option<&'a Value> {
    let value = request.parameters.as_ref()?.get(name)?;
    Some(value).filter(|value| !value.is_null())
}

/// A member that is a text.
pub(crate) fn text<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    member(request, name)?.as_str()
}

/// The text of a value: of numbers and truth values their source text. Rule: IAM-GRAM-16.
pub(crate) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// The texts of a list.
pub(crate) fn as_texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().filter_map(as_text).collect(),
        one => as_text(one).into_iter().collect(),
    }
}

/// Name and value of each pair of an object, in the order of names.
pub(crate) fn as_pairs(value: &Value) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = match value {
        Value::Object(members) => members
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), as_text(value)?)))
            .collect(),
        _ => Vec::new(),
    };
    pairs.sort();
    pairs
}

/// Tags of a call, which KMS names `TagKey` and `TagValue`, STS `Key` and `Value`. Rule: UI-38.
pub(crate) fn as_tags(value: &Value) -> Vec<(String, String)> {
    let tag = |value: &Value| {
        let member = |names: [&str; 2]| {
            names
                .iter()
                .find_map(|name| value.get(*name))
                .and_then(as_text)
        };
        let key = member(["TagKey", "Key"])?;
        Some((key, member(["TagValue", "Value"]).unwrap_or_default()))
    };
    match value {
        Value::Array(tags) => tags.iter().filter_map(tag).collect(),
        other => as_pairs(other),
    }
}
