//! Statements and requests that are drawn: keys of every type, every operator, patterns made of the resource asked for.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::super::super::value::Tri;
use crate::choose::Choose;

/// Keys of every type and arity from which nothing follows for other keys.
pub(super) const KEYS: [(&str, Tri, &[&str]); 10] = [
    ("aws:referer", Tri::False, TEXTS),
    ("aws:UserAgent", Tri::False, TEXTS),
    ("s3:x-amz-acl", Tri::False, TEXTS),
    ("x:own", Tri::False, TEXTS),
    ("aws:SourceIp", Tri::False, ADDRESSES),
    ("aws:MultiFactorAuthAge", Tri::False, NUMBERS),
    ("aws:TokenIssueTime", Tri::False, DATES),
    ("aws:SecureTransport", Tri::False, TRUTHS),
    ("aws:ChatbotSourceArn", Tri::False, ARNS),
    ("idp.example.com:amr", Tri::True, TEXTS),
];
const TEXTS: &[&str] = &[
    "a",
    "b",
    "A",
    "ab",
    "a*",
    "",
    "true",
    "5",
    "a:b",
    "ß",
    "É",
    "é",
    "arn:aws:s3:::b",
];
const TEXT_OPERANDS: &[&str] = &["*", "a*", "?", "*b", "**", "${*}", "a${?}", "?*"];
const NUMBERS: &[&str] = &[
    "5", "10", "9", "-1", "5.0", "+5", " 5", "5e0", "ten", "0.5", "005", "", "-0", "0",
];
const DATES: &[&str] = &[
    "2025-01-01",
    "2025",
    "1735689600",
    "1735689600000",
    "2025-01-01T00:00:00Z",
    "2025-01-01T01:00:00+01:00",
    "soon",
    "2024-12-31T23:59:59.5Z",
    "2026-01",
    "2025-01-01t00:00z",
    "2025-01-01T00:00:60Z",
    "2026",
    "100000000000",
    "2025-01-01T00:00",
    "2024-12-31T23:59:59.50Z",
    "",
];
const TRUTHS: &[&str] = &["true", "false", "TRUE", "yes", ""];
const ADDRESSES: &[&str] = &[
    "203.0.113.7",
    "203.0.113.0/24",
    "0.0.0.0/0",
    "2001:db8::1",
    "2001:DB8::/32",
    "::ffff:203.0.113.7",
    "::/0",
    "x",
    "203.0.113.9/24",
    "203.0.113.010",
    "::ffff:203.0.113.0/120",
    "203.0.113.7/33",
    "",
];
const ARNS: &[&str] = &[
    "arn:aws:iam::111122223333:role/app/R",
    "arn:aws:sqs:r:1:a:q",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/x:y",
    "R",
    "",
];
const ARN_OPERANDS: &[&str] = &[
    "*",
    "arn:aws:iam::*:role/*",
    "arn:*:*:*:*:*",
    "arn:aws:sqs:*:a:q",
    "arn:aws:sqs:*:q",
    "arn:aws:s3:::b*",
    "arn:aws:sqs:*:*:?:*",
    "arn:aws:iam::111122223333",
    "*:*:*:*:*:*",
    "arn:aws:S3:::b",
];
const VARIABLES: &[&str] = &[
    "${aws:referer}",
    "${aws:UserAgent}",
    "${x:own}",
    "${aws:referer, 'a'}",
    "${idp.example.com:amr}",
    "${idp.example.com:amr, 'a'}",
    "${aws:ChatbotSourceArn}",
    "${aws:SecureTransport}",
    "${AWS:useragent, ''}",
    "${x:own}*",
    "a${x:own}",
    "arn:aws:s3:::${x:own}",
    "arn:aws:${x:own}:::b",
    "${x:own}:aws:s3:::b",
    "${aws:referer}${x:own}",
];
const BASES: [&str; 27] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
];
pub(super) const RESOURCES: [&str; 7] = [
    "arn:aws:s3:::b/x",
    "arn:aws:s3:::b/a:b/x",
    "arn:aws:sqs:us-west-2:111122223333:q",
    "arn:aws:lambda:us-west-2:111122223333:function:f:1",
    "*",
    "arn:aws:iam::111122223333:role/app/R",
    "arn:aws:s3:::b/*",
];

fn operator(choices: &mut impl Choose, of: &[&str]) -> String {
    // Mostly one that fits the values.
    let fitting: &[&str] = match of {
        NUMBERS => &BASES[6..12],
        DATES => &BASES[12..18],
        TRUTHS => &BASES[18..19],
        ADDRESSES => &BASES[20..22],
        ARNS => &BASES[22..26],
        _ => &BASES[0..6],
    };
    let base = if choices.once_in(5) {
        choices.one_of(&BASES)
    } else {
        choices.one_of(fitting)
    };
    let base = base.unwrap_or_default();
    let set = ["", "", "ForAllValues:", "ForAnyValue:"][choices.below(4)];
    let if_exists = if base != "Null" && choices.once_in(4) {
        "IfExists"
    } else {
        ""
    };
    let name = format!("{set}{base}{if_exists}");
    if choices.once_in(60) {
        name.to_lowercase()
    } else {
        name
    }
}

fn operands<C: Choose>(choices: &mut C, own: &[&str], is_null: bool) -> Json {
    let count = choices.weighted(&[1, 20, 8, 3]);
    let one = |choices: &mut C| {
        let pool: &[&str] = match choices.weighted(&[6, 3, 3, 1]) {
            _ if is_null && !choices.once_in(6) => &["true", "false"],
            0 => own,
            1 if own == ARNS => ARN_OPERANDS,
            1 if own == TEXTS => TEXT_OPERANDS,
            2 => VARIABLES,
            3 => TEXTS,
            _ => own,
        };
        json!(choices.one_of(pool))
    };
    Json::Array((0..count).map(|_| one(choices)).collect())
}

