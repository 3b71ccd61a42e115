use super::*;
use crate::operator::{BaseOperator, SetQualifier};

fn condition(value: &str) -> Vec<String> {
    statement(PolicyKind::Identity, &format!("\"Condition\": {value}"))
}

fn tests_of(value: &str) -> Vec<ConditionTest> {
    parsed(PolicyKind::Identity, &format!("\"Condition\": {value}")).conditions
}

fn texts(test: &ConditionTest) -> Vec<&str> {
    test.operands
        .iter()
        .map(|operand| operand.template.source.as_str())
        .collect()
}

#[test]
fn gram_16_conditions_are_objects_of_objects_of_values() {
    let tests = tests_of(
        r#"{"StringLike": {"aws:a": ["x", "y*"], "aws:b": "z"}, "Bool": {"aws:c": false}}"#,
    );
    let flat: Vec<_> = tests
        .iter()
        .map(|test| (test.operator_text.as_str(), test.key.as_str(), texts(test)))
        .collect();
    assert_eq!(
        flat,
        [
            ("StringLike", "aws:a", vec!["x", "y*"]),
            ("StringLike", "aws:b", vec!["z"]),
            ("Bool", "aws:c", vec!["false"]),
        ]
    );
    for value in [
        "[]",
        "null",
        "\"x\"",
        r#"{"StringEquals": [{"aws:a": "b"}]}"#,
        r#"{"StringEquals": null}"#,
        r#"{"StringEquals": {"aws:a": null}}"#,
        r#"{"StringEquals": {"aws:a": {"b": "c"}}}"#,
        r#"{"StringEquals": {"aws:a": [["b"]]}}"#,
        r#"{"StringEquals": {"aws:a": ["b", null]}}"#,
    ] {
        assert_eq!(condition(value), ["E WRONG_TYPE IAM-GRAM-16"], "{value}");
    }
}

