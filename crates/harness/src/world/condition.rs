//! Condition blocks. Rule: IAM-GRAM-16…18.

use serde_json::{Map, Value, json};

use super::keys::{KEYS, Key, Kind};
use crate::choose::Choose;

const TEXT: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
];
const ARN: &[&str] = &["ArnLike", "ArnNotLike", "ArnEquals", "ArnNotEquals"];
const NUMBER: &[&str] = &[
    "NumericLessThan",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
];
const DATE: &[&str] = &[
    "DateLessThan",
    "DateGreaterThan",
    "DateEquals",
    "DateNotEquals",
    "DateLessThanEquals",
    "DateGreaterThanEquals",
];
const ADDRESS: &[&str] = &["IpAddress", "NotIpAddress"];
const BOOL: &[&str] = &["Bool"];
const ALL: [&[&str]; 7] = [TEXT, ARN, NUMBER, DATE, ADDRESS, BOOL, &["BinaryEquals"]];

/// Operators that fit a kind of values.
fn fitting(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Text => TEXT,
        Kind::Arn => ARN,
        Kind::Bool => BOOL,
        Kind::Number => NUMBER,
        Kind::Date => DATE,
        Kind::Ip => ADDRESS,
    }
}

/// `Condition` of a statement; none more often than not.
pub(crate) fn condition(choices: &mut impl Choose) -> Option<Value> {
    let tests = choices.weighted(&[10, 6, 3, 1]);
    let mut block: Map<String, Value> = Map::new();
    for _ in 0..tests {
        let key = key(choices);
        let (operator, operands) = if choices.once_in(8) {
            null(choices)
        } else {
            (operator(choices, key), operands(choices, key))
        };
        let name = spelled(choices, key);
        let keys = block.entry(operator).or_insert_with(|| json!({}));
        if let Value::Object(keys) = keys
            && !keys.keys().any(|known| known.eq_ignore_ascii_case(&name))
        {
            keys.insert(name, operands);
        }
    }
    match tests {
        0 if choices.once_in(30) => Some(json!({})),
        0 => None,
        _ => Some(Value::Object(block)),
    }
}

/// Operators, each with one that holds where it does not.
const COMPLEMENTS: [(&str, &str); 11] = [
    ("StringEquals", "StringNotEquals"),
    ("StringLike", "StringNotLike"),
    ("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
    ("ArnLike", "ArnNotLike"),
    ("ArnEquals", "ArnNotEquals"),
    ("IpAddress", "NotIpAddress"),
    ("NumericEquals", "NumericNotEquals"),
    ("NumericLessThan", "NumericGreaterThanEquals"),
    ("DateEquals", "DateNotEquals"),
    ("DateLessThan", "DateGreaterThanEquals"),
    ("DateGreaterThan", "DateLessThanEquals"),
];

/// A block that often holds where the given one does not: the two leave nothing open between them, though each may.
/// Rule: IAM-TRI-10. `None` for a block of several tests, or of one that has no such twin.
pub(super) fn complement(block: &Value) -> Option<Value> {
    let operators = block.as_object().filter(|operators| operators.len() == 1)?;
    let (operator, keys) = operators.iter().next()?;
    let (name, operands) = keys
        .as_object()
        .filter(|keys| keys.len() == 1)?
        .iter()
        .next()?;
    let other = |text: &str| match text {
        "true" => "false",
        _ => "true",
    };
    let base = operator.trim_end_matches("IfExists");
    let (operator, operands) = match (base, operands) {
        ("Null" | "Bool", Value::String(text)) => (base, json!(other(text))),
        ("Null" | "Bool", Value::Bool(flag)) => (base, json!(!flag)),
        _ => {
            let mut pairs = COMPLEMENTS.into_iter();
            let twin = pairs.find_map(|(one, other)| match base {
                _ if base == one => Some(other),
                _ if base == other => Some(one),
                _ => None,
            })?;
            (twin, operands.clone())
        }
    };
    Some(json!({ operator: { name: operands } }))
}

/// One of the keys; half of the time one of the first, so that policies and requests speak of the same.
pub(super) fn key(choices: &mut impl Choose) -> &'static Key {
    const COMMON: usize = 16;
    let bound = if choices.once_in(2) {
        KEYS.len()
    } else {
        COMMON
    };
    let at = choices.below(bound);
    KEYS.get(at).unwrap_or(&KEYS[0])
}

/// The name of a key, now and then in another case. Rule: IAM-COND-3.
pub(super) fn spelled(choices: &mut impl Choose, key: &Key) -> String {
    match choices.weighted(&[12, 1, 1]) {
        0 => key.name.to_owned(),
        1 => key.name.to_ascii_lowercase(),
        _ => key.name.to_ascii_uppercase(),
    }
}

fn operator(choices: &mut impl Choose, key: &Key) -> String {
    let family = match choices.weighted(&[8, 1, 1]) {
        0 => fitting(key.kind),
        1 => TEXT,
        _ => choices.one_of(&ALL).unwrap_or(TEXT),
    };
    let base = choices.one_of(family).unwrap_or("StringEquals");
    if choices.once_in(60) {
        // AMB-4
        return base.to_ascii_lowercase();
    }
    let qualifiers = ["", "ForAnyValue:", "ForAllValues:"];
    let weights = if key.is_multivalued {
        [2, 4, 4]
    } else {
        [14, 1, 1]
    };
    let qualifier = qualifiers
        .get(choices.weighted(&weights))
        .copied()
        .unwrap_or_default();
    let suffix = if choices.once_in(6) { "IfExists" } else { "" };
    format!("{qualifier}{base}{suffix}")
}

fn operands(choices: &mut impl Choose, key: &Key) -> Value {
    if choices.once_in(40) {
        // Rule: IAM-COND-12.
        return json!([]);
    }
    let count = 1 + choices.weighted(&[6, 3, 1]);
    let mut texts: Vec<Value> = Vec::new();
    for _ in 0..count {
        let text = match choices.weighted(&[5, 3, 1]) {
            0 => choices.one_of(key.values),
            1 => choices.one_of(key.operands),
            _ => choices.one_of(&["zzz", "", "*", "${aws:username}"]),
        };
        let value = json!(text.unwrap_or_default());
        if !texts.contains(&value) {
            texts.push(value);
        }
    }
    match (texts.as_slice(), key.kind) {
        ([Value::String(text)], Kind::Bool) if choices.once_in(3) => {
            text.parse::<bool>().map_or(json!(text), |flag| json!(flag))
        }
        ([only], _) if !choices.once_in(3) => only.clone(),
        _ => Value::Array(texts),
    }
}

/// Rule: IAM-COND-24.
fn null(choices: &mut impl Choose) -> (String, Value) {
    let operands = [
        json!("true"),
        json!("false"),
        json!(true),
        json!(false),
        json!(["true", "false"]),
        json!("maybe"),
    ];
    let qualifier = ["", "ForAllValues:", "ForAnyValue:"]
        .get(choices.weighted(&[20, 1, 1]))
        .copied()
        .unwrap_or_default();
    let at = choices.weighted(&[6, 6, 1, 1, 1, 1]);
    let operand = operands.into_iter().nth(at).unwrap_or_default();
    (format!("{qualifier}Null"), operand)
}
