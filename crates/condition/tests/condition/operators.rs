//! Every operator against values: the examples of the rules and their neighbours.

use preclear_condition::Tri;
use preclear_condition::Tri::{False as F, True as T, Unknown as U};

use crate::context::{one, value};

/// Positive operator, its negated twin if there is one, operand, value, whether they match.
type Example = (
    &'static str,
    Option<&'static str>,
    &'static str,
    &'static str,
    bool,
);

const STRING_EQUALS: (&str, Option<&str>) = ("StringEquals", Some("StringNotEquals"));
const IGNORING_CASE: (&str, Option<&str>) =
    ("StringEqualsIgnoreCase", Some("StringNotEqualsIgnoreCase"));
const STRING_LIKE: (&str, Option<&str>) = ("StringLike", Some("StringNotLike"));
const NUMERIC_EQUALS: (&str, Option<&str>) = ("NumericEquals", Some("NumericNotEquals"));
const DATE_EQUALS: (&str, Option<&str>) = ("DateEquals", Some("DateNotEquals"));
const BINARY: (&str, Option<&str>) = ("BinaryEquals", None);
const BOOL: (&str, Option<&str>) = ("Bool", None);
const IP: (&str, Option<&str>) = ("IpAddress", Some("NotIpAddress"));
const ARN_EQUALS: (&str, Option<&str>) = ("ArnEquals", Some("ArnNotEquals"));
const ARN_LIKE: (&str, Option<&str>) = ("ArnLike", Some("ArnNotLike"));

const fn example(
    (positive, negated): (&'static str, Option<&'static str>),
    operand: &'static str,
    value: &'static str,
    matches: bool,
) -> Example {
    (positive, negated, operand, value, matches)
}

fn check(examples: &[Example]) {
    for (positive, negated, operand, text, matches) in examples {
        let of = |operator: &str| value(operator, "s:k", &[operand], &one(text));
        assert_eq!(
            of(positive),
            Tri::from(*matches),
            "{positive} {operand:?} {text:?}"
        );
        assert_eq!(of(&format!("{positive}IfExists")), Tri::from(*matches));
        if let Some(negated) = negated {
            assert_eq!(
                of(negated),
                Tri::from(!matches),
                "{negated} {operand:?} {text:?}"
            );
            assert_eq!(of(&format!("{negated}IfExists")), Tri::from(!matches));
        }
    }
}

#[test]
fn cond_16_to_18_strings() {
    check(&[
        example(STRING_EQUALS, "a", "a", true),
        example(STRING_EQUALS, "a", "A", false),
        example(STRING_EQUALS, "a*", "ab", false),
        example(STRING_EQUALS, "a*", "a*", true),
        example(STRING_EQUALS, "dev-?", "dev-1", false),
        example(STRING_EQUALS, "a", "a ", false),
        example(STRING_EQUALS, "\u{e9}", "e\u{301}", false),
        example(IGNORING_CASE, "PROD", "prod", true),
        example(IGNORING_CASE, "ÄRA", "ära", true),
        example(IGNORING_CASE, "ς", "Σ", true),
        example(IGNORING_CASE, "ß", "ss", false),
        example(IGNORING_CASE, "prod*", "PROD1", false),
        example(IGNORING_CASE, "prod", "pro", false),
        example(IGNORING_CASE, "pro", "prod", false),
        example(STRING_LIKE, "arn:aws:s3:::b/*", "arn:aws:s3:::b/x:y", true),
        example(STRING_LIKE, "*prod", "PROD", false),
        example(STRING_LIKE, "a?c", "abc", true),
        example(STRING_LIKE, "a?c", "ac", false),
        example(STRING_LIKE, "\\*", "\\x", true),
        example(STRING_LIKE, "a${*}c", "a*c", true),
        example(STRING_LIKE, "a${*}c", "abc", false),
        example(STRING_LIKE, "a${?}${$}", "a?$", true),
        example(STRING_EQUALS, "${$}{x}", "${x}", true),
        example(STRING_LIKE, "", "", true),
        example(STRING_LIKE, "*", "", true),
        example(
            STRING_LIKE,
            "arn:aws:x:*:A:finance/*",
            "arn:aws:x:eu-west-1:z:A:finance/q",
            true,
        ),
    ]);
}

