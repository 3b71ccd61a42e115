//! Variables in patterns: resources and operands.

use std::collections::BTreeSet;

use preclear_condition::Ambiguities::{Guess, Report};
use preclear_condition::Tri::{False as F, True as T, Unknown as U};
use preclear_condition::{Outcome, Tri, VariableFields, VariablePattern, Wildcards};
use preclear_model::{Piece, Template, Version};
use preclear_wildcard::{FieldPattern, Pattern};

use crate::context::{Context, Explained, Names, State, many, one, value, wants};

fn template(text: &str) -> Template {
    Template::parse(text, Version::V2012).unwrap()
}

fn glob(text: &str) -> VariablePattern {
    VariablePattern::compile(&template(text), Wildcards::Active, &Names)
}

fn fields(text: &str) -> VariableFields {
    VariableFields::compile(&template(text), &Names).unwrap()
}

fn matches(pattern: &str, text: &str, keys: &[(&str, State)]) -> Tri {
    let context = Context::new(keys);
    let whole: Outcome<()> = glob(pattern).matches(text, &context, Report);
    if let Some(fields) = VariableFields::compile(&template(pattern), &Names) {
        let by_field: Outcome<()> = fields.matches(text, &context, Report);
        assert_eq!(by_field.value, whole.value, "{pattern} {text}");
    }
    whole.value
}

#[test]
fn var_1_key_names_ignore_case() {
    assert_eq!(matches("${S:NAME}", "ana", &[("s:name", one("ana"))]), T);
}

#[test]
fn var_4_multivalued_keys_never_resolve() {
    for state in [
        many(&["ana"]),
        many(&["ana", "b"]),
        many(&[]),
        one("ana"),
        State::Present,
    ] {
        for pattern in ["${m:k}", "${m:k, 'all'}"] {
            for text in ["ana", "all", ""] {
                assert_eq!(
                    matches(pattern, text, &[("m:k", state.clone())]),
                    F,
                    "{pattern} {state:?}"
                );
            }
        }
    }
    // The default is for the absent key alone.
    assert_eq!(matches("${m:k, 'all'}", "all", &[]), T);
    assert_eq!(
        matches("${m:k, 'all'}", "all", &[("m:k", State::Unknown)]),
        U
    );
    assert_eq!(
        matches("${m:k, 'all'}", "ana", &[("m:k", State::Unknown)]),
        F
    );
    assert_eq!(matches("${m:k}", "ana", &[("m:k", State::Unknown)]), F);
    // An uncatalogued key is what the context makes it.
    assert_eq!(matches("${u:k}", "ana", &[("u:k", one("ana"))]), T);
    assert_eq!(matches("${u:k}", "ana", &[("u:k", many(&["ana"]))]), F);
    assert_eq!(matches("${s:k}", "ana", &[("s:k", many(&["ana"]))]), T);
}

#[test]
fn var_5_values_are_inserted_literally() {
    let keys = [("s:id", one("a*")), ("s:b", one("${s:id}"))];
    assert_eq!(matches("${s:id}/*", "a*/x", &keys), T);
    assert_eq!(matches("${s:id}/*", "ab/x", &keys), F);
    assert_eq!(matches("${s:b}", "${s:id}", &keys), T);
    assert_eq!(matches("${s:b}", "a*", &keys), F);
    assert_eq!(
        matches("arn:aws:s3:::b/${s:id}/x", "arn:aws:s3:::b/ab/x", &keys),
        F
    );
    assert_eq!(
        matches("arn:aws:s3:::b/${s:id}/x", "arn:aws:s3:::b/a*/x", &keys),
        T
    );
}

#[test]
fn var_6_without_a_value_nothing_matches() {
    assert_eq!(
        matches("arn:aws:s3:::b/${s:none}/*", "arn:aws:s3:::b//x", &[]),
        F
    );
    assert_eq!(matches("*${s:none}", "x", &[]), F);
    // Trap 44 and its Allow: the untagged principal.
    assert_eq!(
        value("StringNotEquals", "s:tag", &["${s:none}"], &one("x")),
        T
    );
    assert_eq!(value("StringEquals", "s:tag", &["${s:none}"], &one("x")), F);
    assert_eq!(
        value("StringEquals", "s:tag", &["${s:none}"], &State::Absent),
        F
    );
    // Other values in the list count as ever.
    assert_eq!(
        value("StringEquals", "s:tag", &["${s:none}", "x"], &one("x")),
        T
    );
    assert_eq!(
        value("StringNotEquals", "s:tag", &["${s:none}", "x"], &one("x")),
        F
    );
    // Nothing can match, whatever the value.
    assert_eq!(
        value("StringEquals", "s:tag", &["${s:none}"], &State::Present),
        F
    );
    assert_eq!(
        value("StringNotEquals", "s:tag", &["${s:none}"], &State::Present),
        T
    );
}

