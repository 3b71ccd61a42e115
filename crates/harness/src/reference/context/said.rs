//! What the request itself says of a condition key. Rule: IAM-CTX-1, IAM-TRI-11.

use std::collections::BTreeSet;

use preclear_simulator::Request;
use preclear_simulator::request::ContextValue;

use crate::reference::value::{Tri, Value};

/// True for two names of one key, or of one tag: letter case says nothing. Rule: IAM-COND-3.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    one == other || one.to_lowercase() == other.to_lowercase()
}

/// What the request says of a key, its name in any letter case; `None` if it does not speak of it.
///
/// Of two values under names that differ in case alone nobody knows which one counts (AMB-13). Rule: IAM-CTX-1, IAM-COND-3.
pub(crate) fn said(request: &Request, key: &str) -> Option<Value> {
    let lists = |names: &BTreeSet<String>| names.iter().any(|name| is_same(name, key));
    if lists(&request.unknown) {
        return Some(Value::Unknown);
    }
    if lists(&request.absent) {
        return Some(Value::Absent);
    }
    if lists(&request.present) {
        return Some(Value::Present);
    }
    let mut patterns = request.like.iter();
    if let Some((_, pattern)) = patterns.find(|(name, _)| is_same(name, key)) {
        return Some(Value::Like(pattern.clone()));
    }
    let values = request.context.iter();
    let mut values = values.filter(|(name, _)| is_same(name, key));
    let (_, value) = values.next()?;
    if values.next().is_some() {
        return Some(Value::Present);
    }
    Some(Value::Known(texts(value)))
}

/// The texts of a value.
pub(crate) fn texts(value: &ContextValue) -> Vec<String> {
    match value {
        ContextValue::One(text) => vec![text.clone()],
        ContextValue::Many(texts) => texts.clone(),
    }
}

/// Whether what is said of a key is that it is there. A list that holds no text, or only the empty one, holds nothing.
/// Rule: IAM-COND-13.
pub(crate) fn is_there(request: &Request, key: &str) -> Tri {
    match said(request, key) {
        Some(Value::Known(texts)) => {
            let mut given = request.context.iter();
            let is_list = given
                .any(|(name, value)| is_same(name, key) && matches!(value, ContextValue::Many(_)));
            (!is_list || texts.iter().any(|text| !text.is_empty())).into()
        }
        Some(Value::Like(_) | Value::Present) => Tri::True,
        Some(Value::Unknown) => Tri::Unknown,
        Some(Value::Absent) | None => Tri::False,
    }
}

/// The single value that the request gives of a key.
pub(crate) fn value_given(request: &Request, key: &str) -> Option<String> {
    match said(request, key)? {
        Value::Known(texts) => match <[String; 1]>::try_from(texts) {
            Ok([text]) => Some(text),
            Err(_) => None,
        },
        _ => None,
    }
}