#[test]
fn cond_19_numbers() {
    check(&[
        example(NUMERIC_EQUALS, "1.0", "1", true),
        example(NUMERIC_EQUALS, "10", "9", false),
        example(NUMERIC_EQUALS, "0.1", "0.10000000000000000001", false),
        example(
            NUMERIC_EQUALS,
            "9007199254740993",
            "9007199254740992",
            false,
        ),
    ]);
    for (value_text, less, equal, greater) in [
        ("9", T, F, F),
        ("10", F, T, F),
        ("10.0", F, T, F),
        ("11", F, F, T),
        ("-11", T, F, F),
    ] {
        let of = |operator: &str| value(operator, "s:k", &["10"], &one(value_text));
        assert_eq!(of("NumericLessThan"), less, "{value_text}");
        assert_eq!(of("NumericLessThanEquals"), less.or(equal));
        assert_eq!(of("NumericGreaterThan"), greater);
        assert_eq!(of("NumericGreaterThanEquals"), greater.or(equal));
    }
    assert_eq!(
        value("NumericLessThan", "s:k", &["5", "10"], &one("7")),
        T,
        "values are ored"
    );
}

#[test]
fn cond_20_dates() {
    check(&[
        example(
            DATE_EQUALS,
            "2025-01-01T01:00:00+01:00",
            "2025-01-01T00:00:00Z",
            true,
        ),
        example(DATE_EQUALS, "2025-01-01", "2025-01-01T08:00:00Z", false),
        example(DATE_EQUALS, "2025-01-01", "2025-01-01t00:00z", true),
        example(DATE_EQUALS, "2025-01-01T00:00:00Z", "1735689600", true),
        example(DATE_EQUALS, "1735689600", "1735689600", true),
        example(DATE_EQUALS, "2025-01", "2025-01-01T00:00:00.000Z", true),
        example(
            DATE_EQUALS,
            "2025-01-01T00:00:00Z",
            "2025-01-01T00:00:00.000000001Z",
            false,
        ),
    ]);
    for (text, less, equal, greater) in [
        ("2024-12-31T23:59:59Z", T, F, F),
        ("2024-12-31T23:59:59.999999999999Z", T, F, F),
        ("2025-01-01T00:00:00Z", F, T, F),
        ("2025-01-01T00:00:00.1Z", F, F, T),
        ("1735689601", F, F, T),
    ] {
        let of = |operator: &str| value(operator, "s:k", &["2025-01-01T00:00:00Z"], &one(text));
        assert_eq!(of("DateLessThan"), less, "{text}");
        assert_eq!(of("DateLessThanEquals"), less.or(equal));
        assert_eq!(of("DateGreaterThan"), greater);
        assert_eq!(of("DateGreaterThanEquals"), greater.or(equal));
    }
}

#[test]
fn cond_21_and_22_booleans_and_bytes() {
    check(&[
        example(BOOL, "TRUE", "true", true),
        example(BOOL, "false", "False", true),
        example(BOOL, "true", "false", false),
        example(BOOL, "yes", "true", false),
        example(BOOL, "true", "yes", false),
        example(BOOL, "yes", "yes", false),
        example(BINARY, "QmluYXJ5", "QmluYXJ5", true),
        example(BINARY, "QmluYXJ5", "YmluYXJ5", false),
        example(BINARY, "QQ==", "QQ==", true),
        example(BINARY, "QQ", "QQ", false),
        example(BINARY, "QQ==", "QQ", false),
    ]);
    assert_eq!(value("Bool", "s:k", &["true", "false"], &one("true")), T);
    assert_eq!(
        value(
            "Bool",
            "s:k",
            &["true", "false"],
            &crate::context::State::Present
        ),
        T
    );
    assert_eq!(
        value(
            "Bool",
            "s:k",
            &["true", "false"],
            &crate::context::State::Unknown
        ),
        U
    );
}

