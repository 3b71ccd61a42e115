//! One test per rule, with what it accepts and what it refuses.

use super::*;
use proptest::prelude::*;

mod action;
mod condition;
mod document;
mod principal;
mod reading;
mod resource;
mod statement;
mod storage;

const STRICT: ParseOptions = ParseOptions { lenient: false };
const LENIENT: ParseOptions = ParseOptions { lenient: true };

/// What parsing finds, one `E CODE RULE` each (`W` for warnings, `I` for notes).
fn findings(found: &Diagnostics) -> Vec<String> {
    let line = |d: &crate::Diagnostic| {
        assert!(d.help.is_some(), "no remedy: {d}");
        assert!(d.place.is_some(), "no place: {d}");
        format!(
            "{} {} {}",
            match d.severity {
                crate::Severity::Error => "E",
                crate::Severity::Warning => "W",
                crate::Severity::Info => "I",
            },
            d.code,
            d.rule.unwrap()
        )
    };
    found.iter().map(line).collect()
}

/// What parsing a document finds.
fn document_with(kind: PolicyKind, text: &str, options: ParseOptions) -> Vec<String> {
    let (policy, found) = parse_policy(text, "p.json", kind, options);
    assert_eq!(policy.is_none(), found.has_errors(), "{found}");
    findings(&found)
}

fn document(kind: PolicyKind, text: &str) -> Vec<String> {
    document_with(kind, text, STRICT)
}

/// Members that complete a statement of a kind.
fn rest_of_statement(kind: PolicyKind, members: &str) -> String {
    let has = |name: &str| members.contains(&format!("\"{name}\":"));
    let mut all = vec![members.to_owned()];
    let mut default = |names: [&str; 2], value: &str| {
        if !has(names[0]) && !has(names[1]) {
            all.push(format!("\"{}\": {value}", names[0]));
        }
    };
    let effect = if kind == PolicyKind::Rcp {
        "\"Deny\""
    } else {
        "\"Allow\""
    };
    default(["Effect", "Effect"], effect);
    let action = if kind == PolicyKind::Trust {
        "\"sts:AssumeRole\""
    } else {
        "\"s3:*\""
    };
    default(["Action", "NotAction"], action);
    if kind != PolicyKind::Trust {
        default(["Resource", "NotResource"], "\"*\"");
    }
    match kind.grammar().principal {
        grammar::PrincipalUse::Forbidden => {}
        grammar::PrincipalUse::EveryoneOnly => default(["Principal", "NotPrincipal"], "\"*\""),
        _ => default(["Principal", "NotPrincipal"], "{\"AWS\": \"111122223333\"}"),
    }
    all.retain(|member| !member.is_empty());
    format!("{{{}}}", all.join(", "))
}

/// A document of one statement that has these members, and others where it needs them.
fn text_with(kind: PolicyKind, members: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": {}}}"#,
        rest_of_statement(kind, members)
    )
}

/// What parsing a statement with these members finds.
fn statement_with(kind: PolicyKind, members: &str, options: ParseOptions) -> Vec<String> {
    document_with(kind, &text_with(kind, members), options)
}

fn statement(kind: PolicyKind, members: &str) -> Vec<String> {
    statement_with(kind, members, STRICT)
}

/// The statement itself, which must be accepted.
fn parsed(kind: PolicyKind, members: &str) -> Statement {
    let (policy, found) = parse_policy(&text_with(kind, members), "p.json", kind, STRICT);
    let policy = policy.unwrap_or_else(|| panic!("{found}"));
    policy.statements.into_iter().next().unwrap()
}

/// The text that the first finding marks.
fn marked(kind: PolicyKind, text: &str) -> String {
    let (_, found) = parse_policy(text, "p.json", kind, STRICT);
    found.0[0].place.as_ref().unwrap().text().to_owned()
}

const NONE: [&str; 0] = [];

#[test]
fn every_kind_accepts_a_plain_statement() {
    for kind in PolicyKind::ALL {
        assert_eq!(statement(kind, ""), NONE, "{kind:?}");
        assert_eq!(PolicyKind::from_name(kind.name()), Some(kind));
    }
    assert_eq!(PolicyKind::from_name("Identity"), None);
}

/// Values of all types, with names and texts that policies use.
fn policyish() -> impl Strategy<Value = String> {
    const TEXTS: [&str; 33] = [
        "Version",
        "Statement",
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Principal",
        "NotPrincipal",
        "Condition",
        "Sid",
        "Id",
        "2012-10-17",
        "2008-10-17",
        "Allow",
        "Deny",
        "*",
        "s3:Get*",
        "*:*",
        "arn:aws:s3:::b/${aws:x}",
        "arn:aws:s3",
        "arn:aws:s3::b",
        "${",
        "AWS",
        "Service",
        "Federated",
        "s3.amazonaws.com",
        "StringEquals",
        "Null",
        "aws:PrincipalTag/x",
        "",
        "é",
        "arn:aws:iam::111122223333:role/R",
    ];
    let text = proptest::sample::select(&TEXTS[..]).prop_map(serde_json::Value::from);
    let leaf = prop_oneof![
        4 => text,
        1 => Just(serde_json::Value::Null),
        1 => any::<bool>().prop_map(Into::into),
        1 => any::<u8>().prop_map(Into::into),
    ];
    let tree = leaf.prop_recursive(5, 40, 6, |inner| {
        let name = proptest::sample::select(&TEXTS[..]).prop_map(str::to_owned);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            proptest::collection::vec((name, inner), 0..7)
                .prop_map(|members| members.into_iter().collect()),
        ]
    });
    tree.prop_map(|value| value.to_string())
}

proptest! {
    #[test]
    fn no_document_fails_and_errors_decide(text in policyish(), lenient: bool) {
        for kind in PolicyKind::ALL {
            let wrapped = [text.clone(), format!("{{\"Statement\": {text}}}"), text_with(kind, &format!("\"Condition\": {text}"))];
            for text in wrapped {
                let (policy, found) = parse_policy(&text, "p", kind, ParseOptions { lenient });
                prop_assert_eq!(policy.is_some(), !found.has_errors());
                for finding in &found {
                    prop_assert!(finding.place.is_some() && finding.help.is_some(), "{}", finding);
                }
            }
        }
    }

    #[test]
    fn no_text_fails(text in ".{0,60}") {
        for kind in PolicyKind::ALL {
            let (policy, found) = parse_policy(&text, "p", kind, STRICT);
            prop_assert_eq!(policy.is_some(), !found.has_errors());
        }
    }

    #[test]
    fn no_bytes_fail(
        start in proptest::sample::select(&["", "{", "[", "\"", "%7B", "- "][..]),
        bytes in proptest::collection::vec(any::<u8>(), 0..60),
    ) {
        let bytes = [start.as_bytes(), &bytes].concat();
        if let Ok(source) = Source::from_bytes("f", bytes) {
            let source = Arc::new(source);
            if let Ok(node) = crate::node::read(&source) {
                let (policy, found) = Policy::parse(&node, &source, "p", PolicyKind::Key, LENIENT);
                prop_assert_eq!(policy.is_some(), !found.has_errors());
            }
        }
    }
}