fn condition(choices: &mut impl Choose) -> Json {
    let mut blocks = json!({});
    for _ in 0..choices.weighted(&[2, 12, 2]) {
        let (key, _, own) = KEYS[choices.below(KEYS.len())];
        let operator = operator(choices, own);
        let operands = operands(choices, own, operator.to_lowercase().contains("null"));
        let key = if choices.once_in(8) {
            key.to_uppercase()
        } else {
            key.to_owned()
        };
        blocks[operator] = json!({key: operands});
    }
    blocks
}

/// A pattern made of a resource: fields and characters replaced.
fn pattern(choices: &mut impl Choose, resource: &str) -> String {
    let resource = if resource == "*" || choices.once_in(10) {
        RESOURCES[choices.below(4)]
    } else {
        resource
    };
    let mut fields: Vec<String> = resource.split(':').map(str::to_owned).collect();
    for _ in 0..choices.below(4) {
        let at = 1 + choices.below(fields.len() - 1);
        let count = fields.len();
        let field = &mut fields[at];
        match choices.below(10) {
            0 | 1 => *field = "*".to_owned(),
            2 => field.push('*'),
            3 => field.insert(0, '*'),
            4 if !field.is_empty() && field.is_ascii() => {
                let place = choices.below(field.len());
                field.replace_range(
                    place..=place,
                    ["?", "*", "X", "${*}", "${x:own}", "${aws:referer, 'x'}"][choices.below(6)],
                );
            }
            5 => *field = field.to_uppercase(),
            6 => *field = field.replace("x", "${x:own}"),
            7 if count > 2 => {
                fields.remove(at);
            }
            8 => field.push_str("*/x"),
            // Cut off anywhere, perhaps in the part that names the type.
            _ if field.is_ascii() => {
                field.truncate(choices.below(field.len() + 1));
                field.push('*');
            }
            _ => {}
        }
    }
    if choices.once_in(20) {
        "*".to_owned()
    } else {
        fields.join(":")
    }
}

fn element(choices: &mut impl Choose, name: &str, entries: Vec<String>) -> (String, Json) {
    let name = if choices.once_in(4) {
        format!("Not{name}")
    } else {
        name.to_owned()
    };
    (name, json!(entries))
}

const ACTIONS: [&str; 12] = [
    "s3:PutObject",
    "s3:*",
    "*",
    "S3:putobject",
    "s3:Put*",
    "s3:Put?bject",
    "s3:PutObject ",
    "sqs:*",
    "*:*",
    "s3:*Obj*",
    "s3:Get*",
    "s3:Put, s3:*",
];

pub(super) fn statement(choices: &mut impl Choose, resource: &str, effect: &str) -> Json {
    let mut statement = json!({"Effect": effect});
    let entries = if choices.once_in(3) {
        (0..=choices.below(2))
            .map(|_| ACTIONS[choices.below(12)].to_owned())
            .collect()
    } else {
        vec!["s3:*".to_owned()]
    };
    let (name, entries) = element(choices, "Action", entries);
    statement[name] = entries;
    let entries = if choices.once_in(2) {
        (0..=choices.below(2))
            .map(|_| pattern(choices, resource))
            .collect()
    } else {
        vec!["*".to_owned()]
    };
    let (name, entries) = element(choices, "Resource", entries);
    statement[name] = entries;
    if choices.once_in(2) {
        statement["Condition"] = condition(choices);
    }
    statement
}

pub(super) fn request<C: Choose>(choices: &mut C, resource: &str) -> Json {
    let mut context = json!({});
    let mut states: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (key, arity, own) in KEYS {
        let value = |choices: &mut C| own[choices.below(own.len())];
        match choices.weighted(&[6, 2, 1, 2]) {
            0 if arity == Tri::True || (key == "x:own" && choices.once_in(4)) => {
                context[key] = (0..choices.below(4)).map(|_| value(choices)).collect();
            }
            0 => context[key] = json!(value(choices)),
            1 => states.entry("absent").or_default().push(key),
            2 => states.entry("present").or_default().push(key),
            _ => states.entry("unknown").or_default().push(key),
        }
    }
    let mut request = json!({
        "principal": "arn:aws:iam::111122223333:user/U", "action": "s3:PutObject", "resource": resource,
        "context": context, "force_context": true, "region": "us-west-2",
        "ambiguity": (["report", "guess", "failsafe"][choices.below(3)]),
        "mode": (["open", "closed"][choices.below(2)]),
    });
    for (state, keys) in states {
        request[state] = json!(keys);
    }
    request
}

pub(super) const LIKE: &[&str] = &[
    "a*",
    "?",
    "*",
    "a",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b",
    "20*",
    "true",
    "*b",
    "1735689600",
];

/// Values of the type of a key, in a spelling that nobody disputes.
pub(super) fn plain(values: &'static [&'static str]) -> &'static [&'static str] {
    match values {
        NUMBERS => &["5", "10", "9", "-1", "0.5", "0"],
        DATES => &[
            "2025-01-01",
            "1735689600",
            "2025-01-01T01:00:00+01:00",
            "2026-01",
            "2024-12-31T23:59:59.5Z",
        ],
        TRUTHS => &["true", "false"],
        ADDRESSES => &[
            "203.0.113.7",
            "198.51.100.1",
            "2001:db8::1",
            "::ffff:203.0.113.7",
        ],
        ARNS => &[
            "arn:aws:iam::111122223333:role/app/R",
            "arn:aws:sqs:r:1:a:q",
            "arn:aws:s3:::b",
        ],
        texts => texts,
    }
}