#[test]
fn var_7_defaults() {
    assert_eq!(matches("b-${s:team, 'all'}", "b-all", &[]), T);
    assert_eq!(
        matches("b-${s:team, 'all'}", "b-x", &[("s:team", one("x"))]),
        T
    );
    assert_eq!(
        matches("b-${s:team, 'all'}", "b-all", &[("s:team", one("x"))]),
        F
    );
    assert_eq!(matches("b-${s:team, '*'}", "b-x", &[]), F);
    assert_eq!(
        matches("b-${s:team, 'all'}", "b-all", &[("s:team", State::Unknown)]),
        U
    );
    assert_eq!(matches("b-${s:team, ''}", "b-", &[]), T);
    // Defaults may differ.
    assert_eq!(matches("${s:team, 'a'}${s:team, 'b'}", "ab", &[]), T);
    assert_eq!(matches("${s:team, 'a'}${s:team}", "a", &[]), F);
}

#[test]
fn wild_12_literal_meta_characters() {
    assert_eq!(matches("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/*", &[]), T);
    assert_eq!(matches("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/x", &[]), F);
    assert_eq!(matches("${?}${$}", "?$", &[]), T);
}

#[test]
fn tri_5_unknown_variables_in_resources() {
    let pattern = fields("arn:aws:s3:::b/${s:name}/*");
    for state in [State::Unknown, State::Present] {
        let context = Context::new(&[("s:name", state)]);
        let other: Explained = pattern.matches("arn:aws:s3:::other/x", &context, Report);
        assert_eq!((other.value, wants(&other)), (F, vec![]));
        let may: Explained = pattern.matches("arn:aws:s3:::b/ana/x", &context, Report);
        assert_eq!((may.value, wants(&may)), (U, vec!["s:name".to_owned()]));
    }
}

#[test]
fn wild_13_questions_that_are_patterns() {
    let pattern = fields("arn:aws:s3:::b/${s:name}/*");
    let ask = |question: &str, name: State| -> (Tri, Vec<String>) {
        let asked = FieldPattern::parse(question, ':', 6).unwrap();
        let context = Context::new(&[("s:name", name)]);
        let outcome: Explained = pattern.matches_all_of(&asked, question, &context, Report);
        (outcome.value, wants(&outcome))
    };
    assert_eq!(ask("arn:aws:s3:::b/ana/in/*", one("ana")).0, T);
    assert_eq!(
        ask("arn:aws:s3:::b/a*", one("ana")),
        (U, vec!["resource:arn:aws:s3:::b/a*".to_owned()])
    );
    assert_eq!(ask("arn:aws:s3:::c/*", one("ana")).0, F);
    assert_eq!(ask("arn:aws:s3:::b/ana/*", State::Absent).0, F);
    assert_eq!(
        ask("arn:aws:s3:::b/ana/*", State::Unknown),
        (U, vec!["s:name".to_owned()])
    );
    assert_eq!(ask("arn:aws:s3:::c/*", State::Unknown).0, F);
    assert_eq!(
        ask("arn:aws:s3:::b/*/x", one("*")).0,
        U,
        "a star in a value is no wildcard"
    );
    let type_of = fields("arn:aws:${s:name}:::b");
    let asked = |name| {
        let context = Context::new(&[("s:name", one(name))]);
        let question = FieldPattern::parse("arn:*:*:*:*:*", ':', 6).unwrap();
        let outcome: Outcome<()> = type_of.matches_all_of(&question, "q", &context, Report);
        outcome.value
    };
    assert_eq!(asked("s3"), U);
    assert_eq!(asked("s3:x"), F, "no text has a colon in its third field");

    let whole = glob("*");
    let context = Context::default();
    let all: Explained = whole.matches_all_of(&Pattern::parse("b/*"), "b/*", &context, Guess);
    assert_eq!(all.value, T);
    assert!(whole.matches_everything() && !pattern.matches_everything());
    assert!(fields("*:*:*:*:*:*").matches_everything());
}

#[test]
fn filled_patterns_say_whether_they_are_exact() {
    let pattern = glob("b/${s:name}/*");
    let filled = |state| pattern.substituted(&Context::new(&[("s:name", state)]));
    assert_eq!(
        filled(one("a*")).pattern.map(|p| p.is_match("b/a*/x")),
        Some(true)
    );
    assert!(!filled(one("a*")).is_open);
    assert!(filled(State::Unknown).is_open);
    assert_eq!(
        filled(State::Unknown).pattern,
        Some(Pattern::parse("b/*/*"))
    );
    assert_eq!(filled(State::Absent).pattern, None);
    let by_field =
        fields("arn:aws:s3:::b/${s:name}").substituted(&Context::new(&[("s:name", one("x"))]));
    assert_eq!(
        by_field.pattern,
        FieldPattern::parse("arn:aws:s3:::b/x", ':', 6)
    );
}