#[test]
fn gram_16_empty_objects_hold_nobody_back() {
    assert_eq!(condition("{}"), ["W EMPTY_CONDITION IAM-GRAM-16"]);
    assert_eq!(
        condition(r#"{"Bool": {}}"#),
        ["W EMPTY_CONDITION IAM-GRAM-16"]
    );
    assert!(tests_of(r#"{"Bool": {}}"#).is_empty());
}

#[test]
fn gram_16_numbers_and_booleans_are_their_source_text() {
    assert_eq!(
        texts(&tests_of(r#"{"NumericEquals": {"aws:a": 1.50}}"#)[0]),
        ["1.50"]
    );
    assert_eq!(
        texts(&tests_of(r#"{"Bool": {"aws:a": true}}"#)[0]),
        ["true"]
    );
    assert_eq!(
        condition(r#"{"NumericEquals": {"aws:a": [1, "2"]}}"#),
        ["W MIXED_TYPES IAM-GRAM-16"]
    );
    assert_eq!(condition(r#"{"NumericEquals": {"aws:a": [1, 2]}}"#), NONE);
}

#[test]
fn cond_12_empty_lists_are_warned_of() {
    assert_eq!(
        condition(r#"{"StringEquals": {"aws:a": []}}"#),
        ["W EMPTY_CONDITION_VALUES IAM-COND-12"]
    );
    assert!(
        tests_of(r#"{"StringEquals": {"aws:a": []}}"#)[0]
            .operands
            .is_empty()
    );
}

#[test]
fn gram_17_operators_are_known() {
    let one = |operator: &str| condition(&format!(r#"{{"{operator}": {{"aws:a": "x"}}}}"#));
    assert_eq!(one("ForAnyValue:StringLikeIfExists"), NONE);
    assert_eq!(one("StringIs"), ["E UNKNOWN_OPERATOR IAM-GRAM-17"]);
    assert_eq!(one("NullIfExists"), ["E INVALID_OPERATOR IAM-GRAM-17"]);
    assert_eq!(
        one("ForAllValues:Null"),
        ["W SET_OPERATOR_ON_NULL IAM-GRAM-17"]
    );
    assert_eq!(
        one("ForAnyValue:Null"),
        ["W SET_OPERATOR_ON_NULL IAM-GRAM-17"]
    );
    assert_eq!(one("stringequals"), ["W OPERATOR_CASE IAM-GRAM-17"]);
    let empty = condition(r#"{"StringIs": {}}"#);
    assert_eq!(
        empty,
        [
            "W UNKNOWN_OPERATOR IAM-GRAM-17",
            "W EMPTY_CONDITION IAM-GRAM-16"
        ]
    );
    let test = &tests_of(r#"{"foranyvalue:StringLike": {"aws:a": "x"}}"#)[0];
    assert_eq!(
        (test.operator.set, test.operator.base),
        (Some(SetQualifier::ForAnyValue), BaseOperator::StringLike)
    );
    assert_eq!(test.operator_text, "foranyvalue:StringLike");
}

#[test]
fn gram_18_keys_have_a_prefix_and_tags_a_name() {
    let one = |key: &str| condition(&format!(r#"{{"StringEquals": {{"{key}": "x"}}}}"#));
    for key in [
        "aws:SourceVpc",
        "kms:EncryptionContext:a b",
        "AWS:requesttag/Team",
        "x.y:aud",
        "aws:ResourceTags",
        "nosuch:key",
    ] {
        assert_eq!(one(key), NONE, "{key}");
    }
    for key in [
        "SourceVpc",
        "",
        ":x",
        "aws:",
        "aws:ResourceTag",
        "aws:principaltag",
        "aws:RequestTag/",
    ] {
        assert_eq!(one(key), ["E INVALID_CONDITION_KEY IAM-GRAM-18"], "{key}");
    }
    for key in [
        "aws:Source*",
        "aws:PrincipalTag/?",
        "aws:PrincipalTag/${aws:x}",
    ] {
        assert_eq!(one(key), ["W LITERAL_CONDITION_KEY IAM-GRAM-18"], "{key}");
    }
    for key in ["aws:ARN", "aws:arn"] {
        assert_eq!(one(key), ["W RETIRED_CONDITION_KEY IAM-GRAM-18"], "{key}");
    }
}

#[test]
fn gram_3_keys_that_differ_in_case_are_one_key() {
    let value = r#""Condition": {"StringEquals": {"aws:SourceVpc": "a", "aws:x": "", "AWS:sourcevpc": "b"}}"#;
    assert_eq!(
        statement(PolicyKind::Identity, value),
        ["E DUPLICATE_CONDITION_KEY IAM-GRAM-3"]
    );
    assert_eq!(
        statement_with(PolicyKind::Identity, value, LENIENT),
        ["W DUPLICATE_CONDITION_KEY IAM-GRAM-3"]
    );
    let (policy, _) = parse_policy(
        &text_with(PolicyKind::Identity, value),
        "p",
        PolicyKind::Identity,
        LENIENT,
    );
    assert_eq!(policy.unwrap().statements[0].conditions.len(), 3);
    let in_two_blocks = r#"{"StringEquals": {"aws:a": "a"}, "StringLike": {"AWS:A": "b"}}"#;
    assert_eq!(condition(in_two_blocks), NONE);
}

#[test]
fn var_3_variables_work_in_string_arn_and_bool_operators() {
    let template = |operator: &str| {
        tests_of(&format!(r#"{{"{operator}": {{"aws:a": "${{aws:b}}"}}}}"#))[0].operands[0]
            .template
            .clone()
    };
    for base in BaseOperator::all() {
        let works = ["String", "Arn", "Bool"]
            .iter()
            .any(|family| base.name().starts_with(family));
        assert_eq!(template(base.name()).is_plain_text(), !works, "{base}");
        let found = condition(&format!(r#"{{"{base}": {{"aws:a": "${{aws:b}}"}}}}"#));
        let expected: &[&str] = if works {
            &[]
        } else {
            &["W VARIABLE_NOT_REPLACED IAM-VAR-3"]
        };
        assert_eq!(found, expected, "{base}");
    }
    assert_eq!(
        condition(r#"{"StringEquals": {"aws:a": "${aws:b"}}"#),
        ["E INVALID_VARIABLE IAM-VAR-1"]
    );
}

#[test]
fn wild_2_stars_are_ordinary_characters_in_string_equals() {
    let one = |operator: &str, value: &str| {
        condition(&format!(r#"{{"{operator}": {{"aws:a": "{value}"}}}}"#))
    };
    assert_eq!(
        one("StringEquals", "a*"),
        ["W WILDCARD_IN_STRING_EQUALS IAM-WILD-2"]
    );
    assert_eq!(
        one("ForAnyValue:StringNotEqualsIgnoreCase", "*"),
        ["W WILDCARD_IN_STRING_EQUALS IAM-WILD-2"]
    );
    assert_eq!(one("StringEquals", "a${*}"), NONE);
    assert_eq!(one("StringLike", "a*"), NONE);
    assert_eq!(one("ArnEquals", "arn:aws:s3:::*"), NONE);
}