#[test]
fn cond_23_addresses() {
    check(&[
        example(IP, "203.0.113.7/24", "203.0.113.200", true),
        example(IP, "203.0.113.7", "203.0.113.7", true),
        example(IP, "203.0.113.7", "203.0.113.8", false),
        example(IP, "2001:db8::/32", "2001:0DB8:0::1", true),
        example(IP, "2001:db8::1", "2001:db8:0:0::1", true),
        example(IP, "0.0.0.0/0", "2001:db8::1", false),
        example(IP, "203.0.113.0/24", "2001:db8::1", false),
        example(IP, "::/0", "203.0.113.7", false),
    ]);
}

#[test]
fn cond_24_null_operands() {
    for (operand, absent, present) in [
        ("true", T, F),
        ("false", F, T),
        ("TRUE", F, F),
        ("False", F, F),
        ("yes", F, F),
        ("", F, F),
    ] {
        assert_eq!(
            value("Null", "s:k", &[operand], &crate::context::State::Absent),
            absent
        );
        assert_eq!(value("Null", "s:k", &[operand], &one("x")), present);
    }
    for state in [
        crate::context::State::Absent,
        crate::context::State::Unknown,
        one("x"),
        one(""),
    ] {
        assert_eq!(value("Null", "s:k", &["true", "false"], &state), T);
        assert_eq!(value("Null", "s:k", &["yes"], &state), F);
    }
}

#[test]
fn cond_25_arns() {
    const ROLE: &str = "arn:aws:iam::111122223333:role/app/R";
    for operators in [ARN_EQUALS, ARN_LIKE] {
        check(&[
            example(operators, "arn:aws:iam::*:role/app/*", ROLE, true),
            example(operators, "arn:*:iam::111122223333:role/app/R", ROLE, true),
            example(operators, "arn:aws:iam::111122223333:role/R", ROLE, false),
            example(
                operators,
                "ARN:aws:iam::111122223333:role/app/R",
                ROLE,
                false,
            ),
            example(operators, "arn:aws:iam::111122223333:role/*", ROLE, true),
            example(operators, "arn:aws:iam::*:R", ROLE, false),
            example(
                operators,
                "arn:aws:x:*:A:finance/*",
                "arn:aws:x:eu-west-1:z:A:finance/q",
                false,
            ),
            example(
                operators,
                "arn:aws:x:*:A:finance/*",
                "arn:aws:x:eu-west-1:A:finance/q:r/s",
                true,
            ),
            example(operators, "arn:aws:x:?:A:b", "arn:aws:x:1:A:b", true),
            example(operators, "arn:aws:x:?:A:b", "arn:aws:x:12:A:b", false),
        ]);
    }
    for operator in ["ArnEquals", "ArnLike"] {
        assert_eq!(
            value(operator, "s:k", &["arn:*:*:*:*:*"], &one("not an arn")),
            F
        );
        for pattern in ["*:*:*:*:*:*", "a:b:c:d:e:f"] {
            let six_fields = one("a:b:c:d:e:f");
            assert_eq!(
                value(operator, "s:k", &[pattern], &six_fields),
                F,
                "{pattern}"
            );
        }
    }
}

#[test]
fn cond_14_bad_values_leave_the_others() {
    for (operator, bad, good, text) in [
        ("NumericEquals", "ten", "10", "10"),
        ("DateEquals", "soon", "2025-01-01", "2025-01-01T00:00Z"),
        ("Bool", "yes", "true", "true"),
        ("BinaryEquals", "Q", "QQ==", "QQ=="),
        ("IpAddress", "x", "203.0.113.0/24", "203.0.113.9"),
    ] {
        assert_eq!(
            value(operator, "s:k", &[bad, good], &one(text)),
            T,
            "{operator}"
        );
        assert_eq!(value(operator, "s:k", &[bad], &one(text)), F, "{operator}");
        assert_eq!(
            value(operator, "s:k", &[bad], &one(bad)),
            F,
            "{operator}: equal texts, bad values"
        );
        assert_eq!(value(operator, "s:k", &[good], &one(bad)), F, "{operator}");
    }
}

#[test]
fn cond_3_key_names_ignore_case() {
    let context = crate::context::Context::new(&[("aws:SourceVpce", one("vpce-1"))]);
    let outcome = crate::context::outcome_in(
        "StringEquals",
        "aws:sourcevpce",
        &["vpce-1"],
        &context,
        preclear_condition::Ambiguities::Report,
    );
    assert_eq!(outcome.value, T);
}