#[test]
fn amb_5_asks_whether_variables_are_resolved() {
    let resolved = |text: &str, keys: &[(&str, State)]| -> Explained {
        let whole: Explained = glob(text).is_resolved(&Context::new(keys), Report);
        let by_field: Explained =
            fields(&format!("arn:aws:s3:::{text}")).is_resolved(&Context::new(keys), Report);
        assert_eq!(by_field.value, whole.value, "{text}");
        whole
    };
    assert_eq!(resolved("b", &[]).value, T);
    assert_eq!(resolved("${s:k}", &[]).value, F);
    assert_eq!(resolved("${s:k, 'x'}", &[]).value, T);
    assert_eq!(resolved("${s:k}", &[("s:k", one("x"))]).value, T);
    assert_eq!(resolved("${s:k}${s:l}", &[("s:k", one("x"))]).value, F);
    assert_eq!(
        wants(&resolved("${s:k}", &[("s:k", State::Unknown)])),
        ["s:k"]
    );
    assert_eq!(resolved("${s:k, 'x'}", &[("s:k", State::Unknown)]).value, T);
    assert_eq!(resolved("${m:k, 'x'}", &[("m:k", many(&["a"]))]).value, F);
    assert_eq!(
        wants(&resolved("${m:k, 'x'}", &[("m:k", State::Unknown)])),
        ["m:k"]
    );
    assert_eq!(resolved("${m:k}", &[("m:k", State::Unknown)]).value, F);
    assert_eq!(wants(&resolved("${s:k}", &[("s:k", one(""))])), ["AMB-6"]);
}

#[test]
fn wild_10_padding_fills_the_missing_fields() {
    let padded = |text: &str| VariableFields::compile_padded(&template(text), &Names).unwrap();
    let of = |text: &str, arn: &str| -> Outcome<()> {
        padded(text).matches(arn, &Context::default(), Report)
    };
    let queue = "arn:aws:sqs:eu-west-1:111122223333:q";
    assert_eq!(of("arn:aws:sqs", queue).value, T);
    assert_eq!(of("arn:aws:sqs:us-east-1", queue).value, F);
    assert_eq!(of("arn:aws:sns", queue).value, F);
    assert_eq!(of("*", queue).value, T);
    assert_eq!(of("arn:aws:sqs:*:*:q", queue).value, T);
    assert_eq!(of("arn:aws:sqs:*:*:q:r", queue).value, F);
}

#[test]
fn variables_are_listed() {
    let pattern = glob("${s:B}${s:a, 'x'}${s:b}");
    let keys: Vec<_> = pattern
        .variables()
        .map(|key| key.as_str().to_owned())
        .collect();
    assert_eq!(keys, ["s:b", "s:a"]);
    let condition = crate::context::compile(&[
        crate::context::test("StringLike", "s:k", &["${s:a}", "${s:b}"]),
        crate::context::test("ArnLike", "s:l", &["arn:aws:iam::${s:c}:role/x", "${s:d}"]),
        crate::context::test("Bool", "s:m", &["${s:e}", "true"]),
        crate::context::test("StringEqualsIgnoreCase", "s:n", &["${s:f}"]),
        crate::context::test("NumericEquals", "s:o", &["1"]),
    ]);
    let keys: Vec<_> = condition
        .keys()
        .map(|key| key.as_str().to_owned())
        .collect();
    assert_eq!(
        keys,
        [
            "s:k", "s:a", "s:b", "s:l", "s:c", "s:d", "s:m", "s:e", "s:n", "s:f", "s:o"
        ]
    );
}

#[test]
fn var_5_any_number_of_variables() {
    let keys: Vec<(String, State)> = (0..9)
        .map(|n| (format!("s:k{n}"), one(&n.to_string())))
        .collect();
    let keys: Vec<(&str, State)> = keys
        .iter()
        .map(|(key, state)| (key.as_str(), state.clone()))
        .collect();
    for count in 1..=keys.len() {
        let pattern: String = (0..count).map(|n| format!("${{s:k{n}}}")).collect();
        let text: String = (0..count).map(|n| n.to_string()).collect();
        assert_eq!(matches(&pattern, &text, &keys), T, "{count}");
        assert_eq!(matches(&pattern, &format!("{text}0"), &keys), F, "{count}");
    }
}

#[test]
fn more_variables_than_any_document_holds_stay_unknown() {
    const MAX: usize = 8192;
    let template = |count: usize| Template {
        source: preclear_model::Text::default(),
        pieces: (0..count)
            .map(|n| Piece::Variable {
                key: format!("s:{n}"),
                default: Some("x".to_owned()),
            })
            .collect(),
    };
    let at_the_edge = VariablePattern::compile(&template(MAX), Wildcards::Plain, &Names);
    let beyond = VariablePattern::compile(&template(MAX + 1), Wildcards::Plain, &Names);
    let context = Context::default();
    let text = "x".repeat(MAX);
    let edge: Outcome<()> = at_the_edge.matches(&text, &context, Report);
    assert_eq!(edge.value, T);
    let outcome: Outcome<BTreeSet<_>> = beyond.matches(&format!("{text}x"), &context, Report);
    assert_eq!(
        (outcome.value, wants(&outcome)),
        (U, vec![format!("s:{MAX}")])
    );
}
